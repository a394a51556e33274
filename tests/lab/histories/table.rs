/// The table of a namespace in one line, in an order of its own: services, settings, dests with
/// method and weight. Without connections.
///
/// `text` is that of /proc/net/ip_vs: three lines of head; then a line for each service, and one
/// that begins with an arrow for each of its dests.
pub fn line(text: &str) -> String {
    let mut services: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines().skip(3) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (&words[..], services.last_mut()) {
            (["->", address, method, weight, ..], Some((_, dests))) => {
                dests.push(format!("{} {method} {weight}", server(address)));
            }
            ([protocol, address, settings @ ..], _) => {
                let service = format!("{protocol} {} {}", endpoint(address), settings.join(" "));
                services.push((service, Vec::new()));
            }
            _ => {}
        }
    }
    services.sort();
    let one = |(service, mut dests): (String, Vec<String>)| {
        dests.sort();
        format!("{service}: {}", dests.join(", "))
    };
    let lines: Vec<String> = services.into_iter().map(one).collect();
    if lines.is_empty() {
        "empty".to_owned()
    } else {
        lines.join("; ")
    }
}

/// `C0000214:0050` as `192.0.2.20:80`; a mark as it is.
fn endpoint(hex: &str) -> String {
    let parsed = hex.split_once(':').and_then(|(address, port)| {
        let address = u32::from_str_radix(address, 16).ok()?;
        let port = u16::from_str_radix(port, 16).ok()?;
        Some(format!("{}:{port}", std::net::Ipv4Addr::from(address)))
    });
    parsed.unwrap_or_else(|| hex.to_owned())
}

/// The real servers by their names.
fn server(hex: &str) -> String {
    let endpoint = endpoint(hex);
    endpoint
        .strip_prefix(crate::scene::SERVERS)
        .map_or_else(|| endpoint.clone(), |number| format!("rs{number}"))
}

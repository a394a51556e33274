use std::collections::BTreeMap;

/// Services of a table, by protocol and address, each in one line.
pub type Services = BTreeMap<String, String>;

/// What the text of /proc/net/ip_vs holds, without connections: of each service its settings, and
/// its dests with method and weight in an order of their own.
///
/// The text has three lines of head; then a line for each service, and one that begins with an
/// arrow for each of its dests.
pub fn services(text: &str) -> Services {
    let mut pools: Vec<(String, String, Vec<String>)> = Vec::new();
    for line in text.lines().skip(3) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (&words[..], pools.last_mut()) {
            (["->", address, method, weight, ..], Some((.., dests))) => {
                dests.push(format!("{} {method} {weight}", server(address)));
            }
            ([protocol, address, settings @ ..], _) => {
                let service = format!("{protocol} {}", endpoint(address));
                pools.push((service, settings.join(" "), Vec::new()));
            }
            _ => {}
        }
    }
    let one = |(service, settings, mut dests): (String, String, Vec<String>)| {
        dests.sort();
        let dests = if dests.is_empty() {
            "nobody".to_owned()
        } else {
            dests.join(", ")
        };
        (service, format!("{settings}: {dests}"))
    };
    pools.into_iter().map(one).collect()
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

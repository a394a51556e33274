use crate::model::check::{HttpVersion, Url};
use crate::model::service::Endpoint;

/// The request, header for header as keepalived sends it: logs and filters know it by that name.
pub(super) fn request(url: &Url, version: HttpVersion, target: Endpoint) -> Vec<u8> {
    let (minor, connection) = match version {
        HttpVersion::Http10 => ("0", ""),
        HttpVersion::Http10Close => ("0", "Connection: close\r\n"),
        HttpVersion::Http11 => ("1", "Connection: close\r\n"),
    };
    let address = target.to_string();
    let host = match &url.virtualhost {
        Some(host) => host.as_bytes(),
        None => address.as_bytes(),
    };
    let path = url.path.as_bytes();
    let middle = format!(" HTTP/1.{minor}\r\nUser-Agent: KeepAliveClient\r\n{connection}Host: ");
    [b"GET ", path, middle.as_bytes(), host, b"\r\n\r\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(virtualhost: Option<&str>, version: HttpVersion, target: &str) -> String {
        let url = Url {
            path: "/a b".into(),
            virtualhost: virtualhost.map(Into::into),
            server_name: None,
            tls_compliant: false,
            status: crate::model::check::StatusSet::default(),
            digest: None,
            regex: None,
        };
        let target: std::net::SocketAddr = target.parse().unwrap();
        let target = Endpoint::new(target.ip(), target.port());
        String::from_utf8(request(&url, version, target)).unwrap()
    }

    #[test]
    fn each_version_and_host_is_said_as_keepalived_says_it() {
        for (host, version, target, want) in [
            (
                None,
                HttpVersion::Http10,
                "192.0.2.1:80",
                "GET /a b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 192.0.2.1:80\r\n\r\n",
            ),
            (
                Some("example.org:8080"),
                HttpVersion::Http10Close,
                "192.0.2.1:80",
                "GET /a b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\n\
                 Host: example.org:8080\r\n\r\n",
            ),
            (
                None,
                HttpVersion::Http11,
                "[2001:db8::1]:443",
                "GET /a b HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\n\
                 Host: [2001:db8::1]:443\r\n\r\n",
            ),
        ] {
            assert_eq!(sent(host, version, target), want);
        }
    }
}

use std::fmt;

use super::regex::Regex;
use super::status::StatusSet;
use crate::model::text::Text;

/// `HTTP_GET` and `SSL_GET`: pages are fetched one after the other, and each is as it should be.
///
/// Source: HTTP_GET and SSL_GET in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Http {
    /// `SSL_GET`.
    pub tls: bool,
    /// `http_protocol`.
    pub version: HttpVersion,
    /// `fast_recovery`: while the server comes up, pages are fetched without a pause between them.
    pub fast_recovery: bool,
    /// In the order of the file; at least one.
    pub urls: Box<[Url]>,
}

/// What the request says it speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HttpVersion {
    /// `1.0`, without a `Connection` header.
    #[default]
    Http10,
    /// `1.0C` and `1.0c`: the same with `Connection: close`.
    Http10Close,
    /// `1.1`, with `Connection: close`.
    Http11,
}

impl HttpVersion {
    /// `None` where `http_protocol` knows no such word.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "1.0" => Some(Self::Http10),
            "1.0C" | "1.0c" => Some(Self::Http10Close),
            "1.1" => Some(Self::Http11),
            _ => None,
        }
    }
}

/// One page, and how it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url {
    /// `path`, sent as it is.
    pub path: Text,
    /// `virtualhost` of page, check, real server or virtual server, the innermost that is there:
    /// the `Host` header. `None`: address and port of the target.
    pub virtualhost: Option<Text>,
    /// The server's name in the TLS handshake (SNI): with `enable_sni` the name of `sni_name`, else
    /// that of `virtualhost`. `None` without TLS.
    pub server_name: Option<Text>,
    /// `tls_compliant`: the end of the TLS session is negotiated. `false` without TLS.
    pub tls_compliant: bool,
    /// `status_code`.
    pub status: StatusSet,
    /// `digest`: MD5 of the body.
    pub digest: Option<[u8; 16]>,
    pub regex: Option<Regex>,
}

impl fmt::Display for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "HTTPS GET" } else { "HTTP GET" })?;
        for (index, url) in self.urls.iter().enumerate() {
            let gap = if index == 0 { " " } else { ", " };
            write!(f, "{gap}{}", url.path)?;
            if let Some(host) = &url.virtualhost {
                write!(f, " of {host}")?;
            }
        }
        Ok(())
    }
}

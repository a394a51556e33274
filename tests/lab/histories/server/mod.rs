//! Real servers that a history starts and kills.

mod datagram;
mod stream;
mod web;

use std::fs;
use std::path::PathBuf;

use crate::scene::SERVERS;
use crate::stage::host::Host;
use datagram::Datagrams;
use stream::Stream;
use web::Web;

/// What a server speaks, and on which port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Takes every connection on port 80 and ends it.
    Tcp,
    /// nginx on port 80.
    Web,
    /// nginx with TLS on port 443.
    Tls,
    /// Greets on port 25.
    Smtp,
    /// Answers every question on port 53 with nothing.
    Dns,
    /// Sends every datagram on port 5000 back.
    Echo,
    /// Nothing but an address.
    Host,
}

impl Kind {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "tcp" => Self::Tcp,
            "web" => Self::Web,
            "tls" => Self::Tls,
            "smtp" => Self::Smtp,
            "dns" => Self::Dns,
            "echo" => Self::Echo,
            "host" => Self::Host,
            _ => return None,
        })
    }
}

/// One real server.
pub struct Server {
    address: String,
    dir: PathBuf,
    kind: Kind,
    running: Option<Running>,
}

/// What is dropped when a server dies.
enum Running {
    Stream(Stream),
    Datagrams(Datagrams),
    Web(Web),
    Host,
}

impl Server {
    pub fn new(host: &Host, number: usize) -> Self {
        let dir = host.dir.join(format!("rs{number}"));
        fs::create_dir_all(&dir).unwrap();
        Self {
            address: format!("{SERVERS}{number}"),
            dir,
            kind: Kind::Tcp,
            running: None,
        }
    }

    /// Serves when this returns.
    pub fn start(&mut self, host: &Host, kind: Option<Kind>) {
        self.kind = kind.unwrap_or(self.kind);
        let address = &self.address;
        let running = match self.kind {
            Kind::Tcp => Running::Stream(Stream::start(host, address, 80, stream::end)),
            Kind::Smtp => Running::Stream(Stream::start(host, address, 25, stream::greet)),
            Kind::Dns => Running::Datagrams(Datagrams::start(host, address, 53, datagram::nothing)),
            Kind::Echo => Running::Datagrams(Datagrams::start(host, address, 5000, datagram::back)),
            Kind::Web => Running::Web(Web::start(host, address, &self.dir, false)),
            Kind::Tls => Running::Web(Web::start(host, address, &self.dir, true)),
            Kind::Host => {
                host.ip(&format!("addr replace {address}/32 dev lan\n"));
                Running::Host
            }
        };
        self.running = Some(running);
    }

    pub fn kill(&mut self, host: &Host) {
        let running = self.running.take();
        if matches!(running, Some(Running::Host)) {
            host.ip(&format!("addr del {}/32 dev lan\n", self.address));
        }
    }

    pub fn publish(&self, page: &str) {
        fs::write(self.dir.join("pages").join(page), "here\n").unwrap();
    }

    pub fn withdraw(&self, page: &str) {
        fs::remove_file(self.dir.join("pages").join(page)).unwrap();
    }
}

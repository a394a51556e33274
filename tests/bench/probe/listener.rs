//! The servers that are asked: one socket for every address of the loopback, in a process of its
//! own, so that accepting is not counted.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

pub(crate) struct Listener {
    child: Child,
    pub(crate) port: u16,
}

impl Listener {
    pub(crate) fn start() -> Self {
        let me = std::env::current_exe().unwrap();
        let mut child = Command::new(me)
            .env(super::ROLE, "listener")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = child.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap();
        Self { child, port }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn serve() {
    let socket = TcpListener::bind("0.0.0.0:0").unwrap();
    rustix::net::listen(&socket, 4096).unwrap();
    println!("{}", socket.local_addr().unwrap().port());
    socket.incoming().for_each(drop);
}

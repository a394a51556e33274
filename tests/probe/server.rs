//! Servers of a few lines, which do what no real one would.
#![allow(dead_code, reason = "not every file of tests needs all of it")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Listens, and hands each connection to `serve` on a thread; ends with the test's process.
pub(crate) fn serving(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream));
        }
    });
    at
}

/// An address where nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Hears something first, then says `said` and ends the connection.
pub(crate) fn answering(said: impl Into<Vec<u8>>) -> SocketAddr {
    let said = said.into();
    serving(move |mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&said);
    })
}

/// The same, but the connection stays open.
pub(crate) fn answering_and_staying(said: impl Into<Vec<u8>>) -> SocketAddr {
    let said = said.into();
    serving(move |mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&said);
        stay(&mut stream);
    })
}

/// What the other side says first.
pub(crate) fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = vec![0; 4096];
    let read = stream.read(&mut heard).unwrap_or(0);
    heard.truncate(read);
    heard
}

/// Until the other side ends the connection.
pub(crate) fn stay(stream: &mut TcpStream) {
    let _ = std::io::copy(stream, &mut std::io::sink());
}

/// A byte every tenth of a second.
pub(crate) fn drip(stream: &mut TcpStream, said: &[u8]) {
    for byte in said {
        if stream.write_all(&[*byte]).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Breaks the connection off with a reset.
pub(crate) fn reset(stream: TcpStream) {
    let socket = socket2::Socket::from(stream);
    socket.set_linger(Some(Duration::ZERO)).unwrap();
}

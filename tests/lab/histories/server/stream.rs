use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};

use crate::stage::host::Host;

/// A listening socket and a thread that serves one connection after the other.
pub struct Stream {
    listener: TcpListener,
    thread: Option<JoinHandle<()>>,
}

/// So long a client may say nothing.
const PATIENCE: Duration = Duration::from_secs(1);

impl Stream {
    pub fn start(
        host: &Host,
        address: &str,
        port: u16,
        serve: fn(&TcpStream) -> io::Result<()>,
    ) -> Self {
        let listener = host.inside(|| TcpListener::bind((address, port)).unwrap());
        let accepting = listener.try_clone().unwrap();
        let thread = thread::spawn(move || {
            while let Ok((client, _)) = accepting.accept() {
                // A client that went away is no fault of the server's.
                let _ = client
                    .set_read_timeout(Some(PATIENCE))
                    .and_then(|()| serve(&client));
            }
        });
        Self {
            listener,
            thread: Some(thread),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Wakes the thread too, which has the other handle of the socket.
        let _ = shutdown(&self.listener, Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Ends every connection at once.
pub fn end(client: &TcpStream) -> io::Result<()> {
    client.shutdown(std::net::Shutdown::Both)
}

/// As much of SMTP as a check asks for.
pub fn greet(mut client: &TcpStream) -> io::Result<()> {
    client.write_all(b"220 lab ready\r\n")?;
    for line in BufReader::new(client).lines() {
        if line?.eq_ignore_ascii_case("quit") {
            return client.write_all(b"221 bye\r\n");
        }
        client.write_all(b"250 lab\r\n")?;
    }
    Ok(())
}

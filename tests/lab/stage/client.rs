use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::host::Host;

const PATIENCE: Duration = Duration::from_secs(4);
/// How long a transfer may stand still and not count as broken.
const STALL: Duration = Duration::from_secs(30);

/// Bytes of the body of a transfer.
pub const WHOLE: usize = 40 * SLOW;
/// Bytes a second: a transfer takes 40 seconds.
pub const SLOW: usize = 65_536;
/// Eight times as long.
pub const SLOWER: usize = SLOW / 8;
/// Between two reads of a transfer: an eighth of a second.
const PAUSE: Duration = Duration::from_millis(125);

/// One request on a connection of its own; the body of the answer.
pub fn get(host: &Host, at: &str, path: &str) -> io::Result<String> {
    host.inside(|| {
        let body = request(at, path)?;
        Ok(String::from_utf8_lossy(&body).trim().to_owned())
    })
}

fn connect(at: &str, path: &str, patience: Duration) -> io::Result<TcpStream> {
    let address: SocketAddr = at.parse().unwrap();
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    // The kernel takes no more ahead of a slow reader.
    rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 32_768)?;
    stream.set_read_timeout(Some(patience))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: lab\r\n\r\n")?;
    Ok(stream)
}

fn request(at: &str, path: &str) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    connect(at, path, PATIENCE)?.read_to_end(&mut answer)?;
    body(&answer)
}

fn body(answer: &[u8]) -> io::Result<Vec<u8>> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let head = head.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(answer[head + 4..].to_vec())
}

/// One datagram there and one back.
pub fn echo(host: &Host, at: &str, word: &str) -> io::Result<String> {
    let address: SocketAddr = at.parse().unwrap();
    host.inside(|| {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.set_read_timeout(Some(Duration::from_secs(2)))?;
        socket.connect(address)?;
        socket.send(word.as_bytes())?;
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer[..length]).trim().to_owned())
    })
}

/// A download that takes its time: the client reads slowly, and little more than what it has read
/// is on its way. No server does it by the clock on the wall, as nginx's `limit_rate` would.
pub struct Transfer {
    begun: Receiver<()>,
    done: Receiver<io::Result<usize>>,
}

impl Transfer {
    /// Begins, and returns once the first bytes have come. The rate is in bytes a second.
    pub fn start(host: &Host, at: &str, rate: usize) -> Self {
        let (tell_begun, begun) = channel();
        let (tell_done, done) = channel();
        let at = at.to_owned();
        host.inside(|| {
            // A thread started here is in the namespace of its starter.
            thread::spawn(move || {
                let result = connect(&at, "/whole", STALL).and_then(|mut stream| {
                    let mut answer = vec![0; 1024];
                    stream.read_exact(&mut answer)?;
                    let _ = tell_begun.send(());
                    let mut part = vec![0; rate / 8];
                    loop {
                        let length = stream.read(&mut part)?;
                        if length == 0 {
                            return Ok(body(&answer)?.len());
                        }
                        answer.extend_from_slice(&part[..length]);
                        thread::sleep(PAUSE);
                    }
                });
                let _ = tell_done.send(result);
            });
        });
        let transfer = Self { begun, done };
        transfer
            .begun
            .recv_timeout(PATIENCE * 2)
            .expect("a transfer begins");
        transfer
    }

    /// Whether it is still on its way.
    pub fn runs(&self) -> bool {
        self.done.try_recv().is_err()
    }

    /// Waits for the end, good or bad; the number of bytes that came.
    pub fn outcome(self, limit: Duration) -> io::Result<usize> {
        self.done.recv_timeout(limit).expect("a transfer ends")
    }

    /// Waits for the end; the number of bytes that came.
    pub fn end(self, limit: Duration) -> usize {
        self.outcome(limit).expect("a transfer is not broken")
    }
}

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::loss::How;

/// How long nothing may come before a connection counts as lost: longer than the kernel takes to
/// send a lost segment five times.
const PATIENCE: Duration = Duration::from_secs(40);

const QUESTION: &[u8] = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n";

/// One connection to a web server that says its name.
pub struct Connection {
    stream: TcpStream,
}

impl Connection {
    pub async fn open(at: SocketAddr) -> Result<Self, How> {
        let stream = patient(TcpStream::connect(at)).await?;
        Ok(Self { stream })
    }

    /// One request and its answer: the name of the server.
    pub async fn ask(&mut self) -> Result<String, How> {
        patient(self.stream.write_all(QUESTION)).await?;
        let mut answer = Vec::with_capacity(512);
        loop {
            if let Some(name) = name_in(&answer) {
                return Ok(name);
            }
            let length = patient(self.stream.read_buf(&mut answer)).await?;
            if length == 0 {
                return Err(How::Ended);
            }
        }
    }
}

async fn patient<T>(work: impl Future<Output = io::Result<T>>) -> Result<T, How> {
    match timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|error| How::of(&error)),
        Err(_) => Err(How::Silent),
    }
}

/// The one line of the body, once all of it is there.
fn name_in(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    Some(body.strip_suffix('\n')?.to_owned())
}

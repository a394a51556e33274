//! `SMTP_CHECK`. Source: RFC 5321, sections 3.1, 4.2 and 4.5.3.1.5.

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
};

use super::connect::connect;
use super::excerpt::excerpt;
use super::fault;
use super::limit::within;
use crate::health::Verdict;
use crate::model::check::{Probe, Smtp};

/// Bytes of a line of a reply, its end included; and lines of one reply.
const MOST_BYTES: u64 = 512;
const MOST_LINES: usize = 128;

/// The time limit is for the whole dialogue.
pub(super) async fn ask(probe: &Probe, smtp: &Smtp) -> Result<(), Verdict> {
    within(probe.timeout, dialogue(probe, smtp)).await
}

/// Greeting, `HELO`, `QUIT`; whatever is answered to the last.
async fn dialogue(probe: &Probe, smtp: &Smtp) -> Result<(), Verdict> {
    let mut stream = connect(probe).await?;
    let (read, mut write) = stream.split();
    let mut replies = BufReader::new(read);
    let greeting = reply(&mut replies).await?;
    if greeting.code() != Some("220") {
        return failed(format!("the greeting is {greeting}, 220 expected"));
    }
    let helo = [b"HELO ", smtp.helo.as_bytes(), b"\r\n"].concat();
    say(&mut write, &helo).await?;
    let answer = reply(&mut replies).await?;
    if answer.code() != Some("250") {
        return failed(format!("HELO is answered {answer}, 250 expected"));
    }
    say(&mut write, b"QUIT\r\n").await?;
    reply(&mut replies).await.map(drop)
}

/// The last line of a reply, without its end.
struct Reply(Vec<u8>);

impl Reply {
    /// Three digits, with nothing or a blank behind them.
    fn code(&self) -> Option<&str> {
        let (digits, rest) = self.0.split_at_checked(3)?;
        let digits = std::str::from_utf8(digits).ok()?;
        matches!(rest.first(), None | Some(b' ')).then_some(digits)
    }

    fn goes_on(&self) -> bool {
        let digits = self.0.iter().take(3).filter(|byte| byte.is_ascii_digit());
        digits.count() == 3 && self.0.get(3) == Some(&b'-')
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&excerpt(&self.0))
    }
}

async fn reply(replies: &mut (impl AsyncBufRead + Unpin)) -> Result<Reply, Verdict> {
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        let mut bounded = replies.take(MOST_BYTES);
        let read = bounded.read_until(b'\n', &mut line).await;
        read.map_err(|error| fault::judge(&error))?;
        match line.strip_suffix(b"\n") {
            Some(said) => {
                let said = said.strip_suffix(b"\r").unwrap_or(said);
                let reply = Reply(said.to_vec());
                if !reply.goes_on() {
                    return Ok(reply);
                }
            }
            None if line.len() as u64 == MOST_BYTES => {
                return failed(format!(
                    "{} is longer than the {MOST_BYTES} bytes of a line",
                    excerpt(&line)
                ));
            }
            None => return failed("the server closed the connection".to_owned()),
        }
    }
    failed(format!("a reply has more than {MOST_LINES} lines"))
}

async fn say(write: &mut (impl AsyncWrite + Unpin), line: &[u8]) -> Result<(), Verdict> {
    let written = write.write_all(line).await;
    written.map_err(|error| fault::judge(&error))
}

fn failed<T>(why: String) -> Result<T, Verdict> {
    Err(Verdict::Failed(why))
}

//! A real SMTP server: Debian's aiosmtpd, which keeps nothing and shows what it took.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

/// Is given a port and a manner, and says the port and then each mail.
pub(crate) const PROGRAM: &str = r#"
import asyncio, json, sys
from aiosmtpd.smtp import SMTP

port, manner = int(sys.argv[1]), json.loads(sys.argv[2])

class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        answers = manner.get("rcpt", {}).get(address, [])
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answers = manner.get("data", [])
        if answers:
            return answers.pop(0)
        print(json.dumps({
            "client": session.peer[1],
            "helo": session.host_name,
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "text": envelope.content.decode(),
        }), flush=True)
        return "250 OK"

async def main():
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(Handler(), hostname="mail.lab.test")
    server = await loop.create_server(make, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"#;

/// A mail as the server took it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Mail {
    /// The client's port: one for each connection.
    pub(crate) client: u16,
    pub(crate) helo: String,
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) text: String,
}

impl Mail {
    /// The value of a header that stands once, unfolded.
    pub(crate) fn header(&self, name: &str) -> String {
        let (headers, _) = self.text.split_once("\r\n\r\n").unwrap();
        let unfolded = headers.replace("\r\n ", " ");
        let values = unfolded
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("{name}: ")));
        let values: Vec<&str> = values.collect();
        assert_eq!(values.len(), 1, "{name}: {}", self.text);
        values[0].to_owned()
    }

    pub(crate) fn header_names(&self) -> Vec<&str> {
        let (headers, _) = self.text.split_once("\r\n\r\n").unwrap();
        let lines = headers.lines().filter(|line| !line.starts_with(' '));
        lines.map(|line| line.split(':').next().unwrap()).collect()
    }

    pub(crate) fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").unwrap().1
    }
}

pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    mails: Receiver<Mail>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(0, "{}")
    }

    /// Listens at this port, or at any; `manner` says how it answers.
    pub(crate) fn with(port: u16, manner: &str) -> Self {
        // Debian's own, which is the one that has the module.
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", PROGRAM, &port.to_string(), manner]);
        Self::run(command)
    }

    /// A command that runs the program, perhaps elsewhere.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let (send, mails) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = send.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, port, mails }
    }

    /// The next mail, for which a test waits.
    pub(crate) fn mail(&self) -> Mail {
        self.mails.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    /// No mail comes within this time.
    pub(crate) fn assert_silent(&self, time: Duration) {
        let mail = self.mails.recv_timeout(time);
        assert!(mail.is_err(), "{mail:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port at which nobody listens now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

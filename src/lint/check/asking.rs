//! When and where a check asks, with what it takes from the blocks around it.

use crate::conf::{Node, Word};
use crate::lint::virtual_server::{Block, RealServer, VirtualServer, micros, number};

/// A check and the blocks it stands in.
#[derive(Clone, Copy)]
pub(super) struct Asking<'v, 't> {
    pub(super) check: &'v Block<'t>,
    pub(super) server: &'v RealServer<'t>,
    pub(super) around: &'v VirtualServer<'t>,
}

/// A time in microseconds and the word that says it, unless it is the default.
#[derive(Clone, Copy)]
pub(super) struct Time<'t> {
    pub(super) micros: u64,
    pub(super) word: Option<Word<'t>>,
}

const SECOND: u64 = 1_000_000;

/// The longest `connect_timeout`, in microseconds.
const LONGEST: u64 = 4_294_967_295;

fn in_range(keyword: &str, micros: u64) -> bool {
    match keyword {
        "delay_loop" => micros > 0,
        "connect_timeout" => (1..=LONGEST).contains(&micros),
        _ => true,
    }
}

/// Every check of a virtual server, in the order of the text.
pub(super) fn each<'v, 't>(
    around: &'v VirtualServer<'t>,
) -> impl Iterator<Item = Asking<'v, 't>> + Clone {
    let servers = around.real_servers.iter();
    servers.flat_map(move |server| each_of(around, server))
}

/// Every check of one real server.
pub(super) fn each_of<'v, 't>(
    around: &'v VirtualServer<'t>,
    server: &'v RealServer<'t>,
) -> impl Iterator<Item = Asking<'v, 't>> + Clone {
    let checks = around.checks_of(server).iter();
    checks.map(move |check| Asking {
        check,
        server,
        around,
    })
}

impl<'t> Asking<'_, 't> {
    pub(super) fn kind(&self) -> &'t str {
        let node = self.check.node;
        node.known()
            .map_or_else(|| node.keyword().text(), |known| known.word)
    }

    /// It opens a connection or sends a packet to a port.
    pub(super) fn asks_a_port(&self) -> bool {
        self.over_tcp() || matches!(self.kind(), "DNS_CHECK" | "UDP_CHECK")
    }

    pub(super) fn over_tcp(&self) -> bool {
        let kinds = ["TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK"];
        kinds.contains(&self.kind())
    }

    /// The blocks that say where it asks: its own, and each `host` of an SMTP check.
    pub(super) fn places(&self) -> impl Iterator<Item = Block<'t>> {
        self.check.each("host").map(Block::of)
    }

    /// It names whom to ask, instead of the server and port it belongs to.
    pub(super) fn asks_elsewhere(&self) -> bool {
        let says = |block: &Block<'_>| block.has("connect_port") || block.has("connect_ip");
        says(self.check) || self.places().any(|host| says(&host))
    }

    /// The port it asks; 0 where none is said.
    pub(super) fn port(&self) -> u16 {
        let own = number(self.check.word("connect_port"));
        own.unwrap_or(self.server.port)
    }

    fn setting(&self, keyword: &str) -> Option<Node<'t>> {
        self.server.setting(self.check, self.around, keyword)
    }

    fn time(&self, keyword: &str, default: u64) -> Option<Time<'t>> {
        let word = self.setting(keyword).and_then(|line| line.argument(0));
        let micros = match word {
            // What is no time, or out of range, the reader has complained of.
            Some(word) => micros(Some(word)).filter(|micros| in_range(keyword, *micros))?,
            None => default,
        };
        Some(Time { micros, word })
    }

    /// How long until it asks again.
    pub(super) fn delay_loop(&self) -> Option<Time<'t>> {
        self.time("delay_loop", 60 * SECOND)
    }

    /// How long it waits for an answer; `None` where it waits for none, or as long as a loop.
    pub(super) fn timeout(&self) -> Option<Time<'t>> {
        match self.kind() {
            "MISC_CHECK" => {
                let word = self.check.word("misc_timeout")?;
                let micros = number::<u32>(Some(word)).filter(|seconds| *seconds <= 4294)?;
                Some(Time {
                    micros: u64::from(micros) * SECOND,
                    word: Some(word),
                })
            }
            "FILE_CHECK" | "BFD_CHECK" => None,
            _ => {
                // What a host says of time is for the whole check.
                let of_host = self
                    .places()
                    .filter_map(|host| host.word("connect_timeout"));
                match of_host
                    .last()
                    .filter(|_| !self.check.has("connect_timeout"))
                {
                    Some(word) => Some(Time {
                        micros: micros(Some(word))?,
                        word: Some(word),
                    }),
                    None => self.time("connect_timeout", 5 * SECOND),
                }
            }
        }
    }

    /// How often it asks again before it gives a server up.
    pub(super) fn retries(&self) -> Option<u32> {
        let habit = match self.kind() {
            "DNS_CHECK" => 3,
            "MISC_CHECK" => 0,
            _ => 1,
        };
        let own = self.check.last_of(&["retry", "nb_get_retry"]);
        match own.or_else(|| self.setting("retry")) {
            Some(line) => number(line.argument(0)),
            None => Some(habit),
        }
    }

    /// The longest until a server that stopped to answer is given up, in microseconds.
    pub(super) fn notices_after(&self) -> Option<u64> {
        let (every, timeout) = (self.delay_loop()?.micros, self.timeout()?.micros);
        let habit = match self.kind() {
            "DNS_CHECK" => every,
            "HTTP_GET" | "SSL_GET" => 3 * SECOND,
            _ => SECOND,
        };
        let pause = self.time("delay_before_retry", habit)?.micros;
        let retries = u64::from(self.retries()?);
        let asked = timeout.checked_mul(retries + 1)?;
        let paused = pause.checked_mul(retries)?;
        every.checked_add(asked)?.checked_add(paused)
    }
}

/// Microseconds as seconds, without zeros at the end.
pub(super) fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / SECOND, micros % SECOND);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

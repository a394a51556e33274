use std::time::Duration;

use crate::server::Kind;

/// One thing that is done to both directors or their servers.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Servers by their number, from 1, begin to serve; as before where no kind is given.
    Start(Vec<usize>, Option<Kind>),
    Kill(Vec<usize>),
    /// They hear, and answer nothing.
    Silence(Vec<usize>),
    Speak(Vec<usize>),
    /// A page of a web server, by its path.
    Publish(usize, String),
    Withdraw(usize, String),
    /// A file of that name in `/srv` says this from now on.
    Write(String, String),
    Erase(String),
    /// Both directors start.
    Begin,
    Wait(Duration),
    /// Both read the configuration again, which is now the section of this name.
    Reload(Option<String>),
    /// Both end by order.
    Stop,
}

impl Step {
    /// One line of the section `steps`.
    pub fn read(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let wrong = || format!("has a step {line:?}");
        let (verb, rest) = words.split_first().ok_or_else(wrong)?;
        let text = |nth: usize| rest.get(nth).map(|word| (*word).to_owned());
        let step = match *verb {
            "start" => {
                let (kind, servers) = match rest.split_last() {
                    Some((kind, servers)) if Kind::named(kind).is_some() => {
                        (Kind::named(kind), servers)
                    }
                    _ => (None, rest),
                };
                Some(Self::Start(numbers(servers).ok_or_else(wrong)?, kind))
            }
            "kill" => numbers(rest).map(Self::Kill),
            "silence" => numbers(rest).map(Self::Silence),
            "speak" => numbers(rest).map(Self::Speak),
            "publish" => server(rest)
                .zip(text(1))
                .map(|(n, page)| Self::Publish(n, page)),
            "withdraw" => server(rest)
                .zip(text(1))
                .map(|(n, page)| Self::Withdraw(n, page)),
            "write" => text(0)
                .zip(text(1))
                .map(|(name, text)| Self::Write(name, text)),
            "erase" => text(0).map(Self::Erase),
            "begin" => Some(Self::Begin),
            "wait" => {
                let seconds = rest.first().and_then(|word| word.parse::<f64>().ok());
                seconds.map(|seconds| Self::Wait(Duration::from_secs_f64(seconds)))
            }
            "reload" => Some(Self::Reload(text(0))),
            "stop" => Some(Self::Stop),
            _ => None,
        };
        step.ok_or_else(wrong)
    }
}

/// `rs1 rs3` as 1 and 3.
fn numbers(words: &[&str]) -> Option<Vec<usize>> {
    words.iter().map(|word| number(word)).collect()
}

fn number(word: &str) -> Option<usize> {
    word.strip_prefix("rs")?.parse().ok()
}

fn server(words: &[&str]) -> Option<usize> {
    words.first().and_then(|word| number(word))
}

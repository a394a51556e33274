//! Who asked to be told is told: lines of FIFOs and mail, read by real readers and servers.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "notify/fifo.rs"]
mod fifo;
#[path = "notify/format.rs"]
mod format;
#[path = "notify/keepalived.rs"]
mod keepalived;
#[path = "notify/mail.rs"]
mod mail;
#[path = "notify/opensmtpd.rs"]
mod opensmtpd;
#[path = "notify/server.rs"]
mod server;

use std::any::Any;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lvsctl::conf::{self, Memory, Options};
use lvsctl::health::{About, Cause, News, Part};
use lvsctl::model::director::Director;
use lvsctl::model::script::Script;
use lvsctl::model::text::Text;
use lvsctl::notify::{Owner, Scripts};

/// Reads a file that is clean, whether or not a daemon could do all of it yet.
fn director(text: &str) -> Arc<Director> {
    let files = Memory([("k.conf".to_owned(), text.as_bytes().to_vec())].into());
    let loaded = conf::load(&files, "k.conf", &Options::default());
    let mut codes = loaded.diagnostics.iter().map(|found| found.rule.code);
    assert!(codes.all(|code| code == "not-supported"), "{text}");
    Arc::new(loaded.director.unwrap())
}

/// A virtual server with one real server and these lines more.
fn service(header: &str, lines: &str, real: &str) -> String {
    format!(
        "virtual_server {header} {{\nlb_algo rr\nlb_kind NAT\ndelay_loop 6\n{lines}\n\
         real_server 10.0.0.2 8080 {{\n{real}\n}}\n}}\n"
    )
}

fn news(director: &Arc<Director>, virtual_server: usize, part: Part, up: bool) -> News {
    News {
        about: About {
            director: Arc::clone(director),
            virtual_server,
            part,
        },
        up,
        cause: Cause::Checked("connection refused".into()),
    }
}

/// A check of the first real server turned, and the server with it.
fn turned(director: &Arc<Director>, up: bool) -> [News; 2] {
    let check = Part::Check {
        real_server: 0,
        check: 0,
        turns_server: true,
    };
    [check, Part::RealServer(0)].map(|part| news(director, 0, part, up))
}

/// Starts nothing, and owns everything.
struct Nobody;

impl Scripts for Nobody {
    fn start(&self, script: &Script) -> Result<Box<dyn Any + Send>, String> {
        Err(format!("{script} is none of ours"))
    }

    fn owner(&self, user: Option<&Text>, _: Option<&Text>) -> Result<Owner, String> {
        match user {
            Some(user) => Err(format!("there is no user {user}")),
            None => Ok(Owner {
                user: rustix::process::geteuid().as_raw(),
                group: rustix::process::getegid().as_raw(),
            }),
        }
    }
}

fn nobody() -> Rc<dyn Scripts> {
    Rc::new(Nobody)
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lvsctl-notify-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits until it holds, and fails where it does not.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

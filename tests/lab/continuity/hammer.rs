use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use crate::stage::host::Host;

/// How many try at once.
const HANDS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(40);

/// Opens connection after connection without a pause: how many are refused measures how long they
/// would be.
pub struct Hammer {
    count: Arc<Count>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Count {
    ended: AtomicBool,
    tried: AtomicUsize,
    refused: AtomicUsize,
}

impl Hammer {
    pub fn start(host: &Host, at: SocketAddr) -> Self {
        let count = Arc::new(Count::default());
        let hand = || {
            let count = Arc::clone(&count);
            host.inside(|| thread::spawn(move || strike(at, &count)))
        };
        Self {
            threads: (0..HANDS).map(|_| hand()).collect(),
            count,
        }
    }

    pub fn tried(&self) -> usize {
        self.count.tried.load(Ordering::Relaxed)
    }

    pub fn refused(&self) -> usize {
        self.count.refused.load(Ordering::Relaxed)
    }
}

fn strike(at: SocketAddr, count: &Count) {
    while !count.ended.load(Ordering::Relaxed) {
        let connected = TcpStream::connect_timeout(&at, PATIENCE);
        count.tried.fetch_add(1, Ordering::Relaxed);
        match connected {
            // A reset leaves nothing behind, here or there.
            Ok(stream) => SockRef::from(&stream)
                .set_linger(Some(Duration::ZERO))
                .unwrap(),
            Err(_) => drop(count.refused.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

impl Drop for Hammer {
    fn drop(&mut self) {
        self.count.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

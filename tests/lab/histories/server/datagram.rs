use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::stage::host::Host;

/// A UDP socket and a thread that answers.
pub struct Datagrams {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How soon an order to end is seen.
const LOOK: Duration = Duration::from_millis(50);

impl Datagrams {
    /// `answer` makes the answer out of the question.
    pub fn start(host: &Host, address: &str, port: u16, answer: fn(&mut [u8])) -> Self {
        let socket = host.inside(|| UdpSocket::bind((address, port)).unwrap());
        socket.set_read_timeout(Some(LOOK)).unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let thread = thread::spawn(move || {
            let mut datagram = [0; 2048];
            while !end.load(Ordering::Relaxed) {
                // Silence, or a client that has gone: there is nobody to answer.
                if let Ok((length, client)) = socket.recv_from(&mut datagram) {
                    answer(&mut datagram[..length]);
                    let _ = socket.send_to(&datagram[..length], client);
                }
            }
        });
        Self {
            ended,
            thread: Some(thread),
        }
    }
}

impl Drop for Datagrams {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub fn back(_: &mut [u8]) {}

/// The question as its own answer, without error and without records: RFC 1035, 4.1.1.
pub fn nothing(question: &mut [u8]) {
    if let [_, _, flags, codes, ..] = question {
        *flags |= 0x80;
        *codes &= 0xf0;
    }
}

//! Mail: written where the change is told, carried by a thread of its own.

mod letter;
mod patience;
mod queue;
mod route;

use std::sync::Arc;
use std::thread;

use tracing::error;

use crate::health::News;
use crate::model::director::Globals;
use crate::model::text::Text;
use crate::sys::{clock, host};
use letter::Sender;
use queue::Queue;
use route::Route;

pub use patience::Patience;

/// Writes letters, and has them carried.
pub(super) struct Post {
    patience: Patience,
    /// `None` while the file asks for no mail.
    sender: Option<Sender>,
    /// Since the file first asked for mail.
    queue: Option<Arc<Queue>>,
}

impl Post {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            sender: None,
            queue: None,
        }
    }

    /// Mail is sent where the file names a server and somebody to send it to.
    pub(super) fn reconfigure(&mut self, globals: &Globals) {
        let mail = &globals.mail;
        let server = mail.server.as_ref().filter(|_| !mail.to.is_empty());
        let name = host::name();
        let route = server.map(|server| Route {
            server: server.clone(),
            helo: mail.helo.as_ref().map_or(name.clone(), Text::to_string),
            timeout: mail.timeout,
        });
        self.sender = route.is_some().then(|| Sender {
            mail: mail.clone(),
            from: mail
                .from
                .clone()
                .unwrap_or_else(|| Text::from(format!("root@{name}").as_str())),
            router: globals.router_id.as_ref().map_or(name, Text::to_string),
        });
        if route.is_some() && self.queue.is_none() {
            self.queue = start(self.patience.clone());
        }
        if let Some(queue) = &self.queue {
            queue.reroute(route);
        }
    }

    /// Sends the letter that a change is worth, if any.
    pub(super) fn tell(&self, news: &News) {
        let letter = self
            .sender
            .as_ref()
            .and_then(|sender| sender.letter(news, clock::now()));
        if let (Some(letter), Some(queue)) = (letter, &self.queue) {
            queue.post(letter);
        }
    }

    pub(super) fn stop(self) {
        if let Some(queue) = self.queue {
            queue.close();
        }
    }
}

/// The thread ends with its queue; a server that does not answer may hold it beyond that, so that
/// nobody joins it.
fn start(patience: Patience) -> Option<Arc<Queue>> {
    let queue = Arc::new(Queue::new(patience));
    let carried = Arc::clone(&queue);
    let thread = thread::Builder::new().name("mail".to_owned());
    let started = thread.spawn(move || {
        while let Some(route) = carried.wait() {
            let left = route.carry(|| carried.next());
            carried.put_back(left);
        }
        carried.end();
    });
    match started {
        Ok(_) => Some(queue),
        Err(error) => {
            error!(%error, "no mail is sent: its thread does not start");
            None
        }
    }
}

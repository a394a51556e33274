//! Who asked to be told of changes is told here: FIFOs and mail. None of it ever waits for anybody.
//!
//! ```text
//! News ──▶ Notifier ──line──▶ notify_fifo, lvs_notify_fifo     written at once, or lost and said
//!                   ──letter──▶ queue ──▶ mail thread ──▶ smtp_server      tried again for a while
//! ```

mod fifo;
pub mod format;
mod mail;
pub mod scripts;

use std::any::Any;
use std::rc::Rc;

use tracing::info;

use crate::health::News;
use crate::model::director::Director;
use crate::model::notify::{Fifo, Fifos};
use crate::model::script::Script;
use crate::model::text::Text;
use fifo::Pipe;
use mail::Post;

pub use fifo::Owner;
pub use mail::Patience;

/// What only who keeps the scripts can do.
pub trait Scripts {
    /// Starts a command, which is ended when what is returned is dropped.
    fn start(&self, script: &Script) -> Result<Box<dyn Any + Send>, String>;

    /// The numbers of a user and a group; where none is named, those that scripts run as.
    fn owner(&self, user: Option<&Text>, group: Option<&Text>) -> Result<Owner, String>;
}

/// Tells of changes whoever the file names.
pub struct Notifier {
    scripts: Rc<dyn Scripts>,
    shared: Option<Pipe>,
    ours: Option<Pipe>,
    post: Post,
}

impl Notifier {
    /// Opens what the file names. What cannot be opened is said, and tried again with each change.
    pub fn start(director: &Director, scripts: Rc<dyn Scripts>, patience: Patience) -> Self {
        let mut notifier = Self {
            scripts,
            shared: None,
            ours: None,
            post: Post::new(patience),
        };
        notifier.reconfigure(director);
        notifier
    }

    /// Goes over to what the file says now. A FIFO of which it says the same stays open, and mail
    /// that waits goes to the server it names now.
    pub fn reconfigure(&mut self, director: &Director) {
        let Fifos { shared, own, .. } = &director.globals.fifos;
        let reader = director.globals.fifos.reader();
        let path = |fifo: &Option<Fifo>| fifo.as_ref().map(|fifo| fifo.path.clone());
        let same = path(shared).is_some_and(|shared| path(own) == Some(shared));
        if same {
            info!("lvs_notify_fifo is the same as notify_fifo, which is written once");
        }
        let own = own.as_ref().filter(|_| !same);
        let reader = reader.as_ref();
        let stays = |pipe: &Pipe, fifo: Option<&Fifo>, reader| {
            fifo.is_some_and(|fifo| pipe.is(fifo, reader))
        };
        if let Some(pipe) = self
            .shared
            .take_if(|pipe| !stays(pipe, shared.as_ref(), None))
        {
            pipe.close();
        }
        if let Some(pipe) = self.ours.take_if(|pipe| !stays(pipe, own, reader)) {
            pipe.close();
        }
        let scripts = &self.scripts;
        if self.shared.is_none() {
            let fifo = shared.as_ref();
            self.shared = fifo.and_then(|fifo| Pipe::shared(fifo, scripts));
        }
        if self.ours.is_none() {
            self.ours = own.and_then(|fifo| Pipe::ours(fifo, reader, scripts));
        }
        self.post.reconfigure(&director.globals);
    }

    /// Tells what happened, in its order.
    pub fn tell(&mut self, news: &[News]) {
        for one in news {
            if let Some(line) = format::line(one) {
                let pipes = [&mut self.shared, &mut self.ours];
                pipes
                    .into_iter()
                    .flatten()
                    .for_each(|pipe| pipe.write(&line));
            }
            self.post.tell(one);
        }
    }

    /// Removes the FIFO that is ours, and gives mail that waits a last second.
    pub fn stop(self) {
        let pipes = [self.shared, self.ours];
        pipes.into_iter().flatten().for_each(Pipe::close);
        self.post.stop();
    }
}

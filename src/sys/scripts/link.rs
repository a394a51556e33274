use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::message::{Order, Report};
use super::{Launcher, frame};

/// The daemon's end of a script process that runs. Dropping it has the process end its scripts
/// and itself.
#[derive(Debug)]
pub(super) struct Link {
    orders: UnboundedSender<Vec<u8>>,
    reports: UnboundedReceiver<Report>,
}

impl Link {
    /// Has the process started.
    pub(super) fn start(launcher: &Launcher) -> io::Result<Self> {
        let ours = launcher.launch()?;
        ours.set_nonblocking(true)?;
        let (reader, writer) = tokio::net::UnixStream::from_std(ours)?.into_split();
        let (orders, to_send) = unbounded_channel();
        let (heard, reports) = unbounded_channel();
        tokio::spawn(send(writer, to_send));
        tokio::spawn(hear(reader, heard));
        Ok(Self { orders, reports })
    }

    /// An error where the order is too long to be sent.
    pub(super) fn order(&self, order: &Order) -> io::Result<()> {
        let bytes = frame::encode(order)?;
        // Of a process that has ended the reports tell.
        let _ = self.orders.send(bytes);
        Ok(())
    }

    /// `None` where the process has ended.
    pub(super) async fn report(&mut self) -> Option<Report> {
        self.reports.recv().await
    }
}

async fn send(mut writer: OwnedWriteHalf, mut messages: UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = messages.recv().await {
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn hear(mut reader: OwnedReadHalf, heard: UnboundedSender<Report>) {
    while let Ok(Some(report)) = frame::read(&mut reader).await {
        if heard.send(report).is_err() {
            return;
        }
    }
}

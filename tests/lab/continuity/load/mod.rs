//! Clients: some keep a connection open and ask on it again and again, others open a new one for
//! each request. Whatever is not answered is a loss, with its moment.

mod connection;
mod loss;
mod state;

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::task::{LocalSet, spawn_local};
use tokio::time::{interval, sleep};

use crate::stage::host::Host;
use crate::stage::wait_until;
use connection::Connection;
pub use loss::{How, Loss, Whose};
use state::State;
pub use state::Tally;

/// From one request on a held connection to the next.
const PAUSE: Duration = Duration::from_secs(1);
/// How long one turn of all held connections may take: their patience and more.
const TURN: Duration = Duration::from_secs(90);

/// How many clients there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Connections that are kept open.
    pub held: usize,
    /// New connections in a second.
    pub rate: u32,
}

/// Clients at work, until dropped.
pub struct Load {
    state: Arc<State>,
    held: usize,
    threads: Vec<JoinHandle<()>>,
}

/// What the clients of one host do.
struct Share {
    at: SocketAddr,
    held: Range<usize>,
    /// From one new connection to the next.
    every: Duration,
}

impl Load {
    /// Divides the clients evenly among `hosts`.
    pub fn start(hosts: &[Host], at: SocketAddr, size: Size) -> Self {
        let state = Arc::new(State::default());
        let count = hosts.len();
        let spawn = |(nth, host): (usize, &Host)| {
            let share = Share {
                at,
                held: size.held * nth / count..size.held * (nth + 1) / count,
                every: Duration::from_secs(1) * u32::try_from(count).unwrap() / size.rate,
            };
            let state = Arc::clone(&state);
            // A thread started here is in the namespace of its starter.
            host.inside(|| thread::spawn(move || work(&share, state)))
        };
        Self {
            threads: hosts.iter().enumerate().map(spawn).collect(),
            held: size.held,
            state,
        }
    }

    /// Waits until each held connection has been answered to something it asks from now on.
    pub fn turn(&self) {
        let round = self.state.next_round();
        let all = || self.state.answered_since(round) >= self.held;
        let turned = wait_until(TURN, all);
        assert!(
            turned.is_ok(),
            "{} of {} held connections were answered",
            self.state.answered_since(round),
            self.held
        );
    }

    /// How many held connections a server has.
    pub fn held_by(&self, server: &str) -> usize {
        self.state.held().get(server).copied().unwrap_or(0)
    }

    /// Held connections leave a server, in order, after their next answer, and come back through
    /// the director; from none, and whoever is left by none may be met again.
    pub fn shun(&self, server: Option<&str>) {
        self.state.shun(server.map(str::to_owned));
    }

    pub fn tally(&self) -> Tally {
        self.state.tally()
    }

    /// Waits until all clients are done with what they are at.
    pub fn end(mut self) -> Tally {
        self.stop();
        self.state.tally()
    }

    fn stop(&mut self) {
        self.state.end();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work(share: &Share, state: Arc<State>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let tasks = LocalSet::new();
    for id in share.held.clone() {
        tasks.spawn_local(hold(id, share.at, Arc::clone(&state)));
    }
    tasks.spawn_local(renew(share.at, share.every, state));
    runtime.block_on(tasks);
}

/// Keeps one connection open; another in its place where it is lost or leaves.
async fn hold(id: usize, at: SocketAddr, state: Arc<State>) {
    // Spread, so that not all ask at once.
    sleep(PAUSE * u32::try_from(id % 16).unwrap() / 16).await;
    while !state.ended() {
        let mut whose = Whose::New;
        if let Err(how) = converse(id, at, &state, &mut whose).await {
            state.broke(id, whose, how);
            sleep(PAUSE).await;
        }
    }
}

/// Until the end, or until the connection is to leave its server.
async fn converse(id: usize, at: SocketAddr, state: &State, whose: &mut Whose) -> Result<(), How> {
    let mut connection = Connection::open(at).await?;
    while !state.ended() {
        let (round, start) = (state.round(), Instant::now());
        let server = connection.ask().await?;
        *whose = Whose::Held;
        if !state.answered(id, round, server, start.elapsed()) {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Opens new connections, each for one request.
async fn renew(at: SocketAddr, every: Duration, state: Arc<State>) {
    let mut interval = interval(every);
    while !state.ended() {
        interval.tick().await;
        let state = Arc::clone(&state);
        state.tried();
        spawn_local(async move {
            let start = Instant::now();
            match once(at).await {
                Ok(_) => state.served(start.elapsed()),
                Err(how) => state.failed(how),
            }
        });
    }
}

async fn once(at: SocketAddr) -> Result<String, How> {
    Connection::open(at).await?.ask().await
}

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc::unbounded_channel;
use tracing::{info, warn};

use super::goal::Standing;
use super::kernel::{Found, Kernel};
use super::options::Options;
use super::powers::Powers;
use super::signals::Signals;
use super::store::Store;
use super::tally::Tally;
use super::watch::{Inboxes, Watch};
use super::{reload, scripts};
use crate::claim::{self, sentence};
use crate::conf::Recall;
use crate::health::{Board, FailedServers, Handling};
use crate::model::director::Director;
use crate::probe::{Means, Prober, Trust};
use crate::sys::host;
use crate::sys::limits;
use crate::sys::systemd::Manager;

/// Everything that may refuse to start, before anything is changed.
pub(super) fn start(options: &Options) -> Result<(Watch, Signals, Inboxes), String> {
    // From the first moment on a signal is an order and no sudden death.
    let signals =
        Signals::listen().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let mut recall = Recall::default();
    let director = reload::read(options, &Director::default(), &mut recall, 0)?;
    let started_as = host::user();
    let vetted = scripts::vet(&director, started_as)?;
    claim::enter(options.netns.as_deref(), &director.globals).map_err(sentence)?;
    let mut powers = Powers::plan(options, &director)?;
    let launcher = scripts::launcher(&vetted)?;
    let trust = trust(options)?;
    let (tell, told) = unbounded_channel();
    let kernel = Kernel::start(options, &director.globals, powers.privileges(), tell);
    let (kernel, found) = kernel.map_err(sentence)?;
    if director.virtual_servers.is_empty() && found.owned > 0 && !options.allow_empty {
        kernel.stop(false);
        return Err(format!(
            "{} names no virtual server and lvsctl owns {} (remedy: --allow-empty, if they are to be removed)",
            options.file, found.owned
        ));
    }
    claim::preload(&director);
    if let Err(error) = limits::raise_descriptors() {
        warn!(%error, "the number of open files stays limited");
    }
    // The threads that are started from here on have no more than this one.
    if let Err(reason) = powers.give_up() {
        kernel.stop(false);
        return Err(reason);
    }
    let scripts = scripts::start(launcher, vetted)?;
    let (answer, answers) = unbounded_channel();
    let (tell_addresses, addresses) = unbounded_channel();
    let means = Means {
        scripts: scripts.clone(),
        trust,
    };
    let prober =
        Prober::with(answer, means).map_err(|error| format!("cannot start to check: {error}"))?;
    announce(options, &director, &found);
    let (memory, unusable) = found.folder.memory();
    if let Some(reason) = unusable {
        warn!(reason, "verdicts of an earlier run are not used");
    }
    let store = Store::start(Arc::clone(&found.holding))
        .map_err(|error| format!("cannot start to remember verdicts: {error}"))?;
    let sysctl = options.sysctl;
    let mut watch = Watch {
        standing: Arc::new(Standing::new(&director, options.failed_servers, sysctl)),
        options: options.clone(),
        recall,
        board: Board::new(options.care),
        prober,
        notifier: scripts::notifier(&scripts, &director),
        scripts,
        started_as,
        powers,
        kernel,
        store,
        unwritten: None,
        addresses: None,
        tell_addresses,
        manager: Manager,
        ready: false,
        trouble: None,
        refused: None,
        unasked: BTreeMap::new(),
        crowded: false,
        tally: Tally::default(),
    };
    watch.take_up(director, &memory, &found.table);
    let inboxes = Inboxes {
        answers,
        told,
        addresses,
    };
    Ok((watch, signals, inboxes))
}

fn trust(options: &Options) -> Result<Trust, String> {
    let Some(path) = &options.tls_roots else {
        return Ok(Trust::Anyone);
    };
    Trust::read(path).map_err(|error| {
        let path = path.display();
        format!("cannot use the certificates of {path}: {error} (remedy: a PEM file of roots)")
    })
}

fn announce(options: &Options, director: &Director, found: &Found) {
    let services = director.virtual_servers.len();
    let state = found.folder.path().display();
    info!(version = env!("CARGO_PKG_VERSION"), file = options.file, services, %state, "starting");
    if let Some(rivals) = &found.rivals {
        warn!("{rivals}");
    }
    say_exceptions(options.failed_servers, director);
}

/// Services whose failed servers are removed although weight 0 is the rule.
pub(super) fn say_exceptions(failed: FailedServers, director: &Director) {
    if failed != FailedServers::Auto {
        return;
    }
    for server in &director.virtual_servers {
        for service in &server.keys {
            if failed.of_service(service, server) == Handling::Remove {
                let scheduler = &server.scheduler;
                info!(%service, %scheduler, "failed servers are removed from this service, because the kernel would go on choosing them at weight 0");
            }
        }
    }
}

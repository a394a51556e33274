//! What a process may do that others may not, and how a thread gives it up for good.
//!
//! User, capabilities, `no_new_privs`, seccomp and Landlock belong to the *thread* in the kernel: a
//! thread has what the one that started it had. So whoever opens what needs privileges gives them
//! up before it starts another, and each that was started earlier gives them up itself.
//!
//! Source: capabilities(7), credentials(7), prctl(2), seccomp(2), landlock(7).

mod calls;
mod confined;
mod exempt;
mod identity;
mod paths;

use std::path::PathBuf;
use std::{fmt, io};

pub use confined::Confined;
pub use exempt::Exempt;
pub use identity::{Identity, NoIdentity};
pub use rustix::thread::CapabilitySet;

use rustix::io::Errno;
use rustix::process::{Gid, Uid, getegid, geteuid, getgroups};
use rustix::thread::{
    CapabilitySets, capabilities, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_keep_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

/// What a thread is left with.
#[derive(Clone, Debug)]
pub struct Privileges {
    /// Whom it becomes; `None`: it stays who it is.
    pub identity: Option<Identity>,
    /// Of what it has; what it has not it does not get.
    pub keep: CapabilitySet,
    /// Folders it may write to, and all below them; `None`: neither seccomp nor Landlock.
    pub sandbox: Option<Vec<PathBuf>>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub capabilities: CapabilitySet,
    /// Whether system calls are refused that a balancer never makes.
    pub seccomp: Confined,
    /// Whether it can neither write elsewhere nor execute anything.
    pub landlock: Confined,
}

/// What could not be given up.
#[derive(Debug)]
pub struct GiveUpError {
    what: &'static str,
    source: io::Error,
}

impl fmt::Display for GiveUpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match Errno::from_io_error(&self.source) {
            Some(Errno::PERM) if what == BECOME => write!(
                f,
                "cannot {what}: that takes CAP_SETUID and CAP_SETGID (remedy: start with them, or as that user without --user)"
            ),
            _ => write!(f, "cannot {what}"),
        }
    }
}

impl std::error::Error for GiveUpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

const BECOME: &str = "become the user of --user";

/// What the calling thread has.
pub fn held() -> CapabilitySet {
    capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.permitted)
}

/// The groups of the calling thread.
pub fn groups() -> Vec<u32> {
    let more = getgroups().unwrap_or_default();
    let all = more.into_iter().chain([getegid()]);
    all.map(Gid::as_raw).collect()
}

impl Privileges {
    /// Gives everything else up, for the calling thread and all that it will start. There is no
    /// way back.
    pub fn give_up(&self) -> Result<Left, GiveUpError> {
        // Paths are opened while whoever may do so is still here.
        let folders = self.sandbox.as_deref().map(paths::open);
        let keep = self.keep & held();
        drop_bounding(keep).map_err(failed("give up capabilities"))?;
        if let Some(identity) = &self.identity {
            take_on(identity).map_err(failed(BECOME))?;
        }
        let sets = CapabilitySets {
            effective: keep,
            permitted: keep,
            inheritable: CapabilitySet::empty(),
        };
        set_capabilities(None, sets).map_err(failed("give up capabilities"))?;
        // A kernel before 4.3 has none.
        let _ = clear_ambient_capability_set();
        set_no_new_privs(true).map_err(failed("set no_new_privs"))?;
        let (landlock, seccomp) = match folders {
            Some(folders) => {
                let landlock = folders.and_then(paths::confine);
                (landlock.unwrap_or_else(Confined::Failed), calls::refuse())
            }
            None => (Confined::Off, Confined::Off),
        };
        Ok(Left {
            capabilities: keep,
            seccomp,
            landlock,
        })
    }
}

fn failed(what: &'static str) -> impl Fn(Errno) -> GiveUpError {
    move |errno| GiveUpError {
        what,
        source: errno.into(),
    }
}

/// Nothing that is executed later has more either. Without CAP_SETPCAP `no_new_privs` has to do.
fn drop_bounding(keep: CapabilitySet) -> Result<(), Errno> {
    if !held().contains(CapabilitySet::SETPCAP) {
        return Ok(());
    }
    for number in 0..u64::BITS {
        let one = CapabilitySet::from_bits_retain(1 << number);
        if keep.contains(one) {
            continue;
        }
        match remove_capability_from_bounding_set(one) {
            Ok(()) => {}
            // Beyond the last that this kernel knows.
            Err(Errno::INVAL) => break,
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Becomes somebody else, and keeps what capabilities there are.
fn take_on(identity: &Identity) -> Result<(), Errno> {
    let user = Uid::from_raw(identity.user);
    if user == geteuid() && !user.is_root() {
        return Ok(());
    }
    let group = Gid::from_raw(identity.group);
    let groups: Vec<Gid> = identity
        .more_groups
        .iter()
        .copied()
        .map(Gid::from_raw)
        .collect();
    set_thread_groups(&groups)?;
    set_thread_res_gid(group, group, group)?;
    set_keep_capabilities(true)?;
    set_thread_res_uid(user, user, user)
}

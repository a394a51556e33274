//! How a script is started.

use std::ffi::OsStr;
use std::io::{self, PipeWriter};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::{
    Gid, Resource, Rlimit, Signal, Uid, getegid, geteuid, getpid, getppid,
    set_parent_process_death_signal, setrlimit,
};
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};
use tokio::process::Child;

use super::Runnable;

/// Starts a script in a process group of its own, as its user, with nothing of ours but the
/// environment; `said` is its standard error, `descriptors` how many it may hold.
pub(super) fn spawn(script: &Runnable, said: PipeWriter, descriptors: Rlimit) -> io::Result<Child> {
    let mut command = Command::new(OsStr::from_bytes(&script.program));
    command
        .args(script.arguments.iter().map(|word| OsStr::from_bytes(word)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said)
        .process_group(0);
    let account = Account::of(script);
    let parent = Some(getpid());
    let prepare = move || {
        account.take_on()?;
        // The kernel forgets it when a process changes its user, and so it comes behind that.
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid() != parent {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        setrlimit(Resource::Nofile, descriptors)?;
        close_at_exec();
        Ok(())
    };
    #[expect(
        unsafe_code,
        reason = "the standard library has no word for what is done there"
    )]
    // SAFETY: between fork and exec nothing but system calls is made: nothing is allocated, locked
    // or unwound.
    unsafe {
        command.pre_exec(prepare);
    }
    tokio::process::Command::from(command).spawn()
}

/// Who a child becomes.
#[derive(Debug)]
struct Account {
    user: Uid,
    group: Gid,
    more_groups: Vec<Gid>,
    /// It is somebody else, or may be.
    changes: bool,
}

impl Account {
    fn of(script: &Runnable) -> Self {
        let (user, group) = (Uid::from_raw(script.user), Gid::from_raw(script.group));
        let groups = script.more_groups.iter().copied();
        Self {
            user,
            group,
            more_groups: groups.map(Gid::from_raw).collect(),
            // Root always leaves its groups behind; others can only be who they are.
            changes: geteuid().is_root() || (user, group) != (geteuid(), getegid()),
        }
    }

    /// Of the thread alone, which in a child is all there is.
    fn take_on(&self) -> io::Result<()> {
        if self.changes {
            set_thread_groups(&self.more_groups)?;
            set_thread_gid(self.group)?;
            set_thread_uid(self.user)?;
        }
        Ok(())
    }
}

/// Closes every descriptor but the standard three when the program is executed. Source:
/// close_range(2); a kernel before 5.11 does not know it, and only ours are closed then.
fn close_at_exec() {
    #[expect(unsafe_code, reason = "no crate in use wraps it")]
    // SAFETY: it takes three numbers, and no descriptor is closed under its owner's hands.
    unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        );
    }
}

//! How a script is started.

use std::ffi::OsStr;
use std::io::{self, PipeWriter};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::{
    Resource, Rlimit, Signal, getegid, geteuid, getpid, getppid, set_parent_process_death_signal,
    setrlimit,
};
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
    let ours = (geteuid().as_raw(), getegid().as_raw());
    if geteuid().is_root() || (script.user, script.group) != ours {
        // Whoever may change to another user loses its supplementary groups on the way.
        command.uid(script.user).gid(script.group);
    }
    detach(&mut command, descriptors);
    tokio::process::Command::from(command).spawn()
}

/// Has the child end with its parent, and lets no descriptor through that somebody left open for
/// us.
fn detach(command: &mut Command, descriptors: Rlimit) {
    let parent = Some(getpid());
    let prepare = move || {
        // The kernel forgets it when a process changes its user, which has happened by now.
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
        reason = "the standard library has no word for what is done here"
    )]
    // SAFETY: between fork and exec nothing but system calls is made: nothing is allocated, locked
    // or unwound.
    unsafe {
        command.pre_exec(prepare);
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

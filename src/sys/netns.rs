use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::{fmt, io, panic, thread};

use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use rustix::io::Errno;
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

/// Why a named network namespace could not be entered.
#[derive(Debug)]
pub struct EnterError {
    name: String,
    source: io::Error,
}

impl fmt::Display for EnterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.source.kind() {
            io::ErrorKind::NotFound => write!(
                f,
                "there is no network namespace {name} (remedy: ip netns add {name}; ip netns list shows all)"
            ),
            io::ErrorKind::PermissionDenied => write!(
                f,
                "no permission to enter the network namespace {name} (remedy: run as root, or with CAP_SYS_ADMIN)"
            ),
            _ => write!(f, "cannot enter the network namespace {name}"),
        }
    }
}

impl std::error::Error for EnterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Moves the calling thread, and threads it will start, into a namespace of `ip netns`.
///
/// A name that begins with a slash is a path, as of `/proc/PID/ns/net`.
pub fn enter(name: &str) -> Result<(), EnterError> {
    // Joining a path that begins with a slash gives that path.
    let path = PathBuf::from("/run/netns").join(name);
    let entered = File::open(path).and_then(|file| {
        // Whoever is there already needs no right to enter.
        if file.metadata()?.ino() == identity()? {
            return Ok(());
        }
        let kind = LinkNameSpaceType::Network;
        Ok(move_into_link_name_space(file.as_fd(), Some(kind))?)
    });
    entered.map_err(|source| {
        // The kernel's word for a namespace that may not be entered is EPERM.
        let source = match source.raw_os_error() {
            Some(errno) if errno == Errno::PERM.raw_os_error() => {
                io::Error::from(io::ErrorKind::PermissionDenied)
            }
            _ => source,
        };
        let name = name.to_owned();
        EnterError { name, source }
    })
}

/// Why a network namespace could not be made.
#[derive(Debug)]
pub struct ApartError(io::Error);

impl fmt::Display for ApartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match Errno::from_io_error(&self.0) {
            Some(Errno::PERM) => "no permission to make a network namespace (remedy: run as root, or with CAP_SYS_ADMIN)",
            Some(Errno::NOSPC) => "there may be no more network namespaces (remedy: raise the sysctl user.max_net_namespaces)",
            _ => "cannot make a network namespace",
        })
    }
}

impl std::error::Error for ApartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Does `work` on a thread of its own, in a new network namespace with nothing in it but `lo`,
/// which is up. The namespace is gone soon after the thread is.
///
/// `work` is not begun in a namespace that anybody else is in.
pub fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, ApartError> {
    let outside = identity().map_err(ApartError)?;
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            leave(outside).map_err(ApartError)?;
            Ok(work())
        });
        let ended = thread.join();
        ended.unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Moves the calling thread out of the namespace it shares with others.
fn leave(outside: u64) -> io::Result<()> {
    #[expect(
        deprecated,
        reason = "the successor is unsafe for one flag alone, FILES, which is not used"
    )]
    rustix::thread::unshare(UnshareFlags::NEWNET)?;
    if identity()? == outside {
        return Err(io::Error::other("the thread is still in the old one"));
    }
    raise_loopback()
}

/// Sets the interface `lo` up, which has number 1 in every namespace. Without it the kernel has
/// no routing table to ask whether an address is a host's.
fn raise_loopback() -> io::Result<()> {
    /// `RTM_NEWLINK`.
    const CHANGE_LINK: u16 = 16;
    /// `NLM_F_REQUEST | NLM_F_ACK`.
    const ACKNOWLEDGED: u16 = 1 | 4;
    /// `IFF_UP`.
    const UP: u32 = 1;

    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    // `struct nlmsghdr`, then `struct ifinfomsg`.
    let mut message = Vec::with_capacity(32);
    message.extend(32_u32.to_ne_bytes());
    message.extend(CHANGE_LINK.to_ne_bytes());
    message.extend(ACKNOWLEDGED.to_ne_bytes());
    message.extend([0; 8]); // sequence number, port
    message.extend([0; 4]); // family, type
    message.extend(1_u32.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    message.extend(UP.to_ne_bytes()); // what of it changes
    socket.send(&message, 0)?;
    let (answer, _) = socket.recv_from_full()?;
    let errno = answer.get(16..20).and_then(|errno| errno.try_into().ok());
    match errno.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(errno) => Err(io::Error::from_raw_os_error(errno.saturating_neg())),
        None => Err(io::Error::other("the kernel's answer is cut off")),
    }
}

/// The number that tells the calling thread's network namespace from all others of this boot.
pub fn identity() -> io::Result<u64> {
    Ok(fs::metadata("/proc/thread-self/ns/net")?.ino())
}

/// Whether another process is in the calling thread's network namespace; false where it is gone.
///
/// What `/proc/PID/ns` says is for whoever may trace that process. What `/proc/PID/net` shows is for
/// everybody, and each namespace has its own file there.
pub fn is_shared_with(process: u32) -> bool {
    let of = |who: &str| Some(fs::metadata(format!("/proc/{who}/net/dev")).ok()?.ino());
    let theirs = of(&process.to_string());
    theirs.is_some() && theirs == of("thread-self")
}

/// The identity of this boot of the kernel.
pub fn boot_id() -> io::Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(id.trim().to_owned())
}

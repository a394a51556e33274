use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the number of descriptors this process may hold to what it is allowed to ask for.
pub fn raise_descriptors() -> std::io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    )?;
    Ok(())
}

/// How many descriptors this process may hold just now: others can change that while it runs.
///
/// Source: getrlimit(2), prlimit(1).
pub fn descriptors() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Whether this process, or the whole host, can open nothing more just now.
pub fn is_exhausted() -> bool {
    let another = eventfd(0, EventfdFlags::CLOEXEC);
    matches!(another, Err(Errno::MFILE | Errno::NFILE))
}

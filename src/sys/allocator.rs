//! What glibc keeps of memory that was freed.

/// From so many bytes on an allocation is a mapping of its own, which goes back to the kernel as soon
/// as it is freed, and grows without a copy.
#[cfg(target_env = "gnu")]
const LARGE: libc::c_int = 256 * 1024;
/// What the heap grows by beyond what is asked for, in bytes.
#[cfg(target_env = "gnu")]
const PIECE: libc::c_int = 2 * 1024 * 1024;

/// Has large allocations go back to the kernel, from now on and on every thread.
///
/// glibc would learn from the first large one that is freed, the text of the file, to keep all that are
/// smaller; what was needed once, at a start or a reload, would then be held for ever. Source:
/// `M_MMAP_THRESHOLD` in mallopt(3).
pub fn give_back_large() {
    #[cfg(target_env = "gnu")]
    set(libc::M_MMAP_THRESHOLD, LARGE);
}

/// Has what is freed kept for what comes next, and the rest fetched in larger pieces: for a process
/// that soon ends.
pub fn keep() {
    #[cfg(target_env = "gnu")]
    {
        set(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
        set(libc::M_TOP_PAD, PIECE);
    }
}

/// Where it is refused, more memory is held or more calls are made, and nothing else is different.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "no crate in use wraps it")]
fn set(parameter: libc::c_int, value: libc::c_int) {
    // SAFETY: it takes two numbers, and the allocator knows of its own threads.
    unsafe {
        libc::mallopt(parameter, value);
    }
}

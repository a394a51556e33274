use std::process::{Command, Stdio};

/// Asks for kernel modules to be loaded, as keepalived does. True when modprobe says they are.
///
/// Without effect in a container without modprobe or without the right; the kernel is asked
/// afterwards anyway.
pub fn load(names: &[&str]) -> bool {
    let modprobe = Command::new("modprobe")
        .arg("-qa")
        .args(names)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    modprobe.is_ok_and(|status| status.success())
}

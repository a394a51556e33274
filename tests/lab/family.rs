//! Run before the module is loaded: what lvsctl says to a kernel without IPVS.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may"
)]

use std::process::Command;

fn main() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dr/dr-master.conf");
    // Neither the kernel nor lvsctl itself must find a way to load it.
    std::fs::write("/proc/sys/kernel/modprobe", "/bin/false\n").unwrap();
    for verb in ["plan", "apply", "daemon"] {
        let output = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
            .args([verb, example])
            .env("PATH", "/nowhere")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{verb}: {said}");
        assert!(said.contains("modprobe ip_vs"), "{verb}: {said}");
    }
    println!("without the IPVS family every command says so and ends with 2");
}

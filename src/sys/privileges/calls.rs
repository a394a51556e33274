use std::collections::BTreeMap;

use libc::{ENOSYS, EPERM, c_long};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

use super::Confined;

/// Calls that a balancer has no use for once it runs, and that whoever had taken it over would
/// want first: other programs, other processes, mounts, namespaces, the kernel itself.
///
/// A list of what is refused and not of what is allowed: another libc, allocator or resolver makes
/// other calls, and a check that fails for that would take a server out. For the same reason a
/// refusal is an errno, EPERM, and not the end of the process: it is logged and nothing is lost.
const REFUSED: &[c_long] = &[
    // Other programs.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_personality,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Other namespaces, roots and mounts.
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_quotactl,
    libc::SYS_acct,
    // Other users.
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_capset,
    // The kernel itself.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_syslog,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_fanotify_init,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_uselib,
];

/// The second numbering of x86-64, x32, is the first with this bit, and a few of its own, which
/// the kernel has from here on.
///
/// Source: `__X32_SYSCALL_BIT`, and the end of `syscall_64.tbl`.
#[cfg(target_arch = "x86_64")]
const X32: (c_long, std::ops::RangeInclusive<c_long>) = (0x4000_0000, 512..=547);

/// Address families that somebody speaks: the service manager and the resolver, checks, netlink.
const FAMILIES: [i32; 4] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];

/// Refuses them to the calling thread and all that it will start, which `no_new_privs` allows.
///
/// Calls of another architecture's numbering end the process: nobody makes them by mistake.
pub(super) fn refuse() -> Confined {
    let Ok(architecture) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Confined::No;
    };
    let programs = match programs(architecture) {
        Ok(programs) => programs,
        Err(error) => return Confined::Failed(error.to_string()),
    };
    for program in programs {
        if let Err(error) = apply_filter(&program) {
            return Confined::Failed(error.to_string());
        }
    }
    Confined::Yes
}

fn programs(architecture: TargetArch) -> Result<[BpfProgram; 2], BackendError> {
    let mut refused: BTreeMap<c_long, Vec<SeccompRule>> = BTreeMap::new();
    refused.extend(REFUSED.iter().map(|call| (*call, Vec::new())));
    #[cfg(target_arch = "x86_64")]
    {
        let looked_into = [libc::SYS_clone, libc::SYS_clone3, libc::SYS_socket];
        let same = REFUSED.iter().chain(&looked_into).copied();
        let second = same.chain(X32.1).map(|call| (call | X32.0, Vec::new()));
        refused.extend(second);
    }
    refused.insert(libc::SYS_clone, vec![new_user_namespace()?]);
    refused.insert(libc::SYS_socket, vec![other_family()?]);
    // What it is to do stands in memory, where a filter cannot look; who is told that there is no
    // such call makes the older one.
    let unknown = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    Ok([
        program(refused, EPERM, architecture)?,
        program(unknown, ENOSYS, architecture)?,
    ])
}

fn program(
    rules: BTreeMap<c_long, Vec<SeccompRule>>,
    errno: i32,
    architecture: TargetArch,
) -> Result<BpfProgram, BackendError> {
    let answer = SeccompAction::Errno(errno.unsigned_abs());
    SeccompFilter::new(rules, SeccompAction::Allow, answer, architecture)?.try_into()
}

/// A user namespace has all capabilities over what is in it.
fn new_user_namespace() -> Result<SeccompRule, BackendError> {
    let flag = u64::from(libc::CLONE_NEWUSER.unsigned_abs());
    let set = SeccompCmpOp::MaskedEq(flag);
    let flags = SeccompCondition::new(0, SeccompCmpArgLen::Qword, set, flag)?;
    SeccompRule::new(vec![flags])
}

fn other_family() -> Result<SeccompRule, BackendError> {
    let others = FAMILIES.into_iter().map(|family| {
        let family = u64::from(family.unsigned_abs());
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
    });
    SeccompRule::new(others.collect::<Result<_, _>>()?)
}

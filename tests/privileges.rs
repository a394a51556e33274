//! What a thread can do after it gave its privileges up: each test gives up those of a thread of
//! its own, so that the others keep theirs.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::net::{TcpListener, ToSocketAddrs, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use lvsctl::sys::privileges::{
    CapabilitySet, Confined, Identity, Left, NoIdentity, Privileges, held,
};
use lvsctl::sys::state::Folder;
use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, socket};
use rustix::process::{Uid, geteuid};
use rustix::system::sethostname;
use rustix::thread::{
    LinkNameSpaceType, UnshareFlags, move_into_link_name_space, set_thread_res_uid,
};

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let root = geteuid().is_root();
    if !root {
        eprintln!("skipped: only root has privileges to give up");
    }
    root
}

/// A folder that everybody may enter and write to, which ends with the test.
struct Stage(PathBuf);

impl Stage {
    fn new(name: &str) -> Self {
        let name = format!("lvsctl-privileges-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        Self(folder)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// On a thread that has nothing else left.
fn with<T: Send>(privileges: &Privileges, then: impl FnOnce(Left) -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(|| then(privileges.give_up().unwrap()));
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn nobody() -> Identity {
    Identity::named("nobody").unwrap()
}

/// The lines of the calling thread's status that tell of privileges.
fn status() -> BTreeMap<String, String> {
    let text = fs::read_to_string("/proc/thread-self/status").unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let lines = lines.map(|(name, value)| {
        let words: Vec<&str> = value.split_whitespace().collect();
        (name.to_owned(), words.join(" "))
    });
    let told = [
        "Uid",
        "Gid",
        "Groups",
        "CapInh",
        "CapPrm",
        "CapEff",
        "CapBnd",
        "CapAmb",
        "NoNewPrivs",
        "Seccomp",
    ];
    lines
        .filter(|(name, _)| told.contains(&name.as_str()))
        .collect()
}

#[test]
fn nothing_is_left_but_what_is_kept_and_threads_that_are_started_have_the_same() {
    if !is_root() {
        return;
    }
    let kept = CapabilitySet::NET_ADMIN | CapabilitySet::NET_RAW;
    let privileges = Privileges {
        identity: Some(nobody()),
        keep: kept,
        sandbox: Some(Vec::new()),
    };
    let before = status();
    let (own, started) = with(&privileges, |left| {
        assert_eq!(left.capabilities, kept);
        assert_eq!(left.seccomp, Confined::Yes);
        (status(), thread::spawn(status).join().unwrap())
    });
    assert_eq!(status(), before, "who did not give up has what it had");
    assert_eq!(own, started);
    let caps = format!("{:016x}", kept.bits());
    let none = format!("{:016x}", 0);
    let group = nobody().group;
    let ids = |id: u32| format!("{id} {id} {id} {id}");
    for (line, want) in [
        ("Uid", ids(NOBODY)),
        ("Gid", ids(group)),
        ("CapPrm", caps.clone()),
        ("CapEff", caps.clone()),
        ("CapBnd", caps),
        ("CapInh", none.clone()),
        ("CapAmb", none),
        ("NoNewPrivs", "1".to_owned()),
        ("Seccomp", "2".to_owned()),
    ] {
        assert_eq!(own[line], want, "{line}");
    }
    let groups: Vec<u32> = own["Groups"]
        .split(' ')
        .filter_map(|id| id.parse().ok())
        .collect();
    assert!(!groups.contains(&0), "{groups:?}");
}

#[test]
fn there_is_no_way_back() {
    if !is_root() {
        return;
    }
    for sandbox in [None, Some(Vec::new())] {
        let privileges = Privileges {
            identity: Some(nobody()),
            keep: CapabilitySet::NET_ADMIN,
            sandbox,
        };
        with(&privileges, |_| {
            let root = Uid::ROOT;
            assert_eq!(set_thread_res_uid(root, root, root), Err(Errno::PERM));
            let again = Privileges {
                identity: Some(Identity::named("0:0").unwrap()),
                ..privileges.clone()
            };
            assert!(again.give_up().is_err());
            assert_eq!(held(), CapabilitySet::NET_ADMIN);
        });
    }
}

#[test]
fn what_is_not_there_is_not_given() {
    if !is_root() {
        return;
    }
    let keep = |keep| Privileges {
        identity: None,
        keep,
        sandbox: None,
    };
    with(&keep(CapabilitySet::NET_RAW), |_| {
        let left = keep(CapabilitySet::all()).give_up().unwrap();
        assert_eq!(left.capabilities, CapabilitySet::NET_RAW);
        assert_eq!(
            (left.seccomp, left.landlock),
            (Confined::Off, Confined::Off)
        );
    });
}

/// Root, so that nothing but the sandbox stands in the way.
fn sandboxed(folders: &[PathBuf]) -> Privileges {
    Privileges {
        identity: None,
        keep: CapabilitySet::all(),
        sandbox: Some(folders.to_vec()),
    }
}

/// By name, whether each is refused as a filter refuses.
fn what_intruders_do() -> Vec<(&'static str, bool)> {
    let errno = |done: io::Result<()>| done.err().and_then(|error| error.raw_os_error());
    let refused = |done: io::Result<()>| errno(done) == Some(Errno::PERM.raw_os_error());
    let of = |done: Result<(), Errno>| refused(done.map_err(io::Error::from));
    let namespace = File::open("/proc/thread-self/ns/net").unwrap();
    let network = Some(LinkNameSpaceType::Network);
    let name = rustix::system::uname();
    #[expect(
        deprecated,
        reason = "the successor is unsafe for a flag that is not used"
    )]
    let unshare = |flags| rustix::thread::unshare(flags);
    vec![
        (
            "another program",
            refused(Command::new("/bin/true").status().map(drop)),
        ),
        (
            "another user",
            of(set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)),
        ),
        (
            "another namespace",
            of(move_into_link_name_space(namespace.as_fd(), network)),
        ),
        ("a new namespace", of(unshare(UnshareFlags::NEWNET))),
        (
            "another host name",
            of(sethostname(name.nodename().to_bytes())),
        ),
        (
            "packets as they are",
            of(socket(AddressFamily::PACKET, SocketType::DGRAM, None).map(drop)),
        ),
    ]
}

#[test]
fn calls_that_a_balancer_never_makes_are_refused_even_to_root() {
    if !is_root() {
        return;
    }
    let all = |refused| move |(what, is): (&'static str, bool)| assert_eq!(is, refused, "{what}");
    with(&sandboxed(&[]), |_| {
        what_intruders_do().into_iter().for_each(all(true));
    });
    let free = Privileges {
        sandbox: None,
        ..sandboxed(&[])
    };
    with(&free, |_| {
        what_intruders_do().into_iter().for_each(all(false));
    });
}

/// Something done to a folder.
type Does<'a> = &'a dyn Fn(PathBuf) -> io::Result<()>;

#[test]
fn it_is_written_where_that_is_allowed_and_nowhere_else() {
    let (own, other) = (Stage::new("own"), Stage::new("other"));
    for stage in [&own, &other] {
        fs::write(stage.0.join("old"), "old").unwrap();
    }
    let missing = own.0.join("folder/that/is/not/there");
    let landlock = with(&sandboxed(std::slice::from_ref(&missing)), |left| {
        if left.landlock == Confined::No {
            return left.landlock;
        }
        let folder = |stage: &Stage| stage.0.clone();
        let write = |folder: PathBuf| fs::write(folder.join("old"), "new");
        let replace = |folder: PathBuf| {
            fs::write(folder.join("new"), "new")?;
            fs::rename(folder.join("new"), folder.join("old"))
        };
        let fifo = |folder: PathBuf| {
            Ok(mkfifoat(
                CWD,
                folder.join("fifo"),
                Mode::from_raw_mode(0o600),
            )?)
        };
        let remove = |folder: PathBuf| fs::remove_file(folder.join("old"));
        let does: [(&str, Does<'_>); 4] = [
            ("write", &write),
            ("replace", &replace),
            ("fifo", &fifo),
            ("remove", &remove),
        ];
        for (what, does) in does {
            does(folder(&own)).unwrap_or_else(|error| panic!("{what}: {error}"));
            let error = does(folder(&other)).expect_err(what);
            assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{what}");
        }
        let link = std::os::unix::fs::symlink("/etc", own.0.join("link"));
        assert_eq!(link.unwrap_err().kind(), ErrorKind::PermissionDenied);
        // What is read is up to who owns it.
        assert_eq!(fs::read_to_string(other.0.join("old")).unwrap(), "old");
        left.landlock
    });
    if landlock == Confined::No {
        eprintln!("skipped: this kernel has no Landlock");
    }
}

#[test]
fn the_folder_of_a_namespace_is_given_away_and_what_a_link_leads_to_is_not() {
    if !is_root() {
        return;
    }
    let (stage, other) = (Stage::new("given"), Stage::new("kept"));
    let folder = Folder::open(&stage.0, None).unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("owned.json"), "{}").unwrap();
    fs::write(other.0.join("target"), "").unwrap();
    std::os::unix::fs::symlink(other.0.join("target"), file("link")).unwrap();
    fs::hard_link(other.0.join("target"), file("other")).unwrap();
    folder.give_to(NOBODY, 1).unwrap();
    let owner = |path: &Path| {
        let about = fs::metadata(path).unwrap();
        (about.uid(), about.gid())
    };
    assert_eq!(owner(folder.path()), (NOBODY, 1));
    assert_eq!(owner(&file("owned.json")), (NOBODY, 1));
    assert_eq!(owner(&other.0.join("target")), (0, 0));
    let privileges = Privileges {
        identity: Some(nobody()),
        keep: CapabilitySet::empty(),
        sandbox: Some(vec![stage.0.clone()]),
    };
    with(&privileges, |_| {
        fs::write(file("owned.json.new"), "{}").unwrap();
        fs::rename(file("owned.json.new"), file("owned.json")).unwrap();
        folder.lock().unwrap();
    });
}

#[test]
fn somebody_is_found_by_name_and_by_number() {
    let by = |words: &str| Identity::named(words).map(|found| (found.user, found.group));
    let group = nobody().group;
    assert_eq!(by("nobody"), Ok((NOBODY, group)));
    assert_eq!(by("nobody:daemon"), Ok((NOBODY, 1)));
    assert_eq!(by("65534"), Ok((NOBODY, group)));
    assert_eq!(by("65534:7"), Ok((NOBODY, 7)));
    assert_eq!(by("4000000:7"), Ok((4_000_000, 7)));
    assert_eq!(by("4000000"), Err(NoIdentity::NoGroup(4_000_000)));
    let no_user = |name: &str| Err(NoIdentity::User(name.to_owned()));
    assert_eq!(by("nosuch-user"), no_user("nosuch-user"));
    assert_eq!(by(""), no_user(""));
    let no_group = |name: &str| Err(NoIdentity::Group(name.to_owned()));
    assert_eq!(by("nobody:nosuch-group"), no_group("nosuch-group"));
    assert_eq!(by("nobody:"), no_group(""));
}

#[test]
fn a_daemon_does_not_start_for_a_user_that_is_not_there() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dr/dr-master.conf");
    let output = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .args(["daemon", "--user", "nosuch-user", file])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        said.contains("there is no user nosuch-user (remedy: useradd"),
        "{said}"
    );
}

#[test]
fn what_a_balancer_does_goes_on() {
    let socket_of = |family| socket(family, SocketType::DGRAM, None).map(drop);
    with(&sandboxed(&[]), |_| {
        for family in [
            AddressFamily::UNIX,
            AddressFamily::INET,
            AddressFamily::INET6,
        ] {
            assert_eq!(socket_of(family), Ok(()), "{family:?}");
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!("localhost:25".to_socket_addrs().unwrap().next().is_some());
        assert_eq!(thread::spawn(|| 7).join().unwrap(), 7);
        assert!(!fs::read("/etc/passwd").unwrap().is_empty());
        assert!(lvsctl::sys::netns::identity().is_ok());
    });
}

//! OpenSMTPD, which speaks stricter SMTP than a library for tests, and delivers.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use lvsctl::notify::{Notifier, Patience};

use super::mail::{file, subject};
use super::server::free_port;
use super::{Folder, nobody, turned, until};

/// Its spool and its socket have one place only, so that it has mounts of its own; it ends with
/// the command.
const DAEMON: &str = "mount -t tmpfs none /run && mount -t tmpfs -o mode=711 none /var/spool/smtpd \
    && exec smtpd -d -f \"$0\"";

struct Daemon(Child);

impl Daemon {
    /// Whoever a mail is for, it is kept in the folder.
    fn start(folder: &Folder, port: u16) -> Self {
        let mail = folder.path("mail");
        fs::create_dir(&mail).unwrap();
        // It delivers as the user who gets the mail.
        fs::set_permissions(&mail, fs::Permissions::from_mode(0o777)).unwrap();
        let configuration = format!(
            "listen on 127.0.0.1 port {port} hostname mail.lab.test\n\
             table all {{ \"@\" = \"nobody\" }}\n\
             action \"keep\" maildir \"{}\" virtual <all>\n\
             match from any for any action \"keep\"\n",
            mail.display()
        );
        let path = folder.path("smtpd.conf");
        fs::write(&path, configuration).unwrap();
        let child = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", DAEMON])
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let daemon = Self(child);
        until("OpenSMTPD listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Why it cannot be run; `None` where it can.
fn absent() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return Some("it starts as root only");
    }
    let known = Command::new("smtpd").arg("-h").output();
    known.is_err().then_some("OpenSMTPD is not installed")
}

#[test]
fn opensmtpd_delivers_each_mail_to_everybody() {
    if let Some(reason) = absent() {
        let must = std::env::var_os("CI").is_some();
        assert!(!must, "{reason}");
        return eprintln!("skipped: {reason}");
    }
    let folder = Folder::new();
    let port = free_port();
    let _daemon = Daemon::start(&folder, port);
    let director = file(port);
    let mut notifier = Notifier::start(&director, nobody(), Patience::default());
    notifier.tell(&turned(&director, false));
    notifier.tell(&turned(&director, true));
    let texts = || -> Vec<String> {
        let Ok(entries) = fs::read_dir(folder.path("mail/new")) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    };
    until("three people have two mails each", || texts().len() == 6);
    for (state, word) in [("DOWN", "failed"), ("UP", "succeed")] {
        let subject = subject(state);
        let body = format!("\n\n=> TCP CHECK {word} on service <=\n");
        let same = |text: &&String| {
            let unfolded = text.replace("\n ", " ");
            unfolded.contains(&format!("\nSubject: {subject}\n")) && text.ends_with(&body)
        };
        assert_eq!(texts().iter().filter(same).count(), 3, "{:?}", texts());
    }
    notifier.stop();
}

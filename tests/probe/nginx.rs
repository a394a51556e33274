//! A real nginx on an address of its own, ended with the value.
#![allow(dead_code, reason = "not every file of tests needs all of it")]

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(crate) struct Nginx {
    child: Child,
    folder: PathBuf,
}

/// An address of the loopback that no other process has, by our process id; and a port that no
/// other test of ours has.
pub(crate) fn own_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let ip = IpAddr::V4(Ipv4Addr::new(127, 64 | high, middle, low));
    let port = 20_000 + NEXT.fetch_add(1, Ordering::Relaxed);
    SocketAddr::new(ip, u16::try_from(port).unwrap())
}

impl Nginx {
    /// `servers` is what stands inside `http`; `files` are put into the folder that it is run in.
    pub(crate) fn start(at: SocketAddr, servers: &str, files: &[(&str, &[u8])]) -> Self {
        let name = format!("lvsctl-nginx-{}-{}", std::process::id(), at.port());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        for (name, content) in files {
            fs::write(folder.join(name), content).unwrap();
        }
        let user = if rustix::process::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let conf = format!(
            "{user}\ndaemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\n\
             events {{}}\nhttp {{\n\
             log_format asked '$request|$http_user_agent|$http_host|$http_connection';\n\
             access_log access.log asked;\nroot .;\n\
             client_body_temp_path body;\nproxy_temp_path proxy;\nfastcgi_temp_path fastcgi;\n\
             uwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n{servers}\n}}\n"
        );
        fs::write(folder.join("nginx.conf"), conf).unwrap();
        let child = Command::new("/usr/sbin/nginx")
            .arg("-p")
            .arg(&folder)
            .args(["-c", "nginx.conf", "-e", "error.log"])
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed");
        let mut nginx = Self { child, folder };
        nginx.wait_for(at);
        nginx
    }

    fn wait_for(&mut self, at: SocketAddr) {
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(at).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < end,
                "nginx: {}",
                fs::read_to_string(self.folder.join("error.log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What was asked of it: request, user agent, host and connection, parted by bars.
    pub(crate) fn asked(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.join("access.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

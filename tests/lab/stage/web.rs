use std::time::Duration;

use super::client::{WHOLE, get};
use super::host::Host;
use super::process::Process;
use super::wait_until;

/// nginx on one real server. `/` says the server's name; `/whole` is a transfer's body, little of
/// it ahead of its reader. On port 81 a connection stays open from one request for `/` to the next.
#[derive(Debug)]
pub struct Web {
    process: Option<Process>,
}

impl Web {
    pub fn start(host: &Host, name: &str) -> Self {
        let dir = host.dir.to_str().unwrap();
        std::fs::write(host.dir.join("whole"), vec![b'x'; WHOLE]).unwrap();
        let conf = format!(
            "daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/error.log;
             events {{ worker_connections 1024; }}
             http {{
                 access_log off; keepalive_timeout 0;
                 client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;
                 uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
                 server {{
                     listen 80 sndbuf=32k;
                     location = / {{ return 200 \"{name}\\n\"; }}
                     location = /whole {{ root {dir}; }}
                 }}
                 server {{
                     listen 81 backlog=4096;
                     keepalive_timeout 1h; keepalive_requests 1000000;
                     location = / {{ return 200 \"{name}\\n\"; }}
                 }}
             }}"
        );
        let conf = host.write("nginx.conf", &conf);
        let mut web = Self { process: None };
        web.process = Some(host.spawn("nginx.log", &["nginx", "-p", dir, "-c", &conf]));
        web
    }

    /// Waits until the one on a host answers on the loopback of its host.
    pub fn wait(host: &Host) {
        let answers = || get(host, "127.0.0.1:80", "/").is_ok();
        assert!(
            wait_until(Duration::from_secs(30), answers).is_ok(),
            "nginx does not answer"
        );
    }

    pub fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }
}

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::stage::host::Host;
use crate::stage::process::Process;
use crate::stage::wait_until;

/// nginx, which has the pages of a folder.
pub struct Web {
    _process: Process,
}

impl Web {
    pub fn start(host: &Host, address: &str, dir: &Path, tls: bool) -> Self {
        fs::create_dir_all(dir.join("pages")).unwrap();
        let here = dir.to_str().unwrap();
        let (port, secret) = if tls {
            (443, certificate(here))
        } else {
            (80, String::new())
        };
        let ssl = if tls { " ssl" } else { "" };
        let conf = format!(
            "daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log;
             events {{ worker_connections 64; }}
             http {{
                 access_log off; keepalive_timeout 0;
                 client_body_temp_path {here}/b; proxy_temp_path {here}/p; fastcgi_temp_path {here}/f;
                 uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;
                 server {{ listen {address}:{port}{ssl}; {secret} root {here}/pages; }}
             }}"
        );
        let path = dir.join("nginx.conf");
        fs::write(&path, conf).unwrap();
        let line = ["nginx", "-p", here, "-c", path.to_str().unwrap()];
        let process = host.inside(|| Process::start(dir.join("nginx.log"), &line));
        let answers = || host.inside(|| std::net::TcpStream::connect((address, port)).is_ok());
        let up = wait_until(Duration::from_secs(30), answers);
        assert!(up.is_ok(), "nginx does not answer:\n{}", process.log());
        Self { _process: process }
    }
}

/// A key and a certificate that signs itself, made once; the lines of nginx that name them.
fn certificate(dir: &str) -> String {
    let (key, certificate) = (format!("{dir}/key.pem"), format!("{dir}/certificate.pem"));
    if !Path::new(&certificate).exists() {
        let output = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args([
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=lab",
                "-keyout",
                &key,
                "-out",
                &certificate,
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    format!("ssl_certificate {certificate}; ssl_certificate_key {key};")
}

use std::fs::File;
use std::io::Write;

use crate::stage::director::{LVSCTL, example};
use crate::stage::host::Host;
use crate::stage::topology::prefix;

/// Runs a command that must be refused, and returns what it said.
fn refused(host: &Host, line: &[&str]) -> String {
    let output = host.run(line);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{line:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn without_the_capability_the_remedy_is_named() {
    let host = Host::new(&prefix(), "host");
    let file = host.write("dr.conf", &example("dr-master.conf"));
    let bound = [
        "setpriv",
        "--bounding-set=-net_admin",
        "--inh-caps=-net_admin",
    ];
    let user = ["unshare", "--user", "--map-root-user", "--net"];
    for front in [&bound[..], &user[..]] {
        for command in ["plan", "apply", "daemon"] {
            let mut line = front.to_vec();
            line.extend([LVSCTL, command, &file]);
            let said = refused(&host, &line);
            assert!(
                said.contains("CAP_NET_ADMIN in the initial user namespace"),
                "{said}"
            );
        }
    }
}

#[test]
fn a_file_that_cannot_be_used_is_refused_and_the_table_stays() {
    let host = Host::new(&prefix(), "host");
    host.ip("link set lo up\n");
    let good = host.write("dr.conf", &example("dr-master.conf"));
    let state = host.dir.join("state").to_str().unwrap().to_owned();
    let command = |command: &str, file: &str| {
        let line = [LVSCTL, command, "--state-dir", &state, file];
        line.map(str::to_owned)
    };
    let run = |verb: &str, file: &str| {
        let line = command(verb, file);
        refused(&host, &line.each_ref().map(String::as_str))
    };
    let line = command("apply", &good);
    host.ask(&line.each_ref().map(String::as_str));
    let before = host.ask(&["ipvsadm", "-Sn"]);

    let braces = host.dir.join("braces.conf");
    let mut file = File::create(&braces).unwrap();
    let block = vec![b'{'; 1 << 20];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    let directory = host.dir.to_str().unwrap().to_owned();
    let empty = host.write("empty.conf", "");
    let cases = [
        ("/nowhere/keepalived.conf", "there is no such file"),
        (directory.as_str(), "it is a directory"),
        (empty.as_str(), "names no virtual server"),
        (braces.to_str().unwrap(), "larger than"),
    ];
    for (file, want) in cases {
        for verb in ["plan", "apply", "daemon"] {
            let said = run(verb, file);
            assert!(said.contains(want), "{verb} {file}: {said}");
        }
        assert_eq!(host.ask(&["ipvsadm", "-Sn"]), before, "{file}");
    }
    let seed = example("dr-master.conf");
    for nth in 0..24 {
        let at = seed.len() * nth / 24;
        let cut = host.dir.join("cut.conf");
        std::fs::write(&cut, &seed.as_bytes()[..at]).unwrap();
        run("apply", cut.to_str().unwrap());
        assert_eq!(host.ask(&["ipvsadm", "-Sn"]), before, "cut at {at}");
    }
}

#[test]
fn an_unknown_namespace_is_named_with_its_remedy() {
    let host = Host::new(&prefix(), "host");
    let file = host.write("dr.conf", &example("dr-master.conf"));
    let said = refused(&host, &[LVSCTL, "plan", "--netns", "nosuch", &file]);
    assert!(said.contains("ip netns add nosuch"), "{said}");
}

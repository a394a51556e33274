use std::path::Path;

use crate::stage::director::LVSCTL;
use crate::stage::host::Host;
use crate::stage::topology::prefix;
use crate::stated::expected;

fn fixture(code: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/kernel");
    let path = folder.join(format!("{code}.conf"));
    path.to_str().unwrap().to_owned()
}

/// Line and code of what the kernel was found to say.
fn found(answer: &[u8]) -> Vec<(usize, usize, String)> {
    let report: serde_json::Value = serde_json::from_slice(answer).unwrap();
    let all = report["findings"].as_array().unwrap().iter();
    let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let tell = |finding: &serde_json::Value| {
        let code = finding["code"].as_str().unwrap().to_owned();
        let start = &finding["start"];
        (number(&start["line"]), number(&start["column"]), code)
    };
    let all = all.map(tell);
    all.filter(|(_, _, code)| code.starts_with("kernel-"))
        .collect()
}

/// All that a rehearsal could have left on a host.
fn state(host: &Host) -> Vec<String> {
    let commands: [&[&str]; 5] = [
        &["ipvsadm", "-Sn"],
        &["ipvsadm", "-Ln", "--timeout"],
        &["cat", "/proc/net/ip_vs"],
        &["ip", "-o", "addr"],
        &["sh", "-c", "grep -r . /proc/sys/net/ipv4/vs | sort"],
    ];
    commands.map(|line| host.ask(line)).to_vec()
}

#[test]
fn what_the_kernel_refuses_is_found_and_the_table_of_the_host_stays() {
    let host = Host::new(&prefix(), "host");
    host.ip("link set lo up\nlink add dummy0 type dummy\naddr add 192.0.2.1/24 dev dummy0\n");
    for line in [
        // One that the file has too, with other settings, and one of its own.
        "ipvsadm -A -t 192.0.2.14:80 -s rr",
        "ipvsadm -a -t 192.0.2.14:80 -r 192.0.2.99 -g -w 7",
        "ipvsadm -A -f 9 -s sh",
        "ipvsadm --set 100 20 30",
    ] {
        host.ask(&line.split(' ').collect::<Vec<_>>());
    }
    let before = state(&host);
    let file = fixture("kernel-refuses");
    let output = host.run(&[LVSCTL, "lint", "--kernel", "--format", "json", &file]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let mut stated = expected(&std::fs::read_to_string(&file).unwrap());
    let found = found(&output.stdout);
    for (line, column, code) in &found {
        let same = |(at, stated, of): &(usize, Option<usize>, String)| {
            at == line && of == code && stated.is_none_or(|stated| stated == *column)
        };
        let at = stated.iter().position(same);
        stated.swap_remove(at.unwrap_or_else(|| panic!("{code} in line {line}, column {column}")));
    }
    assert!(stated.is_empty(), "stated, not found: {stated:?}");
    assert_eq!(state(&host), before);
    for entry in std::fs::read_dir("/run/netns").unwrap() {
        let name = entry.unwrap().file_name();
        // Those of tests begin so.
        assert!(name.to_str().unwrap().starts_with('t'), "{name:?}");
    }

    let twice = [LVSCTL, "lint", "--kernel", "--format", "json", &file, &file];
    let again = host.run(&twice);
    assert_eq!(self::found(&again.stdout).len(), 2 * found.len());
    assert_eq!(state(&host), before);
}

#[test]
fn the_kernel_finds_nothing_in_what_it_takes() {
    let host = Host::new(&prefix(), "host");
    let file = format!("{}/examples/dr/dr-master.conf", env!("CARGO_MANIFEST_DIR"));
    let output = host.run(&[LVSCTL, "lint", "--kernel", "--format", "json", &file]);
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(found(&output.stdout), []);
    assert_eq!(host.ask(&["ip", "-o", "link"]).lines().count(), 1);
}

#[test]
fn a_file_that_is_refused_is_not_rehearsed_and_that_is_said() {
    let host = Host::new(&prefix(), "host");
    let file = host.write("cut.conf", "virtual_server 192.0.2.10 80 {\n");
    let output = host.run(&[LVSCTL, "lint", "--kernel", &file]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("is not rehearsed"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn who_may_not_rehearse_is_told_what_it_takes() {
    let host = Host::new(&prefix(), "host");
    let bound = |capability: &str| {
        [
            "setpriv".to_owned(),
            format!("--bounding-set=-{capability}"),
            format!("--inh-caps=-{capability}"),
        ]
    };
    let user = ["unshare", "--user", "--map-root-user"].map(str::to_owned);
    let cases = [
        (bound("sys_admin"), "CAP_SYS_ADMIN"),
        (user, "CAP_NET_ADMIN in the initial user namespace"),
    ];
    let file = fixture("kernel-refuses");
    for (front, want) in cases {
        let mut line: Vec<&str> = front.iter().map(String::as_str).collect();
        line.extend([LVSCTL, "lint", "--kernel", &file]);
        let output = host.run(&line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(want), "{said}");
        assert!(said.contains("nothing was rehearsed"), "{said}");
    }
}

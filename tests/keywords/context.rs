//! The clean file around one word: nothing in it is to be said of but the line under test.

/// Stands for a folder with a readable file `f` and a folder `d`.
pub(crate) const FOLDER: &str = "/FOLDER";

const GLOBALS: &str = "global_defs {\nenable_script_security\nscript_user root\n}\n";
const SCRIPT: &str = "vrrp_script S {\nscript /bin/true\n}\n";
const FILE: &str = "track_file F {\nfile /FOLDER/f\n}\n";
const PROCESS: &str = "vrrp_track_process P {\nprocess sshd\n}\n";
const SESSION: &str = "bfd_instance B {\nneighbor_ip 10.1.1.1\n}\n";
const PEER: &str = "unicast_peer {\n10.1.1.2\n}\n";
const URL: &str = "url {\npath /\n}\n";

/// A whole file with `line` in `block`; `word` is what the line begins with, or would.
pub(crate) fn text(block: &str, word: &str, line: &str) -> String {
    let line = &format!("{line}\n");
    match block {
        "root" => root(word, line),
        "global_defs" => global_defs(word, line),
        "virtual_server" => GLOBALS.to_owned() + &virtual_server(word, line),
        "real_server" => real_server(word, line),
        "vrrp_instance" => vrrp_instance(word, line),
        "authentication" | "auth_hmac" => {
            let inside = format!("{block} {{\n{}{line}}}\n", beside(block, word));
            GLOBALS.to_owned() + &instance("V", &[], &inside)
        }
        "vrrp_sync_group" | "track_group" => {
            let defined = [GLOBALS, SCRIPT, FILE, PROCESS, SESSION].concat();
            let group = format!("{block} G {{\n{}{line}}}\n", beside(block, word));
            [defined, group, instances()].concat()
        }
        "SSL" | "garp_group" => {
            format!("{GLOBALS}{block} {{\n{}{line}}}\n", beside(block, word))
        }
        check if check.contains("_CHECK") || check.contains("_GET") => in_check(check, word, line),
        named => format!("{GLOBALS}{named} N {{\n{}{line}}}\n", beside(named, word)),
    }
}

/// What the block of a word cannot do without.
fn beside(block: &str, word: &str) -> &'static str {
    match (block, word) {
        ("bfd_instance", "neighbor_ip" | "neighbour_ip")
        | ("track_file" | "vrrp_track_file", "file")
        | ("vrrp_track_process", "process")
        | ("vrrp_script", "script")
        | ("vrrp_sync_group", "group")
        | ("auth_hmac", "key") => "",
        ("bfd_instance", "max_hops") => "neighbor_ip 10.1.1.1\nttl 255\n",
        ("bfd_instance", _) => "neighbor_ip 10.1.1.1\n",
        ("track_file" | "vrrp_track_file", _) => "file /FOLDER/f\n",
        ("vrrp_track_process", _) => "process x\n",
        ("vrrp_script", _) => "script /bin/true\n",
        ("vrrp_sync_group", _) => "group {\nV\nW\n}\n",
        ("auth_hmac", _) => "key 1 secret\n",
        ("authentication", "auth_type") => "auth_pass x\n",
        ("authentication", "auth_pass") => "auth_type PASS\n",
        ("authentication", _) => "auth_type PASS\nauth_pass x\n",
        ("garp_group", "garp_interval") => "interface eth0\n",
        ("garp_group", "interface" | "interfaces") => "garp_interval 0.1\n",
        ("garp_group", _) => "garp_interval 0.1\ninterface eth0\n",
        _ => "",
    }
}

/// The same file without the word.
pub(crate) fn plain() -> String {
    GLOBALS.to_owned() + &service("10.0.0.1 80", &[], "", "")
}

fn unless(given: bool, text: &str) -> &str {
    if given { "" } else { text }
}

/// `line` opens a block where it ends with a brace, and what it needs follows.
fn root(word: &str, line: &str) -> String {
    let instances = instances();
    let (inside, behind) = match word {
        "global_defs" => {
            return format!("{line}enable_script_security\nscript_user root\n}}\n");
        }
        "SSL" => ("ca /x\n", ""),
        "track_file" | "vrrp_track_file" => ("file /FOLDER/f\n", ""),
        "bfd_instance" => ("neighbor_ip 10.1.1.1\n", ""),
        "vrrp_instance" => (
            "interface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n10.9.0.1/24\n}\n",
            "",
        ),
        "vrrp_sync_group" => ("group {\nV\nW\n}\n", instances.as_str()),
        "vrrp_script" => ("script /bin/true\n", ""),
        "vrrp_track_process" => ("process x\n", ""),
        "garp_group" => ("garp_interval 0.1\ninterface eth0\n", ""),
        "track_group" => ("group {\nV\n}\n", instances.as_str()),
        "virtual_server" => (
            "delay_loop 6\nlb_algo rr\nlb_kind NAT\nprotocol TCP\npersistence_timeout 5\n\
             real_server 192.168.1.1 80 {\n}\n",
            "",
        ),
        _ => return format!("{line}{GLOBALS}"),
    };
    format!("{GLOBALS}{line}{inside}}}\n{behind}")
}

fn global_defs(word: &str, line: &str) -> String {
    let user = unless(word == "script_user", "script_user root\n");
    let security = "enable_script_security\n";
    let security = unless(word == "enable_script_security", security);
    let before = match word {
        "nftables_ipvs_priority" => "nftables_ipvs\n",
        _ => "",
    };
    let behind = match word {
        "lvs_sync_daemon" => instance("V", &[], ""),
        _ => String::new(),
    };
    format!("global_defs {{\n{security}{user}{before}{line}}}\n{behind}")
}

/// A virtual server with one real server; `without` are words that are left out.
fn service(head: &str, without: &[&str], lines: &str, inside_real: &str) -> String {
    let usual = ["delay_loop 6", "lb_algo rr", "lb_kind NAT", "protocol TCP"];
    let usual = spoken(&usual, without);
    format!(
        "virtual_server {head} {{\n{usual}{lines}real_server 192.168.1.1 80 {{\n{inside_real}}}\n}}\n"
    )
}

fn spoken(lines: &[&str], without: &[&str]) -> String {
    let said = lines.iter().filter(|line| {
        !without
            .iter()
            .any(|word| line.split(' ').next() == Some(word))
    });
    said.flat_map(|line| [line, "\n"]).collect()
}

fn virtual_server(word: &str, line: &str) -> String {
    let plain = service("10.0.0.1 80", &[word], line, "");
    match word {
        "sh-port" | "sh-fallback" | "hashed" => plain.replace("lb_algo rr", "lb_algo sh"),
        "mh-port" | "mh-fallback" => plain.replace("lb_algo rr", "lb_algo mh"),
        "ops" => plain.replace("protocol TCP", "protocol UDP"),
        "ip_family" => {
            let real = if line.contains("inet6") {
                "fd00::1"
            } else {
                "192.168.1.1"
            };
            let marked = service("fwmark 5", &["protocol"], line, "");
            marked
                .replace("192.168.1.1 80", real)
                .replace("lb_kind NAT", "lb_kind DR")
        }
        "lvs_method" => service("10.0.0.1 80", &["lb_kind"], line, ""),
        "lvs_sched" => service("10.0.0.1 80", &["lb_algo"], line, ""),
        "sorry_server_inhibit" | "sorry_server_lvs_method" => {
            let lines = format!("sorry_server 10.0.0.9 80\n{line}");
            service("10.0.0.1 80", &[], &lines, "")
        }
        "real_server" => {
            let lines = format!("{line}weight 1\n}}\n");
            service("10.0.0.1 80", &[], &lines, "")
        }
        "quorum" | "hysteresis" => heavy(word, line),
        _ => plain,
    }
}

/// Servers that weigh as much as a quorum can be.
fn heavy(word: &str, line: &str) -> String {
    let quorum = match word {
        "hysteresis" => "quorum 4294967295\n",
        _ => "",
    };
    let most = "weight 2147483647\n";
    let lines = format!(
        "{quorum}real_server 192.168.1.2 80 {{\n{most}}}\nreal_server 192.168.1.3 80 {{\n}}\n{line}"
    );
    service("10.0.0.1 80", &[], &lines, most)
}

fn real_server(word: &str, line: &str) -> String {
    let defined = [GLOBALS, FILE, SESSION].concat();
    let opens = line.ends_with("{\n");
    match word {
        // Without weight no quorum can be reached: another server has one.
        "weight" => {
            let other = "real_server 192.168.1.2 80 {\nweight 1\n}\n";
            defined + &service("10.0.0.1 80", &[], other, line)
        }
        _ if opens => {
            let inside = format!("{line}{}}}\n", needed(word));
            defined + &service("10.0.0.1 80", &[], "", &inside)
        }
        _ => defined + &service("10.0.0.1 80", &[], "", line),
    }
}

/// What a check block cannot do without.
fn needed(check: &str) -> &'static str {
    match check {
        "HTTP_GET" | "SSL_GET" => URL,
        "MISC_CHECK" => "misc_path /bin/true\n",
        "BFD_CHECK" => "name B\n",
        "FILE_CHECK" => "track_file F\n",
        _ => "",
    }
}

fn in_check(check: &str, word: &str, line: &str) -> String {
    let (check, outer) = match check.split_once('.') {
        Some((check, "url")) => {
            let path = unless(word == "path", "path /\n");
            (check, format!("url {{\n{path}{line}}}\n"))
        }
        Some((check, inner)) => (check, format!("{inner} {{\n{line}}}\n")),
        None => (check, lines_of_check(check, word, line)),
    };
    let inside = format!("{check} {{\n{outer}}}\n");
    let defined = [GLOBALS, FILE, SESSION].concat();
    defined + &service("10.0.0.1 80", &[], "", &inside)
}

fn lines_of_check(check: &str, word: &str, line: &str) -> String {
    match word {
        "url" => format!("{line}path /\n}}\n"),
        "host" => format!("{line}connect_port 25\n}}\n"),
        "min_reply_length" => format!("{line}max_reply_length 65535\n"),
        _ if needed(check).starts_with(&format!("{word} ")) => line.to_owned(),
        _ => format!("{}{line}", needed(check)),
    }
}

/// A VRRP instance; `without` are words that are left out.
fn instance(name: &str, without: &[&str], lines: &str) -> String {
    let (id, addresses) = match name {
        "V" => (
            "virtual_router_id 51",
            "virtual_ipaddress {\n10.9.0.1/24\n}",
        ),
        _ => (
            "virtual_router_id 52",
            "virtual_ipaddress {\n10.9.0.2/24\n}",
        ),
    };
    let usual = [
        "state BACKUP",
        "interface eth0",
        id,
        "priority 100",
        "advert_int 1",
        addresses,
    ];
    let usual = spoken(&usual, without);
    format!("vrrp_instance {name} {{\n{usual}{lines}}}\n")
}

fn instances() -> String {
    instance("V", &[], "") + &instance("W", &[], "")
}

fn vrrp_instance(word: &str, line: &str) -> String {
    let usual: &[&str] = &[word];
    let addresses: &[&str] = &[word, "virtual_ipaddress"];
    let (without, before, behind) = match word {
        "unicast_src_ip"
        | "unicast_ttl"
        | "unicast_fault_no_peer"
        | "check_unicast_src"
        | "old_unicast_checksum" => (usual, PEER, ""),
        "vrf" => (
            &["interface", "virtual_ipaddress"][..],
            "unicast_peer {\n10.1.1.2\n}\nunicast_src_ip 10.1.1.1\n\
             virtual_ipaddress {\n10.9.0.1/24 dev eth0\n}\n",
            "",
        ),
        "native_ipv6" | "use_ipvlan" => (addresses, "", "virtual_ipaddress {\nfe80::1\n}\n"),
        "interface" => (addresses, "", "virtual_ipaddress {\n10.9.0.1/24\n}\n"),
        "advert_int" if line.contains("0.") => (usual, "version 3\n", ""),
        "vmac_xmit_base" => (usual, "use_vmac\n", ""),
        "authentication" if line.ends_with("{\n") => {
            (usual, "", "auth_type PASS\nauth_pass x\n}\n")
        }
        "auth_hmac" if line.ends_with("{\n") => (usual, "", "key 1 secret\n}\n"),
        _ => (usual, "", ""),
    };
    let tracked = if word.starts_with("track_") {
        [SCRIPT, FILE, PROCESS, SESSION].concat()
    } else {
        String::new()
    };
    let lines = format!("{before}{line}{behind}");
    [GLOBALS, &tracked, &instance("V", without, &lines)].concat()
}

//! Scripts, run for real: by whom, for how long, how many, and what is left of them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "scripts/stage.rs"]
mod stage;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvsctl::health::{About, Cause, News, Part, ProbeId, Question, Verdict, Weighing};
use lvsctl::lint::host::{Host, Seen};
use lvsctl::notify;
use lvsctl::probe::{Means, Prober};
use lvsctl::sys::Here;
use lvsctl::sys::clock;
use lvsctl::sys::scripts::{NotRun, Outcome, Scripts, Vetted};
use stage::{Gate, Stage, gone, is_root, wait_for};
use tokio::sync::mpsc::unbounded_channel;

const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_status_comes_back_with_the_first_line_that_was_said() {
    let stage = Stage::new("status");
    let scripts = stage::start(
        "",
        &stage.script("check", "echo \"$2 of $#\" >&2\necho no >&2\nexit $1"),
    );
    for (arguments, status) in [("0 'a b'", 0), ("1 x", 1), ("255 x", 255)] {
        let ran = scripts.run(arguments, LONG).unwrap();
        let word = if status == 0 { "a b" } else { "x" };
        assert_eq!(ran.outcome, Outcome::Exited(status));
        assert_eq!(ran.said, format!("{word} of 2"));
    }
}

#[test]
fn a_signal_is_told_from_a_status() {
    let stage = Stage::new("signal");
    let scripts = stage::start("", &stage.script("check", "kill -SEGV $$"));
    let ran = scripts.run("", LONG).unwrap();
    assert_eq!(ran.outcome, Outcome::Signalled(11));
}

#[test]
fn a_script_runs_as_its_user_and_in_no_other_groups() {
    if !is_root() {
        return eprintln!("skipped: only root becomes another user");
    }
    let stage = Stage::new("user");
    let path = stage.script("check", "echo $(id -u) $(id -g) $(id -G) >&2");
    let as_nobody = stage::start("global_defs {\nscript_user nobody\n}\n", &path);
    let ran = as_nobody.run("", LONG).unwrap();
    assert_eq!(ran.said, "65534 65534 65534");
    let in_group = stage::start("global_defs {\nscript_user nobody daemon\n}\n", &path);
    assert_eq!(in_group.run("", LONG).unwrap().said, "65534 1 1");
    // Whoever of this host is in some group, as id(1) counts.
    let groups = fs::read_to_string("/etc/group").unwrap();
    let mut members = groups.lines().filter_map(|line| line.rsplit(':').next());
    let Some(user) = members.find_map(|all| all.split(',').find(|user| !user.is_empty())) else {
        return eprintln!("skipped: nobody is in a second group");
    };
    let all = format!("global_defs {{\nscript_user {user}\nset_supplementary_groups\n}}\n");
    let in_all = stage::start(&all, &path).run("", LONG).unwrap().said;
    let counted = Command::new("id").args(["-G", user]).output().unwrap();
    let counted = String::from_utf8(counted.stdout).unwrap();
    let sorted = |numbers: &str| {
        numbers
            .split_whitespace()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let theirs = in_all.splitn(3, ' ').nth(2).unwrap();
    assert!(sorted(theirs).len() > 1, "{in_all}");
    assert_eq!(sorted(theirs), sorted(&counted), "{user}");
}

#[test]
fn a_script_has_the_environment_and_nothing_else_of_ours() {
    let stage = Stage::new("inherited");
    // What somebody who does not care for its descriptors may leave open.
    let leak = fs::File::open("/dev/null").unwrap();
    rustix::io::fcntl_setfd(&leak, rustix::io::FdFlags::empty()).unwrap();
    let body = "echo $(ls /proc/self/fd) $(readlink /proc/self/fd/0) \
                $(ulimit -n) $(grep -e SigBlk -e SigIgn /proc/self/status | cut -f 2) >&2\n\
                echo \"$PATH\" > \"$0.path\"";
    let path = stage.script("check", body);
    let scripts = stage::start("", &path);
    let said = scripts.run("", LONG).unwrap().said;
    let (said, ignored) = said.rsplit_once(' ').unwrap();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let limit = limit.current.unwrap();
    assert_eq!(said, format!("0 1 2 3 /dev/null {limit} 0000000000000000"));
    // Of the C library's own signals, 32 and 33, each program has its way.
    let ignored = u64::from_str_radix(ignored, 16).unwrap();
    assert_eq!(ignored & 0x7fff_ffff, 0, "{ignored:x}");
    let theirs = fs::read_to_string(path.with_extension("path")).unwrap();
    assert_eq!(theirs.trim_end(), std::env::var("PATH").unwrap());
}

#[test]
fn what_a_script_has_started_ends_with_it() {
    let stage = Stage::new("group");
    let body = "sleep 1000 &\necho $! $$ > \"$0.pids\"\nwait";
    let path = stage.script("check", body);
    let scripts = stage::start("", &path);
    let start = Instant::now();
    let ran = scripts.run("", Duration::from_millis(500)).unwrap();
    assert_eq!(ran.outcome, Outcome::TooLong);
    assert!(start.elapsed() < Duration::from_millis(1500));
    for pid in stage.pids(&path) {
        assert!(gone(pid, Duration::from_secs(2)), "{pid} runs on");
    }
}

#[test]
fn what_does_not_hear_sigterm_is_killed_two_seconds_later() {
    let stage = Stage::new("deaf");
    let body = "trap '' TERM\necho $$ > \"$0.pids\"\nwhile :; do sleep 0.2; done";
    let path = stage.script("check", body);
    let scripts = stage::start("", &path);
    let ran = scripts.run("", Duration::from_millis(500)).unwrap();
    assert_eq!(ran.outcome, Outcome::TooLong);
    let told = Instant::now();
    let pid = stage.pids(&path)[0];
    assert!(!gone(pid, Duration::from_millis(1200)), "it had no grace");
    assert!(gone(pid, Duration::from_secs(4)), "it is not killed");
    assert!(told.elapsed() > Duration::from_millis(1800));
}

#[test]
fn a_check_that_nobody_waits_for_ends() {
    let stage = Stage::new("forgotten");
    let path = stage.script("check", "echo $$ > \"$0.pids\"\nexec sleep 1000");
    let scripts = stage::start("", &path);
    let refused = scripts.run_for(LONG, Duration::from_millis(700));
    assert!(refused.is_none());
    assert!(gone(stage.pids(&path)[0], Duration::from_secs(2)));
}

#[test]
fn a_flood_of_words_harms_nobody() {
    let stage = Stage::new("flood");
    let path = stage.script("check", "exec yes 0123456789 >&2");
    let scripts = stage::start("", &path);
    let start = Instant::now();
    let ran = scripts.run("", Duration::from_millis(800)).unwrap();
    assert_eq!(
        (ran.outcome, ran.said.as_str()),
        (Outcome::TooLong, "0123456789")
    );
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_script_that_cannot_be_executed_is_a_failure_and_one_without_interpreter_is_run_by_sh() {
    let stage = Stage::new("interpreter");
    let broken = stage.file("broken", "#!/no/such/interpreter\n", 0o755);
    let scripts = stage::start("", &broken);
    let no_file = rustix::io::Errno::NOENT.raw_os_error();
    let outcome = scripts.run("", LONG).unwrap().outcome;
    assert_eq!(outcome, Outcome::Unstarted(no_file));
    assert!(!outcome.is_fault_of_host());

    let plain = stage.file("plain", "exit 3\n", 0o755);
    let scripts = stage::start("", &plain);
    assert_eq!(scripts.run("", LONG).unwrap().outcome, Outcome::Exited(3));
}

#[test]
fn five_hundred_at_once_take_turns() {
    let stage = Stage::new("many");
    let body = "[ -z \"$1\" ] || { echo $PPID >&2; exit; }\nexec cat \"$0.gate\"";
    let path = stage.script("check", body);
    let gate = Gate::new(path.with_extension("gate"));
    let scripts = stage::start("", &path);
    let process = scripts.run("who", LONG).unwrap().said.parse().unwrap();
    let waits = scripts.run_many(500, || {
        let at_once = || stage::children(process);
        assert!(wait_for(LONG, || at_once() == 256), "{}", at_once());
        assert!(!wait_for(Duration::from_millis(500), || at_once() != 256));
        gate.open();
    });
    let late = waits.iter().filter(|wait| wait.as_millis() >= 500);
    assert_eq!((waits.len(), late.count()), (500, 244));
}

#[test]
fn when_the_process_dies_its_scripts_do_and_another_is_started() {
    let stage = Stage::new("dies");
    let body = "[ -z \"$1\" ] || { echo $PPID >&2; exit; }\necho $$ > \"$0.pids\"\nexec sleep 1000";
    let path = stage.script("check", body);
    let scripts = stage::start("", &path);
    let process: i32 = scripts.run("who", LONG).unwrap().said.parse().unwrap();
    let kill = std::thread::spawn({
        let pids = path.with_extension("pids");
        move || {
            wait_for(LONG, || {
                fs::read_to_string(&pids).is_ok_and(|text| !text.is_empty())
            });
            stage::kill(process);
        }
    });
    let lost = scripts.run("", LONG).unwrap_err();
    kill.join().unwrap();
    let NotRun::Lost(how) = lost else {
        panic!("{lost:?}");
    };
    assert!(how.contains("signal: 9"), "{how}");
    assert!(gone(stage.pids(&path)[0], Duration::from_secs(2)));
    let another: i32 = scripts.run("who", LONG).unwrap().said.parse().unwrap();
    assert_ne!(another, process);
}

#[test]
fn the_end_of_the_daemon_is_the_end_of_all() {
    let stage = Stage::new("end");
    let body = "sleep 1000 &\necho $! $$ $PPID > \"$0.pids\"\nwait";
    let path = stage.script("check", body);
    let scripts = stage::start("", &path);
    scripts.tell("");
    let pids = path.with_extension("pids");
    assert!(wait_for(LONG, || fs::read_to_string(&pids)
        .is_ok_and(|text| text.ends_with('\n'))));
    drop(scripts);
    for pid in stage.pids(&path) {
        assert!(gone(pid, Duration::from_secs(4)), "{pid} runs on");
    }
}

#[test]
fn scripts_told_of_events_start_in_order() {
    let stage = Stage::new("order");
    let path = stage.script("check", "echo $$ $1 >> \"$0.log\"");
    let scripts = stage::start("", &path);
    for event in 10..40 {
        scripts.tell(&event.to_string());
    }
    scripts.finish(LONG);
    let log = fs::read_to_string(path.with_extension("log")).unwrap();
    let mut lines: Vec<(u32, u32)> = log
        .lines()
        .map(|line| {
            let (pid, event) = line.split_once(' ').unwrap();
            (pid.parse().unwrap(), event.parse().unwrap())
        })
        .collect();
    // In order of their start.
    lines.sort_unstable();
    let events: Vec<u32> = lines.iter().map(|(_, event)| *event).collect();
    assert_eq!(events, (10..40).collect::<Vec<_>>());
}

#[test]
fn at_the_stop_a_script_that_was_told_has_its_time_and_no_more() {
    let stage = Stage::new("stop");
    let path = stage.script(
        "check",
        "echo $$ > \"$0.pids\"\nsleep $1\ntouch \"$0.done\"",
    );
    let scripts = stage::start("", &path);
    scripts.tell("0.3");
    scripts.finish(Duration::from_secs(5));
    assert!(path.with_extension("done").exists());

    let scripts = stage::start("", &path);
    fs::remove_file(path.with_extension("pids")).unwrap();
    scripts.tell("1000");
    let start = Instant::now();
    scripts.finish(Duration::from_secs(1));
    let took = start.elapsed();
    assert!((900..1900).contains(&took.as_millis()), "{took:?}");
    assert!(gone(stage.pids(&path)[0], Duration::from_secs(3)));
}

#[test]
fn servers_and_quorums_that_come_and_go_are_told_and_checks_are_not() {
    let stage = Stage::new("notify");
    let path = stage.script("told", "echo \"$# $1\" >> \"$0.log\"");
    let line = |word: &str| format!("{word} \"{} {word}\"\n", path.display());
    let pair = |kind: &str| line(&format!("{kind}_up")) + &line(&format!("{kind}_down"));
    let text = format!(
        "virtual_server 192.0.2.1 80 {{\nprotocol TCP\nlb_algo rr\n{}\
         real_server 192.0.2.10 80 {{\n{}TCP_CHECK {{\n}}\n}}\n\
         real_server 192.0.2.11 80 {{\nTCP_CHECK {{\n}}\n}}\n}}\n",
        pair("quorum"),
        pair("notify"),
    );
    let director = Arc::new(stage::read(text));
    let told = |part: Part, up: bool| {
        let scripts = stage::scripts_of(&director);
        let about = About {
            director: Arc::clone(&director),
            virtual_server: 0,
            part,
        };
        let cause = Cause::Stopping;
        notify::scripts::tell(&scripts, &News { about, up, cause });
        scripts.finish(LONG);
        let log = path.with_extension("log");
        let said = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        said.trim_end().to_owned()
    };
    let check = Part::Check {
        real_server: 0,
        check: 0,
        turns_server: false,
    };
    let quorum = Part::Quorum { weight: 1 };
    let cases = [
        (Part::RealServer(0), "1 notify_up", "1 notify_down"),
        (quorum, "1 quorum_up", "1 quorum_down"),
        (check, "", ""),
        (Part::RealServer(1), "", ""),
        (Part::RealServer(2), "", ""),
    ];
    for (part, up, down) in cases {
        assert_eq!(told(part, true), up, "{part:?}");
        assert_eq!(told(part, false), down, "{part:?}");
    }
}

#[test]
fn a_reload_that_brings_the_first_script_needs_a_restart() {
    let stage = Stage::new("reload");
    let none = Scripts::start(Path::new("/no/such/program"), Vetted::default()).unwrap();
    let path = stage.script("check", "exit 0");
    let vetted = stage::vetted("", &path, "").unwrap();
    let error = none.replace(vetted).unwrap_err().to_string();
    let want = format!("script {}: no process runs scripts", path.display());
    assert!(error.starts_with(&want), "{error}");
    assert!(error.contains("remedy: restart"), "{error}");
    none.replace(Vetted::default()).unwrap();
}

#[test]
fn a_script_is_known_until_the_reload_after_the_one_that_took_it_away() {
    let stage = Stage::new("generations");
    let path = stage.script("check", "exit 0");
    let director = stage::director("", &path, "gone", "");
    let (scripts, script) = (stage::scripts_of(&director), stage::script_of(&director));
    let reload = || scripts.replace(stage::vetted("", &path, "other").unwrap());
    assert_eq!(scripts.tell(&script, String::new()), Ok(()));
    reload().unwrap();
    assert_eq!(scripts.tell(&script, String::new()), Ok(()));
    reload().unwrap();
    assert_eq!(scripts.tell(&script, String::new()), Err(NotRun::Unknown));
}

#[test]
fn a_misc_check_passes_fails_and_weighs() {
    let stage = Stage::new("misc");
    let path = stage.script(
        "check",
        "echo why >&2\n[ $1 != slow ] || exec sleep 1000\nexit $1",
    );
    let verdict = |arguments: &str, dynamic: bool| {
        let more = if dynamic { "misc_dynamic\n" } else { "" };
        let more = format!("{more}misc_timeout 1\n");
        let director = stage::director("", &path, arguments, &more);
        let scripts = stage::scripts_of(&director);
        let (answer, mut answers) = unbounded_channel();
        let means = Means {
            scripts,
            ..Means::default()
        };
        let prober = Prober::with(answer, means).unwrap();
        let probe = director.virtual_servers[0].real_servers[0].checks[0]
            .probe
            .clone();
        prober.ask(ProbeId(1), Question { probe, page: 0 }, clock::now());
        let mut heard = None;
        wait_for(LONG, || {
            heard = answers.try_recv().ok();
            heard.is_some()
        });
        heard.expect("an answer").verdict
    };
    let failed = |why: &str| Verdict::Failed(format!("the script {why}: why"));
    assert_eq!(verdict("0", false), Verdict::Passed);
    assert_eq!(verdict("7", false), failed("exited with status 7"));
    assert_eq!(verdict("slow", false), failed("ran longer than 1 s"));
    assert_eq!(verdict("0", true), Verdict::Weighed(Weighing::Configured));
    assert_eq!(verdict("7", true), Verdict::Weighed(Weighing::Instead(5)));
    assert_eq!(verdict("1", true), failed("exited with status 1"));
}

#[test]
fn what_another_could_rewrite_is_named_with_owner_and_mode() {
    if !is_root() {
        return eprintln!("skipped: only root gives files away");
    }
    let secure = "global_defs {\nenable_script_security\nscript_user root\n}\n";
    let stage = Stage::new("security");
    let path = stage.script("check", "exit 0");
    let shown = path.display();
    let refusal = || {
        let unfit = stage::vetted(secure, &path, "").unwrap_err();
        assert_eq!(unfit.len(), 1);
        unfit[0].reason.clone()
    };
    let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    assert!(stage::vetted(secure, &path, "").is_ok());

    mode(0o757);
    let root = "lets root run no such script";
    let want = format!("{shown} is writable by everybody (mode 0757, owner root)");
    assert!(
        refusal().starts_with(&want) && refusal().ends_with(root),
        "{}",
        refusal()
    );

    mode(0o775);
    chown(&path, None, Some(1)).unwrap();
    let want = format!("{shown} is writable by group daemon (mode 0775, owner root)");
    assert!(refusal().starts_with(&want), "{}", refusal());

    mode(0o755);
    chown(&path, Some(65534), Some(0)).unwrap();
    let want = format!("{shown} is writable by user nobody (mode 0755, owner nobody)");
    assert!(refusal().starts_with(&want), "{}", refusal());
    // It is no secret to its own user, and without the word only worth a warning.
    let nobody = secure.replace("root", "nobody");
    assert!(stage::vetted(&nobody, &path, "").is_ok());
    let open = stage::vetted("global_defs {\nscript_user root\n}\n", &path, "").unwrap();
    assert_eq!(open.warnings().collect::<Vec<_>>(), [want]);

    chown(&path, Some(0), Some(0)).unwrap();
    chown(stage.folder(), Some(65534), None).unwrap();
    let folder = stage.folder().display();
    let want = format!("{folder} is writable by user nobody (mode 0755, owner nobody)");
    assert!(refusal().starts_with(&want), "{}", refusal());
    chown(stage.folder(), Some(0), None).unwrap();

    // In a folder of everybody a link belongs to who made it.
    let link = stage.link();
    std::os::unix::fs::symlink("/bin/true", &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(65534), None).unwrap();
    let unfit = stage::vetted(secure, &link, "").unwrap_err();
    assert!(
        unfit[0].reason.contains("is a link of user nobody"),
        "{}",
        unfit[0]
    );
}

#[test]
fn what_is_missing_or_may_not_be_run_is_refused_with_its_reason() {
    let stage = Stage::new("unfit");
    let plain = stage.file("plain", "exit 0\n", 0o644);
    let refusal = |globals: &str, path: &Path, more: &str| {
        let director = stage::director(globals, path, "", more);
        stage::vet(&director).unwrap_err()[0].to_string()
    };
    let said = refusal("", &plain, "");
    assert!(
        said.contains("nobody may execute") && said.contains("mode 0644"),
        "{said}"
    );
    let said = refusal("", Path::new("/no/such/check"), "");
    assert!(
        said.contains("script /no/such/check: there is no /no/such/check"),
        "{said}"
    );
    let said = refusal("", Path::new("no-such-check"), "");
    assert!(
        said.contains("no no-such-check in the search path"),
        "{said}"
    );
    let said = refusal("", Path::new("./check"), "");
    assert!(
        said.contains("depends on where the daemon was started"),
        "{said}"
    );
    if matches!(Here.user("keepalived_script"), Seen::Missing) {
        let secure = "global_defs {\nenable_script_security\n}\n";
        let said = refusal(secure, Path::new("/bin/true"), "");
        assert!(
            said.contains("there is no user keepalived_script"),
            "{said}"
        );
        assert!(said.contains("remedy: script_user"), "{said}");
    }
    let said = refusal("", Path::new("/bin/true"), "user no-such-user\n");
    assert!(said.contains("there is no user no-such-user"), "{said}");
    let said = refusal("", Path::new("/bin/true"), "user nobody no-such-group\n");
    assert!(said.contains("there is no group no-such-group"), "{said}");
}

#[test]
fn a_daemon_does_not_start_with_a_script_that_cannot_be_run() {
    let stage = Stage::new("daemon");
    let file = stage.file(
        "lvsctl.conf",
        &stage::text("", Path::new("/no/such/check"), "", ""),
        0o644,
    );
    let output = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .arg("daemon")
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("there is no /no/such/check (remedy: install it"),
        "{said}"
    );
}

#[test]
fn only_a_daemon_starts_the_script_process_and_what_starts_that() {
    for word in ["script-process", "script-launcher"] {
        let output = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
            .arg(word)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{word}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("only a daemon starts this"), "{said}");
    }
}

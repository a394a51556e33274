use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::format::{Format, LintFormat};
use crate::health::FailedServers;
use crate::lint::Release;
use crate::sys::scripts;

/// The file read where none is named, as keepalived does.
const DEFAULT_FILE: &str = "/etc/keepalived/keepalived.conf";

/// Layer-4 load-balancer controller for Linux IPVS that reads keepalived.conf
#[derive(Debug, Parser)]
#[command(
    name = "lvsctl",
    version,
    propagate_version = true,
    after_help = "Examples:
  lvsctl lint keepalived.conf            find mistakes; no kernel, no privilege needed
  lvsctl fmt keepalived.conf             lay it out in one style
  lvsctl plan                            say what would change in the kernel's table
  lvsctl plan --from old.conf new.conf   compare two files, for review
  lvsctl apply                           change it, and verify
  lvsctl daemon                          keep it so, check the servers, toggle their weights

Exit status: 0 done; 1 findings, something to do, or partly refused; 2 could not, nothing changed.
Manual: lvsctl(8), lvsctl-keepalived(5)."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Lint(Lint),
    Fmt(Fmt),
    Plan(Plan),
    Apply(Apply),
    Daemon(Daemon),
    /// What the daemon starts to run scripts; nobody else does
    #[command(name = scripts::WORD, hide = true)]
    ScriptProcess,
    /// What the daemon starts to start that
    #[command(name = scripts::LAUNCHER, hide = true)]
    ScriptLauncher,
}

/// Find mistakes in configuration files
///
/// Looks at the files alone, so that the answer is the same on every machine: no kernel, no name
/// lookup, no privilege. --host and --kernel look further.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is given or is not"
)]
#[command(after_help = "Examples:
  lvsctl lint /etc/keepalived/keepalived.conf
  lvsctl lint --deny warnings *.conf              strict, for CI
  lvsctl lint --peer master.conf backup.conf      and whether the two agree
  lvsctl lint --format sarif *.conf > lint.sarif  for code scanning
  lvsctl lint --fix keepalived.conf               repair what has one right answer
  lvsctl lint --explain port-needs-nat
  git show HEAD:keepalived.conf | lvsctl lint -

In the file, # lvsctl: allow(CODE) on or above a line excuses its findings.

Exit status: 0 no finding at error level; 1 findings; 2 could not run.
Manual: lvsctl(8), every rule in lvsctl-rules(7).")]
pub struct Lint {
    /// Files to look at; - is standard input
    #[arg(required_unless_present_any = ["list_rules", "explain"], value_name = "FILE")]
    pub files: Vec<String>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = LintFormat::Human)]
    pub format: LintFormat,
    /// Compare the files, directors of one pair or cluster that must agree; of a file by itself only
    /// errors are shown
    #[arg(long)]
    pub peer: bool,
    /// Take findings of this rule as errors; `warnings` means every warning
    #[arg(long, value_name = "CODE")]
    pub deny: Vec<String>,
    /// Take findings of this rule as warnings
    #[arg(long, value_name = "CODE")]
    pub warn: Vec<String>,
    /// Leave findings of this rule out
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,
    /// Leave out what this earlier answer of --format json has
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Warn of words that this release of keepalived does not know
    #[arg(long, value_name = "VERSION")]
    pub target: Option<Target>,
    /// Warn of what is missing on this machine too: scripts, interfaces, users
    #[arg(long)]
    pub host: bool,
    /// Rehearse in a network namespace of its own and tell what the kernel refuses (root); no table
    /// in use is touched, but modules that the file asks for are loaded and stay
    #[arg(long)]
    pub kernel: bool,
    /// Change the files where there is one right answer that keeps their meaning
    #[arg(long, conflicts_with = "diff")]
    pub fix: bool,
    /// Show what --fix would change
    #[arg(long)]
    pub diff: bool,
    /// Print the manual entry of a rule
    #[arg(long, value_name = "CODE", conflicts_with_all = ["list_rules", "files"])]
    pub explain: Option<String>,
    /// Print every rule with its level
    #[arg(long, conflicts_with = "files")]
    pub list_rules: bool,
}

/// Lay configuration files out in one style
///
/// Comments, blank lines and meaning stay as they are. Without an option the files are changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  lvsctl fmt keepalived.conf          lay it out anew
  lvsctl fmt --check *.conf           status 1 where a file is laid out otherwise, for CI
  lvsctl fmt --diff keepalived.conf   show what would change
  lvsctl fmt - < keepalived.conf      to standard output

Exit status: 0 done; 1 with --check or --diff where a file is laid out otherwise; 2 where one could
not be laid out, and was left as it is.")]
pub struct Fmt {
    /// Files to lay out; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Change nothing, name the files that would change
    #[arg(long)]
    pub check: bool,
    /// Change nothing, show what would change
    #[arg(long, conflicts_with = "check")]
    pub diff: bool,
}

/// A series of keepalived releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// 2.0.20
    #[value(name = "2.0")]
    V2_0,
    /// 2.2.7
    #[value(name = "2.2")]
    V2_2,
    /// 2.4.3
    #[value(name = "2.4")]
    V2_4,
}

impl From<Target> for Release {
    fn from(target: Target) -> Self {
        match target {
            Target::V2_0 => Self(2, 0, 20),
            Target::V2_2 => Self(2, 2, 7),
            Target::V2_4 => Self(2, 4, 3),
        }
    }
}

/// What every command that reads one configuration takes.
#[derive(Debug, Args)]
pub struct Source {
    /// Configuration to read; - is standard input
    #[arg(value_name = "FILE", default_value = DEFAULT_FILE)]
    pub file: String,
    /// Refuse what keepalived would only warn of
    #[arg(long)]
    pub strict: bool,
    /// Go on though the file names no virtual server and lvsctl owns some: remove them
    #[arg(long)]
    pub allow_empty: bool,
    /// What conditional lines (@ID) are compared with [default: the host's name up to its first
    /// dot]
    #[arg(short = 'i', long, value_name = "ID")]
    pub config_id: Option<String>,
}

/// What every command that looks at a kernel takes.
#[derive(Debug, Args)]
pub struct Place {
    /// Network namespace to work in, as `ip netns` names it; overrides the file
    #[arg(long, value_name = "NAME")]
    pub netns: Option<String>,
    /// Where the lock and the record of owned services are
    #[arg(long, value_name = "DIR", default_value = "/run/lvsctl")]
    pub state_dir: PathBuf,
}

/// Say what `apply` would change, and change nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  lvsctl plan
  lvsctl plan --exit-code new.conf       status 1 where there is something to do
  lvsctl plan --from old.conf new.conf   two files; no kernel, no privilege

Exit status: 0; with --exit-code 1 when there is something to do; 2 could not run.")]
pub struct Plan {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub place: Place,
    /// Compare with this file instead of the kernel's table
    #[arg(long, value_name = "OLD.conf", conflicts_with_all = ["netns", "keep_weights"])]
    pub from: Option<String>,
    /// End with status 1 when there is something to do
    #[arg(long)]
    pub exit_code: bool,
    /// Leave weights of servers that are in the table alone
    #[arg(long)]
    pub keep_weights: bool,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// Make the kernel's table what the file says, verify it, and end
///
/// Takes every server as healthy; services that neither the file nor an earlier run of lvsctl
/// named are not touched.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  lvsctl apply
  lvsctl apply --netns director1 keepalived.conf
  generate-config | lvsctl apply -

Exit status: 0 done and verified; 1 the kernel refused some of it; 2 nothing changed.")]
pub struct Apply {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub place: Place,
    /// Leave weights of servers that are in the table alone
    #[arg(long)]
    pub keep_weights: bool,
    /// Leave a server that is no longer in the file at weight 0 while it has connections, for
    /// this long at most; a later run deletes it
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    pub removal_grace: Duration,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Say how long each phase took
    #[arg(long)]
    pub timings: bool,
}

/// Keep the kernel's table what the file says, check the servers and toggle their weights
///
/// SIGHUP reads the file again, SIGTERM ends the daemon and leaves the table forwarding, SIGUSR1
/// logs the state of every server and how late checks were.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is given or is not"
)]
#[command(after_help = "Examples:
  lvsctl daemon                          beside keepalived --vrrp, on the same file
  lvsctl daemon --failed-servers remove  take failed servers out, as keepalived does

Exit status: 0 ordered stop; 2 not started; 1 else.")]
pub struct Daemon {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub place: Place,
    /// What becomes of a failed server
    #[arg(long, value_enum, default_value_t = Failed::Auto)]
    pub failed_servers: Failed,
    /// A server that leaves the file stays at weight 0 while it has connections, for this long at
    /// most
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "300")]
    pub removal_grace: Duration,
    /// Refuse a reload that takes away more than this share of the real servers
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    pub max_removal: Option<u8>,
    /// Freeze a pool of which more than this share fails within one period
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=99))]
    pub panic_threshold: Option<u8>,
    /// A returning server's weight grows to its whole over this time
    #[arg(long, value_name = "SECONDS", value_parser = period)]
    pub slow_start: Option<Duration>,
    /// A server that comes and goes returns only after its checks passed for this long, twice as
    /// long each time, up to 32 times
    #[arg(long, value_name = "SECONDS", value_parser = period)]
    pub hold_down: Option<Duration>,
    /// `SSL_GET` accepts only certificates that lead to one of these and name the server
    #[arg(long, value_name = "FILE")]
    pub tls_roots: Option<PathBuf>,
    /// Compare the whole table with what it should be this often
    #[arg(long, value_name = "SECONDS", value_parser = period, default_value = "30")]
    pub resync: Duration,
    /// Glance at the table this often, to find soon what others change; 0 for never
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "3")]
    pub canary: Duration,
    /// Report what others change, and do not repair it
    #[arg(long)]
    pub no_repair: bool,
    /// Leave net.ipv4.vs.* alone
    #[arg(long)]
    pub no_sysctl: bool,
    /// Remove our services at an ordered stop, as `lvs_flush_on_stop` does
    #[arg(long)]
    pub flush_on_stop: bool,
    /// Once started as root, become this user, and keep CAP_NET_ADMIN and what the checks need
    #[arg(long, value_name = "NAME[:GROUP]")]
    pub user: Option<String>,
    /// Go on without seccomp and Landlock
    #[arg(long)]
    pub no_sandbox: bool,
    /// Form of the log, which goes to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: tracing::Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Failed {
    /// Weight 0, except where the kernel would go on choosing a server of weight 0
    Auto,
    /// Weight 0 always
    Weight0,
    /// Out of the table, as keepalived does
    Remove,
}

impl From<Failed> for FailedServers {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Auto => Self::Auto,
            Failed::Weight0 => Self::Weight0,
            Failed::Remove => Self::Remove,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Longest time that is asked for in seconds: 31 days, as the kernel's own timeouts.
const MOST_SECONDS: u64 = 2_678_400;

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if seconds <= MOST_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("expected whole seconds, 0 to {MOST_SECONDS}")),
    }
}

fn period(text: &str) -> Result<Duration, String> {
    match seconds(text) {
        Ok(period) if !period.is_zero() => Ok(period),
        _ => Err(format!("expected whole seconds, 1 to {MOST_SECONDS}")),
    }
}

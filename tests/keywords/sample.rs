//! A word of each form a row asks for, good as it stands.

use lvsctl::conf::keyword::{Argument, Form, Inside, Keyword};

use super::context::FOLDER;

/// The first `count` arguments of a row.
pub(crate) fn arguments(row: &Keyword, count: usize) -> Vec<String> {
    let known = row.arguments.iter().take(count).enumerate();
    known.map(|(at, argument)| one(row, at, argument)).collect()
}

/// What opens the row's block, if it has one, with a line in it where any may stand.
pub(crate) fn block(row: &Keyword) -> String {
    match row.inside {
        Inside::Nothing => String::new(),
        Inside::Keywords(_) => " {".to_owned(),
        Inside::Values(_) => format!(" {{\n{}\n}}", line_of(row.word)),
    }
}

/// Whether the row asks for a number in its range at this place.
pub(crate) fn is_number(argument: &Argument) -> bool {
    let numbers = [
        Form::Number,
        Form::Integer,
        Form::Timer,
        Form::Port,
        Form::Mark,
    ];
    match argument.forms.as_slice() {
        [only] => numbers.contains(only),
        several => several.contains(&Form::Number),
    }
}

fn one(row: &Keyword, at: usize, argument: &Argument) -> String {
    if let Some(word) = special(row).get(at) {
        return (*word).to_owned();
    }
    if is_number(argument) {
        return row.range.map_or("5", |range| range.least).to_owned();
    }
    match argument.forms[0] {
        Form::Word => word_of(row.word).to_owned(),
        Form::Name => name_in(row).to_owned(),
        Form::Path => format!("{FOLDER}/f"),
        form => of_form(form).to_owned(),
    }
}

/// Words that must be more than their form says.
fn special(row: &Keyword) -> &'static [&'static str] {
    match (row.block, row.word) {
        ("root", "net_namespace") => &["self"],
        ("root", "virtual_server") => &["10.0.0.1", "80"],
        ("global_defs", "smtp_server") => &["127.0.0.1", "25"],
        (_, "vrrp_mcast_group4" | "mcast_dst_ip") => &["224.0.0.20"],
        (_, "vrrp_mcast_group6") => &["ff02::20"],
        (_, "umask") => &["IRGRP"],
        (_, "include_check") => &["read"],
        (_, "vrrp_rx_bufs_policy") => &["MTU"],
        (_, "config_save_dir") => &["/FOLDER/d"],
        (_, "tmp_config_directory") => &["/tmp"],
        (_, "lvs_timeouts") => &["tcp", "5", "udp"],
        (_, "protocol") => &["tcp"],
        ("DNS_CHECK", "type") => &["a"],
        ("DNS_CHECK", "name") => &["example.org"],
        (_, "payload") => &["01", "02"],
        (_, "require_reply") => &["0x"],
        (_, "init_file") => &["overwrite"],
        (_, "use_vmac") => &["vr.51", "02:00:00:00:00:01"],
        (_, "use_ipvlan") => &["private"],
        (_, "script_user" | "user") => &["root", "root"],
        ("auth_hmac", "key") => &["1", "secret"],
        _ => &[],
    }
}

fn word_of(keyword: &str) -> &'static str {
    let runs_as = ["startup", "shutdown", "notify", "quorum"];
    let fifo = ["fifo", "fifo_script"];
    match keyword {
        "regex_options" => "caseless",
        "status_code" => "200-299",
        "lvs_sync_daemon" => "V",
        _ if runs_as.iter().any(|start| keyword.starts_with(start)) => "root",
        _ if fifo.iter().any(|end| keyword.ends_with(end)) => "root",
        _ => "word",
    }
}

fn name_in(row: &Keyword) -> &'static str {
    match (row.block, row.word) {
        ("BFD_CHECK", _) | (_, "bfd_instance") => "B",
        ("FILE_CHECK", _) => "F",
        (_, "track_group" | "vrrp_sync_group") => "G",
        (_, "vrrp_instance") => "V",
        (_, "vrrp_script") => "S",
        _ => "N",
    }
}

fn of_form(form: Form) -> &'static str {
    match form {
        Form::Address => "10.1.1.1",
        Form::Prefix => "10.1.1.1/24",
        Form::Mask => "255.255.255.0",
        Form::Interface => "eth1",
        Form::Command => "/bin/true",
        Form::Host => "host.example",
        Form::Hex => "0123456789abcdef0123456789abcdef",
        Form::Boolean => "off",
        Form::Ignored => "whatever",
        Form::Literal(literal) => literal,
        _ => "5",
    }
}

/// A line for a block of free lines.
fn line_of(keyword: &str) -> &'static str {
    match keyword {
        "notification_email" => "a@b",
        "virtual_server_group" => "10.0.0.1 80",
        "static_ipaddress" => "10.8.0.1/24 dev eth0",
        "static_routes" | "virtual_routes" => "10.7.0.0/24 dev eth0",
        "static_rules" | "virtual_rules" => "from 10.6.0.0/24 table 5 preference 100",
        "linkbeat_interfaces" | "interfaces" => "eth0",
        "interface_up_down_delays" => "eth0 1 2",
        "virtual_ipaddress" => "10.9.0.1/24",
        "virtual_ipaddress_excluded" => "10.9.1.1/24",
        "track_interface" => "eth1",
        "track_script" => "S",
        "track_file" => "F",
        "track_process" => "P",
        "track_bfd" => "B",
        "unicast_peer" => "10.1.1.2",
        _ => "V\nW",
    }
}

use super::tally::Tally;
use crate::conf::keyword::{Form, Inside, Keyword, Kind};
use crate::conf::{Invocation, Node, Word};
use crate::diag::Span;

/// What a file needs of the machine it is for.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    pub(super) scripts: Tally<Script>,
    pub(super) interfaces: Tally<String>,
    /// Interfaces that keepalived itself makes.
    pub(super) made: Vec<String>,
    /// Interfaces may come and go.
    pub(super) dynamic: bool,
    pub(super) accounts: Tally<Account>,
    pub(super) key_files: Tally<Vec<u8>>,
    pub(super) track_files: Tally<Vec<u8>>,
    pub(super) namespaces: Tally<String>,
    /// The namespace that keepalived runs in.
    pub(super) namespace: Option<String>,
    /// `enable_script_security`, and where.
    pub(super) security: Option<Span>,
    /// Who runs scripts that do not say who.
    pub(super) script_user: RunBy,
}

/// A program that is run, and who runs it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Script {
    pub(super) program: Vec<u8>,
    pub(super) by: RunBy,
}

/// The names of a user and a group, as far as they are said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct RunBy {
    pub(super) user: Option<String>,
    pub(super) group: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Account {
    User(String),
    Group(String),
}

impl Needs {
    /// Takes up what an outermost line and its block need.
    pub(super) fn add(&mut self, node: Node<'_>) {
        if let Some(root) = Kind::named("root") {
            self.line(root, node, &RunBy::default());
        }
    }

    /// `by` is who the block around the line says runs its script.
    fn line(&mut self, kind: Kind, node: Node<'_>, by: &RunBy) {
        if node.opaque() {
            return;
        }
        let Some(known) = kind.find(node.keyword().bytes) else {
            return;
        };
        self.words(known, node, by);
        match known.inside {
            Inside::Keywords(name) => {
                let Some(kind) = Kind::named(name) else {
                    return;
                };
                let lines = node.children().filter(|line| !line.opaque());
                let users = lines.filter(|line| line.keyword().bytes == b"user");
                let user = kind.find(b"user").and_then(|_| users.last());
                let by = user.map_or_else(RunBy::default, |user| run_by(user, 0));
                for inner in node.children() {
                    self.line(kind, inner, &by);
                }
            }
            Inside::Values(form) => {
                let inner = node.children().filter(|inner| !inner.opaque());
                inner.for_each(|inner| self.value(known, form, inner));
            }
            Inside::Nothing => {}
        }
    }

    fn words(&mut self, known: &Keyword, node: Node<'_>, by: &RunBy) {
        for (argument, word) in known.arguments.iter().zip(node.arguments()) {
            if argument.forms.contains(&Form::Interface) {
                self.interface(&word);
            }
        }
        let first = known.arguments.first();
        let command = first.is_some_and(|argument| argument.forms.contains(&Form::Command));
        match (known.block, known.word) {
            (_, "regex") => {}
            _ if command => self.script(known, node, by),
            ("root", "net_namespace") => {
                self.namespace = node.argument(0).map(|word| word.text().to_owned());
                self.names_namespace(node);
            }
            ("root", "net_namespace_ipvs") => self.names_namespace(node),
            ("root", "track_file" | "vrrp_track_file") => self.track_file(node),
            ("global_defs", "enable_script_security") => {
                self.security = Some(node.span());
            }
            ("global_defs", "dynamic_interfaces") => self.dynamic = true,
            ("global_defs", "script_user") => {
                self.script_user = run_by(node, 0);
                self.accounts(node, 0);
            }
            (_, "user") => self.accounts(node, 0),
            (_, "notify_fifo" | "lvs_notify_fifo" | "vrrp_notify_fifo") => self.accounts(node, 1),
            ("vrrp_instance", "use_vmac" | "use_ipvlan") => {
                let name = node.argument(0).map_or("vrrp", |word| word.text());
                self.made.push(name.to_owned());
                // A name that is not given begins so.
                self.made.push("vrrp".to_owned());
            }
            ("SSL", "ca" | "certificate" | "key") => {
                if let Some(word) = node.argument(0) {
                    self.key_files.add(word.bytes.to_owned(), word.span);
                }
            }
            _ => {}
        }
    }

    /// A line of a list.
    fn value(&mut self, list: &Keyword, form: Form, line: Node<'_>) {
        if form == Form::Interface {
            self.interface(&line.keyword());
        }
        let named = match list.word {
            "virtual_ipaddress" | "virtual_ipaddress_excluded" | "static_ipaddress" => &["dev"][..],
            "virtual_routes" | "static_routes" => &["dev", "oif"],
            "virtual_rules" | "static_rules" => &["iif", "oif", "dev"],
            _ => return,
        };
        let pairs = line.words().zip(line.arguments());
        for (_, name) in pairs.filter(|(option, _)| named.contains(&option.text())) {
            self.interface(&name);
        }
    }

    fn interface(&mut self, word: &Word<'_>) {
        self.interfaces.add(word.text().to_owned(), word.span);
    }

    fn names_namespace(&mut self, node: Node<'_>) {
        if let Some(word) = node.argument(0) {
            self.namespaces.add(word.text().to_owned(), word.span);
        }
    }

    /// A file that keepalived makes where there is none is not needed.
    fn track_file(&mut self, block: Node<'_>) {
        let lines = || block.children().filter(|line| !line.opaque());
        if lines().any(|line| line.keyword().bytes == b"init_file") {
            return;
        }
        let file = lines()
            .filter(|line| line.keyword().bytes == b"file")
            .last();
        if let Some(word) = file.and_then(|file| file.argument(0)) {
            self.track_files.add(word.bytes.to_owned(), word.span);
        }
    }

    fn script(&mut self, known: &Keyword, node: Node<'_>, by: &RunBy) {
        let (Some(word), Some(said)) = (node.argument(0), Invocation::of(node)) else {
            return;
        };
        // `</path` asks whether a file can be opened, and runs nothing.
        let program = said.command.into_iter().next();
        let Some(program) = program.filter(|name| !name.is_empty() && !name.starts_with(b"<"))
        else {
            return;
        };
        let named = known.arguments.len() > 1;
        let by = if named && !said.names.is_empty() {
            self.accounts(node, 1);
            run_by(node, 1)
        } else {
            by.clone()
        };
        self.scripts.add(Script { program, by }, word.span);
    }

    /// Words of a user and a group, from the `at`th behind the keyword on.
    fn accounts(&mut self, node: Node<'_>, at: usize) {
        if let Some(user) = node.argument(at) {
            let name = user.text().to_owned();
            self.accounts.add(Account::User(name), user.span);
        }
        if let Some(group) = node.argument(at + 1) {
            let name = group.text().to_owned();
            self.accounts.add(Account::Group(name), group.span);
        }
    }
}

fn run_by(node: Node<'_>, at: usize) -> RunBy {
    let name = |at| node.argument(at).map(|word| word.text().to_owned());
    RunBy {
        user: name(at),
        group: name(at + 1),
    }
}

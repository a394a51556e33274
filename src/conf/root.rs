use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::earlier::Earlier;
use super::expand::Sink;
use super::findings::Findings;
use super::globals;
use super::group::{self, Group};
use super::keyword::{Keyword, Kind};
use super::lowering::{Lowering, Taken};
use super::places::Places;
use super::recall::Recall;
use super::rules;
use super::tree::Node;
use super::virtual_server::{self, Lowered, VirtualServerBlock};
use super::watched::Watched;
use crate::diag::{Diagnostic, Span};
use crate::model::director::Director;

/// Takes each outermost block as it is read, and makes of it what the director should do.
pub(super) struct Root<'a> {
    see: &'a mut dyn FnMut(Node<'_>),
    /// Nobody asks for the director.
    forgetful: bool,
    /// What is shared with an earlier reading.
    beside: Option<Beside<'a>>,
    director: Director,
    places: Places,
    groups: HashMap<Box<str>, Group>,
    /// Virtual servers in the order of the file; those of groups wait for its end.
    waiting: Vec<Waiting>,
    not_yet: BTreeMap<&'static str, (Span, u32)>,
    kind: Option<Kind>,
    watched: Watched,
}

struct Beside<'a> {
    earlier: Earlier<'a>,
    recall: &'a Recall,
    next: Recall,
}

enum Waiting {
    Lowered(Box<Lowered>),
    ForGroup(Box<VirtualServerBlock>),
}

impl<'a> Root<'a> {
    pub(super) fn new(see: &'a mut dyn FnMut(Node<'_>)) -> Self {
        Self {
            see,
            forgetful: false,
            beside: None,
            director: Director::default(),
            places: Places::default(),
            groups: HashMap::new(),
            waiting: Vec::new(),
            not_yet: BTreeMap::new(),
            kind: Kind::named("root"),
            watched: Watched::default(),
        }
    }

    /// Keeps of a virtual server only what others are held against.
    pub(super) fn forgetful(mut self) -> Self {
        self.forgetful = true;
        self
    }

    /// Shares with an earlier reading what is the same there, and takes over what its texts came to.
    pub(super) fn beside(mut self, earlier: &'a Director, recall: &'a Recall) -> Self {
        self.beside = Some(Beside {
            earlier: Earlier::of(earlier),
            recall,
            next: recall.successor(),
        });
        self
    }

    /// What this reading leaves for the next.
    pub(super) fn take_recall(&mut self) -> Recall {
        let next = self.beside.as_mut().map(|beside| &mut beside.next);
        next.map(std::mem::take).unwrap_or_default()
    }

    /// What the whole file comes to.
    pub(super) fn finish(mut self, findings: &mut Findings) -> (Director, Places) {
        findings.runs_end();
        let mut not_yet = std::mem::take(&mut self.not_yet);
        let mut watched = std::mem::take(&mut self.watched);
        let mut to = Lowering::new(findings, &mut not_yet, &mut watched);
        self.places.reserve(self.waiting.len());
        self.director.virtual_servers.reserve(self.waiting.len());
        for waiting in std::mem::take(&mut self.waiting) {
            let lowered = match waiting {
                Waiting::Lowered(lowered) => Some(*lowered),
                Waiting::ForGroup(block) => self.lower(&mut to, *block),
            };
            if let Some(lowered) = lowered {
                self.add(&mut to, lowered);
            }
        }
        for (word, (span, count)) in not_yet {
            findings.report(unsupported(word, span, count));
        }
        (self.director, self.places)
    }

    fn line(&mut self, to: &mut Lowering<'_>, known: &'static Keyword, node: Node<'_>) -> Taken {
        let globals = &mut self.director.globals;
        match known.word {
            "virtual_server" => self.virtual_server(to, node),
            "virtual_server_group" => self.group(to, node),
            "global_defs" => globals::read(to, globals, node),
            "net_namespace" => globals.namespace = first_argument(node),
            "net_namespace_ipvs" => globals.ipvs_namespace = first_argument(node),
            "instance" => globals.instance = first_argument(node),
            "SSL" => return Taken::No,
            _ => {
                to.judge_foreign(known, node);
                to.watched.read(known, node);
            }
        }
        Taken::Yes
    }

    fn virtual_server(&mut self, to: &mut Lowering<'_>, node: Node<'_>) {
        let Some(block) = virtual_server::read(to, node) else {
            return;
        };
        if block.group().is_some() {
            self.waiting.push(Waiting::ForGroup(Box::new(block)));
        } else if let Some(mut lowered) = self.lower(to, block) {
            // Those with several keys may be the same once more.
            if self.forgetful && lowered.server.keys.len() == 1 {
                Arc::make_mut(&mut lowered.server).real_servers = Vec::new();
                lowered.real_spans = Vec::new();
            }
            self.waiting.push(Waiting::Lowered(Box::new(lowered)));
        }
    }

    fn lower(&self, to: &mut Lowering<'_>, block: VirtualServerBlock) -> Option<Lowered> {
        let group = block.group().and_then(|name| self.groups.get(name));
        let lowered = block.lower(to, group)?;
        Some(match &self.beside {
            None => lowered,
            Some(beside) => Lowered {
                server: beside.earlier.share(lowered.server),
                ..lowered
            },
        })
    }

    fn group(&mut self, to: &mut Lowering<'_>, node: Node<'_>) {
        let group = group::read(to, node);
        let Some(name) = node.argument(0) else { return };
        // Of two groups with one name keepalived uses the first.
        self.groups.entry(name.shown().into()).or_insert(group);
    }

    fn add(&mut self, to: &mut Lowering<'_>, mut lowered: Lowered) {
        let taken = lowered
            .server
            .keys
            .iter()
            .find_map(|key| Some((*key, self.places.index(key)?)));
        if let Some((key, index)) = taken {
            let first = &self.director.virtual_servers[index];
            let server = Arc::make_mut(&mut lowered.server);
            let mut same = server.clone();
            same.keys.clone_from(&first.keys);
            if server.keys.len() > 1 && same == **first {
                // The protocols of one group share its marks.
                server.keys.retain(|key| self.places.index(key).is_none());
            } else {
                let text = format!("{key} is already a virtual server");
                let finding = Diagnostic::new(&rules::DUPLICATE_VIRTUAL_SERVER, lowered.span, text);
                let first = self.places.service(&key).unwrap_or(lowered.span);
                let finding = finding
                    .context(first, "first here")
                    .note("keepalived lets both fight for one service of the kernel");
                to.report(finding.refuse());
                return;
            }
        }
        let Lowered {
            server,
            span,
            real_spans,
        } = lowered;
        self.places.add(&server.keys, span, real_spans);
        self.director.virtual_servers.push(server);
    }
}

impl Sink for Root<'_> {
    fn block(&mut self, node: Node<'_>, findings: &mut Findings) {
        (self.see)(node);
        let Some(kind) = self.kind else { return };
        let mut not_yet = std::mem::take(&mut self.not_yet);
        let mut watched = std::mem::take(&mut self.watched);
        let mut to = Lowering::new(findings, &mut not_yet, &mut watched);
        to.line(kind, node, &mut |to, known, node| {
            self.line(to, known, node)
        });
        self.not_yet = not_yet;
        self.watched = watched;
    }

    fn again(&mut self, text: &[u8], at: Span, findings: &mut Findings) -> Option<usize> {
        let beside = self.beside.as_mut()?;
        let block = beside.recall.find(text)?.clone();
        let length = block.length as usize;
        findings.runs_end();
        let (start, end) = block.header;
        let span = Span {
            start: at.start + start,
            end: at.start + end,
            ..at
        };
        self.waiting.push(Waiting::Lowered(Box::new(Lowered {
            server: Arc::clone(&block.server),
            span,
            real_spans: Vec::new(),
        })));
        beside.next.again(text, block);
        Some(length)
    }

    fn whole(&mut self, text: &[u8], at: Span) {
        let (Some(beside), Some(Waiting::Lowered(last))) = (&mut self.beside, self.waiting.last())
        else {
            return;
        };
        let span = last.span;
        if self.not_yet.is_empty() && span.source == at.source && span.start >= at.start {
            let header = (span.start - at.start, span.end - at.start);
            beside.next.keep(text, header, &last.server);
        }
    }
}

fn first_argument(node: Node<'_>) -> Option<String> {
    node.argument(0).map(|word| word.shown())
}

/// One finding for a keyword, however often it stands in the file.
fn unsupported(word: &str, span: Span, count: u32) -> Diagnostic {
    let more = match count {
        0 | 1 => String::new(),
        2 => ", and once more below".to_owned(),
        many => format!(", and {} times more below", many - 1),
    };
    let text = format!("{word} is not implemented{more}");
    let mut finding = Diagnostic::new(&rules::NOT_SUPPORTED, span, text)
        .note("plan and apply can use the file; the daemon refuses it rather than do half of it");
    finding.verdict = crate::diag::Verdict::NotByDaemon;
    finding
}

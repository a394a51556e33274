//! keepalived.conf → [`Director`]. Reads through [`Files`] and does no other input or output.
//!
//! ```text
//! bytes ──written──▶ tokens ──tree──▶ lines and blocks ──lowering──▶ Director
//!                     (nom)   (include)      (keyword table)
//! ```

mod files;
mod globals;
pub mod keyword;
mod lowering;
mod method;
mod patience;
mod real_server;
pub mod rules;
mod tree;
mod value;
mod virtual_server;
pub mod written;

use std::collections::BTreeMap;

pub use files::{Disk, Files, MOST_BYTES, Memory, ReadError};
pub use tree::{Block, Node, Word};

use crate::diag::{Diagnostic, Sources, Span, Verdict};
use crate::model::director::Director;
use crate::model::service::{DestKey, ServiceKey};
use lowering::Lowering;
use virtual_server::Lowered;

/// What reading a configuration gave.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub sources: Sources,
    /// In the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// `None` where the configuration is refused.
    pub director: Option<Director>,
    pub places: Places,
    /// Every line and block, whether or not it means something to lvsctl.
    pub tree: Vec<Node>,
}

/// Where the file names a service or a dest.
#[derive(Clone, Debug, Default)]
pub struct Places {
    services: BTreeMap<ServiceKey, Span>,
    dests: BTreeMap<(ServiceKey, DestKey), Span>,
}

impl Places {
    pub fn service(&self, service: &ServiceKey) -> Option<Span> {
        self.services.get(service).copied()
    }

    pub fn dest(&self, service: &ServiceKey, dest: &DestKey) -> Option<Span> {
        self.dests.get(&(*service, *dest)).copied()
    }
}

/// Reads `path`, or standard input for `-`, and all it includes.
///
/// Never fails: a file that cannot be used is one whose `diagnostics` refuse it.
pub fn load(files: &dyn Files, path: &str) -> Loaded {
    let mut sources = Sources::default();
    let mut to = Lowering::default();
    let tree = tree::read(files, path, &mut sources, &mut to.findings);
    let mut director = Director::default();
    let mut places = Places::default();
    let mut mail = globals::Mail::default();
    to.walk("root", &tree, |to, word, node| match word {
        "global_defs" => globals::read(to, &mut director.globals, &mut mail, node),
        "virtual_server" => {
            if let Some(lowered) = virtual_server::read(to, node) {
                add(to, &mut director, &mut places, lowered);
            }
        }
        "net_namespace" => director.globals.namespace = first_argument(node),
        "net_namespace_ipvs" => director.globals.ipvs_namespace = first_argument(node),
        "instance" => director.globals.instance = first_argument(node),
        _ => {}
    });
    let mut diagnostics = to.findings;
    if diagnostics.len() >= tree::MOST_FINDINGS
        && let Some(last) = diagnostics.last()
    {
        let text = "the rest is not shown";
        let finding = Diagnostic::new(&rules::TOO_MANY_FINDINGS, last.primary.span, text);
        diagnostics.push(finding.refuse());
    }
    let unclosed = |finding: &Diagnostic| finding.rule == &rules::UNBALANCED_BRACE;
    if diagnostics.iter().any(unclosed) {
        // What a block lacks may stand behind the place where the text breaks off.
        let lacks = [
            &rules::NO_REAL_SERVER,
            &rules::PROTOCOL_UNSET,
            &rules::SCHEDULER_UNSET,
            &rules::METHOD_UNSET,
        ];
        diagnostics.retain(|finding| !lacks.contains(&finding.rule));
    }
    diagnostics.sort_by_key(|finding| finding.primary.span);
    let refused = |finding: &Diagnostic| finding.verdict == Verdict::Refused;
    let usable = !diagnostics.iter().any(refused);
    Loaded {
        sources,
        diagnostics,
        director: usable.then_some(director),
        places,
        tree,
    }
}

fn first_argument(node: &Node) -> Option<String> {
    node.arguments().first().map(|word| word.text.clone())
}

fn add(to: &mut Lowering, director: &mut Director, places: &mut Places, lowered: Lowered) {
    if let Some(first) = places.services.get(&lowered.key) {
        let text = format!("{} is already a virtual server", lowered.key);
        let finding = Diagnostic::new(&rules::DUPLICATE_VIRTUAL_SERVER, lowered.span, text)
            .context(*first, "first here")
            .note("keepalived lets both fight for one service of the kernel");
        to.report(finding.refuse());
        return;
    }
    places.services.insert(lowered.key, lowered.span);
    let dests = lowered.real_spans.into_iter();
    places
        .dests
        .extend(dests.map(|(dest, span)| ((lowered.key, dest), span)));
    director.virtual_servers.push(lowered.server);
}

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::claim::{self, sentence};
use crate::conf::{self, Files, Loaded, Options};
use crate::diag::{Diagnostic, Span};
use crate::health::all_up;
use crate::ipvs::{self, Ipvs, Refusal, carry_out};
use crate::lint::Findings;
use crate::lint::kernel::{KERNEL_DIFFERS, KERNEL_REFUSES};
use crate::model::director::Director;
use crate::model::table::Table;
use crate::plan::{Change, Object, Step, diff, show};
use crate::sys::netns;

/// What the kernel says of a file, read as `options` say; `None` where the file is refused before
/// it comes to that, and an error where the kernel cannot be asked.
pub(super) fn run(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
) -> Result<Option<Findings>, String> {
    let mut loaded = conf::load(files, path, options);
    let Some(director) = loaded.director.take() else {
        return Ok(None);
    };
    let answers = netns::apart(|| {
        claim::preload(&director);
        let mut kernel = claim::kernel().map_err(sentence)?;
        rehearse(&mut kernel, &director)
    });
    let answers = answers.map_err(sentence)??;
    let diagnostics = findings(&answers, &director, &loaded);
    Ok(Some(Findings {
        sources: loaded.sources,
        diagnostics,
    }))
}

/// What the kernel did not do, or not as it was asked.
#[derive(Default)]
struct Answers {
    refused: Vec<(Step, Refusal)>,
    /// From what was asked for to what is held.
    differs: Vec<Step>,
}

/// Programs an empty table as it is with every server up, and then with the sorry servers in the place
/// of the others.
fn rehearse(kernel: &mut dyn Ipvs, director: &Director) -> Result<Answers, String> {
    if !kernel.table().map_err(sentence)?.is_empty() {
        return Err("the table of a new network namespace is not empty".to_owned());
    }
    let mut answers = Answers::default();
    for director in [director, &sorry(director)] {
        act(kernel, &all_up(director), &mut answers).map_err(sentence)?;
    }
    Ok(answers)
}

fn sorry(director: &Director) -> Director {
    let mut director = director.clone();
    let servers = director.virtual_servers.iter_mut();
    for server in servers.filter(|server| server.sorry.is_some()) {
        Arc::make_mut(server).real_servers.clear();
    }
    director
}

fn act(kernel: &mut dyn Ipvs, want: &Table, answers: &mut Answers) -> Result<(), ipvs::Error> {
    let steps = diff(&kernel.table()?, want);
    let report = carry_out(kernel, steps)?;
    let refused = report.refused.iter().map(|(step, _)| step);
    let open: BTreeSet<Object> = refused.chain(&report.skipped).map(Step::object).collect();
    // What was not done is reported as that.
    let done = |step: &Step| {
        !open.contains(&step.object()) && !open.contains(&Object::Service(step.service))
    };
    let differs = diff(want, &kernel.table()?).into_iter();
    answers.differs.extend(differs.filter(done));
    answers.refused.extend(report.refused);
    Ok(())
}

/// What a step from asked to held says.
fn held(step: &Step) -> String {
    match &step.change {
        Change::EditService { before, after } => show::settings_diff(before, after),
        Change::EditDest { before, after, .. } => show::dest_diff(before, after),
        Change::RemoveService(_) | Change::RemoveDest(..) => "it is not there".to_owned(),
        Change::AddService(_) | Change::AddDest(..) => "nobody asked for it".to_owned(),
    }
}

/// One finding for each place and cause; a line can ask for several objects.
fn findings(answers: &Answers, director: &Director, loaded: &Loaded) -> Vec<Diagnostic> {
    let place = |object: Object| {
        let (places, service) = (&loaded.places, object.service()?);
        let dest = object.dest();
        let dest = dest.and_then(|dest| places.dest(director, &service, &dest));
        dest.or_else(|| places.service(&service))
    };
    let mut all: Vec<Diagnostic> = Vec::new();
    let mut more: Vec<BTreeSet<Object>> = Vec::new();
    let mut known: HashMap<(Span, String), usize> = HashMap::new();
    let mut add = |object, finding: Diagnostic| {
        let key = (finding.primary.span, finding.primary.text.clone());
        let at = *known.entry(key).or_insert(all.len());
        if at == all.len() {
            all.push(finding);
            more.push(BTreeSet::new());
        }
        more[at].insert(object);
    };
    for (step, refusal) in &answers.refused {
        let object = step.object();
        let Some(span) = place(object) else { continue };
        let reason = refusal.reason(step);
        let mut finding = Diagnostic::new(&KERNEL_REFUSES, span, reason.cause);
        finding = finding.note(format!("asked to {step}, the kernel answers: {refusal}"));
        finding.help = reason.remedy;
        add(object, finding);
    }
    for step in &answers.differs {
        let object = step.object();
        let Some(span) = place(object) else { continue };
        let finding = Diagnostic::new(&KERNEL_DIFFERS, span, held(step))
            .note(match step.dest() {
                Some(dest) => format!(
                    "asked for -> held, of real server {dest} of {}",
                    step.service
                ),
                None => format!("asked for -> held, of service {}", step.service),
            })
            .help("a newer kernel may know what is asked for");
        add(object, finding);
    }
    for (finding, objects) in all.iter_mut().zip(&more) {
        if objects.len() > 1 {
            let others = objects.len() - 1;
            let note = format!("the same answer to {others} more that this line asks for");
            finding.notes.push(note);
        }
    }
    all.sort_by_cached_key(|finding| loaded.sources.reading_order(finding.primary.span));
    all
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::conf;
    use crate::ipvs::{Error, Info, Memory, Outcome};
    use crate::model::director::Timeouts;
    use crate::model::service::{DestKey, ServiceKey};
    use crate::model::table::{Connections, Service};

    const TEXT: &str = "\
virtual_server_group web {
    192.0.2.10 80
    192.0.2.11 80
}
virtual_server group web {
    lb_algo rr
    lb_kind DR
    protocol TCP
    persistence_timeout 60
    persistence_engine nosuch
    real_server 192.0.2.50 80 {
    }
}
virtual_server 192.0.2.12 80 {
    lb_algo wrr
    lb_kind NAT
    protocol TCP
    sorry_server 224.0.0.2 80
    real_server 192.0.2.50 80 {
    }
    real_server 224.0.0.1 80 {
        weight 5
    }
}
";

    /// A kernel that takes every weight for 1.
    struct Flat(Memory);

    impl Ipvs for Flat {
        fn info(&mut self) -> Result<Info, Error> {
            self.0.info()
        }
        fn table(&mut self) -> Result<Table, Error> {
            let mut table = self.0.table()?;
            for service in table.values_mut() {
                let keys: Vec<DestKey> = service.pool.in_order().copied().collect();
                for key in keys {
                    let dest = service.pool.get_mut(&key).unwrap();
                    dest.weight = crate::model::limits::Weight::ONE;
                }
            }
            Ok(table)
        }
        fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, Error> {
            self.0.service(key)
        }
        fn connections(
            &mut self,
            key: &ServiceKey,
        ) -> Result<BTreeMap<DestKey, Connections>, Error> {
            self.0.connections(key)
        }
        fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
            self.0.execute(steps)
        }
        fn timeouts(&mut self) -> Result<Timeouts, Error> {
            self.0.timeouts()
        }
        fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
            self.0.set_timeouts(timeouts)
        }
    }

    /// Code, line and text of each finding.
    fn rehearsed(kernel: &mut dyn Ipvs, text: &str) -> Vec<(&'static str, usize, String)> {
        let files = conf::Memory([("k.conf".to_owned(), text.into())].into());
        let mut loaded = conf::load(&files, "k.conf", &Options::default());
        let director = loaded.director.take().unwrap();
        let answers = rehearse(kernel, &director).unwrap();
        let findings = findings(&answers, &director, &loaded).into_iter();
        let tell = |finding: Diagnostic| {
            let line = loaded.sources.place(finding.primary.span).line;
            (finding.rule.code, line, finding.primary.text)
        };
        findings.map(tell).collect()
    }

    #[test]
    fn a_refusal_is_found_once_at_the_line_that_asked() {
        let found = rehearsed(&mut Memory::default(), TEXT);
        let want = [
            (
                "kernel-refuses",
                5,
                "the kernel lacks the module ip_vs_rr or ip_vs_pe_nosuch",
            ),
            (
                "kernel-refuses",
                14,
                "the kernel takes 224.0.0.2 for no host",
            ),
            (
                "kernel-refuses",
                21,
                "the kernel takes 224.0.0.1 for no host",
            ),
        ];
        assert_eq!(
            found,
            want.map(|(code, line, text)| (code, line, text.to_owned()))
        );
    }

    #[test]
    fn what_is_held_otherwise_is_found_at_its_line() {
        let text = TEXT.replace("nosuch", "sip").replace("224.0.0", "192.0.2");
        assert_eq!(rehearsed(&mut Memory::default(), &text), []);
        let found = rehearsed(&mut Flat(Memory::default()), &text);
        let up = ("kernel-differs", 21, "weight 5 -> 1".to_owned());
        assert!(found.contains(&up), "{found:?}");
    }

    #[test]
    fn a_table_that_is_not_empty_is_not_touched() {
        let files = conf::Memory([("k.conf".to_owned(), TEXT.into())].into());
        let director = conf::load(&files, "k.conf", &Options::default())
            .director
            .unwrap();
        let mut kernel = Memory::new(all_up(&director));
        assert!(rehearse(&mut kernel, &director).is_err());
        assert_eq!(kernel.executed(), []);
    }
}

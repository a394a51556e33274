use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::bench::Bench;
use crate::draw;
use crate::judge::judge;
use crate::ledger::Ledger;
use crate::options::Options;
use crate::tally::Tally;

/// So many configurations in a sample, and in a soak.
const SAMPLE: usize = 60;
const ALL: usize = 500;

/// Configurations drawn from the keyword table.
pub fn run(bench: &Bench, options: &Options, ledger: &mut Ledger) {
    let count = if options.soak { ALL } else { SAMPLE };
    let drawn = draw::configurations(options.seed, count);
    let missing = draw::missing(&drawn);
    assert!(missing.is_empty(), "never drawn: {missing:?}");
    assert!(
        !draw::missing(&[]).is_empty(),
        "what is not drawn is not missed"
    );
    let mut tally = Tally::default();
    let start = Instant::now();
    for (nth, drawn) in drawn.iter().enumerate() {
        let numbered = format!("{} number {nth}", drawn.name);
        if !options.wants(&numbered) {
            continue;
        }
        let path = bench.ours.write("drawn.conf", &drawn.text);
        let judgement = judge(bench, &path);
        if !ledger.knows(&drawn.name, judgement.attributes()) || options.only.is_some() {
            print!("{numbered}\n{judgement}");
            keep(&drawn.text, nth, options);
        }
        tally.count(&judgement);
    }
    println!(
        "drawn: {tally}, {}\n{}",
        tally.pace(start.elapsed()),
        tally.reasons()
    );
}

/// Leaves a configuration where the host can see it.
fn keep(text: &str, nth: usize, options: &Options) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lab/out/tables");
    let path = folder.join(format!("seed-{}-number-{nth}.conf", options.seed));
    if fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, text))
        .is_ok()
    {
        println!("  kept as {}", path.display());
    }
}

use crate::conf::keyword::{Argument, Form, Inside, Kind};
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// Scripts are run, and `enable_script_security` is not set.
    ///
    /// A script that others than root can change is then run as root. keepalived says `SECURITY
    /// VIOLATION`, and its `--config-test` ends with status 6; but only where at least one of the
    /// scripts exists on the host, which lvsctl does not look at.
    ///
    /// ```text
    /// vrrp_script web {
    ///     script "/usr/local/bin/check-web"
    /// }
    /// ```
    ///
    /// Remedy: `enable_script_security` in `global_defs`, and a `script_user` that exists.
    RULE: Warning "script-security-off", "scripts run without enable_script_security";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    if outline.globals("enable_script_security").next().is_some() {
        return;
    }
    let Some(root) = Kind::named("root") else {
        return;
    };
    let vrrp = outline.each("vrrp_instance").next().is_some();
    let lines = outline.lines().iter().enumerate();
    // keepalived looks at scripts of VRRP only where there is an instance.
    let mut lines = lines.filter(|(_, line)| vrrp || !line.keyword().starts_with("vrrp"));
    let first = lines.find_map(|(at, line)| Some((at, first_script(root, [line].into_iter())?)));
    let both = first.into_iter().chain(outline.script());
    let Some((_, first)) = both.min_by_key(|(at, _)| *at) else {
        return;
    };
    let finding = Diagnostic::new(&RULE, first, "the first script of the file")
        .note("it runs as root, even where others than root may change it")
        .note("keepalived --config-test ends with status 6 where the script exists")
        .help("set enable_script_security and script_user in global_defs");
    found.push(finding);
}

/// The first script of these lines and their blocks.
fn first_script<'l>(kind: Kind, mut lines: impl Iterator<Item = &'l Line>) -> Option<Span> {
    let script = |line: &'l Line| {
        let known = kind.find(line.keyword().as_bytes())?;
        let command = |argument: &Argument| argument.forms.contains(&Form::Command);
        // `startup_script` runs once, and before there is anything to protect.
        let runs = known.arguments.first().is_some_and(command)
            && !matches!(known.word, "startup_script" | "shutdown_script" | "regex");
        let own = line
            .argument()
            .filter(|word| runs && !word.text.starts_with('<'));
        own.map(|word| word.span).or_else(|| match known.inside {
            Inside::Keywords(name) => first_script(Kind::named(name)?, line.inner.iter()),
            _ => None,
        })
    };

    lines.find_map(script)
}

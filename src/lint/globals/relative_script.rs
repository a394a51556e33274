use super::command;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A script by a path that does not begin with `/`.
    ///
    /// keepalived looks for it from the folder it happens to be in. Where it does not find it, a
    /// check is dropped and its server up for ever, a track script is not tracked, and a notify
    /// script is not run; of the last and the first `--config-test` says nothing. `~` is not
    /// expanded. A name without any `/` is looked for in `PATH`, and no finding.
    ///
    /// ```text
    /// vrrp_script web {
    ///     script "scripts/check-web.sh"
    /// }
    /// ```
    ///
    /// Remedy: the whole path.
    RULE: Warning silent "relative-script", "a script is looked for wherever keepalived happens to be";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, command::takes_one, look);

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(command) = command::of(known, node) else {
        return;
    };
    let relative = |file: &&[u8]| {
        // Redirections, assignments and options are no paths.
        let path = file
            .first()
            .is_some_and(|first| !b"/<>-[(${\"'".contains(first));
        path && file.contains(&b'/') && !file.contains(&b'=')
    };
    if command.files().any(|file| relative(&file)) {
        let text = "does not begin with /";
        let finding = Diagnostic::new(&RULE, command.word.span, text);
        found.push(finding.help("write the whole path"));
    }
}

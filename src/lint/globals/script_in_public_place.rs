use super::command;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A script in a folder that every user can write to, such as `/tmp`.
    ///
    /// The folder is emptied when the host starts. Whoever is first may then put a script of his
    /// own there, and keepalived runs it, as root where nothing else is said; or nobody does, and a
    /// check is dropped and its server up for ever. `enable_script_security` does not object to
    /// `/tmp` itself.
    ///
    /// ```text
    /// MISC_CHECK {
    ///     misc_path "/tmp/check.sh"
    /// }
    /// ```
    ///
    /// Remedy: a folder that only root can write to, such as `/usr/local/lib`.
    RULE: Warning silent "script-in-public-place", "everybody can put a script there";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, command::takes_one, look);

const PLACES: [&[u8]; 6] = [
    b"/tmp/",
    b"/var/tmp/",
    b"/dev/shm/",
    b"/run/shm/",
    b"/run/lock/",
    b"/var/lock/",
];

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(command) = command::of(known, node) else {
        return;
    };
    let place = PLACES.iter().find(|place| {
        let mut files = command.files();
        files.any(|file| file.starts_with(place))
    });
    if let Some(place) = place {
        let place = String::from_utf8_lossy(place);
        let text = format!("every user can write to {}", place.trim_end_matches('/'));
        let finding = Diagnostic::new(&RULE, command.word.span, text);
        found.push(finding.help("put it where only root can write, such as /usr/local/lib"));
    }
}

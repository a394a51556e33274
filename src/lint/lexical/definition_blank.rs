use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A line begins with `$NAME`, a blank and `=`.
    ///
    /// keepalived defines nothing: it takes `$NAME` for an unknown keyword, or puts in its place
    /// what it was defined as before. Where the parameter is used below it stays as it is written.
    ///
    /// ```text
    /// $VIP = 192.0.2.1
    /// ```
    ///
    /// Remedy: `$VIP=192.0.2.1`. Blanks behind the `=` do no harm.
    RULE: Error "definition-blank", "a definition has no blank before its =";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let mut words = line.bare();
    let (name, sign) = (words.next()?, words.next()?);
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let named = name.1.strip_prefix(b"$")?;
    if named.is_empty() || !named.iter().all(letter) || !sign.1.starts_with(b"=") {
        return None;
    }
    let name = String::from_utf8_lossy(name.1);
    let text = format!("{name} is not defined by this");
    let finding = Diagnostic::new(&RULE, line.word(sign), text);
    Some(finding.help(format!("write {name}= and the value")))
}

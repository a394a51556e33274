use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// Mail goes to an address that was copied from a sample, or stands for one.
    ///
    /// Nobody reads what is sent to `firewall.loc`, to `example.com` or to `**`. keepalived sends
    /// it at every change, and says nothing.
    ///
    /// ```text
    /// notification_email {
    ///     sysadmin@firewall.loc
    /// }
    /// ```
    ///
    /// Remedy: an address of yours, or none.
    RULE: Info silent "sample-mail", "mail goes to the address of a sample";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    // Without a server no mail is sent at all, which is another finding.
    if outline.globals("smtp_server").next().is_none() {
        return;
    }
    let blocks = outline.globals("notification_email");
    let to = blocks.flat_map(|block| &block.inner).flat_map(Line::words);
    let server = outline
        .globals("smtp_server")
        .filter_map(|line| line.argument());
    let mut words = to.chain(server.filter(|word| word.text.contains('*')));
    // Once said is enough.
    if let Some(word) = words.find(|word| stands_for_one(word)) {
        let text = format!("{} is nobody", word.text);
        let finding = Diagnostic::new(&RULE, word.span, text);
        found.push(finding.help("an address of yours, or none"));
    }
}

fn stands_for_one(word: &Word) -> bool {
    let domain = word.text.rsplit('@').next().unwrap_or_default();
    let domain = domain.to_ascii_lowercase();
    // RFC 2606 keeps these for examples.
    let example = ["firewall.loc", "example.com", "example.net", "example.org"];
    example.contains(&&*domain) || word.text.contains("**") || domain.starts_with("xxx")
}

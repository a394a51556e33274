use super::asking::{each, seconds};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{VirtualServer, and_more};

rule! {
    /// A check waits longer for an answer than until it asks again.
    ///
    /// A server that is gone is then not asked every `delay_loop`, and traffic goes to it for
    /// longer than the file looks like. keepalived begins to count `delay_loop` when a check is
    /// over, of a script when it was started. A check takes what it does not say from its real
    /// server, that from its virtual server; the defaults are a `connect_timeout` of 5 and a
    /// `delay_loop` of 60 seconds.
    ///
    /// ```text
    /// delay_loop 6
    /// real_server 192.0.2.11 80 {
    ///     TCP_CHECK {
    ///         connect_timeout 10
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: a timeout below `delay_loop`, about what a slow answer takes.
    RULE: Warning silent "timeout-outlasts-loop", "a check waits longer than until the next";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(around: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let mut too_long = each(around).filter_map(|asking| {
        let (timeout, every) = (asking.timeout()?, asking.delay_loop()?);
        (timeout.micros > every.micros).then_some((asking, timeout, every))
    });
    let Some((asking, timeout, every)) = too_long.next() else {
        return;
    };
    let more = too_long.count();
    let (long, short) = (seconds(timeout.micros), seconds(every.micros));
    let mut finding = match (timeout.word, every.word) {
        (Some(word), every) => {
            let text = format!("waits {long} s, and asks every {short} s");
            let finding = Diagnostic::new(&RULE, word.span, text);
            match every {
                Some(every) => finding.context(every.span, "the loop"),
                None => finding,
            }
        }
        (None, Some(word)) => {
            let text =
                format!("every {short} s, where a check waits {long} s without connect_timeout");
            Diagnostic::new(&RULE, word.span, text)
                .context(asking.check.node.keyword().span, "the check")
        }
        // The defaults agree.
        (None, None) => return,
    };
    // Without it UDP_CHECK takes silence for an answer.
    let hears = asking.kind() != "UDP_CHECK" || asking.check.has("require_reply");
    if let Some(most) = asking.notices_after().filter(|_| hears) {
        let text = format!(
            "a server that stops answering gets traffic for up to {} s",
            seconds(most)
        );
        finding = finding.note(text);
    }
    let finding = and_more(finding, more);
    let help = format!("a timeout below {short} s, or a longer delay_loop");
    found.push(finding.help(help));
}

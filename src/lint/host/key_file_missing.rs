use super::needs::Needs;
use super::track_file_missing::{absent, no};
use super::{Host, Inspection};
use crate::diag::{Diagnostic, rule};

rule! {
    /// A file of the block `SSL` is not on this machine.
    ///
    /// Found by `lint --host` alone.
    ///
    /// keepalived reads these files when it starts. Where it cannot, no `SSL_GET` check can
    /// connect. `--config-test` says nothing.
    ///
    /// ```text
    /// SSL {
    ///     certificate /etc/keepalived/client.pem
    ///     key /etc/keepalived/client.key
    /// }
    /// ```
    ///
    /// Remedy: install the file, or leave the block out: a check needs none to speak TLS.
    RULE: Warning silent "key-file-missing", "a key or certificate is not on this machine";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    for (path, place) in absent(host, &needs.key_files) {
        found.push(place.count(Diagnostic::new(&RULE, place.first, no(path))));
    }
}

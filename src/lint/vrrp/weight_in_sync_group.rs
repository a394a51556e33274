use std::collections::HashSet;

use super::instance::instances;
use super::sync_group_member_missing::members;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A weight in an instance that belongs to a sync group.
    ///
    /// The members of a group change together, so that a priority cannot move in one. keepalived
    /// says `ignoring tracked script … with weights due to SYNC group`, unless the group says
    /// `sync_group_tracking_weight`. The same for a priority of 255, which never moves. A
    /// `track_file` has weight 1 where it says none.
    ///
    /// ```text
    /// vrrp_script web {
    ///     script "/usr/local/bin/check-web"
    ///     weight 10
    /// }
    /// ```
    ///
    /// Remedy: no weight, so that the script's failure moves the group; or
    /// `sync_group_tracking_weight`.
    RULE: Warning "weight-in-sync-group", "a tracked weight cannot move this priority";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// Blocks that track, where what they name is defined, and its weight where it says none.
const KINDS: [(&str, &[&str], &str); 4] = [
    ("track_interface", &[], "0"),
    ("track_script", &["vrrp_script"], "0"),
    ("track_file", &["track_file", "vrrp_track_file"], "1"),
    ("track_bfd", &["bfd_instance"], "0"),
];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let groups = outline.each("vrrp_sync_group");
    let moves = |group: &&Line| group.first("sync_group_tracking_weight").is_some();
    let fixed = groups.filter(|group| !moves(group)).flat_map(members);
    let fixed: HashSet<&str> = fixed.map(|word| &*word.text).collect();
    for instance in instances(outline) {
        let why = if instance.priority() == 255 {
            "the owner of an address has priority 255"
        } else if fixed.contains(instance.block.name()) {
            "it is in a sync group"
        } else {
            continue;
        };
        for (kind, blocks, default) in KINDS {
            for line in instance.block.within(kind) {
                let own = line
                    .words()
                    .windows(2)
                    .find(|pair| &*pair[0].text == "weight");
                let mut all = blocks
                    .iter()
                    .flat_map(|block| outline.named(block, line.keyword()));
                let subject = all.next().map(|(_, block)| block);
                if subject.is_none() && kind != "track_interface" {
                    continue;
                }
                let given = subject.and_then(|block| block.last("weight")?.argument());
                let weight = own.map(|pair| &pair[1]).or(given);
                if weight.map_or(default, |weight| &weight.text) == "0" {
                    continue;
                }
                let text = format!("{why}: keepalived ignores the weight");
                let finding = Diagnostic::new(&RULE, line.place(), text);
                found.push(match weight {
                    Some(weight) => finding.context(weight.span, "the weight"),
                    None => {
                        finding.help(format!("weight {default} is the default: write weight 0"))
                    }
                });
            }
        }
    }
}

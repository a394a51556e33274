use std::collections::{BTreeMap, BTreeSet};

use crate::ipvs::{self, Ipvs};
use crate::model::service::{DestKey, Family, ServiceKey};
use crate::model::table::Table;
use crate::plan::{Change, Step};

/// What becomes of connections that are under way, where `steps` take away what carries them.
///
/// `left` are the families of which a service will be there then. The kernel is asked about services
/// that lose something, and about no other.
pub(super) fn notes(
    kernel: &mut dyn Ipvs,
    steps: &[Step],
    left: &BTreeSet<Family>,
) -> Result<Vec<String>, ipvs::Error> {
    let mut broken: BTreeMap<Family, u64> = BTreeMap::new();
    for (service, gone) in taken_away(steps) {
        let connections = kernel.connections(&service)?;
        let of = |dest: &DestKey| {
            connections
                .get(dest)
                .map_or(0, |counted| u64::from(counted.active))
        };
        let active: u64 = match gone {
            Gone::Whole => connections
                .values()
                .map(|counted| u64::from(counted.active))
                .sum(),
            Gone::Dests(dests) => dests.iter().map(of).sum(),
        };
        *broken.entry(service.family()).or_default() += active;
    }
    broken.retain(|_, active| *active > 0);
    Ok(broken
        .into_iter()
        .map(|(family, active)| note(active, family, left))
        .collect())
}

fn note(active: u64, family: Family, left: &BTreeSet<Family>) -> String {
    let name = match family {
        Family::Inet => "IPv4",
        Family::Inet6 => "IPv6",
    };
    // The kernel then takes its hands off the family's packets.
    let last = if left.contains(&family) {
        String::new()
    } else {
        format!(", which are reset at once as no {name} service is left")
    };
    format!(
        "removal cuts {active} active {name} connections{last} (remedy: apply --removal-grace SECONDS lets them end first)"
    )
}

/// What a service loses.
enum Gone {
    Whole,
    Dests(BTreeSet<DestKey>),
}

fn taken_away(steps: &[Step]) -> BTreeMap<ServiceKey, Gone> {
    let mut gone: BTreeMap<ServiceKey, Gone> = BTreeMap::new();
    for step in steps {
        match &step.change {
            Change::RemoveService(_) => drop(gone.insert(step.service, Gone::Whole)),
            Change::RemoveDest(dest, _) => {
                let none = || Gone::Dests(BTreeSet::new());
                if let Gone::Dests(dests) = gone.entry(step.service).or_insert_with(none) {
                    dests.insert(*dest);
                }
            }
            _ => {}
        }
    }
    gone
}

/// Families of which a service will be there.
pub(super) fn families(want: &Table, foreign: &[ServiceKey]) -> BTreeSet<Family> {
    want.keys().chain(foreign).map(ServiceKey::family).collect()
}

use super::step::{Change, Step, Wave};
use crate::model::service::ServiceKey;
use crate::model::table::{Pool, Service, Table};

/// Steps that turn `observed` into `desired`, in the order of their waves; empty if and only if
/// they agree.
///
/// What is in both is edited, never deleted and added again: a connection outlives an edit. New
/// dests come in the order of the file, because `sh` and `mh` map clients by order of entry.
/// Within a wave steps stand by service.
pub fn diff(observed: &Table, desired: &Table) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut later = Later::default();
    for (&key, want) in desired {
        edit_service(key, observed.get(&key), want, &mut steps, &mut later);
    }
    let nothing = Pool::default();
    for (&key, want) in desired {
        let have = observed.get(&key).map_or(&nothing, |have| &have.pool);
        edit_pool(key, have, &want.pool, &mut steps, &mut later);
    }
    steps.append(&mut later.lower);
    steps.append(&mut later.remove);
    steps.append(&mut later.fallback);
    for (&service, have) in observed {
        if !desired.contains_key(&service) {
            let change = Change::RemoveService(have.settings.clone());
            steps.push(Step { service, change });
        }
    }
    steps
}

/// What comes after dests that are raised. Collected apart, because of a large plan there is to be
/// one copy.
#[derive(Default)]
struct Later {
    lower: Vec<Step>,
    remove: Vec<Step>,
    fallback: Vec<Step>,
}

fn edit_service(
    service: ServiceKey,
    have: Option<&Service>,
    want: &Service,
    first: &mut Vec<Step>,
    later: &mut Later,
) {
    let change = match have {
        None => Change::AddService(want.settings.clone()),
        Some(have) if have.settings != want.settings => Change::EditService {
            before: Box::new(have.settings.clone()),
            after: want.settings.clone(),
        },
        Some(_) => return,
    };
    let step = Step { service, change };
    match step.wave() {
        Wave::Fallback => later.fallback.push(step),
        _ => first.push(step),
    }
}

fn edit_pool(
    service: ServiceKey,
    have: &Pool,
    want: &Pool,
    raise: &mut Vec<Step>,
    later: &mut Later,
) {
    if have == want {
        return;
    }
    for (key, &after) in want.entered() {
        let change = match have.get(key) {
            None => Change::AddDest(*key, after),
            Some(&before) if before != after => Change::EditDest {
                dest: *key,
                before,
                after,
            },
            Some(_) => continue,
        };
        let step = Step { service, change };
        match step.wave() {
            Wave::Lower => later.lower.push(step),
            _ => raise.push(step),
        }
    }
    for (key, &before) in have.iter() {
        if !want.contains(key) {
            let change = Change::RemoveDest(*key, before);
            later.remove.push(Step { service, change });
        }
    }
}

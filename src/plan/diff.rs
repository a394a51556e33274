use super::step::{Change, Step};
use crate::model::service::ServiceKey;
use crate::model::table::{Pool, Service, Table};

/// Steps that turn `observed` into `desired`, in the order of their waves; empty if and only if
/// they agree.
///
/// What is in both is edited, never deleted and added again: a connection outlives an edit. New
/// dests come in the order of the file, because `sh` and `mh` map clients by order of entry.
pub fn diff(observed: &Table, desired: &Table) -> Vec<Step> {
    let mut steps = Vec::new();
    for (&key, want) in desired {
        match observed.get(&key) {
            None => add_service(key, want, &mut steps),
            Some(have) => edit_service(key, have, want, &mut steps),
        }
    }
    for (&key, have) in observed {
        if !desired.contains_key(&key) {
            let change = Change::RemoveService(have.settings.clone());
            steps.push(Step {
                service: key,
                change,
            });
        }
    }
    steps.sort_by_key(Step::wave); // stable: within a wave by service, then as added above
    steps
}

fn add_service(service: ServiceKey, want: &Service, steps: &mut Vec<Step>) {
    let change = Change::AddService(want.settings.clone());
    steps.push(Step { service, change });
    edit_pool(service, &Pool::default(), &want.pool, steps);
}

fn edit_service(service: ServiceKey, have: &Service, want: &Service, steps: &mut Vec<Step>) {
    if have.settings != want.settings {
        let change = Change::EditService {
            before: have.settings.clone(),
            after: want.settings.clone(),
        };
        steps.push(Step { service, change });
    }
    edit_pool(service, &have.pool, &want.pool, steps);
}

fn edit_pool(service: ServiceKey, have: &Pool, want: &Pool, steps: &mut Vec<Step>) {
    for key in want.in_order() {
        let Some(&after) = want.get(key) else {
            continue;
        };
        let change = match have.get(key) {
            None => Change::AddDest(*key, after),
            Some(&before) if before != after => Change::EditDest {
                dest: *key,
                before,
                after,
            },
            Some(_) => continue,
        };
        steps.push(Step { service, change });
    }
    for (key, &before) in have.iter() {
        if !want.contains(key) {
            let change = Change::RemoveDest(*key, before);
            steps.push(Step { service, change });
        }
    }
}

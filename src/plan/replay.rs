use super::step::{Change, Step};
use crate::model::table::{Pool, Service, Table};

/// What a table is after steps that the kernel carried out.
pub fn replay_all(table: &mut Table, steps: &[Step]) {
    // Steps of one wave stand by service: a pool that is filled has room for just what comes.
    for of_service in steps.chunk_by(|one, next| one.service == next.service) {
        let is_new = |step: &&Step| matches!(step.change, Change::AddDest(..));
        let more = of_service.iter().filter(is_new).count();
        if more > 1
            && let Some(service) = table.get_mut(&of_service[0].service)
        {
            service.pool.reserve(more);
        }
        for step in of_service {
            replay(table, step);
        }
    }
}

/// What a table is after one step that the kernel carried out.
///
/// A step that does not fit the table leaves it as it is.
pub fn replay(table: &mut Table, step: &Step) {
    match &step.change {
        Change::AddService(settings) => {
            let settings = settings.clone();
            let pool = Pool::default();
            table
                .entry(step.service)
                .or_insert(Service { settings, pool });
        }
        Change::EditService { after, .. } => {
            if let Some(service) = table.get_mut(&step.service) {
                service.settings = after.clone();
            }
        }
        Change::RemoveService(_) => {
            table.remove(&step.service);
        }
        Change::AddDest(key, dest) => {
            if let Some(service) = table.get_mut(&step.service) {
                service.pool.insert(*key, *dest);
            }
        }
        Change::EditDest { dest, after, .. } => {
            let service = table.get_mut(&step.service);
            if let Some(have) = service.and_then(|service| service.pool.get_mut(dest)) {
                *have = *after;
            }
        }
        Change::RemoveDest(key, _) => {
            if let Some(service) = table.get_mut(&step.service) {
                service.pool.remove(key);
            }
        }
    }
}

/// Whether the object of a step is in `table` as the step wants it.
pub fn holds(table: &Table, step: &Step) -> bool {
    let service = table.get(&step.service);
    let dest = |key| service.and_then(|service| service.pool.get(key));
    match &step.change {
        Change::AddService(settings)
        | Change::EditService {
            after: settings, ..
        } => service.is_some_and(|service| service.settings == *settings),
        Change::RemoveService(_) => service.is_none(),
        Change::AddDest(key, want) => dest(key) == Some(want),
        Change::EditDest {
            dest: key, after, ..
        } => dest(key) == Some(after),
        Change::RemoveDest(key, _) => dest(key).is_none(),
    }
}

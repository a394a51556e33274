use super::step::{Change, Step};

/// So many changes of a scheduler are made at a stretch: each takes the kernel a grace period, ten
/// to forty milliseconds, in which it takes no other change.
const AT_ONCE: usize = 8;

/// Leaves the first few changes of a scheduler in `steps`, and returns those that are put off, so that
/// a verdict need not wait until a thousand services have another one.
pub fn pace(steps: &mut Vec<Step>) -> Vec<Step> {
    let mut left = AT_ONCE;
    let put_off = steps.extract_if(.., |step| {
        if !changes_scheduler(step) {
            return false;
        }
        let taken = left > 0;
        left = left.saturating_sub(1);
        !taken
    });
    put_off.collect()
}

fn changes_scheduler(step: &Step) -> bool {
    match &step.change {
        Change::EditService { before, after } => before.scheduler != after.scheduler,
        _ => false,
    }
}

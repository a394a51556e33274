use super::{Error, Ipvs};
use crate::model::service::ServiceKey;
use crate::model::table::Table;

/// The whole table, with nothing missing of `expected` that is there. It is probably as is `likely`.
///
/// A dump goes on where it was by counting: what others remove meanwhile makes it pass over what
/// they left alone. Who acted on that would add what is there, or take it for repaired.
pub fn observe<'a>(
    kernel: &mut dyn Ipvs,
    likely: &Table,
    expected: impl IntoIterator<Item = &'a ServiceKey>,
) -> Result<Table, Error> {
    let mut table = kernel.table_like(likely)?;
    let expected = expected.into_iter();
    let missing = expected.filter(|key| !table.contains_key(key));
    let missing: Vec<ServiceKey> = missing.copied().collect();
    table.append(&mut kernel.overlooked(&missing)?);
    Ok(table)
}

//! Days that people type, held to what can be: nobody is told on a day that has not come, and no meeting is announced for one
//! that is over. The pack says of which field it holds.

use super::Ctx;
use crate::matter::Values;
use crate::policy::{DayRule, Kind};
use crate::refusal::{FieldFault, Refusal};

/// Refuses days that cannot be, each beside its field.
pub(super) fn days_can_be(ctx: Ctx, kind: &Kind, values: &Values) -> Result<(), Refusal> {
    let today = i64::from(ctx.now.day().0);
    let faults: Vec<FieldFault> = kind
        .fields
        .iter()
        .filter_map(|field| {
            let day = values.get(&field.id)?.as_i64()?;
            let key = match field.day? {
                DayRule::Past if day > today => "not_yet",
                DayRule::Ahead if day < today => "over_already",
                _ => return None,
            };
            Some(FieldFault::new(&field.id, key).with("label", &field.label))
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::form(faults)) }
}

//! Why somebody does not find a move: the pack says of some that their reason is told instead of leaving them out. It
//! decides nothing; what is refused here is refused by the same rules when it is tried.

use super::Ctx;
use super::guard::may_move;
use crate::ids::AccountId;
use crate::matter::{Matter, Who};
use crate::policy::Move;
use crate::refusal::Refusal;

/// Moves with `say_why` that this account could make now but for their condition, their time or what the matter lacks.
pub fn unmet<'a>(ctx: Ctx<'a>, matter: &Matter, account: AccountId) -> Vec<(&'a Move, Refusal)> {
    let Some(kind) = ctx.policy.kind_of(matter) else { return Vec::new() };
    let told = |mv: &'a Move| {
        let by = Who::Account { account, post: None };
        let refused = may_move(ctx, kind, matter, mv, by).err()?;
        matches!(refused.key.as_str(), "not_now" | "window_over").then_some((mv, refused))
    };
    kind.moves.iter().filter(|m| m.say_why).filter_map(told).collect()
}

//! A post while its holder is away, and an account whose password is lost. A stand-in holds the post beside the holder for
//! days that are named beforehand, and no longer; nobody lends or opens more than they could give.

use crate::command::Ids;
use crate::error::AppError;
use crate::people::may_grant;
use crate::state::App;
use std::collections::BTreeSet;
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, RegionId, TermId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Policy;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::region::FOREVER;
use xiangyue_domain::register::{Directory, RegisterEvent, Term};

/// Somebody who stands in, and for which days.
#[derive(Debug, Clone, Copy)]
pub struct StandIn {
    /// The term whose holder is away.
    pub term: TermId,
    /// Who stands in.
    pub account: AccountId,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

/// Whether somebody may lend a post: their own, or one that they could give.
pub fn may_lend(policy: &Policy, directory: &Directory, by: AccountId, term: &Term, day: Day) -> bool {
    let holds = term.from <= day && day <= term.to;
    holds && (term.account == by || may_grant(policy, directory, by, &term.holder, day))
}

/// Accounts that may stand in: whoever works at the post's place, above it or directly below it, but does not hold it.
pub fn stand_ins(directory: &Directory, term: &Term, day: Day) -> BTreeSet<AccountId> {
    let Some(place) = directory.region_of(&term.holder) else { return BTreeSet::new() };
    let mut near: BTreeSet<RegionId> = directory.tree.ancestors(place, day).into_iter().collect();
    near.extend(directory.tree.children(place, day));
    let now = directory.terms.values().filter(|t| t.from <= day && day <= t.to);
    let held: BTreeSet<AccountId> = now.clone().filter(|t| t.holder == term.holder).map(|t| t.account).collect();
    let works_near = |t: &&Term| directory.region_of(&t.holder).is_some_and(|r| near.contains(&r));
    let open = |id: &AccountId| directory.accounts.get(id).is_some_and(|a| !a.closed);
    now.filter(works_near).map(|t| t.account).filter(open).filter(|a| !held.contains(a)).collect()
}

/// Decides that somebody stands in.
fn lend(
    ids: &mut Ids,
    directory: &Directory,
    policy: &Policy,
    by: AccountId,
    new: StandIn,
    day: Day,
) -> Result<Vec<Event>, Refusal> {
    let term = directory.terms.get(&new.term).ok_or_else(|| Refusal::new("not_found"))?;
    if !may_lend(policy, directory, by, term, day) {
        return Err(Refusal::new("no_grant"));
    }
    if new.from < day || new.to < new.from || new.to > term.to || new.to >= FOREVER {
        return Err(Refusal::field("until", "stand_days"));
    }
    if !stand_ins(directory, term, day).contains(&new.account) {
        return Err(Refusal::field("who", "stand_who"));
    }
    let overlaps =
        |t: &&Term| t.holder == term.holder && t.account == new.account && t.from <= new.to && new.from <= t.to;
    if directory.terms.values().any(|t| overlaps(&t)) {
        return Err(Refusal::field("who", "holds_already"));
    }
    let lent =
        Term { id: TermId(ids.draw()), account: new.account, holder: term.holder.clone(), from: new.from, to: new.to };
    Ok(vec![Event::Register(RegisterEvent::TermsBegun { terms: vec![lent] })])
}

/// Whether somebody may make an account's password void: they could give every post that it holds, and it is not theirs.
pub fn may_reset(policy: &Policy, directory: &Directory, by: AccountId, account: AccountId, day: Day) -> bool {
    let held = directory.posts_of(account, day);
    let known = directory.accounts.get(&account).is_some_and(|a| !a.closed && !a.demo);
    known && by != account && !held.is_empty() && held.into_iter().all(|h| may_grant(policy, directory, by, h, day))
}

impl App {
    /// Somebody stands in for the holder of a post.
    pub async fn stand_in(&self, by: AccountId, new: StandIn) -> Result<(), AppError> {
        let now = self.now();
        let who = Who::Account { account: by, post: None };
        self.register(now, who, move |ids, directory, policy| lend(ids, directory, policy, by, new, now.day())).await
    }

    /// Makes an account's password void, ends its sessions and gives the token of a one-time link.
    pub async fn reset_password(&self, by: AccountId, account: AccountId) -> Result<String, AppError> {
        let now = self.now();
        let who = Who::Account { account: by, post: None };
        self.register(now, who, move |_, directory, policy| {
            if !may_reset(policy, directory, by, account, now.day()) {
                return Err(Refusal::new("no_grant"));
            }
            Ok(vec![Event::Register(RegisterEvent::PasswordSet { account, password: String::new() })])
        })
        .await?;
        self.end_sessions_of(account).await?;
        let token = self.secrets().random_token();
        self.add_link(&token, account).await?;
        Ok(token)
    }
}

//! Points under a rule: given or taken for what a household did. The version in force on that day is the one that
//! judges; who proposed it never reviews it; a cap holds over its whole period.

use super::book::Book;
use super::event::{About, LedgerEvent};
use super::post::{Draft, book_draft};
use super::roles::{Roles, flow_legs};
use super::{MOST, Next, under};
use crate::day::{Day, Time};
use crate::flow::Ctx;
use crate::ids::RegionId;
use crate::policy::{LedgerRules, Legal, Per, PointsRule, Purpose, Quantity, TransferKind};
use crate::refusal::Refusal;

/// A household and where it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// Household.
    pub id: i64,
    /// Grid or village it lies in.
    pub place: RegionId,
}

/// Points that are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Award {
    /// Kind of transfer.
    pub kind: String,
    /// Household.
    pub home: Home,
    /// Code of the rule.
    pub rule: String,
    /// How many times.
    pub times: i64,
    /// Day of what was done.
    pub day: Day,
    /// Pending until then.
    pub until: Option<Time>,
    /// Who proposed, who reviewed, with what evidence, shown from when to when.
    pub about: About,
}

/// The version of a rule that judges a day; refused with the days on which it was in force.
pub(super) fn rule_on<'a>(rules: &'a LedgerRules, code: &str, day: Day) -> Result<&'a PointsRule, Refusal> {
    if let Some(rule) = rules.rule(code, day) {
        return Ok(rule);
    }
    let mut versions: Vec<&PointsRule> = rules.versions(code).collect();
    versions.sort_by_key(|r| r.from);
    let near = versions.iter().find(|r| r.from > day).or(versions.last());
    let near = near.ok_or_else(|| Refusal::new("ledger_no_rule").with("rule", code))?;
    let open = near.to >= crate::region::FOREVER;
    let to = if open { String::new() } else { near.to.to_string() };
    Err(under("ledger_rule_dates", &near.item, &near.basis).with("day", day).with("from", near.from).with("to", to))
}

/// The rule's period and what this adds to its use.
pub(super) fn use_of(rule: &PointsRule, day: Day, times: i64) -> Option<(Day, i64)> {
    let cap = rule.cap?;
    Some((cap.per.start(day), if cap.times { times } else { rule.points.saturating_mul(times).abs() }))
}

fn checked(award: &Award, rule: &PointsRule, kind: &TransferKind, today: Day) -> Result<(), Refusal> {
    let no = |key: &str| Err(under(key, &rule.item, &rule.basis));
    let about = &award.about;
    if kind.purpose != Purpose::Award {
        return Err(Refusal::new("pack").with("fault", &kind.id));
    }
    if rule.legal == Legal::Entitlement {
        return no("ledger_entitlement");
    }
    if award.times < 1 || award.times > MOST || award.times.checked_mul(rule.points.abs()).is_none_or(|n| n > MOST) {
        return Err(Refusal::new("ledger_amount"));
    }
    if award.day > today {
        return no("ledger_future");
    }
    if rule.evidence && about.evidence == 0 {
        return no("ledger_evidence");
    }
    if rule.review && about.reviewer.is_none() {
        return no("ledger_unreviewed");
    }
    if about.reviewer.is_some() && about.reviewer == about.proposer {
        return no("ledger_own_review");
    }
    Ok(())
}

/// Books points under a rule.
pub(super) fn award(ctx: Ctx, book: &Book, next: Next<'_>, award: &Award) -> Result<Vec<LedgerEvent>, Refusal> {
    let rules = &ctx.policy.ledger;
    let rule = rule_on(rules, &award.rule, award.day)?;
    let kind = rules.transfer(&award.kind).ok_or_else(|| Refusal::new("pack").with("fault", &award.kind))?;
    checked(award, rule, kind, ctx.now.day())?;
    let used = use_of(rule, award.day, award.times);
    if let (Some(cap), Some((start, more))) = (rule.cap, used) {
        let key = (award.home.id, rule.code.clone(), start);
        if !book.knows_use(&key) {
            return Err(Refusal::new("ledger_not_at_hand"));
        }
        let before = book.used(&key);
        if before + more > cap.most {
            let left = (cap.most - before).max(0);
            let key = match cap.per {
                Per::Day => "ledger_cap_day",
                Per::Month => "ledger_cap_month",
                Per::Quarter => "ledger_cap_quarter",
                Per::Year => "ledger_cap_year",
            };
            return Err(under(key, &rule.item, &rule.basis).with("cap", cap.most).with("left", left));
        }
    }
    let roles = Roles { place: award.home.place, household: Some(award.home), party: None };
    let points = rule.points * award.times;
    let mut legs = Vec::new();
    for flow in kind.flows.iter().filter(|f| f.of == Quantity::Points) {
        legs.extend(flow_legs(ctx, flow, &roles, &rule.class, points)?);
    }
    for leg in legs.iter_mut().filter(|l| rule.below_zero && l.n < 0) {
        leg.may_owe = i64::MAX;
    }
    let about = About {
        household: award.home.id,
        rule: rule.code.clone(),
        version: Some(rule.from),
        times: if award.times == 1 { 0 } else { award.times },
        used,
        ..award.about.clone()
    };
    let draft = Draft { kind, day: award.day, legs, until: award.until, reverses: None, about };
    book_draft(rules, book, next, draft)
}

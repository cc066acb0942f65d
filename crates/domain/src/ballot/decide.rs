//! What is decided about a vote: whether it may open, whether a voter may still vote, and how it came out. It decides
//! and returns events; it never reads a clock, writes, or sees a secret choice beside a voter.

use super::{Ballot, BallotEvent, BallotOpened, Choice, Counted, Stage, Tally, Way};
use crate::day::Time;
use crate::flow::{self, Ctx};
use crate::ids::BallotId;
use crate::matter::{Change, Matter, Who};
use crate::policy::{BallotRule, Secrecy};
use crate::refusal::Refusal;
use std::collections::BTreeMap;

/// Most voters of a roll.
const ROLL_MAX: usize = 5000;

/// A vote to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BallotRequest {
    /// Rule of the kind.
    pub rule: String,
    /// 无记名, where the rule lets one choose.
    pub secret: bool,
    /// Until when the links may be used.
    pub until: Time,
    /// From which the codes follow.
    pub salt: String,
    /// Digests of the voters' codes.
    pub roll: Vec<String>,
    /// Heading and names, as ciphertext.
    pub names: String,
}

/// The box of a secret vote while it is open: who voted, by the place in the roll. What they chose is not here.
pub type Marks = BTreeMap<i64, Way>;

fn rule_of<'a>(ctx: Ctx<'a>, matter: &Matter, rule: &str) -> Result<&'a BallotRule, Refusal> {
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    kind.ballots.iter().find(|b| b.id == rule).ok_or_else(|| Refusal::new("no_move"))
}

/// Whether somebody may open, keep and close this vote; returns them with the post they act under.
pub fn may_keep(ctx: Ctx, matter: &Matter, rule: &str, by: Who) -> Result<Who, Refusal> {
    let rule = rule_of(ctx, matter, rule)?;
    flow::acting(ctx, matter, &rule.by, &rule.name, by)
}

/// Opens a vote: the roll is fixed from now on.
pub fn open(
    ctx: Ctx,
    matter: &Matter,
    by: Who,
    id: BallotId,
    request: BallotRequest,
) -> Result<(BallotEvent, Change), Refusal> {
    let by = may_keep(ctx, matter, &request.rule, by)?;
    let rule = rule_of(ctx, matter, &request.rule)?;
    flow::may_ballot(ctx, matter, rule)?;
    let voters = request.roll.len();
    if voters == 0 || voters > ROLL_MAX {
        let key = if voters == 0 { "roll_empty" } else { "roll_long" };
        return Err(Refusal::field("roll", key));
    }
    if request.until <= ctx.now {
        return Err(Refusal::field("until", "in_the_past"));
    }
    ctx.policy.body(&rule.body).ok_or_else(|| Refusal::new("no_rule").with("body", &rule.body))?;
    let opened = BallotOpened {
        id,
        matter: matter.id,
        rule: rule.id.clone(),
        place: matter.place,
        body: rule.body.clone(),
        secret: match rule.secret {
            Secrecy::Open => false,
            Secrecy::Secret => true,
            Secrecy::Choose => request.secret,
        },
        at: ctx.now,
        until: request.until,
        opener: by.account(),
        key: matter.key.clone(),
        salt: request.salt,
        roll: request.roll,
        names: request.names,
    };
    let change = flow::balloted(ctx, matter, by, (id, rule), None)?;
    Ok((BallotEvent::Opened(Box::new(opened)), change))
}

fn is_open(ballot: &Ballot) -> Result<(), Refusal> {
    match ballot.stage {
        Stage::Open => Ok(()),
        Stage::Closed => Err(Refusal::new("ballot_closed")),
        Stage::Void => Err(Refusal::new("ballot_void")),
    }
}

fn on_roll(ballot: &Ballot, voter: i64) -> Result<(), Refusal> {
    if (1..=ballot.due()).contains(&voter) { Ok(()) } else { Err(Refusal::new("not_on_roll")) }
}

/// A vote by the voter's own link. Returns the event of an open vote; of a secret one only the mark in the box changes.
pub fn cast(
    ctx: Ctx,
    ballot: &Ballot,
    marks: &mut Marks,
    voter: i64,
    choice: Choice,
) -> Result<Option<BallotEvent>, Refusal> {
    is_open(ballot)?;
    on_roll(ballot, voter)?;
    if ctx.now > ballot.opened.until {
        return Err(Refusal::new("ballot_over").with("day", ballot.opened.until.day()));
    }
    if marks.contains_key(&voter) || ballot.cast.contains_key(&voter) {
        return Err(Refusal::new("voted"));
    }
    if ballot.opened.secret {
        marks.insert(voter, Way::Phone);
        return Ok(None);
    }
    let votes = vec![(voter, Some(choice))];
    Ok(Some(BallotEvent::Cast { ballot: ballot.id(), way: Way::Phone, votes }))
}

/// What the clerk enters from paper: of an open vote who chose what, of a secret one only who put in a sheet. Whoever
/// voted by their link has voted; a sheet that was entered by mistake can be taken back until the vote closes.
pub fn paper(
    ballot: &Ballot,
    marks: &mut Marks,
    sheets: &[(i64, bool, Option<Choice>)],
) -> Result<Option<BallotEvent>, Refusal> {
    is_open(ballot)?;
    let mut votes = Vec::new();
    let mut after = marks.clone();
    for (voter, put, choice) in sheets {
        on_roll(ballot, *voter)?;
        let way = after.get(voter).copied().or(ballot.cast.get(voter).map(|(_, way)| *way));
        if way == Some(Way::Phone) {
            // A form that was filled in before they voted says nothing of them, and takes nothing back.
            if !put && choice.is_none() {
                continue;
            }
            return Err(Refusal::new("voted_by_link").with("voter", voter));
        }
        if ballot.opened.secret {
            if *put {
                after.insert(*voter, Way::Paper);
            } else {
                after.remove(voter);
            }
        } else if ballot.cast.get(voter).map(|(choice, _)| *choice) != *choice {
            votes.push((*voter, *choice));
        }
    }
    *marks = after;
    let event = BallotEvent::Cast { ballot: ballot.id(), way: Way::Paper, votes };
    Ok(if ballot.opened.secret || matches!(&event, BallotEvent::Cast { votes, .. } if votes.is_empty()) {
        None
    } else {
        Some(event)
    })
}

/// Closes a vote and counts it by the body's rule. `by_link` are the sheets of the box, `on_paper` those the clerk
/// counted; together they must be as many as the roll has marks. Without a quorum it stays open.
pub fn close(
    ctx: Ctx,
    matter: &Matter,
    ballot: &Ballot,
    by: Who,
    marks: &Marks,
    (by_link, on_paper): (Tally, Tally),
) -> Result<(BallotEvent, Change), Refusal> {
    is_open(ballot)?;
    let by = may_keep(ctx, matter, &ballot.opened.rule, by)?;
    let rule = rule_of(ctx, matter, &ballot.opened.rule)?;
    let (voted, tally) = if ballot.opened.secret {
        let papers = i64::try_from(marks.values().filter(|w| **w == Way::Paper).count()).unwrap_or(0);
        if on_paper.sheets() != papers {
            return Err(Refusal::new("sheets_differ").with("sheets", on_paper.sheets()).with("marked", papers));
        }
        (marks.iter().map(|(n, way)| (*n, *way)).collect::<Vec<_>>(), by_link.and(on_paper))
    } else {
        let sum = ballot.cast.values().fold(Tally::default(), |all, (choice, _)| all.with(*choice));
        (ballot.cast.iter().map(|(n, (_, way))| (*n, *way)).collect(), sum)
    };
    let present = i64::try_from(voted.len()).unwrap_or(0);
    if tally.sheets() != present {
        return Err(Refusal::new("sheets_differ").with("sheets", tally.sheets()).with("marked", present));
    }
    let body = ctx.policy.body(&ballot.opened.body).ok_or_else(|| Refusal::new("no_rule"))?;
    let day = ctx.now.day();
    let carried = body.carried(Counted::count(ballot.due(), present, tally), day)?;
    let basis = body.rule(day).map_or_else(String::new, |r| r.basis.clone());
    let counted = Counted { at: ctx.now, tally, due: ballot.due(), present, carried, basis };
    let change = flow::balloted(ctx, matter, by, (ballot.id(), rule), Some(&counted))?;
    Ok((BallotEvent::Closed { ballot: ballot.id(), voted, counted: Box::new(counted) }, change))
}

/// Calls a vote off; nothing of it is counted.
pub fn void(
    ctx: Ctx,
    matter: &Matter,
    ballot: &Ballot,
    by: Who,
    secret: Option<String>,
) -> Result<(BallotEvent, Change), Refusal> {
    is_open(ballot)?;
    let by = may_keep(ctx, matter, &ballot.opened.rule, by)?;
    let rule = rule_of(ctx, matter, &ballot.opened.rule)?;
    let change = flow::ballot_void(ctx, matter, by, (ballot.id(), rule))?;
    Ok((BallotEvent::Void { ballot: ballot.id(), at: ctx.now, secret }, change))
}

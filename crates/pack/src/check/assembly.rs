//! What a kind says of meetings: votes by ballot, pages of the register, and what everybody may read.

use super::kind::{has_field, has_step, is_post};
use super::{Say, conditions};
use std::collections::BTreeSet;
use xiangyue_domain::policy::{BallotRule, FieldType, Kind, Policy};

pub(super) fn check(policy: &Policy, kind: &Kind, say: Say) {
    let mut seen = BTreeSet::new();
    for (i, ballot) in kind.ballots.iter().enumerate() {
        let at = format!("/ballot/{i}");
        if !seen.insert(ballot.id.as_str()) {
            say(&format!("{at}/id"), format!("{} 重复;换一个 id", ballot.id));
        }
        one_ballot(policy, kind, ballot, &at, say);
    }
    for (i, page) in kind.pages.iter().enumerate() {
        let at = format!("/page/{i}");
        for (n, field) in page.fields.iter().enumerate() {
            has_field(kind, field, &format!("{at}/fields/{n}"), say);
        }
        for (n, mv) in page.moves.iter().enumerate().filter(|(_, mv)| kind.find_move(mv).is_none()) {
            say(&format!("{at}/moves/{n}"), format!("动作 {mv} 不存在"));
        }
        if let Some(when) = &page.when {
            conditions::check_now(kind, when, &format!("{at}/when"), say);
        }
        if let Some(body) = &page.body {
            has_body(policy, body, &format!("{at}/body"), say);
        }
    }
    if let Some(posted) = &kind.posted {
        for (n, step) in posted.steps.iter().enumerate() {
            has_step(kind, step, &format!("/posted/steps/{n}"), say);
        }
        has_field(kind, &posted.title, "/posted/title", say);
        if kind.sealed {
            say("/posted", "保密类事项不能公开;请删去 posted".to_owned());
        }
    }
}

fn has_body(policy: &Policy, body: &str, at: &str, say: Say) {
    if policy.body(body).is_none() {
        say(at, format!("会议 {body} 不存在;请写 bodies.toml 里有的 id"));
    }
}

fn one_ballot(policy: &Policy, kind: &Kind, ballot: &BallotRule, at: &str, say: Say) {
    for (i, step) in ballot.steps.iter().enumerate() {
        has_step(kind, step, &format!("{at}/in/{i}"), say);
    }
    for (i, mover) in ballot.by.iter().enumerate() {
        is_post(policy, &mover.0, &format!("{at}/by/{i}"), say);
    }
    has_body(policy, &ballot.body, &format!("{at}/body"), say);
    if let Some(when) = &ballot.when {
        conditions::check_now(kind, when, &format!("{at}/when"), say);
    }
    let numbers = [
        ("due", &ballot.due),
        ("present", &ballot.present),
        ("yes", &ballot.yes),
        ("no", &ballot.no),
        ("abstain", &ballot.abstain),
    ];
    for (key, field) in numbers {
        if kind.field(field).is_none_or(|f| f.kind != FieldType::Int) {
            say(&format!("{at}/{key}"), format!("{key} 要指一个整数字段,{field} 不是"));
        }
    }
    // What a ballot counts is asked for by a move's vote over the same fields; else nobody ever reads it.
    let asked = |v: &xiangyue_domain::policy::Vote| v.body == ballot.body && v.yes == ballot.yes && v.due == ballot.due;
    if !kind.moves.iter().any(|m| m.vote.as_ref().is_some_and(asked)) {
        say(at, format!("投票 {} 的结果没有动作来用;请给一个动作写同一会议、同样字段的 vote", ballot.id));
    }
}

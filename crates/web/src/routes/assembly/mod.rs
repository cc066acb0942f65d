//! Deliberation for everybody and at the desk: what a village has posted, votes, receipts. A voter needs no account; the
//! code on their slip is the right to vote. Names of a roll are shown to whoever keeps the vote and to nobody else.

mod check;
mod kept;
mod posted;
mod register;
mod vote;

pub(crate) use check::{check, check_code, check_sent};
pub(crate) use kept::{close, kept, new, open, paper, slips, void};
pub(crate) use posted::{ballot, head, matter, sheet, village};
pub(crate) use register::register;
pub(crate) use vote::{ask, cast, enter, find};

use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::receipt::Published;
use xiangyue_domain::ballot::{Ballot, Stage};

/// Something published, as it stands on a page.
fn item(visit: &Visit, one: &Published) -> Value {
    let (what, id) = one.subject.split_once(':').unwrap_or(("", ""));
    let url = match what {
        "matter" => format!("/posted/{id}"),
        "ballot" => format!("/ballots/{id}"),
        _ => String::new(),
    };
    json!({
        "title": one.title(), "lines": one.lines(), "url": url, "code": one.code,
        "check_url": format!("/check/{}", one.code), "check": visit.t("assembly.check_this"),
    })
}

/// The body that votes, in the reader's language.
fn body_name(visit: &Visit, app: &App, ballot: &Ballot) -> String {
    let policy = app.policy();
    policy.body(&ballot.opened.body).map_or_else(String::new, |b| visit.locale.pick(&b.name, &b.name_en).to_owned())
}

/// The result in numbers, or null before it is counted.
fn counted(visit: &Visit, ballot: &Ballot) -> Value {
    let Some(counted) = &ballot.counted else { return Value::Null };
    let t = counted.tally;
    let row = |key: &str, n: i64| json!({ "label": visit.t(&format!("assembly.{key}")), "n": n });
    json!({
        "carried": counted.carried,
        "said": visit.t(if counted.carried { "assembly.carried" } else { "assembly.not_carried" }),
        "rows": [row("due", counted.due), row("present", counted.present), row("yes", t.yes), row("no", t.no),
            row("abstain", t.abstain), row("spoilt", t.spoilt)],
        "basis": counted.basis,
        "day": counted.at.day().to_string(),
    })
}

fn stage(visit: &Visit, ballot: &Ballot) -> String {
    visit.t(match ballot.stage {
        Stage::Open => "assembly.stage_open",
        Stage::Closed => "assembly.stage_closed",
        Stage::Void => "assembly.stage_void",
    })
}

/// 记名 or 无记名, as it is said.
fn secrecy(visit: &Visit, ballot: &Ballot) -> String {
    visit.t(if ballot.opened.secret { "assembly.secret" } else { "assembly.open" })
}

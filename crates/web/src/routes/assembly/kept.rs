//! Votes at the desk. `GET, POST /desk/matters/{id}/ballots`: opening one with its roll. `GET /desk/ballots/{id}`: who has
//! voted. `POST …/paper`: sheets. `POST …/close`, `POST …/void`. `GET …/slips`: a slip with a code for every voter. For
//! the posts that the pack names; whoever else sees the matter sees the vote without names.

use super::{body_name, counted, item, secrecy, stage};
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::{Answer, query, see_other, with_status};
use crate::routes::desk::shell;
use crate::routes::portal::{encoded, origin};
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::ballot::{BallotForm, Kept};
use xiangyue_domain::ballot::{Choice, Stage, Tally, Way};
use xiangyue_domain::day::Day;
use xiangyue_domain::flow::{Ctx, ballots_offered};
use xiangyue_domain::ids::{BallotId, MatterId};
use xiangyue_domain::policy::Secrecy;
use xiangyue_domain::refusal::Refusal;

/// Days that a vote is open unless another one is typed.
const DAYS: i32 = 3;
/// Slips of one page.
const SLIPS: usize = 60;

/// `GET /desk/matters/{id}/ballots?rule=`
pub(crate) async fn new(Path(id): Path<MatterId>, staff: Staff) -> Answer {
    form(&staff, id, None, &Refusal::new("")).await
}

async fn form(staff: &Staff, id: MatterId, sent: Option<&Sent>, refusal: &Refusal) -> Answer {
    let (app, visit, account) = (staff.app()?, &staff.visit, staff.user.account.id);
    let matter = app.find_matter(account, id).await?;
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let offered = ballots_offered(ctx, &matter, account);
    let asked = query(&visit.path).remove("rule").or_else(|| sent.map(|s| s.get("rule").to_owned()));
    let rule = offered.iter().find(|r| Some(&r.id) == asked.as_ref()).or(offered.first()).copied();
    let rule = rule.ok_or_else(|| WebError::Refused(Refusal::new("no_ballot")))?;
    let body = policy.body(&rule.body);
    let law = body.and_then(|b| b.rule(app.now().day())).map_or("", |r| r.basis.as_str());
    let typed = |name: &str, usual: String| sent.map_or(usual, |s| s.get(name).to_owned());
    let roll = match sent {
        Some(sent) => sent.get("roll").to_owned(),
        None => app.last_roll(account, &matter, &rule.body).await?,
    };
    let faults = visit.faults(refusal);
    let why = if refusal.key.is_empty() || !faults.is_empty() { String::new() } else { visit.refusal(refusal) };
    let values = json!({
        "nav": shell::nav(staff, "matters").await?,
        "once": visit.once(),
        "back": format!("/desk/matters/{id}"),
        "url": format!("/desk/matters/{id}/ballots"),
        "rule": rule.id,
        "name": visit.locale.pick(&rule.name, &rule.name_en),
        "body": body.map_or("", |b| visit.locale.pick(&b.name, &b.name_en)),
        "law": law,
        "chooses": rule.secret == Secrecy::Choose,
        "secret": rule.secret != Secrecy::Open && sent.is_none_or(|s| s.get("secret") != "no"),
        "until": typed("until", app.now().day().plus(DAYS).to_string()),
        "roll": roll,
        "roll_fault": faults.get("roll"),
        "until_fault": faults.get("until"),
        "fault": why,
    });
    visit.page("assembly/new.html", &visit.t("assembly.open_vote"), values)
}

/// `POST /desk/matters/{id}/ballots`
pub(crate) async fn open(Path(id): Path<MatterId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    // The last minute of the day.
    let until = Day::parse(sent.get("until")).map_or(app.now(), |d| d.at_minute(23 * 60 + 59));
    let asked = BallotForm {
        rule: sent.get("rule").to_owned(),
        secret: sent.get("secret") != "no",
        until,
        roll: sent.get("roll").to_owned(),
    };
    match app.open_ballot(staff.user.account.id, id, asked, sent.once()).await {
        Ok(ballot) => Ok(see_other(&format!("/desk/ballots/{ballot}"))),
        Err(AppError::Refused(refusal)) if refusal.key == "form" => {
            with_status(form(&staff, id, Some(&sent), &refusal).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /desk/ballots/{id}`
pub(crate) async fn kept(Path(id): Path<BallotId>, staff: Staff) -> Answer {
    page(&staff, id, None).await
}

async fn page(staff: &Staff, id: BallotId, refused: Option<&Refusal>) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    let kept = app.kept(staff.user.account.id, id).await?;
    let ballot = &kept.ballot;
    let papers = kept.marks.values().filter(|w| **w == Way::Paper).count();
    let posted = app.published_of(&format!("ballot:{id}")).await?;
    let values = json!({
        "nav": shell::nav(staff, "matters").await?,
        "once": visit.once(),
        "back": format!("/desk/matters/{}", kept.matter.id),
        "url": format!("/desk/ballots/{id}"),
        "public_url": format!("/ballots/{id}"),
        "title": kept.title,
        "body": body_name(visit, app, ballot),
        "secrecy": secrecy(visit, ballot),
        "secret": ballot.opened.secret,
        "stage": stage(visit, ballot),
        "open": ballot.stage == Stage::Open,
        "until": show::full_moment(ballot.opened.until),
        "due": ballot.due(), "voted": kept.marks.len(), "papers": papers,
        "by_link": kept.marks.len() - papers,
        "keeps": kept.keeps,
        "voters": voters(staff, &kept),
        "counted": counted(visit, ballot),
        "receipt": posted.last().map(|p| item(visit, p)),
        "void": kept.void,
        "fault": refused.map(|r| visit.refusal(r)),
    });
    visit.page("assembly/kept.html", &kept.title, values)
}

/// Voters in the order of the roll; how they voted only where the vote is open (记名).
fn voters(staff: &Staff, kept: &Kept) -> Vec<Value> {
    let visit = &staff.visit;
    let one = |(n, (voter, _)): (i64, &(xiangyue_app::ballot::RollLine, String))| {
        let way = kept.marks.get(&n);
        let choice = kept.ballot.cast.get(&n).map(|(choice, _)| *choice);
        let said = choice.map(|c| visit.t(&format!("assembly.{}", c.as_str())));
        let option = |c: Choice| json!({ "value": c.as_str(), "label": visit.t(&format!("assembly.{}", c.as_str())), "selected": choice == Some(c) });
        json!({
            "n": n, "name": voter.name, "way": way.map(|w| w.as_str()),
            "said": way.map(|w| visit.t(&format!("assembly.way_{}", w.as_str()))),
            "choice": said, "options": [option(Choice::Yes), option(Choice::No), option(Choice::Abstain)],
        })
    };
    (1i64..).zip(&kept.voters).map(one).collect()
}

/// `POST /desk/ballots/{id}/paper`
pub(crate) async fn paper(Path(id): Path<BallotId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let account = staff.user.account.id;
    let kept = app.kept(account, id).await?;
    let put: Vec<i64> = sent.values("put").filter_map(|n| n.parse().ok()).collect();
    // Voters that the form listed; of the others it says nothing.
    let listed: Vec<i64> = sent.values("listed").filter_map(|n| n.parse().ok()).collect();
    let sheet = |n: i64| {
        let choice = if kept.ballot.opened.secret { None } else { Choice::parse(sent.get(&format!("v{n}"))) };
        (n, put.contains(&n), choice)
    };
    let sheets = listed.into_iter().map(sheet).collect();
    let done = app.enter_paper(account, id, sheets).await.map(|_| ());
    after(&staff, id, done).await
}

/// `POST /desk/ballots/{id}/close`
pub(crate) async fn close(Path(id): Path<BallotId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let number = |name: &str| sent.get(name).trim().parse::<u16>().map_or(0, i64::from);
    let tally = Tally { yes: number("yes"), no: number("no"), abstain: number("abstain"), spoilt: number("spoilt") };
    let done = staff.app()?.close_ballot(staff.user.account.id, id, tally).await.map(|_| ());
    after(&staff, id, done).await
}

/// `POST /desk/ballots/{id}/void`
pub(crate) async fn void(Path(id): Path<BallotId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let done = staff.app()?.void_ballot(staff.user.account.id, id, sent.get("reason")).await.map(|_| ());
    after(&staff, id, done).await
}

/// What the rules refuse is said on the page of the vote, with the rule and its basis.
async fn after(staff: &Staff, id: BallotId, done: Result<(), AppError>) -> Answer {
    match done {
        Ok(()) => Ok(see_other(&format!("/desk/ballots/{id}"))),
        Err(AppError::Refused(refusal)) if !refusal.key.starts_with("no_right") && refusal.key != "not_found" => {
            with_status(page(staff, id, Some(&refusal)).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /desk/ballots/{id}/slips?from=`
pub(crate) async fn slips(Path(id): Path<BallotId>, staff: Staff, headers: HeaderMap) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    let kept = app.kept(staff.user.account.id, id).await?;
    if !kept.keeps {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let from: usize = query(&visit.path).get("from").and_then(|f| f.parse().ok()).unwrap_or(0);
    let base = origin(visit, &headers);
    let mut slips = Vec::new();
    for (i, (voter, code)) in kept.voters.iter().enumerate().skip(from).take(SLIPS) {
        let link = format!("{base}/b/{code}");
        let shown = format!("{}-{}", &code[..code.len() / 2], &code[code.len() / 2..]);
        slips.push(json!({ "n": i + 1, "name": voter.name, "code": shown, "link": link, "qr": qr(&link)? }));
    }
    let next = from.saturating_add(SLIPS);
    let values = json!({
        "once": visit.once(),
        "back": format!("/desk/ballots/{id}"),
        "title": kept.title,
        "body": body_name(visit, app, &kept.ballot),
        "secrecy": secrecy(visit, &kept.ballot),
        "until": show::full_moment(kept.ballot.opened.until),
        "slips": slips,
        "next": (next < kept.voters.len()).then(|| format!("/desk/ballots/{id}/slips?from={next}")),
    });
    visit.page("assembly/slips.html", &visit.t("assembly.slips"), values)
}

/// A code to scan, within the page: nobody asks for it by an address that a log would keep.
fn qr(link: &str) -> Result<String, WebError> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).map_err(|e| WebError::Fault(e.to_string()))?;
    let image = code.render::<svg::Color>().min_dimensions(120, 120).quiet_zone(true).build();
    Ok(format!("data:image/svg+xml,{}", encoded(&image)))
}

//! `GET|POST /desk/intake/{kind}`: taking a matter in on somebody's behalf. Posts that the kind names; the form comes
//! from the pack, with keeping the reporter secret and naming a post-holder beside it.

use super::moves::{self, Again};
use super::{alike, kin, shell};
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::{Answer, query, see_other};
use crate::routes::hub::address;
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::matter::OpenForm;
use xiangyue_app::similar::Likely;
use xiangyue_app::warning::is_warning;
use xiangyue_app::{App, AppError};
use xiangyue_domain::form::leads_elsewhere;
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Kind, Level, Policy};
use xiangyue_domain::register::Holder;

/// In an address, the matter that the form before became.
const TAKEN: &str = "taken";
/// Longest value that an address may fill into the form.
const FILLED_MAX: usize = 500;

/// Kinds that an account may take in.
pub(super) fn kinds<'p>(staff: &Staff, app: &App, policy: &'p Policy) -> Vec<&'p Kind> {
    let (directory, day) = (app.directory(), app.now().day());
    let posts = directory.posts_of(staff.user.account.id, day);
    let may = |k: &&Kind| k.intake.by.iter().any(|p| posts.iter().any(|h| h.post == *p));
    // What the county has not switched on is not offered, so that nobody fills in a form for nothing.
    let on = |k: &&Kind| k.board.as_ref().is_none_or(|b| b.on);
    policy.kinds.iter().filter(may).filter(on).collect()
}

/// The way to the intake, if there is anything to take in.
pub(crate) fn link(staff: &Staff, app: &App) -> Value {
    if kinds(staff, app, &app.policy()).is_empty() {
        return Value::Null;
    }
    json!({"url": "/desk/intake", "label": staff.visit.t("desk.take_in")})
}

/// `GET /desk/intake`
pub(crate) async fn intake_choose(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let policy = app.policy();
    let kinds = kinds(&staff, app, &policy);
    if let [only] = kinds.as_slice() {
        return Ok(see_other(&format!("/desk/intake/{}", only.id)));
    }
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for (kind, key) in kinds.iter().zip(1..) {
        let value = json!({"id": kind.id, "name": show::kind(visit, kind), "words": "", "url": format!("/desk/intake/{}", kind.id),
            "key": if key < 10 { key.to_string() } else { String::new() }, "sealed": kind.sealed, "sample": kind.sample});
        match groups.iter_mut().find(|(g, _)| *g == kind.group) {
            Some((_, list)) => list.push(value),
            None => groups.push((kind.group.clone(), vec![value])),
        }
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(g, list)| json!({"label": visit.t(&format!("desk.group_{g}")), "kinds": list}))
        .collect();
    let values = json!({"nav": shell::nav(&staff, "worklist").await?, "once": visit.once(), "groups": groups});
    visit.page("desk/intake_choose.html", &visit.t("desk.take_in"), values)
}

/// `GET /desk/intake/{kind}`
pub(crate) async fn intake(Path(id): Path<String>, staff: Staff) -> Answer {
    // What an address fills in is shown to be read and sent by hand, like anything typed.
    let typed = query(&staff.visit.path).into_iter().filter(|(_, v)| v.chars().count() <= FILLED_MAX).collect();
    show_form(&staff, &id, &Again { typed, ..Again::default() }, &[]).await
}

/// Whether an account may take in a kind.
pub(crate) fn may_open(staff: &Staff, app: &App, kind: &Kind) -> bool {
    kinds(staff, app, &app.policy()).iter().any(|k| k.id == kind.id)
}

/// The form, perhaps with what was wrong with it, or with what may be the same.
pub(super) async fn show_form(staff: &Staff, id: &str, again: &Again, likely: &[Likely]) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let policy = app.policy();
    let kinds = kinds(staff, app, &policy);
    let kind = kinds.iter().find(|k| k.id == id).ok_or(WebError::NotFound)?;
    let name = show::kind(visit, kind);
    let faults: Vec<Value> =
        again.faults.iter().map(|(field, words)| json!({"target": field, "words": words})).collect();
    let values = json!({
        "nav": shell::nav(staff, "worklist").await?,
        "once": visit.once(),
        "kind": {"id": kind.id, "name": name, "sample": kind.sample, "basis": ""},
        "action": format!("/desk/intake/{}", kind.id),
        "crumbs": [{"label": visit.t("desk.take_in"), "url": "/desk/intake"}, {"label": name, "url": ""}],
        "sections": sections(staff, app, kind, again),
        "faults": faults,
        "made_of": again.typed.get("made_of").cloned().unwrap_or_default(),
        "taken": taken(staff, app).await?,
        "similar": alike::beside(staff, &kind.id, likely).await?,
        "calls": kin::calls(staff, app, kind, again).await?,
        "similar_url": format!("/desk/intake/{}/similar", kind.id),
        "checked": !likely.is_empty(),
        "route": null,
    });
    let mut response =
        visit.page("desk/intake.html", &visit.t_with("desk.intake_title", &[("kind", name.to_owned())]), values)?;
    if !again.faults.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn sections(staff: &Staff, app: &App, kind: &Kind, again: &Again) -> Vec<Value> {
    let visit = &staff.visit;
    let policy = app.policy();
    let (who, what): (Vec<_>, Vec<_>) = kind.intake_fields().into_iter().partition(|f| f.id.starts_with("reporter_"));
    let (platform, what): (Vec<_>, Vec<_>) = what.into_iter().partition(|f| f.id.starts_with("upper_"));
    let field = |f: &xiangyue_domain::policy::Field| {
        let mut value = moves::field(visit, &policy, f, false, again);
        // Items of a list that lead to another flow are not offered here.
        if let Some(options) = value["options"].as_array_mut() {
            options.retain(|o| !leads_elsewhere(&policy, kind, f, o["value"].as_str().unwrap_or("")));
        }
        value
    };
    let mut first: Vec<Value> = what.into_iter().map(field).collect();
    first.insert(1.min(first.len()), place_field(staff, app, None, again));
    if kind.intake.channels.len() > 1 {
        first.push(channels(staff, app, kind, again));
    }
    first.push(moves::plain_field("photos", visit.t("desk.photos"), "photos", false, "", again));
    let section = |id: &str, fields: Vec<Value>, folded: bool| json!({"id": id, "title": visit.t(&format!("desk.section_{id}")), "lead": "", "fields": fields, "folded": folded});
    let mut out = vec![section("what", first, false)];
    if !who.is_empty() {
        let mut fields: Vec<Value> = who.into_iter().map(field).collect();
        fields.push(moves::plain_field("confidential", visit.t("desk.confidential"), "bool", false, "", again));
        out.push(section("who", fields, false));
    }
    if !platform.is_empty() {
        out.push(section("platform", platform.into_iter().map(field).collect(), true));
    }
    let named = named_field(staff, app, again);
    let bypass = moves::plain_field("bypass", visit.t("desk.bypass"), "bool", false, "", again);
    out.push(section("care", vec![named, bypass], true));
    out
}

fn channels(staff: &Staff, app: &App, kind: &Kind, again: &Again) -> Value {
    let mut field = moves::plain_field("channel", staff.visit.t("desk.channel"), "choice", false, "", again);
    // Where villagers send forms themselves, the first way in is theirs; what is typed here came by another one.
    let usual = kind.intake.channels.get(usize::from(kind.intake.portal)).or(kind.intake.channels.first());
    let chosen = again.typed.get("channel").cloned().or_else(|| usual.cloned()).unwrap_or_default();
    let options: Vec<Value> = kind
        .intake
        .channels
        .iter()
        .map(|c| json!({"value": c, "label": show::channel(&staff.visit, app, &kind.id, c), "group": "", "selected": *c == chosen}))
        .collect();
    field["options"] = json!(options);
    field
}

/// Places within the account's posts, grouped by town; down to villages, with grids for those who work in them.
pub(crate) fn place_field(staff: &Staff, app: &App, chosen: Option<RegionId>, again: &Again) -> Value {
    let directory = app.directory();
    let day = app.now().day();
    let mut field = moves::plain_field("place", staff.visit.t("desk.place"), "place", true, "", again);
    let typed = again.typed.get("place").and_then(|p| p.parse().ok().map(RegionId)).or(chosen);
    let mut roots: Vec<RegionId> =
        directory.posts_of(staff.user.account.id, day).iter().filter_map(|h| directory.region_of(h)).collect();
    roots.sort();
    roots.dedup();
    let mut options = Vec::new();
    for root in roots {
        let high = directory.tree.get(root).is_some_and(|r| r.level >= Level::Town);
        for id in directory.tree.subtree(root, day) {
            let Some(level) = directory.tree.get(id).map(|r| r.level) else { continue };
            if high && level == Level::Grid && Some(id) != typed {
                continue;
            }
            let town = directory.tree.at_level(id, Level::Town, day).unwrap_or(id);
            let label = show::place(app, id, day);
            let option = json!({"value": id.to_string(), "label": label, "group": directory.tree.display(town, day), "selected": Some(id) == typed});
            options.push((directory.tree.code(town, day).to_owned(), option));
        }
    }
    // Towns stand in the order of their codes, as everywhere else.
    options.sort_by(|a, b| a.0.cmp(&b.0));
    let mut options: Vec<Value> = options.into_iter().map(|(_, option)| option).collect();
    if options.len() == 1 {
        options[0]["selected"] = json!(true);
    }
    field["value"] = json!(typed.map(|t| t.to_string()).unwrap_or_default());
    field["options"] = json!(options);
    field
}

/// Post-holders below the account's own places, whom a matter may be about.
fn named_field(staff: &Staff, app: &App, again: &Again) -> Value {
    let (directory, policy, day) = (app.directory(), app.policy(), app.now().day());
    let mut field = moves::plain_field("named", staff.visit.t("desk.named"), "post", false, "", again);
    let roots: Vec<RegionId> =
        directory.posts_of(staff.user.account.id, day).iter().filter_map(|h| directory.region_of(h)).collect();
    let mut options: Vec<Value> = Vec::new();
    for term in directory.terms.values().filter(|t| t.from <= day && day <= t.to) {
        let Some(kind) = policy.post(&term.holder.post) else { continue };
        let Some(region) = directory.region_of(&term.holder).filter(|_| kind.level >= Level::Village) else { continue };
        if !directory.tree.ancestors(region, day).iter().any(|a| roots.contains(a)) {
            continue;
        }
        let town = directory.tree.at_level(region, Level::Town, day).unwrap_or(region);
        options.push(json!({"value": term.account.to_string(), "label": show::holder(&staff.visit, app, &term.holder),
            "group": directory.tree.display(town, day), "selected": false}));
    }
    options
        .sort_by_key(|o| (o["group"].as_str().unwrap_or("").to_owned(), o["label"].as_str().unwrap_or("").to_owned()));
    field["options"] = json!(options);
    field["hint"] = json!(staff.visit.t("desk.named_hint"));
    field
}

/// The way to the next form: where it came from and what place it is of mostly stay the same.
fn next_form(kind: &str, kept: &[(&str, String)], taken: MatterId) -> String {
    let taken = taken.to_string();
    let kept = kept.iter().map(|(k, v)| (*k, v.as_str())).filter(|(_, v)| !v.is_empty());
    address(&format!("/desk/intake/{kind}"), &kept.chain([(TAKEN, taken.as_str())]).collect())
}

/// The matter that the form before this one became, when the address names one that the reader may see.
async fn taken(staff: &Staff, app: &App) -> Result<Value, WebError> {
    let Some(id) = query(&staff.visit.path).get(TAKEN).and_then(|id| id.parse::<MatterId>().ok()) else {
        return Ok(Value::Null);
    };
    match app.find_matter(staff.user.account.id, id).await {
        Ok(matter) => Ok(json!({"number": matter.number, "url": format!("/desk/matters/{id}")})),
        Err(AppError::NotFound) => Ok(Value::Null),
        Err(error) => Err(error.into()),
    }
}

/// What was typed, as a matter to be taken in.
pub(super) fn open_form(kind: &Kind, sent: &mut Sent) -> OpenForm {
    let mut typed = sent.fields.clone();
    typed.retain(|f, _| kind.field(f.split('.').next().unwrap_or(f)).is_some());
    let upper = sent.get("upper_no").trim().to_owned();
    OpenForm {
        kind: kind.id.clone(),
        place: sent.get("place").parse().map(RegionId).unwrap_or_default(),
        channel: sent.get("channel").to_owned(),
        source_no: Some(upper).filter(|n| !n.is_empty()),
        typed,
        confidential: sent.ticked("confidential"),
        bypass: sent.ticked("bypass"),
        named: sent.values("named").filter_map(|n| n.parse().ok().map(AccountId)).collect(),
        files: std::mem::take(&mut sent.photos),
        made_of: Some(sent.get("made_of")).filter(|name| is_warning(name)).unwrap_or_default().to_owned(),
    }
}

/// The post under which an account takes a kind in.
pub(super) fn intake_post(staff: &Staff, app: &App, kind: &Kind) -> Option<Holder> {
    let directory = app.directory();
    let posts = directory.posts_of(staff.user.account.id, app.now().day());
    posts.into_iter().find(|h| kind.intake.by.contains(&h.post)).cloned()
}

/// `POST /desk/intake/{kind}`
pub(crate) async fn take_in(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let mut sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let policy = app.policy();
    let all = kinds(&staff, app, &policy);
    let kind = all.iter().find(|k| k.id == id).ok_or(WebError::NotFound)?;
    let earlier = sent.get("repeats").to_owned();
    if let Some(field) = kin::repeats(kind).filter(|_| !earlier.is_empty()) {
        // The earlier one was pointed at, where no script could write its number into the form.
        sent.fields.insert(field.id.clone(), earlier);
        return show_form(&staff, &id, &Again { typed: sent.fields, ..Again::default() }, &[]).await;
    }
    let form = open_form(kind, &mut sent);
    let kept = [("channel", sent.get("channel")), ("place", sent.get("place"))].map(|(k, v)| (k, v.to_owned()));
    let account = staff.user.account.id;
    // Once it is asked whether it is the same; photos would be lost by asking.
    if !sent.ticked("checked") && form.files.is_empty() {
        let likely = app.similar_to_form(account, &form).await?;
        if !likely.is_empty() {
            let again = Again { typed: sent.fields, ..Again::default() };
            return show_form(&staff, &id, &again, &likely).await;
        }
    }
    let post = intake_post(&staff, app, kind);
    let key = sent.once().unwrap_or_else(|| format!("form/{}", app.secrets().random_token()));
    match app.open_matter(Who::Account { account, post }, form, &key).await {
        Ok(receipt) if sent.ticked("again") => Ok(see_other(&next_form(&id, &kept, receipt.matter))),
        // Whoever reports by word of mouth takes a receipt along, as whoever sends a form does.
        Ok(receipt) if kind.intake.portal => {
            Ok(see_other(&format!("/desk/matters/{}?said=taken&slip={}", receipt.matter, receipt.token)))
        }
        Ok(receipt) => Ok(see_other(&format!("/desk/matters/{}?said=taken", receipt.matter))),
        Err(AppError::Refused(refusal)) if !refusal.fields.is_empty() => {
            let faults = staff.visit.faults(&refusal);
            show_form(&staff, &id, &Again { typed: sent.fields, faults, ..Again::default() }, &[]).await
        }
        Err(error) => Err(error.into()),
    }
}

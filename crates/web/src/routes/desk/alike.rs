//! The same matter from many sides, on the desk: what may be the same beside the intake form and on a matter's page, joining
//! and taking apart. Only what the reader may see is named; the rules decide who may merge.

use super::intake::{intake_post, kinds, open_form, show_form};
use super::moves::Again;
use super::{kin, shell};
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, see_other};
use crate::visit::Staff;
use axum::extract::{Path, Request};
use serde_json::{Value, json};
use xiangyue_app::similar::Likely;
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Phase, Right};

/// Of how many of those that were merged the words stand on the page; of the others their numbers.
const READ: usize = 12;

fn active(matter: &Matter) -> bool {
    matches!(matter.phase, Phase::Open | Phase::Answered)
}

fn may_merge(staff: &Staff, app: &App, matter: &Matter) -> bool {
    let account = staff.user.account.id;
    app.directory().has_right(&app.policy(), account, Right::Merge, matter.place, app.now().day())
}

/// Rows of likely duplicates; `button` gives what can be done with one.
async fn rows(staff: &Staff, likely: &[Likely], button: impl Fn(&Matter) -> Value) -> Result<Vec<Value>, WebError> {
    let matters: Vec<Matter> = likely.iter().map(|l| l.matter.clone()).collect();
    let mut rows = shell::rows(staff, &matters).await?;
    for (row, found) in rows.iter_mut().zip(likely) {
        let percent = format!("{:.0}", (found.likelihood * 100.0).floor());
        row["at"] = row["taken"].clone();
        row["sure"] = json!(staff.visit.t_with("search.sure", &[("n", percent)]));
        row["join"] = button(&found.matter);
    }
    Ok(rows)
}

/// What may be the same as an open matter, with the way to merge it.
pub(super) async fn similar(staff: &Staff, app: &App, matter: &Matter) -> Result<Vec<Value>, WebError> {
    if !active(matter) || matter.merged_into.is_some() {
        return Ok(Vec::new());
    }
    let mut likely = app.similar_to(staff.user.account.id, matter).await?;
    // A part has the words of the matter that it belongs to; that stands on the page already.
    likely.retain(|l| !kin::of_one_family(&l.matter, matter));
    let here = may_merge(staff, app, matter);
    let button = |other: &Matter| {
        let may = here && other.kind == matter.kind && active(other) && may_merge(staff, app, other);
        if !may {
            return Value::Null;
        }
        json!({"label": staff.visit.t("search.merge_there"), "url": format!("/desk/matters/{}/merge", matter.id),
            "into": other.number})
    };
    rows(staff, &likely, button).await
}

/// Ways in, those that were merged with the way to take them apart.
pub(super) async fn intakes(staff: &Staff, app: &App, matter: &Matter) -> Result<Vec<Value>, WebError> {
    let mut intakes = super::story::intakes(staff, app, matter);
    let here = app.merged_here(staff.user.account.id, matter).await?;
    let policy = app.policy();
    for (row, intake) in intakes.iter_mut().zip(&matter.intakes) {
        let merged = here.iter().position(|m| m.id == intake.first);
        if let Some(merged) = merged.filter(|nth| *nth < READ).map(|nth| &here[nth]) {
            let story = app.open_for(staff.user.account.id, merged.clone()).await?;
            let (name, phone) = (story.reporter.get("reporter_name"), story.reporter.get("reporter_phone"));
            row["reporter"] = json!(name.into_iter().chain(phone).cloned().collect::<Vec<_>>().join(" "));
            row["words"] = json!(policy.kind_of(merged).map(|k| super::story::request(k, &story)));
            row["number"] = json!(merged.number);
        }
        let merged = merged.map(|nth| &here[nth]);
        let came = merged.filter(|m| may_merge(staff, app, m) && may_merge(staff, app, matter));
        row["part"] = came.map_or(Value::Null, |m| {
            json!({"label": staff.visit.t("search.part_it"), "number": m.number,
                "url": format!("/desk/matters/{}/part/{}", matter.id, m.id)})
        });
    }
    Ok(intakes)
}

/// What may be the same as what stands in an intake form.
pub(super) async fn beside(staff: &Staff, kind: &str, likely: &[Likely]) -> Result<Vec<Value>, WebError> {
    let button = |other: &Matter| {
        if other.kind != kind || !active(other) {
            return Value::Null;
        }
        json!({"label": staff.visit.t("search.join_it"), "url": format!("/desk/intake/{kind}/join/{}", other.id)})
    };
    rows(staff, likely, button).await
}

/// `POST /desk/intake/{kind}/similar`: the part of the page beside the form, while it is filled in.
pub(crate) async fn look_alike(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let mut sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let policy = app.policy();
    let all = kinds(&staff, app, &policy);
    let kind = all.iter().find(|k| k.id == id).ok_or(WebError::NotFound)?;
    let again = Again { typed: sent.fields.clone(), ..Again::default() };
    let form = open_form(kind, &mut sent);
    let somewhere = app.directory().tree.get(form.place).is_some();
    let likely = if somewhere { app.similar_to_form(staff.user.account.id, &form).await? } else { Vec::new() };
    let mut values = json!({"similar": beside(&staff, &kind.id, &likely).await?});
    values["calls"] = kin::calls(&staff, app, kind, &again).await?;
    staff.visit.page("desk/intake_similar.html", "", values)
}

/// `POST /desk/intake/{kind}/join/{into}`: takes a matter in and joins it to the one it is the same as.
pub(crate) async fn join_in(Path((id, into)): Path<(String, MatterId)>, staff: Staff, request: Request) -> Answer {
    let mut sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let policy = app.policy();
    let all = kinds(&staff, app, &policy);
    let kind = all.iter().find(|k| k.id == id).ok_or(WebError::NotFound)?;
    let account = staff.user.account.id;
    app.find_matter(account, into).await?;
    let form = open_form(kind, &mut sent);
    let post = intake_post(&staff, app, kind);
    let key = sent.once().unwrap_or_else(|| format!("form/{}", app.secrets().random_token()));
    match app.open_matter(Who::Account { account, post }, form, &key).await {
        Ok(receipt) => match app.join(account, receipt.matter, into, Some(format!("{key}/join"))).await {
            Ok(_) => Ok(see_other(&format!("/desk/matters/{into}?said=joined"))),
            // It stands for itself then; nothing that was typed is lost.
            Err(AppError::Refused(_)) => Ok(see_other(&format!("/desk/matters/{}?said=alone", receipt.matter))),
            Err(error) => Err(error.into()),
        },
        Err(AppError::Refused(refusal)) if !refusal.fields.is_empty() => {
            let faults = staff.visit.faults(&refusal);
            show_form(&staff, &id, &Again { typed: sent.fields, faults, ..Again::default() }, &[]).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /desk/matters/{id}/part/{from}`
pub(crate) async fn part(Path((id, from)): Path<(MatterId, MatterId)>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    app.unmerge(staff.user.account.id, from, id, sent.once()).await?;
    Ok(see_other(&format!("/desk/matters/{from}?said=parted")))
}

/// What the last step did, where it is about two matters.
pub(super) fn said(staff: &Staff, what: &str) -> Option<Value> {
    let (tone, key) = match what {
        "joined" => ("good", "search.said_joined"),
        "parted" => ("good", "search.said_parted"),
        "merged" => ("warn", "search.said_merged"),
        "alone" => ("warn", "search.said_alone"),
        _ => return None,
    };
    Some(json!({"tone": tone, "words": staff.visit.t(key)}))
}

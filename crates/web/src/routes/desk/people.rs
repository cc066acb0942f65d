//! `GET|POST /desk/people`: posts, their holders and terms. Nobody gives or ends a post beyond their own rights.

use super::moves::{self, Again};
use super::people_find as find;
use super::{shell, stand};
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, query, see_other};
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::people::{NewPost, may_grant};
use xiangyue_app::{App, AppError};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{RegionId, TermId};
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::{Account, Holder, Term};

/// `GET /desk/people?place=`
pub(crate) async fn people(staff: Staff) -> Answer {
    show(&staff, &Again::default(), Value::Null).await
}

/// The place asked for, within the reader's own places; the reader's own place otherwise.
pub(super) fn chosen(staff: &Staff, app: &App, code: &str) -> Option<RegionId> {
    let directory = app.directory();
    let day = app.now().day();
    let roots: Vec<RegionId> =
        directory.posts_of(staff.user.account.id, day).iter().filter_map(|h| directory.region_of(h)).collect();
    let asked = directory.tree.by_code(code, day).map(|r| r.id);
    asked.filter(|a| directory.tree.ancestors(*a, day).iter().any(|up| roots.contains(up))).or(roots.first().copied())
}

pub(super) async fn show(staff: &Staff, again: &Again, said: Value) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let directory = app.directory();
    let day = app.now().day();
    let asked =
        again.typed.get("seat_place").cloned().or_else(|| query(&visit.path).remove("place")).unwrap_or_default();
    let place = chosen(staff, app, &asked).ok_or(WebError::NotFound)?;
    let name = directory.tree.display(place, day).to_owned();
    let above: Vec<RegionId> = directory.tree.ancestors(place, day);
    let link = |id: RegionId| format!("/desk/people?place={}", directory.tree.code(id, day));
    let crumbs: Vec<Value> = above
        .iter()
        .rev()
        .map(|id| json!({"label": directory.tree.display(*id, day), "url": if *id == place { String::new() } else { link(*id) }}))
        .collect();
    let entry = |id: RegionId, depth: i64| {
        json!({"label": directory.tree.display(id, day), "url": link(id), "count": app.posts_at(id.0).len(), "vacant": 0,
            "current": id == place, "depth": depth})
    };
    let mut places = vec![entry(place, 0)];
    places.extend(directory.tree.children(place, day).into_iter().map(|c| entry(c, 1)));
    let words = query(&visit.path).remove("q").unwrap_or_default();
    let found = find::found(staff, app, &words, again);
    let searched = found.is_some();
    let groups = found.unwrap_or_else(|| groups(staff, app, place, again));
    let may_edit = !posts_to_give(staff, app, place).is_empty();
    let add = if may_edit { add(staff, app, place, again) } else { Value::Null };
    let values = json!({
        "nav": shell::nav(staff, "people").await?, "once": visit.once(), "crumbs": crumbs, "places": places,
        "may_edit": may_edit, "add": add, "copy_text": copy(&groups), "q": words.trim().chars().take(find::LONGEST).collect::<String>(),
        "empty": if searched && groups.is_empty() { find::empty(staff) } else { Value::Null },
        "groups": groups, "said": said, "export_url": "",
    });
    let mut response = visit.page("desk/people.html", &format!("{} {name}", visit.t("desk.nav_people")), values)?;
    if !again.faults.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn copy(groups: &[Value]) -> String {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let lines = groups.iter().map(|g| {
        let posts = g["posts"].as_array().cloned().unwrap_or_default();
        let list: Vec<String> = posts
            .iter()
            .map(|p| format!("{}{} {}", text(&p["post"]), text(&p["holder"]), text(&p["phone_display"])))
            .collect();
        format!("{}:{}", text(&g["place"]), list.join(";"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Seats at a place: the place itself and, at the county, its units.
fn seats(app: &App, place: RegionId) -> Vec<(i64, String)> {
    let directory = app.directory();
    let day = app.now().day();
    let mut seats = vec![(place.0, directory.tree.display(place, day).to_owned())];
    let mut orgs: Vec<_> = directory.orgs.values().filter(|o| o.region == place).collect();
    orgs.sort_by_key(|o| o.order);
    seats.extend(orgs.into_iter().map(|o| (o.id.0, o.short.clone())));
    seats
}

fn groups(staff: &Staff, app: &App, place: RegionId, again: &Again) -> Vec<Value> {
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let level = directory.tree.get(place).map_or(Level::County, |r| r.level);
    let mut out = Vec::new();
    for (seat, name) in seats(app, place) {
        let is_place = seat == place.0;
        let held = app.posts_at(seat);
        let mut posts = Vec::new();
        for kind in policy.posts.iter().filter(|p| p.unit != is_place && (p.unit || p.level == level)) {
            let label = staff.visit.locale.pick(&kind.name, &kind.name_en);
            let mut any = false;
            for (term, account) in held.iter().filter(|(t, _)| t.holder.post == kind.id) {
                any = true;
                posts.push(row(staff, app, (term, account), &held, again));
            }
            if !any {
                posts.push(json!({"post": label, "holder": "", "phone": "", "phone_display": "", "since": "", "until": "", "term": "",
                    "state": "none", "also": "", "end": null, "hand": null, "reset": null}));
            }
        }
        let url = if is_place { format!("/desk/places/{}", directory.tree.code(place, day)) } else { String::new() };
        out.push(json!({"id": format!("g{seat}"), "place": name, "url": url, "posts": posts}));
    }
    out
}

/// Somebody at a post, with what the reader may do there.
pub(super) fn row(
    staff: &Staff,
    app: &App,
    (term, account): (&Term, &Account),
    held: &[(Term, Account)],
    again: &Again,
) -> Value {
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let own = staff.user.account.id;
    let label = policy.post(&term.holder.post).map_or("", |k| staff.visit.locale.pick(&k.name, &k.name_en));
    let url = format!("/desk/people/{}/end", term.id);
    let mut end = moves::form("end", staff.visit.t("desk.end_post"), url, None, Vec::new());
    end["danger"] = json!(true);
    end["warning"] = json!(staff.visit.t("desk.end_post_warning"));
    let (until, left) = stand::until(staff, term, day);
    let lent =
        held.iter().any(|(t, _)| t.account == own && t.holder == term.holder && t.from < term.from && term.to < t.to);
    let may = may_grant(&policy, &directory, own, &term.holder, day);
    json!({"post": label, "holder": account.name, "phone": digits(&account.phone), "phone_display": account.phone,
        "since": term.from.to_string(), "until": until, "term": left, "state": "ok", "also": "",
        "end": if may || lent { end } else { Value::Null }, "hand": stand::lend(staff, app, term, again),
        "reset": stand::reset(staff, app, term)})
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// Posts at a place and its units that the account may give.
fn posts_to_give(staff: &Staff, app: &App, place: RegionId) -> Vec<(Holder, String)> {
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let level = directory.tree.get(place).map_or(Level::County, |r| r.level);
    let mut out = Vec::new();
    for (seat, name) in seats(app, place) {
        let is_place = seat == place.0;
        for kind in policy.posts.iter().filter(|p| p.unit != is_place && (p.unit || p.level == level)) {
            let holder = Holder { post: kind.id.clone(), seat };
            if may_grant(&policy, &directory, staff.user.account.id, &holder, day) {
                out.push((holder, format!("{name} {}", staff.visit.locale.pick(&kind.name, &kind.name_en))));
            }
        }
    }
    out
}

fn add(staff: &Staff, app: &App, place: RegionId, again: &Again) -> Value {
    let visit = &staff.visit;
    let day = app.now().day();
    let mut post = moves::plain_field("post", visit.t("desk.post"), "post", true, "", again);
    let options: Vec<Value> = posts_to_give(staff, app, place)
        .into_iter()
        .map(|(holder, label)| json!({"value": holder.key(), "label": label, "group": "", "selected": again.typed.get("post") == Some(&holder.key())}))
        .collect();
    post["options"] = json!(options);
    let field = |id: &str, kind: &str, required: bool, value: &str| {
        moves::plain_field(id, visit.t(&format!("desk.person_{id}")), kind, required, value, again)
    };
    let today = day.to_string();
    let fields = vec![
        post,
        field("name", "text", true, ""),
        field("login", "text", true, ""),
        field("phone", "phone", false, ""),
        field("from", "date", true, &today),
    ];
    let url = format!("/desk/people?place={}", app.directory().tree.code(place, day));
    let mut form = moves::form("add", visit.t("desk.add_post"), url, None, fields);
    form["primary"] = json!(true);
    form["open"] = json!(!again.faults.is_empty());
    form
}

/// `POST /desk/people`
pub(crate) async fn give_post(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let Some(holder) = Holder::parse(sent.get("post")) else {
        let faults = [("post".to_owned(), staff.visit.t("fault.required"))].into();
        return show(&staff, &Again { typed: sent.fields, faults, ..Again::default() }, Value::Null).await;
    };
    let new = NewPost {
        holder,
        name: sent.get("name").to_owned(),
        login: sent.get("login").to_owned(),
        phone: sent.get("phone").to_owned(),
        from: Day::parse(sent.get("from")).unwrap_or_else(|| app.now().day()),
        until: None,
    };
    match app.give_post(staff.user.account.id, new).await {
        Ok(link) => {
            let words = match link {
                Some(token) => staff.visit.t_with(
                    "desk.post_given_link",
                    &[("url", format!("{}/setup/{token}", staff.visit.web.options().base_url))],
                ),
                None => staff.visit.t("desk.post_given"),
            };
            show(&staff, &Again::default(), json!({"tone": "good", "words": words})).await
        }
        Err(AppError::Refused(refusal)) if !refusal.fields.is_empty() => {
            let faults = staff.visit.faults(&refusal);
            show(&staff, &Again { typed: sent.fields, faults, ..Again::default() }, Value::Null).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /desk/people/{term}/end`
pub(crate) async fn end_post(Path(term): Path<TermId>, staff: Staff, request: Request) -> Answer {
    read_staff(&staff, request).await?;
    let app = staff.app()?;
    let seat = app.directory().terms.get(&term).map(|t| t.holder.clone()).ok_or(WebError::NotFound)?;
    app.end_post(staff.user.account.id, term).await?;
    let directory = app.directory();
    let day = app.now().day();
    let place = directory.region_of(&seat).map(|r| directory.tree.code(r, day).to_owned()).unwrap_or_default();
    Ok(see_other(&format!("/desk/people?place={place}")))
}

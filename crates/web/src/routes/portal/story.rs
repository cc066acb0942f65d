//! A matter's story as its reporter reads it: like a parcel, oldest first, with what is expected next.

use super::field;
use crate::show;
use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::reporter::Followed;
use xiangyue_app::view::{Line, Opened};
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::OrgId;
use xiangyue_domain::matter::{FileRef, Matter, Who};
use xiangyue_domain::policy::{FieldType, Kind, Phase, Step};
use xiangyue_domain::register::Holder;

/// The limit that runs now.
pub(super) struct Due {
    /// 「受理时限：11月7日（周二）18:00前」
    pub text: String,
    /// How much is left.
    pub left: String,
    /// Nothing, `warn` or `bad`.
    pub tone: &'static str,
    /// It has run out.
    pub over: bool,
}

/// The limit that runs out first.
pub(super) fn due(visit: &Visit, app: &App, matter: &Matter) -> Option<Due> {
    let running = matter.clocks.iter().filter(|c| c.runs() && !c.is_auto());
    let clock = running.min_by_key(|c| c.due).filter(|_| matter.phase == Phase::Open)?;
    let policy = app.policy();
    let named = policy.kind_of(matter).and_then(|k| k.clocks.iter().find(|c| c.id == clock.id));
    let name = named.map_or("", |c| visit.locale.pick(&c.name, &c.name_en)).to_owned();
    let limit = show::limit(visit, app, clock.due);
    let day = clock.due.day();
    let slots =
        [("day", show::long_day(visit, day)), ("weekday", show::weekday(visit, day)), ("time", clock.due.hhmm())];
    let when = visit.t_with("portal.by_when", &slots);
    let tone = match limit.tone {
        "over" => "bad",
        "near" => "warn",
        _ => "",
    };
    let text = visit.t_with("portal.limit", &[("name", name), ("when", when)]);
    Some(Due { text, left: limit.left, tone, over: limit.tone == "over" })
}

/// 「2023年11月3日19:40」
pub(super) fn long_moment(visit: &Visit, at: Time) -> String {
    let slots = [("day", show::long_day(visit, at.day())), ("time", at.hhmm())];
    visit.t_with("portal.moment", &slots)
}

/// Name of what a matter is about.
pub(super) fn category(visit: &Visit, app: &App, matter: &Matter) -> String {
    let policy = app.policy();
    let Some(kind) = policy.kind_of(matter) else { return String::new() };
    let item = kind.fields.iter().find(|f| f.catalogue.is_some()).and_then(|f| {
        let code = matter.values.get(&f.id)?.as_str()?;
        policy.catalogue(f.catalogue.as_deref()?)?.item(code)
    });
    item.map_or_else(|| show::kind(visit, kind), |i| visit.locale.pick(&i.name, &i.name_en)).to_owned()
}

/// What a villager is told about a step.
pub(super) fn told(visit: &Visit, step: &Step) -> String {
    let chinese = if step.told.is_empty() { &step.name } else { &step.told };
    visit.locale.pick(chinese, &step.name_en).to_owned()
}

/// Photos of a line.
pub(super) fn photos(visit: &Visit, token: &str, files: &[FileRef]) -> Vec<Value> {
    (1..)
        .zip(files)
        .map(|(n, file)| {
            let url = format!("/m/{token}/files/{}", file.digest);
            json!({ "url": url, "thumb": url, "alt": visit.t_with("portal.photo_alt", &[("n", n.to_string())]) })
        })
        .collect()
}

/// The latest public reply: its line and its words.
pub(super) fn reply<'a>(kind: &Kind, opened: &'a Opened) -> Option<(usize, &'a Line, &'a str)> {
    let field = kind.fields.iter().find(|f| f.public && f.kind == FieldType::Longtext)?;
    let lines = opened.lines.iter().enumerate().rev();
    lines.filter_map(|(i, line)| Some((i, line, line.texts.get(&field.id)?.as_str()))).next()
}

/// The steps so far and the one that is expected.
pub(super) fn steps(
    visit: &Visit,
    app: &App,
    token: &str,
    followed: &Followed,
    shown_above: Option<usize>,
) -> Vec<Value> {
    let policy = app.policy();
    let opened = &followed.opened;
    let Some(kind) = policy.kind_of(&opened.matter) else { return Vec::new() };
    let mut steps = Vec::new();
    let mut risen = false;
    for (i, line) in opened.lines.iter().enumerate() {
        let rises = line.trail.mv == "escalate";
        // It rises post by post; that it is late is said once.
        if !(rises && risen) {
            steps.push(step(visit, app, token, kind, line, shown_above == Some(i)));
        }
        risen = rises || risen && line.trail.from == line.trail.to;
    }
    if followed.merged {
        steps.push(plain(visit.t_with("portal.merged", &[("number", opened.matter.number.clone())]), "done"));
    }
    steps.extend(next(visit, app, &opened.matter));
    steps
}

fn step(visit: &Visit, app: &App, token: &str, kind: &Kind, line: &Line, above: bool) -> Value {
    let (title, tone) = title(visit, kind, line);
    let by = match &line.trail.by {
        Who::Account { .. } if line.trail.mv != "open" => Some(show::who(visit, app, &line.trail.by)),
        _ => None,
    };
    // The first line's words and photos stand under 「您反映的内容」, the reply's above the steps.
    let own = line.trail.mv == "open" || above || line.trail.mv == "void";
    let words: Vec<&str> = if own { Vec::new() } else { line.texts.values().map(String::as_str).collect() };
    let said = if line.trail.mv == "escalate" { Some(visit.t("portal.late_told")) } else { None };
    json!({
        "at": show::moment(line.trail.at),
        "iso": show::iso(line.trail.at),
        "title": title,
        "by": by,
        "phone": null,
        "phone_display": null,
        "words": said.or_else(|| (!words.is_empty()).then(|| words.join(" "))),
        "photos": if own { Vec::new() } else { photos(visit, token, &line.files) },
        "kind": tone,
    })
}

/// What a line says, and whether it is good news.
fn title(visit: &Visit, kind: &Kind, line: &Line) -> (String, &'static str) {
    let trail = &line.trail;
    let to = kind.step(&trail.to);
    let here = to.map_or_else(String::new, |s| told(visit, s));
    match trail.mv.as_str() {
        "open" => (here, "done"),
        "void" => (visit.t("portal.state_void"), "done"),
        "escalate" => (visit.t("portal.late"), "bad"),
        mv => {
            let moved = kind.find_move(mv);
            let name = moved.map_or("", |m| visit.locale.pick(&m.name, &m.name_en)).to_owned();
            let back = to.is_some_and(|s| s.phase == Phase::Open)
                && kind.step(&trail.from).is_some_and(|s| matches!(s.phase, Phase::Answered | Phase::Closed));
            let tone = if back { "bad" } else { "done" };
            match trail.by {
                Who::Reporter => (visit.t_with("portal.you_said", &[("what", name)]), tone),
                _ if back || trail.from == trail.to => (name, tone),
                _ => (here, tone),
            }
        }
    }
}

/// Who has it now, and what comes next.
fn next(visit: &Visit, app: &App, matter: &Matter) -> Vec<Value> {
    if matter.phase == Phase::Answered {
        return vec![plain(visit.t("portal.waits_for_you"), "next")];
    }
    if matter.phase != Phase::Open {
        return Vec::new();
    }
    let mut out = Vec::new();
    if let Some(holder) = &matter.holder {
        let slots = [("who", show::holder(visit, app, holder))];
        let mut now = plain(visit.t_with("portal.in_hand_of", &slots), "now");
        if let Some(phone) = phone_of(app, holder) {
            now["phone_display"] = json!(show::phone_display(&phone));
            now["phone"] = json!(phone);
        }
        out.push(now);
    }
    out.extend(due(visit, app, matter).map(|due| {
        let text = if due.over { visit.t("portal.late_next") } else { due.text };
        plain(text, "next")
    }));
    out
}

fn plain(title: String, kind: &str) -> Value {
    json!({
        "at": "", "iso": "", "title": title, "by": null, "phone": null, "phone_display": null,
        "words": null, "photos": [], "kind": kind,
    })
}

/// Office telephone of a post: a unit's own, or that of whoever holds a public post.
fn phone_of(app: &App, holder: &Holder) -> Option<String> {
    let (directory, policy) = (app.directory(), app.policy());
    if let Some(org) = directory.orgs.get(&OrgId(holder.seat)) {
        return Some(org.phone.clone()).filter(|p| !p.is_empty());
    }
    policy.post(&holder.post).filter(|p| p.public)?;
    let holders = directory.holders_of(holder, app.now().day());
    holders.into_iter().map(|a| a.phone.clone()).find(|p| !p.is_empty())
}

/// Whether the reporter, or whoever asked them, said that it is solved; and the grade.
pub(super) fn verdict(visit: &Visit, app: &App, opened: &Opened) -> Value {
    let policy = app.policy();
    let matter = &opened.matter;
    let Some(kind) = policy.kind_of(matter) else { return Value::Null };
    let value = |name: &str| matter.values.get(name).filter(|v| v.as_str().is_some_and(|s| !s.is_empty()));
    let Some(solved) = value(field::SOLVED).filter(|_| matches!(matter.phase, Phase::Closed | Phase::Final)) else {
        return Value::Null;
    };
    let speaks = |line: &&Line| {
        let mv = kind.find_move(&line.trail.mv);
        mv.is_some_and(|m| m.set.contains_key(field::SOLVED) || m.fields.iter().any(|f| f == field::GRADE))
    };
    let at = opened.lines.iter().rev().find(speaks).map(|l| show::moment(l.trail.at)).unwrap_or_default();
    let grade = value(field::GRADE).map(|v| show::value(visit, app, kind, field::GRADE, v));
    json!({ "solved": solved.as_str() == Some("yes"), "grade": grade, "at": at })
}

//! `GET /desk/disclosure?place=`: what villages have to make public, who is late and what falls due soon; of one village
//! each duty with its matter. For whoever has a post over a place or in it.

use super::list::address;
use super::shell;
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::routes::portal::{class_name, item_name, period_words};
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::due::{AHEAD, Cell, Standing, duty_kind};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{DutyRules, Kind, Level, Right};

/// Days that a village's own page looks back.
const BACK: i32 = 92;

/// The page.
pub(crate) async fn disclosure(staff: Staff) -> Answer {
    let app = staff.app()?;
    let policy = app.policy();
    duty_kind(&policy).ok_or(WebError::NotFound)?;
    let villages = villages_of(&staff, app);
    let asked = query(&staff.visit.path).get("place").cloned().unwrap_or_default();
    let one = villages.iter().copied().find(|v| app.directory().tree.code(*v, app.now().day()) == asked);
    match (one, villages.as_slice()) {
        (Some(village), _) => of_village(&staff, app, village, villages.len() > 1).await,
        (None, _) if !asked.is_empty() => Err(WebError::NotFound),
        (None, [only]) => of_village(&staff, app, *only, false).await,
        (None, []) => Err(WebError::NotFound),
        (None, all) => board(&staff, app, all).await,
    }
}

/// Villages that the account answers for: in its own places, or around them.
fn villages_of(staff: &Staff, app: &App) -> Vec<RegionId> {
    let (directory, policy, day) = (app.directory(), app.policy(), app.now().day());
    let account = staff.user.account.id;
    let posts = directory.posts_of(account, day).into_iter();
    let sees = |post: &str| policy.post(post).is_some_and(|p| p.rights.contains(&Right::SeePlace) && !p.unit);
    let own: Vec<RegionId> = posts.filter(|h| sees(&h.post)).filter_map(|h| directory.region_of(h)).collect();
    let all = directory.tree.of_level(Level::Village, day).into_iter();
    let inside = |v: &RegionId| {
        own.iter()
            .any(|o| directory.tree.ancestors(*v, day).contains(o) || directory.tree.ancestors(*o, day).contains(v))
    };
    all.filter(inside).collect()
}

async fn board(staff: &Staff, app: &App, villages: &[RegionId]) -> Answer {
    let (directory, day) = (app.directory(), app.now().day());
    let standing = app.duty_board(villages, day).await?;
    let mut total = Standing::default();
    let mut rows: Vec<(i64, Value)> = Vec::with_capacity(standing.len());
    for village in villages {
        let s = standing.get(village).copied().unwrap_or_default();
        total.due += s.due;
        total.done += s.done;
        total.in_time += s.in_time;
        let code = directory.tree.code(*village, day);
        let town = directory.tree.at_level(*village, Level::Town, day);
        rows.push((
            s.late(),
            json!({
                "name": directory.tree.display(*village, day),
                "town": town.map_or("", |t| directory.tree.display(t, day)),
                "due": s.due, "done": s.done, "late": s.late(), "coming": s.coming, "rate": rate(s.in_time, s.due),
                "url": format!("/desk/disclosure?place={code}"),
            }),
        ));
    }
    // Whoever is late stands first, otherwise the official order holds.
    rows.sort_by_key(|(late, _)| std::cmp::Reverse(*late));
    let behind = rows.iter().filter(|(late, _)| *late > 0).count();
    let visit = &staff.visit;
    let says =
        [("n", villages.len().to_string()), ("late", behind.to_string()), ("rate", rate(total.in_time, total.due))];
    let values = json!({
        "nav": shell::nav(staff, "disclosure").await?, "once": visit.once(),
        "words": visit.t_with("disclosure.board_words", &says),
        "rows": rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>(),
        "ahead": AHEAD,
        "accounts_url": if app.may_bring_accounts(staff.user.account.id) { "/desk/disclosure/accounts" } else { "" },
    });
    visit.page("desk/disclosure.html", &visit.t("disclosure.board"), values)
}

/// A rate in per cent, or a dash where nothing was due.
fn rate(part: i64, whole: i64) -> String {
    if whole == 0 { "—".to_owned() } else { format!("{}.{:02}%", part * 100 / whole, part * 10_000 / whole % 100) }
}

async fn of_village(staff: &Staff, app: &App, village: RegionId, many: bool) -> Answer {
    let (directory, day, visit) = (app.directory(), app.now().day(), &staff.visit);
    // 「n of m」 on the board opens to these m, no day more.
    let all = query(&visit.path).contains_key("all");
    let (from, to) = if all { app.board_days(day).await? } else { (day.plus(-BACK), day.plus(AHEAD * 3)) };
    let mut cells = app.duties_of(village, from, to).await?;
    // What is still to do stands first, the earliest on top; what is done follows, the latest on top.
    cells.sort_by_key(|c| (c.done, if c.done { -c.due.due.0 } else { c.due.due.0 }));
    let late = cells.iter().filter(|c| !c.done && c.due.due < day).count();
    let code = directory.tree.code(village, day);
    let name = directory.tree.display(village, day).to_owned();
    let account = staff.user.account.id;
    let policy = app.policy();
    let may = duty_kind(&policy)
        .is_some_and(|(kind, _)| directory.posts_of(account, day).iter().any(|h| kind.intake.by.contains(&h.post)));
    let begun = duty_kind(&policy).filter(|_| may);
    let rows: Vec<Value> = cells.iter().map(|c| cell(staff, app, (village, c), begun)).collect();
    // Whoever is told is known to nobody here: the page has their number and no more.
    let told = if policy.texts.as_ref().is_some_and(|t| t.on) { Some(app.subscribers(village).await?) } else { None };
    let values = json!({
        "nav": shell::nav(staff, "disclosure").await?, "once": visit.once(),
        "place": { "name": name, "open_url": format!("/v/{code}/open"), "late": late, "told": told },
        "board_url": if many { "/desk/disclosure" } else { "" },
        "begin_url": begun.map_or(String::new(), |(kind, _)| format!("/desk/intake/{}", kind.id)),
        "rows": rows,
    });
    visit.page("desk/disclosure_village.html", &name, values)
}

/// One duty; where nobody has begun it, whoever may take it in is led to the form with item and period filled in.
fn cell(staff: &Staff, app: &App, (village, cell): (RegionId, &Cell), begin: Option<(&Kind, &DutyRules)>) -> Value {
    let (visit, today) = (&staff.visit, app.now().day());
    let code = app.directory().tree.code(village, today).to_owned();
    let state = match (cell.done, cell.due.due < today, cell.due.due <= today.plus(AHEAD)) {
        (true, _, _) => "done",
        (false, true, _) => "over",
        (false, false, true) => "near",
        (false, false, false) => "ok",
    };
    let left = cell.due.due.0 - today.0;
    let words = match state {
        "done" => visit.t("disclosure.done"),
        "over" => visit.t_with("disclosure.late_days", &[("n", (-left).to_string())]),
        _ => visit.t_with("disclosure.left_days", &[("n", left.to_string())]),
    };
    let url = match &cell.matter {
        Some(m) if cell.done => format!("/v/{code}/open/{}", m.id),
        Some(m) => format!("/desk/matters/{}", m.id),
        None => begin.map_or(String::new(), |(kind, rules)| {
            let (place, period) = (village.to_string(), cell.due.span.text());
            let filled = [("place", place.as_str()), (&rules.item, &cell.due.item), (&rules.period, &period)];
            address(&format!("/desk/intake/{}", kind.id), &Default::default(), &filled)
        }),
    };
    let step = cell.matter.as_ref().map(|m| show::step(visit, app, &m.kind, &m.step));
    json!({
        "name": item_name(visit, app, &cell.due.item), "class": class_name(visit, app, &cell.due.item),
        "period": period_words(visit, &cell.due.span.text()), "typed": cell.due.span.text(),
        "due": cell.due.due.to_string(), "state": state, "words": words, "url": url,
        "step": step.unwrap_or_else(|| visit.t("disclosure.not_begun")),
    })
}

//! `GET /hub?region=&period=&from=&to=&compare=&group=&trend=`: the morning line, headline figures, warnings, the places
//! below, tiles and trend. For whoever may see figures, and only of their own places.

use super::heads;
use super::morning::{self, Morning};
use super::place::{self, Group, chosen, groups};
use super::say;
use super::tiles::tiles;
use super::trend::{span, trend};
use super::view::View;
use super::{duties, instruct, made, warn};
use crate::page::Answer;
use crate::routes::desk::shell;
use crate::visit::Staff;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use xiangyue_app::AppError;
use xiangyue_app::indicator::Figures;
use xiangyue_app::judged::Judged;
use xiangyue_app::often::Again;
use xiangyue_app::period::Span;
use xiangyue_app::series::Series;
use xiangyue_app::warning::{InHand, Open};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Policy, Right};

/// The page.
pub(crate) async fn index(staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    let policy = view.app.policy();
    let (children, groups) = (view.children(), groups(&view, &policy));
    let found = Found::read(&view, &policy, &children, &groups).await?;
    let mut warnings = warn::list(&view, &policy, &found.warned());
    warnings.extend(duties::warnings(&view, &found.judged.duties, &found.judged.near));
    warnings.extend(duties::calendar(&view));
    made::mark(&view, &policy, &mut warnings).await?;
    let values = json!({
        "nav": shell::nav(&staff, "hub").await?,
        "once": staff.visit.once(),
        "morning": morning::line(&view, &policy, &found.morning).await?,
        "crumbs": view.crumbs(None),
        "periods": view.periods("/hub"),
        "compares": view.compares("/hub"),
        "custom": view.custom("/hub"),
        "as_of": view.as_of(),
        "span": view.days(view.period),
        "heads": heads::cards(&view, &found.heads(&policy)),
        "due": due(&view, found.morning.open),
        "warnings_copy": warn::paragraph(&view, &warnings),
        "warnings": warnings,
        "instruct": instruct::list(&view, &policy, &found.instruct).await?,
        "warnings_url": view.matters_url(view.place, &[("status", "active"), ("limit", "over")]),
        "table": place::table(&view, &found.table(&policy, &children, &groups)),
        "tiles": tiles(&view, &children, &found.below),
        "trend": trend(&view, &policy, &found.series),
        "calls": calls(&view),
        "hidden_note": hidden_note(&view, &policy),
        "empty": empty(&view, &found.now, found.morning.open),
    });
    let name = view.name(view.place);
    staff.visit.page("hub/index.html", &staff.visit.t_with("hub.title", &[("place", name)]), values)
}

/// What the page stands on, read with a bounded number of questions.
struct Found {
    /// Headline figures and those of the table, and the same in the period compared with.
    now: Figures,
    base: Figures,
    series: Series,
    /// What is in hand now, by kind and by place.
    hand: InHand,
    /// What of the period's matters is open, by kind.
    taken: HashMap<String, Open>,
    /// What is open now at the places below.
    below: BTreeMap<RegionId, Open>,
    morning: Morning,
    again: Vec<Again>,
    judged: Arc<Judged>,
    /// What waits for a word of the reader.
    instruct: Vec<Matter>,
}

impl Found {
    async fn read(
        view: &View<'_>,
        policy: &Policy,
        children: &[RegionId],
        groups: &[Group<'_>],
    ) -> Result<Found, AppError> {
        let (app, account, own) = (view.app, view.staff.user.account.id, [view.place]);
        let heads = heads::ids(view, policy);
        let columns = chosen(view, groups).map(|g| g.indicators.as_slice()).unwrap_or_default();
        let ids: Vec<&str> = heads.iter().copied().chain(columns.iter().map(|i| i.id.as_str())).collect();
        let places: Vec<RegionId> = own.into_iter().chain(children.iter().copied()).collect();
        let (grain, days) = span(view);
        let (now, base, series) = tokio::try_join!(
            app.figures(&ids, &places, view.period),
            view.base_figures(&ids, &places, &[]),
            app.series(&heads, view.place, grain, days, &[]),
        )?;
        let (hand, taken, today, overdue, again, judged, instruct) = tokio::try_join!(
            app.open_now(account, view.place),
            app.open_of(account, view.place, view.period),
            app.due_today(account, view.place),
            app.overdue_at(account, view.place),
            app.callers_again(account, view.place),
            app.judged(view.place),
            app.overdue_for(account, view.place, instruct::by(policy), instruct::MOST),
        )?;
        let (below, morning) = (hand.below(&[]), Morning { open: hand.whole(&[]), today, overdue });
        Ok(Found { now, base, series, hand, taken, below, morning, again, judged, instruct })
    }

    fn warned(&self) -> warn::Known<'_> {
        let (overdue, today) = (&self.morning.overdue, &self.morning.today);
        warn::Known { overdue, surges: &self.judged.surges, returns: &self.judged.returns, again: &self.again, today }
    }

    fn heads<'a>(&'a self, policy: &'a Policy) -> heads::Ground<'a> {
        heads::Ground { policy, now: &self.now, base: &self.base, series: &self.series, open: &self.taken }
    }

    fn table<'a>(&'a self, policy: &'a Policy, children: &'a [RegionId], groups: &'a [Group<'a>]) -> place::Ground<'a> {
        place::Ground { policy, groups, children, now: &self.now, base: &self.base, hand: &self.hand }
    }
}

fn due(view: &View, open: Open) -> Value {
    json!({
        "value": say::grouped(open.n - open.late), "unit": view.visit().t("hub.cases"), "words": view.visit().t("hub.in_limit_all"),
        "url": view.counted_url(open.n - open.late, view.place, &[("status", "active"), ("limit", "in")]),
    })
}

fn calls(view: &View) -> Value {
    let directory = view.app.directory();
    let may = directory.has_right(&view.app.policy(), view.staff.user.account.id, Right::Report, view.place, view.day);
    // The report is of the days that the page shows, also where the address does not name them.
    let period = view.span.map_or("", Span::as_str);
    let report = if may { view.url("/hub/report", &[("period", period)]) } else { String::new() };
    json!({"report": report, "wall": view.url("/hub/wall", &[])})
}

fn hidden_note(view: &View, policy: &Policy) -> String {
    let hidden =
        policy.indicators.iter().any(|i| (i.headline || i.hub.is_some()) && !say::may_show(policy, i, view.level));
    if hidden { view.visit().t("hub.sealed_note") } else { String::new() }
}

/// Nothing was recorded in the period: what to look at instead.
fn empty(view: &View, figures: &Figures, open: Open) -> Value {
    let any = figures.values().any(|v| v.numerator != 0 || v.denominator.is_some_and(|d| d != 0));
    if any || open.n > 0 {
        return Value::Null;
    }
    let visit = view.visit();
    let wide = if view.demo().is_some() { "all" } else { "year" };
    let url = view.url("/hub", &[("period", wide), ("from", ""), ("to", ""), ("as_of", "")]);
    let label = visit.t(&format!("hub.span_{wide}"));
    json!({"title": visit.t("hub.empty"), "words": visit.t("hub.empty_words"), "url": url, "label": label})
}

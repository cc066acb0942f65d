//! Showing: names, days, limits and numbers as people read them, in the visitor's language.

use crate::visit::Visit;
use xiangyue_app::App;
use xiangyue_domain::calendar::Left;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::form::yuan;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Kind, Level};
use xiangyue_domain::register::Holder;
use xiangyue_domain::saying::{self, Tongue};

/// How near a limit is.
pub(crate) struct Limit {
    /// `over`, `near`, or nothing.
    pub tone: &'static str,
    /// 「还剩1个工作日」, 「超时2小时」
    pub left: String,
    /// The instant itself.
    pub at: String,
}

/// How near a limit is by now.
pub(crate) fn limit(visit: &Visit, app: &App, due: Time) -> Limit {
    let now = app.now();
    let n = |n: u32| n.to_string();
    let (tone, key, count) = match app.policy().calendar.left(now, due) {
        Left::Overdue { minutes } if minutes < 60 => ("over", "common.over_minutes", n(minutes)),
        Left::Overdue { minutes } if minutes < 48 * 60 => ("over", "common.over_hours", n(minutes / 60)),
        Left::Overdue { minutes } => ("over", "common.over_days", n(minutes / 1440)),
        Left::Minutes(m) => ("near", "common.left_minutes", n(m)),
        Left::Hours(h) => (if h <= 4 { "near" } else { "" }, "common.left_hours", n(h)),
        Left::Today => ("near", "common.left_today", due.hhmm()),
        Left::WorkingDays(d) => (if d <= 1 { "near" } else { "" }, "common.left_days", n(d)),
    };
    Limit { tone, left: visit.t_with(key, &[("n", count)]), at: moment(due) }
}

/// `11-03 19:40`
pub(crate) fn moment(at: Time) -> String {
    format!("{} {}", &at.day().to_string()[5..], at.hhmm())
}

/// `2026-11-03 19:40`
pub(crate) fn full_moment(at: Time) -> String {
    at.to_string()
}

/// `2026-11-03T19:40`
pub(crate) fn iso(at: Time) -> String {
    format!("{}T{}", at.day(), at.hhmm())
}

/// 2026年11月3日, or the plain date in English.
pub(crate) fn long_day(visit: &Visit, day: Day) -> String {
    let d = day.date();
    let args = [("y", d.year().to_string()), ("m", d.month().to_string()), ("d", d.day().to_string())];
    visit.t_with("common.long_day", &args)
}

/// 周二
pub(crate) fn weekday(visit: &Visit, day: Day) -> String {
    visit.t(&format!("common.weekday_{}", day.weekday()))
}

/// Name of a place with the ones above it below the county: 东沟镇 · 天边村 · 第3网格.
pub(crate) fn place(app: &App, id: RegionId, day: Day) -> String {
    let directory = app.directory();
    let mut names: Vec<&str> = directory
        .tree
        .ancestors(id, day)
        .into_iter()
        .filter(|a| directory.tree.get(*a).is_some_and(|r| r.level <= Level::Town))
        .map(|a| directory.tree.display(a, day))
        .collect();
    names.reverse();
    if names.is_empty() { directory.tree.display(id, day).to_owned() } else { names.join(" · ") }
}

/// Name of a post at its seat: 东沟镇调度员.
pub(crate) fn holder(visit: &Visit, app: &App, holder: &Holder) -> String {
    let policy = app.policy();
    let seat = app.directory().seat_name(holder.seat, app.now().day());
    let Some(post) = policy.post(&holder.post) else { return seat };
    if visit.locale == crate::Locale::En && !post.name_en.is_empty() {
        return format!("{seat} {}", post.name_en);
    }
    // A unit's post says nothing of a level: the 办 of 承办 is not the office's own.
    if post.unit {
        return format!("{seat}{}", post.name);
    }
    let word = policy.settings.as_ref().and_then(|s| s.level_words.get(&post.level)).map_or("", String::as_str);
    joined(&seat, &post.name, word)
}

/// 东坡村 and 村书记 are 东坡村书记; 上塬镇 or 河湾乡 and 乡镇调度员 are 上塬镇调度员 and 河湾乡调度员: what the seat has said is
/// not said again.
fn joined(seat: &str, name: &str, level_word: &str) -> String {
    let said = seat.chars().last();
    // The word for a level is one or two characters long: 村, 乡镇, 网格.
    let twice = name.char_indices().take(2).find(|(_, c)| Some(*c) == said).map(|(i, c)| &name[i + c.len_utf8()..]);
    let level = level_word.split('（').next().unwrap_or("");
    let whole = name.strip_prefix(level).filter(|_| said.is_some_and(|c| level.contains(c)));
    let rest = whole.or(twice).or_else(|| name.strip_prefix(level));
    format!("{seat}{}", rest.filter(|r| !r.is_empty()).unwrap_or(name))
}

/// Who did something: the post, never a private name.
pub(crate) fn who(visit: &Visit, app: &App, by: &Who) -> String {
    match by {
        Who::Account { post: Some(post), .. } => holder(visit, app, post),
        Who::Account { account, post: None } => {
            let directory = app.directory();
            let day = app.now().day();
            directory.posts_of(*account, day).first().map(|h| holder(visit, app, h)).unwrap_or_default()
        }
        Who::Reporter => visit.t("common.by_reporter"),
        Who::System => visit.t("common.by_system"),
    }
}

/// Name of a kind.
pub(crate) fn kind<'a>(visit: &Visit, kind: &'a Kind) -> &'a str {
    visit.locale.pick(&kind.name, &kind.name_en)
}

/// Name of a step.
pub(crate) fn step(visit: &Visit, app: &App, kind_id: &str, step: &str) -> String {
    let policy = app.policy();
    let found = policy.kind(kind_id).and_then(|k| k.step(step));
    found.map_or_else(String::new, |s| visit.locale.pick(&s.name, &s.name_en).to_owned())
}

/// Name of a channel: the options of the kind's field `channel`.
pub(crate) fn channel(visit: &Visit, app: &App, kind_id: &str, code: &str) -> String {
    let policy = app.policy();
    let Some(kind) = policy.kind(kind_id) else { return code.to_owned() };
    value(visit, app, kind, "channel", &serde_json::Value::String(code.to_owned()))
}

/// A plain value of a field as people read it.
pub(crate) fn value(visit: &Visit, app: &App, kind: &Kind, field_id: &str, value: &serde_json::Value) -> String {
    let Some(field) = kind.field(field_id) else {
        return value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    };
    let (yes, no) = (visit.t("common.yes"), visit.t("common.no"));
    let tongue = Tongue { english: visit.locale == crate::Locale::En, yes: &yes, no: &no };
    saying::value(&app.policy(), field, value, tongue)
}

/// Money in 元 from 分.
pub(crate) fn money(cents: i64) -> String {
    yuan(cents)
}

/// What a matter is about in one line: its category and where, or the villager's own words cut short.
pub(crate) fn title(
    visit: &Visit,
    app: &App,
    matter: &Matter,
    texts: Option<&xiangyue_app::view::Opened>,
    words: Option<&str>,
) -> String {
    let policy = app.policy();
    let heading = policy.kind_of(matter).map_or("words", Kind::heading);
    let of = |field: &str| texts.and_then(|t| t.texts.get(field).map(String::as_str));
    let said = words.or_else(|| of(heading)).or_else(|| of("words")).unwrap_or("");
    let category = policy.kind_of(matter).and_then(|k| {
        let field = k.fields.iter().find(|f| f.catalogue.is_some())?;
        let code = matter.values.get(&field.id)?.as_str()?;
        let item = policy.catalogue(field.catalogue.as_deref()?)?.item(code)?;
        Some(visit.locale.pick(&item.name, &item.name_en).to_owned())
    });
    let cut: String = said.chars().take(28).collect();
    let more = if said.chars().count() > 28 { "…" } else { "" };
    match (category, cut.is_empty()) {
        (Some(category), true) => category,
        (Some(category), false) => format!("{category} {cut}{more}"),
        (None, false) => format!("{cut}{more}"),
        (None, true) => policy.kind_of(matter).map_or_else(String::new, |k| kind(visit, k).to_owned()),
    }
}

/// A telephone as people write it: `138 0013 8000`; a landline has its dash already.
pub(crate) fn phone_display(phone: &str) -> String {
    let mobile = phone.len() == 11 && phone.starts_with('1') && phone.bytes().all(|b| b.is_ascii_digit());
    if mobile { format!("{} {} {}", &phone[..3], &phone[3..7], &phone[7..]) } else { phone.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_and_its_post_read_as_one() {
        let cases = [
            ("东坡村", "村书记", "村（社区）", "东坡村书记"),
            ("第3网格", "网格员", "网格", "第3网格员"),
            ("上塬镇", "乡镇调度员", "乡镇（街道）", "上塬镇调度员"),
            ("上塬镇", "乡镇调度员", "苏木", "上塬镇调度员"),
            ("河湾乡", "乡镇党委书记", "乡镇（街道）", "河湾乡党委书记"),
            ("北关街道", "乡镇调度员", "乡镇（街道）", "北关街道调度员"),
            ("北屿社区", "村书记", "村（社区）", "北屿社区书记"),
            ("高塬县", "12345调度员", "县", "高塬县12345调度员"),
            ("县水务局", "承办单位经办人", "县", "县水务局承办单位经办人"),
            ("", "回访员", "", "回访员"),
        ];
        for (seat, name, word, whole) in cases {
            assert_eq!(joined(seat, name, word), whole);
        }
        assert_eq!(phone_display("13800138000"), "138 0013 8000");
        assert_eq!(phone_display("0953-0000001"), "0953-0000001");
    }
}

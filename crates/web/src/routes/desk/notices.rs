//! `GET /desk/notices`: what has happened to my work.

use super::shell;
use crate::form::read_staff;
use crate::page::{Answer, query, see_other};
use crate::show;
use crate::visit::Staff;
use axum::extract::Request;
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_domain::day::Time;

/// Notices shown; older ones are found through their matter.
const SHOWN: i64 = 100;

/// The page.
pub(crate) async fn notices(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let unread_only = query(&visit.path).get("tab").is_some_and(|t| t == "unread");
    let account = staff.user.account.id;
    let mut list = app.pool().notices(app.realm(), account.0, SHOWN).await.map_err(AppError::from)?;
    list.retain(|n| !unread_only || !n.read);
    let ids: Vec<i64> = list.iter().map(|n| n.matter).collect();
    let matters = app.pool().matters_seen(app.realm(), &app.scope(account), &ids).await.map_err(AppError::from)?;
    let rows = shell::rows(&staff, &matters).await?;
    let mut days: Vec<(String, Vec<Value>)> = Vec::new();
    for notice in &list {
        // A notice about a matter that may no longer be seen says nothing.
        let Some(row) = rows.iter().find(|r| r["id"] == json!(notice.matter.to_string())) else { continue };
        let at = Time(notice.at);
        let words = format!("{} {}", row["kind"].as_str().unwrap_or(""), row["place"].as_str().unwrap_or(""));
        let title =
            format!("{} {}", visit.t(&format!("desk.notice_{}", notice.what)), row["title"].as_str().unwrap_or(""));
        let value = json!({"id": notice.id.to_string(), "time": at.hhmm(), "iso": show::iso(at), "title": title, "words": words,
            "url": row["url"], "unread": !notice.read, "tone": if notice.what == "overdue" { "bad" } else { "" }});
        let day = show::long_day(visit, at.day());
        match days.last_mut().filter(|(d, _)| *d == day) {
            Some((_, notes)) => notes.push(value),
            None => days.push((day, vec![value])),
        }
    }
    let tab = |id: &str, count: i64, current: bool| json!({"label": visit.t(&format!("desk.notices_{id}")), "url": format!("/desk/notices?tab={id}"), "count": count, "current": current});
    let none = days.is_empty();
    let values = json!({
        "nav": shell::nav(&staff, "notices").await?,
        "once": visit.once(),
        "tabs": [tab("all", 0, !unread_only), tab("unread", staff.user.unread, unread_only)],
        "days": days.into_iter().map(|(label, notes)| json!({"label": label, "notes": notes})).collect::<Vec<_>>(),
        "read_all": "/desk/notices/read",
        "pager": {"prev": "", "next": "", "words": ""},
        "empty": if none { json!({"title": visit.t("desk.empty_notices"), "words": visit.t("desk.empty_notices_words"), "url": "/desk",
            "label": visit.t("desk.nav_worklist")}) } else { Value::Null },
    });
    visit.page("desk/notices.html", &visit.t("desk.nav_notices"), values)
}

/// `POST /desk/notices/read`
pub(crate) async fn read_notices(staff: Staff, request: Request) -> Answer {
    read_staff(&staff, request).await?;
    let app = staff.app()?;
    app.pool().mark_read(app.realm(), staff.user.account.id.0, app.now().0).await.map_err(AppError::from)?;
    Ok(see_other("/desk/notices"))
}

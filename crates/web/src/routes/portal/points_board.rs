//! What a village's points page says beside its lines: last year's honours once they are reviewed, notices of clearing
//! that hang, and where points can be spent. For everybody; households by number and never ranked.

use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::ledger::Price;
use xiangyue_domain::policy::LedgerRules;

/// Days that a notice stays on the page after its clearing may be done.
const STAYS: i32 = 90;

/// The sections.
pub(super) async fn board(visit: &Visit, app: &App, village: RegionId) -> Result<Value, AppError> {
    let policy = app.policy();
    let rules = &policy.ledger;
    Ok(json!({
        "honours": honours(visit, app, (village, rules)).await?, "notices": notices(visit, app, (village, rules)).await?,
        "offers": offers(visit, app, (village, rules)).await?,
    }))
}

async fn honours(visit: &Visit, app: &App, (village, rules): (RegionId, &LedgerRules)) -> Result<Vec<Value>, AppError> {
    let year = app.now().day().date().year() - 1;
    let mut out = Vec::new();
    for rule in &rules.honours {
        let all = app.honoured(village, &rule.id, year).await?;
        let shown: Vec<String> =
            all.into_iter().filter(|h| h.reviewed || rule.review.is_empty()).map(|h| h.number).collect();
        if !shown.is_empty() {
            let args = [("year", year.to_string()), ("what", visit.locale.pick(&rule.name, &rule.name_en).to_owned())];
            out.push(
                json!({"title": visit.t_with("points_year.public_title", &args), "basis": rule.basis, "rows": shown}),
            );
        }
    }
    Ok(out)
}

async fn notices(
    visit: &Visit,
    app: &App,
    (village, rules): (RegionId, &LedgerRules),
) -> Result<Vec<String>, AppError> {
    let today = app.now().day();
    let mut out = Vec::new();
    for hang in app.notices_at(village).await? {
        let Some(rule) = rules.clearings.iter().find(|c| c.id == hang.clearing) else { continue };
        let opens = hang.day.plus(rule.notice_days).max(hang.up_to);
        if opens.plus(STAYS) < today {
            continue;
        }
        let args = [
            ("what", visit.locale.pick(&rule.name, &rule.name_en).to_owned()),
            ("up_to", hang.up_to.to_string()),
            ("opens", opens.to_string()),
            ("day", hang.day.to_string()),
        ];
        out.push(visit.t_with("points_year.notice_public", &args));
    }
    Ok(out)
}

async fn offers(visit: &Visit, app: &App, (village, rules): (RegionId, &LedgerRules)) -> Result<Vec<Value>, AppError> {
    let mut out = Vec::new();
    let parties = app.parties_at(village).await?;
    let ids: Vec<_> = parties.iter().map(|p| p.id).collect();
    let mut shelves = app.shelves(&ids).await?;
    for party in parties {
        let (prices, shelf) = shelves.remove(&party.id).unwrap_or_default();
        let rows: Vec<Value> = prices
            .iter()
            .filter_map(|p| offer(visit, app, rules, p))
            .map(|(item, mut row)| {
                row["left"] = json!(shelf.get(&item).map(xiangyue_domain::ledger::Account::free));
                row
            })
            .collect();
        let kind = rules.party(&party.kind).map_or("", |k| visit.locale.pick(&k.name, &k.name_en)).to_owned();
        if !rows.is_empty() {
            out.push(json!({"name": party.name, "kind": kind, "rows": rows}));
        }
    }
    Ok(out)
}

fn offer(visit: &Visit, app: &App, rules: &LedgerRules, price: &Price) -> Option<(String, Value)> {
    let (now, unit) = (price.on(app.now().day())?, rules.unit(&price.item)?);
    let n = ("n", now.points.to_string());
    let says = if now.per == 1 {
        visit.t_with("points_year.offer_price", &[n])
    } else {
        visit.t_with("points_year.offer_per", &[n, ("per", now.per.to_string()), ("word", unit.word.clone())])
    };
    let name = visit.locale.pick(&unit.name, &unit.name_en);
    Some((price.item.clone(), json!({"name": name, "price": says, "word": unit.word, "gives": now.taken_in.is_some()})))
}

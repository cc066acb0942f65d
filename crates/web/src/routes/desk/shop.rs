//! `GET /desk/points/{party}`: the counter of a shop: redeem, shelves, prices, budget, what was handed out. `POST
//! /desk/points/{party}/{deed}`: one deed there. For staff with a post over the shop's place; who may do which deed the
//! ledger says. What is refused is shown on the same page with what was typed, and nothing is half-posted.

use super::points::{may, serves};
use super::shell;
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::{Answer, query, see_other, with_status};
use crate::routes::portal::{reason, signed};
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use xiangyue_app::{App, AppError};
use xiangyue_domain::form::{money, named_id};
use xiangyue_domain::ids::{PartyId, TransferId};
use xiangyue_domain::ledger::{
    About, Account, Count, Home, Party, Plain, Price, PriceVersion, Request as Asked, Roles, Stock, Trade,
};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{LedgerRules, OwnerKind, Purpose, Quantity, TransferKind, UnitKind};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Household;

/// Lines of what was handed out.
const LINES: usize = 20;

/// A counter and whoever stands at it.
struct Counter<'a> {
    staff: &'a Staff,
    app: &'a App,
    party: Party,
}

/// What was typed and why it was refused.
#[derive(Default)]
struct Typing {
    typed: BTreeMap<String, String>,
    why: String,
}

/// Kinds of transfers for a purpose, those first that this account may make.
fn kind_for(rules: &LedgerRules, purpose: Purpose) -> Option<&TransferKind> {
    rules.transfers.iter().find(|t| t.purpose == purpose && !t.by.is_empty())
}

/// The transfer that fills the account that goods are paid from.
fn funding(rules: &LedgerRules) -> Option<(&TransferKind, String)> {
    let trade = kind_for(rules, Purpose::Trade)?;
    let paid = trade.flows.iter().find(|f| f.of == Quantity::Value)?;
    let fills = |t: &&TransferKind| t.purpose == Purpose::Plain && t.flows.iter().any(|f| f.to == paid.from);
    Some((rules.transfers.iter().find(fills)?, paid.unit.clone()?))
}

/// What can stand on a price list: neither points nor money.
fn wares(rules: &LedgerRules) -> Vec<&UnitKind> {
    let held: Vec<&String> =
        rules.accounts.iter().filter(|a| a.owner == OwnerKind::Household).flat_map(|a| &a.units).collect();
    let paid: Vec<&str> = rules.transfers.iter().flat_map(|t| &t.flows).filter_map(|f| f.unit.as_deref()).collect();
    let ware = |u: &&UnitKind| !held.contains(&&u.group) && !held.contains(&&u.id) && !paid.contains(&u.id.as_str());
    rules.units.iter().filter(ware).collect()
}

/// Classes in which a household may be given points.
fn classes(rules: &LedgerRules) -> Vec<&UnitKind> {
    let held = rules.accounts.iter().filter(|a| a.owner == OwnerKind::Household);
    held.flat_map(|a| rules.units_of(&a.units)).collect()
}

impl<'a> Counter<'a> {
    async fn of(staff: &'a Staff, party: &str) -> Result<Counter<'a>, WebError> {
        let app = staff.app()?;
        let id = party.parse().map(PartyId).map_err(|_| WebError::NotFound)?;
        let party = app.party(id).await?;
        if !serves(app, staff.user.account.id, party.place) {
            return Err(WebError::NotFound);
        }
        Ok(Counter { staff, app, party })
    }

    /// A household by its number, or by the link of its passbook as a scanner types it.
    async fn home(&self, text: &str) -> Result<Option<Household>, AppError> {
        let token = text.trim().rsplit('/').next().unwrap_or_default();
        if token.is_empty() {
            return Ok(None);
        }
        match self.app.home_by_token(token).await {
            Ok(home) => Ok(Some(home)),
            Err(AppError::NotFound) if named_id(token).is_none() => {
                self.app.household_typed(self.party.place, token).await
            }
            Err(AppError::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// What the form asks of the ledger.
    async fn asked(&self, deed: &str, sent: &Sent) -> Result<Asked, AppError> {
        let policy = self.app.policy();
        let (rules, day, party) = (&policy.ledger, self.app.now().day(), self.party.id);
        let about = About { by: Some(self.staff.user.account.id), ..About::default() };
        let kind = |purpose| {
            let found = kind_for(rules, purpose).map(|k| k.id.clone());
            found.ok_or_else(|| Refusal::new("ledger_no_party"))
        };
        let item = sent.get("item").to_owned();
        Ok(match deed {
            "redeem" => self.trade(sent, kind(Purpose::Trade)?, about).await?,
            "stock" => {
                let items = vec![(item, whole(sent, "n")?, yuan(sent, "cost")?)];
                Asked::Stock(Stock { kind: kind(Purpose::Stock)?, party, items, day, about })
            }
            "count" => {
                let items = vec![(item, whole(sent, "n")?)];
                Asked::Count(Count { kind: kind(Purpose::Count)?, party, items, day, about })
            }
            "price" => {
                let (points, value) = (whole(sent, "points")?, yuan(sent, "value")?);
                let per = if sent.get("per").trim().is_empty() { 1 } else { whole(sent, "per")? };
                let taken_in = Some(sent.get("taken_in").to_owned()).filter(|u| !u.is_empty());
                let version = PriceVersion { from: day, points, value, per, taken_in, off: sent.ticked("off") };
                Asked::Price { party, item, version }
            }
            "fund" => {
                let (kind, unit) = funding(rules).ok_or_else(|| Refusal::new("ledger_no_party"))?;
                let roles = Roles { place: self.party.place, household: None, party: None };
                let amounts = vec![(Quantity::Value, unit, yuan(sent, "amount")?)];
                Asked::Plain(Plain { kind: kind.id.clone(), roles, amounts, day, about })
            }
            "reverse" => {
                let id = sent.get("transfer").parse().map(TransferId);
                let id = id.map_err(|_| Refusal::new("ledger_no_transfer"))?;
                let here = self.app.pool().ledger_transfers(self.app.realm(), &[id]).await?;
                let own = here.iter().any(|b| b.moved.about.party == Some(party));
                own.then_some(Asked::Reverse { id, day, about }).ok_or_else(|| Refusal::new("ledger_no_transfer"))?
            }
            _ => return Err(AppError::NotFound),
        })
    }

    async fn trade(&self, sent: &Sent, kind: String, about: About) -> Result<Asked, AppError> {
        let home = self.home(sent.get("home")).await?.ok_or_else(|| Refusal::field("home", "household"))?;
        let mut items = Vec::new();
        for (name, text) in sent.fields.iter().filter(|(n, t)| n.starts_with("n.") && !t.trim().is_empty()) {
            let n: i64 = text.trim().parse().map_err(|_| Refusal::new("ledger_amount"))?;
            if n != 0 {
                items.push((name[2..].to_owned(), n));
            }
        }
        Ok(Asked::Trade(Trade {
            kind,
            home: Home { id: home.id.0, place: home.region },
            party: self.party.id,
            items,
            cash: yuan(sent, "cash")?,
            day: self.app.now().day(),
            until: None,
            about,
        }))
    }

    fn ware(&self, unit: &UnitKind, price: Option<&PriceVersion>, stock: Option<&Account>, typing: &Typing) -> Value {
        let name = self.staff.visit.locale.pick(&unit.name, &unit.name_en);
        json!({
            "id": unit.id, "name": name, "word": unit.word, "points": price.map(|p| p.points),
            "value": price.map(|p| show::money(p.value)), "stock": stock.map(|a| a.balance),
            "held": stock.map_or(0, |a| a.held), "per": price.map(|p| p.per).filter(|p| *p != 1),
            "earns": price.and_then(|p| p.taken_in.as_deref()), "n": typing.typed.get(&format!("n.{}", unit.id)),
        })
    }

    fn goods(
        &self,
        rules: &LedgerRules,
        prices: &[Price],
        shelf: &HashMap<String, Account>,
        typing: &Typing,
    ) -> Vec<Value> {
        let day = self.app.now().day();
        let ware = |u: &&UnitKind| {
            let price = prices.iter().find(|p| p.item == u.id).and_then(|p| p.on(day));
            let stock = shelf.get(&u.id);
            (price.is_some() || stock.is_some_and(|s| s.balance != 0)).then(|| self.ware(u, price, stock, typing))
        };
        wares(rules).iter().filter_map(ware).collect()
    }

    /// Which deeds this account may do here.
    fn rights(&self, rules: &LedgerRules) -> Value {
        let may = |by: &[String]| may(self.app, self.staff.user.account.id, by, self.party.place);
        let kind = |p| kind_for(rules, p).is_some_and(|k| may(&k.by));
        let back = kind_for(rules, Purpose::Trade).is_some_and(|k| may(&k.reverse_by));
        json!({"redeem": kind(Purpose::Trade), "stock": kind(Purpose::Stock), "count": kind(Purpose::Count),
            "price": rules.party(&self.party.kind).is_some_and(|k| may(&k.by)),
            "fund": funding(rules).is_some_and(|(k, _)| may(&k.by)), "reverse": back})
    }

    async fn recent(&self, rules: &LedgerRules) -> Result<Vec<Value>, AppError> {
        let entries = self.app.party_entries(self.party.id, LINES).await?;
        let ids: Vec<i64> = entries.iter().map(|e| e.booked.moved.about.household).collect();
        let numbers = self.app.household_numbers(&ids).await?;
        let line = |e: &xiangyue_app::points::Entry| {
            let moved = &e.booked.moved;
            let open = e.booked.reversed.is_none() && moved.reverses.is_none();
            json!({"id": moved.id.to_string(), "at": show::moment(e.booked.at), "amount": signed(e.amount),
                "household": numbers.get(&moved.about.household), "open": open,
                "what": reason(&self.staff.visit, rules, e)})
        };
        Ok(entries.iter().map(line).collect())
    }

    async fn show(&self, typing: &Typing) -> Answer {
        let (app, visit) = (self.app, &self.staff.visit);
        let policy = app.policy();
        let rules = &policy.ledger;
        let asked = query(&visit.path);
        let said =
            asked.get("done").filter(|d| DEEDS.contains(&d.as_str())).map(|d| visit.t(&format!("points.did_{d}")));
        let typed = typing.typed.get("home").or(asked.get("home")).cloned().unwrap_or_default();
        let mut home = Value::Null;
        if let Some(found) = self.home(&typed).await? {
            let total: i64 = app.purse(found.id).await?.iter().map(Account::free).sum();
            home = json!({"number": found.number, "total": total});
        }
        let (prices, shelf) = app.shelf(self.party.id).await?;
        let item = |u: &&UnitKind| json!({"value": u.id, "label": visit.locale.pick(&u.name, &u.name_en)});
        let values = json!({
            "nav": shell::nav(self.staff, "points").await?, "once": visit.once(), "back": "/desk/points",
            "shop": {"name": self.party.name, "place": app.directory().tree.display(self.party.place, app.now().day())},
            "base": format!("/desk/points/{}", self.party.id), "said": said, "why": typing.why, "home": home,
            "typed": {"home": typed, "cash": typing.typed.get("cash")},
            "goods": self.goods(rules, &prices, &shelf, typing), "items": wares(rules).iter().map(item).collect::<Vec<_>>(),
            "classes": classes(rules).iter().map(item).collect::<Vec<_>>(),
            "budget": app.budget(self.party.place).await?.map(show::money), "may": self.rights(rules),
            "recent": self.recent(rules).await?,
        });
        visit.page("desk/shop.html", &self.party.name, values)
    }
}

/// Deeds at a counter.
const DEEDS: &[&str] = &["redeem", "stock", "count", "price", "fund", "reverse"];

fn whole(sent: &Sent, field: &str) -> Result<i64, Refusal> {
    sent.get(field).trim().parse().map_err(|_| Refusal::new("ledger_amount"))
}

fn yuan(sent: &Sent, field: &str) -> Result<i64, Refusal> {
    let text = sent.get(field).trim();
    if text.is_empty() { Ok(0) } else { money(text).ok_or_else(|| Refusal::field(field, "money")) }
}

/// `GET /desk/points/{party}?home=`
pub(crate) async fn shop(Path(party): Path<String>, staff: Staff) -> Answer {
    Counter::of(&staff, &party).await?.show(&Typing::default()).await
}

/// `POST /desk/points/{party}/{deed}`
pub(crate) async fn deed(Path((party, deed)): Path<(String, String)>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let counter = Counter::of(&staff, &party).await?;
    let by = Who::Account { account: staff.user.account.id, post: None };
    let done = match counter.asked(&deed, &sent).await {
        Ok(asked) => counter.app.ledger(by, sent.once(), asked).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see_other(&format!("/desk/points/{party}?done={deed}"))),
        Err(AppError::Refused(refusal)) => {
            let mut lines = vec![if refusal.fields.is_empty() { staff.visit.refusal(&refusal) } else { String::new() }];
            lines.extend(staff.visit.faults(&refusal).into_values());
            lines.retain(|l| !l.is_empty());
            let typing = Typing { typed: sent.fields, why: lines.join(" ") };
            with_status(counter.show(&typing).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

//! Somebody found by name, telephone or the name to sign in with, at every post of the reader's own places. Whoever forgot a
//! password is not asked first where their post lies. Must never find anybody beyond what the list of a place shows.

use super::moves::Again;
use super::people;
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::register::{Account, Term};

/// Letters of what is looked for.
pub(super) const LONGEST: usize = 30;
/// People found at most; whoever finds more writes more of the name.
const MOST: usize = 40;

/// Groups of the page with those whom words name; `None` where nothing is looked for.
pub(super) fn found(staff: &Staff, app: &App, words: &str, again: &Again) -> Option<Vec<Value>> {
    let words: String = words.trim().chars().take(LONGEST).collect();
    if words.is_empty() {
        return None;
    }
    let (directory, day) = (app.directory(), app.now().day());
    let own = directory.posts_of(staff.user.account.id, day);
    let roots: Vec<RegionId> = own.iter().filter_map(|h| directory.region_of(h)).collect();
    let within = |t: &Term| {
        let region = directory.region_of(&t.holder);
        region.is_some_and(|r| directory.tree.ancestors(r, day).iter().any(|up| roots.contains(up)))
    };
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let named = |a: &Account| {
        let phone: String = a.phone.chars().filter(char::is_ascii_digit).collect();
        a.name.contains(&words) || a.login == words || digits.len() >= 4 && phone.ends_with(&digits)
    };
    let mut seats: BTreeMap<i64, Vec<(Term, Account)>> = BTreeMap::new();
    let held = directory.terms.values().filter(|t| t.from <= day && day <= t.to);
    let hits = held.filter_map(|t| Some((t, directory.accounts.get(&t.account).filter(|a| named(a))?)));
    for (term, account) in hits.filter(|(t, _)| within(t)).take(MOST) {
        seats.entry(term.holder.seat).or_default().push((term.clone(), account.clone()));
    }
    let group = |(seat, here): (i64, Vec<(Term, Account)>)| {
        let held = app.posts_at(seat);
        let posts: Vec<Value> = here.iter().map(|(t, a)| people::row(staff, app, (t, a), &held, again)).collect();
        let region = here.first().and_then(|(t, _)| directory.region_of(&t.holder)).unwrap_or_default();
        let url = format!("/desk/people?place={}", directory.tree.code(region, day));
        let at = RegionId(seat);
        let place =
            if directory.tree.get(at).is_some() { show::place(app, at, day) } else { directory.seat_name(seat, day) };
        json!({"id": format!("g{seat}"), "place": place, "url": url, "posts": posts})
    };
    Some(seats.into_iter().map(group).collect())
}

/// Nobody was found.
pub(super) fn empty(staff: &Staff) -> Value {
    let visit = &staff.visit;
    json!({"title": visit.t("desk.empty_search"), "words": visit.t("reader.nobody"), "url": "/desk/people",
        "label": visit.t("desk.nav_people")})
}

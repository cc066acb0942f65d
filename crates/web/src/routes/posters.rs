//! `GET /desk/posters?layout=&place=&c=`: A4 sheets with the codes of all villages in the reader's scope, one a village,
//! or six small codes a sheet for the natural units of a village. For whoever is signed in.

use super::portal::town_phone;
use crate::page::{Answer, query};
use crate::visit::{Staff, Visit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_domain::ids::{AccountId, RegionId};
use xiangyue_domain::policy::{Catalogue, Level, Policy};

/// Small codes on one sheet.
const ON_A_SHEET: usize = 6;

/// `GET /desk/posters`
pub(crate) async fn posters(staff: Staff) -> Answer {
    let (visit, app) = (&staff.visit, staff.app()?);
    let query = query(&visit.path);
    let get = |name: &str| query.get(name).map_or("", String::as_str);
    let spots = get("layout") == "spot";
    let towns = covered(app, staff.user.account.id);
    let (directory, day) = (app.directory(), app.now().day());
    let code = |id: RegionId| directory.tree.code(id, day).to_owned();
    let chosen = |town: RegionId, v: RegionId| [code(town).as_str(), code(v).as_str(), ""].contains(&get("place"));
    let all = towns.iter().flat_map(|(town, villages)| villages.iter().map(move |v| (*town, *v)));
    let villages: Vec<RegionId> = all.filter(|(town, v)| chosen(*town, *v)).map(|(_, v)| v).collect();
    let policy = app.policy();
    let catalogue = portal_catalogue(&policy);
    let category = catalogue.and_then(|c| c.item(get("c")).or_else(|| c.items.iter().find(|i| i.public)));
    let walls: Vec<Value> = if spots { Vec::new() } else { walls(app, &policy, &villages) };
    let small = match category {
        // Of one village at a time: of a whole county they would be thousands.
        Some(item) if spots && villages.len() == 1 => {
            small(app, villages[0], &item.code, visit.locale.pick(&item.name, &item.name_en))
        }
        _ => Vec::new(),
    };
    let selected = category.map_or("", |i| i.code.as_str());
    let values = json!({
        "layout": if spots { "spot" } else { "wall" },
        "count": if spots { small.len().div_ceil(ON_A_SHEET) } else { walls.len() },
        "walls": walls,
        "sheets_of_spots": small.chunks(ON_A_SHEET).collect::<Vec<_>>(),
        "choice": {
            "layouts": [
                { "value": "wall", "label": visit.t("portal.posters_wall"), "selected": !spots },
                { "value": "spot", "label": visit.t("portal.posters_spot"), "selected": spots },
            ],
            "places": places(visit, app, &towns, get("place")),
            "categories": if spots { categories(visit, catalogue, selected) } else { Vec::new() },
        },
        "back": "/desk",
    });
    visit.page("desk/posters.html", &visit.t("portal.posters"), values)
}

/// Towns with the villages of theirs that the account's posts cover, in official order.
fn covered(app: &App, account: AccountId) -> Vec<(RegionId, Vec<RegionId>)> {
    let (directory, day) = (app.directory(), app.now().day());
    let (tree, scope) = (&directory.tree, app.scope(account));
    let of_grids: Vec<i64> =
        scope.grids.iter().filter_map(|g| tree.at_level(RegionId(*g), Level::Village, day)).map(|v| v.0).collect();
    let covers = |town: RegionId, v: RegionId| {
        scope.all || scope.towns.contains(&town.0) || scope.villages.contains(&v.0) || of_grids.contains(&v.0)
    };
    let is_village = |v: &RegionId| tree.get(*v).is_some_and(|r| r.level == Level::Village);
    tree.of_level(Level::Town, day)
        .into_iter()
        .map(|t| (t, tree.children(t, day).into_iter().filter(is_village).filter(|v| covers(t, *v)).collect()))
        .filter(|(_, villages): &(RegionId, Vec<RegionId>)| !villages.is_empty())
        .collect()
}

fn portal_catalogue(policy: &Policy) -> Option<&Catalogue> {
    let kind = policy.kind(&policy.settings.as_ref()?.portal_kind)?;
    policy.catalogue(kind.fields.iter().find_map(|f| f.catalogue.as_deref())?)
}

/// One sheet a village.
fn walls(app: &App, policy: &Policy, villages: &[RegionId]) -> Vec<Value> {
    let (directory, day) = (app.directory(), app.now().day());
    let tree = &directory.tree;
    let sponsor = policy.settings.as_ref().map_or("", |s| s.sponsor.as_str());
    let sponsor = if sponsor.is_empty() { policy.county.as_str() } else { sponsor };
    // The same telephone for all villages of a town, looked for once.
    let mut phones: BTreeMap<Option<RegionId>, String> = BTreeMap::new();
    villages
        .iter()
        .map(|v| {
            let town = tree.at_level(*v, Level::Town, day);
            let phone = phones.entry(town).or_insert_with(|| town_phone(app, *v));
            json!({
                "name": tree.display(*v, day),
                "town": town.map_or("", |t| tree.display(t, day)),
                "qr": format!("/q/{}", tree.code(*v, day)),
                "sponsor": sponsor,
                "phone": (!phone.is_empty()).then_some(phone.as_str()),
            })
        })
        .collect()
}

/// A small code for each natural unit of a village.
fn small(app: &App, village: RegionId, category: &str, label: &str) -> Vec<Value> {
    let (directory, day) = (app.directory(), app.now().day());
    let tree = &directory.tree;
    let phone = town_phone(app, village);
    let units = tree.natural_units.iter().filter(|u| u.village == village);
    units
        .map(|u| {
            let at: String = u.name.bytes().map(|b| format!("%{b:02X}")).collect();
            json!({
                "id": u.id,
                "name": u.name,
                "village": tree.display(village, day),
                "label": label,
                "qr": format!("/q/{}?at={at}&c={category}", tree.code(village, day)),
                "phone": (!phone.is_empty()).then_some(phone.as_str()),
            })
        })
        .collect()
}

/// All, whole towns, single villages.
fn places(visit: &Visit, app: &App, towns: &[(RegionId, Vec<RegionId>)], chosen: &str) -> Vec<Value> {
    let (directory, day) = (app.directory(), app.now().day());
    let tree = &directory.tree;
    let option = |value: &str, label: String, group: &str| json!({ "value": value, "label": label, "group": group, "selected": value == chosen });
    let mut out = vec![option("", visit.t("portal.posters_all"), "")];
    for (town, villages) in towns {
        let name = tree.display(*town, day);
        if villages.len() > 1 {
            let label = visit.t_with("portal.posters_town", &[("town", name.to_owned())]);
            out.push(option(tree.code(*town, day), label, name));
        }
        out.extend(villages.iter().map(|v| option(tree.code(*v, day), tree.display(*v, day).to_owned(), name)));
    }
    out
}

fn categories(visit: &Visit, catalogue: Option<&Catalogue>, selected: &str) -> Vec<Value> {
    let items = catalogue.map(|c| c.items.as_slice()).unwrap_or_default().iter().filter(|i| i.parent.is_empty());
    items
        .map(|i| json!({ "value": i.code, "label": visit.locale.pick(&i.name, &i.name_en), "selected": i.code == selected }))
        .collect()
}

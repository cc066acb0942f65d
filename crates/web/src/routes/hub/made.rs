//! Tasks that were made of warnings: the task instead of the way to make one where it is under way, and from the task back to
//! what the warning was of. Must never show more than a list shows to the same reader: it only leads to one.

use super::view::{View, address};
use crate::routes::desk::{HERE, NOBODY};
use serde_json::{Value, json};
use xiangyue_app::warning::MADE_OF;
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::{OrgId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::Policy;

/// Shows the task instead of the way to make one where one is under way.
pub(super) async fn mark(view: &View<'_>, policy: &Policy, warnings: &mut [Value]) -> Result<(), AppError> {
    let kind = policy.settings.as_ref().map_or("", |s| s.warnings.task.as_str());
    let name = |w: &Value| w["name"].as_str().unwrap_or_default().to_owned();
    let offered = warnings.iter().filter(|w| w["task"].as_str().is_some_and(|t| !t.is_empty()));
    let names: Vec<String> = offered.map(name).filter(|n| !n.is_empty()).collect();
    let scope = view.app.scope(view.staff.user.account.id);
    let made = view.app.made_of(&scope, kind, &names).await?;
    for warning in warnings {
        let matter = made.get(&name(warning)).filter(|_| warning["task"].as_str().is_some_and(|t| !t.is_empty()));
        let number = matter.map(|m| view.visit().t_with("warn.made", &[("number", m.number.clone())]));
        warning["made"] = json!(number.unwrap_or_default());
        if let Some(matter) = matter {
            warning["task"] = json!(format!("/desk/matters/{}", matter.id));
        }
    }
    Ok(())
}

/// The list of what the warning was of that a matter was made of, as it is now. It goes by the warning's name as `warn.rs` gives it.
pub(crate) fn records(app: &App, matter: &Matter) -> Option<String> {
    let name = matter.values.get(MADE_OF)?.as_str()?;
    let day = app.now().day();
    let directory = app.directory();
    let code = |id: &str| id.parse().ok().map(|r| directory.tree.code(RegionId(r), day).to_owned());
    let unit = |id: &str| directory.orgs.get(&OrgId(id.parse().ok()?)).map(|o| o.unit.clone());
    let late = |more: &[(&str, &str)]| {
        let all = [&[("status", "active"), ("limit", "over")], more].concat();
        address("/desk/matters", &all.into_iter().collect())
    };
    let (sort, of) = name.split_once('/')?;
    Some(match (sort, of.split_once('@')) {
        ("late", Some(("unit", id))) => late(&[("unit", &unit(id)?)]),
        ("late", Some(("place", id))) => late(&[("holder", HERE), ("place", &code(id)?)]),
        ("late", Some(("nobody", id))) => late(&[("holder", NOBODY), ("place", &code(id)?)]),
        ("late", _) => late(&[("holder", of)]),
        ("again", _) => address("/desk/matters", &[("same", of)].into()),
        ("surge", _) => {
            let (place, category) = of.split_once('/')?;
            address("/desk/matters", &[("place", code(place)?.as_str()), ("category", category)].into())
        }
        _ => return None,
    })
}

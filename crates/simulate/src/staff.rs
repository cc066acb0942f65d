//! Accounts for every post of the scenario. They bear the names of posts, never of people.

use crate::error::SimulateError;
use crate::scenario::Scenario;
use xiangyue_app::App;
use xiangyue_app::setup::NewStaff;
use xiangyue_domain::day::Time;
use xiangyue_domain::policy::PostKind;
use xiangyue_domain::register::{Directory, Holder};
use xiangyue_pack::Loaded;

/// Opens an account for every post at each of its seats, from the day of `at` on; those that exist are left alone.
/// Returns how many were opened.
pub async fn staff(app: &App, loaded: &Loaded, at: Time) -> Result<usize, SimulateError> {
    let scenario = Scenario::load(&loaded.files)?;
    let (directory, policy) = (app.directory(), app.policy());
    let mut new = Vec::new();
    for line in &scenario.staff {
        let kind = policy.post(&line.post);
        let kind = kind.ok_or_else(|| SimulateError::Scenario(format!("staff: no such post: {}", line.post)))?;
        for (seat, code, name) in seats(&directory, kind, at) {
            for n in 1..=line.count {
                let number = if line.count > 1 { n.to_string() } else { String::new() };
                let put = |text: &str| {
                    text.replace("{code}", &code)
                        .replace("{n}", &number)
                        .replace("{seat}", &name)
                        .replace("{post}", &kind.name)
                };
                let phone = scenario.pace.office_phone.replace("{n}", &format!("{:05}", new.len() + 101));
                let posts = vec![Holder { post: kind.id.clone(), seat }];
                new.push(NewStaff { login: put(&line.login), name: put(&line.name), phone, posts, demo: true });
            }
        }
    }
    new.retain(|s| !directory.accounts.values().any(|a| a.login == s.login));
    let count = new.len();
    app.add_staff(at, new, at.day()).await?;
    Ok(count)
}

/// Seats of a post: id, code for the login, name on screen.
fn seats(directory: &Directory, kind: &PostKind, at: Time) -> Vec<(i64, String, String)> {
    let day = at.day();
    if kind.unit {
        let mut orgs: Vec<_> = directory.orgs.values().collect();
        orgs.sort_by_key(|o| o.order);
        let code = |unit: &str| unit.rsplit('.').next().unwrap_or(unit).to_owned();
        return orgs.into_iter().map(|o| (o.id.0, code(&o.unit), o.short.clone())).collect();
    }
    let tree = &directory.tree;
    let places = tree.of_level(kind.level, day).into_iter();
    places
        .map(|id| {
            // A grid's own name says only its number.
            let above = tree.parent(id, day).filter(|_| kind.level == xiangyue_domain::policy::Level::Grid);
            let name = format!("{}{}", above.map_or("", |p| tree.display(p, day)), tree.display(id, day));
            (id.0, tree.code(id, day).to_owned(), name)
        })
        .collect()
}

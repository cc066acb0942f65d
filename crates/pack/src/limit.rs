//! Limits by category: `limits.toml` and `limits-NAME.toml`. They are put among the rules of the clocks they name, so that
//! a kind's version and its check cover them like anything written in its own file. Never a second way to decide a limit.

use crate::check::{Say, limit_rule};
use crate::fault::Fault;
use crate::files::PackFiles;
use crate::lines::Lines;
use crate::load::if_there;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use xiangyue_domain::policy::{Catalogue, CategoryLimit, Kind, LimitRule};

/// `limits.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitFile {
    /// Limits by category.
    #[serde(rename = "limit")]
    pub limits: Vec<CategoryLimit>,
}

/// The files that there are, each with its limits.
fn read(files: &PackFiles, schema: &Value, faults: &mut Vec<Fault>) -> Vec<(String, LimitFile)> {
    let paths = files.with_additions("limits");
    paths.into_iter().filter_map(|path| Some((path.clone(), if_there(files, &path, schema, faults)?))).collect()
}

/// Adds the limits to the clocks of the kinds; one with a fault is said and left out.
pub(crate) fn add(
    files: &PackFiles,
    schema: &Value,
    catalogues: &BTreeMap<String, Catalogue>,
    kinds: &mut [Kind],
    faults: &mut Vec<Fault>,
) {
    for (path, file) in read(files, schema, faults) {
        let text = files.text(&path).unwrap_or_default();
        let lines = Lines::new(&text);
        for (i, limit) in file.limits.into_iter().enumerate() {
            let mut say = |at: &str, message: String| faults.push(Fault::new(&path, lines.of(at), message));
            one(catalogues, kinds, limit, &format!("/limit/{i}"), &mut say);
        }
    }
}

fn one(catalogues: &BTreeMap<String, Catalogue>, kinds: &mut [Kind], limit: CategoryLimit, at: &str, say: Say) {
    let Some(kind) = kinds.iter_mut().find(|k| k.id == limit.kind) else {
        return say(&format!("{at}/kind"), format!("事项 {} 不存在;请写 matters/ 里有的 id", limit.kind));
    };
    let Some(n) = kind.clocks.iter().position(|c| c.id == limit.clock) else {
        let known: Vec<&str> = kind.clocks.iter().map(|c| c.id.as_str()).collect();
        return say(&format!("{at}/clock"), format!("时限 {} 不存在;可写 {}", limit.clock, known.join("、")));
    };
    let rule = LimitRule::from(limit);
    let same = |r: &LimitRule| (&r.category, &r.when, &r.from) == (&rule.category, &rule.when, &rule.from);
    if kind.clocks[n].limits.iter().any(same) {
        let category = rule.category.as_deref().unwrap_or_default();
        return say(&format!("{at}/category"), format!("类别 {category} 的期限写了两次;请只留一条"));
    }
    let mut sound = true;
    limit_rule(catalogues, kind, &rule, at, &mut |at, message| {
        sound = false;
        say(at, message);
    });
    if sound {
        kind.clocks[n].limits.push(rule);
    }
}

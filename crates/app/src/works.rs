//! What villages have done lately, for everybody to read: public works alone, told without naming anybody.

use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::mask;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Kind, Level, Phase};

/// Matters looked at; fewer are shown.
const LOOKED_AT: i64 = 40;
/// Days that count as lately.
const LATELY: i32 = 180;
/// Words for people: a text with one of them may speak of somebody.
const PEOPLE: &[&str] = &[
    "先生",
    "女士",
    "大爷",
    "大妈",
    "大娘",
    "大叔",
    "大婶",
    "大嫂",
    "大哥",
    "大姐",
    "奶奶",
    "爷爷",
    "老人",
    "老汉",
    "同志",
    "师傅",
    "某",
    "户主",
    "住户",
    "反映人",
    "身份证",
    "低保",
    "病",
];

/// One of the works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// When it was done.
    pub day: Day,
    /// Village it was done in.
    pub village: RegionId,
    /// Name of what it concerns, and in English.
    pub category: (String, String),
    /// What was done; absent when the words may speak of somebody.
    pub words: Option<String>,
}

impl App {
    /// Public works of a village, a town or the whole that were brought to an end lately, newest first.
    pub async fn public_works(&self, place: RegionId, most: usize) -> Result<Vec<Work>, AppError> {
        let policy = self.policy();
        let portal = policy.settings.as_ref().map_or("", |s| s.portal_kind.as_str());
        let Some(kind) = policy.kind(portal) else { return Ok(Vec::new()) };
        let (directory, today) = (self.directory(), self.now().day());
        let (tree, pool, realm) = (&directory.tree, self.pool(), self.realm());
        let mut matters = match tree.get(place).map_or(Level::Grid, |r| r.level) {
            Level::Grid | Level::Village => pool.recent_public(realm, place.0, portal, LOOKED_AT).await?,
            _ if tree.root(today) == Some(place) => pool.recent_around(realm, 0, portal, LOOKED_AT).await?,
            _ => pool.recent_around(realm, place.0, portal, LOOKED_AT).await?,
        };
        let named = |m: &Matter| category(&policy, kind, m);
        let since = self.now().day().plus(-LATELY);
        matters.retain(|m| is_done_work(m) && named(m).is_some() && done_on(kind, m) >= since);
        matters.truncate(most);
        let keys: Vec<String> = matters.iter().map(|m| m.key.clone()).collect();
        self.secrets().warm(self.pool(), self.realm(), &keys).await?;
        let mut works = Vec::with_capacity(matters.len());
        for matter in &matters {
            let Some(category) = named(matter) else { continue };
            let texts = self.texts_of(matter).await?.unwrap_or_default();
            let latest = texts.into_values().fold(Texts::new(), |mut all, one| {
                all.extend(one);
                all
            });
            let village = tree.at_level(matter.place, Level::Village, today).unwrap_or(matter.place);
            works.push(Work { day: done_on(kind, matter), village, category, words: told(kind, &latest) });
        }
        works.sort_by_key(|w| std::cmp::Reverse(w.day));
        Ok(works)
    }
}

/// Somebody handled it, nobody said it is not done, and nobody wished it kept quiet.
fn is_done_work(matter: &Matter) -> bool {
    let unsolved = matter.values.get("solved").and_then(|v| v.as_str()) == Some("no");
    matter.level_done.is_some() && !unsolved && !matter.confidential && !matter.bypass && matter.barred.is_empty()
}

/// Name of the category, when its catalogue calls it public works.
fn category(policy: &xiangyue_domain::policy::Policy, kind: &Kind, matter: &Matter) -> Option<(String, String)> {
    let field = kind.fields.iter().find(|f| f.catalogue.is_some())?;
    let catalogue = policy.catalogue(field.catalogue.as_deref()?)?;
    let code = matter.values.get(&field.id)?.as_str()?;
    let item = catalogue.item(code)?;
    catalogue.chain(code).iter().any(|i| i.public).then(|| (item.name.clone(), item.name_en.clone()))
}

fn done_on(kind: &Kind, matter: &Matter) -> Day {
    let closes = |step: &str| kind.step(step).is_some_and(|s| s.phase == Phase::Closed);
    let line = matter.trail.iter().rev().find(|t| closes(&t.to) && t.from != t.to).or(matter.trail.last());
    line.map_or(matter.accepted, |t| t.at.day())
}

/// The public reply, as far as everybody may read it.
fn told(kind: &Kind, texts: &Texts) -> Option<String> {
    let field = kind.fields.iter().find(|f| f.public && f.kind.is_secret())?;
    of_nobody(texts.get(&field.id)?, texts.get("reporter_name").map(String::as_str))
}

/// The first sentence, unless it may speak of somebody.
fn of_nobody(said: &str, reporter: Option<&str>) -> Option<String> {
    let sentence: String = said.split(['。', '；', '\n']).next().unwrap_or("").chars().take(40).collect();
    let named = reporter.is_some_and(|name| said.contains(name));
    let somebody = named || mask::scrub(said) != said || PEOPLE.iter().any(|w| sentence.contains(w));
    (!somebody && !sentence.is_empty()).then_some(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_speak_of_somebody_is_not_told() {
        let lamp = "换了控制器和灯头，今晚亮了。花费860元。";
        assert_eq!(of_nobody(lamp, Some("甲乙丙")).as_deref(), Some("换了控制器和灯头，今晚亮了"));
        for said in ["已到王大爷家门口换灯", "甲乙丙家门口的灯换了", "灯换了。电话13800138000", "", "。"]
        {
            assert_eq!(of_nobody(said, Some("甲乙丙")), None, "{said}");
        }
    }
}

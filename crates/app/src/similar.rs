//! Likely duplicates: at intake, on the page of a matter, after a villager has sent a report. Candidates come from an index
//! (the same village or town, some days back), never from a walk through all; what is found is only shown.

use crate::command::{Joining, Outcome};
use crate::error::AppError;
use crate::keys::Texts;
use crate::lore::Case;
use crate::matter::OpenForm;
use crate::state::App;
use xiangyue_domain::day::{DAY_MS, Time};
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Catalogue, Kind, Level, Phase};
use xiangyue_domain::similar::{Evidence, SimilarRule, kinship, likelihood, near, overlap};
use xiangyue_store::{Around, Scope};

/// Most that are shown.
const SHOWN: usize = 5;

/// Another matter that may be the same.
#[derive(Debug, Clone)]
pub struct Likely {
    /// It.
    pub matter: Matter,
    /// How likely, from 0 to 1.
    pub likelihood: f64,
}

/// One side of the comparison.
struct Side<'a> {
    id: Option<MatterId>,
    kind: &'a Kind,
    place: RegionId,
    at: Time,
    case: Case,
    phone: String,
}

fn phone(texts: &Texts) -> String {
    texts.get("reporter_phone").map(|p| p.chars().filter(char::is_ascii_digit).collect()).unwrap_or_default()
}

impl App {
    /// The pack's rule.
    fn similar_rule(&self) -> SimilarRule {
        self.policy().settings.as_ref().map(|s| s.similar).unwrap_or_default()
    }

    /// Matters like one that stands, those that the account may see.
    pub async fn similar_to(&self, account: AccountId, matter: &Matter) -> Result<Vec<Likely>, AppError> {
        self.like(&self.scope(account), matter).await
    }

    async fn like(&self, scope: &Scope, matter: &Matter) -> Result<Vec<Likely>, AppError> {
        let policy = self.policy();
        let Some(kind) = policy.kind_of(matter) else { return Ok(Vec::new()) };
        let Some((case, texts)) = self.case_of(matter).await? else { return Ok(Vec::new()) };
        let at = matter.intakes.first().map_or_else(|| self.now(), |i| i.at);
        let side = Side { id: Some(matter.id), kind, place: matter.place, at, case, phone: phone(&texts) };
        self.find_like(scope, &side).await
    }

    /// Matters like one that is being taken in, those that the account may see.
    pub async fn similar_to_form(&self, account: AccountId, form: &OpenForm) -> Result<Vec<Likely>, AppError> {
        let policy = self.policy();
        let Some(kind) = policy.kind(&form.kind) else { return Ok(Vec::new()) };
        let category = form.typed.get("category").map_or("", String::as_str);
        let texts: Texts = form.typed.clone();
        let case = self.case(kind, form.place, category, &texts);
        let side = Side { id: None, kind, place: form.place, at: self.now(), case, phone: phone(&texts) };
        self.find_like(&self.scope(account), &side).await
    }

    /// Open matters like the one that a receipt opens, of which the public may know: public works, nothing kept from
    /// anybody. Only while nobody has taken the report up yet.
    pub async fn similar_for_reporter(&self, token: &str) -> Result<Vec<Likely>, AppError> {
        let matter = self.matter_by_receipt(token).await?;
        let fresh = matter.trail.len() == 1 && matter.opener.is_none() && !matter.bypass && matter.barred.is_empty();
        if !fresh || !self.is_public(&matter) {
            return Ok(Vec::new());
        }
        let mut found = self.like(&Scope::system(), &matter).await?;
        let open = |m: &Matter| matches!(m.phase, Phase::Open | Phase::Answered) && m.kind == matter.kind;
        let shown = |m: &Matter| !m.bypass && m.barred.is_empty() && !m.confidential && self.is_public(m);
        found.retain(|l| open(&l.matter) && shown(&l.matter));
        Ok(found)
    }

    /// Whether what a matter is about may be told to everybody.
    fn is_public(&self, matter: &Matter) -> bool {
        let policy = self.policy();
        let Some(kind) = policy.kind_of(matter).filter(|k| !k.sealed) else { return false };
        let category = matter.values.get("category").and_then(serde_json::Value::as_str).unwrap_or("");
        catalogue(&policy, kind).is_some_and(|c| c.chain(category).iter().any(|i| i.public))
    }

    /// Joins the matter that a receipt opens to one that was suggested.
    pub async fn join_by_receipt(&self, token: &str, into: MatterId, key: Option<String>) -> Result<Outcome, AppError> {
        let suggested = self.similar_for_reporter(token).await?;
        if !suggested.iter().any(|l| l.matter.id == into) {
            return Err(xiangyue_domain::refusal::Refusal::new("join_late").into());
        }
        let from = self.matter_by_receipt(token).await?.id;
        self.send_join(Who::Reporter, Joining::Fresh, (from, into), key).await
    }

    async fn find_like(&self, scope: &Scope, side: &Side<'_>) -> Result<Vec<Likely>, AppError> {
        let rule = self.similar_rule();
        if rule.days == 0 || side.case.category.is_empty() && side.case.grams.is_empty() {
            return Ok(Vec::new());
        }
        let directory = self.directory();
        let day = side.at.day();
        let standing = directory.tree.standing(side.place, day);
        let at = |level| directory.tree.at_level(standing, level, day).map_or(0, |r: RegionId| r.0);
        let span = i64::from(rule.days) * DAY_MS;
        let around = Around {
            village: at(Level::Village),
            town: at(Level::Town),
            from: side.at.0 - span,
            until: side.at.0 + span,
        };
        let candidates = self.pool().matters_around(self.realm(), scope, &around).await?;
        let names: Vec<String> = candidates.iter().map(|m| m.key.clone()).collect();
        self.secrets.warm(self.pool(), self.realm(), &names).await?;
        let policy = self.policy();
        let mut out = Vec::new();
        for matter in candidates.into_iter().filter(|m| Some(m.id) != side.id && m.parent.is_none()) {
            let Some((case, texts)) = self.case_of(&matter).await? else { continue };
            let evidence = self.evidence(side, &matter, &case, &phone(&texts), catalogue(&policy, side.kind));
            let likelihood = likelihood(&evidence);
            if likelihood * 100.0 >= f64::from(rule.from) {
                out.push(Likely { matter, likelihood });
            }
        }
        out.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood).then(b.matter.id.cmp(&a.matter.id)));
        out.truncate(SHOWN);
        Ok(out)
    }

    fn evidence(&self, side: &Side, matter: &Matter, case: &Case, phone: &str, list: Option<&Catalogue>) -> Evidence {
        let (share, shared) = self.with_lore(|lore| overlap(&side.case.grams, &case.grams, &lore.rarity));
        let at = matter.intakes.first().map_or(side.at, |i| i.at);
        let both = !side.phone.is_empty() && !phone.is_empty();
        #[expect(clippy::cast_precision_loss, reason = "hours within weeks")]
        let hours = (side.at.0 - at.0).abs() as f64 / 3_600_000.0;
        Evidence {
            share,
            shared,
            near: near(&self.directory().tree, side.place, matter.place, side.at.day()),
            hours,
            kin: kinship(list, &side.case.category, &case.category),
            same_phone: both.then(|| side.phone == phone),
        }
    }
}

/// The catalogue of a kind's categories.
fn catalogue<'a>(policy: &'a xiangyue_domain::policy::Policy, kind: &Kind) -> Option<&'a Catalogue> {
    policy.catalogue(kind.category_list()?)
}

//! Looking up one's own: somebody names a person of a village and the end of the number on that person's card, and gets
//! what concerns that person. Tries are limited by person and by address, a wrong name and a wrong number are answered
//! alike, and what was shown is written down before it is shown.

use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::{Matter, Values};
use xiangyue_domain::policy::{Kind, OwnRules, Policy};

/// Wrong tries that one person's name and one address bear within the hour.
const TRIES: (i64, i64) = (8, 30);
const HOUR_MS: i64 = 3_600_000;
/// Lines shown, at most.
const MOST: i64 = 200;

/// What is shown of one matter.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnLine {
    /// Number of the matter, to ask about it.
    pub number: String,
    /// Values of the fields that are shown.
    pub values: Values,
}

/// The kind that everybody may look up their own of.
pub fn own_kind(policy: &Policy) -> Option<(&Kind, &OwnRules)> {
    policy.kinds.iter().find_map(|k| k.own.as_ref().map(|o| (k, o)))
}

impl App {
    /// The token by which a person's own matters are found.
    pub(crate) fn own_token(&self, kind: &str, own: &OwnRules, texts: &Texts) -> Option<String> {
        let proof = own.proof(texts.get(&own.name)?, texts.get(&own.number)?)?;
        Some(self.secrets().token("own", &format!("{kind}/{proof}")))
    }

    /// What concerns a person of a village, newest first. `asker` is the address that asks.
    pub async fn look_up_own(
        &self,
        village: RegionId,
        (name, number): (&str, &str),
        asker: &str,
    ) -> Result<Vec<OwnLine>, AppError> {
        let policy = self.policy();
        let (kind, own) = own_kind(&policy).ok_or(AppError::NotFound)?;
        let now = self.now();
        // The name stands in the key as a token only: the table of tries must not name people.
        let of_name = format!("own/{village}/{}", self.secrets().token("own-name", &OwnRules::bare(name)));
        for (key, limit) in [(&of_name, TRIES.0), (&format!("own-from/{asker}"), TRIES.1)] {
            let (_, until) = self.pool().attempt(self.realm(), key, now.0, HOUR_MS, (limit, HOUR_MS)).await?;
            if until > now.0 {
                return Err(AppError::Limited((until - now.0) / 1000));
            }
        }
        let texts = Texts::from([(own.name.clone(), name.to_owned()), (own.number.clone(), number.to_owned())]);
        let token = self.own_token(&kind.id, own, &texts).ok_or(AppError::NotFound)?;
        let found = self.pool().own_matters(self.realm(), (village.0, &kind.id), &token, MOST).await?;
        let wanted = own.proof(name, number);
        let mut shown: Vec<Matter> = Vec::with_capacity(found.len());
        let keys: Vec<String> = found.iter().map(|m| m.key.clone()).collect();
        self.secrets().warm(self.pool(), self.realm(), &keys).await?;
        for matter in found.into_iter().filter(|m| m.step != own.struck && !m.voided) {
            // A token outlives a correction, and a key may be gone: what stands there now decides.
            let mut now = Texts::new();
            for (_, given) in self.texts_of(&matter).await?.unwrap_or_default() {
                now.extend(given);
            }
            let proof = now.get(&own.name).zip(now.get(&own.number)).and_then(|(name, number)| own.proof(name, number));
            if proof == wanted {
                shown.push(matter);
            }
        }
        if shown.is_empty() {
            return Err(AppError::NotFound);
        }
        let ids: Vec<i64> = shown.iter().map(|m| m.id.0).collect();
        self.pool().log_reads(self.realm(), &ids, 0, now.0, "own", "").await?;
        self.pool().clear_attempts(self.realm(), &of_name).await?;
        let day = |m: &Matter| m.values.get(&own.dated).and_then(serde_json::Value::as_i64);
        shown.sort_by_key(|m| std::cmp::Reverse((day(m), m.id.0)));
        Ok(shown.into_iter().map(|m| line(own, m)).collect())
    }
}

fn line(own: &OwnRules, matter: Matter) -> OwnLine {
    let values = matter.values.into_iter().filter(|(f, _)| own.shown.contains(f) || own.dated == *f).collect();
    OwnLine { number: matter.number, values }
}

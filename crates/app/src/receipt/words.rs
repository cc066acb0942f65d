//! Publications in the pack's words: a step of a matter, a ballot's result, an entry of the points book. It must never
//! bring a word of its own, since the words are hashed and printed.

use super::Published;
use crate::error::AppError;
use crate::keys::{Secrets, Subject, Texts};
use crate::state::App;
use std::collections::HashMap;
use xiangyue_domain::ballot::{Ballot, Counted};
use xiangyue_domain::crypto::hex;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::{RegionId, TransferId};
use xiangyue_domain::mask;
use xiangyue_domain::matter::{Matter, Values};
use xiangyue_domain::policy::{Field, Kind, Move, Policy, PostedWords};
use xiangyue_domain::receipt::{Posted, code_of, commitment};
use xiangyue_domain::saying::{self, Tongue};

/// A commitment to published words; numbers by which somebody could be known are covered first.
pub(crate) fn post_of(secrets: &Secrets, subject: &Subject, of: String, place: RegionId, text: &str) -> Posted {
    let (salt, text) = (hex(&secrets.salt()), mask::scrub(text));
    let sealed = serde_json::to_vec(&(&salt, &text)).unwrap_or_default();
    Posted {
        subject: of,
        place,
        digest: commitment(&salt, &text),
        key: subject.name.clone(),
        sealed: secrets.seal_bytes(subject, &sealed),
    }
}

/// What an entry of the points book is published under.
pub(crate) fn transfer_subject(id: TransferId) -> String {
    format!("transfer:{id}")
}

/// The same for an entry of the points book, made while the entry is decided: key, salt and nonce follow from the
/// platform's key and the entry, so that nothing is drawn within the committer.
pub(crate) fn post_entry(secrets: &Secrets, household: i64, id: TransferId, place: RegionId, text: &str) -> Posted {
    let (subject, of) = (secrets.of_household(household), transfer_subject(id));
    let text = mask::scrub(text);
    let salt: String = secrets.token("posted", &of).chars().take(32).collect();
    let plain = serde_json::to_vec(&(&salt, &text)).unwrap_or_default();
    let digest = commitment(&salt, &text);
    let sealed = secrets.seal_once(&subject, &digest, &plain);
    Posted { subject: of, place, digest, key: subject.name, sealed }
}

/// The heading among what was said of a matter: words, or what was chosen from a list; else the name of its kind.
pub(super) fn heading(policy: &Policy, kind: &Kind, matter: &Matter, said: &Texts) -> String {
    let field = kind.posted.as_ref().and_then(|p| kind.field(&p.title));
    let chosen = |field: &Field| {
        let tongue = Tongue { english: false, yes: &policy.posted.yes, no: &policy.posted.no };
        let value = matter.values.get(&field.id)?;
        let item = field.catalogue.as_deref().and_then(|c| policy.catalogue(c)?.item(value.as_str()?));
        // The item alone, without the classes above it.
        Some(item.map_or_else(|| saying::value(policy, field, value, tongue), |i| i.name.clone()))
    };
    let title = field.and_then(|f| said.get(&f.id).cloned().or_else(|| chosen(f)));
    title.filter(|t| !t.is_empty()).unwrap_or_else(|| kind.name.clone())
}

impl App {
    /// What a move publishes, if it leads to a step that everybody may read.
    pub fn posted_by_move(
        &self,
        (kind, matter, mv): (&Kind, &Matter, &Move),
        (subject, said, at): (&Subject, &Texts, Time),
        (values, texts): (&Values, &Texts),
    ) -> Option<Posted> {
        let rule = kind.posted.as_ref()?;
        let to = mv.to.as_ref().filter(|to| rule.steps.contains(to) && **to != matter.step)?;
        let policy = self.policy();
        let words = &policy.posted;
        let first = !rule.steps.contains(&matter.step);
        let heads = [
            ("title", heading(&policy, kind, matter, said)),
            ("kind", kind.name.clone()),
            ("step", kind.step(to).map_or_else(String::new, |s| s.name.clone())),
            ("place", self.posted_head(matter.place)),
            ("number", matter.number.clone()),
            ("day", at.day().to_string()),
        ];
        let mut lines = PostedWords::fill(&words.matter, &heads);
        let tongue = Tongue { english: false, yes: &words.yes, no: &words.no };
        let given = |f: &&Field| mv.fields.contains(&f.id) || (first && !f.later && f.id != rule.title);
        for field in kind.fields.iter().filter(|f| f.public).filter(given) {
            let value = values.get(&field.id).or_else(|| matter.values.get(&field.id));
            let text = texts.get(&field.id).or_else(|| said.get(&field.id)).cloned();
            let shown = text.or_else(|| value.map(|v| saying::value(&policy, field, v, tongue))).unwrap_or_default();
            let of_field = [("label", field.label.clone()), ("value", shown)];
            lines.extend(PostedWords::line(&words.field, &of_field));
        }
        let of = format!("matter:{}", matter.id);
        Some(post_of(self.secrets(), subject, of, self.posted_place(matter.place), &lines.join("\n")))
    }

    /// A ballot's result in words.
    pub(crate) fn result_words(
        &self,
        ballot: &Ballot,
        title: String,
    ) -> impl FnOnce(&Counted) -> String + Send + use<> {
        let (policy, head, secret) = (self.policy(), self.posted_head(ballot.opened.place), ballot.opened.secret);
        let body = policy.body(&ballot.opened.body).map_or_else(String::new, |b| b.name.clone());
        move |counted| {
            let (words, t) = (&policy.posted, counted.tally);
            let said = [
                ("title", title),
                ("body", body),
                ("how", if secret { &words.secret } else { &words.open }.clone()),
                ("place", head),
                ("day", counted.at.day().to_string()),
                ("due", counted.due.to_string()),
                ("present", counted.present.to_string()),
                ("yes", t.yes.to_string()),
                ("no", t.no.to_string()),
                ("abstain", t.abstain.to_string()),
                ("spoilt", t.spoilt.to_string()),
                ("said", if counted.carried { &words.carried } else { &words.lost }.clone()),
                ("basis", counted.basis.clone()),
            ];
            PostedWords::fill(&words.ballot, &said).join("\n")
        }
    }

    /// Codes of the receipts of entries of the points book; those from before there were receipts have none.
    pub async fn codes_of(&self, ids: &[TransferId]) -> Result<HashMap<TransferId, String>, AppError> {
        let by_subject: HashMap<String, TransferId> = ids.iter().map(|id| (transfer_subject(*id), *id)).collect();
        let subjects: Vec<&String> = by_subject.keys().collect();
        let found = self.pool().posted_of_each(self.realm(), &subjects).await?;
        Ok(found.into_iter().filter_map(|(s, digest)| Some((*by_subject.get(&s)?, code_of(&digest)))).collect())
    }

    /// A publication's short code, if there is one under these beginning digits.
    pub async fn published_by_code(&self, code: &str) -> Result<Published, AppError> {
        let row = self.row_by_code(code).await?;
        let found = self.published(row).await?;
        found.map(|(p, _)| p).ok_or(AppError::NotFound)
    }
}

//! What a reader sees of a matter: its story with the texts deciphered, the reporter masked by right on the server.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::mask;
use xiangyue_domain::matter::{FileRef, Matter, Trail, Who};
use xiangyue_domain::policy::{Field, FieldType, Kind, Right};

/// Fields that say who reported.
const REPORTER: &[&str] = &["reporter_name", "reporter_phone", "reporter_address"];

/// How much of the reporter a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Name, telephone and address at once: the matter is theirs. The read is logged.
    Whole,
    /// Masked.
    Masked,
    /// Nothing: the reporter is kept secret.
    None,
}

/// A line of the story with its texts.
#[derive(Debug, Clone)]
pub struct Line {
    /// What happened.
    pub trail: Trail,
    /// Texts that were given with it.
    pub texts: Texts,
    /// Files that came with it.
    pub files: Vec<FileRef>,
}

/// A matter opened for reading.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The matter.
    pub matter: Matter,
    /// Its story, oldest first.
    pub lines: Vec<Line>,
    /// Latest text of each field, without the reporter's.
    pub texts: Texts,
    /// The reporter's fields as this reader sees them.
    pub reporter: Texts,
    /// How much of the reporter this reader sees.
    pub sight: Sight,
    /// The key was destroyed: texts are gone.
    pub erased: bool,
    /// The reporter left a telephone.
    pub left_phone: bool,
}

impl App {
    /// Deciphers a matter's texts by the entry that wrote them.
    pub(crate) async fn texts_of(&self, matter: &Matter) -> Result<Option<BTreeMap<i64, Texts>>, AppError> {
        let Some(subject) = self.secrets.find(self.pool(), self.realm(), &matter.key).await? else { return Ok(None) };
        let mut texts: BTreeMap<i64, Texts> = BTreeMap::new();
        // An entry that opened a matter below another one brings both its words and what was asked of it.
        for (seq, sealed) in &matter.secrets {
            texts.entry(*seq).or_default().extend(self.secrets.open(&subject, sealed));
        }
        Ok(Some(texts))
    }

    pub(crate) fn open_with(matter: Matter, texts: Option<BTreeMap<i64, Texts>>, sight: Sight) -> Opened {
        let erased = texts.is_none() && !matter.secrets.is_empty();
        let by_seq = texts.unwrap_or_default();
        let mut latest = Texts::new();
        let mut reporter = Texts::new();
        let mut lines = Vec::new();
        for trail in &matter.trail {
            let mut texts = by_seq.get(&trail.seq).cloned().unwrap_or_default();
            for field in REPORTER {
                if let Some(value) = texts.remove(*field) {
                    reporter.insert((*field).to_owned(), value);
                }
            }
            if sight != Sight::Whole {
                texts.values_mut().for_each(|t| *t = mask::scrub(t));
            }
            latest.extend(texts.clone());
            let files = matter.files.iter().filter(|(seq, _)| *seq == trail.seq).map(|(_, f)| f.clone());
            lines.push(Line { trail: trail.clone(), texts, files: files.collect() });
        }
        let left_phone = reporter.contains_key("reporter_phone");
        match sight {
            Sight::Whole => {}
            Sight::Masked => {
                for (field, value) in &mut reporter {
                    *value = match field.as_str() {
                        "reporter_name" => mask::mask_name(value),
                        "reporter_phone" => mask::mask_phone(value),
                        _ => mask::mask_address(value),
                    };
                }
            }
            Sight::None => reporter.clear(),
        }
        Opened { matter, lines, texts: latest, reporter, sight, erased, left_phone }
    }

    /// How much of the reporter an account sees.
    pub fn sight(&self, matter: &Matter, account: AccountId) -> Sight {
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        if flow::allowed(ctx, matter, account) || matter.opener == Some(account) {
            return Sight::Whole;
        }
        if matter.confidential { Sight::None } else { Sight::Masked }
    }

    /// Opens a matter for someone who may see it; a whole sight of the reporter is logged.
    pub async fn open_for(&self, account: AccountId, matter: Matter) -> Result<Opened, AppError> {
        let sight = self.sight(&matter, account);
        let texts = self.texts_of(&matter).await?;
        let mut opened = Self::open_with(matter, texts, sight);
        if let Some(kind) = self.policy().kind_of(&opened.matter).filter(|_| sight != Sight::Whole) {
            mask_persons(kind, &mut opened);
        }
        if sight == Sight::Whole && !opened.reporter.is_empty() {
            self.log_read(opened.matter.id, account, "reporter", "").await?;
        } else if self.policy().kind_of(&opened.matter).is_some_and(|k| k.sealed) {
            // Who has read a sealed record is known, whoever it was about.
            self.log_read(opened.matter.id, account, "sealed", "").await?;
        }
        Ok(opened)
    }

    /// Writes down who read what, before it is shown. Once a minute for the same reader and matter is enough.
    pub async fn log_read(
        &self,
        matter: MatterId,
        account: AccountId,
        what: &str,
        reason: &str,
    ) -> Result<(), AppError> {
        let now = self.now().0;
        let minute = now - now.rem_euclid(60_000);
        let row = vec![matter.0.into(), minute.into(), account.0.into(), what.into(), reason.into()];
        let by = Who::Account { account, post: None };
        self.send(by, None, Command::Aside(vec![("read_log", row)]), Beside::default()).await.map(|_| ())
    }

    /// Opens a matter whole for someone with the right to, who gives a reason that is logged.
    pub async fn unmask(&self, account: AccountId, matter: Matter, reason: &str) -> Result<Opened, AppError> {
        let (policy, directory) = (self.policy(), self.directory());
        let day = self.now().day();
        if !directory.has_right(&policy, account, Right::Unmask, matter.place, day) {
            return Err(xiangyue_domain::refusal::Refusal::new("no_right").into());
        }
        if reason.trim().is_empty() {
            return Err(xiangyue_domain::refusal::Refusal::field("reason", "required").into());
        }
        let texts = self.texts_of(&matter).await?;
        self.log_read(matter.id, account, "reporter", reason.trim()).await?;
        Ok(Self::open_with(matter, texts, Sight::Whole))
    }

    /// One line of a matter for a list: what it is about, with personal numbers struck out.
    pub async fn titles(&self, matters: &[Matter]) -> Result<BTreeMap<i64, Texts>, AppError> {
        let names: Vec<String> = matters.iter().map(|m| m.key.clone()).collect();
        self.secrets.warm(self.pool(), self.realm(), &names).await?;
        let policy = self.policy();
        let mut out = BTreeMap::new();
        for matter in matters {
            let Some(subject) = self.secrets.find(self.pool(), self.realm(), &matter.key).await? else { continue };
            // A part begins with what was asked of its unit; what it is about was handed down behind that.
            let heading = policy.kind(&matter.kind).map_or("words", |k| k.heading());
            let mut texts = Texts::new();
            for (_, sealed) in matter.secrets.iter().take(if matter.parent.is_some() { 2 } else { 1 }) {
                texts.extend(self.secrets.open(&subject, sealed));
            }
            if texts.is_empty() {
                continue;
            }
            // What has a heading of its own is called by it.
            if let Some(title) = texts.remove(heading) {
                texts.insert("words".to_owned(), title);
            }
            texts.retain(|field, _| field == "words" || field == "spot");
            texts.values_mut().for_each(|t| *t = mask::scrub(t));
            out.insert(matter.id.0, texts);
        }
        Ok(out)
    }
}

/// Masks the other people that a matter speaks of in fields of their own, as the reporter is masked.
fn mask_persons(kind: &Kind, opened: &mut Opened) {
    let masked = |field: &Field, text: &str| match field.kind {
        FieldType::Phone => mask::mask_phone(text),
        FieldType::Citizen => mask::mask_id(text),
        _ => mask::mask_name(text),
    };
    let of_person = |f: &&Field| f.person || matches!(f.kind, FieldType::Phone | FieldType::Citizen);
    for field in kind.fields.iter().filter(of_person) {
        let texts = opened.lines.iter_mut().map(|l| &mut l.texts).chain([&mut opened.texts]);
        for text in texts.filter_map(|t| t.get_mut(&field.id)) {
            *text = masked(field, text);
        }
    }
}

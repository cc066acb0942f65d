//! Matters that belong together: those that one opened, the one that opened it, and what the same person reported before.
//! What a reader may not see is named at most by number and holder, never by its words.

use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use crate::view::{Opened, Sight};
use std::collections::{HashMap, VecDeque};
use xiangyue_domain::entry::{Body, Event};
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::{Change, Happening, Matter, Trail, Values};
use xiangyue_domain::policy::{FieldType, Kind, Move};
use xiangyue_domain::register::Holder;

/// Earlier matters of a person shown at most.
const EARLIER: usize = 8;

/// A matter that another one opened, as whoever sees that one may know it.
#[derive(Debug, Clone)]
pub struct Below {
    /// It.
    pub matter: Matter,
    /// What was said where it was last handled.
    pub said: Texts,
    /// The reader may open it as well.
    pub seen: bool,
}

/// What a line of the story says of where the matter went: it stands in the journal alone.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Who had it from then on, where it was handed on.
    pub to: Option<Holder>,
    /// Matters that were opened below it: their kinds, and who had each.
    pub below: Vec<(String, Holder)>,
    /// Plain values that were given.
    pub values: Values,
}

/// Whether a move may name a unit in one of its fields.
fn names_unit(kind: &Kind, mv: &Move) -> bool {
    mv.fields.iter().filter_map(|f| kind.field(f)).any(|f| f.kind == FieldType::Unit)
}

/// What an entry did with a matter, a line of its story each.
fn sent_by(matter: &Matter, kind: Option<&Kind>, body: Body) -> VecDeque<Sent> {
    let changes: Vec<Change> =
        body.events.into_iter().filter_map(|e| if let Event::Matter(c) = e { Some(*c) } else { None }).collect();
    let below = |change: &Change| {
        let Happening::Opened(opened) = &change.what else { return None };
        (opened.parent == Some(matter.id)).then_some((opened.kind.clone(), change.holder.clone()?))
    };
    let own = changes.iter().filter(|c| c.matter == matter.id && c.what != Happening::Recounted);
    own.map(|change| {
        let mv = if let Happening::Moved { mv, .. } = &change.what { kind.and_then(|k| k.find_move(mv)) } else { None };
        let opened = matches!(change.what, Happening::Opened(_));
        Sent {
            to: change.holder.clone().filter(|_| opened || mv.is_some_and(Move::hands_on)),
            below: if mv.is_some_and(|m| m.open.is_some()) {
                changes.iter().filter_map(below).collect()
            } else {
                Vec::new()
            },
            values: change.values.clone(),
        }
    })
    .collect()
}

impl App {
    /// Where the lines of a matter's story sent it, from one of them on, line for line. Only entries that can have sent it
    /// anywhere are read.
    pub async fn sent(&self, matter: &Matter, from: usize) -> Result<Vec<Option<Sent>>, AppError> {
        let policy = self.policy();
        let kind = policy.kind_of(matter);
        let tells = |line: &Trail| match kind.and_then(|k| Some((k, k.find_move(&line.mv)?))) {
            Some((kind, mv)) => mv.hands_on() || mv.open.is_some() || names_unit(kind, mv),
            None => line.mv == "open",
        };
        let mut seqs: Vec<i64> = matter.trail.iter().skip(from).filter(|t| tells(t)).map(|t| t.seq).collect();
        seqs.dedup();
        let mut told: HashMap<i64, VecDeque<Sent>> = HashMap::new();
        for row in self.pool().entries_at(self.realm(), &seqs).await? {
            let body: Body = serde_json::from_str(&row.body).unwrap_or_default();
            told.insert(row.seq, sent_by(matter, kind, body));
        }
        let mut line = |t: &Trail| told.get_mut(&t.seq).and_then(VecDeque::pop_front);
        // An entry may have written several lines: those before the first that is asked for are passed over.
        Ok(matter.trail.iter().map(&mut line).collect::<Vec<_>>().split_off(from.min(matter.trail.len())))
    }

    fn may_see(&self, account: AccountId, matter: &Matter) -> bool {
        let (policy, directory) = (self.policy(), self.directory());
        flow::sees(Ctx { now: self.now(), policy: &policy, directory: &directory }, matter, account)
    }

    /// Matters that this one opened. Whoever sees it sees how far they are and what they answered.
    pub async fn below(&self, account: AccountId, matter: &Matter) -> Result<Vec<Below>, AppError> {
        let ids: Vec<i64> = matter.parts.iter().map(|p| p.id.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.pool().matters_any(self.realm(), &ids).await?;
        found.sort_by_key(|m| ids.iter().position(|id| *id == m.id.0));
        let policy = self.policy();
        let mut out = Vec::new();
        for part in found {
            let seen = self.may_see(account, &part);
            let texts = self.texts_of(&part).await?;
            let opened = Self::open_with(part, texts, self.sight(matter, account));
            let kind = policy.kind_of(&opened.matter);
            let handled = |mv: &str| kind.and_then(|k| k.find_move(mv)).is_some_and(|m| m.handles);
            let said = opened.lines.iter().rev().find(|l| handled(&l.trail.mv)).map(|l| l.texts.clone());
            out.push(Below { said: said.unwrap_or_default(), seen, matter: opened.matter });
        }
        Ok(out)
    }

    /// The matter that opened this one, and whether the reader may open it.
    pub async fn above(&self, account: AccountId, matter: &Matter) -> Result<Option<(Matter, bool)>, AppError> {
        let Some(parent) = matter.parent else { return Ok(None) };
        let found = self.pool().matters_any(self.realm(), &[parent.0]).await?.pop();
        Ok(found.map(|m| {
            let seen = self.may_see(account, &m);
            (m, seen)
        }))
    }

    /// What the same person reported before, within the reader's scope. Whoever may not know who it was is not told
    /// what else that person said.
    pub async fn earlier(&self, account: AccountId, opened: &Opened) -> Result<Vec<Matter>, AppError> {
        if !opened.left_phone || opened.sight == Sight::None {
            return Ok(Vec::new());
        }
        let Some(texts) = self.texts_of(&opened.matter).await? else { return Ok(Vec::new()) };
        let phone = texts.values().find_map(|t| t.get("reporter_phone")).cloned().unwrap_or_default();
        let mut found = self.by_phone(account, &phone).await?;
        found.retain(|m| m.id != opened.matter.id && m.parent.is_none());
        found.truncate(EARLIER);
        Ok(found)
    }

    /// What came from a telephone, within the account's scope, for whoever has the caller on the line.
    pub async fn earlier_calls(&self, account: AccountId, phone: &str) -> Result<Vec<Matter>, AppError> {
        let mut found = self.by_phone(account, phone).await?;
        found.retain(|m| m.parent.is_none());
        found.truncate(EARLIER);
        Ok(found)
    }

    async fn by_phone(&self, account: AccountId, phone: &str) -> Result<Vec<Matter>, AppError> {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < 7 {
            return Ok(Vec::new());
        }
        let token = self.secrets().token("phone", &digits);
        let mut found = self.pool().matters_by_token(self.realm(), &self.scope(account), &[token]).await?;
        // Whose name is kept secret is not found out by way of another matter of theirs.
        found.retain(|m| !m.confidential || self.sight(m, account) == Sight::Whole);
        Ok(found)
    }
}

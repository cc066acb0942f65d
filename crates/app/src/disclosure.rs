//! What villages have made public, for everybody: the list of a village, and one item as it stood when it was published.
//! Nothing leaves here that a version did not hold when it was published, and no number of a person at all: texts are
//! scrubbed and names masked on the way out, whatever was typed.

pub use crate::said::Said;

use crate::due::{duty_kind, is_public};
use crate::error::AppError;
use crate::receipt::duty_subject;
use crate::said::said_of;
use crate::state::App;
use crate::window::{Window, window};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::due::SpanAsked;
use xiangyue_domain::entry::{Body, Event};
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::mask;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{DutyRules, Field, FieldType, Kind, Policy};
use xiangyue_domain::receipt::code_of;
use xiangyue_domain::region::RegionTree;

/// Matters read at once for a page of the list, and how often at most: what is searched for may be rare.
const READ: i64 = 60;
const READINGS: usize = 40;
/// Questions shown with an item, at most.
const QUESTIONS: i64 = 100;

/// Which items of a village are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Words of the item's name, its class or its period; empty for all.
    pub words: String,
    /// Class at the top of the catalogue; empty for all.
    pub class: String,
    /// Year in which it was taken in; 0 for all.
    pub year: i16,
    /// Only what was begun before this one: the next page; `None` for the first.
    pub before: Option<MatterId>,
}

/// A page of a village's list.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// Lines, newest first.
    pub lines: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<MatterId>,
}

/// A line of a village's list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The matter.
    pub id: MatterId,
    /// Number.
    pub number: String,
    /// Item of the catalogue.
    pub item: String,
    /// Period.
    pub period: String,
    /// When its last version was published.
    pub at: Time,
    /// Versions.
    pub versions: usize,
    /// It was withdrawn.
    pub withdrawn: bool,
}

/// One item with a version of it.
#[derive(Debug, Clone)]
pub struct Disclosed {
    /// As in the list.
    pub line: Listed,
    /// When each version was published.
    pub versions: Vec<Time>,
    /// The version at hand, counted from 1.
    pub version: usize,
    /// What it says; nothing once it is withdrawn.
    pub said: Vec<Said>,
    /// Why it was withdrawn, or why the version after this one was made.
    pub reason: String,
    /// A correction is being prepared.
    pub amending: bool,
    /// Questions about it, newest first.
    pub questions: Vec<Question>,
    /// Pictures that everybody may see, each with its field.
    pub pictures: Vec<(Field, String)>,
    /// Short code of the version's receipt; none for what was published before there were receipts, or is withdrawn.
    pub code: Option<String>,
    /// Until when questions are taken.
    pub window: Option<Window>,
}

/// A question that somebody asked; who, and in which words, stays between them and the village.
#[derive(Debug, Clone)]
pub struct Question {
    /// When.
    pub at: Time,
    /// The answer, once there is one.
    pub reply: Option<String>,
}

impl App {
    /// What a village has made public, a page of it: the newest first, in the order in which they were begun.
    pub async fn disclosures(&self, village: RegionId, asked: &Asked, most: usize) -> Result<ListPage, AppError> {
        let policy = self.policy();
        let Some((kind, rules)) = duty_kind(&policy) else { return Ok(ListPage::default()) };
        let (spans, names) = SpanAsked::among(&asked.words);
        let items = items_of(&policy, rules, (asked, &names));
        if items.as_ref().is_some_and(Vec::is_empty) {
            return Ok(ListPage::default());
        }
        let year = |y: i16| Day::ymd(y, 1, 1).map_or(0, |d| i64::from(d.0));
        let days = if asked.year == 0 { (i64::MIN, i64::MAX) } else { (year(asked.year), year(asked.year + 1) - 1) };
        let (of, items) = ((village.0, kind.id.as_str()), items.unwrap_or_default());
        let mut before = asked.before.map_or(i64::MAX, |id| id.0);
        let (mut page, mut ended) = (ListPage::default(), false);
        for _ in 0..READINGS {
            let found = self.pool().village_page(self.realm(), of, days, &items, (before, READ)).await?;
            ended = found.len() < usize::try_from(READ).unwrap_or(0);
            before = found.last().map_or(before, |m| m.id.0);
            let lines = found.iter().filter_map(|m| listed(rules, m));
            page.lines.extend(lines.filter(|l| spans.iter().all(|span| span.fits(&l.period))));
            if ended || page.lines.len() > most {
                break;
            }
        }
        if page.lines.len() > most {
            page.lines.truncate(most);
            page.next = page.lines.last().map(|l| l.id);
        } else if !ended {
            // What is searched for is rare: the next page looks on from here.
            page.next = Some(MatterId(before));
        }
        page.lines.sort_by_key(|l| std::cmp::Reverse((l.at, l.id.0)));
        Ok(page)
    }

    /// One item of a village's list, in a version counted from 1 or in the last.
    pub async fn disclosure(
        &self,
        village: RegionId,
        id: MatterId,
        version: Option<usize>,
    ) -> Result<Disclosed, AppError> {
        let policy = self.policy();
        let (_, rules) = duty_kind(&policy).ok_or(AppError::NotFound)?;
        let matter = self.pool().matters_any(self.realm(), &[id.0]).await?.pop().ok_or(AppError::NotFound)?;
        let kind = policy.kind_of(&matter).filter(|k| k.duty.is_some()).ok_or(AppError::NotFound)?;
        let line = listed(rules, &matter).filter(|_| lies_in(&self.directory().tree, &matter, village));
        let line = line.filter(|_| !matter.voided && matter.merged_into.is_none()).ok_or(AppError::NotFound)?;
        let published: Vec<(i64, Time)> =
            matter.trail.iter().filter(|t| t.mv == rules.publish).map(|t| (t.seq, t.at)).collect();
        let version = version.unwrap_or(published.len());
        let (seq, _) = version.checked_sub(1).and_then(|n| published.get(n)).copied().ok_or(AppError::NotFound)?;
        let then = self.matter_at(&matter, seq).await?;
        let (said, reason) = if line.withdrawn {
            (Vec::new(), self.latest(&matter, "reason").await?)
        } else {
            (self.said(kind, &then).await?, self.why_amended(&matter, &published, version).await?)
        };
        let questions = self.questions(&policy, rules, village, &matter.number).await?;
        let amending = is_public(rules, &matter) && matter.phase == xiangyue_domain::policy::Phase::Open;
        let versions = published.iter().map(|(_, at)| *at).collect();
        let last = version == published.len();
        let pictures = if line.withdrawn { Vec::new() } else { pictures(kind, rules, &matter, (seq, last)) };
        let code = if line.withdrawn { None } else { self.code_of_version(id, seq).await? };
        let window = window(&policy, rules, &matter);
        Ok(Disclosed { line, versions, version, said, reason, amending, questions, pictures, code, window })
    }

    /// Short code of the receipt of what an entry published.
    async fn code_of_version(&self, id: MatterId, seq: i64) -> Result<Option<String>, AppError> {
        let rows = self.pool().posted_of(self.realm(), &duty_subject(id)).await?;
        Ok(rows.iter().find(|r| r.seq == seq).map(|r| code_of(&r.posted.digest)))
    }

    /// A picture of an item that everybody may see.
    pub async fn disclosed_picture(&self, village: RegionId, id: MatterId, digest: &str) -> Result<Vec<u8>, AppError> {
        let found = self.disclosure(village, id, None).await?;
        if !found.pictures.iter().any(|(_, d)| d == digest) {
            return Err(AppError::NotFound);
        }
        let matter = self.pool().matters_any(self.realm(), &[id.0]).await?.pop().ok_or(AppError::NotFound)?;
        self.read_file(&matter, digest).await
    }

    /// A matter as it stood after an entry, folded anew from its own entries.
    async fn matter_at(&self, matter: &Matter, seq: i64) -> Result<Matter, AppError> {
        let seqs: Vec<i64> = matter.trail.iter().map(|t| t.seq).filter(|s| *s <= seq).collect();
        let mut rows = self.pool().entries_at(self.realm(), &seqs).await?;
        rows.sort_by_key(|r| r.seq);
        let mut then: Option<Matter> = None;
        for row in rows {
            let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
            for event in body.events {
                let Event::Matter(change) = event else { continue };
                if change.matter != matter.id {
                    continue;
                }
                match &mut then {
                    Some(then) => then.apply(&change, row.seq),
                    None => then = Matter::open(&change, row.seq),
                }
            }
        }
        then.ok_or(AppError::NotFound)
    }

    /// What everybody may read of a matter: its public fields, masked.
    pub(crate) async fn said(&self, kind: &Kind, then: &Matter) -> Result<Vec<Said>, AppError> {
        Ok(said_of(kind, &then.values, &self.said_of(then).await?))
    }

    /// The last text that a field was given, masked.
    async fn latest(&self, matter: &Matter, field: &str) -> Result<String, AppError> {
        let texts = self.texts_of(matter).await?.unwrap_or_default();
        Ok(texts.values().rev().find_map(|t| t.get(field)).map(|t| mask::scrub(t)).unwrap_or_default())
    }

    /// The reason that was given between a version and the one after it.
    async fn why_amended(
        &self,
        matter: &Matter,
        published: &[(i64, Time)],
        version: usize,
    ) -> Result<String, AppError> {
        let (Some((from, _)), Some((to, _))) = (published.get(version - 1), published.get(version)) else {
            return Ok(String::new());
        };
        let texts = self.texts_of(matter).await?.unwrap_or_default();
        let first = texts.range(from + 1..*to).find_map(|(_, t)| t.get("reason"));
        Ok(first.map(|t| mask::scrub(t)).unwrap_or_default())
    }

    async fn questions(
        &self,
        policy: &Policy,
        rules: &DutyRules,
        village: RegionId,
        number: &str,
    ) -> Result<Vec<Question>, AppError> {
        let Some(kind) = rules.objection.as_deref().and_then(|k| policy.kind(k)) else { return Ok(Vec::new()) };
        let token = self.about_token(&kind.id, number);
        let found = self.pool().own_matters(self.realm(), (village.0, &kind.id), &token, QUESTIONS).await?;
        let keys: Vec<String> = found.iter().map(|m| m.key.clone()).collect();
        self.secrets().warm(self.pool(), self.realm(), &keys).await?;
        let mut out = Vec::new();
        for matter in &found {
            let Some(first) = matter.intakes.first() else { continue };
            let field = kind.fields.iter().find(|f| f.public && f.later).map_or("", |f| f.id.as_str());
            let reply = self.latest(matter, field).await?;
            out.push(Question { at: first.at, reply: (!reply.is_empty()).then_some(reply) });
        }
        Ok(out)
    }
}

fn lies_in(tree: &RegionTree, matter: &Matter, village: RegionId) -> bool {
    tree.ancestors(matter.place, matter.accepted).contains(&village)
}

/// A matter as a line of the list, once it has been public.
fn listed(rules: &DutyRules, matter: &Matter) -> Option<Listed> {
    let versions: Vec<Time> = matter.trail.iter().filter(|t| t.mv == rules.publish).map(|t| t.at).collect();
    let text = |field: &String| matter.values.get(field).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    Some(Listed {
        id: matter.id,
        number: matter.number.clone(),
        item: text(&rules.item),
        period: text(&rules.period),
        at: *versions.last()?,
        versions: versions.len(),
        withdrawn: matter.step == rules.withdrawn,
    })
}

/// Pictures of the public fields as a version has them: of each field those that were added last, before the version was
/// published; of the last version also those that somebody has let be seen since.
fn pictures(kind: &Kind, rules: &DutyRules, matter: &Matter, (seq, last): (i64, bool)) -> Vec<(Field, String)> {
    let lets = |mv: &String| last && rules.pictures.as_ref() == Some(mv);
    let until = matter.trail.iter().filter(|t| lets(&t.mv)).map(|t| t.seq).max().unwrap_or(seq).max(seq);
    let mut out = Vec::new();
    for field in kind.fields.iter().filter(|f| f.public && f.kind == FieldType::File) {
        let of = || matter.files.iter().filter(|(at, f)| f.field == field.id && *at <= until);
        let newest = of().map(|(at, _)| *at).max();
        out.extend(of().filter(|(at, _)| Some(*at) == newest).map(|(_, f)| (field.clone(), f.digest.clone())));
    }
    out
}

/// Items that are asked for; `None` for all of them.
fn items_of(policy: &Policy, rules: &DutyRules, (asked, names): (&Asked, &[String])) -> Option<Vec<String>> {
    if asked.class.is_empty() && names.is_empty() {
        return None;
    }
    let catalogue = policy.catalogue(&rules.catalogue)?;
    let wanted = |code: &str| {
        let chain = catalogue.chain(code);
        let class = asked.class.is_empty() || chain.iter().any(|i| i.code == asked.class);
        let named = |name: &String| {
            let lower = name.to_lowercase();
            chain.iter().any(|i| i.name.contains(name.as_str()) || i.name_en.to_lowercase().contains(&lower))
        };
        class && names.iter().all(named)
    };
    Some(catalogue.items.iter().filter(|i| i.cadence.is_some() && wanted(&i.code)).map(|i| i.code.clone()).collect())
}

/// Name of the item that a matter makes public.
pub(crate) fn item_of<'a>(policy: &'a Policy, rules: &DutyRules, matter: &'a Matter) -> &'a str {
    let code = matter.values.get(&rules.item).and_then(|v| v.as_str()).unwrap_or_default();
    policy.catalogue(&rules.catalogue).and_then(|c| c.item(code)).map_or(code, |i| i.name.as_str())
}

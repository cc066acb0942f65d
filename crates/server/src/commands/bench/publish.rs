//! Fills a county with what its villages have made public: every item of the catalogue in every village for some months,
//! by the people who have to, through the committer like everybody else. Nothing is copied by SQL, so `verify` and
//! `rebuild --check` hold on such a folder.

use super::load::{self, Page};
use crate::open::Said;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use xiangyue_app::due::duty_kind;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_app::{App, MatterRef, Outcome, Subject, Texts};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::due::Span;
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Catalogue, Level};
use xiangyue_domain::register::Holder;
use xiangyue_pack::Loaded;

/// Items that are taken through their steps side by side, and how many such lots at once.
const LOT: usize = 400;
const AT_ONCE: usize = 3;
/// One in so many is late.
const LATE: usize = 40;
/// Days after the end of a month on which what is in time is published, and what is late.
const ON: [i32; 2] = [6, 13];

/// What `bench.toml` says of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Writing {
    /// Steps in order; the first of an item opens it, the last publishes it.
    pub write: Vec<Step>,
    /// Pages that are timed.
    pub pages: BTreeMap<String, Page>,
}

/// A step of an item.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// What is done, as in the load.
    #[serde(flatten)]
    pub does: load::Step,
    /// Only items below this one, or all but those.
    #[serde(default)]
    pub under: String,
    #[serde(default)]
    pub except: String,
}

/// `bench.toml`, of which the rest is read elsewhere.
#[derive(Deserialize)]
struct File {
    disclosure: Option<Writing>,
}

impl Writing {
    /// From a pack.
    pub fn of(loaded: &Loaded) -> Result<Writing, Said> {
        let text = loaded.files.text("bench.toml").ok_or("策略包里没有 bench.toml")?;
        let file: File = toml::from_str(&text).map_err(|e| format!("bench.toml: {e}"))?;
        file.disclosure.ok_or_else(|| "bench.toml 里没有 [disclosure]".to_owned())
    }

    /// Posts that take part.
    pub fn posts(&self) -> Vec<String> {
        let pages = self.pages.values().map(|p| p.post.clone());
        self.write.iter().map(|s| s.does.post.clone()).chain(pages).filter(|p| !p.is_empty()).collect()
    }

    fn steps(&self, catalogue: &Catalogue, item: &str) -> Vec<Step> {
        let chain = catalogue.chain(item);
        let below = |class: &str| chain.iter().any(|i| i.code == class);
        let meant = |s: &&Step| (s.under.is_empty() || below(&s.under)) && (s.except.is_empty() || !below(&s.except));
        self.write.iter().filter(meant).cloned().collect()
    }
}

/// The months whose items are published: the last of them is over long enough for all of it to be past.
pub fn months(today: Day, n: usize) -> Vec<Span> {
    let mut last = today.month_start().plus_months(-1);
    if last.month_end().plus(ON[1]) >= today {
        last = last.plus_months(-1);
    }
    let back = |k: usize| last.plus_months(-i32::try_from(k).unwrap_or(0));
    (0..n).rev().map(|k| Span::of(xiangyue_domain::due::Cadence::Month, back(k))).collect()
}

/// One item of one village.
#[derive(Clone)]
struct Cell {
    village: RegionId,
    item: String,
    period: String,
}

/// Who makes a step where.
type People = BTreeMap<(String, i64), Who>;

/// Everything that lots share.
struct Ground {
    app: App,
    writing: Writing,
    people: People,
}

/// Publishes every item of every village for these months; returns how many there are.
pub async fn publish(app: &App, writing: Writing, months: &[Span]) -> Result<usize, Said> {
    let policy = app.policy();
    let (_, rules) = duty_kind(&policy).ok_or("策略包里没有按目录公开的事项")?;
    let catalogue = policy.catalogue(&rules.catalogue).ok_or("没有公开目录")?;
    let items: Vec<String> = catalogue.items.iter().filter(|i| i.cadence.is_some()).map(|i| i.code.clone()).collect();
    let villages = app.directory().tree.of_level(Level::Village, app.now().day());
    let total = items.len() * villages.len() * months.len();
    let ground = Arc::new(Ground { people: people(app, &writing), app: app.clone(), writing });
    let bar = ProgressBar::new(total as u64).with_style(
        ProgressStyle::with_template("公开 {bar:40} {pos}/{len} {per_sec} {eta}").map_err(|e| e.to_string())?,
    );
    for span in months {
        let mut cells: [Vec<Cell>; 2] = Default::default();
        for (v, village) in villages.iter().enumerate() {
            for (i, item) in items.iter().enumerate() {
                let late = (v * 7 + i * 13) % LATE == 0;
                let cell = Cell { village: *village, item: item.clone(), period: span.text() };
                cells[usize::from(late)].push(cell);
            }
        }
        for (cells, after) in cells.iter().zip(ON) {
            let at = span.last.plus(after).at_minute(10 * 60);
            app.clock().set(at);
            lots(&ground, cells, at, &bar).await?;
        }
    }
    bar.finish_and_clear();
    Ok(total)
}

fn people(app: &App, writing: &Writing) -> People {
    let directory = app.directory();
    let posts = writing.posts();
    let held = directory.terms.values().filter(|t| posts.contains(&t.holder.post));
    let who = |account: AccountId, holder: &Holder| Who::Account { account, post: Some(holder.clone()) };
    held.map(|t| ((t.holder.post.clone(), t.holder.seat), who(t.account, &t.holder))).collect()
}

async fn lots(ground: &Arc<Ground>, cells: &[Cell], at: Time, bar: &ProgressBar) -> Result<(), Said> {
    let mut under_way: JoinSet<Result<usize, Said>> = JoinSet::new();
    for lot in cells.chunks(LOT) {
        if under_way.len() >= AT_ONCE
            && let Some(done) = under_way.join_next().await
        {
            bar.inc(done.map_err(|e| e.to_string())?? as u64);
        }
        let (ground, lot) = (Arc::clone(ground), lot.to_vec());
        under_way.spawn(async move { ground.lot(lot, at).await });
    }
    while let Some(done) = under_way.join_next().await {
        bar.inc(done.map_err(|e| e.to_string())?? as u64);
    }
    Ok(())
}

/// An item on its way: what is left to do, under which key, and what was said so far.
struct Live {
    cell: Cell,
    key: String,
    subject: Subject,
    last: Step,
    said: Texts,
}

impl Ground {
    /// A lot through all its steps: whatever comes before the publication is queued at once, then each is published as it
    /// stands, with its receipt.
    async fn lot(&self, cells: Vec<Cell>, at: Time) -> Result<usize, Said> {
        let n = cells.len();
        let mut live = Vec::with_capacity(n);
        let mut answers = Vec::new();
        for cell in cells {
            live.push(self.begin(cell, at, &mut answers).await?);
        }
        let mut ids: Vec<i64> = Vec::with_capacity(n);
        for (opens, answer) in answers {
            let outcome: Outcome = settled(answer).await?;
            if opens {
                ids.extend(outcome.matter.map(|m: MatterId| m.0));
            }
        }
        let matters = self.app.pool().matters_any(self.app.realm(), &ids).await.map_err(|e| e.to_string())?;
        let by_id: BTreeMap<i64, Matter> = matters.into_iter().map(|m| (m.id.0, m)).collect();
        let mut answers = Vec::with_capacity(n);
        for (one, id) in live.iter().zip(&ids) {
            let matter = by_id.get(id).ok_or("没有存下")?;
            answers.push(self.step(one, &one.last, (MatterRef::Id(matter.id), Some(matter)), at).await?);
        }
        for answer in answers {
            settled(answer).await?;
        }
        Ok(n)
    }

    /// Opens an item and queues every step but the last.
    async fn begin(&self, cell: Cell, at: Time, answers: &mut Vec<(bool, Answer)>) -> Result<Live, Said> {
        let policy = self.app.policy();
        let (kind, rules) = duty_kind(&policy).ok_or("没有按目录公开的事项")?;
        let catalogue = policy.catalogue(&rules.catalogue).ok_or("没有公开目录")?;
        let steps = self.writing.steps(catalogue, &cell.item);
        let [first, rest @ .., last] = steps.as_slice() else { return Err("bench.toml: 步骤太少".to_owned()) };
        let key = format!("seed/{}/{}/{}", cell.village, cell.item, cell.period);
        let mut typed = first.does.fields.clone();
        typed.insert(rules.item.clone(), cell.item.clone());
        typed.insert(rules.period.clone(), cell.period.clone());
        let form = OpenForm { kind: kind.id.clone(), place: cell.village, typed, ..OpenForm::default() };
        let prepared = self.app.prepare_open(form, &key).map_err(|r| format!("{r:?}"))?;
        let who = self.who(first, cell.village)?;
        let queued = self.app.queue_at(at, who, Some(key.clone()), prepared.command, prepared.beside).await;
        answers.push((true, queued.map_err(|e| e.to_string())?));
        let mut said = Texts::new();
        for step in [first].into_iter().chain(rest) {
            let secret = |f: &&String| kind.field(f).is_some_and(|f| f.kind.is_secret());
            let texts = step.does.fields.iter().filter(|(f, _)| secret(f));
            said.extend(texts.map(|(f, text)| (f.clone(), text.clone())));
        }
        let live = Live { cell, key, subject: prepared.subject, last: last.clone(), said };
        for step in rest {
            let which = MatterRef::Opened(live.key.clone());
            answers.push((false, self.step(&live, step, (which, None), at).await?));
        }
        Ok(live)
    }

    /// Queues a step; with the matter as it stands where the step publishes it.
    async fn step(
        &self,
        one: &Live,
        step: &Step,
        (which, matter): (MatterRef, Option<&Matter>),
        at: Time,
    ) -> Result<Answer, Said> {
        let policy = self.app.policy();
        let (kind, _) = duty_kind(&policy).ok_or("没有按目录公开的事项")?;
        let form = MoveForm { mv: step.does.mv.clone(), typed: step.does.fields.clone(), ..MoveForm::default() };
        let about = matter.map(|m| (m, &one.said, at));
        let prepared = self.app.prepare_move(kind, which, &one.subject, (form, Vec::new()), about);
        let (command, beside) = prepared.map_err(|r| format!("{}: {r:?}", step.does.mv))?;
        let who = self.who(step, one.cell.village)?;
        self.app.queue_at(at, who, None, command, beside).await.map_err(|e| e.to_string())
    }

    /// Whoever holds a step's post over a village.
    fn who(&self, step: &Step, village: RegionId) -> Result<Who, Said> {
        let directory = self.app.directory();
        let above = directory.tree.ancestors(village, self.app.now().day());
        let found = above.iter().find_map(|r| self.people.get(&(step.does.post.clone(), r.0)));
        found.cloned().ok_or_else(|| format!("没有人在岗: {}", step.does.post))
    }
}

type Answer = tokio::sync::oneshot::Receiver<Result<Outcome, xiangyue_app::AppError>>;

async fn settled(answer: Answer) -> Result<Outcome, Said> {
    answer.await.map_err(|e| e.to_string())?.map_err(|e| format!("{e:?}"))
}

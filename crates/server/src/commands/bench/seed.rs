//! Fills a data folder with a number of finished matters, through the same use cases as everybody: opened, handled,
//! called back, archived, over the days before today. What the bench measures afterwards stands on top of them.

use super::load::{Script, Step};
use crate::open::Said;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::oneshot;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_app::{App, AppError, MatterRef, Outcome, Subject};
use xiangyue_domain::day::{DAY_MS, Time};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Kind, Level};
use xiangyue_domain::register::Holder;

/// Days over which they are spread.
const DAYS: i64 = 700;
/// Matters that are under way at once: so many later each of them is moved on.
const LAG: usize = 150;
/// Commands that wait for an answer at once.
const WAITING: usize = 3000;

type Answer = oneshot::Receiver<Result<Outcome, AppError>>;

/// A matter under way.
struct Live {
    key: String,
    subject: Subject,
    step: usize,
}

/// Who makes which step, and what it says.
struct Stage<'a> {
    app: &'a App,
    kind: &'a Kind,
    script: &'a Script,
    people: BTreeMap<String, (Who, Holder)>,
    places: Vec<RegionId>,
    categories: Vec<String>,
}

/// Adds finished matters until there are `wanted`.
pub async fn seed(app: &App, script: &Script, wanted: u64) -> Result<(), Said> {
    let known = super::stored(app.pool(), app.realm()).await?;
    let n = wanted.saturating_sub(u64::try_from(known).unwrap_or(0));
    if n == 0 {
        return Ok(());
    }
    let policy = app.policy();
    let kind = policy.kind(&script.kind).ok_or("bench.toml: 没有这类事项")?;
    let stage = Stage::of(app, kind, script)?;
    let bar = ProgressBar::new(n)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}").map_err(|e| e.to_string())?);
    let begun = app.now().plus_ms(-(DAYS + 1) * DAY_MS);
    let steps = script.write.len() + script.end.len();
    let mut live: VecDeque<Live> = VecDeque::new();
    let mut waiting: VecDeque<Answer> = VecDeque::new();
    for i in 0..n + (LAG * steps) as u64 {
        let at = begun.plus_ms(i64::try_from(u128::from(i) * (DAYS * DAY_MS) as u128 / u128::from(n)).unwrap_or(0));
        if i < n {
            waiting.push_back(stage.open(&mut live, known as u64 + i, at).await?);
        }
        // Those that were opened one lag, two lags … ago are moved on, each by its next step.
        for nth in 1..steps {
            let Some(index) = live.len().checked_sub(nth * LAG + usize::from(i < n)) else { break };
            if let Some(one) = live.get_mut(index).filter(|l| l.step == nth) {
                waiting.push_back(stage.go(one, at).await?);
            }
        }
        while live.front().is_some_and(|l| l.step >= steps) {
            live.pop_front();
        }
        while waiting.len() > WAITING {
            settle(waiting.pop_front()).await?;
        }
        if i % 1000 == 0 {
            bar.set_position(i.min(n));
        }
    }
    for one in live.iter_mut() {
        while one.step < steps {
            waiting.push_back(stage.go(one, app.now().plus_ms(-DAY_MS)).await?);
        }
    }
    while let Some(answer) = waiting.pop_front() {
        settle(Some(answer)).await?;
    }
    bar.finish_and_clear();
    Ok(())
}

async fn settle(answer: Option<Answer>) -> Result<(), Said> {
    let Some(answer) = answer else { return Ok(()) };
    answer.await.map_err(|e| e.to_string())?.map(|_| ()).map_err(|e| format!("{e:?}"))
}

impl<'a> Stage<'a> {
    fn of(app: &'a App, kind: &'a Kind, script: &'a Script) -> Result<Stage<'a>, Said> {
        let (directory, policy, day) = (app.directory(), app.policy(), app.now().day());
        let mut people = BTreeMap::new();
        for post in script.posts() {
            let term = directory.terms.values().find(|t| t.holder.post == post && t.from <= day && day <= t.to);
            let term = term.ok_or_else(|| format!("没有人在岗: {post}"))?;
            let who = Who::Account { account: term.account, post: Some(term.holder.clone()) };
            people.insert(post, (who, term.holder.clone()));
        }
        let field = kind.field("category").and_then(|f| f.catalogue.clone()).unwrap_or_default();
        let catalogue = policy.catalogue(&field);
        let leaves = catalogue.map(|c| c.items.iter().filter(|i| c.is_leaf(&i.code)).map(|i| i.code.clone()).collect());
        let places = directory.tree.of_level(Level::Village, day);
        Ok(Stage { app, kind, script, people, places, categories: leaves.unwrap_or_default() })
    }

    fn fields(&self, step: &Step, i: u64) -> BTreeMap<String, String> {
        let mut typed = step.fields.clone();
        if let Some(category) = typed.get_mut("category") {
            // Some categories come in far more often than others.
            let n = self.categories.len().max(1) as u64;
            let nth = (i * i / 7 + i) % n * ((i / 3) % n) / n;
            *category = self.categories.get(nth as usize).cloned().unwrap_or_default();
        }
        typed
    }

    async fn open(&self, live: &mut VecDeque<Live>, i: u64, at: Time) -> Result<Answer, Said> {
        let step = &self.script.write[0];
        let key = format!("seed/{i}");
        let place = self.places[(i.wrapping_mul(2_654_435_761) >> 7) as usize % self.places.len()];
        let form = OpenForm { kind: self.kind.id.clone(), place, typed: self.fields(step, i), ..OpenForm::default() };
        let prepared = self.app.prepare_open(form, &key).map_err(|r| format!("{r:?}"))?;
        let who = self.people[&step.post].0.clone();
        let answer = self
            .app
            .queue_at(at, who, Some(key.clone()), prepared.command, prepared.beside)
            .await
            .map_err(|e| e.to_string())?;
        live.push_back(Live { key, subject: prepared.subject, step: 1 });
        Ok(answer)
    }

    async fn go(&self, one: &mut Live, at: Time) -> Result<Answer, Said> {
        let mut all = self.script.write.iter().chain(&self.script.end);
        let step = all.nth(one.step).ok_or("bench.toml: 没有这一步")?;
        one.step += 1;
        let to = self.people.get(&step.to).map(|(_, holder)| holder.clone());
        let form = MoveForm { mv: step.mv.clone(), typed: self.fields(step, 0), to, ..MoveForm::default() };
        let which = MatterRef::Opened(one.key.clone());
        let (command, beside) = self
            .app
            .prepare_move(self.kind, which, &one.subject, (form, Vec::new()), None)
            .map_err(|r| format!("{r:?}"))?;
        let who = self.people[&step.post].0.clone();
        self.app.queue_at(at, who, None, command, beside).await.map_err(|e| e.to_string())
    }
}

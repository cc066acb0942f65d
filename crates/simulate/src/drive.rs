//! Driving: cases are sent as commands in the order of their instants, many in flight at once. A matter whose clock runs
//! out is looked at by the clock at that very instant of simulated time, between the commands of people.

use crate::act::Stage;
use crate::case::Case;
use crate::error::SimulateError;
use crate::story::Merge;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use tokio::sync::oneshot::{Receiver, error::TryRecvError};
use xiangyue_app::{App, AppError, Beside, Command, Joining, MatterRef, Outcome, Pair, Subject};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::refusal::Refusal;

/// Commands under way at most.
const IN_FLIGHT: usize = 3000;
/// Commands between two lines of progress.
const REPORT: u64 = 250;
/// Stands for a command that is no move of the script.
const LATER: usize = usize::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// A move of a case, by its place in the plan.
    Move(usize, usize),
    /// A clock of a case.
    Tick(usize),
    /// A merge of two stories.
    Merge(usize),
}

/// A matter under way.
struct Live {
    matter: Matter,
    subject: Subject,
    id: Option<MatterId>,
    number: String,
    /// Heading of a kind that everybody may read in the end; empty for others.
    title: String,
    /// Moves made.
    made: usize,
}

/// A command on its way, and the case and move it belongs to; move 0 is the opening.
struct Parcel {
    case: usize,
    turn: usize,
    at: Time,
    who: Who,
    key: Option<String>,
    command: Command,
    beside: Beside,
}

/// A command that waits for its answer.
struct Waiting {
    case: usize,
    turn: usize,
    answer: Receiver<Result<Outcome, AppError>>,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    pub commands: u64,
    pub ticks: u64,
}

pub(crate) struct Drive<'a> {
    app: &'a App,
    stage: &'a Stage<'a>,
    cases: &'a [Case],
    merges: &'a [Merge],
    cut: Time,
    progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    live: HashMap<usize, Live>,
    queue: BinaryHeap<Reverse<(Time, u64, Turn)>>,
    order: u64,
    /// Day of the last thing that was done: when it is over, its tree is closed.
    day: Day,
    waiting: VecDeque<Waiting>,
    done: Done,
    total: u64,
    /// Numbers of the stories' matters.
    pub numbers: HashMap<usize, String>,
}

/// Key of the command that opens a case: a story's is known, so that a page can find it.
pub(crate) fn key(stage: &Stage, case: &Case) -> String {
    match case.story {
        Some(story) => format!("sim/story/{}", stage.scenario.story[story].id),
        None => format!("sim/{}/{}", stage.stream(case).id, case.n),
    }
}

impl<'a> Drive<'a> {
    pub fn new(
        app: &'a App,
        stage: &'a Stage<'a>,
        cases: &'a [Case],
        merges: &'a [Merge],
        cut: Time,
        progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    ) -> Drive<'a> {
        let total = cases.iter().map(|c| 1 + c.plan.len()).sum::<usize>() + merges.len();
        Drive {
            app,
            stage,
            cases,
            merges,
            cut,
            progress,
            live: HashMap::new(),
            queue: BinaryHeap::new(),
            order: 0,
            day: Day(0),
            waiting: VecDeque::new(),
            done: Done::default(),
            total: u64::try_from(total).unwrap_or(0),
            numbers: HashMap::new(),
        }
    }

    /// Sends everything and waits until it is durable. Cases stand in the order of their openings.
    pub async fn run(&mut self) -> Result<Done, SimulateError> {
        for (i, merge) in self.merges.iter().enumerate() {
            self.push(merge.at, Turn::Merge(i));
        }
        for at in 0..self.cases.len() {
            let open = self.cases[at].open;
            self.up_to(open).await?;
            self.open(at).await?;
        }
        self.up_to(self.cut).await?;
        self.settle(0).await?;
        (self.progress)(self.total, self.total);
        Ok(self.done)
    }

    fn push(&mut self, at: Time, turn: Turn) {
        self.order += 1;
        self.queue.push(Reverse((at, self.order, turn)));
    }

    /// Everything that comes before an instant.
    async fn up_to(&mut self, to: Time) -> Result<(), SimulateError> {
        while let Some(Reverse((at, _, turn))) = self.queue.peek().copied().filter(|next| next.0.0 <= to) {
            self.queue.pop();
            match turn {
                Turn::Move(case, step) => self.make(case, step, at).await?,
                Turn::Tick(case) => self.tick(case, at).await?,
                Turn::Merge(merge) => self.merge(merge, at).await?,
            }
        }
        Ok(())
    }

    fn refused(&self, case: usize, turn: usize, refusal: &str) -> SimulateError {
        SimulateError::Refused { what: self.stage.what(&self.cases[case], turn), refusal: refusal.to_owned() }
    }

    /// Closes the tree of a day that is over, before anything of the next one is sent.
    async fn turn_day(&mut self, at: Time) -> Result<(), SimulateError> {
        if at.day() > self.day {
            self.settle(0).await?;
            self.app.close_days(at).await?;
            self.day = at.day();
        }
        Ok(())
    }

    async fn send(&mut self, parcel: Parcel) -> Result<(), SimulateError> {
        self.turn_day(parcel.at).await?;
        let Parcel { case, turn, at, who, key, command, beside } = parcel;
        let answer = self.app.queue_at(at, who, key, command, beside).await?;
        self.waiting.push_back(Waiting { case, turn, answer });
        self.done.commands += 1;
        if self.done.commands.is_multiple_of(REPORT) {
            (self.progress)((self.done.commands - self.done.ticks).min(self.total), self.total);
        }
        while let Some(oldest) = self.waiting.front_mut() {
            match oldest.answer.try_recv() {
                Ok(outcome) => self.take(outcome)?,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Closed) => return Err(AppError::Busy.into()),
            }
        }
        self.settle(IN_FLIGHT).await
    }

    /// Waits until no more than `most` commands are under way.
    async fn settle(&mut self, most: usize) -> Result<(), SimulateError> {
        while self.waiting.len() > most {
            let Some(oldest) = self.waiting.front_mut() else { return Ok(()) };
            let outcome = (&mut oldest.answer).await.map_err(|_| AppError::Busy)?;
            self.take(outcome)?;
        }
        Ok(())
    }

    /// Takes the answer to the oldest command in.
    fn take(&mut self, outcome: Result<Outcome, AppError>) -> Result<(), SimulateError> {
        let Some(Waiting { case, turn, .. }) = self.waiting.pop_front() else { return Ok(()) };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(AppError::Refused(refusal)) => return Err(self.refused(case, turn, &format!("{refusal:?}"))),
            Err(error) => return Err(error.into()),
        };
        if turn == 0 {
            if let Some(story) = self.cases[case].story {
                self.numbers.insert(story, outcome.number.clone());
            }
            if let Some(live) = self.live.get_mut(&case) {
                live.id = outcome.matter;
                live.number.clone_from(&outcome.number);
            }
        }
        Ok(())
    }

    async fn open(&mut self, at: usize) -> Result<(), SimulateError> {
        let case = &self.cases[at];
        let (who, form) = self.stage.opening(case)?;
        let id = i64::try_from(at).unwrap_or(0) + 1;
        let matter = self.stage.shadow.open(case.open, who.clone(), id, &form);
        let matter = matter.map_err(|r| self.refused(at, 0, &format!("{r:?}")))?;
        let key = key(self.stage, case);
        let policy = self.app.policy();
        let rule = policy.kind(&form.kind).and_then(|k| k.posted.as_ref());
        let title = rule.and_then(|r| form.typed.get(&r.title)).cloned().unwrap_or_default();
        let prepared = self.app.prepare_open(form, &key).map_err(|r| self.refused(at, 0, &format!("{r:?}")))?;
        let (command, beside, subject) = (prepared.command, prepared.beside, prepared.subject);
        let due = matter.next_due();
        if let Some(first) = case.plan.first() {
            self.push(first.0, Turn::Move(at, 0));
        }
        if due.is_some() || !case.plan.is_empty() || case.story.is_some() {
            self.live.insert(at, Live { matter, subject, id: None, number: String::new(), title, made: 0 });
        }
        if let Some(due) = due {
            self.push(due, Turn::Tick(at));
        }
        self.send(Parcel { case: at, turn: 0, at: case.open, who, key: Some(key), command, beside }).await
    }

    async fn make(&mut self, at: usize, step: usize, when: Time) -> Result<(), SimulateError> {
        let case = &self.cases[at];
        if let Some(next) = case.plan.get(step + 1) {
            self.push(next.0, Turn::Move(at, step + 1));
        }
        let turn = case.plan[step].1;
        if self.live.get(&at).is_some_and(|l| !l.title.is_empty() && l.id.is_none()) {
            // What the move publishes bears the matter's number.
            self.settle(0).await?;
        }
        let which = self.reference(at);
        let Some(live) = self.live.get_mut(&at) else { return Err(self.refused(at, turn + 1, "forgotten")) };
        live.made = step + 1;
        if self.stage.scripts[case.script].steps[turn].mv.is_empty() {
            return Ok(());
        }
        let before = live.matter.next_due();
        let was = Matter { id: live.id.unwrap_or_default(), number: live.number.clone(), ..live.matter.clone() };
        let (who, form) = self.stage.moving(case, &live.matter, turn, when)?;
        let made = self.stage.shadow.make(&mut live.matter, when, who.clone(), &form);
        let after = live.matter.next_due();
        let policy = self.app.policy();
        let kind = policy.kind_of(&live.matter).ok_or_else(|| Refusal::new("no_kind"));
        let about = Some((&was, live.title.as_str(), when));
        let command =
            made.and(kind).and_then(|k| self.app.prepare_move(k, which, &live.subject, (form, Vec::new()), about));
        let (command, beside) = command.map_err(|r| self.refused(at, turn + 1, &format!("{r:?}")))?;
        if let Some(due) = after.filter(|_| after != before) {
            self.push(due, Turn::Tick(at));
        }
        self.send(Parcel { case: at, turn: turn + 1, at: when, who, key: None, command, beside }).await?;
        self.forget(at);
        Ok(())
    }

    fn reference(&self, at: usize) -> MatterRef {
        match self.live.get(&at).and_then(|l| l.id) {
            Some(id) => MatterRef::Id(id),
            None => MatterRef::Opened(key(self.stage, &self.cases[at])),
        }
    }

    /// A case with nothing more to come needs no place in memory.
    fn forget(&mut self, at: usize) {
        let case = &self.cases[at];
        let over = |l: &Live| l.made >= case.plan.len() && l.matter.next_due().is_none();
        if case.story.is_none() && self.live.get(&at).is_some_and(over) {
            self.live.remove(&at);
        }
    }

    async fn tick(&mut self, at: usize, when: Time) -> Result<(), SimulateError> {
        let Some(live) = self.live.get_mut(&at) else { return Ok(()) };
        if live.matter.next_due() != Some(when) || !self.stage.shadow.tick(&mut live.matter, when) {
            return Ok(());
        }
        let next = live.matter.next_due();
        if live.id.is_none() {
            // A clock that short: its matter's opening is still under way.
            self.settle(0).await?;
        }
        let Some(id) = self.live.get(&at).and_then(|l| l.id) else { return Ok(()) };
        if let Some(next) = next {
            self.push(next, Turn::Tick(at));
        }
        self.done.ticks += 1;
        let parcel = Parcel {
            case: at,
            turn: LATER,
            at: when,
            who: Who::System,
            key: None,
            command: Command::Tick(id),
            beside: Beside::default(),
        };
        self.send(parcel).await?;
        self.forget(at);
        Ok(())
    }

    async fn merge(&mut self, at: usize, when: Time) -> Result<(), SimulateError> {
        let merge = &self.merges[at];
        self.settle(0).await?;
        let find = |story: usize| self.cases.iter().position(|c| c.story == Some(story));
        let (Some(from), Some(into)) = (find(merge.from), find(merge.into)) else { return Ok(()) };
        let who = self.stage.who(&self.cases[into], None, &merge.by, when, (0, &[]))?;
        let Some(mut away) = self.live.remove(&from) else { return Ok(()) };
        let Some(taken) = self.live.get_mut(&into) else { return Ok(()) };
        let merged = self.stage.shadow.merge(&mut away.matter, &mut taken.matter, when, who.clone());
        let (Some(a), Some(b)) = (away.id, taken.id) else { return Ok(()) };
        merged.map_err(|r| self.refused(from, 0, &format!("{r:?}")))?;
        let command = Command::Join(Joining::Merge, Pair { from: a, into: b });
        self.send(Parcel { case: into, turn: LATER, at: when, who, key: None, command, beside: Beside::default() })
            .await
    }
}

//! Driving: cases are sent as commands in the order of their instants, many in flight at once. A matter whose clock runs
//! out is looked at by the clock at that very instant of simulated time, between the commands of people.

use crate::act::{EARLIER, OF_STORY, Stage};
use crate::case::Case;
use crate::deals::Deal;
use crate::error::SimulateError;
use crate::shadow::Kin;
use crate::story::Merge;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use tokio::sync::oneshot::{Receiver, error::TryRecvError};
use xiangyue_app::matter::Typed;
use xiangyue_app::{App, AppError, Beside, Command, Joining, MatterRef, Outcome, Pair, Subject, Texts};
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
/// Stands for a deal: nobody's case, and what is short is left unsold.
const DEAL: usize = usize::MAX - 1;
/// What a customer without enough points hears; the deal falls away.
const SHORT: &str = "ledger_short";
/// What an appraiser hears whose household has had as much of a rule as its cap allows: the award waits, and nothing more
/// is done about it.
const CAP: &str = "ledger_cap_";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// A move of a case, by its place in the plan.
    Move(usize, usize),
    /// A clock of a case, or of the nth matter that it opened.
    Tick(usize, usize),
    /// A merge of two stories.
    Merge(usize),
    /// A deal at a shop.
    Deal(usize),
}

/// A matter under way.
struct Live {
    kin: Kin,
    subject: Subject,
    id: Option<MatterId>,
    number: String,
    /// What was said first of a kind that everybody may read in the end; empty for others.
    said: Texts,
    /// True ids of those that it opened, as far as they are known.
    parts: Vec<MatterId>,
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
    deals: &'a [Deal],
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
    /// Cases that a later one repeats, by stream and number there, with the number that they were given.
    earlier: HashMap<(usize, usize), (usize, String)>,
    /// Cases that a cap has stopped.
    dropped: HashSet<usize>,
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
        (merges, deals): (&'a [Merge], &'a [Deal]),
        cut: Time,
        progress: &'a (dyn Fn(u64, u64) + Send + Sync),
    ) -> Drive<'a> {
        let repeated = cases.iter().filter_map(|c| c.repeats).collect::<HashSet<_>>();
        let known = cases.iter().enumerate().map(|(at, c)| ((c.stream, c.n), (at, String::new())));
        let earlier = known.filter(|(key, _)| repeated.contains(key)).collect();
        let total = cases.iter().map(|c| 1 + c.plan.len()).sum::<usize>() + merges.len() + deals.len();
        Drive {
            app,
            stage,
            cases,
            merges,
            deals,
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
            dropped: HashSet::new(),
            earlier,
        }
    }

    /// Sends everything and waits until it is durable. Cases stand in the order of their openings.
    pub async fn run(&mut self) -> Result<Done, SimulateError> {
        for (i, merge) in self.merges.iter().enumerate() {
            self.push(merge.at, Turn::Merge(i));
        }
        for (i, deal) in self.deals.iter().enumerate() {
            self.push(deal.at, Turn::Deal(i));
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
                Turn::Move(case, _) | Turn::Tick(case, _) if self.dropped.contains(&case) => {}
                Turn::Move(case, step) => self.make(case, step, at).await?,
                Turn::Tick(case, nth) => self.tick(case, nth, at).await?,
                Turn::Merge(merge) => self.merge(merge, at).await?,
                Turn::Deal(deal) => self.deal(deal, at).await?,
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
            Err(AppError::Refused(refusal)) if turn == DEAL && refusal.key == SHORT => return Ok(()),
            Err(AppError::Refused(refusal)) if turn == DEAL => {
                return Err(SimulateError::Scenario(format!("a deal was refused: {refusal:?}")));
            }
            Err(AppError::Refused(refusal)) if refusal.key.starts_with(CAP) => {
                // Nothing more is sent of it; what is under way may be refused for want of this move.
                self.live.remove(&case);
                self.dropped.insert(case);
                return Ok(());
            }
            Err(AppError::Refused(_)) if self.dropped.contains(&case) => return Ok(()),
            Err(AppError::Refused(refusal)) => return Err(self.refused(case, turn, &format!("{refusal:?}"))),
            Err(error) => return Err(error.into()),
        };
        if turn == 0 {
            let done = &self.cases[case];
            if let Some((_, number)) = self.earlier.get_mut(&(done.stream, done.n)) {
                number.clone_from(&outcome.number);
            }
            if let Some(story) = done.story {
                self.numbers.insert(story, outcome.number.clone());
            }
            if let Some(live) = self.live.get_mut(&case) {
                live.id = outcome.matter;
                live.number.clone_from(&outcome.number);
            }
        }
        Ok(())
    }

    /// Waits until a case's commands are answered.
    async fn settle_case(&mut self, at: usize) -> Result<(), SimulateError> {
        while let Some(last) = self.waiting.iter().rposition(|w| w.case == at) {
            self.settle(self.waiting.len() - last - 1).await?;
        }
        Ok(())
    }

    /// Number of the matter that a case repeats.
    async fn number_before(&mut self, case: &Case) -> Result<Option<String>, SimulateError> {
        let Some(key) = case.repeats else { return Ok(None) };
        let Some((at, number)) = self.earlier.get(&key) else { return Ok(None) };
        let at = *at;
        if number.is_empty() {
            self.settle_case(at).await?;
        }
        Ok(self.earlier.get(&key).map(|e| e.1.clone()).filter(|n| !n.is_empty()))
    }

    async fn open(&mut self, at: usize) -> Result<(), SimulateError> {
        let case = &self.cases[at];
        let (who, mut form) = self.stage.opening(case)?;
        let number = self.number_before(case).await?.unwrap_or_default();
        form.typed.values_mut().filter(|v| *v == EARLIER).for_each(|v| v.clone_from(&number));
        self.number_stories(&mut form.typed).await?;
        let id = i64::try_from(at).unwrap_or(0) + 1;
        let matter = self.stage.shadow.open(case.open, who.clone(), id, &form);
        let kin = Kin::new(matter.map_err(|r| self.refused(at, 0, &format!("{r:?}")))?);
        let key = key(self.stage, case);
        let policy = self.app.policy();
        let said = policy.kind(&form.kind).map(|kind| self.app.told(kind, &form.typed)).unwrap_or_default();
        let prepared = self.app.prepare_open(form, &key).map_err(|r| self.refused(at, 0, &format!("{r:?}")))?;
        let (command, beside, subject) = (prepared.command, prepared.beside, prepared.subject);
        if let Some(first) = case.plan.first() {
            self.push(first.0, Turn::Move(at, 0));
        }
        let due = kin.own.next_due();
        if due.is_some() || !case.plan.is_empty() || case.story.is_some() {
            let number = String::new();
            self.live.insert(at, Live { kin, subject, id: None, number, said, parts: Vec::new(), made: 0 });
        }
        if let Some(due) = due {
            // What is begun after its last day is late from the first.
            self.push(due.max(case.open), Turn::Tick(at, 0));
        }
        self.send(Parcel { case: at, turn: 0, at: case.open, who, key: Some(key), command, beside }).await
    }

    async fn make(&mut self, at: usize, step: usize, when: Time) -> Result<(), SimulateError> {
        let case = &self.cases[at];
        if let Some(next) = case.plan.get(step + 1) {
            self.push(next.0, Turn::Move(at, step + 1));
        }
        let turn = case.plan[step].1;
        let script = &self.stage.scripts[case.script].steps[turn];
        let posts =
            |l: &Live| !l.said.is_empty() && self.app.policy().kind_of(&l.kin.own).is_some_and(|k| k.posts(&script.mv));
        if self.live.get(&at).is_some_and(|l| l.id.is_none() && posts(l)) {
            // What the move publishes bears the matter's number.
            self.settle_case(at).await?;
        }
        let which = self.reference(at, script.part).await?;
        let Some(live) = self.live.get_mut(&at) else { return Err(self.refused(at, turn + 1, "forgotten")) };
        live.made = step + 1;
        if script.mv.is_empty() {
            return Ok(());
        }
        let before = live.kin.dues();
        let was = Matter { id: live.id.unwrap_or_default(), number: live.number.clone(), ..live.kin.own.clone() };
        let (who, form) = self.stage.moving(case, &live.kin, turn, when)?;
        let policy = self.app.policy();
        let kind = live.kin.get(script.part).and_then(|m| policy.kind_of(m)).ok_or_else(|| Refusal::new("no_kind"));
        let made = self.stage.shadow.make(&mut live.kin, script.part, when, who.clone(), &form);
        let after = live.kin.dues();
        if let Ok(kind) = &kind
            && !live.said.is_empty()
        {
            live.said.extend(self.app.told(kind, &form.typed));
        }
        let about = Some((&was, &live.said, when)).filter(|_| !live.said.is_empty());
        let command =
            made.and(kind).and_then(|k| self.app.prepare_move(k, which, &live.subject, (form, Vec::new()), about));
        let (command, beside) = command.map_err(|r| self.refused(at, turn + 1, &format!("{r:?}")))?;
        self.watch(at, when, &before, &after);
        self.send(Parcel { case: at, turn: turn + 1, at: when, who, key: None, command, beside }).await?;
        self.forget(at);
        Ok(())
    }

    /// Clocks whose next time has changed.
    fn watch(&mut self, at: usize, now: Time, before: &[Option<Time>], after: &[Option<Time>]) {
        for (nth, due) in after.iter().enumerate() {
            if let Some(due) = due.filter(|_| before.get(nth) != Some(due)) {
                self.push(due.max(now), Turn::Tick(at, nth));
            }
        }
    }

    /// How a case's matter is named, or the nth that it opened: that one is known only once it is there.
    async fn reference(&mut self, at: usize, nth: usize) -> Result<MatterRef, SimulateError> {
        let Some(place) = nth.checked_sub(1) else {
            return Ok(match self.live.get(&at).and_then(|l| l.id) {
                Some(id) => MatterRef::Id(id),
                None => MatterRef::Opened(key(self.stage, &self.cases[at])),
            });
        };
        if self.live.get(&at).is_some_and(|l| l.parts.len() <= place) {
            self.settle_case(at).await?;
            let id = self.live.get(&at).and_then(|l| l.id).unwrap_or_default();
            let found = self.app.pool().matters_any(self.app.realm(), &[id.0]).await.map_err(AppError::from)?;
            if let Some(live) = self.live.get_mut(&at) {
                live.parts = found.iter().flat_map(|m| m.parts.iter().map(|p| p.id)).collect();
            }
        }
        let id = self.live.get(&at).and_then(|l| l.parts.get(place)).copied();
        id.map(MatterRef::Id).ok_or_else(|| self.refused(at, 0, "a matter that it opened is missing"))
    }

    /// A case with nothing more to come needs no place in memory.
    fn forget(&mut self, at: usize) {
        let case = &self.cases[at];
        let over = |l: &Live| l.made >= case.plan.len() && l.kin.dues().iter().all(Option::is_none);
        if case.story.is_none() && self.live.get(&at).is_some_and(over) {
            self.live.remove(&at);
        }
    }

    async fn tick(&mut self, at: usize, nth: usize, when: Time) -> Result<(), SimulateError> {
        let Some(live) = self.live.get_mut(&at) else { return Ok(()) };
        let before = live.kin.dues();
        let over = before.get(nth).copied().flatten().is_some_and(|due| due <= when);
        if !over || !self.stage.shadow.tick(&mut live.kin, nth, when) {
            return Ok(());
        }
        let after = live.kin.dues();
        if live.id.is_none() {
            // A clock that short: its matter's opening is still under way.
            self.settle_case(at).await?;
        }
        let MatterRef::Id(id) = self.reference(at, nth).await? else { return Ok(()) };
        self.watch(at, when, &before, &after);
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

    async fn deal(&mut self, at: usize, when: Time) -> Result<(), SimulateError> {
        let deal = &self.deals[at];
        let (who, command) = (deal.who.clone(), Command::Ledger(deal.request.clone()));
        let (case, key, beside) = (LATER, None, Beside::default());
        self.send(Parcel { case, turn: DEAL, at: when, who, key, command, beside }).await
    }

    /// Puts the numbers of stories where a form names them.
    async fn number_stories(&mut self, typed: &mut Typed) -> Result<(), SimulateError> {
        for value in typed.values_mut() {
            let Some(id) = value.strip_prefix(OF_STORY) else { continue };
            let story = self.stage.scenario.story.iter().position(|s| s.id == id);
            if let Some(case) = self.cases.iter().position(|c| c.story.is_some() && c.story == story) {
                self.settle_case(case).await?;
            }
            *value = story.and_then(|s| self.numbers.get(&s)).cloned().unwrap_or_default();
        }
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
        let merged = self.stage.shadow.merge(&mut away.kin.own, &mut taken.kin.own, when, who.clone());
        let (Some(a), Some(b)) = (away.id, taken.id) else { return Ok(()) };
        merged.map_err(|r| self.refused(from, 0, &format!("{r:?}")))?;
        let command = Command::Join(Joining::Merge, Pair { from: a, into: b });
        self.send(Parcel { case: into, turn: LATER, at: when, who, key: None, command, beside: Beside::default() })
            .await
    }
}

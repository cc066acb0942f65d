//! Changes of the tree: a rename, a merger, a split. History survives: facts stay with the tree of their day, and what
//! is open passes to the successor by entries of its own.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::code::DivisionCode;
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{RegionId, TermId};
use xiangyue_domain::matter::{Values, Who};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::region::{FOREVER, RegionEvent};
use xiangyue_domain::register::{Directory, Holder, RegisterEvent, Term};
use xiangyue_store::{Filter, Scope};

/// Matters moved in one go.
const STEP: i64 = 500;

impl App {
    /// Another name or code from a day on; the region stays the same row with last year's base.
    pub async fn rename_region(
        &self,
        by: Who,
        id: RegionId,
        from: Day,
        code: String,
        name: String,
        display: String,
    ) -> Result<(), AppError> {
        DivisionCode::parse(&code).map_err(|f| Refusal::field("code", f.key()))?;
        self.register(self.now(), by, move |_, directory, _| {
            directory.tree.get(id).filter(|r| r.span(from).is_some()).ok_or_else(|| Refusal::new("no_region"))?;
            if directory.tree.by_code(&code, from).is_some_and(|r| r.id != id) {
                return Err(Refusal::field("code", "taken"));
            }
            Ok(vec![Event::Region(RegionEvent::Renamed { id, from, code, name, display })])
        })
        .await
    }

    /// Regions flow wholly into one of the same level; their posts end, their open matters pass to it.
    pub async fn merge_regions(&self, by: Who, from: Vec<RegionId>, into: RegionId, day: Day) -> Result<(), AppError> {
        let merged = from.clone();
        self.register(self.now(), by, move |ids, directory, _| {
            let level = |id: RegionId| directory.tree.get(id).filter(|r| r.span(day).is_some()).map(|r| r.level);
            let wanted = level(into).ok_or_else(|| Refusal::new("no_region"))?;
            if from.is_empty() || from.contains(&into) || from.iter().any(|f| level(*f) != Some(wanted)) {
                return Err(Refusal::new("no_region"));
            }
            let mut events = pass_terms(ids, directory, &from, into, day);
            events.insert(0, Event::Region(RegionEvent::Merged { from, into, day }));
            Ok(events)
        })
        .await?;
        for place in merged {
            self.pass_matters(place, into).await?;
        }
        Ok(())
    }

    /// A region is parted among others; what cannot be told apart waits, and is never guessed.
    pub async fn split_region(&self, by: Who, from: RegionId, into: Vec<RegionId>, day: Day) -> Result<(), AppError> {
        self.register(self.now(), by, move |_, directory, _| {
            let known = |id: &RegionId| directory.tree.get(*id).is_some_and(|r| r.span(day).is_some());
            if into.len() < 2 || !known(&from) || !into.iter().all(known) || into.contains(&from) {
                return Err(Refusal::new("no_region"));
            }
            Ok(vec![Event::Region(RegionEvent::Split { from, into, day })])
        })
        .await
    }

    /// Open matters of a place pass to its successor; what lay in a grid stays in the grid, which moved as a whole.
    async fn pass_matters(&self, from: RegionId, into: RegionId) -> Result<(), AppError> {
        let mut filter = Filter { place: from.0, phase: "active".to_owned(), limit: STEP, ..Filter::default() };
        loop {
            let found = self.pool().list_matters(self.realm(), &Scope::system(), &filter).await?;
            let Some(last) = found.last().map(|m| m.id.0) else { return Ok(()) };
            for matter in &found {
                let place = if matter.place == from { into } else { matter.place };
                let command = Command::Correct { matter: matter.id, place, values: Values::new(), secret: None };
                self.send(Who::System, None, command, Beside::default()).await?;
            }
            filter.before = last;
        }
    }
}

/// Terms at the merged regions end the day before; their holders go on in the same post at the successor, unless that
/// post is held there already.
fn pass_terms(
    ids: &mut crate::command::Ids,
    directory: &Directory,
    from: &[RegionId],
    into: RegionId,
    day: Day,
) -> Vec<Event> {
    let mut events = Vec::new();
    let mut begun: Vec<Term> = Vec::new();
    for term in directory.terms.values().filter(|t| t.from <= day && day <= t.to) {
        if !from.iter().any(|f| f.0 == term.holder.seat) {
            continue;
        }
        events.push(Event::Register(RegisterEvent::TermEnded { term: term.id, last: day.plus(-1) }));
        let holder = Holder { post: term.holder.post.clone(), seat: into.0 };
        let held = !directory.holders_of(&holder, day).is_empty() || begun.iter().any(|b| b.holder == holder);
        if !held {
            begun.push(Term { id: TermId(ids.draw()), account: term.account, holder, from: day, to: FOREVER });
        }
    }
    if !begun.is_empty() {
        events.push(Event::Register(RegisterEvent::TermsBegun { terms: begun }));
    }
    events
}

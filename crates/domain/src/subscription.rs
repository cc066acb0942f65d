//! Telling by text message what a village makes public: somebody asks with a number, proves by a code that the number
//! is theirs, is told until they stop. What stands here holds a number as ciphertext alone, and nothing of it once it
//! ended; no code is stored anywhere. It must never tell one number's answer from another's.

use crate::day::Time;
use crate::ids::{RegionId, SubscriptionId};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// How long a code holds.
pub const CODE_MS: i64 = 15 * 60_000;
/// How long after its last code something that was never confirmed is kept.
const LEFT_MS: i64 = 3_600_000;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// To be told from now on.
    Start,
    /// Not to be told any more.
    Stop,
}

impl Deed {
    /// As in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Deed::Start => "start",
            Deed::Stop => "stop",
        }
    }

    /// From a form.
    pub fn parse(text: &str) -> Option<Deed> {
        [Deed::Start, Deed::Stop].into_iter().find(|d| d.as_str() == text)
    }
}

/// What was asked last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What for.
    pub deed: Deed,
    /// The moment that the code follows from: asking again while it holds brings the same code once more.
    pub from: Time,
    /// Until when the code holds.
    pub until: Time,
}

/// A number that is told of a village, or wants to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Identity.
    pub id: SubscriptionId,
    /// The village.
    pub village: RegionId,
    /// Name of the key that the number is under; the key is destroyed when it ends.
    pub key: String,
    /// The number, as ciphertext; empty once it ended.
    pub number: String,
    /// The last code that was asked for.
    pub asked: Option<Ask>,
    /// Told since.
    pub since: Option<Time>,
    /// Ended.
    pub ended: Option<Time>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum SubscriptionEvent {
    /// Somebody gave a number that was not known for this village.
    Begun {
        /// Identity.
        id: SubscriptionId,
        /// The village.
        village: RegionId,
        /// Name of the key that the number is under.
        key: String,
        /// The number, as ciphertext.
        number: String,
    },
    /// A code was asked for.
    Asked {
        /// Identity.
        id: SubscriptionId,
        /// What for.
        ask: Ask,
    },
    /// The code came back: the number is told from now on.
    Started {
        /// Identity.
        id: SubscriptionId,
        /// When.
        at: Time,
    },
    /// It ended: by a code, by the link of a message, or since nobody ever confirmed it.
    Ended {
        /// Identity.
        id: SubscriptionId,
        /// When.
        at: Time,
    },
}

impl SubscriptionEvent {
    /// The subscription it is about.
    pub fn id(&self) -> SubscriptionId {
        match self {
            SubscriptionEvent::Begun { id, .. }
            | SubscriptionEvent::Asked { id, .. }
            | SubscriptionEvent::Started { id, .. }
            | SubscriptionEvent::Ended { id, .. } => *id,
        }
    }
}

impl Subscription {
    /// One that begins.
    pub fn begin(event: &SubscriptionEvent) -> Option<Subscription> {
        let SubscriptionEvent::Begun { id, village, key, number } = event else { return None };
        Some(Subscription {
            id: *id,
            village: *village,
            key: key.clone(),
            number: number.clone(),
            asked: None,
            since: None,
            ended: None,
        })
    }

    /// Folds what happened in.
    pub fn apply(&mut self, event: &SubscriptionEvent) {
        match event {
            SubscriptionEvent::Begun { .. } => {}
            SubscriptionEvent::Asked { ask, .. } => self.asked = Some(ask.clone()),
            SubscriptionEvent::Started { at, .. } => self.since = self.since.or(Some(*at)),
            SubscriptionEvent::Ended { at, .. } => {
                (self.ended, self.asked) = (Some(*at), None);
                self.number.clear();
            }
        }
    }

    /// Whether the number is told.
    pub fn is_on(&self) -> bool {
        self.since.is_some() && self.ended.is_none()
    }

    /// When it is forgotten if nobody confirms it.
    pub fn lapses(&self) -> Option<Time> {
        let asked = self.asked.as_ref().filter(|_| self.since.is_none() && self.ended.is_none());
        asked.map(|a| Time(a.until.0 + LEFT_MS))
    }

    /// The code that may come back now for a deed.
    pub fn awaits(&self, deed: Deed, now: Time) -> Option<&Ask> {
        self.asked.as_ref().filter(|a| self.ended.is_none() && a.deed == deed && a.until >= now)
    }
}

/// Somebody asks for a code with a number; `known` are those of the same number. Gives what happened, the last event
/// being the one that a code is sent for.
pub fn ask(
    known: &[&Subscription],
    (village, deed): (RegionId, Deed),
    (key, number): (String, String),
    now: Time,
    draw: impl FnOnce() -> SubscriptionId,
) -> Vec<SubscriptionEvent> {
    let until = Time(now.0 + CODE_MS);
    match known.iter().find(|s| s.village == village && s.ended.is_none()) {
        Some(found) => {
            let from = found.awaits(deed, now).map_or(now, |a| a.from);
            vec![SubscriptionEvent::Asked { id: found.id, ask: Ask { deed, from, until } }]
        }
        None => {
            let id = draw();
            let begun = SubscriptionEvent::Begun { id, village, key, number };
            vec![begun, SubscriptionEvent::Asked { id, ask: Ask { deed, from: now, until } }]
        }
    }
}

/// The right code came back for one of `known`, those of the same number. `most` villages may tell one number.
pub fn confirm(
    known: &[&Subscription],
    id: SubscriptionId,
    (deed, from): (Deed, Time),
    now: Time,
    most: i64,
) -> Result<Option<SubscriptionEvent>, Refusal> {
    let found = known.iter().find(|s| s.id == id).ok_or_else(|| Refusal::new("text_code"))?;
    found.awaits(deed, now).filter(|a| a.from == from).ok_or_else(|| Refusal::new("text_code"))?;
    if deed == Deed::Stop {
        return Ok(Some(SubscriptionEvent::Ended { id, at: now }));
    }
    if found.is_on() {
        return Ok(None);
    }
    let others = known.iter().filter(|s| s.is_on()).count();
    if i64::try_from(others).unwrap_or(i64::MAX) >= most {
        return Err(Refusal::new("text_full").with("n", most));
    }
    Ok(Some(SubscriptionEvent::Started { id, at: now }))
}

/// Whoever has the link of a message stops it; a second time nothing happens.
pub fn stop(found: &Subscription, now: Time) -> Option<SubscriptionEvent> {
    found.ended.is_none().then_some(SubscriptionEvent::Ended { id: found.id, at: now })
}

/// What nobody confirmed in time is forgotten.
pub fn lapse(found: &Subscription, now: Time) -> Option<SubscriptionEvent> {
    found.lapses().filter(|at| *at < now).map(|_| SubscriptionEvent::Ended { id: found.id, at: now })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: (RegionId, RegionId) = (RegionId(7), RegionId(8));

    fn folded(events: &[SubscriptionEvent], known: &mut Vec<Subscription>) {
        for event in events {
            known.extend(Subscription::begin(event));
            for s in known.iter_mut().filter(|s| s.id == event.id()) {
                s.apply(event);
            }
        }
    }

    fn asked(known: &mut Vec<Subscription>, village: RegionId, deed: Deed, now: i64) -> SubscriptionId {
        let next = SubscriptionId(i64::try_from(known.len()).unwrap() + 1);
        let refs: Vec<&Subscription> = known.iter().collect();
        let events = ask(&refs, (village, deed), ("k".into(), "sealed".into()), Time(now), || next);
        let id = events[0].id();
        folded(&events, known);
        id
    }

    fn confirmed(known: &mut Vec<Subscription>, id: SubscriptionId, deed: Deed, now: i64) -> Result<bool, String> {
        let refs: Vec<&Subscription> = known.iter().collect();
        let from = refs.iter().find(|s| s.id == id).and_then(|s| s.asked.as_ref()).map_or(Time(0), |a| a.from);
        let event = confirm(&refs, id, (deed, from), Time(now), 1).map_err(|r| r.key)?;
        let any = event.is_some();
        folded(&event.into_iter().collect::<Vec<_>>(), known);
        Ok(any)
    }

    #[test]
    fn a_number_is_told_after_its_code_and_no_more_after_the_next() {
        let mut known = Vec::new();
        let id = asked(&mut known, AT.0, Deed::Start, 1000);
        assert!(!known[0].is_on());
        assert_eq!(confirmed(&mut known, id, Deed::Stop, 1001), Err("text_code".into()), "a code has its purpose");
        assert_eq!(confirmed(&mut known, id, Deed::Start, 1001), Ok(true));
        assert_eq!(confirmed(&mut known, id, Deed::Start, 1002), Ok(false), "again it does nothing");
        assert!(known[0].is_on());
        assert_eq!(asked(&mut known, AT.0, Deed::Stop, 2000), id, "the same one");
        assert_eq!(confirmed(&mut known, id, Deed::Stop, 2001), Ok(true));
        assert!(!known[0].is_on() && known[0].number.is_empty());
        assert_eq!(stop(&known[0], Time(2002)), None);
        assert_ne!(asked(&mut known, AT.0, Deed::Start, 3000), id, "whoever comes again is new");
    }

    #[test]
    fn a_code_holds_for_a_while_and_comes_again_unchanged() {
        let mut known = Vec::new();
        let id = asked(&mut known, AT.0, Deed::Start, 0);
        asked(&mut known, AT.0, Deed::Start, CODE_MS);
        assert_eq!(known[0].asked.as_ref().unwrap().from, Time(0));
        assert_eq!(confirmed(&mut known, id, Deed::Start, 2 * CODE_MS + 1), Err("text_code".into()));
        asked(&mut known, AT.0, Deed::Start, 2 * CODE_MS + 1);
        assert_eq!(known[0].asked.as_ref().unwrap().from, Time(2 * CODE_MS + 1));
        assert_eq!(known.len(), 1);
    }

    #[test]
    fn one_number_is_told_of_so_many_villages_and_the_unconfirmed_lapse() {
        let mut known = Vec::new();
        let first = asked(&mut known, AT.0, Deed::Start, 0);
        let second = asked(&mut known, AT.1, Deed::Start, 0);
        assert_eq!(confirmed(&mut known, first, Deed::Start, 1), Ok(true));
        assert_eq!(confirmed(&mut known, second, Deed::Start, 1), Err("text_full".into()));
        let late = Time(CODE_MS + LEFT_MS + 1);
        assert_eq!(lapse(&known[0], late), None);
        assert_eq!(lapse(&known[1], Time(CODE_MS + 1)), None);
        let gone = lapse(&known[1], late).unwrap();
        folded(&[gone], &mut known);
        assert!(known[1].number.is_empty() && known[1].lapses().is_none());
    }
}

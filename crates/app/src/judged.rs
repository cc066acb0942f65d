//! Judgements over weeks of figures that a hub's page begins with: surges, hand-backs and regular duties. They are made at
//! most once a minute for a place, since no week changes faster; every figure they open to is read anew. It must never
//! hold a figure that a page shows as its own.

use crate::duty::Standing;
use crate::error::AppError;
use crate::often::Returns;
use crate::state::App;
use crate::surge::Surge;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Policy;
use xiangyue_domain::register::Directory;

/// How long a judgement stands, in milliseconds.
const STANDS: i64 = 60_000;

/// What is judged of a place and of all below it.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Categories that came in far more often than usual.
    pub surges: Vec<Surge>,
    /// Units that hand back too much.
    pub returns: Vec<Returns>,
    /// Regular duties that were due last.
    pub duties: Vec<Standing>,
    /// Regular duties that fall due soon.
    pub near: Vec<Standing>,
}

/// Judgements by place, under one directory and pack.
#[derive(Default)]
pub(crate) struct Judgements {
    directory: Option<Arc<Directory>>,
    policy: Option<Arc<Policy>>,
    of: HashMap<RegionId, (Time, Arc<Judged>)>,
}

impl Judgements {
    fn holds_for(&self, directory: &Arc<Directory>, policy: &Arc<Policy>) -> bool {
        self.directory.as_ref().is_some_and(|d| Arc::ptr_eq(d, directory))
            && self.policy.as_ref().is_some_and(|p| Arc::ptr_eq(p, policy))
    }

    fn of(&self, place: RegionId, now: Time) -> Option<Arc<Judged>> {
        let (at, judged) = self.of.get(&place)?;
        // A clock that was set back makes it anew.
        (at.day() == now.day() && (0..STANDS).contains(&(now.0 - at.0))).then(|| Arc::clone(judged))
    }
}

impl App {
    /// What is judged of a place, at most a minute old.
    pub async fn judged(&self, place: RegionId) -> Result<Arc<Judged>, AppError> {
        let (directory, policy, now) = (self.directory(), self.policy(), self.now());
        let kept = || {
            let mut kept = self.judgements.lock().unwrap_or_else(PoisonError::into_inner);
            if !kept.holds_for(&directory, &policy) {
                *kept = Judgements {
                    directory: Some(Arc::clone(&directory)),
                    policy: Some(Arc::clone(&policy)),
                    of: HashMap::new(),
                };
            }
            kept.of(place, now)
        };
        if let Some(judged) = kept() {
            return Ok(judged);
        }
        // One judges, and whoever waited meanwhile finds it made.
        let _turn = self.judging.lock().await;
        if let Some(judged) = kept() {
            return Ok(judged);
        }
        let (surges, returns, duties, near) = tokio::try_join!(
            self.surges(place),
            self.returners(place),
            self.duties_judged(place),
            self.duties_near(place),
        )?;
        let judged = Arc::new(Judged { surges, returns, duties, near });
        let mut kept = self.judgements.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.holds_for(&directory, &policy) {
            kept.of.insert(place, (now, Arc::clone(&judged)));
        }
        Ok(judged)
    }
}

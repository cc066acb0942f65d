//! A village's red and black boards: what hangs there now, masked like everything else that leaves. A board that the pack
//! has not switched on is empty, and nothing can be put on it.

use crate::disclosure::Said;
use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{BoardRules, Colour, Kind, Policy};

/// Entries of one kind that are read.
const READ: i64 = 120;

/// An entry that hangs now.
#[derive(Debug, Clone)]
pub struct Hanging {
    /// The matter.
    pub id: MatterId,
    /// Number.
    pub number: String,
    /// Which board.
    pub colour: Colour,
    /// Kind, and the item that is its heading.
    pub kind: String,
    /// Value of the heading.
    pub title: String,
    /// Since when.
    pub since: Day,
    /// The day on which it comes down by itself.
    pub until: Option<Day>,
    /// What it says.
    pub said: Vec<Said>,
}

/// Kinds with a board that is in use.
pub fn board_kinds(policy: &Policy) -> impl Iterator<Item = (&Kind, &BoardRules)> {
    policy.kinds.iter().filter_map(|k| k.board.as_ref().filter(|b| b.on).map(|b| (k, b)))
}

impl App {
    /// What hangs on a village's boards, red before black, newest first.
    pub async fn boards(&self, village: RegionId) -> Result<Vec<Hanging>, AppError> {
        let policy = self.policy();
        let mut out = Vec::new();
        for (kind, board) in board_kinds(&policy) {
            let of = (village.0, kind.id.as_str());
            let found = self.pool().village_matters(self.realm(), of, (i64::MIN, i64::MAX), &[], READ).await?;
            let found: Vec<Matter> = found.into_iter().filter(|m| board.shown.contains(&m.step)).collect();
            let keys: Vec<String> = found.iter().map(|m| m.key.clone()).collect();
            self.secrets().warm(self.pool(), self.realm(), &keys).await?;
            for matter in found {
                let title = matter.values.get(&board.title).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
                let entered = |t: &&xiangyue_domain::matter::Trail| board.shown.contains(&t.to);
                let since = matter.trail.iter().rev().find(entered).map_or(Time(0), |t| t.at).day();
                let said = self.said(kind, &matter).await?;
                let until = matter.clocks.iter().find(|c| c.runs() && c.is_auto()).map(|c| c.due.day());
                let (id, number) = (matter.id, matter.number.clone());
                out.push(Hanging {
                    id,
                    number,
                    colour: board.colour,
                    kind: kind.id.clone(),
                    title,
                    since,
                    until,
                    said,
                });
            }
        }
        out.sort_by_key(|h| (h.colour, std::cmp::Reverse((h.since, h.id.0))));
        Ok(out)
    }
}

//! Votes by ballot: their state, who is on the roll, and of a secret vote that is open the marks and the box. No
//! statement here reads or writes a voter and a choice together.

use crate::batch::Batch;
use crate::dialect::{Pool, Row, Table, Tx};
use crate::error::StoreError;
use std::collections::HashMap;
use xiangyue_domain::ballot::{Ballot, Marks, Way};
use xiangyue_domain::ids::{BallotId, MatterId};
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::RegionTree;

/// Tables of this file that a group writes.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "ballot",
        columns: &[
            ("realm", 'i'),
            ("id", 'i'),
            ("matter", 'i'),
            ("village", 'i'),
            ("stage", 't'),
            ("opened", 'i'),
            ("state", 't'),
        ],
        conflict: "on conflict (realm, id) do update set stage = excluded.stage, state = excluded.state",
    },
    Table {
        name: "ballot_voter",
        columns: &[("realm", 'i'), ("digest", 't'), ("ballot", 'i'), ("voter", 'i')],
        conflict: "",
    },
    Table {
        name: "ballot_mark",
        columns: &[("realm", 'i'), ("ballot", 'i'), ("voter", 'i'), ("way", 't')],
        conflict: "on conflict (realm, ballot, voter) do update set way = excluded.way",
    },
    Table {
        name: "ballot_box",
        columns: &[("realm", 'i'), ("ballot", 'i'), ("sealed", 't')],
        conflict: "on conflict (realm, ballot) do update set sealed = excluded.sealed",
    },
];

const BY_ID: &str = "select state from ballot where realm = $1 and id in (json_ints($2)) order by id";
const OF_MATTER: &str = "select state from ballot where realm = $1 and matter = $2 order by id";
const AT_VILLAGE: &str = "select state from ballot where realm = $1 and village = $2 order by id desc limit 20";
const VOTER: &str = "select ballot, voter from ballot_voter where realm = $1 and digest = $2";
const MARKS: &str = "select ballot, voter, way from ballot_mark
  where realm = $1 and ballot in (json_ints($2)) and way <> ''";
const BOXES: &str = "select ballot, sealed from ballot_box where realm = $1 and ballot in (json_ints($2))";

/// An open vote as a group of commands needs it.
#[derive(Debug, Clone)]
pub struct BallotInHand {
    /// The vote.
    pub ballot: Ballot,
    /// Who voted, if it is secret.
    pub marks: Marks,
    /// The box, as ciphertext.
    pub sealed: Option<String>,
}

fn ballots(rows: &[Row]) -> Result<Vec<Ballot>, StoreError> {
    let one = |r: &Row| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("ballot", "", e));
    rows.iter().map(one).collect()
}

fn ints(ids: &[BallotId]) -> String {
    serde_json::to_string(&ids.iter().map(|b| b.0).collect::<Vec<_>>()).unwrap_or_default()
}

fn marks_of(rows: &[Row]) -> HashMap<i64, Marks> {
    let mut marks: HashMap<i64, Marks> = HashMap::new();
    for row in rows {
        if let Some(way) = Way::parse(row.text(2)) {
            marks.entry(row.int(0)).or_default().insert(row.int(1), way);
        }
    }
    marks
}

/// The row of a vote; the village is that of its day.
pub fn ballot_row(batch: &mut Batch, ballot: &Ballot, tree: &RegionTree) {
    let opened = &ballot.opened;
    let village = tree.at_level(opened.place, Level::Village, opened.at.day()).map_or(0, |r| r.0);
    let row = vec![
        opened.id.0.into(),
        opened.matter.0.into(),
        village.into(),
        ballot.stage.as_str().into(),
        opened.at.0.into(),
        serde_json::to_string(ballot).unwrap_or_default().into(),
    ];
    batch.row("ballot", row);
}

impl Batch {
    /// The roll of a vote that opens.
    pub fn ballot_roll(&mut self, ballot: &Ballot) {
        for (n, digest) in (1i64..).zip(&ballot.opened.roll) {
            self.row("ballot_voter", vec![digest.as_str().into(), ballot.id().0.into(), n.into()]);
        }
    }

    /// Marks that changed, without a time.
    pub fn ballot_marks(&mut self, ballot: BallotId, before: &Marks, after: &Marks) {
        for (voter, way) in after.iter().filter(|(n, way)| before.get(n) != Some(way)) {
            self.row("ballot_mark", vec![ballot.0.into(), (*voter).into(), way.as_str().into()]);
        }
        for voter in before.keys().filter(|n| !after.contains_key(n)) {
            self.row("ballot_mark", vec![ballot.0.into(), (*voter).into(), "".into()]);
        }
    }

    /// The box as it is now; empty once it was counted.
    pub fn ballot_box(&mut self, ballot: BallotId, sealed: &str) {
        self.row("ballot_box", vec![ballot.0.into(), sealed.into()]);
    }
}

impl Tx {
    /// Votes with their marks and boxes, within the transaction that holds the realm's head.
    pub async fn ballots(&mut self, realm: i64, ids: &[BallotId]) -> Result<Vec<BallotInHand>, StoreError> {
        let args = [realm.into(), ints(ids).into()];
        let found = ballots(&self.rows(BY_ID, &args).await?)?;
        let mut marks = marks_of(&self.rows(MARKS, &args).await?);
        let rows = self.rows(BOXES, &args).await?;
        let mut boxes: HashMap<i64, String> = rows.iter().map(|r| (r.int(0), r.text(1).to_owned())).collect();
        let in_hand = |ballot: Ballot| BallotInHand {
            marks: marks.remove(&ballot.id().0).unwrap_or_default(),
            sealed: boxes.remove(&ballot.id().0).filter(|s| !s.is_empty()),
            ballot,
        };
        Ok(found.into_iter().map(in_hand).collect())
    }
}

impl Pool {
    /// A vote by id.
    pub async fn ballot(&self, realm: i64, id: BallotId) -> Result<Option<Ballot>, StoreError> {
        let rows = self.rows(BY_ID, &[realm.into(), ints(&[id]).into()]).await?;
        Ok(ballots(&rows)?.into_iter().next())
    }

    /// Votes on a matter, oldest first.
    pub async fn ballots_of(&self, realm: i64, matter: MatterId) -> Result<Vec<Ballot>, StoreError> {
        ballots(&self.rows(OF_MATTER, &[realm.into(), matter.0.into()]).await?)
    }

    /// The latest votes of a village, newest first.
    pub async fn ballots_at(&self, realm: i64, village: i64) -> Result<Vec<Ballot>, StoreError> {
        ballots(&self.rows(AT_VILLAGE, &[realm.into(), village.into()]).await?)
    }

    /// The vote and the place in its roll that a code opens.
    pub async fn voter(&self, realm: i64, digest: &str) -> Result<Option<(BallotId, i64)>, StoreError> {
        let rows = self.rows(VOTER, &[realm.into(), digest.into()]).await?;
        Ok(rows.first().map(|r| (BallotId(r.int(0)), r.int(1))))
    }

    /// Who has voted in an open secret vote.
    pub async fn ballot_marks(&self, realm: i64, id: BallotId) -> Result<Marks, StoreError> {
        let rows = self.rows(MARKS, &[realm.into(), ints(&[id]).into()]).await?;
        Ok(marks_of(&rows).remove(&id.0).unwrap_or_default())
    }

    /// Every vote after an id, for the comparison with a replay.
    pub async fn all_ballots(&self, realm: i64) -> Result<Vec<Ballot>, StoreError> {
        ballots(&self.rows("select state from ballot where realm = $1 order by id", &[realm.into()]).await?)
    }
}

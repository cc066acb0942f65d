//! One body for both databases, and a small county to store things of.

use std::sync::atomic::{AtomicI64, Ordering};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::fact::Fact;
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::{Change, ClockState, Happening, IntakeRecord, Matter, Opened, Values, Who};
use xiangyue_domain::policy::{Level, Phase};
use xiangyue_domain::region::{FOREVER, Region, RegionEvent, RegionSpan, RegionTree};
use xiangyue_domain::register::Holder;
use xiangyue_store::{Batch, FactRow, JournalRow, MatterRow, Pool, Scope, journal_hash};

pub const REALM: i64 = 990_000;
pub const COUNTY: i64 = 1;
pub const TOWNS: [i64; 2] = [11, 12];
pub const VILLAGES: [i64; 3] = [111, 112, 121];
pub const GRIDS: [i64; 3] = [1111, 1121, 1211];

/// A database of one test.
pub struct Twin {
    pub pool: Pool,
    pub url: String,
    _dir: Option<tempfile::TempDir>,
}

pub async fn sqlite() -> Option<Twin> {
    let dir = tempfile::tempdir().expect("a folder");
    let url = dir.path().join("x.db").display().to_string();
    Some(Twin { pool: opened(&url).await, url, _dir: Some(dir) })
}

pub async fn postgres() -> Option<Twin> {
    let url = crate::postgres::database()?;
    Some(Twin { pool: opened(&url).await, url, _dir: None })
}

async fn opened(url: &str) -> Pool {
    let pool = Pool::open(url).await.expect("it opens");
    pool.migrate().await.expect("it is brought up to date");
    pool
}

/// Makes of each body two tests, one on each database.
macro_rules! twins {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::sqlite().await.expect("SQLite is always there")).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(twin) = crate::support::postgres().await {
                    super::$name(twin).await;
                }
            })+
        }
    };
}
pub(crate) use twins;

/// A county of two towns, three villages and a grid in each.
pub fn tree() -> RegionTree {
    let region = |id: i64, level: Level, parent: Option<i64>| Region {
        id: RegionId(id),
        level,
        order: id,
        spans: vec![RegionSpan {
            from: Day(0),
            to: FOREVER,
            code: format!("{id:012}"),
            name: format!("{id}"),
            display: format!("{id}"),
            parent: parent.map(RegionId),
        }],
        successors: Vec::new(),
        simulated: false,
    };
    let mut regions = vec![region(COUNTY, Level::County, None)];
    regions.extend(TOWNS.map(|id| region(id, Level::Town, Some(COUNTY))));
    regions.extend(VILLAGES.map(|id| region(id, Level::Village, Some(id / 10))));
    regions.extend(GRIDS.map(|id| region(id, Level::Grid, Some(id / 10))));
    let mut tree = RegionTree::default();
    tree.apply(&RegionEvent::Added { regions });
    tree
}

/// What a test wants of a matter; the rest is usual.
#[derive(Clone)]
pub struct Want {
    pub id: i64,
    pub place: i64,
    pub holder: Option<Holder>,
    pub opener: Option<i64>,
    pub phase: Phase,
    pub due: Option<i64>,
    pub category: &'static str,
    pub bypass: bool,
    pub voided: bool,
    pub day: i32,
}

impl Want {
    pub fn new(id: i64, place: i64) -> Want {
        Want {
            id,
            place,
            holder: None,
            opener: None,
            phase: Phase::Open,
            due: None,
            category: "lamp",
            bypass: false,
            voided: false,
            day: 100,
        }
    }

    pub fn matter(&self) -> Matter {
        let at = Day(self.day).at_minute(600);
        let intake =
            IntakeRecord { channel: "code".into(), source_no: None, at, receipt: None, first: MatterId(self.id) };
        let opened = Opened {
            kind: "report".into(),
            number: format!("19700411-{:04}", self.id),
            place: RegionId(self.place),
            level_in: Level::Village,
            step: "accepted".into(),
            phase: self.phase,
            intake,
            key: format!("k{}", self.id),
            code: None,
            confidential: false,
            bypass: self.bypass,
            barred: Vec::new(),
            flow: String::new(),
            parent: None,
            given: None,
        };
        let clock = |due: i64| ClockState { next: Some(Time(due)), ..ClockState::new("handle", at, Time(due)) };
        let by = match self.opener {
            Some(account) => Who::Account { account: AccountId(account), post: None },
            None => Who::Reporter,
        };
        let change = Change {
            holder: self.holder.clone(),
            values: Values::from([("category".to_owned(), self.category.into())]),
            clocks: self.due.map(clock).into_iter().collect(),
            ..Change::new(MatterId(self.id), at, by, Happening::Opened(Box::new(opened)))
        };
        let mut matter = Matter::open(&change, 1).expect("an opening");
        matter.voided = self.voided;
        matter
    }
}

pub fn holder(post: &str, seat: i64) -> Holder {
    Holder { post: post.into(), seat }
}

/// An entry, so that a batch is worth writing.
pub fn entry(seq: i64) -> JournalRow {
    let mut row = JournalRow {
        seq,
        at: seq * 1000,
        actor: "system".into(),
        command: "register".into(),
        pack: "p".into(),
        body: format!("[\"{seq}\",\"词语 '\\\" ; -- %\"]"),
        prev: String::new(),
        hash: String::new(),
    };
    row.hash = journal_hash(REALM, &row);
    row
}

static SEQ: AtomicI64 = AtomicI64::new(1);

/// Writes a batch with an entry of its own; returns the entry's place.
pub async fn write(pool: &Pool, mut batch: Batch) -> i64 {
    let seq = SEQ.fetch_add(1, Ordering::SeqCst);
    batch.journal.push(entry(seq));
    let mut tx = pool.begin().await.expect("a transaction");
    batch.write(&mut tx, REALM).await.expect("it is written");
    tx.commit().await.expect("it is durable");
    seq
}

/// Stores matters; `sealed` says whether their kind is.
pub async fn store(pool: &Pool, wants: &[Want], sealed: bool) {
    let mut batch = Batch::default();
    for want in wants {
        batch.matters.insert(want.id, MatterRow::of(&want.matter(), &tree(), sealed));
    }
    write(pool, batch).await;
}

pub fn fact(
    seq: i64,
    n: i64,
    (measure, bucket): (&str, &str),
    place: i64,
    (day, cohort): (i32, i32),
    delta: i64,
) -> FactRow {
    let (measure, bucket) = (measure.to_owned(), bucket.to_owned());
    let fact = Fact { measure, bucket, place: RegionId(place), day: Day(day), cohort: Day(cohort), delta };
    FactRow { seq, n, fact, subject: seq }
}

/// Everybody's view.
pub fn all() -> Scope {
    Scope::system()
}

//! What is in hand now: counts of active matters by holder, by place and by kind. All of it is read from the small index of
//! what is open, however many matters are stored.

use crate::dialect::{Arg, Pool, Row};
use crate::error::StoreError;
use crate::matter::read;
use crate::scope::{Scope, scoped};
use xiangyue_domain::matter::Matter;

/// Active matters of one holder in one town.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// `post@seat`; empty when nobody has it.
    pub holder: String,
    /// Town; 0 when the place lies in none.
    pub town: i64,
    /// How many.
    pub n: i64,
    /// Earliest limit.
    pub due: i64,
}

/// Active matters of one kind at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Finest place known.
    pub place: i64,
    /// Kind.
    pub kind: String,
    /// How many.
    pub n: i64,
    /// How many of them are past their limit.
    pub late: i64,
}

/// For whom it is counted.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Place; 0 means the realm.
    pub place: i64,
    /// Whether what passes over the village counts.
    pub bypass: bool,
    /// What this reader is kept from is left out, except at the root, where nothing stands above.
    pub scope: &'a Scope,
}

/// What is in hand at a place, `$2` being the place and `$3` whether what passes over the village counts. The second
/// text leaves out what bars one of the keys in its last value; it alone reads the matters themselves, of one place.
macro_rules! in_hand {
    ($select:literal, $more:literal, $bars:literal, $group:literal) => {
        [
            concat!($select, in_hand!(), $more, $group),
            concat!(
                $select,
                in_hand!(),
                $more,
                " and not exists (select 1 from matter_bar b where b.realm = matter.realm and b.matter = matter.id
    and b.key in (json_texts(",
                $bars,
                ")))",
                $group
            ),
        ]
    };
    () => {
        " from matter where realm = $1 and phase in ('open', 'answered') and gone = 0
  and ($2 = 0 or town = $2 or village = $2 or place = $2) and ($3 = 1 or bypass = 0)"
    };
}
const LOADS: [&str; 2] = in_hand!(
    "select holder, town, count(*), min(due)",
    " and due is not null and due >= $4 and due < $5",
    "$6",
    " group by holder, town order by min(due), holder, town"
);
const ACTIVE: [&str; 2] = in_hand!(
    "select place, kind || '', count(*), coalesce(sum(case when due < $4 then 1 else 0 end), 0)",
    "",
    "$5",
    " group by place, kind || ''"
);
// Grouped by what is no column, so that the index of kinds is not read through for its order.
const ACTIVE_OF: [&str; 2] = in_hand!(
    "select kind || '', count(*), coalesce(sum(case when due < $4 then 1 else 0 end), 0)",
    " and accepted >= $5 and accepted <= $6",
    "$7",
    " group by kind || ''"
);

/// What is past its limit and has not been through a move; the move's id stands in the matter's own story, where no words are.
const OVERDUE_WITHOUT: &str = scoped!(
    "select m.state",
    "and m.phase in ('open', 'answered') and m.due < $10 and m.state not like $13
     and ($12 = 0 or m.town = $12 or m.village = $12 or m.place = $12) order by m.due, m.id limit $11"
);

impl Reader<'_> {
    fn ask(self, texts: [&'static str; 2], realm: i64, more: &[i64]) -> (&'static str, Vec<Arg>) {
        let mut args = vec![realm.into(), self.place.into(), i64::from(self.bypass).into()];
        args.extend(more.iter().map(|n| Arg::Int(*n)));
        if self.place == 0 {
            return (texts[0], args);
        }
        args.push(Arg::Text(serde_json::to_string(&self.scope.bars()).unwrap_or_default()));
        (texts[1], args)
    }
}

impl Pool {
    /// Active matters whose limit lies in a span, by holder and town.
    pub async fn loads(&self, realm: i64, (from, to): (i64, i64), reader: Reader<'_>) -> Result<Vec<Load>, StoreError> {
        let (text, args) = reader.ask(LOADS, realm, &[from, to]);
        let rows = self.rows(text, &args).await?;
        let row = |r: &Row| Load { holder: r.text(0).to_owned(), town: r.int(1), n: r.int(2), due: r.int(3) };
        Ok(rows.iter().map(row).collect())
    }

    /// Active matters by finest place and kind, and how many of them are past their limit.
    pub async fn active(&self, realm: i64, now: i64, reader: Reader<'_>) -> Result<Vec<Active>, StoreError> {
        let (text, args) = reader.ask(ACTIVE, realm, &[now]);
        let rows = self.rows(text, &args).await?;
        let row = |r: &Row| Active { place: r.int(0), kind: r.text(1).to_owned(), n: r.int(2), late: r.int(3) };
        Ok(rows.iter().map(row).collect())
    }

    /// Active matters that were taken in within a span of days: kind, how many, how many past their limit.
    pub async fn active_taken(
        &self,
        realm: i64,
        now: i64,
        (from, to): (i64, i64),
        reader: Reader<'_>,
    ) -> Result<Vec<(String, i64, i64)>, StoreError> {
        let (text, args) = reader.ask(ACTIVE_OF, realm, &[now, from, to]);
        let rows = self.rows(text, &args).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.int(1), r.int(2))).collect())
    }

    /// Matters past their limit on which nobody has made this move, longest first. `place` 0 means the realm.
    pub async fn overdue_without(
        &self,
        realm: i64,
        scope: &Scope,
        now: i64,
        (place, mv): (i64, &str),
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        let made = format!("%\"mv\":{}%", serde_json::to_string(mv).unwrap_or_default());
        args.extend([now.into(), limit.into(), place.into(), made.into()]);
        read(&self.rows(OVERDUE_WITHOUT, &args).await?)
    }

    /// Statements over what is in hand, for the test that looks at their plans.
    pub fn waiting_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("loads", LOADS[0]),
            ("active", ACTIVE[0]),
            ("active_of", ACTIVE_OF[0]),
            ("overdue_without", OVERDUE_WITHOUT),
        ]
    }
}

//! The scope of a reader: subtree of my posts ∪ my units' work ∪ what I was party to ∪ what I entered, minus what I
//! am barred from and sealed kinds. Every read of matters takes one; there is no way to read without.

use crate::dialect::Arg;

/// What a reader may see.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// Everything in the realm (a post at its root).
    pub all: bool,
    /// Towns.
    pub towns: Vec<i64>,
    /// Villages.
    pub villages: Vec<i64>,
    /// Grids.
    pub grids: Vec<i64>,
    /// Posts held, as `post@seat`.
    pub holders: Vec<String>,
    /// Own account; 0 for none.
    pub account: i64,
    /// May see sealed kinds.
    pub sealed: bool,
}

impl Scope {
    /// The platform itself: clocks, recomputation. Never handed to a page.
    pub fn system() -> Scope {
        Scope { all: true, sealed: true, ..Scope::default() }
    }

    /// Keys that bar this reader when a matter lists one of them.
    pub(crate) fn bars(&self) -> Vec<String> {
        let mut bars = self.holders.clone();
        bars.push(format!("account:{}", self.account));
        bars
    }

    /// Binds `$1` to `$9` of a scoped statement.
    pub(crate) fn args(&self, realm: i64) -> Vec<Arg> {
        let ints = |v: &[i64]| Arg::Text(serde_json::to_string(v).unwrap_or_default());
        let texts = |v: &[String]| Arg::Text(serde_json::to_string(v).unwrap_or_default());
        vec![
            Arg::Int(realm),
            Arg::Int(i64::from(self.all)),
            ints(&self.towns),
            ints(&self.villages),
            ints(&self.grids),
            texts(&self.holders),
            Arg::Int(self.account),
            texts(&self.bars()),
            Arg::Int(i64::from(self.sealed)),
        ]
    }
}

/// The predicate over `matter m` that binds `$1` to `$9`, put before and after by the caller's own text.
macro_rules! scoped {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " from matter m where m.realm = $1 and m.gone = 0 and ($9 = 1 or m.sealed = 0)
              and ($2 = 1 or m.town in (json_ints($3))
                or (m.bypass = 0 and (m.village in (json_ints($4)) or m.place in (json_ints($5))))
                or (m.opener = $7 and $7 <> 0) or m.holder in (json_texts($6))
                or exists (select 1 from matter_party p
                  where p.realm = m.realm and p.key in (json_texts($6)) and p.matter = m.id))
              and not exists (select 1 from matter_bar b
                where b.realm = m.realm and b.matter = m.id and b.key in (json_texts($8))) ",
            $after
        )
    };
}
pub(crate) use scoped;

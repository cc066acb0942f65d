//! Millions of transfers in minutes: what commands have booked once is copied by SQL, row by row and table by table, under
//! new ids. Sizes and shapes are those of real entries, sums add up; but the copies' hashes are drawn, so `verify` and
//! `rebuild --check` do not hold on such a folder. It is for measuring alone, and says so when it runs.

use crate::Said;
use crate::ground::Ground;
use std::time::Instant;
use xiangyue_store::{Arg, Tx};

/// Copies in one transaction.
const AT_ONCE: i64 = 8;

/// Where the copied entries stand.
struct Span {
    realm: i64,
    /// First and last id.
    ids: (i64, i64),
    /// First and last entry.
    seqs: (i64, i64),
}

impl Span {
    fn stride(&self) -> (i64, i64) {
        (self.ids.1 - self.ids.0 + 1, self.seqs.1 - self.seqs.0 + 1)
    }
}

macro_rules! copies {
    ($into:literal, $rows:literal) => {
        concat!($into, " with recursive k(i) as (select $1 union all select i + 1 from k where i < $2) ", $rows)
    };
}

// Each text makes the copies $1 to $2 of the entries $5 to $6 of realm $8, whose ids begin at $3: ids $4 apart, entries
// $7 apart. Every text is given all of these, so each names them all.
const COPIES: &[&str] = &[
    copies!(
        "insert into journal (realm, seq, at, actor, command, pack, body, prev, hash)",
        "select j.realm, j.seq + k.i * $7, j.at, j.actor, j.command, j.pack, j.body,
           lower(hex(randomblob(32))), lower(hex(randomblob(32)))
         from k cross join journal j where j.realm = $8 and j.seq >= $5 and j.seq <= $6 and $3 + $4 > 0"
    ),
    copies!(
        "insert into command_key (realm, key, seq, reply)",
        "select c.realm, printf('b%012d', cast(substr(c.key, 2) as integer) + k.i * $7), c.seq + k.i * $7, c.reply
         from k cross join command_key c
         where c.realm = $8 and c.key glob 'b*' and c.seq >= $5 and c.seq <= $6 and $3 + $4 > 0"
    ),
    copies!(
        "insert into fact (realm, seq, n, measure, bucket, place, day, cohort, delta, subject)",
        "select f.realm, f.seq + k.i * $7, f.n, f.measure, f.bucket, f.place, f.day, f.cohort, f.delta, f.subject
         from k cross join fact f where f.realm = $8 and f.seq >= $5 and f.seq <= $6 and $3 + $4 > 0"
    ),
    copies!(
        "insert into posted (realm, seq, n, subject, place, digest, state)",
        "select p.realm, p.seq + k.i * $7, p.n, 'transfer:' || (cast(substr(p.subject, 10) as integer) + k.i * $4),
           p.place, lower(hex(randomblob(32))), p.state
         from k cross join posted p where p.realm = $8 and p.seq >= $5 and p.seq <= $6 and $3 > 0"
    ),
    copies!(
        "insert into ledger_transfer (realm, id, seq, at, status, until, matter, reversed, state)",
        "select t.realm, t.id + k.i * $4, t.seq + k.i * $7, t.at, t.status, t.until, t.matter, t.reversed,
           json_set(t.state, '$.i', t.id + k.i * $4)
         from k cross join ledger_transfer t
         where t.realm = $8 and t.id >= $3 and t.id < $3 + $4 and t.seq >= $5 and t.seq <= $6"
    ),
    copies!(
        "insert into ledger_leg (realm, account, n, transfer, amount, balance)",
        "select l.realm, l.account, l.n + k.i * s.lines, l.transfer + k.i * $4, l.amount, l.balance + k.i * s.sum
         from k cross join bench_sum s join ledger_leg l on l.realm = $8 and l.account = s.account
           and l.n > s.before and l.n <= s.before + s.lines
         where $3 + $5 + $6 + $7 > 0 order by 2, 3"
    ),
    copies!(
        "insert into ledger_lot (realm, account, lot, made, expires, amount, rest, held)",
        "select t.realm, t.account, t.lot + k.i * $4, t.made, t.expires, t.amount, t.rest, t.held
         from k cross join bench_sum s join ledger_lot t on t.realm = $8 and t.account = s.account
           and t.lot >= $3 and t.lot < $3 + $4
         where $5 + $6 + $7 > 0 order by 2, 3"
    ),
];
// Lines, sum and what stood before of each account that the copied entries touch.
const SUMS: &str =
    "create table bench_sum as select account, count(*) as lines, sum(amount) as sum, min(n) - 1 as before
  from ledger_leg where realm = $1 and transfer >= $2 and transfer <= $3 group by account";
const ACCOUNTS: &str = "update ledger_account set
  balance = balance + $2 * (select sum from bench_sum s where s.account = ledger_account.id),
  lines = lines + $2 * (select lines from bench_sum s where s.account = ledger_account.id)
  where realm = $1 and id in (select account from bench_sum)";
const ROLLUPS: &str = "update rollup set n = n * ($2 + 1) where realm = $1 and measure in
  (select distinct measure from fact where realm = $1 and seq >= $3 and seq <= $4)";
const INDEXES: &str = "select name, sql from sqlite_master where type = 'index' and sql is not null
  and tbl_name in ('fact', 'posted', 'ledger_transfer')";

/// Copies what commands booked until so many transfers are stored. The folder's other users must be gone.
pub async fn grow(ground: &Ground, wanted: i64) -> Result<(), Said> {
    let (pool, realm) = (ground.app.pool(), ground.app.realm());
    let sql = "select min(t.id), max(t.id), min(t.seq), max(t.seq), count(*) from ledger_transfer t
      where t.realm = $1 and t.seq in (select c.seq from command_key c where c.realm = $1)";
    let row = pool.rows(sql, &[realm.into()]).await?.remove(0);
    let (span, sample) = (Span { realm, ids: (row.int(0), row.int(1)), seqs: (row.int(2), row.int(3)) }, row.int(4));
    let stored = ground.count().await?;
    let copies = (wanted - stored + sample - 1) / sample.max(1);
    if sample == 0 || copies <= 0 {
        return Ok(());
    }
    if row.int(3) - row.int(2) + 1 != sample {
        return Err("the folder has been measured on; give a new one".into());
    }
    println!("直接用 SQL 把 {sample} 笔已入账的转账复制 {copies} 遍(摘要是随机的,这个库只用来测速,不能 verify)");
    let begun = Instant::now();
    let mut tx = pool.begin().await?;
    tx.exec(SUMS, &[realm.into(), span.ids.0.into(), span.ids.1.into()]).await?;
    tx.exec("create unique index bench_sum_account on bench_sum (account)", &[]).await?;
    let indexes: Vec<(String, String)> =
        tx.rows(INDEXES, &[]).await?.iter().map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect();
    for (name, _) in &indexes {
        tx.exec(kept(format!("drop index {name}")), &[]).await?;
    }
    tx.commit().await?;
    let mut done = 0;
    while done < copies {
        let last = (done + AT_ONCE).min(copies);
        let mut tx = pool.begin().await?;
        copy(&mut tx, &span, done + 1, last).await?;
        tx.commit().await?;
        done = last;
        eprintln!("{done}/{copies} {:.0} s", begun.elapsed().as_secs_f64());
    }
    finish(ground, &span, copies, indexes).await?;
    println!("复制好了,{:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// A text of the schema that is not known beforehand; there are half a dozen of them.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

async fn copy(tx: &mut Tx, span: &Span, first: i64, last: i64) -> Result<(), Said> {
    let (ids, seqs) = span.stride();
    let args: Vec<Arg> =
        [first, last, span.ids.0, ids, span.seqs.0, span.seqs.1, seqs, span.realm].into_iter().map(Arg::Int).collect();
    for text in COPIES {
        tx.exec(text, &args).await?;
    }
    Ok(())
}

/// Balances, sums and the head follow; indexes are made anew.
async fn finish(ground: &Ground, span: &Span, copies: i64, indexes: Vec<(String, String)>) -> Result<(), Said> {
    let pool = ground.app.pool();
    ground.app.settle_facts().await?;
    let mut tx = pool.begin().await?;
    tx.exec(ACCOUNTS, &[span.realm.into(), copies.into()]).await?;
    tx.exec(ROLLUPS, &[span.realm.into(), copies.into(), span.seqs.0.into(), span.seqs.1.into()]).await?;
    tx.exec("drop table bench_sum", &[]).await?;
    let mut head = tx.head(span.realm).await?;
    let (ids, seqs) = span.stride();
    head.next_id = head.next_id.max(span.ids.1 + copies * ids + 1);
    head.seq = head.seq.max(span.seqs.1 + copies * seqs);
    head.rolled = head.seq;
    tx.set_head(span.realm, &head).await?;
    tx.commit().await?;
    for (_, sql) in indexes {
        let mut tx = pool.begin().await?;
        tx.exec(kept(sql), &[]).await?;
        tx.commit().await?;
    }
    let mut tx = pool.begin().await?;
    tx.exec("analyze", &[]).await?;
    tx.commit().await?;
    Ok(())
}

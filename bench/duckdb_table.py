#!/usr/bin/env python3
"""The hub's county table computed by DuckDB from raw rows, beside our own statements on the same file.

  python3 bench/duckdb_table.py DATA/xiangyue.db [rounds]

DuckDB gets every fact with the town it lies in, in memory, and answers with two grouped scans: this year so far and the
same days a year before. Ours reads the roll-ups of whole years, months and the days at the edge, by the statement of
crates/store/src/figure.rs. Both give the same sums, or this stops. Loading is not timed. Writes nothing.
"""
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import date

try:
    import duckdb
except ImportError:
    sys.exit("缺 duckdb / duckdb is missing: python3 -m pip install duckdb")

EPOCH = date(1970, 1, 1)
INDICATORS = 30
ROLLED = """select place, measure, '' as bucket, sum(n) from rollup
  where realm = ?1 and axis = 'd' and grain = ?2 and day in (select value from json_each(?3))
  and place in (select value from json_each(?4)) and measure in (select value from json_each(?5)) and bucket = '' group by 1, 2, 3"""


def num(day):
    return (day - EPOCH).days


def towns_of(db, realm):
    """Every place with the town it lies in, and the towns."""
    parent, level = {}, {}
    for place, lev, state in db.execute("select id, level, state from region where realm = ?", (realm,)):
        level[place] = lev
        spans = json.loads(state)["spans"]
        parent[place] = spans[-1].get("parent") if spans else None
    inside = {}
    for place in level:
        at = place
        while at is not None and level.get(at) != "town":
            at = parent.get(at)
        if at is not None:
            inside[place] = at
    return inside, sorted(p for p, lev in level.items() if lev == "town")


def months_of(sign, first, last, out):
    """Whole months, and single days that are added or taken off at the edge, whichever are fewer."""
    at = first
    while at <= last:
        month, after = date(at.year, at.month, 1), date(at.year + at.month // 12, at.month % 12 + 1, 1)
        end = min(last, date.fromordinal(after.toordinal() - 1))
        inside = num(end) - num(at) + 1
        outside = num(after) - num(month) - inside
        if outside < inside:
            out["M", sign] += [num(month)]
            out["D", -sign] += [*range(num(month), num(at)), *range(num(end) + 1, num(after))]
        else:
            out["D", sign] += range(num(at), num(end) + 1)
        at = after


def split(first, last, end):
    """Whole years, months and days, as `Cover` in crates/app/src/cover.rs has them. `first` begins a year; after `end`
    there is nothing, so that its year is whole."""
    out = {(grain, sign): [] for grain in "YMD" for sign in (1, -1)}
    rest = (date.fromordinal(last.toordinal() + 1), date(last.year, 12, 31))
    if last >= end or num(rest[1]) - num(last) < num(last) - num(first):
        out["Y", 1].append(num(first))
        if last < end:
            months_of(-1, *rest, out)
    else:
        months_of(1, first, last, out)
    return [(grain, days, sign) for (grain, sign), days in out.items() if days]


def ours(db, realm, spans, towns, measures, end):
    tables = []
    for first, last in spans:
        sums = {}
        for grain, days, sign in split(first, last, end):
            args = (realm, grain, json.dumps(days), json.dumps(towns), json.dumps(measures))
            for place, measure, _, n in db.execute(ROLLED, args):
                sums[place, measure] = sums.get((place, measure), 0) + sign * n
        tables.append({k: n for k, n in sums.items() if n})
    return tables


def theirs(con, spans, measures):
    tables = []
    for first, last in spans:
        rows = con.execute(
            "select town, measure, sum(delta) from fact where day between ? and ? and measure in (select unnest(?)) group by all",
            [num(first), num(last), measures],
        ).fetchall()
        tables.append({(town, measure): int(n) for town, measure, n in rows if n})
    return tables


def timed(rounds, work):
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        table = work()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return table, statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.95))]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    realm, last = db.execute("select realm, max(day) from fact group by realm").fetchone()
    if db.execute("select rolled < seq from realm_head where realm = ?", (realm,)).fetchone()[0]:
        sys.exit("最新的事实还没有汇总,先用 xiangyue 打开一次(如 xiangyue doctor) / the newest facts are not settled: open the file with xiangyue once")
    inside, towns = towns_of(db, realm)
    measures = [m for (m,) in db.execute("select measure from fact where realm = ? group by 1 order by count(*) desc", (realm,))]
    measures = [m for m in measures if "#" not in m][:INDICATORS]
    end = date.fromordinal(EPOCH.toordinal() + last)
    before = end.replace(year=end.year - 1, day=min(end.day, 28) if end.month == 2 else end.day)
    spans = [(date(end.year, 1, 1), end), (date(before.year, 1, 1), before)]
    con = duckdb.connect()
    con.execute("set threads = 2")
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as raw:
        n = 0
        for measure, place, day, delta in db.execute("select measure, place, day, delta from fact where realm = ?", (realm,)):
            if place in inside:
                raw.write(f"{measure},{inside[place]},{day},{delta}\n")
                n += 1
        raw.flush()
        con.execute(f"create table fact as select * from read_csv('{raw.name}', header = false, "
                    "columns = {'measure': 'VARCHAR', 'town': 'BIGINT', 'day': 'INTEGER', 'delta': 'BIGINT'})")
    their, their_mid, their_p95 = timed(rounds, lambda: theirs(con, spans, measures))
    our, our_mid, our_p95 = timed(rounds, lambda: ours(db, realm, spans, towns, measures, end))
    if our != their:
        odd = [k for a, b in zip(our, their) for k in a.keys() | b.keys() if a.get(k) != b.get(k)]
        sys.exit(f"the tables differ, first at {odd[0]}: the roll-ups or this script are wrong")
    print(json.dumps({
        "raw_rows": n, "towns": len(towns), "measures": len(measures), "rounds": rounds, "duckdb": duckdb.__version__,
        "duckdb_ms": round(their_mid, 2), "duckdb_p95_ms": round(their_p95, 2),
        "ours_ms": round(our_mid, 2), "ours_p95_ms": round(our_p95, 2), "times_faster": round(their_mid / our_mid, 1),
    }, indent=1))


if __name__ == "__main__":
    main()

//! The tables that a batch writes: their columns, and what a row does that meets an older one. Which rows there are is decided
//! elsewhere.

use crate::dialect::Table;

pub(crate) const JOURNAL: Table = Table {
    name: "journal",
    columns: &[
        ("realm", 'i'),
        ("seq", 'i'),
        ("at", 'i'),
        ("actor", 't'),
        ("command", 't'),
        ("pack", 't'),
        ("body", 't'),
        ("prev", 't'),
        ("hash", 't'),
    ],
    conflict: "",
};
pub(crate) const KEYS: Table =
    Table { name: "command_key", columns: &[("realm", 'i'), ("key", 't'), ("seq", 'i'), ("reply", 't')], conflict: "" };
const MATTER_COLUMNS: &[(&str, char)] = &[
    ("realm", 'i'),
    ("id", 'i'),
    ("number", 't'),
    ("kind", 't'),
    ("step", 't'),
    ("phase", 't'),
    ("place", 'i'),
    ("village", 'i'),
    ("town", 'i'),
    ("holder", 't'),
    ("due", 'i'),
    ("next_due", 'i'),
    ("accepted", 'i'),
    ("opened_at", 'i'),
    ("category", 't'),
    ("channel", 't'),
    ("urgency", 't'),
    ("opener", 'i'),
    ("bypass", 'i'),
    ("sealed", 'i'),
    ("gone", 'i'),
    ("state", 't'),
];
macro_rules! matter_update {
    ($places:literal) => {
        concat!(
            "on conflict (realm, id) do update set step = excluded.step, phase = excluded.phase,
      holder = excluded.holder, due = excluded.due, next_due = excluded.next_due, category = excluded.category,
      urgency = excluded.urgency, gone = excluded.gone, state = excluded.state",
            $places
        )
    };
}
pub(crate) const MATTER: Table = Table {
    name: "matter",
    columns: MATTER_COLUMNS,
    conflict: matter_update!(", place = excluded.place, village = excluded.village, town = excluded.town"),
};
/// A file rewrites the entries of every index that an update names a column of, changed or not.
pub(crate) const MATTER_STAYING: Table =
    Table { name: "matter", columns: MATTER_COLUMNS, conflict: matter_update!("") };
const FACT_COLUMNS: &[(&str, char)] = &[
    ("realm", 'i'),
    ("seq", 'i'),
    ("n", 'i'),
    ("measure", 't'),
    ("bucket", 't'),
    ("place", 'i'),
    ("day", 'i'),
    ("cohort", 'i'),
    ("delta", 'i'),
    ("subject", 'i'),
    ("settled", 'i'),
];
pub(crate) const FACT: Table = Table { name: "fact", columns: FACT_COLUMNS, conflict: "" };
/// Row by row: one statement for many keeps a journal of its own for all the pages it touches.
pub(crate) const FACT_SETTLED: Table = Table {
    name: "fact",
    columns: FACT_COLUMNS,
    conflict: "on conflict (realm, seq, n) do update set settled = excluded.settled",
};
pub(crate) const ROLLUP: Table = Table {
    name: "rollup",
    columns: &[
        ("realm", 'i'),
        ("axis", 't'),
        ("grain", 't'),
        ("day", 'i'),
        ("place", 'i'),
        ("measure", 't'),
        ("bucket", 't'),
        ("n", 'i'),
    ],
    conflict: "on conflict (realm, axis, grain, day, place, measure, bucket) do update set n = rollup.n + excluded.n",
};
pub(crate) const COUNTER: Table = Table {
    name: "counter",
    columns: &[("realm", 'i'), ("name", 't'), ("n", 'i')],
    conflict: "on conflict (realm, name) do update set n = excluded.n",
};

/// Tables written through [`Batch::rows`]; a row begins with the realm.
pub(crate) const SMALL: &[Table] = &[
    Table {
        name: "setting",
        columns: &[("realm", 'i'), ("name", 't'), ("value", 't')],
        conflict: "on conflict (realm, name) do update set value = excluded.value",
    },
    Table {
        name: "region",
        columns: &[("realm", 'i'), ("id", 'i'), ("level", 't'), ("code", 't'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set code = excluded.code, state = excluded.state",
    },
    Table {
        name: "natural_unit",
        columns: &[("realm", 'i'), ("id", 't'), ("village", 'i'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set village = excluded.village, state = excluded.state",
    },
    Table {
        name: "org",
        columns: &[("realm", 'i'), ("id", 'i'), ("unit", 't'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set state = excluded.state",
    },
    Table {
        name: "account",
        columns: &[("realm", 'i'), ("id", 'i'), ("login", 't'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set login = excluded.login, state = excluded.state",
    },
    Table {
        name: "term",
        columns: &[
            ("realm", 'i'),
            ("id", 'i'),
            ("account", 'i'),
            ("holder", 't'),
            ("from_day", 'i'),
            ("to_day", 'i'),
            ("state", 't'),
        ],
        conflict: "on conflict (realm, id) do update set to_day = excluded.to_day, state = excluded.state",
    },
    Table {
        name: "person",
        columns: &[("realm", 'i'), ("id", 'i'), ("region", 'i'), ("household", 'i'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set region = excluded.region, household = excluded.household,
          state = excluded.state",
    },
    Table {
        name: "household",
        columns: &[("realm", 'i'), ("id", 'i'), ("region", 'i'), ("number", 't'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set state = excluded.state",
    },
    Table {
        name: "reported_value",
        columns: &[
            ("realm", 'i'),
            ("indicator", 't'),
            ("place", 'i'),
            ("from_day", 'i'),
            ("to_day", 'i'),
            ("value", 'i'),
            ("office", 'i'),
            ("entered", 'i'),
        ],
        conflict: "on conflict (realm, indicator, place, from_day, to_day) do update set value = excluded.value,
          office = excluded.office, entered = excluded.entered",
    },
    Table {
        name: "saved_filter",
        columns: &[("realm", 'i'), ("id", 'i'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set state = excluded.state",
    },
    Table {
        name: "matter_bar",
        columns: &[("realm", 'i'), ("matter", 'i'), ("key", 't')],
        conflict: "on conflict (realm, matter, key) do nothing",
    },
    Table {
        name: "matter_party",
        columns: &[("realm", 'i'), ("key", 't'), ("matter", 'i')],
        conflict: "on conflict (realm, key, matter) do nothing",
    },
    Table {
        name: "receipt",
        columns: &[("realm", 'i'), ("digest", 't'), ("matter", 'i')],
        conflict: "on conflict (realm, digest) do update set matter = excluded.matter",
    },
    Table {
        name: "search_token",
        columns: &[("realm", 'i'), ("token", 't'), ("matter", 'i')],
        conflict: "on conflict (realm, token, matter) do nothing",
    },
    Table {
        name: "subject_key",
        columns: &[("realm", 'i'), ("key", 't'), ("wrapped", 't')],
        conflict: "on conflict (realm, key) do nothing",
    },
    Table {
        name: "outbox",
        columns: &[
            ("realm", 'i'),
            ("id", 'i'),
            ("at", 'i'),
            ("channel", 't'),
            ("recipient", 't'),
            ("body", 't'),
            ("attempts", 'i'),
            ("next_at", 'i'),
            ("done_at", 'i'),
            ("error", 't'),
        ],
        conflict: "",
    },
    Table {
        name: "notice",
        columns: &[
            ("realm", 'i'),
            ("account", 'i'),
            ("id", 'i'),
            ("at", 'i'),
            ("matter", 'i'),
            ("what", 't'),
            ("read_at", 'i'),
        ],
        conflict: "on conflict (realm, account, id) do nothing",
    },
    Table {
        name: "read_log",
        columns: &[("realm", 'i'), ("matter", 'i'), ("at", 'i'), ("account", 'i'), ("what", 't'), ("reason", 't')],
        conflict: "on conflict (realm, matter, at, account) do nothing",
    },
    Table {
        name: "flow_version",
        columns: &[("realm", 'i'), ("kind", 't'), ("version", 't'), ("seq", 'i'), ("body", 't')],
        conflict: "on conflict (realm, kind, version) do nothing",
    },
    Table {
        name: "measure_version",
        columns: &[
            ("realm", 'i'),
            ("measure", 't'),
            ("seq", 'i'),
            ("kind", 't'),
            ("version", 't'),
            ("body", 't'),
            ("counted", 'i'),
        ],
        conflict: "on conflict (realm, measure, seq) do update set counted = excluded.counted",
    },
    Table {
        name: "day_head",
        columns: &[("realm", 'i'), ("day", 'i'), ("seq", 'i'), ("hash", 't')],
        conflict: "on conflict (realm, day) do update set seq = excluded.seq, hash = excluded.hash",
    },
];

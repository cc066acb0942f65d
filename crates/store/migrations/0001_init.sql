-- One text for both databases: BIGINT and TEXT are the only types, and dialect.rs makes the tables STRICT on SQLite. A
-- table marked `narrow` has short rows that are always found by their key; on SQLite it is kept in its key's tree alone.
-- Every key begins with the realm, so that the schema can be spread by realm over a distributed PostgreSQL.

create table realm_head (
  realm bigint not null, seq bigint not null, hash text not null, next_id bigint not null,
  directory bigint not null, pack text not null,
  primary key (realm)
); -- narrow

create table journal (
  realm bigint not null, seq bigint not null, at bigint not null, actor text not null, command text not null,
  pack text not null, body text not null, prev text not null, hash text not null,
  primary key (realm, seq)
);

create table day_head (
  realm bigint not null, day bigint not null, seq bigint not null, hash text not null,
  primary key (realm, day)
); -- narrow

create table command_key (
  realm bigint not null, key text not null, seq bigint not null, reply text not null,
  primary key (realm, key)
); -- narrow

create table counter (
  realm bigint not null, name text not null, n bigint not null,
  primary key (realm, name)
); -- narrow

create table setting (
  realm bigint not null, name text not null, value text not null,
  primary key (realm, name)
); -- narrow

create table region (
  realm bigint not null, id bigint not null, level text not null, code text not null, state text not null,
  primary key (realm, id)
);

create table natural_unit (
  realm bigint not null, id text not null, village bigint not null, state text not null,
  primary key (realm, id)
);

create table org (
  realm bigint not null, id bigint not null, unit text not null, state text not null,
  primary key (realm, id)
);

create table account (
  realm bigint not null, id bigint not null, login text not null, state text not null,
  primary key (realm, id), unique (realm, login)
);

create table term (
  realm bigint not null, id bigint not null, account bigint not null, holder text not null,
  from_day bigint not null, to_day bigint not null, state text not null,
  primary key (realm, id)
);

create table person (
  realm bigint not null, id bigint not null, region bigint not null, household bigint, state text not null,
  primary key (realm, id)
);

create table household (
  realm bigint not null, id bigint not null, region bigint not null, number text not null, state text not null,
  primary key (realm, id), unique (realm, region, number)
);

create table matter (
  realm bigint not null, id bigint not null, number text not null, kind text not null, step text not null,
  phase text not null, place bigint not null, village bigint not null, town bigint not null, holder text not null,
  due bigint, next_due bigint, accepted bigint not null, opened_at bigint not null, category text not null,
  channel text not null, urgency text not null, opener bigint not null, bypass bigint not null,
  sealed bigint not null, gone bigint not null, state text not null,
  primary key (realm, id)
);
create index matter_number on matter (realm, number, id);
create index matter_next_due on matter (realm, next_due) where next_due is not null;
create index matter_holder on matter (realm, holder, phase, id);
-- What is in hand is little beside what is stored; the lists of a morning live in this index alone.
create index matter_active on matter (realm, due, town, village, place, phase, bypass, kind, accepted, holder, gone)
  where phase in ('open', 'answered') and gone = 0;
create index matter_kind on matter (realm, kind, id);
create index matter_village on matter (realm, village, id);
create index matter_town on matter (realm, town, id);

create table matter_bar (
  realm bigint not null, matter bigint not null, key text not null,
  primary key (realm, matter, key)
); -- narrow

create table matter_party (
  realm bigint not null, key text not null, matter bigint not null,
  primary key (realm, key, matter)
); -- narrow

create table receipt (
  realm bigint not null, digest text not null, matter bigint not null,
  primary key (realm, digest)
); -- narrow

create table search_token (
  realm bigint not null, token text not null, matter bigint not null,
  primary key (realm, token, matter)
); -- narrow

create table subject_key (
  realm bigint not null, key text not null, wrapped text not null,
  primary key (realm, key)
); -- narrow

create table fact (
  realm bigint not null, seq bigint not null, n bigint not null, measure text not null, bucket text not null,
  place bigint not null, day bigint not null, cohort bigint not null, delta bigint not null, subject bigint not null,
  primary key (realm, seq, n)
); -- narrow
-- A figure, its cut-off and its records are read from these two alone.
create index fact_day on fact (realm, measure, day, place, bucket, cohort, delta);
create index fact_cohort on fact (realm, measure, cohort, day, place, bucket, delta, subject, seq);

create table rollup (
  realm bigint not null, axis text not null, grain text not null, day bigint not null, place bigint not null,
  measure text not null, bucket text not null, n bigint not null,
  primary key (realm, axis, grain, place, day, measure, bucket)
); -- narrow

create table session (
  realm bigint not null, token text not null, account bigint not null, csrf text not null,
  made_at bigint not null, seen_at bigint not null, until bigint not null,
  primary key (realm, token)
); -- narrow

create table attempt (
  realm bigint not null, key text not null, n bigint not null, first_at bigint not null, until bigint not null,
  primary key (realm, key)
); -- narrow

create table outbox (
  realm bigint not null, id bigint not null, at bigint not null, channel text not null, recipient text not null,
  body text not null, attempts bigint not null, next_at bigint not null, done_at bigint, error text not null,
  primary key (realm, id)
);
create index outbox_waiting on outbox (realm, next_at) where done_at is null;

create table notice (
  realm bigint not null, account bigint not null, id bigint not null, at bigint not null, matter bigint not null,
  what text not null, read_at bigint,
  primary key (realm, account, id)
); -- narrow
create index notice_unread on notice (realm, account, id) where read_at is null;

create table read_log (
  realm bigint not null, matter bigint not null, at bigint not null, account bigint not null, what text not null,
  reason text not null,
  primary key (realm, matter, at, account)
); -- narrow

create table one_time_link (
  realm bigint not null, token text not null, account bigint not null, until bigint not null,
  primary key (realm, token)
); -- narrow

create table flow_version (
  realm bigint not null, kind text not null, version text not null, seq bigint not null, body text not null,
  primary key (realm, kind, version)
);

create table measure_version (
  realm bigint not null, measure text not null, seq bigint not null, kind text not null, version text not null,
  body text not null, counted bigint not null,
  primary key (realm, measure, seq)
);

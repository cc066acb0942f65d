-- The ledger. An account is found by its key, its lines stand in one run under it, and so do its lots; a transfer keeps
-- its legs and what it is about as one text. Lines and transfers are only added; a transfer's columns say how it stands.

create table ledger_account (
  realm bigint not null, key text not null, id bigint not null, place bigint not null, lots bigint not null,
  balance bigint not null, held bigint not null, debt bigint not null, expires bigint, lines bigint not null,
  primary key (realm, key), unique (realm, id)
);

create table ledger_transfer (
  realm bigint not null, id bigint not null, seq bigint not null, at bigint not null, status text not null,
  until bigint, matter bigint, reversed bigint, state text not null,
  primary key (realm, id)
); -- narrow
create index ledger_pending on ledger_transfer (realm, until, id) where status = 'pending';
create index ledger_of_matter on ledger_transfer (realm, matter, id) where matter is not null;

create table ledger_leg (
  realm bigint not null, account bigint not null, n bigint not null, transfer bigint not null, amount bigint not null,
  balance bigint not null,
  primary key (realm, account, n)
); -- narrow

create table ledger_lot (
  realm bigint not null, account bigint not null, lot bigint not null, made bigint not null, expires bigint,
  amount bigint not null, rest bigint not null, held bigint not null,
  primary key (realm, account, lot)
); -- narrow

create table ledger_use (
  realm bigint not null, key text not null, n bigint not null,
  primary key (realm, key)
); -- narrow

create table ledger_record (
  realm bigint not null, what text not null, owner bigint not null, item text not null, state text not null,
  primary key (realm, what, owner, item)
); -- narrow

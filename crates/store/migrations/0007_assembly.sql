-- Votes by ballot, what was published, and the closed trees of days. Of a secret vote that is still open two tables stand
-- outside the journal: who has voted, and apart from it the box as ciphertext of a sum. Neither holds a time or an
-- order, and no row of either names a voter together with a choice.

create table ballot (
  realm bigint not null, id bigint not null, matter bigint not null, village bigint not null, stage text not null,
  opened bigint not null, state text not null,
  primary key (realm, id)
);
create index ballot_matter on ballot (realm, matter, id);
create index ballot_village on ballot (realm, village, id);

create table ballot_voter (
  realm bigint not null, digest text not null, ballot bigint not null, voter bigint not null,
  primary key (realm, digest)
); -- narrow

create table ballot_mark (
  realm bigint not null, ballot bigint not null, voter bigint not null, way text not null,
  primary key (realm, ballot, voter)
); -- narrow

create table ballot_box (
  realm bigint not null, ballot bigint not null, sealed text not null,
  primary key (realm, ballot)
); -- narrow

create table posted (
  realm bigint not null, seq bigint not null, n bigint not null, subject text not null, place bigint not null,
  digest text not null, state text not null,
  primary key (realm, seq, n)
);
create index posted_digest on posted (realm, digest);
create index posted_subject on posted (realm, subject, seq);
create index posted_place on posted (realm, place, seq);

create table day_root (
  realm bigint not null, first bigint not null, last bigint not null, day bigint not null, size bigint not null,
  root text not null, seq bigint not null,
  primary key (realm, first)
);
create index day_root_last on day_root (realm, last);

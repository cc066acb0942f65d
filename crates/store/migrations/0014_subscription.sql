-- Telephones that are told of what a village makes public. The number is ciphertext within the state; by its keyed token
-- a number is found again. Tokens are derived, stand outside the journal, and go when a subscription ends.

create table subscription (
  realm bigint not null, id bigint not null, village bigint not null, told bigint not null, lapses bigint,
  state text not null,
  primary key (realm, id)
);
create index subscription_told on subscription (realm, village, id) where told = 1;
create index subscription_lapses on subscription (realm, lapses) where lapses is not null;

create table subscription_token (
  realm bigint not null, token text not null, id bigint not null,
  primary key (realm, token, id)
); -- narrow
create index subscription_token_id on subscription_token (realm, id);

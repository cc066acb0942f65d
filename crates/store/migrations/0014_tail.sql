-- Up to which entry the facts are in the roll-ups; what newer ones add is kept back and added to whatever is read.
alter table realm_head add column rolled bigint not null default 0;
update realm_head set rolled = seq;

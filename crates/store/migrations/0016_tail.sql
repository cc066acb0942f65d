-- The newest facts stand in no index and in no roll-up yet; the head says up to which entry they do.
alter table realm_head add column rolled bigint not null default 0;
update realm_head set rolled = seq;
alter table fact add column settled bigint not null default 1;
drop index fact_day;
drop index fact_cohort;
create index fact_day on fact (realm, measure, day, place, bucket, cohort, delta) where settled = 1;
create index fact_cohort on fact (realm, measure, cohort, day, place, bucket, delta, subject, seq) where settled = 1;

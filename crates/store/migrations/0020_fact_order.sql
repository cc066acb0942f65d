-- Within a day of a measure facts stand in the order in which they came, so that what is new goes to the end of it and not to
-- as many pages as there are places. Nothing is ever sought by a place here: a place is asked for beside many others.
drop index fact_day;
drop index fact_cohort;
create index fact_day on fact (realm, measure, day, seq, place, bucket, cohort, delta) where settled = 1;
create index fact_cohort on fact (realm, measure, cohort, day, seq, place, bucket, delta, subject) where settled = 1;

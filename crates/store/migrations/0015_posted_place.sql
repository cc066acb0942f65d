-- The same index under a condition that no other index can search by: SQLite took the range of subjects over the whole
-- county for it and sorted what it found.
drop index posted_said;
create index posted_said on posted (realm, place, seq) where substr(subject, 1, 1) < 't';

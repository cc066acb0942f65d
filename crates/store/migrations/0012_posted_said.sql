-- What a village said and decided, without the entries of its points book, which are many more.
drop index posted_place;
create index posted_said on posted (realm, place, seq) where subject < 't';

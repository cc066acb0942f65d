-- The search index: words of matters as keyed tokens. Derived: it stands outside the journal and can be made anew from
-- the matters. How it is searched differs between the databases, so dialect.rs adds that part.

create table matter_words (
  realm bigint not null, id bigint not null, facets text not null, words text not null,
  primary key (realm, id)
);

-- Filters of the list under a name, of one account or of a post; name and words are ciphertext.
create table saved_filter (
  realm bigint not null, id bigint not null, state text not null,
  primary key (realm, id)
);

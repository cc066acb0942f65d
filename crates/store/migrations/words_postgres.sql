-- A vector beside the words, in an inverted index.
alter table matter_words add column found tsvector
  generated always as (to_tsvector('simple'::regconfig, facets || ' ' || words)) stored;
create index matter_words_found on matter_words using gin (found);

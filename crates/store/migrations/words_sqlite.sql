-- Full text without content, which triggers keep. A row is numbered by realm and matter, so that newest first is the
-- index's own order.
create virtual table matter_found using fts5(words, content='', contentless_delete=1, tokenize='ascii');
create trigger matter_words_new after insert on matter_words begin
  insert into matter_found (rowid, words) values (new.realm * 4398046511104 + new.id, new.facets || ' ' || new.words);
end;
create trigger matter_words_more after update on matter_words begin
  update matter_found set words = new.facets || ' ' || new.words where rowid = new.realm * 4398046511104 + new.id;
end;
create trigger matter_words_gone after delete on matter_words begin
  delete from matter_found where rowid = old.realm * 4398046511104 + old.id;
end;

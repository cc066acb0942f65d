-- Full text without content. A row is numbered by realm and matter, so that newest first is the index's own order. Rows go
-- in beside their words; whatever takes words away takes them out of the index too.
create virtual table matter_found using fts5(words, content='', contentless_delete=1, tokenize='ascii');
create trigger matter_words_gone after delete on matter_words begin
  delete from matter_found where rowid = old.realm * 4398046511104 + old.id;
end;

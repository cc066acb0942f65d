-- Words went into their index by triggers, each matter alone.
drop trigger if exists matter_words_new;
drop trigger if exists matter_words_more;

-- Who reported when, by the keyed token of their telephone: for warnings of callers who come again and again. Derived like
-- the tokens of the search, and without those who are to be kept secret.

create table caller (
  realm bigint not null, day bigint not null, token text not null, matter bigint not null,
  primary key (realm, day, token, matter)
); -- narrow
create index caller_matter on caller (realm, matter);

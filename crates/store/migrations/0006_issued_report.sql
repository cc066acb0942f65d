-- A report as it was issued; its document is ciphertext within the state and never changes. A wording is a sentence that
-- somebody wrote anew for a report that is not issued yet.

create table issued_report (
  realm bigint not null, id bigint not null, place bigint not null, template text not null, state text not null,
  primary key (realm, id)
);
create index issued_report_place on issued_report (realm, place, id);

create table report_wording (
  realm bigint not null, place bigint not null, template text not null, from_day bigint not null, block text not null,
  state text not null,
  primary key (realm, place, template, from_day, block)
);

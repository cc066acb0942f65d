-- Of the facts that are being settled, how many are in their indexes by now: they go there a few with each group.

alter table realm_head add column part bigint not null default 0;

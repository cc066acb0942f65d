-- Values from before the platform, as offices reported them: the base of a comparison that has none of its own. A later
-- report of the same indicator, place and period takes the place of the earlier one; the journal keeps both.

create table reported_value (
  realm bigint not null, indicator text not null, place bigint not null, from_day bigint not null,
  to_day bigint not null, value bigint not null, office bigint not null, entered bigint not null,
  primary key (realm, indicator, place, from_day, to_day)
);

-- The registers go out by place, and households with the number of their people.
create index person_region on person (realm, region, id);
create index person_household on person (realm, household) where household is not null;

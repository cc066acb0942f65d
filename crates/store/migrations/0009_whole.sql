-- The whole of a measure has a row of its own beside those of its buckets; county and towns have a row for each year beside
-- those of its months.

insert into rollup (realm, axis, grain, day, place, measure, bucket, n)
  select realm, axis, grain, day, place, measure, '', cast(sum(n) as bigint) from rollup where bucket <> ''
  group by realm, axis, grain, day, place, measure
  on conflict (realm, axis, grain, place, day, measure, bucket) do update set n = rollup.n + excluded.n;

-- First days of the years 1990 to 2060, and of those after them.
with year (first, after) as (values
  (7305, 7670), (7670, 8035), (8035, 8401), (8401, 8766), (8766, 9131), (9131, 9496),
  (9496, 9862), (9862, 10227), (10227, 10592), (10592, 10957), (10957, 11323), (11323, 11688),
  (11688, 12053), (12053, 12418), (12418, 12784), (12784, 13149), (13149, 13514), (13514, 13879),
  (13879, 14245), (14245, 14610), (14610, 14975), (14975, 15340), (15340, 15706), (15706, 16071),
  (16071, 16436), (16436, 16801), (16801, 17167), (17167, 17532), (17532, 17897), (17897, 18262),
  (18262, 18628), (18628, 18993), (18993, 19358), (19358, 19723), (19723, 20089), (20089, 20454),
  (20454, 20819), (20819, 21184), (21184, 21550), (21550, 21915), (21915, 22280), (22280, 22645),
  (22645, 23011), (23011, 23376), (23376, 23741), (23741, 24106), (24106, 24472), (24472, 24837),
  (24837, 25202), (25202, 25567), (25567, 25933), (25933, 26298), (26298, 26663), (26663, 27028),
  (27028, 27394), (27394, 27759), (27759, 28124), (28124, 28489), (28489, 28855), (28855, 29220),
  (29220, 29585), (29585, 29950), (29950, 30316), (30316, 30681), (30681, 31046), (31046, 31411),
  (31411, 31777), (31777, 32142), (32142, 32507), (32507, 32872), (32872, 33238)
)
insert into rollup (realm, axis, grain, day, place, measure, bucket, n)
  select m.realm, m.axis, 'Y', year.first, m.place, m.measure, m.bucket, cast(sum(m.n) as bigint)
  from rollup m join year on m.day >= year.first and m.day < year.after
  join region on region.realm = m.realm and region.id = m.place and region.level in ('county', 'town')
  where m.grain = 'M' group by m.realm, m.axis, year.first, m.place, m.measure, m.bucket;

-- What a village has of one kind, such as what it disclosed: by the village alone all that was ever reported there was read
-- through for it (30 ms a page where 8,000 matters lie in a village).
create index matter_village_kind on matter (realm, village, kind, id);

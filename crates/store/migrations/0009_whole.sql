-- Roll-ups have a row for the whole, years, and a row for what came later than its cohort. They are made anew from the facts
-- when the county is opened next.

delete from rollup;

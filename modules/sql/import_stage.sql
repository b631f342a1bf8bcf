-- Makes the temporary table that a load is copied into.
-- params: none
-- returns: nothing (a void)
-- columns: 1
-- rows: 1
SELECT cost_stage()

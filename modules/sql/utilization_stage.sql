-- Makes the temporary table that utilization is copied into.
-- params: none
-- returns: nothing (a void)
-- columns: 1
-- rows: 1
SELECT utilization_stage()

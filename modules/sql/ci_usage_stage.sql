-- Makes the temporary table that GitHub's usage reports are copied into.
-- params: none
-- returns: nothing (a void)
-- columns: 1
-- rows: 1
SELECT ci_usage_stage()

-- Evaluates budgets: an event for every threshold reached for the first time
-- in its period; see budgets_evaluate() in the schema.
-- params: $1 organizations integer[] or null for all
-- returns: reached bigint
-- rows: 1
SELECT budgets_evaluate($1::integer[])

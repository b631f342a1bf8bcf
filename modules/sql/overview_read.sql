-- What each account has cost in this month so far, in the whole of the last
-- one, and in that one's same first days.
--
-- The sub-selects keep the planner from seeing the parameters' values; see
-- costs_read.sql.
--
-- params: $1 organization integer, $2 today date, $3 last day of last month
--   date, $4 day of last month to compare with date, $5 kind of cost text
--   (billed, effective, list, contracted)
-- returns: account id integer, name text, this month numeric, last month
--   numeric, the same days of last month numeric
-- rows: every account, by what it cost this month descending, then by name
WITH asked AS MATERIALIZED (
    SELECT $1::integer AS organization, ARRAY[$2::date, $3, $4] AS days
)
SELECT a.id, a.name COLLATE "C" AS name, coalesce(c.this, 0) AS this,
       coalesce(c.last, 0) AS last, coalesce(c.same, 0) AS same
  FROM accounts a
 CROSS JOIN LATERAL (
       SELECT sum(d.amount) FILTER (WHERE d.day = $2) AS this,
              sum(d.amount) FILTER (WHERE d.day = $3) AS last,
              sum(d.amount) FILTER (WHERE d.day = $4) AS same
         FROM (SELECT d.day,
                      CASE $5 WHEN 'billed' THEN d.billed
                              WHEN 'effective' THEN d.effective
                              WHEN 'list' THEN d.list
                              WHEN 'contracted' THEN d.contracted END AS amount
                 FROM cost_to_date d
                WHERE d.organization_id = (SELECT organization FROM asked)
                  AND d.account_id = a.id
                  AND d.day = ANY ((SELECT days FROM asked)::date[])
                  AND d.service_id = 0) d) c
 WHERE a.organization_id = (SELECT organization FROM asked)
 ORDER BY this DESC, name, a.id

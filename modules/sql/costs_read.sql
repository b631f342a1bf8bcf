-- Costs of a window, per account and per service.
--
-- cost_to_date holds sums from the first of a month to a day, so the window
-- is given by the days whose sums are added (every last day of a month that
-- lies in it, and its last day) and the one whose sum is taken off (the day
-- before its first, unless that is the first of a month).
--
-- The sub-selects keep the planner from seeing the parameters' values: it
-- would else make a new plan for each call, which takes longer than the rest.
--
-- params: $1 organization integer, $2 account uuid or null for all,
--   $3 days to add date[] ("{2026-01-31,2026-02-14}"), $4 day to take off
--   date or null, $5 kind of cost text (billed, effective, list, contracted)
-- returns: kind integer (0 an account, 1 a service), account uuid or null,
--   account id integer or null, name text, provider text or null, external id
--   text or null, amount numeric
-- rows: the accounts asked for, each with 0 when it has no cost in the window
--   (no such row: there is no such account), then the services that have
--   entries in the window; both by amount descending, then by name
WITH asked AS MATERIALIZED (
    SELECT $1::integer AS organization, $3::date[] || $4::date AS days,
           CASE WHEN $2::uuid IS NULL THEN 0
                ELSE min(a.id) END AS account,
           CASE WHEN $2::uuid IS NULL THEN 1
                ELSE min(a.id) END AS first,
           CASE WHEN $2::uuid IS NULL THEN 2147483647
                ELSE min(a.id) END AS last
      FROM accounts a
     WHERE a.organization_id = $1 AND a.uuid = $2
)
SELECT 0 AS kind, a.uuid, a.id, a.name COLLATE "C" AS name, a.provider,
       a.external_id, coalesce(c.amount, 0) AS amount
  FROM accounts a
 CROSS JOIN LATERAL (
       SELECT sum(CASE WHEN d.day = $4 THEN - d.amount
                       ELSE d.amount END) AS amount
         FROM (SELECT d.day,
                      CASE $5 WHEN 'billed' THEN d.billed
                              WHEN 'effective' THEN d.effective
                              WHEN 'list' THEN d.list
                              WHEN 'contracted' THEN d.contracted
                      END AS amount
                 FROM cost_to_date d
                WHERE d.organization_id = (SELECT organization FROM asked)
                  AND d.account_id = a.id
                  AND d.day = ANY ((SELECT days FROM asked)::date[])
                  AND d.service_id = 0) d) c
 WHERE a.organization_id = (SELECT organization FROM asked)
   AND a.id BETWEEN (SELECT first FROM asked) AND (SELECT last FROM asked)
UNION ALL
SELECT 1, NULL, NULL, s.name COLLATE "C", NULL, NULL, c.amount
  FROM (SELECT d.service_id,
               sum(CASE WHEN d.day = $4 THEN - d.entries
                        ELSE d.entries END) AS entries,
               sum(CASE WHEN d.day = $4 THEN - d.amount
                        ELSE d.amount END) AS amount
          FROM (SELECT d.service_id, d.day, d.entries,
                       CASE $5 WHEN 'billed' THEN d.billed
                               WHEN 'effective' THEN d.effective
                               WHEN 'list' THEN d.list
                               WHEN 'contracted' THEN d.contracted
                       END AS amount
                  FROM cost_to_date d
                 WHERE d.organization_id = (SELECT organization FROM asked)
                   AND d.account_id = (SELECT account FROM asked)
                   AND d.day = ANY ((SELECT days FROM asked)::date[])
                   AND d.service_id > 0) d
         GROUP BY d.service_id) c
  JOIN services s ON s.id = c.service_id
 WHERE c.entries > 0
 ORDER BY kind, amount DESC, name

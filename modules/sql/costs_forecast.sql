-- What each of consecutive days has cost, for the forecast: the differences of
-- cost_to_date's sums from the first of a month to a day.
--
-- params: $1 organization integer, $2 account id integer or null for all,
--   $3 first day date, $4 last day date, $5 kind of cost text (billed,
--   effective, list, contracted)
-- returns: series text or null ("0 12.5 3 0.07": days since $3, with amounts;
--   those that are not there have cost nothing)
-- rows: 1; 0 when there is no such account
WITH asked AS MATERIALIZED (
    SELECT $1::integer AS organization, coalesce($2::integer, 0) AS account,
           $3::date AS first, $4::date AS last
)
SELECT (SELECT string_agg((d.day - $3::date) || ' ' || d.amount, ' '
                          ORDER BY d.day)
          FROM (SELECT c.day,
                       c.amount - lag(c.amount, 1, 0::numeric) OVER (
                           PARTITION BY date_trunc('month', c.day::timestamp)
                           ORDER BY c.day) AS amount
                  FROM (SELECT t.day,
                               CASE $5 WHEN 'billed' THEN t.billed
                                       WHEN 'effective' THEN t.effective
                                       WHEN 'list' THEN t.list
                                       WHEN 'contracted' THEN t.contracted
                               END AS amount
                          FROM cost_to_date t
                         WHERE t.organization_id = (SELECT organization
                                                      FROM asked)
                           AND t.account_id = (SELECT account FROM asked)
                           AND t.day >= (SELECT first - 1 FROM asked)
                           AND t.day <= (SELECT last FROM asked)
                           AND t.service_id = 0) c) d
         WHERE d.day >= $3 AND d.amount <> 0) AS series
 WHERE $2::integer IS NULL
       OR EXISTS (SELECT FROM accounts a
                   WHERE a.organization_id = $1 AND a.id = $2)

-- Daily series of accounts, each service by itself, for the search for
-- anomalies: of the accounts that an import brought billing periods of, or of
-- those that are named.  Judged are the days from the first of these periods
-- on, of named accounts from their newest one on, as later days are judged by
-- earlier ones, but not those that nobody can ask for any more; 140 days
-- before them are their history.  A series ends with the account's last
-- billed day.
--
-- params: $1 organization integer, $2 import bigint or null, $3 accounts
--   integer[], where $2 is null
-- returns: account integer, service integer or null, first day of the series
--   integer (since 1970), days integer, day of the service's first costs
--   integer, first day to judge integer (both since the series' first),
--   series text or null ("0 12.5 3 0.07": days with their amounts)
-- rows: for each account one without a service, then its services
WITH periods AS (
    SELECT p.account_id, p.first_day, p.last_day, p.period,
           CASE WHEN $2::bigint IS NULL
                THEN p.period = max(p.period)
                                OVER (PARTITION BY p.account_id)
                ELSE p.import_id = $2
           END AS meant
      FROM cost_periods p
     WHERE p.organization_id = $1
       AND ($2::bigint IS NOT NULL OR p.account_id = ANY ($3::integer[]))
), touched AS MATERIALIZED (
    SELECT p.account_id,
           greatest(date_trunc('month', least(
                        min(p.period) FILTER (WHERE p.meant),
                        min(p.first_day) FILTER (WHERE p.meant)
                        )::timestamp)::date,
                    (now() AT TIME ZONE 'UTC')::date - 365) AS judged,
           least(max(p.last_day), (now() AT TIME ZONE 'UTC')::date) AS last
      FROM periods p
     GROUP BY p.account_id
    HAVING bool_or(p.meant)
), wanted AS MATERIALIZED (
    SELECT t.account_id, t.judged, t.last,
           date_trunc('month', (t.judged - 140)::timestamp)::date AS first
      FROM touched t
), daily AS (
    SELECT w.account_id, w.first, d.service_id, d.day,
           d.billed - lag(d.billed, 1, 0::numeric) OVER (
               PARTITION BY w.account_id, d.service_id,
                            date_trunc('month', d.day::timestamp)
               ORDER BY d.day) AS amount
      FROM wanted w
     CROSS JOIN LATERAL (
           SELECT c.service_id, c.day, c.billed
             FROM cost_to_date c
            WHERE c.organization_id = $1 AND c.account_id = w.account_id
              AND c.day >= w.first AND c.day <= w.last
              AND c.service_id > 0
           OFFSET 0) d
), series AS (
    SELECT d.account_id, d.service_id, min(d.day - d.first) AS start,
           string_agg((d.day - d.first) || ' ' || d.amount, ' '
                      ORDER BY d.day) FILTER (WHERE d.amount <> 0) AS series
      FROM daily d
     GROUP BY d.account_id, d.service_id
), listed AS (
    SELECT w.account_id, NULL::integer AS service_id, 0 AS start,
           NULL::text AS series
      FROM wanted w
     UNION ALL
    SELECT s.account_id, s.service_id, s.start, s.series
      FROM series s
)
SELECT l.account_id, l.service_id, w.first - date '1970-01-01' AS first,
       greatest(w.last - w.first + 1, 0) AS days, l.start,
       w.judged - w.first AS judged, l.series
  FROM listed l
  JOIN wanted w ON w.account_id = l.account_id
 ORDER BY l.account_id, l.service_id NULLS FIRST

-- Budgets, or one of them, with what is spent in their present periods.
-- params: $1 organization integer, $2 uuid uuid or null for all, $3 after
--   integer (0: from the first), $4 limit integer
-- returns: id integer, uuid uuid, name text, scope type text, account uuid or
--   null, service text or null, amount numeric, period text, thresholds text
--   (JSON), notifications text (JSON), period's first day integer, its last
--   integer (both since 1970), spend numeric, percent used numeric, thresholds
--   reached text (JSON), created epoch seconds bigint, updated epoch seconds
--   bigint
-- rows: 0..limit, in the order of their making
WITH page AS MATERIALIZED (
    SELECT b.*
      FROM budgets b
     WHERE b.organization_id = $1::integer AND b.id > $3::integer
       AND ($2::uuid IS NULL OR b.uuid = $2)
     ORDER BY b.id
     LIMIT $4::integer
)
SELECT b.id, b.uuid, b.name, b.scope_type, a.uuid AS account,
       s.name AS service, b.amount, b.period,
       array_to_json(b.thresholds)::text AS thresholds,
       b.notifications::text AS notifications,
       x.period_start - date '1970-01-01' AS first,
       (x.period_start + CASE b.period WHEN 'month' THEN interval '1 month'
                         WHEN 'quarter' THEN interval '3 months'
                         ELSE interval '1 year' END)::date
       - 1 - date '1970-01-01' AS last,
       x.spend, round(x.spend / b.amount * 100, 1) AS percent,
       (SELECT coalesce(json_agg(c.threshold ORDER BY c.threshold), '[]')::text
          FROM budget_crossings c
         WHERE c.budget_id = b.id AND c.period_start = x.period_start)
       AS reached,
       floor(extract(epoch FROM b.created_at))::bigint AS created,
       floor(extract(epoch FROM b.updated_at))::bigint AS updated
  FROM page b
  JOIN budget_spend(ARRAY[$1::integer], (now() AT TIME ZONE 'UTC')::date) x
    ON x.budget_id = b.id
  LEFT JOIN accounts a ON a.id = b.account_id
  LEFT JOIN services s ON s.id = b.service_id
 ORDER BY b.id

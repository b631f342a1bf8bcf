-- Anomalies of a window, a page at a time.
-- params: $1 organization integer, $2 account id integer or null for all,
--   $3 first day date, $4 last day date, $5 status text or null for all,
--   $6 day of the last one of the page before date or null, $7 its id
--   integer, $8 limit integer
-- returns: id integer or null, day integer (since 1970), account id integer,
--   account name text, service text, actual numeric, expected numeric, lower
--   numeric, upper numeric, deviation percent numeric or null, severity text,
--   status text, reason text or null, detected epoch seconds bigint
-- rows: one of nulls when the account asked for exists (always, when none is
--   asked for), then 0..limit, the newest day first
SELECT NULL::integer AS id, NULL::integer AS day, NULL::integer AS account,
       NULL::text AS name, NULL::text AS service, NULL::numeric AS actual,
       NULL::numeric AS expected, NULL::numeric AS lower,
       NULL::numeric AS upper, NULL::numeric AS deviation,
       NULL::text AS severity, NULL::text AS status, NULL::text AS reason,
       NULL::bigint AS detected
 WHERE $2::integer IS NULL
       OR EXISTS (SELECT FROM accounts a
                   WHERE a.organization_id = $1 AND a.id = $2)
UNION ALL
SELECT p.id, p.day - date '1970-01-01', a.id, a.name, s.name, p.actual,
       p.expected, p.lower, p.upper, p.deviation_percent, p.severity,
       p.status, p.reason,
       floor(extract(epoch FROM p.detected_at))::bigint
  FROM (SELECT n.*
          FROM cost_anomalies n
         WHERE n.organization_id = $1 AND n.day BETWEEN $3::date AND $4::date
           AND ($2::integer IS NULL OR n.account_id = $2)
           AND ($5::text IS NULL OR n.status = $5)
           AND ($6::date IS NULL OR (n.day, n.id) < ($6, $7::integer))
         ORDER BY n.day DESC, n.id DESC
         LIMIT $8) p
  JOIN accounts a ON a.id = p.account_id
  JOIN services s ON s.id = p.service_id
 ORDER BY day DESC NULLS FIRST, id DESC

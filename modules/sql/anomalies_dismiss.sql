-- A person says that an anomaly is none; who says it first gives the reason.
-- params: $1 organization integer, $2 id integer, $3 reason text or null
-- returns: id integer, day integer (since 1970), account id integer, account
--   name text, service text, actual numeric, expected numeric, lower numeric,
--   upper numeric, deviation percent numeric or null, severity text, status
--   text, reason text or null, detected epoch seconds bigint
-- rows: 0..1
UPDATE cost_anomalies n
   SET status = 'dismissed',
       reason = CASE WHEN n.status = 'active' THEN $3 ELSE n.reason END,
       dismissed_at = coalesce(n.dismissed_at, clock_timestamp())
  FROM accounts a, services s
 WHERE n.organization_id = $1 AND n.id = $2
   AND a.id = n.account_id AND s.id = n.service_id
RETURNING n.id, n.day - date '1970-01-01' AS day, a.id AS account, a.name,
          s.name AS service, n.actual, n.expected, n.lower, n.upper,
          n.deviation_percent AS deviation, n.severity, n.status, n.reason,
          floor(extract(epoch FROM n.detected_at))::bigint AS detected

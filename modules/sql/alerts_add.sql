-- A new alert.
-- params: $1 organization integer, $2 name text, $3 type text,
--   $4 paused boolean, $5 scope text, $6 account uuid or null,
--   $7 account integer or null, $8 owner text or null,
--   $9 repository text or null, $10 workflow text or null, $11 metric text,
--   $12 operator text, $13 value numeric, $14 baseline text or null,
--   $15 notifications json, $16 cooldown integer (hours)
-- returns: uuid uuid (null: it was not made), known boolean (the account),
--   name text, status text, created epoch seconds bigint,
--   updated epoch seconds bigint
-- rows: 1
WITH account AS (
    SELECT a.id FROM accounts a
     WHERE a.organization_id = $1::integer
       AND (a.uuid = $6::uuid OR a.id = $7::integer)
), added AS (
    INSERT INTO alerts (organization_id, name, type, paused, scope_type,
                        account_id, owner, repository, workflow, metric,
                        operator, value, baseline, notifications,
                        cooldown_hours)
    SELECT $1::integer, $2, $3, $4::boolean, $5, (SELECT id FROM account),
           $8, $9, $10, $11, $12, $13::numeric, $14, $15::json, $16::integer
     WHERE ($5 <> 'account' OR EXISTS (SELECT FROM account))
       AND (SELECT count(*) FROM alerts WHERE organization_id = $1) < 1000
    RETURNING uuid, name, paused, created_at
)
SELECT d.uuid, $5 <> 'account' OR EXISTS (SELECT FROM account) AS known,
       d.name, CASE WHEN d.paused THEN 'paused' ELSE 'active' END AS status,
       floor(extract(epoch FROM d.created_at))::bigint AS created,
       floor(extract(epoch FROM d.created_at))::bigint AS updated
  FROM (VALUES (1)) one (n)
  LEFT JOIN added d ON true

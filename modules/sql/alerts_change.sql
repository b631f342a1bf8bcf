-- What an alert is from now on, if it is still what it was.
-- params: $1 organization integer, $2 name text, $3 type text,
--   $4 paused boolean, $5 scope text, $6 account uuid or null,
--   $7 account integer or null, $8 owner text or null,
--   $9 repository text or null, $10 workflow text or null, $11 metric text,
--   $12 operator text, $13 value numeric, $14 baseline text or null,
--   $15 notifications json, $16 cooldown integer (hours), $17 uuid uuid,
--   $18 version integer
-- returns: uuid uuid (null: it has changed meanwhile, or is gone),
--   known boolean (the account), name text, status text,
--   created epoch seconds bigint, updated epoch seconds bigint
-- rows: 1
WITH account AS (
    SELECT a.id FROM accounts a
     WHERE a.organization_id = $1::integer
       AND (a.uuid = $6::uuid OR a.id = $7::integer)
), changed AS (
    UPDATE alerts a
       SET name = $2, type = $3, paused = $4::boolean, scope_type = $5,
           account_id = (SELECT id FROM account), owner = $8,
           repository = $9, workflow = $10, metric = $11, operator = $12,
           value = $13::numeric, baseline = $14, notifications = $15::json,
           cooldown_hours = $16::integer, version = a.version + 1,
           updated_at = now()
     WHERE a.organization_id = $1 AND a.uuid = $17::uuid
       AND a.version = $18::integer
       AND ($5 <> 'account' OR EXISTS (SELECT FROM account))
    RETURNING a.uuid, a.name, a.paused, a.open, a.created_at, a.updated_at
)
SELECT c.uuid, $5 <> 'account' OR EXISTS (SELECT FROM account) AS known,
       c.name, CASE WHEN c.paused THEN 'paused'
                    WHEN c.open THEN 'triggered'
                    ELSE 'active' END AS status,
       floor(extract(epoch FROM c.created_at))::bigint AS created,
       floor(extract(epoch FROM c.updated_at))::bigint AS updated
  FROM (VALUES (1)) one (n)
  LEFT JOIN changed c ON true

-- Changes what is not null of a budget; with a scope type its account and
-- service are those given, and none where they are null.
-- params: $1 organization integer, $2 uuid uuid, $3 name text, $4 scope type
--   text, $5 account uuid, $6 service text, $7 amount numeric, $8 period text,
--   $9 thresholds integer[], $10 notifications jsonb
-- returns: uuid uuid or null, is the account unknown boolean, is the service
--   boolean (null uuid and neither: there is no such budget)
-- rows: 1
WITH asked AS MATERIALIZED (
    SELECT (SELECT a.id FROM accounts a
             WHERE a.organization_id = $1::integer AND a.uuid = $5::uuid)
           AS account,
           (SELECT s.id FROM services s WHERE s.name = $6::text) AS service
), changed AS (
    UPDATE budgets b
       SET name = coalesce($3, b.name),
           scope_type = coalesce($4, b.scope_type),
           account_id = CASE WHEN $4 IS NULL THEN b.account_id
                             ELSE k.account END,
           service_id = CASE WHEN $4 IS NULL THEN b.service_id
                             ELSE k.service END,
           amount = coalesce($7::numeric, b.amount),
           period = coalesce($8, b.period),
           thresholds = coalesce((SELECT array_agg(DISTINCT t ORDER BY t)
                                    FROM unnest($9::integer[]) t),
                                 b.thresholds),
           notifications = coalesce($10::jsonb, b.notifications),
           updated_at = now()
      FROM asked k
     WHERE b.organization_id = $1 AND b.uuid = $2::uuid
       AND ($5 IS NULL OR k.account IS NOT NULL)
       AND ($6 IS NULL OR k.service IS NOT NULL)
    RETURNING b.uuid
)
SELECT (SELECT uuid FROM changed) AS uuid,
       $5 IS NOT NULL AND k.account IS NULL AS account,
       $6 IS NOT NULL AND k.service IS NULL AS service
  FROM asked k

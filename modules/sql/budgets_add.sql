-- A new budget.
-- params: $1 organization integer, $2 name text, $3 scope type text,
--   $4 account uuid or null, $5 service text or null, $6 amount numeric,
--   $7 period text, $8 thresholds integer[] or null, $9 notifications jsonb or
--   null
-- returns: uuid uuid or null, is the account unknown boolean, is the service
--   boolean (null uuid and neither: there are as many budgets as there may be)
-- rows: 1
WITH asked AS MATERIALIZED (
    SELECT (SELECT a.id FROM accounts a
             WHERE a.organization_id = $1::integer AND a.uuid = $4::uuid)
           AS account,
           (SELECT s.id FROM services s WHERE s.name = $5::text) AS service
), added AS (
    INSERT INTO budgets (organization_id, name, scope_type, account_id,
                         service_id, amount, period, thresholds,
                         notifications)
    SELECT $1, $2, $3, k.account, k.service, $6::numeric, $7,
           coalesce((SELECT array_agg(DISTINCT t ORDER BY t)
                       FROM unnest($8::integer[]) t), '{50,75,90,100}'),
           coalesce($9::jsonb, '[]')
      FROM asked k
     WHERE ($4 IS NULL OR k.account IS NOT NULL)
       AND ($5 IS NULL OR k.service IS NOT NULL)
       AND (SELECT count(*) FROM budgets WHERE organization_id = $1) < 500
    RETURNING uuid
)
SELECT (SELECT uuid FROM added) AS uuid,
       $4 IS NOT NULL AND k.account IS NULL AS account,
       $5 IS NOT NULL AND k.service IS NULL AS service
  FROM asked k

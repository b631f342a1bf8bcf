-- What could be saved, most first, and over all that match how many there are
-- and how much.
-- params: $1 organization integer, $2 account uuid or null for all,
--   $3 status text or null for all, $4 limit integer
-- returns: id uuid or null, account uuid, account name text, provider text,
--   external id text, kind text, title text, description text, saving
--   numeric, priority text, resource id text, resource type text, status
--   text, created epoch seconds bigint, total bigint or null
-- rows: one with the total and the sum of all matches, the rest of it nulls,
--   when the account asked for exists (always, when none is asked for), then
--   0..limit
WITH matches AS MATERIALIZED (
    SELECT r.*
      FROM recommendations r
     WHERE r.organization_id = $1
       AND ($2::uuid IS NULL
            OR r.account_id = (SELECT a.id FROM accounts a
                                WHERE a.organization_id = $1
                                  AND a.uuid = $2))
       AND ($3::text IS NULL OR r.status = $3)
)
SELECT NULL::uuid AS id, NULL::uuid AS account, NULL::text AS name,
       NULL::text AS provider, NULL::text AS external_id,
       NULL::text AS kind, NULL::text AS title, NULL::text AS description,
       coalesce(sum(m.saving), 0) AS saving, NULL::text AS priority,
       NULL::text AS resource_id, NULL::text AS resource_type,
       NULL::text AS status, NULL::bigint AS created, count(*) AS total
  FROM matches m
HAVING $2::uuid IS NULL
       OR EXISTS (SELECT FROM accounts a
                   WHERE a.organization_id = $1 AND a.uuid = $2)
UNION ALL
SELECT m.id, a.uuid, a.name, a.provider, a.external_id, m.kind, m.title,
       m.description, m.saving, m.priority, m.resource_id, m.resource_type,
       m.status, floor(extract(epoch FROM m.created_at))::bigint, NULL
  FROM (SELECT n.* FROM matches n
         ORDER BY n.saving DESC, n.id
         LIMIT $4) m
  JOIN accounts a ON a.id = m.account_id
 ORDER BY total NULLS LAST, saving DESC, id

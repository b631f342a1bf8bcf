-- One recommendation.
-- params: $1 organization integer, $2 id uuid
-- returns: id uuid, account uuid, account name text, provider text, external
--   id text, kind text, title text, description text, saving numeric,
--   priority text, resource id text, resource type text, status text,
--   created epoch seconds bigint
-- rows: 0..1
SELECT r.id, a.uuid AS account, a.name, a.provider, a.external_id, r.kind,
       r.title, r.description, r.saving, r.priority, r.resource_id,
       r.resource_type, r.status,
       floor(extract(epoch FROM r.created_at))::bigint AS created
  FROM recommendations r
  JOIN accounts a ON a.id = r.account_id
 WHERE r.organization_id = $1 AND r.id = $2

-- A person names an account: no bill names it again.
-- params: $1 organization integer, $2 account uuid or null, $3 account id
--   integer or null, $4 name text
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint
-- rows: 0..1
UPDATE accounts a
   SET name = $4, named_on = 'infinity'
 WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)
RETURNING a.id, a.uuid, a.name, a.provider, a.external_id,
          floor(extract(epoch FROM a.created_at))::bigint AS created

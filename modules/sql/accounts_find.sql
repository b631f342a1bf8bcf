-- One account of an organization, by either of its ids.
-- params: $1 organization integer, $2 account uuid or null, $3 account id
--   integer or null
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint
-- rows: 0..1
SELECT a.id, a.uuid, a.name, a.provider, a.external_id,
       floor(extract(epoch FROM a.created_at))::bigint AS created
  FROM accounts a
 WHERE a.organization_id = $1 AND (a.uuid = $2 OR a.id = $3)

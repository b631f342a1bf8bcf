-- An organization's accounts, a page at a time.
-- params: $1 organization integer, $2 last id of the page before integer (0:
--   from the first), $3 limit integer
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint
-- rows: 0..limit, by id
SELECT a.id, a.uuid, a.name, a.provider, a.external_id,
       floor(extract(epoch FROM a.created_at))::bigint AS created
  FROM accounts a
 WHERE a.organization_id = $1 AND a.id > $2
 ORDER BY a.id
 LIMIT $3

-- An organization's accounts, a page at a time.
-- params: $1 organization integer, $2 last id of the page before integer (0:
--   from the first), $3 limit integer
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint, kind text or null (of its source),
--   location text, bucket text, region text, prefix text, access key text,
--   one account boolean, hours integer or null
-- rows: 0..limit, by id
SELECT a.id, a.uuid, a.name, a.provider, a.external_id,
       floor(extract(epoch FROM a.created_at))::bigint AS created,
       s.kind, s.location, s.bucket, s.region, s.prefix, s.access_key,
       s.one_account, s.sync_every
  FROM accounts a
  LEFT JOIN account_sources s ON s.organization_id = a.organization_id
       AND s.account_id = a.id
 WHERE a.organization_id = $1 AND a.id > $2
 ORDER BY a.id
 LIMIT $3

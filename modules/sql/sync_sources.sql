-- The sources of an organization.
-- params: $1 organization integer
-- returns: account integer, account uuid, source uuid, kind text,
--   location text, bucket text, region text, prefix text, access key text,
--   secret bytea or null (sealed), one account boolean
-- rows: 0..n, by account
SELECT s.account_id, a.uuid AS account, s.uuid, s.kind, s.location, s.bucket,
       s.region, s.prefix, s.access_key, s.secret, s.one_account
  FROM account_sources s
  JOIN accounts a ON a.id = s.account_id
 WHERE s.organization_id = $1
 ORDER BY s.account_id

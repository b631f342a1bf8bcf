-- One secret with all that the zone keeps of its key, and what other nodes,
-- and earlier lives of this one, counted in windows that are not over.
-- params: $1 digest bytea (hex form, "\x..."), $2 node uuid
-- returns: organization integer, organization uuid, organization name text,
--   currency text, active boolean, key integer, key uuid, key name text,
--   permission text, plan text, expires epoch seconds or null (the earlier of
--   the key's and the secret's; 1 when it is over, whatever our own clock
--   says), revoked boolean,
--   usage text ("key:length:start:count,..." where key is 0 for the
--   organization's own windows) or null
-- rows: 0..1
SELECT o.id, o.uuid, o.name, o.currency, o.active,
       k.id, k.uuid, k.name, k.permission, k.plan,
       CASE WHEN least(k.expires_at, s.expires_at) <= now() THEN 1
            ELSE ceil(extract(epoch FROM least(k.expires_at, s.expires_at)))
       END::bigint,
       k.revoked_at IS NOT NULL,
       (SELECT string_agg(concat_ws(':', key_id, length,
                                    extract(epoch FROM start)::bigint, count),
                          ',')
          FROM (SELECT u.key_id, u.length, u.start, sum(u.count) AS count
                  FROM key_usage u
                 WHERE u.organization_id = o.id
                   AND u.key_id IN (0, k.id)
                   AND u.start + u.length * interval '1 second' > now()
                   AND u.node <> $2::uuid
                 GROUP BY u.key_id, u.length, u.start) t)
  FROM api_key_secrets s
  JOIN api_keys k ON k.id = s.key_id
  JOIN organizations o ON o.id = k.organization_id
 WHERE s.digest = $1::bytea

-- A key as it is shown, never with a secret or a digest: plain values, which
-- the server writes as JSON itself, as it does everything else.

CREATE FUNCTION api_epoch(t timestamptz) RETURNS bigint LANGUAGE sql STABLE
RETURN floor(extract(epoch FROM t))::bigint;

-- secrets: a line each, the latest first: last four characters, created,
-- expires or -, last used or - (epoch seconds), prefix.
-- usage: a line for each window that has not ended: organization or key,
-- seconds, its start, used.

CREATE VIEW api_key_rows AS
SELECT k.organization_id, k.id, k.uuid, k.name, k.permission, k.plan,
       api_epoch(k.created_at) AS created, api_epoch(k.expires_at) AS expires,
       api_epoch(k.revoked_at) AS revoked, api_epoch(k.last_used_at) AS used,
       (SELECT string_agg(s.last_four || ' ' || api_epoch(s.created_at)
                          || ' ' || coalesce(api_epoch(s.expires_at)::text,
                                             '-')
                          || ' ' || coalesce(api_epoch(s.last_used_at)::text,
                                             '-')
                          || ' ' || s.prefix, E'\n'
                          ORDER BY s.created_at DESC,
                                   s.expires_at NULLS FIRST)
          FROM api_key_secrets s
         WHERE s.key_id = k.id) AS secrets,
       (SELECT string_agg(CASE u.key_id WHEN 0 THEN 'organization'
                                        ELSE 'key' END
                          || ' ' || u.length || ' ' || api_epoch(u.start)
                          || ' ' || u.used, E'\n'
                          ORDER BY u.key_id DESC, u.length)
          FROM (SELECT key_id, length, start, sum(count) AS used
                  FROM key_usage
                 WHERE organization_id = k.organization_id
                   AND key_id IN (0, k.id)
                   AND start + length * interval '1 second' > now()
                 GROUP BY key_id, length, start) u) AS usage
  FROM api_keys k;

DROP VIEW api_key_details;

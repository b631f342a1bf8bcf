-- What the management of keys over HTTP needs.

-- Is this key the last that can manage the organization's keys?  Holds the
-- organization's row until the transaction ends, so that of two that are
-- revoked at once the second knows of the first.

CREATE FUNCTION api_key_is_last_admin(organization integer, key uuid)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM organizations WHERE id = organization FOR NO KEY UPDATE;

    RETURN EXISTS (SELECT 1 FROM api_keys
                    WHERE organization_id = organization AND uuid = key
                      AND permission = 'admin' AND revoked_at IS NULL
                      AND (expires_at IS NULL OR expires_at > now()))
       AND NOT EXISTS (SELECT 1 FROM api_keys
                        WHERE organization_id = organization AND uuid <> key
                          AND permission = 'admin' AND revoked_at IS NULL
                          AND (expires_at IS NULL OR expires_at > now()));
END
$$;

-- A key as it is shown, never with a secret or a digest.

CREATE FUNCTION api_time(t timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

CREATE VIEW api_key_details AS
SELECT k.organization_id, k.id, k.uuid, k.name, k.permission, k.plan,
       api_time(k.created_at) AS created, api_time(k.expires_at) AS expires,
       api_time(k.revoked_at) AS revoked, api_time(k.last_used_at) AS used,
       (SELECT coalesce(json_agg(json_build_object(
                   'key_prefix', s.prefix, 'last_four', s.last_four,
                   'created_at', api_time(s.created_at),
                   'expires_at', api_time(s.expires_at),
                   'last_used_at', api_time(s.last_used_at))
                   ORDER BY s.created_at DESC, s.expires_at NULLS FIRST),
                        '[]')
          FROM api_key_secrets s
         WHERE s.key_id = k.id)::text AS secrets,
       (SELECT coalesce(json_agg(json_build_object(
                   'scope', CASE u.key_id WHEN 0 THEN 'organization'
                                          ELSE 'key' END,
                   'window', CASE u.length WHEN 3600 THEN 'hour'
                                           WHEN 86400 THEN 'day'
                                           ELSE u.length || 's' END,
                   'start', api_time(u.start), 'used', u.used)
                   ORDER BY u.key_id DESC, u.length), '[]')
          FROM (SELECT key_id, length, start, sum(count) AS used
                  FROM key_usage
                 WHERE organization_id = k.organization_id
                   AND key_id IN (0, k.id)
                   AND start + length * interval '1 second' > now()
                 GROUP BY key_id, length, start) u)::text AS usage
  FROM api_keys k;

-- Is this key the last that can manage the organization's keys?  Of two that
-- are revoked at once the second knows of the first.  Not by the
-- organization's row, as before, which loads of costs have locked: nobody may
-- have to wait for them to revoke a key.

CREATE OR REPLACE FUNCTION api_key_is_last_admin(organization integer,
    key uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('api_key_admin'), organization);

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

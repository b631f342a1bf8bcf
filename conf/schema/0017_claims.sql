-- A claim with all that is needed to deliver.  The rows are read by a
-- statement of its own behind the claim: one around it would have looked at
-- the database before it, and miss what was committed meanwhile, which then
-- is leased and sent by nobody until the lease ends.

CREATE FUNCTION deliveries_take(most integer, width integer, lease interval)
RETURNS TABLE (organization integer, id bigint, delivery uuid, kind text,
               webhook uuid, url text, secret bytea, old_secret bytea,
               event uuid, type text, body text, at text, tries integer,
               title text, words text)
LANGUAGE plpgsql AS $$
DECLARE
    organizations integer[];
    ids bigint[];
BEGIN
    SELECT array_agg(c.organization), array_agg(c.delivery)
      INTO organizations, ids
      FROM deliveries_claim(most, width, lease) c;

    IF ids IS NULL THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT d.organization_id, d.id, d.uuid, w.kind, w.uuid, w.url, w.secret,
           CASE WHEN w.old_until > now() THEN w.old_secret END,
           e.uuid, e.type, e.body, api_time(e.created_at), d.tries,
           CASE WHEN w.kind <> 'webhook'
                THEN event_title(e.type, e.body::json -> 'data', o.currency)
           END,
           CASE WHEN w.kind <> 'webhook'
                THEN event_text(e.type, e.body::json -> 'data', o.currency)
           END
      FROM unnest(organizations, ids) AS c (organization, delivery)
      JOIN deliveries d ON d.organization_id = c.organization
                       AND d.id = c.delivery
      JOIN webhooks w ON w.id = d.webhook_id
      JOIN events e ON e.organization_id = d.organization_id
                   AND e.id = d.event_id
      JOIN organizations o ON o.id = d.organization_id;
END
$$;

-- Makes an organization's receiver, or gives it another secret, which is
-- sealed for the id given: of two at once the later has both.
-- params: $1 organization integer, $2 id uuid, $3 secret bytea
-- returns: id uuid, created epoch seconds bigint, updated epoch seconds
--   bigint, received epoch seconds bigint or null
-- rows: 1
INSERT INTO ci_receivers AS r (organization_id, id, secret)
VALUES ($1, $2, $3)
    ON CONFLICT (organization_id)
    DO UPDATE SET id = excluded.id, secret = excluded.secret,
                  updated_at = clock_timestamp()
RETURNING r.id, floor(extract(epoch FROM r.created_at))::bigint AS created,
          floor(extract(epoch FROM r.updated_at))::bigint AS updated,
          floor(extract(epoch FROM r.received_at))::bigint AS received

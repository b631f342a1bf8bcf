-- An organization's receiver of GitHub's events.
-- params: $1 organization integer
-- returns: id uuid, created epoch seconds bigint, updated epoch seconds
--   bigint, received epoch seconds bigint or null
-- rows: 0..1
SELECT r.id, floor(extract(epoch FROM r.created_at))::bigint AS created,
       floor(extract(epoch FROM r.updated_at))::bigint AS updated,
       floor(extract(epoch FROM r.received_at))::bigint AS received
  FROM ci_receivers r
 WHERE r.organization_id = $1

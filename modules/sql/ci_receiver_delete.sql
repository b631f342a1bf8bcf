-- Takes an organization's receiver away.
-- params: $1 organization integer
-- returns: id uuid
-- rows: 0..1
DELETE FROM ci_receivers r WHERE r.organization_id = $1 RETURNING r.id

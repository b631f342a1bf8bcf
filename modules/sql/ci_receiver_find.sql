-- Whose receiver it is that GitHub posts to.  The one statement that is asked
-- before it is known who asks: the signature tells.
-- params: $1 id uuid
-- returns: organization integer, currency text, secret bytea
-- rows: 0..1; 0 when its organization is not active, too
SELECT r.organization_id AS organization, o.currency, r.secret
  FROM ci_receivers r
  JOIN organizations o ON o.id = r.organization_id
 WHERE r.id = $1 AND o.active

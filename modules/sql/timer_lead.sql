-- Takes, or renews, the lead of what one node does alone: held until it
-- expires, by the database's clock.
-- params: $1 name text, $2 node uuid, $3 lease integer (milliseconds)
-- returns: node uuid
-- rows: 1 when this node leads, else 0
INSERT INTO timer_leases AS l (name, node, expires_at)
VALUES ($1, $2::uuid, now() + $3::integer * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE
   SET node = excluded.node, expires_at = excluded.expires_at
 WHERE l.node = excluded.node OR l.expires_at < now()
RETURNING l.node

-- What a node has counted so far, for all keys that changed, and when secrets
-- were last used; tells what the others have counted.  The locks are taken in
-- one order by all nodes.
-- params: $1 node uuid, $2 organizations integer[], $3 keys integer[] (0: the
--   organization), $4 lengths integer[], $5 starts bigint[] (epoch seconds),
--   $6 counts bigint[], $7 digests bytea[], $8 used bigint[] (epoch seconds)
-- returns: organization integer, key integer, length integer, start bigint,
--   own bigint, others bigint
-- rows: as many as counts, but for organizations that are gone
WITH told AS (
    INSERT INTO key_usage AS u
           (organization_id, key_id, length, start, node, count)
    SELECT x.organization, x.key, x.length, to_timestamp(x.start), $1::uuid,
           x.count
      FROM unnest($2::integer[], $3::integer[], $4::integer[], $5::bigint[],
                  $6::bigint[])
           AS x (organization, key, length, start, count)
      JOIN organizations o ON o.id = x.organization
    ON CONFLICT (organization_id, key_id, length, start, node)
    DO UPDATE SET count = greatest(u.count, excluded.count)
    RETURNING u.organization_id, u.key_id, u.length, u.start, u.count
), used AS (
    SELECT s.digest, s.key_id, to_timestamp(x.used) AS used
      FROM unnest($7::bytea[], $8::bigint[]) AS x (digest, used)
      JOIN api_key_secrets s ON s.digest = x.digest
     ORDER BY s.digest
       FOR NO KEY UPDATE OF s
), secrets AS (
    UPDATE api_key_secrets s SET last_used_at = used.used
      FROM used
     WHERE s.digest = used.digest
       AND (s.last_used_at IS NULL OR s.last_used_at < used.used)
), latest AS (
    SELECT k.id, x.used
      FROM (SELECT key_id, max(used) AS used FROM used GROUP BY key_id) x
      JOIN api_keys k ON k.id = x.key_id
     ORDER BY k.id
       FOR NO KEY UPDATE OF k
), keys AS (
    UPDATE api_keys k SET last_used_at = latest.used
      FROM latest
     WHERE k.id = latest.id
       AND (k.last_used_at IS NULL OR k.last_used_at < latest.used)
)
SELECT told.organization_id, told.key_id, told.length,
       extract(epoch FROM told.start)::bigint, told.count,
       coalesce((SELECT sum(u.count)
                   FROM key_usage u
                  WHERE u.organization_id = told.organization_id
                    AND u.key_id = told.key_id
                    AND u.length = told.length
                    AND u.start = told.start
                    AND u.node <> $1::uuid), 0)::bigint
  FROM told

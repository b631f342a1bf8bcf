-- Forgets the use of windows that ended long ago.
-- params: $1 seconds integer
-- returns: deleted bigint
-- rows: 1
WITH gone AS (
    DELETE FROM key_usage
     WHERE start + length * interval '1 second'
           < now() - $1::integer * interval '1 second'
    RETURNING 1
)
SELECT count(*) FROM gone

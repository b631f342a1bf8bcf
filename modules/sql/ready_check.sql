-- The number of the last migration that the database has; the caller knows
-- the one it was built for (NGX_HTTP_COST_SQL_SCHEMA).  A database without
-- the table is an error (SQLSTATE 42P01): it was never migrated.
-- params: none
-- returns: version integer (0 when there is none)
-- rows: 1
SELECT coalesce(max(m.version), 0) AS version
  FROM schema_migrations m

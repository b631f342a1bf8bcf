-- Starts a job of the organization, or finds the one that is there.
-- params: $1 organization integer
-- returns: job integer, state text
-- rows: 0..1; 0 when no account has a source
SELECT s.job, s.state
  FROM sync_start($1::integer) s

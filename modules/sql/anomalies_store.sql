-- Writes what a search for anomalies has found, in place of what an earlier
-- one found for the same days: rows stay what they are, with new figures; one
-- that is no anomaly any more goes, unless a person has dismissed it.
--
-- The caller has the organization's lock, as in the transaction of cost_load()
-- or by asking for it.
--
-- params: $1 organization integer, $2 what was judged jsonb
--   ([{"account", "from"}]: an account and its first day), $3 what was found
--   jsonb ([{"account", "service", "day", "actual", "expected", "lower",
--   "upper", "score", "severity"}])
-- returns: added bigint, changed bigint, gone bigint, told bigint (of those
--   added, there is an event; see anomalies_tell() in the schema)
-- rows: 1
SELECT s.added, s.changed, s.gone, s.told
  FROM anomalies_store($1, $2::jsonb, $3::jsonb) s

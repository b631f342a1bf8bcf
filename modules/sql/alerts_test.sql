-- Sends what an alert would say; see alert_test() in the schema.
-- params: $1 organization integer, $2 uuid uuid
-- returns: event bigint (null: there is no such alert)
-- rows: 1
SELECT alert_test($1::integer, $2::uuid)

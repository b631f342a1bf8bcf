-- The currencies that can be converted, each with the first day of its rates.
-- params: $1 the organization's currency text
-- returns: currency text, day integer (since 1970-01-01)
-- rows: one per currency
SELECT r.currency, min(r.valid_from) - date '1970-01-01' AS day
  FROM rates r
 WHERE r.quote = $1
 GROUP BY r.currency

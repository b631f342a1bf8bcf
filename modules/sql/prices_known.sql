-- Whether list_prices is of this price file.
-- params: $1 version text
-- returns: 1 integer
-- rows: 0..1
SELECT 1 AS known FROM list_prices_file f WHERE f.version = $1

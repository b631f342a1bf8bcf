-- Makes room for the prices of another file.
-- params: none
-- returns: nothing
DELETE FROM list_prices

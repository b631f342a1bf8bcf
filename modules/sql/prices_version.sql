-- Records which price file list_prices is of.
-- params: $1 version text
-- returns: nothing
INSERT INTO list_prices_file (version)
VALUES ($1)
    ON CONFLICT (id)
    DO UPDATE SET version = excluded.version, written_at = now()

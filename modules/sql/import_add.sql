-- Records a file that has been read.
-- params: $1 organization integer, $2 file name text, $3 file size bigint or
--   null, $4 format text, $5 rows read bigint, $6 rows refused bigint
-- returns: id bigint
-- rows: 1
INSERT INTO imports (organization_id, file_name, file_size, format,
                     rows_read, rows_refused)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id

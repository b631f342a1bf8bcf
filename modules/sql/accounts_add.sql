-- A new account.  The organization's row is there: its key was let in.
-- params: $1 organization integer, $2 provider text, $3 external id text,
--   $4 name text or null (then it is the external id, until a bill names it)
-- returns: id integer, account uuid, name text, provider text, external id
--   text, created epoch seconds bigint
-- rows: 0..1; 0 when the organization has it already
INSERT INTO accounts AS a (organization_id, provider, external_id, name,
                           named_on)
VALUES ($1, $2, $3, coalesce($4::text, $3),
        CASE WHEN $4::text IS NULL THEN date '-infinity'
             ELSE date 'infinity' END)
    ON CONFLICT (organization_id, provider, external_id) DO NOTHING
RETURNING a.id, a.uuid, a.name, a.provider, a.external_id,
          floor(extract(epoch FROM a.created_at))::bigint AS created

-- For the leader, with every tick: ends jobs whose node died, queues what is
-- scheduled, and takes a job if it may.
-- params: $1 node uuid, $2 lease integer (seconds), $3 more boolean
-- returns: organization integer, job integer, slug text, currency text
-- rows: 0..1
SELECT c.organization, c.job, o.slug, o.currency
  FROM sync_claim($1::uuid, $2::integer * interval '1 second', $3::boolean) c
  JOIN organizations o ON o.id = c.organization

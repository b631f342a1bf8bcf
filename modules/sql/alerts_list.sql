-- The alerts of an organization, in the order of their making.
-- params: $1 organization integer, $2 org text or null for all (an owner of
--   CI runs; the organization's slug for alerts that name none),
--   $3 status text or null, $4 type text or null, $5 after integer,
--   $6 limit integer
-- returns: id integer, uuid uuid, name text, type text, status text,
--   scope text, account uuid or null, owner text or null,
--   repository text or null, workflow text or null, metric text,
--   operator text, value numeric, baseline text or null,
--   notifications json, cooldown integer, last triggered epoch seconds bigint
--   or null, created epoch seconds bigint, updated epoch seconds bigint,
--   version integer
-- rows: 0..limit
SELECT d.id, d.uuid, d.name, d.type, d.status, d.scope_type, d.account,
       d.owner, d.repository, d.workflow, d.metric, d.operator, d.value,
       d.baseline, d.notifications, d.cooldown_hours, d.last_triggered,
       d.created, d.updated, d.version
  FROM alert_details d
 WHERE d.organization_id = $1::integer
   AND ($2::text IS NULL
        OR coalesce(d.owner, (SELECT o.slug FROM organizations o
                               WHERE o.id = $1)) = $2)
   AND ($3::text IS NULL OR d.status = $3)
   AND ($4::text IS NULL OR d.type = $4)
   AND d.id > $5::integer
 ORDER BY d.id
 LIMIT $6::integer

-- No saving is counted twice: what a machine of a previous generation costs
-- less as a newer one, a commitment is not said to save once more.  It is
-- reckoned of what is left, and told beside what is billed.

CREATE OR REPLACE FUNCTION recommend_commitment_coverage(currency text)
    RETURNS SETOF recommendation_found LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH own AS (
        SELECT l.provider, 1 - sum(l.cost) / sum(l.list) AS discount
          FROM resource_lines l
         WHERE l.pricing = 'committed' AND l.list > 0 AND l.cost > 0
         GROUP BY l.provider
        HAVING sum(l.cost) < sum(l.list)
    ), steady AS (
        SELECT l.account_id, l.provider, l.account,
               count(DISTINCT l.resource) AS machines, sum(l.cost) AS billed,
               sum(l.cost * l.rest) AS cost, sum(l.list * l.rest) AS list
          FROM (SELECT x.*,
                       CASE WHEN f.saving IS NULL THEN 1
                            ELSE greatest(0, 1 - f.saving / sum(x.cost) OVER (
                                PARTITION BY x.account_id, x.resource)) END
                       AS rest
                  FROM resource_lines x
                  LEFT JOIN recommendations_found f
                    ON f.account_id = x.account_id
                   AND f.resource = x.resource
                   AND f.kind = 'previous_generation' AND f.saving >= 1
                 WHERE x.class = 'machine' AND x.pricing = 'standard'
                   AND x.cost > 0) l
         WHERE l.provider IN ('aws', 'azure', 'gcp') AND l.days >= 7
           AND l.quantity >= 0.95 * 24 * l.month_days
           AND NOT EXISTS (
               SELECT FROM recommendations_found f
                WHERE f.account_id = l.account_id
                  AND f.resource = l.resource
                  AND f.kind IN ('idle', 'rightsizing'))
         GROUP BY l.account_id, l.provider, l.account
        HAVING sum(l.cost) >= 50
    )
    SELECT s.account_id, 'commitment_coverage', s.account, s.account,
           CASE s.provider WHEN 'aws' THEN 'savings_plan'
                           WHEN 'azure' THEN 'reservation'
                           ELSE 'committed_use' END,
           CASE s.provider
           WHEN 'aws' THEN 'Cover steady usage with a Savings Plan'
           WHEN 'azure' THEN 'Cover steady usage with a savings plan'
           ELSE 'Cover steady usage with a committed use discount' END,
           format('%s %s all the time on demand for %s a month. %s.',
                  s.machines, CASE s.machines WHEN 1 THEN 'machine runs'
                                              ELSE 'machines run' END,
                  money_text(s.billed, currency),
                  CASE WHEN o.discount IS NULL
                       THEN 'A commitment of one year gives 20% or more'
                       ELSE format('The commitments you have give %s%%',
                                   trim_scale(round(o.discount * 100, 1)))
                  END),
           s.cost - s.list * (1 - coalesce(o.discount, 0.2))
      FROM steady s
      LEFT JOIN own o ON o.provider = s.provider
     WHERE s.cost > s.list * (1 - coalesce(o.discount, 0.2));
END
$$;


-- Those of a previous generation have been found, then.

CREATE OR REPLACE FUNCTION recommendations_refresh(organization integer)
    RETURNS void LANGUAGE plpgsql SET jit = off
    SET client_min_messages = warning AS $$
DECLARE
    base text;
BEGIN
    SELECT o.currency INTO base
      FROM organizations o WHERE o.id = organization;

    PERFORM recommendations_lines(organization);

    DROP TABLE IF EXISTS pg_temp.recommendations_found;

    CREATE TEMPORARY TABLE recommendations_found OF recommendation_found
        ON COMMIT DROP;

    INSERT INTO recommendations_found
    SELECT * FROM recommend_idle() UNION ALL
    SELECT * FROM recommend_unattached() UNION ALL
    SELECT * FROM recommend_storage_class(base);

    INSERT INTO recommendations_found
    SELECT n.* FROM recommend_rightsizing() n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource)
     UNION ALL
    SELECT n.* FROM recommend_gp2_to_gp3(base) n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource)
     UNION ALL
    SELECT n.* FROM recommend_nat_to_endpoint(base) n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource);

    INSERT INTO recommendations_found
    SELECT n.* FROM recommend_previous_generation(base) n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource);

    INSERT INTO recommendations_found
    SELECT * FROM recommend_commitment_coverage(base);

    DELETE FROM recommendations r
     WHERE r.organization_id = organization AND r.status = 'pending'
       AND NOT EXISTS (
           SELECT FROM recommendations_found f
            WHERE f.account_id = r.account_id AND f.kind = r.kind
              AND f.resource = r.resource AND f.saving >= 1);

    INSERT INTO recommendations AS r
           (organization_id, account_id, kind, resource, resource_id,
            resource_type, title, description, saving, priority)
    SELECT DISTINCT ON (f.account_id, f.kind, f.resource)
           organization, f.account_id, f.kind, f.resource, f.resource_id,
           f.resource_type, f.title, f.description, f.saving,
           CASE WHEN f.saving >= 200 THEN 'high'
                WHEN f.saving >= 50 THEN 'medium' ELSE 'low' END
      FROM recommendations_found f
     WHERE f.saving >= 1
     ORDER BY f.account_id, f.kind, f.resource, f.saving DESC
        ON CONFLICT (organization_id, account_id, kind, resource)
        DO UPDATE SET resource_id = excluded.resource_id,
                      resource_type = excluded.resource_type,
                      title = excluded.title,
                      description = excluded.description,
                      saving = excluded.saving,
                      priority = excluded.priority;
END
$$;

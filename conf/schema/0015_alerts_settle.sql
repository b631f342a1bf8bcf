-- What becomes of alerts, and what they add up.


-- What the accounts of an organization (or one, 0: all) cost from "first" to
-- "last": of cost_to_date the last days of the months in it and its own last,
-- without what the month of its first had cost the day before.

CREATE FUNCTION cost_between(organization integer, account integer,
    first date, last date)
RETURNS numeric LANGUAGE sql STABLE
RETURN (SELECT coalesce(sum(p.sign * d.billed), 0)
          FROM (SELECT least((m + interval '1 month')::date - 1, last) AS day,
                       1 AS sign
                  FROM generate_series(date_trunc('month',
                                                  first::timestamp),
                                       last::timestamp,
                                       interval '1 month') m
                 UNION ALL
                SELECT first - 1, -1
                 WHERE extract(day FROM first) > 1) p
          JOIN cost_to_date d
            ON d.organization_id = organization AND d.account_id = account
           AND d.day = p.day AND d.service_id = 0);


-- The jobs that ended from "first" to "last", and of how many runs they were.
-- They are of a workflow, else of an owner's repository, else of an owner,
-- else all that the organization has.

CREATE FUNCTION ci_between(organization integer, owner text, repository text,
    workflow text, first date, last date, OUT amount numeric, OUT runs bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(sum(r.cost), 0),
           count(DISTINCT (r.owner, r.repository, r.run_id))
      FROM (SELECT c.owner, c.repository, c.run_id, c.cost
              FROM ci_runs c
             WHERE ci_between.workflow IS NOT NULL
               AND c.organization_id = ci_between.organization
               AND (c.workflow_id = ci_between.workflow
                    OR c.workflow = ci_between.workflow)
               AND c.completed_at >= first::timestamp AT TIME ZONE 'UTC'
               AND c.completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
             UNION ALL
            SELECT c.owner, c.repository, c.run_id, c.cost
              FROM ci_runs c
             WHERE ci_between.workflow IS NULL
               AND ci_between.repository IS NOT NULL
               AND c.organization_id = ci_between.organization
               AND c.owner = ci_between.owner
               AND c.repository = ci_between.repository
               AND c.completed_at >= first::timestamp AT TIME ZONE 'UTC'
               AND c.completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
             UNION ALL
            SELECT c.owner, c.repository, c.run_id, c.cost
              FROM ci_runs c
             WHERE ci_between.workflow IS NULL
               AND ci_between.repository IS NULL
               AND c.organization_id = ci_between.organization
               AND (ci_between.owner IS NULL OR c.owner = ci_between.owner)
               AND c.completed_at >= first::timestamp AT TIME ZONE 'UTC'
               AND c.completed_at < (last + 1)::timestamp AT TIME ZONE 'UTC'
           ) r;
END;


-- What an event calls the account: of several, all of them.

CREATE FUNCTION alert_place(a alerts) RETURNS text LANGUAGE sql STABLE
RETURN CASE
       WHEN a.scope_type = 'account'
       THEN (SELECT c.name FROM accounts c WHERE c.id = a.account_id)
       WHEN a.scope_type = 'workflow' THEN a.workflow
       WHEN a.scope_type = 'repository' THEN a.owner || '/' || a.repository
       WHEN a.scope_type = 'organization'
            AND alert_of_runs(a.organization_id, a.owner) THEN a.owner
       ELSE (SELECT CASE WHEN count(*) = 1 THEN min(c.name)
                         ELSE 'All accounts' END
               FROM accounts c
              WHERE c.organization_id = a.organization_id)
       END;


-- Writes what was decided of some alerts, each if it is still the one that
-- was looked at: "trigger" with its event, or "resolve".  Returns how many
-- triggered.

CREATE FUNCTION alerts_settle(ids integer[], versions integer[],
    verdicts text[], amounts numeric[], percents numeric[], messages text[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    settled  record;
    event    bigint;
    triggers integer := 0;
BEGIN
    -- in one order, whoever settles

    PERFORM 1 FROM alerts a
      WHERE a.id = ANY (ids) ORDER BY a.id FOR NO KEY UPDATE;

    FOR settled IN
        UPDATE alerts a
           SET open = (x.verdict = 'trigger'),
               last_triggered_at = CASE WHEN x.verdict = 'trigger' THEN now()
                                        ELSE a.last_triggered_at END,
               version = a.version + 1
          FROM unnest(ids, versions, verdicts, amounts, percents, messages)
               AS x (id, version, verdict, amount, percent, message)
         WHERE a.id = x.id AND a.version = x.version AND NOT a.paused
        RETURNING a AS rule, x.verdict, x.amount, x.percent, x.message
    LOOP
        IF settled.verdict = 'resolve' THEN
            UPDATE alert_history h SET resolved_at = now()
             WHERE h.alert_id = (settled.rule).id AND h.resolved_at IS NULL;

            CONTINUE;
        END IF;

        event := event_add((settled.rule).organization_id, 'alert.triggered',
            json_build_object(
                'rule_id', (settled.rule).uuid,
                'rule_name', (settled.rule).name,
                'rule_type', CASE WHEN settled.percent IS NULL
                                  THEN 'absolute_threshold'
                                  ELSE 'percentage_change' END,
                'cloud_provider', alert_provider(
                    (settled.rule).organization_id,
                    (settled.rule).scope_type, (settled.rule).account_id,
                    (settled.rule).owner),
                'account_name', alert_place(settled.rule),
                'triggered_value', coalesce(round(settled.percent, 1),
                                            round(settled.amount, 2)),
                'threshold_value', trim_scale((settled.rule).value),
                'message', settled.message),
            (settled.rule).notifications::jsonb);

        INSERT INTO alert_history (organization_id, alert_id, value, percent,
                                   threshold, event_id)
        VALUES ((settled.rule).organization_id, (settled.rule).id,
                settled.amount, settled.percent, (settled.rule).value, event);

        triggers := triggers + 1;
    END LOOP;

    RETURN triggers;
END
$$;

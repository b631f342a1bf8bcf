-- Endpoints are locked in one order, whoever locks them.  An event locks those
-- that it is for, in the order of their ids; several events in a transaction
-- did so one after the other, and could wait for a turn of deliveries that
-- waited for them: a second, until one of the two was sent home.


-- All endpoints of some organizations, for who has several events for them.

CREATE FUNCTION webhooks_lock(organizations integer[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM webhooks w
      WHERE w.organization_id = ANY (organizations)
      ORDER BY w.id FOR NO KEY UPDATE;
END
$$;


-- As before, with that.

CREATE OR REPLACE FUNCTION alerts_settle(ids integer[], versions integer[],
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

    PERFORM webhooks_lock(ARRAY(SELECT a.organization_id
                                  FROM unnest(ids, verdicts)
                                       AS x (id, verdict)
                                  JOIN alerts a ON a.id = x.id
                                 WHERE x.verdict = 'trigger'));

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

CREATE OR REPLACE FUNCTION budgets_evaluate(organizations integer[],
    today date DEFAULT (now() AT TIME ZONE 'UTC')::date)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    reached record;
    fresh budget_crossings[];
    event bigint;
    reaches bigint := 0;
BEGIN
    WITH added AS (
        INSERT INTO budget_crossings AS x
               (budget_id, period_start, threshold, spend, amount)
        SELECT b.id, s.period_start, t.threshold, s.spend, b.amount
          FROM budget_spend(organizations, today) s
          JOIN budgets b ON b.id = s.budget_id
         CROSS JOIN LATERAL unnest(b.thresholds) AS t (threshold)
         WHERE s.spend * 100 >= b.amount * t.threshold
           AND NOT EXISTS (SELECT FROM budget_crossings y
                            WHERE y.budget_id = b.id
                              AND y.period_start = s.period_start
                              AND y.threshold = t.threshold)
         ORDER BY b.id, t.threshold
            ON CONFLICT DO NOTHING
        RETURNING x AS crossing
    )
    SELECT array_agg(a.crossing) INTO fresh FROM added a;

    IF fresh IS NULL THEN
        RETURN 0;
    END IF;

    PERFORM webhooks_lock(ARRAY(SELECT b.organization_id
                                  FROM unnest(fresh) f
                                  JOIN budgets b ON b.id = f.budget_id));

    FOR reached IN
        SELECT f.*, b.organization_id, b.uuid, b.name, b.notifications
          FROM unnest(fresh) f
          JOIN budgets b ON b.id = f.budget_id
         ORDER BY b.id, f.threshold
    LOOP
        event := event_add(reached.organization_id, 'budget.threshold',
            json_build_object(
                'budget_id', reached.uuid,
                'budget_name', reached.name,
                'threshold', reached.threshold,
                'current_spend', round(reached.spend, 2),
                'budget_amount', trim_scale(reached.amount),
                'percent_used', round(reached.spend / reached.amount * 100,
                                      1)),
            reached.notifications);

        UPDATE budget_crossings x
           SET event_id = event
         WHERE x.budget_id = reached.budget_id
           AND x.period_start = reached.period_start
           AND x.threshold = reached.threshold;

        reaches := reaches + 1;
    END LOOP;

    RETURN reaches;
END
$$;

CREATE OR REPLACE FUNCTION alert_test(organization integer, wanted uuid)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    rule  alerts;
    event bigint;
BEGIN
    SELECT * INTO rule FROM alerts a
     WHERE a.organization_id = organization AND a.uuid = wanted;

    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    PERFORM webhooks_lock(ARRAY[organization]);

    event := event_add(organization, 'alert.test',
        json_build_object(
            'rule_id', rule.uuid,
            'rule_name', rule.name,
            'rule_type', CASE WHEN rule.baseline IS NULL
                              THEN 'absolute_threshold'
                              ELSE 'percentage_change' END,
            'cloud_provider', alert_provider(organization, rule.scope_type,
                                             rule.account_id, rule.owner),
            'account_name', alert_place(rule),
            'triggered_value', trim_scale(rule.value),
            'threshold_value', trim_scale(rule.value),
            'message', 'This is a test of the alert "' || rule.name || '"'),
        rule.notifications::jsonb, true);

    -- those with '*' have theirs

    INSERT INTO deliveries (organization_id, webhook_id, event_id, once)
    SELECT organization, w.id, event, true
      FROM webhooks w
     WHERE w.organization_id = organization
       AND w.kind = 'webhook' AND 'alert.triggered' = ANY (w.events)
       AND NOT '*' = ANY (w.events);

    RETURN event;
END
$$;

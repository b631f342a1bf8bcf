-- A test of an alert: its channels, and the webhooks that would be told of it,
-- hear once what it would say.  An event of its own kind, so that nobody takes
-- it for a trigger.  Returns the event's id, null when there is no such alert.

CREATE FUNCTION alert_test(organization integer, wanted uuid)
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
     WHERE w.organization_id = organization AND w.enabled
       AND w.kind = 'webhook' AND 'alert.triggered' = ANY (w.events)
       AND NOT '*' = ANY (w.events);

    RETURN event;
END
$$;

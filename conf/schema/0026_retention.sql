-- What is told of alerts is not kept for ever: timer_purge.sql.

CREATE INDEX alert_history_triggered ON alert_history (triggered_at);

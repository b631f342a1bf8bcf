-- Days on which a service of an account cost more than it should have.


-- One row per day: bills that come late change it.  The figures are in the
-- organization's currency; "score" is how many scatters "actual" lies above
-- "expected" (cost_anomaly.h).

CREATE TABLE cost_anomalies (
    id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   integer NOT NULL
                      REFERENCES organizations ON DELETE CASCADE,
    account_id        integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    service_id        integer NOT NULL REFERENCES services,
    day               date NOT NULL,
    actual            numeric NOT NULL,
    expected          numeric NOT NULL,
    lower             numeric NOT NULL,
    upper             numeric NOT NULL,
    deviation_percent numeric GENERATED ALWAYS AS (
                      CASE WHEN expected <> 0
                           THEN round((actual - expected) / abs(expected)
                                      * 100, 1)
                      END) STORED,
    score             numeric NOT NULL CHECK (score >= 0),
    severity          text NOT NULL
                      CHECK (severity IN ('low', 'medium', 'high')),
    status            text NOT NULL DEFAULT 'active'
                      CHECK (status IN ('active', 'dismissed')),
    reason            text CHECK (length(reason) <= 500),
    detected_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    dismissed_at      timestamptz,
    UNIQUE (organization_id, account_id, service_id, day),
    CHECK ((status = 'dismissed') = (dismissed_at IS NOT NULL)),
    CHECK (reason IS NULL OR status = 'dismissed')
);

CREATE INDEX cost_anomalies_day ON cost_anomalies (organization_id, day, id);
CREATE INDEX cost_anomalies_account ON cost_anomalies (account_id);

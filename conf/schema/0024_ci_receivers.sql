-- Where an organization lets GitHub tell of its workflow jobs: the id stands
-- in the URL that GitHub posts to, the secret signs what it posts.

CREATE TABLE ci_receivers (
    id              uuid PRIMARY KEY,
    organization_id integer NOT NULL UNIQUE
                    REFERENCES organizations ON DELETE CASCADE,
    secret          bytea NOT NULL,  -- sealed by cost_secret_key for the id
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    received_at     timestamptz      -- the last event that was in order
);

-- Organizations, API keys and cloud accounts.
--
-- Every table that holds an organization's data begins its key with the
-- organization, so that the database can be partitioned or distributed by it.
-- Integers are for joins and indexes, uuids for the outside.

CREATE TABLE organizations (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid        uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    slug        text NOT NULL UNIQUE
                CHECK (slug ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    currency    text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    active      boolean NOT NULL DEFAULT true,   -- false: no paid access
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid            uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    permission      text NOT NULL
                    CHECK (permission IN ('read', 'write', 'admin')),
    plan            text NOT NULL CHECK (plan ~ '^[a-z0-9_]{1,32}$'),
    expires_at      timestamptz,
    revoked_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    last_used_at    timestamptz
);

CREATE INDEX api_keys_organization ON api_keys (organization_id, id);

-- A key has one current secret and, while a rotation's grace lasts, older
-- ones.  The secret itself is never stored: only its SHA-256, its prefix and
-- its last four characters.

CREATE TABLE api_key_secrets (
    digest       bytea PRIMARY KEY CHECK (length(digest) = 32),
    key_id       integer NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    prefix       text NOT NULL CHECK (prefix ~ '^[a-z0-9_]{1,16}$'),
    last_four    text NOT NULL CHECK (length(last_four) = 4),
    expires_at   timestamptz,            -- the end of a rotation's grace
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);

CREATE INDEX api_key_secrets_key ON api_key_secrets (key_id);

-- The nodes cache keys in shared memory.  Whatever changes a key, a row
-- edited by hand in psql included, is heard by all of them: 'd' and the
-- digest in hex for one secret, 'o' and the id for a whole organization.
-- Columns that say when something was last used change nothing that is cached.

CREATE FUNCTION api_keys_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cost_keys', 'd' || encode(s.digest, 'hex'))
       FROM api_key_secrets s
      WHERE s.key_id = OLD.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_keys_changed
    AFTER UPDATE OF organization_id, name, permission, plan, expires_at,
                    revoked_at
    ON api_keys FOR EACH ROW EXECUTE FUNCTION api_keys_notify();

CREATE FUNCTION api_key_secrets_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('cost_keys', 'd' || encode(OLD.digest, 'hex'));
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('cost_keys', 'd' || encode(NEW.digest, 'hex'));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_key_secrets_changed
    AFTER INSERT OR DELETE OR UPDATE OF digest, key_id, prefix, expires_at
    ON api_key_secrets FOR EACH ROW EXECUTE FUNCTION api_key_secrets_notify();

CREATE FUNCTION organizations_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cost_keys', 'o' || OLD.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER organizations_changed
    AFTER DELETE OR UPDATE OF uuid, slug, name, currency, active
    ON organizations FOR EACH ROW EXECUTE FUNCTION organizations_notify();

-- One account per provider and sub-account (else billing account) of a bill,
-- made when it is first seen.  "id" is InfraAudit's provider_id.

CREATE TABLE accounts (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid            uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    provider        text NOT NULL CHECK (provider ~ '^[a-z0-9_-]{1,32}$'),
    external_id     text NOT NULL
                    CHECK (length(external_id) BETWEEN 1 AND 1024),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 1024),
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, provider, external_id)
);

CREATE INDEX accounts_organization ON accounts (organization_id, id);

-- What is kept of an organization's replies names its accounts: a new or a
-- renamed one, also by hand in psql, is heard as new costs are.  (A deleted
-- one is heard through its costs, see 0003.)

CREATE FUNCTION accounts_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cost_data', NEW.organization_id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER accounts_changed
    AFTER INSERT OR UPDATE OF provider, external_id, name
    ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_notify();

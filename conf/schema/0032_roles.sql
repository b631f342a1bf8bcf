-- What the role of nginx, which owns nothing, needs beside its grants on
-- tables: sync loads bills of new months, and deliveries are counted.


-- As before, but as its owner, whoever calls: those who may write costs may
-- have a month for them.  No table of the caller's own is taken for one that is
-- meant.

CREATE OR REPLACE FUNCTION cost_partition(month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', month);
    after date := first + interval '1 month';
    child text := 'costs_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass('public.' || child) IS NOT NULL THEN
        RETURN;
    END IF;

    IF NOT has_table_privilege(session_user, 'costs', 'INSERT') THEN
        RAISE insufficient_privilege
              USING MESSAGE = format('%s may not write costs', session_user);
    END IF;

    -- one load at a time makes partitions; the others look again
    LOCK TABLE costs IN SHARE UPDATE EXCLUSIVE MODE;

    IF to_regclass('public.' || child) IS NOT NULL THEN
        RETURN;
    END IF;

    EXECUTE format('CREATE TABLE %I (LIKE costs INCLUDING DEFAULTS '
                   'INCLUDING CONSTRAINTS)', child);
    EXECUTE format('ALTER TABLE costs ATTACH PARTITION %I '
                   'FOR VALUES FROM (%L) TO (%L)', child, first, after);
END
$$;


-- a number for each claim, of which nobody learns anything

GRANT USAGE ON SEQUENCE delivery_claims TO PUBLIC;

-- How often keys were used in windows that outlive the shared memory of an
-- nginx (a UTC day, for instance).
--
-- Each life of a zone of each node has a row of its own and writes what it
-- has counted so far, not what was added: writing twice changes nothing, and
-- a node that is told "maybe" writes again.  The use of a window is the sum
-- over the nodes.

CREATE TABLE key_usage (
    organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key_id          integer NOT NULL,     -- 0: all keys of the organization
    length          integer NOT NULL,     -- of the window, seconds
    start           timestamptz NOT NULL,
    node            uuid NOT NULL,        -- one life of one zone
    count           bigint NOT NULL,
    PRIMARY KEY (organization_id, key_id, length, start, node)
);

CREATE INDEX key_usage_start ON key_usage (start);

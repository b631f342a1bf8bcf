-- What a minute on a runner costs whose name an organization made up, or on a
-- machine of its own, in USD.  Kept by the operator, as rates are; goes before
-- GitHub's list prices.  A label is one of those of "runs-on".


CREATE TABLE runner_prices (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    label           text NOT NULL CHECK (label = lower(label)
                                         AND label !~ '[,[:space:]]'
                                         AND label <> ''),
    valid_from      date NOT NULL,
    usd             numeric NOT NULL CHECK (usd >= 0 AND usd < 1000),
    PRIMARY KEY (organization_id, label, valid_from)
);

-- Recommendations: what could be saved, derived from what bills say about
-- resources (cost_resources), from how much of them is used (utilization),
-- and from list prices.


-- Public list prices in USD, from the price file (conf/prices): "name" is its
-- group, "key" its key or ''; of tiers the first.  The import command keeps
-- them in step with its file.

CREATE TABLE list_prices (
    name   text NOT NULL,
    key    text NOT NULL,
    region text NOT NULL,
    price  numeric NOT NULL CHECK (price >= 0),
    PRIMARY KEY (name, key, region)
);

CREATE TABLE list_prices_file (
    id         boolean PRIMARY KEY DEFAULT true CHECK (id),
    version    text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);


-- How much of a resource was used, from "day" to "last_day".

CREATE TABLE utilization (
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    resource        text NOT NULL CHECK (length(resource) BETWEEN 1 AND 1024),
    metric          text NOT NULL
                    CHECK (metric IN ('cpu_avg', 'cpu_max', 'memory_avg',
                                      'memory_max', 'network_bytes',
                                      'disk_iops', 'requests', 'connections',
                                      'attached')),
    day             date NOT NULL,
    last_day        date NOT NULL CHECK (last_day >= day),
    value           numeric NOT NULL CHECK (value >= 0),
    PRIMARY KEY (organization_id, resource, metric, day)
);

CREATE INDEX utilization_last ON utilization (organization_id, last_day);


-- One row per thing to do.  It keeps its id and created_at while it is true;
-- a pending one that is true no longer goes; what a person said stays.

CREATE TABLE recommendations (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id integer NOT NULL
                    REFERENCES organizations ON DELETE CASCADE,
    account_id      integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind            text NOT NULL
                    CHECK (kind IN ('rightsizing', 'idle',
                                    'previous_generation', 'gp2_to_gp3',
                                    'unattached', 'commitment_coverage',
                                    'storage_class', 'nat_to_endpoint')),
    resource        text NOT NULL,          -- as the bill has it
    resource_id     text NOT NULL,          -- as people know it
    resource_type   text NOT NULL,
    title           text NOT NULL,
    description     text NOT NULL,
    saving          numeric NOT NULL CHECK (saving > 0),   -- a month
    priority        text NOT NULL
                    CHECK (priority IN ('high', 'medium', 'low')),
    status          text NOT NULL DEFAULT 'pending'
                    CHECK (status IN ('pending', 'applied', 'dismissed')),
    status_at       timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (organization_id, account_id, kind, resource),
    CHECK ((status = 'pending') OR (status_at IS NOT NULL))
);

CREATE INDEX recommendations_saving
    ON recommendations (organization_id, status, saving DESC, id);
CREATE INDEX recommendations_account ON recommendations (account_id);


-- What people call a resource: of Amazon's ARN what follows the account and
-- the kind ("i-0abc", "shop-db", "app/shop/50dc"); others have no shorter
-- names that are their own.

CREATE FUNCTION resource_label(provider text, resource text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN provider = 'aws' AND resource LIKE 'arn:%'
                THEN coalesce(nullif(regexp_replace(resource,
                    '^arn:[^:]*:[^:]*:[^:]*:[^:]*:(instance/|volume/'
                    '|natgateway/|elastic-ip/|loadbalancer/|db:)?', ''), ''),
                    resource)
                ELSE resource END
$$;


-- A class of resources, as resource_type and in a sentence.

CREATE FUNCTION resource_kind(provider text, class text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE provider || ' ' || class
           WHEN 'aws machine' THEN 'ec2'
           WHEN 'aws volume' THEN 'ebs'
           WHEN 'aws database' THEN 'rds'
           WHEN 'aws address' THEN 'elastic_ip'
           WHEN 'aws balancer' THEN 'elb'
           WHEN 'aws bucket' THEN 's3'
           WHEN 'aws nat' THEN 'nat_gateway'
           WHEN 'aws nat_data' THEN 'nat_gateway'
           WHEN 'azure machine' THEN 'virtual_machine'
           WHEN 'azure volume' THEN 'managed_disk'
           WHEN 'azure address' THEN 'public_ip'
           WHEN 'gcp machine' THEN 'compute_instance'
           WHEN 'gcp volume' THEN 'persistent_disk'
           ELSE class END
$$;

CREATE FUNCTION resource_noun(provider text, class text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE provider || ' ' || class
           WHEN 'aws machine' THEN 'EC2 instance'
           WHEN 'aws volume' THEN 'EBS volume'
           WHEN 'aws database' THEN 'RDS instance'
           WHEN 'aws address' THEN 'Elastic IP'
           WHEN 'azure machine' THEN 'virtual machine'
           WHEN 'azure volume' THEN 'managed disk'
           WHEN 'azure address' THEN 'public IP address'
           WHEN 'gcp machine' THEN 'VM instance'
           WHEN 'gcp volume' THEN 'persistent disk'
           WHEN 'aws balancer' THEN 'load balancer'
           WHEN 'aws nat' THEN 'NAT gateway'
           ELSE CASE class WHEN 'machine' THEN 'machine'
                           WHEN 'database' THEN 'database'
                           WHEN 'volume' THEN 'volume'
                           WHEN 'address' THEN 'address'
                           ELSE class END END
$$;


-- The next smaller size of a type, half as large: NULL when it has none that
-- is known.  Amazon's sizes are a row in which each is twice the one before
-- ("normalization factors", Amazon EC2 User Guide); which sizes a family has
-- is in list_prices, and, of families that are not sold any more, here.
-- Microsoft's D and E series and Google's general types have their number of
-- vCPUs in the name; a price is proportional to it within a series.

CREATE FUNCTION instance_smaller(item text) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    parts text[];
    sizes text[] := '{nano,micro,small,medium,large,xlarge,2xlarge,4xlarge,'
                    '8xlarge,16xlarge,32xlarge}';
    at    integer;
    half  text;
BEGIN
    parts := regexp_match(item, '^((?:db\.)?[a-z0-9-]+)\.([a-z0-9]+)$');

    IF parts IS NOT NULL THEN
        half := CASE parts[2] WHEN '12xlarge' THEN '6xlarge'
                              WHEN '24xlarge' THEN '12xlarge'
                              WHEN '48xlarge' THEN '24xlarge' END;
        at := array_position(sizes, parts[2]);
        half := coalesce(half, sizes[at - 1]);

        IF half IS NULL THEN
            RETURN NULL;
        END IF;

        half := parts[1] || '.' || half;

        IF EXISTS (SELECT FROM list_prices p
                    WHERE p.name = 'EC2.linux_on_demand_hour'
                      AND p.key = half)
           OR (half LIKE 'db.%'
               AND EXISTS (SELECT FROM list_prices p
                            WHERE p.name = 'RDS.instance_hour'
                              AND p.key LIKE '%/' || half || '/%'))
           OR half ~ '^(i3|i4i|r4)\.(large|xlarge|[248]xlarge)$'
           OR half ~ '^(c3|c4|m4|r3)\.(large|xlarge|2xlarge)$'
           OR half ~ '^(c3|c4|r3)\.4xlarge$'
        THEN
            RETURN half;
        END IF;

        RETURN NULL;
    END IF;

    parts := regexp_match(item,
                 '^(Standard_[DE])(4|8|16|32|64)(a?d?s?_v[345])$');

    IF parts IS NULL THEN
        parts := regexp_match(item, '^((?:n1|n2|n2d|e2|t2d)-'
                              '(?:standard|highmem|highcpu)-)'
                              '(4|8|16|32|64)()$');
    END IF;

    RETURN parts[1] || (parts[2]::integer / 2) || parts[3];
END
$$;


-- The type of today that takes the place of an older one, NULL: none.
-- Amazon's table of previous generations ("Previous Generation Instances",
-- aws.amazon.com/ec2/previous-generation) leads to the next one on the same
-- kind of processor; of managed databases, whose processor nobody sees, to
-- Graviton.  Microsoft's v2 and v3 lead to the v5 of as many vCPUs.

CREATE FUNCTION instance_newer(item text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    parts text[];
    newer text;
BEGIN
    parts := regexp_match(item, '^((?:db\.)?[a-z0-9]+)\.([a-z0-9]+)$');

    IF parts IS NOT NULL THEN
        newer := CASE parts[1]
                 WHEN 't1' THEN 't3' WHEN 't2' THEN 't3'
                 WHEN 'm1' THEN 'm5' WHEN 'm3' THEN 'm5'
                 WHEN 'm4' THEN 'm5'
                 WHEN 'c1' THEN 'c5' WHEN 'c3' THEN 'c5'
                 WHEN 'c4' THEN 'c5'
                 WHEN 'm2' THEN 'r5' WHEN 'r3' THEN 'r5'
                 WHEN 'r4' THEN 'r5'
                 WHEN 'db.t2' THEN 'db.t4g'
                 WHEN 'db.m3' THEN 'db.m6g' WHEN 'db.m4' THEN 'db.m6g'
                 WHEN 'db.r3' THEN 'db.r6g' WHEN 'db.r4' THEN 'db.r6g'
                 END;

        RETURN newer || '.' || parts[2];
    END IF;

    parts := regexp_match(item, '^Standard_D([1-5])_v2$');

    IF parts IS NOT NULL THEN
        RETURN 'Standard_D' || (1 << parts[1]::integer - 1) || 's_v5';
    END IF;

    parts := regexp_match(item, '^Standard_([DE])([0-9]+)s?_v3$');

    RETURN 'Standard_' || parts[1] || parts[2] || 's_v5';
END
$$;


-- Two temporary tables that everything below reads.
--
-- resource_lines: what each resource that is still there costs a month, from
-- the newest billing period in which it was seen for a week, else from the
-- newest, at the pace of its days.  Still there is what the account's last
-- four days of costs name.  "cost" is the effective cost.
--
-- resource_use: what is told of each metric, for 7 days at least, over the 14
-- days before the account's last (AWS Compute Optimizer's and Trusted
-- Advisor's window): a mean, or the most, and of how many days; NULL: too few.

CREATE FUNCTION recommendations_lines(organization integer) RETURNS void
    LANGUAGE plpgsql SET work_mem = '64MB' SET jit = off
    SET client_min_messages = warning AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.resource_lines, pg_temp.resource_use;

    CREATE TEMPORARY TABLE resource_lines ON COMMIT DROP AS
    WITH ends AS (
        SELECT p.account_id, max(p.last_day) AS last_day
          FROM cost_periods p
         WHERE p.organization_id = organization
         GROUP BY p.account_id
    ), periods AS (
        SELECT r.account_id, r.resource, r.class, r.item, r.variant,
               r.pricing, r.region_id, r.period, max(r.name) AS name,
               min(r.first_day) AS first_day, max(r.last_day) AS last_day,
               sum(r.effective) AS cost, sum(r.list) AS list,
               sum(r.quantity) AS quantity
          FROM cost_resources r
         WHERE r.organization_id = organization
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ), chosen AS (
        SELECT DISTINCT ON (p.account_id, p.resource, p.class, p.item,
                            p.variant, p.pricing, p.region_id)
               p.*, max(p.last_day) OVER w AS seen,
               extract(day FROM date_trunc('month', p.period)
                                + interval '1 month - 1 day') AS month_days,
               p.last_day - p.first_day + 1 AS days
          FROM periods p
        WINDOW w AS (PARTITION BY p.account_id, p.resource, p.class, p.item,
                                  p.variant, p.pricing, p.region_id)
         ORDER BY p.account_id, p.resource, p.class, p.item, p.variant,
                  p.pricing, p.region_id,
                  (p.last_day - p.first_day >= 6) DESC, p.period DESC
    )
    SELECT c.account_id, a.provider, a.external_id AS account,
           g.name AS region, c.resource,
           resource_label(a.provider, c.resource) AS label, c.class, c.item,
           c.variant, c.pricing, e.last_day AS until, c.days, c.month_days,
           c.cost * f.factor AS cost, c.list * f.factor AS list,
           c.quantity * f.factor AS quantity
      FROM chosen c
      JOIN ends e ON e.account_id = c.account_id
      JOIN accounts a ON a.id = c.account_id
      JOIN regions g ON g.id = c.region_id
     CROSS JOIN LATERAL (
           SELECT greatest(c.month_days / c.days, 1) AS factor) f
     WHERE c.seen >= e.last_day - 3;

    CREATE TEMPORARY TABLE resource_use ON COMMIT DROP AS
    WITH told AS (
        SELECT k.account_id, k.resource, u.metric,
               sum(u.value * d.days) / sum(d.days) AS mean,
               max(u.value) AS most, sum(d.days) AS days
          FROM (SELECT l.account_id, l.resource, l.until, l.resource AS key
                  FROM resource_lines l
                 UNION
                SELECT l.account_id, l.resource, l.until, l.label
                  FROM resource_lines l) k
          JOIN utilization u ON u.organization_id = organization
               AND u.resource = k.key
               AND u.last_day > k.until - 14 AND u.day <= k.until
         CROSS JOIN LATERAL (
               SELECT least(u.last_day, k.until)
                      - greatest(u.day, k.until - 13) + 1 AS days) d
         GROUP BY k.account_id, k.resource, u.metric
        HAVING sum(d.days) >= 7
    )
    SELECT t.account_id, t.resource,
           max(t.mean) FILTER (WHERE t.metric = 'cpu_avg') AS cpu_avg,
           max(t.most) FILTER (WHERE t.metric = 'cpu_max') AS cpu_max,
           max(t.days) FILTER (WHERE t.metric = 'cpu_max') AS cpu_days,
           coalesce(max(t.most) FILTER (WHERE t.metric = 'memory_max'),
                    max(t.mean) FILTER (WHERE t.metric = 'memory_avg'))
               AS memory,
           max(t.mean) FILTER (WHERE t.metric = 'network_bytes') AS network,
           max(t.most) FILTER (WHERE t.metric = 'connections')
               AS connections,
           max(t.days) FILTER (WHERE t.metric = 'connections')
               AS connection_days,
           max(t.mean) FILTER (WHERE t.metric = 'requests') AS requests,
           max(t.days) FILTER (WHERE t.metric = 'requests') AS request_days,
           max(t.most) FILTER (WHERE t.metric = 'attached') AS attached,
           max(t.days) FILTER (WHERE t.metric = 'attached') AS attached_days,
           max(t.most) FILTER (WHERE t.metric = 'disk_iops') AS iops,
           max(t.days) FILTER (WHERE t.metric = 'disk_iops') AS iops_days
      FROM told t
     GROUP BY t.account_id, t.resource;

    ANALYZE resource_lines;
    ANALYZE resource_use;
END
$$;


CREATE TYPE recommendation_found AS (
    account_id    integer,
    kind          text,
    resource      text,
    resource_id   text,
    resource_type text,
    title         text,
    description   text,
    saving        numeric
);


-- idle: machines whose CPU never reached 5 percent and whose network moved at
-- most 5 MB a day (AWS Compute Optimizer, idle EC2 instances); databases
-- without a connection (AWS Trusted Advisor, Amazon RDS Idle DB Instances);
-- load balancers with less than 100 requests a day (Trusted Advisor, Idle Load
-- Balancers) or, where they are billed by capacity, none of it in the bill;
-- NAT gateways that moved no data (Inactive NAT Gateways).  Saved is what they
-- cost on demand.

CREATE FUNCTION recommend_idle() RETURNS SETOF recommendation_found
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.account_id, 'idle', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Stop idle ' || resource_noun(l.provider, l.class),
           format('%s peaked at %s%% CPU over %s days. Stop or terminate it.',
                  l.item, trim_scale(round(u.cpu_max, 1)), u.cpu_days),
           sum(l.cost)
      FROM resource_lines l
      JOIN resource_use u ON u.account_id = l.account_id
           AND u.resource = l.resource
     WHERE l.class = 'machine' AND l.pricing <> 'committed'
       AND u.cpu_max < 5 AND coalesce(u.network, 0) <= 5000000
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class, l.item,
              u.cpu_max, u.cpu_days
    UNION ALL
    SELECT l.account_id, 'idle', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Stop idle ' || resource_noun(l.provider, l.class),
           format('%s had no connections for %s days. Take a snapshot and '
                  'delete it.', l.item, u.connection_days),
           sum(l.cost)
      FROM resource_lines l
      JOIN resource_use u ON u.account_id = l.account_id
           AND u.resource = l.resource
     WHERE l.class = 'database' AND l.pricing <> 'committed'
       AND u.connections = 0
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class, l.item,
              u.connection_days
    UNION ALL
    SELECT l.account_id, 'idle', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Delete idle ' || resource_noun(l.provider, l.class),
           CASE WHEN l.class = 'nat'
                THEN format('%s moved no data. Delete it.', l.label)
                WHEN u.requests < 100
                THEN format('%s served %s requests a day. Delete it.',
                            l.label, round(u.requests))
                ELSE format('%s served no traffic. Delete it.', l.label) END,
           sum(l.cost)
      FROM resource_lines l
      LEFT JOIN resource_use u ON u.account_id = l.account_id
           AND u.resource = l.resource
     WHERE l.days >= 7
       AND (l.class = 'nat'
            OR (l.class = 'balancer'
                AND (l.resource ~ '[:/](app|net)/' OR u.requests < 100)))
       AND (u.requests < 100
            OR NOT EXISTS (
               SELECT FROM resource_lines t
                WHERE t.account_id = l.account_id AND t.resource = l.resource
                  AND t.class IN ('nat_data', 'balancer_use')
                  AND t.quantity > 0))
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class,
              u.requests;
END
$$;


-- the group of the price file for a class, and its key there; NULL: none

CREATE FUNCTION resource_price(class text, variant text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN class = 'machine' AND variant IN ('linux', '')
                THEN 'EC2.linux_on_demand_hour'
                WHEN class = 'database' AND variant <> ''
                THEN 'RDS.instance_hour' END
$$;

CREATE FUNCTION resource_price_key(class text, item text, variant text)
    RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN class = 'machine' THEN item
                ELSE split_part(variant, '/', 1) || '/' || item || '/'
                     || split_part(variant, '/', 2) END
$$;


-- rightsizing: machines and databases with at most 10 percent CPU on average
-- (AWS Trusted Advisor, Low Utilization Amazon EC2 Instances), where half the
-- size still leaves room: at most 50 percent CPU at the peak, 40 percent of
-- the memory, where these are told.  Saved is the difference of the two list
-- prices, at the discount the bill has, else half: sizes and prices double.

CREATE FUNCTION recommend_rightsizing() RETURNS SETOF recommendation_found
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH lax AS MATERIALIZED (
        SELECT l.*, u.cpu_avg
          FROM resource_lines l
          JOIN resource_use u ON u.account_id = l.account_id
               AND u.resource = l.resource
         WHERE l.class IN ('machine', 'database') AND l.pricing = 'standard'
           AND u.cpu_avg <= 10 AND coalesce(u.cpu_max, 0) <= 50
           AND coalesce(u.memory, 0) <= 40
    )
    SELECT l.account_id, 'rightsizing', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Downsize underutilized ' || resource_noun(l.provider, l.class),
           format('%s at %s%% avg CPU. Rightsize to %s.', l.item,
                  trim_scale(round(l.cpu_avg, 1)), s.smaller),
           sum(l.cost * (1 - coalesce(after.price / nullif(before.price, 0),
                                      0.5)))
      FROM lax l
     CROSS JOIN LATERAL (SELECT instance_smaller(l.item) AS smaller) s
      LEFT JOIN list_prices before ON l.provider = 'aws'
           AND before.region = l.region
           AND before.name = resource_price(l.class, l.variant)
           AND before.key = resource_price_key(l.class, l.item, l.variant)
      LEFT JOIN list_prices after ON after.region = before.region
           AND after.name = before.name
           AND after.key = resource_price_key(l.class, s.smaller, l.variant)
     WHERE s.smaller IS NOT NULL
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class, l.item,
              l.cpu_avg, s.smaller;
END
$$;


-- previous_generation: types that a newer one replaces for less an hour.  The
-- newer one's price is the list's, at the discount the bill has; else what
-- another machine of that type and region costs in the same organization.

CREATE FUNCTION recommend_previous_generation(currency text)
    RETURNS SETOF recommendation_found LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH owned AS (
        SELECT l.provider, l.region, l.class, l.item, l.variant,
               sum(l.cost) / sum(l.quantity) AS price
          FROM resource_lines l
         WHERE l.class IN ('machine', 'database') AND l.quantity > 0
           AND l.pricing = 'standard'
         GROUP BY 1, 2, 3, 4, 5
    ), old AS (
        SELECT l.*, instance_newer(l.item) AS newer, l.cost / l.quantity
               AS price
          FROM resource_lines l
         WHERE l.class IN ('machine', 'database') AND l.quantity > 0
           AND l.cost > 0 AND l.list > 0 AND l.pricing = 'standard'
           AND instance_newer(l.item) IS NOT NULL
    ), priced AS (
        SELECT o.*, coalesce(p.price * o.cost / o.list, w.price) AS new_price
          FROM old o
          LEFT JOIN list_prices p ON o.provider = 'aws'
               AND currency = 'USD' AND p.region = o.region
               AND p.name = resource_price(o.class, o.variant)
               AND p.key = resource_price_key(o.class, o.newer, o.variant)
          LEFT JOIN owned w ON w.provider = o.provider
               AND w.region = o.region AND w.class = o.class
               AND w.item = o.newer AND w.variant = o.variant
    )
    SELECT p.account_id, 'previous_generation', p.resource, p.label,
           resource_kind(p.provider, p.class),
           'Upgrade previous generation '
           || resource_noun(p.provider, p.class),
           format('%s is of a previous generation. %s does the same for %s%% '
                  'less.', p.item, p.newer,
                  trim_scale(round((1 - p.new_price / p.price) * 100, 1))),
           p.cost - p.new_price * p.quantity
      FROM priced p
     WHERE p.new_price < p.price;
END
$$;


-- gp2_to_gp3: volumes of gp2 whose gigabytes, IOPS and throughput cost less
-- as gp3.  gp2 has 3 IOPS a GB, 16,000 at most, and 250 MiB/s from 334 GB on;
-- gp3 has 3,000 IOPS and 125 MiB/s included, and what is above is paid for
-- ("Amazon EBS volume types", Amazon EBS User Guide).

CREATE FUNCTION recommend_gp2_to_gp3(currency text)
    RETURNS SETOF recommendation_found LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.account_id, 'gp2_to_gp3', l.resource, l.label,
           resource_kind(l.provider, l.class), 'Move gp2 volume to gp3',
           format('%s GB of gp2 for %s a month. gp3 with the same IOPS and '
                  'throughput costs %s.',
                  to_char(round(l.quantity), 'FM999,999,990'),
                  money_text(l.cost, currency), money_text(n.cost, currency)),
           l.cost - n.cost
      FROM resource_lines l
      JOIN list_prices g ON g.region = l.region AND g.key = ''
           AND g.name = 'EBS.gp3_gb_month'
      JOIN list_prices i ON i.region = l.region AND i.key = ''
           AND i.name = 'EBS.gp3_iops_month'
      JOIN list_prices t ON t.region = l.region AND t.key = ''
           AND t.name = 'EBS.gp3_throughput_mibps_month'
     CROSS JOIN LATERAL (
           SELECT (l.quantity * g.price
                   + greatest(least(3 * l.quantity, 16000) - 3000, 0)
                     * i.price
                   + CASE WHEN l.quantity >= 334 THEN 125 * t.price
                          ELSE 0 END)
                  * l.cost / l.list AS cost) n
     WHERE l.provider = 'aws' AND l.class = 'volume' AND l.item = 'gp2'
       AND l.list > 0 AND currency = 'USD' AND n.cost < l.cost;
END
$$;


-- unattached: addresses that the bill calls idle; volumes and addresses that
-- were attached to nothing, and volumes with less than one operation a day,
-- all the time (AWS Trusted Advisor, Underutilized Amazon EBS Volumes).

CREATE FUNCTION recommend_unattached() RETURNS SETOF recommendation_found
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.account_id, 'unattached', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Release unattached ' || resource_noun(l.provider, l.class),
           format('%s is attached to nothing. Release it.',
                  regexp_replace(l.label, '^.*/', '')),
           sum(l.cost)
      FROM resource_lines l
      LEFT JOIN resource_use u ON u.account_id = l.account_id
           AND u.resource = l.resource
     WHERE l.class = 'address' AND (l.item = 'idle' OR u.attached = 0)
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class
    UNION ALL
    SELECT l.account_id, 'unattached', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Delete unattached ' || resource_noun(l.provider, l.class),
           format(CASE WHEN u.attached = 0
                       THEN '%s was attached to nothing for %s days. Take a '
                            'snapshot and delete it.'
                       ELSE '%s was not used for %s days. Take a snapshot '
                            'and delete it.' END,
                  regexp_replace(l.label, '^.*/', ''),
                  coalesce(u.attached_days, u.iops_days)),
           sum(l.cost)
      FROM resource_lines l
      JOIN resource_use u ON u.account_id = l.account_id
           AND u.resource = l.resource
     WHERE l.class = 'volume'
       AND (u.attached = 0
            OR (u.attached IS NULL AND u.iops * 86400 < 1))
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class,
              u.attached, u.attached_days, u.iops_days;
END
$$;


-- storage_class: buckets in the standard class, of which less than one object
-- per gigabyte and month is asked for or written; saved is the difference to
-- infrequent access (its retrieval, of which a bill tells nothing, is not
-- taken off).

CREATE FUNCTION recommend_storage_class(currency text)
    RETURNS SETOF recommendation_found LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.account_id, 'storage_class', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Move rarely used data to infrequent access',
           format('%s GB in S3 Standard with %s requests a month. '
                  'Standard-IA costs %s instead of %s.',
                  to_char(round(l.quantity), 'FM999,999,999,990'),
                  to_char(round(q.requests), 'FM999,999,999,990'),
                  money_text(n.cost, currency), money_text(l.cost, currency)),
           l.cost - n.cost
      FROM resource_lines l
      JOIN list_prices p ON p.region = l.region AND p.key = ''
           AND p.name = 'S3.standard_ia_storage'
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(r.quantity), 0) AS requests
             FROM resource_lines r
            WHERE r.account_id = l.account_id AND r.resource = l.resource
              AND r.class = 'requests') q
     CROSS JOIN LATERAL (
           SELECT l.quantity * p.price * l.cost / l.list AS cost) n
     WHERE l.provider = 'aws' AND l.class = 'bucket'
       AND l.item = 'standard' AND l.list > 0 AND l.days >= 7
       AND currency = 'USD' AND q.requests < l.quantity AND n.cost < l.cost;
END
$$;


-- nat_to_endpoint: NAT gateways of 100 GB a month and more, in accounts that
-- use S3 or DynamoDB in the same region, to which gateway endpoints are free.
-- No bill tells how much of the traffic goes there: 30 percent are assumed,
-- and said to be.

CREATE FUNCTION recommend_nat_to_endpoint(currency text)
    RETURNS SETOF recommendation_found LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.account_id, 'nat_to_endpoint', l.resource, l.label,
           resource_kind(l.provider, l.class),
           'Route S3 and DynamoDB traffic past the NAT gateway',
           format('%s GB a month pass the NAT gateway for %s. If 30%% of '
                  'that is for S3 or DynamoDB, a free gateway endpoint saves '
                  '%s.', to_char(round(sum(l.quantity)), 'FM999,999,999,990'),
                  money_text(sum(l.cost), currency),
                  money_text(sum(l.cost) * 0.3, currency)),
           sum(l.cost) * 0.3
      FROM resource_lines l
     WHERE l.provider = 'aws' AND l.class = 'nat_data'
       AND EXISTS (
           SELECT FROM resource_lines b
            WHERE b.account_id = l.account_id AND b.region = l.region
              AND b.class IN ('bucket', 'requests'))
     GROUP BY l.account_id, l.resource, l.label, l.provider, l.class
    HAVING sum(l.quantity) >= 100;
END
$$;


-- commitment_coverage: machines that ran on demand all the month (95 percent
-- of its hours), all of an account together, and are not to be stopped or
-- made smaller first, from 50 a month on.  Saved is the discount that the
-- organization's own commitments at that provider have, else 20 percent: what
-- a year without upfront payment gives at the least.

CREATE FUNCTION recommend_commitment_coverage(currency text)
    RETURNS SETOF recommendation_found LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH own AS (
        SELECT l.provider, 1 - sum(l.cost) / sum(l.list) AS discount
          FROM resource_lines l
         WHERE l.pricing = 'committed' AND l.list > 0 AND l.cost > 0
         GROUP BY l.provider
        HAVING sum(l.cost) < sum(l.list)
    ), steady AS (
        SELECT l.account_id, l.provider, l.account,
               count(DISTINCT l.resource) AS machines, sum(l.cost) AS cost,
               sum(l.list) AS list
          FROM resource_lines l
         WHERE l.class = 'machine' AND l.pricing = 'standard'
           AND l.provider IN ('aws', 'azure', 'gcp') AND l.days >= 7
           AND l.quantity >= 0.95 * 24 * l.month_days
           AND NOT EXISTS (
               SELECT FROM recommendations_found f
                WHERE f.account_id = l.account_id
                  AND f.resource = l.resource
                  AND f.kind IN ('idle', 'rightsizing'))
         GROUP BY l.account_id, l.provider, l.account
        HAVING sum(l.cost) >= 50
    )
    SELECT s.account_id, 'commitment_coverage', s.account, s.account,
           CASE s.provider WHEN 'aws' THEN 'savings_plan'
                           WHEN 'azure' THEN 'reservation'
                           ELSE 'committed_use' END,
           CASE s.provider
           WHEN 'aws' THEN 'Cover steady usage with a Savings Plan'
           WHEN 'azure' THEN 'Cover steady usage with a savings plan'
           ELSE 'Cover steady usage with a committed use discount' END,
           format('%s %s all the time on demand for %s a month. %s.',
                  s.machines, CASE s.machines WHEN 1 THEN 'machine runs'
                                              ELSE 'machines run' END,
                  money_text(s.cost, currency),
                  CASE WHEN o.discount IS NULL
                       THEN 'A commitment of one year gives 20% or more'
                       ELSE format('The commitments you have give %s%%',
                                   trim_scale(round(o.discount * 100, 1)))
                  END),
           s.cost - s.list * (1 - coalesce(o.discount, 0.2))
      FROM steady s
      LEFT JOIN own o ON o.provider = s.provider
     WHERE s.cost > s.list * (1 - coalesce(o.discount, 0.2));
END
$$;


-- Derives all recommendations of an organization anew.  No saving is counted
-- twice: what is idle is not made smaller, what is made smaller is not made
-- newer, what is unattached is not moved.  Priorities: high from 200 a month
-- on, medium from 50, low from 1; less is not told.  The caller holds the
-- organization's lock of loads.

CREATE FUNCTION recommendations_refresh(organization integer)
    RETURNS void LANGUAGE plpgsql SET jit = off
    SET client_min_messages = warning AS $$
DECLARE
    base text;
BEGIN
    SELECT o.currency INTO base
      FROM organizations o WHERE o.id = organization;

    PERFORM recommendations_lines(organization);

    DROP TABLE IF EXISTS pg_temp.recommendations_found;

    CREATE TEMPORARY TABLE recommendations_found OF recommendation_found
        ON COMMIT DROP;

    INSERT INTO recommendations_found
    SELECT * FROM recommend_idle() UNION ALL
    SELECT * FROM recommend_unattached() UNION ALL
    SELECT * FROM recommend_storage_class(base);

    INSERT INTO recommendations_found
    SELECT n.* FROM recommend_rightsizing() n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource)
     UNION ALL
    SELECT n.* FROM recommend_gp2_to_gp3(base) n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource)
     UNION ALL
    SELECT n.* FROM recommend_nat_to_endpoint(base) n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource);

    INSERT INTO recommendations_found
    SELECT n.* FROM recommend_previous_generation(base) n
     WHERE NOT EXISTS (SELECT FROM recommendations_found f
                        WHERE f.account_id = n.account_id
                          AND f.resource = n.resource)
     UNION ALL
    SELECT * FROM recommend_commitment_coverage(base);

    DELETE FROM recommendations r
     WHERE r.organization_id = organization AND r.status = 'pending'
       AND NOT EXISTS (
           SELECT FROM recommendations_found f
            WHERE f.account_id = r.account_id AND f.kind = r.kind
              AND f.resource = r.resource AND f.saving >= 1);

    INSERT INTO recommendations AS r
           (organization_id, account_id, kind, resource, resource_id,
            resource_type, title, description, saving, priority)
    SELECT DISTINCT ON (f.account_id, f.kind, f.resource)
           organization, f.account_id, f.kind, f.resource, f.resource_id,
           f.resource_type, f.title, f.description, f.saving,
           CASE WHEN f.saving >= 200 THEN 'high'
                WHEN f.saving >= 50 THEN 'medium' ELSE 'low' END
      FROM recommendations_found f
     WHERE f.saving >= 1
     ORDER BY f.account_id, f.kind, f.resource, f.saving DESC
        ON CONFLICT (organization_id, account_id, kind, resource)
        DO UPDATE SET resource_id = excluded.resource_id,
                      resource_type = excluded.resource_type,
                      title = excluded.title,
                      description = excluded.description,
                      saving = excluded.saving,
                      priority = excluded.priority;
END
$$;


-- Loads what is staged; see cost_load_costs().

CREATE OR REPLACE FUNCTION cost_load(organization integer, import bigint,
    account_override text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
DECLARE
    loaded bigint;
BEGIN
    loaded := cost_load_costs(organization, import, account_override);

    PERFORM cost_load_resources(organization);
    PERFORM recommendations_refresh(organization);

    RETURN loaded;
END
$$;


-- Utilization is loaded as costs are: utilization_stage() makes the table
-- that is copied into, utilization_load() puts it in place.  What is told of
-- a resource, metric and day again takes the place of what was; of one that
-- is there twice the last word counts.  What is older than 92 days than the
-- newest goes.

CREATE FUNCTION utilization_stage() RETURNS void LANGUAGE plpgsql
    SET client_min_messages = warning AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.utilization_stage;

    CREATE TEMPORARY TABLE utilization_stage (
        n        bigint GENERATED ALWAYS AS IDENTITY,
        resource text NOT NULL,
        metric   text NOT NULL,
        day      date NOT NULL,
        last_day date NOT NULL,
        value    numeric NOT NULL
    ) ON COMMIT DROP;
END
$$;

CREATE FUNCTION utilization_load(organization integer) RETURNS bigint
    LANGUAGE plpgsql SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    loaded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cost_load'), organization);

    INSERT INTO utilization AS u
    SELECT DISTINCT ON (s.resource, s.metric, s.day)
           organization, s.resource, s.metric, s.day, s.last_day, s.value
      FROM utilization_stage s
     ORDER BY s.resource, s.metric, s.day, s.n DESC
        ON CONFLICT (organization_id, resource, metric, day)
        DO UPDATE SET last_day = excluded.last_day, value = excluded.value;

    GET DIAGNOSTICS loaded = ROW_COUNT;

    DELETE FROM utilization u
     WHERE u.organization_id = organization
       AND u.last_day < (SELECT max(v.last_day) FROM utilization v
                          WHERE v.organization_id = organization) - 92;

    PERFORM recommendations_refresh(organization);

    RETURN loaded;
END
$$;


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/* What an SKU's texts tell. */

#include "cost_resource.h"


/* a beginning of Amazon's usage types, behind the region: "USE2-" */

typedef struct {
    cost_str_t              text;
    cost_resource_class_e   class;
    bool                    rest;        /* the item is what follows */
    const char             *service;     /* part of its name; NULL: any */
    cost_str_t              word;        /* the item, or the variant */
} cost_resource_meter_t;


/* what Amazon's descriptions say, when there is no usage type */

typedef struct {
    cost_str_t              text;
    cost_resource_class_e   class;
    const char             *service;
    cost_str_t              item;
} cost_resource_phrase_t;


static cost_resource_class_e cost_resource_aws(const cost_resource_sku_t *sku,
    cost_str_t *item, cost_str_t *variant);
static cost_resource_class_e cost_resource_phrase(
    const cost_resource_sku_t *sku, cost_str_t *item, cost_str_t *variant);
static cost_resource_class_e cost_resource_details(
    const cost_resource_sku_t *sku, cost_str_t *item, cost_str_t *variant);
static cost_resource_class_e cost_resource_other(
    const cost_resource_sku_t *sku, cost_str_t *item);
static void cost_resource_system(const cost_resource_sku_t *sku,
    cost_str_t *variant);
static void cost_resource_engine(const cost_resource_sku_t *sku, bool multi,
    cost_str_t *variant);
static cost_str_t cost_resource_detail(cost_str_t details, const char *name);
static bool cost_resource_hours(cost_str_t unit);
static const uint8_t *cost_resource_find(cost_str_t s, const char *lit);
static bool cost_resource_has(cost_str_t s, const char *lower);
static bool cost_resource_begins(const uint8_t *p, const char *lower);
static cost_str_t cost_resource_word(const uint8_t *p, const uint8_t *last);


#define COST_RESOURCE_S3   "s3\0simple storage\0"
#define COST_RESOURCE_EC2  "ec2\0elastic compute\0vpc\0private cloud\0"
#define COST_RESOURCE_ELB  "elb\0load balanc\0"

#define cost_resource_none  { 0, NULL }


static const cost_resource_meter_t  cost_resource_meters[] = {
    { cost_string("BoxUsage:"), COST_RESOURCE_MACHINE, true, NULL,
      cost_resource_none },
    { cost_string("SpotUsage:"), COST_RESOURCE_MACHINE, true, NULL,
      cost_resource_none },
    { cost_string("InstanceUsage:db."), COST_RESOURCE_DATABASE, true, NULL,
      cost_string("single_az") },
    { cost_string("Multi-AZUsage:db."), COST_RESOURCE_DATABASE, true, NULL,
      cost_string("multi_az") },
    { cost_string("EBS:VolumeUsage.piops"), COST_RESOURCE_VOLUME, false, NULL,
      cost_string("io1") },
    { cost_string("EBS:VolumeUsage."), COST_RESOURCE_VOLUME, true, NULL,
      cost_resource_none },
    { cost_string("EBS:VolumeUsage"), COST_RESOURCE_VOLUME, false, NULL,
      cost_string("standard") },
    { cost_string("ElasticIP:IdleAddress"), COST_RESOURCE_ADDRESS, false,
      NULL, cost_string("idle") },
    { cost_string("PublicIPv4:IdleAddress"), COST_RESOURCE_ADDRESS, false,
      NULL, cost_string("idle") },
    { cost_string("LoadBalancerUsage"), COST_RESOURCE_BALANCER, false, NULL,
      cost_resource_none },
    { cost_string("LCUUsage"), COST_RESOURCE_BALANCER_USE, false, NULL,
      cost_resource_none },
    { cost_string("NatGateway-Hours"), COST_RESOURCE_NAT, false, NULL,
      cost_resource_none },
    { cost_string("NatGateway-Bytes"), COST_RESOURCE_NAT_DATA, false, NULL,
      cost_resource_none },
    { cost_string("TimedStorage-ByteHrs"), COST_RESOURCE_BUCKET, false,
      COST_RESOURCE_S3, cost_string("standard") },
    { cost_string("Requests-Tier"), COST_RESOURCE_REQUESTS, false,
      COST_RESOURCE_S3, cost_resource_none }
};


static const cost_resource_phrase_t  cost_resource_phrases[] = {
    { cost_string("(gp2) provisioned storage"), COST_RESOURCE_VOLUME,
      COST_RESOURCE_EC2, cost_string("gp2") },
    { cost_string("(gp3) provisioned storage"), COST_RESOURCE_VOLUME,
      COST_RESOURCE_EC2, cost_string("gp3") },
    { cost_string("Magnetic provisioned storage"), COST_RESOURCE_VOLUME,
      COST_RESOURCE_EC2, cost_string("standard") },
    { cost_string("Idle public IPv4 address"), COST_RESOURCE_ADDRESS,
      COST_RESOURCE_EC2, cost_string("idle") },
    { cost_string("per NAT Gateway Hour"), COST_RESOURCE_NAT,
      COST_RESOURCE_EC2, cost_resource_none },
    { cost_string("Data Processed by NAT Gateways"), COST_RESOURCE_NAT_DATA,
      COST_RESOURCE_EC2, cost_resource_none },
    { cost_string("LoadBalancer-hour"), COST_RESOURCE_BALANCER,
      COST_RESOURCE_ELB, cost_resource_none },
    { cost_string("oad balancer capacity unit-hour"),
      COST_RESOURCE_BALANCER_USE, COST_RESOURCE_ELB, cost_resource_none },
    { cost_string(" / month of storage used"), COST_RESOURCE_BUCKET,
      COST_RESOURCE_S3, cost_string("standard") },
    { cost_string("PUT, COPY, POST, or LIST requests"),
      COST_RESOURCE_REQUESTS, COST_RESOURCE_S3, cost_resource_none },
    { cost_string("GET and all other requests"), COST_RESOURCE_REQUESTS,
      COST_RESOURCE_S3, cost_resource_none }
};


cost_resource_class_e
cost_resource_classify(const cost_resource_sku_t *sku, cost_str_t *item,
    cost_str_t *variant)
{
    cost_resource_class_e  class;

    item->data = sku->meter.data;
    item->len = 0;
    *variant = *item;

    if (cost_str_is(&sku->provider, "aws")) {
        class = (sku->meter.len != 0)
                ? cost_resource_aws(sku, item, variant)
                : cost_resource_phrase(sku, item, variant);

    } else {
        class = cost_resource_other(sku, item);
    }

    if (class == COST_RESOURCE_NONE) {
        class = cost_resource_details(sku, item, variant);
    }

    return class;
}


static cost_resource_class_e
cost_resource_aws(const cost_resource_sku_t *sku, cost_str_t *item,
    cost_str_t *variant)
{
    size_t                        i, n;
    cost_str_t                    meter;
    const cost_resource_meter_t  *m;

    meter = sku->meter;

    /* "USE2-", "EU-", "APN1-": capitals and digits, up to five */

    for (n = 0; n < meter.len && n < 5; n++) {
        if (!((meter.data[n] >= 'A' && meter.data[n] <= 'Z')
              || (meter.data[n] >= '0' && meter.data[n] <= '9')))
        {
            break;
        }
    }

    if (n >= 2 && n < meter.len && meter.data[n] == '-') {
        meter.data += n + 1;
        meter.len -= n + 1;
    }

    for (i = 0; i < sizeof(cost_resource_meters)
                    / sizeof(cost_resource_meters[0]);
         i++)
    {
        m = &cost_resource_meters[i];

        if (meter.len < m->text.len
            || memcmp(meter.data, m->text.data, m->text.len) != 0
            || (m->service != NULL
                && !cost_resource_has(sku->service, m->service)))
        {
            continue;
        }

        if (!m->rest) {
            *item = m->word;
            return m->class;
        }

        *item = cost_resource_word(meter.data + m->text.len,
                                   meter.data + meter.len);

        if (item->len == 0) {
            return COST_RESOURCE_NONE;
        }

        if (m->class == COST_RESOURCE_DATABASE) {
            item->data -= 3;
            item->len += 3;

            cost_resource_engine(sku, cost_str_is(&m->word, "multi_az"),
                                 variant);

        } else if (m->class == COST_RESOURCE_MACHINE) {
            cost_resource_system(sku, variant);
        }

        return m->class;
    }

    return COST_RESOURCE_NONE;
}


static cost_resource_class_e
cost_resource_phrase(const cost_resource_sku_t *sku, cost_str_t *item,
    cost_str_t *variant)
{
    size_t                         i;
    cost_str_t                     text;
    const uint8_t                 *p, *last;
    const cost_resource_phrase_t  *phrase;

    static const cost_str_t  systems[] = {
        cost_string("linux"),
        cost_string("windows")
    };
    static const char *const  demands[] = {
        "per On Demand Linux ",
        "per On Demand Windows "
    };

    text = sku->description;
    last = text.data + text.len;

    for (i = 0; i < 2; i++) {
        p = cost_resource_find(text, demands[i]);

        if (p != NULL) {
            *item = cost_resource_word(p + strlen(demands[i]), last);

            if (item->len == 0) {
                return COST_RESOURCE_NONE;
            }

            *variant = systems[i];

            return COST_RESOURCE_MACHINE;
        }
    }

    for (i = 0; i < sizeof(cost_resource_phrases)
                    / sizeof(cost_resource_phrases[0]);
         i++)
    {
        phrase = &cost_resource_phrases[i];

        if (cost_resource_has(sku->service, phrase->service)
            && cost_resource_find(text, (const char *) phrase->text.data))
        {
            *item = phrase->item;
            return phrase->class;
        }
    }

    return COST_RESOURCE_NONE;
}


/* what Microsoft's and Google's meters say */

static cost_resource_class_e
cost_resource_other(const cost_resource_sku_t *sku, cost_str_t *item)
{
    static const cost_str_t  hot = cost_string("hot");
    static const cost_str_t  standard = cost_string("standard");

    if (cost_str_is(&sku->provider, "azure")) {

        if (cost_resource_has(sku->meter, " disk\0")
            && cost_resource_has(sku->type, "disk\0"))
        {
            *item = cost_resource_word(sku->meter.data,
                                       sku->meter.data + sku->meter.len);
            return COST_RESOURCE_VOLUME;
        }

        if (cost_resource_has(sku->type, "public ip address\0")) {
            return COST_RESOURCE_ADDRESS;
        }

        if (cost_resource_has(sku->meter, "data stored\0")
            && sku->meter.len > 4
            && cost_resource_begins(sku->meter.data, "hot "))
        {
            *item = hot;
            return COST_RESOURCE_BUCKET;
        }

    } else if (cost_str_is(&sku->provider, "gcp")) {

        if (cost_resource_has(sku->meter, "pd capacity\0")) {
            *item = cost_resource_word(sku->meter.data,
                                       sku->meter.data + sku->meter.len);
            return COST_RESOURCE_VOLUME;
        }

        if (sku->meter.len > 16
            && cost_resource_begins(sku->meter.data, "standard storage"))
        {
            *item = standard;
            return COST_RESOURCE_BUCKET;
        }
    }

    return COST_RESOURCE_NONE;
}


/* FOCUS's own names, and those that providers put there */

static cost_resource_class_e
cost_resource_details(const cost_resource_sku_t *sku, cost_str_t *item,
    cost_str_t *variant)
{
    size_t  i;

    static const char *const  types[] = {
        "InstanceType", "MachineType", "ServiceType"
    };

    if (sku->details.len == 0) {
        return COST_RESOURCE_NONE;
    }

    if (cost_resource_has(sku->category, "storage\0")) {

        *item = cost_resource_detail(sku->details, "VolumeType");

        if (item->len == 0) {
            *item = cost_resource_detail(sku->details, "DiskType");
        }

        return (item->len != 0) ? COST_RESOURCE_VOLUME : COST_RESOURCE_NONE;
    }

    if (!cost_resource_hours(sku->unit)) {
        return COST_RESOURCE_NONE;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]) && item->len == 0; i++) {
        *item = cost_resource_detail(sku->details, types[i]);
    }

    if (item->len == 0) {
        return COST_RESOURCE_NONE;
    }

    if (cost_resource_has(sku->category, "compute\0")) {
        cost_resource_system(sku, variant);
        return COST_RESOURCE_MACHINE;
    }

    if (cost_resource_has(sku->category, "database\0")) {
        cost_resource_engine(sku, false, variant);
        return COST_RESOURCE_DATABASE;
    }

    item->len = 0;

    return COST_RESOURCE_NONE;
}


static void
cost_resource_system(const cost_resource_sku_t *sku, cost_str_t *variant)
{
    cost_str_t  system;

    static const cost_str_t  names[] = {
        cost_string("linux"),
        cost_string("windows")
    };

    system = cost_resource_detail(sku->details, "OperatingSystem");

    if (system.len == 0) {
        system = sku->description;
    }

    if (cost_resource_has(system, "windows\0")) {
        *variant = names[1];

    } else if (cost_resource_has(system, "linux\0")) {
        *variant = names[0];
    }
}


/* as the price file's keys have it */

static void
cost_resource_engine(const cost_resource_sku_t *sku, bool multi,
    cost_str_t *variant)
{
    size_t      i;
    cost_str_t  engine;

    static const char *const  names[] = {
        "postgresql\0", "mysql\0", "mariadb\0"
    };
    static const cost_str_t  variants[] = {
        cost_string("postgresql/single_az"),
        cost_string("postgresql/multi_az"),
        cost_string("mysql/single_az"),
        cost_string("mysql/multi_az"),
        cost_string("mariadb/single_az"),
        cost_string("mariadb/multi_az")
    };

    engine = cost_resource_detail(sku->details, "DatabaseEngine");

    if (engine.len == 0) {
        engine = sku->description;
    }

    if (cost_resource_has(engine, "aurora\0")) {
        return;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cost_resource_has(engine, names[i])) {
            *variant = variants[2 * i + multi];
            return;
        }
    }
}


/*
 * The value of a member of a flat JSON object, with or without "x_" in front
 * of its name, when it is a string without escapes; else empty.
 */

static cost_str_t
cost_resource_detail(cost_str_t details, const char *name)
{
    size_t          len;
    cost_str_t      value;
    const uint8_t  *p, *last, *end;

    value.data = details.data;
    value.len = 0;
    len = strlen(name);
    last = details.data + details.len;

    while ((p = cost_resource_find(details, name)) != NULL) {

        details.data = p + len;
        details.len = (size_t) (last - details.data);

        if (details.len == 0 || *details.data != '"'
            || (p[-1] != '"' && !(p[-1] == '_' && p[-2] == 'x')))
        {
            continue;
        }

        p = details.data + 1;

        while (p < last && (*p == ' ' || *p == ':')) {
            p++;
        }

        if (p == last || *p != '"') {
            continue;
        }

        end = memchr(p + 1, '"', (size_t) (last - p - 1));

        if (end == NULL
            || memchr(p + 1, '\\', (size_t) (end - p - 1)) != NULL)
        {
            continue;
        }

        value.data = p + 1;
        value.len = (size_t) (end - value.data);

        break;
    }

    return value;
}


static bool
cost_resource_hours(cost_str_t unit)
{
    return cost_resource_has(unit, "hour\0hrs\0")
           && !cost_resource_has(unit, "gb\0vcpu\0core\0");
}


/* the first place, from the third byte on, or NULL */

static const uint8_t *
cost_resource_find(cost_str_t s, const char *lit)
{
    size_t          len;
    const uint8_t  *p, *last;

    len = strlen(lit);

    if (s.len < len + 2) {
        return NULL;
    }

    p = s.data + 2;
    last = s.data + s.len - len;

    while (p <= last) {
        p = memchr(p, lit[0], (size_t) (last - p) + 1);

        if (p == NULL) {
            return NULL;
        }

        if (memcmp(p, lit, len) == 0) {
            return p;
        }

        p++;
    }

    return NULL;
}


/* one of the words, which are in lower case, with an empty one at the end */

static bool
cost_resource_has(cost_str_t s, const char *lower)
{
    size_t  i, len;

    for ( /* void */ ; *lower != '\0'; lower += len + 1) {
        len = strlen(lower);

        for (i = 0; i + len <= s.len; i++) {
            if (cost_resource_begins(s.data + i, lower)) {
                return true;
            }
        }
    }

    return false;
}


/* there are as many bytes at "p" */

static bool
cost_resource_begins(const uint8_t *p, const char *lower)
{
    uint8_t  c;

    for ( /* void */ ; *lower != '\0'; lower++) {
        c = *p++;

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (c != (uint8_t) *lower) {
            return false;
        }
    }

    return true;
}


/* up to a blank */

static cost_str_t
cost_resource_word(const uint8_t *p, const uint8_t *last)
{
    cost_str_t  word;

    word.data = p;

    while (p < last && *p != ' ') {
        p++;
    }

    word.len = (size_t) (p - word.data);

    return word;
}

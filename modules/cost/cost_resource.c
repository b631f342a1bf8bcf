
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_hash.h"
#include "cost_resource.h"


static cost_resource_pricing_e cost_resource_pricing(cost_str_t category,
    cost_str_t status);
static cost_decimal_t cost_resource_quantity(const cost_focus_t *focus,
    cost_csv_record_t *rec);
static cost_day_t cost_resource_last(const cost_focus_t *focus,
    cost_csv_record_t *rec, cost_day_t day);
static bool cost_resource_text(cost_str_t s);
static void cost_resource_known(cost_resource_cache_t *cache,
    const cost_focus_t *focus, cost_csv_record_t *rec,
    const cost_focus_row_t *row, cost_resource_t *res);
static bool cost_resource_same(const cost_resource_known_t *known,
    const cost_str_t *raw);
static void cost_resource_keep(cost_resource_known_t *known, uint64_t hash,
    const cost_str_t *raw);
static cost_str_t cost_resource_raw(const cost_focus_t *focus,
    const cost_csv_record_t *rec, cost_focus_column_e column);
static void cost_resource_sku(const cost_focus_t *focus,
    cost_csv_record_t *rec, const cost_focus_row_t *row,
    cost_resource_t *res);
static bool cost_resource_is(cost_str_t s, const cost_str_t *lower);


static const cost_str_t  cost_resource_classes[COST_RESOURCE_CLASSES] = {
    cost_string("none"),
    cost_string("machine"),
    cost_string("database"),
    cost_string("volume"),
    cost_string("address"),
    cost_string("balancer"),
    cost_string("balancer_use"),
    cost_string("nat"),
    cost_string("nat_data"),
    cost_string("bucket"),
    cost_string("requests")
};


static const cost_str_t  cost_resource_pricings[COST_RESOURCE_PRICINGS] = {
    cost_string("other"),
    cost_string("standard"),
    cost_string("dynamic"),
    cost_string("committed")
};


bool
cost_resource_read(cost_resource_cache_t *cache, const cost_focus_t *focus,
    cost_csv_record_t *rec, const cost_focus_row_t *row, cost_resource_t *res)
{
    cost_str_t  category, status;

    static const cost_str_t  unused = cost_string("unused");

    if (row->charge != COST_CHARGE_USAGE
        || row->correction
        || cost_resource_raw(focus, rec, COST_FOCUS_RESOURCE_ID).len == 0)
    {
        return false;
    }

    cost_resource_known(cache, focus, rec, row, res);

    if (res->class == COST_RESOURCE_NONE) {
        return false;
    }

    res->resource = cost_focus_text(focus, rec, COST_FOCUS_RESOURCE_ID);
    res->name = cost_focus_text(focus, rec, COST_FOCUS_RESOURCE_NAME);

    /* a row is not refused for what only a recommendation needs */

    if (res->resource.len == 0
        || !cost_resource_text(res->resource)
        || !cost_resource_text(res->item))
    {
        return false;
    }

    if (!cost_resource_text(res->name)) {
        res->name.len = 0;
    }

    category = cost_focus_text(focus, rec, COST_FOCUS_PRICING_CATEGORY);
    status = cost_focus_text(focus, rec, COST_FOCUS_COMMITMENT_STATUS);

    if (cost_resource_is(status, &unused)) {
        return false;
    }

    res->pricing = cost_resource_pricing(category, status);
    res->quantity = cost_resource_quantity(focus, rec);
    res->last = cost_resource_last(focus, rec, row->day);

    return true;
}


/* sets the class, the item and the variant, from the cache if it can */

static void
cost_resource_known(cost_resource_cache_t *cache, const cost_focus_t *focus,
    cost_csv_record_t *rec, const cost_focus_row_t *row, cost_resource_t *res)
{
    size_t                  n;
    uint64_t                hash;
    unsigned                i;
    cost_str_t              raw[COST_RESOURCE_FIELDS];
    cost_resource_known_t  *known;

    static const cost_focus_column_e  columns[COST_RESOURCE_FIELDS] = {
        COST_FOCUS_PROVIDER_NAME,        /* in its place, the slug */
        COST_FOCUS_SERVICE_NAME,
        COST_FOCUS_SERVICE_CATEGORY,
        COST_FOCUS_RESOURCE_TYPE,
        COST_FOCUS_SKU_METER,
        COST_FOCUS_CHARGE_DESCRIPTION,
        COST_FOCUS_SKU_DETAILS,
        COST_FOCUS_CONSUMED_UNIT,
        COST_FOCUS_PRICING_UNIT
    };

    hash = 0;
    n = 0;

    for (i = 0; i < COST_RESOURCE_FIELDS; i++) {
        raw[i] = (i == 0) ? row->provider
                          : cost_resource_raw(focus, rec, columns[i]);
        hash = cost_hash(raw[i].data, raw[i].len, hash);
        n += raw[i].len;
    }

    known = &cache->known[hash % COST_RESOURCE_KNOWN];

    if (!known->known
        || known->hash != hash
        || !cost_resource_same(known, raw))
    {
        known->known = false;

        /* before fields are taken, which moves bytes behind doubled quotes */

        if (n <= COST_RESOURCE_BYTES) {
            cost_resource_keep(known, hash, raw);
        }

        cost_resource_sku(focus, rec, row, res);

        if (n > COST_RESOURCE_BYTES
            || res->item.len > COST_RESOURCE_WORD
            || res->variant.len > COST_RESOURCE_WORD)
        {
            return;
        }

        memcpy(known->item, res->item.data, res->item.len);
        memcpy(known->variant, res->variant.data, res->variant.len);

        known->item_len = (uint8_t) res->item.len;
        known->variant_len = (uint8_t) res->variant.len;
        known->class = (uint16_t) res->class;
        known->known = true;
    }

    res->class = (cost_resource_class_e) known->class;
    res->item.data = known->item;
    res->item.len = known->item_len;
    res->variant.data = known->variant;
    res->variant.len = known->variant_len;
}


static bool
cost_resource_same(const cost_resource_known_t *known, const cost_str_t *raw)
{
    size_t    n;
    unsigned  i;

    n = 0;

    for (i = 0; i < COST_RESOURCE_FIELDS; i++) {
        if (known->len[i] != raw[i].len
            || memcmp(known->bytes + n, raw[i].data, raw[i].len) != 0)
        {
            return false;
        }

        n += raw[i].len;
    }

    return true;
}


static void
cost_resource_keep(cost_resource_known_t *known, uint64_t hash,
    const cost_str_t *raw)
{
    size_t    n;
    unsigned  i;

    n = 0;

    for (i = 0; i < COST_RESOURCE_FIELDS; i++) {
        known->len[i] = (uint32_t) raw[i].len;
        memcpy(known->bytes + n, raw[i].data, raw[i].len);
        n += raw[i].len;
    }

    known->hash = hash;
}


static cost_str_t
cost_resource_raw(const cost_focus_t *focus, const cost_csv_record_t *rec,
    cost_focus_column_e column)
{
    cost_str_t  s;

    if (focus->at[column] == COST_FOCUS_ABSENT) {
        s.data = rec->data;
        s.len = 0;

        return s;
    }

    return cost_csv_raw(rec, focus->at[column]);
}


static void
cost_resource_sku(const cost_focus_t *focus, cost_csv_record_t *rec,
    const cost_focus_row_t *row, cost_resource_t *res)
{
    cost_resource_sku_t  sku;

    sku.provider = row->provider;
    sku.service = row->service;
    sku.category = row->service_category;
    sku.type = cost_focus_text(focus, rec, COST_FOCUS_RESOURCE_TYPE);
    sku.meter = cost_focus_text(focus, rec, COST_FOCUS_SKU_METER);
    sku.description = cost_focus_text(focus, rec,
                                      COST_FOCUS_CHARGE_DESCRIPTION);
    sku.details = cost_focus_text(focus, rec, COST_FOCUS_SKU_DETAILS);
    sku.unit = cost_focus_text(focus, rec, COST_FOCUS_CONSUMED_UNIT);

    if (sku.unit.len == 0) {
        sku.unit = cost_focus_text(focus, rec, COST_FOCUS_PRICING_UNIT);
    }

    res->class = cost_resource_classify(&sku, &res->item, &res->variant);
}


static cost_resource_pricing_e
cost_resource_pricing(cost_str_t category, cost_str_t status)
{
    unsigned  i;

    if (status.len != 0) {
        return COST_RESOURCE_COMMITTED;
    }

    for (i = COST_RESOURCE_STANDARD; i < COST_RESOURCE_PRICINGS; i++) {
        if (cost_resource_is(category, &cost_resource_pricings[i])) {
            return (cost_resource_pricing_e) i;
        }
    }

    return COST_RESOURCE_OTHER;
}


/* one that is none, or out of range, is 0 */

static cost_decimal_t
cost_resource_quantity(const cost_focus_t *focus, cost_csv_record_t *rec)
{
    cost_str_t      s;
    cost_decimal_t  quantity;

    s = cost_focus_text(focus, rec, COST_FOCUS_CONSUMED_QUANTITY);

    if (s.len == 0) {
        s = cost_focus_text(focus, rec, COST_FOCUS_PRICING_QUANTITY);
    }

    if (cost_decimal_parse(s.data, s.len, &quantity) != COST_OK
        || quantity >= COST_FOCUS_AMOUNT_MAX
        || quantity <= -COST_FOCUS_AMOUNT_MAX)
    {
        return 0;
    }

    return quantity;
}


/* a charge period may be an hour, a day, a month */

static cost_day_t
cost_resource_last(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_day_t day)
{
    cost_str_t   s;
    cost_day_t   last;
    cost_time_t  end;

    s = cost_focus_text(focus, rec, COST_FOCUS_CHARGE_PERIOD_END);

    if (s.len == 0 || cost_time_parse(s.data, s.len, &end) != COST_OK) {
        return day;
    }

    last = cost_day_from_time(end - 1);

    return (last < day || last > day + 366) ? day : last;
}


static bool
cost_resource_text(cost_str_t s)
{
    return s.len <= COST_FOCUS_TEXT_MAX && cost_focus_is_text(s.data, s.len);
}


/* without regard to case */

static bool
cost_resource_is(cost_str_t s, const cost_str_t *lower)
{
    size_t  i;

    for (i = 0; i < s.len && i < lower->len; i++) {
        if ((s.data[i] | 0x20) != lower->data[i]) {
            return false;
        }
    }

    return s.len == lower->len;
}


cost_str_t
cost_resource_class_name(cost_resource_class_e class)
{
    return cost_resource_classes[class];
}


cost_str_t
cost_resource_pricing_name(cost_resource_pricing_e pricing)
{
    return cost_resource_pricings[pricing];
}

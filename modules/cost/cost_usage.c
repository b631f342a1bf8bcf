
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_usage.h"


/* what a quantity and a price of a legacy report stay below */
#define COST_USAGE_MANY  (COST_DECIMAL_ONE * 1000000000)
#define COST_USAGE_DEAR  (COST_DECIMAL_ONE * 1000000)

#define COST_USAGE_REQUIRED  (COST_USAGE_C_REPOSITORY + 1)


typedef struct {
    cost_str_t           name;
    cost_usage_column_e  column;
} cost_usage_name_t;


static cost_usage_rc_e cost_usage_layout(cost_usage_t *usage);
static cost_usage_rc_e cost_usage_amounts(const cost_usage_t *usage,
    const cost_str_t *f, cost_usage_row_t *row);
static cost_decimal_t cost_usage_times(cost_decimal_t a, cost_decimal_t b);
static bool cost_usage_same(const cost_str_t *s, const cost_str_t *lower);
static void cost_usage_names(cost_usage_row_t *row);


/* in lower case; the older names of a column behind its newest */

static const cost_usage_name_t  cost_usage_columns[] = {
    { cost_string("date"), COST_USAGE_C_DATE },
    { cost_string("formatted_date"), COST_USAGE_C_DATE },
    { cost_string("usage_at"), COST_USAGE_C_DATE },
    { cost_string("product"), COST_USAGE_C_PRODUCT },
    { cost_string("sku"), COST_USAGE_C_SKU },
    { cost_string("quantity"), COST_USAGE_C_QUANTITY },
    { cost_string("unit_type"), COST_USAGE_C_UNIT },
    { cost_string("unit type"), COST_USAGE_C_UNIT },
    { cost_string("organization"), COST_USAGE_C_OWNER },
    { cost_string("owner"), COST_USAGE_C_OWNER },
    { cost_string("repository"), COST_USAGE_C_REPOSITORY },
    { cost_string("repository_name"), COST_USAGE_C_REPOSITORY },
    { cost_string("repository slug"), COST_USAGE_C_REPOSITORY },
    { cost_string("applied_cost_per_quantity"), COST_USAGE_C_PRICE },
    { cost_string("price per unit ($)"), COST_USAGE_C_PRICE },
    { cost_string("multiplier"), COST_USAGE_C_MULTIPLIER },
    { cost_string("gross_amount"), COST_USAGE_C_GROSS },
    { cost_string("discount_amount"), COST_USAGE_C_DISCOUNT },
    { cost_string("net_amount"), COST_USAGE_C_NET },
    { cost_string("username"), COST_USAGE_C_USER },
    { cost_string("workflow_path"), COST_USAGE_C_WORKFLOW },
    { cost_string("actions workflow"), COST_USAGE_C_WORKFLOW }
};

#define COST_USAGE_NAMES                                                      \
    (sizeof(cost_usage_columns) / sizeof(cost_usage_columns[0]))


static const cost_str_t  cost_usage_model = cost_string("model");
static const cost_str_t  cost_usage_requests = cost_string("requests used");


cost_usage_rc_e
cost_usage_header(cost_usage_t *usage, cost_csv_record_t *rec)
{
    bool                 model, requests;
    size_t               k;
    uint32_t             i;
    cost_str_t           name;
    cost_usage_column_e  column;

    memset(usage, 0, sizeof(cost_usage_t));

    usage->n = rec->n;
    model = false;
    requests = false;

    for (i = 0; i < rec->n; i++) {
        name = cost_csv_field(rec, i);

        model |= cost_usage_same(&name, &cost_usage_model);
        requests |= cost_usage_same(&name, &cost_usage_requests);

        for (k = 0; k < COST_USAGE_NAMES; k++) {

            if (!cost_usage_same(&name, &cost_usage_columns[k].name)) {
                continue;
            }

            column = cost_usage_columns[k].column;

            if (usage->at[column]) {
                return COST_USAGE_TWICE;
            }

            usage->at[column] = (uint16_t) (i + 1);
            break;
        }
    }

    if (model && requests) {
        return COST_USAGE_COPILOT;
    }

    return cost_usage_layout(usage);
}


static cost_usage_rc_e
cost_usage_layout(cost_usage_t *usage)
{
    unsigned         i;
    const uint16_t  *at;

    at = usage->at;

    for (i = 0; i < COST_USAGE_REQUIRED; i++) {
        if (at[i] == 0) {
            return COST_USAGE_UNKNOWN;
        }
    }

    if (at[COST_USAGE_C_NET]) {

        if (at[COST_USAGE_C_GROSS] == 0 || at[COST_USAGE_C_DISCOUNT] == 0) {
            return COST_USAGE_UNKNOWN;
        }

        usage->layout = (at[COST_USAGE_C_USER] || at[COST_USAGE_C_WORKFLOW])
                        ? COST_USAGE_DETAILED : COST_USAGE_SUMMARIZED;

    } else {

        if (at[COST_USAGE_C_PRICE] == 0 || at[COST_USAGE_C_MULTIPLIER] == 0) {
            return COST_USAGE_UNKNOWN;
        }

        usage->layout = COST_USAGE_LEGACY;
    }

    return COST_USAGE_OK;
}


cost_usage_rc_e
cost_usage_row(const cost_usage_t *usage, cost_csv_record_t *rec,
    cost_usage_row_t *row)
{
    unsigned         i;
    cost_str_t       f[COST_USAGE_COLUMNS];
    cost_time_t      t;
    cost_usage_rc_e  rc;

    if (rec->n != usage->n) {
        return COST_USAGE_FIELDS;
    }

    memset(row, 0, sizeof(cost_usage_row_t));
    memset(f, 0, sizeof(f));

    for (i = 0; i < COST_USAGE_COLUMNS; i++) {
        if (usage->at[i]) {
            f[i] = cost_csv_field(rec, usage->at[i] - 1);
        }
    }

    if (cost_time_parse(f[COST_USAGE_C_DATE].data, f[COST_USAGE_C_DATE].len,
                        &t)
        != COST_OK)
    {
        return COST_USAGE_DATE;
    }

    row->day = cost_day_from_time(t);

    row->product = f[COST_USAGE_C_PRODUCT];
    row->sku = f[COST_USAGE_C_SKU];
    row->unit = f[COST_USAGE_C_UNIT];
    row->owner = f[COST_USAGE_C_OWNER];
    row->repository = f[COST_USAGE_C_REPOSITORY];
    row->user = f[COST_USAGE_C_USER];
    row->workflow = f[COST_USAGE_C_WORKFLOW];

    if (row->product.len == 0 || row->sku.len == 0) {
        return COST_USAGE_SKU;
    }

    rc = cost_usage_amounts(usage, f, row);

    if (rc == COST_USAGE_OK) {
        cost_usage_names(row);
    }

    return rc;
}


static cost_usage_rc_e
cost_usage_amounts(const cost_usage_t *usage, const cost_str_t *f,
    cost_usage_row_t *row)
{
    const cost_str_t  *quantity, *price, *gross, *discount, *net;

    quantity = &f[COST_USAGE_C_QUANTITY];
    price = &f[COST_USAGE_C_PRICE];

    if (cost_decimal_parse(quantity->data, quantity->len, &row->quantity)
        != COST_OK)
    {
        return COST_USAGE_QUANTITY;
    }

    if (usage->at[COST_USAGE_C_PRICE]
        && cost_decimal_parse(price->data, price->len, &row->price)
           != COST_OK)
    {
        return COST_USAGE_PRICE;
    }

    if (usage->layout == COST_USAGE_LEGACY) {

        if (row->quantity < 0 || row->quantity >= COST_USAGE_MANY) {
            return COST_USAGE_QUANTITY;
        }

        if (row->price < 0 || row->price >= COST_USAGE_DEAR) {
            return COST_USAGE_PRICE;
        }

        row->gross = cost_usage_times(row->quantity, row->price);
        row->net = row->gross;

        return COST_USAGE_OK;
    }

    gross = &f[COST_USAGE_C_GROSS];
    discount = &f[COST_USAGE_C_DISCOUNT];
    net = &f[COST_USAGE_C_NET];

    if (cost_decimal_parse(gross->data, gross->len, &row->gross) != COST_OK
        || cost_decimal_parse(discount->data, discount->len, &row->discount)
           != COST_OK
        || cost_decimal_parse(net->data, net->len, &row->net) != COST_OK)
    {
        return COST_USAGE_AMOUNT;
    }

    return COST_USAGE_OK;
}


/*
 * Wholes and fractions by themselves, each product of which has less than 127
 * bits: a < 10^9, b < 10^6, neither below 0.
 */

static cost_decimal_t
cost_usage_times(cost_decimal_t a, cost_decimal_t b)
{
    cost_decimal_t  whole, fraction;

    whole = a / COST_DECIMAL_ONE;
    fraction = a % COST_DECIMAL_ONE;

    return whole * b
           + fraction * (b / COST_DECIMAL_ONE)
           + (fraction * (b % COST_DECIMAL_ONE) + COST_DECIMAL_ONE / 2)
             / COST_DECIMAL_ONE;
}


static bool
cost_usage_same(const cost_str_t *s, const cost_str_t *lower)
{
    size_t   i;
    uint8_t  c;

    if (s->len != lower->len) {
        return false;
    }

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (c != lower->data[i]) {
            return false;
        }
    }

    return true;
}


/* one spelling for what the layouts spell in several ways */

static void
cost_usage_names(cost_usage_row_t *row)
{
    size_t  i, n;

    static const cost_str_t  actions = cost_string("actions");
    static const cost_str_t  minute = cost_string("minute");
    static const cost_str_t  minutes = cost_string("minutes");

    static const struct {
        cost_str_t  legacy;
        cost_str_t  sku;
    } systems[] = {
        { cost_string("compute - ubuntu"), cost_string("linux") },
        { cost_string("compute - windows"), cost_string("windows") },
        { cost_string("compute - macos"), cost_string("macos") }
    };

    row->actions = cost_usage_same(&row->product, &actions);
    row->minutes = cost_usage_same(&row->unit, &minute)
                   || cost_usage_same(&row->unit, &minutes);

    for (i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        if (cost_usage_same(&row->sku, &systems[i].legacy)) {
            row->sku = systems[i].sku;
        }
    }

    n = sizeof("actions_") - 1;

    if (row->sku.len > n && memcmp(row->sku.data, "actions_", n) == 0) {
        row->sku.data += n;
        row->sku.len -= n;
    }

    /* "acme/api" of acme's */

    n = row->owner.len;

    if (n && row->repository.len > n + 1 && row->repository.data[n] == '/'
        && memcmp(row->repository.data, row->owner.data, n) == 0)
    {
        row->repository.data += n + 1;
        row->repository.len -= n + 1;
    }
}


const char *
cost_usage_why(cost_usage_rc_e rc)
{
    switch (rc) {

    case COST_USAGE_OK:
        return "It is in order.";

    case COST_USAGE_COPILOT:
        return "It is GitHub's report of Copilot's models and requests, "
               "which has no costs; the usage report is another one.";

    case COST_USAGE_UNKNOWN:
        return "Its columns are not those of a GitHub usage report.";

    case COST_USAGE_TWICE:
        return "A column is there twice.";

    case COST_USAGE_FIELDS:
        return "It has not as many fields as the header.";

    case COST_USAGE_DATE:
        return "The date is not a day.";

    case COST_USAGE_SKU:
        return "The product or the SKU is empty.";

    case COST_USAGE_QUANTITY:
        return "The quantity is not a number, or out of range.";

    case COST_USAGE_PRICE:
        return "The price is not a number, or out of range.";

    default: /* COST_USAGE_AMOUNT */
        return "An amount is not a number, or out of range.";
    }
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_focus.h"
#include "cost_utf8.h"


static inline cost_str_t cost_focus_value(const cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_column_e column);
static bool cost_focus_is_null(const uint8_t *p, size_t len);
static cost_rc_e cost_focus_amounts(const cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_row_t *row, cost_focus_error_t *error);
static cost_rc_e cost_focus_day(cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_column_e column, cost_day_t *day, cost_focus_error_t *error);
static cost_rc_e cost_focus_charge(const cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_row_t *row, cost_focus_error_t *error);
static cost_rc_e cost_focus_currency(const cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_row_t *row, cost_focus_error_t *error);
static cost_rc_e cost_focus_provider(cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_row_t *row, cost_focus_error_t *error);
static cost_rc_e cost_focus_texts(const cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_row_t *row, cost_focus_error_t *error);
static cost_rc_e cost_focus_check(cost_focus_column_e column, cost_str_t text,
    cost_focus_error_t *error);
static bool cost_focus_same(const uint8_t *p, size_t len, const char *lower);
static cost_rc_e cost_focus_refuse(cost_focus_error_t *error,
    cost_focus_error_e code, cost_focus_column_e column, cost_str_t value);


#define COST_FOCUS_FIRST_DAY  10957  /* 2000-01-01 */
#define COST_FOCUS_LAST_DAY   47481  /* 2099-12-31 */


static const cost_str_t  cost_focus_unnamed = cost_string("Other");


/* names that providers go by, in lower case */

static const struct {
    const char  *name;
    const char  *slug;
} cost_providers[] = {
    { "aws", "aws" },
    { "amazon web services", "aws" },
    { "amazon", "aws" },
    { "microsoft", "azure" },
    { "microsoft azure", "azure" },
    { "azure", "azure" },
    { "microsoft corporation", "azure" },
    { "google", "gcp" },
    { "google cloud", "gcp" },
    { "google cloud platform", "gcp" },
    { "gcp", "gcp" },
    { "google llc", "gcp" },
    { "oracle", "oracle" },
    { "oracle cloud", "oracle" },
    { "oracle cloud infrastructure", "oracle" },
    { "oci", "oracle" },
    { "alibaba", "alibaba" },
    { "alibaba cloud", "alibaba" },
    { "aliyun", "alibaba" },
    { "ibm", "ibm" },
    { "ibm cloud", "ibm" },
    { "tencent", "tencent" },
    { "tencent cloud", "tencent" },
    { "huawei", "huawei" },
    { "huawei cloud", "huawei" }
};


cost_rc_e
cost_focus_row(cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_row_t *row, cost_focus_error_t *error)
{
    cost_str_t  class;

    if (rec->n != focus->fields) {
        memset(error, 0, sizeof(cost_focus_error_t));

        error->code = COST_FOCUS_FIELDS;
        error->fields = rec->n;
        error->expected = focus->fields;

        return COST_INVALID;
    }

    if (cost_focus_amounts(focus, rec, row, error) != COST_OK
        || cost_focus_currency(focus, rec, row, error) != COST_OK
        || cost_focus_day(focus, rec, COST_FOCUS_BILLING_PERIOD_START,
                          &row->period, error) != COST_OK
        || cost_focus_day(focus, rec, COST_FOCUS_CHARGE_PERIOD_START,
                          &row->day, error) != COST_OK
        || cost_focus_charge(focus, rec, row, error) != COST_OK
        || cost_focus_provider(focus, rec, row, error) != COST_OK
        || cost_focus_texts(focus, rec, row, error) != COST_OK)
    {
        return COST_INVALID;
    }

    class = cost_focus_value(focus, rec, COST_FOCUS_CHARGE_CLASS);
    row->correction = cost_focus_same(class.data, class.len, "correction");

    return COST_OK;
}


cost_str_t
cost_focus_text(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_column_e column)
{
    return cost_focus_value(focus, rec, column);
}


/* without blanks around it; a null, or what the file lacks, is empty */

static inline cost_str_t
cost_focus_value(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_column_e column)
{
    cost_str_t  s;

    if (focus->at[column] == COST_FOCUS_ABSENT) {
        s.data = rec->data;
        s.len = 0;

        return s;
    }

    s = cost_csv_field(rec, focus->at[column]);

    while (s.len != 0 && s.data[s.len - 1] == ' ') {
        s.len--;
    }

    while (s.len != 0 && *s.data == ' ') {
        s.data++;
        s.len--;
    }

    if ((s.len == 4 || s.len == 2) && cost_focus_is_null(s.data, s.len)) {
        s.len = 0;
    }

    return s;
}


static bool
cost_focus_is_null(const uint8_t *p, size_t len)
{
    if (len == 2) {
        return p[0] == '{' && p[1] == '}';
    }

    return cost_focus_same(p, len, "null");
}


static cost_rc_e
cost_focus_amounts(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_row_t *row, cost_focus_error_t *error)
{
    unsigned    i;
    cost_rc_e   rc;
    cost_str_t  s;

    row->nulls = 0;

    for (i = 0; i < COST_KINDS; i++) {
        s = cost_focus_value(focus, rec, (cost_focus_column_e) i);

        if (s.len == 0) {
            if (i == COST_BILLED) {
                return cost_focus_refuse(error, COST_FOCUS_IS_NULL,
                                         COST_FOCUS_BILLED_COST, s);
            }

            row->amount[i] = 0;
            row->nulls |= (uint8_t) (1 << i);
            continue;
        }

        rc = cost_decimal_parse(s.data, s.len, &row->amount[i]);

        if (rc == COST_INVALID) {
            return cost_focus_refuse(error, COST_FOCUS_NOT_NUMBER,
                                     (cost_focus_column_e) i, s);
        }

        if (rc == COST_RANGE
            || row->amount[i] >= COST_FOCUS_AMOUNT_MAX
            || row->amount[i] <= -COST_FOCUS_AMOUNT_MAX)
        {
            return cost_focus_refuse(error, COST_FOCUS_NUMBER_RANGE,
                                     (cost_focus_column_e) i, s);
        }
    }

    return COST_OK;
}


static cost_rc_e
cost_focus_currency(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_row_t *row, cost_focus_error_t *error)
{
    size_t      i;
    cost_str_t  s;

    s = cost_focus_value(focus, rec, COST_FOCUS_BILLING_CURRENCY);

    if (s.len == 0) {
        return cost_focus_refuse(error, COST_FOCUS_IS_NULL,
                                 COST_FOCUS_BILLING_CURRENCY, s);
    }

    for (i = 0; i < s.len && s.data[i] >= 'A' && s.data[i] <= 'Z'; i++) {
        /* void */
    }

    if (s.len != 3 || i != 3) {
        return cost_focus_refuse(error, COST_FOCUS_NOT_CURRENCY,
                                 COST_FOCUS_BILLING_CURRENCY, s);
    }

    row->currency = s;

    return COST_OK;
}


static cost_rc_e
cost_focus_day(cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_column_e column, cost_day_t *day, cost_focus_error_t *error)
{
    unsigned     n;
    cost_str_t   s;
    cost_time_t  t;

    n = (column == COST_FOCUS_CHARGE_PERIOD_START);
    s = cost_focus_value(focus, rec, column);

    if (s.len == 0) {
        return cost_focus_refuse(error, COST_FOCUS_IS_NULL, column, s);
    }

    if (s.len == focus->date_seen_len[n]
        && memcmp(s.data, focus->date_seen[n], s.len) == 0)
    {
        *day = focus->date[n];
        return COST_OK;
    }

    if (cost_time_parse(s.data, s.len, &t) != COST_OK) {
        return cost_focus_refuse(error, COST_FOCUS_NOT_DATE, column, s);
    }

    *day = cost_day_from_time(t);

    if (*day < COST_FOCUS_FIRST_DAY || *day > COST_FOCUS_LAST_DAY) {
        return cost_focus_refuse(error, COST_FOCUS_DATE_RANGE, column, s);
    }

    if (s.len <= COST_FOCUS_SEEN) {
        memcpy(focus->date_seen[n], s.data, s.len);
        focus->date_seen_len[n] = s.len;
        focus->date[n] = *day;
    }

    return COST_OK;
}


/* Google writes "usage" */

static cost_rc_e
cost_focus_charge(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_row_t *row, cost_focus_error_t *error)
{
    unsigned    i;
    cost_str_t  s;

    static const char  *charges[COST_CHARGES] = {
        "usage", "purchase", "tax", "credit", "adjustment"
    };

    s = cost_focus_value(focus, rec, COST_FOCUS_CHARGE_CATEGORY);

    if (s.len == 0) {
        return cost_focus_refuse(error, COST_FOCUS_IS_NULL,
                                 COST_FOCUS_CHARGE_CATEGORY, s);
    }

    for (i = 0; i < COST_CHARGES; i++) {
        if (cost_focus_same(s.data, s.len, charges[i])) {
            row->charge = (cost_charge_e) i;
            return COST_OK;
        }
    }

    return cost_focus_refuse(error, COST_FOCUS_NOT_CHARGE,
                             COST_FOCUS_CHARGE_CATEGORY, s);
}


static cost_rc_e
cost_focus_provider(cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_row_t *row, cost_focus_error_t *error)
{
    cost_str_t           s;
    cost_focus_column_e  column;

    column = COST_FOCUS_SERVICE_PROVIDER_NAME;
    s = cost_focus_value(focus, rec, column);

    if (s.len == 0) {
        if (focus->at[COST_FOCUS_PROVIDER_NAME] != COST_FOCUS_ABSENT) {
            column = COST_FOCUS_PROVIDER_NAME;
            s = cost_focus_value(focus, rec, column);
        }

        if (s.len == 0) {
            return cost_focus_refuse(error, COST_FOCUS_IS_NULL, column, s);
        }
    }

    if (s.len != focus->provider_seen_len
        || memcmp(s.data, focus->provider_seen, s.len) != 0)
    {
        focus->provider_len = cost_provider_slug(s.data, s.len,
                                                 focus->provider);

        /* 0 also makes the next row look again */

        focus->provider_seen_len = 0;

        if (focus->provider_len == 0) {
            return cost_focus_refuse(error, COST_FOCUS_NOT_TEXT, column, s);
        }

        if (s.len <= COST_FOCUS_SEEN) {
            memcpy(focus->provider_seen, s.data, s.len);
            focus->provider_seen_len = s.len;
        }
    }

    row->provider.data = focus->provider;
    row->provider.len = focus->provider_len;

    return COST_OK;
}


static cost_rc_e
cost_focus_texts(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_row_t *row, cost_focus_error_t *error)
{
    cost_focus_column_e  id, name, region;

    id = COST_FOCUS_SUB_ACCOUNT_ID;
    name = COST_FOCUS_SUB_ACCOUNT_NAME;
    row->account = cost_focus_value(focus, rec, id);

    if (row->account.len == 0) {
        id = COST_FOCUS_BILLING_ACCOUNT_ID;
        name = COST_FOCUS_BILLING_ACCOUNT_NAME;
        row->account = cost_focus_value(focus, rec, id);

        if (row->account.len == 0) {
            return cost_focus_refuse(error, COST_FOCUS_IS_NULL, id,
                                     row->account);
        }
    }

    row->account_name = cost_focus_value(focus, rec, name);
    row->service = cost_focus_value(focus, rec, COST_FOCUS_SERVICE_NAME);
    row->service_category = cost_focus_value(focus, rec,
                                             COST_FOCUS_SERVICE_CATEGORY);

    /* Oracle leaves the id empty and has it in the name */

    region = COST_FOCUS_REGION_ID;
    row->region = cost_focus_value(focus, rec, region);

    if (row->region.len == 0) {
        region = COST_FOCUS_REGION_NAME;
        row->region = cost_focus_value(focus, rec, region);
    }

    /* an upfront payment for a whole agreement is of no service */

    if (row->service.len == 0) {
        row->service = cost_focus_unnamed;
    }

    if (row->service_category.len == 0) {
        row->service_category = cost_focus_unnamed;
    }

    if (cost_focus_check(id, row->account, error) != COST_OK
        || cost_focus_check(name, row->account_name, error) != COST_OK
        || cost_focus_check(COST_FOCUS_SERVICE_NAME, row->service, error)
           != COST_OK
        || cost_focus_check(COST_FOCUS_SERVICE_CATEGORY,
                            row->service_category, error) != COST_OK
        || cost_focus_check(region, row->region, error) != COST_OK)
    {
        return COST_INVALID;
    }

    return COST_OK;
}


static cost_rc_e
cost_focus_check(cost_focus_column_e column, cost_str_t text,
    cost_focus_error_t *error)
{
    if (text.len > COST_FOCUS_TEXT_MAX) {
        return cost_focus_refuse(error, COST_FOCUS_TOO_LONG, column, text);
    }

    if (!cost_focus_is_text(text.data, text.len)) {
        return cost_focus_refuse(error, COST_FOCUS_NOT_TEXT, column, text);
    }

    return COST_OK;
}


bool
cost_focus_is_text(const uint8_t *p, size_t len)
{
    size_t          n;
    uint64_t        word;
    const uint8_t  *last;

    last = p + len;

    /* eight bytes of ASCII: no high bit, and none set by taking 0x20 off */

    while (last - p >= 8) {
        memcpy(&word, p, 8);

        if ((word | (word - UINT64_C(0x2020202020202020)))
            & UINT64_C(0x8080808080808080))
        {
            break;
        }

        p += 8;
    }

    while (p < last) {
        n = 1;

        if (*p < 0x20
            || (*p >= 0x80 && cost_utf8_next(p, last, &n) != COST_OK))
        {
            return false;
        }

        p += n;
    }

    return true;
}


/* compares with a lower-case word without regard to case */

static bool
cost_focus_same(const uint8_t *p, size_t len, const char *lower)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (lower[i] == '\0' || (p[i] | 0x20) != (uint8_t) lower[i]) {
            return false;
        }
    }

    return lower[i] == '\0';
}


static cost_rc_e
cost_focus_refuse(cost_focus_error_t *error, cost_focus_error_e code,
    cost_focus_column_e column, cost_str_t value)
{
    memset(error, 0, sizeof(cost_focus_error_t));

    error->code = code;
    error->column = cost_focus_column_name(column);
    error->value = value;

    return COST_INVALID;
}


size_t
cost_provider_slug(const uint8_t *p, size_t len, uint8_t *buf)
{
    size_t   i, n;
    uint8_t  c;

    for (i = 0; i < sizeof(cost_providers) / sizeof(cost_providers[0]); i++) {
        if (cost_focus_same(p, len, cost_providers[i].name)) {
            n = strlen(cost_providers[i].slug);
            memcpy(buf, cost_providers[i].slug, n);

            return n;
        }
    }

    n = 0;

    for (i = 0; i < len && n < COST_PROVIDER_MAX; i++) {
        c = p[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
            buf[n++] = c;
            continue;
        }

        if (n != 0 && buf[n - 1] != '-') {
            buf[n++] = '-';
        }
    }

    while (n != 0 && buf[n - 1] == '-') {
        n--;
    }

    return n;
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_copy.h"
#include "cost_date.h"
#include "cost_decimal.h"


size_t
cost_copy_cost(const cost_fold_t *fold, const cost_fold_entry_t *entry,
    uint8_t *buf)
{
    size_t    i;
    uint8_t  *p;

    const uint32_t  texts[] = {
        entry->provider, entry->account, entry->account_name, entry->service,
        entry->service_category, entry->region, entry->currency
    };

    p = buf;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        p = cost_copy_text(p, cost_fold_text(fold, texts[i]));
    }

    p = cost_copy_day(p, entry->period);
    p = cost_copy_day(p, entry->day);
    p = cost_copy_number(p, entry->charge);
    p = cost_copy_number(p, entry->rows);

    for (i = 0; i < COST_KINDS; i++) {
        p = cost_copy_decimal(p, entry->amount[i]);
    }

    return cost_copy_end(buf, p);
}


size_t
cost_copy_resource(const cost_inventory_t *inv,
    const cost_inventory_entry_t *entry, uint8_t *buf)
{
    size_t    i;
    uint8_t  *p;

    const cost_str_t  texts[] = {
        cost_inventory_text(inv, entry->provider),
        cost_inventory_text(inv, entry->account),
        cost_inventory_text(inv, entry->resource),
        cost_inventory_text(inv, entry->name),
        cost_resource_class_name((cost_resource_class_e) entry->class),
        cost_inventory_text(inv, entry->item),
        cost_inventory_text(inv, entry->variant),
        cost_resource_pricing_name((cost_resource_pricing_e) entry->pricing),
        cost_inventory_text(inv, entry->region),
        cost_inventory_text(inv, entry->service),
        cost_inventory_text(inv, entry->currency)
    };

    p = buf;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        p = cost_copy_text(p, texts[i]);
    }

    p = cost_copy_day(p, entry->period);
    p = cost_copy_day(p, entry->first);
    p = cost_copy_day(p, entry->last);
    p = cost_copy_number(p, entry->rows);

    for (i = 0; i < COST_INVENTORY_SUMS; i++) {
        p = cost_copy_decimal(p, entry->sum[i]);
    }

    return cost_copy_end(buf, p);
}


/* a backslash is escaped */

uint8_t *
cost_copy_text(uint8_t *p, cost_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '\\') {
            *p++ = '\\';
        }

        *p++ = s.data[i];
    }

    *p++ = '\t';

    return p;
}


uint8_t *
cost_copy_day(uint8_t *p, cost_day_t day)
{
    p += cost_date_format(day, p);
    *p++ = '\t';

    return p;
}


uint8_t *
cost_copy_number(uint8_t *p, uint64_t n)
{
    size_t   i;
    uint8_t  digits[20];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    memcpy(p, digits + i, sizeof(digits) - i);
    p += sizeof(digits) - i;
    *p++ = '\t';

    return p;
}


uint8_t *
cost_copy_decimal(uint8_t *p, cost_decimal_t amount)
{
    p += cost_decimal_format(amount, COST_DECIMAL_PLACES, 0, p);
    *p++ = '\t';

    return p;
}


size_t
cost_copy_end(const uint8_t *buf, uint8_t *p)
{
    p[-1] = '\n';

    return (size_t) (p - buf);
}

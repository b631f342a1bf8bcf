
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_transfer.h"


typedef struct {
    cost_price_e  name;
    bool          both;          /* charged in each of two directions */
    bool          by_region;     /* the price is keyed by the destination */
} cost_transfer_context_t;


static cost_rc_e cost_transfer_amount(const cost_price_table_t *t,
    uint32_t row, uint32_t region, cost_decimal_t before, cost_decimal_t gb,
    cost_decimal_t *amount);


const cost_str_t  cost_transfer_contexts[COST_TRANSFER_CONTEXTS + 1] = {
    cost_string("same-az"),
    cost_string("inter-az"),
    cost_string("inter-region"),
    cost_string("internet"),
    cost_string("vpc-peering"),
    cost_string("nat-gateway"),
    cost_string("privatelink"),
    cost_string("cloudfront-origin"),
    cost_string("vpc-endpoint-gateway"),
    { 0, NULL }
};


static const cost_transfer_context_t  cost_transfer_table[] = {
    { COST_PRICE_DATATRANSFER_SAME_AZ_GB, false, false },
    { COST_PRICE_DATATRANSFER_INTER_AZ_GB, true, false },
    { COST_PRICE_DATATRANSFER_INTER_REGION_GB, false, true },
    { COST_PRICE_DATATRANSFER_INTERNET_EGRESS_GB, false, false },
    { COST_PRICE_DATATRANSFER_VPC_PEERING_CROSS_AZ_GB, true, false },
    { COST_PRICE_NATGATEWAY_NAT_GB, false, false },
    { COST_PRICE_VPCENDPOINT_INTERFACE_GB, false, false },
    { COST_PRICE_DATATRANSFER_TO_CLOUDFRONT_GB, false, false },
    { COST_PRICE_VPCENDPOINT_GATEWAY_ENDPOINT_GB, false, false }
};


cost_rc_e
cost_transfer_price(const cost_price_table_t *t, uint32_t region,
    const cost_transfer_t *transfers, uint32_t n, cost_decimal_t *amounts,
    cost_decimal_t *total, uint32_t *bad, cost_price_e *name)
{
    uint32_t                        i, row, unknown;
    cost_rc_e                       rc;
    cost_decimal_t                  amount, sum;
    cost_decimal_t                  before[COST_TRANSFER_CONTEXTS];
    const cost_transfer_t          *transfer;
    const cost_transfer_context_t  *context;

    if (n == 0) {
        *total = 0;
        return COST_OK;
    }

    memset(before, 0, sizeof(before));
    sum = 0;

    for (i = 0; i < n; i++) {
        transfer = &transfers[i];
        context = &cost_transfer_table[transfer->context];

        *bad = i;
        *name = context->name;

        if (context->by_region) {
            rc = cost_price_key(t, context->name,
                                &t->regions[transfer->to_region], 1, &row,
                                &unknown);

            if (rc != COST_OK && transfer->gb != 0) {
                return COST_NULL;
            }

        } else {
            row = cost_price_row(t, context->name);
        }

        rc = cost_transfer_amount(t, row, region, before[transfer->context],
                                  transfer->gb, &amount);
        if (rc != COST_OK) {
            return rc;
        }

        if (!context->by_region) {
            before[transfer->context] += transfer->gb;
        }

        if (amount > COST_QUANTITY_MAX) {
            return COST_RANGE;
        }

        if (context->both) {
            amount *= 2;
        }

        amount = cost_decimal_round(amount, 2);
        sum += amount;

        if (amounts != NULL) {
            amounts[i] = amount;
        }

        if (sum > COST_QUANTITY_MAX) {
            return COST_RANGE;
        }
    }

    *total = sum;

    return COST_OK;
}


/* what "gb" more cost after those "before" */

static cost_rc_e
cost_transfer_amount(const cost_price_table_t *t, uint32_t row,
    uint32_t region, cost_decimal_t before, cost_decimal_t gb,
    cost_decimal_t *amount)
{
    cost_rc_e       rc;
    cost_decimal_t  base;

    *amount = 0;

    if (gb == 0) {
        return COST_OK;
    }

    rc = cost_price_cost(t, row, region, before + gb, amount);

    if (rc != COST_OK || before == 0) {
        return rc;
    }

    rc = cost_price_cost(t, row, region, before, &base);

    if (rc == COST_OK) {
        *amount -= base;
    }

    return rc;
}

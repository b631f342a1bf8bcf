
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The columns of FOCUS, by all the names they have had, and what else a file
 * may turn out to be.  Names are compared without case, blanks and
 * underscores: warehouses write billed_cost or BILLEDCOST.
 */

#include "cost_focus.h"


#define COST_FOCUS_NAME_MAX  64


/* what a name without a value of ours tells about the file */

typedef enum {
    COST_FOCUS_HINT_NONE = 0,
    COST_FOCUS_HINT_0_5,
    COST_FOCUS_HINT_PREVIEW,
    COST_FOCUS_HINT_1_0,
    COST_FOCUS_HINT_1_1,
    COST_FOCUS_HINT_1_2,
    COST_FOCUS_HINT_1_3,
    COST_FOCUS_HINT_1_4
} cost_focus_hint_e;


typedef struct {
    const char          *name;       /* lower case, no blanks, no "_" */
    int                  column;     /* cost_focus_column_e, or -1 */
    bool                 alias;      /* an older name: the newer one wins */
    cost_focus_hint_e    hint;
} cost_focus_name_t;


typedef struct {
    const char          *name;       /* as above */
    const char          *format;
} cost_focus_format_t;


static size_t cost_focus_normalize(cost_str_t name, char *buf);
static const cost_focus_name_t *cost_focus_find(const char *name, size_t len);
static cost_focus_version_e cost_focus_version(uint32_t hints);
static uint32_t cost_focus_missing(const cost_focus_t *focus);
static bool cost_focus_other(cost_csv_record_t *rec,
    const cost_str_t *names, cost_focus_error_t *error);


static const cost_str_t  cost_focus_columns[COST_FOCUS_COLUMNS] = {
    cost_string("BilledCost"),
    cost_string("EffectiveCost"),
    cost_string("ListCost"),
    cost_string("ContractedCost"),
    cost_string("BillingCurrency"),
    cost_string("BillingPeriodStart"),
    cost_string("ChargePeriodStart"),
    cost_string("ChargeCategory"),
    cost_string("ProviderName"),
    cost_string("ServiceProviderName"),
    cost_string("BillingAccountId"),
    cost_string("ServiceName"),
    cost_string("ServiceCategory"),
    cost_string("BillingAccountName"),
    cost_string("SubAccountId"),
    cost_string("SubAccountName"),
    cost_string("RegionId"),
    cost_string("RegionName"),
    cost_string("ChargeClass"),
    cost_string("ResourceId"),
    cost_string("ResourceName"),
    cost_string("ResourceType"),
    cost_string("SkuId"),
    cost_string("SkuMeter"),
    cost_string("ChargeDescription"),
    cost_string("PricingQuantity"),
    cost_string("PricingUnit"),
    cost_string("PricingCategory"),
    cost_string("ConsumedQuantity"),
    cost_string("ConsumedUnit"),
    cost_string("CommitmentDiscountStatus"),
    cost_string("ChargePeriodEnd"),
    cost_string("SkuPriceDetails")
};


static const cost_focus_name_t  cost_focus_names[] = {
    { "billedcost", COST_FOCUS_BILLED_COST, false, 0 },
    { "effectivecost", COST_FOCUS_EFFECTIVE_COST, false, 0 },
    { "listcost", COST_FOCUS_LIST_COST, false, 0 },
    { "contractedcost", COST_FOCUS_CONTRACTED_COST, false, 0 },
    { "billingcurrency", COST_FOCUS_BILLING_CURRENCY, false, 0 },
    { "billingperiodstart", COST_FOCUS_BILLING_PERIOD_START, false, 0 },
    { "chargeperiodstart", COST_FOCUS_CHARGE_PERIOD_START, false, 0 },
    { "chargecategory", COST_FOCUS_CHARGE_CATEGORY, false, 0 },
    { "providername", COST_FOCUS_PROVIDER_NAME, false, 0 },
    { "serviceprovidername", COST_FOCUS_SERVICE_PROVIDER_NAME, false,
      COST_FOCUS_HINT_1_3 },
    { "billingaccountid", COST_FOCUS_BILLING_ACCOUNT_ID, false, 0 },
    { "servicename", COST_FOCUS_SERVICE_NAME, false, 0 },
    { "servicecategory", COST_FOCUS_SERVICE_CATEGORY, false, 0 },
    { "billingaccountname", COST_FOCUS_BILLING_ACCOUNT_NAME, false, 0 },
    { "subaccountid", COST_FOCUS_SUB_ACCOUNT_ID, false, 0 },
    { "subaccountname", COST_FOCUS_SUB_ACCOUNT_NAME, false, 0 },
    { "regionid", COST_FOCUS_REGION_ID, false, 0 },
    { "regionname", COST_FOCUS_REGION_NAME, false, 0 },
    { "chargeclass", COST_FOCUS_CHARGE_CLASS, false, COST_FOCUS_HINT_1_0 },
    { "resourceid", COST_FOCUS_RESOURCE_ID, false, 0 },
    { "resourcename", COST_FOCUS_RESOURCE_NAME, false, 0 },
    { "resourcetype", COST_FOCUS_RESOURCE_TYPE, false, 0 },
    { "skuid", COST_FOCUS_SKU_ID, false, 0 },
    { "skumeter", COST_FOCUS_SKU_METER, false, COST_FOCUS_HINT_1_1 },
    { "chargedescription", COST_FOCUS_CHARGE_DESCRIPTION, false, 0 },
    { "pricingquantity", COST_FOCUS_PRICING_QUANTITY, false, 0 },
    { "pricingunit", COST_FOCUS_PRICING_UNIT, false, 0 },
    { "pricingcategory", COST_FOCUS_PRICING_CATEGORY, false, 0 },
    { "consumedquantity", COST_FOCUS_CONSUMED_QUANTITY, false, 0 },
    { "consumedunit", COST_FOCUS_CONSUMED_UNIT, false, 0 },
    { "commitmentdiscountstatus", COST_FOCUS_COMMITMENT_STATUS, false, 0 },

    { "chargeperiodend", COST_FOCUS_CHARGE_PERIOD_END, false, 0 },
    { "skupricedetails", COST_FOCUS_SKU_DETAILS, false, 0 },

    { "x_usagetype", COST_FOCUS_SKU_METER, true, 0 },
    { "x_skumetername", COST_FOCUS_SKU_METER, true, 0 },
    { "amortizedcost", COST_FOCUS_EFFECTIVE_COST, true, COST_FOCUS_HINT_0_5 },
    { "chargetype", COST_FOCUS_CHARGE_CATEGORY, true, COST_FOCUS_HINT_0_5 },
    { "provider", COST_FOCUS_PROVIDER_NAME, true, 0 },
    { "region", COST_FOCUS_REGION_ID, true, COST_FOCUS_HINT_PREVIEW },
    { "usagequantity", COST_FOCUS_CONSUMED_QUANTITY, true,
      COST_FOCUS_HINT_PREVIEW },
    { "usageunit", COST_FOCUS_CONSUMED_UNIT, true, COST_FOCUS_HINT_PREVIEW },

    { "chargesubcategory", -1, false, COST_FOCUS_HINT_PREVIEW },
    { "servicesubcategory", -1, false, COST_FOCUS_HINT_1_1 },
    { "pricingcurrency", -1, false, COST_FOCUS_HINT_1_2 },
    { "invoiceid", -1, false, COST_FOCUS_HINT_1_2 },
    { "billingaccounttype", -1, false, COST_FOCUS_HINT_1_2 },
    { "hostprovidername", -1, false, COST_FOCUS_HINT_1_3 },
    { "contractapplied", -1, false, COST_FOCUS_HINT_1_3 },
    { "invoicedetailid", -1, false, COST_FOCUS_HINT_1_4 },
    { "commitmentprogrameligibilitydetails", -1, false, COST_FOCUS_HINT_1_4 }
};


static const cost_focus_format_t  cost_focus_formats[] = {
    { "identity/lineitemid", "an AWS Cost and Usage Report" },
    { "identitylineitemid", "an AWS Cost and Usage Report" },
    { "lineitem/usageaccountid", "an AWS Cost and Usage Report" },
    { "lineitemusageaccountid", "an AWS Cost and Usage Report" },
    { "lineitem/referenceno", "an Oracle Cloud cost report" },
    { "metercategory", "an Azure cost export of the older kind" },
    { "subscriptionguid", "an Azure cost export of the older kind" },
    { "sku.description", "a Google Cloud billing export" },
    { "servicedescription", "a Google Cloud billing export" },
    { "appliedcostperquantity", "a GitHub usage report" },
    { "priceperunit($)", "a GitHub usage report" },
    { "requestsused", "a GitHub Copilot usage report" },
    { "billingperiodstatus", "a FOCUS Billing Period dataset" },
    { "invoiceissuestatus", "a FOCUS Invoice Detail dataset" },
    { "contractcommitmentid", "a FOCUS Contract Commitment dataset" }
};


cost_rc_e
cost_focus_header(cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_error_t *error)
{
    bool                      exact[COST_FOCUS_COLUMNS];
    char                      buf[COST_FOCUS_NAME_MAX];
    size_t                    len;
    uint32_t                  hints, i;
    cost_str_t                names[COST_CSV_FIELDS];
    const cost_focus_name_t  *name;

    memset(focus, 0, sizeof(cost_focus_t));
    memset(error, 0, sizeof(cost_focus_error_t));
    memset(exact, 0, sizeof(exact));

    for (i = 0; i < COST_FOCUS_COLUMNS; i++) {
        focus->at[i] = COST_FOCUS_ABSENT;
    }

    focus->fields = rec->n;
    hints = 0;

    for (i = 0; i < rec->n; i++) {
        names[i] = cost_csv_field(rec, i);

        len = cost_focus_normalize(names[i], buf);
        name = cost_focus_find(buf, len);

        if (name == NULL) {
            continue;
        }

        hints |= (uint32_t) 1 << name->hint;

        if (name->column == -1) {
            continue;
        }

        if (name->alias) {
            if (focus->at[name->column] == COST_FOCUS_ABSENT) {
                focus->at[name->column] = i;
            }

            continue;
        }

        if (exact[name->column]) {
            error->code = COST_FOCUS_REPEATED;
            error->column = names[i];
            return COST_INVALID;
        }

        exact[name->column] = true;
        focus->at[name->column] = i;
    }

    focus->version = cost_focus_version(hints);
    error->missing = cost_focus_missing(focus);

    if (error->missing == 0) {
        return COST_OK;
    }

    if (!cost_focus_other(rec, names, error)) {
        error->code = COST_FOCUS_MISSING;
    }

    return COST_INVALID;
}


/* 0: too long to be a name of ours */

static size_t
cost_focus_normalize(cost_str_t name, char *buf)
{
    size_t   i, n;
    uint8_t  c;

    n = 0;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (c == ' ' || c == '_') {
            /* "x_" begins a provider's own column: only whole names count */

            if (c != '_' || n != 1 || (buf[0] | 0x20) != 'x') {
                continue;
            }
        }

        if (n == COST_FOCUS_NAME_MAX) {
            return 0;
        }

        buf[n++] = (char) ((c >= 'A' && c <= 'Z') ? c | 0x20 : c);
    }

    return n;
}


static const cost_focus_name_t *
cost_focus_find(const char *name, size_t len)
{
    size_t  i;

    for (i = 0; i < sizeof(cost_focus_names) / sizeof(cost_focus_names[0]);
         i++)
    {
        if (strlen(cost_focus_names[i].name) == len
            && memcmp(cost_focus_names[i].name, name, len) == 0)
        {
            return &cost_focus_names[i];
        }
    }

    return NULL;
}


/*
 * By the newest column; the oldest names come first, as they went before the
 * newer columns came and some tools write both.
 */

static cost_focus_version_e
cost_focus_version(uint32_t hints)
{
    size_t  i;

    static const struct {
        cost_focus_hint_e     hint;
        cost_focus_version_e  version;
    } order[] = {
        { COST_FOCUS_HINT_0_5, COST_FOCUS_0_5 },
        { COST_FOCUS_HINT_1_4, COST_FOCUS_1_4 },
        { COST_FOCUS_HINT_1_3, COST_FOCUS_1_3 },
        { COST_FOCUS_HINT_1_2, COST_FOCUS_1_2 },
        { COST_FOCUS_HINT_1_1, COST_FOCUS_1_1 },
        { COST_FOCUS_HINT_1_0, COST_FOCUS_1_0 },
        { COST_FOCUS_HINT_PREVIEW, COST_FOCUS_1_0_PREVIEW }
    };

    for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (hints & ((uint32_t) 1 << order[i].hint)) {
            return order[i].version;
        }
    }

    return COST_FOCUS_1_0;
}


/* the mandatory columns that we read and the file lacks, as bits */

static uint32_t
cost_focus_missing(const cost_focus_t *focus)
{
    unsigned  i;
    uint32_t  missing;

    missing = 0;

    for (i = COST_FOCUS_BILLED_COST; i <= COST_FOCUS_SERVICE_CATEGORY; i++) {
        if (focus->at[i] == COST_FOCUS_ABSENT) {
            missing |= (uint32_t) 1 << i;
        }
    }

    /* ProviderName was dropped in 1.4 in favour of the other */

    if (focus->at[COST_FOCUS_PROVIDER_NAME] != COST_FOCUS_ABSENT
        || focus->version < COST_FOCUS_1_3)
    {
        missing &= ~((uint32_t) 1 << COST_FOCUS_SERVICE_PROVIDER_NAME);
    }

    if (focus->at[COST_FOCUS_SERVICE_PROVIDER_NAME] != COST_FOCUS_ABSENT
        || focus->version >= COST_FOCUS_1_3)
    {
        missing &= ~((uint32_t) 1 << COST_FOCUS_PROVIDER_NAME);
    }

    /* ListCost came with the 1.0 preview, ContractedCost with 1.0 */

    if (focus->version <= COST_FOCUS_1_0_PREVIEW) {
        missing &= ~((uint32_t) 1 << COST_FOCUS_CONTRACTED_COST);
    }

    if (focus->version <= COST_FOCUS_0_5) {
        missing &= ~((uint32_t) 1 << COST_FOCUS_LIST_COST);
    }

    return missing;
}


/*
 * What has neither an amount nor a day that FOCUS knows is something else;
 * two columns in common are chance.
 */

static bool
cost_focus_other(cost_csv_record_t *rec, const cost_str_t *names,
    cost_focus_error_t *error)
{
    char      buf[COST_FOCUS_NAME_MAX];
    size_t    j, len;
    uint32_t  i, must;

    must = (uint32_t) 1 << COST_FOCUS_CHARGE_PERIOD_START
           | (uint32_t) 1 << COST_FOCUS_BILLED_COST;

    if (error->missing & must) {

        for (i = 0; i < rec->n; i++) {
            len = cost_focus_normalize(names[i], buf);

            for (j = 0; j < sizeof(cost_focus_formats)
                            / sizeof(cost_focus_formats[0]);
                 j++)
            {
                if (strlen(cost_focus_formats[j].name) == len
                    && memcmp(cost_focus_formats[j].name, buf, len) == 0)
                {
                    error->code = COST_FOCUS_OTHER_FORMAT;
                    error->format.data = (const uint8_t *)
                                         cost_focus_formats[j].format;
                    error->format.len = strlen(cost_focus_formats[j].format);

                    return true;
                }
            }
        }
    }

    if ((error->missing & must) != must) {
        return false;
    }

    error->code = COST_FOCUS_OTHER_FORMAT;

    return true;
}


cost_str_t
cost_focus_column_name(cost_focus_column_e column)
{
    return cost_focus_columns[column];
}


cost_str_t
cost_focus_version_name(cost_focus_version_e version)
{
    static const cost_str_t  old = cost_string("0.5");
    static const cost_str_t  preview = cost_string("1.0-preview");
    static const cost_str_t  names[] = {
        cost_string("1.0"),
        cost_string("1.1"),
        cost_string("1.2"),
        cost_string("1.3"),
        cost_string("1.4")
    };

    if (version == COST_FOCUS_0_5) {
        return old;
    }

    if (version == COST_FOCUS_1_0_PREVIEW) {
        return preview;
    }

    return names[version - COST_FOCUS_1_0];
}

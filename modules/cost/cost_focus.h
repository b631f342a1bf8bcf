
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader of FOCUS "Cost and Usage" files: a header becomes a map from
 * the columns we know to their places, a record becomes a row of typed
 * values.  FOCUS 1.0 to 1.4 (finops.org), the names of 0.5 and of the 1.0
 * preview, columns in any order, unknown columns anywhere.
 *
 * Nulls are an empty field, NULL, null, and, quoted or not, blanks and {}.
 * Blanks around a value are dropped.
 */


#ifndef _COST_FOCUS_H_INCLUDED_
#define _COST_FOCUS_H_INCLUDED_


#include "cost_csv.h"
#include "cost_date.h"
#include "cost_decimal.h"
#include "cost_str.h"


typedef enum {
    COST_FOCUS_BILLED_COST = 0,  /* the four amounts first: cost_kind_e */
    COST_FOCUS_EFFECTIVE_COST,
    COST_FOCUS_LIST_COST,
    COST_FOCUS_CONTRACTED_COST,
    COST_FOCUS_BILLING_CURRENCY,
    COST_FOCUS_BILLING_PERIOD_START,
    COST_FOCUS_CHARGE_PERIOD_START,
    COST_FOCUS_CHARGE_CATEGORY,
    COST_FOCUS_PROVIDER_NAME,
    COST_FOCUS_SERVICE_PROVIDER_NAME,
    COST_FOCUS_BILLING_ACCOUNT_ID,
    COST_FOCUS_SERVICE_NAME,
    COST_FOCUS_SERVICE_CATEGORY,
    COST_FOCUS_BILLING_ACCOUNT_NAME,
    COST_FOCUS_SUB_ACCOUNT_ID,
    COST_FOCUS_SUB_ACCOUNT_NAME,
    COST_FOCUS_REGION_ID,
    COST_FOCUS_REGION_NAME,
    COST_FOCUS_CHARGE_CLASS,
    COST_FOCUS_READ,             /* up to here cost_focus_row() reads */

    COST_FOCUS_RESOURCE_ID = COST_FOCUS_READ,
    COST_FOCUS_RESOURCE_NAME,
    COST_FOCUS_RESOURCE_TYPE,
    COST_FOCUS_SKU_ID,
    COST_FOCUS_SKU_METER,
    COST_FOCUS_CHARGE_DESCRIPTION,
    COST_FOCUS_PRICING_QUANTITY,
    COST_FOCUS_PRICING_UNIT,
    COST_FOCUS_PRICING_CATEGORY,
    COST_FOCUS_CONSUMED_QUANTITY,
    COST_FOCUS_CONSUMED_UNIT,
    COST_FOCUS_COMMITMENT_STATUS,
    COST_FOCUS_CHARGE_PERIOD_END,
    COST_FOCUS_SKU_DETAILS,
    COST_FOCUS_COLUMNS
} cost_focus_column_e;


typedef enum {
    COST_BILLED = 0,
    COST_EFFECTIVE,
    COST_LIST,
    COST_CONTRACTED,
    COST_KINDS
} cost_kind_e;


typedef enum {
    COST_CHARGE_USAGE = 0,
    COST_CHARGE_PURCHASE,
    COST_CHARGE_TAX,
    COST_CHARGE_CREDIT,
    COST_CHARGE_ADJUSTMENT,
    COST_CHARGES
} cost_charge_e;


typedef enum {
    COST_FOCUS_0_5 = 5,
    COST_FOCUS_1_0_PREVIEW = 9,
    COST_FOCUS_1_0 = 10,
    COST_FOCUS_1_1,
    COST_FOCUS_1_2,
    COST_FOCUS_1_3,
    COST_FOCUS_1_4
} cost_focus_version_e;


/* why a header or a row is refused */

typedef enum {
    COST_FOCUS_OK = 0,

    COST_FOCUS_MISSING,          /* a mandatory column */
    COST_FOCUS_REPEATED,         /* a known column stands there twice */
    COST_FOCUS_OTHER_FORMAT,     /* error.format says which */

    COST_FOCUS_FIELDS,           /* another number of fields than the header */
    COST_FOCUS_IS_NULL,
    COST_FOCUS_NOT_NUMBER,
    COST_FOCUS_NUMBER_RANGE,
    COST_FOCUS_NOT_DATE,
    COST_FOCUS_DATE_RANGE,       /* before 2000 or after 2099 */
    COST_FOCUS_NOT_CHARGE,       /* no charge category */
    COST_FOCUS_NOT_CURRENCY,
    COST_FOCUS_TOO_LONG,
    COST_FOCUS_NOT_TEXT,         /* not UTF-8, or with control characters */
    COST_FOCUS_NO_RATE           /* set by callers: format to, and day */
} cost_focus_error_e;


typedef struct {
    cost_focus_error_e   code;
    cost_str_t           column;     /* its name in the file or in FOCUS */
    cost_str_t           value;      /* as it stands in the file */
    cost_str_t           format;     /* of OTHER_FORMAT, or empty: "an ..." */
    uint32_t             missing;    /* of MISSING: 1 << cost_focus_column_e */
    uint32_t             fields;     /* of FIELDS: found */
    uint32_t             expected;   /* of FIELDS: the header's */
    cost_day_t           day;        /* of NO_RATE */
} cost_focus_error_t;


/* texts are at most this long, in bytes */
#define COST_FOCUS_TEXT_MAX    1024

#define COST_PROVIDER_MAX      32

/* |amount| < 10^12, so that 10^8 of them can be added up */
#define COST_FOCUS_AMOUNT_MAX  (COST_DECIMAL_ONE * 1000000000000LL)


#define COST_FOCUS_ABSENT  UINT32_MAX
#define COST_FOCUS_SEEN    32


typedef struct {
    uint32_t              fields;    /* of the header */
    uint32_t              at[COST_FOCUS_COLUMNS];  /* or COST_FOCUS_ABSENT */
    cost_focus_version_e  version;

    /* what the row before held, so as not to work it out again */
    uint8_t               provider_seen[COST_FOCUS_SEEN];
    size_t                provider_seen_len;
    uint8_t               provider[COST_PROVIDER_MAX];
    size_t                provider_len;
    uint8_t               date_seen[2][COST_FOCUS_SEEN];
    size_t                date_seen_len[2];
    cost_day_t            date[2];
} cost_focus_t;


/*
 * The texts point into the record, "provider" into the cost_focus_t: they
 * are good until the next record, or row.
 */
typedef struct {
    cost_str_t           provider;       /* aws azure gcp oracle ... */
    cost_str_t           account;        /* SubAccountId, BillingAccountId */
    cost_str_t           account_name;   /* its name, or empty */
    cost_str_t           service;        /* "Other" when null */
    cost_str_t           service_category;  /* "Other" when null */
    cost_str_t           region;         /* its id, name, or empty */
    cost_str_t           currency;       /* three capital letters */
    cost_decimal_t       amount[COST_KINDS];
    cost_day_t           period;         /* BillingPeriodStart's day, UTC */
    cost_day_t           day;            /* ChargePeriodStart's day, UTC */
    cost_charge_e        charge;
    uint8_t              nulls;          /* bit n: amount n is null, so 0 */
    bool                 correction;     /* ChargeClass */
} cost_focus_row_t;


/*
 * Reads the header.  COST_OK, or COST_INVALID with "error" set (MISSING,
 * REPEATED, OTHER_FORMAT).  The fields of "rec" are used up.
 */
COST_MUST_CHECK cost_rc_e cost_focus_header(cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_error_t *error);

/*
 * Reads a row.  COST_OK, or COST_INVALID with "error" set; its strings are
 * good as long as the record's.
 */
COST_MUST_CHECK cost_rc_e cost_focus_row(cost_focus_t *focus,
    cost_csv_record_t *rec, cost_focus_row_t *row, cost_focus_error_t *error);

/*
 * The text of a column that cost_focus_row() does not read (COST_FOCUS_READ
 * and above); a null has the length 0.  At most once per column and row.
 */
cost_str_t cost_focus_text(const cost_focus_t *focus, cost_csv_record_t *rec,
    cost_focus_column_e column);

/* UTF-8 without the control characters below 0x20? */
bool cost_focus_is_text(const uint8_t *p, size_t len);

/*
 * The error as a clause without the line number and full stop, in UTF-8:
 * BilledCost "$50,000.00" is not a number.  Long values are cut, what cannot
 * be shown is "?".  Returns the length; "buf" has room for COST_FOCUS_EXPLAIN
 * bytes.
 */
#define COST_FOCUS_EXPLAIN  768

size_t cost_focus_explain(const cost_focus_error_t *error, uint8_t *buf);

/* FOCUS's name of a column */
cost_str_t cost_focus_column_name(cost_focus_column_e column);

/* "1.0", "1.0-preview" */
cost_str_t cost_focus_version_name(cost_focus_version_e version);

/*
 * "Amazon Web Services" -> "aws", "Acme Co" -> "acme-co": at most
 * COST_PROVIDER_MAX bytes of [a-z0-9_-] are written to "buf".  Returns the
 * length, 0 for a name without a letter or digit of ASCII.
 */
size_t cost_provider_slug(const uint8_t *p, size_t len, uint8_t *buf);


#endif /* _COST_FOCUS_H_INCLUDED_ */

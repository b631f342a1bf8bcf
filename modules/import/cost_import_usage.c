
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * GitHub's usage reports, which are copied row by row: they are small.  One
 * is told by three names that every layout has, whatever else is wrong with
 * it, so that what is wrong can be said.
 */

#include <stdio.h>
#include <strings.h>

#include "cost_import.h"


static bool cost_import_usage_stage(cost_import_t *im,
    cost_import_error_t *error);
static const char *cost_import_usage_wrong(const cost_import_t *im,
    const cost_usage_row_t *row);
static bool cost_import_usage_text(cost_str_t s, size_t max);


/* as the table's own checks have it */
#define COST_IMPORT_USAGE_NAME      255
#define COST_IMPORT_USAGE_WORKFLOW  1024


bool
cost_import_is_usage(const cost_csv_record_t *rec)
{
    size_t      k;
    uint32_t    i, known;
    cost_str_t  name;

    static const char *const  names[] = {
        "product", "sku", "quantity", "model", "requests used"
    };

    known = 0;

    for (i = 0; i < rec->n; i++) {
        name = cost_csv_raw(rec, i);

        while (name.len != 0 && (name.data[name.len - 1] == '"'
                                 || name.data[name.len - 1] == '\r'))
        {
            name.len--;
        }

        if (name.len != 0 && *name.data == '"') {
            name.data++;
            name.len--;
        }

        for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            if (name.len == strlen(names[k])
                && strncasecmp((const char *) name.data, names[k], name.len)
                   == 0)
            {
                known |= (uint32_t) 1 << k;
            }
        }
    }

    return (known & 7) == 7 || (known & 24) == 24;
}


bool
cost_import_usage_header(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    cost_usage_rc_e  rc;

    static const char *const  layouts[] = {
        "legacy", "detailed", "summarized"
    };

    rc = cost_usage_header(&im->usage, &im->bill.record);

    if (rc != COST_USAGE_OK) {
        return cost_import_fail(error, "not a usage report of GitHub's: %s",
                                cost_usage_why(rc));
    }

    im->kind = COST_IMPORT_USAGE;

    (void) snprintf(file->format, sizeof(file->format),
                    "GitHub usage, %s", layouts[im->usage.layout]);

    return true;
}


bool
cost_import_usage(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    const char        *why;
    cost_usage_rc_e    rc;
    cost_usage_row_t   row;

    rc = cost_usage_row(&im->usage, &im->bill.record, &row);
    why = (rc != COST_USAGE_OK) ? cost_usage_why(rc)
                                : cost_import_usage_wrong(im, &row);

    if (why != NULL) {
        return cost_import_refuse(file, im->bill.record.line, why, strlen(why),
                                  error);
    }

    return (im->db.usage || cost_import_usage_stage(im, error))
           && cost_import_use_ci(&im->db, &row, error);
}


static bool
cost_import_usage_stage(cost_import_t *im, cost_import_error_t *error)
{
    if (!cost_import_copy_end(&im->db, error)
        || !cost_import_command(&im->db, &ngx_http_cost_sql_ci_usage_stage,
                                NULL, error))
    {
        return false;
    }

    im->db.usage = true;

    return true;
}


/* NULL: nothing is */

static const char *
cost_import_usage_wrong(const cost_import_t *im, const cost_usage_row_t *row)
{
    size_t  i;

    static const cost_str_t  usd = cost_string("USD");
    const cost_decimal_t     amounts[] = {
        row->quantity, row->gross, row->discount, row->net
    };

    if (!cost_import_usage_text(row->owner, COST_IMPORT_USAGE_NAME)
        || !cost_import_usage_text(row->repository, COST_IMPORT_USAGE_NAME)
        || !cost_import_usage_text(row->product, COST_IMPORT_USAGE_NAME)
        || !cost_import_usage_text(row->sku, COST_IMPORT_USAGE_NAME)
        || !cost_import_usage_text(row->unit, COST_IMPORT_USAGE_NAME)
        || !cost_import_usage_text(row->workflow, COST_IMPORT_USAGE_WORKFLOW))
    {
        return "A name is too long, or no text.";
    }

    for (i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        if (amounts[i] >= COST_FOCUS_AMOUNT_MAX
            || amounts[i] <= -COST_FOCUS_AMOUNT_MAX)
        {
            return "An amount is out of range.";
        }
    }

    if (!cost_bill_rated(&im->bill, usd, row->day)) {
        return "There is no rate from USD to the organization's currency for "
               "that day.";
    }

    return NULL;
}


static bool
cost_import_usage_text(cost_str_t s, size_t max)
{
    return s.len <= max && cost_focus_is_text(s.data, s.len);
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Rows of utilization, which are copied as they are read: there is nothing to
 * add up.
 */

#include "cost_import.h"


bool
cost_import_utilization(cost_import_t *im, cost_import_file_t *file,
    cost_import_error_t *error)
{
    const char              *why;
    cost_utilization_rc_e    rc;
    cost_utilization_row_t   row;

    rc = cost_utilization_row(&im->utilization, &im->bill.record, im->until,
                              &row);

    if (rc != COST_UTILIZATION_OK) {
        why = cost_utilization_why(rc);

        return cost_import_refuse(file, im->bill.record.line, why, strlen(why),
                                  error);
    }

    if (!im->db.utilization) {
        if (!cost_import_copy_end(&im->db, error)
            || !cost_import_command(&im->db,
                                    &ngx_http_cost_sql_utilization_stage,
                                    NULL, error))
        {
            return false;
        }

        im->db.utilization = true;
    }

    return cost_import_use(&im->db, &row, error);
}

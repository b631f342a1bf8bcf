
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * cost-import, the command behind scripts/import: reads billing files, adds
 * their rows up while it reads, and loads the sums in one transaction per
 * delivery.
 *
 *     input        bytes of a file, plain or gzip
 *     file         rows to sums; rows refused
 *     utilization  rows that tell how much of a resource is used
 *     usage        GitHub's usage reports
 *     db           the transaction: stage, load, record
 *     copy         what goes there by COPY
 *     prices       list prices, for recommendations
 *     anomaly      what the loaded days show, in the same transaction
 *     report       progress, summary
 *
 * Memory is taken once and does not grow with the file.  Functions that can
 * fail return false and leave one sentence in cost_import_error_t.
 */


#ifndef _COST_IMPORT_H_INCLUDED_
#define _COST_IMPORT_H_INCLUDED_


#include <libpq-fe.h>
#include <sys/types.h>
#include <zlib.h>

#include "cost/cost.h"
#include "sql/ngx_http_cost_sql.h"


#define COST_IMPORT_ENTRIES     (1 << 17)
#define COST_IMPORT_RESOURCES   (1 << 16)
#define COST_IMPORT_COPY        (1 << 16)

/* refusals that are kept and recorded, and that are shown */
#define COST_IMPORT_REFUSALS    1000
#define COST_IMPORT_SHOWN       20

#define COST_IMPORT_CURRENCIES  64


typedef struct {
    char                    text[1024];
} cost_import_error_t;


/* told by the header */

typedef enum {
    COST_IMPORT_FOCUS = 0,
    COST_IMPORT_UTILIZATION,
    COST_IMPORT_USAGE           /* GitHub's */
} cost_import_kind_e;


typedef struct {
    int                     fd;
    bool                    known;      /* whether gzip or not */
    bool                    gzip;
    bool                    member;     /* inside a member of a gzip file */
    bool                    eof;
    off_t                   size;       /* -1: not a regular file */
    off_t                   offset;     /* bytes read of the file */
    z_stream                zs;
    uint8_t                 buf[1 << 18];
} cost_import_input_t;


typedef struct {
    uint64_t                line;
    char                   *reason;
} cost_import_refusal_t;


typedef struct {
    char                    currency[4];
    cost_decimal_t          billed;
} cost_import_total_t;


typedef struct {
    const char             *name;
    off_t                   size;
    char                    format[COST_BILL_FORMAT + 1];
    uint64_t                rows;
    uint64_t                refused;
    uint64_t                nulls[COST_KINDS];
    uint32_t                nrefusals;
    uint32_t                ntotals;
    cost_import_refusal_t   refusals[COST_IMPORT_REFUSALS];
    cost_import_total_t     totals[COST_IMPORT_CURRENCIES];
} cost_import_file_t;


typedef struct {
    uint64_t                accounts;
    uint64_t                periods;
    uint64_t                lost;       /* periods of files before it */
    uint64_t                anomalies;  /* that were not known before */
    char                    first[16];
    char                    last[16];
} cost_import_result_t;


typedef struct {
    PGconn                 *conn;
    char                    organization[16];
    char                    currency[4];
    cost_bill_rate_t       *rates;
    size_t                  nrates;
    const char             *copying;    /* the statement, or NULL */
    bool                    staged;     /* rows since the last load */
    bool                    utilization;    /* is staged */
    bool                    usage;      /* GitHub's is staged */
    char                   *before;     /* imports of this run: "{1,2}" */
    uint64_t                periods;    /* that these have left */
    size_t                  len;
    uint8_t                 buf[COST_IMPORT_COPY + COST_COPY_LINE];
} cost_import_db_t;


typedef struct {
    bool                    tty;
    int64_t                 started;    /* milliseconds */
    int64_t                 shown;
    size_t                  width;      /* of what stands on the line */
} cost_import_progress_t;


typedef struct {
    cost_import_db_t        db;
    cost_import_input_t     input;
    cost_import_progress_t  progress;
    cost_fold_t             fold;
    cost_inventory_t        inventory;
    cost_resource_cache_t   known;
    cost_import_kind_e      kind;       /* of the file */
    cost_bill_t             bill;       /* its bytes, whatever the kind */
    cost_focus_row_t        row;
    cost_utilization_t      utilization;
    cost_day_t              until;      /* utilization's last day */
    cost_usage_t            usage;
    uint8_t                *buf;        /* COST_BILL_BUFFER */
    void                   *memory;     /* of the fold */
    void                   *resources;  /* of the inventory */
} cost_import_t;


__attribute__((format(printf, 2, 3)))
bool cost_import_fail(cost_import_error_t *error, const char *fmt, ...);

/* input */

COST_MUST_CHECK bool cost_import_open(cost_import_input_t *in,
    const char *name, cost_import_error_t *error);

/* fills "buf" as far as it can; *len is less than "size" at the end only */
COST_MUST_CHECK bool cost_import_read(cost_import_input_t *in, uint8_t *buf,
    size_t size, size_t *len, cost_import_error_t *error);
void cost_import_close(cost_import_input_t *in);

/* file: stages its rows in the open transaction */

COST_MUST_CHECK bool cost_import_file(cost_import_t *im,
    cost_import_file_t *file, cost_import_error_t *error);
void cost_import_file_free(cost_import_file_t *file);
COST_MUST_CHECK bool cost_import_refuse(cost_import_file_t *file,
    uint64_t line, const void *reason, size_t len,
    cost_import_error_t *error);

/* utilization: the record, a row of it */

COST_MUST_CHECK bool cost_import_utilization(cost_import_t *im,
    cost_import_file_t *file, cost_import_error_t *error);

/* usage: whether it looks like a report of GitHub's; its header; a row */

bool cost_import_is_usage(const cost_csv_record_t *rec);
COST_MUST_CHECK bool cost_import_usage_header(cost_import_t *im,
    cost_import_file_t *file, cost_import_error_t *error);
COST_MUST_CHECK bool cost_import_usage(cost_import_t *im,
    cost_import_file_t *file, cost_import_error_t *error);

/* db: a transaction, from begin() to load() or rollback() */

COST_MUST_CHECK bool cost_import_connect(cost_import_db_t *db,
    const char *conninfo, cost_import_error_t *error);
void cost_import_disconnect(cost_import_db_t *db);
COST_MUST_CHECK bool cost_import_begin(cost_import_db_t *db, const char *slug,
    cost_import_error_t *error);

/* "account" may be NULL; the files' rows are loaded as one delivery */
COST_MUST_CHECK bool cost_import_load(cost_import_db_t *db,
    cost_import_file_t *files, size_t n, const char *account,
    cost_import_result_t *result, cost_import_error_t *error);
void cost_import_rollback(cost_import_db_t *db);

/* NULL: failed, and said why; the caller clears the result */
PGresult *cost_import_query(cost_import_db_t *db,
    const ngx_http_cost_sql_t *sql, const char *const *params,
    cost_import_error_t *error);
bool cost_import_command(cost_import_db_t *db,
    const ngx_http_cost_sql_t *sql, const char *const *params,
    cost_import_error_t *error);
bool cost_import_run(cost_import_db_t *db, const char *text,
    cost_import_error_t *error);

/* the server's sentence alone, else libpq's; always false */
bool cost_import_pg_error(cost_import_db_t *db, const PGresult *res,
    cost_import_error_t *error);

/* copy: what is staged, and rows of other tables; one COPY at a time */

COST_MUST_CHECK bool cost_import_stage(cost_import_db_t *db,
    const cost_fold_t *fold, cost_import_error_t *error);
COST_MUST_CHECK bool cost_import_stage_resources(cost_import_db_t *db,
    const cost_inventory_t *inv, cost_import_error_t *error);

COST_MUST_CHECK bool cost_import_use(cost_import_db_t *db,
    const cost_utilization_row_t *row, cost_import_error_t *error);
COST_MUST_CHECK bool cost_import_use_ci(cost_import_db_t *db,
    const cost_usage_row_t *row, cost_import_error_t *error);
COST_MUST_CHECK bool cost_import_price(cost_import_db_t *db, cost_str_t name,
    cost_str_t key, cost_str_t region, cost_decimal_t price,
    cost_import_error_t *error);
COST_MUST_CHECK bool cost_import_refusals(cost_import_db_t *db,
    const cost_import_file_t *file, const char *id,
    cost_import_error_t *error);
COST_MUST_CHECK bool cost_import_copy_end(cost_import_db_t *db,
    cost_import_error_t *error);
void cost_import_copy_abort(cost_import_db_t *db);

/* prices: a transaction of its own, when the file is another one */

COST_MUST_CHECK bool cost_import_prices(cost_import_db_t *db,
    const char *name, cost_import_error_t *error);

/* anomaly: in the transaction of the load, behind it */

COST_MUST_CHECK bool cost_import_anomalies(cost_import_db_t *db,
    const char *import, uint64_t *added, cost_import_error_t *error);

/* report */

void cost_import_progress_start(cost_import_progress_t *progress);
void cost_import_progress_show(cost_import_progress_t *progress,
    const char *name, off_t offset, off_t size, uint64_t rows);
void cost_import_progress_end(cost_import_progress_t *progress);
void cost_import_report(const cost_import_file_t *file);
void cost_import_report_result(const cost_import_result_t *result);


#endif /* _COST_IMPORT_H_INCLUDED_ */

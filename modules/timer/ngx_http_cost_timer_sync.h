
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Sync: bills are fetched from the sources of accounts, and loaded.
 *
 *     sync         jobs: claimed, followed, ended
 *     sync_turn    their turns in the event loop
 *     sync_source  a source's files: listed, told apart, in which order
 *     sync_sort    ... sorted, in turns
 *     sync_dir     ... of a directory, and their bytes
 *     sync_s3      requests to S3, and what it lists
 *     sync_fetch   the bytes of a file that is fetched
 *     sync_load    one delivery: bytes to rows to sums to COPY
 *     sync_file    ... the bytes of one file: gzip, bounds
 *     sync_commit  ... the statements behind the rows, anomalies
 *     sync_module  directives, the clock
 *
 *     job -> source -> files -> delivery -> file ... -> commit -> delivery ...
 *
 * A delivery is a transaction.  Whatever fails in one leaves nothing of it,
 * and the job goes on with the next; it has failed then, all the same.
 *
 * Everything runs in turns of about half a millisecond, since the worker has
 * clients to answer.  Files of a directory are read by small reads: of what
 * is in the page cache one takes some 20 us, and the kernel is told to read
 * ahead of the rest.
 */


#ifndef _NGX_HTTP_COST_TIMER_SYNC_H_INCLUDED_
#define _NGX_HTTP_COST_TIMER_SYNC_H_INCLUDED_


#include "timer/ngx_http_cost_timer_fetch.h"
#include "timer/ngx_http_cost_timer_scan.h"

#include <dirent.h>
#include <zlib.h>


#define NGX_HTTP_COST_TIMER_SYNC_LEASE     15    /* s */
#define NGX_HTTP_COST_TIMER_SYNC_TURN      500   /* us */
#define NGX_HTTP_COST_TIMER_SYNC_FILES     10000 /* of a source */
#define NGX_HTTP_COST_TIMER_SYNC_STEPS     64    /* files, then the clock */
#define NGX_HTTP_COST_TIMER_SYNC_DEPTH     8     /* of directories */
#define NGX_HTTP_COST_TIMER_SYNC_ENTRIES   (1 << 15)
#define NGX_HTTP_COST_TIMER_SYNC_THINGS    (1 << 13)
#define NGX_HTTP_COST_TIMER_SYNC_INPUT     65536
#define NGX_HTTP_COST_TIMER_SYNC_OUTPUT    65536
#define NGX_HTTP_COST_TIMER_SYNC_PAGE      (4 * 1024 * 1024)
#define NGX_HTTP_COST_TIMER_SYNC_REFUSALS  1000  /* of a delivery, kept */
#define NGX_HTTP_COST_TIMER_SYNC_ERROR     512
#define NGX_HTTP_COST_TIMER_SYNC_HEADERS   8


typedef struct ngx_http_cost_timer_sync_s  ngx_http_cost_timer_sync_t;

typedef struct {
    ngx_uint_t                          jobs;    /* at a time */
    ngx_msec_t                          time;    /* of a job */
    off_t                               file;    /* bytes, as it lies there */
    off_t                               unpacked;    /* bytes of it */
    ngx_int_t                           rows;
    ngx_uint_t                          set;
    ngx_http_cost_timer_location_t      fetch;
    ngx_http_cost_timer_main_conf_t    *tmcf;
    ngx_http_cost_webhook_main_conf_t  *wmcf;
    ngx_http_cost_pg_listen_t           listen;

    /* of worker 0 */
    ngx_event_t                         tick;
    ngx_connection_t                    connection;
    ngx_http_cost_timer_sync_t         *sync;
} ngx_http_cost_timer_sync_conf_t;


struct ngx_http_cost_timer_sync_s {
    ngx_http_cost_timer_main_conf_t    *tmcf;
    ngx_http_cost_timer_sync_conf_t    *conf;
    ngx_http_cost_webhook_main_conf_t  *wmcf;
    ngx_http_cost_pg_query_t           *claim;   /* under way */
    ngx_queue_t                         jobs;
    ngx_uint_t                          njobs;
    uint64_t                            turn;    /* began; us of CPU */
    uint64_t                            longest;     /* of these jobs */
    ngx_atomic_uint_t                   requests;    /* of clients, so far */
    ngx_msec_t                          asked;       /* when they changed */
};


typedef enum {
    NGX_HTTP_COST_TIMER_SYNC_DIRECTORY = 0,
    NGX_HTTP_COST_TIMER_SYNC_HTTPS,
    NGX_HTTP_COST_TIMER_SYNC_S3
} ngx_http_cost_timer_sync_kind_e;


typedef struct {
    ngx_str_t                        account;    /* its id */
    ngx_str_t                        account_uuid;
    ngx_str_t                        uuid;
    ngx_str_t                        kind_name;
    ngx_str_t                        location;
    ngx_str_t                        bucket;
    ngx_str_t                        region;
    ngx_str_t                        prefix;
    ngx_str_t                        access;
    ngx_str_t                        sealed;
    ngx_str_t                        secret;
    ngx_str_t                        session;    /* token of S3; or empty */
    ngx_http_cost_timer_sync_kind_e  kind;
    ngx_uint_t                       one;        /* account for all rows */
} ngx_http_cost_timer_sync_source_t;


typedef struct {
    ngx_str_t                        name;       /* in its source */
    ngx_str_t                        version;    /* empty: not known */
    off_t                            size;       /* -1: not known */
    int64_t                          modified;   /* seconds */
    int64_t                          group_time; /* the newest part's */
    ngx_uint_t                       group;
    ngx_uint_t                       known;      /* is loaded as it is */
    ngx_uint_t                       ours;       /* by this job, before it was
                                                    handed on */

    /* of a load */
    size_t                           format_len;
    u_char                           format[COST_BILL_FORMAT];
    uint64_t                         rows;
    uint64_t                         refused;
} ngx_http_cost_timer_sync_file_t;


typedef struct {
    ngx_uint_t                       file;       /* of the delivery, from 1 */
    uint64_t                         line;
    ngx_str_t                        why;
} ngx_http_cost_timer_sync_refusal_t;


/* in the order of sync_progress.sql */

enum {
    NGX_HTTP_COST_TIMER_SYNC_FOUND = 0,
    NGX_HTTP_COST_TIMER_SYNC_LOADED,
    NGX_HTTP_COST_TIMER_SYNC_SKIPPED,
    NGX_HTTP_COST_TIMER_SYNC_FAILED,
    NGX_HTTP_COST_TIMER_SYNC_BYTES,
    NGX_HTTP_COST_TIMER_SYNC_READ,
    NGX_HTTP_COST_TIMER_SYNC_ROWS,
    NGX_HTTP_COST_TIMER_SYNC_REFUSED,
    NGX_HTTP_COST_TIMER_SYNC_COUNTS
};


/* of the bytes of a file */

typedef struct {
    int                              fd;         /* -1: it is fetched */
    struct stat                      st;
    ngx_uint_t                       open;
    ngx_uint_t                       eof;
    ngx_uint_t                       known;      /* gzip or not */
    ngx_uint_t                       gzip;
    ngx_uint_t                       member;     /* inside of one */
    ngx_uint_t                       same;       /* 304: not changed */
    off_t                            received;
    off_t                            unpacked;
    u_char                          *pos;        /* of the input */
    u_char                          *last;
    z_stream                         zs;
} ngx_http_cost_timer_sync_input_t;


typedef enum {
    NGX_HTTP_COST_TIMER_SYNC_COSTS = 1,
    NGX_HTTP_COST_TIMER_SYNC_INVENTORY
} ngx_http_cost_timer_sync_table_e;


typedef struct ngx_http_cost_timer_sync_job_s  ngx_http_cost_timer_sync_job_t;

typedef void (*ngx_http_cost_timer_sync_pt)(
    ngx_http_cost_timer_sync_job_t *job);

typedef int (ngx_libc_cdecl *ngx_http_cost_timer_sync_compare_pt)(
    const void *one, const void *two);


/* runs of files are in order, and being merged into longer ones */

typedef struct {
    ngx_http_cost_timer_sync_compare_pt  compare;
    ngx_http_cost_timer_sync_pt          next;
    ngx_http_cost_timer_sync_file_t     *from;
    ngx_http_cost_timer_sync_file_t     *to;
    ngx_uint_t                           run;        /* files; 0: none yet */
    ngx_uint_t                           at;
} ngx_http_cost_timer_sync_sort_t;


/* allocated by itself, as sums want to be aligned */

struct ngx_http_cost_timer_sync_job_s {
    cost_fold_t                          fold;
    cost_focus_row_t                     row;
    cost_resource_t                      resource;
    cost_inventory_t                     inventory;
    cost_resource_cache_t                cache;
    cost_bill_t                          bill;

    ngx_queue_t                          queue;
    ngx_http_cost_timer_sync_t          *sync;
    ngx_pool_t                          *pool;
    ngx_connection_t                     connection;
    ngx_event_t                          work;       /* the next turn */
    ngx_event_t                          tick;       /* progress */
    ngx_http_cost_timer_sync_pt          next;       /* of "work" */
    ngx_http_cost_pg_query_t            *query;      /* the job waits for */
    ngx_http_cost_pg_query_t            *progress;
    ngx_msec_t                           deadline;
    int64_t                              counts[
                                          NGX_HTTP_COST_TIMER_SYNC_COUNTS];
    ngx_str_t                            organization;
    ngx_str_t                            id;
    ngx_str_t                            slug;
    u_char                               currency[3];
    cost_bill_rate_t                    *rates;
    size_t                               nrates;
    ngx_uint_t                           failed;
    ngx_uint_t                           back;       /* for another worker */
    ngx_uint_t                           over;
    ngx_uint_t                           told;       /* that it is */
    ngx_uint_t                           tries;      /* of the last record */
    size_t                               error_len;  /* of the job */
    u_char                               error[
                                          NGX_HTTP_COST_TIMER_SYNC_ERROR];

    /* the source */
    ngx_array_t                          sources;
    ngx_uint_t                           nsource;
    ngx_http_cost_timer_sync_source_t   *source;
    ngx_pool_t                          *source_pool;
    ngx_array_t                          files;
    ngx_http_cost_timer_sync_file_t     *spare;      /* as many again */
    ngx_http_cost_timer_sync_sort_t      sort;
    ngx_uint_t                           at;         /* of "files": done */
    ngx_uint_t                           nfile;      /* of the next delivery */
    int                                  base;       /* directory; or -1 */
    ngx_uint_t                           depth;
    struct {
        DIR                             *dir;
        size_t                           len;        /* of "path" */
    } dirs[NGX_HTTP_COST_TIMER_SYNC_DEPTH];
    u_char                               path[1024];
    ngx_str_t                            token;      /* of the next page */
    size_t                               page_len;
    u_char                              *page;
    cost_s3list_t                        listing;    /* of the page */

    /* the delivery */
    ngx_pool_t                          *delivery_pool;
    ngx_http_cost_timer_sync_file_t     *first;
    ngx_uint_t                           nfiles;
    ngx_uint_t                           current;
    ngx_http_cost_pg_copy_t             *copy;
    ngx_http_cost_timer_sync_table_e     table;      /* COPY goes to */
    ngx_http_cost_timer_sync_table_e     flush;      /* entries go to; or 0 */
    ngx_http_cost_timer_sync_table_e     last;       /* at the end; or 0 */
    ngx_uint_t                           open;       /* COPY takes rows */
    ngx_uint_t                           pending;    /* a row waits */
    ngx_uint_t                           pending_resource;
    uint32_t                             entry;      /* the next to flush */
    ngx_uint_t                           committing;
    ngx_array_t                          refusals;
    size_t                               why_len;    /* of the delivery */
    u_char                               why[
                                          NGX_HTTP_COST_TIMER_SYNC_ERROR];

    /* behind its rows */
    ngx_str_t                            import;     /* empty: nothing */
    ngx_http_cost_timer_scan_t           scan;

    /* the file */
    ngx_http_cost_timer_sync_input_t     input;
    ngx_http_cost_timer_target_t         target;
    ngx_http_cost_timer_fetch_t          fetch;
    ngx_http_cost_timer_header_t         headers[
                                          NGX_HTTP_COST_TIMER_SYNC_HEADERS];
    void                                *asked;      /* of the resolver */
    ngx_uint_t                           fetching;   /* it is not over */
    ngx_uint_t                           fetched;    /* it came */
    ngx_uint_t                           status;     /* of it */
    ngx_int_t                            rc;
    size_t                               answer_len;
    u_char                               answer[NGX_HTTP_COST_TIMER_ANSWER];

    u_char                              *in;         /* INPUT bytes */
    u_char                              *out;        /* OUTPUT and a line */
    u_char                              *text;       /* COST_BILL_BUFFER */
    void                                *sums;       /* of the fold */
    void                                *things;     /* of the inventory */
};


/* jobs */

ngx_http_cost_timer_sync_t *ngx_http_cost_timer_sync_create(
    ngx_cycle_t *cycle, ngx_http_cost_timer_sync_conf_t *conf);

/* looks for a job */
void ngx_http_cost_timer_sync_tick(ngx_http_cost_timer_sync_t *sync);

void ngx_http_cost_timer_sync_turns(ngx_http_cost_timer_sync_job_t *job);

/* goes on in the next turn of the loop, with "next" */
void ngx_http_cost_timer_sync_post(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_timer_sync_pt next);

/* a turn begins; and has it lasted long enough? */
uint64_t ngx_http_cost_timer_sync_clock(void);
ngx_uint_t ngx_http_cost_timer_sync_long(uint64_t start);

/* around what is done between two looks at the loop: the longest is told */
void ngx_http_cost_timer_sync_begin(ngx_http_cost_timer_sync_t *sync);
void ngx_http_cost_timer_sync_took(ngx_http_cost_timer_sync_t *sync);

/* the job has failed, for the first reason given; it goes on */
void ngx_http_cost_timer_sync_error(ngx_http_cost_timer_sync_job_t *job,
    const char *what, size_t what_len, const u_char *why, size_t why_len);

/* the job ends here, without a word: it is no longer ours, or nobody's */
void ngx_http_cost_timer_sync_drop(ngx_http_cost_timer_sync_job_t *job);

void ngx_http_cost_timer_sync_next_source(
    ngx_http_cost_timer_sync_job_t *job);


/* the source */

void ngx_http_cost_timer_sync_list(ngx_http_cost_timer_sync_job_t *job);
ngx_http_cost_timer_sync_file_t *ngx_http_cost_timer_sync_add(
    ngx_http_cost_timer_sync_job_t *job, u_char *name, size_t len);

/* all are added; or the source has failed, "why" */
void ngx_http_cost_timer_sync_listed(ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_unlisted(ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_next_delivery(
    ngx_http_cost_timer_sync_job_t *job);

/* counts the files of a delivery that is not fetched again */
void ngx_http_cost_timer_sync_passed(ngx_http_cost_timer_sync_job_t *job);

/* puts the files of the source in order, in turns; then "next" is posted */
void ngx_http_cost_timer_sync_sort(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_timer_sync_compare_pt compare,
    ngx_http_cost_timer_sync_pt next);

void ngx_http_cost_timer_sync_list_directory(
    ngx_http_cost_timer_sync_job_t *job);
ngx_int_t ngx_http_cost_timer_sync_open(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_timer_sync_file_t *file);
ngx_uint_t ngx_http_cost_timer_sync_changed(
    ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_close_directories(
    ngx_http_cost_timer_sync_job_t *job);

void ngx_http_cost_timer_sync_list_s3(ngx_http_cost_timer_sync_job_t *job);

/*
 * The request for a file, or, if it is NULL, for a page of the list: its URL;
 * its headers, but for what is signed, which wants to know the target.
 */
ngx_int_t ngx_http_cost_timer_sync_request(
    ngx_http_cost_timer_sync_job_t *job, ngx_pool_t *pool,
    ngx_http_cost_timer_sync_file_t *file, ngx_str_t *url);
ngx_int_t ngx_http_cost_timer_sync_headers(
    ngx_http_cost_timer_sync_job_t *job, ngx_pool_t *pool,
    ngx_http_cost_timer_sync_file_t *file);


/* fetching: "next" is posted whenever there is something to look at */

void ngx_http_cost_timer_sync_get(ngx_http_cost_timer_sync_job_t *job,
    ngx_pool_t *pool, ngx_http_cost_timer_sync_file_t *file,
    ngx_http_cost_timer_sync_pt next);
void ngx_http_cost_timer_sync_stop(ngx_http_cost_timer_sync_job_t *job);

/* NGX_OK, or what is wrong with the answer, in "why" */
ngx_int_t ngx_http_cost_timer_sync_answer(
    ngx_http_cost_timer_sync_job_t *job);


/* the delivery */

void ngx_http_cost_timer_sync_deliver(ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_why(ngx_http_cost_timer_sync_job_t *job,
    const char *fmt, ...);

/* goes on with the delivery, as far as it can */
void ngx_http_cost_timer_sync_pump(ngx_http_cost_timer_sync_job_t *job);

/* ends in next_delivery() */
void ngx_http_cost_timer_sync_fail(ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_end(ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_begin_file(ngx_http_cost_timer_sync_job_t *job);

/*
 * Gives the bill some bytes.  NGX_OK, NGX_AGAIN: there are none yet, the job
 * is posted when there are; NGX_ERROR: "why"
 */
ngx_int_t ngx_http_cost_timer_sync_bytes(ngx_http_cost_timer_sync_job_t *job);
void ngx_http_cost_timer_sync_input_close(
    ngx_http_cost_timer_sync_job_t *job);

void ngx_http_cost_timer_sync_commit(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_pg_result_t *result);


/* "{"a","b"}" in "pool"; an element without data is NULL */
ngx_int_t ngx_http_cost_timer_sync_array(ngx_pool_t *pool, ngx_str_t *texts,
    ngx_uint_t n, ngx_str_t *array);


extern ngx_module_t  ngx_http_cost_timer_sync_module;


#endif /* _NGX_HTTP_COST_TIMER_SYNC_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


/*
 * Generated from modules/sql/ by scripts/gen-sql; do not edit.
 */


#ifndef _NGX_HTTP_COST_SQL_H_INCLUDED_
#define _NGX_HTTP_COST_SQL_H_INCLUDED_


/* the last migration that the statements know */
#define NGX_HTTP_COST_SQL_SCHEMA  36


typedef struct {
    const char  *name;       /* of the file, and of the prepared statement */
    const char  *text;
    int          nparams;
    int          ncols;
} ngx_http_cost_sql_t;


extern const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_delete;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_get;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_accounts_rename;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_change;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_cloudk;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_delete;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_evaluate;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_rehearse;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_settle;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_test;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_alerts_tested;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_dismiss;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_due;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_scanned;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_series;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_anomalies_store;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_change;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_delete;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_budgets_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_delete;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_get;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_seen;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_receiver_set;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_usage_load;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ci_usage_stage;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_costs_forecast;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_costs_read;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_deliveries_again;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_deliveries_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_deliveries_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_finish;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_load;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_organization;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_organize;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_periods;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_rates;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_import_stage;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_key_flush;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_key_load;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_key_purge;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_change;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_get;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_revoke;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_keys_rotate;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_overview_read;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_prices_clear;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_prices_known;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_prices_version;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_ready_check;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_recommendations_change;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_recommendations_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_recommendations_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_claim;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_failed;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_find;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_known;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_load;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_loaded;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_progress;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_sources;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_sync_start;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_budgets;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_lead;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_purge;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_timer_turn;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_trend_provider;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_trend_region;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_trend_service;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_utilization_load;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_utilization_stage;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_add;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_change;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_delete;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_list;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_rotate;
extern const ngx_http_cost_sql_t  ngx_http_cost_sql_webhooks_test;


/* all of them, in the order of their names; NULL ends them */
extern const ngx_http_cost_sql_t *const  ngx_http_cost_sql_all[];


#endif /* _NGX_HTTP_COST_SQL_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * API keys in front of any location.
 *
 * The story is told in ngx_http_cost_key_access.c (a request) and
 * ngx_http_cost_key_zone.c (what is known); here are the tables.  Without
 * "api_key" in a location nothing here takes part in a request.
 */


#include "key/ngx_http_cost_key_zone.h"
#include "pg/ngx_http_cost_pg.h"


static void *ngx_http_cost_key_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_cost_key_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_cost_key_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_cost_key_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_cost_key_check_flush(ngx_conf_t *cf, void *post,
    void *data);
static ngx_int_t ngx_http_cost_key_init(ngx_conf_t *cf);


static ngx_conf_enum_t  ngx_http_cost_key_permission_enum[] = {
    { ngx_string("read"), NGX_HTTP_COST_KEY_READ },
    { ngx_string("write"), NGX_HTTP_COST_KEY_WRITE },
    { ngx_string("admin"), NGX_HTTP_COST_KEY_ADMIN },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_cost_key_log_levels[] = {
    { ngx_string("info"), NGX_LOG_INFO },
    { ngx_string("notice"), NGX_LOG_NOTICE },
    { ngx_string("warn"), NGX_LOG_WARN },
    { ngx_string("error"), NGX_LOG_ERR },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_http_cost_key_flush_bounds =
    { ngx_http_cost_key_check_flush };


static ngx_command_t  ngx_http_cost_key_commands[] = {

    { ngx_string("api_key_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_cost_key_zone_directive,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("api_key_plan"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_cost_key_plan_directive,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("api_key_trust"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_cost_key_main_conf_t, trust),
      NULL },

    { ngx_string("api_key_stale"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_cost_key_main_conf_t, stale),
      NULL },

    { ngx_string("api_key_flush"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_cost_key_main_conf_t, flush),
      &ngx_http_cost_key_flush_bounds },

    { ngx_string("api_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_cost_key_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("api_key_permission"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_cost_key_loc_conf_t, permission),
      &ngx_http_cost_key_permission_enum },

    { ngx_string("api_key_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_cost_key_loc_conf_t, dry_run),
      NULL },

    { ngx_string("api_key_standard_headers"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_cost_key_loc_conf_t, standard),
      NULL },

    { ngx_string("api_key_log_level"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_cost_key_loc_conf_t, log_level),
      &ngx_http_cost_key_log_levels },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_cost_key_module_ctx = {
    ngx_http_cost_key_add_variables,       /* preconfiguration */
    ngx_http_cost_key_init,                /* postconfiguration */

    ngx_http_cost_key_create_main_conf,    /* create main configuration */
    ngx_http_cost_key_init_main_conf,      /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_cost_key_create_loc_conf,     /* create location configuration */
    ngx_http_cost_key_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_cost_key_module = {
    NGX_MODULE_V1,
    &ngx_http_cost_key_module_ctx,         /* module context */
    ngx_http_cost_key_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_cost_key_init_worker,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_cost_key_exit_worker,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_cost_key_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_key_main_conf_t));
    if (kmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&kmcf->zones, cf->pool, 1,
                       sizeof(ngx_http_cost_key_zone_t *))
        != NGX_OK)
    {
        return NULL;
    }

    /* zones point into it: it must not move, see api_key_plan */

    if (ngx_array_init(&kmcf->plans, cf->pool, NGX_HTTP_COST_KEY_PLANS,
                       sizeof(ngx_http_cost_key_plan_t))
        != NGX_OK)
    {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     kmcf->used = 0;
     *     kmcf->worker = NULL;
     */

    kmcf->trust = NGX_CONF_UNSET_MSEC;
    kmcf->stale = NGX_CONF_UNSET_MSEC;
    kmcf->flush = NGX_CONF_UNSET_MSEC;

    kmcf->authorization_hash = ngx_hash_key_lc((u_char *) "authorization",
                                               sizeof("authorization") - 1);
    kmcf->api_key_hash = ngx_hash_key_lc((u_char *) "x-api-key",
                                         sizeof("x-api-key") - 1);

    return kmcf;
}


static char *
ngx_http_cost_key_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_cost_key_main_conf_t  *kmcf = conf;

    ngx_conf_init_msec_value(kmcf->trust, 1000);
    ngx_conf_init_msec_value(kmcf->stale, 600000);
    ngx_conf_init_msec_value(kmcf->flush, 1000);

    return NGX_CONF_OK;
}


static void *
ngx_http_cost_key_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_cost_key_loc_conf_t  *klcf;

    klcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_key_loc_conf_t));
    if (klcf == NULL) {
        return NULL;
    }

    klcf->zone = NGX_CONF_UNSET_PTR;
    klcf->permission = NGX_CONF_UNSET_UINT;
    klcf->log_level = NGX_CONF_UNSET_UINT;
    klcf->dry_run = NGX_CONF_UNSET;
    klcf->standard = NGX_CONF_UNSET;

    return klcf;
}


static char *
ngx_http_cost_key_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_cost_key_loc_conf_t  *prev = parent;
    ngx_http_cost_key_loc_conf_t  *conf = child;

    ngx_conf_merge_ptr_value(conf->zone, prev->zone, NULL);
    ngx_conf_merge_uint_value(conf->permission, prev->permission,
                              NGX_HTTP_COST_KEY_READ);
    ngx_conf_merge_uint_value(conf->log_level, prev->log_level, NGX_LOG_INFO);
    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);
    ngx_conf_merge_value(conf->standard, prev->standard, 0);

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_key_check_flush(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t  *flush = data;

    if (*flush < 100) {
        return "must be at least 100ms";
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_cost_key_init(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_handler_pt            *h;
    ngx_http_cost_key_zone_t      **zones;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cost_key_module);

    zones = kmcf->zones.elts;

    for (i = 0; i < kmcf->zones.nelts; i++) {
        if (zones[i]->lookups == NGX_CONF_UNSET_UINT) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "there is no \"api_key_zone\" for the zone \"%V\" "
                          "of \"api_key\"", &zones[i]->shm_zone->shm.name);
            return NGX_ERROR;
        }
    }

    if (!kmcf->used) {
        return NGX_OK;
    }

    if (!ngx_http_cost_pg_configured(cf)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"api_key\" needs a \"cost_database\"");
        return NGX_ERROR;
    }

    if (kmcf->plans.nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"api_key\" needs an \"api_key_plan\"");
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_ACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_cost_key_access_handler;

    return ngx_http_cost_key_init_filter(cf);
}


ngx_int_t
ngx_http_cost_key_permission_parse(ngx_str_t *name, ngx_uint_t *permission)
{
    ngx_conf_enum_t  *e;

    for (e = ngx_http_cost_key_permission_enum; e->name.len; e++) {
        if (e->name.len == name->len
            && ngx_strncmp(e->name.data, name->data, name->len) == 0)
        {
            *permission = e->value;
            return NGX_OK;
        }
    }

    return NGX_ERROR;
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Directives of key/ with parameters of their own: zones, plans, and the use
 * of a zone in a location.
 *
 *     api_key_zone    NAME:SIZE [lookups=N]
 *     api_key_plan    NAME prefix=P errors=W [scope=key|organization]
 *                     unlimited | limit=N/WINDOW[:sliding] ...
 *     api_key         zone=NAME | off
 *
 * WINDOW is second, minute, hour, day, or a time such as 90s, 6h, 7d.
 */


#include "key/ngx_http_cost_key_zone.h"
#include "pg/ngx_http_cost_pg.h"


#define NGX_HTTP_COST_KEY_ZONE_MIN   (32 * ngx_pagesize)

/* failed look-ups in a second, unless the zone says otherwise */
#define NGX_HTTP_COST_KEY_LOOKUPS    1000


/* a plan while its parameters are read, and which have been seen */

typedef struct {
    ngx_http_cost_key_plan_t  *plan;
    ngx_uint_t                 errors;
    ngx_uint_t                 scope;
    ngx_uint_t                 unlimited;
} ngx_http_cost_key_draft_t;


static ngx_http_cost_key_zone_t *ngx_http_cost_key_zone_add(ngx_conf_t *cf,
    ngx_str_t *name, size_t size);
static char *ngx_http_cost_key_plan_parameter(ngx_conf_t *cf,
    ngx_http_cost_key_draft_t *draft, ngx_str_t *value);
static ngx_int_t ngx_http_cost_key_plan_name(ngx_conf_t *cf,
    ngx_http_cost_key_main_conf_t *kmcf, ngx_str_t *name);
static char *ngx_http_cost_key_plan_limit(ngx_conf_t *cf,
    ngx_http_cost_key_plan_t *plan, ngx_str_t *value);
static ngx_int_t ngx_http_cost_key_plan_window(ngx_str_t *text,
    cost_window_t *w);
static ngx_int_t ngx_http_cost_key_plan_check(ngx_conf_t *cf,
    ngx_http_cost_key_main_conf_t *kmcf, ngx_http_cost_key_plan_t *plan);
static ngx_int_t ngx_http_cost_key_plan_check_windows(ngx_conf_t *cf,
    ngx_http_cost_key_plan_t *plan);
static uint32_t ngx_http_cost_key_plan_reach(cost_window_t *a,
    cost_window_t *b);


#define ngx_http_cost_key_plan_kind(w)                                        \
    ((w)->kind == COST_WINDOW_SLIDING ? ":sliding" : "")


static const struct {
    ngx_str_t  name;
    uint32_t   length;
} ngx_http_cost_key_units[] = {
    { ngx_string("second"), 1 },
    { ngx_string("minute"), 60 },
    { ngx_string("hour"), 3600 },
    { ngx_string("day"), 86400 },
    { ngx_null_string, 0 }
};


char *
ngx_http_cost_key_zone_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    u_char                    *p;
    ssize_t                    size;
    ngx_int_t                  n;
    ngx_str_t                 *value, name, s;
    ngx_http_cost_key_zone_t  *zone;

    value = cf->args->elts;

    p = (u_char *) ngx_strchr(value[1].data, ':');

    if (p == NULL || p == value[1].data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone \"%V\", expected name:size",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data;
    name.len = p - name.data;

    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) NGX_HTTP_COST_KEY_ZONE_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small, the minimum is %uz",
                           &value[1], (size_t) NGX_HTTP_COST_KEY_ZONE_MIN);
        return NGX_CONF_ERROR;
    }

    zone = ngx_http_cost_key_zone_add(cf, &name, size);
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (zone->lookups != NGX_CONF_UNSET_UINT) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is defined twice", &name);
        return NGX_CONF_ERROR;
    }

    zone->lookups = NGX_HTTP_COST_KEY_LOOKUPS;

    if (cf->args->nelts == 3) {
        s = value[2];

        if (ngx_strncmp(s.data, "lookups=", 8) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &s);
            return NGX_CONF_ERROR;
        }

        n = ngx_atoi(s.data + 8, s.len - 8);

        if (n < 1 || n > 1000000) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" must be 1 to 1000000 in a second", &s);
            return NGX_CONF_ERROR;
        }

        zone->lookups = n;
    }

    if (ngx_http_cost_key_listen(cf, zone) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* a size of 0: only used here; whoever comes first makes it */

static ngx_http_cost_key_zone_t *
ngx_http_cost_key_zone_add(ngx_conf_t *cf, ngx_str_t *name, size_t size)
{
    ngx_shm_zone_t                 *shm_zone;
    ngx_http_cost_key_zone_t       *zone, **p;
    ngx_http_cost_key_main_conf_t  *kmcf;

    kmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cost_key_module);

    shm_zone = ngx_shared_memory_add(cf, name, size,
                                     &ngx_http_cost_key_module);
    if (shm_zone == NULL) {
        return NULL;
    }

    if (shm_zone->data) {
        return shm_zone->data;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_cost_key_zone_t));
    if (zone == NULL) {
        return NULL;
    }

    p = ngx_array_push(&kmcf->zones);
    if (p == NULL) {
        return NULL;
    }

    *p = zone;

    zone->shm_zone = shm_zone;
    zone->kmcf = kmcf;
    zone->lookups = NGX_CONF_UNSET_UINT;

    shm_zone->init = ngx_http_cost_key_zone_init;
    shm_zone->data = zone;

    return zone;
}


char *
ngx_http_cost_key_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_cost_key_loc_conf_t  *klcf = conf;

    ngx_str_t                      *value, name;
    ngx_http_cost_key_main_conf_t  *kmcf;

    if (klcf->zone != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 3 && ngx_strncmp(value[1].data, "off", 3) == 0) {
        klcf->zone = NULL;
        return NGX_CONF_OK;
    }

    if (value[1].len <= 5 || ngx_strncmp(value[1].data, "zone=", 5) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", expected zone=name "
                           "or off", &value[1]);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data + 5;
    name.len = value[1].len - 5;

    klcf->zone = ngx_http_cost_key_zone_add(cf, &name, 0);
    if (klcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    kmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_cost_key_module);
    kmcf->used = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_cost_key_plan_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_cost_key_main_conf_t  *kmcf = conf;

    char                       *rv;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_cost_key_draft_t   draft;

    value = cf->args->elts;

    if (ngx_http_cost_key_plan_name(cf, kmcf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&draft, sizeof(ngx_http_cost_key_draft_t));

    draft.plan = ngx_array_push(&kmcf->plans);
    if (draft.plan == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(draft.plan, sizeof(ngx_http_cost_key_plan_t));

    draft.plan->name = value[1];

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_cost_key_plan_parameter(cf, &draft, &value[i]);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (draft.plan->prefix.len == 0) {
        return "needs a \"prefix=\"";
    }

    if (!draft.errors) {
        return "needs \"errors=\"";
    }

    if (draft.unlimited == (draft.plan->nwindows != 0)) {
        return "needs either \"limit=\" or \"unlimited\"";
    }

    if (ngx_http_cost_key_plan_check(cf, kmcf, draft.plan) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_cost_key_plan_parameter(ngx_conf_t *cf,
    ngx_http_cost_key_draft_t *draft, ngx_str_t *value)
{
    ngx_str_t                  s;
    ngx_http_cost_key_plan_t  *plan;

    plan = draft->plan;

    if (ngx_strncmp(value->data, "prefix=", 7) == 0 && plan->prefix.len == 0) {
        plan->prefix.data = value->data + 7;
        plan->prefix.len = value->len - 7;

        if (cost_keytext_prefix_valid(plan->prefix.data, plan->prefix.len)) {
            return NGX_CONF_OK;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid prefix \"%V\": 1 to %d of a-z, 0-9 and "
                           "\"_\"", &plan->prefix, COST_KEYTEXT_PREFIX_MAX);
        return NGX_CONF_ERROR;
    }

    if (ngx_strncmp(value->data, "errors=", 7) == 0 && !draft->errors) {
        draft->errors = 1;

        if (cost_wording_parse(value->data + 7, value->len - 7,
                               &plan->wording)
            == COST_OK)
        {
            return NGX_CONF_OK;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown wording in \"%V\"",
                           value);
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(value->data, "scope=key") == 0 && !draft->scope) {
        draft->scope = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "scope=organization") == 0 && !draft->scope) {
        draft->scope = 1;
        plan->shared = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "unlimited") == 0 && !draft->unlimited) {
        draft->unlimited = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "limit=", 6) == 0) {
        s.data = value->data + 6;
        s.len = value->len - 6;

        return ngx_http_cost_key_plan_limit(cf, plan, &s);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid or repeated parameter \"%V\"", value);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_cost_key_plan_name(ngx_conf_t *cf,
    ngx_http_cost_key_main_conf_t *kmcf, ngx_str_t *name)
{
    u_char                     c;
    ngx_uint_t                 i;
    ngx_http_cost_key_plan_t  *plan;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') {
            break;
        }
    }

    if (i < name->len || name->len == 0
        || name->len > NGX_HTTP_COST_KEY_PLAN_LEN)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" of a plan: 1 to %d of a-z, "
                           "0-9 and \"_\"", name, NGX_HTTP_COST_KEY_PLAN_LEN);
        return NGX_ERROR;
    }

    plan = kmcf->plans.elts;

    for (i = 0; i < kmcf->plans.nelts; i++) {
        if (plan[i].name.len == name->len
            && ngx_strncmp(plan[i].name.data, name->data, name->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "plan \"%V\" is defined twice", name);
            return NGX_ERROR;
        }
    }

    if (kmcf->plans.nelts == NGX_HTTP_COST_KEY_PLANS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "there are more than %d plans",
                           NGX_HTTP_COST_KEY_PLANS);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* "60/minute", "1000/3600s:sliding" */

static char *
ngx_http_cost_key_plan_limit(ngx_conf_t *cf, ngx_http_cost_key_plan_t *plan,
    ngx_str_t *value)
{
    u_char         *p, *last;
    ngx_int_t       limit;
    ngx_str_t       s;
    cost_window_t  *w;

    if (plan->nwindows == COST_WINDOW_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "plan \"%V\" has more than %d limits",
                           &plan->name, COST_WINDOW_MAX);
        return NGX_CONF_ERROR;
    }

    w = &plan->windows[plan->nwindows++];

    last = value->data + value->len;
    p = ngx_strlchr(value->data, last, '/');

    if (p == NULL) {
        goto invalid;
    }

    limit = ngx_atoi(value->data, p - value->data);

    s.data = p + 1;
    s.len = last - s.data;

    w->kind = COST_WINDOW_FIXED;

    if (s.len > sizeof(":sliding") - 1
        && ngx_strncmp(last - (sizeof(":sliding") - 1), ":sliding",
                       sizeof(":sliding") - 1)
           == 0)
    {
        w->kind = COST_WINDOW_SLIDING;
        s.len -= sizeof(":sliding") - 1;
    }

    if (ngx_http_cost_key_plan_window(&s, w) != NGX_OK) {
        goto invalid;
    }

    if (limit < 1
        || limit > (w->kind == COST_WINDOW_SLIDING ? COST_WINDOW_LOG_MAX
                                                   : COST_WINDOW_LIMIT_MAX))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "limit \"%V\" must be 1 to %d, and at most %d in "
                           "a sliding window", value, COST_WINDOW_LIMIT_MAX,
                           COST_WINDOW_LOG_MAX);
        return NGX_CONF_ERROR;
    }

    w->limit = (uint32_t) limit;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid limit \"%V\", expected number/window with a "
                       "window of minute, hour, day or a time up to 366d, "
                       "and \":sliding\" where wanted", value);
    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_cost_key_plan_window(ngx_str_t *text, cost_window_t *w)
{
    ngx_int_t   n;
    ngx_uint_t  i;

    for (i = 0; ngx_http_cost_key_units[i].length; i++) {
        if (ngx_http_cost_key_units[i].name.len == text->len
            && ngx_strncmp(ngx_http_cost_key_units[i].name.data, text->data,
                           text->len)
               == 0)
        {
            w->length = ngx_http_cost_key_units[i].length;
            return NGX_OK;
        }
    }

    n = ngx_parse_time(text, 1);

    if (n < 1 || n > COST_WINDOW_LENGTH_MAX) {
        return NGX_ERROR;
    }

    w->length = (uint32_t) n;

    return NGX_OK;
}


/* what can be written, but not meant */

static ngx_int_t
ngx_http_cost_key_plan_check(ngx_conf_t *cf,
    ngx_http_cost_key_main_conf_t *kmcf, ngx_http_cost_key_plan_t *plan)
{
    ngx_uint_t                 i;
    ngx_http_cost_key_plan_t  *p;

    p = kmcf->plans.elts;

    for (i = 0; i < kmcf->plans.nelts; i++) {

        if (p[i].prefix.len == plan->prefix.len
            && ngx_strncmp(p[i].prefix.data, plan->prefix.data,
                           plan->prefix.len)
               == 0
            && p[i].wording != plan->wording)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "plans \"%V\" and \"%V\" have the prefix \"%V\""
                               " but other errors: how is a wrong key to be "
                               "answered?",
                               &p[i].name, &plan->name, &plan->prefix);
            return NGX_ERROR;
        }
    }

    for (i = 0; i < plan->nwindows; i++) {
        if (plan->windows[i].kind == COST_WINDOW_FIXED
            && plan->windows[i].length >= NGX_HTTP_COST_KEY_KEPT)
        {
            plan->kept = 1;
        }
    }

    return ngx_http_cost_key_plan_check_windows(cf, plan);
}


static ngx_int_t
ngx_http_cost_key_plan_check_windows(ngx_conf_t *cf,
    ngx_http_cost_key_plan_t *plan)
{
    ngx_uint_t      i, k;
    cost_window_t  *a, *b;

    for (i = 0; i < plan->nwindows; i++) {
        for (k = 0; k < plan->nwindows; k++) {
            a = &plan->windows[i];
            b = &plan->windows[k];

            if (i == k) {
                continue;
            }

            if (a->length == b->length && a->kind == b->kind) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "plan \"%V\" has two limits for %uDs",
                                   &plan->name, a->length);
                return NGX_ERROR;
            }

            if (a->length <= b->length
                && a->limit > ngx_http_cost_key_plan_reach(a, b))
            {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "plan \"%V\" allows %uD in %uDs%s but only "
                                   "%uD in %uDs%s: the first limit can never "
                                   "be reached",
                                   &plan->name, a->limit, a->length,
                                   ngx_http_cost_key_plan_kind(a),
                                   b->limit, b->length,
                                   ngx_http_cost_key_plan_kind(b));
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


/*
 * How many may pass in a window like "a", which is not longer, when "b" is
 * kept to.  An aligned window that ends in the midst of "a" is followed by
 * another one.
 */

static uint32_t
ngx_http_cost_key_plan_reach(cost_window_t *a, cost_window_t *b)
{
    if (b->kind == COST_WINDOW_SLIDING
        || (a->kind == COST_WINDOW_FIXED && b->length % a->length == 0))
    {
        return b->limit;
    }

    return 2 * b->limit;
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The nodes of the zone: organizations, keys, secrets, strangers.
 *
 * The caller of every function holds the lock.  A node that nobody points to
 * any more stays, with what it remembers, until a sweep needs its room: a key
 * whose secret is rotated goes on where it was.
 */


#include "key/ngx_http_cost_key_zone.h"


/* of organizations and keys: a slab slot, a name of some 50 bytes in it */
#define NGX_HTTP_COST_KEY_NODE    256

/* strangers whose digests hash alike */
#define NGX_HTTP_COST_KEY_WAYS    4

/* buckets that a failed allocation looks through for what can go */
#define NGX_HTTP_COST_KEY_SWEEP   64

/* seconds after which an unused secret may go, once there is no room */
#define NGX_HTTP_COST_KEY_UNUSED  86400

/* the same for one that was changed, and may be good or not */
#define NGX_HTTP_COST_KEY_CHANGED  600

/* milliseconds in which a secret that was read will be used */
#define NGX_HTTP_COST_KEY_YOUNG   1000


static uint32_t ngx_http_cost_key_hash(u_char *digest);
static ngx_http_cost_key_stranger_t *ngx_http_cost_key_strangers(
    ngx_http_cost_key_sh_t *sh, u_char *digest);
static void ngx_http_cost_key_name_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_name_t *name, u_char *behind, size_t room,
    ngx_str_t *text);
static void ngx_http_cost_key_remove_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t **p);
static void ngx_http_cost_key_sweep_locked(ngx_http_cost_key_zone_t *zone);
static void ngx_http_cost_key_sweep_secrets(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t **p, time_t now);
static void ngx_http_cost_key_sweep_keys(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_node_t **p, time_t now);
static void ngx_http_cost_key_sweep_organizations(
    ngx_http_cost_key_zone_t *zone, ngx_http_cost_key_owner_t **p,
    time_t now);
static ngx_uint_t ngx_http_cost_key_void(ngx_http_cost_key_secret_t *secret,
    time_t now);
static ngx_uint_t ngx_http_cost_key_meter_live(
    ngx_http_cost_key_meter_t *meter, time_t now);
static ngx_uint_t ngx_http_cost_key_states_live(cost_window_state_t *s,
    ngx_uint_t n, time_t now);


static uint32_t
ngx_http_cost_key_hash(u_char *digest)
{
    uint32_t  hash;

    ngx_memcpy(&hash, digest, sizeof(hash));

    return hash;
}


static ngx_http_cost_key_stranger_t *
ngx_http_cost_key_strangers(ngx_http_cost_key_sh_t *sh, u_char *digest)
{
    uint32_t  i;

    i = ngx_http_cost_key_hash(digest) & sh->strangers_mask;

    return &sh->strangers[i & ~(uint32_t) (NGX_HTTP_COST_KEY_WAYS - 1)];
}


ngx_http_cost_key_secret_t *
ngx_http_cost_key_find_locked(ngx_http_cost_key_sh_t *sh, u_char *digest)
{
    ngx_http_cost_key_secret_t  *secret;

    ngx_http_cost_key_locked(1);

    secret = sh->secrets[ngx_http_cost_key_hash(digest) & sh->mask];

    while (secret) {
        if (ngx_memcmp(secret->digest, digest, NGX_HTTP_COST_KEY_DIGEST) == 0)
        {
            return secret;
        }

        secret = secret->next;
    }

    return NULL;
}


ngx_http_cost_key_owner_t *
ngx_http_cost_key_organization_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_row_t *row)
{
    ngx_http_cost_key_sh_t     *sh;
    ngx_http_cost_key_owner_t  *organization, **p;

    ngx_http_cost_key_locked(1);

    sh = zone->sh;
    p = &sh->organizations[row->organization & sh->mask];

    for (organization = *p; organization; organization = organization->next) {
        if (organization->id == row->organization) {
            break;
        }
    }

    if (organization == NULL) {
        organization = ngx_http_cost_key_alloc_locked(zone,
                                                  NGX_HTTP_COST_KEY_NODE);
        if (organization == NULL) {
            return NULL;
        }

        organization->id = row->organization;
        ngx_http_cost_key_meter_init(&organization->meter, row->organization,
                                     0);

        organization->next = *p;
        *p = organization;

        sh->counts.organizations++;
    }

    organization->active = row->active;
    ngx_memcpy(organization->currency, row->currency.data, 3);
    ngx_memcpy(organization->uuid, row->organization_uuid.data,
               NGX_HTTP_COST_KEY_UUID);

    ngx_http_cost_key_name_locked(zone, &organization->name,
                                  organization->data,
                                  NGX_HTTP_COST_KEY_NODE
                                  - offsetof(ngx_http_cost_key_owner_t,
                                             data),
                                  &row->organization_name);

    return organization;
}


ngx_http_cost_key_node_t *
ngx_http_cost_key_node_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_row_t *row,
    ngx_http_cost_key_owner_t *organization)
{
    ngx_http_cost_key_sh_t    *sh;
    ngx_http_cost_key_node_t  *key, **p;

    ngx_http_cost_key_locked(1);

    sh = zone->sh;
    p = &sh->keys[row->key & sh->mask];

    for (key = *p; key; key = key->next) {
        if (key->id == row->key) {
            break;
        }
    }

    if (key == NULL) {
        key = ngx_http_cost_key_alloc_locked(zone, NGX_HTTP_COST_KEY_NODE);
        if (key == NULL) {
            return NULL;
        }

        key->id = row->key;
        ngx_http_cost_key_meter_init(&key->meter, row->organization, row->key);

        key->next = *p;
        *p = key;

        sh->counts.keys++;
    }

    if (key->organization != organization) {

        if (key->organization) {
            key->organization->keys--;
        }

        key->organization = organization;
        key->meter.organization = organization->id;
        organization->keys++;
    }

    key->permission = (uint8_t) row->permission;
    key->plan = (uint8_t) ngx_http_cost_key_plan_index(sh, &row->plan);
    ngx_memcpy(key->uuid, row->uuid.data, NGX_HTTP_COST_KEY_UUID);

    ngx_http_cost_key_name_locked(zone, &key->name, key->data,
                                  NGX_HTTP_COST_KEY_NODE
                                  - offsetof(ngx_http_cost_key_node_t, data),
                                  &row->name);

    return key;
}


ngx_http_cost_key_secret_t *
ngx_http_cost_key_secret_locked(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_http_cost_key_node_t *key)
{
    ngx_http_cost_key_sh_t      *sh;
    ngx_http_cost_key_secret_t  *secret, **p;

    ngx_http_cost_key_locked(1);

    sh = zone->sh;

    secret = ngx_http_cost_key_find_locked(sh, digest);

    if (secret == NULL) {
        secret = ngx_http_cost_key_alloc_locked(zone,
                                         sizeof(ngx_http_cost_key_secret_t));
        if (secret == NULL) {
            return NULL;
        }

        ngx_memcpy(secret->digest, digest, NGX_HTTP_COST_KEY_DIGEST);

        p = &sh->secrets[ngx_http_cost_key_hash(digest) & sh->mask];
        secret->next = *p;
        *p = secret;

        sh->counts.secrets++;
    }

    if (secret->key != key) {

        if (secret->key) {
            secret->key->secrets--;
        }

        secret->key = key;
        key->secrets++;
    }

    return secret;
}


static void
ngx_http_cost_key_name_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_name_t *name, u_char *behind, size_t room,
    ngx_str_t *text)
{
    size_t   len;
    u_char  *p;

    len = ngx_min(text->len, NGX_HTTP_COST_KEY_NAME_MAX);

    if (len > room && len > name->size) {
        p = ngx_slab_alloc_locked(zone->shpool, len);

        if (p) {
            if (name->size) {
                ngx_slab_free_locked(zone->shpool, name->data);
            }

            name->data = p;
            name->size = (uint16_t) len;

        } else {
            /* better a part of the name than no key */
            len = name->size ? name->size : room;
        }
    }

    if (name->size == 0) {
        name->data = behind;
    }

    name->len = (uint16_t) len;
    ngx_memcpy(name->data, text->data, len);
}


ngx_uint_t
ngx_http_cost_key_plan_index(ngx_http_cost_key_sh_t *sh, ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < sh->nplans; i++) {
        if (sh->plans[i].len == name->len
            && ngx_memcmp(sh->plans[i].data, name->data, name->len) == 0)
        {
            return i;
        }
    }

    return NGX_HTTP_COST_KEY_NO_PLAN;
}


/* a stranger takes a free place, or that of the one seen longest ago */

void
ngx_http_cost_key_unknown_locked(ngx_http_cost_key_zone_t *zone,
    u_char *digest, ngx_msec_t time)
{
    ngx_uint_t                     i;
    ngx_http_cost_key_sh_t        *sh;
    ngx_http_cost_key_secret_t   **p;
    ngx_http_cost_key_stranger_t  *s, *stranger;

    ngx_http_cost_key_locked(1);

    sh = zone->sh;

    p = &sh->secrets[ngx_http_cost_key_hash(digest) & sh->mask];

    for ( /* void */ ; *p; p = &(*p)->next) {
        if (ngx_memcmp((*p)->digest, digest, NGX_HTTP_COST_KEY_DIGEST) == 0) {
            ngx_http_cost_key_remove_locked(zone, p);
            break;
        }
    }

    stranger = ngx_http_cost_key_stranger_locked(sh, digest);

    if (stranger == NULL) {
        s = ngx_http_cost_key_strangers(sh, digest);
        stranger = s;

        for (i = 1; i < NGX_HTTP_COST_KEY_WAYS; i++) {
            if (s[i].checked < stranger->checked) {
                stranger = &s[i];
            }
        }

        ngx_memcpy(stranger->digest, digest, NGX_HTTP_COST_KEY_DIGEST);
    }

    stranger->checked = time ? time : 1;
    stranger->epoch = sh->epoch;
}


/* of the row of digests that hash alike, this one's place or NULL */

ngx_http_cost_key_stranger_t *
ngx_http_cost_key_stranger_locked(ngx_http_cost_key_sh_t *sh, u_char *digest)
{
    ngx_uint_t                     i;
    ngx_http_cost_key_stranger_t  *s;

    ngx_http_cost_key_locked(1);

    s = ngx_http_cost_key_strangers(sh, digest);

    for (i = 0; i < NGX_HTTP_COST_KEY_WAYS; i++) {
        if (s[i].checked
            && ngx_memcmp(s[i].digest, digest, NGX_HTTP_COST_KEY_DIGEST) == 0)
        {
            return &s[i];
        }
    }

    return NULL;
}


void
ngx_http_cost_key_forget_locked(ngx_http_cost_key_sh_t *sh, u_char *digest)
{
    ngx_http_cost_key_stranger_t  *stranger;

    stranger = ngx_http_cost_key_stranger_locked(sh, digest);

    if (stranger) {
        stranger->checked = 0;
    }
}


static void
ngx_http_cost_key_remove_locked(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t **p)
{
    ngx_http_cost_key_secret_t  *secret;

    secret = *p;
    *p = secret->next;

    if (secret->queue.next) {
        ngx_queue_remove(&secret->queue);
    }

    secret->key->secrets--;
    zone->sh->counts.secrets--;

    ngx_slab_free_locked(zone->shpool, secret);
}


void *
ngx_http_cost_key_alloc_locked(ngx_http_cost_key_zone_t *zone, size_t size)
{
    void  *p;

    ngx_http_cost_key_locked(1);

    p = ngx_slab_calloc_locked(zone->shpool, size);

    if (p == NULL) {
        ngx_http_cost_key_sweep_locked(zone);

        p = ngx_slab_calloc_locked(zone->shpool, size);
    }

    if (p == NULL) {
        zone->sh->counts.full++;
        zone->sh->full = ngx_time();
    }

    return p;
}


/*
 * A few buckets further each time.  Keys and organizations go when nobody
 * points to them and the database knows what they counted, or it is over.
 */

static void
ngx_http_cost_key_sweep_locked(ngx_http_cost_key_zone_t *zone)
{
    time_t                   now;
    ngx_uint_t               i, n;
    ngx_http_cost_key_sh_t  *sh;

    ngx_http_cost_key_locked(1);

    sh = zone->sh;
    now = ngx_time();

    for (n = 0; n < NGX_HTTP_COST_KEY_SWEEP; n++) {
        i = sh->sweep++ & sh->mask;

        ngx_http_cost_key_sweep_secrets(zone, &sh->secrets[i], now);
        ngx_http_cost_key_sweep_keys(zone, &sh->keys[i], now);
        ngx_http_cost_key_sweep_organizations(zone, &sh->organizations[i],
                                              now);
    }
}


static void
ngx_http_cost_key_sweep_secrets(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_secret_t **p, time_t now)
{
    while (*p) {

        if (ngx_http_cost_key_void(*p, now)) {
            ngx_http_cost_key_remove_locked(zone, p);
            zone->sh->counts.swept++;

        } else {
            p = &(*p)->next;
        }
    }
}


static void
ngx_http_cost_key_sweep_keys(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_node_t **p, time_t now)
{
    ngx_http_cost_key_node_t  *key;

    while (*p) {
        key = *p;

        if (key->secrets || key->meter.queue.next
            || ngx_http_cost_key_meter_live(&key->meter, now))
        {
            p = &key->next;
            continue;
        }

        *p = key->next;

        key->organization->keys--;

        if (key->name.size) {
            ngx_slab_free_locked(zone->shpool, key->name.data);
        }

        ngx_http_cost_key_meter_free_locked(zone, &key->meter);
        ngx_slab_free_locked(zone->shpool, key);

        zone->sh->counts.keys--;
        zone->sh->counts.swept++;
    }
}


static void
ngx_http_cost_key_sweep_organizations(ngx_http_cost_key_zone_t *zone,
    ngx_http_cost_key_owner_t **p, time_t now)
{
    ngx_http_cost_key_owner_t  *organization;

    while (*p) {
        organization = *p;

        if (organization->keys || organization->meter.queue.next
            || ngx_http_cost_key_meter_live(&organization->meter, now))
        {
            p = &organization->next;
            continue;
        }

        *p = organization->next;

        if (organization->name.size) {
            ngx_slab_free_locked(zone->shpool, organization->name.data);
        }

        ngx_http_cost_key_meter_free_locked(zone, &organization->meter);
        ngx_slab_free_locked(zone->shpool, organization);

        zone->sh->counts.organizations--;
        zone->sh->counts.swept++;
    }
}


/*
 * Not one that was read a moment ago, and is about to be used; nor one that
 * was changed, while its client may come back with it: a key that is given
 * another name keeps its place.
 */

static ngx_uint_t
ngx_http_cost_key_void(ngx_http_cost_key_secret_t *secret, time_t now)
{
    time_t  unused;

    if ((ngx_msec_int_t) (ngx_current_msec - secret->checked)
        < NGX_HTTP_COST_KEY_YOUNG)
    {
        return 0;
    }

    unused = now - (time_t) secret->used;

    return (secret->dropped && unused > NGX_HTTP_COST_KEY_CHANGED)
           || (secret->expires && (time_t) secret->expires <= now)
           || (unused > NGX_HTTP_COST_KEY_UNUSED
               && secret->queue.next == NULL);
}


/* does a window that only the zone knows of still count requests? */

static ngx_uint_t
ngx_http_cost_key_meter_live(ngx_http_cost_key_meter_t *meter, time_t now)
{
    return ngx_http_cost_key_states_live(meter->states,
                                         NGX_HTTP_COST_KEY_STATES, now)
           || (meter->more
               && ngx_http_cost_key_states_live(meter->more,
                                                NGX_HTTP_COST_KEY_MORE_STATES,
                                                now));
}


static ngx_uint_t
ngx_http_cost_key_states_live(cost_window_state_t *s, ngx_uint_t n,
    time_t now)
{
    cost_window_t       w;
    cost_window_look_t  look;

    for ( /* void */ ; n; n--, s++) {

        if (s->kind == 0
            || (s->kind == COST_WINDOW_FIXED
                && s->length >= NGX_HTTP_COST_KEY_KEPT))
        {
            continue;
        }

        w.kind = (cost_window_kind_e) s->kind;
        w.length = s->length;
        w.limit = 1;

        cost_window_look(&w, &s, 1, now, &look);

        if (look.used) {
            return 1;
        }
    }

    return 0;
}

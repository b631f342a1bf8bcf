
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * "nodes" of a request: ids, services, and the parameters by the table of
 * the service.
 */

#include "cost_request_part.h"


typedef enum {
    COST_REQUEST_NODE_ID = 0,
    COST_REQUEST_NODE_SERVICE,
    COST_REQUEST_NODE_PARAMS
} cost_request_node_e;


static cost_rc_e cost_request_node(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);
static cost_rc_e cost_request_id(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_request_node_t *node);
static cost_rc_e cost_request_service(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, cost_request_node_t *node);
static cost_rc_e cost_request_params(cost_request_t *req, cost_pull_t *r,
    cost_request_node_t *node);
static cost_rc_e cost_request_value(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind, const cost_service_param_t *param,
    cost_service_value_t *value);
static cost_rc_e cost_request_bounds(cost_request_t *req,
    const cost_service_param_t *param, cost_decimal_t number);
static uint32_t cost_request_hash(cost_str_t id);


static const cost_str_t  cost_request_node_names[] = {
    cost_string("id"),
    cost_string("service"),
    cost_string("params"),
    { 0, NULL }
};

static const cost_str_t  cost_request_none = { 0, NULL };


cost_rc_e
cost_request_nodes(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    static const cost_str_t  name = cost_string("nodes");

    if (kind != COST_PULL_ARRAY) {
        return cost_request_refuse(req, name, "must be an array");
    }

    req->place.list = "nodes";
    req->place.sub = NULL;
    req->place.listed = false;

    for ( ;; ) {
        kind = cost_pull_next(r);

        if (kind == COST_PULL_ARRAY_END) {
            break;
        }

        if (kind == COST_PULL_INVALID) {
            return cost_request_broken(req, r);
        }

        if (req->nnodes == COST_REQUEST_NODES) {

            return cost_request_many(req);
        }

        req->place.index = req->nnodes;

        if (cost_request_node(req, r, kind) != COST_OK) {
            return COST_INVALID;
        }

        req->nnodes++;
    }

    req->place.list = NULL;

    return COST_OK;
}


static cost_rc_e
cost_request_node(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    int                      member;
    cost_rc_e                rc;
    cost_pull_t              again;
    const uint8_t           *late;
    cost_request_node_t     *node;
    cost_request_members_t   members;

    if (kind != COST_PULL_OBJECT) {
        return cost_request_refuse(req, cost_request_none,
                                   "must be an object");
    }

    node = &req->nodes[req->nnodes];
    node->service = NULL;
    node->values = NULL;
    node->given = 0;
    node->flowed = 0;
    node->number = -1;

    late = NULL;

    cost_request_members(req, &members, cost_request_node_names);

    for ( ;; ) {
        member = cost_request_member(req, r, &members, &kind);

        switch (member) {

        case COST_REQUEST_NODE_ID:
            rc = cost_request_id(req, r, kind, node);
            break;

        case COST_REQUEST_NODE_SERVICE:
            rc = cost_request_service(req, r, kind, node);

            if (rc == COST_OK && late != NULL) {

                /* the parameters came first, and have been read over */

                cost_pull_init(&again, late, (size_t) (r->last - late),
                               COST_REQUEST_DEPTH);
                (void) cost_pull_next(&again);
                rc = cost_request_params(req, &again, node);
            }

            break;

        case COST_REQUEST_NODE_PARAMS:

            if (kind != COST_PULL_OBJECT) {
                return cost_request_refuse(req,
                          cost_request_node_names[COST_REQUEST_NODE_PARAMS],
                          "must be an object");
            }

            if (node->service != NULL) {
                rc = cost_request_params(req, r, node);
                break;
            }

            late = r->text.data;
            rc = cost_request_skip(req, r, kind);
            break;

        case COST_REQUEST_LAST:

            for (member = COST_REQUEST_NODE_ID;
                 member <= COST_REQUEST_NODE_SERVICE;
                 member++)
            {
                if ((members.seen >> member & 1) == 0) {
                    return cost_request_refuse(req,
                                              cost_request_node_names[member],
                                              "is missing");
                }
            }

            return COST_OK;

        default: /* COST_REQUEST_BROKEN */
            return COST_INVALID;
        }

        if (rc != COST_OK) {
            return rc;
        }
    }
}


static cost_rc_e
cost_request_id(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_request_node_t *node)
{
    int           other;
    uint32_t      i;
    cost_text_t  *t;

    if (cost_request_string(req, r, kind,
                            cost_request_node_names[COST_REQUEST_NODE_ID],
                            COST_REQUEST_ID, &node->id)
        != COST_OK)
    {
        return COST_INVALID;
    }

    other = cost_request_find(req, node->id);

    if (other != -1) {
        t = cost_request_say(req,
                             cost_request_node_names[COST_REQUEST_NODE_ID]);
        cost_text_name(t, node->id);
        cost_text_literal(t, " is the id of nodes[");
        cost_text_number(t, (uint64_t) other);
        cost_text_literal(t, "] already");

        return COST_INVALID;
    }

    i = cost_request_hash(node->id);

    while (req->slots[i % COST_REQUEST_SLOTS] != 0) {
        i++;
    }

    req->slots[i % COST_REQUEST_SLOTS] = (uint8_t) (req->nnodes + 1);

    return COST_OK;
}


int
cost_request_find(const cost_request_t *req, cost_str_t id)
{
    uint32_t  i, n;

    for (i = cost_request_hash(id); /* void */ ; i++) {
        n = req->slots[i % COST_REQUEST_SLOTS];

        if (n == 0) {
            return -1;
        }

        if (cost_text_same(req->nodes[n - 1].id, id)) {
            return (int) (n - 1);
        }
    }
}


/* ids often differ in their last letters only: "web-1", "web-2" */

static uint32_t
cost_request_hash(cost_str_t id)
{
    size_t    i;
    uint64_t  h, w;

    h = id.len;

    for (i = 0; i + 8 <= id.len; i += 8) {
        memcpy(&w, id.data + i, 8);
        h = (h ^ w) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 32;
    }

    w = 0;

    for ( /* void */ ; i < id.len; i++) {
        w = w << 8 | id.data[i];
    }

    h = (h ^ w) * 0x9e3779b97f4a7c15ULL;

    return (uint32_t) (h >> 57);
}


static cost_rc_e
cost_request_service(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    cost_request_node_t *node)
{
    int           n;
    cost_str_t    name;
    cost_text_t  *t;

    static const cost_str_t  field = cost_string("service");

    if (cost_request_string(req, r, kind, field, (size_t) -1, &name)
        != COST_OK)
    {
        return COST_INVALID;
    }

    n = cost_service_find(req->services, name.data, name.len);

    if (n != -1) {
        node->number = n;
        node->service = cost_services[n];
        node->values = &req->values[req->nvalues];
        req->nvalues += node->service->nparams;

        return COST_OK;
    }

    t = cost_request_say(req, field);
    cost_text_name(t, name);
    cost_text_literal(t, " is not a supported service; supported are ");

    for (n = 0; n < COST_SERVICES; n++) {

        if (n != 0) {
            cost_text_literal(t, ", ");
        }

        cost_text_str(t, cost_services[n]->name);
    }

    return COST_INVALID;
}


static cost_rc_e
cost_request_params(cost_request_t *req, cost_pull_t *r,
    cost_request_node_t *node)
{
    int          n;
    uint32_t     mark;
    cost_rc_e    rc;
    cost_str_t   name;
    cost_pull_e  kind;

    mark = req->nstrange;
    req->place.sub = "params";

    for ( ;; ) {
        kind = cost_pull_next(r);

        if (kind == COST_PULL_OBJECT_END) {
            break;
        }

        if (kind == COST_PULL_INVALID) {
            return cost_request_broken(req, r);
        }

        name = cost_request_text(req, r);

        if (name.data == NULL) {
            return COST_INVALID;
        }

        n = cost_service_param(req->services, node->number, name.data,
                               name.len);

        if (n == -1) {

            if (cost_request_unknown(req, r, mark, name) != COST_OK) {
                return COST_INVALID;
            }

            continue;
        }

        if (node->given >> n & 1) {
            return cost_request_refuse(req, name, "appears twice");
        }

        rc = cost_request_value(req, r, cost_pull_next(r),
                                &node->service->params[n], &node->values[n]);
        if (rc != COST_OK) {
            return rc;
        }

        node->given |= (uint64_t) 1 << n;
    }

    req->nstrange = mark;
    req->place.sub = NULL;

    return COST_OK;
}


static cost_rc_e
cost_request_value(cost_request_t *req, cost_pull_t *r, cost_pull_e kind,
    const cost_service_param_t *param, cost_service_value_t *value)
{
    if (kind == COST_PULL_INVALID) {
        return cost_request_broken(req, r);
    }

    switch (param->kind) {

    case COST_PARAM_WORD:
        return cost_request_choice(req, r, kind, param->name, param->words,
                                   &value->word);

    case COST_PARAM_BOOL:

        if (kind != COST_PULL_TRUE && kind != COST_PULL_FALSE) {
            return cost_request_refuse(req, param->name,
                                       "must be true or false");
        }

        value->word = (kind == COST_PULL_TRUE);

        return COST_OK;

    case COST_PARAM_KEY:
        return cost_request_string(req, r, kind, param->name,
                                   COST_REQUEST_KEY, &value->text);

    case COST_PARAM_INTEGER:

        if (cost_request_number(req, r, kind, param->name, &value->number)
            != COST_OK)
        {
            return COST_INVALID;
        }

        if (!(r->exact && r->scale == 0)
            && value->number % COST_DECIMAL_ONE != 0)
        {
            return cost_request_refuse(req, param->name,
                                       "must be a whole number");
        }

        return cost_request_bounds(req, param, value->number);

    default: /* COST_PARAM_NUMBER */

        if (cost_request_number(req, r, kind, param->name, &value->number)
            != COST_OK)
        {
            return COST_INVALID;
        }

        return cost_request_bounds(req, param, value->number);
    }
}


static cost_rc_e
cost_request_bounds(cost_request_t *req, const cost_service_param_t *param,
    cost_decimal_t number)
{
    bool          small;
    cost_text_t  *t;

    small = (number < param->min * COST_DECIMAL_ONE);

    if (!small && number <= param->max * COST_DECIMAL_ONE) {
        return COST_OK;
    }

    t = cost_request_say(req, param->name);

    if (small) {
        cost_text_literal(t, "must be at least ");
        cost_text_number(t, (uint64_t) param->min);

    } else {
        cost_text_literal(t, "must be at most ");
        cost_text_number(t, (uint64_t) param->max);
    }

    return COST_INVALID;
}


void
cost_request_unused(cost_request_t *req, uint32_t node, uint64_t params)
{
    uint32_t               n;
    const cost_service_t  *service;

    service = req->nodes[node].service;

    req->place.list = "nodes";
    req->place.index = node;
    req->place.sub = "params";
    req->place.listed = false;

    for ( /* void */ ; params != 0; params &= params - 1) {
        n = (uint32_t) __builtin_ctzll(params);
        cost_request_warn(req, service->params[n].name,
                          "has no effect with the other parameters");
    }
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The top of the body, the entry points, and the count of nodes that comes
 * before all other refusals.
 */

#include "cost_request_part.h"


typedef enum {
    COST_REQUEST_TOP_NODES = 0,
    COST_REQUEST_TOP_EDGES,
    COST_REQUEST_TOP_ENTRIES,
    COST_REQUEST_TOP_REGION,
    COST_REQUEST_TOP_COMPARE
} cost_request_top_e;


typedef enum {
    COST_REQUEST_ENTRY_NODE = 0,
    COST_REQUEST_ENTRY_REQUESTS
} cost_request_entry_e;


typedef cost_rc_e (*cost_request_read_pt)(cost_request_t *req,
    cost_pull_t *r, cost_pull_e kind);


static void cost_request_init(cost_request_t *req,
    const cost_price_table_t *prices, const cost_service_index_t *services);
static cost_rc_e cost_request_top(cost_request_t *req, cost_pull_t *r);
static cost_rc_e cost_request_finish(cost_request_t *req, cost_pull_t *r,
    uint32_t seen, const uint8_t **late);
static cost_rc_e cost_request_where(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);
static cost_rc_e cost_request_entries(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);
static cost_rc_e cost_request_entry(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);
static cost_rc_e cost_request_enter(cost_request_t *req, cost_str_t id,
    cost_decimal_t requests);
static cost_rc_e cost_request_compare(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);
static void cost_request_survey(cost_request_t *req, const uint8_t *body,
    size_t len);
static void cost_request_feed(cost_request_t *req);
static cost_rc_e cost_request_cycle(cost_request_t *req,
    const uint16_t *cycle, uint32_t len);


static const cost_str_t  cost_request_top_names[] = {
    cost_string("nodes"),
    cost_string("edges"),
    cost_string("entryPoints"),
    cost_string("region"),
    cost_string("compare"),
    { 0, NULL }
};

static const cost_str_t  cost_request_entry_names[] = {
    cost_string("nodeId"),
    cost_string("requestsPerMonth"),
    { 0, NULL }
};

static const cost_str_t  cost_request_none = { 0, NULL };

static const cost_str_t  cost_request_default_region =
    cost_string("us-east-1");


cost_rc_e
cost_request_read(cost_request_t *req, const cost_price_table_t *prices,
    const cost_service_index_t *services, const uint8_t *body, size_t len)
{
    cost_pull_t  r;

    cost_request_init(req, prices, services);
    cost_pull_init(&r, body, len, COST_REQUEST_DEPTH);

    if (cost_request_top(req, &r) == COST_OK) {
        return COST_OK;
    }

    cost_request_survey(req, body, len);

    return COST_INVALID;
}


static void
cost_request_init(cost_request_t *req, const cost_price_table_t *prices,
    const cost_service_index_t *services)
{
    req->region = 0;
    req->ncompare = 0;
    req->nnodes = 0;
    req->ntransfers = 0;
    req->nwarnings = 0;
    req->nkept = 0;
    req->compare_all = false;
    req->entering = 0;

    req->error.data = req->error_text;
    req->error.len = 0;
    req->error.size = COST_REQUEST_ERROR;

    req->prices = prices;
    req->services = services;

    req->place.list = NULL;
    req->place.sub = NULL;
    req->place.index = 0;
    req->place.subindex = 0;
    req->place.listed = false;

    req->nvalues = 0;
    req->nstrange = 0;
    req->nscratch = 0;
    req->nnotes = 0;

    memset(req->slots, 0, sizeof(req->slots));
    memset(req->flow, 0, sizeof(req->flow));
}


static cost_rc_e
cost_request_top(cost_request_t *req, cost_pull_t *r)
{
    int                      member;
    cost_rc_e                rc;
    cost_pull_e              kind;
    const uint8_t           *late[2];
    cost_request_members_t   members;

    static const cost_request_read_pt  readers[] = {
        cost_request_nodes,
        cost_request_edges,
        cost_request_entries,
        cost_request_where,
        cost_request_compare
    };

    kind = cost_pull_next(r);

    if (kind == COST_PULL_INVALID) {
        return cost_request_broken(req, r);
    }

    if (kind != COST_PULL_OBJECT) {
        return cost_request_refuse(req, cost_request_none,
                                   "must be an object");
    }

    late[0] = NULL;
    late[1] = NULL;

    cost_request_members(req, &members, cost_request_top_names);

    for ( ;; ) {
        member = cost_request_member(req, r, &members, &kind);

        if (member == COST_REQUEST_LAST) {
            return cost_request_finish(req, r, members.seen, late);
        }

        if (member == COST_REQUEST_BROKEN) {
            return COST_INVALID;
        }

        if ((member == COST_REQUEST_TOP_EDGES
             || member == COST_REQUEST_TOP_ENTRIES)
            && (members.seen & 1) == 0
            && kind == COST_PULL_ARRAY)
        {
            /* they name nodes, which have not come yet: read it later */

            late[member - COST_REQUEST_TOP_EDGES] = r->text.data;
            rc = cost_request_skip(req, r, kind);

        } else {
            rc = readers[member](req, r, kind);
        }

        if (rc != COST_OK) {
            return rc;
        }
    }
}


static cost_rc_e
cost_request_finish(cost_request_t *req, cost_pull_t *r, uint32_t seen,
    const uint8_t **late)
{
    int          member;
    cost_rc_e    rc;
    cost_pull_t  again;

    if (cost_pull_next(r) != COST_PULL_END) {
        return cost_request_broken(req, r);
    }

    for (member = COST_REQUEST_TOP_NODES;
         member <= COST_REQUEST_TOP_ENTRIES;
         member++)
    {
        if ((seen >> member & 1) == 0) {
            return cost_request_refuse(req, cost_request_top_names[member],
                                       "is missing");
        }
    }

    for (member = COST_REQUEST_TOP_EDGES;
         member <= COST_REQUEST_TOP_ENTRIES;
         member++)
    {
        if (late[member - COST_REQUEST_TOP_EDGES] == NULL) {
            continue;
        }

        cost_pull_init(&again, late[member - COST_REQUEST_TOP_EDGES],
                       (size_t) (r->last
                                 - late[member - COST_REQUEST_TOP_EDGES]),
                       COST_REQUEST_DEPTH);

        if (member == COST_REQUEST_TOP_EDGES) {
            rc = cost_request_edges(req, &again, cost_pull_next(&again));

        } else {
            rc = cost_request_entries(req, &again, cost_pull_next(&again));
        }

        if (rc != COST_OK) {
            return rc;
        }
    }

    if (seen >> COST_REQUEST_TOP_REGION & 1) {
        return COST_OK;
    }

    return cost_request_region(req,
                              cost_request_top_names[COST_REQUEST_TOP_REGION],
                              cost_request_default_region, &req->region);
}


static cost_rc_e
cost_request_where(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    cost_str_t         name;
    const cost_str_t  *field;

    field = &cost_request_top_names[COST_REQUEST_TOP_REGION];

    if (cost_request_string(req, r, kind, *field, (size_t) -1, &name)
        != COST_OK)
    {
        return COST_INVALID;
    }

    return cost_request_region(req, *field, name, &req->region);
}


static cost_rc_e
cost_request_entries(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    if (kind != COST_PULL_ARRAY) {
        return cost_request_refuse(req,
                             cost_request_top_names[COST_REQUEST_TOP_ENTRIES],
                             "must be an array");
    }

    req->place.list = "entryPoints";
    req->place.sub = NULL;
    req->place.listed = false;
    req->place.index = 0;

    for ( ;; ) {
        kind = cost_pull_next(r);

        if (kind == COST_PULL_ARRAY_END) {
            break;
        }

        if (kind == COST_PULL_INVALID) {
            return cost_request_broken(req, r);
        }

        if (cost_request_entry(req, r, kind) != COST_OK) {
            return COST_INVALID;
        }

        req->place.index++;
    }

    req->place.list = NULL;

    return COST_OK;
}


static cost_rc_e
cost_request_entry(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    int                      member;
    size_t                   mark;
    cost_rc_e                rc;
    cost_str_t               id;
    cost_decimal_t           requests;
    cost_request_members_t   members;

    if (kind != COST_PULL_OBJECT) {
        return cost_request_refuse(req, cost_request_none,
                                   "must be an object");
    }

    id.len = 0;
    id.data = NULL;
    requests = 0;
    mark = req->nscratch;

    cost_request_members(req, &members, cost_request_entry_names);

    for ( ;; ) {
        member = cost_request_member(req, r, &members, &kind);

        switch (member) {

        case COST_REQUEST_ENTRY_NODE:
            rc = cost_request_string(req, r, kind,
                                     cost_request_entry_names[member],
                                     (size_t) -1, &id);
            break;

        case COST_REQUEST_ENTRY_REQUESTS:
            rc = cost_request_number(req, r, kind,
                                     cost_request_entry_names[member],
                                     &requests);

            if (rc == COST_OK && requests % COST_DECIMAL_ONE != 0) {
                return cost_request_refuse(req,
                                           cost_request_entry_names[member],
                                           "must be a whole number");
            }

            break;

        case COST_REQUEST_LAST:

            for (member = COST_REQUEST_ENTRY_NODE;
                 member <= COST_REQUEST_ENTRY_REQUESTS;
                 member++)
            {
                if ((members.seen >> member & 1) == 0) {
                    return cost_request_refuse(req,
                                             cost_request_entry_names[member],
                                             "is missing");
                }
            }

            req->nscratch = mark;

            return cost_request_enter(req, id, requests);

        default: /* COST_REQUEST_BROKEN */
            return COST_INVALID;
        }

        if (rc != COST_OK) {
            return rc;
        }
    }
}


static cost_rc_e
cost_request_enter(cost_request_t *req, cost_str_t id,
    cost_decimal_t requests)
{
    int           node;
    cost_text_t  *t;

    node = cost_request_find(req, id);

    if (node == -1) {
        t = cost_request_say(req,
                           cost_request_entry_names[COST_REQUEST_ENTRY_NODE]);
        cost_text_name(t, id);
        cost_text_literal(t, " is the id of no node");

        return COST_INVALID;
    }

    req->entering += requests;
    req->flow[node] += requests;

    if (req->entering > COST_QUANTITY_MAX) {
        return cost_request_refuse(req,
                        cost_request_entry_names[COST_REQUEST_ENTRY_REQUESTS],
                        "is too large");
    }

    return COST_OK;
}


static cost_rc_e
cost_request_compare(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    uint32_t           n, region;
    cost_str_t         name;
    const cost_str_t  *field;

    field = &cost_request_top_names[COST_REQUEST_TOP_COMPARE];

    if (kind == COST_PULL_STRING && cost_str_is(&r->text, "all")) {

        for (n = 0; n < req->prices->nregions; n++) {
            req->compare[n] = (uint8_t) n;
        }

        req->ncompare = n;
        req->compare_all = true;

        return COST_OK;
    }

    if (kind != COST_PULL_ARRAY) {
        return cost_request_refuse(req, *field,
                                   "must be an array of regions or \"all\"");
    }

    req->place.list = "compare";

    for (req->place.index = 0; /* void */ ; req->place.index++) {
        kind = cost_pull_next(r);

        if (kind == COST_PULL_ARRAY_END) {
            break;
        }

        if (kind == COST_PULL_INVALID) {
            return cost_request_broken(req, r);
        }

        if (cost_request_string(req, r, kind, cost_request_none, (size_t) -1,
                                &name)
            != COST_OK
            || cost_request_region(req, cost_request_none, name, &region)
               != COST_OK)
        {
            return COST_INVALID;
        }

        for (n = 0; n < req->ncompare; n++) {
            if (req->compare[n] == region) {
                return cost_request_refuse(req, cost_request_none,
                                           "is there already");
            }
        }

        req->compare[req->ncompare++] = (uint8_t) region;
    }

    req->place.list = NULL;

    return COST_OK;
}


/*
 * Looks at a body that was refused once more: a text that is not JSON says
 * so, wherever that is, and then too many nodes, whatever else is wrong.
 */

static void
cost_request_survey(cost_request_t *req, const uint8_t *body, size_t len)
{
    uint32_t     count;
    cost_pull_t  r;
    cost_pull_e  kind;

    static const cost_str_t  *nodes =
        &cost_request_top_names[COST_REQUEST_TOP_NODES];

    cost_pull_init(&r, body, len, COST_REQUEST_DEPTH);
    count = 0;

    for ( ;; ) {
        kind = cost_pull_next(&r);

        if (kind == COST_PULL_INVALID) {
            (void) cost_request_broken(req, &r);
            return;
        }

        if (kind == COST_PULL_END) {
            break;
        }

        if (kind != COST_PULL_NAME || r.depth != 1
            || r.text.len != nodes->len
            || memcmp(r.text.data, nodes->data, nodes->len) != 0)
        {
            continue;
        }

        if (cost_pull_next(&r) != COST_PULL_ARRAY) {
            continue;
        }

        for ( ;; ) {
            kind = cost_pull_next(&r);

            if (kind == COST_PULL_ARRAY_END) {
                break;
            }

            if (cost_pull_skip(&r, kind) != COST_OK) {
                (void) cost_request_broken(req, &r);
                return;
            }

            count++;
        }
    }

    if (count > COST_REQUEST_NODES) {
        (void) cost_request_many(req);
    }
}


cost_rc_e
cost_request_flow(cost_request_t *req)
{
    uint16_t          cycle[COST_GRAPH_NODES + 1];
    uint32_t          n, len, node;
    cost_text_t      *t;
    cost_decimal_t    kb;
    cost_transfer_t  *transfer;

    if (cost_graph_order(&req->graph, cycle, &len) != COST_OK) {
        return cost_request_cycle(req, cycle, len);
    }

    if (req->entering != 0
        && cost_graph_flow(&req->graph, req->flow, &node) != COST_OK)
    {
        req->error.len = 0;
        t = &req->error;
        cost_text_literal(t, "too many requests reach nodes[");
        cost_text_number(t, node);
        cost_text_literal(t, "] ");
        cost_text_name(t, req->nodes[node].id);

        return COST_INVALID;
    }

    cost_request_feed(req);

    for (n = 0; n < req->ntransfers; n++) {
        transfer = &req->transfers[n];

        if (transfer->kb_per_request == 0) {
            continue;
        }

        if (cost_quantity_mul(req->flow[transfer->from],
                              transfer->kb_per_request, &kb)
            != COST_OK)
        {
            req->error.len = 0;
            t = &req->error;
            cost_text_literal(t, "edges[");
            cost_text_number(t, transfer->edge);
            cost_text_literal(t, "] carries too much data");

            return COST_INVALID;
        }

        /* KB in a GB */
        transfer->gb += (kb + 524288) / 1048576;
    }

    return COST_OK;
}


/* where a node's main request parameter is absent, the flow is used */

static void
cost_request_feed(cost_request_t *req)
{
    uint8_t               main;
    uint32_t              n;
    uint64_t              bit;
    cost_request_node_t  *node;

    for (n = 0; n < req->nnodes; n++) {
        node = &req->nodes[n];
        main = req->services->mains[node->number];

        if (req->flow[n] == 0 || main == COST_NO_PARAM) {
            continue;
        }

        bit = (uint64_t) 1 << main;

        if ((node->given & bit) == 0) {
            node->values[main].number = req->flow[n];
            node->given |= bit;
            node->flowed = bit;
        }
    }
}


static cost_rc_e
cost_request_cycle(cost_request_t *req, const uint16_t *cycle, uint32_t len)
{
    uint32_t      n;
    cost_text_t  *t;

    req->error.len = 0;
    t = &req->error;

    cost_text_literal(t, "the edges form a cycle: ");

    for (n = 0; n < len; n++) {

        if (n != 0) {
            cost_text_literal(t, " \xe2\x86\x92 ");
        }

        cost_text_short(t, req->nodes[cycle[n]].id);
    }

    return COST_INVALID;
}

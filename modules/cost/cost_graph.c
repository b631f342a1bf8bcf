
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_graph.h"


static bool cost_graph_cycle(const cost_graph_t *g, uint32_t start,
    uint16_t *path, uint32_t *len);


void
cost_graph_init(cost_graph_t *g, uint32_t nnodes, cost_graph_edge_t *edges,
    uint32_t max)
{
    g->edges = edges;
    g->nedges = 0;
    g->max = max;
    g->nnodes = nnodes;
    g->nordered = 0;

    memset(g->head, 0xff, sizeof(g->head));
    memset(g->incoming, 0, sizeof(g->incoming));
}


cost_rc_e
cost_graph_edge(cost_graph_t *g, uint32_t from, uint32_t to,
    cost_decimal_t ratio)
{
    uint16_t            n;
    cost_graph_edge_t  *edge;

    if (g->nedges == g->max) {
        return COST_FULL;
    }

    n = (uint16_t) g->nedges++;

    edge = &g->edges[n];
    edge->ratio = ratio;
    edge->from = (uint16_t) from;
    edge->to = (uint16_t) to;
    edge->next = COST_GRAPH_NONE;

    /* in the order they came, which a cycle's name follows */

    if (g->head[from] == COST_GRAPH_NONE) {
        g->head[from] = n;

    } else {
        g->edges[g->tail[from]].next = n;
    }

    g->tail[from] = n;
    g->incoming[to]++;

    return COST_OK;
}


/* Kahn's algorithm: a node is ordered once all of its sources are */

cost_rc_e
cost_graph_order(cost_graph_t *g, uint16_t *cycle, uint32_t *len)
{
    uint32_t  n, i;
    uint16_t  e, to, missing[COST_GRAPH_NODES];

    g->nordered = 0;

    for (n = 0; n < g->nnodes; n++) {
        missing[n] = g->incoming[n];

        if (missing[n] == 0) {
            g->order[g->nordered++] = (uint16_t) n;
        }
    }

    for (i = 0; i < g->nordered; i++) {

        for (e = g->head[g->order[i]];
             e != COST_GRAPH_NONE;
             e = g->edges[e].next)
        {
            to = g->edges[e].to;

            if (--missing[to] == 0) {
                g->order[g->nordered++] = to;
            }
        }
    }

    if (g->nordered == g->nnodes) {
        return COST_OK;
    }

    for (n = 0; n < g->nnodes; n++) {

        if (missing[n] != 0 && cost_graph_cycle(g, n, cycle, len)) {
            break;
        }
    }

    return COST_INVALID;
}


/*
 * Looks for a way from "start" back to it, depth first; "path" is the way so
 * far.  Every node is entered once.
 */

static bool
cost_graph_cycle(const cost_graph_t *g, uint32_t start, uint16_t *path,
    uint32_t *len)
{
    bool      seen[COST_GRAPH_NODES];
    uint16_t  e, to, next[COST_GRAPH_NODES];
    uint32_t  depth;

    memset(seen, 0, sizeof(seen));

    depth = 1;
    path[0] = (uint16_t) start;
    next[0] = g->head[start];
    seen[start] = true;

    while (depth != 0) {
        e = next[depth - 1];

        if (e == COST_GRAPH_NONE) {
            depth--;
            continue;
        }

        next[depth - 1] = g->edges[e].next;
        to = g->edges[e].to;

        if (to == start) {
            path[depth] = to;
            *len = depth + 1;
            return true;
        }

        if (!seen[to]) {
            seen[to] = true;
            path[depth] = to;
            next[depth] = g->head[to];
            depth++;
        }
    }

    return false;
}


cost_rc_e
cost_graph_flow(const cost_graph_t *g, cost_decimal_t *flow, uint32_t *node)
{
    uint16_t                  e, from;
    uint32_t                  i;
    cost_decimal_t            passed;
    const cost_graph_edge_t  *edge;

    for (i = 0; i < g->nordered; i++) {
        from = g->order[i];

        if (flow[from] == 0) {
            continue;
        }

        if (flow[from] > COST_QUANTITY_MAX) {
            *node = from;
            return COST_RANGE;
        }

        for (e = g->head[from]; e != COST_GRAPH_NONE; e = edge->next) {
            edge = &g->edges[e];

            if (edge->ratio == COST_DECIMAL_ONE) {
                passed = flow[from];

            } else if (cost_quantity_mul(flow[from], edge->ratio, &passed)
                       != COST_OK)
            {
                *node = edge->to;
                return COST_RANGE;
            }

            /* whose turn comes later, and with it the look at its sum */

            flow[edge->to] += passed;
        }
    }

    return COST_OK;
}

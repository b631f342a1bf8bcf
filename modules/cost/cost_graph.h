
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The graph of a calculation: nodes are numbers, an edge passes "ratio" times
 * the requests of its source to its target.  Several edges between two nodes
 * add up.
 *
 *     cost_graph_init(&g, nnodes, edges, max);
 *     cost_graph_edge(&g, from, to, ratio);        for each edge
 *     cost_graph_order(&g, cycle, &len);           once all are there
 *     cost_graph_flow(&g, flow, &node);
 */


#ifndef _COST_GRAPH_H_INCLUDED_
#define _COST_GRAPH_H_INCLUDED_


#include "cost_decimal.h"
#include "cost_price.h"


#define COST_GRAPH_NODES  50

#define COST_GRAPH_NONE   0xffff


typedef struct {
    cost_decimal_t       ratio;          /* 0: passes no requests */
    uint16_t             from;
    uint16_t             to;
    uint16_t             next;           /* of the same source, or NONE */
} cost_graph_edge_t;


typedef struct {
    cost_graph_edge_t   *edges;          /* the caller's */
    uint32_t             nedges;
    uint32_t             max;
    uint32_t             nnodes;
    uint32_t             nordered;
    uint16_t             head[COST_GRAPH_NODES];
    uint16_t             tail[COST_GRAPH_NODES];
    uint16_t             incoming[COST_GRAPH_NODES];
    uint16_t             order[COST_GRAPH_NODES];    /* sources first */
} cost_graph_t;


/* nnodes <= COST_GRAPH_NODES, max < COST_GRAPH_NONE */
void cost_graph_init(cost_graph_t *g, uint32_t nnodes,
    cost_graph_edge_t *edges, uint32_t max);

/* from, to < nnodes; COST_FULL: there are max edges already */
COST_MUST_CHECK cost_rc_e cost_graph_edge(cost_graph_t *g, uint32_t from,
    uint32_t to, cost_decimal_t ratio);

/*
 * Puts the nodes in order.  COST_INVALID: there is a cycle; "cycle", which
 * has room for COST_GRAPH_NODES + 1, holds one, the first node again at the
 * end: a, b, a.  It begins at the node of the lowest number that lies on one.
 */
COST_MUST_CHECK cost_rc_e cost_graph_order(cost_graph_t *g, uint16_t *cycle,
    uint32_t *len);

/*
 * "flow" holds the requests that enter at each node, and then those that
 * reach it in all: ordered nodes pass them on.  COST_RANGE: more than
 * COST_QUANTITY_MAX reach "*node".
 */
COST_MUST_CHECK cost_rc_e cost_graph_flow(const cost_graph_t *g,
    cost_decimal_t *flow, uint32_t *node);


#endif /* _COST_GRAPH_H_INCLUDED_ */

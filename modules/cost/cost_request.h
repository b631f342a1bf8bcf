
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The body of POST /calculate: bytes in, a checked request out, or one
 * sentence for the client that names the place: "nodes[3].params.storageGB
 * must not be negative".
 *
 *     nodes        [{"id", "service", "params": {...}?}]          0..50
 *     edges        [{"from", "to", "metrics": [{"type", "ratio"}]?,
 *                    "network": {"context", "toRegion"?}|null?}]
 *     entryPoints  [{"nodeId", "requestsPerMonth"}]
 *     region       optional, "us-east-1"
 *     compare      optional, ["eu-west-1", ...] or "all"
 *
 * A metric "requests" passes ratio x the source's requests.  The others give
 * the volume of the edge: "dataTransferMB", "dataTransferGB",
 * "dataTransferTB" per month (ratio is the figure itself), or
 * "dataTransferKBPerRequest" for each of the source's requests.
 *
 * More than 50 nodes is said before anything else that may be wrong with a
 * text that is JSON.  A name that an object has twice is refused anywhere,
 * known or not.  Names that are not known are left out and listed in the
 * warnings.
 */


#ifndef _COST_REQUEST_H_INCLUDED_
#define _COST_REQUEST_H_INCLUDED_


#include "cost_graph.h"
#include "cost_price.h"
#include "cost_pull.h"
#include "cost_service.h"
#include "cost_text.h"
#include "cost_transfer.h"


#define COST_REQUEST_NODES     COST_GRAPH_NODES
#define COST_REQUEST_EDGES     2500
#define COST_REQUEST_DEPTH     32
#define COST_REQUEST_ID        256       /* bytes of a node's id */
#define COST_REQUEST_KEY       64        /* bytes of an instance type */
#define COST_REQUEST_STRANGE   64        /* unknown names in open objects */
#define COST_REQUEST_WARNINGS  32
#define COST_REQUEST_SLOTS     128       /* of the hash of ids */
#define COST_REQUEST_ERROR     2048
#define COST_REQUEST_SCRATCH   32768
#define COST_REQUEST_NOTES     16384


typedef struct {
    cost_str_t                   id;     /* decoded */
    const cost_service_t        *service;
    cost_service_value_t        *values; /* by parameter */
    uint64_t                     given;  /* parameters with a value */
    uint64_t                     flowed; /* of these, not from the request */
    int                          number; /* of the service */
} cost_request_node_t;


/* where the reader is, for its errors */

typedef struct {
    const char                  *list;   /* "nodes"; NULL: at the top */
    const char                  *sub;    /* "params"; or NULL */
    uint32_t                     index;
    uint32_t                     subindex;
    bool                         listed;         /* "metrics[subindex]" */
} cost_request_place_t;


typedef struct {
    /* what was asked for */

    uint32_t                     region;
    uint32_t                     ncompare;
    uint32_t                     nnodes;
    uint32_t                     ntransfers;
    uint32_t                     nwarnings;      /* those left out too */
    uint32_t                     nkept;
    bool                         compare_all;
    cost_decimal_t               entering;       /* requests, all entries */
    cost_graph_t                 graph;
    cost_decimal_t               flow[COST_REQUEST_NODES];
    cost_request_node_t          nodes[COST_REQUEST_NODES];
    uint8_t                      compare[COST_PRICE_REGIONS];
    cost_str_t                   warnings[COST_REQUEST_WARNINGS];

    /* why it cannot be answered */

    cost_text_t                  error;

    /* for the reader */

    const cost_price_table_t    *prices;
    const cost_service_index_t  *services;
    cost_request_place_t         place;
    uint8_t                      slots[COST_REQUEST_SLOTS];   /* node + 1 */
    uint32_t                     nvalues;
    uint32_t                     nstrange;
    size_t                       nscratch;
    size_t                       nnotes;

    /* storage, of which only what is needed is touched */

    cost_str_t                   strange[COST_REQUEST_STRANGE];
    cost_service_value_t         values[COST_REQUEST_NODES
                                        * COST_SERVICE_PARAMS];
    cost_graph_edge_t            edges[COST_REQUEST_EDGES];
    cost_transfer_t              transfers[COST_REQUEST_EDGES];
    uint8_t                      error_text[COST_REQUEST_ERROR];
    uint8_t                      scratch[COST_REQUEST_SCRATCH];
    uint8_t                      notes[COST_REQUEST_NOTES];
} cost_request_t;


/*
 * Reads and checks the body, which must outlive the request.  "req" needs no
 * preparation.  COST_INVALID: "error" says why.
 */
COST_MUST_CHECK cost_rc_e cost_request_read(cost_request_t *req,
    const cost_price_table_t *prices, const cost_service_index_t *services,
    const uint8_t *body, size_t len);

/*
 * Then: orders the graph and lets the requests flow, which gives a value to
 * the main parameters that have none.  COST_INVALID: a cycle, or more than
 * COST_QUANTITY_MAX requests.
 */
COST_MUST_CHECK cost_rc_e cost_request_flow(cost_request_t *req);

/* adds a warning for each of a node's parameters whose bit is set */
void cost_request_unused(cost_request_t *req, uint32_t node, uint64_t params);


#endif /* _COST_REQUEST_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Among cost_request.c, which reads the top of the body, _node.c, _edge.c and
 * _place.c.  Not for others.
 *
 * Readers of a value are called with the reader behind the value's first
 * token, "kind"; they return with all of the value read.
 */


#ifndef _COST_REQUEST_PART_H_INCLUDED_
#define _COST_REQUEST_PART_H_INCLUDED_


#include "cost_request.h"


/* one bit for each known name of an object, in the order of a list */

typedef struct {
    const cost_str_t   *names;           /* the last has a NULL data */
    uint32_t            seen;
    uint32_t            next;            /* the name that usually follows */
    uint32_t            mark;            /* of the unknown ones */
} cost_request_members_t;

#define COST_REQUEST_LAST    (-1)        /* the object has ended */
#define COST_REQUEST_BROKEN  (-2)        /* refused */


/* ---- cost_request_place.c ---- */

/* the reader's error, as the client's */
cost_rc_e cost_request_broken(cost_request_t *req, const cost_pull_t *r);

/* the document's words for more than 50 nodes */
cost_rc_e cost_request_many(cost_request_t *req);

/* "<place>.<field> <why>"; returns COST_INVALID */
cost_rc_e cost_request_refuse(cost_request_t *req, cost_str_t field,
    const char *why);

/* the same, begun: add to the text and return COST_INVALID */
cost_text_t *cost_request_say(cost_request_t *req, cost_str_t field);

/* a warning: "<place>.<field> <why>" */
void cost_request_warn(cost_request_t *req, cost_str_t field,
    const char *why);

/* begins an object */
void cost_request_members(cost_request_t *req,
    cost_request_members_t *members, const cost_str_t *names);

/*
 * The next known name of the object and the first token of its value: the
 * index of the name, or one of the above.  Unknown names are dealt with.
 */
int cost_request_member(cost_request_t *req, cost_pull_t *r,
    cost_request_members_t *members, cost_pull_e *kind);

/* the same for a name, the reader's last token, that is known to nobody */
cost_rc_e cost_request_unknown(cost_request_t *req, cost_pull_t *r,
    uint32_t mark, cost_str_t name);

/* the reader's text, decoded; a NULL data: there is no room, refused */
cost_str_t cost_request_text(cost_request_t *req, const cost_pull_t *r);

/* reads over a value nobody knows, refusing names that an object has twice */
cost_rc_e cost_request_skip(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);

/* a string, decoded, of at most "max" bytes; lives as long as the request */
cost_rc_e cost_request_string(cost_request_t *req, const cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, size_t max, cost_str_t *str);

/* a string that is one of a list whose last has a NULL data */
cost_rc_e cost_request_choice(cost_request_t *req, const cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, const cost_str_t *words,
    uint32_t *word);

/* the index of a region by its name */
cost_rc_e cost_request_region(cost_request_t *req, cost_str_t field,
    cost_str_t name, uint32_t *region);

/* a number of 0 and above */
cost_rc_e cost_request_number(cost_request_t *req, const cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, cost_decimal_t *number);


/* ---- cost_request_node.c ---- */

cost_rc_e cost_request_nodes(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);

/* -1: no node has this id */
int cost_request_find(const cost_request_t *req, cost_str_t id);


/* ---- cost_request_edge.c ---- */

cost_rc_e cost_request_edges(cost_request_t *req, cost_pull_t *r,
    cost_pull_e kind);


#endif /* _COST_REQUEST_PART_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What all readers of the request share: saying where something is wrong,
 * the members of objects, and what nobody knows.
 */

#include "cost_request_part.h"


/* the longest warning */
#define COST_REQUEST_NOTE  384


static void cost_request_path(const cost_request_place_t *place,
    cost_text_t *t, cost_str_t field);
static int cost_request_index(const cost_request_members_t *members,
    cost_str_t name);
static cost_rc_e cost_request_strange(cost_request_t *req, uint32_t mark,
    cost_str_t name);


static const cost_str_t  cost_request_none = { 0, NULL };


cost_rc_e
cost_request_broken(cost_request_t *req, const cost_pull_t *r)
{
    cost_text_t  *t;

    t = &req->error;
    t->len = 0;

    if (r->deep) {
        cost_text_literal(t, "the body is nested too deeply");

    } else {
        cost_text_literal(t, "the body is not JSON: ");
        cost_text_chars(t, r->error);
    }

    cost_text_literal(t, ", at byte ");
    cost_text_number(t, r->offset);

    return COST_INVALID;
}


cost_rc_e
cost_request_many(cost_request_t *req)
{
    req->error.len = 0;
    cost_text_literal(&req->error,
                      "Maximum of 50 services allowed per calculation");

    return COST_INVALID;
}


cost_rc_e
cost_request_refuse(cost_request_t *req, cost_str_t field, const char *why)
{
    cost_text_t  *t;

    t = cost_request_say(req, field);
    cost_text_chars(t, why);

    return COST_INVALID;
}


cost_text_t *
cost_request_say(cost_request_t *req, cost_str_t field)
{
    req->error.len = 0;

    cost_request_path(&req->place, &req->error, field);
    cost_text_literal(&req->error, " ");

    return &req->error;
}


void
cost_request_warn(cost_request_t *req, cost_str_t field, const char *why)
{
    cost_text_t  t;

    req->nwarnings++;

    if (req->nkept == COST_REQUEST_WARNINGS
        || COST_REQUEST_NOTES - req->nnotes < COST_REQUEST_NOTE)
    {
        return;
    }

    t.data = req->notes + req->nnotes;
    t.len = 0;
    t.size = COST_REQUEST_NOTE;

    cost_request_path(&req->place, &t, field);
    cost_text_literal(&t, " ");
    cost_text_chars(&t, why);

    req->warnings[req->nkept].data = t.data;
    req->warnings[req->nkept].len = t.len;
    req->nkept++;
    req->nnotes += t.len;
}


static void
cost_request_path(const cost_request_place_t *place, cost_text_t *t,
    cost_str_t field)
{
    if (place->list != NULL) {
        cost_text_chars(t, place->list);
        cost_text_literal(t, "[");
        cost_text_number(t, place->index);
        cost_text_literal(t, "]");

        if (place->sub != NULL) {
            cost_text_literal(t, ".");
            cost_text_chars(t, place->sub);
        }

        if (place->listed) {
            cost_text_literal(t, "[");
            cost_text_number(t, place->subindex);
            cost_text_literal(t, "]");
        }

        if (field.len != 0) {
            cost_text_literal(t, ".");
        }

    } else if (field.len == 0) {
        cost_text_literal(t, "the body");
    }

    cost_text_short(t, field);
}


void
cost_request_members(cost_request_t *req, cost_request_members_t *members,
    const cost_str_t *names)
{
    members->names = names;
    members->seen = 0;
    members->next = 0;
    members->mark = req->nstrange;
}


int
cost_request_member(cost_request_t *req, cost_pull_t *r,
    cost_request_members_t *members, cost_pull_e *kind)
{
    int         n;
    cost_str_t  name;

    for ( ;; ) {
        *kind = cost_pull_next(r);

        if (*kind == COST_PULL_OBJECT_END) {
            req->nstrange = members->mark;
            return COST_REQUEST_LAST;
        }

        if (*kind == COST_PULL_INVALID) {
            (void) cost_request_broken(req, r);
            return COST_REQUEST_BROKEN;
        }

        name = cost_request_text(req, r);

        if (name.data == NULL) {
            return COST_REQUEST_BROKEN;
        }

        n = cost_request_index(members, name);

        if (n != -1) {
            break;
        }

        if (cost_request_unknown(req, r, members->mark, name) != COST_OK) {
            return COST_REQUEST_BROKEN;
        }
    }

    if (members->seen >> n & 1) {
        (void) cost_request_refuse(req, name, "appears twice");
        return COST_REQUEST_BROKEN;
    }

    members->seen |= 1u << n;
    members->next = (uint32_t) n + 1;

    *kind = cost_pull_next(r);

    if (*kind == COST_PULL_INVALID) {
        (void) cost_request_broken(req, r);
        return COST_REQUEST_BROKEN;
    }

    return n;
}


/* -1: not a name of the list.  Clients keep to the document's order */

static int
cost_request_index(const cost_request_members_t *members, cost_str_t name)
{
    int                n;
    const cost_str_t  *known;

    known = &members->names[members->next];

    if (known->data != NULL && cost_text_same(*known, name)) {
        return (int) members->next;
    }

    for (n = 0, known = members->names; known->data != NULL; n++, known++) {

        if (cost_text_same(*known, name)) {
            return n;
        }
    }

    return -1;
}


cost_rc_e
cost_request_unknown(cost_request_t *req, cost_pull_t *r, uint32_t mark,
    cost_str_t name)
{
    if (cost_request_strange(req, mark, name) != COST_OK) {
        return COST_INVALID;
    }

    cost_request_warn(req, name, "is not known and was left out");

    return cost_request_skip(req, r, cost_pull_next(r));
}


/* remembers a name until its object ends */

static cost_rc_e
cost_request_strange(cost_request_t *req, uint32_t mark, cost_str_t name)
{
    uint32_t  n;

    for (n = mark; n < req->nstrange; n++) {

        if (cost_text_same(req->strange[n], name)) {
            return cost_request_refuse(req, name, "appears twice");
        }
    }

    if (req->nstrange == COST_REQUEST_STRANGE) {
        return cost_request_refuse(req, cost_request_none,
                                   "has too many unknown members");
    }

    req->strange[req->nstrange++] = name;

    return COST_OK;
}


cost_rc_e
cost_request_skip(cost_request_t *req, cost_pull_t *r, cost_pull_e kind)
{
    uint32_t    depth, marks[COST_REQUEST_DEPTH + 1];
    cost_str_t  name;

    if (kind == COST_PULL_INVALID) {
        return cost_request_broken(req, r);
    }

    if (kind != COST_PULL_OBJECT && kind != COST_PULL_ARRAY) {
        return COST_OK;
    }

    depth = r->depth;
    marks[depth] = req->nstrange;

    do {
        kind = cost_pull_next(r);

        switch (kind) {

        case COST_PULL_INVALID:
            return cost_request_broken(req, r);

        case COST_PULL_OBJECT:
            marks[r->depth] = req->nstrange;
            break;

        case COST_PULL_OBJECT_END:
            req->nstrange = marks[r->depth + 1];
            break;

        case COST_PULL_NAME:
            name = cost_request_text(req, r);

            if (name.data == NULL
                || cost_request_strange(req, marks[r->depth], name)
                   != COST_OK)
            {
                return COST_INVALID;
            }

            break;

        default: /* a scalar, an array */
            break;
        }

    } while (r->depth >= depth);

    return COST_OK;
}


cost_str_t
cost_request_text(cost_request_t *req, const cost_pull_t *r)
{
    cost_str_t  str;

    if (!r->escaped) {
        return r->text;
    }

    str.len = 0;
    str.data = NULL;

    if (r->text.len > COST_REQUEST_SCRATCH - req->nscratch) {
        (void) cost_request_refuse(req, cost_request_none,
                                   "has too much text with escapes");
        return str;
    }

    str.data = req->scratch + req->nscratch;
    str.len = cost_pull_decode(&r->text, req->scratch + req->nscratch);
    req->nscratch += str.len;

    return str;
}


cost_rc_e
cost_request_string(cost_request_t *req, const cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, size_t max, cost_str_t *str)
{
    if (kind != COST_PULL_STRING) {
        return cost_request_refuse(req, field, "must be a string");
    }

    *str = cost_request_text(req, r);

    if (str->data == NULL) {
        return COST_INVALID;
    }

    if (str->len > max) {
        return cost_request_refuse(req, field, "is too long");
    }

    return COST_OK;
}


cost_rc_e
cost_request_choice(cost_request_t *req, const cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, const cost_str_t *words,
    uint32_t *word)
{
    size_t        mark;
    uint32_t      n;
    cost_str_t    text;
    cost_text_t  *t;

    mark = req->nscratch;

    if (cost_request_string(req, r, kind, field, (size_t) -1, &text)
        != COST_OK)
    {
        return COST_INVALID;
    }

    req->nscratch = mark;

    for (n = 0; words[n].data != NULL; n++) {

        if (cost_text_same(words[n], text)) {
            *word = n;
            return COST_OK;
        }
    }

    t = cost_request_say(req, field);
    cost_text_literal(t, "must be one of ");
    cost_text_words(t, words);

    return COST_INVALID;
}


cost_rc_e
cost_request_number(cost_request_t *req, const cost_pull_t *r,
    cost_pull_e kind, cost_str_t field, cost_decimal_t *number)
{
    bool       negative;
    cost_rc_e  rc;

    if (kind != COST_PULL_NUMBER) {
        return cost_request_refuse(req, field, "must be a number");
    }

    rc = cost_pull_decimal(r, number);
    negative = (rc == COST_OK) ? (*number < 0) : (r->text.data[0] == '-');

    if (negative) {
        return cost_request_refuse(req, field, "must not be negative");
    }

    if (rc != COST_OK || *number > COST_QUANTITY_MAX) {
        return cost_request_refuse(req, field, "is too large");
    }

    return COST_OK;
}


cost_rc_e
cost_request_region(cost_request_t *req, cost_str_t field, cost_str_t name,
    uint32_t *region)
{
    uint32_t      i;
    cost_text_t  *t;

    *region = cost_price_region(req->prices, name);

    if (*region != COST_PRICE_NOWHERE) {
        return COST_OK;
    }

    t = cost_request_say(req, field);
    cost_text_name(t, name);
    cost_text_literal(t, " is not a supported region; supported are ");

    for (i = 0; i < req->prices->nregions; i++) {

        if (i != 0) {
            cost_text_literal(t, ", ");
        }

        cost_text_str(t, req->prices->regions[i]);
    }

    return COST_INVALID;
}

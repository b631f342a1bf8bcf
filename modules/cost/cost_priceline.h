
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The lines and words of a price file: what is left of a line once its
 * comment is off, cut at blanks.  For cost_pricefile.c.
 */


#ifndef _COST_PRICELINE_H_INCLUDED_
#define _COST_PRICELINE_H_INCLUDED_


#include "cost_str.h"


typedef struct {
    const uint8_t  *p;           /* the rest of the line */
    const uint8_t  *end;         /* of the line */
    const uint8_t  *next;        /* the next line */
    const uint8_t  *last;        /* of the file */
    uint32_t        number;      /* of the line, from 1; 0: none yet */
} cost_priceline_t;


void cost_priceline_init(cost_priceline_t *l, const uint8_t *p, size_t len);

/*
 * On to the next line that is not blank; false: there is none, and the line
 * stays what it was.
 */
bool cost_priceline_next(cost_priceline_t *l);

/* the next word of the line; empty: there is none */
cost_str_t cost_priceline_word(cost_priceline_t *l);

/* all that is left of the line, without the blanks around it */
cost_str_t cost_priceline_rest(cost_priceline_t *l);

/*
 * A plain decimal as a count of 10^-places, with no more decimals than that
 * and not above "max".  NULL, or a literal that says what is wrong with it.
 */
const char *cost_priceline_number(cost_str_t word, unsigned places,
    int64_t max, int64_t *value);

/* not empty, and only letters, digits and what else "others" allows */
bool cost_priceline_name(cost_str_t word, const char *others);

/*
 * The parts of "a/b/c", at most "max", made of letters, digits, "_", "-" and
 * "."; 0: none, an empty one, too many, or another character.
 */
uint32_t cost_priceline_split(cost_str_t word, cost_str_t *parts,
    uint32_t max);


#endif /* _COST_PRICELINE_H_INCLUDED_ */

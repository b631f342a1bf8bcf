
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader of what S3's ListObjectsV2 answers: XML of one page of a
 * bucket's objects, and where the next page begins.
 *
 *     for (cost_s3list_init(&list, p, len);
 *          (rc = cost_s3list_next(&list, &object)) == COST_OK; )
 *     {
 *         use object
 *     }
 *
 * Reads a well-formed document of elements, whatever their order and whatever
 * unknown ones it has; attributes are passed over.  It is no XML processor:
 * what has a DTD or a CDATA section is refused, and so nothing can expand.
 * Texts are decoded in place, which uses the document up.
 *
 * XML has no way to write most control characters.  A server that is asked
 * with "encoding-type=url" encodes keys as forms do, a space is "+", and says
 * so in <EncodingType>; one that does not know the parameter says nothing, and
 * its keys are taken as they are.
 */


#ifndef _COST_S3LIST_H_INCLUDED_
#define _COST_S3LIST_H_INCLUDED_


#include "cost_date.h"
#include "cost_str.h"


#define COST_S3LIST_KEY_MAX    1024
#define COST_S3LIST_ETAG_MAX   256
#define COST_S3LIST_TOKEN_MAX  2048
#define COST_S3LIST_DEPTH      8


typedef struct {
    cost_str_t    key;           /* UTF-8 without a zero; only if "encoded"
                                    with control characters */
    cost_str_t    etag;          /* with its quotes, as sent; may be empty */
    int64_t       size;
    cost_time_t   modified;
} cost_s3list_object_t;


typedef struct {
    uint8_t      *pos;
    uint8_t      *last;
    unsigned      depth;         /* of open elements */
    cost_str_t    open[COST_S3LIST_DEPTH];
    bool          encoded;       /* keys are, as said above */

    /* what is known at the end, COST_DONE */
    bool          truncated;     /* there are more pages */
    cost_str_t    token;         /* NextContinuationToken */
} cost_s3list_t;


void cost_s3list_init(cost_s3list_t *list, uint8_t *p, size_t len);

/*
 * COST_OK: an object.  COST_DONE: the end of the page.  COST_INVALID: it is
 * not such a document, or an object lacks its key, size or time; COST_RANGE:
 * a text is longer than the bounds above, or elements lie too deep.
 */
COST_MUST_CHECK cost_rc_e cost_s3list_next(cost_s3list_t *list,
    cost_s3list_object_t *object);

/*
 * The text of the first element <name> of an S3 answer, such as the "Code" of
 * an error; empty when there is none.  Not decoded; meant for people.
 */
cost_str_t cost_s3list_text(const uint8_t *p, size_t len, const char *name);


#endif /* _COST_S3LIST_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Which of a bill's rows tell something about a resource that somebody could
 * do something about, and what: a machine's hours, a volume's gigabytes.
 *
 * A row is told by its SkuMeter (Amazon's x_UsageType, Microsoft's
 * x_SkuMeterName), else by its ChargeDescription, as Amazon's FOCUS 1.0 files
 * have nothing else, and by the names that FOCUS gives to SkuPriceDetails:
 * InstanceType, DiskType, StorageClass.  Whatever is not sure is no resource:
 * a recommendation that is not given costs less than a wrong one.
 *
 * Only usage counts: no purchases, taxes and credits, no corrections, no
 * unused commitments.
 */


#ifndef _COST_RESOURCE_H_INCLUDED_
#define _COST_RESOURCE_H_INCLUDED_


#include "cost_focus.h"


/* what an amount of usage is, and what "item" and "variant" are then */

typedef enum {
    COST_RESOURCE_NONE = 0,
    COST_RESOURCE_MACHINE,       /* hours; m5.xlarge; linux, windows, "" */
    COST_RESOURCE_DATABASE,      /* hours; db.r5.large; mysql/multi_az */
    COST_RESOURCE_VOLUME,        /* GB-months; gp2 */
    COST_RESOURCE_ADDRESS,       /* hours; idle */
    COST_RESOURCE_BALANCER,      /* hours */
    COST_RESOURCE_BALANCER_USE,  /* capacity units */
    COST_RESOURCE_NAT,           /* hours */
    COST_RESOURCE_NAT_DATA,      /* GB */
    COST_RESOURCE_BUCKET,        /* GB-months; standard */
    COST_RESOURCE_REQUESTS,      /* of a bucket */
    COST_RESOURCE_CLASSES
} cost_resource_class_e;


typedef enum {
    COST_RESOURCE_OTHER = 0,
    COST_RESOURCE_STANDARD,      /* on demand */
    COST_RESOURCE_DYNAMIC,       /* spot */
    COST_RESOURCE_COMMITTED,     /* under a commitment discount */
    COST_RESOURCE_PRICINGS
} cost_resource_pricing_e;


/* what tells the class; any text may be empty */

typedef struct {
    cost_str_t               provider;   /* aws, azure, gcp */
    cost_str_t               service;
    cost_str_t               category;   /* ServiceCategory */
    cost_str_t               type;       /* ResourceType */
    cost_str_t               meter;
    cost_str_t               description;
    cost_str_t               details;    /* SkuPriceDetails, JSON */
    cost_str_t               unit;
} cost_resource_sku_t;


/* the texts point into the record or the cache, or are constant */

typedef struct {
    cost_resource_class_e    class;
    cost_resource_pricing_e  pricing;
    cost_str_t               item;
    cost_str_t               variant;
    cost_str_t               resource;   /* ResourceId */
    cost_str_t               name;       /* ResourceName */
    cost_decimal_t           quantity;   /* of the class's unit */
    cost_day_t               last;       /* ChargePeriodEnd's, UTC */
} cost_resource_t;


/*
 * A bill has many rows and few SKUs: what was found out about one is kept,
 * with the fields that told it, as they stand in the file.  The caller's, set
 * to zeros before each file.
 */

#define COST_RESOURCE_KNOWN   256
#define COST_RESOURCE_FIELDS  9
#define COST_RESOURCE_BYTES   448
#define COST_RESOURCE_WORD    64         /* of an item, of a variant */


typedef struct {
    uint64_t                 hash;
    uint32_t                 len[COST_RESOURCE_FIELDS];
    uint8_t                  bytes[COST_RESOURCE_BYTES];
    uint8_t                  item[COST_RESOURCE_WORD];
    uint8_t                  variant[COST_RESOURCE_WORD];
    uint8_t                  item_len;
    uint8_t                  variant_len;
    uint16_t                 class;
    bool                     known;
} cost_resource_known_t;


typedef struct {
    cost_resource_known_t    known[COST_RESOURCE_KNOWN];
} cost_resource_cache_t;


/* "item" and "variant", maybe empty, point into "sku" or are constant */
cost_resource_class_e cost_resource_classify(const cost_resource_sku_t *sku,
    cost_str_t *item, cost_str_t *variant);

/*
 * What a row, which cost_focus_row() has read, tells of a resource.  False:
 * nothing.  Uses up fields of the record, so it is called once per row.  The
 * texts are good until the next call.
 */
COST_MUST_CHECK bool cost_resource_read(cost_resource_cache_t *cache,
    const cost_focus_t *focus, cost_csv_record_t *rec,
    const cost_focus_row_t *row, cost_resource_t *res);

/* "machine", "committed" */
cost_str_t cost_resource_class_name(cost_resource_class_e class);
cost_str_t cost_resource_pricing_name(cost_resource_pricing_e pricing);


#endif /* _COST_RESOURCE_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * CRC-32 as in zlib, gzip and PNG (IEEE 802.3, reflected, 0xedb88320).
 */


#ifndef _COST_CRC32_H_INCLUDED_
#define _COST_CRC32_H_INCLUDED_


#include "cost_str.h"


uint32_t cost_crc32(const uint8_t *p, size_t len);


#endif /* _COST_CRC32_H_INCLUDED_ */

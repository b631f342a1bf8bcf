
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The reader against a plain one that looks at each byte, and against itself
 * with the input cut into pieces: the same records, lines and errors.  The
 * first byte of the input tells the size of the pieces.
 */

#include "cost/cost_csv.h"

#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t fuzz_read(const uint8_t *data, size_t size, size_t chunk);
static uint64_t fuzz_plain(const uint8_t *data, size_t size);
static size_t fuzz_record(const uint8_t *p, size_t size, uint8_t *text,
    uint64_t *newlines, bool *bad, uint64_t *h, uint32_t *n, bool *blank);
static uint64_t fuzz_mix(uint64_t h, const void *data, size_t len);
static uint64_t fuzz_number(uint64_t h, uint64_t n);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t    skip;
    uint8_t   comma;
    uint64_t  plain;
    unsigned  chunk, lines;

    if (size == 0 || size > 65536) {
        return 0;
    }

    chunk = *data++;
    size--;

    (void) cost_csv_sniff(data, size, &skip, &lines, &comma);

    if (skip > size) {
        abort();
    }

    plain = fuzz_plain(data, size);

    if (fuzz_read(data, size, size + 1) != plain) {
        abort();
    }

    if (fuzz_read(data, size, (chunk + 1) * (size / 2048 + 1)) != plain) {
        abort();
    }

    return 0;
}


static uint64_t
fuzz_read(const uint8_t *data, size_t size, size_t chunk)
{
    size_t                    have, rest, used;
    uint8_t                  *buf, *p;
    uint32_t                  i;
    uint64_t                  h;
    cost_rc_e                 rc;
    cost_str_t                s;
    cost_csv_t                csv;
    static cost_csv_record_t  rec;

    cost_csv_init(&csv, ',');

    buf = NULL;
    h = 0;
    used = 0;
    rest = 0;

    do {
        have = (size - used < chunk) ? size - used : chunk;

        /* a block of the exact size, so that a read behind it is seen */

        p = malloc(rest + have + 1);
        if (p == NULL) {
            abort();
        }

        if (rest != 0) {
            memcpy(p + 1, csv.record, rest);
        }

        if (have != 0) {
            memcpy(p + 1 + rest, data + used, have);
        }

        free(buf);
        buf = p;
        used += have;

        cost_csv_feed(&csv, buf + 1, rest + have, used == size);

        while ((rc = cost_csv_next(&csv, &rec)) == COST_OK
               || rc == COST_INVALID || rc == COST_FULL)
        {
            h = fuzz_number(h, rec.line);
            h = fuzz_number(h, rc);

            if (rc != COST_OK) {
                continue;
            }

            for (i = 0; i < rec.n; i++) {
                s = cost_csv_field(&rec, i);
                h = fuzz_number(h, s.len);
                h = fuzz_mix(h, s.data, s.len);
            }
        }

        rest = cost_csv_rest(&csv, &p);

    } while (rc == COST_AGAIN);

    if (rest != 0 || used != size) {
        abort();
    }

    free(buf);

    return h;
}


static uint64_t
fuzz_plain(const uint8_t *data, size_t size)
{
    bool            bad, blank;
    size_t          used;
    uint8_t        *text;
    uint32_t        n;
    uint64_t        fields, h, line, newlines;
    const uint8_t  *end;

    text = malloc(size + 1);
    if (text == NULL) {
        abort();
    }

    h = 0;
    line = 1;

    while (size != 0) {
        fields = fuzz_number(h, line);
        fields = fuzz_number(fields, COST_OK);
        newlines = 0;

        used = fuzz_record(data, size, text, &newlines, &bad, &fields, &n,
                           &blank);

        if (bad) {
            end = memchr(data, '\n', size);
            used = (end != NULL) ? (size_t) (end - data) + 1 : size;
            newlines = 1;

            h = fuzz_number(h, line);
            h = fuzz_number(h, COST_INVALID);

        } else if (n > COST_CSV_FIELDS) {
            h = fuzz_number(h, line);
            h = fuzz_number(h, COST_FULL);

        } else if (!blank) {
            h = fields;
        }

        data += used;
        size -= used;
        line += newlines;
    }

    free(text);

    return h;
}


/* one record, byte by byte; returns its length with the line end */

static size_t
fuzz_record(const uint8_t *p, size_t size, uint8_t *text, uint64_t *newlines,
    bool *bad, uint64_t *h, uint32_t *n, bool *blank)
{
    bool    over, quoted;
    size_t  i, len;

    *n = 0;
    *bad = false;
    *blank = false;
    i = 0;

    for ( ;; ) {
        len = 0;
        quoted = (i < size && p[i] == '"');

        if (quoted) {
            for (i++; /* void */ ; i++) {
                if (i == size) {
                    *bad = true;
                    return size;
                }

                if (p[i] == '"') {
                    if (i + 1 == size || p[i + 1] != '"') {
                        break;
                    }

                    i++;
                }

                *newlines += (p[i] == '\n');
                text[len++] = p[i];
            }

            i++;

            if (i < size && p[i] == '\r'
                && (i + 1 == size || p[i + 1] == '\n'))
            {
                i++;
            }

            if (i < size && p[i] != ',' && p[i] != '\n') {
                *bad = true;
                return size;
            }

        } else {
            for ( /* void */ ; i < size && p[i] != ',' && p[i] != '\n'; i++) {
                if (p[i] == '"') {
                    *bad = true;
                    return size;
                }

                text[len++] = p[i];
            }
        }

        over = (i == size || p[i] == '\n');

        if (over && !quoted && len != 0 && text[len - 1] == '\r') {
            len--;
        }

        (*n)++;
        *h = fuzz_number(*h, len);
        *h = fuzz_mix(*h, text, len);

        if (over) {
            *blank = (*n == 1 && !quoted && len == 0);
            *newlines += (i < size);

            return i + (i < size);
        }

        i++;
    }
}


static uint64_t
fuzz_mix(uint64_t h, const void *data, size_t len)
{
    size_t          i;
    const uint8_t  *p = data;

    for (i = 0; i < len; i++) {
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    }

    return h;
}


static uint64_t
fuzz_number(uint64_t h, uint64_t n)
{
    return fuzz_mix(h, &n, sizeof(n)) + 1;
}

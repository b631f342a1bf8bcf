
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * 64 bytes become four bit masks (quotes, delimiters, line feeds, carriage
 * returns), bit n standing for byte n.  The running parity of the quotes
 * tells which bytes lie inside of them; delimiters and line feeds there are
 * text.  What is left of the masks, the places where fields end, is taken
 * bit by bit.
 *
 * A record never begins inside quotes, so nothing but the record's begin has
 * to be remembered when the input runs out: with more of it the record is
 * looked at again from its first byte.
 */

#include "cost_csv.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


#define COST_CSV_BLOCK  64

#define cost_csv_below(bit)  ((bit) - 1)


typedef struct {
    uint64_t  quotes;
    uint64_t  commas;
    uint64_t  lf;
    uint64_t  cr;
} cost_csv_masks_t;


static inline void cost_csv_load(cost_csv_t *csv);
static void cost_csv_quotes(cost_csv_t *csv, const cost_csv_masks_t *m,
    uint64_t valid);
static inline void cost_csv_masks(const uint8_t *p, uint8_t comma,
    cost_csv_masks_t *m);
static void cost_csv_begin(cost_csv_t *csv, uint8_t *p);
static void cost_csv_give_up(cost_csv_t *csv);
static cost_rc_e cost_csv_end(cost_csv_t *csv, cost_csv_record_t *rec);
static bool cost_csv_blank(const cost_csv_record_t *rec);
static uint8_t cost_csv_delimiter(const uint8_t *p, size_t len);


static const uint8_t  cost_csv_commas[] = { ',', ';', '\t', '|' };


void
cost_csv_init(cost_csv_t *csv, uint8_t comma)
{
    memset(csv, 0, sizeof(cost_csv_t));

    csv->comma = comma;
    csv->line = 1;
}


void
cost_csv_feed(cost_csv_t *csv, uint8_t *buf, size_t len, bool eof)
{
    csv->record = buf;
    csv->last = buf + len;
    csv->eof = eof;

    if (csv->skipping) {
        cost_csv_give_up(csv);
        return;
    }

    cost_csv_begin(csv, buf);
}


size_t
cost_csv_rest(const cost_csv_t *csv, uint8_t **data)
{
    *data = csv->record;

    return (size_t) (csv->last - csv->record);
}


cost_rc_e
cost_csv_next(cost_csv_t *csv, cost_csv_record_t *rec)
{
    uint8_t   *p;
    uint32_t   n;
    uint64_t   ends, mask;

    rec->data = csv->record;
    rec->line = csv->line;
    n = 0;
    ends = csv->ends;

    for ( ;; ) {

        while (ends != 0) {
            p = csv->block + __builtin_ctzll(ends);
            mask = ends ^ (ends & (ends - 1));
            ends ^= mask;

            if (n < COST_CSV_FIELDS) {
                rec->end[n] = (uint32_t) (p - rec->data);
            }

            n++;

            if (*p != '\n') {
                continue;
            }

            /* the line feeds inside quotes up to here are this record's */

            if (csv->newlines != 0) {
                mask = cost_csv_below(mask);
                csv->inner += (uint64_t)
                              __builtin_popcountll(csv->newlines & mask);
                csv->newlines &= ~mask;
            }

            csv->record = p + 1;
            csv->line += 1 + csv->inner;
            csv->inner = 0;
            csv->ends = ends;
            rec->n = n;

            if (n == 1 && cost_csv_blank(rec)) {
                rec->data = csv->record;
                rec->line = csv->line;
                n = 0;
                continue;
            }

            return (n <= COST_CSV_FIELDS) ? COST_OK : COST_FULL;
        }

        if (csv->bad != 0) {
            cost_csv_give_up(csv);
            return COST_INVALID;
        }

        if (csv->newlines != 0) {
            csv->inner += (uint64_t) __builtin_popcountll(csv->newlines);
        }

        if (csv->last - csv->block <= COST_CSV_BLOCK) {
            csv->ends = 0;
            csv->newlines = 0;
            break;
        }

        csv->block += COST_CSV_BLOCK;
        cost_csv_load(csv);
        ends = csv->ends;
    }

    if (!csv->eof) {
        return COST_AGAIN;
    }

    rec->n = n;

    return cost_csv_end(csv, rec);
}


/* what follows the last line feed of the input */

static cost_rc_e
cost_csv_end(cost_csv_t *csv, cost_csv_record_t *rec)
{
    if (csv->record == csv->last) {
        return COST_DONE;
    }

    if (csv->quoted) {
        cost_csv_give_up(csv);
        return COST_INVALID;
    }

    if (rec->n < COST_CSV_FIELDS) {
        rec->end[rec->n] = (uint32_t) (csv->last - rec->data);
    }

    rec->n++;

    cost_csv_begin(csv, csv->last);

    if (cost_csv_blank(rec)) {
        return COST_DONE;
    }

    return (rec->n <= COST_CSV_FIELDS) ? COST_OK : COST_FULL;
}


static bool
cost_csv_blank(const cost_csv_record_t *rec)
{
    return rec->n == 1
           && (rec->end[0] == 0 || (rec->end[0] == 1 && *rec->data == '\r'));
}


void
cost_csv_skip(cost_csv_t *csv)
{
    cost_csv_give_up(csv);
}


/*
 * Goes to the line after the one the record began in, which may be yet to
 * come.
 */

static void
cost_csv_give_up(cost_csv_t *csv)
{
    uint8_t  *p;

    if (csv->record < csv->last) {
        p = memchr(csv->record, '\n', (size_t) (csv->last - csv->record));

        if (p != NULL) {
            p++;
            csv->line++;
            csv->skipping = false;
            cost_csv_begin(csv, p);
            return;
        }
    }

    csv->skipping = true;
    cost_csv_begin(csv, csv->last);
}


static void
cost_csv_begin(cost_csv_t *csv, uint8_t *p)
{
    csv->record = p;
    csv->block = p;
    csv->inner = 0;
    csv->quoted = 0;
    csv->before = 1;
    csv->closed = 0;
    csv->closed_cr = 0;

    cost_csv_load(csv);
}


static inline void
cost_csv_load(cost_csv_t *csv)
{
    size_t            len;
    uint8_t           copy[COST_CSV_BLOCK];
    uint64_t          valid;
    cost_csv_masks_t  m;

    csv->ends = 0;
    csv->newlines = 0;
    csv->bad = 0;

    len = (size_t) (csv->last - csv->block);
    valid = ~UINT64_C(0);

    if (len >= COST_CSV_BLOCK) {
        cost_csv_masks(csv->block, csv->comma, &m);

    } else {
        memset(copy, 0, sizeof(copy));
        memcpy(copy, csv->block, len);
        cost_csv_masks(copy, csv->comma, &m);
        valid = ((uint64_t) 1 << len) - 1;
    }

    if ((m.quotes | csv->quoted | csv->closed | csv->closed_cr) == 0) {
        csv->ends = m.commas | m.lf;
        csv->before = csv->ends >> 63;
        return;
    }

    cost_csv_quotes(csv, &m, valid);
}


static void
cost_csv_quotes(cost_csv_t *csv, const cost_csv_masks_t *m, uint64_t valid)
{
    uint64_t  after, after_cr, bad, before, closing, inside, opening, text;

    /* a bit is set from an opening quote on, up to before its closing one */

    inside = m->quotes;
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside ^= inside << 16;
    inside ^= inside << 32;
    inside ^= csv->quoted;

    opening = m->quotes & inside;
    closing = m->quotes & ~inside;

    csv->ends = (m->commas | m->lf) & ~inside;
    csv->newlines = m->lf & inside;

    /*
     * Quotes open where a field begins, or behind a closing quote, the two
     * being a doubled one.  Behind a closing quote stands the field's end, or
     * a quote, or CR LF.
     */

    before = (csv->ends << 1) | csv->before;
    after = (closing << 1) | csv->closed;
    after_cr = (after & m->cr) << 1 | csv->closed_cr;
    text = ~(m->commas | m->lf | m->cr | m->quotes);

    bad = (opening & ~(before | after)) | (after & text)
          | (after_cr & ~m->lf);

    csv->bad = bad & valid;

    if (csv->bad != 0) {
        csv->ends &= cost_csv_below(csv->bad & -csv->bad);
    }

    csv->quoted = (inside >> 63) ? ~UINT64_C(0) : 0;
    csv->before = csv->ends >> 63;
    csv->closed = closing >> 63;
    csv->closed_cr = (after & m->cr) >> 63;
}


static inline void
cost_csv_masks(const uint8_t *p, uint8_t comma, cost_csv_masks_t *m)
{
#if defined(__SSE2__)

    unsigned  i;
    __m128i   b;

    const __m128i  quote = _mm_set1_epi8('"');
    const __m128i  delimiter = _mm_set1_epi8((char) comma);
    const __m128i  lf = _mm_set1_epi8('\n');
    const __m128i  cr = _mm_set1_epi8('\r');

#define cost_csv_mask(c)                                                      \
    ((uint64_t) (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(b, c)) << i)

    memset(m, 0, sizeof(cost_csv_masks_t));

    for (i = 0; i < COST_CSV_BLOCK; i += 16) {
        b = _mm_loadu_si128((const __m128i *) (const void *) (p + i));

        m->quotes |= cost_csv_mask(quote);
        m->commas |= cost_csv_mask(delimiter);
        m->lf |= cost_csv_mask(lf);
        m->cr |= cost_csv_mask(cr);
    }

#else

    unsigned  i;

    memset(m, 0, sizeof(cost_csv_masks_t));

    for (i = 0; i < COST_CSV_BLOCK; i++) {
        m->quotes |= (uint64_t) (p[i] == '"') << i;
        m->commas |= (uint64_t) (p[i] == comma) << i;
        m->lf |= (uint64_t) (p[i] == '\n') << i;
        m->cr |= (uint64_t) (p[i] == '\r') << i;
    }

#endif
}


cost_str_t
cost_csv_field(cost_csv_record_t *rec, uint32_t i)
{
    uint8_t    *p, *last, *to;
    cost_str_t  field;

    p = rec->data + (i == 0 ? 0 : rec->end[i - 1] + 1);
    last = rec->data + rec->end[i];

    if (i == rec->n - 1 && last > p && last[-1] == '\r') {
        last--;
    }

    if (p == last || *p != '"') {
        field.data = p;
        field.len = (size_t) (last - p);

        return field;
    }

    p++;
    last--;

    field.data = p;
    field.len = (size_t) (last - p);

    to = (field.len != 0) ? memchr(p, '"', field.len) : NULL;

    if (to != NULL) {

        for (p = to; p < last; p++) {
            *to++ = *p;
            p += (*p == '"');
        }

        field.len = (size_t) (to - field.data);
    }

    return field;
}


cost_csv_kind_e
cost_csv_sniff(const uint8_t *p, size_t len, size_t *skip, unsigned *lines,
    uint8_t *comma)
{
    size_t  i;

    static const uint8_t  bom[] = { 0xef, 0xbb, 0xbf };

    *skip = 0;
    *lines = 0;
    *comma = ',';

    if (len == 0) {
        return COST_CSV_EMPTY;
    }

    if (len >= 2 && p[0] == 0x1f && p[1] == 0x8b) {
        return COST_CSV_GZIP;
    }

    if (len >= 2 && ((p[0] == 0xff && p[1] == 0xfe)
                     || (p[0] == 0xfe && p[1] == 0xff)))
    {
        return COST_CSV_UTF16;
    }

    if (len >= 4 && memcmp(p, "PK\003\004", 4) == 0) {
        return COST_CSV_ZIP;
    }

    if (len >= 4 && memcmp(p, "PAR1", 4) == 0) {
        return COST_CSV_PARQUET;
    }

    if (len >= sizeof(bom) && memcmp(p, bom, sizeof(bom)) == 0) {
        *skip = sizeof(bom);
    }

    if (len - *skip >= 6
        && memcmp(p + *skip, "sep=", 4) == 0
        && memchr(cost_csv_commas, p[*skip + 4], sizeof(cost_csv_commas)))
    {
        i = *skip + 5 + (p[*skip + 5] == '\r');

        if (i < len && p[i] == '\n') {
            *comma = p[*skip + 4];
            *skip = i + 1;
            *lines = 1;
        }
    }

    p += *skip;
    len -= *skip;

    for (i = 0; i < len; i++) {
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n') {
            break;
        }
    }

    if (i == len) {
        return COST_CSV_EMPTY;
    }

    if (p[i] == '{' || p[i] == '[') {
        return COST_CSV_JSON;
    }

    for ( /* void */ ; i < len; i++) {
        if (p[i] < ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n') {
            return COST_CSV_BINARY;
        }
    }

    if (*lines != 0) {
        return COST_CSV_TEXT;
    }

    *comma = cost_csv_delimiter(p, len);

    return COST_CSV_TEXT;
}


/* the commonest delimiter outside quotes of the first line with a text */

static uint8_t
cost_csv_delimiter(const uint8_t *p, size_t len)
{
    bool    quoted;
    size_t  best, count[sizeof(cost_csv_commas)], i, n;

    memset(count, 0, sizeof(count));
    quoted = false;
    i = 0;

    while (i < len && (p[i] == '\r' || p[i] == '\n')) {
        i++;
    }

    for ( /* void */ ; i < len && p[i] != '\n'; i++) {
        quoted ^= (p[i] == '"');

        for (n = 0; n < sizeof(cost_csv_commas); n++) {
            count[n] += (!quoted && p[i] == cost_csv_commas[n]);
        }
    }

    best = 0;

    for (n = 1; n < sizeof(cost_csv_commas); n++) {
        if (count[n] > count[best]) {
            best = n;
        }
    }

    return cost_csv_commas[best];
}

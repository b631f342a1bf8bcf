
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_csv.h"

#include "test.h"


typedef struct {
    const char  *name;
    const char  *in;
    const char  *out;            /* as test_read() writes it */
} test_csv_t;


static void test_tables(void);
static void test_long(void);
static void test_skip(void);
static void test_sniff(void);
static const char *test_read(const char *in, size_t len, size_t chunk,
    unsigned line);
static size_t test_put(char *out, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));


/* "line:[field][field] ", "line:! " for a malformed record */

static const test_csv_t  test_csvs[] = {
    { "nothing", "", "" },
    { "one field", "a", "1:[a] " },
    { "lines", "a,b\nc,d\n", "1:[a][b] 2:[c][d] " },
    { "no last line end", "a,b\nc,d", "1:[a][b] 2:[c][d] " },
    { "CRLF", "a,b\r\nc,d\r\n", "1:[a][b] 2:[c][d] " },
    { "CRLF, the last CR alone", "a,b\r\nc,d\r", "1:[a][b] 2:[c][d] " },
    { "CR inside", "a\rb,c\n", "1:[a\rb][c] " },
    { "two CR", "a\r\r\n", "1:[a\r] " },
    { "empty fields", ",,\n,\n", "1:[][][] 2:[][] " },
    { "blank lines", "\n\r\na\n\n\nb\n\n", "3:[a] 6:[b] " },
    { "blank at the end", "a\n\r", "1:[a] " },
    { "quoted", "\"a\",\"b\"\n", "1:[a][b] " },
    { "quoted, CRLF", "\"a\",\"b\"\r\n\"c\"\r\n", "1:[a][b] 2:[c] " },
    { "quoted, CR and the end", "\"a\"\r", "1:[a] " },
    { "quoted, the end", "\"a\"", "1:[a] " },
    { "a quoted empty field", "\"\"", "1:[] " },
    { "quoted empty fields", "\"\",\"\"\n\"\"\n", "1:[][] 2:[] " },
    { "a comma inside", "\"Amazon Web Services, Inc.\",b\n",
      "1:[Amazon Web Services, Inc.][b] " },
    { "doubled quotes", "\"{\"\"a\"\": \"\"b\"\"}\",c\n",
      "1:[{\"a\": \"b\"}][c] " },
    { "quotes alone", "\"\"\"\",\"\"\"\"\"\"\n", "1:[\"][\"\"] " },
    { "line ends inside", "\"a\nb\r\nc\",d\ne\n", "1:[a\nb\r\nc][d] 4:[e] " },
    { "blank line inside", "\"\n\n\"\nb\n", "1:[\n\n] 4:[b] " },

    { "a quote inside", "a\"b,c\nd\n", "1:! 2:[d] " },
    { "doubled, not quoted", "a\"\"b\nd\n", "1:! 2:[d] " },
    { "text behind a quote", "\"a\"b,c\nd\n", "1:! 2:[d] " },
    { "a blank behind a quote", "\"a\" ,c\nd\n", "1:! 2:[d] " },
    { "a blank in front of one", "b, \"a\"\nd\n", "1:! 2:[d] " },
    { "CR behind a quote", "\"a\"\rb\nd\n", "1:! 2:[d] " },
    { "never closed", "a\n\"b\nc\n", "1:[a] 2:! 3:[c] " },
    { "never closed, the last line", "a\n\"b", "1:[a] 2:! " },
    { "never closed, but others are", "\"a,b\n\"c\",d\ne\n",
      "1:! 2:[c][d] 3:[e] " },
    { "inches", "1,5\" disk,x\n2,\"b\",y\n", "1:! 2:[2][b][y] " },
    { "malformed behind line ends", "\"a\nb\"c\nd\n", "1:! 2:! 3:[d] " }
};


int
main(void)
{
    test_tables();
    test_long();
    test_skip();
    test_sniff();

    return done_testing();
}


/* at once, and in pieces of any size: records straddle every boundary */

static void
test_tables(void)
{
    char         in[512], name[64];
    size_t       chunk, i, len, pad, wrong;
    const char  *got;

    for (i = 0; i < sizeof(test_csvs) / sizeof(test_csvs[0]); i++) {
        len = strlen(test_csvs[i].in);
        got = test_read(test_csvs[i].in, len, len + 1, 1);
        is_str(got, strlen(got), test_csvs[i].out, test_csvs[i].name);

        wrong = 0;

        for (chunk = 1; chunk <= len; chunk++) {
            got = test_read(test_csvs[i].in, len, chunk, 1);
            wrong += (strcmp(got, test_csvs[i].out) != 0);
        }

        (void) snprintf(name, sizeof(name), "%s, in pieces",
                        test_csvs[i].name);
        is_int((intmax_t) wrong, 0, name);
    }

    /* the same behind a line 0 of any length: at each place of a block */

    for (i = 0; i < sizeof(test_csvs) / sizeof(test_csvs[0]); i++) {
        len = strlen(test_csvs[i].in);
        wrong = 0;

        for (pad = 1; pad <= 128; pad++) {
            memset(in, 'p', pad);
            in[pad] = '\n';
            memcpy(in + pad + 1, test_csvs[i].in, len);

            got = test_read(in, pad + 1 + len, sizeof(in), 0);
            wrong += (strncmp(got, "0:[p", 4) != 0
                      || strcmp(got + pad + 5, test_csvs[i].out) != 0);
        }

        (void) snprintf(name, sizeof(name), "%s, anywhere",
                        test_csvs[i].name);
        is_int((intmax_t) wrong, 0, name);
    }
}


static const char *
test_read(const char *in, size_t len, size_t chunk, unsigned line)
{
    size_t                    have, n, rest, used;
    uint8_t                  *p, buf[4096];
    uint32_t                  i;
    cost_rc_e                 rc;
    cost_str_t                s;
    cost_csv_t                csv;
    static char               out[8192];
    static cost_csv_record_t  rec;

    cost_csv_init(&csv, ',');
    csv.line = line;

    n = 0;
    used = 0;
    rest = 0;
    out[0] = '\0';

    do {
        have = (len - used < chunk) ? len - used : chunk;
        memcpy(buf + rest, in + used, have);
        used += have;
        cost_csv_feed(&csv, buf, rest + have, used == len);

        while ((rc = cost_csv_next(&csv, &rec)) != COST_AGAIN) {
            if (rc == COST_DONE) {
                return out;
            }

            n += test_put(out, n, "%d:", (int) rec.line);

            if (rc != COST_OK) {
                n += test_put(out, n, rc == COST_INVALID ? "! " : "> ");
                continue;
            }

            for (i = 0; i < rec.n; i++) {
                s = cost_csv_field(&rec, i);
                n += test_put(out, n, "[%.*s]", (int) s.len,
                              (const char *) s.data);
            }

            n += test_put(out, n, " ");
        }

        rest = cost_csv_rest(&csv, &p);
        memmove(buf, p, rest);

    } while (used < len || rc == COST_AGAIN);

    return "no end";
}


static size_t
test_put(char *out, size_t n, const char *fmt, ...)
{
    int      len;
    va_list  args;

    va_start(args, fmt);
    len = vsnprintf(out + n, 8192 - n, fmt, args);
    va_end(args);

    return (size_t) len;
}


static void
test_long(void)
{
    size_t                    i;
    cost_str_t                s;
    cost_csv_t                csv;
    static uint8_t            buf[8192];
    static cost_csv_record_t  rec;

    /* as many fields as there may be, then one more */

    memset(buf, ',', sizeof(buf));
    buf[COST_CSV_FIELDS - 1] = '\n';
    buf[2 * COST_CSV_FIELDS] = '\n';
    memcpy(buf + 2 * COST_CSV_FIELDS + 1, "a,b\n", 4);

    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, buf, 2 * COST_CSV_FIELDS + 5, true);

    ok(cost_csv_next(&csv, &rec) == COST_OK, "1024 fields");
    is_int(rec.n, COST_CSV_FIELDS, "all of them");
    ok(cost_csv_next(&csv, &rec) == COST_FULL, "1025 fields are too many");
    is_int((intmax_t) rec.line, 2, "on line 2");
    ok(cost_csv_next(&csv, &rec) == COST_OK, "the next line is read");
    is_int((intmax_t) rec.line, 3, "on line 3");

    s = cost_csv_field(&rec, 1);
    is_str(s.data, s.len, "b", "and its second field");
    ok(cost_csv_next(&csv, &rec) == COST_DONE, "the end");
    ok(cost_csv_next(&csv, &rec) == COST_DONE, "still the end");

    /* another delimiter: a comma is text then */

    memcpy(buf, "a,b;\"c;d\"\n", 10);
    cost_csv_init(&csv, ';');
    cost_csv_feed(&csv, buf, 10, true);

    ok(cost_csv_next(&csv, &rec) == COST_OK && rec.n == 2, "semicolons");
    s = cost_csv_field(&rec, 0);
    is_str(s.data, s.len, "a,b", "a comma inside");
    s = cost_csv_field(&rec, 1);
    is_str(s.data, s.len, "c;d", "a semicolon inside");

    /* line ends inside quotes over many blocks */

    memset(buf, '\n', 1000);
    buf[0] = '"';
    memcpy(buf + 1000, "\"\nx\n", 4);
    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, buf, 1004, true);

    ok(cost_csv_next(&csv, &rec) == COST_OK, "999 line ends inside");
    s = cost_csv_field(&rec, 0);
    is_int((intmax_t) s.len, 999, "are the field");

    for (i = 0; i < s.len && s.data[i] == '\n'; i++) {
        /* void */
    }

    is_int((intmax_t) i, 999, "byte for byte");
    ok(cost_csv_next(&csv, &rec) == COST_OK, "what follows");
    is_int((intmax_t) rec.line, 1001, "is on line 1001");
}


/* a record that does not fit into the caller's buffer of 16 bytes */

static void
test_skip(void)
{
    cost_csv_t                csv;
    uint8_t                  *p, buf[16];
    static cost_csv_record_t  rec;

    cost_csv_init(&csv, ',');

    memcpy(buf, "a\n\"bbbbbbbbbbbbb", 16);
    cost_csv_feed(&csv, buf, 16, false);

    ok(cost_csv_next(&csv, &rec) == COST_OK, "a record");
    ok(cost_csv_next(&csv, &rec) == COST_AGAIN, "the begin of another");
    is_int((intmax_t) cost_csv_rest(&csv, &p), 14, "14 bytes of it");

    cost_csv_skip(&csv);
    ok(cost_csv_next(&csv, &rec) == COST_AGAIN, "given up");
    is_int((intmax_t) cost_csv_rest(&csv, &p), 0, "nothing is kept");

    memcpy(buf, "bbbbbbbbbbbbbbbb", 16);
    cost_csv_feed(&csv, buf, 16, false);
    ok(cost_csv_next(&csv, &rec) == COST_AGAIN, "its rest is passed over");
    is_int((intmax_t) cost_csv_rest(&csv, &p), 0, "nothing is kept");

    memcpy(buf, "bb\"b\nc\nd", 8);
    cost_csv_feed(&csv, buf, 8, true);
    ok(cost_csv_next(&csv, &rec) == COST_OK && *rec.data == 'c',
       "the line behind it");
    is_int((intmax_t) rec.line, 3, "is line 3");
    ok(cost_csv_next(&csv, &rec) == COST_OK && *rec.data == 'd',
       "and the last one");
    ok(cost_csv_next(&csv, &rec) == COST_DONE, "the end");
}


static void
test_sniff(void)
{
    size_t           i, skip;
    uint8_t          comma;
    unsigned         lines;
    cost_csv_kind_e  kind;

    static const struct {
        const char       *in;
        size_t            len;
        cost_csv_kind_e   kind;
        size_t            skip;
        unsigned          lines;
        char              comma;
    } sniffs[] = {
#define in(s)  s, sizeof(s) - 1
        { in(""), COST_CSV_EMPTY, 0, 0, ',' },
        { in("\r\n \n"), COST_CSV_EMPTY, 0, 0, ',' },
        { in("\xef\xbb\xbf"), COST_CSV_EMPTY, 3, 0, ',' },
        { in("a"), COST_CSV_TEXT, 0, 0, ',' },
        { in("a,b;c\n"), COST_CSV_TEXT, 0, 0, ',' },
        { in("a;b;c,d\n"), COST_CSV_TEXT, 0, 0, ';' },
        { in("a\tb\tc\n"), COST_CSV_TEXT, 0, 0, '\t' },
        { in("a|b|c\n,,,,,\n"), COST_CSV_TEXT, 0, 0, '|' },
        { in("\"a;b;c;d\",e\n"), COST_CSV_TEXT, 0, 0, ',' },
        { in("\r\na;b\n"), COST_CSV_TEXT, 0, 0, ';' },
        { in("\xef\xbb\xbf" "a;b\n"), COST_CSV_TEXT, 3, 0, ';' },
        { in("sep=;\r\na,b,c\n"), COST_CSV_TEXT, 7, 1, ';' },
        { in("\xef\xbb\xbfsep=,\na;b\n"), COST_CSV_TEXT, 9, 1, ',' },
        { in("sep=x\na,b\n"), COST_CSV_TEXT, 0, 0, ',' },
        { in("sep="), COST_CSV_TEXT, 0, 0, ',' },
        { in("sep=;"), COST_CSV_TEXT, 0, 0, ';' },
        { in("\x1f\x8b\x08"), COST_CSV_GZIP, 0, 0, ',' },
        { in("\xff\xfe" "a\0"), COST_CSV_UTF16, 0, 0, ',' },
        { in("\xfe\xff\0a"), COST_CSV_UTF16, 0, 0, ',' },
        { in("PK\003\004xl"), COST_CSV_ZIP, 0, 0, ',' },
        { in("PAR1\x15"), COST_CSV_PARQUET, 0, 0, ',' },
        { in("{\"a\": 1}"), COST_CSV_JSON, 0, 0, ',' },
        { in("  [1]"), COST_CSV_JSON, 0, 0, ',' },
        { in("\x7f" "ELF\2\1\1\0"), COST_CSV_BINARY, 0, 0, ',' },
        { in("a,b\n\0\0"), COST_CSV_BINARY, 0, 0, ',' }
#undef in
    };

    for (i = 0; i < sizeof(sniffs) / sizeof(sniffs[0]); i++) {
        kind = cost_csv_sniff((const uint8_t *) sniffs[i].in, sniffs[i].len,
                              &skip, &lines, &comma);

        ok(kind == sniffs[i].kind && skip == sniffs[i].skip
           && lines == sniffs[i].lines && comma == (uint8_t) sniffs[i].comma,
           "sniff %d: %d, %d bytes, %u lines, 0x%02x", (int) i, (int) kind,
           (int) skip, lines, comma);
    }
}

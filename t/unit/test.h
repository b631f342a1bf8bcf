
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What unit tests share: each is a program that speaks TAP.  It includes the
 * header under test before this one, so that the header is shown to stand
 * alone.
 */


#ifndef _TEST_H_INCLUDED_
#define _TEST_H_INCLUDED_


#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static unsigned  test_count;
static unsigned  test_failed;


__attribute__((format(printf, 2, 3), unused))
static int
ok(int pass, const char *fmt, ...)
{
    va_list  args;

    printf("%sok %u - ", pass ? "" : "not ", ++test_count);

    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);

    printf("\n");

    if (!pass) {
        test_failed++;
    }

    return pass;
}


__attribute__((unused))
static void
is_int(intmax_t got, intmax_t expected, const char *name)
{
    if (!ok(got == expected, "%s", name)) {
        printf("#      got: %jd\n# expected: %jd\n", got, expected);
    }
}


/* "expected" is NUL-terminated, "got" is not */

__attribute__((unused))
static void
is_str(const void *got, size_t len, const char *expected, const char *name)
{
    if (!ok(len == strlen(expected)
            && (len == 0 || memcmp(got, expected, len) == 0), "%s", name))
    {
        printf("#      got: \"%.*s\"\n# expected: \"%s\"\n",
               (int) len, len ? (const char *) got : "", expected);
    }
}


/* the exit code of main() */

__attribute__((unused))
static int
done_testing(void)
{
    printf("1..%u\n", test_count);

    return test_failed != 0;
}


#endif /* _TEST_H_INCLUDED_ */


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost_prices.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>


static void cost_prices_say(const char *file, uint64_t line, const char *fmt,
    va_list args);


static unsigned  cost_prices_count;      /* errors */


void *
cost_prices_alloc(size_t size)
{
    return memset(cost_prices_grow(NULL, size), 0, size);
}


void *
cost_prices_grow(void *p, size_t size)
{
    p = realloc(p, size);

    if (p == NULL) {
        fprintf(stderr, "cost-prices: out of memory\n");
        exit(1);
    }

    return p;
}


char *
cost_prices_dup(const char *p, size_t len)
{
    char  *copy;

    copy = cost_prices_alloc(len + 1);
    memcpy(copy, p, len);

    return copy;
}


bool
cost_prices_glob(const char *pattern, const char *text)
{
    while (*pattern != '*') {

        if (*pattern != *text) {
            return false;
        }

        if (*pattern == '\0') {
            return true;
        }

        pattern++;
        text++;
    }

    pattern++;

    if (*pattern == '\0') {
        return true;
    }

    for ( /* void */ ; *text; text++) {
        if (cost_prices_glob(pattern, text)) {
            return true;
        }
    }

    return false;
}


void
cost_prices_normal(char *name)
{
    char  *p, c;

    for (p = name; *name; name++) {
        c = *name;

        if (c >= 'A' && c <= 'Z') {
            c = (char) (c + 32);
        }

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            *p++ = c;
        }
    }

    *p = '\0';
}


char *
cost_prices_trim(char *text)
{
    char  *last;

    while (*text == ' ' || *text == '\t') {
        text++;
    }

    last = text + strlen(text);

    while (last > text && (last[-1] == ' ' || last[-1] == '\t'
                           || last[-1] == '\r' || last[-1] == '\n'))
    {
        last--;
    }

    *last = '\0';

    return text;
}


const char *
cost_prices_value(const cost_prices_product_t *product, const char *name)
{
    uint32_t  i;

    for (i = 0; i < product->n; i++) {
        if (strcmp(product->attrs[i].name, name) == 0) {
            return product->attrs[i].value;
        }
    }

    return "";
}


void
cost_prices_error(const char *file, uint64_t line, const char *fmt, ...)
{
    va_list  args;

    if (++cost_prices_count > COST_PRICES_ERRORS) {
        return;
    }

    va_start(args, fmt);
    cost_prices_say(file, line, fmt, args);
    va_end(args);
}


void
cost_prices_note(const char *file, uint64_t line, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    cost_prices_say(file, line, fmt, args);
    va_end(args);
}


unsigned
cost_prices_errors(void)
{
    return cost_prices_count;
}


static void
cost_prices_say(const char *file, uint64_t line, const char *fmt,
    va_list args)
{
    fprintf(stderr, "cost-prices: %s:", file);

    if (line) {
        fprintf(stderr, "%llu:", (unsigned long long) line);
    }

    fprintf(stderr, " ");
    vfprintf(stderr, fmt, args);
    fprintf(stderr, "\n");
}

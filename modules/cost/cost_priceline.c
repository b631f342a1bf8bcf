
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_priceline.h"


void
cost_priceline_init(cost_priceline_t *l, const uint8_t *p, size_t len)
{
    l->p = p;
    l->end = p;
    l->next = p;
    l->last = p + len;
    l->number = 0;
}


bool
cost_priceline_next(cost_priceline_t *l)
{
    uint32_t        number;
    const uint8_t  *p, *end, *start, *next;

    number = l->number;
    next = l->next;

    while (next < l->last) {
        number++;

        start = next;
        end = memchr(start, '\n', (size_t) (l->last - start));

        if (end == NULL) {
            end = l->last;
            next = l->last;

        } else {
            next = end + 1;
        }

        for (p = start; p < end; p++) {
            if (*p == '#' && (p == start || p[-1] == ' ' || p[-1] == '\t')) {
                break;
            }
        }

        while (p > start && (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\r')) {
            p--;
        }

        if (p != start) {
            l->p = start;
            l->end = p;
            l->next = next;
            l->number = number;
            return true;
        }
    }

    return false;
}


cost_str_t
cost_priceline_word(cost_priceline_t *l)
{
    cost_str_t      word;
    const uint8_t  *p;

    p = l->p;

    while (p < l->end && (*p == ' ' || *p == '\t')) {
        p++;
    }

    word.data = p;

    while (p < l->end && *p != ' ' && *p != '\t') {
        p++;
    }

    word.len = (size_t) (p - word.data);
    l->p = p;

    return word;
}


cost_str_t
cost_priceline_rest(cost_priceline_t *l)
{
    cost_str_t  text;

    text = cost_priceline_word(l);
    text.len = (size_t) (l->end - text.data);
    l->p = l->end;

    return text;
}


const char *
cost_priceline_number(cost_str_t word, unsigned places, int64_t max,
    int64_t *value)
{
    bool      point;
    size_t    i;
    uint8_t   c;
    int64_t   n;
    unsigned  decimals;

    n = 0;
    point = false;
    decimals = 0;

    for (i = 0; i < word.len; i++) {
        c = word.data[i];

        if (c == '.') {
            if (point || i == 0 || i + 1 == word.len) {
                break;
            }

            point = true;
            continue;
        }

        if (c < '0' || c > '9') {
            break;
        }

        if (point && ++decimals > places) {
            return "has too many decimals";
        }

        if (n > (max - (c - '0')) / 10) {
            return "is too large";
        }

        n = n * 10 + (c - '0');
    }

    if (word.len == 0 || i != word.len) {
        return "is where a number without sign or exponent belongs";
    }

    for ( /* void */ ; decimals < places; decimals++) {
        if (n > max / 10) {
            return "is too large";
        }

        n *= 10;
    }

    *value = n;

    return NULL;
}


bool
cost_priceline_name(cost_str_t word, const char *others)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < word.len; i++) {
        c = word.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9'))
        {
            continue;
        }

        if (c == '\0' || strchr(others, c) == NULL) {
            return false;
        }
    }

    return word.len != 0;
}


uint32_t
cost_priceline_split(cost_str_t word, cost_str_t *parts, uint32_t max)
{
    size_t    i, start;
    uint32_t  n;

    if (!cost_priceline_name(word, "/_-.")) {
        return 0;
    }

    n = 0;
    start = 0;

    for (i = 0; i <= word.len; i++) {
        if (i < word.len && word.data[i] != '/') {
            continue;
        }

        if (i == start || n == max) {
            return 0;
        }

        parts[n].data = word.data + start;
        parts[n].len = i - start;
        n++;
        start = i + 1;
    }

    return n;
}


/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * What tests of calculations share: a body goes in, the answer or the reason
 * that there is none comes out.  Bodies are written with ' for ".
 */


#ifndef _CALC_H_INCLUDED_
#define _CALC_H_INCLUDED_


#include "cost/cost_calculate.h"

#include "svc.h"


#define CALC_BODY  (1024 * 1024)


static cost_calculate_t       calc_state;
static cost_calculate_data_t  calc_data;
static uint8_t                calc_answer[CALC_BODY];


__attribute__((unused))
static void
calc_load(void)
{
    cost_str_t  bad;

    if (cost_service_index(&calc_data.services, &bad) != COST_OK) {
        printf("# the table of %.*s\n", (int) bad.len, bad.data);
        exit(2);
    }

    calc_data.prices = svc_load("conf/prices/aws.prices");
    calc_data.version.data = (const uint8_t *) "8f36d2d8d5f1";
    calc_data.version.len = 12;
}


/* "400 why", or the answer at 2026-03-29T15:24:00; NUL-terminated */

__attribute__((unused))
static const char *
calc_bytes(const uint8_t *body, size_t len)
{
    cost_json_t  j;

    static uint8_t  *exact;

    if (calc_data.prices == NULL) {
        calc_load();
    }

    /*
     * a block of the exact size, for the sanitizer; the state points into it
     */

    free(exact);
    exact = malloc(len ? len : 1);
    memcpy(exact, body, len);

    if (cost_calculate(&calc_state, &calc_data, exact, len) != COST_OK) {
        (void) snprintf((char *) calc_answer, sizeof(calc_answer),
                        "400 %.*s", (int) calc_state.request.error.len,
                        calc_state.request.error.data);

    } else {
        cost_json_init(&j, calc_answer, sizeof(calc_answer) - 1);
        cost_calculate_write(&calc_state, &calc_data, &j, 1774797840, 0);
        calc_answer[cost_json_length(&j)] = '\0';
    }

    return (const char *) calc_answer;
}


__attribute__((unused))
static const char *
calc_text(const char *body)
{
    size_t  i, len;

    static uint8_t  quoted[CALC_BODY];

    len = strlen(body);

    for (i = 0; i < len; i++) {
        quoted[i] = (uint8_t) (body[i] == '\'' ? '"' : body[i]);
    }

    return calc_bytes(quoted, len);
}


/* the whole answer */

__attribute__((unused))
static void
calc_is(const char *body, const char *expected)
{
    char        title[80];
    const char *got;

    got = calc_text(body);
    (void) snprintf(title, sizeof(title), "%.70s", body);
    is_str(got, strlen(got), expected, title);
}


/* the refusal of nodes and edges: the text */

__attribute__((unused))
static void
calc_refuses(const char *body, const char *expected)
{
    char  text[4096];

    (void) snprintf(text, sizeof(text), "400 %s", expected);
    calc_is(body, text);
}


/* whether the answer holds this text, written with ' for " */

__attribute__((unused))
static void
calc_has(const char *body, const char *part)
{
    char         quoted[4096];
    size_t       i;
    const char  *got;

    for (i = 0; part[i] != '\0'; i++) {
        quoted[i] = (part[i] == '\'') ? '"' : part[i];
    }

    quoted[i] = '\0';
    got = calc_text(body);

    if (!ok(strstr(got, quoted) != NULL, "%.60s", part)) {
        printf("#   in: %s\n", got);
    }
}


#endif /* _CALC_H_INCLUDED_ */

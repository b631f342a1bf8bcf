
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */


#include "cost_runner.h"


/* 2026-01-01 */
#define COST_RUNNER_NEW_PRICES  20454

/* the longest label that is looked at */
#define COST_RUNNER_LABEL       64


typedef struct {
    cost_str_t   sku;
    uint16_t     before;         /* thousandths of a USD a minute */
    uint16_t     since;
} cost_runner_t;


/* what a label says behind its system */

typedef struct {
    bool         arm;
    bool         gpu;
    bool         slim;
    bool         large;
    bool         xlarge;
    unsigned     cores;          /* 0: it does not say */
} cost_runner_words_t;


static bool cost_runner_known(cost_str_t label, unsigned *runner);
static bool cost_runner_named(cost_str_t sku, unsigned *runner);
static bool cost_runner_words(cost_str_t rest, cost_runner_words_t *words);
static bool cost_runner_number(cost_str_t word, unsigned *n);
static bool cost_runner_version(cost_str_t word);
static bool cost_runner_choose(cost_str_t system, cost_runner_words_t *words,
    unsigned *runner);


static const cost_runner_t  cost_runner_table[] = {
    { cost_string("linux_slim"), 2, 2 },
    { cost_string("linux"), 8, 6 },
    { cost_string("windows"), 16, 10 },
    { cost_string("macos"), 80, 62 },
    { cost_string("linux_2_core_advanced"), 8, 6 },
    { cost_string("linux_4_core"), 16, 12 },
    { cost_string("linux_8_core"), 32, 22 },
    { cost_string("linux_16_core"), 64, 42 },
    { cost_string("linux_32_core"), 128, 82 },
    { cost_string("linux_64_core"), 256, 162 },
    { cost_string("linux_96_core"), 384, 252 },
    { cost_string("windows_4_core"), 32, 22 },
    { cost_string("windows_8_core"), 64, 42 },
    { cost_string("windows_16_core"), 128, 82 },
    { cost_string("windows_32_core"), 256, 162 },
    { cost_string("windows_64_core"), 512, 322 },
    { cost_string("windows_96_core"), 768, 552 },
    { cost_string("macos_l"), 120, 77 },
    { cost_string("linux_2_core_arm"), 5, 5 },
    { cost_string("linux_4_core_arm"), 10, 8 },
    { cost_string("linux_8_core_arm"), 20, 14 },
    { cost_string("linux_16_core_arm"), 40, 26 },
    { cost_string("linux_32_core_arm"), 80, 50 },
    { cost_string("linux_64_core_arm"), 160, 98 },
    { cost_string("windows_2_core_arm"), 10, 8 },
    { cost_string("windows_4_core_arm"), 20, 14 },
    { cost_string("windows_8_core_arm"), 40, 26 },
    { cost_string("windows_16_core_arm"), 80, 50 },
    { cost_string("windows_32_core_arm"), 160, 98 },
    { cost_string("windows_64_core_arm"), 320, 194 },
    { cost_string("macos_xl"), 160, 102 },
    { cost_string("linux_4_core_gpu"), 70, 52 },
    { cost_string("windows_4_core_gpu"), 140, 102 }
};

#define COST_RUNNERS                                                          \
    (sizeof(cost_runner_table) / sizeof(cost_runner_table[0]))


static const cost_str_t  cost_runner_self_hosted = cost_string("self_hosted");


cost_rc_e
cost_runner_find(cost_str_t labels, unsigned *runner)
{
    bool        found;
    size_t      i, n;
    uint8_t     c, buf[COST_RUNNER_LABEL];
    unsigned    one;
    cost_str_t  label;

    found = false;
    n = 0;
    label.data = buf;

    for (i = 0; i <= labels.len; i++) {

        c = (i < labels.len) ? labels.data[i] : ',';

        if (c != ',' && c != ' ') {

            if (c >= 'A' && c <= 'Z') {
                c |= 0x20;
            }

            /* of one that is too long to be known only that is kept */

            if (n < COST_RUNNER_LABEL) {
                buf[n] = c;
            }

            n++;
            continue;
        }

        label.len = n;
        n = 0;

        if (label.len == 0 || label.len > COST_RUNNER_LABEL) {
            continue;
        }

        if (cost_str_is(&label, "self-hosted")
            || cost_str_is(&label, "self_hosted"))
        {
            *runner = COST_RUNNER_SELF_HOSTED;
            return COST_OK;
        }

        if (!found && cost_runner_known(label, &one)) {
            *runner = one;
            found = true;
        }
    }

    return found ? COST_OK : COST_INVALID;
}


static bool
cost_runner_known(cost_str_t label, unsigned *runner)
{
    size_t               n;
    cost_str_t           rest, system;
    cost_runner_words_t  words;

    static const cost_str_t  prefix = cost_string("actions_");

    if (label.len > prefix.len
        && memcmp(label.data, prefix.data, prefix.len) == 0)
    {
        label.data += prefix.len;
        label.len -= prefix.len;
    }

    if (cost_runner_named(label, runner)) {
        return true;
    }

    for (n = 0; n < label.len && label.data[n] != '-'; n++) {
        /* void */
    }

    system.data = label.data;
    system.len = n;

    rest.data = label.data + n;
    rest.len = label.len - n;

    if (rest.len == 0 || !cost_runner_words(rest, &words)) {
        return false;
    }

    return cost_runner_choose(system, &words, runner);
}


static bool
cost_runner_named(cost_str_t sku, unsigned *runner)
{
    unsigned  i;

    for (i = 0; i < COST_RUNNERS; i++) {
        if (cost_runner_table[i].sku.len == sku.len
            && memcmp(cost_runner_table[i].sku.data, sku.data, sku.len) == 0)
        {
            *runner = i;
            return true;
        }
    }

    return false;
}


/*
 * "-24.04-arm", "-latest-8-cores": all words must be known, for one that is
 * not may stand for a machine with another price.
 */

static bool
cost_runner_words(cost_str_t rest, cost_runner_words_t *words)
{
    bool        first, number, open;
    size_t      i, digits;
    unsigned    n;
    cost_str_t  word;

    memset(words, 0, sizeof(cost_runner_words_t));

    first = true;
    number = false;              /* the word before is one */
    open = false;                /* and means nothing without "cores" */
    n = 0;

    while (rest.len) {

        /* the "-" in front */

        word.data = rest.data + 1;

        for (i = 1; i < rest.len && rest.data[i] != '-'; i++) {
            /* void */
        }

        word.len = i - 1;
        rest.data += i;
        rest.len -= i;

        if (cost_str_is(&word, "core") || cost_str_is(&word, "cores")) {

            if (!number || words->cores) {
                return false;
            }

            words->cores = n;

        } else if (open) {
            return false;

        } else if (cost_str_is(&word, "arm") || cost_str_is(&word, "arm64")) {
            words->arm = true;

        } else if (cost_str_is(&word, "gpu")) {
            words->gpu = true;

        } else if (cost_str_is(&word, "slim")) {
            words->slim = true;

        } else if (cost_str_is(&word, "large")) {
            words->large = true;

        } else if (cost_str_is(&word, "xlarge")) {
            words->xlarge = true;

        } else if (cost_str_is(&word, "intel")
                   || cost_str_is(&word, "vs2026"))
        {
            /* macOS's word for x64, and Windows 2025's with another studio */

        } else if (first && cost_runner_version(word)) {
            number = cost_runner_number(word, &n);
            first = false;
            continue;

        } else if (cost_runner_number(word, &n)) {
            number = true;
            open = true;
            continue;

        } else {

            /* "8core", "8cores" */

            digits = word.len;

            if (digits && word.data[digits - 1] == 's') {
                digits--;
            }

            if (digits < 5 || memcmp(word.data + digits - 4, "core", 4) != 0
                || words->cores)
            {
                return false;
            }

            word.len = digits - 4;

            if (!cost_runner_number(word, &words->cores)) {
                return false;
            }
        }

        first = false;
        number = false;
        open = false;
    }

    return !open;
}


/* 1..999 */

static bool
cost_runner_number(cost_str_t word, unsigned *n)
{
    size_t  i;

    if (word.len == 0 || word.len > 3) {
        return false;
    }

    *n = 0;

    for (i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') {
            return false;
        }

        *n = *n * 10 + (word.data[i] - '0');
    }

    return *n != 0;
}


/* "latest", "24.04", "2025" */

static bool
cost_runner_version(cost_str_t word)
{
    size_t  i;

    if (cost_str_is(&word, "latest")) {
        return true;
    }

    for (i = 0; i < word.len; i++) {
        if ((word.data[i] < '0' || word.data[i] > '9') && word.data[i] != '.')
        {
            return false;
        }
    }

    return word.len != 0;
}


/* the row of a system and what was said of it, by its SKU's name */

static bool
cost_runner_choose(cost_str_t system, cost_runner_words_t *words,
    unsigned *runner)
{
    size_t      n;
    bool        linux_;
    uint8_t     sku[COST_RUNNER_LABEL];
    unsigned    cores;
    cost_str_t  name;

    if (cost_str_is(&system, "macos")) {

        if (words->arm || words->gpu || words->slim || words->cores
            || (words->large && words->xlarge))
        {
            return false;
        }

        name.data = (const uint8_t *) (words->xlarge ? "macos_xl"
                                       : words->large ? "macos_l" : "macos");
        name.len = strlen((const char *) name.data);

        return cost_runner_named(name, runner);
    }

    linux_ = cost_str_is(&system, "ubuntu");

    if ((!linux_ && !cost_str_is(&system, "windows"))
        || words->large || words->xlarge || (words->arm && words->gpu)
        || (words->slim
            && (!linux_ || words->arm || words->gpu || words->cores)))
    {
        return false;
    }

    memcpy(sku, linux_ ? "linux" : "windows", linux_ ? 5 : 7);
    n = linux_ ? 5 : 7;

    /* the ARM runners that have no number are those of 2-core x64's kind */

    cores = words->cores;

    if (words->gpu && cores == 0) {
        cores = 4;
    }

    if (words->arm && cores == 0) {
        cores = 2;
    }

    if (cores) {
        sku[n++] = '_';

        if (cores >= 100) {
            return false;
        }

        if (cores >= 10) {
            sku[n++] = (uint8_t) ('0' + cores / 10);
        }

        sku[n++] = (uint8_t) ('0' + cores % 10);

        memcpy(sku + n, "_core", 5);
        n += 5;
    }

    if (words->arm) {
        memcpy(sku + n, "_arm", 4);
        n += 4;

    } else if (words->gpu) {
        memcpy(sku + n, "_gpu", 4);
        n += 4;

    } else if (words->slim) {
        memcpy(sku + n, "_slim", 5);
        n += 5;
    }

    name.data = sku;
    name.len = n;

    return cost_runner_named(name, runner);
}


cost_str_t
cost_runner_sku(unsigned runner)
{
    return (runner < COST_RUNNERS) ? cost_runner_table[runner].sku
                                   : cost_runner_self_hosted;
}


cost_decimal_t
cost_runner_price(unsigned runner, cost_day_t day)
{
    unsigned  price;

    if (runner >= COST_RUNNERS) {
        return 0;
    }

    price = (day < COST_RUNNER_NEW_PRICES) ? cost_runner_table[runner].before
                                           : cost_runner_table[runner].since;

    return COST_DECIMAL_ONE / 1000 * price;
}


cost_rc_e
cost_runner_minutes(cost_time_t started, cost_time_t completed,
    int64_t *minutes)
{
    if (completed < started) {
        return COST_RANGE;
    }

    *minutes = (completed - started) / 60 + ((completed - started) % 60 != 0);

    return COST_OK;
}


cost_rc_e
cost_runner_cost(unsigned runner, cost_time_t started, cost_time_t completed,
    int64_t *minutes, cost_decimal_t *cost)
{
    if (cost_runner_minutes(started, completed, minutes) != COST_OK) {
        return COST_RANGE;
    }

    /* the instants of cost_date.h are less than 10^10 minutes apart */

    if (*minutes > INT64_C(10000000000)) {
        return COST_RANGE;
    }

    *cost = cost_runner_price(runner, cost_day_from_time(started)) * *minutes;

    return COST_OK;
}

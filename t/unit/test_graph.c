
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_graph.h"

#include "test.h"


/* nodes are the letters a..j; "ab*0.5 bc" are edges, "a=100" requests */

static void flow_is(const char *edges, const char *entries,
    const char *expected);
static void cycle_is(uint32_t nodes, const char *edges, const char *expected);
static void read_edges(cost_graph_t *g, const char *edges);
static cost_decimal_t read_number(const char **p);
static void test_limits(void);


static cost_graph_edge_t  test_edges[32];


int
main(void)
{
    /* flow: what reaches each node, by hand */

    flow_is("", "a=100", "a=100");
    flow_is("ab", "a=100", "a=100 b=100");
    flow_is("ab*0.5", "a=100", "a=100 b=50");
    flow_is("ab*3", "a=100", "a=100 b=300");
    flow_is("ab*0", "a=100", "a=100");
    flow_is("ab bc cd", "a=7", "a=7 b=7 c=7 d=7");
    flow_is("ab*0.1 bc*0.1", "a=3", "a=3 b=0.3 c=0.03");

    /* a fan-out passes all to each */
    flow_is("ab ac ad*0.25", "a=100", "a=100 b=100 c=100 d=25");

    /* a diamond: 100 x 0.5 + 100 x 2 x 3 = 650 */
    flow_is("ab*0.5 ac*2 bd cd*3", "a=100", "a=100 b=50 c=200 d=650");

    /* whatever the order of the edges */
    flow_is("cd*3 bd ac*2 ab*0.5", "a=100", "a=100 b=50 c=200 d=650");

    /* entries add up, at one node and on the way: (100 + 11) x 0.5 + 5 */
    flow_is("ab*0.5", "a=100 b=5 a=11", "a=111 b=60.5");

    /* edges between the same two add up */
    flow_is("ab*0.25 ab*0.5", "a=100", "a=100 b=75");

    /* what nothing reaches has nothing; edges into an entry too */
    flow_is("ab cd", "a=1", "a=1 b=1");
    flow_is("cb ab", "a=1", "a=1 b=1");
    flow_is("ca ab", "a=1", "a=1 b=1");
    flow_is("ab", "", "");

    cycle_is(1, "aa", "aa");
    cycle_is(2, "ab ba", "aba");
    cycle_is(4, "ab bc cd db", "bcdb");
    cycle_is(4, "ba ac cb", "acba");
    cycle_is(5, "ab bc cd ce ec", "cec");
    cycle_is(5, "ab ac bd cd de", "");
    cycle_is(6, "ab bc ca de ef fd", "abca");
    cycle_is(4, "ab ac cd da bc", "abcda");

    test_limits();

    return done_testing();
}


static void
flow_is(const char *edges, const char *entries, const char *expected)
{
    char            text[256];
    size_t          len;
    uint16_t        cycle[COST_GRAPH_NODES + 1];
    uint32_t        n, node;
    const char     *p;
    cost_graph_t    g;
    cost_decimal_t  flow[COST_GRAPH_NODES];

    cost_graph_init(&g, 10, test_edges, 32);
    read_edges(&g, edges);

    memset(flow, 0, sizeof(flow));

    for (p = entries; *p != '\0'; p += (*p == ' ')) {
        n = (uint32_t) (*p - 'a');
        p += 2;
        flow[n] += read_number(&p);
    }

    len = 0;

    if (cost_graph_order(&g, cycle, &n) == COST_OK
        && cost_graph_flow(&g, flow, &node) == COST_OK)
    {
        for (n = 0; n < 10; n++) {

            if (flow[n] == 0) {
                continue;
            }

            len += (size_t) sprintf(text + len, "%s%c=", len ? " " : "",
                                    (char) ('a' + n));
            len += cost_decimal_format(flow[n], 18, 0,
                                       (uint8_t *) text + len);
        }
    }

    is_str(text, len, expected, *edges ? edges : "no edges");
}


static void
cycle_is(uint32_t nodes, const char *edges, const char *expected)
{
    char           text[64];
    uint16_t       cycle[COST_GRAPH_NODES + 1];
    uint32_t       i, len;
    cost_graph_t   g;

    cost_graph_init(&g, nodes, test_edges, 32);
    read_edges(&g, edges);

    len = 0;

    if (cost_graph_order(&g, cycle, &len) == COST_OK) {
        len = 0;
    }

    for (i = 0; i < len; i++) {
        text[i] = (char) ('a' + cycle[i]);
    }

    is_str(text, len, expected, edges);
}


static void
read_edges(cost_graph_t *g, const char *edges)
{
    uint32_t        from, to;
    const char     *p;
    cost_decimal_t  ratio;

    for (p = edges; *p != '\0'; p += (*p == ' ')) {
        from = (uint32_t) (p[0] - 'a');
        to = (uint32_t) (p[1] - 'a');
        p += 2;
        ratio = COST_DECIMAL_ONE;

        if (*p == '*') {
            p++;
            ratio = read_number(&p);
        }

        if (cost_graph_edge(g, from, to, ratio) != COST_OK) {
            ok(0, "room for an edge");
        }
    }
}


static cost_decimal_t
read_number(const char **p)
{
    size_t          len;
    cost_decimal_t  d;

    len = strcspn(*p, " ");

    if (cost_decimal_parse((const uint8_t *) *p, len, &d) != COST_OK) {
        d = 0;
    }

    *p += len;

    return d;
}


static void
test_limits(void)
{
    uint16_t        cycle[COST_GRAPH_NODES + 1];
    uint32_t        n, len, node;
    cost_graph_t    g;
    cost_decimal_t  flow[COST_GRAPH_NODES];

    static cost_graph_edge_t  edges[COST_GRAPH_NODES * COST_GRAPH_NODES];

    cost_graph_init(&g, 2, test_edges, 1);
    is_int(cost_graph_edge(&g, 0, 1, 0), COST_OK, "the last edge");
    is_int(cost_graph_edge(&g, 0, 1, 0), COST_FULL, "one more");

    /* a chain of 50, doubling: 2^49 = 562,949,953,421,312 < 10^15 */

    cost_graph_init(&g, COST_GRAPH_NODES, edges, COST_GRAPH_NODES);

    for (n = 1; n < COST_GRAPH_NODES; n++) {
        (void) !cost_graph_edge(&g, n - 1, n, 2 * COST_DECIMAL_ONE);
    }

    memset(flow, 0, sizeof(flow));
    flow[0] = COST_DECIMAL_ONE;

    is_int(cost_graph_order(&g, cycle, &len), COST_OK, "a chain");
    is_int(cost_graph_flow(&g, flow, &node), COST_OK, "doubling");
    is_int((intmax_t) (flow[COST_GRAPH_NODES - 1] / COST_DECIMAL_ONE),
           562949953421312, "49 times");

    memset(flow, 0, sizeof(flow));
    flow[0] = 2 * COST_DECIMAL_ONE;

    is_int(cost_graph_flow(&g, flow, &node), COST_RANGE, "beyond 10^15");
    is_int(node, COST_GRAPH_NODES - 1, "at the last");

    /* two halves of what is too much */

    cost_graph_init(&g, 3, edges, 2);
    (void) !cost_graph_edge(&g, 0, 2, COST_DECIMAL_ONE);
    (void) !cost_graph_edge(&g, 1, 2, COST_DECIMAL_ONE);

    memset(flow, 0, sizeof(flow));
    flow[0] = COST_QUANTITY_MAX;
    flow[1] = COST_DECIMAL_ONE;

    is_int(cost_graph_order(&g, cycle, &len), COST_OK, "two into one");
    is_int(cost_graph_flow(&g, flow, &node), COST_RANGE, "too much together");
    is_int(node, 2, "at the third");

    /* all edges that a graph without a cycle can have */

    cost_graph_init(&g, COST_GRAPH_NODES, edges, COST_GRAPH_NODES
                                                 * COST_GRAPH_NODES);

    for (n = 0; n < COST_GRAPH_NODES; n++) {
        for (len = n + 1; len < COST_GRAPH_NODES; len++) {
            (void) !cost_graph_edge(&g, len, n, 0);
        }
    }

    is_int(cost_graph_order(&g, cycle, &len), COST_OK, "1225 edges");
    is_int(g.order[0], COST_GRAPH_NODES - 1, "the last is first");
    is_int(g.order[COST_GRAPH_NODES - 1], 0, "the first is last");

    (void) !cost_graph_edge(&g, 0, COST_GRAPH_NODES - 1, 0);
    is_int(cost_graph_order(&g, cycle, &len), COST_INVALID, "and one back");
    is_int(cycle[0], 0, "begins at the lowest");
    is_int(cycle[len - 1], 0, "and ends there");
}

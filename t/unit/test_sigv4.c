
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The examples of Amazon's S3 API reference, "Signature Calculations for the
 * Authorization Header", to the last digit; and one of its "Examples of how
 * to derive a signing key".  And post-sts-header-before of Amazon's "Signature
 * Version 4 test suite", a request with a session's token.
 */

#include "cost/cost_sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "test.h"


#define TEST_HOST  "examplebucket.s3.amazonaws.com"

#define test_header(name, value)                                              \
    { cost_string(name), cost_string(value) }


typedef struct {
    const char                 *name;
    const char                 *path;
    const char                 *query;
    const cost_sigv4_header_t  *headers;
    size_t                      nheaders;
    const char                 *signature;
} test_example_t;


static bool test_sha256(const uint8_t *p, size_t len, uint8_t *digest);
static bool test_hmac(const uint8_t *key, size_t key_len, const uint8_t *p,
    size_t len, uint8_t *mac);
static bool test_broken(const uint8_t *p, size_t len, uint8_t *digest);
static void test_examples(void);
static void test_session(void);
static void test_canonical(void);
static void test_bounds(void);
static void test_encode(void);
static void test_date(void);


static const cost_sigv4_hash_t  test_hash = { test_sha256, test_hmac };

static const cost_sigv4_scope_t  test_scope = {
    cost_string("AKIAIOSFODNN7EXAMPLE"),
    cost_string("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    cost_string("us-east-1"),
    cost_string("s3")
};

/* 2013-05-24T00:00:00Z */
#define TEST_NOW  1369353600

static const cost_sigv4_header_t  test_ranged[] = {
    test_header("host", TEST_HOST),
    test_header("range", "bytes=0-9"),
    test_header("x-amz-content-sha256", COST_SIGV4_NO_BODY),
    test_header("x-amz-date", "20130524T000000Z")
};

static const cost_sigv4_header_t  test_plain[] = {
    test_header("host", TEST_HOST),
    test_header("x-amz-content-sha256", COST_SIGV4_NO_BODY),
    test_header("x-amz-date", "20130524T000000Z")
};

static const test_example_t  test_list[] = {
    { "GET Object", "/test.txt", "", test_ranged, 4,
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
    { "GET Bucket Lifecycle", "/", "lifecycle=", test_plain, 3,
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
    { "GET Bucket (List Objects)", "/", "max-keys=2&prefix=J", test_plain, 3,
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" }
};


int
main(void)
{
    test_examples();
    test_session();
    test_canonical();
    test_bounds();
    test_encode();
    test_date();

    return done_testing();
}


static bool
test_sha256(const uint8_t *p, size_t len, uint8_t *digest)
{
    return EVP_Digest(p, len, digest, NULL, EVP_sha256(), NULL) == 1;
}


static bool
test_hmac(const uint8_t *key, size_t key_len, const uint8_t *p, size_t len,
    uint8_t *mac)
{
    return HMAC(EVP_sha256(), key, (int) key_len, p, len, mac, NULL) != NULL;
}


static bool
test_broken(const uint8_t *p, size_t len, uint8_t *digest)
{
    (void) p;
    (void) len;
    (void) digest;

    return false;
}


static void
test_examples(void)
{
    char                   expected[512];
    size_t                 i, len;
    uint8_t                buf[2048];
    cost_rc_e              rc;
    cost_sigv4_request_t   request;
    const test_example_t  *t;

    for (i = 0; i < sizeof(test_list) / sizeof(test_list[0]); i++) {
        t = &test_list[i];

        request = (cost_sigv4_request_t) {
            cost_string("GET"),
            { strlen(t->path), (const uint8_t *) t->path },
            { strlen(t->query), (const uint8_t *) t->query },
            t->headers, t->nheaders, cost_string(COST_SIGV4_NO_BODY)
        };

        rc = cost_sigv4_sign(&request, &test_scope, TEST_NOW, &test_hash, buf,
                             sizeof(buf), &len);
        is_int(rc, COST_OK, t->name);

        (void) snprintf(expected, sizeof(expected),
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"
                        "20130524/us-east-1/s3/aws4_request,SignedHeaders="
                        "host;%sx-amz-content-sha256;x-amz-date,Signature=%s",
                        t->nheaders == 4 ? "range;" : "", t->signature);

        is_str(buf, len, expected, "... the documented signature");
    }
}


static void
test_session(void)
{
    size_t     len;
    uint8_t    buf[2048];
    cost_rc_e  rc;

    static const cost_sigv4_header_t  headers[] = {
        test_header("host", "example.amazonaws.com"),
        test_header("x-amz-date", "20150830T123600Z"),
        test_header("x-amz-security-token",
                    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HI"
                    "Z8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwt"
                    "hAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKs"
                    "burEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVX"
                    "AkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FD"
                    "rypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==")
    };
    static const cost_sigv4_scope_t  scope = {
        cost_string("AKIDEXAMPLE"),
        cost_string("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        cost_string("us-east-1"),
        cost_string("service")
    };
    static const cost_sigv4_request_t  request = {
        cost_string("POST"), cost_string("/"), cost_string(""), headers, 3,
        cost_string(COST_SIGV4_NO_BODY)
    };

    /* 2015-08-30T12:36:00Z */
    rc = cost_sigv4_sign(&request, &scope, 1440938160, &test_hash, buf,
                         sizeof(buf), &len);
    is_int(rc, COST_OK, "a session's token");
    is_str(buf, len, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"
           "us-east-1/service/aws4_request,SignedHeaders=host;x-amz-date;"
           "x-amz-security-token,Signature=85d96828115b5dc0cfc3bd16ad9e210dd7"
           "72bbebba041836c64533a82be05ead", "... the documented signature");
}


static void
test_canonical(void)
{
    size_t                len;
    uint8_t               buf[512];
    cost_sigv4_request_t  request = {
        cost_string("GET"), cost_string("/"),
        cost_string("max-keys=2&prefix=J"), test_plain, 3,
        cost_string(COST_SIGV4_NO_BODY)
    };

    is_int(cost_sigv4_canonical(&request, buf, sizeof(buf), &len), COST_OK,
           "a canonical request");
    is_str(buf, len, "GET\n/\nmax-keys=2&prefix=J\nhost:" TEST_HOST "\n"
           "x-amz-content-sha256:" COST_SIGV4_NO_BODY "\n"
           "x-amz-date:20130524T000000Z\n\n"
           "host;x-amz-content-sha256;x-amz-date\n" COST_SIGV4_NO_BODY,
           "... as documented");

    is_int(cost_sigv4_canonical(&request, buf, len, &len), COST_OK,
           "a buffer of its size is enough");
    is_int(cost_sigv4_canonical(&request, buf, len - 1, &len), COST_FULL,
           "one byte less is not");
}


static void
test_bounds(void)
{
    size_t                len;
    uint8_t               buf[2048];
    static uint8_t        text[COST_SIGV4_SECRET_MAX + 1];
    cost_sigv4_hash_t     hash;
    cost_sigv4_scope_t    scope;
    cost_sigv4_request_t  request = {
        cost_string("GET"), cost_string("/"), cost_string(""), test_plain, 3,
        cost_string(COST_SIGV4_NO_BODY)
    };

    memset(text, 'x', sizeof(text));

    scope = test_scope;
    scope.secret = (cost_str_t) { COST_SIGV4_SECRET_MAX, text };
    is_int(cost_sigv4_sign(&request, &scope, TEST_NOW, &test_hash, buf,
                           sizeof(buf), &len), COST_OK, "a long secret");

    scope.secret.len++;
    is_int(cost_sigv4_sign(&request, &scope, TEST_NOW, &test_hash, buf,
                           sizeof(buf), &len), COST_RANGE, "one too long");

    scope = test_scope;
    scope.key = (cost_str_t) { COST_SIGV4_KEY_MAX + 1, text };
    is_int(cost_sigv4_sign(&request, &scope, TEST_NOW, &test_hash, buf,
                           sizeof(buf), &len), COST_RANGE, "a key too long");

    scope = test_scope;
    scope.region = (cost_str_t) { COST_SIGV4_REGION_MAX + 1, text };
    is_int(cost_sigv4_sign(&request, &scope, TEST_NOW, &test_hash, buf,
                           sizeof(buf), &len), COST_RANGE,
           "a region too long");

    is_int(cost_sigv4_sign(&request, &test_scope, TEST_NOW, &test_hash, buf,
                           200, &len), COST_FULL, "a small buffer");

    hash = test_hash;
    hash.sha256 = test_broken;
    is_int(cost_sigv4_sign(&request, &test_scope, TEST_NOW, &hash, buf,
                           sizeof(buf), &len), COST_INVALID,
           "a hash that fails");
}


static void
test_encode(void)
{
    size_t                len;
    uint8_t               buf[64];
    static const uint8_t  text[] = "a/B 9-._~+\xc3\xa9";

    len = cost_sigv4_encode(text, sizeof(text) - 1, false, buf);
    is_str(buf, len, "a/B%209-._~%2B%C3%A9", "a path is encoded");

    len = cost_sigv4_encode(text, sizeof(text) - 1, true, buf);
    is_str(buf, len, "a%2FB%209-._~%2B%C3%A9", "with its slashes");
}


static void
test_date(void)
{
    uint8_t  buf[COST_SIGV4_DATE];

    cost_sigv4_date(TEST_NOW, buf);
    is_str(buf, sizeof(buf), "20130524T000000Z", "a date");

    /* 2024-02-29T23:59:58Z */
    cost_sigv4_date(1709251198, buf);
    is_str(buf, sizeof(buf), "20240229T235958Z", "a leap day's last second");
}

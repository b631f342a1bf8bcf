
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_s3list.h"

#include "test.h"


static cost_rc_e test_all(const char *text, cost_s3list_t *list,
    char *keys, size_t size);
static void test_page(void);
static void test_decode(void);
static void test_encoded(void);
static void test_refused(void);
static void test_long(void);
static void test_text(void);


#define TEST_OBJECT(key)                                                      \
    "<Contents><Key>" key "</Key><LastModified>2024-01-02T03:04:05.000Z"      \
    "</LastModified><Size>7</Size></Contents>"


static uint8_t  test_buf[16384];


int
main(void)
{
    test_page();
    test_decode();
    test_encoded();
    test_refused();
    test_long();
    test_text();

    return done_testing();
}


/* the keys of a page, each with a "|" behind */

static cost_rc_e
test_all(const char *text, cost_s3list_t *list, char *keys, size_t size)
{
    size_t                len;
    cost_rc_e             rc;
    cost_s3list_object_t  object;

    len = strlen(text);
    memcpy(test_buf, text, len);
    cost_s3list_init(list, test_buf, len);
    keys[0] = '\0';

    while ((rc = cost_s3list_next(list, &object)) == COST_OK) {
        len = strlen(keys);
        (void) snprintf(keys + len, size - len, "%.*s|",
                        (int) object.key.len, object.key.data);
    }

    return rc;
}


/* as in the reference of ListObjectsV2 */

static void
test_page(void)
{
    char                  keys[256];
    cost_s3list_t         list;
    cost_s3list_object_t  object;

    static const char  page[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "\n  <Name>quotes</Name>\n  <Prefix>E</Prefix><Delimiter/>\n"
        "  <KeyCount>2</KeyCount>\n  <MaxKeys>3</MaxKeys>\n"
        "  <IsTruncated>true</IsTruncated>\n"
        "  <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J==&amp;"
        "</NextContinuationToken>\n"
        "  <Contents>\n    <Key>ExampleObject.txt</Key>\n"
        "    <LastModified>2013-09-17T18:07:53.000Z</LastModified>\n"
        "    <ETag>&quot;599bab3ed2c697f1d26842727561fd94&quot;</ETag>\n"
        "    <Size>857</Size><StorageClass>STANDARD</StorageClass>\n"
        "    <Owner><ID>x</ID><Key>not this</Key></Owner>\n  </Contents>\n"
        "  <!-- <Contents> -->\n"
        "  <Contents a='>' ><Size>0</Size><Key>E2</Key>"
        "<LastModified>2024-02-29T00:00:00Z</LastModified></Contents>\n"
        "  <CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>\n"
        "</ListBucketResult>\n";

    memcpy(test_buf, page, sizeof(page) - 1);
    cost_s3list_init(&list, test_buf, sizeof(page) - 1);

    is_int(cost_s3list_next(&list, &object), COST_OK, "an object");
    is_str(object.key.data, object.key.len, "ExampleObject.txt", "its key");
    is_str(object.etag.data, object.etag.len,
           "\"599bab3ed2c697f1d26842727561fd94\"", "its ETag");
    is_int(object.size, 857, "its size");
    is_int(object.modified, 1379441273, "its time");

    is_int(cost_s3list_next(&list, &object), COST_OK, "another");
    is_str(object.key.data, object.key.len, "E2", "its key");
    is_int(object.size, 0, "its size");
    is_int((intmax_t) object.etag.len, 0, "no ETag");

    is_int(cost_s3list_next(&list, &object), COST_DONE, "the end");
    ok(list.truncated, "there is another page");
    is_str(list.token.data, list.token.len,
           "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J==&", "where it begins");

    is_int(test_all("<ListBucketResult></ListBucketResult>", &list, keys,
                    sizeof(keys)), COST_DONE, "an empty bucket");
    ok(!list.truncated && list.token.len == 0, "has no other page");

    is_int(test_all("<ListBucketResult>" TEST_OBJECT("a") TEST_OBJECT("b")
                    "<IsTruncated>false</IsTruncated></ListBucketResult>",
                    &list, keys, sizeof(keys)), COST_DONE, "two objects");
    is_str(keys, strlen(keys), "a|b|", "... before anything else");
}


static void
test_decode(void)
{
    char           keys[256];
    cost_s3list_t  list;

    is_int(test_all("<ListBucketResult>"
                    TEST_OBJECT("&lt;a&gt;&amp;&quot;&apos;")
                    TEST_OBJECT("&#233;&#xe9;&#x20AC;&#x1F600;x")
                    "</ListBucketResult>", &list, keys, sizeof(keys)),
           COST_DONE, "entities");
    is_str(keys, strlen(keys), "<a>&\"'|\xc3\xa9\xc3\xa9\xe2\x82\xac"
           "\xf0\x9f\x98\x80x|", "are decoded");

    is_int(test_all("<ListBucketResult>" TEST_OBJECT("&amp;lt;")
                    "</ListBucketResult>", &list, keys, sizeof(keys)),
           COST_DONE, "once");
    is_str(keys, strlen(keys), "&lt;|", "only");
}


/*
 * With "encoding-type=url": "(3)" as in the reference of ListObjectsV2, a
 * space and a plus as in a form.
 */

static void
test_encoded(void)
{
    char           keys[256], text[512];
    size_t         i;
    cost_s3list_t  list;

    static const char *const  bad[] = {
        "a%", "a%4", "a%4g", "a%g4", "a%00b", "a%ff", "a%c3", "a%ed%a0%80",
        "%0", "a%%41"
    };

    is_int(test_all("<ListBucketResult>"
                    TEST_OBJECT("test_file%283%29.png")
                    TEST_OBJECT("a+b%2Bc%0a%01%7F/%C3%a9%25&amp;.csv")
                    "<EncodingType>url</EncodingType></ListBucketResult>",
                    &list, keys, sizeof(keys)), COST_DONE, "encoded keys");
    is_str(keys, strlen(keys),
           "test_file(3).png|a b+c\n\x01\x7f/\xc3\xa9%&.csv|",
           "are decoded");
    ok(list.encoded, "as the page says");

    is_int(test_all("<ListBucketResult><EncodingType>url</EncodingType>"
                    TEST_OBJECT("%2541") "</ListBucketResult>", &list, keys,
                    sizeof(keys)), COST_DONE, "once");
    is_str(keys, strlen(keys), "%41|", "only");

    is_int(test_all("<ListBucketResult>" TEST_OBJECT("a+b%41")
                    "</ListBucketResult>", &list, keys, sizeof(keys)),
           COST_DONE, "a server that does not encode");
    is_str(keys, strlen(keys), "a+b%41|", "has keys as they are");

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void) snprintf(text, sizeof(text), "<ListBucketResult><EncodingType>"
                        "url</EncodingType><Contents><Key>%s</Key><Size>1"
                        "</Size><LastModified>2024-01-01T00:00:00Z"
                        "</LastModified></Contents></ListBucketResult>",
                        bad[i]);

        is_int(test_all(text, &list, keys, sizeof(keys)), COST_INVALID,
               "refused");
    }
}


static void
test_refused(void)
{
    char           keys[256];
    size_t         i;
    cost_s3list_t  list;

    static const char *const  bad[] = {
        "",
        "x",
        "{}",
        "<Error><Code>AccessDenied</Code></Error>",
        "<html><body>no</body></html>",
        "<ListBucketResult>",
        "<ListBucketResult><Contents>",
        "<ListBucketResult></ListBucketResul>",
        "<ListBucketResult></ListBucketResult>x",
        "<ListBucketResult></ListBucketResult><ListBucketResult>"
        "</ListBucketResult>",
        "</ListBucketResult>",
        "<!DOCTYPE x><ListBucketResult></ListBucketResult>",
        "<!-- <ListBucketResult></ListBucketResult>",
        "<?xml <ListBucketResult></ListBucketResult>",
        "<ListBucketResult><IsTruncated>yes</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents></Contents></ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&x;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&amp") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&#0;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&#xd800;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&#x110000;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&#;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a&#x;") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a\tb") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("a\xff") "</ListBucketResult>",
        "<ListBucketResult>" TEST_OBJECT("<![CDATA[a]]>")
        "</ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>7</Size></Contents>"
        "</ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-7</Size></Contents>"
        "</ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>1234567890123456"
        "</Size></Contents></ListBucketResult>",
        "<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ok(test_all(bad[i], &list, keys, sizeof(keys)) == COST_INVALID
           || test_all(bad[i], &list, keys, sizeof(keys)) == COST_RANGE,
           "refused: %.60s", bad[i]);
    }

    is_int(test_all("<ListBucketResult><b><c><d><e><f><g><h><i></i></h></g>"
                    "</f></e></d></c></b></ListBucketResult>", &list, keys,
                    sizeof(keys)), COST_RANGE, "nine elements deep");
}


static void
test_long(void)
{
    char           text[4096], keys[2048], key[COST_S3LIST_KEY_MAX + 2];
    cost_s3list_t  list;

    memset(key, 'k', COST_S3LIST_KEY_MAX);
    key[COST_S3LIST_KEY_MAX] = '\0';

    (void) snprintf(text, sizeof(text), "<ListBucketResult><Contents><Key>%s"
                    "</Key><Size>1</Size><LastModified>2024-01-01T00:00:00Z"
                    "</LastModified></Contents></ListBucketResult>", key);
    is_int(test_all(text, &list, keys, sizeof(keys)), COST_DONE,
           "the longest key");

    memcpy(key + COST_S3LIST_KEY_MAX, "k", 2);

    (void) snprintf(text, sizeof(text), "<ListBucketResult><Contents><Key>%s"
                    "</Key></Contents></ListBucketResult>", key);
    is_int(test_all(text, &list, keys, sizeof(keys)), COST_RANGE,
           "one byte more");
}


static void
test_text(void)
{
    cost_str_t  text;

    static const char  error[] =
        "<?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code>"
        "<Message>a\x01</Message><Other>x";

    text = cost_s3list_text((const uint8_t *) error, sizeof(error) - 1,
                            "Code");
    is_str(text.data, text.len, "SignatureDoesNotMatch", "an error's code");

    text = cost_s3list_text((const uint8_t *) error, sizeof(error) - 1,
                            "Message");
    is_int((intmax_t) text.len, 0, "nothing with control characters");

    text = cost_s3list_text((const uint8_t *) error, sizeof(error) - 1,
                            "Other");
    is_int((intmax_t) text.len, 0, "nothing that is cut off");

    text = cost_s3list_text((const uint8_t *) error, sizeof(error) - 1,
                            "None");
    is_int((intmax_t) text.len, 0, "nothing that is not there");
}

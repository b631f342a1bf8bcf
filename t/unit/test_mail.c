
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_mail.h"

#include "test.h"


static void test_addresses(void);
static void test_message(void);
static void test_subjects(void);
static void test_bodies(void);
static void test_sizes(void);
static const char *test_part(const char *subject, const char *text,
    const char *name, size_t *len);


typedef struct {
    const char  *text;
    int          good;
} test_address_t;

typedef struct {
    const char  *text;
    const char  *written;
} test_text_t;


static char  test_buf[16384];


static const test_address_t  test_address[] = {
    { "team@company.com", 1 },
    { "a@b", 1 },
    { "first.last+tag@sub.example-1.org", 1 },
    { "!#$%&'*+-/=?^_`{|}~@example.org", 1 },
    { "a@1.2.3.4", 1 },
    { "", 0 },
    { "a", 0 },
    { "@b", 0 },
    { "a@", 0 },
    { "a@b@c", 0 },
    { ".a@b", 0 },
    { "a.@b", 0 },
    { "a..b@c", 0 },
    { "a@.b", 0 },
    { "a@b.", 0 },
    { "a@b..c", 0 },
    { "a@-b", 0 },
    { "a@b-", 0 },
    { "a@b-.c", 0 },
    { "a@b.-c", 0 },
    { "a b@c", 0 },
    { "\"a\"@c", 0 },
    { "a@[127.0.0.1]", 0 },
    { "<a@b>", 0 },
    { "a@b>", 0 },
    { "a@b\r\nBcc: x@y", 0 },
    { "a\n@b", 0 },
    { "A <a@b>", 0 },
    { "a,b@c", 0 },
    { "a@b_c", 0 },
    { "\xc3\xa9@example.org", 0 },
    { "a@\xc3\xa9.org", 0 }
};

/* the encoded words were made with Python's base64 */

static const test_text_t  test_subject[] = {
    { "Daily cost of $611.22", "Daily cost of $611.22\r\n" },
    { "", "\r\n" },
    { "Zürich", "=?UTF-8?B?WsO8cmljaA==?=\r\n" },
    { "a\r\nBcc: x@y.z", "=?UTF-8?B?YSAgQmNjOiB4QHkueg==?=\r\n" },
    { "=?UTF-8?B?YQ==?=", "=?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=\r\n" },
    { "\xff", "=?UTF-8?B?Pw==?=\r\n" },

    /* 67 characters fit the line, 68 do not */

    { "0123456789012345678901234567890123456789012345678901234567890123456",
      "0123456789012345678901234567890123456789012345678901234567890123456"
      "\r\n" },
    { "01234567890123456789012345678901234567890123456789012345678901234567",
      "=?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4?=\r\n"
      " =?UTF-8?B?OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc=?=\r\n" },

    /* 38 bytes, and a character of two that would be parted */

    { "01234567890123456789012345678901234567ü",
      "=?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc=?=\r\n"
      " =?UTF-8?B?w7w=?=\r\n" }
};

static const test_text_t  test_body[] = {
    { "", ".\r\n" },
    { "one\ntwo\r\nthree", "one\r\ntwo\r\nthree\r\n.\r\n" },
    { "\n\n", "\r\n\r\n.\r\n" },
    { ".", "..\r\n.\r\n" },
    { ".\n..\n.a\n", "..\r\n...\r\n..a\r\n.\r\n" },
    { "a=b", "a=3Db\r\n.\r\n" },
    { "Zürich\t", "Z=C3=BCrich=09\r\n.\r\n" },
    { "a \nb ", "a=20\r\nb=20\r\n.\r\n" },
    { "a\rb", "a=0Db\r\n.\r\n" },
    { "\xff", "?\r\n.\r\n" },

    /* 75 in a line and the sign that it goes on, then a dot that is first */

    { "012345678901234567890123456789012345678901234567890123456789012345678"
      "901234.b",
      "012345678901234567890123456789012345678901234567890123456789012345678"
      "901234=\r\n..b\r\n.\r\n" },
    { "012345678901234567890123456789012345678901234567890123456789012345678"
      "90123=",
      "012345678901234567890123456789012345678901234567890123456789012345678"
      "90123=\r\n=3D\r\n.\r\n" }
};


int
main(void)
{
    test_addresses();
    test_message();
    test_subjects();
    test_bodies();
    test_sizes();

    return done_testing();
}


static void
test_addresses(void)
{
    char    text[300];
    size_t  i;

    for (i = 0; i < sizeof(test_address) / sizeof(test_address[0]); i++) {
        ok(cost_mail_address((const uint8_t *) test_address[i].text,
                             strlen(test_address[i].text))
           == test_address[i].good, "address %zu", i);
    }

    memset(text, 'a', sizeof(text));
    text[64] = '@';
    is_int(cost_mail_address((uint8_t *) text, 128), 1, "64 before the @");
    is_int(cost_mail_address((uint8_t *) text, 129), 0, "a label of 64");

    text[64] = 'a';
    text[65] = '@';
    is_int(cost_mail_address((uint8_t *) text, 70), 0, "65 before the @");

    text[65] = 'a';
    text[1] = '@';
    for (i = 10; i < sizeof(text); i += 10) {
        text[i] = '.';
    }

    is_int(cost_mail_address((uint8_t *) text, 254), 1, "254 in all");
    is_int(cost_mail_address((uint8_t *) text, 255), 0, "255 in all");
    is_int(cost_mail_address((const uint8_t *) "a\0@b", 4), 0, "a zero byte");
}


static const char *
test_part(const char *subject, const char *text, const char *name,
    size_t *len)
{
    char         *p, *q;
    cost_mail_t   mail;

    mail.from = (cost_str_t) cost_string("cost@example.org");
    mail.to = (cost_str_t) cost_string("team@company.com");
    mail.id = (cost_str_t) cost_string("0f8fad5b-d9cb");
    mail.subject.data = (const uint8_t *) subject;
    mail.subject.len = strlen(subject);
    mail.text.data = (const uint8_t *) text;
    mail.text.len = strlen(text);
    mail.date = 784111777;

    *len = cost_mail_write(&mail, (uint8_t *) test_buf, sizeof(test_buf) - 1);
    test_buf[*len] = '\0';

    p = strstr(test_buf, name);
    p += strlen(name);
    q = strcmp(name, "Subject: ") == 0 ? strstr(p, "Date: ")
                                       : test_buf + *len;
    *len = (size_t) (q - p);

    return p;
}


static void
test_message(void)
{
    size_t       len;
    const char  *p;

    p = test_part("Hello", "Over 500.\n", "", &len);

    is_str(p, len,
           "From: cost@example.org\r\n"
           "To: team@company.com\r\n"
           "Subject: Hello\r\n"
           "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"
           "Message-ID: <0f8fad5b-d9cb@example.org>\r\n"
           "Auto-Submitted: auto-generated\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n"
           "\r\n"
           "Over 500.\r\n"
           ".\r\n", "a message");
}


static void
test_subjects(void)
{
    size_t       i, len;
    const char  *p;

    for (i = 0; i < sizeof(test_subject) / sizeof(test_subject[0]); i++) {
        p = test_part(test_subject[i].text, "", "Subject: ", &len);
        is_str(p, len, test_subject[i].written, "a subject");
    }
}


static void
test_bodies(void)
{
    size_t       i, len;
    const char  *p;

    for (i = 0; i < sizeof(test_body) / sizeof(test_body[0]); i++) {
        p = test_part("x", test_body[i].text, "\r\n\r\n", &len);
        is_str(p, len, test_body[i].written, "a body");
    }
}


/* whatever the room, the length is said, and nothing is written beyond it */

static void
test_sizes(void)
{
    size_t       i, whole, bad;
    char        *text;
    cost_mail_t  mail;

    memset(&mail, 0, sizeof(mail));
    mail.subject = (cost_str_t) cost_string("Zürich, and more than fits");
    mail.text = (cost_str_t) cost_string(".\nZürich\n");

    whole = cost_mail_write(&mail, NULL, 0);
    bad = 0;

    for (i = 0; i <= whole; i++) {
        text = malloc(i + 1);
        bad += cost_mail_write(&mail, (uint8_t *) text, i) != whole;
        free(text);
    }

    is_int((intmax_t) bad, 0, "every size says the same length");
    ok(whole > 200, "which is that of the message");
}

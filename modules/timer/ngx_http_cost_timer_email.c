
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * The channel of email: the event in words, to an address.
 */


#include "timer/ngx_http_cost_timer_deliver.h"
#include "timer/ngx_http_cost_timer_smtp.h"


static void ngx_http_cost_timer_email_start(ngx_http_cost_timer_delivery_t *d);
static cost_retry_verdict_e ngx_http_cost_timer_email_verdict(
    ngx_http_cost_timer_delivery_t *d);


const ngx_http_cost_timer_channel_t  ngx_http_cost_timer_email_channel = {
    ngx_string("email"),
    offsetof(ngx_http_cost_timer_main_conf_t, email),
    "the server sends no email: it has no location with cost_smtp",
    ngx_http_cost_timer_email_start,
    ngx_http_cost_timer_email_verdict
};


static void
ngx_http_cost_timer_email_start(ngx_http_cost_timer_delivery_t *d)
{
    size_t                       size;
    cost_mail_t                  mail;
    ngx_http_cost_timer_smtp_t  *smtp;

    smtp = d->deliver->tmcf->smtp;

    if (!cost_mail_address(d->url.data, d->url.len)) {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_DEAD,
                                         "this is no address of email");
        return;
    }

    d->target.url = d->url;
    ngx_str_set(&d->target.host, "email");

    mail.from.len = smtp->from.len;
    mail.from.data = smtp->from.data;
    mail.to.len = d->url.len;
    mail.to.data = d->url.data;
    mail.subject.len = d->title.len;
    mail.subject.data = d->title.data;
    mail.text.len = d->text.len;
    mail.text.data = d->text.data;
    mail.id.len = d->target.id.len;
    mail.id.data = d->target.id.data;
    mail.date = ngx_time();

    size = cost_mail_write(&mail, NULL, 0);

    d->body.data = ngx_pnalloc(d->pool, size);

    if (d->body.data == NULL) {
        ngx_http_cost_timer_delivery_end(d, COST_RETRY_AGAIN,
                                         "the server is out of memory");
        return;
    }

    d->body.len = cost_mail_write(&mail, d->body.data, size);

    ngx_http_cost_timer_delivery_send(d);
}


static cost_retry_verdict_e
ngx_http_cost_timer_email_verdict(ngx_http_cost_timer_delivery_t *d)
{
    if (d->target.final) {
        return COST_RETRY_DEAD;
    }

    return d->status / 100 == 2 ? COST_RETRY_DELIVERED : COST_RETRY_AGAIN;
}

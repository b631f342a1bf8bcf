#!/usr/bin/env perl

# cost_errors: errors that nginx itself makes are JSON in the wording of
# their location, and nothing else is touched.

use strict;
use warnings;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::HTTP;
use Cost::Nginx;

my $nginx = Cost::Nginx->new(
    http => <<'END',
    client_header_buffer_size 512;
    large_client_header_buffers 2 1k;
    client_max_body_size 1k;
    gzip_types application/json;
    gzip_min_length 1;
    limit_req_zone $uri zone=one:1m rate=1r/m;

    server {
        listen 127.0.0.1:%%PORT_up%%;
        return 404 "upstream's own";
    }

    server {
        listen 127.0.0.1:%%PORT_html%%;
        default_type text/html;
        return 404 "<p>upstream's own";
    }

    # nothing is chosen before the request line is whole
    server {
        listen 127.0.0.1:%%PORT_plain%%;
        location / { cost_errors auto; return 404; }
    }
END
    server => <<'END',
        cost_errors auto;
        root %%DIR%%;

        location / { }

        location /cloudk { cost_errors cloudk; return 429; }
        location /costoptix { cost_errors costoptix; return 429; }
        location /ccf { cost_errors cloudcostflow; return 401; }
        location /infraaudit { cost_errors infraaudit; return 404; }
        location /cicosts { cost_errors cicosts; return 403; }
        location /off { cost_errors off; return 404; }

        location /status/400 { return 400; }
        location /status/402 { return 402; }
        location /status/408 { return 408; }
        location /status/409 { return 409; }
        location /status/418 { return 418; }
        location /status/422 { return 422; }
        location /status/500 { return 500; }
        location /status/503 { return 503; }
        location /status/507 { return 507; }
        location /status/511 { return 511; }

        location /text { return 404 "the operator's own"; }
        location /moved { return 301 /there; }
        location /up { proxy_pass http://127.0.0.1:%%PORT_up%%; }
        location /down { proxy_pass http://127.0.0.1:%%PORT_closed%%; }
        location /intercept {
            proxy_pass http://127.0.0.1:%%PORT_up%%;
            proxy_intercept_errors on;
            error_page 404 /none.html;
        }
        location /deny { deny all; }
        location /limited { limit_req zone=one; limit_req_status 429; }

        location /page/ { error_page 404 /404.txt; }
        location /page-html/ { error_page 404 /404.html; }
        location /page-missing/ { error_page 404 /none.html; }
        location /page-named/ { error_page 404 @up; }
        location /page-named-html/ { error_page 404 @html; }
        location = /page-again { cost_health; error_page 405 @again; }
        location /page-down { error_page 403 =410 @down; return 403; }
        location /page-ok { error_page 403 =200 /404.txt; return 403; }
        location @up { proxy_pass http://127.0.0.1:%%PORT_up%%; }
        location @html { proxy_pass http://127.0.0.1:%%PORT_html%%; }
        location @again { return 405; }
        location @down { proxy_pass http://127.0.0.1:%%PORT_closed%%; }

        location /gzip { gzip on; return 404; }

        location /ssi { ssi on; ssi_types *; default_type text/html;
                        cost_errors auto; alias %%DIR%%/ssi.html; }

        location /auth { auth_request /cloudk; }
END
);

sub file {
    my ($name, $text) = @_;

    open my $fh, '>', $nginx->dir . "/$name" or die $!;
    print $fh $text;
    close $fh;
}

file('404.txt', "a page\n");
file('404.html', "<p>a page\n");
file('a.txt', "hello\n");
file('ssi.html', '[<!--#include virtual="/infraaudit" -->]');

$nginx->start;

my $http = $nginx->http;


# a response that is an error in JSON

sub error_is {
    my ($r, $status, $body, $name) = @_;

    my $expected = ref $body ? $body : { error => $body };

    is $r->{status}, $status, "$name: $status";
    is $r->header('Content-Type'), 'application/json', "$name: type";
    is_deeply $r->json, $expected, "$name: body";
    is $r->header('X-API-Version'), 'v1', "$name: version";
}


# the five wordings

error_is $http->get('/cloudk'), 429, 'Rate limit exceeded', 'CloudK';

error_is $http->get('/costoptix'), 429,
    { success => JSON::PP::false,
      error => 'Daily API call limit reached. Upgrade your plan for higher '
               . 'limits.' }, 'Cost Optix';

error_is $http->get('/ccf'), 401, { detail => 'Not authenticated' },
    'CloudCostFlow';

error_is $http->get('/infraaudit'), 404,
    { error => 'Not found', code => 'NOT_FOUND' }, 'InfraAudit';

is $http->get('/cicosts')->{body},
    '{"error":{"code":"forbidden",'
    . '"message":"Your key lacks the required permission"}}', 'CICosts';

my $r = $http->get('/off');

is $r->header('Content-Type'), 'text/html', 'off: nginx\'s own page';
is $r->header('X-API-Version'), undef, 'off: no version';


# whatever nginx refuses, also where it has no page for the status

error_is $http->get('/none'), 404, 'Resource not found', 'no such file';
error_is $http->get('/status/400'), 400, 'Missing or invalid parameter', '400';
error_is $http->get('/status/402'), 402, 'Bad request', '402';
error_is $http->get('/status/409'), 409, 'Conflict', '409';
error_is $http->get('/status/418'), 418, 'Bad request', '418';
error_is $http->get('/status/422'), 422, 'Bad request', '422';
error_is $http->get('/status/500'), 500, 'Internal server error', '500';
error_is $http->get('/status/503'), 503, 'Service temporarily unavailable',
    '503';
error_is $http->get('/status/507'), 507, 'Insufficient storage', '507';
error_is $http->get('/status/511'), 511, 'Internal server error', '511';
error_is $http->get('/deny'), 403, 'Your key lacks the required permission',
    'deny';

$http->get('/limited');
error_is $http->get('/limited'), 429, 'Rate limit exceeded', 'limit_req';

$r = $http->post('/a.txt', 'x');
error_is $r, 405, 'Method not allowed', 'POST to a file';
is $r->header('Allow'), 'GET, HEAD, POST, PUT, PATCH, DELETE', 'Allow';

error_is $http->post('/a.txt', 'x' x 1025), 413, 'Request body too large',
    'body';
error_is $http->raw("POST /a.txt HTTP/1.1\r\nHost: x\r\n"
                    . "Transfer-Encoding: chunked\r\n\r\n800\r\n"
                    . 'x' x 0x800 . "\r\n0\r\n\r\n"), 405,
    'Method not allowed', 'chunked body';

error_is $http->get('/a.txt', Range => 'bytes=100-'), 416,
    'Range not satisfiable', 'range';
error_is $http->get('/a.txt', 'If-Match' => '"x"'), 412,
    'Precondition failed', 'If-Match';


# before there is a location

error_is $http->raw("GARBAGE\r\n\r\n"), 400, 'Missing or invalid parameter',
    'request line';
error_is $http->raw("GET / HTTP/1.1\r\n\r\n"), 400,
    'Missing or invalid parameter', 'no Host';
error_is $http->raw("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), 400,
    'Missing or invalid parameter', 'two Hosts';
error_is $http->raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"),
    400, 'Missing or invalid parameter', 'Content-Length';
error_is $http->raw("GET / HTTP/3.1\r\nHost: x\r\n\r\n"), 505,
    'HTTP version not supported', 'HTTP/3.1';
error_is $http->raw("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"), 400,
    'Missing or invalid parameter', 'a NUL';
error_is $http->get('/../..'), 400, 'Missing or invalid parameter', 'above /';
error_is $http->get('/' . 'a' x 2000), 414, 'Request URI too long', 'URI';
error_is $http->get('/', X => 'a' x 2000), 400,
    'Request header or cookie too large', 'header';

# a body does not make a bad request one with too large a header
error_is $http->request('POST', '/status/400', 'Content-Length' => 500,
                        '' => 'x' x 500), 400,
    'Missing or invalid parameter', '400 with a body';

$r = $http->raw("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
error_is $r, 405, 'Method not allowed', 'TRACE';
ok $r->header('Allow'), 'TRACE: Allow';

$r = Cost::HTTP->new($nginx->port('plain'))->raw("GARBAGE\r\n\r\n");
is $r->header('Content-Type'), 'text/html', 'a server without cost_errors';


# what is not nginx's own

for (
    [ '/text', 404, "the operator's own" ],
    [ '/up', 404, "upstream's own" ],
    [ '/page/x', 404, "a page\n" ],
    [ '/page-html/x', 404, "<p>a page\n" ],
    [ '/page-named/x', 404, "upstream's own" ],
    [ '/page-named-html/x', 404, "<p>upstream's own" ],
    [ '/page-ok', 200, "a page\n" ],
) {
    my ($path, $status, $body) = @$_;

    $r = $http->get($path);
    is $r->{status}, $status, "$path: $status";
    is $r->{body}, $body, "$path: body";
    is $r->header('X-API-Version'), 'v1', "$path: version";
}

is $http->get('/moved')->{status}, 301, 'a redirect stays one';

error_is $http->get('/down'), 502, 'Bad gateway', 'no upstream';
error_is $http->get('/intercept'), 404, 'Resource not found',
    'an intercepted error';
error_is $http->get('/page-missing/x'), 404, 'Resource not found',
    'no error page';
error_is $http->get('/page-down'), 502, 'Bad gateway', 'error_page to nowhere';

# what was said of the error is known behind a redirect, too

$r = $http->raw("DELETE /page-again HTTP/1.1\r\nHost: x\r\n\r\n");
error_is $r, 405, 'Method not allowed', 'error_page to the same error';
is $r->header('Allow'), 'GET, HEAD', 'error_page: Allow';

$r = $http->get('/ssi');
is $r->{status}, 200, 'subrequest: status';
is $r->{body}, '[{"error":"Not found","code":"NOT_FOUND"}]',
    'subrequest: its error in place';

error_is $http->get('/auth'), 500, 'Internal server error', 'auth_request';


# how it is sent

$r = $http->head('/none');
is $r->{status}, 404, 'HEAD: status';
is $r->header('Content-Length'), length '{"error":"Resource not found"}',
    'HEAD: length';
is $r->{body}, '', 'HEAD: no body';

$r = $http->raw("GET /none HTTP/1.0\r\n\r\n");
is $r->{body}, '{"error":"Resource not found"}', 'HTTP/1.0';

$r = $http->get('/gzip', 'Accept-Encoding' => 'gzip');
is $r->header('Content-Encoding'), 'gzip', 'gzip: encoding';
is $r->header('Content-Length'), undef, 'gzip: no length';
is substr($r->{body}, 0, 2), "\x1f\x8b", 'gzip: body';

my $kept = $nginx->http(keepalive => 1);

for my $i (1 .. 3) {
    is $kept->get('/none')->{body}, '{"error":"Resource not found"}',
        "keepalive: $i";
    is $kept->post('/a.txt', 'x' x 900)->{status}, 405, "keepalive: POST $i";
}

$kept->send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n" x 2);
is $kept->receive('GET')->{status}, 404, 'pipelined: first';
is $kept->receive('GET')->{body}, '{"error":"Resource not found"}',
    'pipelined: second';
$kept->close;


# the directive

my $wrong = Cost::Nginx->new(server => 'cost_errors json;');
my ($accepted, $output) = $wrong->test_conf;

ok !$accepted, 'an unknown wording is refused';
like $output, qr/invalid value "json" in .*nginx\.conf/, 'and named';

$nginx->stop;

done_testing;

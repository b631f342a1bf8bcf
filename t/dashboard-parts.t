#!/usr/bin/env perl

# conf/dashboard: how nginx serves its files, and in a real browser the modules
# that compute.  What people see of it is in dashboard.t.

use strict;
use warnings;
use utf8;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Browser;
use Cost::HTTP;
use Cost::Nginx;

plan skip_all => 'chromium is not installed' if !Cost::Browser::have();

binmode Test::More->builder->$_, ':encoding(UTF-8)'
    for qw(output failure_output);

my $nginx = Cost::Nginx->new(server => <<'END');
    cost_errors auto;

    location /dashboard/ {
        alias %%DIR%%/dashboard/;
        include %%ROOT%%/conf/cost_dashboard.conf;
    }
END

# the workers may not be allowed where this checkout is
system('cp', '-r', "$Cost::Nginx::root/conf/dashboard", $nginx->dir);
system('chmod', '-R', 'a+rX', $nginx->dir . '/dashboard');

$nginx->start;


# how it is served

my $http = Cost::HTTP->new($nginx->port);
my $r = $http->get('/dashboard/');

is $r->{status}, 200, 'the page';
is $r->header('Content-Type'), 'text/html; charset=utf-8', 'its type';
is $r->header('Cache-Control'), 'no-cache', 'it is asked for anew';
is $r->header('Content-Security-Policy'),
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    . "img-src 'self'; connect-src 'self'; base-uri 'none'; "
    . "form-action 'none'; frame-ancestors 'none'; "
    . "require-trusted-types-for 'script'; trusted-types 'none'",
    'it may load and ask nothing but its server';
is $r->header('X-Content-Type-Options'), 'nosniff', 'nosniff';
is $r->header('Referrer-Policy'), 'no-referrer', 'no-referrer';
is $r->header('X-Frame-Options'), 'DENY', 'no frames';
is $http->get('/dashboard/', 'If-None-Match' => $r->header('ETag'))->{status},
    304, 'what is unchanged is not sent again';
is $http->get('/dashboard/js/main.js')->header('Content-Type'),
    'text/javascript; charset=utf-8', 'the type of a module';
is $http->get('/dashboard/style.css')->header('Content-Type'),
    'text/css; charset=utf-8', 'the type of the style';
is $http->get('/dashboard/none')->{status}, 404, 'what is not there';
is $http->get('/dashboard/none')->header('X-Content-Type-Options'), 'nosniff',
    'has the headers, too';
is $http->post('/dashboard/', 'x')->{status}, 405, 'nothing can be posted';


# the parts that compute

my $browser = Cost::Browser->new;

$browser->open('http://127.0.0.1:' . $nginx->port . '/dashboard/');

sub module {
    my ($name, $expression) = @_;

    return $browser->async("const m = await import('/dashboard/js/$name.js');
                            return $expression;");
}

is_deeply module(scale => 'm.ticks(0, 3050, 4)'), [ 0, 1000, 2000, 3000, 4000 ],
    'ticks';
is_deeply module(scale => 'm.ticks(-120, 900, 4)'),
    [ -500, 0, 500, 1000 ], 'ticks: below 0';
is_deeply module(scale => 'm.ticks(0.02, 0.3, 3)'), [ 0, 0.1, 0.2, 0.3 ],
    'ticks: round ones';
is_deeply module(scale => 'm.ticks(0, 0, 4)'), [ 0, 1 ], 'ticks: of nothing';
is module(scale => 'm.linear([0, 10], [100, 0])(2.5)'), 75, 'linear';
is module(scale => 'm.line([[0, 1], [2.04, 3.06]])'), 'M0 1L2 3.1', 'line';
is module(scale => 'm.area([[0, 1], [2, 3]], [[0, 0], [2, 0]])'),
    'M0 1L2 3L2 0L0 0Z', 'area';
is_deeply module(scale => 'm.largest([{ breakdown: { a: 1, b: 5, c: 2, d: 3 } },
    { breakdown: { a: 1 } }], 2)'), { names => [ 'b', 'd' ], rest => [ 'a', 'c' ] },
    'largest';
is_deeply module(scale => 'm.largest([{ breakdown: { a: 1, b: 5, c: 2 } }], 2)'),
    { names => [ 'b', 'c', 'a' ], rest => [] },
    'largest: one alone is not the rest';
is_deeply module(scale => 'm.stack({ a: 3, b: -1, c: 2 }, ["a", "b"], ["c"])'),
    [ { name => 'a', from => 0, to => 3 }, { name => 'b', from => 0, to => -1 },
      { name => undef, from => 3, to => 5 } ], 'stack';
is_deeply module(scale => 'm.stack(JSON.parse(\'{"__proto__": 2}\'),
                                   ["__proto__"], [])'),
    [ { name => '__proto__', from => 0, to => 2 } ], 'stack: any name';

is module(format => 'm.money(1234.5, "EUR")'), '€1,234.50', 'money';
is module(format => 'm.money(100.5, "JPY")'), '¥100.50', 'money: as it is';
is module(format => 'm.money(5, "bad code")'), '5.00 bad code',
    'money: no currency';
is module(format => 'm.exact(0.078, "USD")'), '$0.078', 'exact';
is module(format => 'm.brief(1500, "USD")'), '$1.5K', 'brief';
is module(format => 'm.change(1.6)'), '+1.6%', 'change';
is module(format => 'm.day("2026-11-21")'), 'Nov 21, 2026', 'day';
is module(format => 'm.month("2026-11-01")'), 'November 2026', 'month';
is module(format => '[59.2, 95, 7290].map(m.wait)')->[$_],
    [ '1 min 0 s', '1 min 35 s', '2 h 1 min' ]->[$_], "wait $_" for 0 .. 2;

is module(api => 'm.sentence({ error: "a" })'), 'a', 'wording: CloudK';
is module(api => 'm.sentence({ detail: "b" })'), 'b', 'CloudCostFlow';
is module(api => 'm.sentence({ error: { code: "x", message: "c" } })'), 'c',
    'CICosts';
is module(api => 'm.sentence("<html>")'), undef, 'no wording at all';
is module(api => 'm.needs("PATCH", "/api/v1/keys/1")'), 'admin', 'needs admin';
is module(api => 'm.needs("POST", "/v1/alerts")'), 'write', 'needs write';
is_deeply module(router => 'Object.entries(m.parse("#/webhook/a%2Fb?x=1"))
    .slice(0, 2)'), [ [ 'name', 'webhook' ], [ 'id', 'a/b' ] ], 'parse';
is module(router => 'm.parse("#/%E0%A4%A").name'), '%E0%A4%A',
    'parse: what cannot be decoded';
is module(router => 'm.href("costs", null, { account: "a b", days: "" })'),
    '#/costs?account=a+b', 'href';

undef $browser;
$nginx->stop;
done_testing;

use strict;
use warnings;

# What nginx -t refuses, and why.

use lib 't/lib';

use Test::More;

use Cost::Database;
use Cost::Nginx;

my $db = Cost::Database->new;

my $base = 'cost_database "%%DATABASE%%"; api_key_zone keys:1m;';
my $plan = 'api_key_plan p prefix=p_ errors=cloudk';
my $ok = "$plan unlimited;";


my @good = (
    [ "$plan limit=1/minute;" ],
    [ "$plan limit=60/minute limit=1000/hour:sliding limit=1000/day"
      . ' limit=5000/7d scope=key;' ],
    [ "$plan limit=10/second limit=10/90s:sliding scope=organization;" ],
    [ "$plan " . join(' ', map { "limit=$_/${_}s" } 1 .. 8) . ';' ],
    [ "$plan limit=100/minute:sliding limit=50/hour;" ],
    [ "$plan limit=100/60s limit=50/90s;" ],
    [ "$plan limit=100/hour:sliding limit=50/hour;" ],
    [ "$plan limit=100/minute limit=100/hour:sliding;" ],
    [ "$ok api_key_plan q prefix=p_ errors=cloudk limit=1/day;" ],
    [ "$ok api_key_trust 500ms; api_key_stale 0;" ],
    [ "$ok api_key_zone more:256k lookups=10;" ],
    [ $ok, 'location / { api_key zone=keys; api_key_permission admin;
            api_key_dry_run on; api_key_log_level warn; }' ],
    [ '', 'location / { api_key off; }' ],
);

for my $good (@good) {
    my ($http, $server) = @$good;
    my ($passed, $output) = check("$base $http", $server);

    ok($passed, "accepted: $http" . ($server // '')) or diag $output;
}


my $key = 'location / { api_key zone=keys; }';

my @bad = (
    [ 'api_key_zone;', qr/invalid number of arguments/ ],
    [ 'api_key_zone keys;', qr/invalid zone "keys", expected name:size/ ],
    [ 'api_key_zone :1m;', qr/invalid zone ":1m", expected name:size/ ],
    [ 'api_key_zone x:1q;', qr/invalid zone size "x:1q"/ ],
    [ 'api_key_zone x:8k;', qr/zone "x:8k" is too small, the minimum is/ ],
    [ 'api_key_zone keys:1m;', qr/zone "keys" is defined twice/ ],
    [ 'api_key_zone x:1m lookups=0;', qr/"lookups=0" must be 1 to 1000000/ ],
    [ 'api_key_zone x:1m colour=red;', qr/invalid parameter "colour=red"/ ],
    [ 'limit_req_zone $uri zone=keys:1m rate=1r/s;', qr/already declared/ ],

    [ $plan . ';', qr/needs either "limit=" or "unlimited"/ ],
    [ "$plan unlimited limit=1/day;",
      qr/needs either "limit=" or "unlimited"/ ],
    [ 'api_key_plan p errors=cloudk unlimited;', qr/needs a "prefix="/ ],
    [ 'api_key_plan p prefix=p_ unlimited;', qr/needs "errors="/ ],
    [ 'api_key_plan p prefix=P_ errors=cloudk unlimited;',
      qr/invalid prefix "P_"/ ],
    [ 'api_key_plan p prefix= errors=cloudk unlimited;',
      qr/invalid prefix ""/ ],
    [ 'api_key_plan p prefix=p_ errors=french unlimited;',
      qr/unknown wording in "errors=french"/ ],
    [ 'api_key_plan Gold prefix=p_ errors=cloudk unlimited;',
      qr/invalid name "Gold" of a plan/ ],
    [ 'api_key_plan ' . 'p' x 33 . ' prefix=p_ errors=cloudk unlimited;',
      qr/invalid name "p+" of a plan/ ],
    [ "$ok $ok", qr/plan "p" is defined twice/ ],
    [ "$ok api_key_plan q prefix=p_ errors=infraaudit unlimited;",
      qr/plans "p" and "q" have the prefix "p_" but other errors/ ],
    [ "$plan scope=planet limit=1/day;",
      qr/invalid or repeated parameter "scope=planet"/ ],
    [ "$plan scope=key scope=key limit=1/day;",
      qr/invalid or repeated parameter "scope=key"/ ],
    [ "$plan prefix=q_ unlimited;",
      qr/invalid or repeated parameter "prefix=q_"/ ],
    (map { [ "$plan limit=$_;", qr/invalid limit "\Q$_\E", expected/ ] }
         '60', '60/', '60/fortnight', '60/0s', '60/2y', '60/minute:rolling',
         '60/500ms'),
    (map { [ "$plan limit=$_;", qr/limit "\Q$_\E" must be 1 to 1000000000/ ] }
         '0/day', '-1/day', 'x/day', '/minute', '1000000001/day', '100001/hour:sliding'),
    [ "$plan limit=60/minute limit=70/60s;",
      qr/plan "p" has two limits for 60s/ ],
    [ "$plan limit=100/minute limit=50/day;",
      qr/allows 100 in 60s but only 50 in 86400s: the first limit can never/ ],
    [ "$plan limit=51/minute limit=50/hour:sliding;",
      qr/allows 51 in 60s but only 50 in 3600s:sliding: the first limit can/ ],
    [ "$plan limit=50/hour:sliding limit=51/hour;",
      qr/allows 51 in 3600s but only 50 in 3600s:sliding: the first limit/ ],
    [ "$plan limit=101/minute:sliding limit=50/hour;",
      qr/allows 101 in 60s:sliding but only 50 in 3600s: the first limit can/ ],
    [ "$plan limit=101/60s limit=50/90s;",
      qr/allows 101 in 60s but only 50 in 90s: the first limit can never/ ],
    [ "$plan " . join(' ', map { "limit=$_/${_}s" } 1 .. 9) . ';',
      qr/plan "p" has more than 8 limits/ ],

    [ $ok, qr/there is no "api_key_zone" for the zone "lost"/,
      'location / { api_key zone=lost; }' ],
    [ $ok, qr/invalid parameter "keys", expected zone=name or off/,
      'location / { api_key keys; }' ],
    [ $ok, qr/"api_key" directive is duplicate/,
      'location / { api_key off; api_key off; }' ],
    [ '', qr/"api_key" needs an "api_key_plan"/, $key ],
    [ $ok, qr/invalid value "root"/,
      'location / { api_key_permission root; }' ],
    [ $ok, qr/invalid value "debug"/,
      'location / { api_key_log_level debug; }' ],
);

for my $bad (@bad) {
    my ($http, $reason, $server) = @$bad;
    my ($passed, $output) = check("$base $http", $server);

    ok(!$passed, "refused: $http" . ($server // ''));
    like($output, $reason, 'with the reason');
}

my ($passed, $output) = check("api_key_zone keys:1m; $ok", $key);

ok(!$passed, 'refused: no database');
like($output, qr/"api_key" needs a "cost_database"/, 'with the reason');

($passed, $output) = check("$base\n\n$plan limit=0/day;");
like($output, qr/nginx\.conf:\d+/, 'and the line');

done_testing;


sub check {
    my ($http, $server) = @_;

    return Cost::Nginx->new(database => $db, http => $http,
                            server => $server // '')->test_conf;
}

#!/usr/bin/env perl

# What nginx -t refuses of sync's directives, and why.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use Cost::Database;
use Cost::Nginx;

my $db = Cost::Database->new;

sub check {
    my ($http, $server) = @_;

    return Cost::Nginx->new(database => $db,
        http => 'cost_database "%%DATABASE%%"; cost_timer on;' . $http,
        server => $server // '')->test_conf;
}

for my $good (
    [ 'cost_sync jobs=4 time=1s file=1 unpacked=100g rows=1;' ],
    [ 'cost_sync_directory /srv/bills; cost_sync_directory /srv/acme/ acme;' ],
    [ 'cost_fetch_allow http loopback private;' ],
    [ '', 'location = /fetch { internal; cost_fetch; }' ],
    [ '', 'include %%ROOT%%/conf/cost_sync.conf;
           include %%ROOT%%/conf/cost_webhooks.conf;' ],
) {
    my ($passed, $output) = check(@$good);

    ok $passed, 'accepted: ' . join ' ', @$good or diag $output;
}

for my $bad (
    [ 'cost_sync jobs=0;', '', qr/invalid parameter "jobs=0"/ ],
    [ 'cost_sync jobs=5;', '', qr/invalid parameter "jobs=5"/ ],
    [ 'cost_sync time=1ms;', '', qr/invalid parameter "time=1ms"/ ],
    [ 'cost_sync time=x;', '', qr/invalid parameter "time=x"/ ],
    [ 'cost_sync file=0;', '', qr/invalid parameter "file=0"/ ],
    [ 'cost_sync rows=-1;', '', qr/invalid parameter "rows=-1"/ ],
    [ 'cost_sync colour=red;', '', qr/invalid parameter "colour=red"/ ],
    [ 'cost_sync jobs;', '', qr/invalid parameter "jobs"/ ],
    [ 'cost_sync jobs=1; cost_sync jobs=1;', '',
      qr/"cost_sync" directive is duplicate/ ],
    [ 'cost_sync_directory bills;', '', qr/must be an absolute path/ ],
    [ 'cost_sync_directory /;', '', qr/must be an absolute path/ ],
    [ 'cost_sync_directory /srv/../etc;', '', qr/must be an absolute path/ ],
    [ 'cost_fetch_allow everything;', '', qr/invalid value "everything"/ ],
    [ '', 'location /fetch { cost_fetch; }',
      qr/location "\/fetch" with "cost_fetch" must be "internal"/ ],
    [ '', 'location = /a { internal; cost_fetch; }
           location = /b { internal; cost_fetch; }',
      qr/"cost_fetch" directive is duplicate/ ],
    [ '', 'location @a { internal; cost_fetch; }', qr/with a plain name/ ],
    [ '', 'location ~ a { internal; cost_fetch; }', qr/with a plain name/ ],
) {
    my ($http, $server, $why) = @$bad;
    my ($passed, $output) = check($http, $server);

    ok !$passed, "refused: $http$server";
    like $output, $why, 'and says why';
}

done_testing;

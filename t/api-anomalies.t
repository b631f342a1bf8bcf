#!/usr/bin/env perl

# Anomalies, from FOCUS files through the import command to
# /costs/anomalies and its dismiss: figures worked out by hand.

use strict;
use warnings;

use File::Temp qw(tempdir);
use POSIX qw(strftime);
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Import;

my $api = Cost::API->new;
my $db = $api->db;
my $import = Cost::Import->new($db);

my @columns = qw(BilledCost EffectiveCost ListCost ContractedCost
    BillingCurrency BillingPeriodStart ChargePeriodStart ChargeCategory
    ProviderName BillingAccountId BillingAccountName SubAccountId
    SubAccountName ServiceName ServiceCategory RegionId);

sleep 1 while strftime('%H%M', gmtime) =~ /^235[0-9]/;

my $now = time;

sub ago { strftime '%Y-%m-%d', gmtime($now - 86400 * $_[0]) }

my $today = ago(0);
my $month = substr($today, 0, 7);


# (account, service, [days ago, amount]...) to a file of their months, or of
# the given month alone

sub bill {
    my ($name, $only, @series) = @_;

    my $text = join(',', @columns) . "\n";

    for my $series (@series) {
        my ($account, $service, @days) = @$series;

        for (@days) {
            my ($day, $amount) = (ago($_->[0]), $_->[1]);

            next if defined $only && substr($day, 0, 7) ne $only;

            my %row = (
                (map { $_ => $amount } @columns[0 .. 3]),
                BillingCurrency => 'USD', ChargeCategory => 'Usage',
                BillingPeriodStart => substr($day, 0, 8) . '01T00:00:00Z',
                ChargePeriodStart => "${day}T00:00:00Z",
                ProviderName => 'AWS', BillingAccountId => '0001',
                BillingAccountName => 'payer', SubAccountId => $account,
                SubAccountName => "name of $account", RegionId => 'x',
                ServiceName => $service, ServiceCategory => 'Compute',
            );

            $text .= join(',', @row{@columns}) . "\n";
        }
    }

    return $import->file($name, $text);
}

# the same amount on days from..to ago, but for some

sub flat {
    my ($from, $to, $amount, %but) = @_;

    return map { [ $_, $but{$_} // $amount ] } reverse $to .. $from;
}

sub load {
    my ($organization, @files) = @_;

    my ($status, $out, $err) = $import->run($organization, @files);

    is $status, 0, "$organization: loaded" or diag $err;

    return $out;
}

my (%read, %write);

for (qw(acme other)) {
    $db->organization($_);
    $read{$_} = $api->key(organization => $_, plan => 'free_cloudk',
                          permission => 'read');
    $write{$_} = $api->key(organization => $_, plan => 'free_cloudk',
                           permission => 'write');
}

sub list {
    my ($organization, $query) = @_;

    my $r = $api->get('/api/v1/costs/anomalies' . ($query // ''),
                      $read{$organization});

    is $r->{status}, 200, "$organization: list" . ($query // '');

    return $r->json->{data};
}

sub dismiss {
    my ($id, $key, $body) = @_;

    return $api->send(POST => "/api/v1/costs/anomalies/$id/dismiss", $key,
                      $body // '');
}

sub row {
    return join "\n", map { join ' ', map { $_ // 'null' } @$_{qw(date
        service actual_amount expected_amount deviation_percent severity
        status)} } @{ $_[0] };
}


is_deeply list('acme'), [], 'nothing there, nothing found';


# The band of a series without scatter is 4 times 5 %: 210 gives 168 to 252,
# and 892.10 is 324.8 % above it.  100 that becomes 200 is a level from the
# seventh day on, and reported on its first.

my @series = (
    [ 'web', 'Shift', flat(70, 21, 100), flat(20, 1, 200) ],
    [ 'web', 'Cheap', flat(70, 1, '0.10', 9 => '1.09') ],
    [ 'web', 'Low', flat(70, 1, 50, 12 => 1) ],
    [ 'db', 'Young', flat(14, 1, 10, 1 => 99) ],
    [ 'db', 'Fourteen', flat(15, 1, 10, 1 => 99) ],
    [ 'db', 'Weekly', map { my $d = (gmtime($now - 86400 * $_))[6];
                            [ $_, $d % 6 ? 100 : 10 ] } reverse 1 .. 70 ],
);

sub spike {
    my ($amount) = @_;

    return bill('acme.csv', undef,
                [ 'web', 'Spike', flat(70, 1, '210.00', 10 => $amount) ],
                @series);
}

my $spike = spike('892.10');

like load('acme', $spike), qr/^  3 anomalies found$/m, 'the command says so';

my $found = list('acme');

is row($found), join("\n",
    ago(1) . ' Fourteen 99 10 890 high active',
    ago(10) . ' Spike 892.1 210 324.8 high active',
    ago(20) . ' Shift 200 100 100 high active'), 'what is found, newest first';

my $provider = $db->query("SELECT id FROM accounts
    WHERE external_id = 'web'");
my $r = $api->get('/api/v1/costs/anomalies', $read{acme});
my $first = $r->json->{data}[1];

like $first->{detected_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    'detected_at';
is_deeply $first, {
    id => $first->{id}, type => 'cost', date => ago(10),
    provider_id => $provider + 0, provider_name => 'name of web',
    service => 'Spike', actual_amount => 892.10, expected_amount => 210,
    expected_lower => 168, expected_upper => 252, deviation_percent => 324.8,
    severity => 'high', status => 'active', reason => undef,
    detected_at => $first->{detected_at},
}, 'the whole of one';
like $r->{body}, qr/"actual_amount":892\.10,"expected_amount":210\.00,"expected_lower":168\.00,"expected_upper":252\.00,"deviation_percent":324\.8,/,
    'as it is written';
like $first->{id}, qr/^\d+$/, 'an integer id';
is $r->json->{meta}{count}, 3, 'count';
is $r->json->{meta}{next_cursor}, undef, 'no other page';
is $api->head('/api/v1/costs/anomalies', $read{acme})->{status}, 200, 'HEAD';


# the same bill again

my $state = $db->query('SELECT * FROM cost_anomalies ORDER BY id');

unlike load('acme', $spike), qr/anomal/, 'nothing new is found';
is $db->query('SELECT * FROM cost_anomalies ORDER BY id'), $state,
    'and nothing changed';


# a late correction judges its day again: 300 is 90 above 210, 8.6 scatters

load('acme', spike(300));
$found = list('acme');

is scalar @$found, 3, 'no second row';
is row([ $found->[1] ]), ago(10) . ' Spike 300 210 42.9 low active',
    'the day\'s new figures';
is $found->[1]{id}, $first->{id}, 'of the same anomaly';
is $found->[1]{detected_at}, $first->{detected_at}, 'detected when it was';

load('acme', spike(252));
is scalar(grep { $_->{service} eq 'Spike' } @{ list('acme') }), 0,
    'inside the band it is none any more';

load('acme', spike('892.10'));
($first) = grep { $_->{service} eq 'Spike' } @{ list('acme') };
ok $first, 'and back';


# dismissed

is dismiss($first->{id}, $read{acme})->{status}, 403, 'not with a read key';
is dismiss($first->{id}, undef)->{status}, 401, 'nor without one';

for (
    [ '{"why": "x"}', '"why" is not a field; there are: reason' ],
    [ '{"reason": 1}', 'reason must be a text of 0 to 500 characters' ],
    [ '{"reason": "' . 'x' x 501 . '"}',
      'reason must be a text of 0 to 500 characters' ],
    [ '[]', 'The request body must be a JSON object' ],
) {
    $r = dismiss($first->{id}, $write{acme}, $_->[0]);
    is $r->{status}, 400, substr($_->[0], 0, 20) . ': 400';
    is $r->json->{error}, $_->[1], '... and why';
}

is row([ grep { $_->{id} == $first->{id} } @{ list('acme') } ]),
    ago(10) . ' Spike 892.1 210 324.8 high active', 'still active';

$r = dismiss($first->{id}, $write{acme}, '{"reason": "Planned migration"}');
is $r->{status}, 200, 'dismissed';
is_deeply $r->json->{data}, { %$first, status => 'dismissed',
                              reason => 'Planned migration' },
    'the answer is the object';
my $dismissed = $r->json->{data};

$r = dismiss($first->{id}, $write{acme}, '{"reason": "Another"}');
is $r->{status}, 200, 'again';
is_deeply $r->json->{data}, $dismissed, 'changes nothing';

is_deeply [ map { $_->{service} } @{ list('acme', '?status=active') } ],
    [ 'Fourteen', 'Shift' ], 'active ones';
is_deeply list('acme', '?status=dismissed'), [ $dismissed ],
    'dismissed ones';
is scalar @{ list('acme') }, 3, 'all without status';

load('acme', $spike);
is_deeply list('acme', '?status=dismissed'), [ $dismissed ],
    'stays dismissed when its bill comes again';
load('acme', spike(300));
is_deeply list('acme', '?status=dismissed'),
    [ { %$dismissed, actual_amount => 300, deviation_percent => 42.9,
        severity => 'low' } ], 'also with another amount';
load('acme', spike(210));
is scalar @{ list('acme', '?status=dismissed') }, 1,
    'also when it would be none';

my ($young) = grep { $_->{service} eq 'Fourteen' } @{ list('acme') };
$r = dismiss($young->{id}, $write{acme});
is $r->json->{data}{reason}, undef, 'no body, no reason';
is $r->json->{data}{status}, 'dismissed', 'and dismissed';


# today is not over: little is nothing, too much is too much already

load('other', bill('other.csv', undef,
    [ 'web', 'Little', flat(40, 0, 100, 0 => 3) ],
    [ 'web', 'Much', flat(40, 0, 100, 0 => '220.5') ],
    [ 'web', 'New', flat(40, 0, 0, 20 => 7) ],
    [ 'gap', 'Gap', flat(60, 30, 20), [ 2, 20 ], [ 0, 90 ] ]));

is row(list('other')), join("\n",
    "$today Much 220.5 100 120.5 high active",
    "$today Gap 90 0 null medium active",
    ago(2) . ' Gap 20 0 null medium active',
    ago(20) . ' New 7 0 null low active'),
    'today; of nothing there is no percentage';

# only this month's bill: what was found before is as it was

load('other', bill('month.csv', $month,
    [ 'web', 'Little', flat(40, 0, 100) ],
    [ 'web', 'Much', flat(40, 0, 100) ],
    [ 'web', 'New', flat(40, 0, 0, 20 => 7) ],
    [ 'gap', 'Gap', flat(60, 30, 20), [ 2, 20 ], [ 0, 90 ] ]));

is scalar(grep { $_->{service} eq 'Much' } @{ list('other') }), 0,
    'a correction of this month';
is scalar(grep { $_->{service} eq 'New' } @{ list('other') }), 1,
    'and what stood before it';


# pages, windows, accounts

load('other', bill('many.csv', undef,
    map { [ $_ % 2 ? 'gap' : 'web', "T$_",
            flat(40, 0, 100, 5 => 300, 4 + $_ => 300 + $_) ] } 1 .. 5));

my @all = map { $_->{id} } @{ list('other') };
my (@pages, $cursor);

# T1's two days are one, and T2's follow each other
is scalar @all, 8, 'eight of them';

do {
    $r = $api->get('/api/v1/costs/anomalies?limit=3'
                   . ($cursor ? "&cursor=$cursor" : ''), $read{other})->json;
    push @pages, [ map { $_->{id} } @{ $r->{data} } ];
    $cursor = $r->{meta}{next_cursor};
} while ($cursor);

is join(' ', map { scalar @$_ } @pages), '3 3 2', 'pages of three';
is_deeply [ map { @$_ } @pages ], \@all, 'together are all';

my ($gap) = $db->query("SELECT id FROM accounts WHERE external_id = 'gap'");

is scalar(grep { $_->{provider_id} != $gap }
          @{ list('other', "?provider_id=$gap") }), 0, 'one provider\'s';
is row(list('other', "?provider_id=$gap&days=6")),
    join("\n", map { ago(5) . " $_ high active" }
         'T5 300 100 200', 'T3 300 100 200', 'T1 301 100 201'),
    'six days are today and five before';
is_deeply list('other', '?days=5'), [], 'five are not';


# refused, and another's

for (
    [ 'days=366', 'days must be an integer from 1 to 365' ],
    [ 'status=open', 'status must be one of active, dismissed' ],
    [ 'limit=0', 'limit must be an integer from 1 to 1000' ],
    [ 'cursor=x', 'cursor must be the next_cursor of another reply' ],
    [ 'provider_id=x',
      'provider_id must be an integer from 1 to 2147483647' ],
) {
    $r = $api->get("/api/v1/costs/anomalies?$_->[0]", $read{acme});
    is $r->{status}, 400, "$_->[0]: 400";
    is $r->json->{error}, $_->[1], '... and why';
}

for my $id ($gap, 999999) {
    $r = $api->get("/api/v1/costs/anomalies?provider_id=$id", $read{acme});
    is $r->{status}, 404, "provider $id: 404";
    is $r->json->{error}, 'There is no provider with this provider_id',
        '... and why';
}

for my $id ($all[0], 999999, 99999999999999, 'x',
            '01234567-89ab-cdef-0123-456789abcdef')
{
    $r = dismiss($id, $write{acme}, '{"reason": "mine"}');
    is $r->{status}, 404, "anomaly $id: 404";
    is $r->json->{error}, 'There is no such anomaly', '... and why';
}

is scalar @{ list('other', '?status=active') }, 8, 'not touched';
is $api->get("/api/v1/costs/anomalies/$all[0]/dismiss", $write{acme})
       ->{status}, 405, 'a GET dismisses nothing';

# they go with their account
$api->send(DELETE => "/api/v1/accounts/$gap", $write{other}, '');
is scalar(grep { $_->{provider_id} == $gap } @{ list('other') }), 0,
    'of an account that is gone';


# the sample company: on every 9th and 23rd something is used far too much,
# and what comes every month is an anomaly the first time only

my $dir = tempdir(CLEANUP => 1);
my $root = $Cost::Database::root;

is system("$root/scripts/sample", $dir, '--days', 150, '--today', $today), 0,
    'sample bills';
load('sample', '--parts', sort glob "$dir/*.csv");

is $db->query("SELECT string_agg(n.day::text || ' ' || n.severity, ', '
                                 ORDER BY n.day)
                 FROM cost_anomalies n
                 JOIN organizations o ON o.id = n.organization_id
                WHERE o.slug = 'sample'
                  AND n.day >= date_trunc('month', date '$today' - 149)
                               + interval '1 month'"),
   $db->query("SELECT string_agg(d::date || ' high', ', ' ORDER BY d)
                 FROM generate_series(date_trunc('month',
                          date '$today' - 149) + interval '1 month',
                      date '$today', '1 day') d
                WHERE extract(day FROM d) IN (9, 23)"),
   'its spikes, and nothing else';

$api->stop;

done_testing;

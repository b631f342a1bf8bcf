#!/usr/bin/env perl

# anomaly.detected: once for each new anomaly of the last days, in the
# transaction that stores it.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Bills;
use Cost::Database;

my $db = Cost::Database->new;
my $acme = $db->organization('acme');
my $today = $db->query("SELECT (now() AT TIME ZONE 'UTC')::date");

Cost::Bills::load($db, $acme, { day => $today, billed => '892.10' });
my $uuid = Cost::Bills::account($db, $acme, '123456789012');
my $account = $db->query("SELECT id FROM accounts WHERE uuid = '$uuid'");
my $ec2 = $db->query("SELECT id FROM services WHERE name = 'Amazon EC2'");

open my $fh, '<', "$FindBin::Bin/../modules/sql/anomalies_store.sql" or die;
my $statement = do { local $/; <$fh> };
close $fh;

# what was found for the days so many days ago: [ ago, actual, expected ]

sub store {
    my ($rollback, @found) = @_;

    my $json = encode_json([ map { {
        account => $account + 0, service => $ec2 + 0,
        day => Cost::Bills::day($db, $today, -$_->[0]), actual => $_->[1],
        expected => $_->[2], lower => 0, upper => $_->[2], score => 9,
        severity => 'high' } } @found ]);
    my $first = Cost::Bills::day($db, $today, -400);

    return (split /\n/, $db->query("BEGIN;
        PREPARE store AS $statement;
        EXECUTE store($acme, '[{\"account\": $account, \"from\": \"$first\"}]',
                      '$json');
        DEALLOCATE store;
        " . ($rollback ? 'ROLLBACK' : 'COMMIT')))[-1];
}

my $seen = 0;

sub events {
    my @rows = split /\n/, $db->query("SELECT id, body FROM events
        WHERE type = 'anomaly.detected' AND id > $seen ORDER BY id");

    return map { my ($id, $body) = split /\|/, $_, 2;
                 $seen = $id;
                 $body } @rows;
}


is store(0, [ 0, '892.10', '210.00' ]), '1|0|0|1', 'an anomaly of today';

my ($body) = events();
(my $plain = $body) =~ s/("(?:[^"\\]|\\.)*")|\s+/$1 \/\/ ''/ge;
like $plain, qr/^\{"event":"anomaly\.detected","timestamp":"[^"]*","data":
    \{"account_id":"$uuid","account_name":"Production\ AWS",
      "service":"Amazon\ EC2","spike_amount":892\.10,
      "baseline_amount":210\.00,"percent_increase":324\.8\}\}$/x,
    'the example of the document';

is store(0, [ 0, '892.10', '210.00' ]), '0|0|0|0', 'found again';
is store(0, [ 0, '900.00', '210.00' ]), '0|1|0|0', 'with other figures';
is store(0), '0|0|1|0', 'gone';
is store(0, [ 0, '892.10', '210.00' ]), '1|0|0|0',
    'come back: nobody is told twice';
is_deeply [ events() ], [], 'no event of these';

is store(0, [ 0, '892.10', '210.00' ],
         map { [ $_, '99', '10' ] } 1 .. 300), '300|0|0|2',
    'of a first import, of a year, the last three days alone';
is_deeply [ map { decode_json($_)->{data}{percent_increase} } events() ],
    [ 890, 890 ], 'are events';

is store(1, [ -1, '5', '1' ]), '1|0|301|0',
    'a day to come is no event';

$db->query('DELETE FROM anomalies_told; DELETE FROM cost_anomalies');
is store(1, [ 0, '5', '0' ]), '1|0|0|1', 'one without a baseline';
is_deeply [ events() ], [], 'what is rolled back is not told';
is store(0, [ 0, '5', '0' ]), '1|0|0|1', 'but when it is stored';
is decode_json((events())[0])->{data}{percent_increase}, undef,
    'without a baseline there is no percentage';

$db->query('DELETE FROM anomalies_told; DELETE FROM cost_anomalies');
my $name = $db->name;
$db->query("ALTER DATABASE $name SET cost.anomaly_days = 1");
is store(0, [ 0, '5', '1' ], [ 1, '5', '1' ]), '2|0|0|1',
    'the setting of the database';
$db->query("ALTER DATABASE $name SET cost.anomaly_days = 0");
$db->query('DELETE FROM anomalies_told; DELETE FROM cost_anomalies');
is store(0, [ 0, '5', '1' ]), '1|0|0|0', 'none at all';

# those that are old are forgotten
$db->query("INSERT INTO anomalies_told
    SELECT $acme, date '$today' - i, $account, $ec2, NULL
      FROM generate_series(0, 99) i");
store(0);
is $db->query('SELECT count(*) FROM anomalies_told'), 31,
    'what was told is remembered for a month and the days';

done_testing;

use strict;
use warnings;

# How many keys a zone holds, as README says it: of 1 MB here, of 16 MB with
# COST_TEST_LONG=1.

use lib 't/lib';

use IO::Socket::INET;
use Test::More;

use Cost::Database;
use Cost::Nginx;

my $db = Cost::Database->new;
my $long = $ENV{COST_TEST_LONG};

# what a plan counts, and how many keys of it find room
my %room = $long ? (aligned => 41800, hundred => 17900, thousand => 3580,
                    many => 380)
                 : (aligned => 2570, hundred => 1100, thousand => 220,
                    many => 22);

my $organization = $db->organization('room');

for my $plan (sort keys %room) {
    my $nginx = Cost::Nginx->new(
        database => $db,
        level => 'notice',
        http => <<'END' . 'api_key_zone keys:' . ($long ? '16m;' : '1m;'),
    cost_database "%%DATABASE%%" pool=2;
    keepalive_requests 10000000;
    api_key_plan aligned prefix=r_ errors=cloudk
                 limit=60/minute limit=10000/day;
    api_key_plan hundred prefix=r_ errors=cloudk limit=100/hour:sliding;
    api_key_plan thousand prefix=r_ errors=cloudk limit=1000/hour:sliding;
    api_key_plan many prefix=r_ errors=cloudk limit=10000/hour:sliding;
END
        server => 'location / { api_key zone=keys; empty_gif; }',
    )->start;

    # a tenth more than there is room for
    my @keys = keys_of($plan, int($room{$plan} * 1.1) + 5);
    my @first = answers($nginx, @keys);
    my @held = map { $first[$_] == 200 ? $keys[$_] : () } 0 .. $#keys;

    cmp_ok(scalar @held, '>=', $room{$plan}, "$plan: " . @held . ' keys');
    cmp_ok(scalar @held, '<', scalar @keys, 'and no more');

    is_deeply([ grep { $_ != 200 } answers($nginx, @held) ], [],
              'those who are in go on');

    $nginx->stop;
}

done_testing;


sub keys_of {
    my ($plan, $n) = @_;

    my @keys = map { Cost::Database::key_text('r_') } 1 .. $n;
    my $rows = join ',', map { "('$_')" } @keys;

    $db->query("
        CREATE TEMPORARY TABLE texts (id integer
                                      GENERATED ALWAYS AS IDENTITY, text text);
        INSERT INTO texts (text) VALUES $rows;
        WITH k AS (
            INSERT INTO api_keys (organization_id, name, permission, plan)
            SELECT $organization, 'a key', 'read', '$plan' FROM texts
            RETURNING id
        ), n AS (SELECT id, row_number() OVER (ORDER BY id) AS i FROM k)
        INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
        SELECT sha256(convert_to(t.text, 'UTF8')), n.id, 'r_',
               right(t.text, 4)
          FROM n JOIN texts t ON t.id = n.i");

    return @keys;
}


# the status of one request with each, pipelined

sub answers {
    my ($nginx, @keys) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . $nginx->port)
        or die "connect: $!";
    my @status;

    while (my @some = splice @keys, 0, 50) {
        print $socket map {
            "HEAD / HTTP/1.1\r\nHost: x\r\nX-API-Key: $_\r\n\r\n"
        } @some;

        for (@some) {
            local $/ = "\r\n\r\n";
            my $head = <$socket> // die 'no answer';

            push @status, $head =~ m{^HTTP/1.1 (\d+)};
        }
    }

    return @status;
}

use strict;
use warnings;

# A million different wrong keys: no memory, no database, nobody hurt.  Some
# have a wrong checksum, some are well made and belong to nobody.

use lib 't/lib';

use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use Cost::Database;
use Cost::Nginx;

my $db = Cost::Database->new;
my $million = $ENV{COST_TEST_LONG} ? 1_000_000 : 40_000;

my $nginx = Cost::Nginx->new(
    database => $db,
    workers => 2,
    level => 'notice',
    http => <<'END',
    cost_database "%%DATABASE%%" pool=2;
    keepalive_requests 10000000;
    api_key_zone keys:1m lookups=50;
    api_key_plan day prefix=k_ errors=cloudk limit=100000/day;
END
    server => 'location / { api_key zone=keys; empty_gif; }',
)->start;

my $known = $db->key(plan => 'day', prefix => 'k_');

is(get($known)->header('X-RateLimit-Remaining-Day'), 99999, 'a known key');
shoot(2000, sub { wrong() });

my @before = map { $nginx->rss($_) } sort $nginx->workers;

# a wrong checksum: refused before it is hashed
my $begin = time;
my %status = shoot($million, sub { wrong() });
is_deeply(\%status, { 401 => $million }, "$million wrong keys are refused");

# nobody's: the database is asked a bounded number of times
$begin = time;
my $well = int $million / 10;

%status = shoot($well, sub { well() });

my $asked = $status{401} // 0;
my $seconds = int(time - $begin) + 2;

is($asked + ($status{503} // 0), $well, "$well well made keys of nobody");
cmp_ok($asked, '<=', 50 * $seconds,
       "the database was asked $asked times in some $seconds seconds");

my @after = map { $nginx->rss($_) } sort $nginx->workers;

SKIP: {
    # AddressSanitizer keeps for a while what is freed
    skip 'memory is not the same there', 2 if $ENV{COST_TEST_VARIANT};

    cmp_ok($after[$_] - $before[$_], '<', 1 << 20, "worker $_ has not grown")
        for 0, 1;
}

is(get($known)->header('X-RateLimit-Remaining-Day'), 99998,
   'the known key was not touched');
is(scalar(() = $nginx->log =~ /\[(?:error|crit|warn)\]/g), 0,
   'and the log is empty');

$nginx->stop;
done_testing;


sub get { $nginx->http->get('/', 'X-API-Key' => $_[0]) }

# cheap to make: any 43 and a sum that fits once in 2^32
my $n = 0;

sub wrong { return sprintf 'k_%049d', ++$n }

# cheap, too: the CRC of all that differ in the last digits is computed once
# for the beginning
my (@table, $crc, $text);

sub well {
    if (!@table) {
        for my $i (0 .. 255) {
            my $c = $i;
            $c = $c & 1 ? ($c >> 1) ^ 0xedb88320 : $c >> 1 for 1 .. 8;
            push @table, $c;
        }

        $text = 'k_' . '0' x 33;
        $crc = 0xffffffff;
        $crc = ($crc >> 8) ^ $table[($crc ^ $_) & 255] for unpack 'C*', $text;
    }

    my $tail = sprintf '%010d', ++$n;
    my $c = $crc;
    $c = ($c >> 8) ^ $table[($c ^ $_) & 255] for unpack 'C*', $tail;
    $c ^= 0xffffffff;

    my @digits = (0 .. 9, 'A' .. 'Z', 'a' .. 'z');
    my $sum = '';
    $sum = $digits[$c % 62] . $sum, $c = int($c / 62) for 1 .. 6;

    return $text . $tail . $sum;
}

# so many requests, pipelined; how often which status came

sub shoot {
    my ($count, $key) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . $nginx->port)
        or die "connect: $!";
    my (%status, $in);

    while ($count > 0) {
        my $some = $count < 100 ? $count : 100;

        print $socket map {
            "GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: " . $key->() . "\r\n\r\n"
        } 1 .. $some;

        for my $left (reverse 1 .. $some) {
            local $/ = "\r\n\r\n";
            my $head = <$socket> // die 'no answer';
            my ($code) = $head =~ m{^HTTP/1.1 (\d+)};
            my ($length) = $head =~ /Content-Length: (\d+)/i;

            read $socket, $in, $length;
            $status{$code}++;
        }

        $count -= $some;
    }

    return %status;
}

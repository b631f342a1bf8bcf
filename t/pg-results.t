#!/usr/bin/env perl

# What a query answers: values of every size whole, errors of their own
# statement only, plans that went stale.

use strict;
use warnings;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Database;
use Cost::PG;

my $db = Cost::Database->new(empty => 1);

$db->query(q{
    CREATE TABLE pairs (a integer PRIMARY KEY, b text);
    INSERT INTO pairs VALUES (1, 'one');
    CREATE TABLE marks (a integer REFERENCES pairs DEFERRABLE
                                  INITIALLY DEFERRED);
});

my $nginx = Cost::PG::nginx($db, 'pool=1', <<'END');
    location /pair { cost_test_query fast "SELECT $1::text, $2::text"
                                          $arg_a $arg_b; }
    location /null { cost_test_query fast "SELECT $1::text, $2::text" "\N" ""; }
    location /zero { cost_test_query fast "SELECT $1::text, 1" "\0"; }
    location /none { cost_test_query fast "SELECT 1, 2 WHERE false"; }
    location /text { cost_test_query fast
                     "SELECT repeat(md5('x'), $1::integer / 32), 'end'"
                     $arg_n; }
    location /rows { cost_test_query fast
                     "SELECT i, repeat('y', 40)
                        FROM generate_series(1, $1::integer) i" $arg_n; }
    location /bad { cost_test_query fast "SELECT a, b FROM nowhere"; }
    location /divide { cost_test_query fast "SELECT 1 / $1::integer, 1"
                                            $arg_n; }
    location /pairs { cost_test_query fast "SELECT * FROM pairs"; }
    location /mark { cost_test_query fast "INSERT INTO marks VALUES
                                           ($1::integer) RETURNING a, 1"
                                          $arg_n; }
    location /marks { cost_test_query fast "SELECT count(*), 0 FROM marks"; }
    location /reader { cost_test_query fast
                       "SET default_transaction_read_only = on"; }
    location /forget { cost_test_query fast "DEALLOCATE ALL"; }
    location /copy { cost_test_query fast "COPY pairs TO STDOUT"; }
    location /let/in { cost_test_access "SELECT 1"; return 200 "in"; }
    location /let/out { cost_test_access "SELECT 1 WHERE false";
                        cost_test_query fast "SELECT 1, 2"; }
    location /let { cost_test_access "SELECT 1";
                    cost_test_query fast "SELECT 1, 2"; }
END

$nginx->start;

my $http = $nginx->http;

is($http->get('/pair?a=x&b=y')->{body}, "x\ty\n", 'two parameters');
is($http->get('/null')->{body}, "\\N\t\n", 'NULL, and a text that is empty');
is($http->get('/none')->{body}, '', 'no row');

my $r = $http->get('/zero');
like($r->{body}, qr/^ERROR 22021/, 'a zero byte is no text');

# the first result of a connection is the one that can stall

for my $size (32, 20_000, 60_000, 200_000, 1_048_576) {
    Cost::PG::renew($nginx);
    Cost::PG::settled($nginx, 5, ready => 1);

    my $text = '9dd4e461268c8034f5c8564e155c67a6' x ($size / 32);

    ok($http->get("/text?n=$size")->{body} eq "$text\tend\n",
       "$size bytes in one value, on a new connection");

    Cost::PG::renew($nginx);

    my $n = int($size / 45) || 1;
    my $rows = join '', map { "$_\t" . 'y' x 40 . "\n" } 1 .. $n;

    ok($http->get("/rows?n=$n")->{body} eq $rows,
       "$n rows on a new connection");
}

my $connects = Cost::PG::status($nginx)->{connects};

ok(length $http->get('/text?n=3000000')->{body} > 2_999_000, '3 MB');
ok(Cost::PG::settled($nginx, 5, ready => 1, connects => $connects + 1),
   'a connection with a huge buffer is replaced');


# one bad statement among good ones: none of them is harmed

my @answers = Cost::PG::many($nginx, 200, sub {
    $_[0] % 4 == 1 ? '/bad' : $_[0] % 4 == 2 ? '/divide?n=0'
                            : "/pair?a=$_[0]&b=2"
});

my $wrong = 0;

for my $n (1 .. 200) {
    my $expected = $n % 4 == 1 ? 'ERROR 42P01 relation "nowhere" does not exist'
                 : $n % 4 == 2 ? 'ERROR 22012 division by zero'
                 : "$n\t2";

    $wrong++ if $answers[$n - 1]{body} ne "$expected\n";
}

is($wrong, 0, '50 bad statements among 200');
is(Cost::PG::status($nginx)->{connects}, $connects + 1,
   'cost no connection');

my @lines = $nginx->log =~ /(\[error\].*)/g;
ok(@lines >= 1 && @lines <= 3, 'nor a line each in the log');
like($lines[0], qr/"test_query" failed: 42P01 relation "nowhere"/,
     'which names the statement');
unlike($nginx->log, qr/22012/, 'input that is wrong is no news');


# the commit belongs to the statement

like($http->get('/mark?n=7')->{body}, qr/^ERROR 23503/,
     'a constraint that fails at the commit');
is($http->get('/marks')->{body}, "0\t0\n", 'nothing is stored');
is($http->get('/mark?n=1')->{body}, "1\t1\n", 'and one that holds');


# prepared statements

is($http->get('/pairs')->{body}, "1\tone\n", 'a table');
$db->query('ALTER TABLE pairs ALTER a TYPE bigint, ALTER b TYPE varchar(9)');
is($http->get('/pairs')->{body}, "1\tone\n", 'a table that changed');
is(scalar(() = map { $_->{status} == 200 ? () : 1 }
          Cost::PG::many($nginx, 50, '/pairs')), 0, 'and stays right');

$http->get('/forget');
is($http->get('/pairs')->{body}, "1\tone\n", 'a statement the server forgot');

is(Cost::PG::status($nginx)->{connects}, $connects + 1,
   'on the same connection');


# a server that only reads, as one that was the primary before: another is
# looked for

is($http->get('/reader')->{status}, 200, 'a session that only reads');
$connects = Cost::PG::status($nginx)->{connects};
$r = $http->get('/mark?n=1');
is("$r->{status} $r->{body}", "503 DECLINED\n", 'refuses what writes');
ok(Cost::PG::settled($nginx, 5, ready => 1, connects => $connects + 1),
   'it is left');
is($http->get('/mark?n=1')->{body}, "1\t1\n", 'for one that writes');


# a COPY has no place in the pipeline: the connection is lost, nobody hangs

$nginx->allow(qr/statement "test_query" is a COPY/);
is($http->get('/copy')->{status}, 503, 'a COPY as a query');
ok(Cost::PG::settled($nginx, 5, ready => 1, in_flight => 0), 'is survived');


# an access phase handler

is($http->get('/let/in')->{status}, 200, 'rewrite comes before access');
is($http->get('/let/out')->{status}, 403, 'refused in the access phase');
is($http->get('/let')->{body}, "1\t2\n", 'let in, then answered');

my $s = Cost::PG::status($nginx);
is("$s->{in_flight} $s->{waiting} $s->{ready}", '0 0 1', 'nothing is left');

$nginx->stop;

done_testing();

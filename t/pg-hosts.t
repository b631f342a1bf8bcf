#!/usr/bin/env perl

# cost_database: what it takes, what it refuses and how it says so, several
# hosts, and TLS.

use strict;
use warnings;

use Socket;
use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Clock qw(in_time);
use Cost::Database;
use Cost::PG;

# on TCP too, with a certificate of its own

my $db = Cost::Database->new(private => 1, empty => 1);
my $cluster = $db->{cluster};
my $dir = $db->dir;
my $port = Cost::Nginx::free_port();
my $name = $db->name;

my $openssl = qx{cd '$dir/data' && openssl req -x509 -newkey rsa:2048 -nodes \\
    -keyout server.key -out server.crt -days 2 -subj /CN=localhost \\
    -addext subjectAltName=DNS:localhost 2>&1 && chmod 600 server.key};
die $openssl if $?;

chown +(stat "$dir/data")[4, 5], "$dir/data/server.key", "$dir/data/server.crt";

mkdir "$dir/ca";
system('cp', "$dir/data/server.crt", "$dir/ca/ca.crt") == 0 or die;
chmod 0755, "$dir/ca";

$cluster->append('postgresql.conf', <<"END");
listen_addresses = '127.0.0.1'
port = $port
ssl = on
END
$cluster->append('pg_hba.conf', "hostssl all secret 127.0.0.1/32 "
                                . "scram-sha-256\n"
                                . "hostssl all cost 127.0.0.1/32 trust\n");
$cluster->stop('fast');
$cluster->start;

# psql of the test library knows one port
my $psql = "psql -X -q -A -t -h $dir -p $port -U cost -d $name";
die if system(qq{$psql -c "CREATE ROLE secret LOGIN PASSWORD 'pa ss''w\@rd'"});

my $locations = <<'END';
    location /one { cost_test_query fast "SELECT 1, 2"; }
    location /tls { cost_test_query fast
                    "SELECT ssl, version FROM pg_stat_ssl
                      WHERE pid = pg_backend_pid()"; }
    location /who { cost_test_query fast
                    "SELECT current_user, current_setting('application_name')";
                  }
    location /set { cost_test_query fast
                    "SELECT current_setting('statement_timeout'),
                            current_setting('work_mem')"; }
    location /text { cost_test_query fast
                     "SELECT repeat(md5('x'), $1::integer / 32), 'end'"
                     $arg_n; }
    location /rows { cost_test_query fast
                     "SELECT i, repeat('y', 40)
                        FROM generate_series(1, $1::integer) i" $arg_n; }
END

sub nginx {
    my ($conninfo, $parameters, %args) = @_;

    return Cost::PG::nginx($db, $parameters // 'pool=1', $locations,
                           conninfo => $conninfo, %args);
}


# what nginx -t says; never a password

my $local = "host=$dir port=$port dbname=$name user=cost";

my @refused = (
    [ '', 'pool=0', qr/invalid value "pool=0", it must be between 1 and 64/ ],
    [ '', 'timeout=1ms', qr/invalid value "timeout=1ms"/ ],
    [ '', 'timeout=x', qr/invalid value "timeout=x"/ ],
    [ '', 'pool=1 pool=2', qr/duplicate parameter "pool=2"/ ],
    [ '', 'pols=1', qr/unknown parameter "pols"/ ],
    [ 'hots=x', '', qr/invalid connection option "hots"/ ],
    [ 'host=x password=geheim hots=geheim', '', qr/not shown/ ],
    [ 'password=geheim geheim2', '', qr/missing "=" after "\.\.\."/ ],
    [ 'hots=x password=geheim', '', qr/invalid connection option "hots"/ ],
    [ "password='geheim", '', qr/unterminated quoted string/ ],
    [ 'postgresql://a:geheim@b/c?geheim=1', '', qr/not shown/ ],
    [ 'postgresql://a:geheim@[::1/c', '', qr/"\]" in IPv6 host/ ],
    [ 'postgresql://a:geheim%zz@b/c', '', qr/not shown/ ],
    [ 'postgresql://a@b/c?x=1', '', qr/invalid URI query parameter: "\.\.\."/ ],
    [ 'service=x', '', qr/"service" is not supported/ ],
    [ 'gssencmode=require', '', qr/"gssencmode" is not supported/ ],
    [ 'sslmode=verify', '', qr/invalid sslmode "verify", it must be one of: d/ ],
    [ 'target_session_attrs=rw', '', qr/invalid target_session_attrs "rw"/ ],
    [ 'host=a,b hostaddr=1.1.1.1', '', qr/must name as many/ ],
    [ 'host=localhost port=99999', '', qr/invalid port "99999"/ ],
    [ 'hostaddr=db.example', '', qr/invalid hostaddr "db.example"/ ],
    [ 'host=/tmp,no.such.host.invalid password=geheim', '',
      qr/host not found in host "no\.such\.host\.invalid"/ ],
    [ 'env:COST_TEST_NOT_SET', '', qr/no "COST_TEST_NOT_SET" in the env/ ],
    [ 'file:no.such.file', '', qr/open\(\) "[^"]+no\.such\.file" failed/ ],
);

for my $case (@refused) {
    my ($conninfo, $parameters, $message) = @$case;
    my ($ok, $output) = nginx($conninfo || $local, $parameters)->test_conf;

    ok(!$ok && $output =~ $message && $output !~ /geheim/,
       "$conninfo $parameters") or diag $output;
}

my ($ok, $output) = nginx('host=localhost password=geheim')->test_conf;
ok($ok, 'names are resolved by nginx -t, nothing is connected')
    or diag $output;

my $nginx = nginx($local, '', http => "cost_database '$local';");
($ok, $output) = $nginx->test_conf;
ok(!$ok && $output =~ /"cost_database" directive is duplicate/, 'a duplicate');

# without a cost_database there is nothing
$nginx = Cost::Nginx->new(server => 'location / { return 200; }',
                          main => 'load_module ' . Cost::PG::module() . ';')
         ->start;
is($nginx->http->get('/')->{status}, 200, 'no cost_database');
$nginx->stop;


# where it comes from

{
    local $ENV{COST_TEST_DATABASE} = $local;
    $nginx = nginx('env:COST_TEST_DATABASE')->start;
    is($nginx->http->get('/one')->{body}, "1\t2\n", 'from the environment');
    is($nginx->http->get('/who')->{body}, "cost\tnginx cost\n", 'its name');
    is($nginx->http->get('/set')->{body}, "4750ms\t4MB\n",
       'statement_timeout is below timeout');
    $nginx->stop;
}

$nginx = nginx('file:database.conf', 'pool=1 timeout=2s');
open my $fh, '>', $nginx->dir . '/database.conf' or die;
print $fh "$local application_name=mine options='-c work_mem=1MB'\n";
close $fh;
$nginx->start;
is($nginx->http->get('/who')->{body}, "cost\tmine\n", 'from a file');
is($nginx->http->get('/set')->{body}, "1900ms\t1MB\n", 'with options');
$nginx->stop;


# TLS, with a password that libpq must quote, by name and by URI

my $tls = "host=localhost port=$port dbname=$name user=secret "
          . "password='pa ss\\\\'w\@rd' "
          . "sslmode=verify-full sslrootcert=$dir/ca/ca.crt";

for my $conninfo ($tls, "postgresql://secret:pa%20ss'w%40rd\@localhost:$port/"
                        . "$name?sslmode=verify-full"
                        . "&sslrootcert=$dir/ca/ca.crt")
{
    $nginx = nginx($conninfo)->start;
    is($nginx->http->get('/tls')->{body}, "t\tTLSv1.3\n", 'over TLS');

    # its records have 16 KB, and what libpq leaves of one makes no event
    for my $size (9_984, 16_384, 20_000, 60_000, 200_000, 1_048_576) {
        Cost::PG::renew($nginx);

        my $text = '9dd4e461268c8034f5c8564e155c67a6' x int($size / 32);
        my $r = $nginx->http->get("/text?n=$size");
        ok($r->{body} eq "$text\tend\n",
           "$size bytes over TLS, on a new connection")
            or diag substr($r->{body}, 0, 100), ' ', length $r->{body},
                    "\n", $nginx->log;

        my $rows = join '', map { "$_\t" . 'y' x 40 . "\n" } 1 .. $size / 45;
        ok($nginx->http->get('/rows?n=' . int($size / 45))->{body} eq $rows,
           'as rows');
    }

    $nginx->stop('no stale error of OpenSSL');
}

my $wrong = $tls;
$wrong =~ s/localhost/127.0.0.1/;
$nginx = nginx($wrong)->start;
is($nginx->http->get('/one')->{status}, 503, 'a certificate of another name');
ok($nginx->logged(qr/not reachable.*server certificate for/), 'is told');
unlike($nginx->log, qr/w\@rd/, 'without the password');
$nginx->stop('no stale error of OpenSSL');

$wrong = $tls;
$wrong =~ s/pa ss/pass/;
$nginx = nginx($wrong)->start;
is($nginx->http->get('/one')->{status}, 503, 'a wrong password');
ok($nginx->logged(qr/not reachable.*password authentication failed/),
   'is told');
$nginx->stop;


# several hosts: one that refuses, one that is silent

my $refuses = Cost::Nginx::free_port();

$nginx = nginx("host=localhost,localhost port=$refuses,$port dbname=$name "
               . 'user=cost')->start;
is($nginx->http->get('/one')->{body}, "1\t2\n", 'the first host refuses');
$nginx->stop;

socket my $silent, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
bind $silent, sockaddr_in(0, INADDR_LOOPBACK) or die "bind: $!";
listen $silent, 128 or die "listen: $!";
my ($silent_port) = sockaddr_in(getsockname $silent);

$nginx = nginx("hostaddr=127.0.0.1,127.0.0.1 port=$silent_port,$port "
               . "dbname=$name user=cost",
               'pool=2 connect_timeout=200ms')->start;
my $from = time;
ok(Cost::PG::settled($nginx, 5, ready => 2), 'the first host is silent');
in_time(time - $from, 1.5, 'the second comes after connect_timeout');

# and is the first from then on
my $psql_kill = q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = 'nginx cost'};
system(qq{$psql -c "$psql_kill" >/dev/null});
$from = time;
is($nginx->http->get('/one')->{body}, "1\t2\n", 'after a loss');
in_time(time - $from, 0.19, 'it is not asked again');
$nginx->stop;

# over TCP sslmode=prefer begins with one socket and may go on with another
$nginx = nginx("host=$dir,localhost port=1,$port dbname=$name user=cost "
               . 'target_session_attrs=read-write')->start;
is($nginx->http->get('/one')->{body}, "1\t2\n",
   'a socket that is missing, then a name');
$nginx->stop;

$nginx = nginx("host=localhost port=$port dbname=$name user=cost "
               . 'target_session_attrs=standby')->start;
is($nginx->http->get('/one')->{status}, 503, 'no such server');
ok($nginx->logged(qr/not reachable.*server is not in hot standby mode/, 20),
   'is told');
$nginx->stop;

# DROP DATABASE and the cluster's end are the test library's, by its socket
$cluster->stop('immediate');

done_testing();

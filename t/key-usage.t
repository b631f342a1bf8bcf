use strict;
use warnings;

# Day counters outlive reloads, restarts, kill -9 and binary upgrades, and
# nodes share them; the last use of keys is kept.

use lib 't/lib';

use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Database;
use Cost::HTTP;
use Cost::Nginx;

my $db = Cost::Database->new;

my %conf = (
    database => $db,
    workers => 2,
    http => <<'END',
    cost_database "%%DATABASE%%" pool=2;
    api_key_zone keys:1m;
    api_key_flush 400ms;
    api_key_plan day prefix=k_ errors=cloudk limit=1000/day;
    api_key_plan both prefix=k_ errors=cloudk limit=50/minute limit=1000/day
                 limit=5000/7d;
    api_key_plan shared prefix=k_ errors=cloudk limit=1000/day
                 scope=organization;
    api_key_plan tight prefix=k_ errors=cloudk limit=500/day;
    api_key_plan free prefix=k_ errors=cloudk unlimited;
END
    server => 'location / { api_key zone=keys; empty_gif; }',
);

# not over midnight
sleep 1 while time % 86400 > 86310;

my $nginx = Cost::Nginx->new(%conf)->start;
my %key = map { $_ => $db->key(plan => $_, prefix => 'k_') }
          qw(day both free tight);
my @shared = map { $db->key(plan => 'shared', prefix => 'k_') } 1, 2;

is(left($key{day}), 999, 'one');
get($key{$_ % 2 ? 'day' : 'both'}) for 1 .. 20;
get($shared[$_ % 2]) for 1 .. 20;
get($key{free}) for 1 .. 5;

told();

is($db->query("SELECT sum(count), count(*) FROM key_usage u
                 JOIN api_keys k ON k.id = u.key_id WHERE plan = 'day'"),
   '11|1', 'a row of what the key used');
is($db->query("SELECT string_agg(length || ':' || count, ' ' ORDER BY length)
                 FROM key_usage u JOIN api_keys k ON k.id = u.key_id
                WHERE plan = 'both'"),
   '86400:10 604800:10', 'the minute is not kept, the week is');
is($db->query("SELECT sum(count) FROM key_usage WHERE key_id = 0"), 20,
   'and one of what the organization used');
is($db->query("SELECT count(DISTINCT start) FROM key_usage
                WHERE length = 86400 AND start = date_trunc('day', now())"),
   1, 'of this UTC day');
is($db->query("SELECT count(*) FROM api_keys
                WHERE last_used_at > now() - interval '1 minute'"), 5,
   'the last use of keys');
is($db->query("SELECT count(*) FROM api_key_secrets
                WHERE last_used_at > now() - interval '1 minute'"), 5,
   'and of secrets, those without limits too');

# by hand: the key is another organization's from now on

my $moved = $db->key(plan => 'both', prefix => 'k_');
my $heir = $db->organization('heir');

left($moved);
$db->query("UPDATE api_keys SET organization_id = $heir
             WHERE id = (SELECT max(id) FROM api_keys)");
told();
left($moved);
told();
is($db->query("SELECT max(count) FROM key_usage
                WHERE organization_id = $heir AND length = 86400"), 2,
   'a key that moves takes its counts along');


# a reload

$nginx->reload;
is(left($key{day}), 988, 'a reload');


# a restart

told();
$nginx->stop;
$nginx = Cost::Nginx->new(%conf)->start;
is(left($key{day}), 987, 'a restart');
is(left($key{both}), 989, 'of the other key');
is(left($shared[0]), 979, 'of the organization');
is(get($key{both})->header('X-RateLimit-Remaining-Minute'), 48,
   'a minute begins anew');


# kill -9 of workers

told();
$nginx->allow(qr/exited on signal 9/);
my @old = $nginx->workers;
kill KILL => @old;
ok($nginx->wait_for(10, sub {
    my %now = map { $_ => 1 } $nginx->workers;
    keys %now == 2 && !grep { $now{$_} } @old;
}), 'workers are killed and replaced');
is(left($key{day}), 986, 'their zone is not');


# kill -9 of all

told();
kill KILL => $nginx->{pid}, $nginx->workers;
waitpid delete $nginx->{pid}, 0;
sleep 0.3;
$nginx = Cost::Nginx->new(%conf)->start;
is(left($key{day}), 985, 'kill -9 of the master and the workers');
is(left($shared[1]), 978, 'nothing was told twice');

told();

# without the time to tell: what is forgotten is less than an interval's
get($key{day}) for 1 .. 5;
kill KILL => $nginx->{pid}, $nginx->workers;
waitpid delete $nginx->{pid}, 0;
$nginx = Cost::Nginx->new(%conf)->start;
my $after = left($key{day});
ok($after >= 979 && $after <= 984, "an interval at most is forgotten ($after)");


# a binary upgrade, which nginx only does as a daemon

SKIP: {
    skip 'the new binary would not know the sanitizers\' options', 1
        if $ENV{COST_TEST_VARIANT};

    told();
    my $before = left($key{day});
    told();
    $nginx->stop;

    $nginx = Cost::Nginx->new(%conf);
    $nginx->write_conf;

    my $file = $nginx->dir . '/nginx.conf';
    my $text = Cost::Nginx::slurp($file);
    $text =~ s/daemon off/daemon on/;
    open my $fh, '>', $file or die "$file: $!";
    print $fh $text;
    close $fh;

    {
        my %env = Cost::Nginx::environment($nginx->dir . '/reports');
        local @ENV{keys %env} = values %env;
        system $nginx->command;
    }

    my $first = pid();
    ok($nginx->wait_for(10, sub { $first = pid() }), 'a daemon');
    is(left($key{day}), $before - 1, 'with what is known');
    told();

    kill USR2 => $first;
    ok($nginx->wait_for(10, sub {
        -s $nginx->dir . '/nginx.pid.oldbin' && pid() && pid() != $first
    }), 'two masters');
    my $second = pid();
    sleep 1;
    kill WINCH => $first;
    sleep 1;
    is(left($key{day}), $before - 2, 'a binary upgrade');
    kill QUIT => $first;
    ok($nginx->wait_for(10, sub { !kill 0 => $first }), 'the old one leaves');
    is(left($key{day}), $before - 3, 'and the new one goes on');
    told();
    kill QUIT => $second;
    ok($nginx->wait_for(10, sub { !kill 0 => $second }), 'to its end');
    is(join("\n", Cost::Nginx::alerts($nginx->log),
            Cost::Nginx::reports($nginx->dir . '/reports')), '', 'without alerts');
}


# two nodes

my @nodes = map { Cost::Nginx->new(%conf)->start } 1, 2;

sub on { $nodes[$_[0]]->http->get('/', 'X-API-Key' => $_[1]) }

on(0, $shared[0]) for 1 .. 30;
told();
is(on(1, $shared[1])->header('X-RateLimit-Remaining-Day'), 947,
   'a node begins where another is');
on(1, $shared[1]) for 1 .. 9;
told();
on(0, $shared[0]);
told();
is(on(0, $shared[0])->header('X-RateLimit-Remaining-Day'), 936,
   'and hears of it');

# at once on both: beyond the limit only what passed within an interval
my ($passed, $begin) = (0, time);
my %late;

until ($late{0} && $late{1}) {
    for my $node (0, 1) {
        my $r = on($node, $key{tight});

        $passed++ if $r->{status} == 200;
        $late{$node} = 1 if $r->{status} == 429;
    }

    # some 200 requests in a second
    sleep 0.007;
    last if time > $begin + 30;
}

my $rate = $passed / (time - $begin);

ok($late{0} && $late{1}, 'both nodes refuse');
cmp_ok($passed, '>=', 500, 'when the limit has passed');
cmp_ok($passed - 500, '<=', $rate * 0.4 + 20,
       sprintf 'and %d more, at %d/s', $passed - 500, $rate);


# the last use is not written with each request

my $id = $db->query("SELECT id FROM api_keys WHERE plan = 'free'");
on(0, $key{free});
told();
my $xmin = $db->query("SELECT xmin FROM api_keys WHERE id = $id");
on(0, $key{free}), sleep 0.1 for 1 .. 15;
is($db->query("SELECT xmin FROM api_keys WHERE id = $id"), $xmin,
   '15 requests in more than a second: no write');
ok($nodes[0]->wait_for(12, sub {
    $db->query("SELECT xmin FROM api_keys WHERE id = $id") ne $xmin;
}), 'one when it is time');

$_->stop for @nodes;
done_testing;


sub get { $nginx->http->get('/', 'X-API-Key' => $_[0]) }
sub left { get($_[0])->header('X-RateLimit-Remaining-Day') // 'none' }

sub pid { int(Cost::Nginx::slurp($nginx->dir . '/nginx.pid') || 0) }

# an interval, and some more for a busy machine
sub told { sleep 0.9 }

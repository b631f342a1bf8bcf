#!/usr/bin/env perl

# What jobs survive, and what they do not: a second call, many organizations,
# two nodes, a reload, a kill of the worker, of everything, of PostgreSQL, a
# schedule; and nothing is ever half done.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

use Cost::Sync;

my $sync = Cost::Sync->new(private => 1, workers => 2);
my $db = $sync->db;
my $nginx = $sync->nginx;

# what is committed must outlive the kill of PostgreSQL below
$db->query('ALTER SYSTEM SET synchronous_commit = on');
$db->query('SELECT pg_reload_conf()');

my $old = Cost::Sync::bill('2024-08', [ 1, 'a', '1' ], [ 2, 'b', '2' ]);
my $new = Cost::Sync::bill('2024-08', [ 1, 'a', '10' ], [ 2, 'b', '20' ]);


# a server that gives half a file, and the rest when the test says so

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64,
                                   ReuseAddr => 1) or die "listen: $!";
my $url = 'http://127.0.0.1:' . $listen->sockport . '/bill.csv';
my $gate = $sync->base . '/gate';
my $asked = $sync->base . '/asked';
my $pid = fork // die "fork: $!";

if ($pid == 0) {
    setpgrp;
    $SIG{CHLD} = 'IGNORE';
    $SIG{PIPE} = 'IGNORE';

    while (my $client = $listen->accept) {
        if (fork) { close $client; next }
        my $request = '';
        while ($request !~ /\r\n\r\n/) {
            sysread $client, $request, 8192, length $request or last;
        }
        my $n = length $new;
        syswrite $client, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                          . "Content-Length: $n\r\n\r\n" . substr $new, 0, 200;
        open my $fh, '>>', $asked;
        print $fh 'x';
        close $fh;
        for (1 .. 1200) { last if -e $gate; sleep 0.05 }
        syswrite $client, substr $new, 200;
        require POSIX;
        POSIX::_exit(0);
    }
}

sub shut { unlink $gate; truncate $asked, 0 if -e $asked }
sub open_gate { open my $fh, '>', $gate or die }
sub asked { (-s $asked) // 0 }
sub wait_for { $nginx->wait_for(@_) }


# costs are there already; the job brings others

my $acme = $sync->organization('acme');
my $account = $sync->source($acme, { kind => 'directory',
                                     path => $sync->dir . '/acme' });
$sync->write('acme/old.csv', $old);
$sync->run($acme);
is $sync->sums('acme'), '2|3', 'some costs';

my $path = "/api/v1/accounts/$account->{id}";
$sync->api->send('PATCH', $path, $acme,
                 encode_json({ source => { kind => 'https', url => $url } }));


# a second call is the same job; another organization's goes on

my $id = $sync->begin($acme);
ok wait_for(5, sub { asked() == 1 }), 'a job is in mid-file';
is $sync->begin($acme), $id, 'a second call: the same job';
ok wait_for(5, sub {
    my $job = $sync->job($acme, $id);
    $job->{progress}{file} // '' eq 'bill.csv' && $job->{progress}{bytes} > 0
}), 'its progress is told';

my $other = $sync->organization('other');
$sync->source($other, { kind => 'directory', path => $sync->dir . '/acme' });
is $sync->run($other)->{status}, 'done', 'another organization has its own';
is $sync->sums('acme'), '2|3', 'nothing has changed yet';

open_gate();
is $sync->wait($acme, $id)->{status}, 'done', 'it ends';
is $sync->sums('acme'), '2|30', 'with the new costs';
is asked(), 1, 'it was fetched once';
isnt $sync->begin($acme), $id, 'then a call starts another';
ok wait_for(10, sub { $db->query("SELECT count(*) FROM sync_jobs
    WHERE state IN ('queued', 'running')") == 0 }), 'which ends';


# a reload in the middle: the old worker ends what it has begun

sub reset_costs {
    shut();
    $sync->api->send('PATCH', $path, $acme, encode_json({ source => {
        kind => 'directory', path => $sync->dir . '/acme' } }));
    # it was written again
    $sync->write('acme/old.csv', $old);
    $sync->run($acme);
    is $sync->sums('acme'), '2|3', 'the old costs';
    $sync->api->send('PATCH', $path, $acme,
        encode_json({ source => { kind => 'https', url => $url } }));
}

reset_costs();
$id = $sync->begin($acme);
ok wait_for(10, sub { asked() == 1 }), 'a job is in mid-file';
$nginx->reload;
open_gate();
is $sync->wait($acme, $id, 30)->{status}, 'done', 'a reload: it ends';
is $sync->sums('acme'), '2|30', 'with the new costs';
is asked(), 1, 'it was fetched once';
ok wait_for(20, sub { $nginx->workers == 2 }), 'the old worker left';


# a kill of the workers: nothing is half done, and the job says so

$nginx->allow(qr/exited on signal 9/);

reset_costs();
$id = $sync->begin($acme);
ok wait_for(20, sub { asked() == 1 }), 'a job is in mid-file';
kill KILL => $nginx->workers;
ok wait_for(10, sub { eval {
    $sync->api->get('/api/v1/health')->{status} == 200 } }),
    'workers are back';
my $job = $sync->wait($acme, $id, 40);
is "$job->{status}: $job->{error}", 'failed: the server was stopped in the '
    . 'middle of the job; what it had loaded by then is whole',
    'a kill of the worker: it has failed';
is $sync->sums('acme'), '2|3', 'and nothing has changed';
open_gate();
is $sync->run($acme, 30)->{status}, 'done', 'the next one runs';
is $sync->sums('acme'), '2|30', 'and loads';


# a kill of PostgreSQL

reset_costs();
$id = $sync->begin($acme);
ok wait_for(20, sub { asked() == 1 }), 'a job is in mid-file';
$db->kill;
sleep 1;
$db->start;
$job = $sync->wait($acme, $id, 40);
is "$job->{status}: $job->{error}", 'failed: bill.csv: the database went away',
    'a kill of PostgreSQL: it has failed';
is $sync->sums('acme'), '2|3', 'and nothing has changed';
open_gate();
is $sync->run($acme, 30)->{status}, 'done', 'the next one runs';


# an account that is deleted in the middle

reset_costs();
$id = $sync->begin($acme);
ok wait_for(20, sub { asked() == 1 }), 'a job is in mid-file';
is $sync->api->send('DELETE', $path, $acme, '')->{status}, 200,
    'its account is deleted';
open_gate();
$job = $sync->wait($acme, $id, 20);
is $job->{status}, 'failed', 'it has failed';
is $sync->sums('acme'), '2|3', 'and nothing has changed';


# a schedule

$account = $sync->source($acme, { kind => 'directory', sync_every => 1,
                                  path => $sync->dir . '/acme' });
$sync->write('acme/old.csv', Cost::Sync::bill('2024-08', [ 1, 'a', '5' ]));
$db->query("UPDATE account_sources SET next_sync_at = now()
             WHERE account_id = $account->{provider_id}");
ok wait_for(20, sub { $sync->sums('acme') eq '2|7' }), 'by its schedule'
    or diag $sync->sums('acme');


# two nodes: a job runs once; the other takes over when one dies

my $second = Cost::Sync->new(dir => $sync->base, database => $db);
my @jobs = map { $sync->write("n$_/a.csv", $old);
                 my $key = $sync->organization("n$_");
                 $sync->source($key, { kind => 'directory',
                                       path => $sync->dir . "/n$_" });
                 [ $key, $sync->begin($key) ] } 1 .. 6;
is join(' ', map { $sync->wait(@$_)->{status} } @jobs),
    join(' ', ('done') x 6), 'two nodes: all jobs end';
is $db->query("SELECT count(*) FROM imports i JOIN organizations o
    ON o.id = i.organization_id WHERE o.slug ~ '^n[0-9]\$'"), 6,
    'each was done once';

$second->stop('the second ended cleanly');

kill KILL => -$pid;
waitpid $pid, 0;

# (what a killed process counted in stub_status stays there)
$nginx->signal('QUIT');
ok $nginx->wait_for(15, sub { waitpid($nginx->{pid}, 1) != 0 }), 'it left';
delete $nginx->{pid};
is join("\n", Cost::Nginx::alerts($nginx->log, @{ $nginx->{allowed} })), '',
    'no alert';

done_testing;

#!/usr/bin/env perl

# A power cut in mid-sync, which takes the master and its workers at once: the
# job has failed and says why, what was loaded is whole, the rest is not there,
# and the next job loads it; by a new start, and by another node.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use Test::More;

use Cost::Gate;
use Cost::Sync;

my $stopped = 'the server was stopped in the middle of the job; what it had '
              . 'loaded by then is whole';

my $sync = Cost::Sync->new(private => 1, workers => 2);
my $db = $sync->db;

# of three bills the second is the one in whose middle it happens
my %bills = (
    'a.csv' => Cost::Sync::bill('2024-08', [ 1, 'a', '1' ]),
    'b.csv' => Cost::Sync::bill('2024-09', [ 1, 'a', '10' ],
                                map { [ $_, 'b', '10' ] } 1 .. 28),
    'c.csv' => Cost::Sync::bill('2024-10', [ 1, 'a', '100' ]),
);
my $gate = Cost::Gate->new($sync->base, %bills);

sub s3 {
    my ($slug) = @_;

    my $key = $sync->organization($slug);

    $sync->source($key, { kind => 's3', bucket => 'bills',
                          endpoint => $gate->url });

    return $key;
}

# everything of an organization that a load writes
sub written {
    my ($slug) = @_;

    return join '; ', $sync->sums($slug), map {
        $db->query("SELECT count(*) FROM $_ x JOIN organizations o
                        ON o.id = x.organization_id WHERE o.slug = '$slug'")
    } qw(cost_periods imports sync_files cost_to_date);
}


# in the middle of a file

my $key = s3('acme');

$gate->shut('b.csv');
my $id = $sync->begin($key);
ok $gate->wait_for('b.csv'), 'the second of three is being read';
my $before = written('acme');
like $before, qr/^1\|1; 1; 1; 1; /, 'the first is loaded, nothing else';

power_cut($sync->nginx);
is $db->query("SELECT state FROM sync_jobs WHERE id = $id"), 'running',
    'the job of a dead server';
$sync->nginx->start;
$gate->release;

my $job = $sync->wait($key, $id, 60);
is "$job->{status}: $job->{error}", "failed: $stopped",
    'a new start: it has failed, and says why';
ok $job->{finished_at}, 'it has ended';
is written('acme'), $before, 'nothing of the second is there';

$job = $sync->run($key, 60);
is $job->{status}, 'done', 'the next one runs' or diag $job->{error};
is "$job->{progress}{files_loaded} $job->{progress}{files_skipped}", '2 1',
    'and loads what is missing';
is $sync->sums('acme'), '31|391', 'all is there';


# behind the rows: they are copied, and being put in place

$key = s3('locked');

my $organization = $db->organization('locked');
my $lock = lock_loads($organization);

$id = $sync->begin($key);
ok $sync->nginx->wait_for(20, sub {
    $db->query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                   AND NOT granted") > 0
}), 'a load is being put in place';
power_cut($sync->nginx);
close $lock;
ok $sync->nginx->wait_for(20, sub {
    $db->query("SELECT count(*) FROM pg_stat_activity
                 WHERE application_name LIKE 'nginx%'") == 0
}), 'PostgreSQL has noticed';
is written('locked'), '0|0; 0; 0; 0; 0', 'nothing was loaded';

# (as if the lease were over)
$db->query('UPDATE sync_jobs SET lease_until = now()
             WHERE lease_until IS NOT NULL');
$sync->nginx->start;

$job = $sync->wait($key, $id, 60);
is "$job->{status}: $job->{error}", "failed: $stopped", 'it has failed';
is $sync->run($key, 60)->{status}, 'done', 'the next one runs';
is $sync->sums('locked'), '31|391', 'and loads everything';


# another node takes over

my $second = Cost::Sync->new(dir => $sync->base, database => $db);

$key = s3('nodes');
$gate->shut('b.csv');
$id = $sync->begin($key);
ok $gate->wait_for('b.csv'), 'one of two nodes has a job';

# the first one leads, as it was there first
like $sync->nginx->log, qr/job $id of "nodes" begins/, 'the first';
power_cut($sync->nginx);
$gate->release;

$job = $second->wait($key, $id, 60);
is "$job->{status}: $job->{error}", "failed: $stopped",
    'it dies: the other one says that the job has failed';
is $sync->sums('nodes'), '1|1', 'what it had loaded is there';
$job = $second->run($key, 60);
is $job->{status}, 'done', 'and runs the next one' or diag $job->{error};
is $sync->sums('nodes'), '31|391', 'which loads the rest';
like $second->nginx->log, qr/job $job->{job_id} of "nodes" begins/, 'itself';
is $gate->given, 'a.csv b.csv b.csv c.csv', 'and only that';

$second->stop('the second ended cleanly');
done_testing;


# all at once: nobody can say goodbye, or start another worker

sub power_cut {
    my ($nginx) = @_;

    my $pid = delete $nginx->{pid};

    kill STOP => $pid;
    kill KILL => split(' ', Cost::Nginx::slurp("/proc/$pid/task/$pid/children")),
                 $pid;
    waitpid $pid, 0;
    unlink $nginx->dir . '/status.sock';

    # a worker is nobody's child now; its sockets may take a moment to go
    $nginx->wait_for(10, sub {
        IO::Socket::INET->new(LocalAddr => '127.0.0.1', ReuseAddr => 1,
                              LocalPort => $nginx->port, Listen => 1)
    }) or die 'a worker is still there';
}


# psql holds the lock of an organization's loads until its input ends

sub lock_loads {
    my ($organization) = @_;

    open my $fh, '|-', 'psql -qAtX -o /dev/null "' . $db->conninfo . '"'
        or die "psql: $!";
    $fh->autoflush;
    print $fh "SELECT pg_advisory_lock(hashtext('cost_load'), $organization);\n";

    $sync->nginx->wait_for(10, sub {
        $db->query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                       AND granted AND objid = $organization") > 0
    }) or die 'no lock';

    return $fh;
}

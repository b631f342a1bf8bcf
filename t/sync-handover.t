#!/usr/bin/env perl

# A worker that is told to leave ends the delivery that it is at and hands the
# job on: to the worker of a new configuration, or to another node.  Every file
# is loaded once, and the job tells what all of them did.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use Cost::Gate;
use Cost::Sync;

my %bills = (
    'a.csv' => Cost::Sync::bill('2024-08', [ 1, 'a', '1' ], [ 2, 'a', 'x' ]),
    'b.csv' => Cost::Sync::bill('2024-09', map { [ $_, 'b', '10' ] } 1 .. 29),
    'c.csv' => Cost::Sync::bill('2024-10', [ 1, 'a', '100' ]),
    'd.csv' => Cost::Sync::bill('2024-11', [ 1, 'c', '1000' ]),
);
my $bytes = 0;
$bytes += length for values %bills;

# four files, 33 rows, one of which is refused
my %all = (file => undef, files_found => 4, files_loaded => 4,
           files_skipped => 0, files_failed => 0, bytes => $bytes,
           rows_read => 33, rows_loaded => 32, rows_refused => 1);

my $sync = Cost::Sync->new(workers => 2);
my $db = $sync->db;
my $gate = Cost::Gate->new($sync->base, %bills);

# an organization with all four, by one source or by four
my %sources = (
    s3 => sub { { kind => 's3', bucket => 'bills', endpoint => $gate->url } },
    https => sub { map { { kind => 'https', url => $gate->url . "/$_" } }
                   sort keys %bills },
    directory => sub {
        my $minute = 0;

        for my $name (sort keys %bills) {
            my $file = $sync->write("$_[0]/$name", $bills{$name});
            my $at = 1_700_000_000 + 60 * $minute++;
            utime $at, $at, $file;
        }

        return { kind => 'directory', path => $sync->dir . "/$_[0]" };
    },
);

sub organization {
    my ($slug, $kind) = @_;

    my $key = $sync->organization($slug);

    $sync->source($key, $_) for $sources{$kind}->($slug);

    return $key;
}


# Begins a job and, in the middle of its second file, does what "leave" says;
# then the rest comes.

sub handed_over {
    my ($slug, $kind, $leave, $heir) = @_;

    my $key = organization($slug, $kind);

    $gate->shut('b.csv');
    my $id = $sync->begin($key);
    ok $gate->wait_for('b.csv'), "$slug: in the middle of the second file";
    $leave->();
    ended($slug, $key, $id, $heir, sub { $gate->release });
    is $gate->given, 'a.csv b.csv c.csv d.csv', "$slug: each was sent once";
}

sub ended {
    my ($slug, $key, $id, $heir, $release) = @_;

    my ($api) = grep { $_ } $heir, $sync;

    is $api->job($key, $id)->{status}, 'running', "$slug: it goes on";
    $release->();

    my $job = $api->wait($key, $id, 60);

    is $job->{status}, 'done', "$slug: the job ends well"
        or diag $job->{error};
    is_deeply $job->{progress}, \%all, "$slug: with what both workers did"
        or diag explain $job->{progress};
    is $sync->sums($slug), '32|1391', "$slug: all is loaded";
    is $db->query("SELECT count(*) FROM imports i JOIN organizations o
        ON o.id = i.organization_id WHERE o.slug = '$slug'"), 4, 'once';

    my $begun = () = join('', map { $_->nginx->log } grep { $_ } $sync, $heir)
                     =~ /job $id of "$slug" begins/g;

    is $begun, 2, "$slug: there were two";
}

# until the old worker knows of it: else it may end the job first

sub reload {
    my $leaving = () = $sync->nginx->log =~ /gracefully shutting down/g;

    $sync->nginx->reload;
    $sync->nginx->wait_for(10, sub {
        $leaving < (() = $sync->nginx->log =~ /gracefully shutting down/g);
    }) or die 'the old worker stays';
}

handed_over("reload-$_", $_, \&reload) for qw(s3 https);


# the files of a directory do not stop by themselves: their load waits

sub locked {
    my ($slug, $leave, $heir) = @_;

    my $key = organization($slug, 'directory');
    my $organization = $db->organization($slug);

    # psql holds the lock of an organization's loads until its input ends
    open my $fh, '|-', 'psql -qAtX -o /dev/null "' . $db->conninfo . '"'
        or die "psql: $!";
    $fh->autoflush;
    print $fh "SELECT pg_advisory_lock(hashtext('cost_load'), $organization);\n";
    ok $sync->nginx->wait_for(10, sub { locks($organization, 't') }),
        "$slug: loads are held up";

    my $id = $sync->begin($key);
    ok $sync->nginx->wait_for(20, sub { locks($organization, 'f') }),
        "$slug: the first one is";
    $leave->();
    ended($slug, $key, $id, $heir, sub { close $fh });
}

sub locks {
    my ($organization, $granted) = @_;

    return $db->query("SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND objid = $organization
          AND granted = '$granted'") > 0;
}

locked('reload-directory', \&reload);


# another node

for my $kind (qw(s3 https directory)) {
    my $second = Cost::Sync->new(dir => $sync->base, database => $db);
    my $slug = "quit-$kind";
    my $nginx = $sync->nginx;
    my $quit = sub {
        $nginx->signal('QUIT');
        ok $nginx->wait_for(10, sub {
            $nginx->log =~ /gracefully shutting down(?!.*start worker proc)/s
        }), "$slug: it is told to leave";
    };

    if ($kind eq 'directory') {
        locked($slug, $quit, $second);
    } else {
        handed_over($slug, $kind, $quit, $second);
    }

    ok $nginx->wait_for(30, sub { waitpid($nginx->{pid}, 1) != 0 }),
        "$slug: it left";
    delete $nginx->{pid};
    is join("\n", Cost::Nginx::alerts($nginx->log)), '', "$slug: quietly";

    # the other one leads from now on
    $sync = $second;
}

$sync->stop('the last ended cleanly');

done_testing;

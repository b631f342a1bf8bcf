package Cost::Crash;

# Nodes on one database, of which something is killed now and then, and the
# database as well:
#
#     my $crash = Cost::Crash->new(nodes => 2, pretend => 1, %api);
#     $crash->db;                            # private, and durable
#     $crash->node;                          # a Cost::API that is there now
#     $crash->hit;                           # kill -9, at random
#     $crash->hit('master');
#     $crash->killed;                        # "master 3, worker 5"
#     $crash->stop;                          # tests: each leaves cleanly
#
# What is hit: a worker; all workers of a node; a master, whose workers go on
# alone until the next hit, beside the new node that is started; PostgreSQL,
# which is started again.
#
# The lead of a killed node lasts for some seconds.  "pretend" is the chance
# that it ends at once, which a killed worker's node and a leader that still
# lives cannot tell from time that has passed.

use strict;
use warnings;

use Test::More ();
use Time::HiRes qw(sleep);

use Cost::API;
use Cost::Nginx;


sub new {
    my ($class, %args) = @_;

    my $self = bless {
        nodes => [], wanted => delete $args{nodes} // 2, orphans => [],
        pretend => delete $args{pretend} // 0, killed => {}, owner => $$,
        conf => \%args
    }, $class;

    $self->{db} = Cost::Database->new(private => 1);

    # what is committed outlives a kill
    $self->{db}->query('ALTER SYSTEM SET synchronous_commit = on');
    $self->{db}->query('SELECT pg_reload_conf()');

    $self->{nodes}[$_] = $self->begin for 0 .. $self->{wanted} - 1;

    return $self;
}


sub db { $_[0]{db} }
sub node { $_[0]{nodes}[0] }

sub begin {
    my ($self) = @_;

    my $api = Cost::API->new(database => $self->{db}, %{ $self->{conf} });

    $api->nginx->allow(qr/exited on signal 9/);

    return $api;
}


sub killed {
    my ($self) = @_;

    return join ', ', map { "$_ $self->{killed}{$_}" }
                      sort keys %{ $self->{killed} };
}


sub hit {
    my ($self, $what) = @_;

    $what //= (qw(worker workers master postgresql))[rand 4];
    $self->{killed}{$what}++;

    kill KILL => splice @{ $self->{orphans} };

    my $n = int rand @{ $self->{nodes} };
    my $nginx = $self->{nodes}[$n]->nginx;
    my @workers = $nginx->workers;

    if ($what eq 'postgresql') {
        $self->{db}->kill;
        sleep rand 0.5;
        $self->{db}->start;

    } elsif ($what eq 'master') {
        kill KILL => $nginx->{pid};
        waitpid delete $nginx->{pid}, 0;

        $self->{orphans} = \@workers;
        $self->{nodes}[$n] = $self->begin;

    } else {
        kill KILL => $what eq 'worker' ? $workers[rand @workers] : @workers;
    }

    eval { $self->{db}->query('DELETE FROM timer_leases') }
        if rand() < $self->{pretend};
}


# (what a killed process counted in stub_status stays there: no Cost::Nginx's
# stop())

sub stop {
    my ($self) = @_;

    kill KILL => splice @{ $self->{orphans} };

    for my $node (@{ $self->{nodes} }) {
        my $nginx = $node->nginx;

        $nginx->signal('QUIT');
        Test::More::ok($nginx->wait_for(15, sub {
            waitpid($nginx->{pid}, 1) != 0
        }), 'a node left') or next;
        delete $nginx->{pid};

        Test::More::is(join("\n", Cost::Nginx::alerts($nginx->log,
            @{ $nginx->{allowed} })), '', 'without an alert');
    }
}


sub DESTROY {
    my ($self) = @_;

    kill KILL => @{ $self->{orphans} } if $self->{owner} == $$;
}


1;

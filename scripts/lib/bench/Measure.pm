package Measure;

# Two ways of doing the same, in turns, and a row that compares them.
#
#     $m->section('health: GET /api/v1/health over return 200');
#     $m->compare('32 clients', aim => 0.97,
#                 ours => sub { { rate => ..., cpu => ... } },
#                 limit => sub { ... });
#
# A side says how many it did in a second and, where it can, how many
# microseconds of CPU time one took.

use strict;
use warnings;

use Cost::Database;
use Time::HiRes qw(sleep time);


sub new {
    my ($class, %args) = @_;

    return bless { %args, cpus => cpus(), database => undef }, $class;
}


sub small { $_[0]{small} }
sub rounds { $_[0]{rounds} }
sub seconds { $_[0]{seconds} }


sub begin {
    my ($self) = @_;

    $| = 1;
    $self->{load} = load();

    printf "%-32s %12s %12s %7s  %-12s %5s  %s\n", '', 'ours', 'limit',
           'ratio', 'middle half', 'aim', 'CPU us, ratio';
}


sub section {
    my ($self, $title) = @_;

    print "$title\n";
}


sub compare {
    my ($self, $name, %args) = @_;

    my $rounds = $args{rounds} && $args{rounds} < $self->{rounds}
                 ? $args{rounds} : $self->{rounds};
    my (@ours, @limit, @ratio);

    # caches and connections; not counted
    if (!$args{cold} && !$self->{small}) {
        $self->progress("$name: warming up");
        $args{limit}->();
        $args{ours}->();
    }

    for my $round (1 .. $rounds) {
        $self->progress("$name: round $round of $rounds");

        # neither is always the first
        my @order = $round % 2 ? qw(ours limit) : qw(limit ours);
        my %got = map { $_ => $args{$_}->() } @order;

        push @ours, $got{ours};
        push @limit, $got{limit};
        push @ratio, $got{ours}{rate} / $got{limit}{rate};
    }

    $self->progress('');

    my @half = quartiles(@ratio);
    my @cpu = map { median(@$_) } grep { defined $_->[0] }
              [ map { $_->{cpu} } @ours ], [ map { $_->{cpu} } @limit ];
    my $cpu = @cpu == 2 ? sprintf('%.2f / %.2f, %.3f', @cpu, $cpu[1] / $cpu[0])
              : @cpu    ? sprintf('%.2f', @cpu) : '-';

    printf "  %-30s %12s %12s %7.3f  %-12s %5s  %s\n", $name,
           rate(median(map { $_->{rate} } @ours)),
           rate(median(map { $_->{rate} } @limit)), median(@ratio),
           sprintf('%.3f-%.3f', @half),
           $args{aim} ? sprintf('%.2f', $args{aim}) : '-',
           $cpu;

    return;
}


# a figure without a limit

sub figure {
    my ($self, $name, $text) = @_;

    $self->progress('');

    print $name eq '' ? "  $text\n" : sprintf "  %-34s %s\n", $name, $text;
}


sub progress {
    my ($self, $text) = @_;

    return if !-t STDERR;

    print STDERR "\r\e[K", $text;
}


# the last line: on what

sub end {
    my ($self) = @_;

    my ($model) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
    my ($kernel) = slurp('/proc/sys/kernel/osrelease') =~ /^(\S+)/;
    my ($nginx) = qx{@{[ Cost::Nginx::binary() ]} -v 2>&1} =~ m{nginx/(\S+)};
    my $pg = '@' . Cost::Database::Cluster::bin();

    $pg =~ s{.*/postgresql/([^/]+)/.*}{$1};

    printf "%d CPUs (%s), Linux %s, nginx %s, PostgreSQL %s, gcc -O2;"
           . " load before %s, after %s; %d rounds of %d s\n",
           scalar @{ $self->{cpus} }, $model // 'unknown', $kernel,
           $nginx // '?', $pg, $self->{load}, load(), $self->{rounds},
           $self->{seconds};
}


# A PostgreSQL of this run's own, as large as a benchmark needs it; what both
# sides use, they use alike.  It does not wait for the disk.

sub database {
    my ($self) = @_;

    return $self->{database} //= do {
        $self->progress('starting PostgreSQL');

        my $db = Cost::Database->new(private => 1);

        $db->query("ALTER SYSTEM SET $_")
            for "shared_buffers = '1GB'", "max_wal_size = '8GB'",
                "maintenance_work_mem = '256MB'";
        $db->stop;
        $db->start;

        $db;
    };
}


# CPUs this process may use

sub cpus {
    my ($list) = slurp('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\S+)/m;

    return [ map { /^(\d+)-(\d+)$/ ? ($1 .. $2) : $_ } split /,/, $list ];
}


# a process on one of them (from 0 on); on one CPU there is nothing to choose

sub pin {
    my ($self, $pid, $n) = @_;

    my @cpus = @{ $self->{cpus} };

    qx{taskset -p -c $cpus[$n % @cpus] $pid} if @cpus > 1;
}

sub pinned {
    my ($self, $n) = @_;

    my @cpus = @{ $self->{cpus} };

    return @cpus > 1 ? ('taskset', '-c', $cpus[$n % @cpus]) : ();
}


# seconds of CPU time of processes, to the nanosecond where the kernel says

sub cpu {
    my $sum = 0;

    for my $pid (@_) {
        if (slurp("/proc/$pid/schedstat") =~ /^(\d+) /) {
            $sum += $1 / 1e9;
            next;
        }

        my @stat = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //sr;

        $sum += ($stat[11] + $stat[12]) / 100;
    }

    return $sum;
}


# Seconds of PostgreSQL's.  Those of processes that have ended are their
# parent's, once it has noticed.

sub database_cpu {
    my ($self) = @_;

    my ($parent) = slurp($self->database->dir . '/data/postmaster.pid')
                   =~ /^(\d+)/;
    my @stat = split ' ', slurp("/proc/$parent/stat") =~ s/^.*\) //sr;
    my @children = split ' ', slurp("/proc/$parent/task/$parent/children");

    return ($stat[13] + $stat[14]) / 100 + cpu(@children);
}


# Runs commands; what they and PostgreSQL took for it together, in seconds.

sub spent {
    my ($self, $code) = @_;

    my $before = $self->database_cpu;
    my @times = times;

    $code->();

    my @after = times;

    sleep 0.3;

    return $self->database_cpu - $before
           + $after[2] - $times[2] + $after[3] - $times[3];
}


# what a command prints; it must succeed

sub output {
    my (@command) = @_;

    my $pid = open(my $fh, '-|') // die "fork: $!\n";

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        open STDIN, '<', '/dev/null';
        { no warnings 'exec'; exec @command; }
        print "$command[0]: $!\n";
        require POSIX;
        POSIX::_exit(127);
    }

    my $text = do { local $/; <$fh> } // '';
    close $fh;

    die "@command:\n$text" if $?;

    return $text;
}


sub timed {
    my ($code) = @_;

    my $from = time;

    $code->();

    return time - $from;
}


sub median {
    my @v = sort { $a <=> $b } @_;

    return @v % 2 ? $v[@v / 2] : ($v[@v / 2 - 1] + $v[@v / 2]) / 2;
}


sub quartiles {
    my @v = sort { $a <=> $b } @_;

    return ($v[int @v / 4], $v[$#v - int @v / 4]);
}


sub rate {
    my ($rate) = @_;

    my $text = sprintf '%.0f', $rate;

    1 while $text =~ s/^(\d+)(\d{3})/$1,$2/;

    return "$text/s";
}


sub load { (split ' ', slurp('/proc/loadavg'))[0] // '?' }


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    local $/;

    return <$fh> // '';
}


1;

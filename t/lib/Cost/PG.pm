package Cost::PG;

# What the tests of pg/ share: nginx with the test module, which makes the
# room's door reachable by HTTP (see t/lib/ngx_http_cost_test_module.c), and
# many clients at once.
#
#     my $nginx = Cost::PG::nginx($db, 'pool=1 timeout=1s', <<'END');
#         location /one { cost_test_query fast "SELECT 1, 2"; }
#     END
#     Cost::PG::status($nginx);            # { connections => 1, ready => 1 ... }
#     Cost::PG::many($nginx, 100, '/one'); # their responses, in order
#     my $load = Cost::PG::load($nginx, 32, '/one', '/other');
#     $load->end;                          # { requests, status => { 200 => N }
#                                          #   slowest (s), broken => [...] }

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use IO::Select;
use JSON::PP;
use Time::HiRes qw(sleep time);

use Cost::HTTP;
use Cost::Nginx;


sub nginx {
    my ($db, $parameters, $server, %args) = @_;

    my $conninfo = $args{conninfo} // '%%DATABASE%%';

    $args{main} = 'load_module ' . module() . ";\n" . ($args{main} // '');
    $args{http} = qq{cost_database "$conninfo" $parameters;\n}
                  . ($args{http} // '');

    return Cost::Nginx->new(
        database => $db, %args,
        server => "location = /status { cost_test_status; }\n$server",
    );
}


# the counters of the worker that answers

sub status {
    my ($nginx) = @_;

    my $text = $nginx->http->get('/status')->{body};

    return { map { split /=/ } split ' ', $text };
}


# waits for counters: ready => 2, in_flight => 0

sub settled {
    my ($nginx, $seconds, %want) = @_;

    return $nginx->wait_for($seconds, sub {
        my $status = status($nginx);
        return !grep { $status->{$_} != $want{$_} } keys %want;
    });
}


# a reload, until the old workers have left, so that new ones answer

sub renew {
    my ($nginx, %args) = @_;

    $nginx->reload(%args);

    $nginx->wait_for(15, sub { $nginx->workers == $nginx->{workers} })
        or croak 'old workers do not leave';
}


# so many clients at once, with one request each

sub many {
    my ($nginx, $n, $path, %args) = @_;

    my @clients = map {
        my $p = ref $path ? $path->($_) : $path;

        $nginx->http(%args)->send("GET $p HTTP/1.1\r\nHost: localhost\r\n"
                                  . "Connection: close\r\n\r\n");
    } 1 .. $n;

    return map { $_->receive('GET') } @clients;
}


# Clients that keep asking, in a process of their own.  A reload closes kept
# connections that seem idle to nginx: with $keepalive = 0 none is kept.

our $keepalive = 1;

sub load {
    my ($nginx, $n, @paths) = @_;

    my $port = $nginx->port;

    pipe my $stop, my $stopper or croak "pipe: $!";
    pipe my $reader, my $writer or croak "pipe: $!";

    my $pid = fork // croak "fork: $!";

    if ($pid == 0) {
        close $stopper;
        close $reader;

        print $writer encode_json(clients($port, $n, $stop, @paths));
        close $writer;
        POSIX::_exit(0);
    }

    return bless { pid => $pid, stopper => $stopper, reader => $reader },
                 'Cost::PG::Load';
}


sub clients {
    my ($port, $n, $stop, @paths) = @_;

    my %result = (requests => 0, status => {}, slowest => 0, broken => []);
    my $select = IO::Select->new;
    my (%client, $stopping);

    my $send = sub {
        my ($c) = @_;

        my $path = $paths[$result{requests}++ % @paths];

        $c->{data} = '';
        $c->{from} = time;
        syswrite $c->{socket}, "GET $path HTTP/1.1\r\nHost: localhost\r\n"
            . ($keepalive ? "\r\n" : "Connection: close\r\n\r\n");
    };

    my $connect = sub {
        my $socket = Cost::HTTP->new($port)->connect;
        my $c = $client{fileno $socket} = { socket => $socket };

        $select->add($socket);
        $send->($c);
    };

    $select->add($stop);
    $connect->() for 1 .. $n;

    while ($select->count > ($stopping ? 0 : 1)) {
        my @ready = $select->can_read(10);

        if (!@ready) {
            push @{ $result{broken} }, 'no answer within 10 s';
            last;
        }

        for my $socket (@ready) {

            if ($socket == $stop) {
                $select->remove($stop);
                $stopping = 1;
                next;
            }

            my $c = $client{fileno $socket};
            my $got = sysread $socket, $c->{data}, 65536, length $c->{data};

            if (!$got) {
                push @{ $result{broken} }, 'the connection was closed';
                $select->remove($socket);
                delete $client{fileno $socket};
                close $socket;
                $connect->() if !$stopping;
                next;
            }

            next if $c->{data} !~ m{^HTTP/1.1 (\d+).*?Content-Length: (\d+).*?\r\n\r\n}s
                    || length $c->{data} < $+[0] + $2;

            my $status = $1;
            my $took = time - $c->{from};

            $result{status}{$status}++;
            $result{slowest} = $took if $took > $result{slowest};

            if ($stopping) {
                $select->remove($socket);

            } elsif ($c->{data} =~ /^Connection: close/m) {
                # keepalive_requests, or a worker that leaves
                $select->remove($socket);
                delete $client{fileno $socket};
                close $socket;
                $connect->();

            } else {
                $send->($c);
            }
        }
    }

    return \%result;
}


# The test module, compiled as the suite under test was, and beside it.

sub module {
    my $suite = Cost::Nginx::module();
    my $dir = dirname(-l $suite ? $suite : abs_path($suite));
    my $module = "$dir/ngx_http_cost_test_module.so";
    my $lib = "$Cost::Nginx::root/t/lib";
    my @sources = glob "$lib/ngx_http_cost_test*.c";

    open my $lock, '>', "$dir/.test-module" or croak "$dir: $!";
    flock $lock, LOCK_EX or croak "flock: $!";

    my $newest = (sort { $b <=> $a } map { (stat)[9] // 0 } @sources,
                  "$lib/ngx_http_cost_test.h", "$dir/objs/Makefile",
                  "$Cost::Nginx::root/modules/pg/ngx_http_cost_pg.h")[0];

    return $module if -e $module && (stat $module)[9] > $newest;

    my $makefile = Cost::Nginx::slurp("$dir/objs/Makefile");

    $makefile =~ s/\\\n//g;

    my ($cc) = $makefile =~ /^CC\s*=\s*(.*)$/m;
    my ($flags) = $makefile =~ /^CFLAGS\s*=\s*(.*)$/m;
    my ($includes) = $makefile =~ /^ALL_INCS\s*=\s*(.*)$/m;

    croak "$dir/objs/Makefile is not what was expected"
        if !defined $cc || !defined $flags || !defined $includes;

    my $output = qx{cd '$dir/nginx' && $cc $flags -fPIC $includes \\
                    -I '$Cost::Nginx::root/modules' -shared \\
                    -o '$module.new' @sources 2>&1};

    croak "the test module could not be compiled:\n$output" if $?;

    rename "$module.new", $module or croak "$module: $!";

    return $module;
}


package Cost::PG::Load;

use JSON::PP;


sub end {
    my ($self) = @_;

    close $self->{stopper};

    my $text = do { local $/; readline $self->{reader} };

    waitpid $self->{pid}, 0;

    return decode_json($text // '{}');
}


1;

package Cost::Nginx;

# A real nginx with the module, for scenario tests:
#
#     my $nginx = Cost::Nginx->new(
#         database => $db,                   # a Cost::Database
#         workers  => 4,                     # 1
#         clock    => '2024-02-29T12:00:00Z',  # what time it is when it starts
#         main     => '...',                 # main level
#         http     => 'cost_database "%%DATABASE%%" ...;',
#         server   => 'location / { ... }',  # of the server at %%PORT%%
#     );
#     $nginx->start;
#     $nginx->http->get('/');                # a Cost::HTTP
#     $nginx->stop;                          # one test: it ended cleanly
#
# In the texts stand %%PORT%% and %%PORT_anything%% for free ports, %%DIR%%
# for a directory of this server's, %%ROOT%% for the project's, %%DATABASE%%.
#
# A clean end is: no request is left over (stub_status), nginx leaves when it
# is told to, the error log has nothing at alert or above, the end included,
# and no sanitizer and no valgrind has anything to say.

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More ();
use Time::Local ();
use Time::HiRes qw(sleep time);

use Cost::Clock qw(slowness);
use Cost::HTTP;

our $root = abs_path(dirname(__FILE__) . '/../../..');

# "", "sanitize" or "valgrind"
my $variant = $ENV{COST_TEST_VARIANT} // '';


sub new {
    my ($class, %args) = @_;

    my $self = bless {
        workers => 1, level => 'info', main => '', http => '', server => '',
        %args, ports => {}, allowed => [], owner => $$
    }, $class;

    $self->{dir} = tempdir('cost-nginx-XXXXXX', DIR => '/tmp');

    # the workers' user writes its reports into it
    chmod 0755, $self->{dir};
    mkdir "$self->{dir}/reports";
    chmod 01777, "$self->{dir}/reports";

    return $self;
}


sub dir { $_[0]{dir} }

sub port {
    my ($self, $name) = @_;

    return $self->{ports}{ $name // '' } //= free_port();
}

sub http {
    my ($self, %args) = @_;

    return Cost::HTTP->new($self->port, %args);
}


sub start {
    my ($self) = @_;

    $self->write_conf;

    my $pid = fork // croak "fork: $!";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$self->{dir}/output";
        open STDERR, '>&', \*STDOUT;

        my %env = (environment("$self->{dir}/reports"), $self->clock);
        @ENV{keys %env} = values %env;

        { no warnings 'exec'; exec $self->command; }
        print STDERR "nginx: $!\n";
        POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    my $up = $self->wait_for(30, sub {
        croak 'nginx did not start: ' . $self->output . $self->log
            if waitpid($pid, WNOHANG) != 0 && do { delete $self->{pid}; 1 };

        return $self->workers == $self->{workers}
               && eval { $self->status; 1 };
    });

    croak 'nginx did not come up: ' . $self->log if !$up;

    # the first connect takes longer there than a query waits for it
    sleep 3 if $variant eq 'valgrind' && $self->{http} =~ /cost_database/;

    return $self;
}


# another day, by a library that is loaded in front of libc

sub clock {
    my ($self) = @_;

    return if !defined $self->{clock};

    my $library = "$self->{dir}/clock.so";

    system('cc', '-shared', '-fPIC', '-O2', '-o', $library,
           "$root/t/lib/clock.c") == 0
        or croak 'cc: t/lib/clock.c was not compiled';

    my @at = $self->{clock} =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)Z$/
        or croak "clock: $self->{clock}";
    my $at = Time::Local::timegm($at[5], $at[4], $at[3], $at[2], $at[1] - 1,
                                 $at[0]);

    # the library is loaded before ASan's own
    my %asan = environment("$self->{dir}/reports");
    my %order = %asan ? (ASAN_OPTIONS => "$asan{ASAN_OPTIONS}"
                                         . ':verify_asan_link_order=0') : ();

    return (LD_PRELOAD => $library, COST_TEST_CLOCK => $at - int time, %order);
}


# nginx -t with this configuration: whether it is accepted, and what it said

sub test_conf {
    my ($self) = @_;

    $self->write_conf;

    my $command = join ' ', map { "'$_'" } $self->command, '-t';
    my %env = environment("$self->{dir}/reports", 0);

    local @ENV{keys %env} = values %env;

    my $output = qx{$command 2>&1};

    # the log is stderr's copy, and an [emerg] is what was asked for
    unlink "$self->{dir}/error.log";

    return ($? == 0, $output);
}


# new texts, as for new()

sub reload {
    my ($self, %args) = @_;

    @{$self}{keys %args} = values %args;

    $self->write_conf;

    my $generation = () = $self->log =~ /gracefully shutting down/g;
    my %old = map { $_ => 1 } $self->workers;

    $self->signal('HUP');

    return $self->wait_for(15, sub {
        my @now = $self->workers;

        return scalar(grep { !$old{$_} } @now) == $self->{workers};
    }) || croak 'no new workers after a reload';
}


sub signal {
    my ($self, $signal) = @_;

    kill $signal => $self->{pid} or croak "kill: $!";
}


# their pids, those on their way out included

sub workers {
    my ($self) = @_;

    my $pid = $self->{pid};

    open my $fh, '<', "/proc/$pid/task/$pid/children" or return;
    my $children = <$fh> // '';
    close $fh;

    return split ' ', $children;
}


# bytes of memory the worker really has

sub rss {
    my ($self, $pid) = @_;

    open my $fh, '<', "/proc/$pid/statm" or croak "statm: $!";

    return 4096 * (split ' ', <$fh>)[1];
}


sub log {
    my ($self) = @_;

    return slurp("$self->{dir}/error.log");
}

sub output {
    my ($self) = @_;

    return slurp("$self->{dir}/output");
}

# waits until the error log says so

sub logged {
    my ($self, $pattern, $seconds) = @_;

    return $self->wait_for($seconds // 5, sub { $self->log =~ $pattern });
}


# { active, reading, writing, waiting }; this very request is one "active"
# and one "writing"

sub status {
    my ($self) = @_;

    my $text = Cost::HTTP->new("$self->{dir}/status.sock")->get('/')->{body};

    my ($active) = $text =~ /Active connections: (\d+)/;
    my ($reading, $writing, $waiting)
        = $text =~ /Reading: (\d+) Writing: (\d+) Waiting: (\d+)/
        or croak "stub_status: $text";

    return { active => $active, reading => $reading, writing => $writing,
             waiting => $waiting };
}


# an alert that the test provokes: a worker killed on purpose

sub allow {
    my ($self, @patterns) = @_;

    push @{ $self->{allowed} }, @patterns;
}


# busy: there are requests that only worker_shutdown_timeout ends

sub stop {
    my ($self, $name, %args) = @_;

    my @trouble = $self->end(%args);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Test::More::ok(!@trouble, $name // 'nginx ended cleanly')
        or Test::More::diag(join "\n", @trouble);

    return !@trouble;
}


sub end {
    my ($self, %args) = @_;

    return if !$self->{pid};

    my @trouble;
    my $status;

    # requests that tests abandoned need a moment
    my $idle = $args{busy} || $self->wait_for(5, sub {
        $status = eval { $self->status };
        return $status && $status->{reading} == 0 && $status->{writing} == 1;
    });

    push @trouble, 'requests are left over: '
        . ($status ? "Reading $status->{reading}, "
                     . "Writing $status->{writing} (1)"
                   : "stub_status does not answer: $@")
        if !$idle;

    kill QUIT => $self->{pid};

    my $gone = $self->wait_for(15, sub {
        waitpid($self->{pid}, WNOHANG) != 0
    });

    if (!$gone) {
        push @trouble, 'nginx did not leave within 15 seconds of QUIT';
        kill KILL => $self->workers, $self->{pid};
        waitpid $self->{pid}, 0;
    }

    delete $self->{pid};

    push @trouble, alerts($self->log, @{ $self->{allowed} }),
                   reports("$self->{dir}/reports");

    return @trouble;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($@, $?, $!);

    if ($self->{pid}) {
        kill KILL => $self->workers, $self->{pid};
        waitpid $self->{pid}, 0;
    }

    if ($ENV{COST_TEST_KEEP}) {
        Test::More::diag("kept $self->{dir}");

    } else {
        remove_tree($self->{dir});
    }
}


# What t::Cost uses, too.

sub binary {
    return "$root/var/build/sanitize/nginx-binary" if $variant eq 'sanitize';

    return $ENV{TEST_NGINX_BINARY} if $ENV{TEST_NGINX_BINARY};

    for my $dir (split(/:/, $ENV{PATH}), '/usr/sbin') {
        return "$dir/nginx" if -x "$dir/nginx";
    }

    croak 'nginx is not installed';
}

sub module {
    return "$root/var/build/sanitize/ngx_http_cost_module.so"
        if $variant eq 'sanitize';

    return $ENV{COST_MODULE} // "$root/var/build/ngx_http_cost_module.so";
}

# an nginx that refuses its configuration frees nothing: no look for leaks

sub environment {
    my ($reports, $leaks) = @_;

    return if $variant ne 'sanitize';

    # every dynamic module defines ngx_modules, which ASan calls a violation
    # of the one-definition rule
    return (
        ASAN_OPTIONS => "log_path=$reports/asan:detect_odr_violation=0"
                        . ':detect_leaks=' . ($leaks // 1),
        UBSAN_OPTIONS => "log_path=$reports/ubsan:print_stacktrace=1",
        LSAN_OPTIONS => "suppressions=$root/t/lib/lsan.supp"
                        . ':print_suppressions=0',
    );
}

sub valgrind {
    my ($reports) = @_;

    return if $variant ne 'valgrind';

    return ('valgrind', '-q', '--vgdb=no', '--trace-children=yes',
            '--leak-check=full',
            '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite',
            "--suppressions=$root/t/lib/valgrind.supp",
            "--log-file=$reports/valgrind.%p");
}

sub alerts {
    my ($log, @allowed) = @_;

    my @lines = grep { /\[(?:alert|emerg)\]/ } split /\n/, $log;

    for my $pattern (@allowed) {
        @lines = grep { $_ !~ $pattern } @lines;
    }

    return @lines;
}

sub reports {
    my ($dir) = @_;

    return map { "$_:\n" . substr slurp($_), 0, 4000 }
           grep { -s } glob "$dir/*";
}


sub command {
    my ($self) = @_;

    return (valgrind("$self->{dir}/reports"), binary(), '-p', "$self->{dir}/",
            '-c', "$self->{dir}/nginx.conf", '-e', "$self->{dir}/error.log");
}


sub write_conf {
    my ($self) = @_;

    my $user = $> == 0 ? 'user nobody nogroup;' : '';
    my $module = module();
    my $temp = join "\n", map {
        "    ${_}_temp_path %%DIR%%/${_}_temp;"
    } qw(client_body proxy fastcgi uwsgi scgi);

    my $text = <<"END";
$user
load_module $module;
worker_processes $self->{workers};
daemon off;
pid %%DIR%%/nginx.pid;
error_log %%DIR%%/error.log $self->{level};
$self->{main}

events {
    worker_connections 2048;
}

http {
    access_log off;
    default_type text/plain;
$temp
$self->{http}

    server {
        listen unix:%%DIR%%/status.sock;

        location / {
            stub_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT%% backlog=4096;
        server_name localhost;
$self->{server}
    }
}
END

    $text =~ s/%%PORT(?:_(\w+))?%%/$self->port($1)/ge;
    $text =~ s/%%DIR%%/$self->{dir}/g;
    $text =~ s/%%ROOT%%/$root/g;
    $text =~ s/%%DATABASE%%/$self->{database}->conninfo/ge;

    # there a handshake takes longer than a dead host is waited for
    $text =~ s/^(\s*cost_database\s(?:(?!connect_timeout)[^;])*);
              /$1 connect_timeout=30s;/xmg if $variant eq 'valgrind';

    open my $fh, '>', "$self->{dir}/nginx.conf" or croak "nginx.conf: $!";
    print $fh $text;
    close $fh;
}


sub wait_for {
    my ($self, $seconds, $condition) = @_;

    my $from = time;

    for ( ;; ) {
        return 1 if $condition->();

        if (time - $from > $seconds) {
            return 0 if time - $from > $seconds * slowness();
        }

        sleep 0.02;
    }
}


# A port nobody listens on, kept from other test files by a lock that lasts
# as long as this process.

my @locks;

sub free_port {
    for (1 .. 1000) {
        my $port = 21000 + int rand 9000;

        open my $lock, '>>', "/tmp/cost-port-$port.lock" or next;
        flock $lock, LOCK_EX | LOCK_NB or next;

        IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 1)
            or next;

        push @locks, [ $lock, "/tmp/cost-port-$port.lock", $$ ];

        return $port;
    }

    croak 'no free port';
}

END {
    unlink map { $_->[1] } grep { $_->[2] == $$ } @locks;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    local $/;

    return <$fh> // '';
}


1;

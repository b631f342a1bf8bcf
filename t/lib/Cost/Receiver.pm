package Cost::Receiver;

# Receivers of webhooks, which behave as the path says:
#
#     my $receiver = Cost::Receiver->new;
#     $receiver->url('/200');
#     $receiver->requests;                        # what came, in order
#     $receiver->wait(3, 10);                     # until three have come
#
#     /200 /204 /301 /400 /410 /500 ...  that status, with a short body
#     /429                               with Retry-After: 7
#     /accel                             200 with X-Accel-Redirect
#     /silent                            reads, and says nothing
#     /half                              half a header, and nothing more
#     /close                             reads, and closes
#     /big                               10 MB of body
#     /drip                              a header, then a byte a second
#     /slow, /slow/x                     200, after a second
#     /then/500/200                      each in turn, by webhook-id
#
# new(text => '...') is the body of all answers that have a short one.
#
# A request is { time, method, path, headers (names in lower case), body }.

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw(sleep time);

use Cost::Nginx;


sub new {
    my ($class, %args) = @_;

    my $self = bless {
        port => Cost::Nginx::free_port(), owner => $$,
        file => "/tmp/cost-receiver-$$-" . int(rand 1e9),
        scheme => 'http', host => '127.0.0.1', %args
    }, $class;

    my $listen = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $self->{port}, Listen => 1024,
        ReuseAddr => 1) or die "listen: $!\n";

    open my $fh, '>>', $self->{file} or die "$self->{file}: $!\n";
    close $fh;

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        setpgrp;
        $SIG{CHLD} = 'IGNORE';
        $SIG{TERM} = 'DEFAULT';
        $self->accept_all($listen);
        require POSIX;
        POSIX::_exit(0);
    }

    $self->{pid} = $pid;

    return $self;
}


sub url { "$_[0]{scheme}://$_[0]{host}:$_[0]{port}$_[1]" }


sub requests {
    my ($self, $path) = @_;

    open my $fh, '<', $self->{file} or return;
    my @requests = map { decode_json($_) } grep { /\n\z/ } <$fh>;
    close $fh;

    return grep { !defined $path || $_->{path} eq $path } @requests;
}


sub wait {
    my ($self, $n, $seconds, $path) = @_;

    my $deadline = time + ($seconds // 10);

    while (time < $deadline) {
        return 1 if $self->requests($path) >= $n;
        sleep 0.02;
    }

    return 0;
}


sub accept_all {
    my ($self, $listen) = @_;

    for ( ;; ) {
        my $socket = $listen->accept or next;
        my $pid = fork;

        if (!defined $pid) {
            sleep 0.05;
            next;
        }

        next if $pid;

        close $listen;

        eval { $self->serve($socket) } if $socket;
        require POSIX;
        POSIX::_exit(0);
    }
}


sub serve {
    my ($self, $socket) = @_;

    alarm 60;

    my $data = '';

    while ($data !~ /\r\n\r\n/) {
        return if !sysread $socket, $data, 65536, length $data;
    }

    my ($head, $body) = split /\r\n\r\n/, $data, 2;
    my ($line, @lines) = split /\r\n/, $head;
    my ($method, $path) = split ' ', $line;
    my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1, $2) : () } @lines;

    while (length $body < ($headers{'content-length'} // 0)) {
        return if !sysread $socket, $body, 65536, length $body;
    }

    my $seen = 0;

    if ($path =~ m{^/then/}) {
        $seen = grep { $_->{headers}{'webhook-id'} eq $headers{'webhook-id'} }
                     $self->requests($path);
    }

    # one write, so that those of many processes do not mix
    open my $fh, '>>', $self->{file} or return;
    syswrite $fh, encode_json({ time => time, method => $method,
                                path => $path, headers => \%headers,
                                body => $body }) . "\n";
    close $fh;

    return if $path eq '/close';

    if ($path eq '/silent') {
        sleep 60;
        return;
    }

    if ($path eq '/half') {
        syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Type: te";
        sleep 60;
        return;
    }

    sleep 1 if $path =~ m{^/slow(/|$)};

    my ($status) = $path =~ m{^/(\d+)};
    my $extra = '';
    my $text = $self->{text} // "answer of $path";

    if ($path =~ m{^/then/(.*)}) {
        my @statuses = split m{/}, $1;
        $status = $statuses[$seen] // $statuses[-1];
    }

    $status //= 200;

    $extra = "Location: /200\r\n" if $status == 301;
    $extra = "Retry-After: 7\r\n" if $status == 429;
    $extra = "X-Accel-Redirect: /secret\r\n" if $path eq '/accel';

    if ($path eq '/drip') {
        syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
        for (1 .. 100) { syswrite $socket, 'x'; sleep 1 }
        return;
    }

    if ($path eq '/big') {
        local $SIG{PIPE} = 'IGNORE';
        syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n"
                          . "\r\n";
        for (1 .. 160) { last if !syswrite $socket, 'b' x 65536 }
        return;
    }

    $text = '' if $status == 204;

    syswrite $socket, "HTTP/1.1 $status X\r\nContent-Length: "
        . length($text) . "\r\n${extra}Connection: close\r\n\r\n$text";
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$ || !$self->{pid};

    local ($@, $?, $!);

    kill KILL => -$self->{pid}, $self->{pid};
    waitpid $self->{pid}, 0;
    unlink $self->{file};
}


1;

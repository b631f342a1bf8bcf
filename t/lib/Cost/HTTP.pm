package Cost::HTTP;

# A small HTTP/1.1 client for tests, which sends what it is told.
#
#     my $http = Cost::HTTP->new($port);        # or a unix socket's path
#     my $r = $http->get('/x', 'X-API-Key' => $key);
#     $r->{status}; $r->header('Retry-After'); $r->{body}; $r->json;
#
# A header may be given more than once.  One connection per request, unless
# keepalive => 1 was given to new().  Dies when there is no whole answer.

use strict;
use warnings;

use Carp qw(croak);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(SOCK_STREAM);
use Time::HiRes qw(time);


sub new {
    my ($class, $where, %args) = @_;

    return bless { where => $where, timeout => 10, %args }, $class;
}


sub get    { shift->request('GET', @_) }
sub head   { shift->request('HEAD', @_) }
sub delete { shift->request('DELETE', @_) }

# path, body, headers...
sub post  { my $self = shift; $self->send_body('POST', @_) }
sub put   { my $self = shift; $self->send_body('PUT', @_) }
sub patch { my $self = shift; $self->send_body('PATCH', @_) }


sub send_body {
    my ($self, $method, $path, $body, @headers) = @_;

    return $self->request($method, $path, @headers,
                          'Content-Length' => length $body, '' => $body);
}


# method, path, headers...; a header without a name is the body

sub request {
    my ($self, $method, $path, @headers) = @_;

    my $body = '';
    my $host = 'localhost';
    my $text = '';

    while (my ($name, $value) = splice @headers, 0, 2) {
        if ($name eq '') {
            $body = $value;

        } elsif (lc $name eq 'host') {
            $host = $value;

        } else {
            $text .= "$name: $value\r\n";
        }
    }

    $text .= "Connection: close\r\n" if !$self->{keepalive};

    return $self->raw("$method $path HTTP/1.1\r\nHost: $host\r\n$text\r\n"
                      . $body, $method);
}


# sends the bytes as they are, reads one response

sub raw {
    my ($self, $bytes, $method) = @_;

    $self->send($bytes);

    return $self->receive($method // ($bytes =~ /^(\w+) /)[0] // 'GET');
}


# the two halves, for many requests at once and for clients that leave

sub send {
    my ($self, $bytes) = @_;

    my $socket = $self->{socket} //= $self->connect;

    local $SIG{PIPE} = 'IGNORE';

    while (length $bytes) {
        my $n = syswrite $socket, $bytes;

        # the server may have answered and closed before the end
        last if !defined $n;

        substr $bytes, 0, $n, '';
    }

    return $self;
}


sub receive {
    my ($self, $method) = @_;

    my $deadline = time + $self->{timeout};
    my $data = $self->{left} // '';

    $self->{left} = '';

    $data .= $self->more($deadline) while $data !~ /\r\n\r\n/;

    my ($head, $rest) = split /\r\n\r\n/, $data, 2;
    my ($line, @lines) = split /\r\n/, $head;
    my ($status) = $line =~ m{^HTTP/1\.[01] (\d{3})}
        or croak "not a status line: $line";

    my @headers = map { [ /^([^:]+):\s*(.*?)\s*$/ ] } @lines;
    my $response = bless {
        status => $status, headers => \@headers, body => '', head => $head
    }, 'Cost::HTTP::Response';

    my $length = $response->header('Content-Length');
    my $chunked = ($response->header('Transfer-Encoding') // '') eq 'chunked';

    if ($status < 200) {
        $self->{left} = $rest;
        return $self->receive($method);
    }

    if ($method eq 'HEAD' || $status == 204 || $status == 304) {
        $self->{left} = $rest;

    } elsif ($chunked) {
        for ( ;; ) {
            $rest .= $self->more($deadline) while $rest !~ /^([0-9a-f]+)\r\n/i;

            my $size = hex $1;
            my $from = $+[0];

            $rest .= $self->more($deadline)
                while length $rest < $from + $size + 2;

            $response->{body} .= substr $rest, $from, $size;
            substr $rest, 0, $from + $size + 2, '';

            last if $size == 0;
        }

        $self->{left} = $rest;

    } elsif (defined $length) {
        $rest .= $self->more($deadline) while length $rest < $length;

        $response->{body} = substr $rest, 0, $length;
        $self->{left} = substr $rest, $length;

    } else {
        my $more;
        $rest .= $more while defined($more = $self->more($deadline, 1));

        $response->{body} = $rest;
    }

    $self->close
        if lc($response->header('Connection') // '') eq 'close'
           || !$self->{keepalive};

    return $response;
}


sub more {
    my ($self, $deadline, $eof) = @_;

    my $left = $deadline - time;

    croak "no answer within $self->{timeout} s"
        if $left <= 0
           || !IO::Select->new($self->{socket})->can_read($left);

    my $n = sysread $self->{socket}, my $data, 65536;

    return $data if $n;

    $self->close;

    return if $eof;

    croak 'the connection was closed before the end of an answer';
}


sub connect {
    my ($self) = @_;

    my $where = $self->{where};
    my $socket = $where =~ m{^/}
        ? IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $where)
        : IO::Socket::INET->new(PeerAddr => "127.0.0.1:$where",
                                Timeout => $self->{timeout});

    return $socket // croak "connect to $where: $!";
}


sub close {
    my ($self) = @_;

    close $self->{socket} if $self->{socket};

    delete @{$self}{qw(socket left)};
}


package Cost::HTTP::Response;

use Carp qw(croak);
use JSON::PP;


# the only value, or undef; one that is there twice is an error

sub header {
    my ($self, $name) = @_;

    my @values = $self->headers($name);

    croak "there are several $name headers" if @values > 1;

    return $values[0];
}


sub headers {
    my ($self, $name) = @_;

    return map { $_->[1] }
           grep { lc $_->[0] eq lc $name } @{ $self->{headers} };
}


sub json {
    my ($self) = @_;

    my $value = eval {
        JSON::PP->new->utf8->allow_nonref->decode($self->{body})
    };

    croak "not JSON: $self->{body}" if $@;

    return $value;
}


1;

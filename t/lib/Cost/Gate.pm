package Cost::Gate;

# A server of bills that stops in the middle of one, so that a test can do
# something while a job is in mid-file:
#
#     my $gate = Cost::Gate->new($dir, 'a.csv' => $text, ...);
#     $gate->shut('b.csv');          # half of it comes, the rest later
#     $gate->url . '/a.csv';         # by https
#     $gate->url;                    # the endpoint of an S3 bucket "bills"
#     $gate->wait_for('b.csv');      # somebody has got half of it
#     $gate->release;
#     $gate->given;                  # "a.csv b.csv": what was sent, in order
#     $gate->stop;
#
# What is asked for with the ETag that it has is not sent again.

use strict;
use warnings;

use Carp qw(croak);
use Digest::MD5 qw(md5_hex);
use IO::Socket::INET;
use POSIX qw(_exit strftime);
use Time::HiRes qw(sleep);

use Cost::Nginx;


sub new {
    my ($class, $dir, %files) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64,
                                       ReuseAddr => 1) or croak "listen: $!";
    my $self = bless { dir => $dir, files => \%files, owner => $$,
                       url => 'http://127.0.0.1:' . $listen->sockport },
                     $class;

    $self->{pid} = fork // croak "fork: $!";

    if ($self->{pid} == 0) {
        setpgrp;
        $SIG{CHLD} = 'IGNORE';
        $SIG{PIPE} = 'IGNORE';

        while (my $client = $listen->accept) {
            if (fork) { close $client; next }
            eval { $self->answer($client) };
            _exit(0);
        }

        _exit(0);
    }

    return $self;
}


sub url { $_[0]{url} }

sub given {
    my ($self) = @_;

    return join ' ', split /\n/, Cost::Nginx::slurp("$self->{dir}/given");
}

sub shut {
    my ($self, $name) = @_;

    unlink "$self->{dir}/given", "$self->{dir}/half";
    put("$self->{dir}/gate", $name);
}

sub release { unlink "$_[0]{dir}/gate" }

sub wait_for {
    my ($self, $name) = @_;

    return Cost::Nginx->wait_for(30, sub {
        Cost::Nginx::slurp("$self->{dir}/half") eq "$name\n"
    });
}

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    kill KILL => -$pid;
    waitpid $pid, 0;
}

sub DESTROY {
    my ($self) = @_;

    local ($@, $?, $!);

    $self->stop if $self->{owner} == $$;
}


sub put {
    my ($file, $text) = @_;

    open my $fh, '>>', $file or croak "$file: $!";
    syswrite $fh, "$text\n";
    close $fh;
}


sub answer {
    my ($self, $client) = @_;

    my $request = '';

    while ($request !~ /\r\n\r\n/) {
        sysread $client, $request, 8192, length $request or return;
    }

    my ($path) = $request =~ m{^GET /(?:bills/)?([^? ]*)};
    my ($known) = $request =~ /^If-None-Match: (\S+)\r$/mi;
    my $text = $path eq '' ? $self->listed : $self->{files}{$path} // '';
    my $tag = '"' . md5_hex($text) . '"';
    my $head = "ETag: $tag\r\nConnection: close\r\n";

    if (defined $known && $known eq $tag) {
        syswrite $client, "HTTP/1.1 304 X\r\n$head\r\n";
        return;
    }

    my $half = $path eq '' ? length $text : int(length($text) / 2);

    syswrite $client, "HTTP/1.1 200 X\r\n${head}Content-Length: "
                      . length($text) . "\r\n\r\n" . substr $text, 0, $half;
    return if $path eq '';

    my $gate = "$self->{dir}/gate";

    if (Cost::Nginx::slurp($gate) eq "$path\n") {
        put("$self->{dir}/half", $path);
        for (1 .. 2400) { last if !-e $gate; sleep 0.05 }
    }

    # in the order in which they were asked for: before their ends
    put("$self->{dir}/given", $path);
    syswrite $client, substr $text, $half;
}


sub listed {
    my ($self) = @_;

    # each a minute younger than the one before
    my $time = 1_733_000_000;

    return '<ListBucketResult><IsTruncated>false</IsTruncated>' . join('',
        map {
            my $text = $self->{files}{$_};
            my $at = strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime($time += 60));

            "<Contents><Key>$_</Key><Size>" . length($text) . '</Size><ETag>'
            . '&quot;' . md5_hex($text) . "&quot;</ETag><LastModified>$at"
            . '</LastModified></Contents>'
        } sort keys %{ $self->{files} }) . '</ListBucketResult>';
}


1;

package Callgrind;

# Instructions per request: what another load of the machine cannot change.

use strict;
use warnings;

use Cost::Nginx;

use HTTP;
use Measure;

# those of the module whose inclusive cost is told
my @functions = qw(
    ngx_http_cost_key_access_handler
    ngx_http_cost_key_digest
    ngx_http_cost_key_zone_take
    ngx_http_cost_key_settle
    ngx_http_cost_key_header_filter
);


sub key {
    my ($m) = @_;

    my $requests = $m->small ? 50 : 2000;
    my $key = $m->database->key(plan => 'bench', prefix => 'b_');

    $m->section("key-callgrind: instructions per request, $requests requests"
                . ' (valgrind has no SHA instructions: a digest is 48 ns)');

    my %bare = count($m, $requests, '/bare', $key);
    my %key = count($m, $requests, '/key', $key);

    $m->figure('a bare handler', sprintf '%.0f', $bare{all});
    $m->figure('behind api_key', sprintf '%.0f (+%.0f)', $key{all},
               $key{all} - $bare{all});
    $m->figure("  $_", sprintf '%.0f', $key{$_}) for @functions;
}


# All, and of each function with what it calls: what more requests take more,
# so that start and end do not count.

sub count {
    my ($m, $requests, @how) = @_;

    my %few = counted($m, 10, @how);
    my %many = counted($m, 10 + $requests, @how);

    return map { $_ => ($many{$_} - $few{$_}) / $requests } keys %many;
}


sub counted {
    my ($m, $requests, $path, $key) = @_;

    my @headers = ('X-API-Key' => $key);

    $m->progress("$path under callgrind, $requests times");

    no warnings 'redefine';
    my $command = \&Cost::Nginx::command;

    local *Cost::Nginx::command = sub {
        my ($nginx) = @_;

        return ('valgrind', '--tool=callgrind', '--trace-children=yes', '-q',
                '--callgrind-out-file=' . $nginx->dir . '/reports/%p',
                $command->($nginx));
    };

    my $nginx = HTTP::server($m, '', q(
        location = /key { api_key zone=keys; empty_gif; }
        location = /bare { empty_gif; }
    ));

    my ($pid) = $nginx->workers;
    my $http = $nginx->http(keepalive => 1, timeout => 60);

    for (1 .. $requests) {
        my $status = $http->get($path, @headers)->{status};

        die "$path: $status\n" if $status != 200;
    }

    $http->close;

    # it writes when it ends
    $nginx->end;

    return read_file($nginx->dir . "/reports/$pid");
}


sub read_file {
    my ($file) = @_;

    # it warns of its own doings
    my $text = Measure::output('sh', '-c', 'exec callgrind_annotate'
                               . ' --inclusive=yes --threshold=100 "$1"'
                               . ' 2>/dev/null', 'sh', $file);
    my %count;

    ($count{all}) = $text =~ /^\s*([\d,]+)[^\n]*PROGRAM TOTALS/m
        or die "callgrind_annotate:\n$text";

    # the same function has a line for each file that code of it is from: the
    # first is the largest
    for my $name (@functions) {
        ($count{$name}) = $text =~ /^\s*([\d,]+) \([^\n]*:\Q$name\E(?:\s|$)/m;
    }

    return map { $_ => ($count{$_} // 0) =~ tr/,//dr } keys %count;
}


1;

#!/usr/bin/env perl

# scripts/start and scripts/stop: what a newcomer types.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::Nginx;

chdir dirname(dirname(abs_path($0))) or die "chdir: $!\n";

my $top = tempdir(CLEANUP => 1);
chmod 0755, $top;

my $dir = "$top/first";
my $port = Cost::Nginx::free_port();
my $output;
my @dirs;


# everything, from nothing

is(start("--dir $dir --port $port"), 0, 'the first start') or diag($output);
my $text = $output;

my %env = env($dir);

is($env{COST_URL}, "http://127.0.0.1:$port", 'COST_URL');
like($env{COST_DATABASE}, qr{^host=\Q$dir\E/state/run }, 'COST_DATABASE');

my %prefix = (
    CLOUDK => 'ck_live_', STARTER => 'cc_', ENTERPRISE => 'cc_',
    CCF_PRO => 'ccf_', CCF_TEAM => 'ccf_', INFRAAUDIT => 'ia_',
    CICOSTS => 'cic_live_', READ => 'cc_', WRITE => 'cc_', ADMIN => 'cc_',
);

for my $name (sort keys %prefix) {
    my $key = $env{"COST_KEY_$name"} // '';

    like($key, qr/^\Q$prefix{$name}\E[0-9A-Za-z]{49}$/, "COST_KEY_$name");

    my $info = curl("-H 'X-API-Key: $key' $env{COST_URL}/api/v1/auth/info");

    ok($info && $info->{success}, "is let in") or diag($output);
}

is((stat "$dir/env")[2] & 0777, 0600, 'env is nobody else\'s business');


# the lines it printed

my @lines = $text =~ /^    (curl .*)$/mg;

cmp_ok(scalar @lines, '>=', 3, 'there are lines to type');

for my $line (@lines) {
    (my $quiet = $line) =~ s/^curl/curl -s -f/;

    is(run(". $dir/env; $quiet"), 0, $line) or diag($output);
    ok(eval { decode_json($output) }, 'and it answers JSON');
}

my ($page) = $text =~ m{(http://\S+/dashboard/)};

is($page, "$env{COST_URL}/dashboard/", 'and the address of the page');
is(run("curl -s -f $page | grep -c '<title>Cloud costs</title>'"), 0,
   'which is there') or diag($output);
is(run("curl -s -o /dev/null -w '%{http_code} %{redirect_url}'"
       . " $env{COST_URL}/dashboard"), 0, 'without its last slash');
is($output, "301 $page", 'it is found, too');

my $accounts = curl("-H 'X-API-Key: $env{COST_KEY_READ}'"
                    . " $env{COST_URL}/api/v1/accounts");

my %providers = map { $_->{provider} => 1 } @{ $accounts->{data} };

is(scalar keys %providers, 3, 'sample accounts of three clouds');

my $costs = curl("-H 'X-API-Key: $env{COST_KEY_CLOUDK}'"
                 . " '$env{COST_URL}/api/v1/costs?days=30'");

cmp_ok($costs->{data}{total_spend} // $costs->{data}{daily_total} // 0,
       '>', 0, 'and costs') or diag($output);


# again

my $pid = pid($dir);

is(start("--dir $dir"), 0, 'a second start') or diag($output);
is_deeply({ env($dir) }, \%env, 'keeps address and keys');
is(pid($dir), $pid, 'and the same nginx');

is(start("--dir $top/other --port $port --no-sample"), 1, 'a port in use');
is($output, "scripts/start: port $port is in use; "
            . "choose another one with --port\n", 'is named');

for my $wrong (qw(0 65536 http 080)) {
    is(start("--dir $top/other --port $wrong"), 1, "--port $wrong");
    like($output, qr/^scripts\/start: --port must be [^\n]*\n\z/,
         'one sentence');
}

is(start("--dir /proc/none"), 1, 'a directory that cannot be');
like($output, qr/^scripts\/start: the directory [^\n]*\n\z/, 'one sentence');


# a tool that its package does not have, or that is not in PATH

{
    my $path = "$top/path";

    mkdir $path;

    for my $program (map { glob "$_/*" } qw(/usr/bin /usr/sbin)) {
        symlink $program, $path . '/' . basename($program);
    }

    for my $tool (qw(flock psql curl perl)) {
        my $link = readlink "$path/$tool";

        unlink "$path/$tool";

        local $ENV{PATH} = $path;

        is(start("--dir $top/other --port $port"), 1, "without $tool");
        is($output, "scripts/start: $tool is not installed, or not in PATH\n",
           'one sentence');

        symlink $link, "$path/$tool";
    }

    # nor may this user, whom sudo would help, install it

    unlink "$path/sudo";
    system("cp scripts/lib/common.sh $top/") == 0 or die "cp: $?\n";

    my $script = "command=scripts/start; var=$top/none; . $top/common.sh; "
                 . 'install_packages no-such-package';

    is(run($> == 0 ? "runuser -u nobody -- env PATH=$path sh -c '$script'"
                   : "PATH=$path; $script"), 1, 'without sudo');
    is($output, 'scripts/start: there is no sudo: please install as root, '
                . "with apt-get: no-such-package\n", 'one sentence');
}


# after a crash of both

my ($postmaster) = slurp("$dir/state/postgres/postmaster.pid") =~ /^(\d+)/;

# the workers go on without their master, and keep the port
kill KILL => $pid, $postmaster;
sleep 1;

is(start("--dir $dir"), 0, 'after a crash') or diag($output);
is_deeply({ env($dir) }, \%env, 'everything is as it was');

my $again = curl("-H 'X-API-Key: $env{COST_KEY_CLOUDK}'"
                 . " '$env{COST_URL}/api/v1/costs?days=30'");

is_deeply($again->{data}, $costs->{data}, 'and the costs');


# the end

$pid = pid($dir);

is(run("scripts/stop --dir $dir"), 0, 'stop') or diag($output);
like($output, qr/^nginx \($pid\) stopped\nPostgreSQL stopped\n\z/,
     'says what it stopped');
ok(gone($pid), 'nginx is gone');
ok(!-e "$dir/state/postgres/postmaster.pid", 'PostgreSQL is gone');
is(run("scripts/stop --dir $dir"), 0, 'stop again');
is($output, '', 'has nothing to do');
is(run("scripts/stop --dir $top/none"), 1, 'stop nothing');
is($output, "scripts/stop: there is no directory $top/none\n", 'is named');

my @alerts = Cost::Nginx::alerts(slurp("$dir/log/error.log"));
is("@alerts", '', 'no alert in the error log');


# where PostgreSQL's user may not go

SKIP: {
    skip 'only root has other users', 4 if $> != 0;

    mkdir "$top/closed", 0700;

    my $closed = "$top/closed/dir";
    my $other = Cost::Nginx::free_port();

    is(start("--dir $closed --port $other --no-sample"), 0,
       'a directory that others may not enter') or diag($output);
    like($output, qr/PostgreSQL's files are in (\S+),/, 'is told');

    my %closed = env($closed);
    my $info = curl("-H 'X-API-Key: $closed{COST_KEY_ADMIN}'"
                    . " $closed{COST_URL}/api/v1/auth/info");

    is($info->{data}{permission}, 'admin', 'and works');
    is(run("curl -s -f -o /dev/null $closed{COST_URL}/dashboard/js/main.js"),
       0, 'the page is where nginx may read it');
}

done_testing();


END {
    for my $dir (@dirs) {
        my $state = readlink "$dir/state";

        qx{scripts/stop --dir $dir 2>&1} if -d $dir;
        remove_tree($state) if $state;
    }
}


sub start {
    my ($args) = @_;

    push @dirs, $1 if $args =~ /--dir (\S+)/ && !grep { $_ eq $1 } @dirs;

    return run("scripts/start $args");
}


sub run {
    my ($command) = @_;

    $output = qx{($command) < /dev/null 2>&1};

    return $? >> 8;
}


sub curl {
    my ($args) = @_;

    run("curl -s $args");

    return eval { decode_json($output) };
}


sub env {
    my ($dir) = @_;

    return slurp("$dir/env") =~ /^(COST_\w+)='?(.*?)'?$/mg;
}


sub pid {
    my ($dir) = @_;

    return slurp("$dir/nginx.pid") =~ /(\d+)/ ? $1 : 0;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    local $/;

    return <$fh> // '';
}


# not there, or dead: not everywhere does somebody reap at once

sub gone {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/stat" or return 1;

    return <$fh> =~ /\) Z /;
}

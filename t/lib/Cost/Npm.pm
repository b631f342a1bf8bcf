package Cost::Npm;

# Peers from the npm registry that the machine is set up for, below var/:
#
#     Cost::Npm::have() or plan skip_all => 'npm is not installed';
#     my $modules = Cost::Npm::install('smtp-server@3');   # for NODE_PATH
#     my $peer = Cost::Npm->start('t/lib/smtp.js', $modules, @arguments);
#     $peer->{port};                                # what it printed first
#
# Dies when a package cannot be had although there is npm.

use strict;
use warnings;

use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Time::HiRes qw(sleep);

our $root = abs_path(dirname(__FILE__) . '/../../..');


sub have {
    return grep({ -x "$_/npm" } split /:/, $ENV{PATH})
           && grep({ -x "$_/node" } split /:/, $ENV{PATH});
}


sub install {
    my (@packages) = @_;

    my $name = join '-', map { s/\W+/_/gr } sort @packages;
    my $dir = "$root/var/npm/$name";

    make_path($dir);

    open my $lock, '>', "$dir/.lock" or die "$dir/.lock: $!\n";
    flock $lock, LOCK_EX or die "flock: $!\n";

    if (!-e "$dir/.done") {
        my $output = `cd \Q$dir\E && npm install --prefix . --no-audit \\
            --no-fund --ignore-scripts --loglevel=error @packages 2>&1`;
        die "npm install @packages: $output\n" if $?;

        open my $fh, '>', "$dir/.done" or die "$dir/.done: $!\n";
        close $fh;
    }

    return "$dir/node_modules";
}


# a program of node's, which prints its port first and ends with its parent

sub start {
    my ($class, $script, $modules, @arguments) = @_;

    my $self = bless { owner => $$ }, $class;

    local $ENV{NODE_PATH} = $modules;
    local $ENV{NODE_OPTIONS} = '';

    my $pid = open my $out, '-|';
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        exec 'node', "$root/$script", @arguments or die "node: $!\n";
    }

    $self->{pid} = $pid;
    $self->{out} = $out;

    defined(my $port = <$out>) or die "$script did not start\n";
    ($self->{port}) = $port =~ /^(\d+)/ or die "$script: $port\n";

    return $self;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$ || !$self->{pid};

    local ($@, $?, $!);

    kill KILL => $self->{pid};
    close $self->{out};
}


1;

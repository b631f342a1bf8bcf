package Cost::Database;

# A private PostgreSQL for tests: one cluster per run, one database per file.
#
#     my $db = Cost::Database->new;             # migrated, empty, our own
#     $db->conninfo;                            # for cost_database and libpq
#     $db->query('SELECT 1');                   # text, psql -At
#     my $key = $db->key(plan => 'starter', permission => 'read');
#
# The cluster is the one that t/lib/with-database started (COST_TEST_CLUSTER),
# else one is started for this process and removed when it ends.  Tests that
# stop or kill PostgreSQL take a cluster for themselves:
#
#     my $db = Cost::Database->new(private => 1);
#     $db->stop;  $db->kill;  $db->start;
#
# There is no TCP; who may connect to the socket is asked of the kernel (peer).

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Time::HiRes qw(sleep);

our $root = abs_path(dirname(__FILE__) . '/../../..');

my $superuser = 'cost';
my $template = 'cost_template';
my $shared;


sub new {
    my ($class, %args) = @_;

    my $cluster = $args{private} ? start_cluster() : shared_cluster();
    my $name = sprintf 'test_%d_%d', $$, $class->serial;
    my $self = bless { cluster => $cluster, name => $name, pid => $$ }, $class;

    if ($args{empty}) {
        $self->{cluster}->sql('postgres', "CREATE DATABASE $name");

    } else {
        $self->{cluster}->sql('postgres',
                              "CREATE DATABASE $name TEMPLATE $template");
    }

    return $self;
}


my $serial = 0;

sub serial { ++$serial }

sub name { $_[0]{name} }

# of the server: where the socket is
sub dir { $_[0]{cluster}{dir} }

sub conninfo {
    my ($self) = @_;

    return "host=$self->{cluster}{dir} dbname=$self->{name} user=$superuser";
}


# What psql -At prints, without the last newline.  Several statements are one
# transaction.  Dies with PostgreSQL's message.

sub query {
    my ($self, $sql) = @_;

    return $self->{cluster}->sql($self->{name}, $sql);
}


# an organization's id; made when it is new

sub organization {
    my ($self, $slug, %columns) = @_;

    my $name = quote($columns{name} // $slug);
    my $currency = quote($columns{currency} // 'USD');

    $slug = quote($slug);

    return $self->query("INSERT INTO organizations (slug, name, currency)
        VALUES ($slug, $name, $currency)
        ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug RETURNING id");
}


# A new key, by SQL alone: organization, plan, permission, name, expires
# (SQL), key (a text with a valid checksum), prefix.  Returns the key.

sub key {
    my ($self, %args) = @_;

    my $organization = $self->organization($args{organization} // 'acme');
    my $plan = $args{plan} // 'starter';
    my $prefix = $args{prefix} // prefix($plan);
    my $key = $args{key} // key_text($prefix);
    my $expires = $args{expires} // 'NULL';

    my ($name, $permission, $digest, $last)
        = map { quote($_) } $args{name} // 'test',
                            $args{permission} // 'read', sha256_hex($key),
                            substr($key, -4);

    ($plan, $prefix) = map { quote($_) } $plan, $prefix;

    $self->query("
        WITH k AS (
            INSERT INTO api_keys
                (organization_id, name, permission, plan, expires_at)
            VALUES ($organization, $name, $permission, $plan, $expires)
            RETURNING id)
        INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
        SELECT decode($digest, 'hex'), id, $prefix, $last FROM k");

    return $key;
}


my %prefixes = (
    cloudk => 'ck_live_', ccf_pro => 'ccf_', ccf_team => 'ccf_',
    infraaudit => 'ia_', cic_free => 'cic_live_', cic_pro => 'cic_live_',
    cic_team => 'cic_live_',
);

sub prefix { $prefixes{ $_[0] } // 'cc_' }


# prefix, 43 characters of base62, 6 more that are the CRC-32 of all before

sub key_text {
    my ($prefix) = @_;

    my @digits = (0 .. 9, 'A' .. 'Z', 'a' .. 'z');

    open my $fh, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
    read $fh, my $bytes, 43;
    close $fh;

    # 60 of 62 first digits, so that the number is below 2^256
    my ($first, @bytes) = unpack 'C*', $bytes;
    my $text = $prefix . $digits[$first % 60]
               . join '', map { $digits[$_ % 62] } @bytes;

    my $crc = crc32($text);
    my $sum = '';

    for (1 .. 6) {
        $sum = $digits[$crc % 62] . $sum;
        $crc = int($crc / 62);
    }

    return $text . $sum;
}


sub crc32 {
    my ($text) = @_;

    my $crc = 0xffffffff;

    for my $byte (unpack 'C*', $text) {
        $crc ^= $byte;

        for (1 .. 8) {
            $crc = $crc & 1 ? ($crc >> 1) ^ 0xedb88320 : $crc >> 1;
        }
    }

    return $crc ^ 0xffffffff;
}


sub quote {
    my ($text) = @_;

    $text =~ s/'/''/g;

    return "'$text'";
}


# of a private cluster

sub start { $_[0]{cluster}->start }
sub stop  { $_[0]{cluster}->stop($_[1] // 'fast') }

# kill -9 of the postmaster; its children notice and leave
sub kill  { $_[0]{cluster}->kill }


sub DESTROY {
    my ($self) = @_;

    local ($@, $?);

    return if $self->{pid} != $$ || $self->{cluster}{private};

    eval {
        $self->{cluster}->sql('postgres',
                              "DROP DATABASE $self->{name} WITH (FORCE)");
    };
}


sub shared_cluster {
    return $shared if $shared;

    if (my $dir = $ENV{COST_TEST_CLUSTER}) {
        $shared = Cost::Database::Cluster->attach($dir);
        return $shared;
    }

    $shared = start_cluster();
    delete $shared->{private};

    return $shared;
}


sub start_cluster {
    my $cluster = Cost::Database::Cluster->create;

    $cluster->{private} = 1;
    $cluster->sql('postgres', "CREATE DATABASE $template");

    my $conninfo = "host=$cluster->{dir} dbname=$template user=$superuser";
    my $output = qx{'$root/scripts/migrate' '$conninfo' 2>&1};

    die "scripts/migrate failed:\n$output" if $?;

    return $cluster;
}


package Cost::Database::Cluster;

use Carp qw(croak);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IPC::Open3 qw(open3);
use Time::HiRes qw(sleep);


# { dir, bin, user, owner }: "dir" holds data/, log and the socket

sub attach {
    my ($class, $dir) = @_;

    return bless { dir => $dir, bin => bin(), user => scalar user() }, $class;
}


sub create {
    my ($class) = @_;

    # a socket's path has at most 107 bytes, and another user must get there
    my $dir = tempdir('cost-test-XXXXXX', DIR => '/tmp');
    my $self = $class->attach($dir);

    $self->{owner} = $$;

    chmod 0755, $dir or croak "$dir: $!";

    if ($self->{user}) {
        my ($uid, $gid) = (getpwnam $self->{user})[2, 3];
        chown $uid, $gid, $dir or croak "$dir: $!";
    }

    $self->run("$self->{bin}/initdb", '-D', "$dir/data", '-U', $superuser,
               '--auth=peer', '--encoding=UTF8', '--locale=C', '--no-sync',
               '--no-instructions');

    $self->append('postgresql.conf', <<"END");
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = 5s
jit = off
timezone = 'UTC'
log_checkpoints = off
END

    $self->replace('pg_hba.conf', "local all all peer map=test\n");
    $self->replace('pg_ident.conf',
                   join '', map { "test $_ $superuser\n" } users());

    $self->start;

    return $self;
}


# who connects: the tests, and nginx's workers

sub users {
    my %users = map { $_ => 1 } scalar getpwuid($<),
                                qw(root postgres nobody www-data);

    return sort keys %users;
}


sub bin {
    my @dirs = sort { ($b =~ m{/(\d+)/})[0] <=> ($a =~ m{/(\d+)/})[0] }
               glob '/usr/lib/postgresql/*/bin';

    for my $dir (@dirs, split /:/, $ENV{PATH}) {
        return $dir if -x "$dir/initdb";
    }

    croak 'initdb was not found: install postgresql';
}


# initdb refuses root

sub user {
    return if $> != 0;

    croak 'there is no user "postgres": install postgresql'
        if !defined getpwnam 'postgres';

    return 'postgres';
}


sub start {
    my ($self) = @_;

    $self->run("$self->{bin}/pg_ctl", '-D', "$self->{dir}/data", '-s', '-w',
               '-t', 30, '-l', "$self->{dir}/log", 'start');
}


sub stop {
    my ($self, $mode) = @_;

    $self->run("$self->{bin}/pg_ctl", '-D', "$self->{dir}/data", '-s', '-w',
               '-t', 30, '-m', $mode, 'stop');
}


sub kill {
    my ($self) = @_;

    open my $fh, '<', "$self->{dir}/data/postmaster.pid"
        or croak "postmaster.pid: $!";
    my $pid = int <$fh>;
    close $fh;

    CORE::kill KILL => $pid;

    # its shared memory is free again when the last child has left
    for (1 .. 200) {
        last if !$self->processes;
        sleep 0.05;
    }

    # a zombie that nobody reaps would look alive to a new postmaster
    unlink "$self->{dir}/data/postmaster.pid",
           "$self->{dir}/.s.PGSQL.5432.lock";
}


# those that are left, by the directory they work in; a zombie has none

sub processes {
    my ($self) = @_;

    return grep { (readlink("$_/cwd") // '') eq "$self->{dir}/data" }
           glob '/proc/[0-9]*';
}


sub sql {
    my ($self, $database, $sql) = @_;

    return $self->output($sql, 'psql', '-X', '-q', '-A', '-t', '-w',
                         '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse',
                         '-h', $self->{dir}, '-U', $superuser,
                         '-d', $database, '-f', '-');
}


sub run {
    my ($self, @command) = @_;

    unshift @command, 'runuser', '-u', $self->{user}, '--' if $self->{user};

    return $self->output('', @command);
}


# A child that stays (a server that pg_ctl starts) would keep a pipe open, so
# the output goes to a file.

sub output {
    my ($self, $input, @command) = @_;

    my $in = File::Temp->new;
    my $out = File::Temp->new;

    print $in $input;
    close $in;

    my $pid = fork // croak "fork: $!";

    if ($pid == 0) {
        # a directory that the other user may enter
        chdir '/';
        open STDIN, '<', $in->filename;
        open STDOUT, '>', $out->filename;
        open STDERR, '>&', \*STDOUT;
        { no warnings 'exec'; exec @command; }
        print STDERR "$command[0]: $!\n";
        require POSIX;
        POSIX::_exit(127);
    }

    local $?;
    waitpid $pid, 0;
    my $status = $?;

    open my $fh, '<', $out->filename or croak "output: $!";
    my $text = do { local $/; <$fh> } // '';
    close $fh;

    chomp $text;

    croak "$command[0]: $text" if $status;

    return $text;
}


sub append {
    my ($self, $file, $text) = @_;

    $self->write('>>', $file, $text);
}


sub replace {
    my ($self, $file, $text) = @_;

    $self->write('>', $file, $text);
}


sub write {
    my ($self, $mode, $file, $text) = @_;

    open my $fh, $mode, "$self->{dir}/data/$file" or croak "$file: $!";
    print $fh $text;
    close $fh or croak "$file: $!";
}


sub DESTROY {
    my ($self) = @_;

    return if ($self->{owner} // 0) != $$;

    local ($@, $?);

    eval { $self->stop('immediate') };
    remove_tree($self->{dir});
}


1;

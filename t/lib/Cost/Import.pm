package Cost::Import;

# Runs the import command on a test's database.
#
#     my $import = Cost::Import->new($db);
#     my ($status, $out, $err) = $import->run('acme', $file, ...);
#     my $file = $import->file('a.csv', $text);
#     my $state = $import->state('acme');     # every row that a load writes

use strict;
use warnings;

use File::Temp qw(tempdir);
use IPC::Open3 qw(open3);
use Symbol qw(gensym);

use Cost::Database;

my $variant = ($ENV{COST_TEST_VARIANT} // '') eq 'sanitize' ? 'sanitize/' : '';


sub new {
    my ($class, $db) = @_;

    return bless { db => $db, dir => tempdir('cost-import-XXXXXX',
                                             TMPDIR => 1, CLEANUP => 1) },
                 $class;
}


sub program { "$Cost::Database::root/var/build/${variant}cost-import" }


sub file {
    my ($self, $name, $text) = @_;

    open my $fh, '>:raw', "$self->{dir}/$name" or die "$name: $!\n";
    print $fh $text;
    close $fh or die "$name: $!\n";

    return "$self->{dir}/$name";
}


# the organization, then options and files

sub run {
    my ($self, $organization, @args) = @_;

    return $self->command(program(), '--database', $self->{db}->conninfo,
                          '--org', $organization, @args);
}


sub command {
    my ($self, @command) = @_;

    open my $null, '<', '/dev/null' or die "/dev/null: $!\n";
    open my $err, '+>', "$self->{dir}/stderr" or die "stderr: $!\n";

    my $pid = open3('<&' . fileno $null, my $out, '>&' . fileno $err,
                    @command);
    my $stdout = do { local $/; <$out> };

    waitpid $pid, 0;

    my $status = $? & 127 ? "signal $?" : $? >> 8;

    seek $err, 0, 0;

    return ($status, $stdout // '', join '', <$err>);
}


# costs, their rollup and accounts, with names instead of ids

sub state {
    my ($self, $organization) = @_;

    my $id = "(SELECT id FROM organizations WHERE slug = '$organization')";

    return join "\n", map { $self->{db}->query($_) } "
        SELECT a.provider, a.external_id, c.period, c.day, s.name, r.name,
               g.name, c.charge_category, c.entries, c.billed, c.effective,
               c.list, c.contracted
          FROM costs c
          JOIN accounts a ON a.id = c.account_id
          JOIN services s ON s.id = c.service_id
          JOIN regions r ON r.id = c.region_id
          JOIN service_categories g ON g.id = c.service_category_id
         WHERE c.organization_id = $id
         ORDER BY 1, 2, 3, 4, 5, 6, 7, 8", "
        SELECT a.provider, a.external_id, d.day, s.name, d.entries, d.billed,
               d.effective, d.list, d.contracted
          FROM cost_to_date d
          LEFT JOIN accounts a ON a.id = d.account_id
          LEFT JOIN services s ON s.id = d.service_id
         WHERE d.organization_id = $id
         ORDER BY 1, 2, 3, 4", "
        SELECT provider, external_id, name
          FROM accounts WHERE organization_id = $id ORDER BY 1, 2";
}


1;

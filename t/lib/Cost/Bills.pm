package Cost::Bills;

# Costs for tests, through the function that every load ends in:
#
#     Cost::Bills::load($db, $organization,
#         { day => '2024-06-01', billed => '12.50' },
#         { day => '2024-06-02', billed => '3', service => 'Amazon S3' });
#
# What a row does not say is that of @defaults; the other kinds of cost are
# what was billed.  A whole (account, month) is replaced, as by an import.

use strict;
use warnings;

use Cost::Database;

my %defaults = (
    provider => 'aws', account => '123456789012',
    account_name => 'Production AWS', service => 'Amazon EC2',
    service_category => 'Compute', region => 'us-east-1', category => 0,
    currency => 'USD', entries => 1,
);

my @columns = qw(provider account account_name period day service
                 service_category region category currency billed effective
                 list contracted entries);


sub load {
    my ($db, $organization, @rows) = @_;

    my $values = join ",\n", map { row($_) } @rows;
    my $import = $db->query("INSERT INTO imports (organization_id, file_name)
        VALUES ($organization, 'test') RETURNING id");

    $db->query("BEGIN;
        SELECT cost_stage();
        INSERT INTO cost_stage (" . join(', ', @columns) . ")
        VALUES $values;
        SELECT cost_load($organization, $import);
        COMMIT;");
}


sub row {
    my %row = (%defaults, %{ $_[0] });

    $row{period} //= substr($row{day}, 0, 8) . '01';
    $row{$_} //= $row{billed} for qw(effective list contracted);

    return '(' . join(', ', map { Cost::Database::quote($row{$_}) } @columns)
           . ')';
}


# "2024-06-15" and so many days more

sub day {
    my ($db, $day, $more) = @_;

    return $db->query("SELECT ('$day'::date + $more)");
}


# the organization's account of that external id

sub account {
    my ($db, $organization, $external) = @_;

    return $db->query("SELECT uuid FROM accounts
        WHERE organization_id = $organization
          AND external_id = " . Cost::Database::quote($external));
}


1;

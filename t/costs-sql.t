#!/usr/bin/env perl

# Loading costs, and reading them: what the month-to-date sums answer is what
# plain sums over the facts answer, to the last decimal.

use strict;
use warnings;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';

use Test::More;
use Time::Local qw(timegm);

use Cost::Database;

my $root = $Cost::Database::root;
my $db = Cost::Database->new;
my $read = slurp("$root/modules/sql/costs_read.sql");

srand 2024;


# --- by hand ----------------------------------------------------------------

my $acme = $db->organization('acme');

is load($acme, <<'END'), 4, 'four rows of a bill in three staged rows';
aws,111,Production,2024-02-01,2024-02-28,AmazonEC2,Compute,us-east-1,0,USD,10.25,8,12,11,1
aws,111,Production,2024-02-01,2024-02-29,Amazon Elastic Compute Cloud,Compute,us-east-1,0,USD,0.123456789012345678,0,0,0,2
aws,111,Production,2024-03-01,2024-03-02,AmazonS3,Storage,,3,USD,-1.50,0,0,0,1
END

my ($production) = column("SELECT uuid FROM accounts
                            WHERE organization_id = $acme");

is answer($acme, $production, '2024-02-28', '2024-02-28', 'billed'),
   'account Production aws 111 10.25, service Amazon EC2 10.25',
   'one day';

is answer($acme, $production, '2024-02-29', '2024-02-29', 'billed'),
   'account Production aws 111 0.123456789012345678, '
   . 'service Amazon EC2 0.123456789012345678',
   'the leap day alone: the day before is taken off';

is answer($acme, undef, '2024-02-28', '2024-03-31', 'billed'),
   'account Production aws 111 8.873456789012345678, '
   . 'service Amazon EC2 10.373456789012345678, service Amazon S3 -1.5',
   'over a month\'s end, with a credit, all accounts';

is answer($acme, undef, '2024-02-28', '2024-03-31', 'list'),
   'account Production aws 111 12, service Amazon EC2 12, '
   . 'service Amazon S3 0',
   'another kind; a service whose rows add up to nothing is there';

is answer($acme, undef, '2024-03-03', '2024-03-31', 'billed'),
   'account Production aws 111 0',
   'no entries: the account with 0, no services';

is answer($acme, undef, '2031-01-05', '2031-02-10', 'billed'),
   'account Production aws 111 0', 'days in the future';

my $globex = $db->organization('globex');

is answer($globex, undef, '2024-02-01', '2024-02-29', 'billed'), '',
   'an organization without accounts';
is answer($globex, $production, '2024-02-01', '2024-02-29', 'billed'), '',
   'another organization\'s account is not there';
is answer($acme, '00000000-0000-4000-8000-000000000000', '2024-02-01',
          '2024-02-29', 'billed'), '', 'an account that does not exist';

is $db->query("SELECT name, entries, billed FROM costs
                 JOIN services s ON s.id = service_id
                WHERE day < '2024-03-01' ORDER BY day"),
   "Amazon EC2|1|10.25\nAmazon EC2|2|0.123456789012345678",
   'names of one service became one';


# --- the same again, and corrections ----------------------------------------

my $umbrella = $db->organization('umbrella');
my @bill = bill(['111', '222', '333'], '2023-12-15', '2024-03-20', 2500);

load($umbrella, join '', @bill);
is wrong($umbrella), '', 'cost_to_date is what costs adds up to';

my $before = state($umbrella);
my $generation = generation($umbrella);

load($umbrella, join '', @bill);

ok state($umbrella) eq $before, 'the same bill again changes no row';
is generation($umbrella), $generation + 1, 'but raises the generation';

load($umbrella, join '', reverse(@bill));
ok state($umbrella) eq $before, 'nor does it in another order';

like $db->query("LISTEN cost_data;\n" . load_sql($umbrella, $bill[0])),
     qr/notification "cost_data" with payload "$umbrella" received/,
     'a load is notified';

# one row was loaded alone just now: it replaced its account's period
my ($account, $period) = (split /,/, $bill[0])[1, 3];

is $db->query("SELECT count(*) FROM costs JOIN accounts a ON a.id = account_id
                WHERE a.organization_id = $umbrella AND external_id = '$account'
                  AND period = '$period'"), 1,
   'a billing period is replaced as a whole';
is wrong($umbrella), '', 'and the sums follow';

load($umbrella, join '', @bill);
ok state($umbrella) eq $before, 'the whole bill restores it';


# --- windows ----------------------------------------------------------------

my @windows = (
    ['2024-02-29', '2024-02-29'], ['2024-02-01', '2024-02-29'],
    ['2024-02-28', '2024-03-01'], ['2024-03-01', '2024-03-01'],
    ['2023-12-31', '2024-01-01'], ['2023-12-01', '2024-03-31'],
    ['2023-01-01', '2025-12-31'], ['2024-03-20', '2024-04-18'],
    map { window('2023-12-01', '2024-04-05') } 1 .. 60
);

my @accounts = (undef, column("SELECT uuid FROM accounts
                                WHERE organization_id = $umbrella ORDER BY id"));
my @asked = map { [$umbrella, $accounts[rand @accounts], @$_,
                   (qw(billed effective list contracted))[rand 4]] } @windows;
my @got = answers(@asked);
my @want = plain(@asked);
my $bad = '';

for my $i (0 .. $#asked) {
    next if $got[$i] eq $want[$i];

    $bad .= join(' ', map { $_ // 'all' } @{ $asked[$i] })
            . "\n got $got[$i]\nwant $want[$i]\n";
}

my $compared = () = "@want" =~ /service/g;

is $bad, '', scalar @windows . ' windows answer as plain sums do';
cmp_ok $compared, '>', 200, 'and had something to add up';


# --- currencies -------------------------------------------------------------

my $acme_eu = $db->organization('acme-eu', currency => 'EUR');

like failure($acme_eu, "aws,9,,2024-01-01,2024-01-02,X,C,,0,USD,1,1,1,1,1\n"),
     qr/no rate from USD to EUR for 2024-01-02/,
     'a missing rate is an error that names currency and day';
is $db->query("SELECT count(*) FROM accounts
                WHERE organization_id = $acme_eu"), 0,
   'and changes nothing';

$db->query("INSERT INTO rates VALUES ('USD', 'EUR', '2024-01-03', 0.9217),
                                     ('USD', 'EUR', '2024-01-05', 0.91)");

like failure($acme_eu, "aws,9,,2024-01-01,2024-01-02,X,C,,0,USD,1,1,1,1,1\n"),
     qr/no rate from USD to EUR for 2024-01-02/,
     'a rate that is valid later does not help';

load($acme_eu, <<'END');
aws,9,,2024-01-01,2024-01-04,X,C,,0,USD,1.00000000000001,1,1,1,1
aws,9,,2024-01-01,2024-01-05,X,C,,0,USD,100,1,1,1,1
aws,9,,2024-01-01,2024-01-05,X,C,,0,EUR,0.5,1,1,1,1
END

is $db->query("SELECT day, entries, billed FROM costs
                WHERE organization_id = $acme_eu ORDER BY day"),
   "2024-01-04|1|0.921700000000009217\n2024-01-05|2|91.5",
   'converted exactly with the rate of the day, added up afterwards';

like error("UPDATE organizations SET currency = 'CHF' WHERE id = $acme_eu"),
     qr/acme-eu has costs in EUR: its currency cannot change/,
     'an organization with costs keeps its currency';
is error("UPDATE organizations SET currency = 'CHF' WHERE id = $globex"), '',
   'one without may change it';


# --- accounts and their names -----------------------------------------------

my $initech = $db->organization('initech');

load($initech, "aws,1,Old,2024-01-01,2024-01-02,X,C,,0,USD,1,1,1,1,1\n"
             . "aws,1,New,2024-01-01,2024-01-09,X,C,,0,USD,1,1,1,1,1\n"
             . "gcp,1,,2024-01-01,2024-01-09,X,C,,0,USD,1,1,1,1,1\n");
is names($initech), 'aws 1 New, gcp 1 1',
   'one account per provider and id; the newest row names it';

load($initech, "aws,1,Older,2023-11-01,2023-11-02,X,C,,0,USD,1,1,1,1,1\n");
is names($initech), 'aws 1 New, gcp 1 1', 'an older bill does not';

load($initech, "aws,1,Newer,2024-02-01,2024-02-02,X,C,,0,USD,1,1,1,1,1\n");
is names($initech), 'aws 1 Newer, gcp 1 1', 'a newer one does';

load($initech, "aws,1,,2024-03-01,2024-03-02,X,C,,0,USD,1,1,1,1,1\n");
is names($initech), 'aws 1 Newer, gcp 1 1', 'a row without a name does not';

my $merged = "aws,7,Seven,2024-05-01,2024-05-02,AmazonEC2,C,,0,USD,2,0,0,0,1\n"
             . "aws,8,,2024-05-01,2024-05-02,AmazonEC2,C,,0,USD,3,0,0,0,1\n";

load($initech, $merged, 'Everything');
load($initech, $merged, 'Everything');
is names($initech), 'aws 1 Newer, gcp 1 1, aws Everything Everything',
   'all rows may go to one account, made once';
is $db->query("SELECT entries, billed, s.name FROM costs
                 JOIN services s ON s.id = service_id
                WHERE organization_id = $initech AND period = '2024-05-01'"),
   '2|5|Amazon EC2', 'where they are added up, once';

load($initech, "azure,5,,2024-06-01,2024-06-02,X,C,,0,USD,1,0,0,0,1\n",
     'Newer');
is $db->query("SELECT a.provider, a.external_id FROM costs
                 JOIN accounts a ON a.id = account_id
                WHERE a.organization_id = $initech
                  AND period = '2024-06-01'"),
   'aws|1', 'or to one that is there, by its name';

is $db->query("SELECT max(id) - min(id) FROM accounts
                WHERE organization_id = $initech"), 2,
   'a name that changes uses up no provider_id';

like failure($initech, $merged, '1'), qr/2 accounts are called "1"/,
     'a name that two have is refused';
is wrong($initech), '', 'the sums are right';


# --- what goes with an account, an organization -----------------------------

$db->query("DELETE FROM accounts WHERE organization_id = $umbrella
               AND external_id = '222'");

is $db->query("SELECT count(*) FROM costs WHERE organization_id = $umbrella
                  AND account_id NOT IN (SELECT id FROM accounts)"), 0,
   'a deleted account takes its costs with it';
is wrong($umbrella), '', 'the organization\'s sums follow';

$db->query("DELETE FROM organizations WHERE id = $umbrella");

is $db->query("SELECT (SELECT count(*) FROM costs
                        WHERE organization_id = $umbrella),
                      (SELECT count(*) FROM cost_to_date
                        WHERE organization_id = $umbrella),
                      (SELECT count(*) FROM cost_periods
                        WHERE organization_id = $umbrella)"),
   '0|0|0', 'so does a deleted organization';


# --- at once ----------------------------------------------------------------

my @ids = map { $db->organization("together-$_") } 1 .. 4;
my @loads;

for my $id (@ids) {
    # names and months that no load has made before
    my @rows = bill(['1', '2'], '2019-01-01', '2019-06-30', 400);
    s/,(Service \d+),/,New $1,/ for @rows;
    @rows = reverse @rows if $id % 2;

    push @loads, load_sql($id, join '', @rows) for 1 .. 2;
}

# in the second round nothing is new: only the lock keeps two apart
my @failed = grep { $_ } together(@loads), together(@loads);

is "@failed", '', 'loads of several organizations, two of each, at once';
is join('', map { wrong($_) } @ids), '', 'all of their sums are right';
is $db->query("SELECT count(*), count(DISTINCT name) FROM services
                WHERE name LIKE 'New %'"), '8|8', 'each name was made once';

done_testing;


# The rows of cost_stage as lines.

sub load_sql {
    my ($organization, $rows, $account) = @_;

    my $override = defined $account ? Cost::Database::quote($account) : 'NULL';

    return <<"END";
INSERT INTO imports (organization_id, file_name)
VALUES ($organization, 'test') RETURNING id AS import \\gset
BEGIN;
SELECT cost_stage() \\g /dev/null
COPY cost_stage FROM STDIN (FORMAT csv, FORCE_NOT_NULL (account_name, region));
$rows\\.
SELECT cost_load($organization, :import, $override);
COMMIT;
END
}


sub load {
    my ($organization, $rows, $account) = @_;

    return $db->query(load_sql($organization, $rows, $account));
}


sub error {
    my ($sql) = @_;

    return eval { $db->query($sql); '' } // $@;
}


sub failure {
    my ($organization, $rows, $account) = @_;

    return error(load_sql($organization, $rows, $account));
}


# of several scripts, each in a session of its own

sub together {
    my (@scripts) = @_;

    my @pids = map {
        my $script = $_;
        my $pid = fork // die "fork: $!\n";

        if ($pid == 0) {
            my $failed = error($script);
            print STDERR $failed;
            require POSIX;
            POSIX::_exit($failed eq '' ? 0 : 1);
        }

        $pid;
    } @scripts;

    return map { waitpid $_, 0; $? } @pids;
}


# Rows of a bill: services, regions, categories, credits, corrections in a
# later month's bill, amounts of up to 18 decimals.

sub bill {
    my ($accounts, $first, $last, $n) = @_;

    return map {
        my $day = day($first, int rand(1 + days($first, $last)));
        my $period = substr($day, 0, 7) . '-01';

        # billed with the month after
        $period = substr(day($period, 40), 0, 7) . '-01' if rand() < 0.1;

        my $category = rand() < 0.1 ? 3 : 0;

        join(',', 'aws', $accounts->[rand @$accounts], 'Some name', $period,
             $day, 'Service ' . int rand 8, 'Category ' . int rand 3,
             ('', 'us-east-1', 'eu-west-1')[rand 3], $category, 'USD',
             (map { ($category == 3 ? '-' : '') . amount() } 1 .. 4),
             1 + int rand 5) . "\n";
    } 1 .. $n;
}


sub amount {
    my $decimals = int rand 19;

    return int(rand 1000)
           . ($decimals ? '.' . join '', map { int rand 10 } 1 .. $decimals
                        : '');
}


sub window {
    my ($first, $last) = @_;

    my ($a, $b) = sort { $a <=> $b }
                  map { int rand(1 + days($first, $last)) } 1, 2;

    return [day($first, $a), day($first, $b)];
}


sub epoch_day {
    my ($y, $m, $d) = split /-/, $_[0];

    return timegm(0, 0, 0, $d, $m - 1, $y) / 86400;
}


sub days { epoch_day($_[1]) - epoch_day($_[0]) }


sub day {
    my ($date, $days) = @_;

    my ($d, $m, $y) = (gmtime 86400 * (epoch_day($date) + $days))[3, 4, 5];

    return sprintf '%04d-%02d-%02d', $y + 1900, $m + 1, $d;
}


# What GET /costs asks for, each answer as one line.

sub answers {
    my (@asked) = @_;

    my $sql = "PREPARE costs_read AS $read;\n";

    for (@asked) {
        my ($organization, $account, $first, $last, $kind) = @$_;

        my @plus = grep { $_ eq $last || substr(day($_, 1), 8) eq '01' }
                   map { day($first, $_) } 0 .. days($first, $last);
        my $minus = substr($first, 8) eq '01' ? 'NULL'
                                              : "'" . day($first, -1) . "'";
        my $days = join ',', @plus;
        my $one = defined $account ? "'$account'" : 'NULL';

        $sql .= "EXECUTE costs_read($organization, $one, '{$days}', $minus,
                                    '$kind');\n\\echo ;\n";
    }

    return each_of($db->query($sql));
}


sub answer { (answers([@_]))[0] }


# the same from the facts

sub plain {
    my (@asked) = @_;

    my $sql = '';

    for (@asked) {
        my ($organization, $account, $first, $last, $kind) = @$_;

        my $one = defined $account ? "a.uuid = '$account'" : 'true';

        $sql .= "
        SELECT 0, NULL, NULL, a.name COLLATE \"C\" AS name, a.provider,
               a.external_id, coalesce(sum(c.$kind), 0) AS amount
          FROM accounts a
          LEFT JOIN costs c ON c.account_id = a.id
               AND c.day BETWEEN '$first' AND '$last'
         WHERE a.organization_id = $organization AND $one
         GROUP BY a.id
         ORDER BY amount DESC, name;
        SELECT 1, NULL, NULL, s.name COLLATE \"C\" AS name, NULL, NULL,
               sum(c.$kind) AS amount
          FROM costs c
          JOIN accounts a ON a.id = c.account_id
          JOIN services s ON s.id = c.service_id
         WHERE c.organization_id = $organization AND $one
           AND c.day BETWEEN '$first' AND '$last'
         GROUP BY s.name
         ORDER BY amount DESC, name;
\\echo ;\n";
    }

    return each_of($db->query($sql));
}


sub each_of {
    my @parts = split /^;\n?/m, $_[0], -1;

    pop @parts;

    return map { line($_) } @parts;
}


# kind|uuid|id|name|provider|external id|amount

sub line {
    return join ', ', map {
        my @c = split /\|/, $_, -1;

        $c[6] =~ s/0+$// if $c[6] =~ /\./;
        $c[6] =~ s/\.$//;

        $c[0] ? "service $c[3] $c[6]" : "account @c[3 .. 6]";
    } split /\n/, $_[0];
}


# Rows of cost_to_date that are not what the facts add up to, or are missing,
# or say nothing.

sub wrong {
    my ($organization) = @_;

    return $db->query("
        WITH f AS (
            SELECT a.account, s.service, c.day, c.entries, c.billed,
                   c.effective, c.list, c.contracted
              FROM costs c
             CROSS JOIN LATERAL (VALUES (0), (c.account_id)) a (account)
             CROSS JOIN LATERAL (VALUES (0), (c.service_id)) s (service)
             WHERE c.organization_id = $organization
        ), want AS (
            SELECT f.account, f.service, d.day::date AS day,
                   sum(f.entries) AS entries, sum(f.billed) AS billed,
                   sum(f.effective) AS effective, sum(f.list) AS list,
                   sum(f.contracted) AS contracted
              FROM f
             CROSS JOIN LATERAL generate_series(f.day,
                   (date_trunc('month', f.day) + interval '1 month - 1 day'),
                   interval '1 day') d (day)
             GROUP BY 1, 2, 3
        ), have AS (
            SELECT account_id AS account, service_id AS service, day, entries,
                   billed, effective, list, contracted
              FROM cost_to_date
             WHERE organization_id = $organization
        )
        (TABLE want EXCEPT TABLE have) UNION ALL
        (TABLE have EXCEPT TABLE want) LIMIT 3");
}


# all that a load leaves, with the amounts as they are written

sub state {
    my ($organization) = @_;

    return $db->query("
        SELECT * FROM costs WHERE organization_id = $organization
         ORDER BY account_id, period, day, service_id, region_id,
                  service_category_id, charge_category;
        SELECT * FROM cost_to_date WHERE organization_id = $organization
         ORDER BY account_id, day, service_id;
        SELECT organization_id, account_id, period, first_day, last_day,
               entries
          FROM cost_periods WHERE organization_id = $organization
         ORDER BY account_id, period");
}


sub generation {
    return $db->query("SELECT data_generation FROM organizations
                        WHERE id = $_[0]");
}


sub names {
    return join ', ', column("SELECT concat_ws(' ', provider, external_id,
                                               name)
                                FROM accounts WHERE organization_id = $_[0]
                               ORDER BY id");
}


sub column { split /\n/, $db->query($_[0]) }


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    return scalar <$fh>;
}

package Costs;

# Reading costs: over HTTP, and by pgbench with the same statement.

use strict;
use warnings;

use Cost::Database;
use File::Temp;

use HTTP;
use Measure;


sub costs {
    my ($m) = @_;

    my $db = $m->database;
    my $organization = $db->organization('costs');
    my $facts = facts($m, $organization);
    my $key = $db->key(organization => 'costs', plan => 'enterprise');
    my $account = $db->query("SELECT uuid FROM accounts
        WHERE organization_id = $organization ORDER BY id LIMIT 1");

    # all CPU time but wrk's: nginx or pgbench, and PostgreSQL
    $m->section("costs: GET /api/v1/costs of 30 days, $facts facts, over the"
                . ' same statement run by pgbench; CPU with PostgreSQL\'s');

    for my $pool (2, 8) {
        my $nginx = HTTP::server($m, '', $HTTP::api, pool => $pool);

        for my $who ("account_id=$account", '') {
            my $path = '/api/v1/costs?start_date=2025-06-10'
                       . '&end_date=2025-07-09' . ($who ? "&$who" : '');
            my $r = $nginx->http->get($path, 'X-API-Key' => $key);

            die "costs: $r->{status} $r->{body}\n" if $r->{status} != 200;

            my $accounts = @{ $r->json->{data}{accounts} };
            my $clients = $pool == 2 ? 32 : 8;

            my $side = HTTP::side($m, $nginx, $path, free => 1,
                                  clients => $clients, 'X-API-Key' => $key);

            # pgbench has as many clients as connections
            $m->compare(($who ? 'an account' : "$accounts accounts")
                        . ", $pool connections", aim => $pool == 2 ? 1 : 0,
                        ours => sub { with_database($m, $side) },
                        limit => pgbench($m, $pool, $organization,
                                         $who ? $account : undef));
        }

        HTTP::finish($nginx);
    }

    cached($m, $key);
}


# what cost_cache_zone remembers, over nginx's own text of that size

sub cached {
    my ($m, $key) = @_;

    my $nginx = HTTP::server($m, '', $HTTP::api,
                             http => 'cost_cache_zone replies:16m;');
    my $path = '/api/v1/costs?start_date=2025-06-10&end_date=2025-07-09';
    my @headers = ('X-API-Key' => $key);
    my $r = $nginx->http->get($path, @headers);

    die "costs: $r->{status} $r->{body}\n" if $r->{status} != 200;

    HTTP::add_return($nginx, $r->{body});
    HTTP::pin($m, $nginx);
    HTTP::expect($nginx, $path, @headers);

    $m->compare('remembered, over "return 200"',
                ours => HTTP::side($m, $nginx, $path, @headers),
                limit => HTTP::side($m, $nginx, '/return', @headers));
    HTTP::finish($nginx);
}


# 20 accounts x 400 days x 30 services x 4 regions, through the function that
# every load ends in

sub facts {
    my ($m, $organization) = @_;

    my $db = $m->database;
    my ($accounts, $days, $services, $regions)
        = $m->small ? (3, 60, 5, 2) : (20, 400, 30, 4);
    my $first = $m->small ? '2025-06-01' : '2025-01-01';

    $m->progress('loading costs');

    $db->query("
        INSERT INTO imports (organization_id, file_name)
        VALUES ($organization, 'bench') RETURNING id AS import \\gset
        BEGIN;
        SELECT cost_stage();
        INSERT INTO cost_stage
        SELECT 'aws', 'account ' || a, 'Account ' || a,
               date_trunc('month', date '$first' + d), date '$first' + d,
               'Service ' || s, 'Category ' || s % 7, 'region-' || r, 0,
               'USD', x, x * 0.9, x * 1.2, x * 0.95, 1
          FROM generate_series(1, $accounts) a,
               generate_series(0, $days - 1) d,
               generate_series(1, $services) s,
               generate_series(1, $regions) r,
               LATERAL (SELECT ((a * 7919 + d * 104729 + s * 1299709
                                 + r * 15485863) % 1000003) * 0.0001) v (x);
        SELECT cost_load($organization, :import);
        COMMIT;
        VACUUM ANALYZE;");

    return $accounts * $days * $services * $regions;
}


# what PostgreSQL took for what a side did, too

sub with_database {
    my ($m, $side) = @_;

    my $before = $m->database_cpu;
    my $got = $side->();
    my $cpu = $m->database_cpu - $before;

    $got->{cpu} += $cpu * 1e6 / $got->{requests};

    return $got;
}


# The statement as it is, but for the names of its parameters; pgbench has no
# NULL.

sub pgbench {
    my ($m, $connections, $organization, $account) = @_;

    my $sql = Measure::slurp(
                     "$Cost::Database::root/modules/sql/costs_read.sql");
    my @variables = (organization => $organization,
                     account => $account // 'NULL',
                     days => '{2025-06-30,2025-07-09}', off => '2025-06-09',
                     kind => 'billed');
    my @names = @variables[0, 2, 4, 6, 8];

    $sql =~ s/^--.*\n//mg;
    $sql =~ s/\$2/NULL/g if !defined $account;
    $sql =~ s/\$(\d)/:$names[$1 - 1]/g;

    my $file = File::Temp->new;

    print $file "$sql;\n";
    close $file;

    my @command = (Cost::Database::Cluster::bin() . '/pgbench', '-n',
                   '-M', 'prepared', '-c', $connections, '-j', 1,
                   '-T', $m->seconds, '-f', $file->filename);

    while (my ($name, $value) = splice @variables, 0, 2) {
        push @command, '-D', "$name=$value";
    }

    push @command, $m->database->conninfo;

    return sub {
        my $kept = $file;
        my $text;
        my $cpu = $m->spent(sub { $text = Measure::output(@command) });

        my ($done) = $text =~ /actually processed: (\d+)/;
        my ($rate) = $text =~ /^tps = ([\d.]+)/m;

        die "pgbench:\n$text" if !$done || !$rate || $text =~ /aborted|ERROR/;

        return { rate => $rate, cpu => $cpu * 1e6 / $done };
    };
}


1;

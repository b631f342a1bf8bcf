#!/usr/bin/env perl

# While an organization's costs are loaded, its accounts, anomalies and
# recommendations are locked for minutes: who wants to change one waits, but
# nobody else waits for them; and keys are revoked at once.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new(workers => 1, pool => 'pool=1 slow=1');
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');
my $key = $api->key(organization => 'acme', plan => 'enterprise',
                    permission => 'admin');
my $theirs = $api->key(organization => 'other', plan => 'enterprise');

Cost::Bills::load($db, $acme, { day => '2021-01-10', billed => '10' });
Cost::Bills::load($db, $other, { day => '2021-01-10', billed => '77' });

my $uuid = Cost::Bills::account($db, $acme, '123456789012');
my $anomaly = $db->query("INSERT INTO cost_anomalies (organization_id,
    account_id, service_id, day, actual, expected, lower, upper, score,
    severity) SELECT $acme, a.id, s.id, '2021-01-10', 10, 1, 0, 2, 9, 'high'
    FROM accounts a, services s WHERE a.uuid = '$uuid' LIMIT 1
    RETURNING id");
my $found = $db->query("INSERT INTO recommendations (organization_id,
    account_id, kind, resource, resource_id, resource_type, title,
    description, saving, priority) SELECT $acme, a.id, 'idle', 'r', 'r',
    'ec2', 't', 'd', 10, 'low' FROM accounts a WHERE a.uuid = '$uuid'
    RETURNING id");


# what cost_load() and anomalies_store.sql have locked until they are done

my $load = "UPDATE accounts SET named_on = named_on
             WHERE organization_id = $acme;
            INSERT INTO accounts (organization_id, provider, external_id, name)
            VALUES ($acme, 'gcp', 'coming', 'Coming') ON CONFLICT DO NOTHING;
            UPDATE cost_anomalies SET actual = actual
             WHERE organization_id = $acme;
            UPDATE recommendations SET saving = saving
             WHERE organization_id = $acme;
            UPDATE organizations SET data_generation = data_generation + 1
             WHERE id = $acme;";

sub waiting {
    return $db->query("SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()");
}

sub loading {
    my ($code) = @_;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        $db->query("BEGIN; SET application_name = 'a load'; $load
                    DO \$\$ BEGIN WHILE NOT EXISTS (SELECT FROM imports
                        WHERE file_name = 'go on') LOOP
                        PERFORM pg_sleep(0.05);
                    END LOOP; END \$\$; ROLLBACK;");
        require POSIX;
        POSIX::_exit(0);
    }

    my $end = time + 10;
    sleep 0.02 until $db->query("SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'a load' AND query ~ '^DO'") == 1
        or time > $end;

    $code->();

    $db->query("INSERT INTO imports (organization_id, file_name)
                VALUES ($other, 'go on')");
    waitpid $pid, 0;
    $db->query("DELETE FROM imports WHERE file_name = 'go on'");
}

# each reading asks something new

my $day = 0;

sub reads {
    $day++;

    my $r = $api->get('/api/v1/costs?start_date=2021-01-10&end_date='
                      . Cost::Bills::day($db, '2021-01-31', $day), $theirs);

    return $r->{status} == 200 ? $r->json->{data}{daily_total} : $r->{status};
}


my @writes = (
    [ 'PATCH', "/accounts/$uuid", '{"name": "New"}', 200 ],
    [ 'POST', '/accounts', '{"provider": "gcp", "external_id": "coming"}',
      201 ],
    [ 'POST', "/costs/anomalies/$anomaly/dismiss", '{"reason": "known"}',
      200 ],
    [ 'PATCH', "/recommendations/$found", '{"status": "applied"}', 200 ],
);

for (@writes) {
    my ($method, $path, $body, $status) = @$_;
    my ($in, $out);

    loading(sub {
        pipe $in, $out or die "pipe: $!";

        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            my $r = $api->send($method, "/api/v1$path", $key, $body);
            syswrite $out, $r->{status};
            require POSIX;
            POSIX::_exit(0);
        }

        my $end = time + 10;
        sleep 0.02 until waiting() == 1 || time > $end;

        is reads(), 77, "$method $path waits: another organization reads";
        is reads(), 77, 'and again';
        is waiting(), 1, 'while it waits';
    });

    close $out;
    is join('', <$in>), $status, 'then it is done';
    wait;
}

is $api->get("/api/v1/accounts/$uuid", $key)->json->{data}{name}, 'New',
    'the account has its name';
is $db->query("SELECT reason FROM cost_anomalies WHERE id = $anomaly"),
    'known', 'the anomaly its reason';

my $spare = $db->query("INSERT INTO api_keys (organization_id, name,
    permission, plan) VALUES ($acme, 'spare', 'admin', 'enterprise')
    RETURNING uuid");

loading(sub {
    is $api->send('DELETE', "/api/v1/keys/$spare", $key, '')->{status}, 200,
        'a key is revoked';
    is $db->query("SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'a load'"), 1, 'before the load ends';
});

$api->stop('ended cleanly');

done_testing;

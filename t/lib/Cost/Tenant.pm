package Cost::Tenant;

# An organization that has one of everything, for tests that walk all routes:
#
#     my $tenant = Cost::Tenant->new($api, $doc, 'acme');
#     $tenant->{key};                  # of an admin, unlimited
#     my @ids = $tenant->ids;          # whatever might stand in a path
#     my $r = $tenant->ask('PATCH', '/api/v1/x', $body);
#
# What can be made by a POST is made by the document's own example, so that a
# resource that comes later is walked as well; what cannot, by SQL.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use POSIX qw(strftime);

use Cost::Bills;


sub new {
    my ($class, $api, $doc, $name) = @_;

    my $db = $api->db;
    my $self = bless { api => $api, db => $db, name => $name,
                       id => $db->organization($name),
                       key => $api->key(organization => $name,
                                        plan => 'enterprise',
                                        permission => 'admin',
                                        name => "$name, admin") }, $class;

    $self->{spare} = $api->key(organization => $name, plan => 'enterprise',
                               permission => 'admin', name => "$name, spare");

    return $self;
}


# costs of two months, in which an anomaly was found; then all collections

sub fill {
    my ($self, $doc) = @_;

    my ($db, $id) = @{$self}{qw(db id)};
    my $name = $self->{name};

    Cost::Bills::load($db, $id, map {
        my $day = strftime '%Y-%m-%d', gmtime(time - 86400 * $_);

        ({ day => $day, billed => 100 + $_ % 7, account => "$name-1",
           account_name => "$name one" },
         { day => $day, billed => 5, account => "$name-2", provider => 'gcp',
           account_name => "$name two", service => "$name service" })
    } 0 .. 60);

    # which the day's search would not agree with

    $db->query("INSERT INTO cost_anomaly_scans (account_id, day)
        SELECT a.id, (now() AT TIME ZONE 'UTC')::date FROM accounts a
         WHERE a.organization_id = $id
            ON CONFLICT (account_id) DO UPDATE SET day = excluded.day;
        INSERT INTO cost_anomalies (organization_id, account_id,
            service_id, day, actual, expected, lower, upper, score, severity)
        SELECT $id, c.account_id, c.service_id, c.day, 300, 100, 90, 110, 9,
               'high'
          FROM costs c WHERE c.organization_id = $id
           AND c.day > CURRENT_DATE - 4");

    $db->query("INSERT INTO recommendations (organization_id, account_id,
            kind, resource, resource_id, resource_type, title, description,
            saving, priority)
        SELECT $id, a.id, 'idle', n, n, 'ec2', 'Stop idle EC2 instance',
               '$name has nothing to do for it.', 100, 'medium'
          FROM accounts a CROSS JOIN unnest(ARRAY['i-1', 'i-2', 'i-3']) n
         WHERE a.organization_id = $id AND a.provider = 'aws'");

    for my $operation ($doc->operations) {
        next if $operation->{method} ne 'POST'
                || $operation->{path} =~ /\{|calculate/;

        my $body = $doc->example($operation) // next;
        my $r = $self->ask('POST', $operation->{path}, $body);

        $self->{made}{ $operation->{path} } = $r;
    }

    # a source, so that there is something to sync from

    my ($account) = split /\n/, $db->query("SELECT uuid FROM accounts
        WHERE organization_id = $id ORDER BY id");

    $self->ask('PATCH', "/api/v1/accounts/$account",
        '{"source":{"kind":"https","url":"https://example.com/bill.csv"}}');
    $self->{made}{'/api/v1/costs/sync'}
        = $self->ask('POST', '/api/v1/costs/sync');

    # something to be delivered, to whoever wants to know
    $db->query("SELECT event_add($id, 'alert.triggered',
                                 '{\"rule_name\": \"$name\"}')");

    return $self;
}


sub ask {
    my ($self, $method, $path, $body, @headers) = @_;

    my $http = $self->{api}->http;
    my @auth = ('X-API-Key' => $self->{key}, @headers);

    # as GitHub does
    if ($path =~ m{/ci/github/}) {
        my $secret = $self->{made}{'/api/v1/ci/github'}->json->{data}{secret};

        push @auth, 'X-GitHub-Event' => 'workflow_job',
                    'X-Hub-Signature-256' =>
                    'sha256=' . hmac_sha256_hex($body, $secret);
    }

    return defined $body ? $http->send_body($method, $path, $body, @auth)
                         : $http->request($method, $path, @auth);
}


# ids of all that is the organization's, the latest of each table first

sub ids {
    my ($self) = @_;

    my $db = $self->{db};
    my %columns;

    for (split /\n/, $db->query("SELECT c.table_name, c.column_name
          FROM information_schema.columns c
          JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
           AND c.column_name IN ('id', 'uuid')
           AND EXISTS (SELECT FROM information_schema.columns o
                        WHERE o.table_name = c.table_name
                          AND o.column_name = 'organization_id')
         ORDER BY 1, 2"))
    {
        my ($table, $column) = split /\|/;
        push @{ $columns{$table} }, $column;
    }

    my (%seen, @ids);

    for my $table (sort keys %columns) {
        for my $column (@{ $columns{$table} }) {
            push @ids, grep { !$seen{$_}++ } split /\n/, $db->query(
                "SELECT $column FROM $table
                  WHERE organization_id = $self->{id}
                  ORDER BY $columns{$table}[0] DESC LIMIT 8");
        }
    }

    # CICosts' form of an alert's id
    push @ids, map { 'alert_' . tr/-//dr } grep { /-/ } @ids;

    return @ids;
}


1;

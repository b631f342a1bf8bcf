#!/usr/bin/env perl

# nginx with a role of PostgreSQL's that has the grants that the README names,
# and no more, in a database whose owner is no superuser: bills of new months
# are synced through to anomalies and recommendations, webhooks are delivered,
# an account goes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Test::More;

use Cost::Database;
use Cost::Receiver;
use Cost::Sync;

my $root = $Cost::Database::root;
my $readme = do {
    open my $fh, '<', "$root/README.md" or die "README.md: $!";
    local $/;
    <$fh>;
};

my ($grants) = $readme =~ /^(    CREATE ROLE web LOGIN;\n(?:    .*\n)+)/m;

ok $grants, 'the README says what nginx needs' or BAIL_OUT('no grants');

# the test's own "cost" is a superuser
$grants =~ s/ROLE cost /ROLE owner /;

my $admin = Cost::Database->new(private => 1, empty => 1);
my $cluster = $admin->{cluster};

$cluster->append('pg_ident.conf', join '', map {
    my $user = $_;
    map { "test $user $_\n" } qw(owner web stranger)
} Cost::Database::Cluster::users());
$admin->query('CREATE ROLE owner LOGIN');
$admin->query('CREATE ROLE stranger LOGIN');
$admin->query('ALTER DATABASE ' . $admin->name . ' OWNER TO owner');
$admin->query('SELECT pg_reload_conf()');

my $owner = Cost::Role->of($admin, 'owner');
my $migrate = sub { qx{'$root/scripts/migrate' '@{[ $owner->conninfo ]}' 2>&1} };

# a moment after the reload
my $output;
$owner->wait_for(10, sub { $output = $migrate->(); $? == 0 })
    or BAIL_OUT($output);
$admin->query($grants);

my $db = Cost::Role->of($admin, 'web');
my $sync = Cost::Sync->new(database => $db,
    http => 'cost_webhook_allow http loopback;',
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;');
my $receiver = Cost::Receiver->new;
my $key = $sync->organization('acme');
my $api = $sync->api;

is $db->psql('SELECT current_user'), 'web', 'nginx is this role';
is $api->get('/api/v1/ready', $key)->{status}, 200, 'it is ready'
    or diag $api->get('/api/v1/ready', $key)->{body};


# a sync of three months, of which there was nothing

my $account = $sync->source($key, { kind => 'directory',
                                    path => $sync->dir . '/acme' });

# 10 a day, and 500 on the last; an address that is idle for 20 of 30 days
my @months = (['2026-04', 30], ['2026-05', 31], ['2026-06', 20]);

for (@months) {
    my ($month, $days) = @$_;

    $sync->write("acme/$month.csv",
        bill($month, map { [ $_, $month eq '2026-06' && $_ == 20 ? 500 : 10 ] }
                     1 .. $days));
}

my $job = $sync->run($key);

is $job->{status}, 'done', 'a sync' or diag $job->{error};
is $db->query('SELECT count(*) FROM costs'), 162, 'loads what is there';
is $db->query("SELECT string_agg(c.relname || ' ' || r.rolname, ', '
                                 ORDER BY c.relname)
                 FROM pg_inherits i
                 JOIN pg_class c ON c.oid = i.inhrelid
                 JOIN pg_roles r ON r.oid = c.relowner
                WHERE i.inhparent = 'costs'::regclass"),
    'costs_202604 owner, costs_202605 owner, costs_202606 owner',
    'into months that are the owner\'s';

my $r = $api->get('/api/v1/costs?start_date=2026-04-01&end_date=2026-06-30',
                  $key);
# 80 days of 10, one of 500; 81 of 0.12
is $r->json->{data}{daily_total}, 1309.72, 'costs are read' or diag $r->{body};

my ($found) = @{ $api->get('/api/v1/recommendations', $key)->json->{data} };
is $found->{estimated_monthly_savings}, 3.6,
    'a recommendation: 0.12 on 20 of 30 days' or diag explain $found;

ok $sync->nginx->wait_for(10, sub {
    $db->query('SELECT count(*) FROM cost_anomalies') > 0
}), 'an anomaly';

$r = $api->send('POST', '/api/v1/webhooks', $key, encode_json({
    url => $receiver->url('/200'), events => ['anomaly.detected'] }));
is $r->{status}, 201, 'a webhook' or diag $r->{body};
my $id = $r->json->{data}{id};
$r = $api->send('POST', "/api/v1/webhooks/$id/test", $key, '');
is $r->{status}, 200, 'is tried' or diag $r->{body};
is scalar(my @sent = $receiver->requests), 1, 'and delivered to';

$sync->write('acme/2026-06.csv', bill('2026-06', map { [ $_, 10 ] } 1 .. 20));
is $sync->run($key)->{status}, 'done', 'a month that is replaced';

for my $id (split /\n/, $db->query('SELECT uuid FROM accounts')) {
    is $api->send('DELETE', "/api/v1/accounts/$id", $key, '')->{status}, 200,
        'an account is deleted';
}

is $db->query('SELECT count(*) FROM costs'), 0, 'with its costs';

# nothing was refused
unlike Cost::Nginx::slurp($cluster->{dir} . '/log'),
    qr/(?:web|owner).*(?:permission denied|must be owner)|permission denied/,
    'PostgreSQL refused nothing';


# who may not write costs cannot have months made

my $stranger = Cost::Role->of($admin, 'stranger');

ok !eval { $stranger->psql("SELECT cost_partition('2030-01-01')"); 1 },
    'a stranger makes no month';
like $@, qr/stranger may not write costs/, 'and is told';
ok !eval { $db->psql('CREATE TABLE x ()'); 1 }, 'nor does nginx make tables';
like $@, qr/permission denied for schema public/, 'of its own';
ok !eval { $db->psql("CREATE TEMPORARY TABLE costs_203002 ();
    SELECT cost_partition('2030-02-01');
    INSERT INTO pg_temp.costs_203002 DEFAULT VALUES;
    SELECT 1 / (to_regclass('public.costs_203002') IS NULL)::integer"); 1 },
    'and a table of its own stands in nobody\'s way';
like $@, qr/division by zero/, 'of the same name';

$sync->stop;
done_testing;


# a day: its cost, and an address that nothing uses

sub bill {
    my ($month, @days) = @_;

    return join '', map { join(',', @$_) . "\n" } [qw(BilledCost EffectiveCost
        ListCost ContractedCost BillingCurrency BillingPeriodStart
        ChargePeriodStart ChargePeriodEnd ChargeCategory ProviderName
        BillingAccountId SubAccountId ServiceName ServiceCategory RegionId
        ResourceId SkuMeter ConsumedQuantity ConsumedUnit PricingCategory)],
        map {
            my ($day, $cost) = @$_;
            my @time = (map({ sprintf '%s-%02dT00:00:00Z', $month, $_ } 1, $day),
                        sprintf '%s-%02dT23:59:59Z', $month, $day);

            ([ ($cost) x 4, 'USD', @time, 'Usage', 'AWS', '1', '1',
               'Amazon S3', 'Storage', 'us-east-1', ('') x 4, 'Standard' ],
             [ (0.12) x 4, 'USD', @time, 'Usage', 'AWS', '1', '1',
               'AmazonVPC', 'Networking', 'us-east-1', 'eipalloc-1',
               'PublicIPv4:IdleAddress', 24, 'Hours', 'Standard' ])
        } @days;
}


# the database as another role has it; query() is the superuser's

package Cost::Role;

use parent -norequire, 'Cost::Database', 'Cost::Nginx';

sub of {
    my ($class, $database, $role) = @_;

    return bless { %$database, role => $role }, $class;
}

sub conninfo {
    my ($self) = @_;

    return "host=$self->{cluster}{dir} dbname=$self->{name} "
           . "user=$self->{role}";
}

sub psql {
    my ($self, $sql) = @_;

    return $self->{cluster}->output($sql, 'psql', '-X', '-q', '-A', '-t', '-w',
                                    '-v', 'ON_ERROR_STOP=1', '-f', '-',
                                    $self->conninfo);
}

sub DESTROY { }

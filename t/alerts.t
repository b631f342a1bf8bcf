#!/usr/bin/env perl

# Alerts in both faces: what may be made and changed, filters and pages, what
# is refused and in which words, CloudK's list.  What CICosts' document prints
# is in documents-cicosts.t.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;

my $api = Cost::API->new;
my $db = $api->db;

my $acme = $db->organization('my-company');
my $other = $db->organization('other');

# so that the order of members is seen as well
my $json = JSON::PP->new->utf8;

my %plan = (organization => 'my-company', plan => 'cic_team');
my $key = $api->key(%plan, permission => 'write');
my $reader = $api->key(%plan, permission => 'read');
my $cloudk = $api->key(organization => 'my-company', plan => 'free_cloudk',
                       permission => 'write');
my $stranger = $api->key(organization => 'other', plan => 'cic_team',
                         permission => 'write');

my $path = '/v1/alerts';

sub post { return $api->send('POST', $path, $key, $_[0]) }
sub put  { return $api->send('PUT', "$path/$_[0]", $key, $_[1]) }
sub show { return $api->get("$path/$_[0]", $reader)->json->{data} }


# --- what may be made ---------------------------------------------------------

my $r = post('{"name":"Daily Spike Alert","type":"anomaly","scope":{"type":'
    . '"organization","org":"my-company"},"condition":{"metric":"daily_cost",'
    . '"operator":"percent_increase","value":50,"baseline":"7_day_average"},'
    . '"notifications":[{"type":"email","target":"devops@company.com"}],'
    . '"cooldown_hours":4}');
my $spike = $r->json->{data};

is $r->{status}, 201, 'create: 201';

my %spike = (
    id => $spike->{id}, name => 'Daily Spike Alert', type => 'anomaly',
    status => 'active',
    scope => { type => 'organization', org => 'my-company' },
    condition => { metric => 'daily_cost', operator => 'percent_increase',
                   value => 50, baseline => '7_day_average' },
    notifications => [ { type => 'email', target => 'devops@company.com' } ],
    cooldown_hours => 4, created_at => $spike->{created_at},
);

is_deeply show($spike->{id}),
    { %spike, trigger_history => [], updated_at => $spike->{created_at} },
    'get: all of it';
like $api->get("$path/$spike->{id}", $reader)->{body},
    qr/"notifications":\[\{"type":"email","target":"devops\@company.com"\}\],
       "cooldown_hours":4,"trigger_history":\[\],/x, 'get: to the byte';

$r = post('{"name":"Monthly Budget Alert","type":"threshold","scope":{"type":'
    . '"organization","org":"my-company"},"condition":{"metric":'
    . '"monthly_cost","operator":"greater_than","value":2000},"notifications"'
    . ':[{"type":"email","target":"team@company.com"},{"type":"slack",'
    . '"channel":"#ci-alerts"}],"cooldown_hours":24}');
my $month = $r->json->{data};
is $r->{status}, 201, 'the monthly alert';

my ($number) = $db->query("SELECT id FROM alerts ORDER BY id DESC LIMIT 1");
$db->query("UPDATE alerts SET created_at = '2023-12-01', open = true,
    updated_at = '2024-01-05 10:00:00.5', last_triggered_at =
    '2024-01-10 08:00:00.9' WHERE id = $number;
    INSERT INTO alert_history (organization_id, alert_id, triggered_at,
           value, threshold)
    VALUES ($acme, $number, '2024-01-10 08:00:00.9', 2015.67, 2000)");

# a second has not come before it has

my $whole = show($month->{id});
is_deeply [ $whole->{updated_at}, $whole->{trigger_history}[0]{triggered_at},
            last_triggered('status=triggered') ],
    [ '2024-01-05T10:00:00Z', '2024-01-10T08:00:00Z',
      '2024-01-10T08:00:00Z' ], 'times are cut to seconds';

sub last_triggered {
    return map { $_->{last_triggered_at} }
           @{ $api->get("$path?$_[0]", $reader)->json->{data}{alerts} };
}

# types, scopes, metrics and operators

my @made;

for my $part (
    '"type":"threshold","condition":{"metric":"daily_cost","operator":'
        . '"greater_than","value":100}',
    '"type":"anomaly","condition":{"metric":"daily_cost","operator":'
        . '"percent_increase","value":20,"baseline":"7_day_average"}',
    (map { qq("type":"threshold","condition":{"metric":"$_","operator":)
           . '"less_than","value":0.5}' }
         qw(daily_cost weekly_cost monthly_cost per_run_cost)),
    (map { '"type":"anomaly","condition":{"metric":"weekly_cost","operator":'
           . qq("percent_decrease","value":20,"baseline":"$_"}) }
         qw(7_day_average 30_day_average previous_period)),
) {
    for my $scope ('{"type":"organization","org":"my-company"}',
                   '{"type":"repository","org":"my-company","repo":'
                   . '"api-service"}',
                   '{"type":"workflow","workflow_id":"wf_abc123"}',
                   '{"type":"all_accounts"}')
    {
        my $body = qq({"name":"x",$part,"scope":$scope});
        $r = post($body);
        is $r->{status}, 201, "accepted: $body";
        push @made, $r->json->{data}{id};

        my $sent = $json->decode($body);
        my $got = show($made[-1]);
        is_deeply [ @{$got}{qw(type condition scope)} ],
            [ @{$sent}{qw(type condition scope)} ], 'and stored';
        is $got->{cooldown_hours}, 24, 'a cooldown of a day, unless said';
        is_deeply $got->{notifications}, [], 'and nobody told, unless said';
    }
}

$api->send('DELETE', "$path/$_", $key, '') for @made;

# --- what may be changed -----------------------------------------------------

put($month->{id}, '{"status":"paused"}');
is show($month->{id})->{status}, 'paused', 'update: paused, though triggered';

put($month->{id}, '{"notifications":[{"type":"webhook"}]}');
is_deeply show($month->{id})->{notifications}, [ { type => 'webhook' } ],
    'update: arrays are replaced';

$r = $api->send('PATCH', "$path/$month->{id}", $key, '{"status":"active"}');
is $r->json->{data}{status}, 'triggered',
    'PATCH, too; what had triggered is triggered again';
is put($spike->{id}, '{}')->{status}, 200, 'update: nothing at all';

put($spike->{id}, '{"scope":{"type":"repository","repo":"api"}}');
is put($spike->{id}, '{"scope":{"type":"repository","repo":"api"}}')
       ->json->{error}{message},
    'scope.org is required for scope.type organization and repository',
    'update: another type of scope begins empty';
put($spike->{id}, '{"scope":{"type":"repository","repo":"api","org":"x"}}');
put($spike->{id}, '{"scope":{"repo":"web"}}');
is_deeply show($spike->{id})->{scope},
    { type => 'repository', org => 'x', repo => 'web' },
    'update: a scope merges within its type';
is put($spike->{id}, '{"type":"threshold"}')->json->{error}{message},
    'condition.operator must be greater_than or less_than for type threshold',
    'update: the whole is checked';
put($spike->{id}, '{"type":"threshold","condition":{"operator":'
    . '"less_than"}}');
is_deeply show($spike->{id})->{condition},
    { metric => 'daily_cost', operator => 'less_than', value => 50 },
    'update: a threshold has lost its baseline';
put($spike->{id}, $json->encode({
    map { $_ => $spike{$_} } qw(type scope condition) }));
is_deeply show($spike->{id})->{condition}, $spike{condition},
    'update: and back';

is $api->http->request('DELETE', "$path/$month->{id}",
    'Authorization' => "Bearer $key")->{status}, 200, 'delete';
is $api->get("$path/$month->{id}", $reader)->{status}, 404, 'deleted';


# --- filters and pages ------------------------------------------------------

sub names {
    my ($query) = @_;

    my $reply = $api->get("$path?$query", $reader)->json;

    return join ' ', map { $_->{name} } @{ $reply->{data}{alerts} };
}

for my $n (1 .. 3) {
    post(qq({"name":"t$n","type":"threshold","scope":{"type":"organization",)
        . qq("org":"o$n"},"condition":{"metric":"daily_cost","operator":)
        . '"greater_than","value":1}}');
}

post('{"name":"all","type":"threshold","status":"paused","scope":{"type":'
    . '"all_accounts"},"condition":{"metric":"daily_cost","operator":'
    . '"greater_than","value":1}}');

is names('type=threshold'), 't1 t2 t3 all', 'filter: type';
is names('type=anomaly'), 'Daily Spike Alert', 'filter: type';
is names('status=paused'), 'all', 'filter: status';
is names('status=active&type=threshold'), 't1 t2 t3', 'filter: two';
is names('org=o2'), 't2', 'filter: org';
is names('org=my-company'), 'Daily Spike Alert all',
    'filter: of the organization itself, those that name no other';
is names('org=nobody'), '', 'filter: nobody\'s';

my $page = $api->get("$path?limit=2", $reader)->json;
is_deeply [ map { $_->{name} } @{ $page->{data}{alerts} } ],
    [ 'Daily Spike Alert', 't1' ], 'limit';
is names("limit=2&cursor=$page->{meta}{next_cursor}"), 't2 t3', 'cursor';
is $api->get("$path?limit=5", $reader)->json->{meta}, undef,
    'no meta on the last page';

for (
    [ 'status=open', 'status must be one of active, paused, triggered' ],
    [ 'type=', 'type must be one of threshold, anomaly' ],
    [ 'limit=0', 'limit must be an integer from 1 to 1000' ],
    [ 'cursor=x', 'cursor must be the next_cursor of another reply' ],
) {
    $r = $api->get("$path?$_->[0]", $reader);
    is $r->{status}, 400, "$_->[0]: 400";
    is_deeply $r->json, { error => { code => 'bad_request',
        message => $_->[1] } }, "$_->[0]: why";
}


# --- what is refused --------------------------------------------------------

my %good = (name => 'x', type => 'threshold',
            scope => { type => 'all_accounts' },
            condition => { metric => 'daily_cost',
                           operator => 'greater_than', value => 1 });

sub refused {
    my ($change, $why) = @_;

    my %body = (%good, %$change);
    delete $body{$_} for grep { !defined $body{$_} } keys %body;

    my $text = $json->encode(\%body);
    my $reply = post($text);

    is $reply->{status}, 400, "$text: 400";
    is eval { $reply->json->{error}{message} }, $why, 'why';
}

my %c = %{ $good{condition} };

refused({ name => undef }, 'name must be a text of 1 to 200 characters');
refused({ name => '' }, 'name must be a text of 1 to 200 characters');
refused({ name => 7 }, 'name must be a text of 1 to 200 characters');
refused({ type => undef }, 'type must be threshold or anomaly');
refused({ type => $_ }, 'type must be threshold or anomaly')
    for 'budget', '', 7, [], "a\tb";
refused({ status => $_ }, 'status must be active or paused')
    for 'triggered', '', JSON::PP::true;
refused({ scope => undef }, 'scope.type must be all_accounts, account, '
    . 'organization, repository or workflow');
refused({ scope => 'organization' }, 'scope must be a JSON object');
refused({ scope => {} }, 'scope.type must be all_accounts, account, '
    . 'organization, repository or workflow');
refused({ scope => { type => 1 } }, 'scope.type must be all_accounts, '
    . 'account, organization, repository or workflow');
refused({ scope => { type => 'organization' } },
    'scope.org is required for scope.type organization and repository');
refused({ scope => { type => 'all_accounts', team => 'x' } },
    '"scope.team" is not a field; there are: name, type, status, scope.type, '
    . 'scope.account_id, scope.org, scope.repo, scope.workflow_id, '
    . 'condition.metric, condition.operator, condition.value, '
    . 'condition.baseline, notifications, cooldown_hours');
refused({ 'scope.type' => 'all_accounts' },
    '"scope.type" is not a field; there are: name, type, status, scope.type, '
    . 'scope.account_id, scope.org, scope.repo, scope.workflow_id, '
    . 'condition.metric, condition.operator, condition.value, '
    . 'condition.baseline, notifications, cooldown_hours');
refused({ scope => { type => 'account', account_id => '7' } },
    'scope.account_id must be the id of an account');
refused({ scope => { type => 'account', account_id => 'x' } },
    'scope.account_id must be the id of an account');
refused({ condition => undef }, 'condition.metric must be daily_cost, '
    . 'weekly_cost, monthly_cost or per_run_cost');
refused({ condition => [] }, 'condition must be a JSON object');
refused({ condition => { %c, metric => 'hourly_cost' } },
    'condition.metric must be daily_cost, weekly_cost, monthly_cost or '
    . 'per_run_cost');
refused({ condition => { %c, metric => 7 } },
    'condition.metric must be daily_cost, weekly_cost, monthly_cost or '
    . 'per_run_cost');
refused({ condition => { %c, operator => $_ } },
    'condition.operator must be greater_than, less_than, percent_increase or '
    . 'percent_decrease') for '>', '', {};
refused({ condition => { %c, operator => 'percent_increase' } },
    'condition.operator must be greater_than or less_than for type '
    . 'threshold');
refused({ condition => { %c, value => '1' } },
    'condition.value must be a number from 0 to 1000000000000');
refused({ condition => { %c, value => -1 } },
    'condition.value must be a number from 0 to 1000000000000');
refused({ condition => { %c, baseline => '7_day_average' } },
    'condition.baseline is only for percent_increase and percent_decrease');
refused({ type => 'anomaly', condition => {
    %c, operator => 'percent_increase' } },
    'condition.baseline must be 7_day_average, 30_day_average or '
    . 'previous_period for a percentage');
refused({ cooldown_hours => -1 },
    'cooldown_hours must be an integer from 0 to 8760');
refused({ cooldown_hours => 1.5 },
    'cooldown_hours must be an integer from 0 to 8760');
refused({ notifications => {} },
    'notifications must be an array of 0 to 20 objects');
refused({ notifications => [ 'email' ] },
    'notifications[0] must be a JSON object');
refused({ notifications => [ { type => 'webhook' }, { type => 'fax' } ] },
    'notifications[1].type must be email, slack or webhook');
refused({ notifications => [ $_ ] },
    'notifications[0].type must be email, slack or webhook')
    for {}, { type => 1 }, { type => '' };
refused({ notifications => [ { type => 'email' } ] },
    'notifications[0].target must be an email address');
refused({ notifications => [ { type => 'email', target => 'a@b,c@d' } ] },
    'notifications[0].target must be an email address');
refused({ notifications => [ { type => 'slack' } ] },
    'notifications[0].channel must be the name or id of a Slack channel');
refused({ notifications => [ { type => 'email', target => 'a@b',
                               channel => '#x' } ] },
    'notifications[0].channel is only for type slack');
refused({ notifications => [ { type => 'email', to => 'a@b' } ] },
    '"notifications[0].to" is not a field; there are: type, target, channel');
refused({ id => 'alert_x' }, '"id" is not a field; there are: name, type, '
    . 'status, scope.type, scope.account_id, scope.org, scope.repo, '
    . 'scope.workflow_id, condition.metric, condition.operator, '
    . 'condition.value, condition.baseline, notifications, cooldown_hours');

is post('[]')->{status}, 400, 'an array is no alert';
is post('{"name":"x","name":"y"}')->{status}, 400, 'a member twice';
is $api->send('POST', $path, $reader, $json->encode(\%good))->{status}, 403,
    'a reader may not write';
is $api->send('PUT', "$path/$spike->{id}", $reader, '{}')->{status}, 403,
    'nor change';
is $api->get($path)->{status}, 401, 'no key: 401';
is_deeply [ sort keys %{ $api->get($path)->json->{error} } ],
    [ 'code', 'message' ], 'no key: in CICosts\' words';

for my $what ([ 'GET' ], [ 'PUT', '{"name":"x"}' ], [ 'DELETE', '' ]) {
    my ($method, $body) = @$what;
    is $api->send($method, "$path/$spike->{id}", $stranger, $body // '')
           ->{status}, 404, "another's: $method";
}

is $api->get("$path/alert_abc123", $reader)->{status}, 404, 'no id';
is $api->get("$path/" . 'alert_' . 'x' x 32, $reader)->{status}, 404,
    'no id, of the right length';


# --- the other face ---------------------------------------------------------

my $uuid = join '-', unpack 'x6 A8 A4 A4 A4 A12', $spike->{id};

is $api->get("/v1/alerts/$uuid", $reader)->json->{data}{id}, $spike->{id},
    'a uuid is an id here, too';
is $api->get("/api/v1/alerts/$spike->{id}", $cloudk)->json->{data}{id}, $uuid,
    'and alert_ there, where a uuid is shown';
ok $api->get("/api/v1/alerts/$uuid", $cloudk)->json->{meta}{generated_at},
    'with CloudK\'s meta';

Cost::Bills::load($db, $acme, { day => '2024-06-14', billed => '1' });
my $account = Cost::Bills::account($db, $acme, '123456789012');

$r = $api->send('POST', '/api/v1/alerts', $cloudk, $json->encode({
    %good, name => 'Daily spend > $500',
    condition => { %c, value => 500 },
    notifications => [ { type => 'email', target => 'a@b.example' },
                       { type => 'slack', channel => '#x' },
                       { type => 'email', target => 'c@d.example' } ] }));
my $rule = $r->json->{data};
is $r->{status}, 201, 'created in CloudK\'s face';
is $r->header('Location'), "/api/v1/alerts/$rule->{id}", 'Location';
like $rule->{id}, qr/^[0-9a-f]{8}-/, 'its id is a uuid';

$db->query("INSERT INTO alert_history (organization_id, alert_id,
        triggered_at, resolved_at, value, percent, threshold, sent)
    SELECT $acme, id, '2024-06-14 09:42:00.7'::timestamptz,
           NULL::timestamptz, 611.22, NULL, 500, true
      FROM alerts WHERE uuid = '$rule->{id}'
    UNION ALL
    SELECT $acme, id, '2024-06-13 00:00:00', '2024-06-13 12:00:00.9', 150,
           62.34, 50, false
      FROM alerts WHERE uuid = '$uuid'");

$r = $api->get('/api/v1/alerts?type=rules', $cloudk)->json;
is_deeply $r->{data}{rules}[-1], {
    id => $rule->{id}, name => 'Daily spend > $500',
    rule_type => 'absolute_threshold', threshold_value => 500,
    threshold_unit => 'USD', cloud_provider => 'aws',
    scope_type => 'all_accounts',
    notification_channels => [ 'email', 'slack' ],
    is_active => JSON::PP::true,
    created_at => $rule->{created_at},
}, 'a rule as CloudK shows it';
is_deeply $r->{data}{history}, [], 'rules: no history, but the array';
is_deeply [ @{ $r->{meta} }{qw(type_filter rule_count active_rule_count
                              history_count)} ],
    [ 'rules', 6, 5, 0 ], 'rules: meta';

my ($first) = grep { $_->{id} eq $uuid } @{ $r->{data}{rules} };
is_deeply [ @{$first}{qw(rule_type threshold_value threshold_unit
                         scope_type notification_channels)} ],
    [ 'percentage_change', 50, 'percent', 'organization', [ 'email' ] ],
    'one of CICosts\' as CloudK shows it';

$r = $api->get('/api/v1/alerts?type=history', $cloudk)->json;
delete $_->{id} for @{ $r->{data}{history} };
is_deeply $r->{data}, { rules => [], history => [
    { rule_id => $uuid, triggered_at => '2024-06-13T00:00:00Z',
      resolved_at => '2024-06-13T12:00:00Z', current_value => 62.3,
      threshold_value => 50, notification_sent => JSON::PP::false },
    { rule_id => $rule->{id}, triggered_at => '2024-06-14T09:42:00Z',
      resolved_at => undef, current_value => 611.22, threshold_value => 500,
      notification_sent => JSON::PP::true } ] }, 'history';
is_deeply [ @{ $r->{meta} }{qw(type_filter rule_count active_rule_count
                              history_count)} ],
    [ 'history', 0, 0, 2 ], 'history: meta';

$r = $api->get('/api/v1/alerts?limit=1', $cloudk)->json;
is_deeply [ @{ $r->{meta} }{qw(type_filter rule_count active_rule_count
                              history_count)} ],
    [ 'all', 6, 5, 1 ], 'all: the limit is of history alone';
is $api->get('/api/v1/alerts?limit=101', $cloudk)->json->{error},
    'limit must be an integer from 1 to 100', 'limit: at most 100';
is $api->get('/api/v1/alerts?type=open', $cloudk)->json->{error},
    'type must be one of rules, history, all', 'type';

# its pages: 250 times more, in both faces, each shown once

$db->query("INSERT INTO alert_history (organization_id, alert_id, value,
        threshold, triggered_at, resolved_at)
    SELECT $acme, id, 1000 + n, 500,
           '2024-07-01'::timestamptz + n * interval '1 hour',
           '2024-07-01'::timestamptz + n * interval '1 hour 1 minute'
      FROM alerts, generate_series(1, 250) n WHERE uuid = '$rule->{id}'");

my @latest = (map({ 1000 + $_ } reverse 1 .. 250), 611.22);

for ([ '/api/v1/alerts?type=history', 'history', 'current_value', 50, 6 ],
     [ '/api/v1/alerts?type=history&limit=100', 'history', 'current_value',
       100, 3 ],
     [ "/api/v1/alerts/$rule->{id}?limit=99", 'trigger_history',
       'value_at_trigger', 99, 3 ],
     [ "$path/$rule->{id}?", 'trigger_history', 'value_at_trigger', 100, 3 ])
{
    my ($url, $array, $member, $limit, $pages) = @$_;
    my (@seen, $cursor, @sizes);

    do {
        my $page = $api->get($url . ($cursor ? "&cursor=$cursor" : ''),
                             $cloudk)->json;

        push @sizes, scalar @{ $page->{data}{$array} };
        push @seen, map { $_->{$member} } @{ $page->{data}{$array} };
        $cursor = $page->{meta}{next_cursor};
    } while ($cursor && @sizes < 10);

    # (of all rules there is one of another's)
    @seen = grep { $_ != 62.3 } @seen;

    is scalar(@sizes), $pages, "$url: pages";
    is scalar(grep { $_ != $limit } @sizes[0 .. $pages - 2]), 0,
        "$url: which are full";
    is "@seen", "@latest", "$url: all of it";
}

is $api->get("$path/$rule->{id}?limit=100", $cloudk)->json->{data}{name},
    'Daily spend > $500', 'the alert is in every page';
is $api->get("/api/v1/alerts/$rule->{id}?limit=101", $cloudk)->json->{error},
    'limit must be an integer from 1 to 100', 'of one alert: at most 100';
is $api->get("$path/$rule->{id}?cursor=x", $cloudk)->json->{error}{message},
    'cursor must be the next_cursor of another reply', 'and its cursor';
is $api->get('/api/v1/alerts?cursor=x', $cloudk)->json->{error},
    'cursor must be the next_cursor of another reply', 'of all of them, too';
$db->query("DELETE FROM alert_history WHERE value > 1000");

is_deeply $api->get('/api/v1/alerts', $api->key(organization => 'other',
    plan => 'free_cloudk'))->json->{data}, { rules => [], history => [] },
    'another organization has none of it';

is show($rule->{id})->{condition}{value}, 500, 'and right in CICosts\'';

# scope account, by either id

my ($provider_id) = $db->query("SELECT id FROM accounts
                                 WHERE uuid = '$account'");

for my $id ($account, $provider_id) {
    $r = post($json->encode({ %good,
        scope => { type => 'account', account_id => "$id" } }));
    is_deeply show($r->json->{data}{id})->{scope},
        { type => 'account', account_id => $account }, "account $id";
}

is $api->send('POST', $path, $stranger, $json->encode({ %good,
    scope => { type => 'account', account_id => $account } }))
    ->json->{error}{message},
    'scope.account_id must be the id of an account', 'another\'s account';


# --- as many as there may be ------------------------------------------------

$db->query("INSERT INTO alerts (organization_id, name, type, scope_type,
        metric, operator, value)
    SELECT $other, 'x' || i, 'threshold', 'all_accounts', 'daily_cost',
           'greater_than', 1
      FROM generate_series(1, 1000) i");
$r = $api->send('POST', $path, $stranger, $json->encode(\%good));
is $r->{status}, 409, 'a thousand are enough';
is scalar(@{ $api->get($path, $stranger)->json->{data}{alerts} }), 1000,
    'and all of them are listed';

# an event that is forgotten leaves what became of it

my ($history) = $db->query("
    WITH e AS (INSERT INTO events (organization_id, type, body)
               VALUES ($acme, 'alert.triggered', '{}') RETURNING id)
    UPDATE alert_history SET event_id = (SELECT id FROM e), sent = true
     WHERE percent IS NULL RETURNING uuid");
$db->query("DELETE FROM events WHERE organization_id = $acme");
is $db->query("SELECT sent, event_id FROM alert_history
                WHERE uuid = '$history'"), 'f|',
    'no delivery of it was delivered';

$api->stop;

done_testing;

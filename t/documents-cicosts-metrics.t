#!/usr/bin/env perl

# "Metrics" and "Operators" of CICosts' document, on the day of its examples:
# each metric of each scope beside what the jobs themselves add up to, and each
# operator right at its threshold and beyond.

use strict;
use warnings;

use JSON::PP;
use POSIX qw(ceil);
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $today = '2024-01-15';

my $api = Cost::API->new(
    clock => "${today}T12:00:00Z", workers => 2,
    http => 'cost_timer on timeout=3s evaluate=1h;');
my $db = $api->db;
my $nginx = $api->nginx;

my $builds = $db->organization('builds');
my $builder = $api->key(organization => 'builds', plan => 'free_cloudk',
                        permission => 'write');

$nginx->logged(qr/this node leads/, 15) or die 'nobody leads';

sub uuid { join '-', unpack 'x6 A8 A4 A4 A4 A12', $_[0] }


# a tenant whose CI ran: [ day, repository, run, workflow, cost ]; runs of two jobs, too

my @jobs = (
    (map { [ sprintf('2023-12-%02d', $_), 'api-service', $_, 'wf_abc123',
             2 + $_ / 4 ] } 1 .. 31),
    (map { ([ sprintf('2024-01-%02d', $_), 'api-service', 100 + $_,
              'wf_abc123', 3 + $_ / 8 ],
            [ sprintf('2024-01-%02d', $_), 'web', 100 + $_, 'wf_web',
              1.0625 ],
            [ sprintf('2024-01-%02d', $_), 'api-service', 100 + $_, 'wf_lint',
              0.5 ]) } 1 .. 13),
    [ '2024-01-14', 'api-service', 114, 'wf_abc123', 1.25 ],
    [ '2024-01-14', 'web', 114, 'wf_web', 0.25 ],
    [ $today, 'api-service', 115, 'wf_abc123', 9.5 ],
    [ $today, 'web', 115, 'wf_web', 4.75 ],
);

my $serial = 0;

my $r = $api->send('POST', '/api/v1/ci/runs', $builder, encode_json([ map { {
    org => 'my-company', repository => $_->[1], run_id => $_->[2],
    workflow => $_->[3] =~ s/wf_//r, workflow_id => $_->[3],
    runner => 'ubuntu-latest', job_id => ++$serial, cost => $_->[4],
    started_at => "$_->[0]T10:00:00Z", completed_at => "$_->[0]T10:05:00Z",
} } @jobs ]));
is $r->{status}, 201, 'the jobs' or diag $r->{body};

# a metric's value, from the jobs alone

my %windows = (
    # now, and of what must not be low the last that is complete
    daily_cost => [ "'$today'", "'$today'",
                    "'2024-01-14'", "'2024-01-14'" ],
    weekly_cost => [ "'2024-01-15'", "'$today'",      # a Monday
                     "'2024-01-08'", "'2024-01-14'" ],
    monthly_cost => [ "'2024-01-01'", "'$today'",
                      "'2023-12-01'", "'2023-12-31'" ],
    per_run_cost => [ "'2024-01-09'", "'$today'",
                      "'2024-01-09'", "'$today'" ],
);

my %scopes = (
    organization => [ '"org":"my-company"', "owner = 'my-company'" ],
    repository => [ '"org":"my-company","repo":"api-service"',
                    "owner = 'my-company' AND repository = 'api-service'" ],
    workflow => [ '"workflow_id":"wf_abc123"', "workflow_id = 'wf_abc123'" ],
);

sub value {
    my ($scope, $metric, $complete) = @_;

    my ($from, $to) = @{ $windows{$metric} }[ $complete ? (2, 3) : (0, 1) ];
    my $sum = $metric eq 'per_run_cost'
        ? 'sum(cost) / count(DISTINCT (owner, repository, run_id))'
        : 'sum(cost)';

    return $db->query("SELECT trim_scale($sum) FROM ci_runs
        WHERE organization_id = $builds AND $scopes{$scope}[1]
          AND (completed_at AT TIME ZONE 'UTC')::date BETWEEN $from AND $to");
}

sub watch {
    my ($name, $scope, $condition) = @_;

    my $type = $condition =~ /baseline/ ? 'anomaly' : 'threshold';

    $r = $api->send('POST', '/v1/alerts', $builder, qq({"name":"$name",
        "type":"$type","scope":{"type":"$scope",$scopes{$scope}[0]},
        "condition":{$condition}}));
    is $r->{status}, 201, "made: $name" or diag $r->{body};

    return $r->json->{data}{id};
}

my @watched;

for my $scope (sort keys %scopes) {
    for my $metric (sort keys %windows) {
        for my $operator ('greater_than', 'less_than') {
            my $is = value($scope, $metric, $operator eq 'less_than');
            my $near = $operator eq 'less_than' ? 0.01 : -0.01;

            # "exceeds", "below": not what is equal, cut to four decimals
            my $same = $db->query("SELECT trim_scale(CASE '$operator'
                WHEN 'less_than' THEN floor(($is)::numeric * 10000) / 10000
                ELSE ceil(($is)::numeric * 10000) / 10000 END)");
            my $past = $db->query("SELECT
                trim_scale(round(($is)::numeric + $near, 4))");
            my $name = "$scope $metric $operator";
            my $text = qq("metric":"$metric","operator":"$operator","value");

            watch("$name, no", $scope, "$text:$same");
            push @watched, [ $name, watch($name, $scope, "$text:$past"), $is ];
        }
    }

    # against the days before: of a week, a month, and of one before

    for my $case (
        [ 'percent_increase', '7_day_average', $today, '2024-01-08',
          '2024-01-14', 7 ],
        [ 'percent_increase', '30_day_average', $today, '2023-12-16',
          '2024-01-14', 30 ],
        [ 'percent_increase', 'previous_period', $today, '2024-01-14',
          '2024-01-14', 1 ],
        [ 'percent_decrease', '7_day_average', '2024-01-14', '2024-01-07',
          '2024-01-13', 7 ],
        [ 'percent_decrease', 'previous_period', '2024-01-14', '2024-01-13',
          '2024-01-13', 1 ],
    ) {
        my ($operator, $baseline, $day, $from, $to, $days) = @$case;
        my $sum = "SELECT sum(cost) FROM ci_runs WHERE organization_id =
            $builds AND $scopes{$scope}[1] AND
            (completed_at AT TIME ZONE 'UTC')::date";
        my ($is, $by) = split /\|/, $db->query("
            SELECT trim_scale(is_), abs(is_ / (was / $days) - 1) * 100
              FROM (SELECT ($sum = '$day') AS is_,
                           ($sum BETWEEN '$from' AND '$to') AS was) x");
        my $name = "$scope $operator $baseline";
        my $text = qq("metric":"daily_cost","operator":"$operator",)
                   . qq("baseline":"$baseline","value");

        # "exceeds": not a whole number of percent either
        my $same = ceil($by);

        watch("$name, no", $scope, "$text:$same");
        push @watched, [ $name,
                         watch($name, $scope, "$text:" . ($same - 1)), $is,
                         $db->query("SELECT round($by, 1)") ];
    }
}

# the last is looked at together with all the others

ok $nginx->wait_for(30, sub {
    $db->query("SELECT open FROM alerts WHERE organization_id = $builds
                 ORDER BY id DESC LIMIT 1") eq 't'
}), 'all are looked at';

my %seen = map { $_->{rule_id} => $_ }
    @{ $api->get('/api/v1/alerts?limit=100', $builder)->json->{data}
           {history} };

for my $watched (@watched) {
    my ($name, $id, $value, $percent) = @$watched;

    $r = $api->get("/v1/alerts/$id", $builder)->json->{data};

    is $r->{trigger_history}[0]{value_at_trigger},
        0 + $db->query("SELECT round($value, 2)"), "$name: $value";
    is $seen{uuid($id)}{current_value},
        defined $percent ? 0 + $percent
                         : $r->{trigger_history}[0]{value_at_trigger},
        'CloudK: the same';
}

is $db->query("SELECT string_agg(name, '; ') FROM alerts
    WHERE organization_id = $builds AND name LIKE '%, no' AND open"), '',
    'what is equal, or a percent short, does not';
is scalar(keys %seen), 3 * (2 * 4 + 5), 'each once';

$api->stop;

done_testing;

package Calculate;

# Calculations: over HTTP, and stage by stage without a server.

use strict;
use warnings;

use Cost::Nginx;
use File::Path qw(make_path);

use HTTP;
use Measure;

my $root = $Cost::Nginx::root;

# CloudCostFlow's document
my $document = '{"nodes":[{"id":"edge-cache","service":"CloudFront",'
    . '"params":{"dataTransferOutGB":2500,"httpRequests":10000000}},'
    . '{"id":"origin-bucket","service":"S3","params":{"storageGB":50,'
    . '"putRequests":500000,"getRequests":760000}}],'
    . '"edges":[{"from":"edge-cache","to":"origin-bucket",'
    . '"metrics":[{"type":"requests","ratio":1.0}],'
    . '"network":{"context":"cloudfront-origin"}}],'
    . '"entryPoints":[{"nodeId":"edge-cache",'
    . '"requestsPerMonth":10000000}],"region":"us-east-1"}';

my @nodes = (
    '"CloudFront","params":{"dataTransferOutGB":2500,"httpRequests":10000000}',
    '"S3","params":{"storageGB":50,"putRequests":500000}',
    '"Lambda","params":{"requests":3000000,"averageDurationMs":120,'
        . '"memoryMB":512}',
    '"DynamoDB","params":{"readRequestUnits":25000000,"storageGB":120.5}',
    '"EC2","params":{"instanceType":"m5.large","dataTransferOutGB":3}',
    '"ALB","params":{}',
    '"SQS","params":{"requests":12000000}',
    '"APIGateway","params":{"apiType":"HTTP","requests":30000000}',
    '"KMS","params":{"customerManagedKeys":4,"requests":100000}',
    '"CloudWatch","params":{"customMetrics":120,"logsIngestedGB":44.25}',
);


sub calculate {
    my ($m) = @_;

    my $nginx = HTTP::server($m, 'cost_prices %%ROOT%%/conf/prices/aws.prices;'
                                 . ' client_body_buffer_size 64k;', q(
        location = /calculate { cost_errors cloudcostflow; cost_calculate; }
    ));

    $m->section('calculate: POST /api/v1/calculate, without a key, over'
                . ' "return 200" of the same size');

    for (['the document\'s example', $document, 0.6],
         ['10 nodes', graph(10), 0.5], ['50 nodes', graph(50)])
    {
        my ($name, $body, $aim) = @$_;
        my $r = $nginx->http->post('/calculate', $body,
                                   'Content-Type' => 'application/json');

        die "calculate: $r->{status} $r->{body}\n" if $r->{status} != 200;

        HTTP::add_return($nginx, $r->{body});
        HTTP::pin($m, $nginx);

        my $lua = HTTP::script($nginx, 'post', <<"END");
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '$body'
END

        $m->compare($name, aim => $aim,
            ours => HTTP::side($m, $nginx, '/calculate', script => $lua),
            limit => HTTP::side($m, $nginx, '/return', script => $lua));
    }

    HTTP::finish($nginx);
    stages($m);
}


# a chain in which every node feeds the next

sub graph {
    my ($n) = @_;

    my $nodes = join ',', map {
        qq({"id":"n$_","service":$nodes[$_ % @nodes]})
    } 0 .. $n - 1;
    my $edges = join ',', map {
        sprintf '{"from":"n%d","to":"n%d","metrics":[{"type":"requests",'
                . '"ratio":0.5},{"type":"dataTransferGB","ratio":12.5}],'
                . '"network":{"context":"inter-az"}}', $_ - 1, $_
    } 1 .. $n - 1;

    return qq({"nodes":[$nodes],"edges":[$edges],"entryPoints":)
           . '[{"nodeId":"n0","requestsPerMonth":1000000}],'
           . '"region":"us-east-1"}';
}


sub stages {
    my ($m) = @_;

    my $program = "$root/var/bench/calculate";

    $m->progress('compiling t/bench/calculate.c');
    make_path("$root/var/bench");
    chdir $root or die "$root: $!\n";

    # the objects of the import command
    my @objects = map { s{^modules/(.*)\.c$}{var/build/$1.o}r }
                  glob 'modules/cost/*.c';

    Measure::output('gcc', '-O2', '-I', 'modules', '-o', $program,
                    't/bench/calculate.c', @objects, '-ljansson', '-lm');

    $m->section('calculate: microseconds without a server, by stage');
    $m->progress('calculating');
    $m->figure('', $_) for split /\n/, Measure::output($program);
}


1;

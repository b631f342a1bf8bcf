use strict;
use warnings;

# POST /api/v1/calculate as CloudCostFlow's document prints it, and what
# CONTRACT section 4 adds, through nginx: keys, methods, bodies, headers.

use lib 't/lib';

use Digest::SHA;
use JSON::PP;
use Test::More;

use Cost::API;

my $prices = "$Cost::Nginx::root/conf/prices/aws.prices";

my $api = Cost::API->new(workers => 2);
my $key = $api->key(plan => 'free_cloudk');
my $path = '/api/v1/calculate';

sub calculate {
    my ($body, @headers) = @_;

    return $api->send('POST', $path, $key,
                      ref $body ? JSON::PP->new->encode($body) : $body,
                      @headers);
}

sub detail {
    my ($body) = @_;

    my $r = calculate($body);

    return $r->{status} == 400 ? $r->json->{detail} : $r->{status};
}


# the document's example, its request to the letter

my $document = <<'END';
{
"nodes": [
{
"id": "edge-cache",
"service": "CloudFront",
"params": {
"dataTransferOutGB": 2500,
"httpRequests": 10000000
}
},
{
"id": "origin-bucket",
"service": "S3",
"params": {
"storageGB": 50,
"putRequests": 500000,
"getRequests": 760000
}
}
],
"edges": [
{
"from": "edge-cache",
"to": "origin-bucket",
"metrics": [
{ "type": "requests", "ratio": 1.0 }
],
"network": {
"context": "cloudfront-origin"
}
}
],
"entryPoints": [
{
"nodeId": "edge-cache",
"requestsPerMonth": 10000000
}
],
"region": "us-east-1"
}
END

my $version = Digest::SHA->new(256)->addfile($prices)->hexdigest;
my $before = time;
my $r = calculate($document, 'Content-Type' => 'application/json');

is $r->{status}, 200, 'the document: 200';
is $r->header('Content-Type'), 'application/json', 'JSON';
is $r->header('X-API-Version'), 'v1', 'the version';

my ($stamp) = $r->{body} =~ /"calculatedAt":"([^"]*)"/;

is $r->{body},
   '{"totalMonthlyCost":224.95,"currency":"USD","region":"us-east-1",'
   . '"services":[{"id":"edge-cache","type":"CloudFront",'
   . '"monthlyCost":221.0,"breakdown":{"requests":8.5,'
   . '"dataTransferOut":212.5}},{"id":"origin-bucket","type":"S3",'
   . '"monthlyCost":3.95,"breakdown":{"storage":1.15,"putRequests":2.5,'
   . '"getRequests":0.3}}],"dataTransfer":{"monthlyCost":0,'
   . '"breakdown":{}},"perRequest":{"cost":0.000022495,'
   . '"requestsPerMonth":10000000},"pricingVersion":"' . $version . '",'
   . '"calculatedAt":"' . $stamp . '"}',
   'its answer, byte for byte in its figures';

like $stamp, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/, 'the time';

my @now = map { sprintf '%04d-%02d-%02dT%02d:%02d:%02d',
                        $_->[5] + 1900, $_->[4] + 1, @$_[3, 2, 1, 0] }
          map { [ gmtime $_ ] } $before, time;

ok substr($stamp, 0, 19) ge $now[0] && substr($stamp, 0, 19) le $now[1],
   'is now';

for my $type (undef, 'text/plain', 'application/x-www-form-urlencoded') {
    is calculate($document, $type ? ('Content-Type' => $type) : ())->{status},
       200, 'any Content-Type: ' . ($type // 'none');
}


# keys and methods

$r = $api->send('POST', $path, undef, $document);
is $r->{status}, 401, 'no key: 401';
is_deeply $r->json, { detail => 'Not authenticated' }, 'in its words';

$r = $api->send('POST', $path, 'ccf_wrong', $document);
is $r->{status} . $r->{body}, '401{"detail":"Not authenticated"}',
   'a wrong key';

$r = $api->get($path, $key);
is $r->{status}, 405, 'GET: 405';
is $r->header('Allow'), 'POST', 'Allow';
is_deeply [ keys %{$r->json} ], [ 'detail' ], 'in its wording';

my $hourly = $api->key(plan => 'ccf_pro');
$r = $api->send('POST', $path, $hourly, $document);
is $r->header('X-RateLimit-Limit'), 100, 'X-RateLimit-Limit';
is $r->header('X-RateLimit-Remaining'), 99, 'X-RateLimit-Remaining';
like $r->header('X-RateLimit-Reset'), qr/^\d{10}$/, 'X-RateLimit-Reset';

$r = $api->send('POST', $path, $hourly, '{');
is $r->header('X-RateLimit-Remaining'), 98, 'a 400 counts';

$api->send('POST', $path, $hourly, '{}') for 1 .. 98;
$r = $api->send('POST', $path, $hourly, $document);
is $r->{status} . $r->{body}, '429{"detail":"Rate limit exceeded"}',
   'the hour is used up';
cmp_ok $r->header('Retry-After'), '>=', 1, 'Retry-After';


# refusals: one of each kind, and what comes first

my $node = { id => 'a', service => 'S3' };
my $none = { edges => [], entryPoints => [] };

is detail({ nodes => [ map { { id => "n$_", service => 'S3' } } 1 .. 51 ],
            %$none }),
   'Maximum of 50 services allowed per calculation', '51 nodes';
is detail({ nodes => [ (0) x 51 ] }),
   'Maximum of 50 services allowed per calculation', 'before anything else';
is calculate({ nodes => [ map { { id => "n$_", service => 'S3' } } 1 .. 50 ],
               %$none })->{status}, 200, '50 nodes';

is detail(''), 'the body is not JSON: the text ends early, at byte 0',
   'no body';
is detail('{"nodes": [NaN]}'),
   'the body is not JSON: a value is expected, at byte 11', 'not JSON';
is detail('[]'), 'the body must be an object', 'an array';
is detail({ nodes => [ $node ], entryPoints => [] }), 'edges is missing',
   'a missing field';
is detail({ nodes => [ { %$node, params => { storageGB => -1 } } ], %$none }),
   'nodes[0].params.storageGB must not be negative', 'negative';
is detail({ nodes => [ $node, { id => 'b', service => 'Fargate' } ], %$none }),
   'nodes[1].service "Fargate" is not a supported service; supported are '
   . 'ALB, APIGateway, CloudFront, CloudWatch, DynamoDB, EC2, ECS, EFS, EKS, '
   . 'ElasticIP, ElastiCache, KMS, Lambda, NATGateway, NetworkFirewall, RDS, '
   . 'Route53, S3, SNS, SQS, SecretsManager, StepFunctions, VPCEndpoint, WAF',
   'an unknown service';
is detail({ nodes => [ $node ], %$none, region => 'mars-1' }),
   'region "mars-1" is not a supported region; supported are us-east-1, '
   . 'us-east-2, us-west-1, us-west-2, eu-west-1, eu-west-2, eu-west-3, '
   . 'eu-central-1, ap-southeast-1, ap-southeast-2, ap-northeast-1, '
   . 'ap-south-1, ca-central-1, sa-east-1', 'an unknown region';
is detail({ nodes => [ { %$node, params =>
                { storageClass => 'EXPRESS_ONEZONE', storageGB => 1 } } ],
            %$none, region => 'eu-west-3' }),
   'nodes[0]: there is no price S3.express_onezone_storage in eu-west-3',
   'a price the region lacks';

{
    use utf8;
    my $edges = [ { from => 'a', to => 'b' }, { from => 'b', to => 'a' } ];
    my $r = calculate({ nodes => [ $node, { id => 'b', service => 'S3' } ],
                        edges => $edges, entryPoints => [] });
    is $r->json->{detail}, 'the edges form a cycle: a → b → a', 'a cycle';
}


# bodies: pieces, chunked, from a file, a megabyte, more

my $padded = $document =~ s/^\{/'{' . ' ' x (1024 * 1024
                                             - length $document)/er;
is length $padded, 1024 * 1024, 'a megabyte';
is calculate($padded)->json->{totalMonthlyCost}, 224.95, 'is read whole';

$r = calculate("$padded ");
is $r->{status}, 413, 'a byte more: 413';
is_deeply [ keys %{$r->json} ], [ 'detail' ], 'in its wording';

my $many = '{"nodes":[' . join(',', ('{"id":"x"}') x 90000) . ']}';
is detail($many), 'Maximum of 50 services allowed per calculation',
   'a megabyte of nodes';
is detail('[' x 1000000), 'the body is nested too deeply, at byte 32',
   'a megabyte of brackets';
like detail('{"nodes":[{"id":"a","service":"S3","params":{'
            . join(',', map { "\"p$_\":1" } 1 .. 80000) . '}}]}'),
     qr/^nodes\[0\]\.params has too many unknown members$/,
     'a megabyte of parameters';

my $chunked = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
              $document =~ /(.{1,100})/gs;
$r = $api->http->raw("POST $path HTTP/1.1\r\nHost: x\r\nX-API-Key: $key\r\n"
                     . "Transfer-Encoding: chunked\r\nConnection: close\r\n"
                     . "\r\n${chunked}0\r\n\r\n", 'POST');
is $r->json->{totalMonthlyCost}, 224.95, 'chunked';


# beyond the document

$r = calculate({ %{decode_json($document)}, compare => 'all' })->json;
is scalar @{$r->{compare}}, 14, 'compare all';
is $r->{compare}[0]{totalMonthlyCost}, 224.95, 'the region itself';

# sa-east-1: 10^7 x (0.6 x 1.6 + 0.4 x 2.2) / 10^6 = 18.40, 2500 x 0.11 =
# 275.00, 50 x 0.0405 = 2.025, 500000 x 0.000007 = 3.50, 760000 x 0.00000056
# = 0.4256
is $r->{compare}[13]{region}, 'sa-east-1', 'in the file\'s order';
is $r->{compare}[13]{totalMonthlyCost}, 299.36, 'Sao Paulo';

$r = $api->get("$path/services", $key);
is $r->{status}, 200, 'the services';
is scalar @{$r->json->{data}{services}}, 24, '24 of them';
is scalar @{$r->json->{data}{regions}}, 14, 'in 14 regions';

my ($s3) = grep { $_->{service} eq 'S3' } @{$r->json->{data}{services}};
is_deeply $s3->{params}[0],
   { name => 'storageGB', type => 'number', unit => 'GB-month', default => 0,
     minimum => 0, maximum => '1000000000000000',
     description => "average data stored, in the node's storage class" },
   'a parameter';
is_deeply [ map { $_->{name} } grep { $_->{mainRequestParameter} }
            @{$s3->{params}} ], [ 'getRequests' ], 'the main one';

is $api->get("$path/services", undef)->{status}, 401, 'need a key';
is $api->send('POST', "$path/services", $key, '{}')->header('Allow'),
   'GET, HEAD', 'are read';
is $api->head("$path/services", $key)->{status}, 200, 'HEAD';

$api->stop;

done_testing;

#!/usr/bin/env perl

# conf/openapi.json says what the server does: its operations are the route
# table's, its parameters and fields the sources', and replies to each
# operation, successes and errors, are as its schemas have them.

use strict;
use warnings;

use File::Temp;
use IO::Uncompress::Gunzip qw(gunzip);
use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::OpenAPI;
use Cost::Tenant;

my $doc = Cost::OpenAPI->new;
my $text = Cost::OpenAPI::slurp("$Cost::OpenAPI::root/conf/openapi.json");
my @routes = Cost::OpenAPI::routes();
my @operations = $doc->operations;


# the document by itself

is $doc->document->{openapi}, '3.1.0', 'OpenAPI 3.1';

my @broken = grep { !defined eval { $doc->at(substr $_, 1) } }
             $text =~ /"\$ref": "([^"]*)"/g;
is_deeply \@broken, [], 'every $ref leads somewhere';

my %used = map { $_ => 1 } $text =~ /"\$ref": "([^"]*)"/g;
my @idle = grep { !$used{$_} } map {
    my $kind = $_;
    map { "#/components/$kind/$_" }
        keys %{ $doc->document->{components}{$kind} }
} qw(schemas responses headers parameters);
is_deeply \@idle, [], 'and everything is led to';

my %ids;
$ids{ $_->{node}{operationId} }++ for @operations;
is_deeply [ grep { $ids{$_} > 1 } keys %ids ], [], 'ids are unique';

for my $operation (@operations) {
    my @named = $operation->{path} =~ /\{(\w+)\}/g;
    my %parameters = $doc->parameters($operation);

    is_deeply [ sort grep { $parameters{$_}{in} eq 'path' }
                keys %parameters ], [ sort @named ],
        "$operation->{method} $operation->{path}: what is in the path";
}


# the route table, both ways

sub line { "$_[0]{method} $_[0]{path} " . ($_[0]{permission} // 'without key') }

is_deeply [ sort map { line($_) } @operations ],
          [ sort map { line($_) } @routes ], 'operations are the routes';


# the tables of parameters and of fields, file by file

my (%parameters, %fields, %source);

for my $route (grep { $_->{file} } @routes) {
    my ($operation) = grep { $_->{method} eq $route->{method}
                             && $_->{path} eq $route->{path} } @operations;
    my $file = $route->{file};

    next if !$operation;

    my %named = $doc->parameters($operation);

    $source{$file} = 1;
    $parameters{$file}{$_} = 1
        for grep { $named{$_}{in} eq 'query' } keys %named;
    $fields{$file}{$_} = 1 for $doc->fields($operation);
}

# of tables, wherever they are; of a path "scope.type" each step

sub named {
    my ($source, $what) = @_;

    my $row = $what eq 'query' ? qr/cost_string\("([^"]+)"\),\s*COST_QUERY_/
        : qr/ngx_string\("([^"]+)"\),\s*NGX_HTTP_COST_HTTP_[A-Z]/;

    return map { split /\./ } $source =~ /\{\s*$row/g;
}

# and those that several files share

my %shared = map { $_ => 1 }
    map { named(Cost::OpenAPI::slurp($_), 'body') }
    grep { !$source{$_} } glob "$Cost::OpenAPI::root/modules/api/*.c";

for my $file (sort keys %source) {
    my $source = Cost::OpenAPI::slurp($file);

    # a table may be a macro of a header that is the resource's own

    for my $header ($source =~ m{^#include "(api/[^"]+)"}mg) {
        my $text = Cost::OpenAPI::slurp("$Cost::OpenAPI::root/modules/"
                                        . $header);

        while ($text =~ /^\#define\ (\w+)\s*\\\n((?:.*\\\n)*.*\n)/mgx) {
            my ($macro, $rows) = ($1, $2);

            $source .= $rows if $source =~ /\b$macro\b/;
        }
    }

    my %p = map { $_ => 1 } named($source, 'query');
    my %f = map { $_ => 1 } named($source, 'body');
    my $name = $file =~ s{.*/}{}r;

    is_deeply [ sort keys %{ $parameters{$file} // {} } ], [ sort keys %p ],
        "$name: parameters";
    is_deeply [ sort grep { $f{$_} || !$shared{$_} }
                keys %{ $fields{$file} // {} } ],
        [ sort keys %f ], "$name: fields";
}


# a server, and an organization that has one of everything

my $secrets = File::Temp->new;
print $secrets '0123456789abcdef' x 4, "\n";
close $secrets;
chmod 0600, $secrets->filename;

my $api = Cost::API->new(
    workers => 2,
    http => "cost_cache_zone replies:1m;
             cost_secret_key $secrets;
             cost_timer on timeout=2s;
             gzip on; gzip_types application/json; gzip_min_length 20;
             gzip_vary on;",
    server => 'cost_errors auto; include %%ROOT%%/conf/cost_webhooks.conf;',
);

my $tenant = Cost::Tenant->new($api, $doc, 'acme')->fill($doc);
my $reader = $api->key(organization => 'acme', plan => 'enterprise');


# how it is served

my $r = $api->get('/api/v1/openapi.json');

is $r->{status}, 200, 'openapi.json: without a key';
ok $r->{body} eq $text, 'openapi.json: the file';
is $r->header('Content-Type'), 'application/json', 'openapi.json: type';
is $r->header('X-API-Version'), 'v1', 'openapi.json: X-API-Version';
is $api->get('/api/v1/openapi.json', 'not a key')->{status}, 200,
    'openapi.json: no key is looked at';
is $api->send('POST', '/api/v1/openapi.json', undef, '{}')->{status}, 405,
    'openapi.json: POST';


# replies beside their schemas

sub as_documented {
    my ($r, $operation, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my @wrong = $doc->wrong($r, $operation);

    ok !@wrong, "$name: $r->{status}, as documented"
        or diag join "\n", @wrong, substr $r->{body}, 0, 600;
}

# what is made, what is read, what is changed, what goes

my %order = (POST => 1, GET => 2, PUT => 3, PATCH => 4, DELETE => 6);

sub order { $_[0]{method} eq 'POST' && $_[0]{path} =~ /\}/
            ? 5 : $order{ $_[0]{method} } }

for my $operation (sort { order($a) <=> order($b) || $a->{path} cmp $b->{path}
                        } @operations)
{
    my ($method, $path) = @{$operation}{qw(method path)};
    my $name = "$method $path";
    my $body = $doc->example($operation);

    if (defined $body) {
        is_deeply [ $doc->invalid("$operation->{pointer}/requestBody/content"
                                  . '/application~1json/schema', $body) ],
            [], "$name: the example is as it must be";
    }

    my $r;

    if ($path =~ /\{/) {
        for my $id ($tenant->ids) {
            $path = $operation->{path} =~ s/\{\w+\}/$id/r;
            $r = $tenant->ask($method, $path, $body);

            # what was made twice is there already; what is signed says 401
            last if $r->{status} !~ /^40[14]$/;
        }

    } else {
        $r = $method eq 'POST' && $tenant->{made}{$path}
             || $tenant->ask($method, $path, $body);
    }

    like $r->{status}, qr/^2/, "$name: done" or diag $r->{body};
    as_documented($r, $operation, $name);

    if ($method eq 'GET') {
        representations($operation, $path, $r);
    }

    # everything that can be wrong

    my @wrong = ([ TRACE => $path, $tenant->{key} ],
                [ OPTIONS => $path, $tenant->{key} ]);

    push @wrong, [ $method, $path, undef ],
                 [ $method, $path, 'cc_nobody' ],
                 [ $method, $path, 'ia_nobody' ]
        if $operation->{permission};
    push @wrong, [ $method, $path, $reader ]
        if ($operation->{permission} // 'read') ne 'read';
    push @wrong, [ $method, $operation->{path} =~ s/\{\w+\}/$_/r,
                   $tenant->{key} ]
        for $path =~ m{/openapi} || $operation->{path} !~ /\{/ ? ()
            : ('00000000-0000-4000-8000-000000000000', 999999999, 'x');

    my %parameters = $doc->parameters($operation);

    push @wrong, [ $method, "$path?$_=", $tenant->{key} ]
        for grep { $parameters{$_}{in} eq 'query'
                   && ($parameters{$_}{schema}{type} // '') ne 'string' }
            sort keys %parameters;
    push @wrong, [ $method, $path, $tenant->{key}, $_ ]
        for defined $body ? ('[', '{"nothing":1}', '7') : ();

    for (@wrong) {
        my ($how, $where, $key, $other) = @$_;

        my $r = $api->send($how, $where, $key, $other // $body // '');

        next if $how eq 'TRACE' && $r->{status} == 405
                && !defined $operation->{node}{responses}{405};

        like $r->{status}, qr/^4/, "$how $where: refused";
        as_documented($r, $operation, "$how $where");
        is scalar @{ [ $doc->invalid('/components/schemas/Error',
                                     $r->{body}) ] }, 0, '... in one wording';
    }
}


# HEAD, the ETag, and gzip, of everything that is read

sub representations {
    my ($operation, $path, $got) = @_;

    my $head = $tenant->ask('HEAD', $path);

    is $head->{status}, 200, "HEAD $path: 200";
    is $head->{body}, '', "HEAD $path: nothing behind it";
    is $head->header('Content-Type'), 'application/json', "HEAD $path: type";

    my $etag = $tenant->ask('GET', $path)->header('ETag');

    # readiness is of this moment
    return if !$operation->{node}{responses}{304};

    like $etag, qr{^W/"[0-9a-f]{16}"$}, "$path: a weak ETag";
    is $head->header('ETag'), $etag, "HEAD $path: the same";

    for my $method (qw(GET HEAD)) {
        my $same = $tenant->ask($method, $path, undef,
                                'If-None-Match' => $etag);
        is $same->{status}, 304, "$method $path: not modified";
        is $same->header('ETag'), $etag, '... still the same';
        is_deeply [ $doc->wrong($same, $operation) ], [], '... as documented';
    }

    my $zipped = $tenant->ask('GET', $path, undef,
                              'Accept-Encoding' => 'gzip');

    is $zipped->header('Content-Encoding'), 'gzip', "$path: gzip";
    is $zipped->header('ETag'), $etag, '... has the ETag';
    is $zipped->header('Vary'), 'Accept-Encoding', '... and varies';

    gunzip(\$zipped->{body} => \my $plain);
    like $plain, qr/^[\[{].*[\]}]\s*$/s, '... is JSON inside';

    is $tenant->ask('GET', $path, undef, 'Accept-Encoding' => 'gzip',
                    'If-None-Match' => $etag)->{status}, 304,
        '... and not modified, either';
}

$api->stop;


# the directive

for (
    [ 'cost_openapi %%DIR%%/none.json;', qr/open\(\) ".*none\.json" failed/ ],
    [ 'cost_openapi %%DIR%%;', qr/is not a file/ ],
    [ 'cost_openapi %%ROOT%%/README.md;', qr/README\.md:1: / ],
    [ 'cost_openapi %%ROOT%%/conf/openapi.json;' x 2, qr/is duplicate/ ],
) {
    my ($http, $pattern) = @$_;
    my ($accepted, $output) = Cost::Nginx->new(http => $http)->test_conf;

    ok !$accepted, "refused: $http";
    like $output, $pattern, '... with the reason';
}

my $bare = Cost::Nginx->new(server => 'location / { cost_errors auto;
                                                    cost_api; }');
$bare->start;
is $bare->http->get('/api/v1/openapi.json')->{status}, 404,
    'no directive, no document';
$bare->stop;

done_testing;

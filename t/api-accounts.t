#!/usr/bin/env perl

# /api/v1/accounts and /accounts/{id}, by uuid and by integer.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;

my $api = Cost::API->new;
my $db = $api->db;

my $acme = $db->organization('acme');
my $other = $db->organization('other');

my $key = $api->key(organization => 'acme', plan => 'free_cloudk');
my $optix = $api->key(organization => 'acme', plan => 'enterprise');
my $nobody = $api->key(organization => 'empty', plan => 'free_cloudk');

$db->query("INSERT INTO accounts (organization_id, provider, external_id, name,
                                  created_at) VALUES
    ($acme, 'aws', '123456789012', 'Production AWS', '2024-06-15T12:00:00Z'),
    ($other, 'aws', '210987654321', 'Theirs', '2024-06-15T12:00:00Z'),
    ($acme, 'gcp', 'gcp-1', 'GCP \"Production\" \x{e2}\x{82}\x{ac}',
     '2024-06-16T12:00:00.9Z')");

my @ids = split /\n/, $db->query("SELECT id || ' ' || uuid FROM accounts
    ORDER BY id");
my ($aws, $theirs, $gcp) = map { [ split ] } @ids;


# all of them

my $r = $api->get('/api/v1/accounts', $key);
my $list = $r->json;
delete $list->{meta}{generated_at};

is $r->{status}, 200, 'list';
is_deeply $list, {
    data => [
        { id => $aws->[1], provider_id => $aws->[0] + 0,
          name => 'Production AWS', provider => 'aws',
          external_id => '123456789012',
          created_at => '2024-06-15T12:00:00Z' },
        { id => $gcp->[1], provider_id => $gcp->[0] + 0,
          name => "GCP \"Production\" \x{20ac}", provider => 'gcp',
          external_id => 'gcp-1', created_at => '2024-06-16T12:00:00Z' },
    ],
    meta => { count => 2, next_cursor => undef },
}, 'list: ours, in the order of their ids';

like $r->{body}, qr/"provider_id":\d+,/, 'provider_id is an integer';

is_deeply $api->get('/api/v1/accounts', $nobody)->json->{data}, [],
    'list: nothing';
ok $api->get('/api/v1/accounts', $optix)->json->{success},
    'list: Cost Optix has success';


# one

for my $id ($gcp->[0], $gcp->[1], uc $gcp->[1]) {
    $r = $api->get("/api/v1/accounts/$id", $key);
    is $r->{status}, 200, "$id: status";
    is_deeply $r->json->{data}, $list->{data}[1], "$id: the account";
}

for my $id ($theirs->[0], $theirs->[1], 0, 999999, 2147483648,
            '00000000-0000-4000-8000-000000000000', 'x', '-1', '1.0', '1%20',
            '00000000-0000-4000-8000-00000000000g', '%00', "1'--",
            '99999999999999999999')
{
    $r = $api->get("/api/v1/accounts/$id", $key);

    # a NUL is refused by nginx
    is $r->{status}, $id eq '%00' ? 400 : 404, "$id: status";
    is_deeply $r->json, { error => 'There is no such account' }, "$id: error"
        if $id ne '%00';
}


# pages

$db->query("INSERT INTO accounts (organization_id, provider, external_id, name)
    SELECT $acme, 'azure', n, 'Subscription ' || n
      FROM generate_series(1, 248) n");

$list = $api->get('/api/v1/accounts', $key)->json;
is scalar @{ $list->{data} }, 100, 'a page has 100';

my @names = map { $_->{name} } @{ $list->{data} };
my $pages = 1;

while (my $cursor = $list->{meta}{next_cursor}) {
    $r = $api->get("/api/v1/accounts?cursor=$cursor", $key);
    is $r->{status}, 200, 'another page';
    $list = $r->json;
    push @names, map { $_->{name} } @{ $list->{data} };
    last if ++$pages > 10;
}

is $pages, 3, 'three pages';
is scalar @names, 250, 'of 250 accounts';
is scalar keys %{ { map { $_ => 1 } @names } }, 250, 'each once';

$list = $api->get('/api/v1/accounts?limit=250', $key)->json;
is scalar @{ $list->{data} }, 250, 'limit=250 shows all';
is $list->{meta}{next_cursor}, undef, 'and there is no other page';
is $api->get('/api/v1/accounts?limit=249', $key)->json->{meta}{count}, 249,
    'limit=249 does not';

is_deeply $api->get('/api/v1/accounts?cursor='
                    . $api->get('/api/v1/accounts?limit=1', $key)
                          ->json->{meta}{next_cursor},
                    $nobody)->json->{data}, [],
    'a cursor shows nothing that is another\'s';

for (
    [ 'limit=0', 'limit must be an integer from 1 to 1000' ],
    [ 'limit=1001', 'limit must be an integer from 1 to 1000' ],
    [ 'limit=', 'limit must be an integer from 1 to 1000' ],
    [ 'cursor=1', 'cursor must be the next_cursor of another reply' ],
    [ 'cursor=', 'cursor must be a text of 1 to 64 bytes' ],
    [ 'cursor=' . 'c' x 20,
      'cursor must be the next_cursor of another reply' ],
) {
    my ($query, $why) = @$_;

    $r = $api->get("/api/v1/accounts?$query", $key);
    is $r->{status}, 400, "$query: status";
    is_deeply $r->json, { error => $why }, "$query: error";
}


# ETag

$r = $api->get('/api/v1/accounts', $key);
is $api->get('/api/v1/accounts', $key,
             'If-None-Match' => $r->header('ETag'))->{status}, 304,
    'unchanged: 304';

$db->query("UPDATE accounts SET name = 'Renamed' WHERE id = $aws->[0]");
is $api->get('/api/v1/accounts', $key,
             'If-None-Match' => $r->header('ETag'))->{status}, 200,
    'changed: 200';

$api->stop;

done_testing;

#!/usr/bin/env perl

# Two organizations on one server: nothing of the one is told to, counted for,
# cached for or changed by the other, on any route.  Routes, parameters and
# bodies come from the route table and the document, so that what is added
# later is walked as well.

use strict;
use warnings;

use File::Temp;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::OpenAPI;
use Cost::Tenant;

my $secrets = File::Temp->new;
print $secrets '0123456789abcdef' x 4, "\n";
close $secrets;
chmod 0600, $secrets->filename;

# without a clock: nothing happens that nobody asked for
my $api = Cost::API->new(
    workers => 2,
    http => "cost_cache_zone replies:1m;
             cost_secret_key $secrets;
             cost_webhook_allow http loopback;",
);

my $doc = Cost::OpenAPI->new;
my %operation = map { ("$_->{method} $_->{path}" => $_) } $doc->operations;

# what a calculation knows is the same for all
my @routes = grep { $_->{permission} && $_->{path} !~ /calculate/ }
             Cost::OpenAPI::routes();

my $acme = Cost::Tenant->new($api, $doc, 'acme')->fill($doc);


# what does not change from one second to the next, nor by being asked for

sub settled {
    my ($r) = @_;

    my $text = $r->{body};

    $text =~ s/"(generated_at|last_used_at)"\s*:\s*(?:"[^"]*"|null)/"$1":0/g;
    $text =~ s/"usage":\[[^\]]*\]/"usage":[]/g;

    return "$r->{status} $text";
}

# and each way of asking that the document knows

sub lists {
    return map { ways($_->{path}, $operation{"GET $_->{path}"}) }
           grep { $_->{method} eq 'GET' && $_->{path} !~ /\{/ } @routes;
}

sub ways {
    my ($path, $operation) = @_;

    my %parameters = $doc->parameters($operation);
    my @ways = ($path);

    for my $name (sort keys %parameters) {
        push @ways, map { "$path?$name=$_" }
                    @{ $parameters{$name}{schema}{enum} // [] };
    }

    return @ways;
}

sub snapshot {
    my ($tenant) = @_;

    return { map { ($_ => settled($tenant->ask('GET', $_))) } lists() };
}

my $before = snapshot($acme);

# so that no number means something to both

$api->db->query("SELECT setval(format('%I', sequencename)::regclass,
                               1000000 + 1000 * row_number() OVER ())
    FROM pg_sequences WHERE schemaname = 'public'");

my $other = Cost::Tenant->new($api, $doc, 'foreign')->fill($doc);

my @own = $acme->ids;
my %own = map { $_ => 1 } @own;
my @foreign = grep { !$own{$_} } $other->ids;
my @secret = ('foreign', grep { length > 30 } @foreign,
              map { tr/-//dr } grep { /-/ } @foreign);

cmp_ok scalar @foreign, '>', 20, 'the other has something to hide';


# never, in whatever is answered

my $leaks = 0;

sub ask {
    my ($method, $path, $body, @more) = @_;

    my $r = $acme->ask($method, $path, $body);
    my $told = "$r->{head}\n$r->{body}";

    # but for what was asked
    my $asked = join ' ', $path, $body // '';

    for my $secret (grep { index($asked, $_) < 0 } @secret) {
        next if index($told, $secret) < 0;

        $leaks++;
        diag "$method $path tells $secret: ", substr $r->{body}, 0, 400;
        last;
    }

    return $r;
}


# lists, sums and reports: as if there were nobody else; the other asks first,
# and what it is told is another thing

my $theirs = snapshot($other);

for my $kept ('as it was kept', 'read anew') {
    for my $path (lists()) {
        my $answer = settled(ask('GET', $path));

        is $answer, $before->{$path}, "$path, $kept: nothing has changed";
        isnt $answer, $theirs->{$path}, "$path, $kept: theirs is another"
            if $answer =~ /"(?:id|name|account_id|key_id|provider_id)":/;
    }

    # longer than replies are trusted when nothing can be heard
    $api->db->query("SELECT pg_notify('cost_data', '$acme->{id}')");
    sleep 1.1;
}


# a foreign id is one that does not exist

my @none = ('00000000-0000-4000-8000-000000000000', 999999999,
            'alert_00000000000040008000000000000000');

sub nobody {
    my ($id) = @_;

    return $id =~ /^alert_/ ? $none[2] : $id =~ /-/ ? $none[0] : $none[1];
}

my $walked = 0;

for my $route (grep { $_->{path} =~ /\{/ } @routes) {
    my ($method, $path) = @{$route}{qw(method path)};
    my $name = "$method $path";
    my $body = $doc->example($operation{$name} // BAIL_OUT("$name: not in "
                                                   . 'conf/openapi.json'));
    my (%nothing, @differ);

    for my $id (@foreign) {
        my $none = nobody($id);
        my $where = $path =~ s/\{\w+\}/$id/r;

        $nothing{$none} //= settled(ask($method,
                                        $path =~ s/\{\w+\}/$none/r, $body));

        my $answer = settled(ask($method, $where, $body));

        push @differ, "$where: $answer" if $answer ne $nothing{$none};
        $walked++;
    }

    is_deeply \@differ, [], "$name: foreign ids are none";
    is_deeply [ grep { !/^404 / } values %nothing ], [],
        "$name: which are not found";

    # and an id of its own is one, so that the walk means something
    next if $method ne 'GET';

    ok scalar(grep {
        ask('GET', $path =~ s/\{\w+\}/$_/r)->{status} == 200
    } @own), "$name: its own are";
}

cmp_ok $walked, '>', 500, "$walked foreign ids";


# filters: a foreign account or provider is one that does not exist

for my $route (grep { $_->{method} eq 'GET' } @routes) {
    my $operation = $operation{"GET $route->{path}"} or next;
    my %parameters = $doc->parameters($operation);
    my $path = $route->{path};

    if ($path =~ /\{/) {
        ($path) = grep { ask('GET', $_)->{status} == 200 }
                  map { $route->{path} =~ s/\{\w+\}/$_/r } @own;
    }

    for my $name (grep { /_id$/ } sort keys %parameters) {
        my @differ;

        for my $id (@foreign) {
            my $none = nobody($id);
            my $answer = settled(ask('GET', "$path?$name=$id"));

            push @differ, "$id: $answer"
                if $answer ne settled(ask('GET', "$path?$name=$none"));
        }

        is_deeply \@differ, [], "$path: $name of another";
    }

    # texts that are compared with something
    for my $name (grep { $parameters{$_}{in} eq 'query'
                         && ($parameters{$_}{schema}{type} // '') eq 'string'
                         && !/cursor|_date$|_id$/
                         && !$parameters{$_}{schema}{enum} }
                  sort keys %parameters)
    {
        is settled(ask('GET', "$path?$name=foreign"))
               =~ s/foreign/nobody/gr,
           settled(ask('GET', "$path?$name=nobody")),
           "$path: $name of another";
    }

    # a page of another's list begins where it would without the other

    if ($parameters{cursor}) {
        my $next = $other->ask('GET', "$path?limit=1")->json->{meta};
        my $cursor = $next ? $next->{next_cursor} : undef;

        if (defined $cursor) {
            my $r = ask('GET', "$path?cursor=$cursor");
            my %seen = map { ($_ => 1) }
                       ask('GET', "$path?limit=100")->{body} =~ /[0-9a-f-]{36}/g;

            is_deeply [ grep { !$seen{$_} } $r->{body} =~ /[0-9a-f-]{36}/g ],
                [], "$path: another's cursor";
        }
    }
}


# bodies that name an account

my ($account) = $api->db->query("SELECT uuid FROM accounts
    WHERE organization_id = $other->{id} ORDER BY id LIMIT 1");

for (
    [ POST => '/api/v1/budgets', { name => 'x', amount => 1, period => 'month',
        scope_type => 'account', account_id => undef } ],
    [ POST => '/v1/alerts', { name => 'x', type => 'threshold',
        scope => { type => 'account', account_id => undef },
        condition => { metric => 'daily_cost', operator => 'greater_than',
                       value => 1 } } ],
) {
    my ($method, $path, $body) = @$_;

    next if !$operation{"$method $path"};

    my @answers = map {
        my $id = $_;
        my $with = decode_json(encode_json($body));

        ($with->{scope} // $with)->{account_id} = $id;
        settled(ask($method, $path, encode_json($with))) =~ s/\Q$id\E/ID/gr;
    } $account, $none[0];

    is $answers[0], $answers[1], "$method $path: another's account";
    like $answers[0], qr/^4/, '... is refused';
}


# after all of it the other has what it had

my $after = snapshot($other);

is $after->{$_}, $theirs->{$_}, "$_: as it was" for sort keys %$theirs;
is $leaks, 0, 'no reply had anything of the other';

# a cached reply is its organization's: the other's, once more

for my $path (lists()) {
    isnt settled($other->ask('GET', $path)), settled(ask('GET', $path)),
        "$path: each its own"
        if $theirs->{$path} ne $before->{$path};
}

$api->stop;

done_testing;

#!/usr/bin/env perl

# Receivers as customers write them: CloudK's verifier as its document prints
# it, in Node with express, and npm's standardwebhooks, on the same deliveries;
# during the rotation of a secret, too, and of the key that seals it.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Npm;

plan skip_all => 'npm is not installed' if !Cost::Npm::have();

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;

sub keys_are {
    open my $fh, '>', "$dir/key" or die "$dir/key: $!";
    print $fh map { "$_\n" } @_;
    close $fh;
    chmod 0600, "$dir/key";
}

keys_are('11' x 32);

my $modules = Cost::Npm::install('express@4', 'standardwebhooks@1');

my $api = Cost::API->new(
    http => "cost_secret_key $dir/key; cost_webhook_allow http loopback;
             cost_timer on;",
    server => 'include %%ROOT%%/conf/cost_webhooks.conf;');
my $db = $api->db;
my $nginx = $api->nginx;
my $acme = $db->organization('acme');
my $key = $api->key(organization => 'acme', plan => 'free_cloudk',
                    permission => 'write');

my $hook = $api->send('POST', '/api/v1/webhooks', $key,
    '{"url": "http://127.0.0.1:9/", "events": ["*"]}')->json->{data};
my @secrets = ($hook->{secret});

sub rotate {
    my ($grace) = @_;

    push @secrets, $api->send('POST',
        "/api/v1/webhooks/$hook->{id}/rotate-secret", $key,
        "{\"grace_seconds\": $grace}")->json->{data}{secret};
}

# the peer knows all secrets from its start: two rotations, made while
# nothing is delivered
my $peer;
my $seen = 0;

# what the n-th receiver, with the n-th secret, says of the next event
sub verdict {
    my ($n, $type) = @_;

    undef $peer;
    $peer = Cost::Npm->start('t/lib/webhook.js', $modules, "$dir/log",
                             @secrets);
    $api->send('PUT', "/api/v1/webhooks/$hook->{id}", $key, encode_json({
        url => "http://127.0.0.1:$peer->{port}/webhook/$n" }));
    $db->query("DELETE FROM deliveries");

    my $data = Cost::Database::quote(encode_json({
        rule_name => "Daily spend > \$500 \x{20ac}", triggered_value => 611.22,
        message => "\"quoted\" \\ \x{1f600}" }));

    $db->query("SELECT event_add($acme, '$type', $data)");

    my @lines;

    $nginx->wait_for(10, sub {
        open my $fh, '<', "$dir/log" or return 0;
        @lines = map { decode_json($_) } grep { /\n\z/ } <$fh>;
        return @lines > $seen;
    });

    $seen = @lines;

    return $lines[-1];
}

sub words {
    my ($v) = @_;

    return join ' ', map { $v->{$_} ? $_ : "no-$_" } qw(cloudk standard);
}


for my $type ('alert.triggered', 'budget.threshold', 'anomaly.detected') {
    my $v = verdict(0, $type);

    is words($v), 'cloudk standard', "$type: both verify it";
    is_deeply [ @$v{qw(event header agent)}, $v->{timestamp} ? 1 : 0 ],
        [ $type, $type, 'CloudK-Webhooks/1.0', 1 ], 'as documented';
}

rotate(3600);

is words(verdict(0, 'alert.triggered')), 'cloudk standard',
    'during a rotation: who knows the old secret';
is words(verdict(1, 'alert.triggered')), 'no-cloudk standard',
    'who knows the new one: Standard Webhooks has both signatures';

rotate(0);

is words(verdict(2, 'alert.triggered')), 'cloudk standard',
    'afterwards: the new one';
is words(verdict(1, 'alert.triggered')), 'no-cloudk no-standard',
    'and no other';


# the key that seals: a new one in front, the old one still opens

sub sealed_by {
    return substr $db->query("SELECT encode(secret, 'hex') FROM webhooks
                               WHERE uuid = '$hook->{id}'"), 0, 64;
}

my $before = sealed_by();

keys_are('22' x 32, '# the old one', '11' x 32);
$nginx->reload;

is words(verdict(2, 'alert.triggered')), 'cloudk standard',
    'the old key opens what it has sealed';

rotate(0);
isnt sealed_by(), $before, 'what is new';
is words(verdict(3, 'alert.triggered')), 'cloudk standard', 'is opened';

keys_are('22' x 32);
$nginx->reload;
is words(verdict(3, 'alert.triggered')), 'cloudk standard',
    'by the new key alone: it sealed it';

keys_are('33' x 32);
$nginx->reload;
undef $peer;
$db->query("DELETE FROM deliveries;
            SELECT event_add($acme, 'alert.triggered', '{}')");
ok $nginx->wait_for(10, sub {
    $db->query("SELECT count(*) FROM delivery_attempts
                 WHERE error LIKE '%cannot read the secret%'") == 1
}), 'a key that sealed nothing opens nothing, and the history says so';
ok $nginx->logged(qr/no key of "cost_secret_key" opens the secret/, 5),
    'and the log';

keys_are('33' x 32, '22' x 32);
$nginx->reload;
is words(verdict(3, 'alert.triggered')), 'cloudk standard',
    'put back, it does';

$api->stop;

done_testing;

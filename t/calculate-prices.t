use strict;
use warnings;

# cost_prices: checked when nginx reads its configuration, swapped by a
# reload, and a broken file is refused with where and why.

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use JSON::PP;
use Test::More;

use Cost::Nginx;

my $shipped = do {
    local (@ARGV, $/) = "$Cost::Nginx::root/conf/prices/aws.prices";
    <>;
};

my $calculate = 'location /c { cost_errors cloudcostflow; cost_calculate; }';


# configurations

for my $case (
    [ '', $calculate, qr/"cost_calculate" needs "cost_prices" in http/ ],
    [ 'cost_prices %%DIR%%/none;', $calculate,
      qr/open\(\) "\S+\/none" failed \(2: No such file/ ],
    [ 'cost_prices %%DIR%%;', $calculate, qr/is not a file/ ],
    [ 'cost_prices %%DIR%%/p; cost_prices %%DIR%%/p;', $calculate,
      qr/"cost_prices" directive is duplicate/ ],
    [ 'cost_prices;', $calculate, qr/invalid number of arguments/ ],
    [ 'cost_prices %%DIR%%/p;', 'location /c { cost_calculate x; }',
      qr/invalid parameter "x"/ ],
    [ 'cost_prices %%DIR%%/p;',
      'location /c { cost_calculate; cost_calculate; }',
      qr/"cost_calculate" directive is duplicate/ ],
    [ 'cost_prices %%DIR%%/p;',
      'location /c { empty_gif; cost_calculate; }',
      qr/"cost_calculate" directive conflicts with another/ ],
    [ 'cost_prices %%DIR%%/p;', 'cost_calculate;',
      qr/"cost_calculate" directive is not allowed here/ ],
) {
    my ($http, $server, $expected) = @$case;
    my $nginx = Cost::Nginx->new(http => $http, server => $server);

    write_file($nginx->dir . '/p', $shipped);

    my ($ok, $output) = $nginx->test_conf;

    ok !$ok, "refused: $http $server";
    like $output, $expected, 'with the reason';
}

{
    my $nginx = Cost::Nginx->new(
        http => 'cost_prices %%DIR%%/p;', server => 'location / { }');
    write_file($nginx->dir . '/p', $shipped);
    ok +($nginx->test_conf)[0], 'prices that nobody uses are fine';
}


# files

for my $case (
    [ 'cut short', sub { substr $shipped, 0, length($shipped) / 2 },
      qr/\/p:\d+: / ],
    [ 'an empty file', sub { '' }, qr/\/p:\d+: / ],
    [ 'another currency', sub { $shipped =~ s/^currency USD/currency EUR/mr },
      qr/\/p:\d+: [^"]+: "EUR"/ ],
    [ 'a negative price',
      sub { $shipped =~ s/(group S3\.put_request\n.*?us-east-1 )\S+/$1-1/sr },
      qr/\/p:(\d+): .*"-1"/,
      sub { my ($text) = @_; 1 + (() = substr($text, 0,
                                             index $text, ' -1') =~ /\n/g) } ],
    [ 'a binary', sub { pack 'C*', map { $_ % 256 } 1 .. 10000 },
      qr/\/p:1: / ],
) {
    my ($what, $make, $expected, $line) = @$case;
    my $nginx = Cost::Nginx->new(
        http => 'cost_prices %%DIR%%/p;', server => $calculate);
    my $text = $make->();

    write_file($nginx->dir . '/p', $text);

    my ($ok, $output) = $nginx->test_conf;

    ok !$ok, "refused: $what";
    like $output, $expected, 'with where and why';

    if ($line && $output =~ $expected) {
        is $1, $line->($text), 'the line';
    }
}


# reload

my $nginx = Cost::Nginx->new(http => 'cost_prices %%DIR%%/p;',
                             server => $calculate);
my $body = '{"nodes":[{"id":"a","service":"S3","params":{"storageGB":1000}}],'
           . '"edges":[],"entryPoints":[]}';
my $dearer = $shipped
    =~ s/(group S3\.standard_storage\n.*?\nus-east-1 )0\.023/${1}0.123/sr;

isnt $dearer, $shipped, 'dearer storage';

write_file($nginx->dir . '/p', $shipped);
$nginx->start;

sub answer {
    my $r = $nginx->http->post('/c', $body)->json;

    return "$r->{totalMonthlyCost} $r->{pricingVersion}";
}

is answer(), '23 ' . sha256_hex($shipped), 'as shipped';

write_file($nginx->dir . '/p', $dearer);
is answer(), '23 ' . sha256_hex($shipped), 'a file is read when told';

my %old = map { $_ => 1 } $nginx->workers;

$nginx->reload;
ok $nginx->wait_for(10, sub { !grep { $old{$_} } $nginx->workers }),
   'the old worker leaves';
is answer(), '123 ' . sha256_hex($dearer), 'a reload swaps it';

write_file($nginx->dir . '/p', substr $shipped, 0, 10000);
$nginx->allow(qr/\/p:\d+: /);
$nginx->signal('HUP');
ok $nginx->logged(qr/\[emerg\].*\/p:\d+: /), 'a broken file is refused';
is answer(), '123 ' . sha256_hex($dearer), 'and leaves the old one';

$nginx->stop;

done_testing;


sub write_file {
    my ($name, $text) = @_;

    open my $fh, '>', $name or die "$name: $!\n";
    binmode $fh;
    print $fh $text;
    close $fh or die "$name: $!\n";
}

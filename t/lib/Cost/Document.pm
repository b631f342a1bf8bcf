package Cost::Document;

# A reply beside the example that a product's document prints:
#
#     shape_ok($r, '{"data": [{"date": "2024-01-14", "amount": 285.40}]}',
#              'GET /costs/trend');
#
# Every member that the example has is there, with a value of its type; the
# order of members, and members that we add, are of no importance.  Each
# element of an array is as the example's, of which there must be one at
# least.  A text that reads like a date, a time or "uuid" stands for one; a
# null of the example for anything.

use strict;
use warnings;

use B;
use JSON::PP;
use Test::More ();

use Exporter qw(import);

our @EXPORT = qw(shape_ok plain);

my $uuid = qr/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;


sub shape_ok {
    my ($r, $example, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my @wrong = differences($r->json,
                            JSON::PP->new->utf8->decode($example), '');

    Test::More::ok(!@wrong, "$name: as in the document")
        or Test::More::diag(join("\n", @wrong) . "\n$r->{body}");
}


# the reply's value without when it was made

sub plain {
    my ($r) = @_;

    my $value = $r->json;

    delete $value->{meta}{generated_at} if ref $value->{meta};

    return $value;
}


sub differences {
    my ($got, $want, $path) = @_;

    return if !defined $want;

    return "$path: not there" if !defined $got;

    my ($is, $should) = (type($got), type($want));

    return "$path: $is, not $should" if $is ne $should;

    if ($should eq 'object') {
        return map {
            exists $got->{$_}
                ? differences($got->{$_}, $want->{$_}, "$path.$_")
                : "$path.$_: missing"
        } sort keys %$want;
    }

    if ($should eq 'array') {
        return if !@$want;
        return "$path: empty" if !@$got;

        return map { differences($got->[$_], $want->[$_] // $want->[0],
                                 $path . "[$_]") } 0 .. $#$got;
    }

    if ($should eq 'string') {
        for ([ 'date', qr/^\d{4}-\d\d-\d\d$/ ],
             [ 'time', qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ ])
        {
            my ($form, $pattern) = @$_;

            return "$path: $got is no $form"
                if $want =~ $pattern && $got !~ $pattern;
        }

        return "$path: $got is no uuid" if $want eq 'uuid' && $got !~ $uuid;
    }

    return;
}


sub type {
    my ($value) = @_;

    return !defined $value            ? 'null'
         : JSON::PP::is_bool($value)  ? 'boolean'
         : ref $value eq 'HASH'       ? 'object'
         : ref $value eq 'ARRAY'      ? 'array'
         : number($value)             ? 'number'
         :                              'string';
}


sub number {
    my ($value) = @_;

    my $flags = B::svref_2object(\$value)->FLAGS;

    return $flags & (B::SVp_IOK | B::SVp_NOK) && !($flags & B::SVp_POK);
}


1;

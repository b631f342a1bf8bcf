package Cost::Sync;

# The API with sync, as it is shipped, and what tests of it share:
#
#     my $sync = Cost::Sync->new(http => '...');   # as for Cost::API
#     my $key = $sync->organization('acme');       # a key that may write
#     $sync->source($key, { kind => 'directory', path => $sync->dir . '/a' });
#     my $job = $sync->run($key);                  # the job, when it ended
#     $sync->sums('acme');                         # "rows|billed" in costs
#     Cost::Sync::bill('2024-09', [ 1, 'acct', '1.5', 'Amazon S3' ], ...);

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use JSON::PP;
use Time::HiRes qw(sleep time);

use Cost::API;


sub new {
    my ($class, %args) = @_;

    my $dir = delete $args{dir} // tempdir('cost-sync-XXXXXX', DIR => '/tmp',
                                           CLEANUP => 1);
    my $with = delete $args{sync} // '';
    my $conf = delete $args{conf} // '%%ROOT%%/conf/cost_sync.conf';

    # the workers' user reads it
    chmod 0755, $dir;
    make_path("$dir/bills");

    if (!-f "$dir/key") {
        open my $fh, '>', "$dir/key" or croak "key: $!";
        print $fh 'k' x 32;
        close $fh;
        chmod 0600, "$dir/key";
    }

    my $api = Cost::API->new(%args,
        http => "cost_secret_key $dir/key;
                 cost_timer on period=200ms;
                 cost_sync_directory $dir/bills;
                 cost_fetch_allow http loopback;
                 $with" . ($args{http} // ''),
        server => "include $conf;" . ($args{server} // ''));

    return bless { api => $api, dir => "$dir/bills", base => $dir,
                   serial => 0 }, $class;
}


sub api { $_[0]{api} }
sub db { $_[0]{api}->db }
sub nginx { $_[0]{api}->nginx }
sub dir { $_[0]{dir} }
sub base { $_[0]{base} }
sub stop { my $self = shift; $self->{api}->stop(@_) }


sub organization {
    my ($self, $slug, %columns) = @_;

    $self->db->organization($slug, %columns);

    return $self->api->key(organization => $slug, plan => 'free_infraaudit',
                           permission => 'write');
}


# an account with this source; a file, relative to dir(), is written

sub source {
    my ($self, $key, $source, %with) = @_;

    my $r = $self->api->send('POST', '/api/v1/accounts', $key, encode_json({
        provider => 'aws', external_id => 'source' . ++$self->{serial},
        %with, source => $source }));

    croak "source: $r->{body}" if $r->{status} != 201;

    return $r->json->{data};
}


sub write {
    my ($self, $name, $text) = @_;

    my $file = "$self->{dir}/$name";

    make_path($file =~ s{/[^/]*\z}{}r);
    open my $fh, '>:raw', $file or croak "$file: $!";
    print $fh $text;
    close $fh or croak "$file: $!";

    return $file;
}


sub begin {
    my ($self, $key) = @_;

    my $r = $self->api->send('POST', '/api/v1/costs/sync', $key, '');

    croak "sync: $r->{status} $r->{body}" if $r->{status} != 202;

    return $r->json->{job_id};
}


sub job {
    my ($self, $key, $id) = @_;

    return $self->api->get("/api/v1/costs/sync/$id", $key)->json;
}


sub wait {
    my ($self, $key, $id, $seconds) = @_;

    my $until = time + ($seconds // 60);

    while (time < $until) {
        my $job = eval { $self->job($key, $id) };

        return $job if $job && ($job->{status} // '') =~ /^(done|failed)$/;

        sleep 0.05;
    }

    croak "job $id did not end: " . encode_json($self->job($key, $id));
}


sub run {
    my ($self, $key, $seconds) = @_;

    return $self->wait($key, $self->begin($key), $seconds);
}


sub sums {
    my ($self, $slug) = @_;

    return $self->db->query("SELECT coalesce(sum(c.entries), 0),
               trim_scale(coalesce(sum(c.billed), 0))
          FROM costs c JOIN organizations o ON o.id = c.organization_id
         WHERE o.slug = '$slug'");
}


# a FOCUS file of a month; a row: day, account, cost, service

sub bill {
    my ($month, @rows) = @_;

    return join '', map { join(',', @$_) . "\n" } [qw(BilledCost EffectiveCost
        ListCost ContractedCost BillingCurrency BillingPeriodStart
        ChargePeriodStart ChargeCategory ProviderName BillingAccountId
        SubAccountId ServiceName ServiceCategory)],
        map {
            my ($day, $account, $cost, $service) = @$_;
            [ ($cost) x 4, 'USD', "$month-01T00:00:00Z",
              sprintf('%s-%02dT00:00:00Z', $month, $day), 'Usage', 'AWS',
              'payer', $account, $service // 'Amazon S3', 'Storage' ]
        } @rows;
}


1;

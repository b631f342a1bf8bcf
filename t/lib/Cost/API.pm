package Cost::API;

# The API as it is shipped, on a database of our own:
#
#     my $api = Cost::API->new;               # arguments as for Cost::Nginx
#     my $key = $api->key(plan => 'starter'); # as for Cost::Database
#                       # free_cloudk, free_infraaudit: without limits
#     $api->get('/api/v1/costs', $key);       # a response of Cost::HTTP
#     $api->stop;

use strict;
use warnings;

use Cost::Database;
use Cost::HTTP;
use Cost::Nginx;


sub new {
    my ($class, %args) = @_;

    my $database = delete $args{database}
                   // Cost::Database->new(private => delete $args{private});
    my $pool = delete $args{pool} // 'pool=2';

    my $nginx = Cost::Nginx->new(
        database => $database, %args,
        http => qq{
            cost_database "%%DATABASE%%" $pool;
            api_key_zone keys:1m;
            include %%ROOT%%/conf/cost_plans.conf;
            cost_prices %%ROOT%%/conf/prices/aws.prices;
            cost_openapi %%ROOT%%/conf/openapi.json;
            api_key_plan free_cloudk prefix=ck_live_ errors=cloudk unlimited;
            api_key_plan free_infraaudit prefix=ia_ errors=infraaudit unlimited;
        } . ($args{http} // ''),
        server => qq{
            include %%ROOT%%/conf/cost_api.conf;
        } . ($args{server} // ''),
    );

    my $self = bless { db => $database, nginx => $nginx }, $class;

    $nginx->start;

    return $self;
}


sub db { $_[0]{db} }
sub nginx { $_[0]{nginx} }

sub key {
    my ($self, %args) = @_;

    $args{prefix} //= 'ck_live_' if ($args{plan} // '') eq 'free_cloudk';
    $args{prefix} //= 'ia_' if ($args{plan} // '') eq 'free_infraaudit';

    return $self->{db}->key(%args);
}

sub http { my $self = shift; $self->{nginx}->http(@_) }
sub stop { my $self = shift; $self->{nginx}->stop(@_) }


# path, key or undef, headers...

sub get {
    my ($self, $path, $key, @headers) = @_;

    return $self->http->get($path, auth($key), @headers);
}

sub head {
    my ($self, $path, $key, @headers) = @_;

    return $self->http->head($path, auth($key), @headers);
}

# method, path, key, body, headers...

sub send {
    my ($self, $method, $path, $key, $body, @headers) = @_;

    return $self->http->send_body($method, $path, $body, auth($key),
                                  @headers);
}

sub auth {
    my ($key) = @_;

    return defined $key ? ('X-API-Key' => $key) : ();
}


1;

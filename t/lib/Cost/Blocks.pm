package Cost::Blocks;

# What t::Cost adds to Test::Nginx::Socket.
#
# In a block's texts stand $TEST_NGINX_DATABASE (the conninfo of a migrated,
# empty database, one per file, made when it is first named) and
# $TEST_NGINX_ROOT (the project's directory).  A block without "config" has
# the API's locations, one without "http_config" the database, the zone and
# the plans they need.
#
#     our $key = Cost::Blocks::database()->key(plan => 'starter');
#     ...
#     --- more_headers eval
#     "X-API-Key: $::key"
#
# Every block also ends as every nginx here does: no request left over, no
# alert in the error log, the shutdown included; and the file, with no report
# of a sanitizer or of valgrind.

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Test::More ();

use Cost::Database;
use Cost::Nginx;


our $default_http_config = <<'END';
    cost_database "$TEST_NGINX_DATABASE" pool=2;
    api_key_zone keys:1m;
    include $TEST_NGINX_ROOT/conf/cost_plans.conf;
    cost_prices $TEST_NGINX_ROOT/conf/prices/aws.prices;
END

our $default_config = <<'END';
    include $TEST_NGINX_ROOT/conf/cost_api.conf;
END

my $owner = $$;
my $dir = tempdir('cost-blocks-XXXXXX', DIR => '/tmp');
my $reports = "$dir/reports";
my $database;

# before Test::Nginx::Util looks at its environment

chmod 0755, $dir;
mkdir $reports;
chmod 01777, $reports;

$ENV{TEST_NGINX_ROOT} = $Cost::Nginx::root;
$ENV{TEST_NGINX_SERVROOT} = "$dir/servroot";
$ENV{TEST_NGINX_PORT} //= Cost::Nginx::free_port();
$ENV{TEST_NGINX_LOAD_MODULES} = Cost::Nginx::module();
$ENV{TEST_NGINX_WORKER_USER} //= 'nobody nogroup' if $> == 0;
$ENV{COST_TEST_LEAKS} = 0;
$ENV{TEST_NGINX_BINARY} = binary();
$ENV{TEST_NGINX_LOG_LEVEL} //= 'info';
$ENV{TEST_NGINX_TIMEOUT} //= 10;

if (my @valgrind = Cost::Nginx::valgrind($reports)) {
    $ENV{TEST_NGINX_USE_VALGRIND} = join ' ', @valgrind[2 .. $#valgrind];
    $ENV{TEST_NGINX_TIMEOUT} = 60;
    $ENV{TEST_NGINX_SLEEP} //= 1;
}


sub database {
    return $database //= Cost::Database->new;
}


# nginx with the sanitizers' options, which Test::Nginx would change

sub binary {
    my %env = Cost::Nginx::environment($reports, '$COST_TEST_LEAKS');

    return Cost::Nginx::binary() if !%env;

    open my $fh, '>', "$dir/nginx" or die "$dir/nginx: $!\n";
    print $fh "#!/bin/sh\n";
    print $fh qq{export $_="$env{$_}"\n} for sort keys %env;
    print $fh 'exec ', Cost::Nginx::binary(), qq{ "\$@"\n};
    close $fh;
    chmod 0755, "$dir/nginx";

    return "$dir/nginx";
}


sub prepare {
    my ($block) = @_;

    my $http = $block->http_config // $default_http_config;

    $ENV{COST_TEST_LEAKS} = defined $block->must_die ? 0 : 1;

    $block->set_value('config', $default_config) if !defined $block->config;

    if (!defined $block->must_die) {
        $http .= "    server { listen unix:$dir/status.sock; "
                 . "location / { stub_status; access_log off; } }\n";
    }

    $block->set_value('http_config', $http);

    $ENV{TEST_NGINX_DATABASE} //= database()->conninfo
        if grep { defined && /\$TEST_NGINX_DATABASE/ }
               map { $block->$_ } qw(main_config http_config config);

    # what is expected there is said by the block itself
    $block->set_value('no_shutdown_error_log', [ '[alert]', '[emerg]' ])
        if !defined $block->must_die
           && !defined $block->shutdown_error_log
           && !defined $block->no_shutdown_error_log;
}


sub check_idle {
    my ($block) = @_;

    return if defined $block->must_die || !-S "$dir/status.sock";

    my $status = '';
    my $idle = Cost::Nginx->wait_for(5, sub {
        $status = eval {
            Cost::HTTP->new("$dir/status.sock")->get('/')->{body}
        } // $@;

        return $status =~ /Reading: 0 Writing: 1 /;
    });

    Test::More::ok($idle, $block->name . ' - no request is left over')
        or Test::More::diag($status);
}


# runs after Test::Nginx's own END, in which the last nginx leaves

END {
    if ($$ == $owner) {
        my $status = $?;
        my @reports = Cost::Nginx::reports($reports);

        if (@reports) {
            Test::More::fail('no report of a sanitizer');
            Test::More::diag(join "\n", @reports);
            $status ||= 1;
        }

        undef $database;
        remove_tree($dir);

        $? = $status;
    }
}


1;

package t::Cost;

# Test::Nginx::Socket with our module, our database and our checks; see
# Cost::Blocks.
#
#     use lib 't/lib';
#     use t::Cost 'no_plan';
#
#     run_tests();
#
#     __DATA__
#
#     === a key is needed
#     --- request
#     GET /api/v1/costs
#     --- error_code: 401

use Cost::Blocks ();
use Test::Nginx::Socket -Base;


no_long_string();
no_root_location();
master_on();
workers(2);
worker_connections(512);
add_block_preprocessor(sub { Cost::Blocks::prepare(@_) });
add_test_cleanup_handler(sub { Cost::Blocks::check_idle(@_) });


1;

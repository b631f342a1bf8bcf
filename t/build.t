#!/usr/bin/env perl

# The build: both compilers, nothing done twice, clear failures, and what the
# scripts say of themselves.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

chdir dirname(dirname(abs_path($0))) or die "chdir: $!\n";

my $output;
my $so = 'var/build/ngx_http_cost_module.so';

is(run('scripts/build --cc clang'), 0, 'clang has no warnings')
    or diag(output());
is(run('scripts/build'), 0, 'gcc has no warnings') or diag(output());

my $before = (stat $so)[9];

is(run('scripts/build'), 0, 'a second build');
is((stat $so)[9], $before, 'does nothing');


# one object per source, and one shared object of that name

my @sources = grep { !m{/(?:import|prices)/} } glob 'modules/*/*.c';
my %objects = map { m{([^/]+/[^/]+)\.o$} ? ($1 => 1) : () }
              glob 'var/build/objs/addon/*/*.o';

is_deeply([ grep { !$objects{$_} }
            map { m{modules/(.*)\.c$} } @sources ], [],
          'every source is in the module');

my $dir = tempdir(CLEANUP => 1);

conf('load_module ' . abs_path($so)
     . ";\nevents { }\nhttp { cost_errors auto; }\n");
is(nginx(), 0, "Debian's nginx loads it") or diag(output());

conf("events { }\nhttp { cost_errors auto; }\n");
is(nginx(), 1, 'and without it has no such directive');


# in a copy, what may go wrong

my $copy = "$dir/copy";

run("mkdir $copy && cp -r config modules scripts conf $copy/");

is(run("LIBPQ_INC=/nowhere $copy/scripts/build"), 1, 'libpq is missing');
like(output(), qr/error: the ngx_http_cost module requires libpq 14/,
     'and it is said');

open my $fh, '>', "$copy/modules/cost/cost_aaa.c" or die;
print $fh "int cost_aaa(void)\n{\n    int x;\n\n    return x;\n}\n";
close $fh;

is(run("$copy/scripts/build"), 1, 'a source with a warning');
like(output(), qr/cost_aaa\.c:.*error:/, 'the compiler says where');
like(output(), qr/^scripts\/build: the module could not be compiled$/m,
     'one sentence says what');

is(run("$copy/scripts/start --dir $dir/none"), 1, 'nor is anything started');
like(output(), qr/^scripts\/start: the build failed \(see above\)\n\z/m,
     'one sentence ends it');

is(run('scripts/build --cc nocc'), 1, 'a compiler that is not there');
is(output(), "scripts/build: there is no compiler named nocc\n",
   'is named');

is(run('NGINX_SRC=/nowhere scripts/build'), 1, 'a wrong NGINX_SRC');
like(output(), qr{^scripts/build: NGINX_SRC=/nowhere is not an nginx source},
     'is named');

run("mkdir '$dir/a b' && cp -r $copy/scripts '$dir/a b/'");
is(run("'$dir/a b/scripts/build'"), 1, 'a directory nginx cannot build in');
like(output(), qr/directory with such a name/, 'is named');


for my $script (sort grep { -f && -x } glob 'scripts/*') {
    is(run("$script --help"), 0, "$script --help");
    like(output(), qr/^usage: /im, "$script explains itself");
    isnt(run("$script --no-such-option"), 0, "$script knows its options");
}

done_testing();

sub run {
    my ($command) = @_;

    $output = qx{($command) < /dev/null 2>&1};

    return $? >> 8;
}

sub output { $output }


sub conf {
    my ($text) = @_;

    open my $fh, '>', "$dir/nginx.conf" or die "$dir/nginx.conf: $!\n";
    print $fh "pid $dir/pid;\n$text";
    close $fh;
}

sub nginx {
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin";

    return run("nginx -t -p $dir -c $dir/nginx.conf -e $dir/error.log");
}

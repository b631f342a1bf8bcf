#!/usr/bin/env perl

# The house's own rules: style, includes, symbols, generated files; and that
# what checks them sees what it is there for.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

chdir dirname(dirname(abs_path($0))) or die "chdir: $!\n";

for my $check ('check-style', 'check-includes', 'check-symbols',
               'gen-sql --check')
{
    my $output = qx{scripts/$check 2>&1};

    ok($? == 0 && $output eq '', "scripts/$check") or diag($output);
}


# planted slips: [ rule, code in the middle of a function or file ]

my $dir = tempdir(CLEANUP => 1);

my @slips = (
    [ 'longer than 79 columns', '/* ' . 'x' x 80 . ' */' ],
    [ 'tab', "/*\tx */" ],
    [ 'trailing space', '/* x */ ' ],
    [ '// comment', '// x' ],
    [ 'unfinished business', '/* TODO */' ],
    [ 'three empty lines', "\n\n\n\n#define X  1" ],
    [ 'two spaces before the value of a macro', '#define X 1' ],
    [ '\ stands in column 79', "#define X  \\\n    1" ],
    [ 'code that is switched off', "#if 0\n#endif" ],
    [ '#if takes parentheses', "#if X\n#endif" ],
    [ 'two spaces before the name of a type', 'typedef int x_t;' ],
    [ 'two spaces before the name of a variable', 'static int x;' ],
    [ 'the type of a function stands on a line of its own',
      "int f(void)\n{\n}" ],
    [ 'the { of a function stands in column 1', "int\nf(void) {\n}" ],
    [ 'f() is static and has no prototype', "static int\nf(void)\n{\n}" ],
    [ 'two empty lines after a function', "int\nf(void)\n{\n}\n\nint x;" ],
    [ 'two empty lines before f()', "int  x;\n\nint\nf(void)\n{\n}" ],
    [ 'f() has more than 100 lines',
      "int\nf(void)\n{\n" . "    x();\n" x 100 . "}" ],
    [ 'create_conf returns NULL, not NGX_CONF_ERROR',
      "void *\nx_create_conf(void)\n{\n    return NGX_CONF_ERROR;\n}" ],
    map { [ $_->[0], "int\nf(void)\n{\n$_->[1]\n}" ] } (
        [ 'two empty lines within f()', "    x();\n\n\n    y();" ],
        [ 'hex digits are lower case', '    x = 0xFF;' ],
        [ 'a space after if', "    if(x) {\n        y();\n    }" ],
        [ 'no space after (', '    x( y);' ],
        [ 'no space before )', '    x(y );' ],
        [ 'a space after a comma', '    x(y,z);' ],
        [ 'a space after a cast', '    x = (u_char *)y;' ],
        [ 'a space after a cast', '    x = (size_t)y;' ],
        [ 'spaces around operators', '    x =y;' ],
        [ 'spaces around operators', '    x= y;' ],
        [ 'spaces around operators', "    if (x==y) {\n        z();\n    }" ],
        [ 'the operator begins the next line', "    x = y &&\n        z;" ],
        [ 'two spaces before the name of a variable', '    int x;' ],
        [ 'names of declarations stand in one column',
          "    int  x;\n    size_t  y;\n" ],
        [ 'an empty line before } else',
          "    if (x) {\n        y();\n    } else {\n        z();\n    }" ],
        [ '} else stands on one line',
          "    if (x) {\n        y();\n    }\n    else {\n        z();\n    }"
        ],
        [ 'an empty line after }',
          "    if (x) {\n        y();\n    }\n    z();" ],
        [ 'an empty line after a label', "failed:\n    x();" ],
        [ 'braces around a single statement', "    if (x)\n        y();" ],
        [ 'an allocation is checked where it is made',
          "    x = ngx_palloc(pool, 1);\n    y();" ],
        [ 'the first argument of ngx_log_error() is a level',
          '    ngx_log_error(1, log, 0, "x");' ],
        [ 'printf() is for programs', '    printf("x");' ],
        [ 'assert() is for tests', '    assert(x);' ],
        [ 'malloc() and free() are for programs and libpq', '    free(x);' ],
    ),
);

my $head = "\n/*\n * Copyright (C) 2026 the ngx_http_cost authors\n */\n\n\n";

for my $slip (@slips) {
    my ($rule, $code) = @$slip;

    write_file("$dir/x.c", "$head$code\n");

    like(scalar qx{scripts/check-style $dir/x.c 2>&1}, qr/: \Q$rule\E$/m,
         "check-style: $rule");
}

for my $slip (
    [ 'x.js', 'longer than 100 columns', '// ' . 'x' x 98 ],
    [ 'x.js', 'more than 300 lines', "x();\n" x 301 ],
    [ 'x.js', 'trailing space', 'x(); ' ],
    [ 'x.js', 'text is no markup', 'e.innerHTML = name;' ],
    [ 'x.js', 'text is no markup', 'e.insertAdjacentHTML("afterend", name);' ],
    [ 'x.js', 'nothing comes from elsewhere',
      'import x from "https://example.com/x.js";' ],
    [ 'x.css', 'nothing comes from elsewhere',
      'a { background: url(http://example.com/x.png); }' ],
    [ 'x.html', 'no script or style within the page', '<p onclick="x()">' ],
    [ 'x.html', 'no script or style within the page', '<script>x()</script>' ],
    [ 'x.html', 'no script or style within the page', '<p style="color: red">' ],
) {
    my ($name, $rule, $text) = @$slip;

    write_file("$dir/$name", "$text\n");

    like(scalar qx{scripts/check-style $dir/$name 2>&1}, qr/: \Q$rule\E$/m,
         "check-style: $name: $rule");
}

write_file("$dir/x.c", $head . <<'END');
static int f(int x);


static int
f(int x)
{
    int      y;
    size_t  *z;

    z = malloc(sizeof(size_t));
    if (z == NULL) {
        goto failed;
    }

    for ( ;; ) {
        if (x == 1 || (x & 2)) {
            y = (int) z[0];
            break;

        } else {
            y = -1;
        }
    }

    return y;

failed:

    return x ? 1 : 2;
}
END

is(scalar qx{scripts/check-style $dir/x.c 2>&1},
   "$dir/x.c:16: malloc() and free() are for programs and libpq\n",
   'check-style has nothing against good style');

my @includes = (
    [ 'pg', '#include "key/ngx_http_cost_key.h"', 'arrows go to lower' ],
    [ 'api', '#include <libpq-fe.h>', 'libpq belongs to' ],
    [ 'api', '#include "pg/ngx_http_cost_pg_private.h"', 'only the door' ],
    [ 'cost', '#include <stdio.h>', 'freestanding' ],
    [ 'cost', '#include "ngx_http_cost.h"', 'know no nginx' ],
    [ 'import', '#include "pg/ngx_http_cost_pg.h"', 'not an arrow' ],
    [ 'import', '#include <ngx_core.h>', 'knows no nginx' ],
    [ 'http', '#include "pg/ngx_http_cost_pg.h"', 'arrows go to lower' ],
    [ 'key', '#include "cost/cost_json.h"', 'only the door' ],
    [ 'key', '#include "none.h"', 'no such header' ],
    [ 'key', '#include <stdio.h>', 'headers come first' ],
);

make_path("$dir/scripts", map { "$dir/modules/$_" }
          qw(cost pg http key api import));
qx{cp scripts/check-includes $dir/scripts};

write_file("$dir/modules/$_", '')
    for qw(ngx_http_cost.h cost/cost.h cost/cost_json.h
           pg/ngx_http_cost_pg.h pg/ngx_http_cost_pg_private.h
           key/ngx_http_cost_key.h);

for my $include (@includes) {
    my ($room, $line, $rule) = @$include;

    write_file("$dir/modules/$room/x.c", "$line\n");

    my $output = qx{$dir/scripts/check-includes 2>&1};

    like($output, qr{^modules/$room/x\.c:1: .*\Q$rule\E},
         "check-includes: $room: $line");

    unlink "$dir/modules/$room/x.c";
}

write_file("$dir/modules/api/x.c", "#include \"ngx_http_cost.h\"\n"
           . "#include \"key/ngx_http_cost_key.h\"\n#include <ngx_core.h>\n"
           . "#include <stdio.h>\n");

is(scalar qx{$dir/scripts/check-includes 2>&1}, '',
   'check-includes has nothing against arrows that go down');

# a symbol of somebody else's, and one that nobody defines

write_file("$dir/y.c", "int cost_missing(void);\n"
           . "int json_parse(void) { return cost_missing(); }\n");
qx{gcc -shared -fPIC -o $dir/y.so $dir/y.c};

is(scalar qx{scripts/check-symbols $dir/y.so},
   "$dir/y.so: exported without prefix: json_parse\n"
   . "$dir/y.so: used but not defined: cost_missing\n",
   'check-symbols');

done_testing();


sub write_file {
    my ($file, $text) = @_;

    open my $fh, '>', $file or die "$file: $!\n";
    print $fh $text;
    close $fh;
}

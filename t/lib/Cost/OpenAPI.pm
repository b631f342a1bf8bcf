package Cost::OpenAPI;

# The API as its route table has it, and as conf/openapi.json describes it.
#
#     my @routes = Cost::OpenAPI::routes();      # of the sources
#     my $doc = Cost::OpenAPI->new;              # of the document
#     my @operations = $doc->operations;
#     my @wrong = $doc->wrong($r, $operation);   # a reply beside its schema
#
# A route and an operation are { method, path, permission }; an operation has
# also "pointer" (to it in the document) and "node", the operation object. A
# route has "file", the source of its handler, and "handler".

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2 qw(open2);
use JSON::PP;

our $root = abs_path(dirname(__FILE__) . '/../../..');

my %permission = (0 => undef, NGX_HTTP_COST_KEY_READ => 'read',
                  NGX_HTTP_COST_KEY_WRITE => 'write',
                  NGX_HTTP_COST_KEY_ADMIN => 'admin');


sub slurp {
    open my $fh, '<:raw', $_[0] or croak "$_[0]: $!";
    local $/;

    return scalar <$fh>;
}


# every row of every table, HEAD left out; then the locations that have a
# handler of their own

sub routes {
    my $source = slurp("$root/modules/api/ngx_http_cost_api_route.c");
    my %prefix;
    my %macro = $source =~ /^#define\s+(\w+)\s+\(([^)]*)\)/mg;
    my %file;
    my @routes;

    for my $file (glob "$root/modules/api/*.c") {
        my $text = slurp($file);

        $file{$1} = $file
            while $text =~ /^(ngx_http_cost_api_\w+)\(
                             ngx_http_cost_api_ctx_t\ \*ctx\)\n\{/mgx;
    }

    $prefix{$2} = $1 while $source =~
        /\{ \s* ngx_string\("([^"]+)"\), \s* (ngx_http_cost_api_\w+) \s* [,}]/gx;

    while ($source =~ /ngx_http_cost_api_route_t\s+(\w+)\[\]\s*=\s*\{
                       (.*?)\n\};/gsx)
    {
        my ($table, $rows) = ($1, $2);

        croak "$table has no prefix" if !defined $prefix{$table};

        while ($rows =~ /\{\s*cost_string\("([^"]*)"\),\s*([\w|\s]+?),
                         \s*(\w+),\s*(\w+)\s*\}/gx)
        {
            my ($path, $methods, $permission, $handler) = ($1, $2, $3, $4);

            $methods = $macro{$methods} // $methods;

            for my $method ($methods =~ /NGX_HTTP_(\w+)/g) {
                push @routes, { method => $method,
                                path => $prefix{$table} . $path,
                                permission => $permission{$permission},
                                handler => $handler,
                                file => $file{$handler} }
                    if $method ne 'HEAD';
            }
        }
    }

    my $conf = slurp("$root/conf/cost_api.conf");

    while ($conf =~ /location\s*=\s*(\S+)\s*\{([^}]*)\}/g) {
        my ($path, $text) = ($1, $2);

        push @routes, { method => $1 eq 'health' || $2 ? 'GET' : 'POST',
                        path => $path,
                        permission => $text =~ /api_key/ ? 'read' : undef }
            if $text =~ /\bcost_(health|calculate)\s*(services)?\s*;/;
    }

    croak 'no routes were found' if @routes < 20;

    return @routes;
}


sub new {
    my ($class) = @_;

    my $file = "$root/conf/openapi.json";

    return bless { file => $file,
                   document => JSON::PP->new->utf8->decode(slurp($file)) },
                 $class;
}


sub document { $_[0]{document} }


sub operations {
    my ($self) = @_;

    my $paths = $self->{document}{paths};
    my @operations;

    for my $path (sort keys %$paths) {
        for my $method (sort keys %{ $paths->{$path} }) {
            my $node = $paths->{$path}{$method};

            push @operations, {
                method => uc $method, path => $path, node => $node,
                permission => $node->{'x-permission'},
                pointer => join '/', '/paths', escape($path), $method };
        }
    }

    return @operations;
}


sub escape {
    my ($text) = @_;

    $text =~ s/~/~0/g;
    $text =~ s{/}{~1}g;

    return $text;
}


# what a pointer leads to; a $ref is followed

sub at {
    my ($self, $pointer) = @_;

    my $node = $self->{document};

    for my $part (split m{/}, substr $pointer, 1) {
        $part =~ s{~1}{/}g;
        $part =~ s/~0/~/g;
        $node = ref $node eq 'ARRAY' ? $node->[$part] : $node->{$part};
    }

    return $node;
}


sub followed {
    my ($self, $node) = @_;

    $node = $self->at(substr $node->{'$ref'}, 1) while $node->{'$ref'};

    return $node;
}


# parameters of an operation, by name

sub parameters {
    my ($self, $operation) = @_;

    return map { $_->{name} => $_ }
           map { $self->followed($_) } @{ $operation->{node}{parameters} };
}


# the names of all members of a body, as the field tables have them

sub fields {
    my ($self, $operation) = @_;

    my $body = $operation->{node}{requestBody} or return;

    return $self->members($body->{content}{'application/json'}{schema}, '');
}


sub members {
    my ($self, $schema, $prefix) = @_;

    $schema = $self->followed($schema);

    my %names;

    for my $one (@{ $schema->{oneOf} // $schema->{anyOf} // [] }) {
        $names{$_} = 1 for $self->members($one, $prefix);
    }

    if ($schema->{items}) {
        $names{$_} = 1 for $self->members($schema->{items}, $prefix);
    }

    for my $name (keys %{ $schema->{properties} // {} }) {
        my @inside = $self->members($schema->{properties}{$name}, '');

        $names{$name} = 1;
        $names{$_} = 1 for @inside;
    }

    return keys %names;
}


# the example of an operation's body, as text; undef where there is no body

sub example {
    my ($self, $operation) = @_;

    my $body = $operation->{node}{requestBody} or return;
    my $example = $body->{content}{'application/json'}{example};

    return JSON::PP->new->utf8->canonical->encode($example);
}


# what is wrong with a reply, by what the document says of its status

sub wrong {
    my ($self, $r, $operation) = @_;

    my $pointer = "$operation->{pointer}/responses/$r->{status}";
    my $response = $self->at($pointer)
        // return "$r->{status} is not documented";

    $pointer = substr $response->{'$ref'}, 1 if $response->{'$ref'};
    $response = $self->followed($response);

    my @wrong;

    for my $name (sort keys %{ $response->{headers} // {} }) {
        next if $name =~ /^X-RateLimit/;
        push @wrong, "no $name" if !defined $r->header($name);
    }

    return (@wrong, 'there is a body')[0 .. $#wrong + !!length $r->{body}]
        if !$response->{content};

    push @wrong, 'Content-Type: ' . ($r->header('Content-Type') // 'none')
        if ($r->header('Content-Type') // '') ne 'application/json';

    return (@wrong, $self->invalid(
        "$pointer/content/application~1json/schema", $r->{body}));
}


# a text of JSON beside the schema at a pointer

sub invalid {
    my ($self, $pointer, $text) = @_;

    if (!$self->{in}) {
        $self->{pid} = open2($self->{out}, $self->{in}, '/usr/bin/python3',
                             "$root/t/lib/validate.py", $self->{file});
    }

    my ($in, $out) = @{$self}{qw(in out)};

    return "not JSON: $text"
        if !defined eval { JSON::PP->new->utf8->decode($text) };

    $text =~ s/\n/ /g;

    print $in '["', $pointer, '", ', $text, "]\n";
    $in->flush;

    my $line = <$out> // croak 'validate.py has left';

    return @{ JSON::PP->new->utf8->decode($line) };
}


sub DESTROY {
    my ($self) = @_;

    local $?;

    return if !$self->{in};

    close $self->{in};
    close $self->{out};
    waitpid $self->{pid}, 0;
}


1;

package HTTP;

# Requests: nginx with the module at one core, wrk at the other.

use strict;
use warnings;

use Cost::Nginx;
use Digest::SHA qw(sha256);

use Measure;

# so many that none is ever refused
our $plan = 'api_key_plan bench prefix=b_ errors=costoptix'
            . ' limit=1000000000/minute limit=1000000000/hour'
            . ' limit=1000000000/day;';

# as conf/cost_api.conf has it
our $api = 'location /api/ {
    cost_errors  auto;
    api_key      zone=keys;
    cost_api;
}';


sub health {
    my ($m) = @_;

    my $nginx = server($m, '', 'location = /api/v1/health { cost_health; }');
    my $body = $nginx->http->get('/api/v1/health')->{body};

    add_return($nginx, $body);
    pin($m, $nginx);

    $m->section('health: GET /api/v1/health over "return 200" of the same'
                . ' bytes');
    $m->compare('32 clients', aim => 0.97,
                ours  => side($m, $nginx, '/api/v1/health'),
                limit => side($m, $nginx, '/return'));
    finish($nginx);
}


sub auth {
    my ($m) = @_;

    my $nginx = server($m, '', $api);
    my $db = $m->database;
    my @keys = (
        [ 'a plan without limits', $db->key(plan => 'enterprise'), 0.90 ],
        [ 'a plan of three windows', $db->key(plan => 'bench',
                                              prefix => 'b_') ],
    );

    $m->section('auth: GET /api/v1/auth/info, its key known, over'
                . ' "return 200" of the same size');

    for (@keys) {
        my ($name, $key, $aim) = @$_;
        my @headers = ('X-API-Key' => $key);
        my $r = $nginx->http->get('/api/v1/auth/info', @headers);

        die "auth/info: $r->{status} $r->{body}\n" if $r->{status} != 200;

        add_return($nginx, $r->{body});
        pin($m, $nginx);

        $m->compare($name, aim => $aim,
                    ours  => side($m, $nginx, '/api/v1/auth/info', @headers),
                    limit => side($m, $nginx, '/return', @headers));
    }

    finish($nginx);
}


# A content handler that does next to nothing behind api_key: "return" would
# answer before the access phase.

sub key {
    my ($m) = @_;

    my $database = $m->database;
    my $key = $database->key(plan => 'bench', prefix => 'b_');
    my @headers = ('X-API-Key' => $key);

    my $http = "
        map_hash_bucket_size 128;
        map \$http_x_api_key \$client { default ''; '$key' 'acme'; }
        limit_req_zone \$client zone=plain:1m rate=100000000r/s;
    ";
    my $server = q(
        location = /key { api_key zone=keys; empty_gif; }
        location = /bare { empty_gif; }
        location = /plain {
            limit_req zone=plain burst=100000 nodelay;
            empty_gif;
        }
        location = /plain-headers {
            limit_req zone=plain burst=100000 nodelay;
            add_header X-RateLimit-Remaining-Minute 999999999;
            add_header X-RateLimit-Remaining-Day 999999999;
            add_header X-RateLimit-Limit 1000000000;
            add_header X-RateLimit-Remaining 999999999;
            add_header X-RateLimit-Reset 2000000000;
            empty_gif;
        }
    );

    my $nginx = server($m, $http, $server);
    my $gif = 'x' x length $nginx->http->get('/bare')->{body};

    add_return($nginx, $gif);
    add_return($nginx, $gif, as_long($nginx, '/key', @headers));
    pin($m, $nginx);
    expect($nginx, '/key', @headers);

    my $ours = side($m, $nginx, '/key', @headers);
    my $return = side($m, $nginx, '/return', @headers);

    $m->section('key: api_key with three windows and all headers over'
                . ' "return 200" of the same size');
    $m->compare('1 worker', aim => 0.92, ours => $ours, limit => $return);
    $m->compare('1 worker, over a bare handler', ours => $ours,
                limit => side($m, $nginx, '/bare', @headers));
    $m->compare('plain: map and limit_req',
                ours => side($m, $nginx, '/plain', @headers),
                limit => $return);

    # it does not know what is left; these say always the same

    $m->compare('plain, with as many headers',
                ours => side($m, $nginx, '/plain-headers', @headers),
                limit => $return);

    my %eight = map {
        $_ => side($m, $nginx, $_,
                   script => script($nginx, "eight$_", eight($_, @headers)))
    } qw(/key /return /as-long);

    $m->compare('8 requests per write', aim => 0.88, ours => $eight{'/key'},
                limit => $eight{'/return'});

    # Written eight at a time, responses of more than 270 bytes take nginx and
    # Linux two microseconds more than shorter ones, whoever makes them.

    $m->compare('8, over as many bytes', ours => $eight{'/key'},
                limit => $eight{'/as-long'});

    lua_keys($m, $nginx);
    finish($nginx);

    $nginx = server($m, $http, $server, workers => 2);
    add_return($nginx, $gif);
    pin($m, $nginx);
    expect($nginx, '/key', @headers);

    $m->compare('2 workers', ours => side($m, $nginx, '/key', @headers),
                limit => side($m, $nginx, '/return', @headers));
    finish($nginx);
}


# many keys, each as likely as any other

sub lua_keys {
    my ($m, $nginx) = @_;

    my $n = $m->small ? 200 : 20000;

    $m->progress("making $n keys");

    my @keys = many_keys($m->database, $n);
    my $dir = $nginx->dir;

    open my $fh, '>', "$dir/keys" or die "$dir/keys: $!\n";
    print $fh map { "$_\n" } @keys;
    close $fh;

    # the nodes learn them before anything is measured
    my $http = $nginx->http(keepalive => 1);

    for my $i (0 .. $#keys) {
        $m->progress("looking up keys: $i of $n") if $i % 1000 == 0;

        my $status;

        # while the node is still being told of 20,000 new keys it says 503

        $nginx->wait_for(10, sub {
            $status = $http->get('/key', 'X-API-Key' => $keys[$i])->{status};
            return $status != 503;
        });

        die "a key's first request: $status\n" if $status != 200;
    }

    my @scripts = map { script($nginx, "random$_", <<"END") } '/key', '/return';
local requests = {}

for line in io.lines("$dir/keys") do
    requests[#requests + 1] = "GET $_ HTTP/1.1\\r\\nHost: localhost\\r\\n"
        .. "X-API-Key: " .. line .. "\\r\\n\\r\\n"
end

math.randomseed(1)

request = function()
    return requests[math.random(#requests)]
end
END

    $m->compare("$n keys at random", aim => 0.88,
                ours  => side($m, $nginx, '/key', script => $scripts[0]),
                limit => side($m, $nginx, '/return', script => $scripts[1]));
}


sub many_keys {
    my ($database, $n) = @_;

    my @keys = map { Cost::Database::key_text('b_') } 1 .. $n;
    my $organization = $database->organization('acme');
    my $file = File::Temp->new;

    # COPY from the server's side would need rights; psql reads it
    printf $file "%s\t%s\n", '\\\\x' . unpack('H*', sha256($_)),
           substr($_, -4) for @keys;
    close $file;

    $database->query("
CREATE TEMPORARY TABLE made (n integer GENERATED ALWAYS AS IDENTITY,
                             digest bytea, last text);
\\copy made (digest, last) FROM '$file'
CREATE TEMPORARY TABLE ids AS
SELECT n, nextval(pg_get_serial_sequence('api_keys', 'id'))::integer AS id
  FROM made;
INSERT INTO api_keys (id, organization_id, name, permission, plan)
OVERRIDING SYSTEM VALUE
SELECT id, $organization, 'key ' || n, 'read', 'bench' FROM ids;
INSERT INTO api_key_secrets (digest, key_id, prefix, last_four)
SELECT digest, id, 'b_', last FROM made JOIN ids USING (n);");

    return @keys;
}


# eight requests in one write: the client's share of the work is smaller

sub eight {
    my ($path, %headers) = @_;

    my $text = join '', map { "$_: $headers{$_}\\r\\n" } sort keys %headers;
    my $one = "GET $path HTTP/1.1\\r\\nHost: localhost\\r\\n$text\\r\\n";

    return qq{local eight = string.rep("$one", 8)\n}
           . "request = function() return eight end\n";
}


sub script {
    my ($nginx, $name, $text) = @_;

    my $file = $nginx->dir . '/' . ($name =~ tr{/}{-}r) . '.lua';

    open my $fh, '>', $file or die "$file: $!\n";
    print $fh $text;
    close $fh;

    return $file;
}


sub server {
    my ($m, $http, $server, %args) = @_;

    my $pool = $args{pool} // 2;

    $m->progress('starting nginx');

    my $nginx = Cost::Nginx->new(
        database => $m->database, level => 'warn',
        http => qq{
            cost_database "%%DATABASE%%" pool=$pool;
            api_key_zone keys:64m lookups=1000000;
            include %%ROOT%%/conf/cost_plans.conf;
            $plan
            keepalive_requests 1000000000;
            client_header_buffer_size 4k;
        } . ($args{http} // '') . $http,
        server => $server, workers => $args{workers} // 1,
        base => $server, main => $args{main} // '',
    );

    return $nginx->start;
}


# "return 200" of so many bytes at /return, and of others at /as-long

sub add_return {
    my ($nginx, @bodies) = @_;

    my $locations = '';

    for my $path (qw(/return /as-long)) {
        my $body = shift @bodies // last;

        # a word of a configuration has at most 4096 bytes
        my $thousands = '${thousand}' x (length($body) / 1000);
        my $rest = 'x' x (length($body) % 1000);
        my $set = $thousands ? 'set $thousand ' . 'x' x 1000 . ';' : '';

        $locations .= "
            location = $path {
                default_type application/json;
                $set
                return 200 '$thousands$rest';
            }";
    }

    $nginx->reload(server => $nginx->{base} . $locations);
}


# the body with which the response of /return is as long as another one

sub as_long {
    my ($nginx, $path, @headers) = @_;

    my ($theirs, $return) = map { $nginx->http->get($_, @headers) }
                            $path, '/return';
    my $length = length($theirs->{head}) + length($theirs->{body})
                 - length($return->{head});

    # its Content-Length has digits too
    $length -= length($length) - length(length $return->{body});

    return 'x' x $length;
}


# a worker per core, from the first on; old workers have left

sub pin {
    my ($m, $nginx) = @_;

    my @pids;

    $nginx->wait_for(15, sub {
        @pids = $nginx->workers;
        return @pids == $nginx->{workers};
    }) || die "old workers do not leave\n";

    $m->pin($pids[$_], $_) for 0 .. $#pids;
}


sub expect {
    my ($nginx, $path, @headers) = @_;

    my $status = $nginx->http->get($path, @headers)->{status};

    die "$path: $status\n" if $status != 200;
}


# A path, then headers; or script => FILE, which makes the requests.  More
# workers than one, and a side that is "free", share all cores with wrk.

sub side {
    my ($m, $nginx, $path, %args) = @_;

    my $clients = delete $args{clients} // 32;
    my $script = delete $args{script};
    my $body = delete $args{body};

    my @pids = $nginx->workers;
    my @command = (@pids > 1 || $args{free} ? () : $m->pinned(1), 'wrk', '-t1',
                   "-c$clients", '-d' . $m->seconds . 's');

    delete $args{free};

    push @command, '-s', $script if $script;
    push @command, map { ('-H', "$_: $args{$_}") } sort keys %args;
    push @command, 'http://127.0.0.1:' . $nginx->port . $path;

    return sub {
        my $before = Measure::cpu(@pids);
        my $text = Measure::output(@command);
        my $cpu = Measure::cpu(@pids) - $before;

        # a benchmark of refusals is none
        die "@command:\n$text"
            if $text =~ /Non-2xx|Socket errors/
               || $text !~ /^\s*(\d+) requests in /m;

        my $requests = $1;
        my ($rate) = $text =~ m{^Requests/sec:\s*([\d.]+)}m;

        return { rate => $rate, requests => $requests,
                 cpu => $cpu * 1e6 / $requests };
    };
}


sub finish {
    my ($nginx) = @_;

    my @trouble = $nginx->end;

    die 'nginx did not end cleanly: ', join("\n", @trouble), "\n" if @trouble;
}


1;

package Cost::Browser;

# A real Chromium without a window, by chromedriver's WebDriver protocol:
#
#     Cost::Browser::have() or plan skip_all => 'chromium is not installed';
#     my $browser = Cost::Browser->new(width => 360, height => 740);
#     $browser->open('http://127.0.0.1:8080/dashboard/');
#     $browser->type('#key', $key);
#     $browser->click('//button[.="Show costs"]');    # CSS, or an XPath
#     $browser->text('h1');                  # of the first; undef: none
#     $browser->until(sub { $browser->text('h1') eq 'Overview' });
#     $browser->script('return document.title');
#     $browser->press('Tab');                # a key, wherever the focus is
#     $browser->console;                     # what was logged since
#     $browser->requests;                    # the addresses asked for since
#
# click() and type() wait for the element.

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use Time::HiRes qw(sleep time);

use Cost::Clock qw(slowness);
use Cost::HTTP;
use Cost::Nginx;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# where WebDriver keeps the id of an element
my $element = 'element-6066-11e4-a52e-4f735466cecf';

my %keys = (
    Tab => "\x{e004}", Enter => "\x{e007}", Shift => "\x{e008}",
    Escape => "\x{e00c}", Space => ' ', End => "\x{e010}",
    Home => "\x{e011}", ArrowLeft => "\x{e012}",
    ArrowUp => "\x{e013}", ArrowRight => "\x{e014}", ArrowDown => "\x{e015}",
);


sub have { return -x '/usr/bin/chromium' && -x '/usr/bin/chromedriver' }


sub new {
    my ($class, %args) = @_;

    my $self = bless {
        width => 1280, height => 900, %args, owner => $$,
        port => Cost::Nginx::free_port(),
        dir => tempdir('cost-browser-XXXXXX', DIR => '/tmp'),
    }, $class;

    my $pid = fork // croak "fork: $!";

    if ($pid == 0) {
        # a group, so that all that it starts ends with it
        setpgrp 0, 0;
        $ENV{HOME} = $ENV{XDG_CONFIG_HOME} = $ENV{XDG_CACHE_HOME} = $self->{dir};
        $ENV{TZ} = 'UTC';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$self->{dir}/log";
        open STDERR, '>&', \*STDOUT;
        exec '/usr/bin/chromedriver', "--port=$self->{port}"
            or POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    $self->until(sub { eval { $self->ask('GET', '/status')->{ready} } }, 30)
        or croak 'chromedriver does not answer';

    $self->{session} = $self->ask('POST', '/session', {
        capabilities => { alwaysMatch => {
            'goog:loggingPrefs' => { browser => 'ALL', performance => 'ALL' },
            'goog:chromeOptions' => {
                binary => '/usr/bin/chromium',
                args => [
                    qw(--headless --no-sandbox --disable-gpu --disable-quic
                       --no-first-run --disable-background-networking
                       --disable-component-update --disable-sync
                       --disable-dev-shm-usage --hide-scrollbars
                       --lang=en-US --accept-lang=en-US),
                    "--user-data-dir=$self->{dir}/data",
                    "--window-size=$self->{width},$self->{height}",
                ],
            },
        } },
    })->{sessionId};

    $self->size(@{$self}{qw(width height)});

    # a new browser shows a page of its own first
    $self->open('about:blank');
    $self->requests;

    return $self;
}


# what it shows may be narrower than its window, which has some 500 pixels

sub size {
    my ($self, $width, $height) = @_;

    $self->command('Emulation.setDeviceMetricsOverride', {
        width => 0 + $width, height => 0 + $height, deviceScaleFactor => 1,
        mobile => JSON::PP::false,
    });
}


sub open {
    my ($self, $url) = @_;

    $self->post('/url', { url => $url });
}

sub reload { $_[0]->post('/refresh', {}) }

sub find {
    my ($self, $what) = @_;

    my $found = eval {
        $self->post('/element', {
            using => $what =~ m{^\(?/} ? 'xpath' : 'css selector',
            value => $what,
        });
    };

    return $found && $found->{$element};
}

sub wait_find {
    my ($self, $what) = @_;

    my $id;

    $self->until(sub { $id = $self->find($what) })
        or croak "there is no $what on: " . ($self->text('body') // '');

    return $id;
}

sub click {
    my ($self, $what) = @_;

    my $error;

    # it may move, or be drawn anew, between finding and pressing
    $self->until(sub {
        my $id = $self->wait_find($what);
        my $done = eval { $self->post("/element/$id/click", {}); 1 };
        $error = $@;
        $done;
    }) or croak "$what cannot be clicked: $error";
}

sub type {
    my ($self, $what, $text) = @_;

    my $id = $self->wait_find($what);

    $self->post("/element/$id/clear", {});
    $self->post("/element/$id/value", { text => $text });
}

sub press {
    my ($self, @names) = @_;

    my @held = map { $keys{$_} // $_ } @names;

    $self->post('/actions', { actions => [ {
        type => 'key', id => 'keyboard', actions => [
            (map { +{ type => 'keyDown', value => $_ } } @held),
            (map { +{ type => 'keyUp', value => $_ } } reverse @held),
        ],
    } ] });
}


# as it is shown

sub text {
    my ($self, $what) = @_;

    return $self->script(<<'END', $what);
        const found = /^\(?\//.test(arguments[0])
            ? document.evaluate(arguments[0], document, null, 9).singleNodeValue
            : document.querySelector(arguments[0]);
        return found && (found.innerText ?? found.textContent)
            .replace(/[\u00a0\u202f]/g, ' ').trim();
END
}

# of all of them

sub texts {
    my ($self, $css) = @_;

    return @{ $self->script(<<'END', $css) };
        return [...document.querySelectorAll(arguments[0])].map(
            (e) => e.innerText.replace(/\s+/g, ' ').trim());
END
}

sub script {
    my ($self, $script, @args) = @_;

    return $self->post('/execute/sync', { script => $script, args => \@args });
}

# what a promise comes to

sub async {
    my ($self, $script, @args) = @_;

    return $self->post('/execute/sync', {
        script => "return (async () => { $script })()", args => \@args,
    });
}

sub command {
    my ($self, $cmd, $params) = @_;

    return $self->post('/goog/cdp/execute', { cmd => $cmd, params => $params });
}

sub screenshot {
    my ($self, $file) = @_;

    my $shot = $self->command('Page.captureScreenshot', {
        format => 'png', captureBeyondViewport => JSON::PP::true,
    });

    CORE::open my $fh, '>:raw', $file or croak "$file: $!";
    print $fh decode_base64($shot->{data});
    close $fh;
}


sub console {
    my ($self) = @_;

    return map { $_->{message} }
           @{ $self->post('/se/log', { type => 'browser' }) };
}

sub requests {
    my ($self) = @_;

    my @events = map { $json->decode($_->{message})->{message} }
                 @{ $self->post('/se/log', { type => 'performance' }) };

    return map { $_->{params}{request}{url} }
           grep { $_->{method} eq 'Network.requestWillBeSent' } @events;
}


sub until {
    my ($self, $condition, $seconds) = @_;

    my $from = time;
    my $most = $seconds // 10;

    for ( ;; ) {
        return 1 if $condition->();

        return 0 if time - $from > $most && time - $from > $most * slowness();

        sleep 0.05;
    }
}


sub post {
    my ($self, $path, $body) = @_;

    return $self->ask('POST', "/session/$self->{session}$path", $body);
}

sub ask {
    my ($self, $method, $path, $body) = @_;

    my $http = Cost::HTTP->new($self->{port}, timeout => 120);
    my $r = defined $body
        ? $http->send_body($method, $path, $json->encode($body),
                           'Content-Type' => 'application/json')
        : $http->request($method, $path);
    my $value = $r->json->{value};

    croak "$path: " . $value->{message} if $r->{status} != 200;

    return $value;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$ || !$self->{pid};

    local ($@, $?, $!);

    eval { $self->ask('DELETE', "/session/$self->{session}") }
        if $self->{session};
    kill TERM => -$self->{pid};
    waitpid $self->{pid}, 0;
    remove_tree($self->{dir});
}


1;

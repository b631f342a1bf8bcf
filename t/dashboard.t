#!/usr/bin/env perl

# conf/dashboard in a real browser: what people see, against figures worked
# out by hand; what they may do; what happens on bad days.

use strict;
use warnings;
use utf8;

use File::Temp qw(tempdir);
use JSON::PP;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep);

use FindBin;
use lib "$FindBin::Bin/lib";

use Cost::API;
use Cost::Bills;
use Cost::Browser;
use Cost::Npm;
use Cost::Receiver;

plan skip_all => 'chromium is not installed' if !Cost::Browser::have();

binmode Test::More->builder->$_, ':encoding(UTF-8)'
    for qw(output failure_output);

my $secrets = File::Temp->new;
print $secrets '0123456789abcdef' x 4, "\n";
close $secrets;
chmod 0600, $secrets->filename;

my $bills = tempdir(CLEANUP => 1);
chmod 0755, $bills;

my $server = <<'END';
    cost_errors auto;
    include %%ROOT%%/conf/cost_webhooks.conf;

    location /dashboard/ {
        alias %%DIR%%/dashboard/;
        include %%ROOT%%/conf/cost_dashboard.conf;
    }
END

my $api = Cost::API->new(
    private => 1, workers => 2,
    http => "cost_secret_key $secrets;
             cost_webhook_allow http loopback;
             cost_timer on;
             cost_sync_directory $bills;
             cost_cache_zone replies:1m stale=1m;
             api_key_plan few prefix=cc_ errors=costoptix
                          limit=4/hour:sliding;",
    server => $server,
);
my $db = $api->db;
my $port = $api->nginx->port;
my $origin = "http://127.0.0.1:$port";

# the workers may not be allowed where this checkout is
system('cp', '-r', "$Cost::Nginx::root/conf/dashboard", $api->nginx->dir);
system('chmod', '-R', 'a+rX', $api->nginx->dir . '/dashboard');

sleep 1 while strftime('%H%M', gmtime) eq '2359';

my $today = strftime '%Y-%m-%d', gmtime;
my $acme = $db->organization('acme', name => 'Acme <i>Inc</i>');
my $hostile = q{<img src=x onerror="document.title='owned'">};

my ($first, $last_first, $ago) = split /\|/, $db->query(
    "SELECT date_trunc('month', date '$today')::date,
            (date_trunc('month', date '$today') - interval '1 month')::date,
            date '$today' - 3");

Cost::Bills::load($db, $acme,
    { day => $today, billed => '1100.10' },
    { day => $today, billed => '23.45', service => $hostile },
    { day => $today, billed => '-0.55', service => 'Credits',
      account => '2', account_name => '<b>Shop</b>' },
    { day => $last_first, billed => '1000', account => '3',
      account_name => 'Archive', service => 'Amazon S3' });

# a hundred a day, of a name without end, and a beginning
my $long = 'Wide' x 50;

Cost::Bills::load($db, $db->organization('steady', currency => 'EUR'), map {
    { day => Cost::Bills::day($db, $today, -$_), billed => '100',
      currency => 'EUR', service => $long, account_name => $long }
} 0 .. 90);
Cost::Bills::load($db, $db->organization('young'),
                  { day => $today, billed => '1' });

$db->query("INSERT INTO cost_anomalies (organization_id, account_id,
                service_id, day, actual, expected, lower, upper, score, severity,
                detected_at)
    SELECT $acme, a.id, s.id, date '$ago', 991.26, 124.14, 99.31, 148.97, 9,
           'high', now()
      FROM accounts a, services s
     WHERE a.organization_id = $acme AND a.name = 'Production AWS'
       AND s.name = 'Amazon EC2'");

my %key = map {
    $_ => $api->key(plan => 'enterprise', permission => $_, name => "my $_")
} qw(read write admin);
my $unseen = $api->key(plan => 'enterprise', name => 'unseen');


# the door

my $browser = Cost::Browser->new;
my $asked = '';

sub text { $browser->text(@_) // '' }

sub shows {
    my ($what, $text, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $ok = ref $text ? sub { text($what) =~ $text }
                       : sub { text($what) eq $text };

    $browser->until($ok);
    ref $text ? like(text($what), $text, $name)
              : is(text($what), $text, $name);
}

sub focused {
    return $browser->script('return document.activeElement.innerText
                             || document.activeElement.id') =~ s/\s+$//r;
}

# a panel by its heading
sub panel { qq{//section[.//h2="$_[0]"]/div[\@class="body"]} }

sub page {
    my ($hash, $title) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $browser->script('location.hash = arguments[0]', $hash);
    shows('h1', $title, "the page $hash");
    settled();
}

sub settled {
    $browser->until(sub {
        !$browser->find('[aria-busy]')
    }) or diag('still busy');
}

sub enter {
    my ($key) = @_;

    $browser->open("$origin/dashboard/");
    $browser->script('location.hash = ""');
    $browser->type('#key', $key);
    $browser->click('//button[.="Show costs"]');
}

# the console: what the browser itself says of refused requests is no news
sub quiet {
    my ($name) = @_;

    my @lines = grep { !/Failed to load resource/ } $browser->console;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is "@lines", '', $name;
}

$browser->open("$origin/dashboard/");
shows('h1', 'Cloud costs', 'the door');
is focused(), 'key', 'the focus is where the key goes';

$browser->type('#key', 'cc_nonsense');
$browser->press('Enter');
shows('#key-wrong', 'Invalid API key.', 'a wrong key: the API\'s words');
is focused(), 'key', 'and one can correct it';

$browser->type('#key', 'not a key');
$browser->press('Enter');
shows('#key-wrong', qr/^That is not a key:/, 'what cannot be a key');
is $browser->script('return sessionStorage.length'), 0, 'nothing is kept';


# a reader's overview

my @urls = $browser->requests;
enter($key{read});
shows('h1', 'Overview', 'in');
settled();

my @now = $browser->requests;

push @urls, @now;
is join(' ', sort map { m{($origin)(/(?:api/)?v1/.*)} ? $2 : () } @now),
    join(' ', sort qw(
        /api/v1/auth/info /api/v1/costs/overview
        /api/v1/costs/forecast?days=30 /api/v1/recommendations?limit=1
        /v1/alerts?status=triggered /api/v1/budgets /api/v1/webhooks
        /api/v1/costs/trend?days=60
        /api/v1/costs/anomalies?days=60&status=active),
        "/api/v1/costs?start_date=$first&end_date=$today"),
    'each thing is asked for once';

shows(panel('This month so far') . '/p[1]', '$1,123.00', 'this month');
shows(panel('This month so far') . '/p[2]',
      '+12.3% against the same days of last month', 'its change');
shows(panel('Last month') . '/p[1]', '$1,000.00', 'last month');
shows(panel('Could be saved') . '/p[1]', '$0.00', 'savings');
shows(panel('Needs attention') . '//li[1]',
      'high Amazon EC2 in Production AWS cost $991.26 on '
      . strftime('%b %-d', 0, 0, 0, (split /-/, $ago)[2],
                 (split /-/, $ago)[1] - 1, (split /-/, $ago)[0] - 1900)
      . ' (+698.5%)', 'what needs attention');
shows('.who p:nth-of-type(1)', 'Acme <i>Inc</i>', 'whose costs');
shows('.who p:nth-of-type(2)', 'my read (read)', 'whose key');
shows('.limits', 'Unlimited requests', 'its limits');

is_deeply [ grep { /\$/ } $browser->texts('.ranking tbody tr') ],
    [ 'Amazon EC2 $1,100.10', "$hostile \$23.45", 'Credits -$0.55',
      'Production AWS $1,123.55', 'Archive $0.00', '<b>Shop</b> -$0.55' ],
    'services and accounts, their names as they are';
is $browser->script('return document.images.length'), 0, 'no image was made';
is $browser->script('return document.title'), 'Overview – Cloud costs',
    'nothing was executed';
is_deeply [ $browser->texts('#menu a') ],
    [ 'Overview', 'Costs', 'Anomalies', 'Recommendations', 'Budgets',
      'Alerts', 'Webhooks', 'CI costs', 'Accounts', 'Your key' ],
    'a reader is not offered keys';


# forecasts

my $steady = $api->key(plan => 'enterprise', organization => 'steady');

enter($steady);
shows(panel('The next 30 days'), "€3,000.00\n\n"
      . "€3,000.00 to €3,000.00 with 95% confidence\n\n"
      . 'Such forecasts were 0% off in the past.', 'the forecast of a steady bill');
shows(panel('Needs attention'), '✓ Nothing needs attention.',
      'nothing is wrong');

enter($api->key(plan => 'enterprise', organization => 'young'));
shows(panel('The next 30 days'), qr/^\w.*\bdays\b.*\.$/,
      'too little history: the API\'s words');
ok $browser->find(panel('The last 60 days, and the next 30') . '//*[local-name()="svg"]'),
    'but what was is drawn';

$db->organization('empty', currency => 'GBP');
enter($api->key(plan => 'enterprise', organization => 'empty'));
shows(panel('This month so far') . '/p[1]', '£0.00', 'nobody\'s costs');
shows(panel('This month so far') . '/p[2]', 'Nothing to compare with.',
      'with nothing to compare');
settled();
shows(panel('Needs attention'), 'data No costs are known of the last 60 days',
      'which needs attention');
shows(panel('Top services this month'), 'No costs this month.', 'no services');
page('#/costs', 'Costs');
shows(panel('By service') . '/p[3]', 'No costs in these days.', 'no drawing');
quiet('with nothing to show: no error');


# costs

enter($key{read});
shows('h1', 'Overview', 'a reader again');
page('#/costs?days=7', 'Costs');
shows('.figure', '$1,123.00', 'the total');
is_deeply [ $browser->texts('.half tbody tr') ],
    [ 'Amazon EC2 $1,100.10', "$hostile \$23.45", 'Credits -$0.55',
      'Production AWS aws 123456789012 $1,123.55', 'Archive aws 3 $0.00',
      '<b>Shop</b> aws 2 -$0.55' ],
    'by service and account';
is $browser->script('return document.querySelectorAll(".plot rect").length'),
    3, 'a piece for each service';
is_deeply [ $browser->texts('.legend li') ],
    [ 'Amazon EC2', $hostile, 'Credits' ], 'the legend';

$browser->script('document.querySelector(".frame").focus()');
$browser->press('End');
shows('.readout', qr/^\w+ \d+, \d{4}: \$1,123\.00 – Amazon EC2 \$1,100\.10, /,
      'the drawing is read by the keyboard');
$browser->press('ArrowLeft');
shows('.readout', qr/: \$0\.00$/, 'date by date');

$browser->click('summary');
is_deeply [ ($browser->texts('.wide tbody tr'))[6] =~ /(-?\$\S+)/g ],
    [ '$1,123.00', '$1,100.10', '$23.45', '-$0.55' ], 'the table behind it';

$browser->script('const e = document.getElementById("choose-group");
                  e.focus(); e.value = "provider";
                  e.dispatchEvent(new Event("change"))');
$browser->until(sub { $browser->script('return location.hash')
                          eq '#/costs?days=7&group=provider' });
settled();
is_deeply [ $browser->texts('.legend li') ],
    [ 'Production AWS', '<b>Shop</b>' ], 'by account';
is $browser->script('return document.activeElement.id'), 'choose-group',
    'the choice keeps the focus';

$browser->click('//a[.="<b>Shop</b>"]');
shows('.figure', '-$0.55', 'one account alone');
settled();
is_deeply [ $browser->texts('.legend li') ], [ '<b>Shop</b>' ],
    'in the drawing, too';


# what a reader may not

page('#/budgets', 'Budgets');
shows(panel('All budgets'), 'There is no budget yet.', 'no budget');
is $browser->text('//button[.="New budget"]'), undef, 'nor a way to make one';

page('#/keys', 'Keys');
shows('.notice', 'Your key lacks the required permission. This needs a key '
      . 'with permission “admin”; yours has “read”.',
      'keys: which permission is wanted');
quiet('a reader: no violation of the policy');


# with a key that may write

$browser->click('//button[.="Forget the key"]');
shows('h1', 'Cloud costs', 'the key is forgotten');
enter($key{write});
shows('h1', 'Overview', 'with another key');

page('#/anomalies', 'Anomalies');
$browser->click('//button[.="Dismiss"]');
$browser->type('dialog input', 'A planned <b>migration</b>');
$browser->click('//dialog//button[.="Dismiss"]');
shows(panel('What was found'), 'No anomaly was found in these days.',
      'dismissed');
is $db->query('SELECT status, reason FROM cost_anomalies'),
    'dismissed|A planned <b>migration</b>', 'in the database, too';

page('#/budgets', 'Budgets');
$browser->click('//button[.="New budget"]');
$browser->type('(//dialog//input)[1]', 'All');
$browser->type('(//dialog//input)[2]', '1200');
$browser->click('//dialog//button[.="Create"]');
shows('.gauge', 'All $1,123.00 of $1,200.00 93.6%', 'a budget');
is $db->query('SELECT name, amount FROM budgets'), 'All|1200', 'is there';

page('#/budgets', 'Budgets');
$browser->click('//button[.="New budget"]');
$browser->type('(//dialog//input)[1]', 'Other');
$browser->type('(//dialog//input)[2]', '12');
$browser->type('(//dialog//input)[3]', 'No such');
$browser->click('//dialog//button[.="Create"]');
settled();
$browser->press('Escape');

page('#/alerts', 'Alerts');
$browser->click('//button[.="New alert"]');
$browser->type('(//dialog//input)[1]', 'Too much');
$browser->type('(//dialog//input)[2]', '1000');
$browser->type('(//dialog//input)[3]', 'a@example.com');
$browser->type('(//dialog//input)[5]', '6');
$browser->click('//dialog//button[.="Rehearse"]');
shows('dialog p', 'It would have triggered 1 time in the last 90 days:',
      'an alert is rehearsed');
like $browser->text('dialog li'),
    qr/: Daily cost of \$1,123\.00 exceeds threshold of \$1,000\.00$/,
    'when, and why';
$browser->click('//dialog//button[.="Create"]');
shows('tbody tr td:nth-of-type(2)', 'cost of a day is more than 1,000',
      'and made');

$browser->until(sub {
    $db->query('SELECT count(*) FROM alert_history') == 1
});
page('#/overview', 'Overview');
$browser->click('#refresh');
shows(panel('Needs attention') . '//li[1]', 'alert Too much has triggered',
      'an alert that has triggered');
shows(panel('Needs attention') . '//li[2]',
      'budget All has used 93.6% of $1,200.00', 'a budget that is nearly used');
$browser->click('//a[.="Too much"]');
shows('.name', 'Too much triggered', 'its own page');
is_deeply [ $browser->texts('dd') ],
    [ 'cost of a day is more than 1,000', 'all accounts',
      'webhook, email a@example.com', '6 hours' ], 'what it is';
is $browser->text('a[aria-current]'), 'Alerts', 'is a page of alerts';
is_deeply [ map { /[AP]M (.*)/ } $browser->texts('tbody tr') ],
    [ '$1,123.00 not yet' ], 'its history';
$browser->click('//button[.="Pause"]');
shows('.name', 'Too much paused', 'paused');
$browser->click('//button[.="Send a test"]');
shows('dialog tbody', qr/^webhook/, 'a test of it');
$browser->click('//dialog//button[.="Close"]');

my $receiver = Cost::Receiver->new;

page('#/webhooks', 'Webhooks');
$browser->click('//button[.="New webhook"]');
$browser->type('(//dialog//input)[1]', $receiver->url('/200'));
$browser->click('//dialog//button[.="Create"]');
$browser->until(sub { $browser->find('.secret input') });
like $browser->script('return document.querySelector(".secret input").value'),
    qr{^whsec_[A-Za-z0-9+/]{43}=$}, 'a webhook: its secret, once';
$browser->click('//button[.="I have stored it"]');
settled();
unlike $browser->script('return document.documentElement.outerHTML'),
    qr/whsec_/, 'then it is gone';

$browser->click('//a[.="' . $receiver->url('/200') . '"]');
shows('h1', 'Webhook', 'a webhook');
$browser->click('//button[.="Send a test"]');
shows('dialog h2', 'webhook.test: delivered', 'a test');
$browser->click('//dialog//button[.="Close"]');
settled();
shows('//section[2]//tbody/tr/th', 'webhook.test', 'is a delivery');

page('#/ci', 'CI costs');
shows(panel('GitHub’s events'), qr/^GitHub tells nothing/, 'no receiver');
$browser->click('//button[.="Make one"]');
$browser->click('//dialog//button[.="Make one"]');
$browser->until(sub { $browser->find('.secret input') });
$browser->click('//button[.="I have stored it"]');
shows(panel('GitHub’s events') . '//dd[1]',
      qr{^\Q$origin\E/api/v1/ci/github/[0-9a-f-]{36}$}, 'a receiver');

# bills from a directory, whose file refuses one row
open my $fh, '>', "$bills/a.csv" or die;
print $fh <<"END";
BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ProviderName,ServiceCategory,ServiceName,SubAccountId,SubAccountName
7.25,7,8,8,1,USD,${first}T00:00:00Z,Usage,${today}T00:00:00Z,AWS,Storage,AmazonS3,44,Fetched
x,7,8,8,1,USD,${first}T00:00:00Z,Usage,${today}T00:00:00Z,AWS,Storage,AmazonS3,44,Fetched
END
close $fh;

page('#/accounts', 'Accounts');
$browser->click('(//button[.="Bills from"])[1]');
$browser->script('document.querySelector("dialog select").value = "directory"');
$browser->click('//dialog//button[.="Next"]');
$browser->type('(//dialog//input)[1]', "$bills/none/../elsewhere");
$browser->click('//dialog//button[.="Save"]');
shows('dialog .notice', qr/^\S.*\.$/, 'a source that is refused: why');
$browser->type('(//dialog//input)[1]', $bills);
$browser->click('//dialog//button[.="Save"]');
shows('tbody tr:first-child td', $bills, 'a source');
$browser->click('//button[.="Fetch bills now"]');
shows(panel('Fetching bills') . '/p[1]', 'done', 'bills are fetched');
is_deeply [ $browser->texts('section:first-of-type .body p') ],
    [ 'done', '1 file found, 1 loaded, 0 as before, 0 failed',
      '1 row loaded, 1 refused' ], 'how far';
page('#/costs?days=7', 'Costs');
shows('.figure', '$1,130.25', 'and their costs are there');
quiet('a writer: no violation of the policy');


# an admin's keys

enter($key{admin});
shows('h1', 'Overview', 'an admin');
page('#/keys', 'Keys');

$browser->click('//button[.="New key"]');
$browser->type('(//dialog//input)[1]', 'Grafana');
$browser->click('//dialog//button[.="Create"]');
$browser->until(sub { $browser->find('.secret input') });

my $new = $browser->script(
    'return document.querySelector(".secret input").value');

is $api->get('/api/v1/auth/info', $new)->json->{data}{key_name}, 'Grafana',
    'a new key works';
$browser->press('Escape');
ok $browser->find('.secret input'), 'what is shown once is not lost so fast';
$browser->click('//button[.="I have stored it"]');
settled();

my $row = '//tr[th[starts-with(., "Grafana")]]';

$browser->click("$row//button[.='Change']");
$browser->type('(//dialog//input)[2]', 'starter');
$browser->click('//dialog//button[.="Save"]');
shows("$row/td[2]", 'starter', 'another plan');
is $api->get('/api/v1/auth/info', $new)->json->{data}{plan}, 'starter',
    'of the key itself';

$browser->click("$row//button[.='Revoke']");
shows('dialog h2', 'Revoke “Grafana”?', 'one is asked first');
$browser->click('//dialog//button[.="Revoke"]');
shows("$row/td[3]", qr/^revoked /, 'revoked');
is $api->get('/api/v1/auth/info', $new)->{status}, 401, 'at once';

$row = '//tr[th[starts-with(., "my admin")]]';
$browser->click("$row//button[.='Rotate']");
$browser->click('//dialog//button[.="Rotate"]');
$browser->click('//button[.="I have stored it"]');
settled();
is $api->get('/api/v1/auth/info', $key{admin})->{status}, 401,
    'the own key was rotated';
page('#/accounts', 'Accounts');
shows('tbody tr:first-child th a', 'Production AWS',
      'and the page goes on with the new one');

$db->query("UPDATE api_keys SET revoked_at = now() WHERE name = 'my admin'");
$browser->until(sub {
    $browser->script('document.getElementById("refresh")?.click()');
    text('h1') eq 'Cloud costs';
});
shows('#key-wrong', 'Invalid API key', 'revoked by somebody else: the door');
quiet('an admin: no violation of the policy');


# limits

enter($api->key(plan => 'few'));
shows('.banner p', qr/^Rate limit exceeded\. The next request passes at /,
      'no request is left: when there is');
shows('.left', qr/^That is in (?:1 h 0|59) min/, 'and how long that is');
shows('.limits', '0 requests left within the hour', 'what is left');


enter($api->key(plan => 'starter', name => 'small',
                organization => 'steady'));
shows('h1', 'Overview', 'a plan with a limit');
settled();
shows('.limits', '90 requests left today', 'ten are used');
page('#/key', 'Your key');
shows('dd:nth-of-type(2)', 'small', 'whose it is');
like join(' ', $browser->texts('tbody tr')),
    qr/^day 100 11 89 \w+ \d+, \d{4}, 12:00 AM$/, 'and what is left of it';


# kept in the tab, or not

enter($key{read});
shows('h1', 'Overview', 'in again');
$browser->reload;
shows('h1', 'Cloud costs', 'a key is not kept');

$browser->click('#keep');
$browser->type('#key', $key{read});
$browser->press('Enter');
shows('h1', 'Overview', 'with the tick');
$browser->reload;
shows('h1', 'Overview', 'it is kept in the tab');
$browser->click('//button[.="Forget the key"]');
is $browser->script('return sessionStorage.length'), 0, 'until it is forgotten';
$browser->reload;
shows('h1', 'Cloud costs', 'for good');


# the database goes, and comes back

enter($key{read});
shows(panel('This month so far') . '/p[1]', '$1,130.25', 'before');
settled();
$db->stop;
$browser->until(sub {
    $api->get('/api/v1/accounts', $key{read})->{status} == 503
});

# for a second after the loss what was heard before is trusted
sleep 2;
$browser->click('#refresh');
shows('.banner.bad p', qr/^\S.*\. What is shown is as of /,
      'it is away: the API\'s words, and how old the page is');
shows('.banner.bad .left', qr/^Trying again in \d+ s\.$/,
      'it will try again');
shows('.banner.old p', qr/^The database is away: figures are as of \d+/,
      'old figures are marked');
shows(panel('This month so far') . '/p[1]', '$1,130.25', 'and shown');
$db->start;
ok $browser->until(sub { !$browser->find('.banner') }, 45),
    'it is back: nobody had to do anything';
shows(panel('This month so far') . '/p[1]', '$1,130.25', 'after');


# the server, too

$browser->command('Network.enable', {});
$browser->command('Network.emulateNetworkConditions', {
    offline => JSON::PP::true, latency => 0, downloadThroughput => -1,
    uploadThroughput => -1 });
$browser->click('#refresh');
shows('.banner.bad p', qr/^The server cannot be reached\. What /, 'no network');
$browser->command('Network.emulateNetworkConditions', {
    offline => JSON::PP::false, latency => 0, downloadThroughput => -1,
    uploadThroughput => -1 });
ok $browser->until(sub { !$browser->find('.banner') }, 45), 'and back';
quiet('bad days: no violation of the policy');


# a reload meanwhile

$browser->click('//button[.="Forget the key"]');
$browser->click('#keep');
$browser->type('#key', $key{read});
$browser->press('Enter');
shows('h1', 'Overview', 'a key that is kept');
$db->stop;
$browser->until(sub {
    $api->get('/api/v1/accounts', $key{read})->{status} == 503
});
$browser->reload;
shows('h1', 'Overview', 'the server knows it, even now');

$browser->script("sessionStorage.setItem('cost-key', arguments[0])", $unseen);
$browser->reload;
shows('#key-wrong', qr/^\S.*\. Trying again\.$/, 'and not one that never came');
is $browser->script("return sessionStorage.getItem('cost-key')"), $unseen,
    'an outage does not take it';
$db->start;
shows('h1', 'Overview', 'and it is used when all is well again');
ok $browser->until(sub { !$browser->find('.banner') }, 45), 'by itself';


# colours: what people read stands out from what is behind it (AA)

for my $scheme (qw(light dark)) {
    $browser->command('Emulation.setEmulatedMedia', { features => [
        { name => 'prefers-color-scheme', value => $scheme } ] });

    for my $page (qw(overview costs budgets webhooks keys)) {
        $browser->script('location.hash = arguments[0]', "#/$page");
        settled();
        is join("\n", @{ $browser->script(<<'END') }), '', "$scheme $page: contrast";
            const light = (c) => {
                const [r, g, b] = c.map((v) => {
                    const s = v / 255;
                    return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const parts = (text) => text.match(/[\d.]+/g).map(Number);
            const behind = (e) => {
                for (; e; e = e.parentElement) {
                    const c = parts(getComputedStyle(e).backgroundColor);
                    if (c.length === 3 || c[3] > 0) return c.slice(0, 3);
                }
                return [255, 255, 255];
            };
            return [...document.querySelectorAll('body *')].filter((e) =>
                [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
                && e.checkVisibility()).flatMap((e) => {
                    const style = getComputedStyle(e);
                    const ink = parts(e instanceof SVGElement ? style.fill : style.color);
                    const [a, b] = [light(ink.slice(0, 3)), light(behind(e))];
                    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                    return ratio < 4.5
                        ? [`${e.textContent.slice(0, 40)}: ${ratio.toFixed(2)}`] : [];
                });
END
    }
}

$browser->command('Emulation.setEmulatedMedia', { features => [] });
$browser->click('//button[.="Forget the key"]');


# what an auditor of accessibility finds

SKIP: {
    skip 'npm is not installed', 13 if !Cost::Npm::have();

    my $file = Cost::Npm::install('axe-core@4') . '/axe-core/axe.min.js';
    open my $fh, '<:encoding(UTF-8)', $file or die "$file: $!";
    my $axe = do { local $/; <$fh> };

    my $audit = sub {
        $browser->script($axe);

        is join("\n", @{ $browser->async(<<'END') }), '', "$_[0]: accessible";
            const { violations } = await axe.run(document);
            return violations.flatMap(({ id, nodes }) =>
                nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
END
    };

    $audit->('the door');
    enter($api->key(plan => 'enterprise', permission => 'admin'));

    for my $page (qw(overview costs anomalies recommendations budgets alerts
                     webhooks ci accounts key keys))
    {
        $browser->script('location.hash = arguments[0]', "#/$page");
        $browser->until(sub { $browser->find("a[href='#/$page'][aria-current]") });
        settled();
        $audit->($page);
    }

    $browser->click('//button[.="New key"]');
    $audit->('a dialog');
    $browser->press('Escape');
    $browser->click('//button[.="Forget the key"]');
}


# without a mouse

$browser->open('about:blank');
$browser->open("$origin/dashboard/");
$browser->until(sub { $browser->find('#key') });
$browser->press($_) for split //, $key{write};
$browser->press('Enter');
shows('h1', 'Overview', 'the keyboard alone');
is focused(), 'Overview', 'a page begins at its heading';
settled();

$browser->press('Shift', 'Tab');
is focused(), 'Forget the key', 'before it is who one is';
$browser->press('Shift', 'Tab') for 1 .. 8;
is focused(), 'Anomalies', 'and the menu';
$browser->press('Shift', 'Tab') for 1 .. 3;
is focused(), 'To the content', 'and a way past it';
$browser->press('Tab') for 1 .. 3;
$browser->press('Enter');
shows('h1', 'Anomalies', 'and its pages');
is focused(), 'Anomalies', 'at their heading';
settled();
page('#/budgets', 'Budgets');
$browser->press('Tab');
is focused(), 'Refresh', 'then the page\'s own';
$browser->press('Tab');
is focused(), 'New budget', 'one after the other';
$browser->press('Enter');
shows('dialog h2', 'A new budget', 'a dialog');
ok $browser->script('return document.activeElement.closest("dialog") !== null'),
    'has the focus';
$browser->press('Tab') for 1 .. 12;
ok $browser->script('const e = document.activeElement;
    return e === document.body || e.closest("dialog") !== null'),
    'and keeps it';
$browser->press('Escape');
$browser->until(sub { !$browser->find('dialog') });
is focused(), 'New budget', 'and gives it back';


# a telephone

$browser->size(360, 740);

for my $page (qw(overview costs anomalies recommendations budgets alerts
                 webhooks ci accounts key)) {
    $browser->script('location.hash = arguments[0]', "#/$page");
    $browser->until(sub { $browser->find('h1') });
    settled();
    is $browser->script('return document.documentElement.scrollWidth'), 360,
        "$page: no wider than a telephone";
}

ok !$browser->script('return document.querySelector("nav a").checkVisibility()'),
    'the menu is folded';
$browser->click('//button[.="Menu"]');
$browser->click('//a[.="Costs"]');
shows('h1', 'Costs', 'and unfolds');


enter($steady);

for my $page (qw(overview costs)) {
    $browser->script('location.hash = arguments[0]', "#/$page");
    settled();
    is $browser->script('return document.documentElement.scrollWidth'), 360,
        "$page: whatever the names";
}


# what was asked for, in all of this

@urls = grep { /^http/ } @urls, $browser->requests;

cmp_ok scalar @urls, '>', 200, 'requests were counted';
is_deeply [ grep { index $_, "$origin/" } @urls ], [],
    'none left this server';
is_deeply [ grep { /c[ck]_/ } @urls ], [], 'none had a key in its address';
quiet('no violation of the policy');


undef $browser;
$api->stop;
done_testing;

// The page: a key, then what it may see.

import { Api } from './api.js';
import { fill } from './dom.js';
import { plural, wait } from './format.js';
import { href, parse } from './router.js';
import { couldBeKey, forget, may, remember, remembered } from './session.js';
import { door, shell } from './shell.js';
import { Trouble } from './trouble.js';
import { say } from './ui.js';
import { pages } from './views/index.js';

const RETRY = 3000;
const ATONCE = 2000;

const app = document.getElementById('app');

let session = null;
let view = null;

// of this key, as the last reply's headers had it
let remaining = {};

// a kept key, while the server is away
let resuming = null;


// before there is a key

function close(words) {
    clearTimeout(resuming);
    view?.stop();
    view = null;
    session = null;
    forget();
    document.querySelectorAll('dialog').forEach((box) => box.close());
    document.title = 'Cloud costs';
    fill(app, door(enter, words));
    document.getElementById('key').focus();
}

// opens the page, or answers with what is wrong

async function enter(key, keep) {
    clearTimeout(resuming);

    if (!couldBeKey(key)) {
        return 'That is not a key: keys are of letters, digits and signs, without spaces.';
    }

    const api = new Api(key, { limits: left });

    remaining = {};

    try {
        const reply = await api.get('/api/v1/auth/info');

        api.forget();

        if (keep) {
            remember(key);
        } else {
            forget();
        }

        open(api, reply.data);

        return null;

    } catch (error) {
        if (!(error.status >= 0)) {
            throw error;
        }

        return refusal(error);
    }
}

function refusal(error) {
    const words = error.message.replace(/\.?$/, '.');

    return error.status === 429 && error.retryAfter !== null
        ? `${words} The next request passes in ${wait(error.retryAfter)}.`
        : words;
}

// a reload in a tab that remembers its key, which an outage does not take

async function resume(key) {
    const api = new Api(key, { limits: left });

    try {
        const reply = await api.get('/api/v1/auth/info');

        open(api, reply.data);

    } catch (error) {
        if (!(error.status >= 0)) {
            throw error;
        }

        const again = error.passes && error.status !== 429;

        close(again ? `${refusal(error)} Trying again.` : refusal(error));

        if (error.passes) {
            remember(key);
        }

        if (again) {
            resuming = setTimeout(() => resume(key), RETRY);
        }
    }
}


function open(api, info) {
    session = { api, info, shell: shell(info, { leave: () => close(null), refresh }) };
    fill(app, session.shell.element);
    left({});
    show();
}

function show() {
    const route = parse(location.hash);
    const page = pages.get(route.name) ?? pages.get('overview');
    const again = view?.page === page && view.route.id === route.id;
    const focused = again ? document.activeElement?.id : null;

    view?.stop();
    view = begin(page, route);

    document.title = `${page.title} – Cloud costs`;
    session.shell.turn(page.under ?? route.name, page.title,
                       [view.trouble.element, page.render(view)], again);

    // a choice in the page keeps the focus, a new page begins at its heading
    if (focused) {
        document.getElementById(focused)?.focus();
    }
}

function begin(page, route) {
    const stop = new AbortController();
    const trouble = new Trouble();

    return {
        page, route, trouble,
        api: session.api,
        info: session.info,
        signal: stop.signal,
        reloads: [],
        may: (permission) => may(session.info, permission),
        leave: (words) => close(words),
        // another value of a parameter of this page's
        choose(name, value) {
            const params = new URLSearchParams(route.params);

            params.set(name, value);
            location.hash = href(route.name, route.id, Object.fromEntries(params));
        },
        // the key was rotated: this page goes on with the new secret
        rekey(key) {
            session.api.key = key;

            if (remembered() !== null) {
                remember(key);
            }
        },
        stop() {
            stop.abort();
            trouble.stop();
        },
    };
}

async function refresh() {
    view.api.forget();
    await Promise.all(view.reloads.map((reload) => reload()));
    say('Refreshed.');
}


// what the plan leaves

function left(now) {
    // replies to what was asked at once come in any order: the least is true
    for (const [name, count] of Object.entries(now)) {
        const last = remaining[name];

        remaining[name] = {
            count: last && Date.now() - last.at < ATONCE ? Math.min(count, last.count) : count,
            at: Date.now(),
        };
    }

    if (session === null) {
        return;
    }

    const words = { minute: 'this minute', hour: 'within the hour', day: 'today' };

    session.shell.limits(session.info.limits.length === 0
        ? 'Unlimited requests'
        : Object.entries(remaining).map(
            ([name, { count }]) => `${plural(count, 'request', 'requests')} left ${words[name]}`)
            .join(' · '));
}


addEventListener('hashchange', () => {
    if (session !== null) {
        show();
    }
});

const kept = remembered();

if (kept === null) {
    close(null);

} else {
    await resume(kept);
}

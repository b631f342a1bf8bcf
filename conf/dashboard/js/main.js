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

const app = document.getElementById('app');

let session = null;
let view = null;

// of this key, as the last reply's headers had it
let remaining = {};


// before there is a key

function close(words) {
    view?.stop();
    view = null;
    session = null;
    forget();
    document.querySelectorAll('dialog').forEach((box) => box.close());
    document.title = 'Cloud costs';
    fill(app, door(enter, words));
    document.getElementById('key').focus();
}

// answers with what is wrong, or opens the page

async function enter(key, keep) {
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

        const words = error.message.replace(/\.?$/, '.');

        if (error.status === 429 && error.retryAfter !== null) {
            return `${words} The next request passes in ${wait(error.retryAfter)}.`;
        }

        return words;
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
    session.shell.turn(route.name, page.title, view.trouble.element, page.render(view), again);

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
    remaining = { ...remaining, ...now };

    if (session === null) {
        return;
    }

    const words = { minute: 'this minute', hour: 'within the hour', day: 'today' };

    session.shell.limits(session.info.limits.length === 0
        ? 'Unlimited requests'
        : Object.entries(remaining).map(
            ([name, count]) => `${plural(count, 'request', 'requests')} left ${words[name]}`)
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
    const wrong = await enter(kept, true);

    if (wrong !== null) {
        close(wrong);
    }
}

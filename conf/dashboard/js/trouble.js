// What stands in the way of a whole page: the database is away, the plan's
// requests are used up, figures are old.  One banner, and one retry for all
// panels it concerns.

import { fill, h } from './dom.js';
import { clock, wait } from './format.js';

const LONGEST = 30;

// longer waits are the reader's to end
const PATIENCE = 120;

export class Trouble {
    constructor() {
        this.element = h('div', { class: 'trouble' });
        this.waiting = new Map();
        this.old = new Map();
        this.tries = 0;
        this.timer = null;
        this.planned = false;
        this.since = null;
    }

    refused(run, error) {
        this.since ??= new Date();
        this.old.delete(run);
        this.waiting.set(run, error);
        this.plan();
    }

    // an answer: stale is its age when it is not of now

    answered(run, stale) {
        const had = this.waiting.delete(run) || this.old.delete(run);

        if (stale !== null) {
            this.old.set(run, stale);
        }

        if (this.waiting.size === 0 && this.old.size === 0) {
            this.tries = 0;
            this.since = null;
            this.stop();

        } else if (had || stale !== null) {
            this.plan();
        }
    }

    stop() {
        clearInterval(this.timer);
        this.waiting.clear();
        this.old.clear();
        fill(this.element);
    }

    // what several panels hear at once is said once

    plan() {
        if (!this.planned) {
            this.planned = true;
            setTimeout(() => {
                this.planned = false;

                if (this.waiting.size > 0 || this.old.size > 0) {
                    this.decide();
                }
            }, 50);
        }
    }

    // of several, who waits longest decides

    decide() {
        const errors = [...this.waiting.values()];
        const worst = errors.reduce(
            (a, b) => ((b.retryAfter ?? 0) > (a?.retryAfter ?? -1) ? b : a), null);
        const asked = worst?.retryAfter ?? 1;
        const seconds = worst?.status === 429 ? asked
            : Math.min(LONGEST, Math.max(asked, 2 ** Math.min(this.tries, 5)));
        const until = Date.now() + seconds * 1000;

        this.show(worst, seconds, until);
    }

    show(worst, seconds, until) {
        const self = worst === null || worst.status !== 429 || seconds <= PATIENCE;
        const oldest = Math.max(0, ...this.old.values());
        const left = h('span');
        const tick = () => {
            const rest = (until - Date.now()) / 1000;

            if (rest <= 0 && self) {
                this.again();
                return;
            }

            left.textContent = self ? `Trying again in ${wait(rest)}.`
                                    : `That is in ${wait(rest)}.`;
        };

        fill(this.element,
             worst !== null
                 ? banner('bad', sentence(worst, until, this.since),
                          h('p', { class: 'left' }, left),
                          h('button', { type: 'button', on: { click: () => this.again() } },
                            'Try now'))
                 : null,
             this.old.size > 0
                 ? banner('old', `The database is away: figures are as of ${wait(oldest)} ago.`)
                 : null);

        clearInterval(this.timer);
        this.timer = setInterval(tick, 250);
        tick();
    }

    again() {
        const runs = new Set([...this.waiting.keys(), ...this.old.keys()]);

        this.tries += 1;
        clearInterval(this.timer);

        for (const run of runs) {
            run();
        }
    }
}

function banner(kind, words, ...more) {
    return h('div', { class: `banner ${kind}` }, h('p', { role: 'alert' }, words), more);
}

function sentence(error, until, since) {
    const words = error.message.replace(/\.?$/, '.');

    return error.status === 429
        ? `${words} The next request passes at ${clock(new Date(until))}.`
        : `${words} What is shown is as of ${clock(since)} at most.`;
}

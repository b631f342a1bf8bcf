// One endpoint, and what was sent to it.

import { h } from '../dom.js';
import { number, plural } from '../format.js';
import { panel } from '../panel.js';
import { path } from '../router.js';
import { ask, badge, button, link, once, pages, say, tell, table, when, work } from '../ui.js';
import { state, told } from './webhooks.js';

export const title = 'Webhook';
export const menu = false;
export const under = 'webhooks';


export function render(view) {
    const at = `/api/v1/webhooks/${encodeURIComponent(view.route.id)}`;

    return [
        h('p', null, link('#/webhooks', 'All webhooks')),
        panel(view, 'Endpoint', (get, reload) => endpoint(view, at, get, reload)),
        panel(view, 'Deliveries', (get, reload) => deliveries(view, at, get, reload)),
    ];
}


async function endpoint(view, at, get, reload) {
    const { data: hook } = await get(at);

    return [
        h('p', { class: 'name' }, h('strong', { class: 'id' }, hook.url), ' ', state(hook)),
        h('dl', null,
          hook.description ? [h('dt', null, 'What for'), h('dd', null, hook.description)] : null,
          h('dt', null, 'Told of'), h('dd', null, told(hook.events)),
          h('dt', null, 'Failing since'), h('dd', null, when(hook.failing_since, 'it is not')),
          hook.old_secret_until === null ? null
              : [h('dt', null, 'Old secret signs until'),
                 h('dd', null, when(hook.old_secret_until))]),
        view.may('write') ? actions(view, at, hook, reload) : null,
    ];
}

function actions(view, at, hook, reload) {
    const all = () => view.reloads.forEach((again) => again());
    const label = hook.enabled ? 'Switch off' : 'Switch on';
    const turn = button(label, () => work(turn, view, async () => {
        await view.api.send('PATCH', at, { enabled: !hook.enabled });
        say(hook.enabled ? 'Switched off.' : 'Switched on.');
        await reload();
    }));
    const test = button('Send a test', () => work(test, view, async () => {
        const { data } = await view.api.send('POST', `${at}/test`);

        attempts(data);
        all();
    }));

    return h('div', { class: 'actions' }, test, turn,
             button('Rotate the secret', () => rotate(view, at, all)),
             button('Delete', () => ask(view, {
                 title: 'Delete the webhook?', text: `${hook.url} goes, with its deliveries.`,
                 action: 'Delete', kind: 'danger',
                 async submit() {
                     await view.api.send('DELETE', at);
                     say('Deleted.');
                     location.hash = '#/webhooks';
                 },
             }), 'danger'));
}

function rotate(view, at, reload) {
    ask(view, {
        title: 'Rotate the secret',
        fields: [{ name: 'grace', label: 'Seconds that the old one still signs', type: 'number',
                   value: 0, min: 0, required: true }],
        action: 'Rotate',
        async submit({ grace }) {
            const { data } = await view.api.send('POST', `${at}/rotate-secret`,
                                                 { grace_seconds: Number(grace) });

            once('The new secret', 'It is not shown again.', data.secret);
            reload();
        },
    });
}


async function deliveries(view, at, get, reload) {
    const list = await get(`${at}/deliveries?limit=50`);

    return pages('Deliveries', [
        { label: 'Event', cell: (row) => row.event },
        { label: 'Made', cell: (row) => when(row.created_at) },
        { label: 'State', cell: (row) => badge(row.status) },
        { label: 'Next try', cell: (row) => when(row.next_attempt_at, '–') },
        { label: 'Tries', cell: (row) => h('div', { class: 'actions' },
            button(plural(row.attempts.length, 'try', 'tries'), () => attempts(row)),
            view.may('write') ? redeliver(view, row, reload) : null) },
    ], list, (cursor) => path(`${at}/deliveries`, { limit: 50, cursor }), view,
    { kind: 'stack', empty: 'Nothing was sent yet.' });
}

function redeliver(view, row, reload) {
    const again = button('Redeliver', () => work(again, view, async () => {
        await view.api.send('POST', `/api/v1/webhooks/deliveries/${row.id}/redeliver`);
        say('It is sent again.');
        await reload();
    }));

    return again;
}

function attempts(row) {
    tell(`${row.event}: ${row.status}`, table('Tries', [
        { label: 'At', cell: (attempt) => when(attempt.attempted_at) },
        { label: 'Answer', cell: (attempt) => attempt.response_status ?? '–' },
        { label: 'ms', number: true, cell: (attempt) => number(attempt.latency_ms) },
        { label: 'What went wrong', cell: (attempt) => attempt.error ?? '' },
        { label: 'Body', cell: (attempt) => h('span', { class: 'id' }, attempt.response ?? '') },
    ], row.attempts, { empty: 'It was not tried yet.' }));
}

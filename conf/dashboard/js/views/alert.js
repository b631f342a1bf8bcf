// One alert: its state, its history, what can be done with it.

import { h } from '../dom.js';
import { money, plural } from '../format.js';
import { panel } from '../panel.js';
import { ask, badge, button, link, say, table, when, work } from '../ui.js';
import { condition, named, scope, tested } from './alerts.js';

export const title = 'Alert';
export const menu = false;
export const under = 'alerts';


export function render(view) {
    return [
        h('p', null, link('#/alerts', 'All alerts')),
        panel(view, 'Alert', (get, reload) => one(view, get, reload)),
    ];
}


async function one(view, get, reload) {
    const [{ data: alert }, overview] = await Promise.all([
        get(`/v1/alerts/${encodeURIComponent(view.route.id)}`),
        get('/api/v1/costs/overview'),
    ]);
    const { currency } = overview.current_month;

    return [
        h('p', { class: 'name' }, h('strong', null, alert.name), ' ', badge(alert.status)),
        h('dl', null,
          h('dt', null, 'When'), h('dd', null, condition(alert.condition)),
          h('dt', null, 'Of'), h('dd', null, scope(alert.scope)),
          h('dt', null, 'Tells'), h('dd', null, channels(alert.notifications)),
          h('dt', null, 'Again after'),
          h('dd', null, plural(alert.cooldown_hours, 'hour', 'hours'))),
        view.may('write') ? actions(view, alert, reload) : null,
        h('h3', null, 'History'),
        table('History of the alert', [
            { label: 'Triggered', cell: (row) => when(row.triggered_at) },
            { label: 'At', number: true, cell: (row) => money(row.value_at_trigger, currency) },
            { label: 'Resolved', cell: (row) => when(row.resolved_at, 'not yet') },
        ], alert.trigger_history, { empty: 'It has never triggered.' }),
    ];
}

function channels(list) {
    return list.length === 0 ? 'nobody but the webhooks' : list.map(named).join(', ');
}

function actions(view, alert, reload) {
    const at = `/v1/alerts/${alert.id}`;
    const paused = alert.status === 'paused';
    const turn = button(paused ? 'Resume' : 'Pause', () => work(turn, view, async () => {
        await view.api.send('PATCH', at, { status: paused ? 'active' : 'paused' });
        say(paused ? 'Active again.' : 'Paused.');
        await reload();
    }));
    const test = button('Send a test', () => work(test, view, async () => {
        tested((await view.api.send('POST', `${at}/test`)).data);
    }));

    return h('div', { class: 'actions' }, turn, test, button('Delete', () => ask(view, {
        title: 'Delete the alert?', text: `“${alert.name}” goes, with its history.`,
        action: 'Delete', kind: 'danger',
        async submit() {
            await view.api.send('DELETE', at);
            say('Deleted.');
            location.hash = '#/alerts';
        },
    }), 'danger'));
}

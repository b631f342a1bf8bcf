// Alerts, and how they stand.

import { h } from '../dom.js';
import { day, number, percent, plural, words } from '../format.js';
import { panel } from '../panel.js';
import { href, path } from '../router.js';
import { ask, badge, button, link, pages, say, table, tell, when } from '../ui.js';

export const title = 'Alerts';

const METRICS = [['daily_cost', 'cost of a day'], ['weekly_cost', 'cost of a week'],
                 ['monthly_cost', 'cost of a month'], ['per_run_cost', 'cost of a CI run']];
const OPERATORS = [['greater_than', 'is more than'], ['less_than', 'is less than'],
                   ['percent_increase', 'rises by % more than'],
                   ['percent_decrease', 'falls by % more than']];
const BASELINES = [['7_day_average', 'the average of 7 days'],
                   ['30_day_average', 'the average of 30 days'],
                   ['previous_period', 'the period before']];


export function render(view) {
    return panel(view, 'All alerts', (get) => all(view, get), {
        lead: view.may('write') ? button('New alert', () => create(view)) : null,
    });
}


async function all(view, get) {
    const reply = await get('/v1/alerts');
    const list = { data: reply.data.alerts, meta: { next_cursor: reply.meta?.next_cursor } };

    return pages('Alerts', [
        { label: 'Alert', cell: (row) => link(href('alert', row.id), row.name) },
        { label: 'Status', cell: (row) => badge(row.status) },
        { label: 'When', cell: (row) => condition(row.condition) },
        { label: 'Of', cell: (row) => scope(row.scope) },
        { label: 'Last triggered', cell: (row) => when(row.last_triggered_at) },
    ], list, (cursor) => path('/v1/alerts', { cursor }), view,
    { kind: 'stack', empty: 'There is no alert yet.' });
}

export function condition({ metric, operator, value, baseline }) {
    const found = (list, name) => list.find(([key]) => key === name)?.[1] ?? words(name);

    if (operator.startsWith('percent')) {
        const way = operator === 'percent_increase' ? 'above' : 'below';

        return `${found(METRICS, metric)} is ${percent(value)} ${way} `
               + found(BASELINES, baseline);
    }

    return `${found(METRICS, metric)} ${found(OPERATORS, operator)} ${number(value)}`;
}

export function scope({ type, org, repo, account_id: account, workflow_id: workflow }) {
    return [words(type), org, repo, account, workflow].filter(Boolean).join(' ');
}


async function create(view) {
    const { data: accounts } = await view.api.get('/api/v1/accounts?limit=1000')
        .catch(() => ({ data: [] }));

    ask(view, {
        title: 'A new alert',
        text: 'First comes its rehearsal on the last 90 days, which stores nothing.',
        fields: [
            { name: 'name', label: 'Name', required: true, maxlength: 200 },
            { name: 'metric', label: 'When the', type: 'select', options: METRICS.slice(0, 3) },
            { name: 'operator', label: 'compared', type: 'select', options: OPERATORS },
            { name: 'value', label: 'Value', type: 'number', min: 0, step: 'any', required: true },
            { name: 'baseline', label: 'With (for %)', type: 'select', options: BASELINES },
            { name: 'account', label: 'Of', type: 'select',
              options: [['', 'all accounts'], ...accounts.map(({ id, name }) => [id, name])] },
            { name: 'email', label: 'Tell by email (may be empty)', type: 'email', maxlength: 320 },
            { name: 'slack', label: 'Tell a channel of Slack (may be empty)', maxlength: 80,
              help: 'Webhooks that want to hear of alerts are told anyhow.' },
            { name: 'cooldown', label: 'Again after how many hours', type: 'number', min: 0,
              max: 8760, value: 24, required: true },
        ],
        action: 'Rehearse',
        async submit(values) {
            const alert = written(values);
            const { data } = await view.api.send('POST', '/v1/alerts?dry_run=90', alert);

            rehearsed(view, alert, data);
        },
    });
}

function written({ name, metric, operator, value, baseline, account, email, slack, cooldown }) {
    const relative = operator.startsWith('percent');

    return {
        name, type: relative ? 'anomaly' : 'threshold',
        scope: account === '' ? { type: 'all_accounts' } : { type: 'account', account_id: account },
        condition: { metric, operator, value: Number(value), ...(relative ? { baseline } : {}) },
        notifications: [
            { type: 'webhook' },
            ...(email === '' ? [] : [{ type: 'email', target: email }]),
            ...(slack === '' ? [] : [{ type: 'slack', channel: slack }]),
        ],
        cooldown_hours: Number(cooldown),
    };
}

function rehearsed(view, alert, { outcomes, triggered }) {
    const last = outcomes.filter(({ outcome }) => outcome === 'triggered').toReversed().slice(0, 5);

    ask(view, {
        title: `“${alert.name}”`,
        text: `It would have triggered ${plural(triggered, 'time', 'times')} in the last 90 days`
              + (triggered > last.length ? ', of late:' : last.length > 0 ? ':' : '.'),
        more: h('ul', { class: 'list' }, last.map(({ date, message }) =>
            h('li', null, `${day(date)}: ${message ?? ''}`))),
        action: 'Create',
        async submit() {
            await view.api.send('POST', '/v1/alerts', alert);
            say('Created.');
            view.reloads.forEach((reload) => reload());
        },
    });
}


// a channel

export function named({ type, target, channel }) {
    return [type, target, channel].filter(Boolean).join(' ');
}

// what became of a test, channel by channel

export function tested({ test_sent: sent, notifications }) {
    tell(sent ? 'A test was sent' : 'No test was sent', notifications.length === 0
        ? h('p', null, 'The alert tells nobody.')
        : table('Channels', [
            { label: 'Channel', cell: named },
            { label: 'Outcome', cell: (row) => badge(row.status) },
            { label: 'Why', cell: (row) => row.error ?? '' },
        ], notifications));
}

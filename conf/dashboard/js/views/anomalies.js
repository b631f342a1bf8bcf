// Days on which a service cost more than it should have.

import { h } from '../dom.js';
import { change, day, money } from '../format.js';
import { panel } from '../panel.js';
import { choice, path } from '../router.js';
import { ask, badge, button, pages, say, select, sub } from '../ui.js';

export const title = 'Anomalies';

const DAYS = [['30', '30 days'], ['7', '7 days'], ['90', '90 days'], ['365', 'a year']];
const STATES = [['active', 'Active'], ['dismissed', 'Dismissed'], ['', 'All']];


export function render(view) {
    const days = choice(view.route.params, 'days', DAYS.map(([name]) => name));
    const status = view.route.params.get('status') ?? 'active';

    return [
        h('form', { class: 'filters', on: { submit: (event) => event.preventDefault() } },
          select('Of the last', 'days', DAYS, days, (value) => view.choose('days', value)),
          select('Status', 'status', STATES, status, (value) => view.choose('status', value))),
        panel(view, 'What was found', (get, reload) => found(view, get, reload, { days, status })),
    ];
}


async function found(view, get, reload, chosen) {
    const [list, overview] = await Promise.all([
        get(path('/api/v1/costs/anomalies', chosen)),
        get('/api/v1/costs/overview'),
    ]);
    const write = (amount) => money(amount, overview.current_month.currency);

    return pages('Anomalies', [
        { label: 'Service', cell: (row) => [row.service, sub(row.provider_name)] },
        { label: 'Day', cell: (row) => day(row.date) },
        { label: 'Severity', cell: (row) => badge(row.severity) },
        { label: 'Cost', number: true, cell: (row) => write(row.actual_amount) },
        { label: 'Expected', number: true, cell: (row) => [write(row.expected_amount),
            sub(`${write(row.expected_lower)} to ${write(row.expected_upper)}`)] },
        { label: 'More', number: true, cell: (row) =>
            (row.deviation_percent === null ? '' : change(row.deviation_percent)) },
        { label: 'Status', cell: (row) => state(view, row, reload) },
    ], list, (cursor) => path('/api/v1/costs/anomalies', { ...chosen, cursor }), view,
    { kind: 'stack', empty: 'No anomaly was found in these days.' });
}

function state(view, row, reload) {
    if (row.status === 'dismissed') {
        return ['dismissed', row.reason ? sub(row.reason) : null];
    }

    return view.may('write') ? button('Dismiss', () => dismiss(view, row, reload)) : 'active';
}

function dismiss(view, row, reload) {
    ask(view, {
        title: 'Dismiss the anomaly',
        text: `${row.service} in ${row.provider_name}, ${day(row.date)}`,
        fields: [{ name: 'reason', label: 'Why it is none (may be empty)', maxlength: 500 }],
        action: 'Dismiss',
        async submit({ reason }) {
            await view.api.send('POST', `/api/v1/costs/anomalies/${row.id}/dismiss`,
                                reason === '' ? undefined : { reason });
            say('Dismissed.');
            reload();
        },
    });
}

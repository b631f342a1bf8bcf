// What could be saved.

import { h } from '../dom.js';
import { money, plural, words } from '../format.js';
import { panel } from '../panel.js';
import { choice, path } from '../router.js';
import { badge, button, say, select, sub, table, work } from '../ui.js';

export const title = 'Recommendations';

const STATES = [['pending', 'Pending'], ['applied', 'Applied'], ['dismissed', 'Dismissed'],
                ['all', 'All']];


export function render(view) {
    const status = choice(view.route.params, 'status', STATES.map(([name]) => name));

    return [
        h('form', { class: 'filters', on: { submit: (event) => event.preventDefault() } },
          select('Status', 'status', STATES, status, (value) => view.choose('status', value))),
        panel(view, 'What could be saved', (get, reload) => savings(view, get, reload, status)),
    ];
}


async function savings(view, get, reload, status) {
    const [{ data, meta }, overview] = await Promise.all([
        get(path('/api/v1/recommendations', { status, limit: 100 })),
        get('/api/v1/costs/overview'),
    ]);
    const write = (amount) => money(amount, overview.current_month.currency);
    const shown = data.length < meta.total ? `; the ${data.length} with the most are shown` : '';

    return [
        h('p', null, h('strong', null, write(meta.total_potential_savings)), ' a month, by ',
          `${plural(meta.total, 'recommendation', 'recommendations')}${shown}.`),
        table('Recommendations', [
            { label: 'What', cell: (row) => [row.title, sub(row.description)] },
            { label: 'Where', cell: (row) => [row.account_name,
                h('span', { class: 'sub id' }, row.resource_id)] },
            { label: 'Kind', cell: (row) => words(row.type) },
            { label: 'Priority', cell: (row) => badge(row.priority) },
            { label: 'A month', number: true, cell: (row) => write(row.estimated_monthly_savings) },
            { label: 'Status', cell: (row) => state(view, row, reload) },
        ], data, { kind: 'stack', empty: 'There is none.' }),
    ];
}

function state(view, row, reload) {
    if (!view.may('write')) {
        return row.status;
    }

    const to = (label, status) => {
        const pressed = button(label, () => work(pressed, view, async () => {
            await view.api.send('PATCH', `/api/v1/recommendations/${row.id}`, { status });
            say(`Now ${status}.`);
            await reload();
        }));

        return pressed;
    };

    return row.status === 'pending'
        ? h('div', { class: 'actions' }, to('Applied', 'applied'), to('Dismiss', 'dismissed'))
        : h('div', { class: 'actions' }, row.status, to('Reopen', 'pending'));
}

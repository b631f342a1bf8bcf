// What may be spent, and what is.

import { h } from '../dom.js';
import { day, percent, words } from '../format.js';
import { panel } from '../panel.js';
import { path } from '../router.js';
import { ask, badge, button, pages, say, sub } from '../ui.js';
import { gauge } from './overview.js';

export const title = 'Budgets';

const PERIODS = [['month', 'a month'], ['quarter', 'a quarter'], ['year', 'a year']];


export function render(view) {
    const part = panel(view, 'All budgets', (get, reload) => all(view, get, reload), {
        lead: view.may('write') ? button('New budget', () => create(view)) : null,
    });

    return part;
}


async function all(view, get, reload) {
    const [list, { data: accounts }] = await Promise.all([
        get('/api/v1/budgets'), get('/api/v1/accounts?limit=1000'),
    ]);
    const names = new Map(accounts.map(({ id, name }) => [id, name]));

    return pages('Budgets', [
        { label: 'Budget', cell: (row) => gauge(row, list.meta.currency) },
        { label: 'Of', cell: (row) => scope(row, names) },
        { label: 'Period', cell: (row) => [words(row.period),
            sub(`${day(row.period_start)} to ${day(row.period_end)}`)] },
        { label: 'Thresholds', cell: (row) => h('div', { class: 'actions' },
            row.thresholds.map((threshold) => (row.thresholds_reached.includes(threshold)
                ? badge('reached', [percent(threshold), h('span', { class: 'aside' }, ' reached')])
                : badge('ahead', percent(threshold))))) },
        ...(view.may('write') ? [{ label: '', cell: (row) => actions(view, row, reload) }] : []),
    ], list, (cursor) => path('/api/v1/budgets', { cursor }), view,
    { kind: 'stack', empty: 'There is no budget yet.' });
}

function scope(row, names) {
    if (row.scope_type === 'all_accounts') {
        return 'all accounts';
    }

    const account = row.account_id === null ? null : names.get(row.account_id) ?? row.account_id;

    return [row.service, account].filter(Boolean).join(' in ');
}

function actions(view, row, reload) {
    return h('div', { class: 'actions' },
             button('Change', () => change(view, row, reload)),
             button('Delete', () => remove(view, row, reload), 'danger'));
}

function change(view, row, reload) {
    ask(view, {
        title: `Change “${row.name}”`,
        fields: [
            { name: 'name', label: 'Name', value: row.name, required: true, maxlength: 200 },
            { name: 'amount', label: 'Amount', type: 'number', value: row.amount, min: 0.01,
              step: 0.01, required: true },
        ],
        action: 'Save',
        async submit({ name, amount }) {
            await view.api.send('PATCH', `/api/v1/budgets/${row.id}`,
                                { name, amount: Number(amount) });
            say('Saved.');
            reload();
        },
    });
}

function remove(view, row, reload) {
    ask(view, {
        title: 'Delete the budget?', text: `“${row.name}” goes, for good.`,
        action: 'Delete', kind: 'danger',
        async submit() {
            await view.api.send('DELETE', `/api/v1/budgets/${row.id}`);
            say('Deleted.');
            reload();
        },
    });
}

async function create(view) {
    const { data: accounts } = await view.api.get('/api/v1/accounts?limit=1000')
        .catch(() => ({ data: [] }));

    ask(view, {
        title: 'A new budget',
        fields: [
            { name: 'name', label: 'Name', required: true, maxlength: 200 },
            { name: 'amount', label: 'Amount', type: 'number', min: 0.01, step: 0.01,
              required: true },
            { name: 'period', label: 'For', type: 'select', options: PERIODS },
            { name: 'account', label: 'Account', type: 'select',
              options: [['', 'All accounts'], ...accounts.map(({ id, name }) => [id, name])] },
            { name: 'service', label: 'Service (may be empty)', maxlength: 200,
              help: 'Its name as the costs have it, Amazon EC2 for one.' },
        ],
        action: 'Create',
        async submit({ name, amount, period, account, service }) {
            const of = service === '' ? account === '' ? 'all_accounts' : 'account' : 'service';

            await view.api.send('POST', '/api/v1/budgets', {
                name, amount: Number(amount), period, scope_type: of,
                ...(account === '' ? {} : { account_id: account }),
                ...(service === '' ? {} : { service }),
            });
            say('Created.');
            view.reloads.forEach((reload) => reload());
        },
    });
}

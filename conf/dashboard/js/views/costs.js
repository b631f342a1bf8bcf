// Costs of some days: their course, and by service and account.

import { h } from '../dom.js';
import { brief, day, money, month, shortDay, shortMonth } from '../format.js';
import { panel } from '../panel.js';
import { bars, legend } from '../plot.js';
import { choice, href, path } from '../router.js';
import { largest } from '../scale.js';
import { link, select, table } from '../ui.js';

export const title = 'Costs';

const COLOURS = 7;

const DAYS = [['30', '30 days'], ['7', '7 days'], ['90', '90 days'], ['365', 'a year']];
const GROUPS = [['service', 'Service'], ['provider', 'Account'], ['region', 'Region']];
const STEPS = [['day', 'Day'], ['week', 'Week'], ['month', 'Month']];
const KINDS = [['billed', 'Billed'], ['effective', 'Effective'], ['list', 'List price'],
               ['contracted', 'Contracted']];


export function render(view) {
    const { params } = view.route;
    const days = choice(params, 'days', names(DAYS));
    const chosen = {
        days,
        group: choice(params, 'group', names(GROUPS)),
        // a year of days is more than an eye can tell apart
        step: choice(params, 'step', days === '365'
            ? ['month', 'week', 'day'] : days === '90' ? ['week', 'day', 'month'] : names(STEPS)),
        cost: choice(params, 'cost', names(KINDS)),
        account: params.get('account') ?? '',
    };
    const filter = (label, name, values) =>
        select(label, name, values, chosen[name], (value) => view.choose(name, value));

    return [
        h('form', { class: 'filters', on: { submit: (event) => event.preventDefault() } },
          filter('Of the last', 'days', DAYS), filter('By', 'group', GROUPS),
          filter('Per', 'step', STEPS), filter('Cost', 'cost', KINDS), accounts(view, chosen)),
        h('div', { class: 'grid' },
          panel(view, `By ${chosen.group === 'provider' ? 'account' : chosen.group}`,
                (get) => course(get, chosen), { kind: 'whole' }),
          panel(view, 'Services', (get) => services(get, chosen), { kind: 'half' }),
          panel(view, 'Accounts', (get) => byAccount(view, get, chosen), { kind: 'half' })),
    ];
}

function names(values) {
    return values.map(([name]) => name);
}


// the choice fills when the accounts are there

function accounts(view, chosen) {
    const field = select('Account', 'account', [['', 'All']], '',
                         (value) => view.choose('account', value));
    const list = field.querySelector('select');

    view.api.get('/api/v1/accounts?limit=1000', { signal: view.signal }).then(({ data }) => {
        list.append(...data.map(({ id, name }) => h('option', { value: id }, name)));

        // there may be more of them than a list is good for
        if (chosen.account !== '' && !data.some(({ id }) => id === chosen.account)) {
            list.append(h('option', { value: chosen.account }, chosen.account));
        }

        list.value = chosen.account;
    }, () => {
        // the panels tell what is wrong
    });

    return field;
}

function totals(get, { days, cost, account }) {
    return get(path('/api/v1/costs', {
        days, cost: cost === 'billed' ? null : cost, account_id: account,
    }));
}

async function services(get, chosen) {
    const { data, meta } = await totals(get, chosen);

    return table('Costs by service', [
        { label: 'Service', cell: ({ service }) => service },
        { label: 'Cost', number: true, cell: ({ cost }) => money(cost, meta.currency) },
    ], data.services, { empty: 'No costs in these days.' });
}

async function byAccount(view, get, chosen) {
    const { data, meta } = await totals(get, chosen);

    return table('Costs by account', [
        { label: 'Account', cell: (account) => [
            link(href('costs', null, { ...Object.fromEntries(view.route.params),
                                       account: account.account_id }), account.account_name),
            h('span', { class: 'sub' }, `${account.provider} ${account.aws_account_id}`)] },
        { label: 'Cost', number: true,
          cell: (account) => money(account.total_cost, meta.currency) },
    ], data.accounts, { empty: 'No costs in these days.' });
}


async function course(get, chosen) {
    const { data, meta } = await totals(get, chosen);
    const provider = chosen.account === '' ? null
        : (await get(`/api/v1/accounts/${encodeURIComponent(chosen.account)}`)).data;
    const { data: rows } = await get(path('/api/v1/costs/trend', {
        days: chosen.days, granularity: chosen.step, group_by: chosen.group,
        cost: chosen.cost === 'billed' ? null : chosen.cost,
        provider_id: provider?.provider_id,
    }));
    const write = (amount) => money(amount, meta.currency);
    const date = chosen.step === 'month' ? month : day;
    const { names: own, rest } = largest(rows, COLOURS);

    const sum = [
        h('p', { class: 'figure' }, money(data.daily_total, meta.currency)),
        h('p', { class: 'muted' }, `${day(meta.start_date)} to ${day(meta.end_date)}`),
    ];

    if (own.length === 0) {
        return [...sum, h('p', { class: 'muted' }, 'No costs in these days.')];
    }

    return [
        ...sum,
        bars({
            rows, names: own, rest, label: `Costs per ${chosen.step} by ${chosen.group}`,
            dates: chosen.step === 'month' ? shortMonth : shortDay,
            brief: (amount) => brief(amount, meta.currency),
            readout: (i) => reading(rows[i], date, write),
        }),
        legend(own, rest),
        h('details', null, h('summary', null, 'As a table'),
          table(`Costs per ${chosen.step}`, [
              { label: { day: 'Day', week: 'Week of', month: 'Month' }[chosen.step],
                cell: (row) => date(row.date) },
              { label: 'All', number: true, cell: (row) => write(row.amount) },
              ...[...own, ...rest].map((name) => ({
                  label: name, number: true,
                  cell: ({ breakdown }) =>
                      (Object.hasOwn(breakdown, name) ? write(breakdown[name]) : ''),
              })),
          ], rows, { kind: 'wide' })),
    ];
}

function reading(row, date, write) {
    const most = Object.entries(row.breakdown).slice(0, 3)
        .map(([name, amount]) => `${name} ${write(amount)}`).join(', ');

    return `${date(row.date)}: ${write(row.amount)}${most ? ` – ${most}` : ''}`;
}

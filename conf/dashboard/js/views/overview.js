// One glance: what is spent, what is coming, and whether something is wrong.

import { h } from '../dom.js';
import { brief, change, day, money, month, percent, plural, shortDay } from '../format.js';
import { panel } from '../panel.js';
import { outlook } from '../plot.js';
import { path } from '../router.js';
import { badge, link, table } from '../ui.js';
import { ANOMALIES, attention } from './attention.js';

export const title = 'Overview';

const OVERVIEW = '/api/v1/costs/overview';
const FORECAST = '/api/v1/costs/forecast?days=30';


export function render(view) {
    return h('div', { class: 'grid' },
             panel(view, 'This month so far', thisMonth, { kind: 'card' }),
             panel(view, 'Last month', lastMonth, { kind: 'card' }),
             panel(view, 'The next 30 days', ahead, { kind: 'card' }),
             panel(view, 'Could be saved', savings, { kind: 'card' }),
             panel(view, 'Needs attention', (get) => attention(get, view.info),
                   { kind: 'half' }),
             panel(view, 'Budgets', budgets, { kind: 'half' }),
             panel(view, 'The last 60 days, and the next 30', course, { kind: 'whole' }),
             panel(view, 'Top services this month', services, { kind: 'half' }),
             panel(view, 'Accounts this month', accounts, { kind: 'half' }));
}


async function thisMonth(get) {
    const { current_month: now, mom_change_percent: moved } = await get(OVERVIEW);

    return [
        h('p', { class: 'figure' }, money(now.amount, now.currency)),
        moved === null
            ? h('p', { class: 'muted' }, 'Nothing to compare with.')
            : h('p', null, badge(moved > 0 ? 'up' : 'down', change(moved)),
                ' against the same days of last month'),
        h('p', { class: 'muted' }, `${day(now.from)} to ${day(now.to)}`),
    ];
}

async function lastMonth(get) {
    const { current_month: now, last_month: last } = await get(OVERVIEW);
    const first = new Date(`${now.from}T00:00:00Z`);

    first.setUTCMonth(first.getUTCMonth() - 1);

    return [
        h('p', { class: 'figure' }, money(last.amount, last.currency)),
        h('p', { class: 'muted' }, `all of ${month(first.toISOString().slice(0, 10))}`),
    ];
}

async function ahead(get) {
    const { projected_total: total, currency, confidence_interval: band, accuracy }
        = await get(FORECAST);

    return [
        h('p', { class: 'figure' }, money(total, currency)),
        h('p', null, `${money(band.low, currency)} to ${money(band.high, currency)} `
                     + 'with 95% confidence'),
        h('p', { class: 'muted' },
          `Such forecasts were ${percent(accuracy.smape)} off in the past.`),
    ];
}

async function savings(get) {
    const { current_month: now } = await get(OVERVIEW);
    const { meta } = await get('/api/v1/recommendations?limit=1');

    return [
        h('p', { class: 'figure' }, money(meta.total_potential_savings, now.currency)),
        h('p', null, 'a month, by ',
          link('#/recommendations', plural(meta.total, 'recommendation', 'recommendations'))),
    ];
}


async function services(get) {
    const { current_month: now } = await get(OVERVIEW);
    const { data } = await get(path('/api/v1/costs', { start_date: now.from, end_date: now.to }));

    return ranking('Services by cost this month', 'Service', now.currency,
                   data.services.slice(0, 8).map(({ service, cost }) => [service, cost]));
}

async function accounts(get) {
    const { current_month: now, by_provider: list } = await get(OVERVIEW);

    return ranking('Accounts by cost this month', 'Account', now.currency,
                   list.slice(0, 8).map(({ name, amount }) => [name, amount]));
}

function ranking(caption, label, currency, rows) {
    const most = Math.max(...rows.map(([, amount]) => amount), 0);

    return table(caption, [
        { label, cell: ([name, amount]) => [name, share(amount, most)] },
        { label: 'Cost', number: true, cell: ([, amount]) => money(amount, currency) },
    ], rows, { kind: 'ranking', empty: 'No costs this month.' });
}

function share(amount, most) {
    const bar = h('span', { class: 'share', 'aria-hidden': 'true' });

    bar.style.inlineSize = `${most > 0 ? Math.max(0, amount) / most * 100 : 0}%`;

    return bar;
}


async function course(get) {
    const [{ current_month: now }, { data: past }, found, forecast] = await Promise.all([
        get(OVERVIEW),
        get('/api/v1/costs/trend?days=60'),
        get(ANOMALIES),
        // too little history is no reason to show none
        get(FORECAST).catch((error) => {
            if (error.status !== 400) {
                throw error;
            }

            return { daily: [] };
        }),
    ]);
    const future = forecast.daily;
    const rows = [...past, ...future];
    const marks = new Set(found.data.map(({ date }) => date));
    const write = (amount) => money(amount, now.currency);
    const known = (row, amount) => (row.lower === undefined ? write(amount) : '');
    const expected = (row, amount) => (row.lower === undefined ? '' : write(amount));

    return [
        outlook({
            past, future, marks, dates: shortDay,
            label: 'Costs of each of the last 60 days, and those expected of the next',
            brief: (amount) => brief(amount, now.currency),
            readout: (i) => reading(rows[i], marks, write),
        }),
        h('ul', { class: 'legend' },
          h('li', null, h('span', { class: 'swatch past' }), 'was'),
          future.length > 0
              ? h('li', null, h('span', { class: 'swatch ahead' }), 'expected, with a 95% band')
              : null,
          marks.size > 0 ? h('li', null, h('span', { class: 'swatch mark' }), 'anomaly') : null),
        h('details', null, h('summary', null, 'As a table'),
          table('Costs by day', [
              { label: 'Day', cell: (row) => day(row.date) },
              { label: 'Cost', number: true, cell: (row) => known(row, row.amount) },
              { label: 'Expected', number: true, cell: (row) => expected(row, row.amount) },
              { label: 'Lower', number: true, cell: (row) => expected(row, row.lower) },
              { label: 'Upper', number: true, cell: (row) => expected(row, row.upper) },
          ], rows)),
    ];
}

function reading(row, marks, write) {
    const words = `${day(row.date)}: ${write(row.amount)}`;

    if (row.lower !== undefined) {
        return `${words} expected, ${write(row.lower)} to ${write(row.upper)}`;
    }

    return marks.has(row.date) ? `${words}, with an anomaly` : words;
}


async function budgets(get) {
    const { data, meta } = await get('/api/v1/budgets');

    return data.length === 0
        ? h('p', { class: 'muted' }, 'There is no budget yet. ', link('#/budgets', 'Budgets'))
        : data.toSorted((a, b) => b.percent_used - a.percent_used).slice(0, 5)
            .map((budget) => gauge(budget, meta.currency));
}

export function gauge(budget, currency) {
    const bar = h('span', { class: 'used' });

    bar.style.inlineSize = `${Math.min(100, Math.max(0, budget.percent_used))}%`;

    return h('div', { class: `gauge ${state(budget)}` },
             h('p', null, h('strong', null, budget.name), ' ',
               h('span', { class: 'muted' },
                 `${money(budget.current_spend, currency)} of ${money(budget.amount, currency)}`),
               ' ', badge(state(budget), percent(budget.percent_used))),
             h('div', { class: 'track', 'aria-hidden': 'true' }, bar));
}

export function state(budget) {
    if (budget.percent_used >= 100) {
        return 'over';
    }

    return budget.percent_used >= 90 ? 'near' : 'within';
}

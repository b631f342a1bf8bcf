// What somebody should look at, worst first; or that nothing is wrong.

import { h } from '../dom.js';
import { change, day, money, percent, plural, shortDay } from '../format.js';
import { href } from '../router.js';
import { badge, link } from '../ui.js';

// the drawing of the overview has them, too
export const ANOMALIES = '/api/v1/costs/anomalies?days=60&status=active';

const SHOWN = 3;

// bills of most providers are a day or two behind
const LATE = 3;


export async function attention(get, info) {
    const [overview, anomalies, alerts, budgets, webhooks, recent] = await Promise.all([
        get('/api/v1/costs/overview'),
        get(ANOMALIES),
        get('/v1/alerts?status=triggered'),
        get('/api/v1/budgets'),
        get('/api/v1/webhooks'),
        get('/api/v1/costs/trend?days=60'),
    ]);
    const { currency } = overview.current_month;
    const items = [
        ...alerts.data.alerts.map(triggered),
        ...budgets.data.filter((budget) => budget.percent_used >= 90)
            .map((budget) => spent(budget, budgets.meta.currency)),
        ...some(fresh(anomalies, recent.data), (anomaly) => unusual(anomaly, currency)),
        ...webhooks.data.map(silent).filter(Boolean),
        ...late(recent.data),
        ...expiring(info),
    ];

    return items.length === 0
        ? h('p', { class: 'fine' }, badge('good', '✓'), ' Nothing needs attention.')
        : h('ul', { class: 'items' }, items.map((item) => h('li', null, item)));
}

function triggered(alert) {
    return [badge('high', 'alert'), ' ', link(href('alert', alert.id), alert.name),
            ' has triggered'];
}

function spent(budget, currency) {
    return [
        badge(budget.percent_used >= 100 ? 'high' : 'medium', 'budget'), ' ',
        link('#/budgets', budget.name),
        ` has used ${percent(budget.percent_used)} of ${money(budget.amount, currency)}`,
    ];
}

// those of the last 30 days

function fresh({ data, meta }, days) {
    const from = days.at(-30)?.date ?? '';

    return { data: data.filter(({ date }) => date >= from), meta };
}

function some({ data, meta }, write) {
    const rank = ['critical', 'high', 'medium', 'low'];
    const worst = data.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity)
                                          || (a.date < b.date ? 1 : -1));
    const more = meta.next_cursor ? 'More' : plural(data.length - SHOWN, 'more', 'more');

    return [
        ...worst.slice(0, SHOWN).map(write),
        ...(data.length > SHOWN ? [link('#/anomalies', `${more} anomalies`)] : []),
    ];
}

function unusual(anomaly, currency) {
    return [
        badge(anomaly.severity), ' ',
        link('#/anomalies', `${anomaly.service} in ${anomaly.provider_name}`),
        ` cost ${money(anomaly.actual_amount, currency)} on ${shortDay(anomaly.date)}`,
        anomaly.deviation_percent === null ? '' : ` (${change(anomaly.deviation_percent)})`,
    ];
}

function silent(webhook) {
    if (!webhook.enabled) {
        return [badge('medium', 'webhook'), ' ', link(href('webhook', webhook.id), webhook.url),
                ' is switched off', webhook.disabled_reason ? `: ${webhook.disabled_reason}` : ''];
    }

    return webhook.failing_since === null ? null
        : [badge('medium', 'webhook'), ' ', link(href('webhook', webhook.id), webhook.url),
           ' does not answer as it should'];
}

function late(days) {
    const known = days.findLastIndex(({ amount }) => amount !== 0);

    if (known < 0) {
        return [[badge('medium', 'data'), ' No costs are known of the last 60 days']];
    }

    return days.length - 1 - known > LATE
        ? [[badge('medium', 'data'), ' ', link('#/accounts', 'No costs'),
            ` are known since ${day(days[known].date)}`]]
        : [];
}

function expiring(info) {
    const left = info.expires_at === null ? Infinity
        : (new Date(info.expires_at) - Date.now()) / 86400000;

    return left < 14
        ? [[badge('medium', 'key'), ` Your key expires on ${day(info.expires_at.slice(0, 10))}`]]
        : [];
}

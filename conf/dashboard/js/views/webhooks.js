// Endpoints that are told of events.

import { panel } from '../panel.js';
import { href, path } from '../router.js';
import { ask, badge, button, link, once, pages, when } from '../ui.js';

export const title = 'Webhooks';

export const EVENTS = ['alert.triggered', 'budget.threshold', 'anomaly.detected',
                       'webhook.disabled', 'channel.disabled'].map((name) => [name, name]);


export function render(view) {
    return panel(view, 'All endpoints', (get) => all(view, get), {
        lead: view.may('write') ? button('New webhook', () => create(view)) : null,
    });
}


async function all(view, get) {
    const list = await get('/api/v1/webhooks');

    return pages('Webhooks', [
        { label: 'Endpoint', cell: (row) => link(href('webhook', row.id), row.url) },
        { label: 'What for', cell: (row) => row.description },
        { label: 'Events', cell: (row) => told(row.events) },
        { label: 'State', cell: state },
        { label: 'Since', cell: (row) => when(row.created_at) },
    ], list, (cursor) => path('/api/v1/webhooks', { cursor }), view,
    { kind: 'stack', empty: 'There is no webhook yet.' });
}

export function told(events) {
    return events.includes('*') ? 'all' : events.join(', ');
}

export function state(row) {
    if (!row.enabled) {
        return badge('off', row.disabled_reason ? `off: ${row.disabled_reason}` : 'off');
    }

    return row.failing_since === null ? badge('on') : badge('failing');
}


function create(view) {
    ask(view, {
        title: 'A new webhook',
        fields: [
            { name: 'url', label: 'URL', type: 'url', required: true, maxlength: 2048 },
            { name: 'description', label: 'What it is for', maxlength: 200 },
            { name: 'events', label: 'Told of', type: 'checks', options: EVENTS,
              value: EVENTS.map(([name]) => name) },
        ],
        action: 'Create',
        async submit({ url, description, events }) {
            const { data } = await view.api.send('POST', '/api/v1/webhooks',
                                                 { url, description, events });

            once('The webhook’s secret', 'Deliveries are signed with it. It is not shown again.',
                 data.secret);
            view.reloads.forEach((reload) => reload());
        },
    });
}

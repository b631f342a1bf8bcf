// What CI jobs cost.

import { h } from '../dom.js';
import { exact, number } from '../format.js';
import { panel } from '../panel.js';
import { choice, path } from '../router.js';
import { ask, badge, button, once, pages, say, select, when } from '../ui.js';

export const title = 'CI costs';

const DAYS = [['30', '30 days'], ['7', '7 days'], ['90', '90 days'], ['365', 'a year']];


export function render(view) {
    const { params } = view.route;
    const chosen = {
        days: choice(params, 'days', DAYS.map(([name]) => name)),
        repository: params.get('repository') ?? '',
        workflow: params.get('workflow') ?? '',
    };

    return [
        h('form', { class: 'filters', on: { submit: (event) => event.preventDefault() } },
          select('Of the last', 'days', DAYS, chosen.days, (value) => view.choose('days', value)),
          text(view, 'Repository', 'repository', chosen.repository),
          text(view, 'Workflow', 'workflow', chosen.workflow)),
        panel(view, 'Jobs', (get) => jobs(view, get, chosen)),
        panel(view, 'GitHub’s events', (get, reload) => receiver(view, get, reload)),
    ];
}

function text(view, label, name, value) {
    const id = `choose-${name}`;

    return h('div', { class: 'field' }, h('label', { for: id }, label),
             h('input', {
                 id, value, on: { change: (event) => view.choose(name, event.target.value) },
             }));
}


async function jobs(view, get, chosen) {
    const list = await get(path('/api/v1/ci/runs', { ...chosen, limit: 50 }));

    return pages('Jobs of workflow runs', [
        { label: 'Job', cell: (row) => [row.job,
            h('span', { class: 'sub' }, `${row.org}/${row.repository}, ${row.workflow}`)] },
        { label: 'Runner', cell: (row) => row.runner },
        { label: 'Ended', cell: (row) => when(row.completed_at) },
        { label: 'As', cell: (row) => (row.conclusion === null ? '' : badge(row.conclusion)) },
        { label: 'Minutes', number: true, cell: (row) => number(row.minutes) },
        { label: 'Cost', number: true, cell: (row) => exact(row.cost, list.meta.currency) },
    ], list, (cursor) => path('/api/v1/ci/runs', { ...chosen, limit: 50, cursor }), view,
    { kind: 'stack', empty: 'No job is known of these days.' });
}

async function receiver(view, get, reload) {
    const reply = await get('/api/v1/ci/github').catch((error) => {
        if (error.status !== 404) {
            throw error;
        }

        return null;
    });

    if (reply === null) {
        return [
            h('p', { class: 'muted' }, 'GitHub tells nothing: there is no receiver.'),
            view.may('write') ? h('div', { class: 'actions' },
                button('Make one', () => listen(view, reload, 'Make one'))) : null,
        ];
    }

    return [
        h('dl', null,
          h('dt', null, 'Its address'),
          h('dd', { class: 'id' }, `${location.origin}${reply.data.path}`),
          h('dt', null, 'Last heard'), h('dd', null, when(reply.data.received_at))),
        view.may('write') ? h('div', { class: 'actions' },
            button('Another secret', () => listen(view, reload, 'Save')),
            button('Delete', () => deaf(view, reload), 'danger')) : null,
    ];
}

function listen(view, reload, action) {
    ask(view, {
        title: 'A receiver of GitHub’s events',
        fields: [{ name: 'secret', label: 'Secret (may be empty: the server makes one)',
                   type: 'password', maxlength: 128 }],
        action,
        async submit({ secret }) {
            const { data } = await view.api.send('POST', '/api/v1/ci/github',
                                                 secret === '' ? undefined : { secret });

            once('The secret', 'GitHub signs with it. It is not shown again.',
                 data.secret ?? secret);
            reload();
        },
    });
}

function deaf(view, reload) {
    ask(view, {
        title: 'Delete the receiver?', text: 'GitHub is heard no more.',
        action: 'Delete', kind: 'danger',
        async submit() {
            await view.api.send('DELETE', '/api/v1/ci/github');
            say('Deleted.');
            reload();
        },
    });
}

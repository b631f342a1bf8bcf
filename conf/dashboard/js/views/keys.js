// Keys, for who may manage them.

import { h } from '../dom.js';
import { plural } from '../format.js';
import { panel } from '../panel.js';
import { path } from '../router.js';
import { ask, badge, button, once, pages, say, when } from '../ui.js';

export const title = 'Keys';
export const needs = 'admin';

const PERMISSIONS = [['read', 'read'], ['write', 'write'], ['admin', 'admin']];


export function render(view) {
    return panel(view, 'All keys', (get, reload) => all(view, get, reload), {
        lead: view.may('admin') ? button('New key', () => create(view)) : null,
    });
}


async function all(view, get, reload) {
    const list = await get('/api/v1/keys');

    return pages('Keys', [
        { label: 'Key', cell: (row) => [row.name,
            row.secrets.map((secret) =>
                h('span', { class: 'sub id' }, `${secret.key_prefix}…${secret.last_four}`,
                  secret.expires_at ? [' until ', when(secret.expires_at)] : null))] },
        { label: 'Permission', cell: (row) => row.permission },
        { label: 'Plan', cell: (row) => row.plan },
        { label: 'State', cell: state },
        { label: 'Last used', cell: (row) => when(row.last_used_at) },
        { label: 'Use', cell: (row) => row.usage.map(use) },
        { label: '', cell: (row) => actions(view, row, reload) },
    ], list, (cursor) => path('/api/v1/keys', { cursor }), view, { kind: 'stack' });
}

function state(row) {
    if (row.revoked_at !== null) {
        return [badge('off', 'revoked'), ' ', when(row.revoked_at)];
    }

    if (row.expires_at === null) {
        return badge('on', 'good');
    }

    return new Date(row.expires_at) < Date.now()
        ? [badge('off', 'expired'), ' ', when(row.expires_at)]
        : [badge('on', 'good'), ' until ', when(row.expires_at)];
}

// of the plan's windows, what was counted of this key in the present one

function use(window) {
    const within = { day: 'today', hour: 'this hour' }[window.window] ?? `in ${window.window}`;

    return h('span', { class: 'sub' },
             `${plural(window.used, 'request', 'requests')} ${within}`
             + (window.scope === 'key' ? '' : ` by all of the ${window.scope}’s keys`));
}

function actions(view, row, reload) {
    return row.revoked_at !== null ? null
        : h('div', { class: 'actions' },
            button('Change', () => change(view, row, reload)),
            button('Rotate', () => rotate(view, row, reload)),
            button('Revoke', () => revoke(view, row, reload), 'danger'));
}


function create(view) {
    ask(view, {
        title: 'A new key',
        fields: fields({ name: '', permission: 'read', plan: view.info.plan, expires_at: null }),
        action: 'Create',
        async submit(values) {
            const { data } = await view.api.send('POST', '/api/v1/keys', written(values));

            once('The new key', 'This is the only time that it is shown.', data.key);
            view.reloads.forEach((reload) => reload());
        },
    });
}

function fields(row) {
    return [
        { name: 'name', label: 'Name', value: row.name, required: true, maxlength: 100 },
        { name: 'permission', label: 'Permission', type: 'select', options: PERMISSIONS,
          value: row.permission },
        { name: 'plan', label: 'Plan', value: row.plan, required: true, maxlength: 32 },
        { name: 'expires', label: 'Good until the end of (UTC; may be empty)', type: 'date',
          value: row.expires_at?.slice(0, 10) },
    ];
}

function written({ name, permission, plan, expires }) {
    return { name, permission, plan, expires_at: expires === '' ? null : `${expires}T23:59:59Z` };
}

// the hour of an expiry that is not touched stays

function change(view, row, reload) {
    ask(view, {
        title: `Change “${row.name}”`,
        fields: fields(row),
        action: 'Save',
        async submit(values) {
            const value = written(values);

            if (values.expires === (row.expires_at?.slice(0, 10) ?? '')) {
                delete value.expires_at;
            }

            await view.api.send('PATCH', `/api/v1/keys/${row.id}`, value);
            say('Saved.');
            reload();
        },
    });
}

function rotate(view, row, reload) {
    const own = row.id === view.info.key_id;

    ask(view, {
        title: `Rotate “${row.name}”`,
        text: own ? 'This is the key you are using; this page goes on with the new secret.' : null,
        fields: [{ name: 'grace', label: 'Seconds that the old secret still works', type: 'number',
                   value: 0, min: 0, max: 2592000, required: true }],
        action: 'Rotate',
        async submit({ grace }) {
            const { data } = await view.api.send('POST', `/api/v1/keys/${row.id}/rotate`,
                                                 { grace_seconds: Number(grace) });

            if (own) {
                view.rekey(data.key);
            }

            once('The new secret', 'This is the only time that it is shown.', data.key);
            reload();
        },
    });
}

function revoke(view, row, reload) {
    ask(view, {
        title: `Revoke “${row.name}”?`,
        text: row.id === view.info.key_id
            ? 'This is the key you are using: the page ends with it.'
            : 'Whoever uses it is refused at once. There is no way back.',
        action: 'Revoke', kind: 'danger',
        async submit() {
            await view.api.send('DELETE', `/api/v1/keys/${row.id}`);
            say('Revoked.');
            reload();
        },
    });
}

// Whose key this is, and what is left of it.

import { h } from '../dom.js';
import { number } from '../format.js';
import { panel } from '../panel.js';
import { table, when } from '../ui.js';

export const title = 'Your key';


export function render(view) {
    return [
        panel(view, 'Key', key),
        panel(view, 'Limits', limits),
    ];
}


async function key(get) {
    const { data } = await get('/api/v1/auth/info');

    return h('dl', null,
             h('dt', null, 'Organization'), h('dd', null, data.organization_name),
             h('dt', null, 'Name'), h('dd', null, data.key_name),
             h('dt', null, 'Begins with'), h('dd', { class: 'id' }, data.key_prefix),
             h('dt', null, 'Permission'), h('dd', null, data.permission),
             h('dt', null, 'Plan'), h('dd', null, data.plan),
             h('dt', null, 'Good until'), h('dd', null, when(data.expires_at, 'it is revoked')));
}

async function limits(get) {
    const { data } = await get('/api/v1/auth/info');

    return table('Limits of the key', [
        { label: 'Window', cell: (row) => row.window },
        { label: 'Requests', number: true, cell: (row) => number(row.limit) },
        { label: 'Used', number: true, cell: (row) => number(row.used) },
        { label: 'Left', number: true, cell: (row) => number(row.remaining) },
        { label: 'Begins anew', cell: (row) => when(row.resets_at) },
    ], data.limits, { empty: 'There are none.' });
}

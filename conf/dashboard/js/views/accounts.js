// Accounts, where their bills come from, and fetching them.

import { h } from '../dom.js';
import { number, plural } from '../format.js';
import { panel } from '../panel.js';
import { href, path } from '../router.js';
import { ask, badge, button, link, pages, say, table, when, work } from '../ui.js';
import * as source from './source.js';

export const title = 'Accounts';

const PAUSE = 2000;


export function render(view) {
    const sync = view.may('write') ? button('Fetch bills now', () => work(sync, view, async () => {
        const job = await view.api.send('POST', '/api/v1/costs/sync');

        location.hash = href('accounts', null, { job: job.job_id });
    })) : null;
    const job = view.route.params.get('job');

    return [
        job === null ? null
            : panel(view, 'Fetching bills', (get, reload) => progress(view, get, reload, job)),
        panel(view, 'All accounts', (get, reload) => all(view, get, reload), { lead: sync }),
    ];
}


async function all(view, get, reload) {
    const list = await get('/api/v1/accounts');

    return pages('Accounts', [
        { label: 'Account', cell: (row) => [
            link(href('costs', null, { account: row.id }), row.name),
            h('span', { class: 'sub id' }, `${row.provider} ${row.external_id}`)] },
        { label: 'Bills from', cell: (row) => source.shown(row.source) },
        { label: 'Known since', cell: (row) => when(row.created_at) },
        ...(view.may('write')
            ? [{ label: '', cell: (row) => h('div', { class: 'actions' },
                button('Rename', () => rename(view, row, reload)),
                button('Bills from', () => source.choose(view, row, reload))) }]
            : []),
    ], list, (cursor) => path('/api/v1/accounts', { cursor }), view,
    { kind: 'stack', empty: 'There is no account yet: bills make them.' });
}

function rename(view, row, reload) {
    ask(view, {
        title: 'Another name',
        fields: [{ name: 'name', label: 'Name', value: row.name, required: true, maxlength: 200 }],
        action: 'Save',
        async submit({ name }) {
            await view.api.send('PATCH', `/api/v1/accounts/${row.id}`, { name });
            say('Saved.');
            reload();
        },
    });
}


async function progress(view, get, reload, id) {
    const job = await get(`/api/v1/costs/sync/${encodeURIComponent(id)}`);
    const { progress: far } = job;

    if (job.status === 'queued' || job.status === 'running') {
        const timer = setTimeout(() => reload({ pressed: false }), PAUSE);

        view.signal.addEventListener('abort', () => clearTimeout(timer));
    }

    return [
        h('p', null, badge(job.status), job.error ? ` ${job.error}` : ''),
        h('p', null, `${plural(far.files_found, 'file', 'files')} found, `
                     + `${number(far.files_loaded)} loaded, `
                     + `${number(far.files_skipped)} as before, `
                     + `${number(far.files_failed)} failed`),
        h('p', null, `${plural(far.rows_loaded, 'row', 'rows')} loaded, `
                     + `${number(far.rows_refused)} refused`),
        far.file === null ? null : h('p', { class: 'muted id' }, far.file),
        job.failures.length === 0 ? null : table('What failed', [
            { label: 'File', cell: (row) => h('span', { class: 'id' }, row.file) },
            { label: 'Why', cell: (row) => row.error ?? '' },
        ], job.failures),
    ];
}

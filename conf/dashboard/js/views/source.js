// Where an account's bills come from.

import { h } from '../dom.js';
import { plural } from '../format.js';
import { ask, say, sub } from '../ui.js';

const KINDS = [['s3', 'a bucket (S3)'], ['https', 'an address (https)'],
               ['directory', 'a directory of the server'], ['none', 'nowhere: imports']];

const SECRET = 'It is stored sealed, and never shown.';

// what each kind is made of, beside what all have
const FIELDS = {
    s3: [
        { name: 'bucket', label: 'Bucket', required: true },
        { name: 'prefix', label: 'Prefix (may be empty)' },
        { name: 'region', label: 'Region', required: true },
        { name: 'endpoint', label: 'Endpoint (empty: Amazon’s)', type: 'url' },
        { name: 'access_key_id', label: 'Access key id' },
        { name: 'secret_access_key', label: 'Secret access key', type: 'password', help: SECRET },
    ],
    https: [
        { name: 'url', label: 'Address', type: 'url', required: true },
        { name: 'authorization', label: 'Authorization (may be empty)', type: 'password',
          help: SECRET },
    ],
    directory: [{ name: 'path', label: 'Path', required: true }],
};


export function shown(source) {
    if (!source) {
        return h('span', { class: 'muted' }, 'imports');
    }

    const where = source.path ?? source.url ?? `s3://${source.bucket}/${source.prefix ?? ''}`;

    return [
        h('span', { class: 'id' }, where),
        source.sync_every === null ? null
            : sub(`every ${plural(source.sync_every, 'hour', 'hours')}`),
    ];
}


// first the kind, then what it is made of

export function choose(view, row, reload) {
    ask(view, {
        title: `Bills of “${row.name}”`,
        fields: [{ name: 'kind', label: 'They come from', type: 'select', options: KINDS,
                   value: row.source?.kind ?? 's3' }],
        action: 'Next',
        async submit({ kind }) {
            if (kind === 'none') {
                await save(view, row, reload, { kind });
            } else {
                describe(view, row, reload, kind);
            }
        },
    });
}

function describe(view, row, reload, kind) {
    const known = row.source?.kind === kind ? row.source : {};

    ask(view, {
        title: `Bills of “${row.name}”`,
        text: known.kind && kind !== 'directory'
            ? 'A source is set as a whole: its secrets are wanted again.' : null,
        fields: [
            ...FIELDS[kind].map((field) => ({ ...field, value: known[field.name] })),
            { name: 'every', label: 'Every how many hours (may be empty: when asked)',
              type: 'number', min: 1, max: 8760, value: known.sync_every },
            { name: 'one', label: 'All rows are', type: 'select',
              value: String(known.one_account ?? false),
              options: [['false', 'of the accounts that they name'], ['true', 'of this account']] },
        ],
        action: 'Save',
        async submit({ every, one, ...values }) {
            await save(view, row, reload, {
                kind, one_account: one === 'true',
                ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')),
                ...(every === '' ? {} : { sync_every: Number(every) }),
            });
        },
    });
}

async function save(view, row, reload, source) {
    await view.api.send('PATCH', `/api/v1/accounts/${row.id}`, { source });
    say('Saved.');
    reload();
}

// Parts that pages share.

import { fill, h, unique } from './dom.js';
import { time } from './format.js';
import { explained } from './panel.js';

// columns of { label, cell: (row) => node, number }; one without a label has
// what can be done with the row

export function table(caption, columns, rows, { kind = '', empty = 'Nothing here.' } = {}) {
    if (rows.length === 0) {
        return h('p', { class: 'muted' }, empty);
    }

    return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
             h('table', { class: kind },
               h('caption', { class: 'aside' }, caption),
               h('thead', null, h('tr', null, columns.map((column) =>
                   h('th', { scope: 'col', class: column.number ? 'number' : null },
                     column.label || h('span', { class: 'aside' }, 'Actions'))))),
               h('tbody', null, rows.map((row) => line(columns, row)))));
}

function line(columns, row) {
    const id = unique('row');
    const whole = h('tr', null, columns.map((column, i) => {
        const attributes = {
            class: column.number ? 'number' : null, 'data-label': column.label,
        };

        return i === 0 ? h('th', { scope: 'row', id, ...attributes }, column.cell(row))
                       : h('td', attributes, column.cell(row));
    }));

    // of many that are called the same, each is of its row
    for (const pressed of whole.querySelectorAll('button')) {
        pressed.setAttribute('aria-describedby', id);
    }

    return whole;
}

// a table whose rows come in pages: list is { data, meta: { next_cursor } }

export function pages(caption, columns, list, next, view, options) {
    const whole = table(caption, columns, list.data, options);
    const rows = whole.querySelector('tbody');
    let cursor = list.meta.next_cursor;

    if (!cursor || !rows) {
        return whole;
    }

    const more = h('button', { type: 'button', on: { click: () => work(more, view, async () => {
        const reply = await view.api.get(next(cursor), { signal: view.signal });

        rows.append(...reply.data.map((row) => line(columns, row)));
        cursor = reply.meta.next_cursor;

        if (!cursor) {
            more.remove();
        }
    }) } }, 'More');

    return [whole, more];
}


export function badge(kind, text = kind) {
    return h('span', { class: `badge ${kind.replace(/\W/g, '')}` }, text);
}

export function when(text, never = 'never') {
    return text === null || text === undefined
        ? h('span', { class: 'muted' }, never)
        : h('time', { datetime: text, title: text }, time(text));
}

export function button(label, click, kind = '') {
    return h('button', { type: 'button', class: kind, on: { click } }, label);
}

// a second, smaller line

export function sub(...content) {
    return h('span', { class: 'sub' }, content);
}

export function link(href, text) {
    return h('a', { href }, text);
}


// a choice in the page's address: changing it asks again

export function select(label, name, values, current, change) {
    const id = `choose-${name}`;

    return h('div', { class: 'field' },
             h('label', { for: id }, label),
             h('select', { id, on: { change: (event) => change(event.target.value) } },
               values.map(([value, text]) =>
                   h('option', { value, selected: value === current }, text))));
}


// said to those who cannot see what changed, and shown for a while

let hush = null;

export function say(text) {
    const place = document.getElementById('said');

    clearTimeout(hush);
    fill(place, h('p', null, text));
    hush = setTimeout(() => fill(place), 6000);
}


// one press, one request; a refusal is told in the API's words

export async function work(pressed, view, act) {
    pressed.disabled = true;

    try {
        await act();

    } catch (error) {
        if (!(error.status >= 0)) {
            throw error;
        }

        if (error.status === 401) {
            view.leave(error.message);
        } else {
            tell('That did not work', h('p', null, explained(error, view.info)));
        }

    } finally {
        pressed.disabled = false;
    }
}


// Dialogs; the browser's own element keeps the focus inside and gives it back.

export function tell(title, ...content) {
    const box = dialog(title, content, [
        h('button', { type: 'button', class: 'main', on: { click: () => box.close() } }, 'Close'),
    ]);

    return box;
}

export function dialog(title, content, buttons) {
    const id = unique('dialog');
    const box = h('dialog', { 'aria-labelledby': id },
                  h('h2', { id }, title), h('div', { class: 'content' }, content),
                  h('div', { class: 'buttons' }, buttons));

    box.addEventListener('close', () => box.remove());
    document.body.append(box);
    box.showModal();

    return box;
}

// fields of { name, label, type, value, options, required, help, ... };
// submit(values) is the request, and what it throws is told in the dialog

export function ask(view, { title, text, more, fields = [], action, kind = 'main', submit }) {
    const wrong = h('p', { class: 'notice', role: 'alert', hidden: true });
    const inputs = new Map();
    const go = h('button', { type: 'submit', class: kind }, action);
    const form = h('form', { method: 'dialog', novalidate: false },
                   text ? h('p', null, text) : null, more,
                   fields.map((field) => input(field, inputs)), wrong,
                   h('div', { class: 'buttons' },
                     h('button', { type: 'button', on: { click: () => box.close() } }, 'Cancel'),
                     go));
    const box = dialog(title, form, null);

    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        go.disabled = true;
        wrong.hidden = true;

        try {
            await submit(Object.fromEntries(
                [...inputs].map(([name, read]) => [name, read()])));
            box.close();

        } catch (error) {
            if (!(error.status >= 0)) {
                throw error;
            }

            if (error.status === 401) {
                box.close();
                view.leave(error.message);
            }

            wrong.hidden = false;
            wrong.textContent = explained(error, view.info);

        } finally {
            go.disabled = false;
        }
    });

    return box;
}

function input(field, inputs) {
    const id = unique('field');
    const common = {
        id, required: field.required, 'aria-describedby': field.help ? `${id}-help` : null,
    };
    const help = field.help ? h('p', { id: `${id}-help`, class: 'help' }, field.help) : null;

    if (field.type === 'checks') {
        const boxes = field.options.map(([value, text]) => [value, h('input', {
            type: 'checkbox', id: `${id}-${value}`, checked: field.value?.includes(value),
        }), text]);

        inputs.set(field.name,
                   () => boxes.filter(([, box]) => box.checked).map(([value]) => value));

        return h('fieldset', null, h('legend', null, field.label),
                 boxes.map(([, box, text]) => h('div', { class: 'check' }, box,
                                                h('label', { for: box.id }, text))), help);
    }

    const control = field.type === 'select'
        ? h('select', common, field.options.map(([value, text]) =>
            h('option', { value, selected: value === field.value }, text)))
        : h('input', {
            ...common, type: field.type ?? 'text', value: field.value ?? '', min: field.min,
            max: field.max, step: field.step, maxlength: field.maxlength, autocomplete: 'off',
            spellcheck: 'false',
        });

    inputs.set(field.name, () => control.value);

    return h('div', { class: 'field' }, h('label', { for: id }, field.label), control, help);
}


// what the server will never show again

export function once(title, text, secret, closed) {
    const field = h('input', { type: 'text', readonly: true, value: secret, 'aria-label': title });
    const copied = h('p', { class: 'help', role: 'status' });
    const copy = button('Copy', async () => {
        field.select();

        try {
            await navigator.clipboard.writeText(secret);
            copied.textContent = 'Copied.';
        } catch {
            // without TLS a page may not: what is selected can be copied by hand
            copied.textContent = 'Selected: copy it with the keyboard.';
        }
    });
    const content = [h('p', null, text), h('div', { class: 'secret' }, field, copy), copied];
    const box = dialog(title, content, [
        h('button', { type: 'button', class: 'main', on: { click: () => box.close() } },
          'I have stored it'),
    ]);

    box.addEventListener('cancel', (event) => event.preventDefault());
    box.addEventListener('close', () => {
        field.value = '';
        closed?.();
    });
    field.focus();
    field.select();

    return box;
}

// A part of a page that asks the API for itself, so that what one answer
// lacks does not take the others with it.

import { fill, h, unique } from './dom.js';

// load(get, reload) answers with nodes; get(path) asks

export function panel(view, title, load, { kind = '', lead = null } = {}) {
    const id = unique('panel');
    const heading = h('h2', { id, tabindex: -1 }, title);
    const body = h('div', { class: 'body' }, h('p', { class: 'muted' }, 'Loading…'));
    const section = h('section', { class: `panel ${kind}`, 'aria-labelledby': id },
                      h('div', { class: 'head' }, heading, lead), body);

    async function run() {
        const seen = { stale: null };
        const get = (path) => view.api.get(path, { signal: view.signal, seen });

        section.setAttribute('aria-busy', 'true');

        try {
            const content = await load(get, reload);

            if (view.signal.aborted) {
                return;
            }

            fill(body, content);
            view.trouble.answered(run, seen.stale);

        } catch (error) {
            if (view.signal.aborted || error.name === 'AbortError') {
                return;
            }

            if (!(error.status >= 0)) {
                throw error;
            }

            failed(error);

        } finally {
            section.removeAttribute('aria-busy');
        }
    }

    function failed(error) {
        if (error.status === 401) {
            view.leave(error.message);

        } else if (error.passes) {
            // what was there before may stay
            if (body.querySelector('.muted')?.textContent === 'Loading…') {
                fill(body, h('p', { class: 'muted waiting' }, 'Waiting for an answer.'));
            }

            view.trouble.refused(run, error);

        } else {
            view.trouble.answered(run, null);
            fill(body, notice(error, view.info));
        }
    }

    // after something was changed; the button that did it may be gone, unless
    // nobody pressed any

    async function reload({ pressed = true } = {}) {
        const inside = pressed && (body.contains(document.activeElement)
                                   || document.activeElement === document.body);

        view.api.forget();
        await run();

        if (inside && !view.signal.aborted) {
            heading.focus();
        }
    }

    view.reloads.push(reload);
    run();

    return section;
}


// the API's words, and which permission it wanted

export function notice(error, info) {
    return h('p', { class: 'notice', role: 'alert' }, explained(error, info));
}

export function explained(error, info) {
    const words = error.message.replace(/\.?$/, '.');

    return error.needs
        ? `${words} This needs a key with permission “${error.needs}”; `
          + `yours has “${info.permission}”.`
        : words;
}

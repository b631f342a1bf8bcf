// What is around the pages: the door where a key is entered, and the frame.

import { fill, h } from './dom.js';
import { may } from './session.js';
import { pages } from './views/index.js';


// enter(key, keep) answers with what is wrong, or null

export function door(enter, words) {
    const key = h('input', {
        id: 'key', type: 'password', required: true, autocomplete: 'off',
        autocapitalize: 'off', spellcheck: 'false', 'aria-describedby': 'key-help key-wrong',
    });
    const keep = h('input', { id: 'keep', type: 'checkbox' });
    const go = h('button', { type: 'submit', class: 'main' }, 'Show costs');
    const wrong = h('p', {
        id: 'key-wrong', class: 'notice', role: 'alert', hidden: words === null,
    }, words);
    const form = h('form', { class: 'door', method: 'post' },
                   h('h1', null, 'Cloud costs'),
                   h('div', { class: 'field' }, h('label', { for: 'key' }, 'API key'), key,
                     h('p', { id: 'key-help', class: 'help' },
                       'It is sent to this server alone, with each request, and kept in this '
                       + 'page’s memory until you close or forget it.')),
                   h('div', { class: 'check' }, keep,
                     h('label', { for: 'keep' }, 'Remember it in this tab')),
                   wrong, go);

    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        go.disabled = true;

        const answer = await enter(key.value.trim(), keep.checked)
            .finally(() => { go.disabled = false; });

        if (answer !== null) {
            wrong.hidden = false;
            wrong.textContent = answer;
            key.focus();
            key.select();
        }
    });

    return h('main', null, form);
}


export function shell(info, { leave, refresh }) {
    const main = h('main', { id: 'main', tabindex: -1 });
    const limits = h('p', { class: 'limits' });
    const links = [...pages].filter(([, page]) => page.menu !== false)
        .filter(([, page]) => may(info, page.needs ?? 'read'))
        .map(([name, page]) => [name, h('a', { href: `#/${name}` }, page.title)]);
    const list = h('ul', { id: 'menu' }, links.map(([, a]) => h('li', null, a)));
    const toggle = h('button', {
        type: 'button', class: 'toggle', 'aria-expanded': 'false', 'aria-controls': 'menu',
    }, 'Menu');
    const skip = h('a', { class: 'skip', href: '#main' }, 'To the content');

    const unfold = (open) => {
        toggle.setAttribute('aria-expanded', String(open));
        header.classList.toggle('open', open);
    };

    toggle.addEventListener('click',
                            () => unfold(toggle.getAttribute('aria-expanded') === 'false'));

    // the address is the pages' own
    skip.addEventListener('click', (event) => {
        event.preventDefault();
        main.focus();
    });

    const header = h('header', null,
                     h('p', { class: 'brand' }, 'Cloud costs'), toggle,
                     h('nav', { 'aria-label': 'Pages' }, list),
                     h('div', { class: 'who' },
                       h('p', null, h('strong', null, info.organization_name)),
                       h('p', null, `${info.key_name} (${info.permission})`), limits,
                       h('button', { type: 'button', on: { click: leave } }, 'Forget the key')));
    const element = h('div', { class: 'shell' }, skip, header, main);

    function turn(name, title, content, again) {
        const heading = h('h1', { tabindex: -1 }, title);

        for (const [other, a] of links) {
            if (other === name) {
                a.setAttribute('aria-current', 'page');
            } else {
                a.removeAttribute('aria-current');
            }
        }

        unfold(false);
        fill(main, h('div', { class: 'title' }, heading,
                     h('button', { id: 'refresh', type: 'button', on: { click: refresh } },
                       'Refresh')),
             content);

        if (!again) {
            heading.focus();
            scrollTo(0, 0);
        }
    }

    return { element, turn, limits: (text) => { limits.textContent = text; } };
}

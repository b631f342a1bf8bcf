// Drawings: SVG as wide as there is room, with a readout that follows the
// pointer or the arrow keys.  The figures themselves are in a table behind.

import { fill, h, s } from './dom.js';
import { area, every, line, linear, stack, ticks } from './scale.js';

const HEIGHT = 240;
const LEFT = 58;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 26;


// columns of pieces, one per date: rows of { date, amount, breakdown }

export function bars({ rows, names, rest, label, dates, brief, readout }) {
    const stacks = rows.map((row) => stack(row.breakdown, names, rest));
    const ends = stacks.flat().flatMap(({ from, to }) => [from, to]);

    return drawing({
        label, count: rows.length, ends, brief, readout,
        dates: rows.map((row) => dates(row.date)),
        draw: (x, y, step) => stacks.flatMap((pieces, i) => pieces.map(({ name, from, to }) => {
            const top = Math.min(y(from), y(to));

            return s('rect', {
                class: `piece c${name === null ? 'rest' : names.indexOf(name) % 8}`,
                x: x(i) - step * 0.4, width: step * 0.8, y: top,
                height: Math.max(Math.abs(y(from) - y(to)), 0.5),
            });
        })),
    });
}


// what was, what is expected with its band: rows of { date, amount } or
// { date, amount, lower, upper }

export function outlook({ past, future, marks, label, dates, brief, readout }) {
    const rows = [...past, ...future];
    const ends = rows.flatMap((row) => [row.lower ?? row.amount, row.upper ?? row.amount]);

    return drawing({
        label, count: rows.length, ends, brief, readout,
        dates: rows.map((row) => dates(row.date)),
        draw: (x, y) => {
            const ahead = future.map((row, i) => [past.length + i, row]);
            const last = past.length - 1;
            const was = past.map((row, i) => [x(i), y(row.amount)]);
            const joined = last >= 0 ? [[x(last), y(past[last].amount)]] : [];

            return [
                s('path', { class: 'past-area', d: area(was, was.map(([px]) => [px, y(0)])) }),
                s('path', {
                    class: 'band',
                    d: area(ahead.map(([i, row]) => [x(i), y(row.upper)]),
                            ahead.map(([i, row]) => [x(i), y(row.lower)])),
                }),
                s('path', { class: 'past', d: line(was) }),
                s('path', {
                    class: 'ahead',
                    d: line([...joined, ...ahead.map(([i, row]) => [x(i), y(row.amount)])]),
                }),
                past.map((row, i) => (marks.has(row.date)
                    ? s('circle', { class: 'mark', cx: x(i), cy: y(row.amount), r: 4.5 })
                    : null)),
            ];
        },
    });
}


function drawing({ label, count, ends, dates, brief, readout, draw }) {
    const values = ticks(Math.min(0, ...ends), Math.max(0, ...ends), 4);
    const out = h('p', { class: 'readout', 'aria-live': 'polite' });
    const svg = s('svg', { class: 'plot', role: 'img', 'aria-label': label });
    const frame = h('div', {
        class: 'frame', tabindex: 0, role: 'group',
        'aria-label': `${label}. Left and right arrow keys read it date by date.`,
    }, svg);
    const cursor = s('line', {
        class: 'cursor', y1: TOP, y2: HEIGHT - BOTTOM, visibility: 'hidden',
    });
    let width = 0;
    let current = -1;
    let x = () => 0;

    function paint() {
        const step = (width - LEFT - RIGHT) / Math.max(count, 1);
        const y = linear([values[0], values.at(-1)], [HEIGHT - BOTTOM, TOP]);
        const skip = every(count, width - LEFT - RIGHT, 76);

        x = linear([0, 1], [LEFT + step / 2, LEFT + step * 1.5]);
        svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
        svg.setAttribute('width', width);
        svg.setAttribute('height', HEIGHT);

        fill(svg,
             values.map((value) => [
                 s('line', {
                     class: value === 0 ? 'zero' : 'grid', x1: LEFT, x2: width - RIGHT,
                     y1: y(value), y2: y(value),
                 }),
                 s('text', { class: 'tick', x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' },
                   brief(value)),
             ]),
             draw(x, y, step),
             dates.map((text, i) => (i % skip === 0
                 ? s('text', {
                     class: 'tick', y: HEIGHT - 6, x: x(i),
                     'text-anchor': i === 0 && step < 60 ? 'start' : 'middle',
                 }, text)
                 : null)),
             cursor);
        point(current);
    }

    function point(i) {
        current = i;
        cursor.setAttribute('visibility', i < 0 ? 'hidden' : 'visible');
        cursor.setAttribute('x1', x(Math.max(i, 0)));
        cursor.setAttribute('x2', x(Math.max(i, 0)));
        out.textContent = i < 0 ? '' : readout(i);
    }

    frame.addEventListener('pointermove', (event) => {
        const [left, step] = [x(0), x(1) - x(0)];
        const i = Math.round((event.clientX - svg.getBoundingClientRect().left - left) / step);

        point(Math.min(Math.max(i, 0), count - 1));
    });
    frame.addEventListener('pointerleave', () => point(-1));
    frame.addEventListener('blur', () => point(-1));
    frame.addEventListener('keydown', (event) => {
        const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: count - 1 };

        if (event.key === 'ArrowLeft' && current < 0) {
            next.ArrowLeft = count - 1;
        }

        if (event.key in next) {
            event.preventDefault();
            point(Math.min(Math.max(next[event.key], 0), count - 1));
        }
    });

    new ResizeObserver(([entry]) => {
        const now = Math.floor(entry.contentRect.width);

        if (now !== width && now > 0) {
            width = now;
            paint();
        }
    }).observe(frame);

    return h('div', { class: 'drawing' }, out, frame);
}


export function legend(names, rest) {
    return h('ul', { class: 'legend' },
             names.map((name, i) => h('li', null,
                                      h('span', { class: `swatch c${i % 8}` }), name)),
             rest.length > 0
                 ? h('li', null, h('span', { class: 'swatch crest' }),
                     `${rest.length} others`)
                 : null);
}

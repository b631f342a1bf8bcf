// Elements.  Text from the API only ever becomes text nodes and attribute
// values: nothing here, or anywhere else, parses markup.

const SVG = 'http://www.w3.org/2000/svg';


// h('p', { class: 'muted', on: { click } }, 'text', node, [more], null)

export function h(tag, attributes, ...children) {
    return build(document.createElement(tag), attributes, children);
}

export function s(tag, attributes, ...children) {
    return build(document.createElementNS(SVG, tag), attributes, children);
}

function build(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (name === 'on') {
            for (const [type, listener] of Object.entries(value)) {
                element.addEventListener(type, listener);
            }

        } else if (name === 'value') {
            element.value = value;

        } else if (value === true) {
            element.setAttribute(name, '');

        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(name, String(value));
        }
    }

    element.append(...nodes(children));

    return element;
}

function nodes(children) {
    return children.flat(Infinity).filter(
        (child) => child !== null && child !== undefined && child !== false);
}

export function fill(element, ...children) {
    element.replaceChildren(...nodes(children));

    return element;
}


let last = 0;

export function unique(prefix) {
    last += 1;

    return `${prefix}-${last}`;
}

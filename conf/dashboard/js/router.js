// #/costs?days=30 is { name: 'costs', id: null, params }.

export function parse(hash) {
    const [path, query] = hash.replace(/^#?\/?/, '').split('?', 2);
    const [name, id] = path.split('/').map(decode);

    return {
        name: name || 'overview', id: id || null,
        params: new URLSearchParams(query ?? ''),
    };
}

function decode(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export function href(name, id, params = {}) {
    const query = new URLSearchParams(
        Object.entries(params).filter(([, value]) => value !== null && value !== ''));
    const path = `#/${encodeURIComponent(name)}${id ? `/${encodeURIComponent(id)}` : ''}`;

    return query.size > 0 ? `${path}?${query}` : path;
}

// a parameter that is one of some values, the first unless it is given

export function choice(params, name, values) {
    const value = params.get(name);

    return values.includes(value) ? value : values[0];
}

export function path(base, params = {}) {
    const query = new URLSearchParams();

    for (const [name, value] of Object.entries(params)) {
        if (value !== null && value !== undefined && value !== '') {
            query.set(name, value);
        }
    }

    return query.size > 0 ? `${base}?${query}` : base;
}

// The client: the key goes into a header, never into a URL; nothing is kept
// on disk.  What was read is believed for half a minute, so that a plan with
// few requests a day is not spent by looking at pages twice.

const MEMORY = 30000;

export class ApiError extends Error {
    // status 0: the server was not reached
    constructor(status, words, more = {}) {
        super(words);
        this.status = status;
        this.retryAfter = more.retryAfter ?? null;
        this.needs = more.needs ?? null;
    }

    // is it worth asking again?
    get passes() {
        return [0, 429, 502, 503, 504].includes(this.status);
    }
}


export class Api {
    // listener.limits(remaining) is told of what is left after each reply
    constructor(key, listener = {}) {
        this.key = key;
        this.listener = listener;
        this.read = new Map();
    }

    // seen.stale becomes the age in seconds of a reply that is not of now;
    // of panels that ask the same at once, one asks

    async get(path, { signal, seen } = {}) {
        let known = this.read.get(path);

        if (!known || known.signal?.aborted || Date.now() - known.at > MEMORY) {
            known = { at: Date.now(), signal, reply: this.fetch(path, signal) };
            this.read.set(path, known);
        }

        try {
            const { value, stale } = await known.reply;

            if (stale !== null) {
                this.drop(path, known);

                if (seen) {
                    seen.stale = Math.max(seen.stale ?? 0, stale);
                }
            }

            return value;

        } catch (error) {
            this.drop(path, known);
            throw error;
        }
    }

    async fetch(path, signal) {
        const response = await this.request('GET', path, { signal });

        return { value: await body(response), stale: age(response) };
    }

    // a later answer to the same question stays

    drop(path, known) {
        if (this.read.get(path) === known) {
            this.read.delete(path);
        }
    }

    async send(method, path, value) {
        this.forget();

        const response = await this.request(method, path, {
            value: value === undefined ? undefined : JSON.stringify(value),
        });

        return body(response);
    }

    forget() {
        this.read.clear();
    }

    async request(method, path, { signal, value }) {
        const headers = { Accept: 'application/json', 'X-API-Key': this.key };
        let response;

        if (value !== undefined) {
            headers['Content-Type'] = 'application/json';
        }

        try {
            response = await fetch(path, {
                method, headers, body: value, signal, cache: 'no-store',
                credentials: 'omit', redirect: 'error',
                referrerPolicy: 'no-referrer',
            });

        } catch (error) {
            if (error.name === 'AbortError') {
                throw error;
            }

            throw new ApiError(0, 'The server cannot be reached');
        }

        this.listener.limits?.(remaining(response.headers));

        if (!response.ok) {
            throw await refusal(response, method, path);
        }

        return response;
    }
}


async function body(response) {
    try {
        return await response.json();

    } catch (error) {
        if (error.name === 'AbortError') {
            throw error;
        }

        throw new ApiError(0, 'The answer was cut off');
    }
}


// which permission a request needs

export function needs(method, path) {
    if (/^\/api\/v1\/keys\b/.test(path)) {
        return 'admin';
    }

    return method === 'GET' ? 'read' : 'write';
}

async function refusal(response, method, path) {
    const words = sentence(await response.json().catch(() => null));
    const after = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);

    return new ApiError(response.status,
                        words ?? `The server answered ${response.status}`, {
        retryAfter: Number.isFinite(after) ? after : null,
        needs: response.status === 403 ? needs(method, path) : null,
    });
}

// the five wordings: {error}, {success, error}, {detail}, {error, code} and
// {error: {code, message}}

export function sentence(reply) {
    const error = reply?.error ?? reply?.detail;
    const words = typeof error === 'object' ? error?.message : error;

    return typeof words === 'string' && words !== '' ? words : null;
}


// { minute, day, hour } as far as the plan has such windows

export function remaining(headers) {
    const left = {};

    for (const [name, header] of [['minute', 'X-RateLimit-Remaining-Minute'],
                                  ['day', 'X-RateLimit-Remaining-Day'],
                                  ['hour', 'X-RateLimit-Remaining']]) {
        const value = headers.get(header);

        if (value !== null) {
            left[name] = Number(value);
        }
    }

    return left;
}

// seconds; null when it is no old reply

function age(response) {
    if (!(response.headers.get('Warning') ?? '').startsWith('110')) {
        return null;
    }

    return Number(response.headers.get('Age') ?? 0);
}

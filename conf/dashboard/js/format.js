// How figures and times are written.  Amounts are the API's own, rounded to
// cents there: they are written out, never added or rounded here.

const locale = navigator.language;
const made = new Map();

function formatter(kind, key, make) {
    const name = `${kind} ${key}`;

    if (!made.has(name)) {
        made.set(name, make());
    }

    return made.get(name);
}

export function money(amount, currency) {
    return currencyFormat(currency, {
        minimumFractionDigits: 2, maximumFractionDigits: 2,
    }, 'money').format(amount);
}

// of a job a cent is much

export function exact(amount, currency) {
    return currencyFormat(currency, {
        minimumFractionDigits: 2, maximumFractionDigits: 6,
    }, 'exact').format(amount);
}

// for an axis: $1.2K

export function brief(amount, currency) {
    return currencyFormat(currency, {
        notation: 'compact', minimumFractionDigits: 0,
        maximumFractionDigits: 2,
    }, 'brief').format(amount);
}

function currencyFormat(currency, options, kind) {
    return formatter(kind, currency, () => {
        try {
            return new Intl.NumberFormat(locale, {
                style: 'currency', currency, currencyDisplay: 'narrowSymbol',
                ...options,
            });

        } catch {
            // not a code that Intl knows how to write
            const plain = new Intl.NumberFormat(locale, options);

            return { format: (n) => `${plain.format(n)} ${currency ?? ''}`.trim() };
        }
    });
}

export function number(value) {
    return formatter('number', '', () => new Intl.NumberFormat(locale)).format(value);
}

// 1.6 is "1.6%"

export function percent(value) {
    return formatter('percent', '', () => new Intl.NumberFormat(locale, {
        style: 'unit', unit: 'percent', maximumFractionDigits: 1,
    })).format(value);
}

// "+1.6%"; null is when there is nothing to compare

export function change(value) {
    return formatter('change', '', () => new Intl.NumberFormat(locale, {
        style: 'unit', unit: 'percent', maximumFractionDigits: 1,
        signDisplay: 'exceptZero',
    })).format(value);
}

// a UTC day as the API has it, "2026-11-21"

export function day(text) {
    return formatter('day', '', () => new Intl.DateTimeFormat(locale, {
        timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric',
    })).format(new Date(`${text}T00:00:00Z`));
}

export function shortDay(text) {
    return formatter('short', '', () => new Intl.DateTimeFormat(locale, {
        timeZone: 'UTC', day: 'numeric', month: 'short',
    })).format(new Date(`${text}T00:00:00Z`));
}

export function month(text) {
    return formatter('month', '', () => new Intl.DateTimeFormat(locale, {
        timeZone: 'UTC', month: 'long', year: 'numeric',
    })).format(new Date(`${text}T00:00:00Z`));
}

export function shortMonth(text) {
    return formatter('short month', '', () => new Intl.DateTimeFormat(locale, {
        timeZone: 'UTC', month: 'short', year: 'numeric',
    })).format(new Date(`${text}T00:00:00Z`));
}

// an instant, in the reader's zone

export function time(text) {
    return formatter('time', '', () => new Intl.DateTimeFormat(locale, {
        dateStyle: 'medium', timeStyle: 'short',
    })).format(new Date(text));
}

export function clock(date) {
    return formatter('clock', '', () => new Intl.DateTimeFormat(locale, {
        timeStyle: 'medium',
    })).format(date);
}

// 95 seconds are "1 min 35 s"

export function wait(seconds) {
    const whole = Math.max(0, Math.ceil(seconds));

    if (whole < 60) {
        return `${whole} s`;
    }

    if (whole < 3600) {
        return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    }

    return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

// "percent_increase" is "percent increase"

export function words(text) {
    return String(text).replaceAll('_', ' ');
}

export function plural(count, one, many) {
    return `${number(count)} ${count === 1 ? one : many}`;
}

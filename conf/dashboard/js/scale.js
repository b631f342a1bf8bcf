// The arithmetic of drawings: no elements here.

// about n round numbers that hold [low, high], 0 included

export function ticks(low, high, n) {
    const bottom = Math.min(0, low);
    const top = Math.max(0, high);

    if (bottom === top) {
        return [0, 1];
    }

    const step = round((top - bottom) / n);
    const list = [];

    for (let i = Math.floor(bottom / step); i <= Math.ceil(top / step); i += 1) {
        // 0.1 * 3 is not 0.3; -0 is not 0
        list.push(Number((i * step).toPrecision(12)) + 0);
    }

    return list;
}

// 1, 2, 2.5 or 5 and zeros, not less than this

function round(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));

    for (const factor of [1, 2, 2.5, 5]) {
        if (factor * power >= rough * (1 - 1e-9)) {
            return factor * power;
        }
    }

    return 10 * power;
}

export function linear([from, to], [start, end]) {
    const slope = to === from ? 0 : (end - start) / (to - from);

    return (value) => start + (value - from) * slope;
}

// "M1 2L3 4", of [x, y]

export function line(points) {
    return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('');
}

// what lies between two lines

export function area(upper, lower) {
    return upper.length === 0 ? '' : `${line(upper)}${line(lower.toReversed()).replace('M', 'L')}Z`;
}

function at(value) {
    return Number(value.toFixed(1));
}

// Which names get a colour of their own: those with the most in all, at most
// n; the rest are drawn as one.

export function largest(rows, n) {
    const sums = new Map();

    for (const { breakdown } of rows) {
        for (const [name, amount] of Object.entries(breakdown)) {
            sums.set(name, (sums.get(name) ?? 0) + Math.abs(amount));
        }
    }

    const names = [...sums.keys()].sort(
        (a, b) => sums.get(b) - sums.get(a) || (a < b ? -1 : 1));

    // one name alone is not "the rest"
    return names.length <= n + 1 ? { names, rest: [] }
                                 : { names: names.slice(0, n), rest: names.slice(n) };
}

// what stands above 0 and what hangs below, in the order of the names:
// [{ name, from, to }], names[i] null for the rest

export function stack(breakdown, names, rest) {
    const amounts = new Map(Object.entries(breakdown));
    const pieces = names.map((name) => [name, amounts.get(name) ?? 0]);

    if (rest.length > 0) {
        pieces.push([null, rest.reduce((sum, name) => sum + (amounts.get(name) ?? 0), 0)]);
    }

    let up = 0;
    let down = 0;

    return pieces.filter(([, amount]) => amount !== 0).map(([name, amount]) => {
        if (amount > 0) {
            up += amount;
            return { name, from: up - amount, to: up };
        }

        down += amount;
        return { name, from: down - amount, to: down };
    });
}

// every how many of so many labels fit, so that they are `space` wide each

export function every(count, width, space) {
    return Math.max(1, Math.ceil(count * space / Math.max(width, 1)));
}

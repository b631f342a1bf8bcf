// The key, for as long as this page lives; or, when its owner ticks it, this
// tab.

const NAME = 'cost-key';

const ranks = ['read', 'write', 'admin'];

export function remembered() {
    try {
        return sessionStorage.getItem(NAME);
    } catch {
        return null;
    }
}

export function remember(key) {
    try {
        sessionStorage.setItem(NAME, key);
    } catch {
        // a browser that keeps nothing: the page's memory has it
    }
}

export function forget() {
    try {
        sessionStorage.removeItem(NAME);
    } catch {
        // nothing was kept
    }
}

// headers take no other characters, and no key has them

export function couldBeKey(text) {
    return /^[\x21-\x7e]{1,512}$/.test(text);
}

export function may(info, permission) {
    return ranks.indexOf(info.permission) >= ranks.indexOf(permission);
}

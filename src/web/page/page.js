// SPDX-License-Identifier: MIT
// The page: which view is shown, as the address says, and the loop that asks the manager, one round
// after the other, while anybody looks.
import { get, NoAnswer, Refused, SessionOver } from './api.js';
import { clientsView } from './clients.js';
import { deathsView } from './deaths.js';
import { element, setText } from './dom.js';
import { locksView } from './locks.js';
import { objectView } from './object.js';
import { objectsView } from './objects.js';
import { overviewView } from './overview.js';
import { span } from './text.js';

const ROUND_MS = 1000;
const SLOWEST_MS = 8000; // between two tries while there is no answer

const views = {
    '': overviewView,
    objects: objectsView,
    object: objectView,
    clients: clientsView,
    locks: locksView,
    deaths: deathsView,
};

const main = document.getElementById('main');
const notice = document.getElementById('notice');
const live = document.getElementById('live');

let view = null;
let shown = null; // the address that the view was made for
let leaving = new AbortController(); // what is asked for a view is not wanted when it is left
let lastInfo = null;
let endPause = () => {};
let isWanted = false; // another round, at once

/** '#/object/7f01?x=1' as { name: 'object', id: '7f01', params }. */
function readAddress() {
    const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
    const [name, id] = path.split('/');
    let ident = '';

    try {
        ident = decodeURIComponent(id ?? '');
    } catch {
        // Half a code: no object has such an ident.
    }
    return { name: name in views ? name : '', id: ident, params: new URLSearchParams(query) };
}

function go(params, replace) {
    const [path] = location.hash.split('?');
    const query = params.toString();
    const goal = `${path}${query ? `?${query}` : ''}`;

    if (replace) {
        history.replaceState(null, '', goal);
        shown = location.hash; // The view has it already.
        wake();
    } else {
        location.hash = goal;
    }
}

/** Ask again now. */
function wake() {
    isWanted = true;
    endPause();
}

function markView(name) {
    const href = `#/${name === 'object' ? 'objects' : name}`;

    for (const link of document.querySelectorAll('#views a')) {
        if (link.getAttribute('href') === href) {
            link.setAttribute('aria-current', 'page');
        } else {
            link.removeAttribute('aria-current');
        }
    }
}

/** Put the view of the address in the old one's place. */
function openView() {
    const { name, id, params } = readAddress();
    const focused = document.activeElement?.closest('#main') ? document.activeElement : null;
    const key = focused?.dataset.sort;

    leaving.abort();
    leaving = new AbortController();
    view = views[name]({ id, params, go, info: lastInfo, signal: leaving.signal });
    shown = location.hash;
    document.title = `${view.title} · syncmanager`;
    main.replaceChildren(view.node);
    markView(name);
    if (view.listing) {
        view.listing.onAsked = wake;
    }
    if (key) {
        main.querySelector(`[data-sort="${CSS.escape(key)}"]`)?.focus();
    } else if (focused) {
        main.focus({ preventScroll: true });
    }
}

/** How it is with the manager: 'live', 'loading', 'lost' or 'over', and what is to be said of it. */
function setState(state, ...words) {
    live.dataset.state = state;
    document.body.dataset.state = state;
    setText(live, { live: 'live', loading: 'loading', lost: 'no answer', over: 'signed out' }[state]);
    if (notice.textContent !== words.map((word) => word.textContent ?? word).join('')) {
        notice.replaceChildren(...words);
    }
    notice.hidden = words.length === 0;
}

function sayOver() {
    if (!view) {
        main.replaceChildren();
    }
    const again = element('button', { type: 'button' }, 'Try again');

    again.addEventListener('click', wake);
    setState('over', element('p', {}, element('strong', {}, 'This session is over. '),
        'For a new link, run ', element('code', {}, 'syncmanagerctl page'),
        ' where the manager’s key is, and open what it prints.'), again);
}

function sayTrouble(error) {
    const what = error instanceof NoAnswer ? 'The manager does not answer. '
        : error instanceof Refused ? 'The manager has refused what this view asks. '
            : 'This page has failed. ';

    if (what.startsWith('This page')) {
        console.error(error);
    }
    setState('lost', element('p', {}, element('strong', {}, what),
        `${view ? 'What is shown is as it was last. ' : ''}Trying again… (${error.message})`));
}

function showAbout(info) {
    setText(document.getElementById('address'), info.addresses.join('  '));
    setText(document.getElementById('about'),
        `syncmanager ${info.version} · process ${info.pid} · up ${span(info.uptime_s)}`);
}

async function pause(ms) {
    if (!isWanted) {
        await new Promise((resolve) => {
            const timer = setTimeout(resolve, ms);
            endPause = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }
    isWanted = false;
}

function seen() {
    return new Promise((resolve) => {
        document.addEventListener('visibilitychange', resolve, { once: true });
    });
}

/** One round: how the manager is, then what the view shows. */
async function round() {
    lastInfo = await get('info', {}, leaving.signal);
    showAbout(lastInfo);
    if (!view) {
        openView();
    }
    await view.update(leaving.signal, lastInfo);
    setState('live');
}

async function run() {
    let wait = ROUND_MS;

    for (;;) {
        while (document.hidden) {
            await seen();
        }
        try {
            await round();
            wait = ROUND_MS;
        } catch (error) {
            if (error instanceof SessionOver) {
                sayOver();
                wait = 2 ** 30;
            } else if (error.name === 'AbortError') {
                wait = 0; // Another view is wanted.
            } else {
                sayTrouble(error);
                wait = Math.min(wait * 2, SLOWEST_MS);
            }
        }
        await pause(wait);
    }
}

window.addEventListener('hashchange', () => {
    if (lastInfo && shown !== location.hash) {
        openView();
        wake();
    }
});
// Another tab may have signed in meanwhile.
document.addEventListener('visibilitychange', () => document.hidden || wake());

document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !event.target.closest('input, dialog') && !event.ctrlKey && !event.metaKey) {
        const search = document.getElementById('search');
        if (search) {
            event.preventDefault();
            search.focus();
        }
    }
});

const THEMES = { auto: 'light', light: 'dark', dark: 'auto' };
const theme = document.getElementById('theme');

function showTheme() {
    theme.textContent = `Theme: ${document.documentElement.dataset.theme ?? 'auto'}`;
}

theme.addEventListener('click', () => {
    const next = THEMES[document.documentElement.dataset.theme ?? 'auto'];

    if (next === 'auto') {
        delete document.documentElement.dataset.theme;
    } else {
        document.documentElement.dataset.theme = next;
    }
    try {
        localStorage.setItem('theme', next);
    } catch {
        // Storage is forbidden: it holds until the page is left.
    }
    showTheme();
});

// The address of the skip link is not a view's.
document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
});

showTheme();
run();

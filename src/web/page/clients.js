// SPDX-License-Identifier: MIT
// The connections; and, where the manager was told to allow it, the button that ends one.
import { element, objectHref, tell } from './dom.js';
import { post, Refused } from './api.js';
import { Listing } from './listing.js';
import { bytes, clientWords, number, span, UNKNOWN } from './text.js';

const memory = (row) => [row.shares ? 'shared' : '', row.ring ? 'ring' : ''].filter(Boolean).join(', ');

function state(row) {
    const wait = row.waits_for;

    return wait ? `waits ${span(wait.waits_s)} in ${wait.type}.${wait.method}()` : row.state;
}

const COLUMNS = [
    { title: 'Client', key: 'client', kind: 'figure', show: (row) => number(row.client) },
    { title: 'Process', key: 'process', show: (row) => row.process ?? UNKNOWN },
    { title: 'PID', key: 'pid', kind: 'figure', show: (row) => (row.pid ? String(row.pid) : UNKNOWN) },
    { title: 'Host', key: 'host', kind: 'mono', minor: true, show: (row) => row.host ?? UNKNOWN },
    {
        title: 'State', key: 'state', show: state,
        href: (row) => (row.waits_for ? objectHref(row.waits_for.ident) : null),
        hint: (row) => row.waits_for?.ident,
    },
    { title: 'Calls', key: 'calls', kind: 'figure', show: (row) => number(row.calls) },
    { title: 'In', key: 'bytes_in', kind: 'figure', minor: true, show: (row) => bytes(row.bytes_in) },
    { title: 'Out', key: 'bytes_out', kind: 'figure', minor: true, show: (row) => bytes(row.bytes_out) },
    { title: 'Unsent', key: 'unsent', kind: 'figure', minor: true, show: (row) => bytes(row.unsent) },
    { title: 'Memory', minor: true, show: memory },
    { title: 'Connected', key: 'since_s', kind: 'figure', show: (row) => span(row.since_s) },
];

/** Asks whether to end a client, in words; does it. */
class Killing {
    #words = element('p');
    #failure = element('p', { class: 'failure', role: 'alert' });
    #row = null;

    constructor(signal) {
        const end = element('button', { type: 'button', class: 'danger' }, 'End client');
        const cancel = element('button', { type: 'button', autofocus: true }, 'Cancel');

        this.node = element('dialog', { 'aria-labelledby': 'kill-title' },
            element('h2', { id: 'kill-title' }, 'End this client?'), this.#words,
            element('p', {}, 'Its connection is closed. What it holds goes to the next that waits, ',
                'and its calls end with an error.'),
            this.#failure, element('div', { class: 'buttons' }, cancel, end));
        cancel.addEventListener('click', () => this.node.close());
        end.addEventListener('click', () => this.#kill(signal));
    }

    ask(row) {
        this.#row = row;
        this.#words.textContent = clientWords(row);
        this.#failure.textContent = '';
        this.node.showModal();
    }

    async #kill(signal) {
        try {
            await post(`clients/${this.#row.client}/kill`, signal);
            this.node.close();
            tell(`Client ${this.#row.client} has been ended.`);
        } catch (error) {
            this.#failure.textContent = error instanceof Refused ? `Not done: ${error.message}`
                : 'Not done: the manager does not answer, or the session is over.';
        }
    }
}

export function clientsView({ params, go, info, signal }) {
    const killing = new Killing(signal);
    const kill = {
        title: '', kind: 'action', show: () => '',
        press: { label: () => 'End…', act: (row) => killing.ask(row) },
        hint: (row) => `End client ${row.client}`,
    };
    const listing = new Listing({
        one: 'client', many: 'clients', path: 'clients',
        columns: info.may_kill ? [...COLUMNS, kill] : COLUMNS,
        keyOf: (row) => row.client, sort: 'client', order: 'asc',
        placeholder: 'Search process, host, pid, state', empty: 'No client is connected.',
        tone: (row) => (row.waits_for ? 'waited' : null),
    }, params, go);

    return {
        title: 'Clients',
        node: element('div', {}, listing.node, killing.node),
        listing,
        update: (abort) => listing.update(abort),
    };
}

// SPDX-License-Identifier: MIT
// The objects: which there are, how large, how much they are called, who waits in them.
import { objectHref } from './dom.js';
import { Listing } from './listing.js';
import { bytes, number, rate } from './text.js';

/** Calls a second of each object, from what two looks at it have counted. */
export class Rates {
    #seen = new Map(); // ident: { at, calls, rate }

    /** Take what an answer's rows say; `at`: when it was so, in seconds. */
    note(rows, at) {
        for (const { ident, calls } of rows) {
            const last = this.#seen.get(ident);
            if (typeof calls !== 'number' || (last && at <= last.at)) {
                continue;
            }
            const isNext = last && calls >= last.calls && at - last.at < 30;
            this.#seen.delete(ident);
            this.#seen.set(ident,
                { at, calls, rate: isNext ? (calls - last.calls) / (at - last.at) : null });
        }
        while (this.#seen.size > 5000) {
            this.#seen.delete(this.#seen.keys().next().value);
        }
    }

    of(ident) {
        return this.#seen.get(ident)?.rate ?? null;
    }
}

export const rates = new Rates();

/** When an answer's figures were so. */
export const timeOf = (answer) => answer.at ?? Date.now() / 1000;

const TYPE = { title: 'Type', key: 'type', show: (row) => row.type };
const NAME = {
    title: 'Name or ident', key: 'name', kind: 'mono name', show: (row) => row.name ?? row.ident,
    href: (row) => objectHref(row.ident),
    hint: (row) => (row.name ? `${row.name}: ${row.ident}` : row.ident),
};
const RATE = { title: 'Calls/s', kind: 'figure', show: (row) => rate(rates.of(row.ident)) };
const CALLS = { title: 'Calls', key: 'calls', kind: 'figure', show: (row) => number(row.calls) };
const WAITING = {
    title: 'Waiting', key: 'waiting', kind: 'figure', show: (row) => number(row.waiting),
};
const SIZE = { title: 'Size', key: 'bytes', kind: 'figure', show: (row) => bytes(row.bytes) };

export const BUSY_COLUMNS = [NAME, TYPE, RATE, CALLS, WAITING, SIZE];

const COLUMNS = [
    NAME, TYPE, RATE, CALLS, WAITING,
    { title: 'Items', key: 'items', kind: 'figure', show: (row) => number(row.items) }, SIZE,
    {
        title: 'References', key: 'references', kind: 'figure', minor: true,
        show: (row) => number(row.references),
    },
    { title: 'Value', kind: 'mono wide', minor: true, show: (row) => row.value ?? '' },
];

export function objectsView({ params, go }) {
    const listing = new Listing({
        one: 'object', many: 'objects', path: 'objects', columns: COLUMNS,
        keyOf: (row) => row.ident, sort: 'calls', order: 'desc',
        placeholder: 'Search name, type, ident', empty: 'There are no objects yet.',
        tone: (row) => (row.waiting ? 'waited' : null),
    }, params, go);

    return {
        title: 'Objects',
        node: listing.node,
        listing,
        update: (signal) => listing.update(signal,
            (answer) => rates.note(answer.rows, timeOf(answer))),
    };
}

// SPDX-License-Identifier: MIT
// One object: its figures, who holds it and who waits, and the newest of its values, as text.
import { element, section, setText } from './dom.js';
import { get, Refused } from './api.js';
import { askLocks, heldTable, waitingTable } from './locks.js';
import { rates, timeOf } from './objects.js';
import { bytes, counted, number, rate } from './text.js';

const FIGURES = [
    ['Calls a second', (row) => rate(rates.of(row.ident))],
    ['Calls', (row) => number(row.calls)],
    ['Waiting', (row) => number(row.waiting)],
    ['Items', (row) => number(row.items)],
    ['Size', (row) => bytes(row.bytes)],
    ['References', (row) => number(row.references)],
];

class Values {
    #list = element('ol', { class: 'values mono' });
    #empty = element('p', { class: 'empty' });

    constructor() {
        this.node = element('div', {}, this.#list, this.#empty);
    }

    show(row) {
        const texts = row.values ?? (row.value === null ? [] : [row.value]);

        while (this.#list.children.length > texts.length) {
            this.#list.lastElementChild.remove();
        }
        texts.forEach((text, n) => {
            const item = this.#list.children[n] ?? this.#list.appendChild(element('li'));
            setText(item, text);
        });
        this.#list.hidden = texts.length === 0;
        setText(this.#empty, texts.length ? ''
            : row.items ? 'What it holds is not known here.' : 'It holds nothing.');
    }
}

export function objectView({ id }) {
    const title = element('h1', {}, '');
    const mini = element('p', { class: 'mono lead' }, id);
    const figures = FIGURES.map(([name, show]) => {
        const value = element('dd');
        return { show, value, node: element('div', {}, element('dt', {}, name), value) };
    });
    const values = new Values();
    const held = heldTable();
    const waiting = waitingTable();
    const gone = element('p', { class: 'empty', hidden: true },
        'There is no such object: it has been freed, or never was.');
    const body = element('div', { hidden: true },
        element('dl', { class: 'figures panel' }, ...figures.map(({ node }) => node)),
        section('Newest values', {}, values.node),
        section('Held', {}, held.node), section('Waiting', {}, waiting.node));

    function show(row, { locks }) {
        const mine = (rows) => rows.filter((other) => other.ident === row.ident);

        rates.note([row], timeOf(row));
        setText(title, row.name ?? row.type);
        setText(mini, row.name ? `${row.type} ${row.ident}` : row.ident);
        figures.forEach(({ show: text, value }) => setText(value, text(row)));
        values.show(row);
        held.show(mine(locks.held), 'Nobody holds it.');
        waiting.show(mine(locks.waiting).slice(0, 200), row.waiting
            ? `${counted(row.waiting, 'call waits', 'calls wait')} in it, for something else than a lock.`
            : 'Nobody waits for it.');
    }

    return {
        title: `Object ${id}`,
        node: element('div', { class: 'object' }, element('p', {},
            element('a', { href: '#/objects' }, '‹ All objects')), title, mini, gone, body),
        async update(signal) {
            try {
                const [row, locks] = await Promise.all([
                    get(`objects/${encodeURIComponent(id)}`, {}, signal), askLocks(signal)]);
                show(row, locks);
                gone.hidden = true;
                body.hidden = false;
            } catch (error) {
                if (!(error instanceof Refused)) {
                    throw error;
                }
                gone.hidden = false;
                body.hidden = true;
            }
        },
    };
}

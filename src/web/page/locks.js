// SPDX-License-Identifier: MIT
// The locks: who holds them, who waits, as a picture and as tables, and deadlocks in words.
import { clientHref, element, objectHref, section, setText, tell } from './dom.js';
import { get } from './api.js';
import { circleEnds, circleLines, Picture } from './picture.js';
import { Table } from './table.js';
import { counted, number, span, UNKNOWN } from './text.js';

const ROWS = 200;
const NAMES_MS = 30000;

/** The names that objects are registered under. They hardly ever change. */
class Names {
    #names = new Map();
    #askedAt = -Infinity;

    async update(signal) {
        if (performance.now() - this.#askedAt > NAMES_MS) {
            const { rows } = await get('objects', { sort: 'name', order: 'asc', limit: 1000 }, signal);
            this.#names = new Map(rows.filter((row) => row.name !== null)
                .map((row) => [row.ident, row.name]));
            this.#askedAt = performance.now();
        }
        return this.#names;
    }
}

const names = new Names();

/** What /api/locks has, and the names of what is in it. */
export async function askLocks(signal) {
    const [locks, known] = await Promise.all([get('locks', {}, signal), names.update(signal)]);

    return { locks, names: known };
}

/** The deadlocks in words. Said once when they come. */
export class Alarm {
    node = element('div', { class: 'alarms' });
    #shape = '[]';

    show(circles, known) {
        const texts = circles.map((circle) => circleLines(circle, known).map((line) => line.text));
        const shape = JSON.stringify(texts);

        if (shape !== this.#shape) {
            this.#shape = shape;
            this.node.replaceChildren(...circles.map((circle, n) => element('section',
                { class: 'alarm', 'aria-label': 'Deadlock' }, element('h2', {}),
                element('ol', {}, ...texts[n].map((text) => element('li', {}, text))))));
            tell(circles.length ? `${counted(circles.length, 'deadlock')}` : 'No deadlock any more');
        }
        circles.forEach((circle, n) => {
            const ends = circleEnds(circle);
            setText(this.node.children[n].querySelector('h2'), ends === null
                ? `Deadlock of ${counted(circle.length, 'client')}`
                : `Deadlock of ${counted(circle.length, 'client')
                }, unless a time limit ends it in ${span(ends)}`);
        });
    }
}

const OBJECT = {
    title: 'Object', kind: 'mono', show: (row) => row.name ?? row.ident,
    href: (row) => objectHref(row.ident), hint: (row) => row.ident,
};
const TYPE = { title: 'Type', show: (row) => row.type };
const CLIENT = {
    title: 'Client', kind: 'figure', show: (row) => number(row.client),
    href: (row) => clientHref(row.client),
};
const PROCESS = {
    title: 'Process', show: (row) => (row.gone ? 'gone' : row.process ?? UNKNOWN),
};
const PID = { title: 'PID', kind: 'figure', show: (row) => (row.pid ? String(row.pid) : UNKNOWN) };
const HOST = { title: 'Host', kind: 'mono', minor: true, show: (row) => row.host ?? UNKNOWN };

const HELD = [OBJECT, TYPE, CLIENT, PROCESS, PID, HOST,
    { title: 'Held for', kind: 'figure', show: (row) => span(row.held_s) },
    { title: 'Waiting', kind: 'figure', show: (row) => number(row.waiting) }];
const WAITING = [OBJECT, TYPE, CLIENT, PROCESS, PID, HOST,
    { title: 'In', kind: 'mono', show: (row) => `${row.method ?? ''}()` },
    { title: 'Waits for', kind: 'figure', show: (row) => span(row.waits_s) },
    { title: 'Time left', kind: 'figure', minor: true, show: (row) => span(row.left_s) },
    {
        title: 'Held by', kind: 'figure',
        show: (row) => (row.held_by ? number(row.held_by) : UNKNOWN),
        href: (row) => (row.held_by ? clientHref(row.held_by) : null),
    }];

export function heldTable() {
    return new Table('Who holds what', HELD, (row) => `${row.ident} ${row.client}`);
}

export function waitingTable() {
    return new Table('Who waits for what', WAITING, (row) => `${row.client}`);
}

export function locksView() {
    const alarm = new Alarm();
    const picture = new Picture();
    const held = heldTable();
    const waiting = waitingTable();
    const quiet = element('p', { class: 'empty', hidden: true },
        'No lock is held, and nobody waits for one.');
    const counts = { held: element('span', { class: 'count' }), waiting: element('span', { class: 'count' }) };

    return {
        title: 'Locks',
        node: element('div', {}, alarm.node,
            section('Who holds and who waits', { class: 'panel' }, picture.node, quiet),
            section('Held', {}, counts.held, held.node),
            section('Waiting', {}, counts.waiting, waiting.node)),
        async update(signal) {
            const { locks, names: known } = await askLocks(signal);
            const named = (row) => ({ ...row, name: known.get(row.ident) ?? null });
            const cut = (rows) => (rows.length > ROWS ? `the first ${ROWS} of ${number(rows.length)}`
                : rows.length ? number(rows.length) : '');

            alarm.show(locks.circles, known);
            picture.show(locks, known);
            quiet.hidden = locks.held.length + locks.waiting.length > 0;
            setText(counts.held, cut(locks.held));
            setText(counts.waiting, cut(locks.waiting));
            held.show([...locks.held].sort((a, b) => b.waiting - a.waiting || b.held_s - a.held_s)
                .slice(0, ROWS).map(named), 'No lock is held.');
            waiting.show([...locks.waiting].sort((a, b) => b.waits_s - a.waits_s)
                .slice(0, ROWS).map(named), 'Nobody waits for a lock, a semaphore or a Condition.');
        },
    };
}

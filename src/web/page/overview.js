// SPDX-License-Identifier: MIT
// How the manager is, at a glance.
import { element, section, setAttribute, setText } from './dom.js';
import { get } from './api.js';
import { Chart } from './chart.js';
import { Deaths } from './deaths.js';
import { Alarm, askLocks } from './locks.js';
import { BUSY_COLUMNS, rates, timeOf } from './objects.js';
import { Picture } from './picture.js';
import { Table } from './table.js';
import { bytes, counted, latency, number, rate, shortLatency, shortNumber } from './text.js';

const newest = (values) => values.findLast((value) => value !== null) ?? null;

const FIGURES = [
    { name: 'Calls a second', show: (info, history) => rate(history.calls.at(-1)) },
    { name: 'Latency, 99 %', show: (info, history) => latency(newest(history.p99)) },
    {
        name: 'Clients', href: '#/clients', show: (info) => number(info.connections),
        more: (info) => `${counted(info.processes, 'process', 'processes')} here`,
    },
    { name: 'Objects', href: '#/objects', show: (info) => number(info.objects_alive) },
    {
        name: 'Waiting calls', href: '#/locks', show: (info) => number(info.waiting),
        tone: (info) => (info.waiting ? 'waited' : null),
    },
    {
        name: 'Memory', show: (info) => bytes(info.memory.used),
        more: (info) => (info.memory.limit ? `of ${bytes(info.memory.limit)}` : 'no limit'),
    },
    { name: 'Owner deaths', href: '#/deaths', show: (info) => number(info.owner_deaths) },
];

class Figure {
    #what;
    #value;
    #more = element('dd', { class: 'more' });

    constructor(what) {
        this.#what = what;
        this.#value = what.href ? element('a', { href: what.href }) : element('span');
        this.node = element('div', {}, element('dt', {}, what.name),
            element('dd', { class: 'value' }, this.#value), this.#more);
    }

    show(info, history) {
        setText(this.#value, this.#what.show(info, history));
        setAttribute(this.#value, 'class', this.#what.tone?.(info));
        setText(this.#more, this.#what.more?.(info) ?? '');
    }
}

export function overviewView() {
    const figures = FIGURES.map((what) => new Figure(what));
    const calls = new Chart('Calls a second',
        [{ name: 'calls', key: 'calls', kind: 'one' }], rate, shortNumber);
    const times = new Chart('Latency of calls',
        [{ name: '99 %', key: 'p99', kind: 'two' },
            { name: 'median', key: 'p50', kind: 'one' }],
        latency, shortLatency);
    const busy = new Table('The objects that were called most', BUSY_COLUMNS, (row) => row.ident);
    const alarm = new Alarm();
    const picture = new Picture();
    const quiet = element('p', { class: 'empty', hidden: true }, 'Nobody waits for a lock.');
    const deaths = new Deaths(8);

    const all = (href, text) => element('a', { class: 'all', href }, text);
    const node = element('div', { class: 'overview' }, alarm.node,
        element('dl', { class: 'figures panel', 'aria-label': 'The manager now' },
            ...figures.map((f) => f.node)),
        element('div', { class: 'pair panel' }, calls.node, times.node),
        element('div', { class: 'pair' },
            section('Busiest objects', {}, all('#/objects', 'All objects'), busy.node),
            section('Last owner deaths', {}, all('#/deaths', 'All'), deaths.node)),
        section('Who holds and who waits', {}, all('#/locks', 'All locks'),
            element('div', { class: 'panel' }, picture.node, quiet)));

    return {
        title: 'Overview',
        node,
        async update(signal, info) {
            const [history, objects, { locks, names }] = await Promise.all([
                get('history', {}, signal),
                get('objects', { sort: 'calls', order: 'desc', limit: 8 }, signal),
                askLocks(signal), deaths.update(signal)]);

            rates.note(objects.rows, timeOf(objects));
            figures.forEach((figure) => figure.show(info, history));
            calls.show(history);
            times.show(history);
            busy.show(objects.rows, 'There are no objects yet.');
            alarm.show(locks.circles, names);
            picture.show(locks, names);
            quiet.hidden = locks.held.length + locks.waiting.length > 0;
        },
    };
}

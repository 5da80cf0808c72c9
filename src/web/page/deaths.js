// SPDX-License-Identifier: MIT
// The last owners that died while they held something.
import { element, objectHref, section } from './dom.js';
import { get, Refused } from './api.js';
import { Table } from './table.js';
import { moment, UNKNOWN } from './text.js';

const COLUMNS = [
    { title: 'At', kind: 'figure time', show: (row) => moment(row.at) },
    { title: 'Process', show: (row) => row.process ?? UNKNOWN },
    { title: 'PID', kind: 'figure', show: (row) => (row.pid ? String(row.pid) : UNKNOWN) },
    { title: 'Host', kind: 'mono', minor: true, show: (row) => row.host ?? UNKNOWN },
    {
        title: 'Held', kind: 'mono', show: (row) => row.object.name ?? row.object.ident,
        href: (row) => objectHref(row.object.ident), hint: (row) => row.object.ident,
    },
    { title: 'Type', show: (row) => row.object.type },
    { title: 'It was', show: (row) => (row.kept ? 'kept' : 'released') },
];

export class Deaths {
    #table = new Table('The last owner deaths', COLUMNS,
        (row) => `${row.at} ${row.client ?? row.pid} ${row.object.ident}`);

    constructor(most) {
        this.most = most;
        this.node = this.#table.node;
    }

    async update(signal) {
        try {
            const rows = await get('deaths', {}, signal);
            this.#table.show(rows.slice(0, this.most), 'No owner of a lock has died.');
        } catch (error) {
            if (!(error instanceof Refused)) {
                throw error;
            }
            this.#table.show([], `Not told: ${error.message}.`);
        }
    }
}

export function deathsView() {
    const deaths = new Deaths(1000);

    return {
        title: 'Owner deaths',
        node: element('div', {}, section('Owner deaths', {},
            element('p', { class: 'lead' }, 'Processes and connections that ended while they held a ',
                'lock, the newest first. What was released went to the next that waited; what was kept is ',
                'locked until somebody releases it.'),
            deaths.node)),
        update: (signal) => deaths.update(signal),
    };
}

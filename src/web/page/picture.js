// SPDX-License-Identifier: MIT
// The graph of who holds and who waits, drawn. Columns of boxes: who holds is on the left, beside it
// the locks that it holds, then who waits for them, and so on; arrows lead from who waits to what it
// waits for, and from a lock to its holder. A deadlock is a ring of red boxes.
import { clientHref, drawn, element, keepingFocus, objectHref, setText } from './dom.js';
import { clientWords, cut, number, span } from './text.js';
import { partsOf } from './waits.js';

const WIDTH = 172;
const HEIGHT = 42;
const ACROSS = WIDTH + 52;
const DOWN = HEIGHT + 12;
const RING_DOWN = HEIGHT + 34;
const MARGIN = 10;
const TITLE = 17; // letters that fit
const MINI = 24;

/** How many rows and columns what hangs on a node takes. */
function extent(node) {
    const below = node.hanging.map(extent);

    return {
        rows: Math.max(1, below.reduce((n, e) => n + e.rows, 0)),
        columns: below.reduce((n, e) => Math.max(n, 1 + e.columns), 0),
    };
}

/** Gives what hangs on a node its places, on one side of it. */
function placeHanging(node, side, top) {
    const { rows } = extent(node);
    let y = top - Math.max(0, (rows - 1) * DOWN) / 2;

    for (const other of node.hanging) {
        const own = extent(other).rows;
        other.x = node.x + side * ACROSS;
        other.y = y + (own - 1) * DOWN / 2;
        placeHanging(other, side, other.y);
        y += own * DOWN;
    }
}

/** A tree: its root on the left. Returns where the next part starts. */
function placeTree(root, top) {
    root.x = MARGIN;
    root.y = top + (extent(root).rows - 1) * DOWN / 2;
    placeHanging(root, 1, root.y);
    return top + extent(root).rows * DOWN;
}

/** A ring: down on the right, up on the left; what hangs on it is beside it. */
function placeRing(circle, top) {
    const half = circle.length / 2;
    const right = circle.slice(0, half);
    const left = circle.slice(half).reverse();
    const x = MARGIN + Math.max(...left.map((node) => extent(node).columns)) * ACROSS;
    let y = top;

    right.forEach((node, n) => {
        const rows = Math.max(extent(node).rows, extent(left[n]).rows);
        const middle = y + (rows - 1) * DOWN / 2;
        Object.assign(left[n], { x, y: middle });
        Object.assign(node, { x: x + ACROSS, y: middle });
        placeHanging(left[n], -1, middle);
        placeHanging(node, 1, middle);
        y += (rows - 1) * DOWN + RING_DOWN;
    });
    return y - RING_DOWN + DOWN;
}

function everyNode(part) {
    const nodes = [];
    const walk = (node) => {
        nodes.push(node);
        node.hanging.forEach(walk);
    };

    (part.root ? [part.root] : part.circle).forEach(walk);
    return nodes;
}

/** From the middle of a side to the middle of a side. */
function wayBetween(from, to, isPair) {
    const middle = (node) => ({ x: node.x + WIDTH / 2, y: node.y + HEIGHT / 2 });
    const [a, b] = [middle(from), middle(to)];

    if (a.x === b.x) {
        const down = Math.sign(b.y - a.y);
        return `M${a.x},${a.y + down * HEIGHT / 2}V${b.y - down * (HEIGHT / 2 + 2)}`;
    }
    const across = Math.sign(b.x - a.x);
    const shift = isPair ? across * -9 : 0; // Two that wait for each other alone: two arrows.
    const [x1, x2] = [a.x + across * WIDTH / 2, b.x - across * (WIDTH / 2 + 2)];
    const bend = (x1 + x2) / 2;
    return `M${x1},${a.y + shift}C${bend},${a.y + shift} ${bend},${b.y + shift} ${x2},${b.y + shift}`;
}

function words(node, names) {
    if (node.kind === 'more') {
        const what = node.of === 'lock' ? 'more wait' : 'more locks held';
        return { title: `+ ${number(node.left)} ${what}`, mini: '', hint: 'The tables have them' };
    }
    if (node.kind === 'lock') {
        const { ident, type } = node.row;
        const name = names.get(ident);
        return {
            title: name ?? type,
            mini: name ? `${type} ${ident}` : ident,
            hint: `${type} ${ident}${name ? `, registered as ${name}` : ''}`,
            href: objectHref(ident),
        };
    }
    const { row } = node;
    const gone = row.gone ? 'gone' : null;
    const who = [`client ${row.client}`, gone ?? (row.pid ? `pid ${row.pid}` : row.host)];
    return {
        title: row.process ?? `client ${row.client}`,
        mini: who.filter((part) => part && part !== row.process).join(' · '),
        hint: clientWords(row) + (gone ? ', whose connection has ended' : ''),
        href: clientHref(row.client),
    };
}

/** How long it is held, or waits. */
function timeOf(node) {
    const s = node.kind === 'lock' ? node.held?.held_s : node.wait?.waits_s;

    return s === undefined || s === null ? '' : span(s);
}

function box(node, names, isStuck) {
    const { title, mini, hint, href } = words(node, names);
    const time = drawn('text', { class: 'time', x: WIDTH - 10, y: 17, 'text-anchor': 'end' },
        timeOf(node));
    const shape = [drawn('title', {}, hint),
        drawn('rect', { width: WIDTH, height: HEIGHT, rx: node.kind === 'client' ? 8 : 2 }),
        drawn('text', { class: 'name', x: 10, y: mini ? 17 : 26 }, cut(title, TITLE)), time,
        drawn('text', { class: 'mini', x: 10, y: 33 }, cut(mini, MINI))];
    const attributes = {
        class: `box ${node.kind}${isStuck ? ' stuck' : ''}`, 'data-key': node.key,
        transform: `translate(${node.x},${node.y})`,
    };

    node.time = time;
    return href ? drawn('a', { ...attributes, href }, ...shape) : drawn('g', attributes, ...shape);
}

function arrow(node, isStuck, isPair) {
    const waits = node.kind !== 'lock' && (node.kind !== 'more' || node.of === 'lock');

    return drawn('path', {
        class: `way ${waits ? 'waits' : 'holds'}${isStuck ? ' stuck' : ''}`,
        d: wayBetween(node, node.next, isPair),
        'marker-end': `url(#${isStuck ? 'stuck-tip' : 'tip'})`,
    });
}

function tip(id) {
    return drawn('marker', {
        id, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 8, markerHeight: 8,
        orient: 'auto', markerUnits: 'userSpaceOnUse',
    }, drawn('path', { d: 'M0,0.5L8,4L0,7.5Z' }));
}

export class Picture {
    #svg = drawn('svg', { class: 'waits', role: 'group', 'aria-label': 'Who holds and who waits' });
    #rest = element('p', { class: 'rest' });
    #shape = null;
    #nodes = new Map();

    constructor() {
        const sample = (kind, text) => element('span', { class: 'key' },
            drawn('svg', { class: 'sample', width: 34, height: 10, 'aria-hidden': 'true' },
                drawn('path', { class: `way ${kind}`, d: 'M0,5H26', 'marker-end': 'url(#tip)' })),
            text);
        this.node = element('div', { class: 'picture' },
            element('div', { class: 'scroll' }, this.#svg),
            element('p', { class: 'keys' }, sample('waits', 'waits for'), sample('holds', 'held by'),
                this.#rest));
    }

    /** locks: what /api/locks has; names: ident to the registered name. */
    show(locks, names) {
        const { parts, left } = partsOf(locks);
        const nodes = parts.flatMap(everyNode);
        const shape = JSON.stringify(nodes.map((node) => [node.key, node.next?.key, node.left,
            names.get(node.row?.ident), node.row?.gone]));

        this.node.hidden = nodes.length === 0;
        setText(this.#rest, left ? `${number(left)} more groups are in the tables alone.` : '');
        if (shape === this.#shape) {
            nodes.forEach((node) => setText(this.#nodes.get(node.key).time, timeOf(node)));
            return;
        }
        this.#shape = shape;
        keepingFocus(this.#svg, () => this.#draw(parts, nodes, names));
        this.#nodes = new Map(nodes.map((node) => [node.key, node]));
    }

    #draw(parts, nodes, names) {
        let y = MARGIN;

        for (const part of parts) {
            y = (part.root ? placeTree(part.root, y) : placeRing(part.circle, y)) + 10;
        }
        const stuck = new Set(parts.flatMap((part) => part.circle));
        const isStuck = (node) => stuck.has(node);
        const isPair = (node) => isStuck(node) && node.next.next === node;
        const width = Math.max(0, ...nodes.map((node) => node.x)) + WIDTH + MARGIN;

        this.#svg.setAttribute('width', width);
        this.#svg.setAttribute('height', y);
        this.#svg.replaceChildren(drawn('defs', {}, tip('tip'), tip('stuck-tip')),
            ...nodes.filter((node) => node.next)
                .map((node) => arrow(node, isStuck(node), isPair(node))),
            ...nodes.map((node) => box(node, names, isStuck(node))));
    }
}

/** A deadlock in words, a line for each client of the circle; row: what /api/locks has. */
export function circleLines(circle, names) {
    return circle.map((row, n) => {
        const name = names.get(row.ident);
        const next = circle[(n + 1) % circle.length];
        return {
            key: `${row.client} ${row.ident}`,
            text: `${clientWords(row)} waits for ${row.type} ${row.ident}${name ? ` (${name})` : ''
            }, held by ${clientWords(next)}`,
        };
    });
}

/** When the circle ends by itself, as one waits for a limited time: in so many seconds; or null. */
export function circleEnds(circle) {
    const left = circle.map((row) => row.left_s).filter((s) => typeof s === 'number');

    return left.length ? Math.min(...left) : null;
}

// SPDX-License-Identifier: MIT
// Who waits for whom, as a graph. A client waits for one thing at most, and a lock has one holder at
// most, so that whatever one starts from there is one way on: each part of the graph is a tree, whose
// root waits for nobody, or a circle that trees hang on, a deadlock.

const WAITERS = 6; // that are drawn of one lock
const FREE = 3; // locks that are drawn of one client, of those that nobody waits for
const DEPTH = 12; // columns
const NODES = 160;

/** A node: { key, kind: 'client' | 'lock' | 'more', row, next: node or null, from: [nodes] }. */
class Graph {
    nodes = new Map();

    node(kind, id, row) {
        const key = `${kind} ${id}`;
        let node = this.nodes.get(key);

        if (!node) {
            node = { key, kind, row: {}, next: null, from: [], wait: null };
            this.nodes.set(key, node);
        }
        Object.assign(node.row, row); // One row may tell more than another.
        return node;
    }

    join(node, next) {
        if (!node.next) {
            node.next = next;
            next.from.push(node);
        }
    }
}

function read({ held, waiting }) {
    const graph = new Graph();

    for (const row of held) {
        const lock = graph.node('lock', row.ident, row);
        lock.held = row;
        graph.join(lock, graph.node('client', row.client, row));
    }
    for (const row of [...waiting].sort((a, b) => b.waits_s - a.waits_s)) {
        const lock = graph.node('lock', row.ident, row);
        const client = graph.node('client', row.client, row);
        client.wait = row;
        if (row.held_by && !lock.next) {
            graph.join(lock, graph.node('client', row.held_by, { client: row.held_by }));
        }
        graph.join(client, lock);
    }
    return graph;
}

/** The circles of the graph: from each node one goes on until one comes where one was before. */
function circlesOf(graph) {
    const walks = new Map(); // node: on which walk one came by
    const circles = [];

    for (const start of graph.nodes.values()) {
        let node = start;
        for (; node && !walks.has(node); node = node.next) {
            walks.set(node, start);
        }
        if (node && walks.get(node) === start) {
            const circle = [node];
            for (let at = node.next; at !== node; at = at.next) {
                circle.push(at);
            }
            circles.push(turned(circle));
        }
    }
    return circles;
}

/** A circle that starts with a client, always the same one. */
function turned(circle) {
    const clients = circle.filter((node) => node.kind === 'client');
    const least = clients.reduce((a, b) => (b.row.client < a.row.client ? b : a), clients[0]);
    const at = circle.indexOf(least);

    return [...circle.slice(at), ...circle.slice(0, at)];
}

/** What hangs on a node, cut to what can be looked at. */
function thin(node, stuck, depth = 0) {
    const hanging = node.from.filter((other) => !stuck.has(other));
    const wanted = hanging.filter((other) => other.kind === 'client' || other.from.length);
    const free = hanging.filter((other) => other.kind === 'lock' && !other.from.length);
    const room = depth < DEPTH ? WAITERS : 0;
    const shown = [...wanted.slice(0, room), ...free.slice(0, depth < DEPTH ? FREE : 0)];
    const left = hanging.length - shown.length;

    shown.forEach((other) => thin(other, stuck, depth + 1));
    node.hanging = shown;
    if (left) {
        const key = `more ${node.key}`;
        shown.push({ key, kind: 'more', left, of: node.kind, hanging: [], from: [], next: node });
    }
}

function size(node) {
    return 1 + node.hanging.reduce((n, other) => n + size(other), 0);
}

/**
 * The parts of the graph, deadlocks first, then those where most wait: each
 * { circle: [nodes, or none], root: node or null }. Each node has got `hanging`: what is drawn beside
 * it. `left` is how many parts are not among them, for want of room.
 */
export function partsOf(locks) {
    const graph = read(locks);
    const circles = circlesOf(graph);
    const stuck = new Set(circles.flat());
    const roots = [...graph.nodes.values()].filter((node) => !node.next);
    const busy = (root) => root.from.reduce((n, other) => n + 1 + other.from.length, 0);
    const parts = circles.map((circle) => ({ circle, root: null }));

    roots.sort((a, b) => busy(b) - busy(a));
    parts.push(...roots.map((root) => ({ circle: [], root })));

    let room = NODES;
    const shown = [];
    for (const part of parts) {
        const nodes = part.root ? [part.root] : part.circle;
        if (room <= 0) {
            break;
        }
        nodes.forEach((node) => thin(node, stuck));
        room -= nodes.reduce((n, node) => n + size(node), 0);
        shown.push(part);
    }
    return { parts: shown, left: parts.length - shown.length };
}

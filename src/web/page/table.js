// SPDX-License-Identifier: MIT
// Tables of rows that come anew again and again. A row keeps its element for as long as its key
// comes, so that who works with the keyboard is not thrown out of it.
//
// A column is { title, show(row) } and may have:
//   key       what the server sorts by; without it the column cannot be sorted by
//   kind      a class for its cells: 'figure', 'mono', 'wide', ...
//   href(row) where its text leads, or null
//   press     { label(row), act(row) }: a button
//   hint(row) what is said of the cell when one points at it
//   minor     true: left out where there is little room
import { element, keepingFocus, setAttribute, setText } from './dom.js';

// What a row has that one can go to.
const WORKS = 'a[href], button:not([hidden])';

function headCell(column, sorting, onSort) {
    const kind = cellClass(column);

    if (!column.key || !onSort) {
        return element('th', { scope: 'col', class: kind }, column.title);
    }
    const button = element('button', { type: 'button', class: 'sort', 'data-sort': column.key },
        column.title);
    button.addEventListener('click', () => {
        const again = sorting.sort === column.key;
        const first = column.kind === 'figure' ? 'desc' : 'asc';
        const other = sorting.order === 'asc' ? 'desc' : 'asc';
        onSort(column.key, again ? other : first);
    });
    const sorted = sorting.sort === column.key
        ? (sorting.order === 'asc' ? 'ascending' : 'descending') : null;
    return element('th', { scope: 'col', class: kind, 'aria-sort': sorted }, button);
}

function cellClass(column) {
    return [column.kind, column.minor ? 'minor' : ''].filter(Boolean).join(' ') || null;
}

/** The first focusable thing of the row above or below. */
function moveBetweenRows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest('tbody tr');

    if (!step || !row || event.altKey || event.ctrlKey || event.metaKey) {
        return;
    }
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    const at = event.target.closest('td').cellIndex;
    const goal = next?.cells[at]?.querySelector(WORKS) ?? next?.querySelector(WORKS);
    if (goal) {
        event.preventDefault();
        goal.focus();
    }
}

export class Table {
    #columns;
    #keyOf;
    #body = element('tbody');
    #empty;
    #rows = new Map(); // key: { row, data }

    /**
     * @param caption  what it is, for who does not see it
     * @param columns  as above
     * @param keyOf    row: its key
     * @param options  sorting: { sort, order } and onSort(key, order): by the server;
     *                 tone(row): a class for the row
     */
    constructor(caption, columns, keyOf, options = {}) {
        this.#columns = columns;
        this.#keyOf = keyOf;
        this.tone = options.tone ?? (() => null);
        const heads = columns.map((column) =>
            headCell(column, options.sorting ?? {}, options.onSort));
        this.#empty = element('p', { class: 'empty', hidden: true });
        this.node = element('div', { class: 'table', tabindex: '-1' },
            element('table', {},
                element('caption', { class: 'hidden' }, caption),
                element('thead', {}, element('tr', {}, ...heads)),
                this.#body),
            this.#empty);
        this.#body.addEventListener('keydown', moveBetweenRows);
    }

    /** Show these rows; if there are none, these words. */
    show(rows, whenEmpty) {
        keepingFocus(this.#body, () => this.#place(rows));
        this.#empty.hidden = rows.length > 0;
        setText(this.#empty, rows.length ? '' : whenEmpty);
    }

    #place(rows) {
        const seen = new Map();

        for (const data of rows) {
            const key = String(this.#keyOf(data));
            const entry = this.#rows.get(key) ?? this.#make(key);
            entry.data = data;
            this.#fill(entry);
            seen.set(key, entry);
        }
        for (const [key, entry] of this.#rows) {
            if (!seen.has(key)) {
                entry.row.remove();
            }
        }
        let at = this.#body.firstElementChild;
        for (const { row } of seen.values()) {
            if (row === at) {
                at = at.nextElementSibling;
            } else {
                this.#body.insertBefore(row, at);
            }
        }
        this.#rows = seen;
    }

    #make(key) {
        const entry = { row: element('tr'), data: null };

        this.#columns.forEach((column, n) => {
            const cell = element('td', { class: cellClass(column) });
            const id = `${key} ${n}`;
            if (column.press) {
                const button = element('button', { type: 'button', 'data-key': id });
                button.addEventListener('click', () => column.press.act(entry.data));
                cell.append(button);
            } else if (column.href) {
                cell.append(element('a', { 'data-key': id }));
            }
            entry.row.append(cell);
        });
        return entry;
    }

    #fill({ row, data }) {
        setAttribute(row, 'class', this.tone(data));
        this.#columns.forEach((column, n) => {
            const cell = row.cells[n];
            const inner = cell.firstElementChild ?? cell;
            if (column.press) {
                const label = column.press.label(data);
                inner.hidden = label === null;
                setText(inner, label ?? '');
                setAttribute(inner, 'aria-label', column.hint?.(data));
                return;
            }
            setText(inner, column.show(data));
            setAttribute(cell, 'title', column.hint?.(data));
            if (column.href) {
                setAttribute(inner, 'href', column.href(data));
            }
        });
    }
}

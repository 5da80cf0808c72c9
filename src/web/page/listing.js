// SPDX-License-Identifier: MIT
// A table of which the server has more than are shown: it searches, sorts and cuts the page out.
// What is asked for stands in the address, so that it can be kept, sent and gone back to.
import { element, setText, tell } from './dom.js';
import { get } from './api.js';
import { Table } from './table.js';
import { counted, number } from './text.js';

const PAGE = 50; // rows
const TYPING_MS = 200;

export class Listing {
    #what;
    #path;
    #asked;
    #go;
    #count = element('span', { class: 'count' });
    #buttons;
    #offset;
    #matching = 0;

    /**
     * @param what    { one, many, path, columns, keyOf, sort, order, placeholder, empty }
     * @param params  what the address asks for: search, sort, order, offset
     * @param go      (params, replace): to another address of this view
     */
    constructor(what, params, go) {
        this.#what = what;
        this.#path = what.path;
        this.#go = go;
        this.#asked = {
            search: params.get('search') ?? '',
            sort: params.get('sort') ?? what.sort,
            order: params.get('order') ?? what.order,
        };
        this.#offset = Math.max(0, Number.parseInt(params.get('offset'), 10) || 0);
        this.table = new Table(what.many, what.columns, what.keyOf, {
            sorting: this.#asked,
            onSort: (sort, order) => this.#ask({ sort, order, offset: 0 }),
            tone: what.tone,
        });
        this.node = element('div', { class: 'listing' }, this.#bar(), this.table.node);
    }

    #ask(changes, replace = false) {
        const asked = { ...this.#asked, offset: this.#offset, ...changes };
        const standard = { search: '', sort: this.#what.sort, order: this.#what.order, offset: 0 };
        const differs = Object.entries(asked).filter(([key, value]) => value !== standard[key]);

        this.#go(new URLSearchParams(differs), replace);
    }

    #bar() {
        const { many, placeholder } = this.#what;
        const search = element('input', {
            type: 'search', id: 'search', value: this.#asked.search, placeholder,
            'aria-label': `Search ${many}`, autocomplete: 'off', spellcheck: 'false',
            maxlength: 200, 'data-key': 'search',
        });
        let timer;
        search.addEventListener('input', () => {
            clearTimeout(timer);
            timer = setTimeout(() => {
                this.#asked.search = search.value.trim();
                this.#offset = 0;
                this.#ask({}, true);
                this.onAsked?.();
            }, TYPING_MS);
        });
        const button = (text, label, offset) => {
            const node = element('button', { type: 'button', 'aria-label': label }, text);
            node.addEventListener('click', () => {
                if (node.getAttribute('aria-disabled') !== 'true') {
                    this.#turn(offset());
                }
            });
            return node;
        };
        this.#buttons = {
            first: button('«', 'First page', () => 0),
            back: button('‹', 'Previous page', () => Math.max(0, this.#offset - PAGE)),
            on: button('›', 'Next page', () => this.#offset + PAGE),
            last: button('»', 'Last page', () => this.#lastOffset()),
        };
        return element('div', { class: 'bar' }, search,
            element('div', { class: 'pages' }, this.#count, ...Object.values(this.#buttons)));
    }

    #lastOffset() {
        return Math.max(0, Math.ceil(this.#matching / PAGE) - 1) * PAGE;
    }

    #turn(offset) {
        this.#offset = offset;
        this.#ask({}, true);
        this.onAsked?.();
    }

    /** Ask once. prepare(answer): before it is shown. */
    async update(signal, prepare = () => {}) {
        const asked = { ...this.#asked, offset: this.#offset, limit: PAGE };
        const answer = await get(this.#path, asked, signal);

        if (asked.search !== this.#asked.search || asked.offset !== this.#offset) {
            return; // Something else is wanted meanwhile.
        }
        this.#matching = answer.matching;
        if (this.#offset && this.#offset >= answer.matching) {
            this.#turn(this.#lastOffset()); // The end has come nearer.
        }
        prepare(answer);
        this.table.show(answer.rows, this.#whenEmpty(answer));
        this.#showPlace(answer);
    }

    #whenEmpty(answer) {
        return answer.total ? `None of ${counted(answer.total, this.#what.one, this.#what.many)
            } matches “${this.#asked.search}”.` : this.#what.empty;
    }

    #showPlace({ rows, matching, total }) {
        const { first, back, on, last } = this.#buttons;
        const end = this.#offset + rows.length;
        const range = rows.length ? `${number(this.#offset + 1)}–${number(end)} of ` : '';
        const all = matching === total ? '' : ` matching, ${number(total)} in all`;
        const before = this.#count.textContent;

        setText(this.#count, `${range}${number(matching)}${all}`);
        if (this.#asked.search && before !== this.#count.textContent) {
            tell(`${counted(matching, this.#what.one, this.#what.many)} found`);
        }
        // A button that is disabled would lose the focus.
        for (const [button, idle] of [[first, this.#offset === 0], [back, this.#offset === 0],
            [on, end >= matching], [last, end >= matching]]) {
            button.setAttribute('aria-disabled', String(idle));
        }
    }
}

// SPDX-License-Identifier: MIT
// A line chart over the last minutes. What is known is drawn; where nothing is, the line has a gap.
// One reads a moment of it with the mouse or, when it has the focus, with the arrow keys.
import { drawn, element, setText, tell } from './dom.js';
import { moment } from './text.js';

const HEIGHT = 148;
const LEFT = 52;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 22;
const STEPS = 3;
const LEAST = 60; // samples that there is room for

/** The least 1, 2 or 5 times a power of ten, thrice, that is not below. 0: there is nothing to show. */
function niceTop(n) {
    if (!(n > 0)) {
        return 0;
    }
    const step = n / STEPS;
    const power = 10 ** Math.floor(Math.log10(step));

    return STEPS * power * [1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9));
}

const isKnown = (n) => typeof n === 'number' && Number.isFinite(n);

export class Chart {
    #lines;
    #format;
    #axis;
    #svg;
    #readings;
    #when = element('span', { class: 'when' });
    #data = null;
    #width = 0;
    #at = null; // which sample is read; null: the newest

    /**
     * @param title   its heading
     * @param lines   [{ name, key, kind }]: what is drawn; kind is a class
     * @param format  a figure in words; `axis` the same for the axis
     */
    constructor(title, lines, format, axis = format) {
        this.#lines = lines;
        this.#format = format;
        this.#axis = axis;
        this.#svg = drawn('svg', { class: 'plot', tabindex: 0, role: 'img', height: HEIGHT });
        this.#readings = lines.map(({ name, kind }) => {
            const value = element('b', {}, '–');
            return {
                value,
                node: element('span', { class: `reading ${kind}` },
                    lines.length > 1 ? `${name} ` : '', value),
            };
        });
        this.title = title;
        this.node = element('figure', { class: 'chart' },
            element('figcaption', {}, element('span', { class: 'title' }, title), this.#when,
                element('span', { class: 'readings' }, ...this.#readings.map((r) => r.node))),
            this.#svg);
        this.#listen();
    }

    #listen() {
        new ResizeObserver(([entry]) => {
            this.#width = Math.floor(entry.contentRect.width);
            this.#draw();
        }).observe(this.node);
        this.#svg.addEventListener('pointermove', (event) => {
            const x = event.clientX - this.#svg.getBoundingClientRect().left;
            const back = (this.#width - RIGHT - x) / this.#plotWidth() * (this.#room() - 1);
            this.#read(this.#samples() - 1 - Math.round(back));
        });
        this.#svg.addEventListener('pointerleave', () => this.#read(null));
        this.#svg.addEventListener('blur', () => this.#read(null));
        this.#svg.addEventListener('keydown', (event) => {
            const last = this.#samples() - 1;
            const at = this.#at ?? last;
            const goal = {
                ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 30, PageDown: at + 30,
                Home: 0, End: last, Escape: null,
            };
            if (event.key in goal) {
                event.preventDefault();
                this.#read(goal[event.key]);
                tell(this.#svg.getAttribute('aria-label'));
            }
        });
    }

    #plotWidth() {
        return Math.max(1, this.#width - LEFT - RIGHT);
    }

    #samples() {
        return this.#data ? this.#data[this.#lines[0].key].length : 0;
    }

    /** How many samples the chart is wide: they come in from the right. */
    #room() {
        return Math.max(LEAST, this.#samples());
    }

    #read(at) {
        this.#at = at === null || !this.#samples() ? null
            : Math.min(Math.max(at, 0), this.#samples() - 1);
        this.#draw();
    }

    /** history: { step, now, KEY: [oldest, ..., newest] }; null is not known. */
    show(history) {
        this.#data = history;
        this.#draw();
    }

    #draw() {
        if (!this.#data || this.#width <= LEFT + RIGHT) {
            return;
        }
        const all = this.#lines.flatMap(({ key }) => this.#data[key]).filter(isKnown);
        const top = niceTop(all.reduce((a, b) => Math.max(a, b), 0));
        const last = this.#samples() - 1;
        const x = (n) => this.#width - RIGHT - (last - n) / (this.#room() - 1) * this.#plotWidth();
        const y = (v) => TOP + (1 - (top && v / top)) * (HEIGHT - TOP - BOTTOM);

        this.#svg.setAttribute('width', this.#width);
        this.#svg.replaceChildren(...this.#grid(top, y), ...this.#times(x),
            ...this.#lines.flatMap((line) => this.#line(line, x, y)), ...this.#cursor(x, y));
        this.#tellReading();
    }

    #grid(top, y) {
        return Array.from({ length: top ? STEPS + 1 : 1 }, (_, n) => {
            const value = top * n / STEPS;
            const at = Math.round(y(value)) + 0.5;
            return drawn('g', { class: n ? 'grid' : 'grid base' },
                drawn('line', { x1: LEFT, x2: this.#width - RIGHT, y1: at, y2: at }),
                drawn('text', { x: LEFT - 8, y: at + 3.5, 'text-anchor': 'end' },
                    value ? this.#axis(value) : '0'));
        });
    }

    /** The minutes. */
    #times(x) {
        const last = this.#samples() - 1;
        const minutes = Math.floor(this.#room() * this.#data.step / 60);
        const every = Math.max(1, Math.ceil(minutes / Math.max(1, this.#plotWidth() / 80)));
        const marks = [];

        for (let minute = 0; minute <= minutes; minute += every) {
            const at = x(last - minute * 60 / this.#data.step);
            const anchor = minute === 0 ? 'end' : at < LEFT + 20 ? 'start' : 'middle';
            marks.push(drawn('text', { class: 'time', x: at, y: HEIGHT - 6, 'text-anchor': anchor },
                minute ? `−${minute} min` : 'now'));
        }
        return marks;
    }

    #line({ key, kind }, x, y) {
        const values = this.#data[key];
        const spans = [];
        let open = null;

        values.forEach((value, n) => {
            if (!isKnown(value)) {
                open = null;
                return;
            }
            if (!open) {
                spans.push(open = []);
            }
            open.push(`${x(n).toFixed(1)},${y(value).toFixed(1)}`);
        });
        const lines = spans.map((points) => `M${points.join('L')}${points.length > 1 ? '' : 'h.1'}`);
        const areas = spans.filter((points) => points.length > 1).map((points) => {
            const [from, to] = [points[0], points[points.length - 1]].map((p) => p.split(',')[0]);
            return `M${from},${y(0)}L${points.join('L')}L${to},${y(0)}Z`;
        });
        return [drawn('path', { class: `area ${kind}`, d: areas.join('') || 'M0,0' }),
            drawn('path', { class: `line ${kind}`, d: lines.join('') || 'M0,0' })];
    }

    #cursor(x, y) {
        if (this.#at === null) {
            return [];
        }
        const at = x(this.#at);
        const dots = this.#lines.filter(({ key }) => isKnown(this.#data[key][this.#at]))
            .map(({ key, kind }) => drawn('circle',
                { class: `dot ${kind}`, cx: at, cy: y(this.#data[key][this.#at]), r: 3 }));

        return [drawn('line', { class: 'cursor', x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }),
            ...dots];
    }

    /** The figures of the moment that is read, above the chart and for who does not see it. */
    #tellReading() {
        const n = this.#at ?? this.#samples() - 1;
        const back = (this.#samples() - 1 - n) * this.#data.step;
        const words = this.#lines.map(({ name, key }, i) => {
            const text = this.#format(this.#data[key][n] ?? null);
            setText(this.#readings[i].value, text);
            return `${name} ${text}`;
        });
        const when = this.#at === null ? '' : moment(this.#data.now - back);

        setText(this.#when, when);
        this.#svg.setAttribute('aria-label', `${this.title}, ${when || 'now'}: ${words.join(', ')}`);
    }
}

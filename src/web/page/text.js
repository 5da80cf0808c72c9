// SPDX-License-Identifier: MIT
// Figures as people read them. What is not known is a dash.

export const UNKNOWN = '–';

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const known = (n) => typeof n === 'number' && Number.isFinite(n);

export function number(n) {
    return known(n) ? grouped.format(n) : UNKNOWN;
}

/** For axes: 12K, 1.5M. */
export function shortNumber(n) {
    return short.format(n);
}

/** A number a second: small ones with a digit behind the point. */
export function rate(n) {
    if (!known(n)) {
        return UNKNOWN;
    }
    return n > 0 && n < 9.95 ? n.toFixed(1) : grouped.format(n);
}

export function bytes(n) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;

    if (!known(n)) {
        return UNKNOWN;
    }
    for (; n >= 1024 && unit < units.length - 1; unit++) {
        n /= 1024;
    }
    return `${unit && n < 99.95 ? n.toFixed(1) : grouped.format(n)} ${units[unit]}`;
}

/** Three digits, as a measure has them. */
function digits(n) {
    return n >= 99.95 ? n.toFixed(0) : n >= 9.995 ? n.toFixed(1) : n.toFixed(2);
}

/** How long a call took, in seconds. */
export function latency(s) {
    if (!known(s)) {
        return UNKNOWN;
    }
    if (s === 0) {
        return '0';
    }
    return s < 1e-3 ? `${digits(s * 1e6)} µs` : s < 1 ? `${digits(s * 1e3)} ms` : `${digits(s)} s`;
}

/** The same for axes, without digits that say nothing. */
export function shortLatency(s) {
    return latency(s).replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ');
}

/** How long something has gone on, in seconds. */
export function span(s) {
    const two = (n) => String(Math.floor(n)).padStart(2, '0');

    if (!known(s)) {
        return UNKNOWN;
    }
    if (s < 60) {
        return `${s < 9.95 ? s.toFixed(1) : Math.floor(s)} s`;
    }
    if (s < 3600) {
        return `${Math.floor(s / 60)}:${two(s % 60)} min`;
    }
    if (s < 86400) {
        return `${Math.floor(s / 3600)}:${two((s % 3600) / 60)} h`;
    }
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** A moment, in Unix seconds, as the clock here shows it; with the day when it is not today. */
export function moment(at, now = new Date()) {
    const then = new Date(at * 1000);
    const time = then.toLocaleTimeString('en-GB');

    if (!known(at)) {
        return UNKNOWN;
    }
    return then.toDateString() === now.toDateString()
        ? time : `${then.toLocaleDateString('en-CA')} ${time}`;
}

export function cut(text, most) {
    const letters = Array.from(text);

    return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}

/** '1 client', '2 clients'. */
export function counted(n, one, many = `${one}s`) {
    return `${number(n)} ${n === 1 ? one : many}`;
}

/** A client in a sentence, as syncmanagerctl names it. */
export function clientWords(row) {
    const parts = [row.pid ? `process ${row.pid}` : '', row.process ?? '',
        row.host && row.host !== 'local' ? `at ${row.host}` : ''].filter(Boolean);

    return `client ${row.client}${parts.length ? ` (${parts.join(' ')})` : ''}`;
}

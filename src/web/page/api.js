// SPDX-License-Identifier: MIT
// What the manager tells. Each failure is one of three: the session is over, the manager does not
// answer, or it has refused this one question.

const PATIENCE_MS = 10000;

export class SessionOver extends Error {}
export class NoAnswer extends Error {}
export class Refused extends Error {}

async function words(response) {
    try {
        return String((await response.json()).error);
    } catch {
        return `status ${response.status}`;
    }
}

async function ask(method, path, signal) {
    let response;

    try {
        response = await fetch(path, {
            method,
            cache: 'no-store',
            credentials: 'same-origin',
            redirect: 'error',
            signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        });
        if (response.ok) {
            return await response.json();
        }
    } catch {
        signal.throwIfAborted();
        throw new NoAnswer('no answer');
    }
    if (response.status === 401) {
        throw new SessionOver();
    }
    const said = await words(response);
    if (response.status >= 500) {
        throw new NoAnswer(said);
    }
    throw new Refused(said);
}

/** The answer to GET /api/..., with what is asked for; what is '' or null is left out. */
export function get(path, query, signal) {
    const asked = Object.entries(query).filter(([, value]) => value !== '' && value !== null);
    const text = new URLSearchParams(asked).toString();

    return ask('GET', `api/${path}${text ? `?${text}` : ''}`, signal);
}

export function post(path, signal) {
    return ask('POST', `api/${path}`, signal);
}

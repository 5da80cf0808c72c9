// SPDX-License-Identifier: MIT
// Elements. Text goes in as text nodes and attributes alone, so that nothing that a client has
// named or stored is ever read as markup. What has not changed is not touched: the focus, what is
// selected and what a screen reader reads stay where they are.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === true) {
            node.setAttribute(name, '');
        } else if (value !== null && value !== undefined && value !== false) {
            node.setAttribute(name, value);
        }
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}

export function element(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

export function drawn(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function setText(node, text) {
    if (node.textContent !== text) {
        node.textContent = text;
    }
}

export function setAttribute(node, name, value) {
    if (value === null || value === undefined) {
        node.removeAttribute(name);
    } else if (node.getAttribute(name) !== String(value)) {
        node.setAttribute(name, value);
    }
}

/** Do something that moves nodes; what had the focus has it afterwards, if it is still there. */
export function keepingFocus(root, change) {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.dataset.key;

    change();
    if (!focused || document.activeElement === focused) {
        return;
    }
    const next = focused.isConnected ? focused
        : [...root.querySelectorAll('[data-key]')].find((node) => node.dataset.key === key);
    next?.focus({ preventScroll: true });
}

/** Say something to who does not see it. */
export function tell(text) {
    setText(document.getElementById('told'), text);
}

/** A part of a view, with its heading. */
export function section(heading, attributes, ...children) {
    const id = `h-${heading.toLowerCase().replace(/[^a-z]+/g, '-')}`;

    return element('section', { 'aria-labelledby': id, ...attributes },
        element('h2', { id }, heading), ...children);
}

export function objectHref(ident) {
    return `#/object/${encodeURIComponent(ident)}`;
}

export function clientHref(client) {
    return `#/clients?client=${encodeURIComponent(client)}`;
}

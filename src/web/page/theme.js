// SPDX-License-Identifier: MIT
// Which theme: the system's, or what was chosen here before. Not a module, as it has to be known
// before anything is drawn.
'use strict';

(() => {
    try {
        const chosen = localStorage.getItem('theme');
        if (chosen === 'light' || chosen === 'dark') {
            document.documentElement.dataset.theme = chosen;
        }
    } catch {
        // Storage is forbidden here: the system's.
    }
})();

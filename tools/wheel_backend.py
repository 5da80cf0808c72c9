# SPDX-License-Identifier: MIT
"""What builds the wheel: meson-python, through a door that all its versions fit through.

From 0.15 on it has to be told that a package is for every CPython: `limited-api` in pyproject.toml.
0.12, which is Debian 12's, sees that by the names of the modules, and refuses a setting that it does
not know; so it is not shown this one.
"""

import mesonpy
from mesonpy import *  # noqa: F401,F403 (the hooks)

if mesonpy.__version__.startswith('0.12.'):
    check = mesonpy.Project._check_for_unknown_config_keys

    def check_the_others(project, known):
        project._config['tool']['meson-python'].pop('limited-api')
        check(project, known)

    mesonpy.Project._check_for_unknown_config_keys = check_the_others

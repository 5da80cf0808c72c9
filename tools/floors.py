#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold every include against the floors: a file knows those under it, and no other.

Looks at src/ and python/src/.
Run at the top of the source tree. Prints what breaks the rule, and fails if anything does.
"""

import pathlib
import re
import sys

# What each folder may include besides itself.
FLOORS = {
    "base": set(),
    "value": {"base"},
    "pickle": {"value", "base"},
    "wire": {"pickle", "value", "base"},
    "object": {"pickle", "value", "base"},
    "net": {"wire", "base"},
    "types": {"object", "pickle", "value", "base"},
    "server": {"types", "net", "object", "wire", "pickle", "value", "base"},
    "client": {"net", "wire", "pickle", "value", "base"},
    "cli": set(),
    "daemon": {"cli"},
    "ctl": {"cli"},
    "python": set(),
    "bench": set(),
}

# The folder that does what a public header declares. Programs may include all of them.
PUBLIC = {
    "syncmanager/base.h": "base",
    "syncmanager/value.h": "value",
    "syncmanager/client.h": "client",
    "syncmanager/server.h": "server",
    "syncmanager/guest.h": "server",
    "syncmanager/own_type.h": "server",
    "syncmanager/types.h": "client",
    "syncmanager.h": None,
}
PROGRAMS = {"cli", "daemon", "ctl", "python", "bench"}

# Where other libraries and sockets may be met. What is not listed may be included anywhere.
FOREIGN = {
    r"Python\.h|structmember\.h": {"python"},
    r"uv\.h|uv/.*": {"net"},
    r"openssl/.*": {"wire", "value", "pickle", "daemon"},
    r"uni(case|conv|ctype|gbrk|lbrk|name|norm|stdio|str|types|wbrk|width)\.h": {"value", "types"},
    r"sys/(socket|un|epoll)\.h|netinet/.*|arpa/.*|netdb\.h": {"net", "daemon", "bench"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def complaint(folder, system, header):
    """Why this folder may not include this header, or None."""
    below = FLOORS[folder] | {folder}
    if header in PUBLIC:
        owner = PUBLIC[header]
        if folder in PROGRAMS or owner in below:
            return None
        return "is of a floor that this one does not know"
    if system:
        for pattern, folders in FOREIGN.items():
            if re.fullmatch(pattern, header) and folder not in folders:
                return f"belongs to {', '.join(sorted(folders))} alone"
        return None
    owner, _, rest = header.partition("/")
    if not rest and folder in PROGRAMS:
        return None  # its own, beside it: programs do not see src/
    if not rest or owner not in FLOORS:
        return "is not named as folder/file.h"
    if owner not in below:
        return "is of a floor that this one does not know"
    return None


def sources():
    """Each file, and the folder that it counts as."""
    for path in sorted(pathlib.Path("src").glob("*/*.[ch]")):
        yield path, path.parent.name
    for path in sorted(pathlib.Path("python/src").glob("*.[ch]")):
        yield path, "python"
    for path in sorted(pathlib.Path("bench").glob("*.[ch]")):
        yield path, "bench"


def main():
    bad = 0
    for path, folder in sources():
        if folder not in FLOORS:
            print(f"{path}: {folder} has no floor")
            bad += 1
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            why = complaint(folder, match[1] == "<", match[2])
            if why:
                line = text.count("\n", 0, match.start()) + 1
                print(f"{path}:{line}: {match[2]} {why}")
                bad += 1
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())

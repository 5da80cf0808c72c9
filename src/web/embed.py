#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the files given as C, so that the program has them in itself.

    embed.py OUTPUT FILE...
"""

import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def main():
    output, *names = sys.argv[1:]
    lines = ['#include "web/pages.h"', ""]
    rows = []
    for number, name in enumerate(names):
        file = pathlib.Path(name)
        data = file.read_bytes()
        lines.append("static const unsigned char file_%d[] = {" % number)
        lines += ["".join("%d," % byte for byte in data[at:at + 32]) for at in range(0, len(data), 32)]
        lines += ["0};", ""]
        path = "/" if file.name == "index.html" else "/" + file.name
        rows.append('    {"%s", "%s", file_%d, %d},' % (path, TYPES[file.suffix], number, len(data)))
    lines += ["const struct page_file page_files[] = {", *rows, "    {0},", "};", ""]
    pathlib.Path(output).write_text("\n".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()

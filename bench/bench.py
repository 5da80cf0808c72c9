#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure every case with every peer that is here, and write a table of it.

    bench/bench.py                      all, in less than ten minutes
    bench/bench.py list_get 'dict_*'    some cases; `clients`, `loads`, `growth`, `memory`,
                                        `instructions`
    bench/bench.py --quick              all, in a minute or two: whether everything works

What fails is said in its row, and all else goes on. README.md says how to read the result.
"""

import argparse
import fnmatch
import os
import time

import machine
import report
from cases import CASES, client_cases
from growth import cost_of_growth, grow
from loads import cost_of_loads, measure_loads
from peers import TITLES, Peers
from progress import Progress
from rounds import FULL, QUICK, cost_of, run_case
from targets import TARGETS
from weigh import INSTRUCTIONS_S, MEMORY_S, count_instructions, measure_memory

# What there is beside cases: its name, the seconds that it takes, and how it is measured.
PARTS = [
    ("loads", cost_of_loads, measure_loads),
    ("growth", cost_of_growth, grow),
    ("memory", lambda scale: MEMORY_S, measure_memory),
    ("instructions", lambda scale: INSTRUCTIONS_S, count_instructions),
]


def measure(peers, cases, curve, parts, scale):
    """All of it: the result but for what it was measured on."""
    result = {"failures": {}}
    total = (sum(cost_of(case, peers, scale) for case in cases + curve) +
             sum(cost(scale) for _, cost, _ in parts))
    with Progress(total) as progress:
        result["cases"] = {case.name: run_case(case, peers, scale, progress) for case in cases}
        result["clients"] = {case.name: run_case(case, peers, scale, progress) for case in curve}
        for name, _, run in parts:
            try:
                result[name] = run(peers, scale, progress)
            except OSError as error:
                result["failures"][name] = str(error)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", default="build", help="where the programs are")
    parser.add_argument("--quick", action="store_true", help="see whether everything works")
    parser.add_argument("names", nargs="*", metavar="CASE")
    options = parser.parse_args()
    wanted = lambda name: (not options.names or
                           any(fnmatch.fnmatch(name, pattern) for pattern in options.names))
    cases = [case for case in CASES if wanted(case.name)]
    curve = [case for case in client_cases() if wanted("clients")]
    parts = [part for part in PARTS if wanted(part[0])]
    there = [case.name for case in CASES] + ["clients"] + [part[0] for part in PARTS]
    unknown = [name for name in options.names if not fnmatch.filter(there, name)]
    if unknown:
        parser.error("no case %s: there are %s" % (", ".join(unknown), ", ".join(there)))
    build, began = os.path.abspath(options.build), time.monotonic()
    with Peers(build) as peers:
        about = machine.describe(build, peers.missing)
        result = measure(peers, cases, curve, parts, QUICK if options.quick else FULL)
        result.update(machine=about, missing=peers.missing, titles=TITLES, quick=options.quick)
    result["seconds"] = round(time.monotonic() - began)
    about["load_after"] = os.getloadavg()[0]
    report.write(result, TARGETS, not options.names, os.path.join(options.build, "bench"))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure every case with every peer that is here, and write a table of it.

    bench/bench.py                      all, in less than ten minutes
    bench/bench.py list_get 'dict_*'    some cases; `clients`, `growth`, `memory`, `instructions`

Cases go round by round: all peers of a case in the first round, then all again, each round
beginning with another peer. Ratios are made within a round. README.md says how to read the result.
"""

import argparse
import datetime
import fnmatch
import json
import os
import platform
import subprocess
import sys
import time

import report
from cases import CASES, TARGETS, client_cases
from growth import Crowd, count_instructions, grow, measure_memory
from peers import TITLES, Peers

# Seconds that a sample takes besides what it measures, and that the rest takes: for the progress.
OVERHEAD, REST = 0.35, 110


class Progress:
    """A line on standard error: how far, how long still, what now."""

    def __init__(self, total):
        self.total, self.done, self.begin = total, 0.0, time.monotonic()

    def say(self, what, seconds=0.0):
        self.done += seconds
        share = min(self.done / self.total, 0.99) if self.total else 0
        left = (time.monotonic() - self.begin) * (1 - share) / share if share > 0.02 else self.total
        line = f"[{share:4.0%}] about {left // 60:.0f}:{left % 60:02.0f} left  {what}"
        end = "" if sys.stderr.isatty() else "\n"
        if sys.stderr.isatty() or not seconds:
            print(f"\r\033[K{line}" if not end else line, end=end, file=sys.stderr, flush=True)


def peers_of(case, peers):
    names = []
    for name in case.peers:
        names += sorted(peers.others) if name == "std-*" else [name]
    return [name for name in names if name not in peers.missing]


def run_round(case, names, peers, progress, samples, failures):
    for name in names:
        work, options = case.work_of(name)
        progress.say(f"{case.title}: {name}", case.seconds + OVERHEAD)
        try:
            result = peers.sample(name, work, s=case.seconds, **options)
        except OSError as error:
            failures[name] = str(error)
            continue
        samples[name].append(result)


def run_case(case, peers, progress):
    names = peers_of(case, peers)
    samples, failures = {name: [] for name in names}, {}
    progress.say(case.title)
    for turn in range(case.rounds):
        at = turn % len(names)
        order = [name for name in names[at:] + names[:at] if name not in failures]
        if case.idle:
            with Crowd(peers, peers.start("ours"), case.idle):
                run_round(case, order, peers, progress, samples, failures)
        else:
            run_round(case, order, peers, progress, samples, failures)
    return {"title": case.title, "unit": case.unit, "scale": case.scale,
            "samples": {name: all_ for name, all_ in samples.items() if name not in failures},
            "failures": failures}


def run_cases(cases, peers, progress):
    return {case.name: run_case(case, peers, progress) for case in cases}


def cost_of(cases, peers):
    return sum((case.seconds + OVERHEAD) * case.rounds * len(peers_of(case, peers))
               for case in cases)


def describe_machine():
    with open("/proc/cpuinfo") as cpuinfo:
        models = [line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name")]
    commit = subprocess.run(["git", "-C", os.path.dirname(os.path.abspath(__file__)), "log", "-1",
                             "--format=%h"], capture_output=True, text=True).stdout.strip()
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit,
        "cpu": f"{len(models)} x {models[0] if models else platform.machine()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", default="build", help="where the programs are")
    parser.add_argument("names", nargs="*", metavar="CASE")
    options = parser.parse_args()
    wanted = lambda name: (not options.names or
                           any(fnmatch.fnmatch(name, pattern) for pattern in options.names))
    cases = [case for case in CASES if wanted(case.name)]
    curve = [case for case in client_cases() if wanted("clients")]
    rest = [name for name in ("growth", "memory", "instructions") if wanted(name)]
    if not cases and not curve and not rest:
        parser.error("no such case: " + " ".join(options.names))
    result = {"machine": describe_machine()}
    began = time.monotonic()
    with Peers(os.path.abspath(options.build)) as peers:
        progress = Progress(cost_of(cases + curve, peers) + (REST if "growth" in rest else 0))
        result["cases"] = run_cases(cases, peers, progress)
        result["clients"] = run_cases(curve, peers, progress)
        if "instructions" in rest:
            result["instructions"] = count_instructions(peers, progress.say)
        if "memory" in rest:
            result["memory"] = measure_memory(peers, progress.say)
        if "growth" in rest:
            result["growth"] = grow(peers, progress.say)
        result["missing"] = peers.missing
        result["titles"] = TITLES
    result["seconds"] = round(time.monotonic() - began)
    result["machine"]["load_after"] = os.getloadavg()[0]
    report.write(result, TARGETS, os.path.join(options.build, "bench"))


if __name__ == "__main__":
    main()

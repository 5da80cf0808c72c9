# SPDX-License-Identifier: MIT
"""What a small call takes beside each kind of load: tests/load/stress.py, one load at a time, each
with a server of its own, so that one that fails leaves the others alone.
"""

import json
import os
import subprocess
import sys

from peers import HERE

STRESS = os.path.join(os.path.dirname(HERE), "tests", "load", "stress.py")
SECONDS = 5  # of the loads that have no size
TIMEOUT = 120

# Name, what it is as long as it is not known, seconds that it takes.
LOADS = [
    ("none", "none", 6),
    ("blocked", "calls blocked in acquire", 10),
    ("storm", "1000 connections a second", 6),
    ("pipeline", "pipelining without reading", 5),
    ("large", "a large value", 8),
    ("list", "a long list", 5),
    ("browsers", "1000 slow browsers", 7),
    ("page", "a page of many objects", 20),
]


def cost_of_loads(scale):
    return sum(seconds for _, _, seconds in LOADS) * (1.0 if scale.long else 0.25)


def run_load(peers, name, scale):
    size = ["--long", "--seconds", str(SECONDS)] if scale.long else []
    env = dict(os.environ, SYNCMANAGERD=os.path.join(peers.build, "syncmanagerd"))
    stress = subprocess.Popen([sys.executable, STRESS, "--json", *size, name], env=env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              start_new_session=True)
    try:
        out, err = stress.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(stress.pid, 9)
        stress.communicate()
        raise OSError(f"no result within {TIMEOUT} s") from None
    if stress.returncode != 0:
        raise OSError((err.strip().splitlines() or ["it failed"])[-1])
    if not out.strip():
        raise OSError("the daemon was built without a page")
    return json.loads(out)


def measure_loads(peers, scale, progress):
    """Of each load what stress.py says, or its title and why there is nothing."""
    rows = []
    for name, title, seconds in LOADS:
        progress.step("beside load: " + title, seconds * (1.0 if scale.long else 0.25))
        try:
            rows.append(run_load(peers, name, scale))
        except OSError as error:
            rows.append({"title": title, "failure": str(error)})
    return rows

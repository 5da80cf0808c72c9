# SPDX-License-Identifier: MIT
"""Cases measured round by round: all peers of a case in the first round, then all again, each
round beginning with another peer, so that a slow moment of the machine meets them all alike.
"""

import contextlib
import dataclasses
import os
import signal
import subprocess

from growth import Crowd

OVERHEAD = 0.35  # seconds that a sample takes besides what it measures


@dataclasses.dataclass
class Scale:
    """How much of it all: less takes less time, and says less."""

    rounds: int  # at most
    share: float  # of the time of each sample
    most: int  # of whatever grows
    long: bool  # loads in full size


FULL = Scale(rounds=5, share=1.0, most=10**7, long=True)
QUICK = Scale(rounds=1, share=0.25, most=10**4, long=False)


def peers_of(case, peers):
    names = []
    for name in case.peers:
        names += sorted(peers.others) if name == "std-*" else [name]
    return [name for name in names if name not in peers.missing]


def cost_of(case, peers, scale):
    """Seconds, roughly."""
    samples = min(case.rounds, scale.rounds) * len(peers_of(case, peers))
    return samples * (case.seconds * scale.share + OVERHEAD)


@contextlib.contextmanager
def busy_clients(peers, count):
    """C clients that do nothing but call, until this is left."""
    command = peers.command("c", "list_set", peers.start("ours"), n=count, s=3600)
    clients = subprocess.Popen(command, env=peers.env, start_new_session=True,
                               stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        os.killpg(clients.pid, signal.SIGKILL)
        clients.wait()


def crowd_of(case, peers, scale):
    """What is there beside, throughout."""
    if case.busy:
        return busy_clients(peers, case.busy)
    if not case.idle:
        return contextlib.nullcontext()
    return Crowd(peers, peers.start("ours"), "connections", min(case.idle, scale.most))


def run_round(case, order, peers, scale, progress, samples, failures):
    seconds = case.seconds * scale.share
    for name in order:
        work, options = case.work_of(name)
        progress.step(f"{case.title}: {name}", seconds + OVERHEAD)
        try:
            if case.weighed:
                options["p"] = peers.server_of(name).process.pid
            samples[name].append(peers.sample(name, work, s=seconds, **options))
        except OSError as error:
            failures[name] = str(error)


def run_case(case, peers, scale, progress):
    """The samples of all rounds, by peer; of a peer that failed in one of them, why."""
    names = peers_of(case, peers)
    samples, failures = {name: [] for name in names}, {}
    try:
        with crowd_of(case, peers, scale):
            for turn in range(min(case.rounds, scale.rounds)):
                at = turn % len(names)
                order = [name for name in names[at:] + names[:at] if name not in failures]
                run_round(case, order, peers, scale, progress, samples, failures)
    except OSError as error:  # there is no crowd
        failures = dict.fromkeys(names, str(error))
    return {"title": case.title, "unit": case.unit, "scale": case.scale,
            "samples": {name: all_ for name, all_ in samples.items() if name not in failures},
            "failures": failures}

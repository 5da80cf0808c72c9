# SPDX-License-Identifier: MIT
"""What the figures were made on, and of."""

import datetime
import json
import os
import platform
import subprocess


def say(*command):
    """What a program prints; nothing where it is not, or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def read_field(path, field):
    """The values of all lines `field: value`."""
    with open(path) as file:
        return [line.partition(":")[2].strip() for line in file if line.startswith(field)]


def build_type(build):
    try:
        with open(os.path.join(build, "meson-info", "intro-buildoptions.json")) as file:
            options = {option["name"]: option["value"] for option in json.load(file)}
    except OSError:
        return ""
    return f" (build type {options['buildtype']})"


def versions(build, missing):
    yield say(os.path.join(build, "syncmanagerd"), "--version") + build_type(build)
    yield "CPython " + platform.python_version()
    for name in ("libuv", "hiredis"):
        if version := say("pkg-config", "--modversion", name):
            yield f"{name} {version}"
    if "redis" not in missing:
        words = dict(word.split("=", 1) for word in say("redis-server", "--version").split()
                     if "=" in word)
        yield "Redis " + words.get("v", "")
    yield "C library " + " ".join(platform.libc_ver())


def describe(build, missing):
    models = read_field("/proc/cpuinfo", "model name")
    total = int(read_field("/proc/meminfo", "MemTotal")[0].split()[0])
    here = os.path.dirname(os.path.abspath(__file__))
    return {
        "date": datetime.date.today().isoformat(),
        "commit": say("git", "-C", here, "describe", "--always", "--dirty") or "unknown",
        "cpu": f"{len(models)} x {models[0] if models else platform.machine()}",
        "memory": f"{total / (1 << 20):.0f} GiB",
        "kernel": platform.release(),
        "versions": list(versions(build, missing)),
        "load": os.getloadavg()[0],
    }

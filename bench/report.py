# SPDX-License-Identifier: MIT
"""What was measured, as Markdown, JSON and, where gnuplot is, a plot."""

import json
import os
import shutil
import subprocess

from growth import median

MARK = {True: "yes", False: "**no**"}


def number(value):
    """Three figures."""
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def rates(case, peer):
    return [sample["rate"] * case["scale"] for sample in case["samples"].get(peer, [])]


def ratios(case, peer, to):
    """Of each round in which both were measured."""
    return [a / b for a, b in zip(rates(case, peer), rates(case, to)) if b]


def quickness(case, peer, to):
    """The ratio by the median latency of a call, of each round: what a busy machine moves least."""
    samples = case["samples"]
    return [b["p50_us"] / a["p50_us"] for a, b in zip(samples[peer], samples[to]) if a["p50_us"]]


def spread(values):
    return f"{number(min(values))} to {number(max(values))}"


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def machine_lines(result):
    machine = result["machine"]
    yield "# Results"
    yield ""
    yield (f"Measured {machine['date']} at {machine['commit']} in {result['seconds']} s on "
           f"{machine['cpu']}, Linux {machine['kernel']}, CPython {machine['python']}; load "
           f"{machine['load']:.1f} before, {machine['load_after']:.1f} after.")
    yield "[README.md](README.md) says how to read this."
    yield ""
    for name, what in result["missing"].items():
        yield f"Not measured: {name}, for want of {what}."
        yield ""


def target_lines(result, targets):
    rows = []
    for target in targets:
        case = result["cases"].get(target.case)
        found = ratios(case, target.peer, target.to) if case else []
        if found:
            rows.append([case["title"], f"{target.peer} / {target.to}",
                         f"{median(found):.2f}", spread(found),
                         f"{median(quickness(case, target.peer, target.to)):.2f}",
                         f"{target.at_least:g}",
                         MARK[median(found) >= target.at_least]])
    if rows:
        yield "## What is wanted"
        yield ""
        yield from table(["case", "ratio", "median", "in the rounds", "by p50", "wanted",
                          "reached"], rows)
    if result.get("instructions"):
        count = result["instructions"]
        yield (f"The server's instructions for one list get: {count:,.0f} (wanted: under 2,000: "
               f"{MARK[count < 2000]}).")
        yield ""


def case_lines(result):
    yield "## Cases"
    yield ""
    yield ("Medians of the rounds; `x std` is the ratio to the standard library's manager, median "
           "of the rounds.")
    yield ""
    rows = []
    for case in result["cases"].values():
        title = case["title"]
        for peer, samples in case["samples"].items():
            all_ = rates(case, peer)
            std = "std-tcp" if "std-tcp" in case["samples"] else "std"
            over = ratios(case, peer, std)
            latency = [median([sample[key] for sample in samples])
                       for key in ("p50_us", "p99_us", "p999_us")]
            rows.append([title, peer, number(median(all_)) + " " + case["unit"], spread(all_),
                         number(median(over)) if over and peer != std else ""] +
                        [number(value) for value in latency])
            title = ""
        for peer, why in case["failures"].items():
            rows.append([title, peer, "failed: " + why.replace("|", " ")[-100:], "", "", "", "",
                         ""])
            title = ""
    yield from table(["case", "peer", "rate", "in the rounds", "x std", "p50 us", "p99 us",
                      "p99.9 us"], rows)
    yield "Peers:"
    yield ""
    used = {peer for case in result["cases"].values() for peer in case["samples"]}
    for peer, title in result["titles"].items():
        if peer in used:
            yield f"- `{peer}`: {title}"
    yield ""


def client_lines(result):
    yield "## From 1 to 64 clients"
    yield ""
    yield "Calls a second, all clients together, and the median and 99th percentile of a call."
    yield ""
    cases = result["clients"]
    names = list(next(iter(cases.values()))["samples"])
    rows = []
    for name, case in cases.items():
        row = [name.rpartition("_")[2]]
        for peer in names:
            samples = case["samples"].get(peer)
            row.append(f"{number(median(rates(case, peer)))} "
                       f"({number(median([s['p50_us'] for s in samples]))}, "
                       f"{number(median([s['p99_us'] for s in samples]))} us)" if samples else "")
        rows.append(row)
    yield from table(["clients"] + names, rows)
    yield "![calls a second, and latency, with the number of clients](clients.svg)"
    yield ""


def growth_lines(result):
    yield "## How cost grows"
    yield ""
    yield ("Microseconds of the C client's get (median) while there is that much; with many clients "
           "at work, the time of all divided by the calls of all.")
    yield ""
    rows = []
    for row in result["growth"].values():
        points = row["points"]
        if not points:
            continue
        rows.append([row["title"],
                     ", ".join(f"{int(at):,}: {cost:.1f}" for at, cost in points.items()),
                     f"{max(points.values()) / list(points.values())[0]:.2f}"])
    yield from table(["of what", "us a call", "most / first"], rows)


def memory_lines(result):
    yield "## Memory"
    yield ""
    rows = [[what, number(size), number(limit) if limit else "",
             MARK[size <= limit] if limit else ""]
            for what, size, limit in result["memory"]]
    yield from table(["bytes of the server's memory for", "measured", "wanted at most", "reached"],
                     rows)


def lines(result, targets):
    yield from machine_lines(result)
    yield from target_lines(result, targets)
    if result["cases"]:
        yield from case_lines(result)
    if result["clients"]:
        yield from client_lines(result)
    if "growth" in result:
        yield from growth_lines(result)
    if "memory" in result:
        yield from memory_lines(result)


PLOT = """
set terminal svg size 1000,420 background "white"
set output "{folder}/clients.svg"
set multiplot layout 1,2
set logscale x 2
set xlabel "clients"
set key left top
set format y "%.0s%c"
set title "calls a second"
plot {rates}
set title "latency: median, and 99th percentile (dotted), microseconds"
set logscale y
plot {latencies}
unset multiplot
"""


def plot(result, folder):
    """clients.svg, by gnuplot."""
    cases = result["clients"]
    names = list(next(iter(cases.values()))["samples"])
    data = os.path.join(folder, "clients.dat")
    with open(data, "w") as out:
        for peer in names:
            for name, case in cases.items():
                samples = case["samples"].get(peer)
                if samples:
                    print(name.rpartition("_")[2], median(rates(case, peer)),
                          median([s["p50_us"] for s in samples]),
                          median([s["p99_us"] for s in samples]), file=out)
            print("\n", file=out)
    each = lambda text: ", ".join(text.format(data=data, i=i, colour=i + 1, name=name)
                                  for i, name in enumerate(names))
    line = '"{data}" index {i} using 1:'
    script = PLOT.format(
        folder=folder,
        rates=each(line + '2 with linespoints lc {colour} title "{name}"'),
        latencies=each(line + '3 with linespoints lc {colour} title "{name}", ' + line +
                       '4 with lines lc {colour} dt 3 notitle'))
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def write(result, targets, folder):
    with open(os.path.join(folder, "RESULTS.json"), "w") as out:
        json.dump(result, out, indent=1)
    text = "\n".join(lines(result, targets))
    with open(os.path.join(folder, "RESULTS.md"), "w") as out:
        out.write(text)
    print(text)
    if not result["clients"]:
        return
    if shutil.which("gnuplot"):
        plot(result, folder)
    else:
        print("No plot: gnuplot is not installed.")

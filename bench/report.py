# SPDX-License-Identifier: MIT
"""What was measured, as Markdown, JSON and, where gnuplot is, a plot."""

import json
import os
import shutil

from figures import latency, median, number, rates, ratios, spread
from plot import plot

MARK = {True: "met", False: "**missed**"}


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def failed(why):
    return "failed: " + why.replace("|", " ")[-100:]


def machine_lines(result):
    machine = result["machine"]
    minutes, seconds = divmod(result["seconds"], 60)
    yield "# Results"
    yield ""
    yield (f"Measured on {machine['date']} at commit {machine['commit']}, in {minutes}:"
           f"{seconds:02}" + (", shortened: of no worth" if result["quick"] else "") + ".")
    yield "[README.md](README.md) says how to read this."
    yield ""
    yield f"- Machine: {machine['cpu']}, {machine['memory']}, Linux {machine['kernel']}"
    yield f"- Load: {machine['load']:.1f} before, {machine['load_after']:.1f} after"
    yield "- Versions: " + ", ".join(machine["versions"])
    for name, what in result["missing"].items():
        yield f"- Not measured: {name}, for want of {what}"
    yield ""


def target_lines(result, targets, whole):
    findings = [(target, target.find(result)) for target in targets]
    rows = [[found.what, found.wanted, found.reached, found.spread, found.by_p50, MARK[found.met]]
            for _, found in findings if found]
    if whole:
        rows += [[str(target), "", "not measured", "", "", ""]
                 for target, found in findings if not found]
    if not rows:
        return
    met = sum(found.met for _, found in findings if found)
    yield "## Targets"
    yield ""
    yield f"{met} of {len(rows)} are met."
    yield ""
    yield from table(["what", "target", "reached", "in the rounds", "by p50", ""], rows)


def weight(samples):
    found = [sample["processor_us"] for sample in samples if sample.get("processor_us")]
    return number(median(found)) if len(found) == len(samples) else ""


def case_rows(case):
    std = "std-tcp" if "std-tcp" in case["samples"] else "std"
    for peer, samples in case["samples"].items():
        found = rates(case, peer)
        over = ratios(case, peer, std)
        yield [peer, number(median(found)) + " " + case["unit"], spread(found),
               number(median(over)) if over and peer != std else "",
               *(number(latency(samples, key)) for key in ("p50_us", "p99_us", "p999_us")),
               weight(samples)]
    for peer, why in case["failures"].items():
        yield [peer, failed(why), "", "", "", "", "", ""]


def case_lines(result):
    yield "## Cases"
    yield ""
    yield ("Medians of the rounds; `x std` is the ratio to the standard library's manager, median "
           "of the rounds.")
    yield ""
    rows = []
    for case in result["cases"].values():
        title = case["title"]
        for row in case_rows(case):
            rows.append([title, *row])
            title = ""
    yield from table(["case", "peer", "rate", "in the rounds", "x std", "p50 us", "p99 us",
                      "p99.9 us", "processor us"], rows)
    yield "Peers:"
    yield ""
    used = {peer for case in result["cases"].values() for peer in case["samples"]}
    for peer, title in result["titles"].items():
        if peer in used:
            yield f"- `{peer}`: {title}"
    yield ""


def client_cell(case, peer):
    samples = case["samples"].get(peer)
    if not samples:
        return failed(case["failures"][peer]) if peer in case["failures"] else ""
    return (f"{number(median(rates(case, peer)))} ({number(latency(samples, 'p50_us'))}, "
            f"{number(latency(samples, 'p99_us'))} us)")


def client_lines(result):
    yield "## From 1 to 64 clients"
    yield ""
    yield "Calls a second, all clients together, and the median and 99th percentile of a call."
    yield ""
    cases = result["clients"]
    names = list(dict.fromkeys(name for case in cases.values()
                               for name in [*case["samples"], *case["failures"]]))
    rows = [[name.rpartition("_")[2]] + [client_cell(case, peer) for peer in names]
            for name, case in cases.items()]
    yield from table(["clients"] + names, rows)
    yield "![calls a second, and latency, with the number of clients](clients.svg)"
    yield ""


def load_lines(result):
    yield "## A small call beside a load"
    yield ""
    yield ("What `len()` of a small list takes one more client, a Python process, while the server "
           "bears the load: microseconds.")
    yield ""
    rows = []
    for row in result["loads"]:
        if "failure" in row:
            rows.append([row["title"], failed(row["failure"])] + [""] * 4)
        else:
            rows.append([row["title"], *(number(row[key] * 1e6) for key in
                                         ("median", "p999", "longest")),
                         f"{row['seconds']:.1f} s", row["note"]])
    yield from table(["load", "median", "p99.9", "longest", "it took", ""], rows)


def growth_lines(result):
    yield "## How cost grows"
    yield ""
    yield ("Microseconds of the C client's get (median, in the quickest round) while there is that "
           "much; with many clients at work, the time of all divided by the calls of all; of other "
           "operations, all of them together, once each, by a client in Python.")
    yield ""
    rows = []
    for row in result["growth"].values():
        points = {at: min(costs) for at, costs in row["points"].items()}
        cells = [f"{at:,}: {cost:.1f}" for at, cost in points.items()]
        cells += [f"{at:,}: {failed(why)}" for at, why in row["failures"].items()]
        most = f"{max(points.values()) / list(points.values())[0]:.2f}" if points else ""
        rows.append([row["title"], ", ".join(cells), most])
    yield from table(["of what", "us a call", "most / first"], rows)


def memory_lines(result):
    yield "## Memory"
    yield ""
    rows = [[row["title"], number(row["bytes"]) if "bytes" in row else failed(row["failure"])]
            for row in result["memory"].values()]
    yield from table(["of the server's memory, for", "bytes"], rows)


def lines(result, targets, whole):
    yield from machine_lines(result)
    yield from target_lines(result, targets, whole)
    for part, write_part in (("cases", case_lines), ("clients", client_lines),
                             ("loads", load_lines), ("growth", growth_lines),
                             ("memory", memory_lines)):
        if result.get(part):
            yield from write_part(result)
    for part, why in result["failures"].items():
        yield f"{part}: {failed(why)}"
        yield ""


def write(result, targets, whole, folder):
    """Write all of it; `whole` if nothing was left out on purpose."""
    with open(os.path.join(folder, "RESULTS.json"), "w") as out:
        json.dump(result, out, indent=1)
    text = "\n".join(lines(result, targets, whole))
    with open(os.path.join(folder, "RESULTS.md"), "w") as out:
        out.write(text)
    print(text)
    if not result["clients"]:
        return
    if shutil.which("gnuplot"):
        plot(result["clients"], folder)
    else:
        print("No plot: gnuplot is not installed.")

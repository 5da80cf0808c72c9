# SPDX-License-Identifier: MIT
"""How rates and latencies go with the number of clients, drawn by gnuplot."""

import os
import subprocess

from figures import latency, median, rates

# Of each peer, so that ours stand out, and the limit of the machine keeps behind.
COLOURS = {"std": "#999999", "stock": "#0072b2", "python": "#009e73", "c": "#d55e00",
           "redis": "#000000", "loop": "#cc99cc"}

SCRIPT = """
set terminal svg size 1100,460 font "sans-serif,12" background "white"
set output "{folder}/clients.svg"
set multiplot layout 1,2
set logscale x 2
set xrange [0.9:72]
set xlabel "clients"
set grid ytics lc rgb "#dddddd"
set key below
set format y "%.0s%c"
set yrange [0:*]
set title "calls a second, all clients together"
plot {rates}
set yrange [*:*]
set title "latency in microseconds: median, and 99th percentile (dotted)"
set logscale y
set format y "%.0f"
plot {latencies}
unset multiplot
"""


def write_data(cases, names, path):
    """A block of lines a peer: clients, rate, median and 99th percentile."""
    with open(path, "w") as out:
        for peer in names:
            for name, case in cases.items():
                samples = case["samples"].get(peer)
                if samples:
                    print(name.rpartition("_")[2], median(rates(case, peer)),
                          latency(samples, "p50_us"), latency(samples, "p99_us"), file=out)
            print("\n", file=out)


def plot(cases, folder):
    """Make clients.svg."""
    names = list(dict.fromkeys(name for case in cases.values() for name in case["samples"]))
    data = os.path.join(folder, "clients.dat")
    write_data(cases, names, data)
    each = lambda text: ", ".join(text.format(data=data, i=i, name=name,
                                              colour=COLOURS.get(name, "#e69f00"))
                                  for i, name in enumerate(names))
    line = '"{data}" index {i} using 1:'
    script = SCRIPT.format(
        folder=folder,
        rates=each(line + '2 with linespoints lw 2 lc rgb "{colour}" title "{name}"'),
        latencies=each(line + '3 with linespoints lw 2 lc rgb "{colour}" title "{name}", ' + line +
                       '4 with lines lc rgb "{colour}" dt 3 notitle'))
    subprocess.run(["gnuplot"], input=script, text=True, check=True)

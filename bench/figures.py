# SPDX-License-Identifier: MIT
"""Figures made of samples, and how they are written."""


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def rates(case, peer):
    return [sample["rate"] * case["scale"] for sample in case["samples"].get(peer, [])]


def ratios(case, peer, to):
    """Of each round in which both were measured."""
    return [a / b for a, b in zip(rates(case, peer), rates(case, to)) if b]


def quickness(case, peer, to):
    """The ratio by the median latency of a call, of each round: what a busy machine moves least."""
    samples = case["samples"]
    return [b["p50_us"] / a["p50_us"] for a, b in zip(samples[peer], samples[to]) if a["p50_us"]]


def lightness(case, peer, to):
    """The ratio by the processor time of a call, of each round."""
    samples = case["samples"]
    return [b["processor_us"] / a["processor_us"]
            for a, b in zip(samples.get(peer, []), samples.get(to, []))
            if a["processor_us"] and b["processor_us"]]


def latency(samples, key):
    """The median over the rounds."""
    return median([sample[key] for sample in samples])


def number(value):
    """Three figures."""
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(values):
    return f"{number(min(values))} to {number(max(values))}"

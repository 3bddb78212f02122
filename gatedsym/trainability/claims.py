"""Claims about training that texts repeat → what the runs of a study show of them: n of N, and the recipe.

A verdict is a predicate of the numbers. None is given where runs are missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from gatedsym.files.read import decode, read_bytes
from gatedsym.library.load import derivations_folder
from gatedsym.messages import room
from gatedsym.trainability.foretelling import is_learnt, of_family
from gatedsym.trainability.sentences import ENOUGH, power
from gatedsym.trainability.table import read_runs, select

say = room("trainability")

Verdict = Literal["holds", "depends", "fails", "level", "open"]
COMMITTED = Path("docs") / "trainability" / "runs.nc"
"""Of the study, below derivations/."""


@dataclass(frozen=True)
class Claim:
    """A claim about training, and what runs show of it.

    Attributes
    ----------
    name, title : str
    verdict : {"holds", "depends", "fails", "level", "open"}
        "level": what is compared overlaps everywhere.
    findings : tuple of str
        Sentences, powers of ten as `gatedsym.figures.caption.Text` marks them.
    """

    name: str
    title: str
    verdict: Verdict
    findings: tuple[str, ...]


def committed_runs() -> xr.Dataset:
    """The runs that the package's own pages rest on."""
    return read_runs(derivations_folder() / COMMITTED)


def committed_times() -> dict[str, float]:
    """Milliseconds of an update, torch's and ours, as `claims` takes them."""
    path = derivations_folder() / COMMITTED.with_name("torch.toml")
    times = tomllib.loads(decode(str(path), read_bytes(path, 10_000, "four times are fewer.")))
    return {name: float(time) for name, time in times.items()}


def claims(data: xr.Dataset, torch: Mapping[str, float] | None = None) -> list[Claim]:
    """The claims of which there are runs.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`.
    torch : mapping of str to float, optional
        Milliseconds of an update by torch's layers, ``lstm`` and ``gru``, and of ours in the same measurement,
        ``own_lstm`` and ``own_gru``.
    """
    every = [forgets(data), stops(data), faster(data, torch), less_data(data), solves(data)]
    return [claim for claim in every if claim.findings]


def wilson(learnt: int, runs: int) -> tuple[float, float]:
    """Interval of 95 % for a share (Wilson 1927).

    Examples
    --------
    >>> [round(end, 2) for end in wilson(5, 5)]
    [0.57, 1.0]
    """
    z = 1.959964
    share, over = learnt / runs, 1 + z**2 / runs
    middle = (share + z**2 / (2 * runs)) / over
    half = z / over * np.sqrt(share * (1 - share) / runs + z**2 / (4 * runs**2))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def forgets(data: xr.Dataset) -> Claim:
    """The RNN forgets the beginning: recall over the longest lag, by initialisation."""
    runs = of_family(select(data, panel="rates", cell="rnn"), "recall")
    findings, best = [], []
    lag = int(runs["lag"].values.max(initial=0))
    for setting in sorted(set(runs["setting"].values)):
        own = select(runs, setting=str(setting), lag=lag)
        if not own.sizes["run"]:
            continue
        told, share = _best_rate(own)
        best.append(share)
        findings.append(say(
            "share-at-best-rate", setting=str(setting), lag=lag, learnt=told["learnt"], runs=told["runs"],
            rate=told["rate"], best_learnt=told["best_learnt"], best_runs=told["best_runs"], low=told["low"],
            high=told["high"], gradient=told["gradient"],
        ))  # fmt: skip
    few = bool(findings) and min(_counts(select(runs, lag=lag), "setting", "rate")) < ENOUGH
    verdict: Verdict = "open" if few or not best else "depends" if max(best) >= 0.5 else "holds"
    return Claim("forgets", say("claim-forgets"), verdict, tuple(findings))


def _counts(runs: xr.Dataset, *by: str) -> list[int]:
    """Counts of the runs of each kind."""
    kinds = list(zip(*(runs[name].values for name in by)))
    return [kinds.count(kind) for kind in set(kinds)] or [0]


def _best_rate(own: xr.Dataset) -> tuple[dict[str, Any], float]:
    """Variables of a sentence on runs of several rates, and the share that learns at the best of them."""
    by_rate = {float(rate): select(own, rate=float(rate)) for rate in np.unique(own["rate"].values)}
    counts = {rate: (int(is_learnt(r).sum()), int(r.sizes["run"])) for rate, r in by_rate.items()}
    rate = max(counts, key=lambda r: counts[r][0] / counts[r][1])
    low, high = wilson(*counts[rate])
    told = {
        "learnt": int(is_learnt(own).sum()), "runs": int(own.sizes["run"]), "rate": f"{rate:g}",
        "best_learnt": counts[rate][0], "best_runs": counts[rate][1], "low": f"{low:.2f}", "high": f"{high:.2f}",
        "gradient": power(float(np.median(own["gradient_before"].values))),
    }  # fmt: skip
    return told, counts[rate][0] / counts[rate][1]


KNOWN = 0.5
"""Skill from which on a cue counts as known."""


def stops(data: xr.Dataset) -> Claim:
    """Early steps stop learning: runs of adding that know one cue alone, and whether another recipe mends that."""
    runs = of_family(select(data, panel=("rates", "clip")), "adding")
    findings, mended, pairs_of_all = [], 0, 0
    for cell in sorted(set(runs["cell"].values)):
        own = select(runs, cell=str(cell))
        failed = ~is_learnt(own)
        one_cue = failed & (own["most_skill"].values >= KNOWN) & (own["least_skill"].values < KNOWN)
        pairs = set(zip(own["setting"].values[failed], own["task"].values[failed]))
        elsewhere = sum(bool(is_learnt(select(own, setting=str(s), task=str(t))).any()) for s, t in pairs)
        mended, pairs_of_all = mended + elsewhere, pairs_of_all + len(pairs)
        findings.append(say(
            "claim-stops-finding", cell=str(cell), failed=int(failed.sum()), runs=int(own.sizes["run"]),
            late=int(one_cue.sum()), settings=len(pairs), elsewhere=elsewhere,
        ))  # fmt: skip
    few = min(_counts(runs, "setting", "task", "rate")) < ENOUGH
    verdict: Verdict = "open" if few or not pairs_of_all else "holds" if not mended else "depends"
    return Claim("stops", say("claim-stops"), verdict, tuple(findings))


def faster(data: xr.Dataset, torch: Mapping[str, float] | None = None) -> Claim:
    """The GRU trains faster: updates, samples and seconds of both with bias 1, by task and rate."""
    runs = select(data, panel="rates", setting=("gru uniform 1", "lstm uniform 1"))
    findings, ratios = [], []
    for task in sorted(set(runs["task"].values), key=lambda t: (str(t).split()[0], len(str(t)), str(t))):
        for rate in (2e-3, 1e-2):
            told, ratio = _both(select(runs, task=str(task), rate=rate))
            if told is None:
                continue
            told |= {"task": str(task), "rate": f"{rate:g}"}
            kind = "one" if ratio is None else "both"
            if ratio is None:
                told = {name: value for name, value in told.items() if name not in ("gru", "lstm")}
            else:
                ratios.append(ratio)
                told["ratio"] = f"{ratio:.2f}"
            findings.append(say(f"gru-and-lstm-{kind}", **told))
    findings += _seconds(runs, torch)
    verdict: Verdict = "open"
    if ratios and min(_counts(select(runs, rate=(2e-3, 1e-2)), "setting", "task", "rate")) >= ENOUGH:
        verdict = "holds" if min(ratios) > 1 else "fails" if max(ratios) < 1 else "depends"
    return Claim("faster", say("claim-faster"), verdict, tuple(findings))


def _both(runs: xr.Dataset) -> tuple[dict[str, Any] | None, float | None]:
    """Variables of a sentence on GRU and LSTM, and the ratio of their updates where at least half of both learn."""
    told: dict[str, Any] = {}
    medians = []
    for cell in ("gru", "lstm"):
        own = select(runs, cell=cell)
        if not own.sizes["run"]:
            return None, None
        learnt = is_learnt(own)
        needed = own["updates_to_target"].values[learnt]
        medians.append(float(np.median(needed)) if learnt.mean() >= 0.5 else np.nan)
        told |= {cell: f"{np.median(needed):.0f}" if len(needed) else "–", f"{cell}_learnt": int(learnt.sum()),
                 f"{cell}_runs": int(own.sizes["run"])}  # fmt: skip
    ratio = medians[1] / medians[0]
    return told, None if np.isnan(ratio) else float(ratio)


def _seconds(runs: xr.Dataset, torch: Mapping[str, float] | None) -> Iterator[str]:
    """Time of an update: ours from the runs, torch's from a measurement of its own."""
    ratios = []
    for task in sorted(set(runs["task"].values)):
        of = {c: select(runs, task=str(task), cell=c)["seconds_per_update"].values for c in ("gru", "lstm")}
        if all(np.isfinite(v).any() for v in of.values()):
            ratios.append(float(np.nanmedian(of["lstm"]) / np.nanmedian(of["gru"])))
    if ratios:
        yield say("claim-faster-seconds", ratio=f"{np.median(ratios):.2f}", pairs=len(ratios))
    if torch:
        yield say("claim-faster-torch", lstm=f"{torch['lstm']:.2f}", gru=f"{torch['gru']:.2f}",
                  ratio=f"{torch['lstm'] / torch['gru']:.2f}",
                  own=f"{torch['own_lstm'] / torch['own_gru']:.2f}")  # fmt: skip


METRICS = {"adding 50": "share within 0.04", "digits": "accuracy"}
"""Names of the metrics of the tasks of the panel "few data"."""


def less_data(data: xr.Dataset) -> Claim:
    """The GRU needs less data: the best held-out metric of runs that read few sequences over and over."""
    runs = select(data, panel="few data")
    findings, leads, behind = [], [], []
    for task in sorted(set(runs["task"].values)):
        for samples in np.unique(runs["samples"].values):
            ranges = {}
            for setting in sorted(set(runs["setting"].values)):
                own = select(runs, task=str(task), samples=int(samples), setting=str(setting))
                if not own.sizes["run"]:
                    continue
                values = own["best_metric"].values
                ranges[str(own["cell"].values[0])] = (float(values.min()), float(values.max()))
                findings.append(say(
                    "claim-data-finding", task=str(task), samples=int(samples), setting=str(setting),
                    metric=METRICS.get(str(task), "metric"), median=f"{np.median(values):.2f}",
                    low=f"{values.min():.2f}", high=f"{values.max():.2f}", runs=len(values),
                ))  # fmt: skip
            if len(ranges) > 1 and "gru" in ranges:
                others = [ends for cell, ends in ranges.items() if cell != "gru"]
                leads.append(ranges["gru"][0] > max(high for _, high in others))
                behind.append(ranges["gru"][1] < max(low for low, _ in others))
    few = min(_counts(runs, "task", "samples", "setting")) < ENOUGH
    verdict: Verdict = "holds" if all(leads) else "depends" if any(leads) else "fails" if any(behind) else "level"
    if few or not leads:
        verdict = "open"
    return Claim("data", say("claim-data"), verdict, tuple(findings))


def solves(data: xr.Dataset) -> Claim:
    """The LSTM solves vanishing gradients: by bias, one layer or two."""
    layered = select(data, panel="layers")
    rates = tuple(float(rate) for rate in np.unique(layered["rate"].values))
    tasks = sorted({str(t) for t in layered["task"].values})
    single = select(data, panel="rates", cell="lstm", scheme="uniform", rate=rates)
    findings, shares = [], []
    for runs in (single, layered):
        for setting in sorted(set(runs["setting"].values)):
            for task in tasks:
                own = select(runs, setting=str(setting), task=task)
                if not own.sizes["run"]:
                    continue
                shares.append(float(is_learnt(own).mean()))
                findings.append(say(
                    "claim-solves-finding", setting=str(setting), task=task, learnt=int(is_learnt(own).sum()),
                    runs=int(own.sizes["run"]), rates=", ".join(f"{rate:g}" for rate in rates),
                    gradient=power(float(np.median(own["gradient_before"].values))),
                ))  # fmt: skip
    few = min([*_counts(single, "setting", "task"), *_counts(layered, "setting", "task")]) < ENOUGH
    verdict: Verdict = (
        "holds" if min(shares, default=0) > 0.5 else "fails" if max(shares, default=1) < 0.5 else "depends"
    )
    if few or not shares:
        verdict = "open"
    return Claim("solves", say("claim-solves"), verdict, tuple(findings))


def verdict_words(claim: Claim) -> str:
    """The verdict in words."""
    return say("verdict", verdict=claim.verdict)


__all__ = ["Claim", "claims", "committed_runs", "committed_times", "verdict_words", "wilson"]

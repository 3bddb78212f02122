"""Numbers of a study → what its captions and its page say, each sentence a message and each number from the runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.figures.caption import Caption, Text
from gatedsym.messages import room
from gatedsym.sweep.time_words import time_words
from gatedsym.trainability.controls import SPREAD, Control, control, controls
from gatedsym.trainability.foretelling import areas, is_learnt, lead, of_family
from gatedsym.trainability.horizon import Horizon, horizons, rank_correlation
from gatedsym.trainability.table import select
from gatedsym.typing import Array

say = room("trainability")

APART = 0.05
"""Two areas or correlations that differ by less are said to be alike."""
DECADE = 1.0
"""So are two thresholds that lie within one power of ten."""
CLEARLY = 0.2
"""So are two shares of runs."""
ENOUGH = 3
"""Runs of a kind below which no sentence or verdict rests on them."""


def power(exponent: float) -> str:
    """A power of ten, as captions mark it."""
    return f"<10:{exponent:.1f}>"


def trend(first: float, last: float, apart: float) -> str:
    """The way of a quantity from the least rate to the greatest: "falls", "rises" or "stays"."""
    return "stays" if abs(last - first) < apart else "falls" if last < first else "rises"


# What several sentences need.


def dead_at(runs: xr.Dataset, rate: float, dead: float) -> tuple[int, int]:
    """Of the runs at a rate whose gradient was dead: how many learnt, and how many they are."""
    own = select(runs, rate=rate)
    buried = own["gradient_before"].values < dead
    return int(is_learnt(own)[buried].sum()), int(buried.sum())


def ends(runs: xr.Dataset) -> tuple[float, float]:
    """The least rate and the greatest."""
    rates = np.unique(runs["rate"].values)
    return float(rates[0]), float(rates[-1])


def correlations(found: Sequence[Horizon]) -> dict[float, float]:
    """Rank correlation of predicted and measured horizons, by rate."""
    rates = sorted({one.rate for one in found})
    at = {rate: [one for one in found if one.rate == rate] for rate in rates}
    return {r: rank_correlation(np.array([o.predicted for o in own]), np.array([o.measured for o in own]))
            for r, own in at.items()}  # fmt: skip


def _area_words(found: xr.Dataset) -> str:
    area, low, high = (float(found[name]) for name in ("area", "low", "high"))
    return f"{area:.2f} ({low:.2f} to {high:.2f})"


def _trend_of_areas(first: xr.Dataset, last: xr.Dataset) -> str:
    """The way of an area from the least rate to the greatest, and whether the intervals leave it open."""
    way = trend(float(first["area"]), float(last["area"]), APART)
    lower, upper = (last, first) if way == "falls" else (first, last)
    if way == "stays" or float(lower["high"]) < float(upper["low"]):
        return way
    return {"falls": "may-fall", "rises": "may-rise"}[way]


def _ends_of_area(found: xr.Dataset, family: str) -> dict[str, str] | None:
    """Variables of a sentence on the area of the gradient at the least and the greatest rate."""
    own = found.sel(family=family, predictor="gradient at the lag")
    if not own.sizes["rate"]:
        return None
    first, last = own.isel(rate=0), own.isel(rate=-1)
    if not np.isfinite([float(first["area"]), float(last["area"])]).all():
        return None
    return {
        "trend": _trend_of_areas(first, last), "family": family,
        "slow": f"{float(first['rate']):g}", "fast": f"{float(last['rate']):g}",
        "first": _area_words(first), "last": _area_words(last),
    }  # fmt: skip


def _dead_words(runs: xr.Dataset, dead: float) -> dict[str, Any]:
    slow, fast = ends(runs)
    (slow_learnt, slow_runs), (fast_learnt, fast_runs) = dead_at(runs, slow, dead), dead_at(runs, fast, dead)
    return {
        "dead": power(dead), "slow": f"{slow:g}", "fast": f"{fast:g}", "slow_learnt": slow_learnt,
        "slow_runs": slow_runs, "fast_learnt": fast_learnt, "fast_runs": fast_runs,
    }  # fmt: skip


# Captions.


def note(data: xr.Dataset, runs: xr.Dataset) -> str:
    """The note under every figure."""
    clips, sizes = sorted({str(c) for c in runs["clip"].values}), sorted({int(n) for n in runs["n"].values})
    made, planned = data.sizes["run"] - longer_runs(data), int(data.attrs["planned"])
    return say(
        "dots-note", is_whole="yes" if made == planned else "no", made=made, planned=planned,
        optimiser=str(data.attrs["optimiser"]), clip=", ".join(clips), n=", ".join(map(str, sizes)),
    )  # fmt: skip


def dots_caption(data: xr.Dataset) -> Caption:
    """Under the figure of updates against the gradient."""
    runs = select(data, panel="rates")
    result = say(
        "dots-result", learnt=int(is_learnt(runs).sum()), runs=int(runs.sizes["run"]),
        settings=len(set(runs["setting"].values)), tasks=len(set(runs["task"].values)),
        rates=len(set(runs["rate"].values)), updates=int(runs["asked"].values.max()),
    )  # fmt: skip
    of = _dead_words(runs, float(data.attrs["dead"]))
    dead = say(
        "dots-dead", dead=of["dead"], slow=of["slow"], fast=of["fast"], slow_learnt=of["slow_learnt"],
        slow_runs=of["slow_runs"], fast_learnt=of["fast_learnt"], fast_runs=of["fast_runs"],
    )  # fmt: skip
    return Caption(f"{result} {dead}", say("dots-shown"), note(data, runs))


def foretelling_caption(data: xr.Dataset, found: xr.Dataset) -> Caption:
    """Under the figure of areas."""
    said = []
    for family in map(str, found["family"].values):
        if not np.isfinite(found["area"].sel(family=family)).any():
            continue
        variables = _ends_of_area(found, family)
        said.append(say("foretelling-none", family=family) if variables is None
                    else say(f"area-of-gradient-{variables.pop('trend')}", **variables))  # fmt: skip
    return Caption(" ".join(said), say("foretelling-shown"), note(data, select(data, panel="rates")))


def horizon_caption(data: xr.Dataset, found: Sequence[Horizon]) -> Caption:
    """Under the figure of horizons."""
    variables = _horizon_words(found)
    if variables is None:
        result = say("horizon-none")
    else:
        beyond = say("horizon-beyond", beyond=variables.pop("beyond"), pairs=variables.pop("pairs"))
        way = variables.pop("trend")
        result = f"{say(f'horizons-rank-{way}', **variables)} {beyond}"
    longest = max((one.longest for one in found), default=0)
    shown = say("horizon-shown", dead=power(float(data.attrs["dead"])), longest=longest)
    return Caption(result, shown, note(data, of_family(select(data, panel="rates"), "recall")))


def _horizon_words(found: Sequence[Horizon]) -> dict[str, Any] | None:
    told = correlations(found)
    if not told or not np.isfinite([*told.values()][:: max(1, len(told) - 1)]).all():
        return None
    (slow, first), *_, (fast, last) = [*told.items()] if len(told) > 1 else [*told.items()] * 2
    return {
        "trend": trend(first, last, APART), "settings": len({one.setting for one in found}), "slow": f"{slow:g}",
        "fast": f"{fast:g}", "first": f"{first:.2f}", "last": f"{last:.2f}",
        "beyond": sum(one.measured > one.predicted for one in found), "pairs": len(found),
    }  # fmt: skip


def controls_caption(data: xr.Dataset, found: Sequence[Control]) -> Caption:
    """Under the figure of controls."""
    variables = _lag_words(found)
    result = say("controls-none")
    if variables is not None:
        result = say(
            "controls-lag", random=variables["random"], random_runs=variables["random_runs"],
            fixed=variables["fixed"], fixed_runs=variables["fixed_runs"],
        )  # fmt: skip
    return Caption(result, say("controls-shown"), note(data, data))


def _lag_words(found: Sequence[Control]) -> dict[str, int] | None:
    """Counts of runs that learn recall with a fixed and with a random lag."""
    laws = {law: [one for one in found if one.group == "lag" and one.label.endswith(f": {law}")]
            for law in ("fixed", "random")}  # fmt: skip
    if not all(laws.values()):
        return None
    words: dict[str, int] = {}
    for law, own in laws.items():
        words |= {law: sum(one.learnt for one in own), f"{law}_runs": sum(one.runs for one in own)}
    return words


# The page.


def five_sentences(data: xr.Dataset) -> list[str]:
    """Sentences that say what the study found.

    Parameters
    ----------
    data : xarray.Dataset
        Of `gatedsym.trainability.table.runs_dataset`.

    Returns
    -------
    list of str
        Five sentences, powers of ten as `gatedsym.figures.caption.Text` marks them.
    """
    runs = select(data, panel="rates")
    found = areas(runs)
    return [
        _foretells(found), _threshold(runs, found, float(data.attrs["dead"])), _rivals(runs, found),
        _horizon(runs, float(data.attrs["dead"])), _controls(data),
    ]  # fmt: skip


def _foretells(found: xr.Dataset) -> str:
    variables = _ends_of_area(found, "recall")
    if variables is None:
        return say("study-missing", what=say("study-about-foretelling"))
    return say(f"first-sentence-{variables.pop('trend')}", **variables)


def _threshold(runs: xr.Dataset, found: xr.Dataset, dead: float) -> str:
    own = of_family(runs, "recall")
    if not own.sizes["run"] or not np.isfinite(found["threshold"].sel(family="recall").values[[0, -1]]).all():
        return say("study-missing", what=say("study-about-threshold"))
    first, last = (float(v) for v in found["threshold"].sel(family="recall").values[[0, -1]])
    way, told = trend(first, last, DECADE), _dead_words(own, dead)
    return say(f"second-sentence-{way}", first=power(first), last=power(last), **told)


def _rivals(runs: xr.Dataset, found: xr.Dataset) -> str:
    means = found["area"].sel(family="recall").mean("rate", skipna=True)
    told = {str(name): float(value) for name, value in zip(means["predictor"].values, means.values)}
    if not np.isfinite(list(told.values())).all():
        return say("study-missing", what=say("study-about-rivals"))
    best, second = sorted(told, key=lambda name: told[name], reverse=True)[:2]
    low, high = lead(runs, "recall", best, second)
    return say(
        "study-rivals", is_alone="yes" if low > 0 else "no",
        best=_PREDICTOR_WORDS[best](), second=_PREDICTOR_WORDS[second](), low=_signed(low), high=_signed(high),
        gradient=f"{told['gradient at the lag']:.2f}", length=f"{told['T alone']:.2f}",
        lyapunov=f"{told['Lyapunov exponent × T']:.2f}", readability=f"{told['readability']:.2f}",
        bias=f"{told['retention bias']:.2f}",
    )  # fmt: skip


def _signed(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")


_PREDICTOR_WORDS = {
    "gradient at the lag": lambda: say("predictor-gradient"),
    "T alone": lambda: say("predictor-length"),
    "Lyapunov exponent × T": lambda: say("predictor-lyapunov"),
    "readability": lambda: say("predictor-readability"),
    "retention bias": lambda: say("predictor-bias"),
}


def _horizon(runs: xr.Dataset, dead: float) -> str:
    recall = of_family(runs, "recall")
    variables = _horizon_words(horizons(recall, dead)) if recall.sizes["run"] else None
    if variables is None:
        return say("study-missing", what=say("study-about-horizon"))
    return say(
        "study-horizon", settings=variables["settings"], first=variables["first"], slow=variables["slow"],
        last=variables["last"], fast=variables["fast"], beyond=variables["beyond"], pairs=variables["pairs"],
    )  # fmt: skip


def _controls(data: xr.Dataset) -> str:
    lags = _lag_words(controls(data))
    all_frozen = select(data, panel="frozen")
    frozen = select(all_frozen, task="adding 100")
    parts = {"weights": "W_z,U_z", "biases": "b_z"}
    if lags is None or not set(parts.values()) <= set(frozen["freeze"].values):
        return say("study-missing", what=say("study-about-controls"))
    rate = float(frozen["rate"].values[0])
    shared: dict[str, Any] = {"setting": "gru uniform 0", "task": "adding 100", "rate": rate}
    found = {name: control(frozen, "frozen", name, freeze=names, **shared) for name, names in parts.items()}
    spread = {**shared, "task": SPREAD, "freeze": "W_z,U_z,b_z"}
    found["spread"] = control(all_frozen, "frozen", "spread", **spread)
    found["free"] = control(data, "frozen", "free", panel="rates", **shared)
    counts = {name: one.learnt for name, one in found.items()}
    counts |= {f"{name}_runs": one.runs for name, one in found.items()}
    if not min(one.runs for one in found.values()) or min(lags["fixed_runs"], lags["random_runs"]) < ENOUGH:
        return say("study-missing", what=say("study-about-controls"))
    more = trend(lags["fixed"] / lags["fixed_runs"], lags["random"] / lags["random_runs"], CLEARLY)
    word = {"rises": "helps", "falls": "hurts", "stays": "alike"}[more]
    return say(f"fifth-sentence-{word}", rate=f"{rate:g}", **lags, **counts)


def longer_runs(data: xr.Dataset) -> int:
    """Count the runs that failed and were made once more for longer."""
    return int(_is_longer(data).sum())


def _is_longer(data: xr.Dataset) -> Array:
    return np.array([str(panel).endswith(", again") for panel in data["panel"].values], bool)


def coverage(data: xr.Dataset) -> str:
    """Counts of the runs that all this rests on, and of what became of them, in a sentence or two."""
    longer = longer_runs(data)
    first = data.sizes["run"] - longer
    ended = {"learnt": "learnt", "censored": "updates", "broken": "not finite"}
    variables = {name: int((data["ended"].values == word).sum()) for name, word in ended.items()}
    variables |= {"planned": int(data.attrs["planned"]), "longer": longer}
    whole = first == variables["planned"]
    variables |= {} if whole else {"made": first}
    return " ".join([say(f"coverage-{'whole' if whole else 'part'}", **variables), *_went_on(data)])


def _went_on(data: xr.Dataset) -> list[str]:
    """A sentence on the failed runs that went on for longer, if there are any."""
    runs = data.isel(run=np.flatnonzero(_is_longer(data)))
    if not runs.sizes["run"]:
        return []
    dead = runs["gradient_before"].values < float(data.attrs["dead"])
    learnt = is_learnt(runs)
    return [say(
        "study-longer", runs=int(runs.sizes["run"]), updates=int(runs["asked"].values.max()), learnt=int(learnt.sum()),
        dead=Text(power(float(data.attrs["dead"]))).plain, dead_runs=int(dead.sum()),
        dead_learnt=int((learnt & dead).sum()),
    )]  # fmt: skip


def cost(data: xr.Dataset) -> str:
    """The CPU time that the runs took."""
    spent = np.nansum(data["updates"].values * data["seconds_per_update"].values)
    return say("study-cost", runs=int(data.sizes["run"]), time=time_words(float(spent)))


def robust_cases(data: xr.Dataset) -> list[str]:
    """The cases that have to work: a sentence for each panel "… under …"."""
    said = []
    for panel in sorted({str(p) for p in data["panel"].values if " under " in str(p)}):
        runs = select(data, panel=panel)
        baseline = runs["best_loss"].values * runs["baseline"].values
        said.append(say(
            "robust-case", task=str(runs["task"].values[0]), setting=str(runs["setting"].values[0]),
            rate=f"{runs['rate'].values[0]:g}", target=panel.partition(" under ")[2],
            updates=int(runs["asked"].values[0]), learnt=int(is_learnt(runs).sum()), runs=int(runs.sizes["run"]),
            median=f"{np.median(baseline):.3g}",
        ))  # fmt: skip
    return said


__all__ = [
    "controls_caption",
    "cost",
    "coverage",
    "dots_caption",
    "five_sentences",
    "foretelling_caption",
    "horizon_caption",
    "robust_cases",
    "say",
]

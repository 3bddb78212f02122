"""Readings: the sentence or two that a figure says, computed from its data: the first words of every caption.

Each reading holds for any cells (one or several, gated or not), for one seed, for parameters that are given and for
values that are zero or not finite; where there is nothing to say it is "".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gatedsym.figures.words import (
    amount,
    cell_label,
    drawn_attrs,
    factor_words,
    listing,
    names_of,
    percent,
    retention_words,
    scheme_name,
    setting_words,
    times,
)
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.flow.numerics.rates import fitted_rate

Named = tuple[str, float]
"""A setting in words, and its number."""


def extremes(found: Iterable[Named]) -> tuple[Named, Named] | None:
    """The smallest and the largest of numbers with names, NaN left out; None where nothing is left."""
    finite = [(name, value) for name, value in found if not math.isnan(value)]
    if not finite:
        return None
    return min(finite, key=lambda pair: pair[1]), max(finite, key=lambda pair: pair[1])


def median_of(values: xr.DataArray) -> float:
    """Median over seeds of one number each; NaN left out, infinities in the order."""
    return float(quartiles(values)[1])


def settings_in(measured: xr.DataArray) -> list[tuple[str, str]]:
    """Cells with each retention setting that they were run with."""
    return [
        (str(c), str(r))
        for c in measured["cell"].values
        for r in measured["retention"].values
        if bool(measured.sel(cell=c, retention=r).notnull().any())
    ]


def initialised_settings(data: xr.Dataset, measured: xr.DataArray) -> list[tuple[str, dict[str, str]]]:
    """Every setting under every initialisation: its words, which name the initialisation where several are drawn."""
    given = names_of(drawn_attrs(data), "given")
    schemes = [str(s) for s in measured["init"].values]
    return [
        (
            setting_words(c, r) + (f" ({scheme_name(s)})" if len(schemes) > 1 and c not in given else ""),
            {"cell": c, "retention": r, "init": s},
        )
        for s in schemes
        for c, r in settings_in(measured.sel(init=s))
        if c not in given or s == schemes[0]
    ]


def gradient_norm_reading(flow: xr.Dataset, schemes: Sequence[str]) -> str:
    """The settings that keep most and least of the gradient at the longest lag, and the factor of a step of both."""
    given = names_of(drawn_attrs(flow), "given")
    norms = _compared(flow)
    norms = norms.isel(gain=0) if "gain" in norms.dims else norms
    rates = fitted_rate(norms.to_dataset(name="log10_norm"))
    every = settings_in(norms)
    groups = [(f"Under {scheme_name(s)}, ", s, [x for x in every if x[0] not in given]) for s in schemes]
    groups += [("With the parameters given, ", schemes[0], [x for x in every if x[0] in given])]
    sentences = [_most_and_least(words, norms.sel(init=s), rates.sel(init=s), own) for words, s, own in groups if own]
    return " ".join(s for s in sentences if s)


def _compared(flow: xr.Dataset) -> xr.DataArray:
    """The norms on which cells are compared: those of h, or of what was measured first."""
    norms = flow["log10_norm"]
    return norms.sel(quantity="h") if "h" in flow["quantity"].values else norms.isel(quantity=0)


def _most_and_least(words: str, norms: xr.DataArray, rates: xr.DataArray, settings: Sequence[tuple[str, str]]) -> str:
    last = norms.isel(lag=-1)
    bands = {x: [float(q) for q in quartiles(last.sel(cell=x[0], retention=x[1]))] for x in settings}
    finite = {x: band for x, band in bands.items() if not math.isnan(band[1])}
    if not finite:
        return ""
    most, least = (pick(finite, key=lambda x: finite[x][1]) for pick in (max, min))
    back = f"{int(norms['lag'].values[-1])} steps back"

    def said(x: tuple[str, str]) -> str:
        factor = float(rates.sel(cell=x[0], retention=x[1]))
        return amount(finite[x][1]) + (f", a factor of {times(factor)}" if math.isfinite(finite[x][1] + factor) else "")

    if len(finite) == 1:
        return f"{words}{back} the norm of the gradient of {setting_words(*most)} is {said(most)}."
    if is_level(finite[least], finite[most]):
        return (
            f"{words}no setting keeps clearly more of the gradient than another: {back} its norm lies between that of "
            f"{setting_words(*least)} ({said(least)}) and that of {setting_words(*most)} ({said(most)})."
        )
    return (
        f"{words}{setting_words(*most)} keeps most of the gradient and {setting_words(*least)} least: {back} its "
        f"norm is {said(most)}, and {said(least)}."
    )


def is_level(lower: Sequence[float], upper: Sequence[float]) -> bool:
    """Whether two bands (lower quartile, median, upper quartile) overlap."""
    return lower[2] >= upper[0]


def exploding_reading(flow: xr.Dataset, retentions: Mapping[str, str]) -> str:
    """With which gains the gradient grows with the lag, for each cell: its factor of a step is above 1."""
    rates = fitted_rate(_compared(flow).to_dataset(name="log10_norm")).isel(init=0)
    grows, shrinks = [], []
    for cell, retention in retentions.items():
        own = [(float(g), float(rates.sel(cell=cell, retention=retention, gain=g))) for g in flow["gain"].values]
        growing = [(g, r) for g, r in own if r > 0]
        if growing:
            words = [f"{g:g} ({times(r)})" for g, r in growing]
            grows.append(f"in {cell_label(cell)} with gain {listing(words)}")
        elif any(r <= 0 for _, r in own):
            shrinks.append(cell_label(cell))
    said = [f"grows with the lag {'; '.join(grows)}"] if grows else []
    said += [f"grows with none of the gains in {listing(shrinks)}"] if shrinks else []
    return f"The gradient {', and it '.join(said)}." if said else ""


def truncation_reading(data: xr.Dataset) -> str:
    """The loss of the window in the middle of those shorter than the sequence, most and least."""
    windows = [int(k) for k in data["window"].values if k < data.attrs.get("lags", np.inf)]
    windows = windows or [int(k) for k in data["window"].values]
    k = windows[len(windows) // 2]
    error = data["relative_error"].isel(init=0, gain=0, loss=0).sel(window=k)
    found = [(setting_words(c, r), median_of(error.sel(cell=c, retention=r))) for c, r in settings_in(error)]
    ends = extremes(found)
    if ends is None:
        return ""
    (least, low), (most, high) = ends
    loss = str(data["loss"].values[0])
    head = f"With a loss on {'the ' if loss == 'last step' else ''}{loss}, windows of {k} steps"
    if len(found) == 1:
        return f"{head} miss the gradient by {percent(high)} of its norm in {most}."
    return f"{head} miss the gradient by {percent(high)} of its norm in {most}, by {percent(low)} in {least}."


def clipping_reading(data: xr.Dataset, retentions: Mapping[str, str]) -> str:
    """At the threshold nearest to 1: the largest share of sequences clipped, and the least cosine."""
    at = data.isel(init=0, threshold=int(np.abs(np.log(data["threshold"].values)).argmin()))
    shares, cosines = [], []
    for cell, retention in retentions.items():
        for gain in at["gain"].values:
            one = at.sel(cell=cell, retention=retention, gain=gain)
            name = f"{cell_label(cell)} (gain {float(gain):g})"
            shares.append((name, median_of(one["share_clipped"])))
            cosines.append((name, median_of(one["cosine"])))
    share, cosine = extremes(shares), extremes(cosines)
    if share is None or cosine is None:
        return ""
    (fewest, low), (most, high) = share
    clipped = f"{percent(high)} of the sequences"
    if low != high:
        clipped += f" of {most} and {percent(low)} of those of {fewest}"
    return (
        f"Clipping to norm {float(at['threshold']):g} changes {clipped}; the mean gradient turns most in "
        f"{cosine[0][0]}, to a cosine of {cosine[0][1]:.2g}."
    )


def paths_reading(data: xr.Dataset, rows: Mapping[str, str]) -> str:
    """The path with most of the gradient at the shortest and at the longest lag, by where it left the highway."""
    highway = str(data.attrs["highway"])
    sentences = []
    for cell, retention in rows.items():
        shares = data["share"].isel(init=0, gain=0).sel(cell=cell, retention=retention)
        ends = [_carrier(shares.sel(view="departure").isel(lag=k)) for k in (0, -1)]
        lags = [int(data["lag"].values[k]) for k in (0, -1)]
        if any(e is None for e in ends):
            continue
        (near, near_share), (far, far_share) = (e for e in ends if e is not None)
        name = setting_words(cell, retention)
        steps = [f"{k} step{'s' if k != 1 else ''} back" for k in lags]
        if near == far:
            sentences.append(
                f"{name}: the gradient comes {_way(near, highway)} {steps[0]} ({_of_it(near_share)}) and still "
                f"{steps[1]} ({_of_it(far_share)})"
            )
        else:
            sentences.append(
                f"{name}: {steps[0]} the gradient comes {_way(near, highway)} ({_of_it(near_share)}), "
                f"{steps[1]} {_way(far, highway)} ({_of_it(far_share)})"
            )
    return f"{'; '.join(sentences)}." if sentences else ""


def _carrier(shares: xr.DataArray) -> tuple[str, float] | None:
    """The path with the largest share, median over seeds; None where none is finite."""
    found = [(str(p), median_of(shares.sel(path=p))) for p in shares["path"].values]
    finite = [(p, s) for p, s in found if math.isfinite(s)]
    return max(finite, key=lambda pair: pair[1]) if finite else None


def _of_it(share: float) -> str:
    """A share of the gradient; one above all of it is there because other paths take some away."""
    return f"{percent(share)} of it{', other paths taking some away' if share > 1.005 else ''}"


def _way(path: str, highway: str) -> str:
    return "along the highway" if path == highway else f"through {path}"


def timescales_reading(data: xr.Dataset) -> str:
    """The time for which each cell keeps half of its state with the smallest and the largest bias that was measured."""
    sentences = []
    for k in range(data.sizes["entry"]):
        entry = data.isel(entry=k)
        measured = entry["measured_half_life"].isel(init=0, gain=0).sel(quantile=0.5)
        found = []
        for label in map(str, measured["retention"].values):
            value = median_of(measured.sel(retention=label).drop_vars("quantile", errors="ignore"))
            if not math.isnan(value) and label != "chrono":
                found.append((0.0 if label == "none" else float(label), label, value))
        if not found:
            continue
        found.sort()
        name = f"{entry['memory'].item()} of {cell_label(str(entry['cell'].item()))}"
        shown = [found[0], found[-1]] if len(found) > 1 else found[:1]
        words = [f"{_steps(v)}{'' if r == 'none' else f' with {retention_words(r)}'}" for _, r, v in shown]
        sentences.append(f"{name} after {' and '.join(words)}")
    return f"In a run the middle unit has lost half of {'; of '.join(sentences)}." if sentences else ""


def _steps(value: float) -> str:
    if math.isinf(value):
        return "no number of steps"
    number = f"{value:.2g}" if value < 100 else f"{value:.0f}"
    return f"{number} step{'' if number == '1' else 's'}"


def reach_reading(data: xr.Dataset, rows: Mapping[str, str]) -> str:
    """After how many steps a cell's parameters learn no more."""
    words, steps = [], float(data.attrs["steps"])
    for cell, retention in rows.items():
        reach = float(data["reach"].isel(init=0, gain=0).sel(cell=cell, retention=retention).median())
        if math.isfinite(reach):
            after = f"{reach:g} step{'s' if reach != 1 else ''}" if reach < steps else f"more than {steps - 1:g} steps"
            words.append(f"{setting_words(cell, retention)} after {after}")
    if not words:
        return ""
    return f"What a step adds falls below 1 % of what the step of the loss adds in {listing(words)}."


def ablation_reading(table: Any) -> str:
    """For each cell the edits that raise and lower its factor of a step most."""
    sentences = []
    for cell, rows in table.groupby("cell", sort=False):
        base = rows[rows["ablation"] == "as it is"]["rate"]
        edits = rows[(rows["ablation"] != "as it is") & np.isfinite(rows["rate"])]
        if base.empty or not np.isfinite(base.iloc[0]) or edits.empty:
            continue
        low, high = edits.loc[edits["rate"].idxmin()], edits.loc[edits["rate"].idxmax()]
        ends = [low] if len(edits) == 1 else [high, low]
        words = [f"{factor_words(row['rate'])} with “{row['ablation']}”" for row in ends]
        sentences.append(f"{factor_words(base.iloc[0])} in {cell_label(str(cell))} as it is, {' and '.join(words)}")
    return f"The gradient's factor of a step is {'; '.join(sentences)}." if sentences else ""


def bound_reading(data: xr.Dataset) -> str:
    """By how much the bound misses the norm at the longest lag: the setting where it is tightest and where loosest."""
    gap = (data["log10_bound"] - data["log10_norm"]).sel(norm="2").isel(lag=-1, gain=0)
    found = [(words, median_of(gap.sel(at))) for words, at in initialised_settings(data, gap)]
    ends = extremes([(name, value) for name, value in found if math.isfinite(value)])
    if ends is None:
        return ""
    (tight, low), (loose, high) = ends
    head = f"{int(data['lag'].values[-1])} steps back the bound exceeds the norm of the Jacobian by a factor of"
    if tight == loose:
        return f"{head} {amount(low)} in {tight}."
    return f"{head} {amount(low)} in {tight} and {amount(high)} in {loose}."


def lyapunov_reading(data: xr.Dataset, settings: Mapping[str, Mapping[tuple[float, str], str]]) -> str:
    """In which networks neighbouring trajectories part, and in which they meet: the sign of the largest exponent."""
    part: list[str] = []
    meet: list[str] = []
    for cell, own in settings.items():
        for gain, retention in own:
            one = data["exponent"].isel(init=0, index=0).sel(cell=cell, gain=gain, retention=retention)
            value = median_of(one)
            if math.isnan(value):
                continue
            words = setting_words(cell, retention) + (f" (gain {gain:g})" if data.sizes["gain"] > 1 else "")
            factor = f"{math.exp(value):.3g} a step" if math.isfinite(value) else "0"
            (part if value > 0 else meet).append(f"{words}, {factor}")
    said = [f"Neighbouring trajectories part in {'; '.join(part)}"] if part else []
    said += [f"{'they' if part else 'Neighbouring trajectories'} meet in {'; '.join(meet)}"] if meet else []
    return f"{'; and '.join(said)} (median of the factor e^<lambda_1>)." if said else ""


def singular_values_reading(data: xr.Dataset) -> str:
    """Between which factors of a step the directions lie at the longest lag, for each cell under its first setting."""
    lag = int(data["lag"].values[-1])
    values = data["log10_singular_value"].isel(gain=0, lag=-1)
    first, words = dict(reversed(settings_in(values))), []
    for setting, at in initialised_settings(data, values):
        if at["retention"] != first[at["cell"]]:
            continue
        one = values.sel(at)
        low, high = (median_of(pick) for pick in (one.min("index"), one.max("index")))
        bottom = "0" if math.isinf(low) else factor_words(low / lag)
        words.append(f"from {bottom} to {factor_words(high / lag)} in {setting}")
    return f"Over {lag} steps directions keep a factor a step {'; '.join(words)}." if words else ""


def gates_reading(data: xr.Dataset) -> str:
    """The gates that stand lowest and highest: means over seeds, units and steps."""
    means = data["mean"].isel(init=0, gain=0).mean(("seed", "time"))
    found = [
        (f"{g} of {setting_words(str(c), str(r))}", float(means.sel(cell=c, retention=r, gate=g)))
        for c in means["cell"].values
        for r in means["retention"].values
        for g in means["gate"].values
    ]
    ends = extremes(found)
    if ends is None:
        return ""
    (lowest, low), (highest, high) = ends
    if lowest == highest:
        return f"Gate {lowest} stands at {low:.2f} on average."
    return f"On average gate {highest} is most open, {high:.2f}, and gate {lowest} least, {low:.2f}."


def valve_reading(rows: Sequence[tuple[str, str, xr.Dataset]]) -> str:
    """The share of what stands before the first gate that passes it, at the lowest and at the highest level."""
    for cell, passage, part in rows:
        sizes = [
            (float(part["level"].values[k]), *(float(np.nanmean(np.abs(part[v].isel(level=k).values)))
             for v in ("passed", "operand")))
            for k in range(part.sizes["level"])
        ]  # fmt: skip
        usable = sorted((level, passed / before) for level, passed, before in sizes if before > 0)
        if not usable or not all(math.isfinite(share) for _, share in usable):
            continue
        words = [f"{percent(share)} with the gate at {level:g}" for level, share in (usable[0], usable[-1])]
        first, *others = words
        first = first.replace(" with", " passes with", 1)
        return f"Of what stands before the gate in {passage} of {cell_label(cell)}, {' and '.join([first, *others])}."
    return ""


def layers_reading(data: xr.Dataset, names: Mapping[str, str]) -> str:
    """With which gains what tells two vectors apart decays, for each activation."""
    last = data["log10_distance"].isel(depth=-1)
    words = []
    for function, name in names.items():
        decays = [f"{float(g):g}" for g in data["gain"].values if median_of(last.sel(function=function, gain=g)) < 0]
        words.append(f"with {name} at {'no gain' if not decays else f'gain {listing(decays)}'}")
    return f"What tells two vectors apart decays over {int(data['depth'].values[-1])} passes {'; '.join(words)}."


def sheet_reading(data: xr.Dataset, cells: Sequence[str]) -> str:
    """The numbers of blocks of each cell's Jacobian that are not zero, and of products that follow one another."""
    words = []
    for cell in cells:
        kinds = data["kind"].values[data["line_cell"].values == cell]
        blocks, zeros = int((kinds == "block").sum()), int((kinds == "zero").sum())
        follow = int(data["sequential"].sel(cell=cell))
        products = f"{follow} product{'s' if follow != 1 else ''} in a row" if follow else "no product in a row"
        words.append(f"{cell_label(cell)}: {blocks} of {blocks + zeros} blocks are not zero, {products} for each step")
    return f"{'; '.join(words)}."


def mean_field_reading(rates: xr.Dataset) -> str:
    """The most by which theory and networks part, for weights drawn anew and for weights that are kept."""
    words = []
    for name, what in (("untied", "drawn anew at each step"), ("tied", "kept")):
        gap = (rates[name] - rates["followed_rate"]).stack(at=("cell", "retention"))
        gap = gap.where(np.isfinite(gap), drop=True)
        if gap.size:
            at = gap.isel(at=int(np.abs(gap.values).argmax()))
            setting = setting_words(str(at["cell"].item()), str(at["retention"].item()))
            words.append(f"{math.exp(float(at)):.3g} where weights are {what} ({setting})")
    return (
        f"Networks' factor of a step over that of the theory is, where they part most, {listing(words)}."
        if words
        else ""
    )


def phase_reading(data: xr.Dataset, cells: Sequence[str]) -> str:
    """The gain at which the untied theory turns from decay to growth, at the smallest and the largest bias."""
    gains = data["gain"].values.astype(float)
    words = []
    for cell in cells:
        one = data.sel(cell=cell)
        places = np.flatnonzero(one["bias"].notnull().values)
        found = []
        for place in dict.fromkeys((places[0], places[-1])) if len(places) else ():
            gain = crossing(gains, np.log(np.maximum(one["chi"].isel(place=place).values, 1e-300)))
            bias = float(one["bias"].isel(place=place))
            symbol = "<b>" if str(one["axis"].values) == "retention" else "<sigma_b>"
            found.append(f"{f'gain {gain:.2g}' if gain else 'no gain'} for {symbol} = {bias:g}".replace("-", "−"))
        if found:
            words.append(f"{cell_label(cell)} at {' and '.join(found)}")
    return f"By the theory the gradient turns from decay to growth in {'; in '.join(words)}." if words else ""


def crossing(x: np.ndarray, y: np.ndarray) -> float:
    """The first x at which y rises from below zero to zero or above, by interpolation; 0 where it does nowhere."""
    for k in range(len(x) - 1):
        if y[k] < 0 <= y[k + 1] and np.isfinite(y[k : k + 2]).all():
            return float(x[k] + (x[k + 1] - x[k]) * -y[k] / (y[k + 1] - y[k]))
    return 0.0


def quiescent_reading(part: xr.Dataset, pairs: Sequence[tuple[str, str]]) -> str:
    """Whether each network at rest is stable, and how near predicted radii are to measured ones."""
    calm: list[str] = []
    restless: list[str] = []
    off: list[float] = []
    for cell, retention in pairs:
        one = part.sel(cell=cell, retention=retention)
        radius, predicted = (median_of(one[k]) for k in ("spectral_radius", "predicted_radius"))
        if math.isfinite(radius):
            (calm if radius < 1 else restless).append(f"{setting_words(cell, retention)} (radius {radius:.3g})")
            if math.isfinite(predicted) and radius > 0:
                off.append(abs(predicted / radius - 1))
    said = [f"At rest these are stable: {listing(calm)}"] if calm else []
    said += (
        [f"these are not: {listing(restless)}" if calm else f"At rest none is stable: {listing(restless)}"]
        if restless
        else []
    )
    if not said:
        return ""
    near = f" The predicted radius is within {percent(max(off))} of the measured one." if off else ""
    return f"{'; '.join(said)}.{near}"

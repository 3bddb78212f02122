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
    sentences,
    setting_words,
    times,
)
from gatedsym.flow.analyses.ablation import AS_IT_IS
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.flow.numerics.rates import fitted_rate
from gatedsym.messages import room

say = room("captions")
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
    several = len(schemes) > 1
    return [
        (
            say("setting-of-scheme", setting=setting_words(c, r), scheme=scheme_name(s))
            if several and c not in given
            else setting_words(c, r),
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
    groups = [(scheme_name(s), s, [x for x in every if x[0] not in given]) for s in schemes]
    groups += [("", schemes[0], [x for x in every if x[0] in given])]
    sentences = [_most_and_least(name, norms.sel(init=s), rates.sel(init=s), own) for name, s, own in groups if own]
    return " ".join(s for s in sentences if s)


def _compared(flow: xr.Dataset) -> xr.DataArray:
    """The norms on which cells are compared: those of h, or of what was measured first."""
    norms = flow["log10_norm"]
    return norms.sel(quantity="h") if "h" in flow["quantity"].values else norms.isel(quantity=0)


def _most_and_least(scheme: str, norms: xr.DataArray, rates: xr.DataArray, settings: Sequence[tuple[str, str]]) -> str:
    """The sentence on the settings of one initialisation, or, where it has no name, on those with parameters given."""
    last = norms.isel(lag=-1)
    bands = {x: [float(q) for q in quartiles(last.sel(cell=x[0], retention=x[1]))] for x in settings}
    finite = {x: band for x, band in bands.items() if not math.isnan(band[1])}
    if not finite:
        return ""
    most, least = (pick(finite, key=lambda x: finite[x][1]) for pick in (max, min))
    lag = str(int(norms["lag"].values[-1]))
    high, low = (_kept(finite[x][1], float(rates.sel(cell=x[0], retention=x[1]))) for x in (most, least))
    if len(finite) == 1:
        return _single(scheme, lag, setting_words(*most), high)
    level = is_level(finite[least], finite[most])
    return _ends(scheme, lag, level, (setting_words(*least), low), (setting_words(*most), high))


def _kept(value: float, rate: float) -> str:
    """The rest that a setting keeps, with its factor of a step where it has one."""
    if not math.isfinite(value + rate):
        return amount(value)
    return say("norm-with-factor", amount=amount(value), factor=times(rate))


def _single(scheme: str, lag: str, setting: str, said: str) -> str:
    if scheme:
        return say("reading-norm-single", scheme=scheme, lag=lag, setting=setting, said=said)
    return say("reading-norm-single-given", lag=lag, setting=setting, said=said)


def _ends(scheme: str, lag: str, level: bool, least: tuple[str, str], most: tuple[str, str]) -> str:
    """The settings that keep least and most; each with what it keeps."""
    if scheme:
        return say(
            "reading-norm-level" if level else "reading-norm-ends", scheme=scheme, lag=lag, least=least[0],
            least_said=least[1], most=most[0], most_said=most[1],
        )  # fmt: skip
    return say(
        "reading-norm-level-given" if level else "reading-norm-ends-given", lag=lag, least=least[0],
        least_said=least[1], most=most[0], most_said=most[1],
    )  # fmt: skip


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
            gains = listing([say("gain-with-factor", gain=f"{g:g}", factor=times(r)) for g, r in growing])
            grows.append(say("grows-with-gain", cell=cell_label(cell), gains=gains))
        elif any(r <= 0 for _, r in own):
            shrinks.append(cell_label(cell))
    if not grows and not shrinks:
        return ""
    kind = "shrinks" if not grows else "both" if shrinks else "grows"
    none = listing(shrinks) if shrinks else ""
    return say("reading-exploding", kind=kind, grows="; ".join(grows), shrinks=none)


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
    name = str(data["loss"].values[0])
    loss = "last" if name == "last step" else "other"
    if len(found) == 1:
        return say("reading-truncation-single", loss=loss, name=name, window=str(k), share=percent(high), setting=most)
    return say(
        "reading-truncation-ends", loss=loss, name=name, window=str(k), high=percent(high), most=most,
        low=percent(low), least=least,
    )  # fmt: skip


def clipping_reading(data: xr.Dataset, retentions: Mapping[str, str]) -> str:
    """At the threshold nearest to 1: the largest share of sequences clipped, and the least cosine."""
    at = data.isel(init=0, threshold=int(np.abs(np.log(data["threshold"].values)).argmin()))
    shares, cosines = [], []
    for cell, retention in retentions.items():
        for gain in at["gain"].values:
            one = at.sel(cell=cell, retention=retention, gain=gain)
            name = say("setting-of-gain", setting=cell_label(cell), gain=f"{float(gain):g}")
            shares.append((name, median_of(one["share_clipped"])))
            cosines.append((name, median_of(one["cosine"])))
    share, cosine = extremes(shares), extremes(cosines)
    if share is None or cosine is None:
        return ""
    (fewest, low), (most, high) = share
    threshold, (setting, turned) = f"{float(at['threshold']):g}", cosine[0]
    if low == high:
        return say(
            "reading-clipping-alike", threshold=threshold, share=percent(high), setting=setting, cosine=f"{turned:.2g}"
        )
    return say(
        "reading-clipping", threshold=threshold, high=percent(high), most=most, low=percent(low), least=fewest,
        setting=setting, cosine=f"{turned:.2g}",
    )  # fmt: skip


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
        steps = [say("steps-back", count=k) for k in lags]
        if near == far:
            said = say(
                "reading-path-same", setting=name, way="highway" if near == highway else "other", path=near,
                near=steps[0], near_share=_of_it(near_share), far=steps[1], far_share=_of_it(far_share),
            )  # fmt: skip
        else:
            said = say(
                "reading-path-other", setting=name, near=steps[0], near_way=_way(near, highway),
                near_share=_of_it(near_share), far=steps[1], far_way=_way(far, highway), far_share=_of_it(far_share),
            )  # fmt: skip
        sentences.append(said)
    return f"{'; '.join(sentences)}." if sentences else ""


def _carrier(shares: xr.DataArray) -> tuple[str, float] | None:
    """The path with the largest share, median over seeds; None where none is finite."""
    found = [(str(p), median_of(shares.sel(path=p))) for p in shares["path"].values]
    finite = [(p, s) for p, s in found if math.isfinite(s)]
    return max(finite, key=lambda pair: pair[1]) if finite else None


def _of_it(share: float) -> str:
    """A share of the gradient; one above all of it is there because other paths take some away."""
    return say("share-of-gradient", kind="more" if share > 1.005 else "less", share=percent(share))


def _way(path: str, highway: str) -> str:
    return say("way-highway") if path == highway else say("way-through", path=path)


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
        state = say("part-of-cell", what=str(entry["memory"].item()), cell=cell_label(str(entry["cell"].item())))
        first, last = (_steps_with(r, v) for _, r, v in (found[0], found[-1]))
        said = say("lost-after", state=state, after=first)
        sentences.append(said if len(found) == 1 else say("lost-after-both", state=state, first=first, last=last))
    return say("reading-timescales", listed="; ".join(sentences)) if sentences else ""


def _steps_with(retention: str, value: float) -> str:
    """A number of steps, with the bias that it goes with."""
    if retention == "none":
        return _steps(value)
    return say("steps-with-bias", steps=_steps(value), bias=retention_words(retention))


def _steps(value: float) -> str:
    if math.isinf(value):
        return say("steps-none")
    number = f"{value:.2g}" if value < 100 else f"{value:.0f}"
    return say("steps-counted", steps=number, number="one" if number == "1" else "several")


def reach_reading(data: xr.Dataset, rows: Mapping[str, str]) -> str:
    """After how many steps a cell's parameters learn no more."""
    words, steps = [], float(data.attrs["steps"])
    for cell, retention in rows.items():
        reach = float(data["reach"].isel(init=0, gain=0).sel(cell=cell, retention=retention).median())
        if math.isfinite(reach):
            words.append(_reach(setting_words(cell, retention), reach, steps))
    if not words:
        return ""
    return say("reading-reach", listed=listing(words))


def _reach(setting: str, reach: float, steps: float) -> str:
    if reach >= steps:
        return say("reach-beyond", setting=setting, steps=f"{steps - 1:g}")
    after = say("steps-counted", steps=f"{reach:g}", number="one" if reach == 1 else "several")
    return say("reach-after", setting=setting, steps=after)


def ablation_reading(table: Any) -> str:
    """For each cell the edits that raise and lower its factor of a step most."""
    sentences = []
    for cell, rows in table.groupby("cell", sort=False):
        base = rows[rows["ablation"] == AS_IT_IS]["rate"]
        edits = rows[(rows["ablation"] != AS_IT_IS) & np.isfinite(rows["rate"])]
        if base.empty or not np.isfinite(base.iloc[0]) or edits.empty:
            continue
        low, high = edits.loc[edits["rate"].idxmin()], edits.loc[edits["rate"].idxmax()]
        factor, name = factor_words(base.iloc[0]), cell_label(str(cell))
        least, most = (factor_words(row["rate"]) for row in (low, high))
        if len(edits) == 1:
            sentences.append(say("ablation-one", factor=factor, cell=name, edited=least, edit=low["ablation"]))
            continue
        said = say(
            "ablation-ends", factor=factor, cell=name, high=most, high_edit=high["ablation"], low=least,
            low_edit=low["ablation"],
        )  # fmt: skip
        sentences.append(said)
    return say("reading-ablation", listed="; ".join(sentences)) if sentences else ""


def bound_reading(data: xr.Dataset) -> str:
    """By how much the bound misses the norm at the longest lag: the setting where it is tightest and where loosest."""
    gap = (data["log10_bound"] - data["log10_norm"]).sel(norm="2").isel(lag=-1, gain=0)
    found = [(words, median_of(gap.sel(at))) for words, at in initialised_settings(data, gap)]
    ends = extremes([(name, value) for name, value in found if math.isfinite(value)])
    if ends is None:
        return ""
    (tight, low), (loose, high) = ends
    lag = str(int(data["lag"].values[-1]))
    if tight == loose:
        return say("reading-bound-single", lag=lag, factor=amount(low), setting=tight)
    return say("reading-bound-ends", lag=lag, low=amount(low), tight=tight, high=amount(high), loose=loose)


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
            words = setting_words(cell, retention)
            if data.sizes["gain"] > 1:
                words = say("setting-of-gain", setting=words, gain=f"{gain:g}")
            factor = say("factor-of-step", factor=f"{math.exp(value):.3g}") if math.isfinite(value) else "0"
            (part if value > 0 else meet).append(f"{words}, {factor}")
    if not part and not meet:
        return ""
    kind = "meet" if not part else "both" if meet else "part"
    return say("reading-lyapunov", kind=kind, part="; ".join(part), meet="; ".join(meet))


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
        words.append(say("singular-span", low=bottom, high=factor_words(high / lag), setting=setting))
    return say("reading-singular", lag=str(lag), listed="; ".join(words)) if words else ""


def gates_reading(data: xr.Dataset) -> str:
    """The gates that stand lowest and highest: means over seeds, units and steps."""
    means = data["mean"].isel(init=0, gain=0).mean(("seed", "time"))
    found = [
        (
            say("part-of-cell", what=str(g), cell=setting_words(str(c), str(r))),
            float(means.sel(cell=c, retention=r, gate=g)),
        )
        for c in means["cell"].values
        for r in means["retention"].values
        for g in means["gate"].values
    ]
    ends = extremes(found)
    if ends is None:
        return ""
    (lowest, low), (highest, high) = ends
    if lowest == highest:
        return say("reading-gate", gate=lowest, mean=f"{low:.2f}")
    return say("reading-gates", highest=highest, high=f"{high:.2f}", lowest=lowest, low=f"{low:.2f}")


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
        (level, share), (upper, most) = usable[0], usable[-1]
        return say(
            "reading-valve", passage=passage, cell=cell_label(cell), first=percent(share), first_level=f"{level:g}",
            last=percent(most), last_level=f"{upper:g}",
        )  # fmt: skip
    return ""


def layers_reading(data: xr.Dataset, names: Mapping[str, str]) -> str:
    """With which gains what tells two vectors apart decays, for each activation."""
    last = data["log10_distance"].isel(depth=-1)
    words = []
    for function, name in names.items():
        decays = [f"{float(g):g}" for g in data["gain"].values if median_of(last.sel(function=function, gain=g)) < 0]
        if decays:
            words.append(say("layers-gains", activation=name, gains=listing(decays)))
        else:
            words.append(say("layers-no-gain", activation=name))
    return say("reading-layers", depth=str(int(data["depth"].values[-1])), listed="; ".join(words))


def sheet_reading(data: xr.Dataset, cells: Sequence[str]) -> str:
    """The numbers of blocks of each cell's Jacobian that are not zero, and of products that follow one another."""
    words = []
    for cell in cells:
        kinds = data["kind"].values[data["line_cell"].values == cell]
        blocks, zeros = int((kinds == "block").sum()), int((kinds == "zero").sum())
        follow = int(data["sequential"].sel(cell=cell))
        words.append(
            say("reading-sheet", cell=cell_label(cell), blocks=str(blocks), all=str(blocks + zeros), follow=follow)
        )
    return f"{'; '.join(words)}."


def mean_field_reading(rates: xr.Dataset) -> str:
    """The most by which theory and networks part, for weights drawn anew and for weights that are kept."""
    words = []
    for name in ("untied", "tied"):
        gap = (rates[name] - rates["followed_rate"]).stack(at=("cell", "retention"))
        gap = gap.where(np.isfinite(gap), drop=True)
        if gap.size:
            at = gap.isel(at=int(np.abs(gap.values).argmax()))
            setting = setting_words(str(at["cell"].item()), str(at["retention"].item()))
            words.append(say(f"parts-{name}", factor=f"{math.exp(float(at)):.3g}", setting=setting))
    return say("reading-mean-field", listed=listing(words)) if words else ""


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
            at = f"{bias:g}".replace("-", "−")
            size = f"{gain:.2g}".replace("-", "−")
            found.append(
                say("phase-gain", gain=size, symbol=symbol, bias=at)
                if gain
                else say("phase-no-gain", symbol=symbol, bias=at)
            )
        if len(found) == 1:
            words.append(say("phase-one", cell=cell_label(cell), gain=found[0]))
        elif found:
            words.append(say("phase-both", cell=cell_label(cell), first=found[0], last=found[-1]))
    return say("reading-phase", listed="; ".join(words)) if words else ""


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
            said = say("quiescent-radius", setting=setting_words(cell, retention), radius=f"{radius:.3g}")
            (calm if radius < 1 else restless).append(said)
            if math.isfinite(predicted) and radius > 0:
                off.append(abs(predicted / radius - 1))
    if not calm and not restless:
        return ""
    kind = "restless" if not calm else "both" if restless else "calm"
    stable, others = (listing(words) if words else "" for words in (calm, restless))
    near = say("quiescent-near", share=percent(max(off))) if off else ""
    return sentences(say("reading-quiescent", kind=kind, calm=stable, restless=others), near)

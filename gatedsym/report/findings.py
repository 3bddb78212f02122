"""Findings in the numbers of a report: medians, rates and comparisons for the page's sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from markupsafe import Markup

from gatedsym.figures.exploding import first_retention
from gatedsym.figures.words import cell_label, drawn_attrs, plain_and_gated, retention_words, size_of_states
from gatedsym.flow.analyses.gradient_norm import summary
from gatedsym.flow.numerics.rates import fitted_rate, stretch_words
from gatedsym.report.subjects import Cast
from gatedsym.report.theory import find_exponents, find_margins, find_rest

Row = dict[str, Any]
NOBODY = Cast(())


def find_all(datasets: Mapping[str, xr.Dataset], cast: Cast = NOBODY) -> dict[str, Any]:
    """Findings of every part that a report has, by part; `cast` says whose parameters are given, and what keeps."""
    finders: dict[str, Callable[[xr.Dataset], Any]] = {
        "gradient-norm": partial(find_norms, cast=cast),
        "gradient-norm-noise": partial(find_norms, cast=cast),
        "exploding": find_exploding,
        "truncation": partial(find_truncation, cast=cast),
        "clipping": find_clipping,
        "jacobian-sheet": find_costs,
        "gate-statistics": find_gates,
        "bound": find_bounds,
        "singular-values": find_schemes,
        "lyapunov": find_exponents,
        "quiescent": find_rest,
    }
    found = {name: finders[name](data) for name, data in datasets.items() if name in finders}
    return found | ({"bound-margins": find_margins(datasets["bound"])} if "bound" in datasets else {})


def find_schemes(data: xr.Dataset) -> list[str]:
    """The initialisations of a dataset."""
    return [str(s) for s in data["init"].values]


def find_norms(flow: xr.Dataset, cast: Cast = NOBODY) -> dict[str, Any]:
    """Medians at a middle and at the last lag, rates, and which gated cells keep less than which plain ones."""
    flow = flow.isel(gain=0)
    last = int(flow.lag[-1])
    middle = last // 2
    numbers = summary(flow).sel(quantity="h")
    rate = _rates(flow)
    given = [s.name for s in cast.given]
    plain, gated = plain_and_gated(flow)
    schemes = find_schemes(flow)
    settings = [(c, "none") for c in plain]
    settings += [(c, str(r)) for c in gated for r in flow["retention"].values if str(r) != "none"]
    every = [_row(cell, r, numbers.sel(cell=cell, retention=r), rate.sel(cell=cell, retention=r), schemes, middle)
             for cell, r in settings]  # fmt: skip
    rows = [r for r in every if r["name"] not in given]
    opened = _opened(rows, schemes)
    return {
        "window": stretch_words(rate),
        "middle": middle,
        "last": last,
        "seeds": int(flow.sizes["seed"]),
        "size": size_of_states(drawn_attrs(flow)),
        "schemes": schemes,
        "rows": rows,
        "given": [r for r in every if r["name"] in given],
        "plain": [cell_label(c) for c in plain if c not in given],
        "gated": [cell_label(c) for c in gated],
        "wins": [w for k, scheme in enumerate(schemes) if (w := _wins(scheme, k, rows))["over"]],
        "ends": [e for k, scheme in enumerate(schemes) if (e := _ends(scheme, k, rows)) is not None],
        "opens": bool(opened) and all(opened),
        "several": bool(opened),
        "highways": _highways(rows, cast, float(flow.attrs["horizon"]), middle),
    }


def _rates(flow: xr.Dataset) -> xr.DataArray:
    """The slope of log10 norm against lag for each setting, with the lags that it is fitted over."""
    return fitted_rate(flow[["log10_norm"]].sel(quantity="h"))


def _row(cell: str, retention: str, numbers: xr.Dataset, rate: xr.DataArray, schemes: list[str], middle: int) -> Row:
    median, at = numbers["median"], numbers.sel(lag=middle)
    return {
        "name": cell,
        "cell": cell_label(cell),
        "gated": retention != "none",
        "retention": retention,
        "words": retention_words(retention) if retention != "none" else "",
        "middle": [float(median.sel(init=s, lag=middle)) for s in schemes],
        "bands": [(float(at["lower"].sel(init=s)), float(at["upper"].sel(init=s))) for s in schemes],
        "last": [float(median.sel(init=s).isel(lag=-1)) for s in schemes],
        "factor": [10 ** float(rate.sel(init=s)) for s in schemes],
        "lags": [_lags_of(rate.sel(init=s)) for s in schemes],
    }


def _lags_of(rate: xr.DataArray) -> str:
    """The lags that one rate was fitted over: 10–150."""
    ends = [float(rate[name]) for name in ("first_lag", "last_lag")]
    return f"{ends[0]:.0f}–{ends[1]:.0f}" if all(map(math.isfinite, ends)) else "–"


def _wins(scheme: str, k: int, rows: Sequence[Row]) -> Row:
    """Under one initialisation, for each plain cell: the gated settings behind it, level with it and ahead of it.

    Level means that the bands between the quartiles overlap, at the middle lag. A plain cell whose gradient is not
    finite there is compared with none, and a gated setting whose gradient is not finite is neither of the three.
    """
    gated = [g | {"value": g["middle"][k], "band": g["bands"][k]} for g in rows if g["gated"]]
    over = []
    for p in (r for r in rows if gated and not r["gated"] and not math.isnan(r["middle"][k])):
        lower, upper = p["bands"][k]
        over.append(
            {
                "cell": p["cell"],
                "value": p["middle"][k],
                "factor": p["factor"][k],
                "settings": len(gated),
                "behind": [g for g in gated if g["band"][1] < lower],
                "level": [g for g in gated if g["band"][1] >= lower and g["band"][0] <= upper],
                "ahead": [g for g in gated if g["band"][0] > upper],
                "missing": [g for g in gated if math.isnan(g["value"])],
            }
        )
    return {"scheme": scheme, "over": over}


def _ends(scheme: str, k: int, rows: Sequence[Row]) -> Row | None:
    """Under one initialisation the settings that keep most and least at the middle lag; None if nothing is finite."""
    finite = [r | {"value": r["middle"][k]} for r in rows if not math.isnan(r["middle"][k])]
    if not finite:
        return None
    ordered = sorted(finite, key=lambda r: r["value"])
    return {"scheme": scheme, "settings": len(finite), "least": ordered[0], "most": ordered[-1]}


def _opened(rows: Sequence[Row], schemes: Sequence[str]) -> list[bool]:
    """For each gated cell with several biases and each initialisation: whether the largest clearly keeps more."""
    numbered = [r | {"bias": float(r["retention"])} for r in rows if r["gated"] and r["retention"] != "chrono"]
    found = []
    for name in dict.fromkeys(r["name"] for r in numbered):
        own = sorted((r for r in numbered if r["name"] == name), key=lambda r: r["bias"])
        found += [own[-1]["bands"][k][0] > own[0]["bands"][k][1] for k in range(len(schemes)) if len(own) > 1]
    return found


def _highways(rows: Sequence[Row], cast: Cast, horizon: float, lag: int) -> list[Row]:
    """For each gated setting what a state keeps by its direct way alone, by the cell's own equations, and measured."""
    found = []
    for row in (r for r in rows if r["gated"]):
        # Half of the chrono biases lie above this one.
        b = math.log(max(horizon / 2, 1.0)) if row["retention"] == "chrono" else float(row["retention"])
        kept = next((s.kept(b) for s in cast.subjects if s.name == row["name"]), None)
        left = [lag * math.log10(k) if k > 0 else -math.inf for k in kept] if kept else None
        found.append(row | {"bias": b, "kept": kept, "left": left})
    return found


def find_costs(sheet: xr.Dataset) -> list[Row]:
    """Counts of each cell, as a formula in its dimensions and as a number."""
    counted = ("parameters", "multiply_adds", "elementwise", "functions")
    return [
        {
            "cell": cell_label(str(one["cell"].values)),
            "states": str(one["states_text"].values),
            "sequential": int(one["sequential"]),
            "counts": [(str(one[f"{name}_text"].values), int(one[name])) for name in counted],
        }
        for one in (sheet.sel(cell=c) for c in sheet["cell"].values)
    ]


def find_bounds(data: xr.Dataset) -> list[Row]:
    """The bound of one step of each cell, block by block, as MathML."""
    lines = [
        {
            "cell": str(cell),
            **{part: Markup(str(data[f"{part}_mathml"].values[k])) for part in ("block", "paths", "most")},
        }
        for k, cell in enumerate(data["line_cell"].values)
    ]
    cells = [str(c) for c in data["cell"].values]
    return [{"cell": cell_label(c), "lines": [line for line in lines if line["cell"] == c]} for c in cells]


def find_gates(data: xr.Dataset) -> dict[str, Any]:
    """The gates that stand lowest and highest, and the one most often decided: means over seeds, units and steps."""
    data = data.isel(init=0, gain=0)
    means = data["mean"].mean(("seed", "time"))
    shares = (data["left"] + data["right"]).mean(("seed", "time"))
    rows: list[Row] = [
        {
            "cell": cell_label(str(cell)),
            "words": "" if str(r) == "none" else retention_words(str(r)),
            "gate": str(gate),
            "retention": str(r),
            "mean": float(means.sel(cell=cell, retention=r, gate=gate)),
            "share": float(shares.sel(cell=cell, retention=r, gate=gate)),
        }
        for cell in data["cell"].values
        for r in data["retention"].values
        for gate in data["gate"].values
    ]
    rows = [row for row in rows if math.isfinite(row["mean"]) and math.isfinite(row["share"])]
    if not rows:
        return {"gates": 0, "lowest": None, "highest": None, "decided": None}
    lowest, highest = (pick(rows, key=lambda row: row["mean"]) for pick in (min, max))
    return {
        "gates": len(rows),
        "lowest": lowest,
        "highest": highest,
        "decided": max(rows, key=lambda row: row["share"]),
    }


def find_exploding(flow: xr.Dataset) -> dict[str, Any]:
    """Median log10 norm at the last lag for each cell and gain, and the factor of a step."""
    median = summary(flow)["median"].isel(init=0).sel(quantity="h")
    rate = _rates(flow.isel(init=0))
    gains = [float(g) for g in flow["gain"].values]
    rows = []
    for cell in (str(c) for c in flow["cell"].values):
        retention = first_retention(flow, cell)
        at = {"cell": cell, "retention": retention}
        rows.append(
            {
                "cell": cell_label(cell),
                "bias": retention,
                "last": [float(median.sel(at).isel(lag=-1).sel(gain=g)) for g in gains],
                "factor": [10 ** float(rate.sel(at).sel(gain=g)) for g in gains],
            }
        )
    return {
        "gains": gains, "rows": rows, "last": int(flow.lag[-1]),
        "window": stretch_words(rate),
    }  # fmt: skip


def find_truncation(data: xr.Dataset, cast: Cast = NOBODY) -> dict[str, Any]:
    """Median share of the gradient that is lost, for each cell and bias, at a few windows."""
    data = data.isel(init=0, gain=0)
    error = data["relative_error"].median("seed")
    windows = [int(k) for k in data["window"].values if k < data.attrs["lags"]]
    shown = windows[:: max(1, len(windows) // 3)][-3:] or [int(data["window"].values[0])]
    given = {s.name for s in cast.given}
    rows: list[Row] = [
        {
            "cell": cell_label(str(cell)),
            "given": str(cell) in given,
            "retention": str(r),
            "words": "" if str(r) == "none" else retention_words(str(r)),
            "error": {
                str(loss): [float(error.sel(cell=cell, retention=r, loss=loss, window=k)) for k in shown]
                for loss in data["loss"].values
            },
        }
        for cell in data["cell"].values
        for r in data["retention"].values
        if bool(error.sel(cell=cell, retention=r).notnull().any())
    ]
    losses = [str(x) for x in data["loss"].values]
    # Where no gradient is finite there is no error, hence no row, no least and no most.
    finite = [row for row in rows if math.isfinite(row["error"][losses[0]][-1])]
    ends = sorted(finite, key=lambda row: row["error"][losses[0]][-1])
    least, most = (ends[0], ends[-1]) if len(ends) > 1 else (None, None)
    return {"windows": shown, "losses": losses, "rows": rows, "finite": finite, "least": least, "most": most,
            "steps": int(data.attrs["lags"])}  # fmt: skip


def find_clipping(data: xr.Dataset, threshold: float = 1.0) -> dict[str, Any]:
    """Median norm, share clipped and cosine at one threshold, for each cell and gain."""
    data = data.isel(init=0)
    near = float(data["threshold"].values[np.abs(np.log(data["threshold"].values / threshold)).argmin()])
    at = data.sel(threshold=near)
    rows = [
        {
            "cell": cell_label(cell),
            "gain": float(gain),
            "norm": float(one["log10_norm"].median()),
            "share": float(one["share_clipped"].median()),
            "cosine": float(one["cosine"].median()),
            "dominance": float(one["dominance"].median()),
        }
        for cell in (str(c) for c in data["cell"].values)
        for gain in data["gain"].values
        for one in (at.sel(cell=cell, gain=gain, retention=first_retention(data, cell)),)
    ]
    return {"threshold": near, "rows": rows, "gains": [float(g) for g in data["gain"].values]}

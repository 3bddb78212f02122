"""Pages of made-up data: every dataset that the sentences of a page read, with numbers that a test chose."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import xarray as xr

import gatedsym as gs
from gatedsym.figures.caption import Caption
from gatedsym.flow import white_noise
from gatedsym.flow.ensemble import coordinates, settings_of
from gatedsym.flow.inputs.series import Series
from gatedsym.flow.trained import TrainedCell
from gatedsym.report.atlas import atlas
from gatedsym.report.findings import find_all
from gatedsym.report.page import render_page
from gatedsym.report.parts import Part
from gatedsym.report.plan import Shown
from gatedsym.report.subjects import Cast, subject_of

SOURCES = {
    "alone": "h in R^n; U in R^(n,n); b in R^n\nh' = tanh(U @ h + b)",
    "keeper": "x in R^m; s in R^n; A, C in R^(n,m); B in R^(n,n); a in R^n\nk = sigmoid(A @ x + B @ s + a)\n"
    "s' = k * s + (1 - k) * tanh(C @ x)",
    "pulse": "h in R^n; U, V in R^(n,n); b in R^n\nz = sigmoid(U @ h + b)\nh' = z * h + (1 - z) * tanh(V @ h)",
}
KEYS = tuple(a.key for a in atlas()[1])
LAGS = np.arange(0, 41)


@cache
def cell_of(name):
    """A cell of the library, one of SOURCES, or one of them with parameters of its own, NAME_trained."""
    base = name.removesuffix("_trained")
    cell = gs.Cell(SOURCES[base], base) if base in SOURCES else gs.cell(base)
    return cell if base == name else TrainedCell(cell, cell.init(m=4, n=6, seed=3), name, "0" * 64)


@cache
def subject(name):
    """What may be said of it."""
    return subject_of(cell_of(name))


def grid(cells, init, gain=(1.0,), retention=(0.0, 1.0, "chrono")):
    """The axes of a dataset, and where each setting stands."""
    settings = settings_of(cells, init, gain, retention)
    return coordinates(settings), settings


def values_of(cells, init, gain, retention, more, draw):
    """A variable over the grid and further axes, NaN for settings that a cell lacks."""
    axes, settings = grid(cells, init, gain, retention)
    shape = [len(v) for v in axes.values()] + [len(v) for v in more.values()]
    found = np.full(shape, np.nan)
    for s in settings:
        found[tuple(list(axes[k]).index(v) for k, v in zip(axes, s.labels))] = draw(s, shape[4:])
    return ((*axes, *more), found), {**axes, **more}


def line(slope):
    """A straight line from 0 at lag 0."""
    return np.where(LAGS == 0, 0.0, slope * np.maximum(LAGS, 1))


def norms(cells, init, seeds, level, gain=(1.0,), retention=(0.0, 1.0, "chrono")):
    """log10 norms: straight lines of a slope that `level` says for each setting, with a little noise between seeds."""
    more = {"seed": np.arange(seeds), "quantity": ["h", "state"], "lag": LAGS}
    spread = np.linspace(-0.1, 0.1, seeds)[:, None, None] if seeds > 1 else np.zeros((1, 1, 1))
    variable, coords = values_of(
        cells, init, gain, retention, more, lambda s, shape: line(level(s)) + spread + np.zeros(shape)
    )
    attrs = {"n": 5, "seeds": seeds, "horizon": int(LAGS[-1]), "input_features": 4}
    return xr.Dataset({"log10_norm": variable}, coords=coords, attrs=attrs)


def truncation(cells, init, seeds, level, **_):
    """Relative errors of windows."""
    more = {"seed": np.arange(seeds), "loss": ["last step", "every step"], "window": [1, 5, 20]}
    draw = lambda s, shape: np.full(shape, 10 ** min(0.0, level(s)))  # noqa: E731
    variable, coords = values_of(cells, init[:1], (1.0,), (0.0, 1.0), more, draw)
    return xr.Dataset({"relative_error": variable}, coords=coords, attrs={"lags": 40})


def clipping(cells, init, seeds, level, **_):
    """Norms, shares, cosines and dominances over thresholds and gains."""
    more = {"seed": np.arange(seeds), "threshold": [0.1, 1.0]}
    variable, coords = values_of(cells, ("gaussian",), (1.0, 2.0), (1.0,), more, lambda s, shape: np.full(shape, 0.4))
    names = ("log10_norm", "share_clipped", "cosine", "dominance")
    return xr.Dataset(dict.fromkeys(names, variable), coords=coords)


def gates(cells, init, seeds, level, **_):
    """Means and shares of two gates."""
    more = {"seed": np.arange(seeds), "gate": ["i", "z"], "time": [0, 1]}
    draw = lambda s, shape: np.full(shape, level(s) * 0 + 0.4) + 0.1 * np.arange(2)[:, None]  # noqa: E731
    variable, coords = values_of(cells, init[:1], (1.0,), (0.0,), more, draw)
    return xr.Dataset(dict.fromkeys(("mean", "left", "right"), variable), coords=coords)


def sheet(cells, init, seeds, level, **_):
    """Counts."""
    names = ("parameters", "multiply_adds", "elementwise", "functions")
    data = {"states_text": ("cell", ["h"] * len(cells)), "sequential": ("cell", [1] * len(cells))}
    data |= {n: ("cell", [7] * len(cells)) for n in names} | {f"{n}_text": ("cell", ["n"] * len(cells)) for n in names}
    return xr.Dataset(data, coords={"cell": [c.name for c in cells]}, attrs={"n": 5, "input_features": 4})


def bound(cells, init, seeds, level, **_):
    """A line for each cell, and bounds that lie above the norms by ten and more."""
    lines = {
        f"{part}_mathml": ("line", ["<math><mi>U</mi></math>"] * len(cells)) for part in ("block", "paths", "most")
    }
    names = [c.name for c in cells]
    more = {"seed": np.arange(seeds), "norm": ["2", "spectral"], "lag": LAGS}
    over = lambda s, shape: line(level(s)) + 1 + (s.retention or 0) + np.zeros(shape)  # noqa: E731
    norm, coords = values_of(cells, init, (1.0,), (0.0, 1.0), more, lambda s, shape: over(s, shape) - 1)
    above, _ = values_of(cells, init, (1.0,), (0.0, 1.0), more, over)
    found = {"line_cell": ("line", names), "log10_norm": norm, "log10_bound": above, **lines}
    return xr.Dataset(found, coords=coords, attrs={"cells": names})


def exponents(cells, init, seeds, level, **_):
    """Exponents: the slopes of the norms, as natural logarithms."""
    more = {"seed": np.arange(seeds), "index": [1, 2]}
    variable, coords = values_of(
        cells, init[:1], (1.0,), (0.0, 1.0), more, lambda s, shape: np.full(shape, level(s) * np.log(10))
    )
    return xr.Dataset({"exponent": variable}, coords=coords)


def rests(cells, init, seeds, level, **_):
    """Spectral radii at rest: the factors of the norms."""
    more = {"seed": np.arange(seeds)}
    variable, coords = values_of(
        cells, init[:1], (1.0,), (0.0, 1.0), more, lambda s, shape: np.full(shape, 10.0 ** level(s))
    )
    return xr.Dataset({"spectral_radius": variable}, coords=coords)


def schemes(cells, init, seeds, level, **_):
    """Nothing but the axes."""
    return xr.Dataset(coords={"init": list(init)})


MAKERS = {
    "gradient-norm": norms,
    "gradient-norm-noise": norms,
    "exploding": lambda cells, init, seeds, level: norms(cells, ("gaussian",), seeds, level, (1.0, 3.0), (1.0,)),
    "truncation": truncation,
    "clipping": clipping,
    "gate-statistics": gates,
    "jacobian-sheet": sheet,
    "bound": bound,
    "lyapunov": exponents,
    "quiescent": rests,
}


CAPTION = Caption("Found.", "Lines.", "Sizes.", ["Mind this."])


def figure(analysis, data):
    """What the page asks of a figure."""
    return SimpleNamespace(
        name=analysis.key, title=f"What {analysis.key} shows", data=data, digest="0" * 64, caption=CAPTION,
        latex=lambda stem: rf"\includegraphics{{{stem}}}",
    )  # fmt: skip


def made_up_page(names, keys=KEYS, *, init=("uniform", "xavier"), seeds=3, level=None, series=None, command="gatedsym"):
    """index.html, and the datasets behind it, of cells by name."""
    level = level or (lambda setting: -0.1)
    series = series or white_noise(4)
    cells = [cell_of(name) for name in names]
    shown, datasets = [], {}
    for analysis in (a for a in atlas()[1] if a.key in keys):
        taking = [c for c in cells if c.states and not (analysis.draws and isinstance(c, TrainedCell))]
        reasons = {c.name: analysis.why_not_applicable(c) for c in cells if c not in taking}
        part = Part(analysis, series, tuple(taking), {k: r for k, r in reasons.items() if r}, {"n": 6})
        if not taking:
            shown.append(Shown(part, None))
            continue
        datasets[analysis.key] = MAKERS.get(analysis.key, schemes)(taking, init, seeds, level)
        shown.append(Shown(part, figure(analysis, datasets[analysis.key])))
    cast = Cast([subject(name) for name in names])
    page = render_page(cells, cast, series, shown, find_all(datasets, cast), {}, ("svg",), command)
    return page, datasets


def text_of(description):
    """A text, as far as a page asks."""
    return Series("text", description, "symbols", 4, np.arange(90) % 4, "0" * 64)

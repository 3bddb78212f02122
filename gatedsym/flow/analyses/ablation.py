"""The ablation matrix: what each gate and each activation of a cell does for its gradient, by taking it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError, EquationError
from gatedsym.flow.ensemble import (
    Cells,
    Ensemble,
    Member,
    Networks,
    Setting,
    chrono_horizon,
    label,
    read_ensemble,
    require_positive,
)
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import free_sizes, hidden_size
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.calculus.ablations import Ablation
    from gatedsym.cells import Cell

AS_IT_IS = "as it is"
MEASURES = ("rate", "lambda_1", "chi", "highway", "parameters", "operations")


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no ablations, as one sentence, or ""."""
    from gatedsym.calculus.ablations import find_ablations

    if not cell.states:
        return f"cell {cell.name} has no state, so no gradient flows through time that an ablation could change."
    if not find_ablations(cell.recurrence):
        return f"cell {cell.name} has neither gates nor activations that could be taken away: it is linear."
    return ""


@analysis(why_not_applicable, n=64, seeds=5, init="xavier", retention=1.0)
def ablation(
    cells: Cells,
    x: Reading = "text",
    *,
    lags: int = 100,
    population: int = 2048,
    measures: Sequence[str] = MEASURES,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Edit a cell's equations by rule, and measure what becomes of its gradient.

    The edits: each gate forced open (the value that stays between 0 and 1 and multiplies another becomes 1), each
    activation made linear (tanh(a) becomes a), each gate that can be had from another gate of the same state tied to it
    (f = 1 - i), and all gates without their peepholes (p * c goes). Parameters that an edit makes unnecessary go.

    Parameters
    ----------
    x : Series, name, path, or array (T, B, m)
        The mean field reads independent N(0, R), R the mean square of the series.
    lags : int
        Steps over which the gradient is followed.
    population : int
        Sites of the mean field.
    measures : sequence of str
        Which of ``rate``, ``lambda_1``, ``chi``, ``highway``, ``parameters`` and ``operations`` are taken.
    retention : float, "chrono" or None, or a sequence of these
        Biases of the gates that retain the state. An ablation whose edit takes the retaining gate away has no retention
        bias, and stands under that of the cell.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, ablation, seed); NaN where a cell lacks the ablation or the measure makes no sense
        for it. ``rate``: slope of log10 norm of the gradient with respect to the state that `gradient_flow` compares,
        against lag where the curve is straight (`flow.rates`; ``first_lag`` and ``last_lag``, attributes, say between
        which lags); negative where it vanishes. ``lambda_1``: largest Lyapunov exponent (natural logarithm per step),
        tied weights. ``chi``: second moment of the backward signal per step, untied
        theory. ``highway``: share of the highway in the gradient of one step, mean over lags. (cell, ablation):
        ``parameters``, numbers in all parameters; ``operations``, multiplications, additions and calls of functions in
        one step of one sequence (`calculus.costs`: what parameters alone give is not counted); ``edit``, the edited
        equations; ``kind``; ``said``: why there is no such cell, or which measure has no value and why.

    Raises
    ------
    ArgumentError
        For data or sizes that cannot be used, or a cell for which `why_not_applicable` has a reason.

    References
    ----------
    Edits of one cell, the LSTM with peepholes: Greff, Srivastava, Koutník, Steunebrink, Schmidhuber 2017, LSTM: a
    search space odyssey. Edits by rule of any cell, and what is measured of them, are our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.ablation("gru", "noise", n=4, seeds=1, lags=10, measures=["parameters"])
    >>> [str(name) for name in data["ablation"].values][:2]
    ['as it is', 'z open']
    """
    source = read_source(x)
    if source.array is not None:
        lags = source.array.shape[0] - 1
    if unknown := [name for name in measures if name not in MEASURES]:
        raise ArgumentError(f"measure {unknown[0]!r}: choose from {', '.join(MEASURES)}.")
    require_positive(lags=lags // 5)
    ensemble = read_ensemble(
        cells, source, networks, horizon=chrono_horizon(lags), why_not_applicable=why_not_applicable,
        population=population,
    )  # fmt: skip
    edited = {cell.name: _variants(cell) for cell in ensemble.cells}
    names = list(dict.fromkeys(v.name for variants in edited.values() for v in variants))
    table, sizes = _Table(ensemble, names), _Sizes(ensemble, lags, population)
    jobs = [(s, v) for s in ensemble.settings for v in edited[s.cell.name]]
    for done, (setting, variant) in enumerate(jobs, start=1):
        table.describe(setting.cell.name, variant, sizes)
        if variant.cell is not None:
            table.put(setting, variant.name, _measured(setting, variant.name, variant.cell, sizes, measures, table))
        if ensemble.progress is not None:
            ensemble.progress(done / len(jobs))
    attrs = ensemble.describe(Loss(), laws_followed=False, lags=lags)
    attrs |= {"title": "ablations", "population": population, "measures": list(measures)} | table.fitted_over(lags)
    return table.dataset(attrs)


@dataclass(frozen=True)
class _Sizes:
    """Sizes that are asked of the analyses that measure an edited cell."""

    ensemble: Ensemble
    lags: int
    population: int

    def networks(self, setting: Setting, cell: Cell) -> Networks:
        """The networks of an edited cell under a setting."""
        of = self.ensemble
        return Networks(
            n=hidden_size(setting.cell, of.n), seeds=of.seeds, init=setting.scheme, gain=setting.gain,
            horizon=of.horizon, retention=setting.retention if cell.can_retain else None,
        )  # fmt: skip


@dataclass(frozen=True)
class _Variant:
    """An edited cell; None with a reason where the edit gives none."""

    name: str
    kind: str
    edit: str
    cell: Cell | None
    reason: str


def _variants(cell: Cell) -> list[_Variant]:
    from gatedsym.calculus.ablations import find_ablations

    return [_Variant(AS_IT_IS, "", "", cell, ""), *(_edited(cell, one) for one in find_ablations(cell.recurrence))]


def _edited(cell: Cell, one: Ablation) -> _Variant:
    """The cell with an ablation; where a gate cannot be the number 1, with ones in its shape."""
    from gatedsym.calculus.ablations import keep_shape

    reason = ""
    for way in (one, keep_shape(one, cell.recurrence)):
        if way is None:
            continue
        edit = "; ".join(f"{left} = {right}" for left, right in way.edits)
        try:
            variant = cell.variant(f"{cell.name}_{one.identifier}", dict(way.edits))
        except EquationError as error:
            reason = reason or f"no valid cell: {str(error).splitlines()[0]}"
            continue
        if variant.states:
            return _Variant(one.name, one.kind, edit, variant, "")
        reason = "no state is left"
    return _Variant(one.name, one.kind, "; ".join(f"{a} = {b}" for a, b in one.edits), None, reason)


def _measured(
    setting: Setting, ablated: str, cell: Cell, sizes: _Sizes, measures: Sequence[str], table: _Table
) -> dict[str, Array]:
    """Each measure for every seed; what a measure refuses is left out and said."""
    options = sizes.networks(setting, cell)
    functions = {"rate": table.rate, "lambda_1": _exponent, "chi": _chi, "highway": _highway}
    values = {}
    for name, function in functions.items():
        if name in measures:
            try:
                values[name] = function(cell, sizes, options)
            except ArgumentError as refusal:
                table.say(setting.cell.name, ablated, f"{name}: {refusal}")
    return values


def _slopes(cell: Cell, sizes: _Sizes, options: Networks) -> xr.DataArray:
    """The rate of every seed, with the lags that it was fitted over."""
    from gatedsym.flow.analyses.gradient_norm import gradient_norm
    from gatedsym.flow.loss import compared_state
    from gatedsym.flow.numerics.rates import fitted_slopes

    options = options | {"dtype": sizes.ensemble.dtype}
    flow = gradient_norm([cell], sizes.ensemble.source, lags=sizes.lags, batch=1, **options)
    quantity = "h" if compared_state(cell) in ("h", cell.states[0]) else compared_state(cell)
    return fitted_slopes(flow.sel(quantity=[quantity]))


def _exponent(cell: Cell, sizes: _Sizes, options: Networks) -> Array:
    from gatedsym.flow.analyses.lyapunov import lyapunov

    found = lyapunov(
        [cell], sizes.ensemble.source, steps=2 * sizes.lags, warmup=sizes.lags, blocks=2, exponents=1, **options
    )
    return np.asarray(found["exponent"].isel(index=0).values.reshape(-1), dtype=float)


def _chi(cell: Cell, sizes: _Sizes, options: Networks) -> Array:
    from gatedsym.flow.analyses.mean_field import mean_field

    found = mean_field(
        [cell], sizes.ensemble.source, population=sizes.population, steps=sizes.lags, measure=False, **options
    )
    return np.asarray(found["chi"].values.reshape(-1), dtype=float)


def _highway(cell: Cell, sizes: _Sizes, options: Networks) -> Array:
    from gatedsym.flow.analyses.paths import paths

    found = paths([cell], sizes.ensemble.source, lags=min(sizes.lags, 30), batch=1, **options)
    share = found["share"].sel(view="last step", path=found.attrs["highway"])
    return np.asarray(share.mean("lag").values.reshape(-1), dtype=float)


class _Table:
    """The numbers and words known so far."""

    def __init__(self, ensemble: Ensemble, names: Sequence[str]) -> None:
        *axes, seeds = ensemble.axes.values()
        cells = (len(ensemble.cells), len(names))
        self.ensemble, self.names = ensemble, list(names)
        self.values = {k: np.full((*map(len, axes), len(names), len(seeds)), np.nan) for k in MEASURES[:4]}
        self.costs = {k: np.full(cells, np.nan) for k in MEASURES[4:]}
        self.words = {k: np.full(cells, "", dtype=object) for k in ("kind", "edit", "said")}
        self.refused: dict[tuple[str, str], list[str]] = {}
        self.stretches: list[tuple[int, int]] = []

    def _place(self, cell: str, name: str) -> tuple[int, int]:
        return self.ensemble.axes["cell"].index(cell), self.names.index(name)

    def describe(self, cell: str, variant: _Variant, sizes: _Sizes) -> None:
        """Write down what an ablation is and what it costs."""
        place = self._place(cell, variant.name)
        for name, text in (("kind", variant.kind), ("edit", variant.edit), ("said", variant.reason)):
            self.words[name][place] = text
        if variant.cell is not None:
            costs = cost_of(variant.cell, self.ensemble.source.features, hidden_size(variant.cell, self.ensemble.n))
            self.costs["parameters"][place], self.costs["operations"][place] = costs

    def put(self, setting: Setting, ablated: str, values: Mapping[str, Array]) -> None:
        """Write down what was measured."""
        *place, _ = Member(self.ensemble, setting, self.ensemble.seeds[0]).place
        for name, value in values.items():
            self.values[name][(*place, self.names.index(ablated))] = value

    def rate(self, cell: Cell, sizes: _Sizes, options: Networks) -> Array:
        """The rate of every seed; the lags that it was fitted over are written down."""
        slopes = _slopes(cell, sizes, options)
        if bool(slopes.notnull().any()):
            self.stretches.append((int(slopes.attrs["first_lag"]), int(slopes.attrs["last_lag"])))
        return np.asarray(slopes.values.reshape(-1), dtype=float)

    def fitted_over(self, lags: int) -> dict[str, int]:
        """Between which lags rates were fitted."""
        ends = self.stretches or [(0, lags)]
        return {"first_lag": min(a for a, _ in ends), "last_lag": max(b for _, b in ends)}

    def say(self, cell: str, name: str, text: str) -> None:
        """Remember why a measure has no value."""
        said = self.refused.setdefault((cell, name), [])
        if text not in said:
            said.append(text)

    def dataset(self, attrs: Mapping[str, Any]) -> xr.Dataset:
        """Everything, labelled."""
        axes = {k: v for k, v in self.ensemble.axes.items() if k != "seed"}
        axes |= {"ablation": self.names, "seed": self.ensemble.axes["seed"]}
        for (cell, name), texts in self.refused.items():
            self.words["said"][self._place(cell, name)] = " ".join(texts)
        whole, pair = tuple(axes), ("cell", "ablation")
        data = xr.Dataset(
            {k: (whole, v) for k, v in self.values.items()}
            | {k: (pair, v) for k, v in self.costs.items()}
            | {k: (pair, v.astype(str)) for k, v in self.words.items()},
            coords=axes,
            attrs=dict(attrs),
        )
        return label(
            data,
            (
                ("rate", "slope of log10 norm of the gradient against lag", "1/step"),
                ("lambda_1", "largest Lyapunov exponent, tied weights", "1/step"),
                ("chi", "second moment of the backward signal per step, untied theory", "1"),
                ("highway", "share of the highway in the gradient of one step", "1"),
                ("parameters", "numbers in all parameters", "1"),
                ("operations", "operations of one step of one sequence", "1"),
                ("kind", "kind of edit", ""),
                ("edit", "edited equations", ""),
                ("said", "why there is no value", ""),
            ),
        )


def cost_of(cell: Cell, features: int, n: int) -> tuple[int, int]:
    """Numbers in all parameters, and operations of one step of one sequence as `calculus.costs` counts them."""
    from gatedsym.calculus.costs import count_costs, count_numbers

    sizes = cell.sizes(**free_sizes(cell, features, n))
    counted = count_numbers(cell.recurrence.parameters), count_costs(cell.recurrence.program).operations
    parameters, operations = (int(count.subs({s: sizes[str(s)] for s in count.free_symbols})) for count in counted)
    return parameters, operations

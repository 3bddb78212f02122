"""Contributions of early steps: what each parameter's use at step k adds to the gradient of a loss at step t."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.calculus.names import adjoint_name
from gatedsym.execution.layouts import split_parts
from gatedsym.flow.ensemble import Cells, Member, Networks, chrono_horizon, read_ensemble
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss, compared_state, read_loss
from gatedsym.flow.numerics.adjoints import (
    LOG10_2,
    Adjoints,
    StepAdjoint,
    log10_norm,
    median_over_sequences,
    moving_names,
)
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.ir.program import Program

ON_EVERY_STATE = Loss("cotangent", "every")
REACH = 0.01
"""The share of a same-step contribution at which a parameter is said to learn no more."""


def why_not_applicable(cell: Cell) -> str:
    """The reason why temporal contributions make no sense for a cell, in a sentence; "" if they do."""
    if not cell.states:
        return f"cell {cell.name} has no state, so no step contributes to the loss of a later one."
    if not cell.parameters:
        return f"cell {cell.name} has no parameters, so there is nothing that its steps could contribute to."
    return ""


@analysis(why_not_applicable, n=64, seeds=5, init="xavier", retention=(0.0, 1.0, 2.0))
def temporal_contributions(
    cells: Cells,
    x: Reading = "text",
    *,
    steps: int = 50,
    batch: int = 2,
    loss: str | Loss | Callable[[Any], Any] = ON_EVERY_STATE,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Norm of (dE_t/ds_t) (ds_t/ds_k) (d+s_k/dtheta) for every parameter theta and all k <= t.

    s_k is all states after step k side by side, d+s_k/dtheta the derivative of step k alone, the state before it held
    (Pascanu, Mikolov, Bengio 2013, equation 5). Summed over k this is the gradient of E_t.

    Parameters
    ----------
    batch : int
        Sequences for each network. Each counts by itself: its contributions are not summed over the batch.
    steps : int
        Steps of a sequence.
    loss : Loss, str or callable
        dE_t/dh_t is the derivative of this loss with respect to h_t; by default a random cotangent of length 1 on every
        state h_t of every sequence. A function gets the trajectory; see `gradient_norm`.

    Returns
    -------
    xarray.Dataset
        ``log10_norm`` (cell, init, gain, retention, seed, parameter, k, t): Frobenius norm, median over sequences; -inf
        where it is exactly 0, NaN for k > t, where the cell lacks the parameter or setting, or values are not finite.
        ``reach`` (…, seed, parameter): the first lag t - k at which the median over all pairs with this lag is below
        1 % of that at lag 0; `steps` where that does not happen within the sequence; NaN where nothing arrives at lag
        0. ``family`` (parameter): the name up to its first underscore.

    Raises
    ------
    ArgumentError
        For data or sizes that cannot be used, or a cell for which `why_not_applicable` has a reason.

    References
    ----------
    Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent neural networks, equation 5.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.temporal_contributions("rnn", "noise", n=4, seeds=2, steps=10)
    >>> list(data)[:3]
    ['log10_norm', 'reach', 'family']
    """
    source = read_source(x)
    steps, batch = source.steps_and_batch(steps, batch)
    ensemble = read_ensemble(
        cells, source, networks, horizon=chrono_horizon(steps), why_not_applicable=why_not_applicable, steps=steps,
        batch=batch,
    )  # fmt: skip
    derived = {cell.name: _Derived.of(cell) for cell in ensemble.cells}
    names = list(dict.fromkeys(name for cell in ensemble.cells for name in cell.parameters))
    of = read_loss(loss, source.classes)
    values = ensemble.empty(len(names), steps, steps, dtype="float32")
    for member, result in ensemble.map(lambda m: _one_network(m, of, steps, batch, derived[m.cell.name])):
        values[member.place][[names.index(name) for name in member.cell.parameters]] = result
    return _dataset(values, ensemble.axes, names, ensemble.describe(of, batch=batch, lags=steps - 1))


def family_of(parameter: str) -> str:
    """The name up to its first underscore: W for W_i."""
    return parameter.partition("_")[0] or parameter


def family_norms(data: xr.Dataset, family: str) -> xr.DataArray:
    """``log10_norm`` of all parameters of a family together, those that a cell lacks left out."""
    members = data["log10_norm"].isel(parameter=data["family"].values == family).astype(np.float64)
    # Absent members count as zero; where all are absent, so is the family.
    joined: xr.DataArray = xr.apply_ufunc(
        lambda logs: _joined(np.where(np.isnan(logs), -np.inf, logs), axis=-1), members, input_core_dims=[["parameter"]]
    )
    return joined.where(members.notnull().any("parameter"))


def _dataset(values: Array, axes: Mapping[str, Any], names: Sequence[str], attrs: Mapping[str, Any]) -> xr.Dataset:
    steps = values.shape[-1]
    dims = (*axes, "parameter")
    time = np.arange(1, steps + 1)
    data = xr.Dataset(
        {
            "log10_norm": ((*dims, "k", "t"), values),
            "reach": (dims, _reach(values)),
            "family": ("parameter", [family_of(name) for name in names]),
        },
        coords={**axes, "parameter": list(names), "k": time, "t": time},
        attrs={**attrs, "title": "temporal contributions", "steps": steps, "reach_share": REACH},
    )
    data["log10_norm"].attrs = {"long_name": "log10 of the norm of what step k adds to dE_t/dtheta", "units": "1"}
    data["reach"].attrs = {"long_name": "lag at which contributions fall below 1 % of those at lag 0", "units": "step"}
    data["k"].attrs = {"long_name": "step k at which the parameter is used", "units": "step"}
    data["t"].attrs = {"long_name": "step t of the loss", "units": "step"}
    return data


def _reach(values: Array) -> Array:
    """The first lag at which the median along a diagonal is below a share of that of the main one."""
    steps = values.shape[-1]
    medians = np.stack(
        [median_over_sequences(values.diagonal(lag, -2, -1).astype(np.float64)) for lag in range(steps)], axis=-1
    )
    low = medians < medians[..., :1] + np.log10(REACH)
    first = np.where(low.any(axis=-1), low.argmax(axis=-1), steps).astype(float)
    return np.where(np.isfinite(medians[..., 0]), first, np.nan)


@dataclass(frozen=True)
class _Derived:
    """Programs that are derived once for a cell.

    Attributes
    ----------
    primal, adjoint : Program
        The adjoint's results: those of previous states, and what `factors` lists.
    sources : tuple of str
        Previous states as the step reads them.
    factors : mapping of str to tuple of str
        For each part of a parameter the tensors the product of whose norms is the norm of its adjoint: the adjoint
        itself, or the two vectors whose outer product it is.
    """

    primal: Program
    adjoint: Program
    sources: tuple[str, ...]
    factors: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(cell: Cell) -> _Derived:
        from gatedsym.calculus.adjoint import derive_adjoint
        from gatedsym.calculus.stable import stabilise

        primal = stabilise(cell.recurrence.program)
        sources = tuple(n for n in primal.sources if primal[n].role == "state")
        parts = [p for layout in cell.interface.parameters for p in layout.parts]
        adjoint = derive_adjoint(primal, [*sources, *parts])
        moving = moving_names(adjoint)
        factors = {p: _factors(adjoint, adjoint_name(p), primal, moving) for p in parts}
        own = [f for fs in factors.values() for f in fs if f not in primal]
        wanted = [*map(adjoint_name, sources), *own]
        return _Derived(primal, adjoint.with_results(dict.fromkeys(wanted)), sources, factors)


def _factors(adjoint: Program, name: str, primal: Program, moving: frozenset[str]) -> tuple[str, ...]:
    from gatedsym.ir.program import Contraction

    statement = adjoint.definitions[name]
    if isinstance(statement, Contraction) and not statement.summed:
        indices = [i for ref in statement.factors for i in ref.indices]
        if len(set(indices)) == len(indices) and all(r.name in moving or r.name in primal for r in statement.factors):
            return tuple(ref.name for ref in statement.factors)
    return (name,)


def _one_network(member: Member, loss: Loss, steps: int, batch: int, derived: _Derived) -> Array:
    """log10 norms (parameter, k, t) of one network."""
    cell, state = member.cell, compared_state(member.cell)
    driven = member.run(steps, batch)
    run = driven.run
    times, read = loss.cotangents(run[state][1:], member.seed, driven.targets)
    dh = np.zeros((steps, *read.shape[1:]), read.dtype)
    dh[times] = read
    given = dict(split_parts(cell.layout_of(state), dh, run.call_shape.sizes, 2))
    step, adjoints = StepAdjoint(derived.primal, derived.adjoint, run), Adjoints(cell, run, steps)
    result = np.full((len(cell.parameters), steps, steps), np.nan, dtype=np.float32)
    for k in reversed(range(steps)):
        begin = [(part, 1, value[k][None]) for part, value in given.items()]
        adjoints.add(slice(k, k + 1), begin, np.zeros((1, batch), dtype=np.int64))
        adjoints.normalise()
        later, exponents = slice(k, steps), adjoints.exponents[k:]
        found = step.at(k, adjoints.now(later))
        norms = _parameter_norms(cell, derived, step, found, k)
        result[:, k, later] = median_over_sequences(norms + exponents * LOG10_2)
        adjoints.step_back()
        back = [(derived.primal[s].of or s, derived.primal[s].lag, found[adjoint_name(s)]) for s in derived.sources]
        adjoints.add(later, back, exponents)
    return result


def _parameter_norms(cell: Cell, derived: _Derived, step: StepAdjoint, found: Mapping[str, Array], k: int) -> Array:
    """log10 of the norms of the mantissas, (parameter, t, B)."""
    lead = next(iter(found.values())).shape[:2]
    logs: dict[str, Array] = {}

    def log_norm(name: str) -> Array:
        if name not in logs:
            value = found[name] if name in found else step.known(name, k)
            axes = 2 if name in found else 1 if name in derived.primal.batched else 0
            logs[name] = log10_norm(value.reshape((*value.shape[:axes], -1)))
        return logs[name]

    rows = []
    for layout in cell.interface.parameters:
        norms = [sum(map(log_norm, derived.factors[part]), np.zeros(lead)) for part in layout.parts]
        rows.append(norms[0] if len(norms) == 1 else _joined(np.stack(norms), axis=0))
    return np.stack(rows)


def _joined(logs: Array, axis: int) -> Array:
    """log10 of the norm of several blocks side by side, from those of the blocks."""
    largest = logs.max(axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * np.log10((10.0 ** (2 * (logs - shift))).sum(axis=axis)) + shift.squeeze(axis))

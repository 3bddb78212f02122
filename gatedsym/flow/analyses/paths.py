"""Paths of the gradient: its norm through each gate, each candidate and along the highway, against lag."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.calculus.names import HIGHWAY, adjoint_name
from gatedsym.execution.layouts import split_parts
from gatedsym.execution.ragged.lengths import check_lengths
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.flow.analyses.gradient_norm import cotangents_of
from gatedsym.flow.ensemble import Cells, Member, Networks, chrono_horizon, read_ensemble
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.loss import Loss, compared_state, read_loss
from gatedsym.flow.numerics.adjoints import (
    Adjoints,
    StepAdjoint,
    log10_norm,
    median_over_sequences,
    values_along,
    values_from_own_ends,
)
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.calculus.paths import PathAdjoint
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run
    from gatedsym.ir.program import Program

VIEWS = ("departure", "last step")
CLOSURE = 1e-10
"""The most by which the parts may miss the whole, in norms of the whole, before the dataset says so."""


def why_not_applicable(cell: Cell) -> str:
    """The reason why paths make no sense for a cell, in a sentence; "" if they do."""
    if not cell.states:
        return f"cell {cell.name} has no state, so no gradient flows through time and there are no paths to compare."
    from gatedsym.calculus.paths import derive_path_adjoint

    if not derive_path_adjoint(cell.recurrence.program).parts:
        return f"no result of cell {cell.name} depends on a previous state, so there are no paths to compare."
    return ""


@analysis(why_not_applicable, n=64, seeds=5, init="xavier", retention=(0.0, 1.0, 2.0))
def paths(
    cells: Cells,
    x: Reading = "text",
    *,
    lags: int = 200,
    batch: int = 2,
    loss: str | Loss | Callable[[Any], Any] = "cotangent",
    lengths: Sequence[int] | Array | None = None,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Split the gradient of the loss at the last step by the paths that it takes back through the cell.

    A path is the first name to which a previous state leads: a gate or a candidate of the equations; the state highway,
    straight to a next state and entry by entry; or a next state itself (``h'``) that is reached through a matrix. The
    gradient is taken apart in two ways, and each time the parts add up to it:

    ``last step``
        delta_t = sum of P_k^T delta_{t+1} over paths k: by the path of the step from t to t + 1 alone.
    ``departure``
        The highway's part has never left it, delta^hw_t = D^T delta^hw_{t+1}. Part k has, going back in time, left it
        for the first time by path k: delta^k_t = J^T delta^k_{t+1} + P_k^T delta^hw_{t+1}.

    Here s_t is all states side by side, J = ds_{t+1}/ds_t, P_k the part of J on path k, D that on the highway.

    Parameters
    ----------
    lags : int
        The longest lag; that of an array that is given.
    batch : int
        Sequences for each network.
    loss : Loss, str or callable
        On the last step; by default a random cotangent of length 1 on the last h. A function gets the trajectory; see
        `gradient_norm`.
    lengths : (B,) array of int, optional
        Steps of each sequence, where they differ: lags are counted from its own last step, and medians and means are
        over the sequences that are long enough, NaN where none is.
    dtype : str
        Of the networks. Adjoints are carried in float64, each with an exponent of its own.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, [view,] [path,] lag), lag from 1 to `lags`. ``log10_norm``: of each part;
        -inf where it is exactly 0; NaN where the cell lacks the path or setting, or values are not finite.
        ``log10_whole``: of the gradient. Both are medians over sequences. ``share``: <part, whole> / ‖whole‖², and
        ``square``: ‖part‖² / ‖whole‖², and ``cross``: 1 minus all squares, what the parts add or cancel between
        them; means over sequences, so that shares add up to 1 and squares with the cross term too.
        ``closure_departure`` and ``closure_last_step`` (attributes): largest distance between whole and sum of parts,
        in norms of the whole.

    Raises
    ------
    ArgumentError
        For data or sizes that cannot be used, a loss on every step, or a cell for which `why_not_applicable` has a
        reason.

    References
    ----------
    Kanuparthi, Arpit, Kerg, Ke, Mitliagkas, Bengio 2019, h-detach: modifying the LSTM gradient towards better
    optimization, parts the gradient of an LSTM by paths. Both divisions here, of any cell, are our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.paths("gru", "noise", n=4, seeds=2, lags=10, retention=1.0)
    >>> list(data)[:3]
    ['log10_norm', 'log10_whole', 'share']
    """
    source = read_source(x)
    of = read_loss(loss, source.classes).on_the_last_step("paths are followed back from one step")
    lags, batch = source.lags_and_batch(lags, batch)
    ensemble = read_ensemble(
        cells, source, networks, horizon=chrono_horizon(lags), why_not_applicable=why_not_applicable, lags=lags,
        batch=batch,
    )  # fmt: skip
    derived = {cell.name: _Derived.of(cell) for cell in ensemble.cells}
    names = list(dict.fromkeys([HIGHWAY, *(path for d in derived.values() for path in d.split.paths)]))
    values = _Measured.empty(tuple(map(len, ensemble.axes.values())), len(names), lags)
    ends = None if lengths is None else check_lengths(lengths, lags + 1, batch)
    for member, result in ensemble.map(lambda m: _one_network(m, of, lags, batch, derived[m.cell.name], ends)):
        values.put(member.place, result, names, derived[member.cell.name].split.paths)
    data = _dataset(values, ensemble.axes, names, ensemble.describe(of, batch=batch, lags=lags))
    if ends is not None:
        data.attrs["lengths"] = ends
    return data


@dataclass(frozen=True)
class _Derived:
    """Programs that are derived once for a cell: the adjoint in parts, and by itself, to check the parts against."""

    split: PathAdjoint
    whole: Program

    @staticmethod
    def of(cell: Cell) -> _Derived:
        from gatedsym.calculus.adjoint import derive_adjoint
        from gatedsym.calculus.paths import derive_path_adjoint

        split = derive_path_adjoint(cell.recurrence.program)
        sources = dict.fromkeys(part.source for part, _ in split.parts)
        return _Derived(split, derive_adjoint(split.primal, sources))


@dataclass(frozen=True)
class _Measured:
    """Numbers of one network, or of all: (…, view, path, lag), (…, lag), (…, view, lag); closures (…, view)."""

    log10_norm: Array
    share: Array
    square: Array
    log10_whole: Array
    closure: Array

    @staticmethod
    def empty(lead: tuple[int, ...], count: int, lags: int) -> _Measured:
        norm, share, square = (np.full((*lead, len(VIEWS), count, lags), np.nan) for _ in range(3))
        return _Measured(norm, share, square, np.full((*lead, lags), np.nan), np.full((*lead, len(VIEWS)), np.nan))

    def put(self, place: tuple[int, ...], one: _Measured, names: Sequence[str], own: Sequence[str]) -> None:
        where = [names.index(path) for path in own]
        for mine, its in zip((self.log10_norm, self.share, self.square), (one.log10_norm, one.share, one.square)):
            mine[place][:, where] = its
        self.log10_whole[place] = one.log10_whole
        self.closure[place] = one.closure


def _dataset(values: _Measured, axes: Mapping[str, Any], names: Sequence[str], attrs: Mapping[str, Any]) -> xr.Dataset:
    whole = (*axes, "view", "path", "lag")
    # A cell's absent paths are NaN and count as nothing; where all are, there is no cell of that setting.
    cross = np.where(np.isnan(values.square).all(axis=-2), np.nan, 1 - np.nansum(values.square, axis=-2))
    coords = {**axes, "view": list(VIEWS), "path": list(names), "lag": np.arange(1, values.share.shape[-1] + 1)}
    data = xr.Dataset(
        {
            "log10_norm": (whole, values.log10_norm),
            "log10_whole": ((*axes, "lag"), values.log10_whole),
            "share": (whole, values.share),
            "square": (whole, values.square),
            "cross": ((*axes, "view", "lag"), cross),
        },
        coords=coords,
        attrs={**attrs, "title": "paths of the gradient", "highway": HIGHWAY},
    )
    words = {
        "log10_norm": "log10 of the 2-norm of the part of the gradient on a path",
        "log10_whole": "log10 of the 2-norm of the gradient with respect to the whole state",
        "share": "inner product of part and gradient over the squared norm of the gradient",
        "square": "squared norm of the part over that of the gradient",
        "cross": "1 minus the sum of squares: what the parts add (or, below zero, cancel) between them",
    }
    for name, text in words.items():
        data[name].attrs = {"long_name": text, "units": "1"}
    data["lag"].attrs = {"long_name": "lag T - t before the last step", "units": "step"}
    for k, view in enumerate(VIEWS):
        worst = values.closure[..., k]
        largest = float(np.nanmax(worst)) if np.isfinite(worst).any() else np.nan
        data.attrs[f"closure_{view.replace(' ', '_')}"] = largest
    data.attrs["closure_allowed"] = CLOSURE
    return data


def _one_network(
    member: Member, loss: Loss, lags: int, batch: int, derived: _Derived, lengths: Array | None
) -> _Measured:
    cell, state = member.cell, compared_state(member.cell)
    driven = member.run(lags + 1, batch, lengths=lengths)
    run, primal = driven.run, derived.split.primal
    if isinstance(run, RaggedRun):
        dh = cotangents_of(driven, state, loss, member.seed)
    else:
        dh = loss.cotangents(run[state][1:], member.seed, driven.targets)[1][0]
    given = dict(split_parts(cell.layout_of(state), np.asarray(dh), run.call_shape.sizes, 1))
    if not isinstance(run, RaggedRun):
        return _Sweep(cell, run, derived, given, values_along(primal, run)).measure(lags)
    if not run.rows.count:
        return _Measured.empty((), len(derived.split.paths), lags)
    return _Sweep(cell, run, derived, given, values_from_own_ends(primal, run)).measure(lags, run.lengths)


class _Sweep:
    """One pass back over a run, with 2 + 2 K adjoints: the whole; departures (highway, K paths); last steps (K paths).

    The highway may be no path of the cell: the gradient has then left it with the first step.
    """

    def __init__(
        self, cell: Cell, run: Run, derived: _Derived, given: Mapping[str, Array], values: Mapping[str, Array]
    ) -> None:
        self.steps = run.call_shape.steps
        self.split = StepAdjoint(derived.split.primal, derived.split.adjoint, run, values)
        self.whole = StepAdjoint(derived.split.primal, derived.whole, run, values)
        self.program = derived.split.primal
        self.paths = derived.split.paths
        self.others = [p for p in self.paths if p != HIGHWAY]
        self.parts = derived.split.parts
        self.sources = list(dict.fromkeys(part.source for part, _ in self.parts))
        count = len(self.others)
        self.departed = slice(2, 2 + count)
        self.carried = slice(0, 2 + count)
        self.last = slice(2 + count, 2 + count + len(self.paths))
        self.adjoints = Adjoints(cell, run, self.last.stop)
        start = [(part, 1, np.stack([value, value])) for part, value in given.items()]
        self.adjoints.add(slice(0, 2), start, np.zeros((2, run.call_shape.batch), dtype=np.int64))

    def measure(self, lags: int, lengths: Array | None = None) -> _Measured:
        """All lags; of sequences with lengths, at each lag, those that are longer."""
        result = _Measured.empty((), len(self.paths), lags)
        closures = []
        for lag in range(1, lags + 1):
            self.adjoints.normalise()
            self._pass(self.steps - lag)
            self.adjoints.normalise()
            reach = slice(None) if lengths is None else np.flatnonzero(lengths > lag)
            if lengths is None or (lengths > lag).any():
                closures.append(self._record(result, lag - 1, reach))
        with np.errstate(invalid="ignore"):
            return replace(result, closure=np.fmax.reduce(np.array(closures or [(np.nan, np.nan)])))

    def _pass(self, step: int) -> None:
        """Carry everything back over one step."""
        now, exponents = self.adjoints.now(self.carried), self.adjoints.exponents[self.carried]
        parts = self.split.at(step, now)
        whole = self.whole.at(step, {n: v[:1] for n, v in now.items()})
        self.adjoints.step_back()
        self._add(0, [(s, whole[adjoint_name(s)]) for s in self.sources], exponents[:1])
        for k, path in enumerate(self.paths):
            mine = [(part.source, parts[name]) for part, name in self.parts if part.path == path]
            here = 1 if path == HIGHWAY else 2 + self.others.index(path)
            self._add(self.last.start + k, [(s, v[:1]) for s, v in mine], exponents[:1])
            self._add(here, [(s, v[1:2]) for s, v in mine], exponents[1:2])
        # Who has left the highway stays off it, whatever path comes next.
        every = [(part.source, parts[name][2:]) for part, name in self.parts]
        self._add(self.departed, every, exponents[2:])

    def _add(self, which: int | slice, contributions: Sequence[tuple[str, Array]], exponents: Array) -> None:
        where = which if isinstance(which, slice) else slice(which, which + 1)
        tensors = self.program
        self.adjoints.add(where, [(tensors[s].of or s, tensors[s].lag, v) for s, v in contributions], exponents)

    def _record(self, result: _Measured, place: int, reach: Any) -> tuple[float, float]:
        """Write down one lag; return by how much the parts miss the whole, in norms of the whole, in each view."""
        vectors, exponents = self.adjoints.vectors()[:, reach], self.adjoints.exponents[:, reach]
        whole, of_whole = vectors[0], exponents[0]
        result.log10_whole[place] = median_over_sequences(log10_norm(whole, of_whole))
        square = np.einsum("bj,bj->b", whole, whole)
        closures = []
        order = [1 if p == HIGHWAY else 2 + self.others.index(p) for p in self.paths]
        for view, rows in enumerate((order, list(range(self.last.start, self.last.stop)))):
            part, shift = vectors[rows], exponents[rows] - of_whole
            result.log10_norm[view, :, place] = median_over_sequences(log10_norm(part, exponents[rows]))
            with np.errstate(all="ignore"):
                scaled = np.ldexp(part, np.clip(shift, -1100, 1000)[..., None])
                result.share[view, :, place] = (np.einsum("kbj,bj->kb", scaled, whole) / square).mean(axis=-1)
                result.square[view, :, place] = (np.einsum("kbj,kbj->kb", scaled, scaled) / square).mean(axis=-1)
                missed = np.sqrt(((scaled.sum(axis=0) - whole) ** 2).sum(axis=-1) / square)
            closures.append(float(np.fmax.reduce(missed)))
        return closures[0], closures[1]

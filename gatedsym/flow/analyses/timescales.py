"""Timescales of a cell: half-lives of its state against the bias of whatever retains it, found from the equations.

A few steps from the zero state, with the results of all sums zero, a unit keeps the share κ of a state in each step:
the modulus of the eigenvalue of its direct path ∂s'/∂s (of several states together, where they turn into each other).
Which biases move κ is found by moving them, so that σ(b), 1 - σ(b), σ(b) + a shift, f / (f + i) and exp(-c r) are
treated alike. From κ(b) follow the half-life log ½ / log κ, the share κ^T left of a horizon, the bias that a horizon
needs, and the chrono initialisation: 1 / (1 - κ) uniform on [2, T_max], which for σ(b) is b = log U(1, T_max - 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.calculus.per_unit import cut_sums
from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import Parameters
from gatedsym.flow.ensemble import Cells, Ensemble, Member, Networks, read_ensemble, require_positive, why_no_flow
from gatedsym.flow.inputs.source import Reading, inputs_of, read_source
from gatedsym.flow.loss import Loss
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import hidden_size
from gatedsym.flow.theory.fixed_point import Element, Network, chosen_sizes, open_sizes
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Contraction, Program, lagged_name
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
HORIZONS = (10, 20, 50, 100, 200, 500, 1000)
_PROBES = np.linspace(-8.0, 8.0, 32)
"""No probe is 0, where pieces of piecewise functions meet."""
_MOVED = 0.25
_STEPS = 16
_EDGE = 40.0
"""Biases are looked for between -40 and 40."""


@dataclass(frozen=True)
class Memory:
    """States that keep themselves, and a bias that says for how long.

    Attributes
    ----------
    cell : Cell
    states : tuple of Element
        One state, or several that turn into each other.
    parameter : str
        The bias; "" where no bias moves κ: it is a constant, or its gate has no bias.
    sign : int
        +1 if a larger bias keeps longer; 0 without one.
    switch : str
        A bias that only lets a constant κ be or not, as that of a rectifier; "" if there is none.
    """

    cell: Cell
    states: tuple[Element, ...]
    parameter: str = ""
    sign: int = 0
    switch: str = ""

    @property
    def name(self) -> str:
        """``c``, or ``p, q``."""
        return ", ".join(dict.fromkeys(s for s, _ in self.states))

    @property
    def label(self) -> str:
        """``lstm: c by b_f``."""
        return f"{self.cell.name}: {self.name}" + (f" by {self.parameter}" if self.parameter else "")

    def kept(self, biases: Array) -> Array:
        """κ for each value of sign × bias; other biases are zero, other vectors at their medians."""
        values = np.atleast_1d(np.asarray(biases, float)) * self.sign
        return _kept_of(_blank(self.cell, {self.parameter: values}), self.states)

    def bias_for(self, shares: Array) -> Array:
        """The value of sign × bias for which κ is each of `shares`; NaN where none is."""
        wanted = np.atleast_1d(np.asarray(shares, float))
        low, high = np.full(len(wanted), -_EDGE), np.full(len(wanted), _EDGE)
        ends = self.kept(np.array([-_EDGE, _EDGE]))
        for _ in range(52):
            middle = (low + high) / 2
            below = self.kept(middle) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.where((ends[0] < wanted) & (wanted < ends[1]), (low + high) / 2, np.nan)


def horizons_with(horizon: int) -> list[int]:
    """The horizons of the tables: the usual ones, and that of the chrono initialisation."""
    return sorted({*HORIZONS, horizon})


def half_life(kept: Any) -> Array:
    """Steps until half is left: log ½ / log κ; infinite where nothing is lost, 0 where everything is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = -np.log(2) / np.log(np.asarray(kept, float))
    return np.where(np.asarray(kept) >= 1, np.inf, np.where(np.asarray(kept) <= 0, 0.0, steps))


# Which states keep themselves, and by what.


def find_memories(cell: Cell) -> list[Memory]:
    """The states that keep themselves, each with every bias that says for how long."""
    if not cell.states or cut_sums(cell.recurrence.program).coupled:
        return []
    return [memory for states in _closed_groups(cell) for memory in _memories_of(cell, states)]


def _memories_of(cell: Cell, states: tuple[Element, ...]) -> list[Memory]:
    """The memories of one group of states."""
    moved, switched = [], []
    for bias in cell.interface.biases:
        kept = _kept_of(_blank(cell, {bias: _PROBES}), states)
        if len(kept) == 1 or not np.isfinite(kept).all():
            continue
        if len(np.unique(kept.round(12))) == 2:
            switched.append((float(kept.max()), bias))
        # A bias that acts on κ only by way of what is in the state (a peephole) moves it a little.
        elif abs(kept[-1] - kept[0]) > _MOVED:
            moved.append(Memory(cell, states, bias, 1 if kept[-1] > kept[0] else -1))
    if moved:
        return moved
    if switched:
        # A state that is kept whole or not at all, as a running maximum, has no timescale.
        share, bias = max(switched)
        return [Memory(cell, states, switch=bias)] if share < 1 else []
    return [Memory(cell, states)] if _kept_of(_blank(cell, {}), states)[0] > 1e-12 else []


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no timescale of its own, in a sentence, or ""."""
    if found := why_no_flow(cell):
        return found
    if coupled := cut_sums(cell.recurrence.program).coupled:
        return f"In {cell.name} {coupled}, so that no unit keeps its state by itself."
    if not find_memories(cell):
        return (
            f"{cell.name} has no direct path from a state to its next value: what it keeps passes through its weights."
        )
    return ""


def _closed_groups(cell: Cell) -> list[tuple[Element, ...]]:
    """States that reach themselves by direct paths, together with those on the way (strongly connected)."""
    network = _blank(cell, {})
    generator = np.random.default_rng(0x7157)
    program = network.step
    given = network.values | {
        t.name: generator.uniform(0.1, 1.0, network.shape(t.dims))
        for t in program.tensors
        if t.name in program.sources and t.role in ("state", "input", "parameter")
    }
    with np.errstate(all="ignore"):
        known = evaluate(program, given, NUMPY)
    groups: list[tuple[Element, ...]] = []
    for part in network.direct_at(known).values():
        with np.errstate(invalid="ignore"):
            edge = np.asarray((np.abs(part.matrix) > 0).any(axis=tuple(range(part.matrix.ndim - 2))))
        reach = edge.copy()
        for k in range(len(reach)):
            reach |= np.outer(reach[:, k], reach[k])
        for k in range(len(reach)):
            together = [j for j in range(len(reach)) if reach[k, j] and reach[j, k]]
            if together and together[0] == k:
                groups.append(tuple(part.elements[j] for j in together))
    order = {e: k for k, e in enumerate(network.elements)}
    return sorted(groups, key=lambda g: order[g[0]])


def _weights(program: Program) -> frozenset[str]:
    """Parameters that sums weigh with."""
    needed: set[str] = set()
    for statement in reversed(program.statements):
        over = set(statement.summed) if isinstance(statement, Contraction) else set()
        for ref in statement.operands:
            if ref.name not in program.batched and (over & set(ref.indices) or statement.target.name in needed):
                needed.add(ref.name)
    return frozenset(n for n in needed if program[n].role == "parameter")


def _scheme(cell: Cell) -> str:
    """The paper's initialisation where the cell has one."""
    derivation = getattr(cell, "record", None)
    return "paper" if derivation is not None and derivation.initialisation is not None else "xavier"


def _blank(cell: Cell, biases: Mapping[str, Array]) -> Network:
    """A network whose weights and biases are zero but for `biases`, one value each for a leading axis of numbers."""
    sizes = chosen_sizes(cell, 2, 2)
    params = cell.init(seed=0, dtype="float64", scheme=_scheme(cell), **open_sizes(cell, sizes))
    zero = _weights(cell.recurrence.program)
    shown = {}
    for layout in cell.interface.parameters:
        name, value = layout.name, np.asarray(params[layout.name])
        if name in cell.interface.biases or set(layout.parts) & zero:
            shown[name] = np.zeros_like(value)
        else:
            shown[name] = np.full_like(value, _median(cell, name))
    network = Network(cell, shown, sizes)
    for name, values in biases.items():
        for part in cell.layout_of(name).parts:
            shape = network.values[part].shape
            network.values[part] = np.broadcast_to(values.reshape(-1, *[1] * len(shape)), (len(values), *shape))
    return network


@cache
def _median(cell: Cell, name: str) -> float:
    """The median of a parameter's entries, over a wide network."""
    sizes = chosen_sizes(cell, 32, 32)
    params = cell.init(seed=0, dtype="float64", scheme=_scheme(cell), **open_sizes(cell, sizes))
    return float(np.median(params[name]))


def _kept_of(network: Network, states: Sequence[Element]) -> Array:
    """κ of the first unit after a few steps from the zero state, for each value of the biases."""
    shares = _shares(network, network.values_at(_after_some_steps(network)), states)
    return np.atleast_1d(shares[..., 0])


def _after_some_steps(network: Network) -> dict[str, Array]:
    """The state some steps after zero, where a stabiliser has settled; the zero state itself where it stays."""
    state = network.zero()
    for _ in range(_STEPS):
        following = network.after(state)
        if all(np.array_equal(following[s], np.broadcast_to(v, following[s].shape)) for s, v in state.items()):
            break
        state = following
    return state


def _shares(network: Network, known: dict[str, Array], states: Sequence[Element]) -> Array:
    """Modulus of the direct path's largest eigenvalue, for each unit (and leading axes of the values)."""
    part = next(d for d in network.direct_at(known).values() if states[0] in d.elements)
    where = [part.elements.index(s) for s in states]
    matrix = part.matrix[..., where, :][..., where]
    if len(where) == 1:
        return np.asarray(np.abs(matrix[..., 0, 0]))
    return np.asarray(np.abs(np.linalg.eigvals(np.where(np.isfinite(matrix), matrix, 0.0))).max(axis=-1))


# Chrono initialisation.


def _chrono_nodes(horizon: int) -> tuple[Array, Array]:
    """Nodes of κ and their probabilities under chrono initialisation: u / (1 + u), u uniform on [1, T_max - 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    # In log u the integrand is smooth over the decades.
    top = np.log(horizon - 1)
    u = np.exp(top * (nodes + 1) / 2)
    return u / (1 + u), weights / 2 * top * u / (horizon - 2)


def _chrono_quantiles(horizon: int) -> Array:
    u = 1 + np.asarray(QUANTILES) * (horizon - 2)
    return np.asarray(u / (1 + u))


def chrono_expectations(memory: Memory, horizon: int) -> tuple[float, float]:
    """E(sign × bias) and E κ^T_max under chrono initialisation for T_max = `horizon`, by quadrature.

    NaN where the cell has no bias for some of these κ.
    """
    kept, density = _chrono_nodes(horizon)
    return _expectations(kept, density, memory.bias_for(kept), horizon)


def _expectations(kept: Array, density: Array, biases: Array, horizon: int) -> tuple[float, float]:
    mean = float(density @ biases)
    return mean, float(density @ kept**horizon) if np.isfinite(mean) else float("nan")


def _chrono_sampled(memory: Memory, n: int, seeds: Sequence[int], horizon: int) -> tuple[Array, Array]:
    """sign × bias and κ^T_max of drawn networks; empty where chrono initialisation does not set this bias."""
    cell = memory.cell
    retaining = {g.bias: g.sign for g in cell.interface.gates if g.role == "retain"}
    if memory.parameter not in retaining or not cell.can_retain:
        return np.zeros(0), np.zeros(0)
    sizes = open_sizes(cell, chosen_sizes(cell, 2, n))
    biases = np.concatenate([
        np.ravel(cell.init(seed=s, retention="chrono", horizon=horizon, scheme="xavier", **sizes)[memory.parameter])
        for s in seeds
    ]) * memory.sign  # fmt: skip
    return biases, memory.kept(biases) ** horizon


# The analysis.


@analysis(why_not_applicable, n=64, seeds=5, init="xavier", retention=(0.0, 1.0, 2.0, "chrono"), horizon=100)
def timescales(
    cells: Cells,
    x: Reading = "text",
    *,
    steps: int = 200,
    biases: Sequence[float] = tuple(np.linspace(-4.0, 8.0, 49)),
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Half-lives of states against biases, chrono initialisation, and half-lives of networks that read.

    Parameters
    ----------
    steps : int
        Steps of the networks that read; those of an array that is given, whose first sequence is read.
    biases : sequence of float
        Values of sign × bias (a bias that closes the gate counts with the other sign).
    horizon : int
        T_max of the chrono initialisation.

    Returns
    -------
    xarray.Dataset
        ``entry`` is a memory with one of its biases; coordinates ``cell``, ``memory``, ``parameter``, ``sign`` and
        ``switch`` (the bias that lets a constant κ be or not).
        (entry, bias): ``kept`` κ, ``half_life``, ``kept_of_horizon`` κ^T_max. (entry, horizon): ``bias_for_half_life``,
        ``bias_for_time_constant`` (κ = 1 - 1/T). (entry, quantile): ``chrono_bias``, ``chrono_half_life``, and
        ``constant_half_life`` of units where no bias moves κ. (entry): ``chrono_mean_bias``, ``chrono_mean_kept`` by
        quadrature, the same ``_sampled`` with ``_error`` (standard error). (entry, init, gain, retention, seed,
        quantile over units): ``measured_half_life``, from the geometric mean of κ over the steps of a run; (…, seed):
        ``measured_bias``, the median over units of sign × bias there.

    Raises
    ------
    ArgumentError
        For a cell that `why_not_applicable` refuses.

    References
    ----------
    Tallec, Ollivier 2018, Can recurrent neural networks warp time?, equation 16, for chrono initialisation. Half-lives
    of any cell, read from its equations, are our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.timescales("gru", "noise", n=4, seeds=2, steps=20)
    >>> list(data)[:3]
    ['kept', 'half_life', 'kept_of_horizon']
    """
    source = read_source(x)
    steps, _ = source.steps_and_batch(steps, 1)
    ensemble = read_ensemble(cells, source, networks, horizon=100, why_not_applicable=why_not_applicable, steps=steps)
    horizon, axes = ensemble.horizon, {k: v for k, v in ensemble.axes.items() if k != "cell"}
    require_positive(horizon=horizon)
    if horizon < 3:
        raise ArgumentError(f"horizon = {horizon}: chrono initialisation needs at least 3.")
    memories = [memory for cell in ensemble.cells for memory in find_memories(cell)]
    grid = np.asarray(biases, float)
    data = _tables(memories, grid, ensemble)
    measured = np.full((len(memories), *map(len, axes.values()), len(QUANTILES)), np.nan)
    biases_had = np.full(measured.shape[:-1], np.nan)

    def measure(member: Member) -> dict[int, tuple[Array, float]]:
        return _measured(member, {k: m for k, m in enumerate(memories) if m.cell is member.cell}, steps)

    for member, result in ensemble.map(measure):
        for entry, (quantiles, bias) in result.items():
            place = (entry, *member.place[1:])
            measured[place], biases_had[place] = quantiles, bias
    data["measured_half_life"] = (("entry", *axes, "quantile"), measured)
    data["measured_bias"] = (("entry", *axes), biases_had)
    attrs = ensemble.describe(Loss(), lags=steps)
    attrs |= {"title": "timescales", "loss": "none", "constants_from": [_scheme(c) for c in ensemble.cells]}
    coords: dict[str, Any] = {**axes, "bias": grid, "horizon": horizons_with(horizon)}
    coords |= {"quantile": list(QUANTILES), "entry": [m.label for m in memories]}
    coords |= {name: ("entry", [getattr(m, name) for m in memories]) for name in ("parameter", "sign", "switch")} | {
        "cell": ("entry", [m.cell.name for m in memories]),
        "memory": ("entry", [m.name for m in memories]),
    }
    data = data.assign_coords(coords).assign_attrs(attrs)
    for name in data.data_vars:
        data[name].attrs = {"long_name": _LONG_NAMES[str(name)], "units": "step" if "half_life" in str(name) else "1"}
    data["bias_for_half_life"].attrs["units"] = "1"
    return data


_LONG_NAMES = {
    "kept": "share of the state kept in one step",
    "half_life": "half-life",
    "kept_of_horizon": "share of the state kept over the horizon",
    "bias_for_half_life": "bias for which half is left after the horizon",
    "bias_for_time_constant": "bias for which the time constant is the horizon",
    "chrono_bias": "bias under chrono initialisation",
    "chrono_half_life": "half-life under chrono initialisation",
    "constant_half_life": "half-life of units where no bias moves it",
    "chrono_mean_bias": "mean bias under chrono initialisation, by quadrature",
    "chrono_mean_kept": "mean share kept over the horizon under chrono initialisation, by quadrature",
    "chrono_mean_bias_sampled": "mean bias of networks drawn with chrono initialisation",
    "chrono_mean_kept_sampled": "mean share kept over the horizon of networks drawn with chrono initialisation",
    "chrono_mean_bias_error": "standard error of the sampled mean bias",
    "chrono_mean_kept_error": "standard error of the sampled mean share",
    "measured_bias": "median over units of sign × bias in a run",
    "measured_half_life": "half-life from the geometric mean of the share kept in each step of a run",
}


def _tables(memories: Sequence[Memory], grid: Array, ensemble: Ensemble) -> xr.Dataset:
    """All that is calculated, one row an entry."""
    horizon = ensemble.horizon
    dims = {"kept": "bias", "half_life": "bias", "kept_of_horizon": "bias", "bias_for_half_life": "horizon",
            "bias_for_time_constant": "horizon", "chrono_bias": "quantile", "chrono_half_life": "quantile",
            "constant_half_life": "quantile"}  # fmt: skip
    lengths = {"bias": len(grid), "horizon": len(horizons_with(horizon)), "quantile": len(QUANTILES)}
    table = {name: np.full((len(memories), lengths[dim]), np.nan) for name, dim in dims.items()}
    scalars = {k: np.full(len(memories), np.nan) for k in _LONG_NAMES if k.startswith("chrono_mean")}
    times = np.asarray(horizons_with(horizon), float)
    for row, memory in enumerate(memories):
        if not memory.parameter:
            table["constant_half_life"][row] = _quantiles(half_life(_constants(memory)))
            continue
        kept = memory.kept(grid)
        table["kept"][row], table["half_life"][row] = kept, half_life(kept)
        table["kept_of_horizon"][row] = kept**horizon
        nodes, density = _chrono_nodes(horizon)
        wanted = (0.5 ** (1 / times), 1 - 1 / times, _chrono_quantiles(horizon), nodes)
        found = np.split(memory.bias_for(np.concatenate(wanted)), np.cumsum([len(w) for w in wanted])[:-1])
        table["bias_for_half_life"][row], table["bias_for_time_constant"][row], chrono = found[:3]
        table["chrono_bias"][row] = chrono
        usable = np.isfinite(chrono)
        table["chrono_half_life"][row, usable] = half_life(memory.kept(chrono[usable])) if usable.any() else np.nan
        scalars["chrono_mean_bias"][row], scalars["chrono_mean_kept"][row] = _expectations(
            nodes, density, found[3], horizon
        )
        size = hidden_size(memory.cell, ensemble.n)
        for name, sample in zip(("bias", "kept"), _chrono_sampled(memory, size, ensemble.seeds, horizon)):
            if sample.size > 1:
                scalars[f"chrono_mean_{name}_sampled"][row] = sample.mean()
                scalars[f"chrono_mean_{name}_error"][row] = sample.std(ddof=1) / np.sqrt(sample.size)
    return xr.Dataset(
        {name: (("entry", dims[name]), values) for name, values in table.items()}
        | {name: ("entry", values) for name, values in scalars.items()}
    )


def _constants(memory: Memory) -> Array:
    """κ of units of a drawn network without weights, while a switch is on."""
    cell = memory.cell
    sizes = chosen_sizes(cell, 16, 64)
    params = cell.init(seed=0, dtype="float64", scheme=_scheme(cell), **open_sizes(cell, sizes))
    zero = _weights(cell.recurrence.program)
    shown = {p.name: params[p.name] * (0.0 if set(p.parts) & zero else 1.0) for p in cell.interface.parameters}
    found = []
    for value in _PROBES[[0, -1]] if memory.switch else (None,):
        given = shown if value is None else shown | {memory.switch: np.full_like(shown[memory.switch], value)}
        network = Network(cell, given, sizes)
        found.append(_shares(network, network.values_at(_after_some_steps(network)), memory.states))
    return np.asarray(np.max(found, axis=0))


def _measured(member: Member, memories: dict[int, Memory], steps: int) -> dict[int, tuple[Array, float]]:
    """Quantiles over units of half-lives in one run, and the median over units of sign × bias."""
    cell, setting, of = member.cell, member.setting, member.ensemble
    sizes = chosen_sizes(cell, of.source.features, member.n)
    params = cell.init(
        seed=member.seed, dtype="float64", scheme=setting.scheme, gain=setting.gain, retention=setting.retention,
        horizon=of.horizon, **open_sizes(cell, sizes),
    )  # fmt: skip
    network = Network(cell, params, sizes)
    x, _ = of.source.draw(steps, 1, member.seed)
    history = _history(network, x)
    found = {}
    for entry, memory in memories.items():
        with np.errstate(divide="ignore"):
            logs = np.log(np.broadcast_to(_shares(network, history, memory.states), (len(x), *_units(network, memory))))
        # A step that forgets everything makes the mean minus infinity: a half-life of 0.
        rate = np.ravel(logs.mean(axis=0))
        with np.errstate(divide="ignore"):
            half = np.where(rate >= 0, np.inf, -np.log(2) / rate)
        own = memory.sign * float(np.median(params[memory.parameter])) if memory.parameter else float("nan")
        found[entry] = (_quantiles(half), own)
    return found


def _quantiles(half_lives: Array) -> Array:
    """The `QUANTILES` of half-lives; infinite ones, of units that keep all, take their place in the order."""
    found = np.quantile(np.where(np.isposinf(half_lives), 1e300, half_lives), QUANTILES)
    return np.where(found > 1e290, np.inf, found)


def _units(network: Network, memory: Memory) -> tuple[int, ...]:
    return (network.entries(memory.states[0][0]),)


def _history(network: Network, x: Array) -> dict[str, Array]:
    """Every value of each step of a run from the zero state on x (T, 1, m), with time as the leading axis."""
    cell, step = network.cell, network.step
    params = Parameters({p.name: _whole(network, p) for p in cell.interface.parameters}, network.sizes)
    given = inputs_of(cell, params, x) if cell.inputs else {}
    series = given if isinstance(given, dict) else {cell.inputs[0]: given}
    past = {name: [np.zeros(network.shape(d))] * max(1, network.delays[name]) for name, d in network.dims.items()}
    parts = {t.name: t for t in step.tensors if t.role == "input" and t.name in step.sources}
    rows: dict[str, list[Array]] = {}
    for t in range(len(x)):
        values = dict(network.values)
        for name, tensor in parts.items():
            base = tensor.of or name
            if base in series and t >= tensor.lag:
                values[name] = series[base][t - tensor.lag, 0].reshape(network.shape(tensor.dims))
        values |= {lagged_name(s, lag, "state"): past[s][lag - 1] for s, lag in network.elements}
        with np.errstate(all="ignore"):
            known = evaluate(step, values, NUMPY)
        for name in past:
            past[name] = [known[f"{name}'"], *past[name]][: len(past[name])]
        for name, value in known.items():
            if name in step and name in step.batched:
                rows.setdefault(name, []).append(value)
    return dict(network.values) | {name: np.stack(values) for name, values in rows.items()}


def _whole(network: Network, layout: Any) -> Array:
    """A parameter from its parts, for its shape alone."""
    from gatedsym.execution.layouts import axes_shape

    return np.zeros(axes_shape(layout.axes, network.sizes))

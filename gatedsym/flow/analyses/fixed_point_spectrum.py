"""The spectrum of a network at rest: eigenvalues of its Jacobian at the fixed point without input, and their law.

At the fixed point a step is, unit by unit, s' = A s + L y and v = R s + M y; weights couple the units by y = W v. For
independent entries of variance σ²/n, λ lies among the eigenvalues of a large network where signals that pass through

    T(λ) = R (λ - A)⁻¹ L + M

do not die out: where the largest eigenvalue of K(λ), K_jk = σ_k² mean over units of |T_jk(λ)|², is at least 1. For one
state and one weight that is a disc around A with radius σ |L R|. Initialisation is critical where the region, with the
eigenvalues of A, just reaches the unit circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from gatedsym.errors import ArgumentError
from gatedsym.flow.ensemble import (
    Cells,
    Ensemble,
    Member,
    Networks,
    Retention,
    Setting,
    read_ensemble,
    require_positive,
    several,
    why_no_flow,
)
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.loss import Loss
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import hidden_size
from gatedsym.flow.theory.fixed_point import Network, chosen_sizes, open_sizes
from gatedsym.ir.program import lagged_name, next_name
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

INDEPENDENT = ("gaussian", "uniform", "xavier", "xavier-stacked")
"""Initialisations whose weights have independent entries."""
ENTRIES = 2400
"""Most entries of the state whose eigenvalues are computed; a larger cell gets a smaller n."""
ANGLES = 48
_FACTORS = (float(np.log(1e-2)), float(np.log(1e2)))
"""Logarithms of the factors between which a critical one is looked for where the fixed point is not zero."""
POINTS = 400


@dataclass(frozen=True)
class Units:
    """The slopes of all units of one shape; a single row where all units are the same.

    Attributes
    ----------
    elements : tuple of (state, delay)
    a : array (units, S, S)
        A.
    r : array (units, J, S)
        R, of the loads of that shape.
    left : array (units, S, K)
        L, of the sums of that shape.
    m : array (units, J, K)
        M.
    loads, values : tuple of int
        Which weights those are.
    """

    elements: tuple[tuple[str, int], ...]
    a: Array
    r: Array
    left: Array
    m: Array
    loads: tuple[int, ...]
    values: tuple[int, ...]

    def transfer(self, points: Array) -> Array:
        """T(λ): (points, units, J, K)."""
        resolvent = points[:, None, None, None] * np.eye(self.a.shape[-1]) - self.a
        inner = np.zeros((1, 1, *self.m.shape[1:]), complex)
        if self.a.shape[-1] and self.left.any() and self.r.any():
            inner = self.r @ _solved(resolvent, self.left)
        return np.asarray(inner + self.m)


@dataclass(frozen=True)
class Law:
    """The law that the units give for the eigenvalues of a large network.

    Attributes
    ----------
    groups : tuple of Units
    strengths : array (weights,)
        σ² of each weight: mean square of its entries times how many are summed.
    weights : tuple of str
    """

    groups: tuple[Units, ...]
    strengths: Array
    weights: tuple[str, ...]

    @property
    def largest_direct(self) -> float:
        """Largest modulus of an eigenvalue of A."""
        return float(max((np.abs(np.linalg.eigvals(g.a)).max(initial=0.0) for g in self.groups), default=0.0))

    def growth(self, points: Any, factors: Array | float = 1.0) -> Array:
        """Largest eigenvalue of K at each point λ; `factors` multiply the weights."""
        at = np.atleast_1d(np.asarray(points, complex))
        count = len(self.weights)
        if not count:
            return np.zeros(len(at))
        matrix = np.zeros((len(at), count, count))
        for group in self.groups:
            place = np.ix_(np.arange(len(at)), np.array(group.loads, int), np.array(group.values, int))
            matrix[place] = np.mean(np.abs(group.transfer(at)) ** 2, axis=1)
        matrix *= self.strengths * np.asarray(factors) ** 2
        finite = np.isfinite(matrix).all(axis=(1, 2))
        found = np.full(len(at), np.inf)
        found[finite] = np.abs(np.linalg.eigvals(matrix[finite])).max(axis=1)
        return found

    def largest_on(self, radius: float, factors: Array | float = 1.0) -> float:
        """Largest `growth` on the circle of that radius (K is the same at conjugate points)."""
        return float(self.growth(radius * np.exp(1j * np.linspace(0, np.pi, ANGLES)), factors).max())


def read_law(network: Network, state: dict[str, Array]) -> Law:
    """The law at a fixed point.

    Raises
    ------
    ArgumentError
        If the units are coupled by more than independent weights.
    """
    step = network.step_per_unit
    reason = step.coupled or (step.dependent if step.sums else "")
    if reason:
        raise ArgumentError(f"{network.cell.name}: {reason}, so that no region is predicted.")
    slopes = network.slopes(network.values_at(state))
    sums = [s for s in step.sums if s.load and s.value in slopes]
    direct = network.direct(slopes)
    shapes = list(dict.fromkeys((*direct, *(step.program[s.load].dims for s in sums))))
    groups = []
    for dims in shapes:
        elements = direct[dims].elements if dims in direct else ()
        loads = [k for k, s in enumerate(sums) if step.program[s.load].dims == dims]
        values = [k for k, s in enumerate(sums) if step.program[s.value].dims == dims]
        units = int(np.prod(network.shape(dims), dtype=np.int64))

        def slope(of: str, by: str, units: int = units) -> Array:
            return np.ravel(slopes.get(by, {}).get(of, np.zeros(units)))

        names = [lagged_name(*e, "state") for e in elements]
        r = _table(units, [[slope(sums[j].load, by) for by in names] for j in loads], len(names))
        left = _table(
            units,
            [[slope(next_name(s), sums[k].value) * (lag == 1) for k in values] for s, lag in elements],
            len(values),
        )
        m = _table(units, [[slope(sums[j].load, sums[k].value) for k in values] for j in loads], len(values))
        a = direct[dims].matrix if dims in direct else np.zeros((units, 0, 0))
        a, r, left, m = _same_or_all(a, r, left, m)
        groups.append(Units(elements, a, r, left, m, tuple(loads), tuple(values)))
    fans = [int(np.prod(network.shape(s.summed), dtype=np.int64)) for s in sums]
    strengths = np.array([float(np.mean(network.values[s.weight] ** 2)) * fan for s, fan in zip(sums, fans)])
    return Law(tuple(groups), strengths, tuple(s.weight for s in sums))


def _table(units: int, rows: list[list[Array]], columns: int) -> Array:
    """Rows of columns of slopes as (units, rows, columns)."""
    if not rows or not columns:
        return np.zeros((units, len(rows), columns))
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _same_or_all(*arrays: Array) -> list[Array]:
    """The first unit of each where all units are the same, else all."""
    same = all(bool((a == a[:1]).all()) for a in arrays)
    return [a[:1] for a in arrays] if same else list(arrays)


def _solved(matrix: Array, right: Array) -> Array:
    """matrix⁻¹ right, infinite where the matrix is singular."""
    try:
        return np.asarray(np.linalg.solve(matrix, right.astype(complex)))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.solve(matrix + 1e-9 * np.eye(matrix.shape[-1]), right.astype(complex)))


# Radius, disc, region, critical gain.


def predicted_radius(law: Law) -> float:
    """The spectral radius of a large network."""
    inner = law.largest_direct
    start = inner * (1 + 1e-6) + 1e-9
    if law.largest_on(start) < 1:
        return inner
    outer = max(1.0, 2 * start)
    while law.largest_on(outer) > 1:
        outer *= 2
    return float(brentq(lambda r: law.largest_on(r) - 1, start, outer, xtol=1e-12, rtol=1e-12))


def predicted_disc(law: Law) -> tuple[float, float]:
    """Centre and radius where the region is one disc; NaN where it is none, or there is none."""
    nothing = float("nan"), float("nan")
    outer = 1.5 * predicted_radius(law) + 1e-6
    line = np.linspace(-outer, outer, 801) + outer * 1.7e-5
    inside = law.growth(line) >= 1
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    if len(edges) != 2:
        return nothing
    left, right = (
        float(
            brentq(lambda t: float(law.growth(t)[0]) - 1 if np.isfinite(law.growth(t)[0]) else 1e300, *line[e : e + 2])
        )
        for e in edges
    )
    centre, radius = (left + right) / 2, (right - left) / 2
    around = law.growth(centre + radius * np.exp(1j * np.linspace(0.1, 3.0, 8)))
    return (centre, radius) if np.allclose(around, 1, atol=1e-6) else nothing


def predicted_boundary(law: Law) -> Array:
    """The edge of the region as points; NaN between its pieces. Empty where there is no region."""
    centre, radius = predicted_disc(law)
    if np.isfinite(centre):
        turn = np.linspace(0, 2 * np.pi, 241)
        return np.asarray(centre + radius * np.exp(1j * turn))
    from contourpy import contour_generator

    outer = 1.1 * predicted_radius(law) + 1e-6
    x, y = np.linspace(-outer, outer, 96), np.linspace(-outer, outer, 96)
    grid = law.growth((x[None, :] + 1j * y[:, None]).ravel()).reshape(96, 96)
    height = np.log(np.clip(grid, 1e-12, 1e12))
    pieces: list[Any] = list(contour_generator(x, y, height).lines(0.0))
    joined = [np.append(p[:, 0] + 1j * p[:, 1], complex(np.nan, np.nan)) for p in pieces]
    return np.concatenate(joined)[:-1] if joined else np.zeros(0, complex)


def predicted_critical(law: Law, weights: Sequence[str] | None = None) -> float:
    """The factor of recurrent weights for which the region just reaches the unit circle; NaN if none does.

    Parameters
    ----------
    weights : sequence of str, optional
        The weights that are scaled; by default all.
    """
    if law.largest_direct >= 1:
        return float("nan")
    if weights is None:
        growth = law.largest_on(1.0)
        return float(growth**-0.5) if growth > 0 else float("nan")

    def excess(log_factor: float) -> float:
        factors = [np.exp(log_factor) if w in weights else 1.0 for w in law.weights]
        return float(np.log(max(law.largest_on(1.0, np.array(factors)), 1e-300)))

    return float(np.exp(brentq(excess, -12, 12))) if excess(-12) < 0 < excess(12) else float("nan")


# Networks.


def make_network(setting: Setting, m: int, n: int, seed: int, horizon: int = 200) -> Network:
    """One network of a setting; see `gatedsym.flow.ensemble.Setting`."""
    cell = setting.cell
    sizes = chosen_sizes(cell, m, n)
    params = cell.init(
        seed=seed, dtype="float64", scheme=setting.scheme, gain=setting.gain, retention=setting.retention,
        horizon=horizon, **open_sizes(cell, sizes),
    )  # fmt: skip
    return Network(cell, params, sizes)


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no quiescent spectrum, in a sentence, or ""."""
    found = why_no_flow(cell)
    if found:
        return found
    network = make_network(Setting(cell, "xavier", 1.0, None), 3, 4, 0)
    if network.fixed_point() is None:
        return f"{cell.name} has no state in which it rests without input: neither steps nor Newton's method find one."
    return ""


def why_no_region(cell: Cell, scheme: str) -> str:
    """The reason why no region is predicted for the eigenvalues of a cell, in words, or ""."""
    from gatedsym.calculus.per_unit import cut_sums

    sites = cut_sums(cell.recurrence.program)
    if not sites.sums:
        return sites.coupled
    independent = "" if scheme in INDEPENDENT else f"{scheme} weights have no independent entries"
    if fixed := [s.weight for s in sites.sums if s.weight in getattr(cell, "fixed_parameters", ())]:
        independent = f"{', '.join(fixed)} is prescribed and not drawn"
    return sites.dependent or sites.coupled or independent


def critical_gain(
    cell: Cell,
    retention: Retention = None,
    *,
    weights: Sequence[str] | None = None,
    init: str = "gaussian",
    n: int = 128,
    seed: int = 0,
    horizon: int = 200,
) -> float:
    """The factor of the recurrent weights at which a network at rest is critical, as the law says.

    With ``init="gaussian"`` it is the standard deviation σ of entries times √n. Where the fixed point is not zero it
    moves with the factor, and both are found together.

    Parameters
    ----------
    weights : sequence of str, optional
        Which weights are scaled; by default all recurrent ones.

    Returns
    -------
    float
        NaN where no factor makes the network critical.
    """
    if why_no_region(cell, init):
        return float("nan")
    network = make_network(Setting(cell, init, 1.0, retention), 2, n, seed, horizon)
    return _critical(network, weights)


def resting_gain(network: Network, scheme: str, weights: Sequence[str], high: float) -> float:
    """The factor of some weights at which a network at rest is critical: by the law, where it applies to the cell.

    Parameters
    ----------
    scheme : str
        How the network's weights were drawn.
    high : float
        Largest factor at which a network without a law is looked at.

    Returns
    -------
    float
        NaN where there is none; of a network without a law also where it is not stable for the factor 0.
    """
    if not why_no_region(network.cell, scheme):
        return _critical(network, weights)

    def excess(factor: float) -> float:
        radius = _radius(network.scaled(factor, weights))
        # A network without a fixed point is at rest nowhere; brentq needs a finite number.
        return min(radius, 10.0) - 1 if np.isfinite(radius) else 9.0

    return float(brentq(excess, 0.0, high, xtol=3e-3)) if excess(0.0) < 0 < excess(high) else float("nan")


def _critical(network: Network, weights: Sequence[str] | None) -> float:
    """The factor at which the law says that the network at rest is critical; NaN if none does."""
    names = _scalable(network, weights)
    zero = network.zero()
    if all(np.array_equal(zero[s], v) for s, v in network.after(zero).items()):
        return predicted_critical(read_law(network, zero), weights)

    # The fixed point moves with the factor: what is asked for is where it is stable for the last time.
    def excess(log_factor: float) -> float:
        scaled = network.scaled(float(np.exp(log_factor)), names)
        state = scaled.resting_state()
        growth = np.inf if state is None else read_law(scaled, state).largest_on(1.0)
        # Within bounds, so that a jump to infinity does not lead the search astray.
        return float(np.log(np.clip(growth, 1e-2, 10.0)))

    low, high = _FACTORS
    return float(np.exp(brentq(excess, low, high, xtol=1e-3))) if excess(low) < 0 < excess(high) else float("nan")


def _scalable(network: Network, weights: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(weights) if weights is not None else tuple(s.weight for s in network.step_per_unit.sums if s.weight)


def _radius(network: Network) -> float:
    state = network.fixed_point()
    return float("nan") if state is None else float(np.abs(np.linalg.eigvals(network.jacobian(state))).max())


def measured_critical(network: Network, near: float, weights: Sequence[str] | None = None) -> float:
    """The factor of recurrent weights for which the spectral radius of this very network is 1, to 0.1 %.

    Parameters
    ----------
    near : float
        Where it is expected.

    Returns
    -------
    float
        NaN where there is none within a factor of 2.
    """
    names = _scalable(network, weights)

    def excess(log_factor: float) -> float:
        return _radius(network.scaled(float(np.exp(log_factor)), names)) - 1

    if not np.isfinite(near) or near <= 0:
        return float("nan")
    middle = float(np.log(near))
    for width in (0.1, 0.3, 0.7):
        low, high = excess(middle - width), excess(middle + width)
        if low < 0 < high:
            return float(np.exp(brentq(excess, middle - width, middle + width, xtol=1e-3)))
        if not np.isfinite(low + high):
            break
    return float("nan")


# The analysis.


@analysis(why_not_applicable, n=200, seeds=4, init="gaussian", retention=(0.0, 1.0, 2.0), horizon=200)
def quiescent(
    cells: Cells,
    x: Reading = "text",
    *,
    weights: Sequence[str] | None = None,
    critical: bool = True,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Eigenvalues at the fixed point without input, the region predicted for them, and the critical gain.

    Parameters
    ----------
    x : Series, name, path, or array (T, B, m)
        Only its number of features is used: the networks read zeros.
    n : int or sequence of int
        Hidden size, less where the state would have more than `ENTRIES` entries. For several sizes the dataset has a
        dimension ``n``.
    weights : sequence of str, optional
        The weights whose critical gain is asked for; by default all recurrent ones.
    critical : bool
        Whether the critical gain of each network is measured too, which costs some ten spectra each.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, …): ``eigenvalue_real``, ``eigenvalue_imag`` (eigenvalue);
        ``spectral_radius``, ``predicted_radius``; ``disc_centre``, ``disc_radius`` where the region is a disc;
        ``boundary_real``, ``boundary_imag`` (point) of the first seed; ``critical_gain`` and
        ``critical_gain_measured``, factors of the recurrent weights. NaN where a network has no fixed point or the law
        does not apply; ``attrs["regions"]`` says for each cell why.

    Raises
    ------
    ArgumentError
        For a cell that `why_not_applicable` refuses.

    References
    ----------
    Ahmadian, Fumarola, Miller 2015, Properties of networks with partially structured and partially random connectivity,
    for the region; Can, Krishnamurthy, Schwab 2020, Gating creates slow modes and controls phase-space complexity in
    GRUs and LSTMs, for two cells. The law of any cell, read from its equations, is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.quiescent("gru", "noise", n=4, seeds=2, critical=False)
    >>> list(data)[:3]
    ['eigenvalue_real', 'eigenvalue_imag', 'boundary_real']
    """
    ensemble = read_ensemble(cells, x, networks, horizon=200, why_not_applicable=why_not_applicable)
    require_positive(horizon=ensemble.horizon)
    features = ensemble.source.features
    used = {cell.name: _fitting(cell, features, hidden_size(cell, ensemble.n)) for cell in ensemble.cells}

    def measure(member: Member) -> dict[str, Array]:
        return _one_network(member, used[member.cell.name], weights, critical)

    variables = _stacked(list(ensemble.map(measure)), ensemble)
    attrs = ensemble.describe(Loss(), lags=0)
    attrs |= {
        "title": "quiescent spectrum",
        "input": "nothing",
        "input_description": "none (zeros)",
        "input_laws": "",
        "input_warning": "",
        "loss": "none",
        "sizes_used": [used[c.name] for c in ensemble.cells],
        "regions": [why_no_region(c, several(networks["init"])[0]) or "predicted" for c in ensemble.cells],
        "weights": ", ".join(weights) if weights is not None else "all recurrent weights",
    }
    data = xr.Dataset(variables, coords=ensemble.axes, attrs=attrs)
    for name, (long_name, units) in _NAMES.items():
        data[name].attrs = {"long_name": long_name, "units": units}
    return data


_NAMES = {
    "eigenvalue_real": ("real part of an eigenvalue of the Jacobian at rest", "1"),
    "eigenvalue_imag": ("imaginary part of an eigenvalue of the Jacobian at rest", "1"),
    "boundary_real": ("real part of the predicted boundary", "1"),
    "boundary_imag": ("imaginary part of the predicted boundary", "1"),
    "spectral_radius": ("spectral radius at rest", "1"),
    "predicted_radius": ("spectral radius at rest, predicted", "1"),
    "disc_centre": ("centre of the predicted disc", "1"),
    "disc_radius": ("radius of the predicted disc", "1"),
    "critical_gain": ("critical factor of the recurrent weights, predicted", "1"),
    "critical_gain_measured": ("factor of the recurrent weights with spectral radius 1", "1"),
}


def _fitting(cell: Cell, m: int, n: int) -> int:
    """The largest hidden size up to n whose state is not too large for its eigenvalues."""
    delays = cell.recurrence.delays
    program = cell.recurrence.program
    nexts = [program[r] for r in program.results if program[r].role == "next"]
    while n > 1:
        sizes = chosen_sizes(cell, min(m, n), n) if n < m else chosen_sizes(cell, m, n)
        total = sum(
            int(np.prod([sizes[d] if d in sizes else int(d) for d in t.dims])) * max(1, delays.get(t.of, 1))
            for t in nexts
        )
        if total <= ENTRIES:
            break
        n = max(1, min(n - 1, int(n * (ENTRIES / total) ** 0.5)))
    return n


def _one_network(member: Member, n: int, weights: Sequence[str] | None, critical: bool) -> dict[str, Array]:
    setting, of = member.setting, member.ensemble
    network = make_network(setting, of.source.features, n, member.seed, of.horizon)
    state = network.fixed_point()
    if state is None:
        return {}
    eigenvalues = np.linalg.eigvals(network.jacobian(state))
    found: dict[str, Array] = {"eigenvalue": eigenvalues, "spectral_radius": np.abs(eigenvalues).max()}
    if why_no_region(setting.cell, setting.scheme):
        return found
    law = read_law(network, state)
    centre, radius = predicted_disc(law)
    gain = _critical(network, weights)
    found |= {"predicted_radius": np.asarray(predicted_radius(law)), "disc_centre": np.asarray(centre),
              "disc_radius": np.asarray(radius), "critical_gain": np.asarray(gain)}  # fmt: skip
    if critical:
        found["critical_gain_measured"] = np.asarray(measured_critical(network, gain, weights))
    if member.seed == of.seeds[0]:
        found["boundary"] = predicted_boundary(law)
    return found


def _stacked(results: Sequence[tuple[Member, dict[str, Array]]], ensemble: Ensemble) -> dict[str, Any]:
    """Variables of the dataset, filled up with NaN."""
    dims = tuple(ensemble.axes)
    longest = {k: max((len(r[k]) for _, r in results if k in r), default=0) for k in ("eigenvalue", "boundary")}
    eigenvalues = np.full((*ensemble.empty().shape, longest["eigenvalue"]), complex(np.nan, np.nan))
    boundary = np.full((*ensemble.empty().shape[:-1], longest["boundary"]), complex(np.nan, np.nan))
    for member, result in results:
        if "eigenvalue" in result:
            eigenvalues[member.place][: len(result["eigenvalue"])] = result["eigenvalue"]
        if "boundary" in result:
            boundary[member.place[:-1]][: len(result["boundary"])] = result["boundary"]
    variables: dict[str, Any] = {
        "eigenvalue_real": ((*dims, "eigenvalue"), eigenvalues.real),
        "eigenvalue_imag": ((*dims, "eigenvalue"), eigenvalues.imag),
        "boundary_real": ((*dims[:-1], "point"), boundary.real),
        "boundary_imag": ((*dims[:-1], "point"), boundary.imag),
    }
    for name in (k for k in _NAMES if k not in variables):
        numbers = ensemble.empty()
        for member, result in results:
            numbers[member.place] = result.get(name, np.nan)
        variables[name] = (dims, numbers)
    return variables

"""A vector passed through a layer again and again: what an activation does to its size and to what tells it apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.flow.ensemble import (
    Cells,
    Progress,
    label,
    read_cells,
    read_seeds,
    require_applicable,
    require_positive,
    several,
)
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.registry import analysis
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

IDENTITY = "identity"
FUNCTIONS = ("tanh", "sigmoid")
WEIGHTS = ("same", "fresh")


def why_not_applicable(cell: Cell) -> str:
    """The reason why the activations of a cell cannot be looked at, as one sentence, or ""."""
    return "" if _of_cells([cell]) else f"cell {cell.name} has no activation: what passes it is only weighed."


@analysis(why_not_applicable)
def layers(
    cells: Cells | None = None,
    x: Reading = "text",
    *,
    functions: Sequence[str] | None = None,
    n: int | Sequence[int] = 128,
    seeds: int | Sequence[int] = 5,
    depth: int = 60,
    gain: float | Sequence[float] = (0.5, 1.0, 2.0, 16.0),
    weights: str = "same",
    dtype: str = "float64",
    progress: Progress | None = None,
) -> xr.Dataset:
    """Pass a vector through x <- phi(W x) again and again, for activations phi and gains of W, and without phi.

    W is n by n with independent entries N(0, gain^2 / n), and the first x has independent entries N(0, 1).

    Parameters
    ----------
    x : Series, name, path, or array (T, B, m)
        Not read: the vector is drawn.
    cells : cells or names of the library, optional
        The activations that occur in their equations are taken; tanh and the logistic function by default.
    functions : sequence of str, optional
        Activations of the language by name, in place of those of cells.
    n : int or sequence of int
        Width of the layer. For several widths the dataset has a dimension ``n``.
    seeds : int or sequence of int
        How many independent matrices and vectors, or their seeds.
    depth : int
        How often the vector passes the layer.
    gain : float or sequence of float
        Factors of W.
    weights : {"same", "fresh"}
        One layer again and again, or a new matrix each time.
    dtype : str
        "float64".

    Returns
    -------
    xarray.Dataset
        (function, gain, seed, depth), depth 0 the vector as it is drawn. ``log10_size``: log10 of the root mean square
        of the entries. ``log10_spread``: log10 of the standard deviation of the entries. ``log10_distance``: log10 of
        the growth of a small random difference between two vectors; followed by the derivative, so that
        it neither vanishes into rounding nor grows out of the small. ``slope`` (function): the steepest slope of phi.
        ``critical`` (function): the gain at which a small difference neither grows nor decays, on average over fresh
        matrices and from a vector at rest in the long run; NaN where there is none below 64. -inf where exactly 0.

    Raises
    ------
    ArgumentError
        For a function that is no activation, or sizes that cannot be used.

    References
    ----------
    Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli 2016, Exponential expressivity in deep neural networks through
    transient chaos, for layers of fresh weights. The same layer again and again is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.layers(n=8, seeds=2, depth=5)
    >>> list(data)[:3]
    ['log10_size', 'log10_spread', 'log10_distance']
    """
    names = [IDENTITY, *_functions(cells, functions)]
    require_positive(n=n)
    drawn = read_seeds(seeds)
    require_positive(depth=depth)
    if weights not in WEIGHTS:
        raise ArgumentError(f"weights {weights!r}: choose from {', '.join(WEIGHTS)}.")
    if dtype != "float64":
        raise ArgumentError(f"dtype {dtype!r}: layers are computed in float64.")
    size, gains = cast("int", n), [float(g) for g in several(gain)]
    values = np.full((3, len(names), len(gains), len(drawn), depth + 1), np.nan)
    for k, name in enumerate(names):
        phi, slope = activation(name)
        for j, scale in enumerate(gains):
            for place, seed in enumerate(drawn):
                values[:, k, j, place] = _passes(phi, slope, scale, (size, depth), seed, weights)
        if progress is not None:
            progress((k + 1) / len(names))
    sizes = {"n": size, "seeds": len(drawn), "depth": depth, "weights": weights, "dtype": dtype}
    return _dataset(values, names, gains, drawn, sizes)


def activation(name: str) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """A function of the language and its derivative, on arrays.

    Raises
    ------
    ArgumentError
        If it is not an activation of one argument.
    """
    import sympy as sp

    from gatedsym.calculus.ablations import is_activation
    from gatedsym.ir.evaluate import NUMPY, evaluate_expression
    from gatedsym.ir.functions import ALIASES, SHORTHANDS
    from gatedsym.ir.functions import FUNCTIONS as TABLE

    if name == IDENTITY:
        return (lambda a: a), np.ones_like
    known = ALIASES.get(name, name)
    if (known not in TABLE and known not in SHORTHANDS) or not is_activation(known):
        usable = sorted(f for f in {*TABLE, *SHORTHANDS} if is_activation(f))
        raise ArgumentError(f"function {name!r}: choose from {', '.join(usable)}.")
    symbol = sp.Symbol("x")
    expression = SHORTHANDS[known](symbol) if known in SHORTHANDS else TABLE[known].function(symbol)
    derivative = sp.diff(expression, symbol)

    def carried_out(of: sp.Expr) -> Callable[[Array], Array]:
        return lambda a: np.broadcast_to(np.asarray(evaluate_expression(of, {symbol: a}, NUMPY), float), a.shape)

    return carried_out(expression), carried_out(derivative)


def critical_gain(name: str) -> float:
    """The gain at which small differences neither grow nor decay in wide random layers; NaN if there is none.

    In a wide layer pre-activations are N(0, g^2 q) with q = E phi^2 at rest, and a small difference grows by the factor
    g sqrt(E phi'^2) a layer. Where several gains are critical it is the smallest.
    """
    phi, slope = activation(name)
    nodes = np.linspace(-8.0, 8.0, 2000)  # an even number: none lies on a kink at 0
    weight = np.exp(-(nodes**2) / 2)
    weight /= weight.sum()

    def growth(gain: float) -> float:
        q = _at_rest(lambda q: float(weight @ phi(gain * np.sqrt(q) * nodes) ** 2))
        return float(gain**2 * (weight @ slope(gain * np.sqrt(q) * nodes) ** 2)) - 1

    low, high = 1e-3, 64.0
    if growth(low) > 0 or growth(high) < 0:
        return float("nan")
    for _ in range(30):
        middle = np.sqrt(low * high)
        # A function that is not bent has growth 0 from its critical gain on, to rounding.
        low, high = (low, middle) if growth(middle) > -1e-9 else (middle, high)
    return float(high)


def _at_rest(step: Callable[[float], float]) -> float:
    """The q at which q <- step(q) comes to rest from 1 on, by Steffensen's method: near a critical gain it creeps."""
    q = 1.0
    for _ in range(60):
        first = step(q)
        second = step(first)
        bend = second - 2 * first + q
        leap = q - (first - q) ** 2 / bend if abs(bend) > 1e-15 * q else second
        new = min(max(leap, 1e-14), 1e14) if np.isfinite(leap) else second
        if abs(new - q) < 1e-12 * q:
            return new
        q = new
    return q


def _functions(cells: Cells | None, functions: Sequence[str] | None) -> list[str]:
    if functions is not None:
        return [f for f in dict.fromkeys(functions) if f != IDENTITY]
    if cells is None:
        return list(FUNCTIONS)
    given = read_cells(cells)
    found = _of_cells(given)
    if not found:
        require_applicable(given, why_not_applicable)
    return found


def _of_cells(cells: Sequence[Cell]) -> list[str]:
    """Activations that occur in the steps of cells, in order of first use."""
    from gatedsym.calculus.ablations import is_activation
    from gatedsym.ir.functions import FUNCTIONS as TABLE
    from gatedsym.ir.program import Pointwise

    found: dict[str, None] = {}
    for cell in cells:
        for statement in cell.recurrence.program.statements:
            if isinstance(statement, Pointwise):
                applied = {type(e).__name__ for e in statement.expression.atoms(*(f.function for f in TABLE.values()))}
                found |= dict.fromkeys(sorted(name for name in applied if is_activation(name)))
    return list(found)


def _passes(
    phi: Callable[[Array], Array],
    slope: Callable[[Array], Array],
    gain: float,
    sizes: tuple[int, int],
    seed: int,
    weights: str,
) -> Array:
    """(quantity, depth) of one vector, and of a small difference to it."""
    n, depth = sizes
    generator = np.random.default_rng([seed, 0x1A7E5])
    x, direction = generator.standard_normal(n), generator.standard_normal(n)
    direction /= np.linalg.norm(direction)
    matrix = generator.standard_normal((n, n)) * gain / np.sqrt(n)
    rows, grown = np.empty((3, depth + 1)), 0.0
    for layer in range(depth + 1):
        with np.errstate(divide="ignore"):
            rows[:2, layer] = np.log10([np.sqrt(np.mean(x**2)), np.std(x)])
        rows[2, layer] = grown
        if layer == depth:
            break
        if weights == "fresh" and layer:
            matrix = generator.standard_normal((n, n)) * gain / np.sqrt(n)
        before = matrix @ x
        x, direction = phi(before), slope(before) * (matrix @ direction)
        length = float(np.linalg.norm(direction))
        if length == 0:
            grown = -np.inf
            continue
        grown += float(np.log10(length))
        direction = direction / length
    return rows


def _dataset(
    values: Array, names: list[str], gains: list[float], seeds: Sequence[int], attrs: dict[str, Any]
) -> xr.Dataset:
    from gatedsym.version import __version__

    at = np.linspace(-12.0, 12.0, 4801)
    dims = ("function", "gain", "seed", "depth")
    kinds = ("log10_size", "log10_spread", "log10_distance")
    data = xr.Dataset(
        {k: (dims, v) for k, v in zip(kinds, values)}
        | {"slope": ("function", [float(np.max(activation(f)[1](at))) for f in names]),
           "critical": ("function", [critical_gain(f) for f in names])},
        coords={"function": names, "gain": gains, "seed": np.array(seeds, np.int64),
                "depth": np.arange(attrs["depth"] + 1)},
        attrs={"title": "a vector passed through a layer", "source": f"gatedsym {__version__}", **attrs},
    )  # fmt: skip
    return label(
        data,
        (
            ("log10_size", "log10 of the root mean square of the entries", "1"),
            ("log10_spread", "log10 of the standard deviation of the entries", "1"),
            ("log10_distance", "log10 of the growth of a small difference", "1"),
            ("slope", "steepest slope of the function", "1"),
            ("critical", "critical gain of wide random layers", "1"),
            ("depth", "passes through the layer", "1"),
        ),
    )

"""Singular values of the Jacobian of a state with respect to a much earlier one, however far apart they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import xarray as xr

from gatedsym.flow.ensemble import Cells, Member, Networks, label, read_ensemble, require_positive
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.loss import Loss
from gatedsym.flow.numerics.tangents import (
    Network,
    fitting_size,
    run_network,
    state_size,
    why_no_tangents,
)
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import hidden_size
from gatedsym.typing import Array

LIMIT = 256
"""Most numbers in a small network's state whose whole Jacobian is carried: the work grows with their third power."""
STATES = 4
"""A state of so many times the hidden size is taken whole, however large that is."""
LAGS = (1, 2, 5, 10, 20, 50, 100, 200)
LOG10_2 = float(np.log10(2.0))


@analysis(why_no_tangents, n=64, seeds=5, init=("gaussian", "orthogonal"), retention=1.0)
def singular_values(
    cells: Cells,
    x: Reading = "text",
    *,
    lags: Sequence[int] = LAGS,
    warmup: int = 100,
    start: float | None = None,
    **networks: Unpack[Networks],
) -> xr.Dataset:
    """Singular values of the Jacobian of the whole state after some steps with respect to the state before them.

    The Jacobian of one step is applied to an orthonormal basis, the result made orthonormal again, and what that takes
    off is multiplied up in rows that have each an exponent of their own; the singular values of that product are found
    by QR iteration and Jacobi rotations that keep the exponents apart. So the smallest are right even where the
    largest are 1e300 times as large, as they are not in a product of matrices.

    Parameters
    ----------
    n : int or sequence of int
        Hidden size; smaller, and said so, for a cell whose state would hold more than 256 numbers and more than 4 n (a
        matrix). For several sizes the dataset has a dimension ``n``.
    lags : sequence of int
        Numbers of steps T - t between the two states; t is the same for all.
    warmup : int
        t, steps from the initial state.
    start : float, optional
        Standard deviation of the initial state; by default 0, and 1 for a cell without input.

    Returns
    -------
    xarray.Dataset
        (cell, init, gain, retention, seed, lag, …): ``log10_singular_value`` (…, index), descending; -inf where the
        Jacobian is singular to working precision; NaN beyond a cell's own number and where the trajectory is not
        finite. ``log10_condition``: of the largest over the smallest; inf where that is 0. (cell): ``hidden_size``,
        ``state_size``.

    Raises
    ------
    ArgumentError
        For a size that cannot be, data that cannot be used, or a cell without tangents (`why_no_tangents`).

    References
    ----------
    Saxe, McClelland, Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, for the question. The product that keeps exponents apart is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.singular_values("rnn", "noise", n=4, seeds=2, lags=[1, 5], warmup=5)
    >>> list(data)[:3]
    ['log10_singular_value', 'log10_condition', 'hidden_size']
    """
    chosen = sorted({int(k) for k in lags})
    require_positive(lags=len(chosen))
    ensemble = read_ensemble(
        cells, x, networks, horizon=chosen[-1], why_not_applicable=why_no_tangents, warmup=warmup + 1, lag=chosen[0]
    )
    features, asked = ensemble.source.features, {c.name: hidden_size(c, ensemble.n) for c in ensemble.cells}
    hidden = {
        c.name: fitting_size(c, features, n, max(LIMIT, STATES * n)) for c, n in zip(ensemble.cells, asked.values())
    }
    states = {c.name: state_size(c, features, hidden[c.name]) for c in ensemble.cells}
    values = ensemble.empty(len(chosen), max(states.values()))

    def measure(member: Member) -> Array:
        network = run_network(member, hidden[member.cell.name], warmup + chosen[-1], start)
        return singular_values_of(network, warmup, chosen)

    for member, logs in ensemble.map(measure):
        values[member.place][:, : states[member.cell.name]] = logs
    attrs = ensemble.describe(Loss(), lags=chosen[-1])
    del attrs["loss"]
    attrs |= {"title": "singular values of the Jacobian of many steps", "warmup": warmup,
              "start": "default" if start is None else float(start)}  # fmt: skip
    return _dataset(values, ensemble.axes, (hidden, states), chosen, attrs)


def _dataset(
    values: Array,
    axes: Mapping[str, Any],
    sizes: tuple[Mapping[str, int], Mapping[str, int]],
    lags: list[int],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    hidden, states = sizes
    dims = (*axes, "lag")
    names = axes["cell"]
    last = np.array([states[name] - 1 for name in names]).reshape(-1, *(1,) * (len(dims) - 1), 1)
    smallest = np.take_along_axis(values, np.broadcast_to(last, (*values.shape[:-1], 1)), axis=-1)[..., 0]
    with np.errstate(invalid="ignore"):
        condition = values[..., 0] - smallest
    zero = np.isneginf(smallest)
    data = xr.Dataset(
        {
            "log10_singular_value": ((*dims, "index"), values),
            "log10_condition": (dims, np.where(zero, np.inf, condition)),
            "hidden_size": ("cell", [hidden[name] for name in names]),
            "state_size": ("cell", [states[name] for name in names]),
        },
        coords={**axes, "lag": lags, "index": np.arange(1, values.shape[-1] + 1)},
        attrs=attrs,
    )
    return label(
        data,
        (
            ("log10_singular_value", "log10 of the singular value", "1"),
            ("log10_condition", "log10 of the condition number", "1"),
            ("hidden_size", "hidden size", "1"),
            ("state_size", "numbers in the state", "1"),
            ("lag", "lag T - t between the two states", "step"),
            ("index", "index of the singular value, from the largest", "1"),
        ),
    )


def singular_values_of(network: Network, first: int, lags: Sequence[int]) -> Array:
    """log10 of the singular values, (lag, index), descending, of the Jacobian of `lag` steps from step `first` on.

    Parameters
    ----------
    first : int
        The state before this step is the one that is differentiated by.
    lags : sequence of int
        In ascending order.

    Returns
    -------
    array (lag, size)
        NaN from the lag on at which a tangent is not finite.
    """
    from gatedsym.flow.numerics.graded import Graded

    found = np.full((len(lags), network.size), np.nan)
    basis, product = np.eye(network.size), Graded.identity(network.size)
    for step in range(lags[-1]):
        pushed, exponents = network.push(basis, first + step, first + step + 1)
        if not np.isfinite(pushed).all():
            break
        basis, product = product.carried(pushed, exponents, network.precision)
        if step + 1 in lags:
            logs = product.log2_singular_values(network.precision)
            found[list(lags).index(step + 1)] = logs * LOG10_2
    return found

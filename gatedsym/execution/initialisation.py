"""Initial parameters of any cell: each scheme by its name, seeded, in stacked blocks.

Schemes
-------
``uniform``
    Every parameter U(-1/√n, 1/√n), n the hidden size (PyTorch's default for recurrent layers).
``xavier``
    Each matrix U(±√(6 / (fan_in + fan_out))) by its own fans; everything else zero (Glorot and Bengio 2010).
``xavier-stacked``
    The same with the shape of the stacked matrix of its family, as layers that hold ``W_*`` in one kernel do (Keras).
``orthogonal``
    Square matrices orthogonal times `gain` (Saxe et al. 2014), others as ``xavier``; everything else zero.
``gaussian``
    Each matrix N(0, gain² / fan_in); everything else zero.
``paper``
    What the cell's derivation file says that its paper prescribes, by the rules below. Of a cell that uses cells of
    the library each of these has its own; what else there is (a head) is ``uniform``.

fan_in counts the entries that the cell's products sum a weight over: the last axis of W in ``W @ x``, the first in
``x @ W``, both of two axes that are summed at once. Of a weight that stands in several products (``W @ h`` and
``W.T @ y``) it is the largest of them, so that no result grows. fan_out counts the others.

Vectors and numbers that weigh (peepholes) are U(±1/√n) in every scheme but ``gaussian``, where they are N(0, gain²/n).
Of a complex array E|w|² is what the scheme has for a real one: real and imaginary parts have half of it each (in
``gaussian`` then |w| is Rayleigh, its phase uniform: Trabelsi et al. 2018); a square one is unitary where a real one
is orthogonal.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.named_arrays import NamedArrays
from gatedsym.expect import is_whole, shown
from gatedsym.ir.interface import Gate, Role
from gatedsym.library.records import Initialisation
from gatedsym.library.rules import Drawn
from gatedsym.typing import Array

SCHEMES = ("uniform", "xavier", "xavier-stacked", "orthogonal", "gaussian")


class Parameters(NamedArrays):
    """Parameters by name, and the sizes for which they were drawn: those of some cells no parameter shows.

    A dict that copies and pickles with its sizes, tells equal from unequal, and lists its names if asked for another.

    Attributes
    ----------
    sizes : dict of str to int
        Of every dimension of the cell.

    Examples
    --------
    >>> import gatedsym as gs
    >>> params = gs.cell("rnn").init(m=2, n=3)
    >>> list(params), params.sizes
    (['W', 'U', 'b'], {'m': 2, 'n': 3})
    """

    def __init__(self, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        super().__init__(arrays, "parameters")
        self.sizes = dict(sizes)


def apply_prescription(
    params: Mapping[str, Array],
    prescribed: Initialisation,
    sizes: Mapping[str, int],
    seed: int,
    part: int = 0,
    leave: Container[str] = (),
) -> None:
    """Draw again, in place, what a paper's initialisation has a rule for.

    Parameters
    ----------
    params : mapping of str to array
        By the names of the rules.
    prescribed : Initialisation
    sizes : mapping of str to int
    seed : int
    part : int
        Parts of a cell are drawn apart from each other.
    leave : container of str
        Parameters that are drawn already.
    """
    generator = np.random.default_rng([seed, 2, part] if part else [seed, 2])
    waiting: list[tuple[Array, Drawn]] = []
    for name, value in params.items():
        if name in leave:
            continue
        rule = next((r for pattern, r in prescribed.rules.items() if fnmatchcase(name, pattern)), None)
        if isinstance(rule, Drawn) and rule.needs:
            waiting.append((value, rule))
        elif rule is not None:
            value[...] = rule.draw(generator, value.shape, sizes)
    for value, rule in waiting:
        value[...] = rule.draw(generator, value.shape, sizes, *(params[n] for n in rule.needs))


def draw_parameters(
    shapes: Mapping[str, tuple[int, ...]],
    *,
    hidden: int,
    biases: Sequence[str],
    scheme: str,
    gain: float,
    seed: int,
    dtype: Any,
    fan_in: Mapping[str, Sequence[Sequence[int]]] | None = None,
    pairs: Iterable[tuple[str, str]] = (),
    families: Mapping[str, str] | None = None,
) -> dict[str, Array]:
    """Draw parameters; members of a family with equal shapes are views of one stacked block.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
    hidden : int
    biases : sequence of str
    scheme, gain, seed, dtype
        As `Cell.init` takes them.
    fan_in : mapping of str to sequence of sequences of int, optional
        The sets of axes that a weight is summed over, where that is not the last axis.
    pairs : iterable of (str, str)
        Names of the real and the imaginary part of each complex array.
    families : mapping of str to str, optional
        For each parameter that another cell's text calls otherwise a word that its family has in common.

    Returns
    -------
    dict of str to array
        In the order of `shapes`.
    """
    _check_draw(scheme, gain, seed)
    generator = np.random.default_rng(seed)
    found: dict[str, Array] = {}
    parts = {part for pair in pairs for part in pair}
    for members in _families(shapes, families or {}):
        shape = shapes[members[0]]
        block = np.empty((len(members), *shape), dtype)
        stacked = len({name.removesuffix("_re").removesuffix("_im") if name in parts else name for name in members})
        for position, name in enumerate(members):
            fans = fans_of(shape, (fan_in or {}).get(name, ()))
            drawn = _draw(generator, shape, stacked, name in biases, fans, hidden=hidden, scheme=scheme, gain=gain)
            block[position] = drawn / np.sqrt(2) if name in parts else drawn
            found[name] = block[position, ...]  # a view, of a scalar too
    if scheme == "orthogonal":
        for re, im in pairs:
            if is_square(shapes[re]):
                found[re][...], found[im][...] = _unitary(generator, shapes[re], gain)
    return {name: found[name] for name in shapes}


def fans_of(shape: Sequence[int], ways: Sequence[Sequence[int]] = ()) -> tuple[int, int]:
    """fan_in and fan_out of a weight of two axes or more.

    Parameters
    ----------
    shape : sequence of int
    ways : sequence of sequences of int
        The sets of axes that it is summed over; the last axis where there is none.
    """
    if len(shape) < 2:
        return 1, 1
    fan_in = max(math.prod(shape[axis] for axis in way) for way in (ways or [(len(shape) - 1,)]))
    return fan_in, math.prod(shape) // max(fan_in, 1)


def is_square(shape: Sequence[int]) -> bool:
    """Whether this is the shape of a square matrix."""
    return len(shape) == 2 and shape[0] == shape[1]


def _unitary(generator: np.random.Generator, shape: tuple[int, ...], gain: float) -> tuple[Array, Array]:
    """The real and the imaginary part of a random unitary matrix, times `gain`."""
    q, r = np.linalg.qr(generator.normal(size=shape) + 1j * generator.normal(size=shape))
    phases = np.diag(r) / np.abs(np.diag(r))
    return gain * (q * phases).real, gain * (q * phases).imag


def _check_draw(scheme: str, gain: float, seed: int) -> None:
    if not isinstance(scheme, str) or scheme not in SCHEMES:
        raise ArgumentError(f"scheme {shown(scheme)} is unknown; choose one of {', '.join(SCHEMES)}, paper.")
    if not isinstance(gain, Real) or not isfinite(gain):
        raise ArgumentError(f"gain must be a finite number, not {gain!r}.")
    if gain != 1 and scheme not in ("orthogonal", "gaussian"):
        raise ArgumentError(
            f"gain={gain!r} has no meaning for scheme {scheme!r}; it belongs to 'orthogonal' and 'gaussian'."
        )
    if not is_whole(seed) or seed < 0:
        raise ArgumentError(f"seed must be an integer of at least 0, not {seed!r}.")


def _families(shapes: Mapping[str, tuple[int, ...]], known: Mapping[str, str]) -> list[list[str]]:
    """Names with the same stem before their last suffix and the same shape, together."""
    groups: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for name, shape in shapes.items():
        groups.setdefault((known.get(name) or stem(name), shape), []).append(name)
    return list(groups.values())


def stem(name: str) -> str:
    """A parameter's name without its last suffix: W of W_i."""
    return name.rsplit("_", 1)[0]


def _draw(
    generator: np.random.Generator,
    shape: tuple[int, ...],
    stacked: int,
    is_bias: bool,
    fans: tuple[int, int],
    *,
    hidden: int,
    scheme: str,
    gain: float,
) -> Array:
    bound = 1 / np.sqrt(max(hidden, 1))
    if scheme == "uniform":
        return generator.uniform(-bound, bound, shape)
    if is_bias:
        return np.zeros(shape)
    if len(shape) < 2:
        return np.asarray(
            gain * bound * generator.normal(size=shape)
            if scheme == "gaussian"
            else generator.uniform(-bound, bound, shape)
        )
    fan_in, fan_out = fans
    if scheme == "gaussian":
        return np.asarray(generator.normal(size=shape) * (gain / np.sqrt(fan_in)))
    if scheme == "orthogonal" and is_square(shape):
        q, r = np.linalg.qr(generator.normal(size=shape))
        return np.asarray(gain * q * np.sign(np.diag(r)))
    rows = stacked * fan_out if scheme == "xavier-stacked" else fan_out
    limit = np.sqrt(6 / (fan_in + rows))
    return generator.uniform(-limit, limit, shape)


def set_retention(
    params: Mapping[str, Array],
    gates: Sequence[Gate],
    retention: float | str,
    horizon: int | None,
    seed: int,
    cell: str,
) -> None:
    """Set the biases of the gates that retain the state, in place.

    Parameters
    ----------
    retention : float or "chrono"
        The bias with which the state is kept: it enters with the gate's sign, so 1 keeps the share σ(1) whether a gate
        is f or 1 - z; where several gates retain one state, each gets it. ``"chrono"`` draws it as
        log U(1, horizon - 1), and gives its negative to gates that write
        (Tallec and Ollivier 2018, eq. 16).
    """
    retaining = [g for g in gates if g.role is Role.RETAIN and g.bias]
    if not retaining:
        raise ArgumentError(f"no gate with a bias that retains its state is found in {cell}; leave retention=None.")
    _check_retention(retention, horizon)
    generator = np.random.default_rng([seed, 1])
    for gate in retaining:
        value: Any = retention
        if horizon is not None and retention == "chrono":
            value = np.log(generator.uniform(1, horizon - 1, params[gate.bias].shape))
        params[gate.bias][...] = gate.sign * value
        if retention == "chrono":
            for other in gates:
                if other.state == gate.state and other.role is Role.WRITE and other.bias:
                    params[other.bias][...] = -other.sign * value


def _check_retention(retention: object, horizon: object) -> None:
    if isinstance(retention, str) and retention == "chrono":
        if not is_whole(horizon) or horizon < 3:
            raise ArgumentError(
                f"retention='chrono' needs horizon, the longest time to remember, an integer of at least 3 steps,"
                f" not {horizon!r}."
            )
    elif isinstance(retention, bool) or not isinstance(retention, Real) or not isfinite(retention):
        raise ArgumentError(f"retention must be a finite number or 'chrono', not {shown(retention)}.")

"""A cell → a pure function of jax: parameters, input and initial states to trajectories."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError, PrecisionWarning
from gatedsym.execution.arguments import Call
from gatedsym.execution.initialisation import Parameters
from gatedsym.expect import expect_mapping
from gatedsym.flow.matching import read_one
from gatedsym.jax.form import Form
from gatedsym.jax.primitives import evaluate
from gatedsym.jax.signature import Signature

Trajectories = dict[str, jax.Array]


def layer(cell: str | Cell) -> Layer:
    """Make a pure function of a cell, which jax differentiates, compiles and maps as it does its own.

    Parameters
    ----------
    cell : str or Cell
        A name of the library, equations as text or LaTeX, or a cell.

    Returns
    -------
    Layer
        ``f(params, x, initial=None)``: a dict of trajectories.

    Examples
    --------
    >>> import jax, numpy as np
    >>> import gatedsym.jax as gj
    >>> f = gj.layer("lstm")
    >>> params = f.cell.init(m=3, n=4, dtype="float32")
    >>> x = np.ones((5, 2, 3), np.float32)
    >>> f(params, x)["h"].shape
    (6, 2, 4)
    >>> grads = jax.jit(jax.grad(lambda p: f(p, x)["h"][-1].sum()))(params)
    >>> grads["W_i"].shape
    (4, 3)
    """
    return Layer(read_one("cell", cell))


class Layer:
    """A cell as a pure function of jax; see `layer`.

    Two of equal cells are equal: jax compiles once for both.

    Attributes
    ----------
    cell : Cell

    Examples
    --------
    >>> import gatedsym.jax as gj
    >>> f = gj.layer("lstm")
    >>> isinstance(f, gj.Layer), f == gj.layer("lstm"), f.cell.states
    (True, True, ('h', 'c'))
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    def __repr__(self) -> str:
        return f"Layer({self.cell!r})"

    def __eq__(self, other: object) -> bool:
        """Whether both are of equal cells; so jax compiles once for both."""
        return self.cell == other.cell if isinstance(other, Layer) else NotImplemented

    def __hash__(self) -> int:
        return hash(("layer", self.cell))

    def __call__(
        self,
        params: Mapping[str, Any],
        x: Any = None,
        initial: Mapping[str, Any] | None = None,
        *,
        lengths: Any = None,
        steps: int | None = None,
        batch: int | None = None,
    ) -> Trajectories:
        """Compute the trajectories of all states and outputs.

        Parameters
        ----------
        params : mapping of str to array
            By the paper's names, as `Cell.init` gives them; float32, or float64 where ``jax_enable_x64`` is set.
        x : (T, B, m) array, or a mapping from input names to such
            In another type of float it is converted to the parameters'; all is computed in theirs.
        initial : mapping of str to array, optional
            State to (B, n), or (delay, B, n), oldest first, where a delay is longer than a step; also the past of a
            delayed input. Zero by default.
        lengths : (B,) array of int, optional
            The number of steps of each sequence, 0 … T. After its end its states repeat and its outputs are zero, and
            what `x` holds there reaches nothing.
        steps, batch : int
            T and B of a cell without input.

        Returns
        -------
        dict of str to array
            States (T + 1, B, …), row 0 the initial one, and outputs (T, B, …).

        Raises
        ------
        ArgumentError
            If names, shapes or types do not fit.
        """
        arrays = _Arrays(self.cell, params, x, initial)
        signature = arrays.signature(lengths is not None, steps, batch)
        point = [getattr(arrays, slot.group)[slot.name] for slot in signature.slots]
        more = [] if lengths is None else [_as_lengths(lengths, signature.batch)]
        found = evaluate(Form("run", signature), *point, *more)
        return {slot.name: array for slot, array in zip(signature.trajectories, found, strict=True)}


class _Arrays:
    """The arrays of a call, real ones by name, each of the type in which it is used."""

    def __init__(self, cell: Cell, params: Any, x: Any, initial: Any) -> None:
        self.cell = cell
        self.sizes = params.sizes if isinstance(params, Parameters) else {}
        self.params = _in_pairs(cell, expect_mapping("params", params, "names to arrays"))
        types = {name: jnp.result_type(a) for name, a in self.params.items()}
        self.dtype = self._type_of(types)
        self._tell_precision()
        self.params = {name: jnp.asarray(a) for name, a in self.params.items()}
        self.inputs = self._typed("x", self._by_name(x))
        self.initial = self._typed("initial", {} if initial is None else _in_pairs(cell, initial))

    def _type_of(self, types: Mapping[str, Any]) -> Any:
        """The type of the parameters, of which there is one."""
        for name, dtype in types.items():
            if dtype not in (np.float32, np.float64):
                raise ArgumentError(
                    f"params[{name!r}] is {dtype}; gatedsym.jax computes in float32 or float64: "
                    "convert parameters, jax.tree.map(lambda a: a.astype('float32'), params)."
                )
        return next(iter(types.values()), jnp.result_type(float))

    def _tell_precision(self) -> None:
        """Warn where parameters of float64 are computed with in float32: so jax has it unless it is told otherwise."""
        if self.dtype == np.float32 and any(getattr(a, "dtype", None) == np.float64 for a in self.params.values()):
            warnings.warn(
                f"the parameters of {self.cell.name} are float64, and jax computes in float32: call "
                "jax.config.update('jax_enable_x64', True) first, or draw them by init(dtype='float32')",
                PrecisionWarning,
                stacklevel=4,
            )

    def _by_name(self, x: Any) -> Mapping[str, Any]:
        if x is None or isinstance(x, Mapping):
            return {} if x is None else _in_pairs(self.cell, x)
        complex_one = next((n for n, pair in self.cell.interface.pairs.items() if pair == self.cell.inputs), None)
        if complex_one is not None:
            return _in_pairs(self.cell, {complex_one: x})
        if len(self.cell.inputs) != 1:
            has = ", ".join(self.cell.inputs) or "(none)"
            raise ArgumentError(f"x: {self.cell.name} has the inputs {has}; pass a mapping from names.")
        return {self.cell.inputs[0]: x}

    def _typed(self, what: str, arrays: Any) -> dict[str, Any]:
        """Floats in the type of the parameters; integers as they are, which the kernels read exactly or refuse."""
        found = {}
        for name, given in expect_mapping(what, arrays, "names to arrays").items():
            array = jnp.asarray(given)
            found[name] = array.astype(self.dtype) if jnp.issubdtype(array.dtype, jnp.floating) else array
        return found

    def signature(self, ragged: bool, steps: int | None, batch: int | None) -> Signature:
        """The signature of the call; names, shapes and types are checked as `Cell.forward` checks them."""
        shown = [{n: _form_of(a) for n, a in group.items()} for group in (self.params, self.inputs, self.initial)]
        call = Call.begin(
            self.cell, Parameters(shown[0], self.sizes), shown[1] or None, False, steps, batch, shown[2] or None, True
        )
        shape = call.call_shape
        given = tuple(name for name in self.initial if shape.delays.get(name, 0))
        return Signature(
            self.cell,
            tuple(shape.sizes.items()),
            shape.steps,
            shape.batch,
            tuple(shape.delays.items()),
            str(call.dtype),
            given,
            ragged,
        )


def _form_of(array: Any) -> Any:
    """An array of NumPy of the same shape and type, without memory of its own."""
    return np.broadcast_to(np.zeros((), array.dtype), array.shape)


def _in_pairs(cell: Cell, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays with real and imaginary part in place of each complex one."""
    found: dict[str, Any] = {}
    for name, value in arrays.items():
        pair = cell.interface.pairs.get(name)
        parts = {name: value} if pair is None else dict(zip(pair, (jnp.real(value), jnp.imag(value)), strict=True))
        for part, array in parts.items():
            if part in found:
                raise ArgumentError(f"{part} is given twice, by itself and in a complex array; give one of the two.")
            found[part] = array
    return found


def _as_lengths(lengths: Any, batch: int) -> Any:
    array = jnp.asarray(lengths)
    if not jnp.issubdtype(array.dtype, jnp.integer):
        raise ArgumentError(f"lengths is {array.dtype}; it must be integers, the number of steps of each sequence.")
    if array.shape != (batch,):
        raise ArgumentError(f"lengths has shape {array.shape}; it must be {(batch,)}, one for each sequence.")
    return array

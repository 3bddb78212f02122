"""Norms of adjoints through time that never underflow, and the gradient of a parameter step by step.

Step by step: the sweep of the kernel ``flow`` is made once more, a step at a time. Before each the cotangents of its
results (what later steps sent, and what the caller gave) are brought to one exponent for all rows, and go back through
this one step by the backward kernel.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from functools import reduce

import numpy as np

from gatedsym.errors import UnknownNameError
from gatedsym.execution.backward import BackwardPass, residual_rows
from gatedsym.execution.layouts import join_parts
from gatedsym.execution.named_arrays import NamedArrays, unknown
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Run, names_text
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind, Rows
from gatedsym.typing import Array

_FARTHEST = 2200  # a power of two of this exponent takes every number to zero or infinity


class Flow:
    """The result of `Cell.flow`: adjoints as mantissas times powers of two.

    Attributes
    ----------
    log_norm : dict of str to array
        Natural logarithm of the 2-norm: for each state of its total adjoint (T + 1, B), for each input (T, B), and
        under ``"state"`` of ∂L/∂s_t, where s_t is all states side by side (T + 1, B). -inf where it is exactly 0.

        A total adjoint of c counts what passes through h at the same step. ∂L/∂s_t holds the other states of the
        step fixed: it is what products of step Jacobians carry.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> flow = rnn.flow(params, run, {"h": ([-1], np.ones((1, 1, 3)))})
    >>> flow.log_norm["h"].shape, flow.mantissas("h").shape
    ((5, 1), (5, 1, 3))
    >>> steps, exponents = flow.parameter_steps("U")
    >>> steps.shape, exponents.shape
    ((4, 3, 3), (4,))
    >>> sorted(flow.steps_of_parameters()[0])
    ['U', 'W', 'b']
    """

    def __init__(self, cell: RecurrentCell, run: Run, arrays: dict[str, Array]) -> None:
        self.cell, self.run, self._arrays = cell, run, arrays
        spec = cell.kernels.signature("flow").arrays
        self.exponents: Array = next(arrays[a.name] for a in spec if a.kind is Kind.EXPONENTS)
        self.log_norm = NamedArrays({}, f"norms of adjoints of {cell.name}")
        squares: list[Array] = []
        for layout in cell.interface.layouts("states", "inputs"):
            is_state, delay = layout in cell.interface.states, run.call_shape.delays.get(layout.name, 0)
            square = _added(_square(self.adjoint_of(p)[delay - 1 if is_state else delay :]) for p in layout.parts)
            self.log_norm[layout.name] = self._logarithm(square, self.exponents if is_state else self.exponents[1:])
            if is_state:
                squares.append(square[:1])
        if squares:
            # No total counts at row 0, which no step computes; at later rows the kernel took the squares in time.
            later = next(arrays[a.name] for a in spec if a.kind is Kind.SQUARES)[1:].astype(np.float64)
            self.log_norm["state"] = self._logarithm(np.concatenate([_added(squares), later]), self.exponents)
        if run.batch_first:
            self.log_norm.update({name: norm.T for name, norm in self.log_norm.items()})

    def __eq__(self, other: object) -> bool:
        """Whether both are of equal runs, and their norms are equal."""
        if not isinstance(other, Flow):
            return NotImplemented
        return self.run == other.run and self.log_norm == other.log_norm

    def __repr__(self) -> str:
        return f"<flow of {self.cell.name}: {self.run.call_shape.steps} steps; {names_text(self.log_norm)}>"

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import arrays_table

        return arrays_table(self.log_norm, f"natural logarithms of norms of adjoints of {self.cell.name}")

    @staticmethod
    def _logarithm(square: Array, exponents: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(0.5 * np.log(square) + exponents * np.log(2.0))

    def parameter_steps(self, name: str) -> tuple[Array, Array]:
        """The gradient of a parameter step by step: what its use at step t adds, summed over the batch.

        Parameters
        ----------
        name : str
            Of a parameter.

        Returns
        -------
        mantissas : (T, …) array
        exponents : (T,) array of int
            Row t is ``mantissas[t] * 2.0 ** exponents[t]``; the rows add up to the gradient of `Cell.backward`.
        """
        found, exponents = self.steps_of_parameters((name,))
        return found[name], exponents

    def steps_of_parameters(self, names: Iterable[str] | None = None) -> tuple[dict[str, Array], Array]:
        """The gradients of several parameters step by step, in one sweep: see `parameter_steps`.

        Parameters
        ----------
        names : iterable of str, optional
            All parameters by default.

        Returns
        -------
        mantissas : dict of str to (T, …) array
        exponents : (T,) array of int
            Those of all.

        Raises
        ------
        UnknownNameError
            For a name that is no parameter.
        """
        wanted = self.cell.parameters if names is None else tuple(names)
        for name in wanted:
            if not isinstance(name, str) or name not in self.cell.parameters:
                raise UnknownNameError(unknown(name, f"parameters of {self.cell.name}", self.cell.parameters))
        self.run.check_current()
        return self._gradients_of_steps(wanted)

    def _no_gradients(self, names: Iterable[str]) -> dict[str, Array]:
        """Zeros for the gradients of parameters at every step."""
        steps, sizes = self.run.call_shape.steps, self.run.call_shape.sizes
        return {name: np.zeros((steps, *self.cell.parameter_shape(name, sizes)), self.run.dtype) for name in names}

    def _gradients_of_steps(self, names: Iterable[str]) -> tuple[dict[str, Array], Array]:
        given = {tensor: self.given_of(tensor) for tensor in given_tensors(self.cell)}
        exponents = self.exponents[1:].max(axis=1, initial=np.iinfo(np.int64).min)
        found = self._no_gradients(names)
        Sweep(self.run, given).find_gradients(exponents, found)
        return found, exponents

    def adjoint_of(self, part: str) -> Array:
        """The mantissas of the adjoint of a part of a state or an input, with the rows of its past in front."""
        spec = self.cell.kernels.signature("flow").arrays
        return next(self._arrays[a.name] for a in spec if a.kind is Kind.ADJOINT and a.tensor == part)

    def given_of(self, result: str) -> Array:
        """A copy of the cotangents of a next state, with the rows of its past in front, or of an output."""
        spec = self.cell.kernels.signature("flow").arrays
        given = next(self._arrays[a.name] for a in spec if a.kind is Kind.COTANGENT and a.tensor == result)
        if result.endswith("'"):
            return given.copy()
        # The kernel has brought those of outputs to the exponents of their rows.
        exponents = np.clip(self.exponents[1:], -_FARTHEST, _FARTHEST).astype(np.int32)
        return np.ldexp(given, exponents.reshape((*exponents.shape, *(1,) * (given.ndim - 2))))

    def mantissas(self, name: str) -> Array:
        """Adjoints of a state, (T + 1, B, …), or an input, (T, B, …), without their powers of two; see `exponents`.

        Parameters
        ----------
        name : str
            Of a state or an input.
        """
        layout = self.cell.layout_of(name)
        whole = join_parts(layout, [self.adjoint_of(p) for p in layout.parts], self.run.call_shape.sizes)
        delay = self.run.call_shape.delays.get(name, 0)
        return whole[delay - 1 :] if name in self.cell.states else whole[delay:]


def _square(adjoint: Array) -> Array:
    wide = adjoint.astype(np.float64, copy=False)
    flat = wide.reshape((*wide.shape[:2], int(np.prod(wide.shape[2:], dtype=int))))
    return np.asarray(np.einsum("tbk,tbk->tb", flat, flat))


def _added(arrays: Iterable[Array]) -> Array:
    return np.asarray(reduce(operator.add, arrays))


class _OneStep:
    """The cotangents of one step, as `BackwardPass.carry` takes them."""

    whole: bool = True

    def __init__(self, rows: Mapping[str, Array]) -> None:
        self._rows = rows

    def place(self, part: str, rows: Array, first: int, fresh: int) -> None:
        """Set the row of the newest value; those of the past have no cotangents of their own."""
        rows[...] = 0
        if part in self._rows:
            rows[-1] = self._rows[part]


def given_tensors(cell: RecurrentCell) -> list[str]:
    """The results of a step that can have cotangents: ``h'``, and outputs."""
    return [a.tensor for a in cell.kernels.signature("flow").of_kind(Kind.COTANGENT)]


class Sweep:
    """The sweep of a flow, made again.

    Parameters
    ----------
    run : Run
    given : mapping of str to array
        Cotangents of the results, (T + delay, B, …) and (T, B, …).

    Attributes
    ----------
    exponents : array (T + 1, B) of int
    """

    def __init__(self, run: Run, given: Mapping[str, Array]) -> None:
        self.run, self.kernels = run, run.cell.kernels
        spec = self.kernels.signature("flow").arrays
        known = {**run.arrays, **run.parameters}
        known = {a.name: known[a.name] for a in spec if a.name in known and a.kind is not Kind.WORK}
        known |= {a.name: given[a.tensor] for a in spec if a.kind is Kind.COTANGENT}
        self.arrays = self.kernels.allocate("flow", known, run.call_shape, run.dtype)
        self.exponents = next(self.arrays[a.name] for a in spec if a.kind is Kind.EXPONENTS)

    def open_adjoints(self, t: int) -> dict[str, Array]:
        """Adjoints that steps before t still have to pass on, of each state and delayed input, (delay, B, …)."""
        delays, found = self.run.call_shape.delays, dict[str, Array]()
        for a in self.kernels.signature("flow").of_kind(Kind.ADJOINT):
            if delay := delays.get(a.tensor, 0):
                found[a.tensor] = self.arrays[a.name][t : t + delay]
        return found

    def find_gradients(self, exponents: Array, found: Mapping[str, Array]) -> None:
        """Set each row of `found`, in units of 2 to its exponent, to the gradient of its parameter of that step."""
        run, cell = self.run, self.run.cell
        call_shape, wanted = run.call_shape.of_steps(1), frozenset({"params"})
        for t in reversed(range(run.call_shape.steps)):
            step = BackwardPass(cell, run.parameters, call_shape, run.dtype, wanted, 1, FRESH, run.threads)
            step.carry(0, 1, residual_rows(run, t, t + 1), _OneStep(self.cotangents(t, int(exponents[t]))))
            gradients = step.gradients(False).params
            for name, rows in found.items():
                rows[t] = gradients[name]
            self.step_back(t)

    def cotangents(self, t: int, common: int) -> dict[str, Array]:
        """Of the results of a step, before it is passed, in units of a power of two."""
        found = {}
        for a in self.kernels.signature("flow").arrays:
            if a.kind is Kind.COTANGENT and a.tensor.endswith("'"):
                part = a.tensor.removesuffix("'")
                row = t + self.run.call_shape.delays[part]
                own = self._adjoint(part)[row]
                found[part] = _scaled(own, self.exponents[t + 1] - common)
                found[part] += _scaled(self.arrays[a.name][row], np.array(-common))
            elif a.kind is Kind.COTANGENT:
                found[a.tensor] = _scaled(self.arrays[a.name][t], np.array(-common))
        return found

    def _adjoint(self, part: str) -> Array:
        spec = self.kernels.signature("flow").arrays
        return next(self.arrays[a.name] for a in spec if a.kind is Kind.ADJOINT and a.tensor == part)

    def step_back(self, t: int) -> None:
        """Pass one step."""
        delays, rows = self.run.call_shape.delays, {}
        for a in self.kernels.signature("flow").arrays:
            delay = delays.get(a.tensor.rstrip("'"), 0) if a.members else 1
            ahead = {Rows.STEPS: 1, Rows.HISTORY: 1 + delay}.get(a.rows)
            rows[a.name] = self.arrays[a.name] if ahead is None else self.arrays[a.name][t : t + ahead]
        self.kernels.run("flow", rows, self.run.call_shape.of_steps(1), self.run.threads)


def _scaled(rows: Array, exponents: Array) -> Array:
    """Rows (B, …) times a power of two, one for each row or one for all."""
    powers = np.clip(exponents, -_FARTHEST, _FARTHEST).astype(np.int32)
    return np.ldexp(rows, powers.reshape((*powers.shape, *(1,) * (rows.ndim - powers.ndim))) if powers.ndim else powers)

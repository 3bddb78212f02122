"""The meaning of the runtime, in plain Python: the names that kernels import, for arrays of exact numbers.

Proofs run emitted source with these in place of the runtime. Numbers may be of any class with + - * /; the activations
are those of the arithmetic. Tests hold the runtime against this on floats.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.ir.evaluate import Arithmetic, evaluate_expression
from gatedsym.ir.fixed_arrays import LAWS, FixedArray
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.interface_table import read_interface
from gatedsym.ir.linear_algebra import solve_exactly, solve_floats
from gatedsym.runtime.jit.processor import panels_size, taken_size
from gatedsym.typing import Array


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Leave a kernel the Python function that it is."""
    return function


def signal_started(team: object) -> None:
    """Nothing to compute."""


def allocate(scratch: Array, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """An array of this shape, nothing known of its entries, and what is left of the scratch."""
    size = math.prod(shape)
    if taken_size(size) > scratch.size:
        raise ValueError(f"allocate: {shape} does not fit into {scratch.size}.")
    taken = scratch[:size]
    taken[...] = None if scratch.dtype == object else np.nan
    return taken.reshape(shape), scratch[taken_size(size) :]


def packed_panels(steps: int, columns: int, scratch: Array) -> tuple[Array, Array]:
    """A right operand of `multiply`, nothing known of its entries, and what is left of the scratch."""
    size = panels_size(steps, columns)
    if size > scratch.size:
        raise ValueError(f"packed_panels: {steps} rows of {columns} do not fit into {scratch.size}.")
    return allocate(scratch[:size], (steps, columns))[0], scratch[size:]


def allocate_exactly(scratch: Array, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """As `allocate`, of a scratch without gaps between its pieces: it shows at small sizes if a piece is missing."""
    size = math.prod(shape)
    if size > scratch.size:
        raise ValueError(f"allocate: {shape} does not fit into {scratch.size}.")
    taken = scratch[:size]
    taken[...] = None if scratch.dtype == object else np.nan
    return taken.reshape(shape), scratch[size:]


def packed_panels_exactly(steps: int, columns: int, scratch: Array) -> tuple[Array, Array]:
    """As `packed_panels`, of a scratch without gaps between its pieces; one number more tells panels from arrays."""
    operand, rest = allocate_exactly(scratch, (steps, columns))
    return operand, allocate_exactly(rest, (1,))[1]


def pack_block(panels: Array, row: int, column: int, block: Array, team: object = None) -> None:
    """Set the entries from (row, column) on to those of a block."""
    rows, columns = block.shape
    if row < 0 or column < 0 or row + rows > panels.shape[0] or column + columns > panels.shape[1]:
        raise ValueError(f"place: {block.shape} at {row, column} reaches beyond {panels.shape}.")
    panels[row : row + rows, column : column + columns] = block


def pack_side_by_side(panels: Array, blocks: tuple[Array, ...], team: object = None) -> None:
    """As `pack_block`, for blocks that make the columns of an operand."""
    column = 0
    for block in blocks:
        pack_block(panels, 0, column, block, team)
        column += block.shape[1]


def pack_stacked(panels: Array, blocks: tuple[Array, ...], team: object = None) -> None:
    """As `pack_block`, for blocks that stand one under the other."""
    row = 0
    for block in blocks:
        pack_block(panels, row, 0, block, team)
        row += block.shape[0]


def multiply_add(out: Array, a: Array, b0: int, b1: int, panels: Array, team: object = None) -> None:
    """``out[b0:b1] += a[b0:b1] @ b``, upwards in k; `packed_panels` hold b."""
    if len(out) != len(a) or not 0 <= b0 <= b1 <= len(out) or (a.shape[1], out.shape[1]) != panels.shape:
        raise ValueError(f"multiply_add: rows {b0} to {b1} of {out.shape} are not {a.shape} @ {panels.shape}.")
    for k in range(a.shape[1]):
        out[b0:b1] = out[b0:b1] + a[b0:b1, k, None] * panels[k]


def multiply(out: Array, row: Array, a: Array, b0: int, b1: int, panels: Array, team: object = None) -> None:
    """``out[b0:b1] = row + a[b0:b1] @ b``."""
    if row.shape != (out.shape[1],):
        raise ValueError(f"multiply: {row.shape} is not a row of {out.shape}.")
    out[b0:b1] = row
    multiply_add(out, a, b0, b1, panels)


def outer_add(out: Array, first: int, a: Array, b: Array, scratch: Array) -> None:
    """Add ``a[:, first:first + R].T @ b`` to `out`, upwards in s."""
    rows, columns = out.shape
    if b.shape != (a.shape[0], columns) or first < 0 or first + rows > a.shape[1]:
        raise ValueError(f"outer_add: out {out.shape} does not fit first {first}, a {a.shape}, b {b.shape}.")
    for s in range(a.shape[0]):
        out[...] = out + a[s, first : first + rows, None] * b[s]


def place(token: Any, size: int) -> int:
    """The place that a token names."""
    number = int(getattr(token, "value", token))  # exact numbers say it too
    if not 0 <= number < size:
        raise ValueError(f"place: {number} is not one of {size} places.")
    return number


def copy_columns(out: Array, matrix: Array) -> None:
    """Set every row of `out` to the column of that number."""
    for k, column in enumerate(matrix.T):
        out[k] = column


def add_to_columns(out: Array, first: int, a: Array, tokens: Array, beside: Array) -> None:
    """Add ``a[s, first:first + R]`` to column ``tokens[s]``, upwards in s."""
    rows, columns = out.shape
    if len(a) != len(tokens) or first < 0 or first + rows > a.shape[1] or beside.shape[0] != columns:
        raise ValueError(
            f"add_to_columns: out {out.shape} does not fit first {first}, a {a.shape}, {len(tokens)} tokens."
        )
    for row, token in zip(a, tokens, strict=True):
        out[:, place(token, columns)] = out[:, place(token, columns)] + row[first : first + rows]


def add_to_rows(out: Array, first: int, tokens: Array, b: Array) -> None:
    """Add ``b[s]`` to row ``tokens[s] - first``, upwards in s, where `out` has it."""
    if len(b) != len(tokens) or b.shape[1] != out.shape[1]:
        raise ValueError(f"add_to_rows: out {out.shape} does not fit b {b.shape}, {len(tokens)} tokens.")
    for token, row in zip(tokens, b, strict=True):
        at = int(getattr(token, "value", token)) - first
        if 0 <= at < len(out):
            out[at] = out[at] + row


def _solve(arithmetic: Arithmetic) -> tuple[Callable[..., None], Callable[..., None]]:
    one = arithmetic.number(sp.S.One)

    def solve(out: Array, matrix: Array, right: Array, work: Array) -> None:
        """The exact solution of ``matrix @ out = right``."""
        if not matrix.shape == work.shape == (len(out), len(out)) or right.shape != out.shape:
            raise ValueError(f"solve: {out.shape} is no solution of {matrix.shape} and {right.shape}.")
        work[...] = None if work.dtype == object else np.nan
        exact = out.dtype == object
        out[...] = solve_exactly(matrix, right, one) if exact else solve_floats(matrix, right)

    def invert(out: Array, matrix: Array, work: Array) -> None:
        """The exact inverse of a matrix."""
        right = np.empty(out.shape, dtype=out.dtype)
        for place in np.ndindex(*out.shape):
            right[place] = one if place[0] == place[1] else one - one
        solve(out, matrix, right, work)

    return solve, invert


OUTER_PIECE = 2  # numbers: what `outer_add` needs of a scratch without gaps


def outer_add_exactly(out: Array, first: int, a: Array, b: Array, scratch: Array) -> None:
    """As `outer_add`, with a scratch of its own."""
    if scratch.size < OUTER_PIECE:
        raise ValueError(f"outer_add: {scratch.size} numbers are no scratch memory.")
    outer_add(out, first, a, b, scratch)


def _exponent(others: Iterator[int]) -> Callable[[Any], int]:
    def exponent(value: Any) -> int:
        """Of a float the e with 1 <= |value| * 2**-e < 2, or 0; of another number any integer.

        Exact numbers may have no order (symbols, a finite field). What a kernel computes with mantissa and exponent
        must not depend on how it divides them, so calls give changing integers: a kernel that forgets one is found.
        """
        if not isinstance(value, (float, np.floating)):
            return next(others)
        return math.frexp(value)[1] - 1 if math.isfinite(value) and value != 0 else 0

    return exponent


def _ldexp(arithmetic: Arithmetic) -> Callable[[Any, int], Any]:
    def ldexp(value: Any, e: int) -> Any:
        """value * 2**e"""
        if isinstance(value, (float, np.floating)):
            with np.errstate(over="ignore", under="ignore"):
                return np.ldexp(value, int(np.clip(e, -5000, 5000)))
        return value * arithmetic.number(sp.Integer(2) ** int(e))

    return ldexp


def multiply_add_steps(out: Array, a: Array, b0: int, b1: int, panels: Array, team: object = None) -> None:
    """For every t, ``out[t, b0:b1] += a[t, b0:b1] @ b``."""
    for out_now, a_now in zip(out, a, strict=True):
        multiply_add(out_now, a_now, b0, b1, panels)


def multiply_steps(out: Array, row: Array, a: Array, b0: int, b1: int, panels: Array, team: object = None) -> None:
    """For every t, ``out[t, b0:b1] = row + a[t, b0:b1] @ b``."""
    for out_now, a_now in zip(out, a, strict=True):
        multiply(out_now, row, a_now, b0, b1, panels)


def rows_of_steps(rows: Array, first: int, last: int) -> Array:
    """The rows in which an array holds the steps from `first` to before `last`; steps may take turns in them."""
    begin = first if last <= len(rows) else 0
    return rows[begin : begin + last - first]


def clear(out: Array) -> None:
    """Set every entry to zero."""
    out[...] = 0


def copy(out: Array, source: Array) -> None:
    """Set `out` to `source`."""
    out[...] = source


def _real(arithmetic: Arithmetic) -> Callable[[Any, Array], Any]:
    def real(value: Any, array: Array) -> Any:
        """`value` as a number of the arithmetic; a decimal counts as what it says, not as the float next to it."""
        if value is np.pi:
            return arithmetic.number(sp.pi)
        return arithmetic.number(sp.Rational(repr(value)) if np.isfinite(value) else sp.oo)

    return real


def largest(array: Array) -> Any:
    """Of floats the largest magnitude; of other numbers any entry (it serves to choose an exponent)."""
    if array.dtype != object:
        return np.max(np.abs(array), initial=0.0)
    return array.flat[0] if array.size else 0


def square_sum(array: Array) -> Any:
    """The sum of the squares of all entries."""
    total: Any = 0
    for value in array.flat:
        total = total + value * value
    return total


def larger(a: Any, b: Any) -> Any:
    """Of floats the larger; of other numbers the first."""
    return b if isinstance(b, (float, np.floating)) and not (a > b or a != a) else a


def _align(exponent: Callable[[Any], int]) -> Callable[[int, Any, Any], int]:
    def align(carried_exponent: int, carried: Any, given: Any) -> int:
        """The exponent of the larger one; of numbers without order any integer."""
        if not isinstance(carried, (float, np.floating)):
            return exponent(carried)
        if given == 0:
            return carried_exponent + exponent(carried) if carried != 0 else carried_exponent
        return exponent(given) if carried == 0 else max(carried_exponent + exponent(carried), exponent(given))

    return align


def _shift(ldexp: Callable[[Any, int], Any]) -> Callable[[Array, int], None]:
    def shift(array: Array, e: int) -> None:
        """Multiply every entry by 2**e."""
        for index, value in enumerate(array.flat):
            array.flat[index] = ldexp(value, e)

    return shift


def _add_shifted(ldexp: Callable[[Any, int], Any]) -> Callable[[Array, Array, int], None]:
    def add_shifted(array: Array, given: Array, e: int) -> None:
        """Add ``given * 2**e``."""
        for index, value in enumerate(given.flat):
            array.flat[index] = array.flat[index] + ldexp(value, e)

    return add_shifted


def _activation(function: Callable[..., Any], dtype: Any) -> Callable[..., Any]:
    def activation(*arguments: Any) -> Any:
        operands = []
        for argument in arguments:
            operand = np.empty((), dtype=dtype)
            operand[()] = argument
            operands.append(operand)
        return np.asarray(function(*operands), dtype=dtype)[()]

    activation.__name__ = getattr(function, "__name__", "activation")
    return activation


def _fill(law: str, arithmetic: Arithmetic) -> Callable[..., None]:
    def fill(out: Array, *numbers: int) -> None:
        """Set every entry to that of the law."""
        for place, entry in FixedArray(law, numbers).entries(out.shape):
            out[place] = evaluate_expression(entry, {}, arithmetic)

    return fill


def fill_values(out: Array, values: Array) -> None:
    """Set the entries to a list of numbers."""
    out[...] = values.reshape(out.shape)


def _listed(module: Any, arithmetic: Arithmetic) -> dict[str, Array]:
    """The lists of numbers above the kernels of a module; a decimal counts as what it says."""
    found = {name: value for name, value in vars(module).items() if isinstance(value, np.ndarray)}
    numbers: dict[str, Array] = {}
    for name, values in found.items():
        numbers[name] = np.empty(values.shape, dtype=arithmetic.dtype)
        for place, value in enumerate(values):
            numbers[name][place] = arithmetic.number(sp.Rational(repr(float(value))))
    return numbers


def specification(arithmetic: Arithmetic) -> dict[str, Callable[..., Any]]:
    """The names that stand in for the runtime when emitted source is run on exact numbers.

    Parameters
    ----------
    arithmetic : Arithmetic
        Gives the activations (elementwise, on arrays) and the powers of two.

    Returns
    -------
    dict of str to callable
        `kernel`, what packing, products and `gatedsym.runtime.numerics.row_operations` have, and for every name in
        `functions.FUNCTIONS` that the arithmetic has a function from scalars to a scalar.
    """
    solve, invert = _solve(arithmetic)
    exponent, ldexp = _exponent(itertools.cycle((1, -2, 3))), _ldexp(arithmetic)
    names: dict[str, Callable[..., Any]] = {
        "kernel": kernel,
        "signal_started": signal_started,
        "allocate": allocate,
        "rows_of_steps": rows_of_steps,
        "packed_panels": packed_panels,
        "pack_block": pack_block,
        "pack_side_by_side": pack_side_by_side,
        "pack_stacked": pack_stacked,
        "multiply": multiply,
        "multiply_steps": multiply_steps,
        "multiply_add": multiply_add,
        "outer_add": outer_add,
        "place": place,
        "copy_columns": copy_columns,
        "fill_values": fill_values,
        "add_to_columns": add_to_columns,
        "add_to_rows": add_to_rows,
        "exponent": exponent,
        "ldexp": ldexp,
        "real": _real(arithmetic),
        "clear": clear,
        "copy": copy,
        "multiply_add_steps": multiply_add_steps,
        "solve": solve,
        "invert": invert,
        "largest": largest,
        "larger": larger,
        "square_sum": square_sum,
        "align": _align(exponent),
        "shift": _shift(ldexp),
        "add_shifted": _add_shifted(ldexp),
        **{f"fill_{law}": _fill(law, arithmetic) for law in LAWS},
    }
    for name in FUNCTIONS:
        if name in arithmetic.functions:
            names[name] = _activation(arithmetic.functions[name], arithmetic.dtype)
    return names


def uncompiled(module: Any, arithmetic: Arithmetic, exact_scratch: bool = False) -> SimpleNamespace:
    """A generated module whose kernels run as plain Python: the same source over the specification of the runtime.

    Parameters
    ----------
    module : module
        As generated and imported.
    arithmetic : Arithmetic
        ``evaluate.NUMPY`` for floats.
    exact_scratch : bool
        Whether kernels are given a scratch without gaps between its pieces.

    Returns
    -------
    namespace
        ``INTERFACE`` and the kernels; `gatedsym.execution.kernels.Kernels` takes it in place of the module.
    """
    names = {"__builtins__": __builtins__, **specification(arithmetic), **_listed(module, arithmetic), "np": np}
    if exact_scratch:
        names |= {"allocate": allocate_exactly, "packed_panels": packed_panels_exactly, "outer_add": outer_add_exactly}
    kernels: dict[str, Any] = {}
    for name in read_interface(module.INTERFACE).kernels:
        compiled = getattr(module, name)
        source = getattr(compiled, "py_func", compiled)
        kernels[name] = FunctionType(source.__code__, names, name)
    return SimpleNamespace(INTERFACE=module.INTERFACE, **kernels)

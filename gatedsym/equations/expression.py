"""One expression in the scope of a cell that is already read: what claims about a cell are written in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gatedsym.equations.builder import Builder
from gatedsym.equations.complex_numbers import COMPLEX_FUNCTIONS, UNITS, parts_of
from gatedsym.equations.declarations import Axes, is_complex_text
from gatedsym.equations.lower import Frame, Lowering
from gatedsym.equations.names import LANGUAGE_FUNCTIONS, YIELDING
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.parse import parse_equations, parse_expression
from gatedsym.equations.resolve import Vocabulary, resolve
from gatedsym.equations.scope import Kind, Scope, Symbol
from gatedsym.equations.value import letters_of
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.interface import complex_pairs
from gatedsym.ir.program import Program, Recurrence, Tensor

CLAIM = "claim"


EXTRA_FUNCTIONS: frozenset[str] = frozenset({"diag", "eye"}) | {
    n for n, f in FUNCTIONS.items() if not f.public and n != "equal"
}
"""What an expression about a cell may use beside the language: diag, eye, and functions that derivatives need."""


def read_expression(text: str, recurrence: Recurrence, *, extra_functions: Iterable[str] = EXTRA_FUNCTIONS) -> Program:
    """Read one expression in the names of a cell.

    Parameters
    ----------
    text : str
        An expression of the equation language. Names are the cell's sources, locals, next states (``c'``) and outputs.
    recurrence : Recurrence
    extra_functions : iterable of str, optional
        Functions that may be used beside those of the language: ``diag(v)``, the matrix with v along its diagonal,
        ``eye(n)``, the identity matrix of a dimension, and those of `gatedsym.ir.functions` that derivatives need
        (``sech2``, ``step``, …).

    Returns
    -------
    Program
        The cell's Program and the statements of the expression; its one result, the tensor ``claim`` (``claim_2`` where
        the cell has that name), has the shape of the expression.

    Raises
    ------
    EquationError
        As for equations; also for an expression whose shape is stacked.
    """
    source, tree = parse_expression(text)
    scope, shapes = _scope(source, recurrence, frozenset(extra_functions))
    builder = Builder.extending(recurrence.program)
    try:
        vocabulary = Vocabulary(
            source,
            scope.functions,
            scope.constants,
            frozenset(name for name in scope.symbols if name.endswith("_t")),
            t_is_time="t" not in scope.symbols,
            names=frozenset(scope.symbols),
            units=frozenset(UNITS) - set(scope.symbols) if complex_arrays(recurrence) else frozenset(),
        )
        lowering = Lowering(scope, builder, shapes, recurrence.rows)
        lowering.gated = {layout.name for layout in recurrence.locals}
        value = lowering.lower(resolve(tree, vocabulary, {}), Frame(CLAIM))
    except RecursionError:
        raise source.error("this expression is nested too deeply.", mend="State a shorter claim.") from None
    if value.is_complex:
        raise source.error("this expression is complex.", tree.span, "Speak of re(…), im(…) or abs(…) of it.")
    value = replace(value, parts=tuple(parts_of(part)[0] for part in value.parts))
    if any(len(axis) > 1 for axis in value.axes):
        raise source.error(f"the shape {value.shape} is stacked.", tree.span, "Speak of one block at a time.")
    tensor = Tensor(builder.unique(CLAIM), value.blocks()[0])
    builder.define(tensor, letters_of(value.rank), value.parts[0])
    return builder.program((tensor.name,))


def complex_arrays(recurrence: Recurrence) -> dict[str, tuple[str, str]]:
    """The complex arrays of a cell, each with the names of its real and its imaginary part."""
    found = complex_pairs(
        recurrence.inputs, recurrence.states, recurrence.outputs, recurrence.parameters, recurrence.locals
    )
    return found if found and is_complex_text(parse_equations(recurrence.source)[1]) else {}


def _scope(
    source: Source, recurrence: Recurrence, extra: frozenset[str]
) -> tuple[Scope, dict[str, tuple[Axes, tuple[str, ...]]]]:
    """The names of a cell as the scope of an expression."""
    kinds: tuple[tuple[Kind, tuple[object, ...]], ...] = (
        ("input", recurrence.inputs),
        ("state", recurrence.states),
        ("output", recurrence.outputs),
        ("parameter", recurrence.parameters),
        ("local", recurrence.locals),
    )
    symbols: dict[str, Symbol] = {}
    shapes: dict[str, tuple[Axes, tuple[str, ...]]] = {}
    nowhere = Span(0, 0)
    for kind, layouts in kinds:
        for layout in layouts:
            symbol = Symbol(layout.name, kind, layout.axes, nowhere)  # type: ignore[attr-defined]
            symbols[symbol.name] = replace(symbol, domain=recurrence.domains.get(symbol.name))
            shapes[symbol.name] = (layout.axes, layout.parts)  # type: ignore[attr-defined]
    for whole, (re, im) in complex_arrays(recurrence).items():
        symbols[whole] = replace(symbols[re], name=whole, is_complex=True)
        shapes[whole] = (shapes[re][0], (*shapes[re][1], *shapes[im][1]))
    for name in recurrence.constants:
        symbols[name] = Symbol(name, "constant", (), nowhere)
        shapes[name] = ((), (name,))
    for tensor in recurrence.program.tensors:
        # Names of the engine, such as a pre-activation a_f, may be spoken of as well.
        if tensor.role == "local" and tensor.name.isidentifier() and tensor.name not in symbols:
            axes = tuple((dim,) for dim in tensor.dims)
            symbols[tensor.name] = Symbol(tensor.name, "local", axes, nowhere)
            shapes[tensor.name] = (axes, (tensor.name,))
    functions = (LANGUAGE_FUNCTIONS | (frozenset(FUNCTIONS) - {"equal"}) | (extra & frozenset(FUNCTIONS))) - (
        YIELDING & symbols.keys()
    )
    functions |= COMPLEX_FUNCTIONS - set(symbols) if complex_arrays(recurrence) else set()
    scope = Scope(source, symbols, {}, recurrence.dimensions, recurrence.constants, (), (), functions)
    return scope, shapes

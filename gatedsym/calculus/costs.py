"""Program → what one step of it costs, in the dimensions of the cell: n m + n², not a number for one size.

A contraction over an index takes one multiplication and one addition for each value of all its indices. A pointwise
statement takes for each value of its target the operations that its expression writes, and one evaluation for each
function that it applies. What parameters and constants alone give is computed once, not at every step, and not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp

from gatedsym.functions import FUNCTIONS
from gatedsym.program import Contraction, Layout, Pointwise, Program


@dataclass(frozen=True)
class Costs:
    """The cost of one step of one sequence.

    Attributes
    ----------
    multiply_adds : sympy.Expr
        Multiplications with an addition, in contractions; in symbols named like the dimensions.
    elementwise : sympy.Expr
        Further additions, multiplications, divisions and comparisons.
    functions : sympy.Expr
        Evaluations of functions.
    sequential : int
        The longest chain of contractions, each of which has to wait for the one before, between the last state and the
        next one: what no number of processors makes shorter. Contractions that no state enters are not in it, since
        they can be done for all steps at once.
    """

    multiply_adds: sp.Expr
    elementwise: sp.Expr
    functions: sp.Expr
    sequential: int


def count_costs(program: Program) -> Costs:
    """Count the operations of a step."""
    zero = sp.S.Zero
    multiply_adds, elementwise, functions = zero, zero, zero
    for statement in program.statements:
        if statement.target.name not in program.batched:
            continue
        dims = program.index_dims(statement)
        if isinstance(statement, Contraction):
            everywhere = _size(dims[i] for i in (*statement.target.indices, *statement.summed))
            if statement.reduction == "sum" and statement.summed:
                multiply_adds += everywhere
                elementwise += (len(statement.factors) - 2) * everywhere if len(statement.factors) > 2 else zero
            else:
                elementwise += max(len(statement.factors) - 1, 1) * everywhere
            continue
        each = _size(dims[i] for i in statement.target.indices)
        written, applied = _expression_costs(statement)
        elementwise += written * each
        functions += applied * each
    return Costs(sp.expand(multiply_adds), sp.expand(elementwise), sp.expand(functions), _sequential(program))


def count_numbers(layouts: Iterable[Layout]) -> sp.Expr:
    """How many numbers some parameters or states hold, in the dimensions."""
    return sp.expand(sum((sp.Mul(*(sum(map(_dimension, a), sp.S.Zero) for a in ly.axes)) for ly in layouts), sp.S.Zero))


def _expression_costs(statement: Pointwise) -> tuple[int, int]:
    """Operations and evaluations of functions; a part that occurs twice is computed once."""
    written = applied = 0
    parts = {e for e in sp.preorder_traversal(statement.expression) if e.args}
    for e in sorted(parts, key=sp.default_sort_key):
        if e.is_Add:
            written += len(e.args) - 1
        elif e.is_Mul:
            # A sign is part of the addition that follows.
            written += max(len([a for a in e.args if a != -1]) - 1, 0)
        elif e.is_Pow:
            written += 1
        elif type(e).__name__ in FUNCTIONS:
            applied += 1
    return written, applied


def _sequential(program: Program) -> int:
    depth = {n: 0 for n in program.sources if program[n].role == "state"}
    for statement in program.statements:
        found = [depth[r.name] for r in statement.operands if r.name in depth]
        if found:
            waits = isinstance(statement, Contraction) and bool(statement.summed)
            depth[statement.target.name] = max(found) + waits
    return max((depth[n] for n in program.results if program[n].role == "next" and n in depth), default=0)


def _size(dims: Iterable[str]) -> sp.Expr:
    return sp.Mul(*map(_dimension, dims))


def _dimension(name: str) -> sp.Expr:
    return sp.Integer(name) if name.isdigit() else sp.Symbol(name)

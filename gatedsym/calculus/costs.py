"""Program → what one step of it costs, in the dimensions of the cell: n m + n², not a number for one size.

A contraction over an index takes one multiplication and one addition for each value of all its indices. A pointwise
statement takes for each value of its target the operations that its expression writes, and one evaluation for each
function that it applies. What parameters and constants alone give is computed once, not at every step, and not counted.
A product with a one-hot vector takes nothing, since a token picks it; its part of a gradient is one addition an entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from gatedsym.calculus.one_hot import multiply_one_hots_first, pick_by_tokens, without_idle_one_hots
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import Contraction, Layout, Pointwise, Program, Solve


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
    calls : mapping of str to sympy.Expr
        The same by function, sorted by name.
    sequential : int
        The longest chain of contractions, each of which has to wait for the one before, between the last state and the
        next one: what no number of processors makes shorter. Contractions that no state enters are not in it, since
        they can be done for all steps at once.
    """

    multiply_adds: sp.Expr
    elementwise: sp.Expr
    functions: sp.Expr
    calls: Mapping[str, sp.Expr]
    sequential: int

    @property
    def operations(self) -> sp.Expr:
        """All of them in one number: a multiplication with an addition counts 2, the evaluation of a function 1."""
        return sp.expand(2 * self.multiply_adds + self.elementwise + self.functions)


def count_costs(program: Program, one_hots: Collection[str] = ()) -> Costs:
    """Count the operations of a step.

    Parameters
    ----------
    program : Program
    one_hots : collection of str
        One-hot vectors among the sources of an adjoint.
    """
    program = without_idle_one_hots(pick_by_tokens(multiply_one_hots_first(program))[0])
    multiply_adds, elementwise, calls = sp.S.Zero, sp.S.Zero, Counter[str]()
    for statement in program.statements:
        if statement.target.name not in program.batched:
            continue
        dims = program.index_dims(statement)
        if isinstance(statement, Contraction):
            marked = {i for r in statement.factors if r.name in one_hots for i in r.indices}
            dims |= dict.fromkeys(marked, "1")  # it is added in one place of these
            products, rest = _contraction_costs(statement, dims)
            multiply_adds, elementwise = multiply_adds + products, elementwise + rest
            continue
        if isinstance(statement, Solve):
            multiply_adds += _solve_costs(statement, dims)
            continue
        each = _size(dims[i] for i in statement.target.indices)
        written, applied = _expression_costs(statement)
        elementwise += written * each
        for name, count in applied.items():
            calls[name] += count * each
    by_name = {name: sp.expand(calls[name]) for name in sorted(calls)}
    functions = sp.expand(sum(by_name.values(), sp.S.Zero))
    return Costs(sp.expand(multiply_adds), sp.expand(elementwise), functions, by_name, _sequential(program))


def _contraction_costs(statement: Contraction, dims: Mapping[str, str]) -> tuple[sp.Expr, sp.Expr]:
    """Multiplications with an addition, and further operations."""
    everywhere = _size(dims[i] for i in (*statement.target.indices, *statement.summed))
    if statement.reduction == "sum" and statement.summed:
        return everywhere, max(len(statement.factors) - 2, 0) * everywhere
    return sp.S.Zero, max(len(statement.factors) - 1, 1) * everywhere


def _solve_costs(statement: Solve, dims: Mapping[str, str]) -> sp.Expr:
    """Multiplications with an addition of an elimination: a third of n³ for the matrix, n² for each column."""
    size = _dimension(dims[statement.unknown])
    return size**3 / 3 + size * _size(dims[i] for i in statement.target.indices)


def count_numbers(layouts: Iterable[Layout]) -> sp.Expr:
    """Number of entries that some parameters or states hold, in the dimensions."""
    return sp.expand(sum((sp.Mul(*(sum(map(_dimension, a), sp.S.Zero) for a in ly.axes)) for ly in layouts), sp.S.Zero))


def _expression_costs(statement: Pointwise) -> tuple[int, Counter[str]]:
    """Operations, and evaluations of each function; a part that occurs twice is computed once."""
    written, applied = 0, Counter[str]()
    parts = {e for e in sp.preorder_traversal(statement.expression) if e.args}
    for e in parts:  # in any order: they are counted
        if e.is_Add:
            written += len(e.args) - 1
        elif e.is_Mul:
            # A sign is part of the addition that follows.
            written += max(len([a for a in e.args if a != -1]) - 1, 0)
        elif e.is_Pow:
            written += 1
        elif type(e).__name__ in FUNCTIONS:
            applied[type(e).__name__] += 1
    return written, applied


def _sequential(program: Program) -> int:
    depth = {n: 0 for n in program.sources if program[n].role == "state"}
    for statement in program.statements:
        found = [depth[r.name] for r in statement.operands if r.name in depth]
        if found:
            waits = not isinstance(statement, Pointwise) and bool(statement.summed)
            depth[statement.target.name] = max(found) + waits
    return max((depth[n] for n in program.results if program[n].role == "next" and n in depth), default=0)


def _size(dims: Iterable[str]) -> sp.Expr:
    return sp.Mul(*map(_dimension, dims))


def _dimension(name: str) -> sp.Expr:
    return sp.Integer(name) if name.isdigit() else sp.Symbol(name)

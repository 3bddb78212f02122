"""Cell → how many operations forward and forward + backward take, in numbers for a point."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import sympy as sp

from gatedsym.bench.points import BOTH, FORWARD, Point
from gatedsym.bench.problem import cell_by_name, complete_sizes
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.costs import Costs, count_costs
from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.ir.program import Contraction, Program


@dataclass(frozen=True)
class Operations:
    """Counts for all steps and sequences of a point.

    Attributes
    ----------
    multiply_adds, floating : dict of str to float
        For each measurement: multiplications with an addition, in products; and all operations, where a multiplication
        with an addition counts 2 and the evaluation of a function 1.
    chain : int
        Products within a step of which each waits for the one before.
    """

    multiply_adds: dict[str, float]
    floating: dict[str, float]
    chain: int


def count_operations(point: Point) -> Operations:
    """Count what a point takes, whoever computes it."""
    forward, backward, outer = _costs(point.cell)
    sizes = {sp.Symbol(k): v for k, v in complete_sizes(cell_by_name(point.cell), point.hidden).items()}
    rows = point.steps * point.batch

    def number(expression: sp.Expr) -> float:
        return float(expression.subs(sizes)) * rows

    all_products = forward.multiply_adds + backward.multiply_adds + outer
    products = {FORWARD: number(forward.multiply_adds), BOTH: number(all_products)}
    rest = number(forward.elementwise + forward.functions)
    # What is added up over time is a multiply-add, which the count of one step takes for a multiplication.
    others = {FORWARD: rest, BOTH: rest + number(backward.elementwise + backward.functions - outer)}
    return Operations(products, {m: 2 * products[m] + others[m] for m in products}, forward.sequential)


@cache
def _costs(name: str) -> tuple[Costs, Costs, sp.Expr]:
    """Of a step, of its adjoint, and the entries of the adjoint that are products added up over time."""
    typed = cell_by_name(name).recurrence.program
    program = typed.with_results(typed.results)  # what no result needs, no kernel computes
    adjoint = derive_adjoint(program)
    one_hots = find_one_hots(program)
    return count_costs(program), count_costs(adjoint, one_hots), _outer_products(adjoint, program, one_hots)


def _outer_products(adjoint: Program, program: Program, one_hots: Collection[str]) -> sp.Expr:
    entries = sp.S.Zero
    for name in adjoint.results:
        made = adjoint.definitions.get(name)
        if program[adjoint[name].of].role != "parameter" or name not in adjoint.batched:
            continue
        if isinstance(made, Contraction) and len(made.factors) > 1 and not made.summed:
            if any(r.name in one_hots for r in made.factors):
                continue  # rows that are added where a token says
            entries += sp.Mul(*(sp.Integer(d) if d.isdigit() else sp.Symbol(d) for d in adjoint[name].dims))
    return entries

"""Sort the statements of an adjoint Program by when they run: in each step, summed over all steps, or once at the end.

The adjoint of something without batch (a parameter) is a sum over time and batch. Where it is rows times columns it is
a matrix product over all steps and sequences; else each step adds to it; what is linear in such sums comes last. Rows
times what no step changes, a bias or a one, are summed first and multiplied last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.ir.program import BATCHLESS, Contraction, Pointwise, Program, Ref, Statement, Tensor, pointwise


@dataclass(frozen=True)
class Outer:
    """A gradient that is, summed over time and batch, rows times columns."""

    name: str
    rows: Ref
    columns: Ref
    token: str = ""
    """The token whose one-hot vector one of them is; "" where neither is one."""
    by_rows: bool = False
    """Whether that one is `rows`."""

    @property
    def operands(self) -> tuple[Ref, ...]:
        """The operands that are needed of every step: a token stands for its vector."""
        return (self.columns if self.by_rows else self.rows,) if self.token else (self.rows, self.columns)


@dataclass(frozen=True)
class GradientPlan:
    """
    Attributes
    ----------
    step : tuple of Statement
        Run in each step.
    outers : tuple of Outer
    sums : tuple of Statement
        Run in each step; the target is added to a sum over time and batch.
    finish : tuple of Statement
        Run once, on sums, outers and what parameters alone give.
    parts : tuple of Tensor
        Targets of `sums` that the adjoint Program does not have.
    """

    step: tuple[Statement, ...]
    outers: tuple[Outer, ...]
    sums: tuple[Statement, ...]
    finish: tuple[Statement, ...]
    parts: tuple[Tensor, ...]


def plan_gradients(adjoint: Program, primal: Program) -> GradientPlan:
    """Sort the statements of an adjoint Program."""
    step: list[Statement] = []
    outers: list[Outer] = []
    sums: list[Statement] = []
    finish: list[Statement] = []
    summed: set[str] = set()
    one_hots = find_one_hots(primal)
    batchless = {n for n in adjoint.sources if adjoint[n].role in BATCHLESS or _is_computed_once(n, primal)}
    fixed: list[Statement] = []  # what the adjoint computes of parameters alone
    for statement in adjoint.statements:
        tensor = adjoint[statement.target.name]
        if tensor.role != "adjoint" and any(r.name in summed for r in statement.operands):
            summed.add(tensor.name)  # the terms of a sum that is an adjoint: linear in what is a sum already
            finish.append(statement)
            continue
        if tensor.role != "adjoint" or not tensor.of or tensor.of in primal.batched:
            step.append(statement)
            if tensor.role != "adjoint" and all(r.name in batchless for r in statement.operands):
                batchless.add(tensor.name)
                fixed.append(statement)
            continue
        summed.add(tensor.name)
        if all(r.name in summed | batchless for r in statement.operands):
            finish.append(statement)
        elif isinstance(statement, Contraction):
            outer = _as_outer(statement, one_hots)
            if outer is None and (turned := _scatter_first(statement, one_hots)) is not None:
                outers.append(turned[0])
                finish.append(turned[1])
            elif outer is None:
                sums.append(statement)
            elif batchless & {outer.rows.name, outer.columns.name}:
                moving, product = _sum_first(statement, batchless)
                sums.append(moving)
                finish.append(product)
            else:
                outers.append(outer)
        else:
            assert isinstance(statement, Pointwise)  # what a system gives is no adjoint, but a part of one
            at_step, at_end = _split(statement, summed - {tensor.name})
            sums.append(at_step)
            if at_end is not None:
                finish.append(at_end)
    finish = [*_read_by(finish, fixed), *finish]
    unread = {s.target.name for s in fixed} - {r.name for o in outers for r in o.operands}
    unread -= {s.target.name for s in _read_by([*(s for s in step if s not in fixed), *sums], fixed)}
    step = [s for s in step if s.target.name not in unread]
    parts = _parts([(s.target, s.operands) for s in sums] + [_turned_part(o) for o in outers], adjoint)
    return GradientPlan(tuple(step), tuple(outers), tuple(sums), tuple(finish), parts)


def _parts(sums: Iterable[tuple[Ref, Sequence[Ref]]], adjoint: Program) -> tuple[Tensor, ...]:
    """Sums over steps that are not yet an adjoint, as tensors; each is given with what it is made of."""
    found = []
    for target, operands in sums:
        name = target.name.removesuffix(STEP_MARK)
        if target.name != name:
            own = Ref(name, adjoint.definitions[name].target.indices)
            refs = (own, *operands)
            dims = {i: d for r in refs for i, d in zip(r.indices, adjoint[r.name].dims, strict=True)}
            found.append(Tensor(target.name, tuple(dims[i] for i in target.indices), "adjoint"))
    return tuple(found)


def _is_computed_once(name: str, primal: Program) -> bool:
    return name in primal.definitions and name not in primal.batched


def _read_by(readers: Iterable[Statement], definitions: Sequence[Statement]) -> list[Statement]:
    """Those of `definitions` that `readers` read, also by way of one another, in their order."""
    needed = {r.name for s in readers for r in s.operands}
    found: list[Statement] = []
    for statement in reversed(definitions):
        if statement.target.name in needed:
            found.append(statement)
            needed.update(r.name for r in statement.operands)
    return found[::-1]


def _as_outer(statement: Contraction, one_hots: Mapping[str, str]) -> Outer | None:
    if statement.summed or len(statement.factors) != 2:
        return None
    for rows, columns in (statement.factors, statement.factors[::-1]):
        if rows.indices and columns.indices and rows.indices + columns.indices == statement.target.indices:
            return _outer(statement.target.name, rows, columns, one_hots)
    return None


def _outer(name: str, rows: Ref, columns: Ref, one_hots: Mapping[str, str]) -> Outer:
    by_columns = one_hots.get(columns.name, "")
    return Outer(
        name, rows, columns, by_columns or one_hots.get(rows.name, ""), not by_columns and rows.name in one_hots
    )


def _scatter_first(statement: Contraction, one_hots: Mapping[str, str]) -> tuple[Outer, Pointwise] | None:
    """A gradient in which the axis of a one-hot vector is not at an end: with that axis last, and the turn back."""
    if statement.summed or len(statement.factors) != 2:
        return None
    for rows, columns in (statement.factors, statement.factors[::-1]):
        if rows.indices and columns.name in one_hots and rows.name not in one_hots:
            part = Ref(f"{statement.target.name}{STEP_MARK}", rows.indices + columns.indices)
            outer = Outer(part.name, rows, columns, one_hots[columns.name])
            return outer, pointwise(statement.target, part.symbol, (part,))
    return None


def _turned_part(outer: Outer) -> tuple[Ref, tuple[Ref, ...]]:
    return Ref(outer.name, outer.rows.indices + outer.columns.indices), (outer.rows, outer.columns)


STEP_MARK = "@steps"


def _sum_first(outer: Contraction, batchless: set[str]) -> tuple[Pointwise, Contraction]:
    """Separate rows times columns into the sum of the one that steps change, and the product with the other."""
    (moving,) = (r for r in outer.factors if r.name not in batchless)
    part = Ref(f"{outer.target.name}{STEP_MARK}", moving.indices)
    factors = tuple(part if r is moving else r for r in outer.factors)
    return pointwise(part, moving.symbol, (moving,)), Contraction(outer.target, factors)


def _split(statement: Pointwise, summed: set[str]) -> tuple[Pointwise, Pointwise | None]:
    """Separate the terms that each step adds from those that are sums already."""
    done = {r.symbol for r in statement.operands if r.name in summed}
    if not done:
        return statement, None
    terms = sp.Add.make_args(sp.expand(statement.expression))
    late = sp.Add(*(t for t in terms if t.free_symbols & done))
    early = sp.Add(*(t for t in terms if not t.free_symbols & done))
    part = Ref(f"{statement.target.name}{STEP_MARK}", statement.target.indices)
    return (
        pointwise(part, early, statement.operands),
        pointwise(statement.target, late + part.symbol, (*statement.operands, part)),
    )

"""Program → its adjoint Program: given cotangents of the results, the adjoints of the sources.

Three rules. A pointwise statement ``y = f(u, …)`` sends ``d_y * ∂f/∂u`` to each operand, summed over the indices that
the operand lacks. A contraction ``y = Σ u*v*…`` sends to each factor the contraction of ``d_y`` with the other factors:
the result and the factor exchange their indices. A solve ``A v = b`` sends to b the solution w of ``Aᵀ w = d_v``, and
to A the product ``-w vᵀ``. (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3; Giles, Collected matrix
derivative results for forward and reverse mode algorithmic differentiation, 2008, 2.2.2 and 2.3.1.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sympy as sp

from gatedsym.calculus.cse import as_source, name_applications
from gatedsym.calculus.names import Names, adjoint_name, total_name
from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.calculus.partials import partials, share_of_maximum
from gatedsym.ir.program import (
    NUMBERS,
    Contraction,
    Pointwise,
    Program,
    Ref,
    Solve,
    Statement,
    Tensor,
    fresh_indices,
    pointwise,
)


def derive_adjoint(program: Program, wrt: Iterable[str] | None = None, of: Iterable[str] | None = None) -> Program:
    """The adjoint of a Program.

    Parameters
    ----------
    program : Program
    wrt : iterable of str, optional
        Sources whose adjoints are wanted; by default all inputs, states and parameters.
    of : iterable of str, optional
        Results that have a cotangent; by default all.

    Returns
    -------
    Program
        Sources: sources and computed values of `program`, as far as they are needed, and the cotangents ``d_<result>``.
        Results: ``d_<source>`` in the order of `wrt`. An adjoint of something that has no batch index is the
        contribution of one step of one sequence: it is to be summed over time and batch.
    """
    wrt = tuple(program.sources if wrt is None else wrt)
    wrt = tuple(n for n in wrt if program[n].role not in NUMBERS)
    of = tuple(program.results if of is None else of)
    return name_applications(_Reverse(program, wrt, of).sweep(), program)


@dataclass
class _Contributions:
    """Contributions found so far to one adjoint: expressions, and tensors made by contractions."""

    terms: list[tuple[sp.Expr, tuple[Ref, ...]]] = field(default_factory=list)
    contractions: list[Contraction] = field(default_factory=list)


class _Reverse:
    """One backward sweep over the statements of a Program."""

    def __init__(self, program: Program, wrt: Sequence[str], of: Sequence[str]) -> None:
        self.program, self.wrt, self.of = program, wrt, of
        # The adjoint of a next state counts all that reads it in the step, even where no source moves it.
        # A one-hot vector leads nowhere: its token has no derivative.
        moved = program.reached_from((*self.wrt, *(n for n in of if program[n].role == "next")))
        self.active = moved - find_one_hots(program).keys()
        # Results have names of their own, d_x_2 for x_2: what is made on the way to d_x is not called so.
        self.results = {name: adjoint_name(name) for name in wrt if adjoint_name(name) not in program}
        self.names = Names([*(t.name for t in program.tensors), *self.results.values()])
        self.statements: list[Statement] = []
        self.tensors: dict[str, Tensor] = {}
        self.adjoint: dict[str, str] = {}
        self.flows: dict[str, _Contributions] = {}
        for name in of:
            cotangent = self.names.fresh(adjoint_name(name))
            self.tensors[cotangent] = Tensor(cotangent, program[name].dims, "cotangent", of=name)
            self.adjoint[name] = cotangent

    def sweep(self) -> Program:
        for statement in reversed(self.program.statements):
            name = statement.target.name
            if name not in self.active:
                continue
            incoming = self._settle(name)
            if incoming is None:
                continue
            if isinstance(statement, Pointwise):
                self._through_pointwise(statement, incoming)
            elif isinstance(statement, Solve):
                self._through_solve(statement, incoming)
            elif statement.reduction == "max":
                self._through_maximum(statement, incoming)
            else:
                self._through_contraction(statement, incoming)
        results = [self._result(name) for name in self.wrt]
        return self._assemble(results)

    # The adjoint of one tensor, once everything that reads it has been passed.

    def _settle(self, name: str) -> str | None:
        """Emit the statement that adds up the adjoint of `name`; return the adjoint's name, None if nothing flows."""
        flow = self.flows.pop(name, None)
        cotangent = self.adjoint.get(name)
        if flow is None:
            return cotangent
        tensor = self.program[name]
        indices = self._indices(name)
        if cotangent is not None:
            ref = Ref(cotangent, indices)
            flow.terms.insert(0, (ref.symbol, (ref,)))
        alias = self._alias(flow, indices, tensor.dims)
        if alias is not None:
            self.adjoint[name] = alias
            return alias
        wish = adjoint_name(name) if cotangent is None else total_name(name)
        target = Ref(self._fresh(name, wish), indices)
        self._declare(Tensor(target.name, tensor.dims, "adjoint", of=name))
        self._add_up(target, flow)
        self.adjoint[name] = target.name
        return target.name

    def _alias(self, flow: _Contributions, indices: tuple[str, ...], dims: tuple[str, ...]) -> str | None:
        """The name of an adjoint that this one simply equals, if there is one."""
        if flow.contractions or len(flow.terms) != 1:
            return None
        expression, operands = flow.terms[0]
        if len(operands) == 1 and expression == operands[0].symbol and operands[0].indices == indices:
            same = operands[0].name
            if self.tensors.get(same, Tensor("")).dims == dims:
                return same
        return None

    def _add_up(self, target: Ref, flow: _Contributions) -> None:
        if len(flow.contractions) == 1 and not flow.terms:
            self.statements.append(_retarget(flow.contractions[0], target))
            return
        terms = [expression for expression, _ in flow.terms]
        operands = [ref for _, refs in flow.terms for ref in refs]
        for contraction in flow.contractions:
            source = contraction.target.name.removeprefix("through:")
            part = Ref(self.names.fresh(f"{target.name}_through_{source}"), target.indices)
            self._declare(Tensor(part.name, self.tensors[target.name].dims, "adjoint", of=self.tensors[target.name].of))
            self.statements.append(_retarget(contraction, part))
            terms.append(part.symbol)
            operands.append(part)
        self.statements.append(pointwise(target, sp.Add(*terms), operands))

    # The three rules.

    def _through_pointwise(self, statement: Pointwise, incoming: str) -> None:
        d_y = Ref(incoming, statement.target.indices)
        candidates = (*statement.operands, statement.target, d_y)
        for ref, derivative in partials(statement):
            if ref.name in self.active:
                self._send(ref, d_y.symbol * derivative, candidates, statement)

    def _through_contraction(self, statement: Contraction, incoming: str) -> None:
        d_y = Ref(incoming, statement.target.indices)
        for position, ref in enumerate(statement.factors):
            if ref.name not in self.active:
                continue
            others = (d_y, *statement.factors[:position], *statement.factors[position + 1 :])
            present = dict.fromkeys(i for other in others for i in other.indices)
            summed = tuple(i for i in present if i not in ref.indices)
            if len(others) == 1 and not summed:
                self._send(ref, d_y.symbol, others, statement)
            else:
                self._contract(ref, others, summed, statement.target.name)

    def _through_solve(self, statement: Solve, incoming: str) -> None:
        matrix, right, columns = statement.matrix, statement.right, statement.right.indices[1:]
        dims = self.program[right.name].dims
        solved = Ref(self.names.fresh(f"{adjoint_name(statement.target.name)}_solved"), right.indices)
        self._declare(Tensor(solved.name, dims))
        self.statements.append(Solve(solved, matrix, Ref(incoming, statement.target.indices)))
        if right.name in self.active:
            self._term(right, solved.symbol, (solved,))
        if matrix.name in self.active:
            minus = Ref(self.names.fresh(f"minus_{solved.name}"), right.indices)
            self._declare(Tensor(minus.name, dims))
            self.statements.append(pointwise(minus, -solved.symbol, (solved,)))
            self._contract(matrix, (minus, statement.target), columns, statement.target.name)

    def _through_maximum(self, statement: Contraction, incoming: str) -> None:
        share, statements, tensors = share_of_maximum(statement, self.program, self.names)
        for tensor in tensors:
            self._declare(tensor)
        self.statements += statements
        d_y = Ref(incoming, statement.target.indices)
        self._send(statement.factors[0], d_y.symbol * share.symbol, (d_y, share), statement)

    def _send(self, ref: Ref, expression: sp.Expr, candidates: Iterable[Ref], statement: Statement) -> None:
        """Let `expression` flow into the adjoint of `ref`, summed over the indices that `ref` lacks."""
        dims = self.program.index_dims(statement)
        free = expression.free_symbols
        operands = tuple(sorted({r for r in candidates if r.symbol in free}))
        over = dims if isinstance(statement, Contraction) else {i: dims[i] for i in statement.target.indices}
        summed = tuple(i for i in over if i not in ref.indices)
        if not summed:
            self._term(ref, expression, operands)
            return
        factors = _as_product(expression, operands)
        if factors is None:
            indices = tuple(over)
            product = Ref(self.names.fresh(f"{adjoint_name(ref.name)}_terms"), indices)
            self._declare(Tensor(product.name, tuple(over.values())))
            self.statements.append(pointwise(product, expression, operands))
            factors = (product,)
        self._contract(ref, factors, summed, statement.target.name)

    def _term(self, ref: Ref, expression: sp.Expr, operands: tuple[Ref, ...]) -> None:
        renaming = dict(zip(ref.indices, self._indices(ref.name), strict=True))
        renamed = {r.symbol: r.rename(renaming) for r in operands}
        flow = self.flows.setdefault(ref.name, _Contributions())
        flow.terms.append(
            (expression.xreplace({s: r.symbol for s, r in renamed.items()}), tuple(sorted(renamed.values())))
        )

    def _contract(self, ref: Ref, factors: tuple[Ref, ...], summed: tuple[str, ...], through: str) -> None:
        present = {i for f in factors for i in f.indices}
        if summed and not set(summed) <= present:
            raise ValueError(f"an index of the sum into {ref} is carried by no factor.")
        contraction = Contraction(Ref(f"through:{through.replace(chr(39), '_next')}", ref.indices), factors, summed)
        self.flows.setdefault(ref.name, _Contributions()).contractions.append(contraction)

    # Bookkeeping.

    def _indices(self, name: str) -> tuple[str, ...]:
        """The indices under which the adjoint of `name` is written: those of its definition, else j, k, …"""
        definition = self.program.definitions.get(name)
        if definition is not None:
            return definition.target.indices
        return fresh_indices(len(self.program[name].dims))

    def _declare(self, tensor: Tensor) -> None:
        self.tensors[tensor.name] = tensor
        self.names.fresh(tensor.name)

    def _fresh(self, name: str, wish: str) -> str:
        """A name for the adjoint of `name`: the one that is kept for it, where that is what is wished for."""
        return self.results.pop(name) if self.results.get(name) == wish else self.names.fresh(wish)

    def _result(self, name: str) -> str:
        """Make sure that ``d_<name>`` exists under its own name."""
        wish = adjoint_name(name)
        found = self._settle(name)
        if found == wish:
            return wish
        dims, indices = self.program[name].dims, self._indices(name)
        target = Ref(self._fresh(name, wish), indices)
        self._declare(Tensor(target.name, dims, "adjoint", of=name))
        if found is None:
            self.statements.append(pointwise(target, sp.S.Zero, ()))
        else:
            source = Ref(found, indices)
            self.statements.append(pointwise(target, source.symbol, (source,)))
        return target.name

    def _assemble(self, results: list[str]) -> Program:
        computed = {s.target.name for s in self.statements}
        read = {ref.name for s in self.statements for ref in s.operands}
        primal = [as_source(t, self.program) for t in self.program.tensors if t.name in read and t.name not in computed]
        tensors = (*primal, *self.tensors.values())
        return Program(tensors, tuple(self.statements), tuple(results))


def _retarget(contraction: Contraction, target: Ref) -> Contraction:
    """The same contraction under another name; the free indices are renamed to those of the new target."""
    renaming = dict(zip(contraction.target.indices, target.indices, strict=True))
    summed = _avoid(contraction.summed, renaming)
    renaming.update(summed)
    return Contraction(
        target, tuple(f.rename(renaming) for f in contraction.factors), tuple(summed.values()), contraction.reduction
    )


def _avoid(summed: tuple[str, ...], renaming: dict[str, str]) -> dict[str, str]:
    """New names for summed indices where a free index takes the old one."""
    taken = set(renaming.values())
    clashing = [i for i in summed if i in taken]
    replacements = iter(fresh_indices(len(clashing), taken | set(summed)))
    return {i: next(replacements) if i in taken else i for i in summed}


def _as_product(expression: sp.Expr, operands: tuple[Ref, ...]) -> tuple[Ref, ...] | None:
    """The operands as factors if the expression is their plain product, else None."""
    product = sp.Mul(*(r.symbol for r in operands))
    return operands if expression == product else None

"""Program → its tangent Program: given tangents of sources, the tangents of the results.

Each statement is passed once, forwards: ``dot_y = Σ ∂f/∂u * dot_u`` for a pointwise statement, the product rule for a
contraction; for a solve ``A v = b`` one more with the same matrix, ``A dot_v = dot_b - dot_A v``.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from gatedsym.calculus.cse import as_source, name_applications
from gatedsym.calculus.names import Names, tangent_name
from gatedsym.calculus.partials import partials, share_of_maximum
from gatedsym.ir.program import NUMBERS, Contraction, Pointwise, Program, Ref, Solve, Statement, Tensor, pointwise


def derive_tangent(program: Program, wrt: Iterable[str] | None = None) -> Program:
    """The tangent of a Program.

    Parameters
    ----------
    program : Program
    wrt : iterable of str, optional
        Sources that have a tangent; by default all but constants.

    Returns
    -------
    Program
        Sources: sources and computed values of `program`, as far as they are needed, and ``dot_<source>`` for each of
        `wrt`. Results: ``dot_<result>`` in the order of the Program's results (zero where nothing flows).
    """
    wrt = tuple(program.sources if wrt is None else wrt)
    wrt = tuple(n for n in wrt if program[n].role not in NUMBERS)
    return name_applications(_Forward(program, wrt).sweep(), program)


class _Forward:
    """One forward sweep over the statements of a Program."""

    def __init__(self, program: Program, wrt: tuple[str, ...]) -> None:
        self.program = program
        self.names = Names([t.name for t in program.tensors])
        self.statements: list[Statement] = []
        self.tensors: dict[str, Tensor] = {}
        self.tangent: dict[str, str] = {}
        for name in wrt:
            self._declare(name)

    def _declare(self, name: str) -> str:
        tangent = self.names.fresh(tangent_name(name))
        self.tensors[tangent] = Tensor(tangent, self.program[name].dims, "tangent", of=name)
        self.tangent[name] = tangent
        return tangent

    def sweep(self) -> Program:
        for statement in self.program.statements:
            if any(ref.name in self.tangent for ref in statement.operands):
                if isinstance(statement, Pointwise):
                    self._pointwise(statement)
                elif isinstance(statement, Solve):
                    self._solve(statement)
                else:
                    self._contraction(statement)
        for name in self.program.results:
            if name not in self.tangent:
                indices = self.program.definitions[name].target.indices
                self.statements.append(pointwise(Ref(self._declare(name), indices), sp.S.Zero, ()))
        return self._assemble()

    def _pointwise(self, statement: Pointwise) -> None:
        terms, operands = [], [*statement.operands, statement.target]
        for ref, derivative in partials(statement):
            if ref.name in self.tangent:
                dot = Ref(self.tangent[ref.name], ref.indices)
                terms.append(derivative * dot.symbol)
                operands.append(dot)
        total = sp.Add(*terms)
        if total == 0:
            return
        target = Ref(self._declare(statement.target.name), statement.target.indices)
        self.statements.append(pointwise(target, total, operands))

    def _contraction(self, statement: Contraction) -> None:
        if statement.reduction == "max":
            share, statements, tensors = share_of_maximum(statement, self.program, self.names)
            self.statements += statements
            self.tensors.update({t.name: t for t in tensors})
            dot = Ref(self.tangent[statement.factors[0].name], share.indices)
            parts: list[tuple[Ref, ...]] = [(share, dot)]
        else:
            parts = [
                (*statement.factors[:n], Ref(self.tangent[ref.name], ref.indices), *statement.factors[n + 1 :])
                for n, ref in enumerate(statement.factors)
                if ref.name in self.tangent
            ]
        target = Ref(self._declare(statement.target.name), statement.target.indices)
        if len(parts) == 1:
            self.statements.append(Contraction(target, parts[0], statement.summed))
            return
        terms = []
        for number, factors in enumerate(parts, 1):
            term = Ref(self.names.fresh(f"{target.name}_term{number}"), target.indices)
            self.tensors[term.name] = Tensor(term.name, self.program[statement.target.name].dims, "tangent")
            self.statements.append(Contraction(term, factors, statement.summed))
            terms.append(term)
        self.statements.append(pointwise(target, sp.Add(*(t.symbol for t in terms)), terms))

    def _solve(self, statement: Solve) -> None:
        target, matrix, right = statement.target, statement.matrix, statement.right
        terms: list[Ref] = []
        total = sp.S.Zero
        if right.name in self.tangent:
            terms.append(Ref(self.tangent[right.name], right.indices))
            total += terms[-1].symbol
        if matrix.name in self.tangent:
            moved = (Ref(self.tangent[matrix.name], matrix.indices), target)
            terms.append(self._part(f"{tangent_name(target.name)}_through_{matrix.name}", statement))
            self.statements.append(Contraction(terms[-1], moved, (statement.unknown,)))
            total -= terms[-1].symbol
        if total != terms[0].symbol:
            change = self._part(f"{tangent_name(target.name)}_change", statement)
            self.statements.append(pointwise(change, total, terms))
            terms = [change]
        dot = Ref(self._declare(target.name), target.indices)
        self.statements.append(Solve(dot, matrix, terms[0]))

    def _part(self, wish: str, statement: Solve) -> Ref:
        """A tangent of the engine's own, of the shape of the right side."""
        part = Ref(self.names.fresh(wish), statement.right.indices)
        self.tensors[part.name] = Tensor(part.name, self.program[statement.right.name].dims, "tangent")
        return part

    def _assemble(self) -> Program:
        computed = {s.target.name for s in self.statements}
        read = {ref.name for s in self.statements for ref in s.operands}
        primal = [as_source(t, self.program) for t in self.program.tensors if t.name in read and t.name not in computed]
        results = tuple(self.tangent[n] for n in self.program.results)
        return Program((*primal, *self.tensors.values()), tuple(self.statements), results)

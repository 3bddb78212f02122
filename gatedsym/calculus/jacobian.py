"""Program → the Program of its Jacobian blocks ``J[y,s]`` = ∂y/∂s, in closed form.

The forward sweep of the tangent with one difference: the direction is not given but runs over all unit vectors of the
source, so each block carries the source's indices behind the result's, and the source itself is the identity. Where
an identity meets a contraction it renames an index and disappears; what stays of it is a diagonal, ``delta[j,k]``.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from gatedsym.calculus.cse import as_source, name_applications
from gatedsym.calculus.names import Names, identity_name, jacobian_name
from gatedsym.calculus.partials import partials, share_of_maximum
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Solve, Statement, Tensor, fresh_indices, pointwise


def derive_jacobian(
    program: Program, wrt: Iterable[str] | None = None, of: Iterable[str] | None = None, holding: Iterable[str] = ()
) -> Program:
    """The Jacobian blocks of a Program.

    Parameters
    ----------
    program : Program
    wrt : iterable of str, optional
        Sources; by default all states.
    of : iterable of str, optional
        Results; by default all.
    holding : iterable of str
        Computed tensors that are held constant: paths through them are cut.

    Returns
    -------
    Program
        Results: ``J[y,s]`` for each result y and each source s, with the dimensions of y followed by those of s.
    """
    wrt = tuple(n for n in program.sources if program[n].role == "state") if wrt is None else tuple(wrt)
    of = tuple(program.results if of is None else of)
    return name_applications(_Blocks(program, frozenset(holding)).sweep(wrt, of), program)


class _Blocks:
    """One forward sweep per source."""

    def __init__(self, program: Program, holding: frozenset[str]) -> None:
        self.program, self.holding = program, holding
        self.names = Names([t.name for t in program.tensors])
        self.statements: list[Statement] = []
        self.tensors: dict[str, Tensor] = {}
        self.partials: dict[str, tuple[tuple[Ref, sp.Expr], ...]] = {}
        self.terms: set[str] = set()  # of sums of several; one that stays alone gets the name of the sum

    def sweep(self, wrt: tuple[str, ...], of: tuple[str, ...]) -> Program:
        for source in wrt:
            self._sweep_source(source, of)
        computed = {s.target.name for s in self.statements}
        read = {ref.name for s in self.statements for ref in s.operands}
        primal = [
            as_source(t, self.program)
            for t in self.program.tensors
            if t.name in read and t.name not in computed and t.name not in self.tensors
        ]
        results = tuple(jacobian_name(y, s) for s in wrt for y in of)
        needed = read | computed
        kept = [t for t in self.tensors.values() if t.name in needed]
        return Program((*primal, *kept), tuple(self.statements), results).with_results(results)

    def _sweep_source(self, source: str, of: tuple[str, ...]) -> None:
        blocks: dict[str, str] = {}
        for statement in self.program.statements:
            name = statement.target.name
            reads = any(r.name == source or r.name in blocks for r in statement.operands)
            if not reads or name in self.holding:
                continue
            taken = [statement.target.indices, *(r.indices for r in statement.operands)]
            if not isinstance(statement, Pointwise):
                taken.append(statement.summed)
            columns = fresh_indices(len(self.program[source].dims), [i for group in taken for i in group])
            if isinstance(statement, Solve):
                self._solve(statement, source, blocks, columns)
                blocks[name] = jacobian_name(name, source)
                continue
            terms = (
                self._pointwise(statement, source, blocks, columns)
                if isinstance(statement, Pointwise)
                else self._contraction(statement, source, blocks, columns)
            )
            if terms:
                self._define(name, source, statement.target.indices + columns, terms)
                blocks[name] = jacobian_name(name, source)
        for name in of:
            if name not in blocks and jacobian_name(name, source) not in self.tensors:
                rank = len(self.program[name].dims) + len(self.program[source].dims)
                self._define(name, source, fresh_indices(rank), [(sp.S.Zero, ())])

    def _define(
        self, name: str, source: str, indices: tuple[str, ...], terms: list[tuple[sp.Expr, tuple[Ref, ...]]]
    ) -> None:
        target = Ref(jacobian_name(name, source), indices)
        dims = self.program[name].dims + self.program[source].dims
        self.tensors[target.name] = Tensor(target.name, dims, "jacobian", of=name)
        last = self.statements[-1] if self.statements else None
        alone = len(terms) == 1 and last is not None and terms[0][0] == last.target.symbol
        if alone and isinstance(last, Contraction) and last.target.name in self.terms:
            self.statements[-1] = Contraction(target, last.factors, last.summed)
            self.tensors.pop(last.target.name)
            return
        operands = [r for _, refs in terms for r in refs]
        self.statements.append(pointwise(target, sp.Add(*(e for e, _ in terms)), operands))

    def _block(self, ref: Ref, source: str, columns: tuple[str, ...]) -> tuple[sp.Expr, tuple[Ref, ...]]:
        """The Jacobian of one operand, under its own indices and `columns`; of the source itself the identity."""
        if ref.name != source:
            block = Ref(jacobian_name(ref.name, source), ref.indices + columns)
            return block.symbol, (block,)
        deltas = []
        for row, column, dim in zip(ref.indices, columns, self.program[source].dims, strict=True):
            name = identity_name(dim)
            self.tensors.setdefault(name, Tensor(name, (dim, dim), "identity"))
            deltas.append(Ref(name, (row, column)))
        return sp.Mul(*(d.symbol for d in deltas)), tuple(deltas)

    def _pointwise(
        self, statement: Pointwise, source: str, blocks: dict[str, str], columns: tuple[str, ...]
    ) -> list[tuple[sp.Expr, tuple[Ref, ...]]]:
        terms = []
        if statement.target.name not in self.partials:  # the same for every source
            self.partials[statement.target.name] = tuple(partials(statement))
        for ref, derivative in self.partials[statement.target.name]:
            if ref.name == source or ref.name in blocks:
                block, refs = self._block(ref, source, columns)
                terms.append((derivative * block, (*statement.operands, statement.target, *refs)))
        return terms

    def _contraction(
        self, statement: Contraction, source: str, blocks: dict[str, str], columns: tuple[str, ...]
    ) -> list[tuple[sp.Expr, tuple[Ref, ...]]]:
        factors = statement.factors
        if statement.reduction == "max":
            share, statements, tensors = share_of_maximum(statement, self.program, self.names)
            self.statements += statements
            self.tensors.update({t.name: t for t in tensors})
            return [self._product((share,), factors[0], statement, source, columns)]
        terms = []
        for n, ref in enumerate(factors):
            if ref.name == source or ref.name in blocks:
                others = factors[:n] + factors[n + 1 :]
                terms.append(self._product(others, ref, statement, source, columns))
        return terms

    def _solve(self, statement: Solve, source: str, blocks: dict[str, str], columns: tuple[str, ...]) -> None:
        """One more solve with the same matrix, ``A J = J[b] - J[A] v``, a column for each entry of the source."""
        target, matrix, right = statement.target, statement.matrix, statement.right
        name, total, operands = jacobian_name(target.name, source), sp.S.Zero, list[Ref]()
        if right.name == source or right.name in blocks:
            total, refs = self._block(right, source, columns)
            operands += refs
        if matrix.name == source or matrix.name in blocks:
            _, refs = self._block(matrix, source, columns)
            moved = self._declare_part(f"{name}_through_{matrix.name}", statement, source, columns)
            self.statements.append(Contraction(moved, (*refs, target), (statement.unknown,)))
            total -= moved.symbol
            operands.append(moved)
        change = self._declare_part(f"{name}_change", statement, source, columns)
        self.statements.append(pointwise(change, total, operands))
        dims = self.program[target.name].dims + self.program[source].dims
        self.tensors[name] = Tensor(name, dims, "jacobian", of=target.name)
        self.statements.append(Solve(Ref(name, target.indices + columns), matrix, change))

    def _declare_part(self, wish: str, statement: Solve, source: str, columns: tuple[str, ...]) -> Ref:
        """A part of a block that is still to be solved for, of the shape of the right side."""
        part = Ref(self.names.fresh(wish), statement.right.indices + columns)
        dims = self.program[statement.right.name].dims + self.program[source].dims
        self.tensors[part.name] = Tensor(part.name, dims, "jacobian", of=statement.target.name)
        return part

    def _product(
        self, others: tuple[Ref, ...], ref: Ref, statement: Contraction, source: str, columns: tuple[str, ...]
    ) -> tuple[sp.Expr, tuple[Ref, ...]]:
        """One term of the product rule: a product where an identity makes the sum disappear, else a contraction."""
        if ref.name == source:
            renaming = {r: c for r, c in zip(ref.indices, columns, strict=True) if r in statement.summed}
            summed = tuple(i for i in statement.summed if i not in renaming)
            rest = tuple(o.rename(renaming) for o in others)
            kept = Ref(ref.name, tuple(renaming.get(i, i) for i in ref.indices))
            delta_expression, deltas = self._remaining_identity(kept, source, columns)
            if not summed:
                expression = sp.Mul(*(o.symbol for o in rest)) * delta_expression
                return expression, (*rest, *deltas)
            factors = (*rest, *deltas)
        else:
            summed = statement.summed
            factors = (*others, Ref(jacobian_name(ref.name, source), ref.indices + columns))
        target = Ref(
            self.names.fresh(f"{jacobian_name(statement.target.name, source)}_through_{ref.name}"),
            statement.target.indices + columns,
        )
        dims = self.program[statement.target.name].dims + self.program[source].dims
        self.tensors[target.name] = Tensor(target.name, dims, "jacobian", of=statement.target.name)
        self.terms.add(target.name)
        self.statements.append(Contraction(target, factors, summed))
        return target.symbol, (target,)

    def _remaining_identity(self, ref: Ref, source: str, columns: tuple[str, ...]) -> tuple[sp.Expr, tuple[Ref, ...]]:
        """Identities for the indices of the source that the contraction keeps."""
        deltas = []
        for row, column, dim in zip(ref.indices, columns, self.program[source].dims, strict=True):
            if row != column:
                name = identity_name(dim)
                self.tensors.setdefault(name, Tensor(name, (dim, dim), "identity"))
                deltas.append(Ref(name, (row, column)))
        return sp.Mul(*(d.symbol for d in deltas)), tuple(deltas)

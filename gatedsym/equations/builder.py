"""Statements made one by one: names that say what they hold, nothing computed twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import sympy as sp

from gatedsym.ir.fixed_arrays import FixedArray
from gatedsym.ir.program import Contraction, Program, Ref, Solve, Statement, Tensor, pointwise

Reduced = Literal["sum", "max"]


def label(name: str) -> str:
    """A tensor's name as part of another name: ``c'`` gives c, ``x[-1]`` gives x_lag1."""
    bare, _, lag = name.rstrip("'").partition("[-")
    return f"{bare}_lag{lag[:-1]}" if lag else bare


@dataclass
class Builder:
    """The tensors and statements of a Program under construction."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    _refs: dict[sp.Symbol, Ref] = field(default_factory=dict)
    _known: dict[object, str] = field(default_factory=dict)

    @classmethod
    def extending(cls, program: Program) -> Builder:
        """A builder that goes on where a Program ends."""
        builder = cls({t.name: t for t in program.tensors}, list(program.statements), {t.name for t in program.tensors})
        for statement in program.statements:
            for ref in (statement.target, *statement.operands):
                builder._refs[ref.symbol] = ref
        return builder

    def unique(self, wanted: str) -> str:
        """A name that nothing has yet: the one wanted, or with _2, _3, … behind it."""
        name, count = wanted, 1
        while name in self.taken:
            count += 1
            name = f"{wanted}_{count}"
        self.taken.add(name)
        return name

    def give(self, tensor: Tensor) -> None:
        """Declare a tensor that is given."""
        self.tensors[tensor.name] = tensor
        self.taken.add(tensor.name)

    def symbol(self, ref: Ref) -> sp.Symbol:
        """The symbol of a reference in expressions."""
        symbol: sp.Symbol = ref.symbol
        self._refs[symbol] = ref
        return symbol

    def ref(self, symbol: sp.Expr) -> Ref:
        """The reference that a symbol stands for."""
        return self._refs[symbol]

    def refs(self, expression: sp.Expr) -> list[Ref]:
        """The references in an expression, sorted."""
        return sorted(self._refs[s] for s in expression.free_symbols)

    def rename_indices(self, expression: sp.Expr, letters: Mapping[str, str]) -> sp.Expr:
        """The expression with its references under renamed indices."""
        change = {ref.symbol: self.symbol(ref.rename(letters)) for ref in self.refs(expression)}
        return expression.xreplace(change)

    def identity(self, dim: str) -> str:
        """The name of the identity tensor of a dimension."""
        for tensor in self.tensors.values():
            if tensor.role == "identity" and tensor.dims == (dim, dim):
                return tensor.name
        name = self.unique(f"delta_{dim}")
        self.give(Tensor(name, (dim, dim), "identity"))
        return name

    def fixed(self, array: FixedArray, dims: tuple[str, ...], wanted: str) -> str:
        """The name of a fixed array over some dimensions; equal ones are one tensor."""
        for tensor in self.tensors.values():
            if tensor.array == array and tensor.dims == dims:
                return tensor.name
        name = self.unique(wanted)
        self.give(Tensor(name, dims, "fixed", array=array))
        return name

    def compute(
        self,
        wanted: str,
        expression: sp.Expr,
        indices: tuple[str, ...],
        dims: Mapping[str, str],
        own_name: bool = False,
    ) -> Ref:
        """A pointwise local of the engine for an expression; an earlier one that holds the same is handed out again.

        `own_name` says that `wanted` was set aside for this statement.
        """
        key = ("pointwise", expression, indices)
        if key in self._known:
            return Ref(self._known[key], indices)
        target = Ref(wanted if own_name else self.unique(wanted), indices)
        self._add(pointwise(target, expression, self.refs(expression)), dims, key)
        return target

    def contract(
        self,
        wanted: str,
        factors: tuple[Ref, ...],
        indices: tuple[str, ...],
        summed: tuple[str, ...],
        dims: Mapping[str, str],
        reduction: Reduced = "sum",
    ) -> Ref:
        """A contraction of the engine, or the earlier one that holds the same."""
        key = ("contraction", factors, indices, summed, reduction)
        if key in self._known:
            return Ref(self._known[key], indices)
        target = Ref(self.unique(wanted), indices)
        self._add(Contraction(target, factors, summed, reduction), dims, key)
        return target

    def solve(self, wanted: str, matrix: Ref, right: Ref, indices: tuple[str, ...], dims: Mapping[str, str]) -> Ref:
        """A linear system of the engine, its solution under `indices`; or the earlier one that is the same."""
        key = ("solve", matrix, right, indices)
        if key in self._known:
            return Ref(self._known[key], indices)
        target = Ref(self.unique(wanted), indices)
        self._add(Solve(target, matrix, right), dims, key)
        return target

    def moves(self, expressions: Iterable[sp.Expr]) -> bool:
        """Whether something in expressions differs between steps or sequences."""
        moving = {t.name for t in self.tensors.values() if t.role in ("input", "state", "next")}
        for statement in self.statements:
            if any(ref.name in moving for ref in statement.operands):
                moving.add(statement.target.name)
        return any(ref.name in moving for e in expressions for ref in self.refs(e))

    def _add(self, statement: Statement, dims: Mapping[str, str], key: object) -> None:
        name = statement.target.name
        self.tensors[name] = Tensor(name, tuple(dims[i] for i in statement.target.indices))
        self.statements.append(statement)
        self.made.append(name)
        self.symbol(statement.target)
        self._known[key] = name

    def statement_of(self, name: str) -> Statement | None:
        """The statement that computes a tensor; None for what is given."""
        return next((s for s in reversed(self.statements) if s.target.name == name), None)

    def forget(self, before: int, expressions: Iterable[sp.Expr]) -> None:
        """Leave out what this equation made since it had made `before` statements, unless something reads it."""
        used = {ref.name for e in expressions for ref in self.refs(e)}
        for name in reversed(self.made[before:]):
            if name in used or any(ref.name == name for s in self.statements for ref in s.operands):
                continue
            self.statements = [s for s in self.statements if s.target.name != name]
            self.made.remove(name)
            self.taken.discard(name)
            del self.tensors[name]
            self._known = {key: known for key, known in self._known.items() if known != name}

    def begin(self) -> None:
        """A new equation begins: what is made from here on came of it."""
        self.made = []

    def define(self, tensor: Tensor, indices: tuple[str, ...], expression: sp.Expr) -> None:
        """Let a typed name have the value of an expression: the last statement takes the name where it can."""
        self.taken.add(tensor.name)
        target = Ref(tensor.name, indices)
        if not self._take_over(tensor, target, expression):
            self.statements.append(pointwise(target, expression, self.refs(expression)))
            self.made.append(tensor.name)
        self.tensors.pop(tensor.name, None)
        self.tensors[tensor.name] = tensor
        self.symbol(target)

    def _take_over(self, tensor: Tensor, target: Ref, expression: sp.Expr) -> bool:
        """Rename the statement that computes exactly `expression`, if this equation made it for this alone."""
        if not expression.is_Symbol:
            return False
        old = self.ref(expression)
        if old.name not in self.made or self.tensors[old.name].named or set(old.indices) != set(target.indices):
            return False
        if any(ref.name == old.name for s in self.statements for ref in s.operands):
            return False
        at = next(i for i, s in enumerate(self.statements) if s.target.name == old.name)
        statement = self.statements[at]
        if statement.target.indices != old.indices:
            return False
        if isinstance(statement, Solve) and old.indices != target.indices:
            return False
        self.statements[at] = replace(statement, target=target)
        self.made[self.made.index(old.name)] = tensor.name
        del self.tensors[old.name]
        self.taken.discard(old.name)
        self._known = {key: tensor.name if name == old.name else name for key, name in self._known.items()}
        if old.indices != target.indices:  # the earlier order of axes is gone
            self._known = {key: name for key, name in self._known.items() if name != tensor.name}
        return True

    def program(self, results: Iterable[str]) -> Program:
        """The Program, given tensors first, checked."""
        computed = {s.target.name for s in self.statements}
        given = [t for t in self.tensors.values() if t.name not in computed]
        made = [self.tensors[s.target.name] for s in self.statements]
        return Program((*given, *made), tuple(self.statements), tuple(results)).check()

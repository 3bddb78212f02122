"""Program → Program in which each application of a function has a name told by its role, and none is computed twice.

``sigmoid(a_i)`` in an adjoint is the gate ``i`` that the forward pass has already; ``sigmoid(-a_i)`` becomes
``one_minus_i``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.ir.functions import FUNCTIONS, Choice, sech2, sigmoid, tanh
from gatedsym.ir.program import Pointwise, Program, Ref, Solve, Statement, Tensor, pointwise


def name_applications(derived: Program, primal: Program) -> Program:
    """Replace function applications in `derived` by values of `primal` that equal them, and name the others."""
    return _Naming(derived, primal).result()


class _Naming:
    def __init__(self, derived: Program, primal: Program) -> None:
        self.derived, self.primal = derived, primal
        self.names = Names([t.name for t in (*primal.tensors, *derived.tensors)])
        self.values: dict[sp.Expr, Ref] = {}
        for statement in primal.statements:
            if isinstance(statement, Pointwise):
                self._remember(statement)
        self.added: dict[str, Tensor] = {}
        self.statements: list[Statement] = []

    def result(self) -> Program:
        for statement in self.derived.statements:
            self.statements.append(self._rewrite(statement) if isinstance(statement, Pointwise) else statement)
        computed = {s.target.name for s in self.statements}
        known = {t.name for t in self.derived.tensors} | self.added.keys()
        read = {ref.name for s in self.statements for ref in s.operands}
        lacking, needed = read - known - computed, read | computed | set(self.derived.results)
        missing = [as_source(t, self.primal) for t in self.primal.tensors if t.name in lacking]
        kept = [t for t in self.derived.tensors if t.name in needed]
        return replace(self.derived, tensors=(*missing, *kept, *self.added.values()), statements=tuple(self.statements))

    def _rewrite(self, statement: Pointwise) -> Pointwise:
        if self._remember(statement):
            return statement
        expression = statement.expression
        operands = list(statement.operands)
        while True:
            found = _innermost_application(expression)
            if found is None:
                return pointwise(statement.target, expression, operands)
            value = self._value(found, operands)
            operands.append(value)
            expression = expression.xreplace({found: value.symbol})

    def _value(self, application: sp.Expr, operands: list[Ref]) -> Ref:
        """A reference to the value of a function application."""
        refs = tuple(sorted({r for r in operands if r.symbol in application.free_symbols}))
        key = _key(application, refs)
        indices = _indices(refs)
        if key not in self.values:
            dims = {i: d for r in refs for i, d in zip(r.indices, self._tensor(r.name).dims, strict=True)}
            target = Ref(self.names.fresh(self._role(application, refs)), indices)
            self.added[target.name] = Tensor(target.name, tuple(dims[i] for i in indices))
            statement = pointwise(target, application, refs)
            self._remember(statement)
            self.statements.append(statement)
        return self.values[key].rename({f"@{n}": i for n, i in enumerate(indices)})

    def _remember(self, statement: Pointwise) -> bool:
        """Note the value of a statement that is one application, and nothing but it; True if it is new."""
        indices = _indices(statement.operands)
        if not _is_application(statement.expression) or set(indices) != set(statement.target.indices):
            return False
        key = _key(statement.expression, statement.operands)
        if key in self.values:
            return False
        self.values[key] = statement.target.rename({i: f"@{n}" for n, i in enumerate(indices)})
        return True

    def _tensor(self, name: str) -> Tensor:
        if name in self.derived:
            return self.derived[name]
        if name in self.primal:
            return self.primal[name]
        return self.added[name]

    def _role(self, application: sp.Expr, refs: tuple[Ref, ...]) -> str:
        """A name told by the role: one_minus_z for sigmoid(-a_z), sech2_c for sech2(c')."""
        if application.func is sigmoid:
            complement = self.values.get(_key(sigmoid(-application.args[0]), refs))
            if complement is not None:
                return f"one_minus_{_plain(complement.name)}"
        if application.func is sech2:
            value = self.values.get(_key(tanh(application.args[0]), refs))
            if value is not None:
                return f"one_minus_{_plain(value.name)}_squared"
        return "_".join([str(application.func.__name__), *(_plain(r.name) for r in refs)])


def _plain(name: str) -> str:
    return name.replace("'", "").replace("[-", "_lag").replace("]", "")


def _is_application(expression: sp.Expr) -> bool:
    return bool(expression.is_Function) and type(expression).__name__ in FUNCTIONS


def _innermost_application(expression: sp.Expr) -> sp.Expr | None:
    """The first application without another one inside; a choice is whole, so that it shields what it holds."""
    if not isinstance(expression, Choice):
        for argument in expression.args:
            found = _innermost_application(argument)
            if found is not None:
                return found
    return expression if _is_application(expression) else None


def _indices(refs: tuple[Ref, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for r in refs for i in r.indices))


def _key(application: sp.Expr, refs: tuple[Ref, ...]) -> sp.Expr:
    """The application with its indices renamed in order of first use, so that f(a[j]) and f(a[k]) are one."""
    order = {i: f"@{n}" for n, i in enumerate(_indices(refs))}
    return application.xreplace({r.symbol: r.rename(order).symbol for r in refs})


def inline_copies(program: Program, keep: Iterable[str] = ()) -> Program:
    """Leave out statements ``u[j] = v[j]`` that only give something a second name, results and `keep` aside.

    Where v is a contraction that nothing else reads and no result, u takes its place.
    """
    kept = {*program.results, *keep}
    users = program.users()
    in_order = {s.right.name for s in program.statements if isinstance(s, Solve)}
    copies: dict[str, tuple[Ref, Ref]] = {}
    statements: list[Statement] = []
    places: dict[Ref, int] = {}  # of the contractions among them, by target
    lost: set[str] = set()
    for statement in program.statements:
        statement = _without_copies(statement, copies)
        target = statement.target
        if isinstance(statement, Pointwise) and statement.expression.is_Symbol and target.name not in kept:
            (ref,) = statement.operands
            place = places.get(ref)
            alone = len(users[ref.name]) == 1 and ref.name not in kept
            if place is not None and ref.indices == target.indices and alone:
                statements[place] = replace(statements[place], target=target)
                places[target] = places.pop(ref)
                lost.add(ref.name)
                continue
            ordered = target.name in in_order and ref.indices != target.indices
            if set(ref.indices) == set(target.indices) and not ordered:
                copies[target.name] = (target, ref)
                continue
        if not isinstance(statement, Pointwise):
            places[target] = len(statements)
        statements.append(statement)
    tensors = tuple(t for t in program.tensors if t.name not in copies and t.name not in lost)
    return replace(program, tensors=tensors, statements=tuple(statements))


def _without_copies(statement: Statement, copies: Mapping[str, tuple[Ref, Ref]]) -> Statement:
    renamed: dict[Ref, Ref] = {}
    for ref in statement.operands:
        if ref.name in copies:
            target, source = copies[ref.name]
            renamed[ref] = source.rename(dict(zip(target.indices, ref.indices, strict=True)))
    if not renamed:
        return statement
    return statement.reading(tuple(renamed.get(r, r) for r in statement.operands))


def as_source(tensor: Tensor, program: Program) -> Tensor:
    """A tensor that `program` computes, as something that is given; one without batch stays without."""
    if tensor.name in program.definitions and tensor.name not in program.batched:
        return replace(tensor, role="parameter")
    return tensor

"""The Program of a step → every slip of a forward pass that is tried: one line changed, or two that are exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import sympy as sp

from gatedsym.checking.roles import Part, line_of_statements
from gatedsym.ir.functions import relu, sigmoid, tanh
from gatedsym.ir.program import Contraction, Pointwise, Program, Recurrence, Ref, Statement, pointwise


@dataclass(frozen=True)
class ForwardSlip:
    """A way in which a forward pass may differ from a cell's.

    Attributes
    ----------
    kind : str
    changes : tuple of Statement
    words : mapping of str to str
    rank : int
    """

    kind: str
    changes: tuple[Statement, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    rank: int = 0

    def program(self, program: Program) -> Program:
        """The Program with the slip."""
        changed = {s.target.name: s for s in self.changes}
        return replace(program, statements=tuple(changed.get(s.target.name, s) for s in program.statements))


class ForwardSlips:
    """The slips of a cell's forward pass."""

    def __init__(self, recurrence: Recurrence, parts: Sequence[Part]) -> None:
        self.program, self.parts = recurrence.program, parts
        self.lines = line_of_statements(recurrence)
        self.places = {s.target.name: n for n, s in enumerate(self.program.statements)}
        self.of_line: dict[str, dict[str, list[str]]] = {}
        for p in parts:
            self.of_line.setdefault(p.line, {}).setdefault(p.kind, []).append(p.name)

    def single(self) -> list[ForwardSlip]:
        """All of them."""
        found = [slip for s in self.program.statements for slip in self._of_statement(s)]
        return [*self._exchanged(), *self._moved(), *found, *self._without_bias(found)]

    def _without_bias(self, found: Sequence[ForwardSlip]) -> Iterator[ForwardSlip]:
        """No bias at all, or one kind of slip in all lines."""
        for kind in ("bias-missing", "activation-missing", "activation"):
            groups: dict[str, list[ForwardSlip]] = {}
            for s in found:
                if s.kind == kind:
                    groups.setdefault(s.words.get("function", "") + s.words.get("other", ""), []).append(s)
            for members in groups.values():
                if len(members) > 1:
                    changes = {c.target.name: c for m in members for c in m.changes}
                    lines = ", ".join(dict.fromkeys(m.words["line"] for m in members))
                    yield ForwardSlip(kind, tuple(changes.values()), {**members[0].words, "line": lines})

    def _words(self, s: Statement, **more: str) -> dict[str, str]:
        return {"line": self.lines.get(s.target.name, s.target.name), **more}

    def _of_statement(self, s: Statement) -> Iterator[ForwardSlip]:
        if isinstance(s, Pointwise):
            yield from self._activation(s)
            yield from self._terms(s)
            yield from self._complements(s)
            yield from self._factors(s)
        elif isinstance(s, Contraction):
            yield from self._transposed(s)
        yield from self._operands(s)

    def _changed(self, s: Pointwise, expression: sp.Expr, more: Sequence[Ref] = ()) -> Statement:
        return pointwise(s.target, expression, (*s.operands, *more))

    def _activation(self, s: Pointwise) -> Iterator[ForwardSlip]:
        e = s.expression
        if not e.is_Function or len(e.args) != 1:
            return
        (argument,), name = e.args, e.func.__name__
        words = self._words(s, function=name)
        yield ForwardSlip("activation-missing", (self._changed(s, argument),), words)
        for other in (sigmoid, tanh, relu):
            if other is not e.func:
                yield ForwardSlip(
                    "activation", (self._changed(s, other(argument)),), {**words, "other": other.__name__}
                )
        yield ForwardSlip("activation-twice", (self._changed(s, e.func(e)),), words)

    def _terms(self, s: Pointwise) -> Iterator[ForwardSlip]:
        for term in sp.Add.make_args(s.expression):
            if term == s.expression:
                continue
            bias = any(self._role(x) == "parameter" for x in term.free_symbols) and term.is_Symbol
            kind = "bias-missing" if bias else "term-missing"
            yield ForwardSlip(kind, (self._changed(s, s.expression - term),), self._words(s, term=_told(term)))
            yield ForwardSlip("sign", (self._changed(s, s.expression - 2 * term),), self._words(s, term=_told(term)), 1)
            for factor in sp.Mul.make_args(term):
                for part in factor.args if factor.is_Add else ():
                    changed = s.expression - term + term / factor * (factor - part)
                    vector = part.is_Symbol and self._role(part) == "parameter"
                    words = self._words(s, term=_told(part))
                    yield ForwardSlip("bias-missing" if vector else "term-missing", (self._changed(s, changed),), words)
                    if vector:
                        outside = s.expression - term + term / factor * (factor - part) + part
                        yield ForwardSlip("bias-moved", (self._changed(s, outside),), words)

    def _complements(self, s: Pointwise) -> Iterator[ForwardSlip]:
        for x in sorted(s.expression.free_symbols, key=str):
            if self._is_function(_told(x)):
                changed = (
                    sp.expand(s.expression.xreplace({x: 1 - x}))
                    if s.expression.has(1 - x)
                    else s.expression.xreplace({x: 1 - x})
                )
                if (changed - s.expression).expand() != 0:
                    yield ForwardSlip("complement", (self._changed(s, changed),), self._words(s, gate=_told(x)))
            if s.expression.has(1 - x):
                only = s.expression.xreplace({1 - x: x})
                yield ForwardSlip("complement-missing", (self._changed(s, only),), self._words(s, gate=_told(x)))

    def _factors(self, s: Pointwise) -> Iterator[ForwardSlip]:
        for term in sp.Add.make_args(s.expression):
            factors = [f for f in sp.Mul.make_args(term) if f.free_symbols]
            for factor in factors if len(factors) > 1 else ():
                changed = s.expression - term + term / factor
                yield ForwardSlip("factor-missing", (self._changed(s, changed),), self._words(s, factor=_told(factor)))

    def _transposed(self, s: Contraction) -> Iterator[ForwardSlip]:
        for n, ref in enumerate(s.factors):
            dims = self.program[ref.name].dims
            if len(dims) == 2 and dims[0] == dims[1] and self.program[ref.name].role == "parameter":
                turned = (*s.factors[:n], Ref(ref.name, ref.indices[::-1]), *s.factors[n + 1 :])
                yield ForwardSlip("transpose", (replace(s, factors=turned),), self._words(s, matrix=ref.name), 1)

    def _operands(self, s: Statement) -> Iterator[ForwardSlip]:
        for ref in s.operands:
            tensor = self.program[ref.name]
            if tensor.role == "parameter" or not tensor.dims:
                continue
            for other in self.program.tensors:
                if other.name == ref.name or other.dims != tensor.dims or other.role == "parameter":
                    continue
                if self.places.get(other.name, -1) >= self.places[s.target.name]:
                    continue
                if not (other.named or other.role in ("state", "next", "input") or self._is_function(other.name)):
                    continue
                new = Ref(other.name, ref.indices)
                operands = tuple(new if r == ref else r for r in s.operands)
                if isinstance(s, Pointwise):
                    changed: Statement = pointwise(
                        s.target, s.expression.xreplace({ref.symbol: new.symbol}), (*operands, *s.operands)
                    )
                else:
                    changed = s.reading(operands)
                time = other.name.rstrip("'") == ref.name.rstrip("'")
                kind = "wrong-time" if time else "wrong-operand"
                yield ForwardSlip(kind, (changed,), self._words(s, ours=ref.name, hers=other.name), 1 if time else 2)

    def _exchanged(self) -> Iterator[ForwardSlip]:
        """The parameters of two lines exchanged, all of them or those of one kind; three lines in a circle."""
        for a, b in combinations(self.of_line, 2):
            swap: dict[str, str] = {}
            for kind, names in self.of_line[a].items():
                for one, other in zip(names, self.of_line[b].get(kind, ()), strict=False):
                    swap |= {one: other, other: one}
            if swap:
                yield ForwardSlip("gate-order", self._renamed(swap), {"line": f"{a}, {b}", "one": a, "other": b})
        for a, b, c in combinations(self.of_line, 3):
            for circle in ((a, b, c), (a, c, b)):
                turn: dict[str, str] = {}
                for one, other in zip(circle, (*circle[1:], circle[0]), strict=True):
                    for kind, names in self.of_line[one].items():
                        turn |= dict(zip(names, self.of_line[other].get(kind, ()), strict=False))
                yield ForwardSlip(
                    "gate-order", self._renamed(turn), {"line": ", ".join(circle), "one": a, "other": f"{b}, {c}"}, 1
                )

    def _renamed(self, names: Mapping[str, str]) -> tuple[Statement, ...]:
        changed = []
        for s in self.program.statements:
            if any(r.name in names for r in s.operands):
                changed.append(s.reading(tuple(Ref(names.get(r.name, r.name), r.indices) for r in s.operands)))
        return tuple(changed)

    def _moved(self) -> Iterator[ForwardSlip]:
        """A gate that acts on what a matrix is given, moved behind the matrix; and the other way round."""
        for s in self.program.statements:
            if isinstance(s, Contraction):
                yield from self._moved_out(s)
        for s in self.program.statements:
            if isinstance(s, Pointwise):
                yield from self._moved_in(s)

    def _moved_out(self, s: Contraction) -> Iterator[ForwardSlip]:
        for n, ref in enumerate(s.factors):
            product = self.program.definitions.get(ref.name)
            if not (isinstance(product, Pointwise) and product.expression.is_Mul and len(product.operands) == 2):
                continue
            if self.program[ref.name].dims != self.program[s.target.name].dims:
                continue
            for gate, rest in (product.operands, product.operands[::-1]):
                if not self._is_function(gate.name):
                    continue
                inner = replace(s, factors=(*s.factors[:n], Ref(rest.name, ref.indices), *s.factors[n + 1 :]))
                outer = []
                for reader in self.program.statements:
                    if isinstance(reader, Pointwise) and any(r.name == s.target.name for r in reader.operands):
                        own = next(r for r in reader.operands if r.name == s.target.name)
                        outside = Ref(gate.name, own.indices)
                        e = reader.expression.xreplace({own.symbol: outside.symbol * own.symbol})
                        outer.append(self._changed(reader, e, (outside,)))
                yield ForwardSlip(
                    "reset", (inner, *outer), self._words(s, gate=gate.name, line=self.lines.get(s.target.name, ""))
                )

    def _moved_in(self, s: Pointwise) -> Iterator[ForwardSlip]:
        for term in sp.Add.make_args(s.expression):
            factors = sp.Mul.make_args(term)
            for factor in factors:
                gates = [r for r in s.operands if r.symbol == factor and self._is_function(r.name)]
                if not gates or len(factors) != 2:
                    continue
                rest = term / factor
                for ref in s.operands:
                    inner = self.program.definitions.get(ref.name)
                    if ref.symbol in rest.free_symbols and isinstance(inner, Contraction) and inner.summed:
                        if self.places[gates[0].name] > self.places[ref.name]:
                            continue
                        product = replace(inner, factors=(*inner.factors, Ref(gates[0].name, inner.summed)))
                        outer = self._changed(s, s.expression - term + rest)
                        yield ForwardSlip("reset", (product, outer), self._words(s, gate=gates[0].name))

    def _is_function(self, name: str) -> bool:
        s = self.program.definitions.get(name)
        return isinstance(s, Pointwise) and s.expression.is_Function

    def _role(self, symbol: sp.Symbol) -> str:
        name = _told(symbol)
        return self.program[name].role if name in self.program else ""


def _told(expression: sp.Expr) -> str:
    """A symbol's name without its indices; an expression as it stands."""
    text = str(expression)
    return text[: text.rindex("[")] if expression.is_Symbol and text.endswith("]") else text

"""The adjoint of a step, as printed → every slip that is tried: one equation changed, or the pass through time.

A slip that a person repeats (in every gate, in every matrix) is one slip too: changes of one kind are also tried
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import sympy as sp

from gatedsym.checking.expanded import exchanged, put_together_wrongly, read_late, written_out
from gatedsym.checking.reference import Adjoint, Timing
from gatedsym.checking.roles import Part
from gatedsym.checking.textbook import edges
from gatedsym.ir.functions import sigmoid, tanh
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Statement, pointwise


@dataclass(frozen=True)
class Slip:
    """A way in which a backward pass may be wrong.

    Attributes
    ----------
    kind : str
        Its name.
    changes : tuple of Statement
        Statements that stand in place of those with their targets.
    timing : Timing
    words : mapping of str to str
        What is told of it: names of tensors.
    family : str
        Changes of one kind and family are tried together too.
    rank : int
        Slips that leave the same evidence are listed by it.
    """

    kind: str
    changes: tuple[Statement, ...] = ()
    timing: Timing = field(default_factory=Timing)
    words: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    rank: int = 0

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the changed adjoints."""
        return tuple(s.target.name for s in self.changes)

    def program(self, printed: Program) -> Program:
        """The adjoint Program with the slip."""
        changed = {s.target.name: s for s in self.changes}
        return replace(printed, statements=tuple(changed.get(s.target.name, s) for s in printed.statements))

    def joined(self, other: Slip) -> Slip:
        """Both slips."""
        return Slip(
            self.kind, (*self.changes, *other.changes), self.timing.joined(other.timing), self.words, "", self.rank
        )


class Slips:
    """The slips of a cell.

    Parameters
    ----------
    adjoint : Adjoint
    printed : Program
        The same with derivatives in terms of values.
    parts : sequence of Part
    """

    def __init__(self, adjoint: Adjoint, printed: Program, parts: Sequence[Part]) -> None:
        self.adjoint, self.printed, self.parts = adjoint, printed, parts
        self.primal = adjoint.primal
        self.functions = edges(self.primal)
        self.states = [n for n in self.primal.sources if self.primal[n].role == "state"]
        self.result_of = {name: of for of, name in adjoint.results.items()}
        self.parameters = {p.name: p for p in parts}
        self.places = {s.target.name: n for n, s in enumerate(printed.statements)}
        self._here = 0
        self._totals: dict[str, list[tuple[sp.Expr, list[tuple[str, sp.Expr]]]]] | None = None
        self.adjoint_locals = {t.name for t in printed.tensors if t.name in self.places and t.of}

    def single(self) -> list[Slip]:
        """Slips in one place."""
        found = [slip for s in self.printed.statements for slip in self._of_statement(s)]
        return [*found, *self._exchanged(), *self.through_time(), *self._of_parameters()]

    def _exchanged(self) -> Iterator[Slip]:
        """Gates unpacked in another order."""
        gates = [value for _, _, value in self.functions.values() if self._is_gate_name(value)]
        own = [s for s in self.printed.statements if self.printed[s.target.name].role == "adjoint"]
        for state in self.states:
            for late in dict.fromkeys((read_late(own, state), read_late(own, state, self.primal))):
                if len(late) > 1:
                    yield Slip("wrong-time", late, words={"ours": state, "hers": f"{state}'"})
        for (one, other), changes in exchanged(own, gates):
            yield Slip("gate-order", changes, words={"ours": one, "hers": other, "message": "gates-exchanged"})
        for (one, other), changes in put_together_wrongly(self.printed, tuple(self.functions)):
            yield Slip("gate-order", changes, words={"ours": one, "hers": other, "message": "adjoints-exchanged"})

    def together(self, single: Sequence[Slip]) -> list[Slip]:
        """The same slip in several places."""
        families: dict[tuple[str, str], list[Slip]] = {}
        for slip in single:
            if slip.family:
                families.setdefault((slip.kind, slip.family), []).append(slip)
        found = []
        for members in families.values():
            distinct = list({m.targets: m for m in members}.values())
            sizes = range(2, len(distinct) + 1) if len(distinct) <= 4 else [len(distinct)]
            for size in sizes:
                for some in combinations(distinct, size):
                    if len({t for m in some for t in m.targets}) == sum(len(m.targets) for m in some):
                        whole = some[0]
                        for other in some[1:]:
                            whole = whole.joined(other)
                        found.append(whole)
        return found

    # One statement.

    def _of_statement(self, s: Statement) -> Iterator[Slip]:
        self._here = self.places[s.target.name]
        tensor = self.printed[s.target.name]
        if tensor.role != "adjoint" and tensor.name not in self.adjoint_locals:
            return
        if isinstance(s, Pointwise):
            yield from self._derivatives(s)
            yield from self._terms(s)
            yield from self._factors(s)
            yield from self._signs(s)
            yield from self._operands(s)
            for kind, expression, what in written_out(s, self.printed, self._slopes_of_totals()):
                yield self._pointwise(s, expression, kind, {"term": what}, rank=1)
        elif isinstance(s, Contraction) and s.reduction == "sum":
            yield from self._transposed(s)
            yield from self._operands(s)
            yield from self._dropped_factors(s)
        if tensor.role == "adjoint":
            yield from self._whole(s)

    def _is_function_step(self, s: Pointwise) -> tuple[str, str, str] | None:
        """The function through which this adjoint passes, if it does: (function, argument, value)."""
        return self.functions.get(self.printed[s.target.name].of)

    def _derivatives(self, s: Pointwise) -> Iterator[Slip]:
        """Derivatives of functions: left out, of another function, taken of another argument."""
        edge = self._is_function_step(s)
        if edge is None:
            return
        function, argument, value = edge
        terms = sp.Add.make_args(s.expression)
        for term in terms:
            slope, rest = self._slope(term, value)
            if slope is None:
                continue
            indices = s.target.indices
            a, v = Ref(argument, indices), Ref(value, indices)
            for kind, other, more in self._other_slopes(function, a, v, slope):
                expression = s.expression - term + rest * other
                yield self._pointwise(s, expression, kind, {"function": function}, family=f"{function}:{more}")

    def _slopes_of_totals(self) -> dict[str, list[tuple[sp.Expr, list[tuple[str, sp.Expr]]]]]:
        """For adjoints through a function, each term with its derivative, and with other derivatives."""
        if self._totals is not None:
            return self._totals
        found = self._totals = {}
        for s in self.printed.statements:
            edge = self._is_function_step(s) if isinstance(s, Pointwise) else None
            if edge is None or not isinstance(s, Pointwise):
                continue
            function, argument, value = edge
            a, v = Ref(argument, s.target.indices), Ref(value, s.target.indices)
            for term in sp.Add.make_args(s.expression):
                slope, rest = self._slope(term, value)
                if slope is not None:
                    others = [(kind, rest * other) for kind, other, _ in self._other_slopes(function, a, v, slope)]
                    found.setdefault(s.target.name, []).append((term, others))
        return found

    def _slope(self, term: sp.Expr, value: str) -> tuple[sp.Expr | None, sp.Expr]:
        """The factors of a term that are the function's derivative, and the rest."""
        slope: sp.Expr = sp.S.One
        rest: sp.Expr = sp.S.One
        for factor in sp.Mul.make_args(term):
            adjoint = any(self._role(x) in ("adjoint", "cotangent") for x in factor.free_symbols)
            if adjoint or factor.is_number:
                rest *= factor
            else:
                slope *= factor
        return (None, term) if slope == 1 else (slope, rest)

    def _other_slopes(self, function: str, a: Ref, v: Ref, slope: sp.Expr) -> Iterator[tuple[str, sp.Expr, str]]:
        x, y = a.symbol, v.symbol
        yield "derivative-missing", sp.S.One, "1"
        if function == "sigmoid":
            yield "derivative-argument", sigmoid(y) * (1 - sigmoid(y)), "s(v)"
            yield "derivative-argument", x * (1 - x), "a"
            yield "derivative-other", _hyperbolic(y), "tanh"
            yield "derivative-half", 1 - y, "1-v"
            yield "derivative-half", y, "v"
            yield "derivative-sign", y * (1 + y), "1+v"
            for n, bracket in enumerate((y * (1 - y) ** 2, y**2 * (1 - y), y * (1 - y**2))):
                yield "derivative-bracket", bracket, f"bracket {n}"
        elif function == "tanh":
            yield "derivative-argument", _hyperbolic(tanh(y)), "t(v)"
            yield "derivative-argument", _hyperbolic(x), "a"
            yield "derivative-other", _logistic(y), "sigmoid"
            yield "derivative-half", 1 - y, "1-v"
            yield "derivative-half", y**2, "v2"
            yield "derivative-sign", 1 + y**2, "1+v2"
            yield "derivative-bracket", (1 - y) ** 2, "bracket"
            for other in self._kin(a):
                yield "wrong-time", 1 - tanh(other.symbol) ** 2, f"of {other.name}"

    def _terms(self, s: Pointwise) -> Iterator[Slip]:
        """Terms left out: what arrives, the highway, another path."""
        terms = sp.Add.make_args(s.expression)
        if len(terms) < 2:
            return
        of = self.printed[s.target.name].of
        for term in terms:
            roles = {self._role(x) for x in term.free_symbols}
            state = self.printed[s.target.name].of in self.states
            through = any("_through_" in str(x) for x in term.free_symbols)
            kind = (
                "arriving-missing"
                if term.is_Symbol and "cotangent" in roles
                else "highway"
                if state and not through
                else "path-missing"
            )
            yield self._pointwise(s, s.expression - term, kind, {"of": of, "term": str(term)}, family=f"{of}")
        for term in terms:
            yield self._pointwise(s, s.expression - 2 * term, "sign", {"of": of, "term": str(term)}, rank=1)
        for count in range(2, len(terms)) if len(terms) <= 6 else ():
            for some in combinations(terms, count):
                words = {"of": of, "term": str(sum(some))}
                yield self._pointwise(s, s.expression - sum(some), "path-missing", words, rank=1)

    def _factors(self, s: Pointwise) -> Iterator[Slip]:
        """Factors left out."""
        slope_step = self._is_function_step(s) is not None
        for term in sp.Add.make_args(s.expression):
            factors = sp.Mul.make_args(term)
            for factor in factors:
                symbols = factor.free_symbols
                if not symbols or any(self._role(x) in ("adjoint", "cotangent") for x in symbols):
                    continue
                kind = "factor-missing"
                if slope_step:
                    continue
                yield self._pointwise(
                    s, s.expression - term + term / factor, kind, {"factor": str(factor)}, family="factor"
                )
                if factor.is_Add:
                    yield from self._inner_sum(s, term, factor)

    def _inner_sum(self, s: Pointwise, term: sp.Expr, factor: sp.Expr) -> Iterator[Slip]:
        """Parts of a factor that is a sum: 1 − z, g − h."""
        for part in factor.args:
            kind = "complement" if factor.has(sp.S.One) and not part.is_number else "path-missing"
            if part.is_number:
                yield self._pointwise(s, s.expression - term + term / factor * (factor - part) * -1, "complement", {})
                kind = "sign"
            yield self._pointwise(s, s.expression - term + term / factor * (factor - part), kind, {"term": str(part)})
            yield self._pointwise(
                s, s.expression - term + term / factor * (factor - 2 * part), "sign", {"term": str(part)}
            )

    def _signs(self, s: Pointwise) -> Iterator[Slip]:
        if len(sp.Add.make_args(s.expression)) == 1:
            yield self._pointwise(s, -s.expression, "sign", {"term": ""}, rank=1)
        for x in sorted(s.expression.free_symbols, key=str):
            if self._is_gate(x):
                swapped = s.expression.xreplace({x: 1 - x})
                if (
                    self._is_function_step(s) is None
                    and (1 - x) not in s.expression.atoms(sp.Add)
                    and swapped != s.expression
                ):
                    yield self._pointwise(s, swapped, "complement", {"gate": str(x)})

    def _operands(self, s: Statement) -> Iterator[Slip]:
        """Another array in place of one: of another step, of another gate, before a product or after it."""
        for ref in s.operands:
            for other in self._kin(ref):
                time = self._base(ref.name) == self._base(other.name)
                kind = "wrong-time" if time else self._operand_kind(ref.name, other.name)
                operands = tuple(other if r == ref else r for r in s.operands)
                if other in s.operands and isinstance(s, Pointwise):
                    expression = s.expression.xreplace({ref.symbol: other.symbol})
                    changed: Statement = pointwise(s.target, expression, s.operands)
                elif isinstance(s, Pointwise):
                    changed = pointwise(s.target, s.expression.xreplace({ref.symbol: other.symbol}), operands)
                else:
                    changed = s.reading(operands)
                if changed == s:
                    continue
                words = {"ours": ref.name, "hers": other.name, "equation": s.target.name}
                exchange = f"{self._base(ref.name)}>{other.name}" if time else self._exchange(ref.name, other.name)
                rank = 2 if kind == "wrong-operand" else 0
                yield Slip(kind, (changed,), words=words, family=f"{self._family(s.target.name)}:{exchange}", rank=rank)

    def _operand_kind(self, ours: str, hers: str) -> str:
        """The slip that another operand is."""
        a, b = self.printed[ours], self.printed[hers]
        if {a.role, b.role} <= {"adjoint", "cotangent"}:
            if a.of == b.of:
                return "total"
            edge = self.functions.get(a.of)
            if edge is not None and edge[2] == b.of:
                return "derivative-missing"
            edge = self.functions.get(b.of)
            return "derivative-twice" if edge is not None and edge[2] == a.of else "gate-order"
        definition = self.primal.definitions.get(ours)
        product = isinstance(definition, Pointwise) and definition.expression.is_Mul
        if product and definition is not None and any(r.name == hers for r in definition.operands):
            return "factor-missing"
        gates = self._is_gate_name(ours) and self._is_gate_name(hers)
        return "gate-order" if gates or a.role == b.role == "parameter" else "wrong-operand"

    def _exchange(self, ours: str, hers: str) -> str:
        """One array for another, without the gates that they are of."""
        return f"{self._generic(ours)}>{self._generic(hers)}"

    def _dropped_factors(self, s: Contraction) -> Iterator[Slip]:
        if len(s.factors) < 3:
            return
        for n, _ in enumerate(s.factors):
            left = (*s.factors[:n], *s.factors[n + 1 :])
            if {i for f in left for i in f.indices} >= {*s.target.indices, *s.summed}:
                yield Slip("factor-missing", (replace(s, factors=left),), words={"equation": s.target.name})

    def _transposed(self, s: Contraction) -> Iterator[Slip]:
        """A matrix, or a whole product, with its axes exchanged."""
        for n, ref in enumerate(s.factors):
            dims = self.printed[ref.name].dims
            if len(dims) == 2 and dims[0] == dims[1] and s.summed:
                turned = Ref(ref.name, ref.indices[::-1])
                factors = (*s.factors[:n], turned, *s.factors[n + 1 :])
                yield Slip(
                    "transpose",
                    (replace(s, factors=factors),),
                    words={"equation": s.target.name, "matrix": ref.name},
                    family=self._family(s.target.name),
                )
        dims = self.printed[s.target.name].dims
        if len(dims) == 2 and dims[0] == dims[1] and not s.summed:
            swap = dict(zip(s.target.indices, s.target.indices[::-1], strict=True))
            yield Slip(
                "transpose",
                (replace(s, factors=tuple(f.rename(swap) for f in s.factors)),),
                words={"equation": s.target.name, "matrix": s.target.name},
                family=self._family(s.target.name),
            )

    def _whole(self, s: Statement) -> Iterator[Slip]:
        """The whole of an adjoint: left out, doubled, halved, with the other sign."""
        name = s.target.name
        of = self.printed[name].of
        zero = pointwise(s.target, sp.S.Zero, ())
        kind = "path-missing" if "_through_" in name else "highway" if of in self.states else "zero"
        yield Slip(kind, (zero,), words={"equation": name, "of": of}, family=f"zero:{self._family(name)}", rank=1)
        if isinstance(s, Contraction) and "_through_" in name:
            return
        if name in self.adjoint.results.values():
            return

    def _pointwise(
        self, s: Pointwise, expression: sp.Expr, kind: str, words: Mapping[str, str], family: str = "", rank: int = 0
    ) -> Slip:
        known = {r.symbol: r for r in s.operands}
        for x in expression.free_symbols - known.keys():
            name = str(x).partition("[")[0]
            name = str(x)[: str(x).rindex("[")] if "[" in str(x) else name
            indices = tuple(str(x)[len(name) + 1 : -1].split(",")) if "[" in str(x)[len(name) :] else ()
            known[x] = Ref(name, indices)
        return Slip(
            kind, (pointwise(s.target, expression, known.values()),), words={**words, "equation": s.target.name},
            family=f"{self._family(s.target.name)}:{family}" if family else "", rank=rank,
        )  # fmt: skip

    # Through time, and parameters.

    def through_time(self) -> Iterator[Slip]:
        """Slips in the loop over steps."""
        several = len(self.states) > 1
        each: list[tuple[str, ...]] = [(s,) for s in self.states]
        for some in [*each, *([tuple(self.states)] if several else [])]:
            yield Slip(
                "future-missing", timing=Timing(carried=dict.fromkeys(some, 0.0)), words={"state": ", ".join(some)}
            )
            yield Slip("future-twice", timing=Timing(kept=some), words={"state": ", ".join(some)})
            yield Slip(
                "carried-sign",
                timing=Timing(carried=dict.fromkeys(some, -1.0)),
                words={"state": ", ".join(some)},
                rank=2,
            )
        for r in self.primal.results:
            yield Slip("loss-missing", timing=Timing(cut=(r,)), words={"result": r})
        for step in ("first", "last"):
            words = {"parameters": ", ".join(p.name for p in self.parts), "step": f"not-{step}"}
            yield Slip("step-left-out", timing=Timing(skipped=step), words=words)
        yield Slip("order-of-steps", timing=Timing(forwards=True))
        inputs = tuple(n for n in self.primal.sources if self.primal[n].role == "input")
        for one in inputs:
            yield Slip("reversed", timing=Timing(turned=(one,)), words={"of": one})

    def _of_parameters(self) -> Iterator[Slip]:
        """Sums of parameters' adjoints over steps and sequences."""
        groups: list[tuple[str, ...]] = [(p.name,) for p in self.parts]
        for kind in dict.fromkeys(p.kind for p in self.parts):
            groups.append(tuple(p.name for p in self.parts if p.kind == kind))
        weights = tuple(p.name for p in self.parts if p.kind in ("input", "recurrent"))
        groups += [weights, tuple(p.name for p in self.parts)]
        for group in dict.fromkeys(g for g in groups if g):
            words = {"parameters": ", ".join(group)}
            for policy in ("first", "last"):
                yield Slip(
                    "accumulation", timing=Timing(sums=dict.fromkeys(group, policy)), words={**words, "step": policy}
                )
            for policy in ("not-first", "not-last"):
                yield Slip(
                    "step-left-out",
                    timing=Timing(sums=dict.fromkeys(group, policy)),
                    words={**words, "step": policy},
                    rank=1,
                )
            yield Slip("batch", timing=Timing(sums=dict.fromkeys(group, "one")), words=words)
            yield Slip("zero", timing=Timing(factors=dict.fromkeys(group, 0.0)), words=words, rank=2)
            kinds = {self.parameters[p].kind for p in group}
            doubled = "bias-doubled" if kinds == {"bias"} else "doubled"
            yield Slip(doubled, timing=Timing(factors=dict.fromkeys(group, 2.0)), words=words)
            yield Slip("halved", timing=Timing(factors=dict.fromkeys(group, 0.5)), words=words, rank=1)
            yield Slip("sign", timing=Timing(factors=dict.fromkeys(group, -1.0)), words={**words, "term": ""}, rank=1)

    # Tensors.

    def _role(self, symbol: sp.Symbol) -> str:
        name = str(symbol)
        name = name if name in self.printed else name[: name.rindex("[")] if "[" in name else name
        return self.printed[name].role if name in self.printed else ""

    def _is_gate(self, symbol: sp.Symbol) -> bool:
        name = str(symbol)
        return self._is_gate_name(name[: name.rindex("[")] if "[" in name else name)

    def _is_gate_name(self, name: str) -> bool:
        s = self.primal.definitions.get(name)
        return (
            isinstance(s, Pointwise)
            and s.expression.is_Function
            and s.expression.func.__name__ in ("sigmoid", "tanh")
            and self.primal[name].named
        )

    def _base(self, name: str) -> str:
        """A state's name without its time."""
        return name.rstrip("'")

    def _generic(self, name: str) -> str:
        """A name without the line that it is of: adjoints of all gates are one."""
        tensor = self.printed[name]
        if tensor.role in ("adjoint", "cotangent"):
            return f"adjoint of {'argument' if tensor.of in self.functions else 'value'}"
        if tensor.role == "parameter":
            return "parameter"
        return "gate" if self._is_gate_name(name) else name

    def _family(self, name: str) -> str:
        """Kind of an adjoint: of a gate's argument, of a matrix of a state, what comes through a matrix."""
        tensor = self.printed[name]
        if tensor.of in self.functions:
            return f"argument of {self.functions[tensor.of][0]}"
        if tensor.of in self.parameters:
            return self.parameters[tensor.of].kind
        if "_through_" in name:
            return name.partition("_through_")[0]
        return "value"

    def _kin(self, ref: Ref) -> Iterator[Ref]:
        """Other arrays of the same shape and sort."""
        tensor = self.printed[ref.name]
        if not tensor.dims:
            return
        for other in self.printed.tensors:
            if other.name == ref.name or other.dims != tensor.dims or not self._alike(tensor.role, other.role):
                continue
            if not self._readable(ref.name, other.name):
                continue
            if tensor.role == "parameter" and self._kind(tensor.name) != self._kind(other.name):
                continue
            yield Ref(other.name, ref.indices)

    def _kind(self, name: str) -> str:
        """Kind of a parameter; "" of what is computed from parameters alone."""
        return self.parameters[name].kind if name in self.parameters else ""

    def _readable(self, ours: str, other: str) -> bool:
        """Whether a person may read `other` where we read `ours`: it is known there, and worth a name."""
        if other in self.places:
            return self.places[other] < self._here
        definition = self.primal.definitions.get(other)
        if definition is None or self.primal[other].named or self.primal[other].role == "next":
            return True
        return isinstance(definition, Pointwise) and (definition.expression.is_Function or definition.expression.is_Mul)

    @staticmethod
    def _alike(a: str, b: str) -> bool:
        values = ("state", "next", "local", "input", "output")
        adjoints = ("adjoint", "cotangent")
        return (a in values and b in values) or (a in adjoints and b in adjoints) or a == b == "parameter"


def _logistic(value: sp.Expr) -> sp.Expr:
    """Derivative of σ, by its value."""
    return value * (1 - value)


def _hyperbolic(value: sp.Expr) -> sp.Expr:
    """Derivative of tanh, by its value."""
    return 1 - value**2

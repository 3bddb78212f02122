"""Recurrence → Graph: every equation as boxes of functions, valves, sums and wires, as a textbook draws it.

Products with matrices and biases belong to the box that adds them up, as in ``σ(W x + U h + b)``; what is elementwise
in values is drawn operation by operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy as sp

from gatedsym.diagrams.fold import fold_reductions
from gatedsym.diagrams.graph import Graph, Kind, Node, Port, Weight, find_highways, join_inputs
from gatedsym.diagrams.letters import Labels, function_label
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import Contraction, Pointwise, Program, Recurrence, Ref, Solve, Statement, Tensor, pointwise

_GATES = {"sigmoid": 2, "hard_sigmoid": 2, "hard_sigmoid_02": 2, "normal_cdf": 2, "exp": 1}
"""Functions whose value lets through a share of what it multiplies, with the sure ones above the others."""


def read_graph(recurrence: Recurrence) -> Graph:
    """The drawing graph of a cell."""
    graph = find_highways(_plain_graph(recurrence))
    return find_highways(join_inputs(fold_reductions(graph, recurrence, _plain_graph)))


def _plain_graph(recurrence: Recurrence) -> Graph:
    return _Reader(recurrence).graph()


@dataclass(frozen=True)
class _Term:
    """A summand: a wire, and what it is multiplied by."""

    wire: str
    expression: sp.Expr
    negative: bool = False
    weight: Weight = ""
    weights: tuple[str, ...] = ()
    factor: sp.Expr = sp.S.One


@dataclass(frozen=True)
class _Form:
    """A sum of terms and of a bias, which holds parameters and numbers alone."""

    terms: tuple[_Term, ...] = ()
    bias: sp.Expr = sp.S.Zero


class _Reader:
    """Reads a cell statement by statement."""

    def __init__(self, recurrence: Recurrence) -> None:
        self.program = recurrence.program
        self.labels = Labels(recurrence.program, recurrence.rows)
        self.nodes: list[Node] = []
        self.wires: dict[str, str] = {}
        self.ranks: dict[str, int] = {}
        self.extra: list[tuple[Tensor, Statement]] = []
        self._order = {t.name: k for k, t in enumerate(recurrence.program.tensors)}
        self._made: dict[tuple[int, sp.Expr], str] = {}
        self._offsets: dict[tuple[str, bool, sp.Expr], str] = {}
        self._equation = -1
        order = {e.target: k for k, e in enumerate(recurrence.equations)}
        self._lines = {name: order[e.target] for e in recurrence.equations for name in e.computes}
        self._reads = _occurrences(recurrence.program)
        self._refs = {r.symbol: r for s in recurrence.program.statements for r in (s.target, *s.operands)}

    def graph(self) -> Graph:
        program = self.program
        for name in program.sources:
            role = program[name].role
            if role in ("state", "input") and (name in self._reads or name in program.results):
                kind: Kind = "state" if role == "state" else "input"
                self.wires[name] = self._add(kind, (), name=name, value=name)
        for statement in program.statements:
            if not self._folds(statement.target.name):
                self._read(statement)
        for name in program.results:
            kind = "next" if program[name].role == "next" else "output"
            self._equation = self._lines.get(name, -1)
            self._add(kind, (Port(self.wires[name]),), name=name, value=name)
        extended = Program(
            (*program.tensors, *(t for t, _ in self.extra)),
            (*program.statements, *(s for _, s in self.extra)),
            program.results,
        )
        return Graph(tuple(self._with_gates()), extended)

    def _with_gates(self) -> list[Node]:
        """The nodes, those marked whose value turns a valve, directly or as 1 - z or under a factor."""
        by_name = {n.id: n for n in self.nodes}
        found: set[str] = set()
        queue = [p.source for n in self.nodes for p in n.ports if p.role == "control"]
        for name in queue:
            found.add(name)
            node = by_name[name]
            if node.kind in ("offset", "scale", "copy", "divide", "valve"):
                queue += [p.source for p in node.ports if p.source not in found and self.ranks.get(p.source, 0) > 0]
        return [replace(n, gate=n.id in found) for n in self.nodes]

    def _folds(self, name: str) -> bool:
        """True for what is drawn as part of the one node that reads it."""
        tensor = self.program[name]
        if name not in self.program.definitions or tensor.named or name in self.program.results:
            return False
        if name not in self.program.batched:
            return True
        return self._reads.get(name, 0) == 1

    def _read(self, statement: Statement) -> None:
        """The node of a statement's target, and those on the way to it."""
        name = statement.target.name
        tensor = self.program[name]
        self._equation = self._lines.get(name, -1)
        if name not in self.program.batched:
            operands = [r.name for r in statement.operands]
            ports = tuple(Port(self.wires[n], weight="parameter") for n in self._named_constants(operands))
            local = tensor.role == "local"
            text = self.labels.name(name) if local else self.labels.definition(statement)
            self.wires[name] = self._add("constant", ports, text, name if local else "", name, self._weights(operands))
            return
        wire = self._materialise(self._statement(statement), statement, True)
        typed_local = tensor.named and tensor.role == "local"
        position = next(k for k, n in enumerate(self.nodes) if n.id == wire)
        node = self.nodes[position]
        if typed_local and (node.name or node.kind in ("state", "input", "constant")):
            wire = self._add("copy", (Port(wire),), name=name, value=name)
            self.ranks[wire] = self.ranks.get(node.id, 0)
        elif typed_local:
            self.nodes[position] = replace(node, name=name, value=name)
        self.wires[name] = wire

    # --- nodes --------------------------------------------------------------------------------------------------

    def _add(
        self, kind: Kind, ports: Sequence[Port], text: str = "", name: str = "", value: str = "",
        weights: Sequence[str] = (),
    ) -> str:  # fmt: skip
        identity = f"{kind}{len(self.nodes) + 1}"
        given = kind in ("state", "input")
        line = -1 if given else self._equation
        self.nodes.append(Node(identity, kind, tuple(ports), name, text, tuple(dict.fromkeys(weights)), line, value))
        return identity

    def _value(self, expression: sp.Expr, statement: Statement) -> str:
        """A tensor for the value of a part of a statement: that of the Program where it is the whole."""
        if not isinstance(statement, Pointwise) or expression == statement.expression:
            return statement.target.name
        if expression in self._refs:
            return self._refs[expression].name
        operands = self._operands(expression)
        dims = {i: d for r in operands for i, d in zip(r.indices, self.program[r.name].dims, strict=True)}
        indices = tuple(i for i in statement.target.indices if i in dims)
        tensor = Tensor(f"part {len(self.extra) + 1}", tuple(dims[i] for i in indices))
        self.extra.append((tensor, pointwise(Ref(tensor.name, indices), expression, operands)))
        return tensor.name

    def _weights(self, names: Sequence[str]) -> tuple[str, ...]:
        """Parameters, constants and named values of theirs that stand behind some names."""
        found: list[str] = []
        for name in names:
            definition = self.program.definitions.get(name)
            if definition is None or self.program[name].named:
                found += [name] if self.program[name].role != "identity" else []
            else:
                found += self._weights([r.name for r in definition.operands])
        return tuple(dict.fromkeys(found))

    def _named_constants(self, names: Sequence[str]) -> list[str]:
        return [n for n in self._weights(names) if n in self.program.definitions]

    def _operands(self, expression: sp.Expr) -> list[Ref]:
        """Operands of an expression, in the order of declaration and computation."""
        found = [self._refs[symbol] for symbol in expression.free_symbols]
        return sorted(found, key=lambda r: (self._order[r.name], r))

    def _weights_of(self, expression: sp.Expr) -> tuple[str, ...]:
        """The parameters and constants among what an expression reads."""
        return self._weights([r.name for r in self._operands(expression) if r.name not in self.program.batched])

    def _constant_ports(self, weights: Sequence[str]) -> tuple[Port, ...]:
        return tuple(Port(self.wires[n], weight="parameter") for n in weights if n in self.program.definitions)

    # --- statements and expressions to sums of terms --------------------------------------------------------------

    def _statement(self, statement: Statement) -> _Form:
        if isinstance(statement, Contraction):
            return self._contraction(statement, statement.target.symbol)
        if isinstance(statement, Solve):
            return self._system(statement, statement.target.symbol)
        return self._form(statement.expression, statement)

    def _contraction(self, statement: Contraction, symbol: sp.Expr) -> _Form:
        values = [r for r in statement.factors if r.name in self.program.batched]
        weights = self._weights([r.name for r in statement.factors if r.name not in self.program.batched])
        wires = [self._wire(r.name) for r in values]
        if len(wires) == 1 and weights and statement.reduction == "sum":
            return _Form((_Term(wires[0], symbol, weight="matrix", weights=weights),))
        text = {"max": "max", "sum": "Σ"}[statement.reduction] if len(wires) == 1 else "·"
        if weights:
            text = self.labels.name(weights[0])
        ports = (*(Port(w) for w in wires), *self._constant_ports(weights))
        made = self._add("contract", ports, text, value=statement.target.name, weights=weights)
        return _Form((_Term(made, symbol),))

    def _system(self, statement: Solve, symbol: sp.Expr) -> _Form:
        """A linear system that each step solves: what moves of its matrix and its right side flows in."""
        moving = [r.name for r in statement.operands if r.name in self.program.batched]
        weights = self._weights([r.name for r in statement.operands if r.name not in moving])
        ports = (*(Port(self._wire(name)) for name in moving), *self._constant_ports(weights))
        made = self._add("contract", ports, "solve", value=statement.target.name, weights=weights)
        return _Form((_Term(made, symbol),))

    def _wire(self, name: str) -> str:
        """The node that gives a tensor; made now if it was set aside."""
        if name not in self.wires:
            statement = self.program.definitions[name]
            self.wires[name] = self._materialise(self._statement(statement), statement, True)
        return self.wires[name]

    def _form(self, e: sp.Expr, statement: Pointwise) -> _Form:
        if not self._is_value(e):
            return _Form(bias=e)
        if e.is_Symbol:
            return self._symbol(e, statement)
        if e.is_Add:
            return self._sum(e, statement)
        if e.is_Mul:
            return self._product(e, statement)
        if e.is_Pow:
            return self._power(e, statement)
        return self._application(e, statement)

    def _is_value(self, e: sp.Expr) -> bool:
        return any(self._refs[symbol].name in self.program.batched for symbol in e.free_symbols)

    def _symbol(self, e: sp.Expr, statement: Pointwise) -> _Form:
        ref = self._refs[e]
        if ref.name not in self.wires:
            inner = self.program.definitions[ref.name]
            if isinstance(inner, Contraction):
                return self._contraction(inner, e)
            if isinstance(inner, Solve):
                return self._system(inner, e)
            if isinstance(inner, Pointwise) and inner.target.indices == ref.indices == statement.target.indices:
                return self._form(inner.expression, inner)
        return _Form((_Term(self._wire(ref.name), e),))

    def _sum(self, e: sp.Expr, statement: Pointwise) -> _Form:
        terms: list[_Term] = []
        bias: sp.Expr = sp.S.Zero
        for part in sorted(e.args, key=lambda a: self._place(a)):
            form = self._form(part, statement)
            terms += form.terms
            bias = bias + form.bias
        return _Form(tuple(terms), bias)

    def _place(self, e: sp.Expr) -> tuple[int, str]:
        """Earlier values first; SymPy's own order changes with names."""
        places = [self._order[r.name] for r in self._operands(e)]
        return (min(places, default=-1), str(e))

    def _product(self, e: sp.Expr, statement: Pointwise) -> _Form:
        values = [a for a in e.args if self._is_value(a)]
        factor = sp.Mul(*(a for a in e.args if not self._is_value(a)))
        inner = sp.Mul(*values)
        if len(values) == 1 and not _is_reciprocal(values[0]):
            form = self._form(values[0], statement)
        else:
            form = _Form((_Term(self._multiplied(values, inner, statement), inner),))
        return form if factor == 1 else self._scaled(form, factor, inner, statement)

    def _scaled(self, form: _Form, factor: sp.Expr, inner: sp.Expr, statement: Pointwise) -> _Form:
        """A form times parameters and numbers: each term of a weighted sum takes them, other sums stay whole."""
        weights = self._weights_of(factor)
        negative = _is_negative(factor)
        size = -factor if negative else factor
        foldable = all(t.weight == "matrix" for t in form.terms)
        if size == 1 or (foldable and form.terms):
            terms = tuple(
                replace(t, negative=t.negative != negative, expression=factor * t.expression,
                        weights=(*t.weights, *weights)) for t in form.terms
            )  # fmt: skip
            return _Form(terms, factor * form.bias)
        wire = self._materialise(form, statement, False, inner)
        return _Form((_Term(wire, factor * inner, negative, "elementwise", weights, size),))

    def _power(self, e: sp.Expr, statement: Pointwise) -> _Form:
        if e.exp.is_number and e.exp.is_negative:
            return _Form((_Term(self._multiplied([e], e, statement), e),))
        base = self._materialise(self._form(e.base, statement), statement, False, e.base)
        exponent = str(e.exp) if e.exp.is_number else "p"
        made = self._add(
            "power", (Port(base),), f"$(\\cdot)^{{{exponent}}}$", value=self._value(e, statement),
            weights=self._weights_of(e.exp),
        )  # fmt: skip
        return _Form((_Term(made, e),))

    def _application(self, e: sp.Expr, statement: Pointwise) -> _Form:
        name = type(e).__name__
        if name not in FUNCTIONS:
            raise TypeError(f"no drawing is known of {e}.")
        key = (self._equation, e)
        if key not in self._made:
            text = function_label(name)
            if len(e.args) > 1:
                made = self._several(e, text, statement)
            else:
                form = self._form(e.args[0], statement)
                ports, weights = self._ports(form)
                made = self._add("function", ports, text, value=self._value(e, statement), weights=weights)
            self.ranks[made] = _GATES.get(name, 0)
            self._made[key] = made
        return _Form((_Term(self._made[key], e),))

    def _several(self, e: sp.Expr, text: str, statement: Pointwise) -> str:
        """A function of several arguments: each wire one; numbers and parameters stand in the box."""
        ports: list[Port] = []
        constants = []
        for argument in e.args:
            form = self._form(argument, statement)
            if form.terms:
                ports.append(Port(self._materialise(form, statement, False, argument)))
            else:
                constants.append(self._text(argument))
        weights = self._weights_of(e) if constants else ()
        text = f"{text}(·, {', '.join(constants)})" if constants else text
        return self._add("function", ports, text, value=self._value(e, statement), weights=weights)

    def _ports(self, form: _Form) -> tuple[tuple[Port, ...], tuple[str, ...]]:
        """The ports of a box that adds up what enters, and the parameters in it."""
        weights = [w for t in form.terms for w in t.weights] + list(self._weights_of(form.bias))
        ports: dict[Port, None] = {}
        for t in form.terms:
            ports.setdefault(Port(t.wire, negative=t.negative, weight=t.weight))
        return (*ports, *self._constant_ports(weights)), tuple(dict.fromkeys(weights))

    def _text(self, expression: sp.Expr) -> str:
        return self.labels.expression(expression, self._operands(expression))

    # --- products -------------------------------------------------------------------------------------------------

    def _multiplied(self, values: Sequence[sp.Expr], whole: sp.Expr, statement: Pointwise) -> str:
        """Valves, products and quotients for a product of values; the node that gives it."""
        key = (self._equation, whole)
        if key not in self._made:
            above = [v for v in values if not _is_reciprocal(v)]
            below = [sp.Pow(v.base, -v.exp) for v in values if _is_reciprocal(v)]
            parts = _Factors(self, statement)
            self._made[key] = parts.product(
                sorted(above, key=lambda a: self._place(a)), sorted(below, key=lambda a: str(a))
            )
        return self._made[key]

    # --- sums of terms to nodes -----------------------------------------------------------------------------------

    def _materialise(
        self, form: _Form, statement: Statement, whole: bool, expression: sp.Expr | None = None
    ) -> str:  # fmt: skip
        """The node that gives a sum of terms."""
        if expression is None:
            expression = statement.expression if isinstance(statement, Pointwise) else statement.target.symbol
        terms = list(form.terms)
        if len(terms) == 1 and not form.bias and not terms[0].weight and not terms[0].negative:
            return terms[0].wire
        key = (self._equation, expression)
        if key not in self._made:
            self._made[key] = self._added(form, statement, whole, expression)
        return self._made[key]

    def _added(self, form: _Form, statement: Statement, whole: bool, expression: sp.Expr) -> str:
        if not form.terms:  # nothing flows in: parameters and numbers alone
            weights = self._weights_of(form.bias)
            value = self._value(expression, statement)
            return self._add(
                "affine", self._constant_ports(weights), self._text(form.bias), value=value, weights=weights
            )
        keeps_apart = whole and self.program[statement.target.name].role == "next"
        weighed = [t for t in form.terms if t.weight == "matrix"]
        if weighed and not keeps_apart:
            weighed = [t for t in form.terms if t.weight]
        apart = [t for t in form.terms if t not in weighed]
        bias = form.bias
        wires: list[tuple[str, bool, sp.Expr]] = []
        if weighed:
            part = sp.Add(*(t.expression for t in weighed), bias)
            ports, weights = self._ports(_Form(tuple(weighed), bias))
            value = self._value(expression if not apart else part, statement)
            wires.append((self._add("affine", ports, self._affine_text(weighed, bias), value=value,
                                    weights=weights), False, part))  # fmt: skip
            bias = sp.S.Zero
        for t in apart:
            wires.append(self._lone(t, statement))
        return self._summed(wires, bias, statement, expression)

    def _affine_text(self, terms: Sequence[_Term], bias: sp.Expr) -> str:
        if len(terms) == 1 and len(terms[0].weights) == 1 and not bias and not terms[0].negative:
            return self.labels.name(terms[0].weights[0])
        return "affine" if bias else "linear"

    def _lone(self, t: _Term, statement: Statement) -> tuple[str, bool, sp.Expr]:
        if not t.weight:
            return t.wire, t.negative, t.expression
        positive = -t.expression if t.negative else t.expression
        text = self._text(t.factor)
        made = self._add(
            "scale", (Port(t.wire), *self._constant_ports(t.weights)), text,
            value=self._value(positive, statement), weights=t.weights,
        )  # fmt: skip
        self.ranks[made] = self.ranks.get(t.wire, 0)
        return made, t.negative, t.expression

    def _summed(
        self, wires: list[tuple[str, bool, sp.Expr]], bias: sp.Expr, statement: Statement, expression: sp.Expr
    ) -> str:
        """Sums of two at a time where there are many, then the bias."""
        while len(wires) > 1:
            (a, minus_a, first), (b, minus_b, second) = wires[:2]
            if minus_a and not minus_b:
                (a, minus_a), (b, minus_b) = (b, minus_b), (a, minus_a)
            rest = wires[2:]
            value = self._value(expression if not rest and not bias else first + second, statement)
            made = self._add("plus", (Port(a, negative=minus_a), Port(b, negative=minus_b)), "+", value=value)
            if self.ranks.get(a) and self.ranks.get(b):
                self.ranks[made] = 0
            wires = [(made, False, first + second), *rest]
        wire, negative, _ = wires[0]
        if not bias and not negative:
            return wire
        return self._offset(wire, negative, bias, statement, expression)

    def _offset(self, wire: str, negative: bool, bias: sp.Expr, statement: Statement, expression: sp.Expr) -> str:
        """The node of 1 - z, -z or z + b; what has no name of its own is drawn once for all lines."""
        own = isinstance(statement, Pointwise) and expression == statement.expression
        key = (wire, negative, bias)
        if not own and key in self._offsets:
            return self._offsets[key]
        weights = self._weights_of(bias)
        if negative:
            text = f"{self._text(bias)} −" if bias and bias != 1 else "1−" if bias else "−"
        else:
            text = f"−{self._text(-bias)}" if _is_negative(bias) else f"+{self._text(bias)}"
        ports = (Port(wire), *self._constant_ports(weights))
        made = self._add("offset", ports, text, value=self._value(expression, statement), weights=weights)
        rank = self.ranks.get(wire, 0)
        self.ranks[made] = rank if bias == 1 and negative else min(rank, 1)  # a gate with a floor is a gate
        if not own:
            self._offsets[key] = made
        return made


class _Factors:
    """A product of values as valves on what flows through them."""

    def __init__(self, reader: _Reader, statement: Pointwise) -> None:
        self.reader = reader
        self.statement = statement

    def product(self, above: Sequence[sp.Expr], below: Sequence[sp.Expr]) -> str:
        ups = [(self._wire(e), e) for e in above]
        downs = [(self._wire(e), e) for e in below]
        gates = [u for u in ups if self._rank(u[0]) > 0]
        flows = [u for u in ups if self._rank(u[0]) == 0]
        if gates and flows and downs and all(self._of_gates(d[0]) for d in downs):
            control = self._all("times", gates)
            for d in downs:
                control = self._two("divide", control, d, "÷")
                self.reader.ranks[control[0]] = 2
            return self._gated(self._all("times", flows), [control])[0]
        if not flows and gates:
            lowest = min(gates, key=lambda g: (self._rank(g[0]), -gates.index(g)))
            flows, gates = [lowest], [g for g in gates if g is not lowest]
        flow = self._all("times", flows) if flows else None
        for d in downs:
            flow = self._reciprocal(d) if flow is None else self._two("divide", flow, d, "÷")
            gating = self._rank(flow[0]) == 0 and bool(ups) and self._rank(ups[0][0]) > 0
            self.reader.ranks[flow[0]] = 2 if gating and not gates else 0
        assert flow is not None
        return self._gated(flow, gates)[0]

    def _wire(self, e: sp.Expr) -> str:
        return self.reader._materialise(self.reader._form(e, self.statement), self.statement, False, e)

    def _rank(self, wire: str) -> int:
        return self.reader.ranks.get(wire, 0)

    def _of_gates(self, wire: str) -> bool:
        """True for a gate and for a sum of gates."""
        node = next(n for n in self.reader.nodes if n.id == wire)
        return self._rank(wire) > 0 or (node.kind == "plus" and all(self._of_gates(p.source) for p in node.ports))

    def _all(self, kind: Kind, wires: Sequence[tuple[str, sp.Expr]]) -> tuple[str, sp.Expr]:
        first, *rest = wires
        for other in rest:
            apart = not self._indices(first[1]) & self._indices(other[1])
            outer = apart and self._indices(first[1]) and self._indices(other[1])
            first = self._two("outer" if outer else kind, first, other, "⊗" if outer else "⊙")
        return first

    def _indices(self, e: sp.Expr) -> set[str]:
        return {i for r in self.reader._operands(e) for i in r.indices}

    def _gated(self, flow: tuple[str, sp.Expr], gates: Sequence[tuple[str, sp.Expr]]) -> tuple[str, sp.Expr]:
        for gate in sorted(gates, key=lambda g: -self._rank(g[0])):
            whole = flow[1] * gate[1]
            ports = (Port(flow[0]), Port(gate[0], role="control"))
            flow = (self.reader._add("valve", ports, value=self.reader._value(whole, self.statement)), whole)
        return flow

    def _two(self, kind: Kind, a: tuple[str, sp.Expr], b: tuple[str, sp.Expr], text: str) -> tuple[str, sp.Expr]:
        whole = a[1] / b[1] if kind == "divide" else a[1] * b[1]
        ports = (Port(a[0]), Port(b[0], role="side" if kind == "divide" else "flow"))
        return self.reader._add(kind, ports, text, value=self.reader._value(whole, self.statement)), whole

    def _reciprocal(self, d: tuple[str, sp.Expr]) -> tuple[str, sp.Expr]:
        whole = 1 / d[1]
        text = r"$1/(\cdot)$"
        return self.reader._add("power", (Port(d[0]),), text, value=self.reader._value(whole, self.statement)), whole


def _is_negative(e: sp.Expr) -> bool:
    """True for what is written with a minus in front."""
    return bool(e.as_coeff_Mul()[0] < 0)


def _is_reciprocal(e: sp.Expr) -> bool:
    return bool(e.is_Pow and e.exp.is_number and e.exp.is_negative)


def _occurrences(program: Program) -> dict[str, int]:
    """Count of each tensor in a statement."""
    counts: dict[str, int] = {}
    for statement in program.statements:
        if not isinstance(statement, Pointwise):
            for ref in statement.operands:
                counts[ref.name] = counts.get(ref.name, 0) + 1
            continue
        names = {r.symbol: r.name for r in statement.operands}
        for part in sp.preorder_traversal(statement.expression):
            if part in names:
                counts[names[part]] = counts.get(names[part], 0) + 1
    return counts

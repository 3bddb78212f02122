"""Rates of change and a scheme → the equations of one step, in names that a reader of the page follows.

With the rate f of a state h and a step dt, inputs held over the step:

- euler: ``h' = h + dt * rate_h``;
- exponential_euler, for a rate that is ``-a * h + b``: ``h' = keep_h * h + (1 - keep_h) * drive_h / decay_h`` with
  ``keep_h = exp(-dt * decay_h)``, exact where a and b stay as they are over the step;
- rk4: ``rate_h``, then the rates at two points in the middle and one at the end, ``rate_h_2`` … ``rate_h_4``, and
  ``h' = h + dt/6 * (rate_h + 2 * rate_h_2 + 2 * rate_h_3 + rate_h_4)``. Lines that the rates read are stages as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.declarations import left_name, spelled
from gatedsym.equations.parse import read_part
from gatedsym.equations.rates import SCHEMES, Rate
from gatedsym.equations.source import Source, Span
from gatedsym.equations.syntax import (
    Application,
    Declaration,
    EquationLine,
    Juxtaposition,
    Loop,
    Negative,
    Node,
    Number,
    Product,
    Reference,
    Statement,
    Sum,
)
from gatedsym.equations.trees import Rewriter

_STEPS = ("dt", "Deltat", "Delta_t", "delta_t")
"""Names that mean the step where no line says which one does."""

_LINES = "step dt = 0.1 and scheme euler (or exponential_euler, or rk4)"


def discretised(source: Source, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Statements with the equations of a step in place of rates of change; the same where there are none.

    Parameters
    ----------
    source : Source
    statements : tuple of Statement

    Raises
    ------
    EquationError
        For rates without a step or scheme, a state that is none, and a rate that a scheme cannot take.
    """
    rates = source.rates
    if not rates.lines:
        if rates.scheme or rates.step:
            raise source.error(
                "there is a step or a scheme, and no rate of change.",
                Span(*rates.span),
                "Write dh/dt = …, or leave it out.",
            )
        return statements
    return _Discretisation(source, statements).statements()


@dataclass
class _Change:
    """The rate of one state: its line, and the right side over the factor before the derivative."""

    name: str
    line: EquationLine
    right: Node
    factor: Node | None


class _Discretisation:
    """A text with rates on its way to equations of a step."""

    def __init__(self, source: Source, statements: tuple[Statement, ...]) -> None:
        self.source, self.typed = source, statements
        lines = {line.left.span.start: line for line in statements if isinstance(line, EquationLine)}
        self.step = self._step()
        self.scheme = self._scheme()
        changes = [self._change(rate, lines) for rate in source.rates.lines]
        self.changes = {change.name: change for change in changes}
        self.inner = self._read_by_rates()

    # What the text says.

    def _step(self) -> str:
        rates, known = self.source.rates, _known_names(self.typed)
        name = _step_name(self.source, known)
        if not name or name not in known:
            raise self.source.error(
                f"the step '{name}' has no value." if name else "a rate of change needs a step.",
                Span(*rates.lines[0].line),
                f"Write {_LINES}; a step that differs is an input: dt in R, dt >= 0.",
            )
        return name

    def _scheme(self) -> str:
        rates = self.source.rates
        if not rates.scheme:
            raise self.source.error("a rate of change needs a scheme.", Span(*rates.lines[0].line), f"Write {_LINES}.")
        if rates.scheme not in SCHEMES.values():
            raise self.source.error(
                f"'{rates.scheme}' is no scheme that is known.",
                Span(*rates.span),
                "Write scheme euler, scheme exponential_euler or scheme rk4.",
            )
        return rates.scheme

    def _change(self, rate: Rate, lines: Mapping[int, EquationLine]) -> _Change:
        line, source = lines.get(rate.start), self.source
        if line is None or not isinstance(line.left, Reference):
            raise source.error("a rate of change stands on a line of its own.", Span(*rate.line), "Write dh/dt = ….")
        if rate.name not in _declared(self.typed):
            raise source.error(
                f"the state '{rate.name}' has a rate and is never declared.",
                line.left.span,
                f"Declare it: {rate.name} in R^n.",
            )
        other = next(
            (s for s in self.typed if s is not line and isinstance(s, EquationLine) and isinstance(s.left, Reference)
             and s.left.name.removesuffix("_t") == rate.name), None,
        )  # fmt: skip
        if other is not None:
            twice = any(other.left.span.start == line.start for line in source.rates.lines)
            what = "two rates" if twice else "a rate and an equation of its own"
            raise source.error(f"'{rate.name}' has {what}.", other.left.span, "Remove one of the two.")
        factor = None if rate.factor is None else read_part(source, source.rates.typed, Span(*rate.factor))
        return _Change(rate.name, line, self._now(line.right), factor)

    def _now(self, node: Node) -> Node:
        """The tree with states of time t as what they are when the step begins."""
        names = {rate.name for rate in self.source.rates.lines}

        def change(inner: object) -> object:
            if not isinstance(inner, Reference) or inner.indices or inner.members:
                return None
            name = inner.name.removesuffix("_t")
            if name not in names:
                return None
            if inner.primes or inner.time not in (None, 0):
                raise self.source.error(
                    f"a rate of change is one at time t: '{self.source.excerpt(inner.span)}' is another.",
                    inner.span,
                    f"Write {name}.",
                )
            return replace(inner, name=name, time=None)

        return Rewriter(change)(node)

    def _read_by_rates(self) -> dict[str, EquationLine]:
        """The lines that rates read and that read states which have rates, by name, in the order of the text."""
        lines = {
            s.left.name: s for s in self.typed
            if isinstance(s, EquationLine) and isinstance(s.left, Reference) and not s.left.primes
            and all(s is not change.line for change in self.changes.values())
        }  # fmt: skip
        read, pending = set[str](), [change.right for change in self.changes.values()]
        while pending:
            for name in _names(pending.pop()) & lines.keys() - read:
                read.add(name)
                pending.append(lines[name].right)
        moving = set(self.changes)
        for _ in lines:
            moving |= {n for n in read if _names(lines[n].right) & moving}
        return {n: line for n, line in lines.items() if n in read and n in moving}

    # What comes of it.

    def statements(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        last = list(self.changes.values())[-1].line
        for statement in self.typed:
            change = next((c for c in self.changes.values() if c.line is statement), None)
            if change is not None:
                found += self._first_stage(change)
            elif isinstance(statement, EquationLine) and self.inner.get(left_name(statement)) is statement:
                found.append(replace(statement, right=self._now(statement.right)))
            else:
                self._refuse_in_doubt(statement)
                found.append(statement)
            if statement is last:
                found += self._last_stages()
        return tuple(found)

    def _refuse_in_doubt(self, statement: Statement) -> None:
        """A line outside of the rates that reads a state: before the step, or after it?"""
        lines = statement.body if isinstance(statement, Loop) else (statement,)
        for line in lines:
            if not isinstance(line, EquationLine):
                continue
            own = {node.name for node in syntax.walk(line.left) if isinstance(node, Reference)}  # f(x, u) = …: its x
            doubtful = self.changes.keys() - (own if isinstance(line.left, syntax.Application) else set())
            for node in syntax.walk(line.right):
                if isinstance(node, Reference) and node.name in doubtful and node.time is None and not node.primes:
                    raise self.source.error(
                        f"'{node.name}' has a rate: is its value before the step meant, or after it?",
                        node.span,
                        f"Write {node.name}_{{t-1}} for the one before, {node.name}' for the one after.",
                    )

    def _first_stage(self, change: _Change) -> list[Statement]:
        """The line or lines in place of a typed rate."""
        name, span = change.name, change.line.right.span
        if self.scheme == "exponential_euler":
            return self._exponential(change)
        rate = _line(change, f"rate_{name}", self._over_factor(change.right, change))
        if self.scheme == "rk4":
            return [rate]
        moved = _sum(_named(name, span), _product(self._dt(span), _named(f"rate_{name}", span), span=span), span=span)
        return [rate, _line(change, name, moved, primes=1)]

    def _over_factor(self, node: Node, change: _Change) -> Node:
        return node if change.factor is None else Product((node, change.factor), ("/",), node.span)

    def _dt(self, span: Span) -> Node:
        return _named(self.step, span)

    def _last_stages(self) -> list[Statement]:
        """The stages of rk4 after the first, and what they make of every state."""
        if self.scheme != "rk4":
            return []
        found: list[Statement] = []
        for stage, (before, share) in enumerate(
            (("", sp.Rational(1, 2)), ("_2", sp.Rational(1, 2)), ("_3", sp.S.One)), 2
        ):
            for c in self.changes.values():
                span = c.line.right.span
                step = self._dt(span) if share == 1 else _product(Number(share, span), self._dt(span), span=span)
                moved = _product(step, _named(f"rate_{c.name}{before}", span), span=span)
                found.append(_line(c, f"{c.name}_{stage}", _sum(_named(c.name, span), moved, span=span)))
            found += [
                replace(line, left=_renamed(line.left, stage), right=self._staged(self._now(line.right), stage))
                for line in self.inner.values()
            ]
            for c in self.changes.values():
                right = self._over_factor(self._staged(c.right, stage), replace_factor(c, self._staged, stage))
                found.append(_line(c, f"rate_{c.name}_{stage}", right))
        for c in self.changes.values():
            span = c.line.right.span
            rates = [_named(f"rate_{c.name}{tail}", span) for tail in ("", "_2", "_3", "_4")]
            two = Number(sp.Integer(2), span)
            total = _sum(
                rates[0], _product(two, rates[1], span=span), _product(two, rates[2], span=span), rates[3], span=span
            )
            sixth = Product((self._dt(span), Number(sp.Integer(6), span)), ("/",), span)
            found.append(
                _line(c, c.name, _sum(_named(c.name, span), _product(sixth, total, span=span), span=span), primes=1)
            )
        return found

    def _staged(self, node: Node, stage: int) -> Node:
        """The tree with the states, and what they move, of another stage."""
        names = {*self.changes, *self.inner}

        def change(inner: object) -> object:
            if isinstance(inner, Reference) and inner.name in names:
                indices = tuple(tuple(rewriter(item) for item in group) for group in inner.indices)
                return replace(inner, name=f"{inner.name}_{stage}", indices=indices)
            return None

        rewriter = Rewriter(change)
        return rewriter(node)

    # The scheme that is exact for a linear decay.

    def _exponential(self, change: _Change) -> list[Statement]:
        name, span = change.name, change.line.right.span
        slope, rest = _Linear(self.source, name, self._matrices()).split(change.right)
        if slope is None:
            raise self.source.error(
                f"the rate of '{name}' has no term -a * {name}, which exponential_euler needs.",
                span,
                f"Write the decay entry by entry, -a * {name} + …, or scheme euler.",
            )
        decay = self._over_factor(_negative(slope) or slope, change)
        keep, drive, by = (_named(f"{word}_{name}", span) for word in ("keep", "drive", "decay"))
        exponent = _product(Negative(self._dt(span), span), by, span=span)
        found = [
            _line(change, f"decay_{name}", decay),
            _line(change, f"keep_{name}", Application(Reference("exp", span), (exponent,), span)),
        ]
        kept = _product(keep, _named(name, span), span=span)
        if rest is None:
            return [*found, _line(change, name, kept, primes=1)]
        one_minus = Sum(((1, Number(sp.S.One, span)), (-1, keep)), span)
        driven = Product((one_minus, drive, by), ("*", "/"), span)
        found.append(_line(change, f"drive_{name}", self._over_factor(rest, change)))
        return [*found, _line(change, name, _sum(kept, driven, span=span), primes=1)]

    def _matrices(self) -> frozenset[str]:
        """Names that are declared with two axes or more: what they multiply is summed."""
        declared = [
            s for s in self.typed if isinstance(s, Declaration) and s.space is not None and len(s.space.axes) > 1
        ]
        return frozenset(name for s in declared for r in s.names for name in spelled(r))


def replace_factor(change: _Change, staged: Callable[[Node, int], Node], stage: int) -> _Change:
    """The change with its factor at another stage."""
    return change if change.factor is None else replace(change, factor=staged(change.factor, stage))


def told_scheme(source: Source, names: Iterable[str]) -> str:
    """The scheme of a text with rates and the name of its step, in words; "" without rates."""
    if not source.rates.lines:
        return ""
    return f"{source.rates.scheme} with the step {_step_name(source, set(names))}"


def _step_name(source: Source, known: set[str]) -> str:
    return source.rates.step or next((n for n in _STEPS if n in known), "")


class _Linear:
    """Splitter of rates: into what is linear in one name, entry by entry, and the rest."""

    def __init__(self, source: Source, name: str, matrices: frozenset[str]) -> None:
        self.source, self.name, self.matrices = source, name, matrices

    def split(self, node: Node) -> tuple[Node | None, Node | None]:
        """(a, b) with node = a * name + b; None for a term that there is not."""
        match node:
            case Reference(name=self.name):
                return Number(sp.S.One, node.span), None
            case Negative(operand=operand):
                slope, rest = self.split(operand)
                return _negative(slope), _negative(rest)
            case Sum(terms=terms):
                parts = [(sign, *self.split(term)) for sign, term in terms]
                slopes = tuple((sign, slope) for sign, slope, _ in parts if slope is not None)
                rests = tuple((sign, rest) for sign, _, rest in parts if rest is not None)
                return _signed_sum(slopes, node.span), _signed_sum(rests, node.span)
            case Product(items=items, operators=operators) if self._each(items, operators):
                return self._of_product(node, items, operators)
            case Juxtaposition(items=items) if self._each(items, ("*",) * (len(items) - 1)):
                return self._of_product(node, items, ("*",) * (len(items) - 1))
            case Application(head=head, arguments=(argument,)) if (
                self._each((head, argument), ("*",)) and head.name == self.name
            ):
                return self._of_product(node, (head, argument), ("*",))
            case _:
                return None, node

    def _each(self, items: tuple[Node, ...], operators: tuple[str, ...]) -> bool:
        """Whether a product is one of entries."""
        heads = {item.name for item in items if isinstance(item, Reference)}
        return set(operators) <= {"*", "×", "·", "/", "./"} and not (heads & self.matrices)

    def _of_product(
        self, node: Node, items: tuple[Node, ...], operators: tuple[str, ...]
    ) -> tuple[Node | None, Node | None]:
        splits = [self.split(item) for item in items]
        linear = [place for place, (slope, _) in enumerate(splits) if slope is not None]
        if not linear:
            return None, node
        place = linear[0]
        if len(linear) > 1 or (place and operators[place - 1] in ("/", "./")):
            raise self.source.error(
                f"the rate is not linear in '{self.name}' here, entry by entry.",
                node.span,
                f"Write it as -a * {self.name} + b, or scheme euler.",
            )
        slope, rest = splits[place]

        def with_item(item: Node | None) -> Node | None:
            return None if item is None else _put(item, place, items, operators, node.span)

        return with_item(slope), with_item(rest)


def _put(item: Node, place: int, items: tuple[Node, ...], operators: tuple[str, ...], span: Span) -> Node:
    """A product with another item at a place; 1 and -1 are not written where a product can do without them."""
    if isinstance(item, Negative) or _below_zero(item):
        positive = _negative(item)
        assert positive is not None
        return Negative(_put(positive, place, items, operators, span), span)
    at = place - 1 if place else 0
    if isinstance(item, Number) and item.value == 1 and operators[at] not in ("/", "./"):
        others = (*items[:place], *items[place + 1 :])
        left = (*operators[:at], *operators[at + 1 :])
        return Product(others, left, span) if left else others[0]
    return Product((*items[:place], item, *items[place + 1 :]), operators, span)


def _signed_sum(terms: tuple[tuple[int, Node], ...], span: Span) -> Node | None:
    if not terms:
        return None
    flipped = [(-sign, _negative(t)) if isinstance(t, Negative) or _below_zero(t) else (sign, t) for sign, t in terms]
    terms = tuple((sign, term) for sign, term in flipped if term is not None)
    if len(terms) == 1:
        return terms[0][1] if terms[0][0] > 0 else _negative(terms[0][1])
    return Sum(terms, span)


def _below_zero(node: Node) -> bool:
    return isinstance(node, Number) and node.value < 0


def _negative(node: Node | None) -> Node | None:
    """Minus a tree."""
    match node:
        case None:
            return None
        case Negative(operand=operand):
            return operand
        case Number(value=value):
            return Number(-value, node.span)
        case Sum(terms=terms):
            return Sum(tuple((-sign, term) for sign, term in terms), node.span)
        case Product(items=(Negative(operand=first), *others), operators=operators):
            return Product((first, *others), operators, node.span)
        case _:
            return Negative(node, node.span)


def _line(change: _Change, name: str, right: Node | None, primes: int = 0) -> EquationLine:
    assert right is not None
    left = Reference(name, change.line.left.span, primes=primes)
    return EquationLine(left, right, change.line.span, change.line.output and bool(primes))


def _named(name: str, span: Span) -> Reference:
    return Reference(name, span)


def _product(*items: Node, span: Span) -> Node:
    return Product(items, ("*",) * (len(items) - 1), span)


def _sum(*items: Node, span: Span) -> Node:
    return Sum(tuple((1, item) for item in items), span)


def _renamed(left: Reference | Application, stage: int) -> Reference | Application:
    assert isinstance(left, Reference)
    return replace(left, name=f"{left.name}_{stage}")


def _names(node: Node) -> set[str]:
    return {inner.name for inner in syntax.walk(node) if isinstance(inner, Reference)}


def _declared(statements: tuple[Statement, ...]) -> set[str]:
    found = (s for s in statements if isinstance(s, Declaration))
    return {name.removesuffix("_t") for s in found for r in s.names for name in spelled(r)}


def _known_names(statements: tuple[Statement, ...]) -> set[str]:
    """Names that are declared or defined."""
    lines = {s.left.name for s in statements if isinstance(s, EquationLine) and isinstance(s.left, Reference)}
    return _declared(statements) | lines

"""Names settled: loops counted out, time subscripts read, a name before a bracket told to be a function or a factor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from gatedsym.equations import declared, exact, index_arithmetic, packed, syntax
from gatedsym.equations.names import mend_of_call
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.syntax import (
    Application,
    Call,
    EquationLine,
    Juxtaposition,
    Loop,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Reference,
    Statement,
    Sum,
    Variable,
)

MAX_EQUATIONS = 2_000
MAX_DELAY = 1_000


@dataclass(frozen=True)
class Vocabulary:
    """Knowledge of the whole text that resolving a name needs.

    Attributes
    ----------
    source : Source
    functions : frozenset of str
        Names that are functions, definitions of the text among them.
    constants : mapping of str to sympy.Rational
    verbatim : frozenset of str
        Names that end in ``_t`` without meaning a time: members of declared families.
    t_is_time : bool
        False if the text has a symbol t of its own.
    names : frozenset of str
        What the text declares or defines.
    units : frozenset of str
        Names that mean the imaginary unit.
    """

    source: Source
    functions: frozenset[str]
    constants: Mapping[str, sp.Rational]
    verbatim: frozenset[str]
    t_is_time: bool
    names: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


def number_of(node: Node, source: Source, known: Mapping[str, sp.Rational]) -> sp.Rational | None:
    """The value of an expression in numbers and `known` names; None if anything else occurs in it.

    Raises
    ------
    EquationError
        For a division by zero and for numbers beyond the limits.
    """
    try:
        return _number_of(node, source, known)
    except ZeroDivisionError:
        raise source.error("this divides by zero.", node.span, "Divide by another number.") from None
    except exact.TooLargeError:
        raise source.error("this number is too large.", node.span, "Write a smaller number.") from None


def _number_of(node: Node, source: Source, known: Mapping[str, sp.Rational]) -> sp.Rational | None:
    def value(inner: Node) -> sp.Rational | None:
        return _number_of(inner, source, known)

    match node:
        case Number():
            return node.value
        case (
            Reference(name=name, indices=(), time=None, members=(), primes=0)
            | Variable(name=name, time=None, next=False, letters=None)
        ):
            return known.get(name)
        case Negative(operand=operand):
            inner = value(operand)
            return None if inner is None else -inner
        case Sum(terms=terms):
            parts = [(sign, value(term)) for sign, term in terms]
            numbers = [sign * part for sign, part in parts if part is not None]
            return sp.Add(*numbers) if len(numbers) == len(parts) else None
        case Product(items=items, operators=operators) if set(operators) <= {"*", "/", "×", "·"}:
            total = value(items[0])
            for operator, item in zip(operators, items[1:], strict=True):
                factor = value(item)
                if total is None or factor is None:
                    return None
                total = exact.divide(total, factor) if operator == "/" else exact.multiply(total, factor)
            return total
        case Power(base=base, exponent=exponent):
            number, power = value(base), value(exponent)
            if number is None or power is None or not power.is_Integer or abs(power) > exact.MAX_EXPONENT:
                return None
            return exact.raise_to(number, int(power))
        case _:
            return None


def integer_of(node: Node, what: str, source: Source, known: Mapping[str, sp.Rational]) -> int:
    """The whole number that an expression gives, or an EquationError that says what for and what misses."""
    value = number_of(node, source, known)
    if value is None:
        missing = next((n for n in syntax.walk(node) if isinstance(n, Reference) and n.name not in known), None)
        if missing is not None:
            raise source.error(
                f"{what} needs a whole number; '{missing.name}' has no value.",
                missing.span,
                f"Write a line {missing.name} = 3, or pass constants={{'{missing.name}': 3}}.",
            )
        raise source.error(f"{what} needs a whole number.", node.span, "Write a number such as 3.")
    if not value.is_Integer or abs(value) > MAX_DELAY:
        raise source.error(
            f"{what} needs a whole number up to {MAX_DELAY}, this is {value}.", node.span, "Write a number such as 3."
        )
    return int(value)


@dataclass(frozen=True)
class CountedLine:
    """An equation as typed, with the values of the loop indices around it."""

    line: EquationLine
    counters: Mapping[str, sp.Rational]


def count_out(statements: tuple[Statement, ...], vocabulary: Vocabulary) -> list[CountedLine]:
    """Every equation, those in loops once for each value of the loop's index.

    Raises
    ------
    EquationError
        For a range that has no value, and for more than 2,000 equations.
    """
    counted: list[CountedLine] = []
    for item in _count_out(statements, {}, vocabulary):
        counted.append(item)
        if len(counted) > MAX_EQUATIONS:
            if not item.counters:
                raise vocabulary.source.error(
                    f"this text has more than {MAX_EQUATIONS:,} equations.",
                    item.line.span,
                    "Write those that repeat as definitions, F(v) = …, or split the cell.",
                )
            raise vocabulary.source.error(
                f"counted out, these loops give more than {MAX_EQUATIONS:,} equations.",
                item.line.span,
                "Make the ranges shorter.",
            )
    return counted


def _count_out(
    statements: tuple[Statement, ...], counters: Mapping[str, sp.Rational], vocabulary: Vocabulary
) -> Iterator[CountedLine]:
    source = vocabulary.source
    for statement in statements:
        if isinstance(statement, EquationLine):
            yield CountedLine(statement, counters)
        elif isinstance(statement, Loop):
            known = {**vocabulary.constants, **counters}
            first = integer_of(statement.first, "the range of a loop", source, known)
            last = integer_of(statement.last, "the range of a loop", source, known)
            if last < first - 1:  # 2..L with L = 1 repeats nothing: a recurrence of one layer
                raise source.error(
                    f"the range {first}..{last} is empty.", statement.first.span.to(statement.last.span), "Write 1..L."
                )
            for step in range(first, last + 1):
                yield from _count_out(statement.body, {**counters, statement.index: sp.Integer(step)}, vocabulary)


def resolve(
    node: Node, vocabulary: Vocabulary, counters: Mapping[str, sp.Rational], bound: frozenset[str] = frozenset()
) -> Node:
    """The tree with variables for references and calls for applications of functions; `bound` are indices.

    Raises
    ------
    EquationError
        For a name that cannot stand in an expression, and for an unknown function.
    """
    source = vocabulary.source

    def change(inner: Node) -> Node | None:
        match inner:
            case Reference(name=name, time=None, members=(), primes=0, indices=()) if name in counters:
                return Number(counters[name], inner.span)
            case Reference(indices=(*before, group)) if any(isinstance(item, syntax.Slice) for item in group):
                whole = replace(inner, indices=tuple(before), span=Span(inner.span.start, _opening(inner, source)))
                return syntax.Sliced(resolve(whole, vocabulary, counters, bound), _slices(group, source), inner.span)
            case syntax.Part(operand=Application(head=head) as call) if packed.is_dealer(
                head.name, vocabulary.functions
            ):
                return resolve(packed.without_dealer(inner, call, source), vocabulary, counters, bound)
            case Sum():
                packed.refuse_open_column(inner, vocabulary.functions, source)
                return None
            case Juxtaposition() | Product() if found := packed.functions_before(inner, vocabulary.functions):
                argument = resolve(found[1], vocabulary, counters, bound)
                return packed.column_of(found[0], argument, inner.span)
            case Reference(name=name) if name in vocabulary.units and name not in bound and is_plain(inner):
                return syntax.ImaginaryUnit(inner.span)
            case Reference() if _before_stack(inner, vocabulary, counters, bound):
                return _resolve_before_stack(inner, vocabulary, counters, bound)
            case Reference():
                return resolve_reference(inner, vocabulary, counters, bound)
            case Application():
                return _resolve_application(inner, vocabulary, counters, bound)
            case Power(base=Reference(name="e") as base, exponent=exponent) if (
                vocabulary.units and is_plain(base) and "e" not in vocabulary.names
            ):
                return Call("exp", (resolve(exponent, vocabulary, counters, bound),), inner.span)
            case Power(base=Application(head=head, arguments=(_,)) as base) if (
                head.name not in vocabulary.functions and not syntax.in_brackets(base)
            ):
                raise _power_in_doubt(inner, head, source)
            case Power(base=Reference() as base) if (
                _before_stack(base, vocabulary, counters, bound) and source.plain[base.span.start] != "("
            ):
                raise _power_in_doubt(inner, base, source)
            case syntax.Reduction(indices=indices, body=body):
                inside = resolve(body, vocabulary, counters, bound | set(indices))
                return replace(inner, body=inside)
            case _:
                return None

    return syntax.rewrite(node, change)


def _opening(reference: Reference, source: Source) -> int:
    """Place where the last brackets of a reference open: none stand inside them."""
    return source.plain.rindex("[", reference.span.start, reference.span.end)


def _slices(group: tuple[Node, ...], source: Source) -> tuple[syntax.Slice, ...]:
    """The slices in a pair of brackets, which hold nothing else."""
    for item in group:
        if not isinstance(item, syntax.Slice):
            raise source.error(
                "slices and indices do not stand in one bracket.", item.span, "Write a slice for each axis: W[:n, :]."
            )
    return tuple(item for item in group if isinstance(item, syntax.Slice))


def _power_in_doubt(node: Power, head: Reference, source: Source) -> Exception:
    """The refusal of ``U (h)**2`` and ``U[h, x]**2``: of the product, or of what stands in the bracket?"""
    name = source.plain[head.span.start :]
    opening = min(at for at in (name.find("("), name.find("[")) if at > 0)
    name, inside = name[:opening].rstrip(), name[opening : node.base.span.end - head.span.start]
    power = source.plain[node.base.span.end : node.span.end].strip()
    return source.error(
        f"'{name}' is no function: does the power belong to the product or to the bracket?",
        node.span,
        f"Write ({source.excerpt(node.base.span)}){power} or {name} ({inside}{power}).",
    )


def _before_stack(
    reference: Reference, vocabulary: Vocabulary, counters: Mapping[str, sp.Rational], bound: frozenset[str]
) -> bool:
    """Whether what stands in the brackets after a name is a vector made of several, as in ``W[h_{t-1}, x_t]``."""
    if len(reference.indices) != 1 or reference.name in vocabulary.functions or reference.members:
        return False
    (group,) = reference.indices
    inside = {node.name for item in group for node in syntax.walk(item) if isinstance(node, Reference)}
    known = {*vocabulary.constants, *counters}
    if inside & bound or inside <= known or any(isinstance(item, syntax.Range | syntax.Slice) for item in group):
        return False
    if len(group) == 1 and vocabulary.t_is_time and _mentions_t(group[0]):
        return False
    if all(is_plain(item) for item in group):
        return len(group) > 1 and {_timeless(name, vocabulary) for name in inside} <= vocabulary.names
    return {_timeless(name, vocabulary) for name in inside} <= vocabulary.names | vocabulary.functions


def _timeless(name: str, vocabulary: Vocabulary) -> str:
    """A name without the time that it ends in."""
    return name if name in vocabulary.names or not vocabulary.t_is_time else name.removesuffix("_t")


def is_plain(node: Node) -> bool:
    """Whether a node is a name alone: without time, members, prime or index."""
    match node:
        case Reference(time=None, members=(), primes=0, indices=()):
            return True
        case _:
            return False


def _resolve_before_stack(
    reference: Reference, vocabulary: Vocabulary, counters: Mapping[str, sp.Rational], bound: frozenset[str]
) -> Node:
    """``W[h_{t-1}, x_t]``: a matrix before vectors one above the other."""
    source, span = vocabulary.source, reference.span
    opening = source.plain.index("[", span.start)
    start = span.start + len(source.plain[span.start :]) - len(source.plain[span.start :].lstrip("( "))
    head = replace(reference, indices=(), span=Span(start, opening))
    items = tuple(resolve(item, vocabulary, counters, bound) for item in reference.indices[0])
    stack = syntax.Stack(items, Span(opening, source.plain.rindex("]", 0, span.end) + 1))
    return Juxtaposition((resolve_reference(head, vocabulary, counters), stack), span)


def _resolve_application(
    node: Application, vocabulary: Vocabulary, counters: Mapping[str, sp.Rational], bound: frozenset[str]
) -> Node:
    node = declared.applied(node, vocabulary.functions)
    head, source = node.head, vocabulary.source
    arguments = tuple(resolve(argument, vocabulary, counters, bound) for argument in node.arguments)
    plain = not (head.indices or head.primes or head.members or head.time is not None)
    if plain and head.name in vocabulary.functions:
        return Call(head.name, arguments, node.span, node.each)
    if plain and packed.is_dealer(head.name, vocabulary.functions):
        raise packed.misplaced_dealer(node, source)
    if node.each:
        raise source.error(
            f"'{head.name}' is no function that could be taken of each entry.",
            head.span,
            f"Write {source.excerpt(head.span)} ({', '.join(source.excerpt(a.span) for a in node.arguments)}).",
        )
    if len(arguments) > 1:
        letters = ", ".join("vwabcd"[: len(arguments)])
        mend = mend_of_call(head.name, letters, vocabulary.functions)
        raise source.error(f"'{head.name}' is no function.", head.span, mend)
    # The bracket belongs to the factor: what is told of it, and what is offered in its place, shows it.
    bracket = Span(source.plain.index("(", head.span.end), node.span.end)
    factor = replace(arguments[0], span=bracket)
    return Juxtaposition((resolve_reference(head, vocabulary, counters), factor), node.span)


def resolve_reference(
    reference: Reference,
    vocabulary: Vocabulary,
    counters: Mapping[str, sp.Rational],
    bound: frozenset[str] = frozenset(),
) -> Variable:
    """A reference with its indices read: as a micro-step, as a delay, or as indices of the index form."""
    source = vocabulary.source
    if reference.members:
        raise source.error(
            f"a list of suffixes declares a family; an expression reads one member of '{reference.name}'.",
            reference.span,
            f"Write {reference.name}_{reference.members[0].replace('*', 'f')}.",
        )
    if reference.indices and reference.name in vocabulary.functions:
        raise source.error(
            f"'{reference.name}' is a function and takes round brackets.", reference.span, f"Write {reference.name}(…)."
        )
    if reference.primes > 1:
        raise source.error("only one ' may follow a name.", reference.span, f"Write {reference.name}'.")
    variable = Variable(reference.name, reference.span, reference.time, reference.primes == 1)
    if vocabulary.t_is_time and variable.name.endswith("_t") and variable.name not in vocabulary.verbatim:
        variable = replace(variable, name=variable.name[:-2], time=_one_time(variable, 0, source))
    for group in reference.indices:
        variable = _resolve_index(variable, group, vocabulary, counters, bound)
    if variable.time is not None and variable.next:
        raise source.error("a name has either a ' or a time, not both.", variable.span, f"Write {variable.name}'.")
    return variable


def _resolve_index(
    variable: Variable,
    group: tuple[Node, ...],
    vocabulary: Vocabulary,
    counters: Mapping[str, sp.Rational],
    bound: frozenset[str],
) -> Variable:
    """One pair of brackets after a name."""
    source = vocabulary.source
    ranged = next((item for item in group if isinstance(item, syntax.Range)), None)
    if ranged is not None:
        raise source.error("a range stands only in declarations and loops.", ranged.span, "Write one index.")
    sliced = next((item for item in group if isinstance(item, syntax.Slice)), None)
    if sliced is not None:
        raise source.error("a slice stands only on the right side.", sliced.span, "Write [i; f] = … to fill parts.")
    known = {**vocabulary.constants, **counters}
    if vocabulary.t_is_time and len(group) == 1 and _mentions_t(group[0]):
        moment = integer_of(group[0], "a time", source, {**known, "t": sp.Integer(0)})
        return replace(variable, time=_one_time(variable, moment, source))
    values = [number_of(item, source, known) for item in group]
    if all(value is not None for value in values):
        steps = [integer_of(item, "an index", source, known) for item in group]
        if len(steps) == 1 and steps[0] < 0:
            return replace(variable, time=_one_time(variable, steps[0], source))
        if min(steps) < 0:
            raise source.error("a delay stands in brackets of its own.", variable.span, "Write x[-1].")
        return replace(variable, name="_".join([variable.name, *map(str, steps)]))
    letters = []
    for item in group:
        match item:
            case Reference(name=name, time=None, members=(), primes=0, indices=()):
                letters.append(name)
            case _:
                if not any(isinstance(inner, Reference) and inner.name in bound for inner in syntax.walk(item)):
                    integer_of(item, "an index", source, known)
                moved = index_arithmetic.shift_of(item, bound, known)
                if moved is not None and len(group) <= 2:
                    raise index_arithmetic.border(variable.name, group, group.index(item), moved, source)
                raise source.error("this is no index.", item.span, "Write letters, U[j,k], or a number, s[1].")
    return replace(variable, letters=(variable.letters or ()) + tuple(letters))


def _mentions_t(node: Node) -> bool:
    return any(isinstance(inner, Reference) and inner.name == "t" for inner in syntax.walk(node))


def _one_time(variable: Variable, moment: int, source: Source) -> int:
    if variable.time is not None:
        raise source.error(f"'{variable.name}' has two times.", variable.span, f"Write {variable.name}_{{t-1}}.")
    return moment


def future_error(source: Source, name: str, span: Span) -> Exception:
    """The refusal of a time after t."""
    return source.error(
        f"'{name}' is read or written at a time after t.",
        span,
        f"Shift the times by one step: {name}_t = … computes, {name}_{{t-1}} reads the previous value.",
    )

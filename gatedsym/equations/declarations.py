"""Declarations read: families spelled out, dimensions, constants and definitions told from equations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from gatedsym.equations import exact, syntax
from gatedsym.equations.input_domains import Found, meet
from gatedsym.equations.names import OPTIONS, nearest, refusal_of
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.resolve import Vocabulary, integer_of, is_plain, number_of
from gatedsym.equations.syntax import (
    Application,
    Declaration,
    DimensionLine,
    EquationLine,
    Loop,
    Node,
    Reference,
    Space,
    Statement,
)
from gatedsym.ir.domain import Bound, Domain
from gatedsym.ir.program import Dimension

Axes = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Declared:
    """A name with the space that a declaration gives it.

    Attributes
    ----------
    axes : tuple of tuple of str, optional
        None where the line (``output y``) does not say.
    group : int
        Number of the declaration.
    keyword : str
        ``input``, ``output`` or nothing.
    timed : bool
        Declared as ``x_t``.
    family : bool
        A member of a family: a parameter, whatever times it is read at.
    domain : Domain, optional
        The numbers that its entries may be: an input then.
    is_complex : bool
    """

    name: str
    axes: Axes | None
    span: Span
    group: int
    keyword: str = ""
    timed: bool = False
    family: bool = False
    domain: Domain | None = None
    is_complex: bool = False


@dataclass(frozen=True)
class Star:
    """A family whose members are those that the equations use: ``W_*``, ``R_*[1..L]``."""

    base: str
    axes: Axes
    span: Span
    group: int
    keyword: str
    steps: tuple[int, ...] = ()
    is_complex: bool = False

    def match(self, name: str) -> str | None:
        """The suffix by which a name belongs to the family; None if it does not."""
        rest = name.removeprefix(f"{self.base}_")
        if rest == name:
            return None
        if not self.steps:
            return rest
        suffix, _, step = rest.rpartition("_")
        return suffix if suffix and step.isdigit() and int(step) in self.steps else None


@dataclass(frozen=True)
class DefinitionLine:
    """``LN(v) = ...`` before its names are settled."""

    name: str
    parameters: tuple[str, ...]
    body: Node
    span: Span


def flat(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    """Statements in order, those of loops once."""
    for statement in statements:
        yield statement
        if isinstance(statement, Loop):
            yield from flat(statement.body)


def symbol_names(statements: tuple[Statement, ...]) -> set[str]:
    """Base names that the text declares or defines, as typed."""
    found = set()
    for statement in flat(statements):
        if isinstance(statement, Declaration):
            found |= {reference.name for reference in statement.names if not reference.members}
        elif isinstance(statement, EquationLine) and isinstance(statement.left, Reference):
            found.add(statement.left.name)
    return found


def is_complex_text(statements: tuple[Statement, ...]) -> bool:
    """Whether a text declares a complex array."""
    spaces = (s.space for s in flat(statements) if isinstance(s, Declaration))
    return any(space is not None and space.is_complex for space in spaces)


def declared_bases(statements: tuple[Statement, ...]) -> set[str]:
    """Names that declarations give, members of listed families included, loops not counted out, times left off."""
    found: set[str] = set()
    for statement in flat(statements):
        if isinstance(statement, Declaration):
            for reference in statement.names:
                found.update((reference.name, reference.name.removesuffix("_t"), *spelled(reference)))
    return found


def spelled(reference: Reference) -> list[str]:
    """The names that one in a declaration stands for: its own, or those of the members that it lists."""
    return [f"{reference.name}_{member}" for member in reference.members] or [reference.name]


def left_name(line: EquationLine) -> str:
    """The name that a line defines or binds; "" of one that defines a function."""
    return line.left.name if isinstance(line.left, Reference) else ""


def read_definitions(statements: tuple[Statement, ...], source: Source) -> dict[str, DefinitionLine]:
    """The definitions of a text by name.

    Raises
    ------
    EquationError
        For a left side that defines neither a name nor a function, and for two definitions of one function.
    """
    found: dict[str, DefinitionLine] = {}
    for statement in flat(statements):
        if not (isinstance(statement, EquationLine) and isinstance(statement.left, Application)):
            continue
        head, span = statement.left.head, statement.left.span
        plain = [a for a in (head, *statement.left.arguments) if is_plain(a)]
        names = tuple(a.name for a in plain if isinstance(a, Reference))
        if len(names) != 1 + len(statement.left.arguments) or len(set(names)) != len(names):
            raise source.error(
                "the left side defines neither a name nor a function.", span, "Write f = … or LN(v) = …."
            )
        for name, node in zip(names, plain, strict=True):
            check_name(name, node.span, source)
        if head.name in found:
            line = source.line(found[head.name].span)
            raise source.error(f"'{head.name}' is already defined on line {line}.", span, "Remove one of the two.")
        found[head.name] = DefinitionLine(head.name, names[1:], statement.right, span)
    return found


def check_name(name: str, span: Span, source: Source) -> None:
    """Raise EquationError for a name that a person may not give."""
    refusal = refusal_of(name)
    if refusal is not None:
        raise source.error(refusal[0], span, refusal[1])


def read_constants(
    statements: tuple[Statement, ...], given: Mapping[str, Any] | None, dimension_names: set[str], source: Source
) -> dict[str, tuple[sp.Rational, Span | None]]:
    """Constants of the text, and those given by the caller in their place; each with where it is written.

    Raises
    ------
    EquationError
        For a constant that the text has no use for, or whose value is no finite number.
    """
    bases = declared_bases(statements)
    found: dict[str, tuple[sp.Rational, Span | None]] = {}
    lines = [s.left.name for s in flat(statements) if isinstance(s, EquationLine) and isinstance(s.left, Reference)]
    for statement in statements:
        if not isinstance(statement, EquationLine) or not isinstance(statement.left, Reference) or statement.output:
            continue
        name = statement.left.name
        if not is_plain(statement.left) or name.endswith("_t") or name in bases or name in dimension_names:
            continue
        value = number_of(statement.right, source, {})
        if value is not None and lines.count(name) == 1:
            if not exact.is_double(value):
                raise source.error(
                    f"the constant '{name}' is {exact.told(value)}, which double precision does not hold.",
                    statement.right.span,
                    "Write a number between 1e-307 and 1e308.",
                )
            found[name] = (value, statement.left.span)
    if not given:
        return found
    mentioned = {node.name for top in _nodes(statements) for node in syntax.walk(top) if isinstance(node, Reference)}
    for name, number in given.items():
        if name not in found and (name not in mentioned or name in symbol_names(statements)):
            close = nearest(name, found)
            raise source.error(
                f"constants: the text has no constant '{name}'.",
                mend=f"Did you mean {close}?" if close else "Give only constants that the text uses.",
            )
        value = _exact(name, number, source)
        if not exact.is_double(value):
            raise source.error(
                f"constants: '{name}' is {exact.told(value)}, which double precision does not hold.",
                mend="Give a number between 1e-307 and 1e308.",
            )
        found[name] = (value, found.get(name, (None, None))[1])
    return found


def _nodes(statements: tuple[Statement, ...]) -> Iterator[Node]:
    for statement in flat(statements):
        match statement:
            case EquationLine(left=left, right=right):
                yield from (left, right)
            case Loop(first=first, last=last):
                yield from (first, last)
            case Declaration(names=names):
                yield from names
            case _:
                pass


def _exact(name: str, number: Any, source: Source) -> sp.Rational:
    """The exact value of a number given by a caller; a float counts as the shortest decimal that names it."""
    try:
        if isinstance(number, bool):
            raise TypeError
        if isinstance(number, int | Fraction):
            return sp.Rational(number)
        if isinstance(number, sp.Rational):
            return number
        return sp.Rational(Fraction(str(float(number))))
    except (TypeError, ValueError, OverflowError):
        raise source.error(
            f"constants: '{name}' is {number!r:.60}, expected a finite number.",
            mend="Give an int, a float or a Fraction.",
        ) from None


def dimension_names(statements: tuple[Statement, ...]) -> set[str]:
    """Names that stand for sizes in declarations."""
    found: set[str] = set()
    for statement in flat(statements):
        if isinstance(statement, Declaration) and statement.space is not None:
            found |= {dim for axis in statement.space.axes for dim in axis if not dim.isdigit()}
        elif isinstance(statement, DimensionLine):
            found.add(statement.name.name)
    return found


_GIVEN = ("m", "n")


def read_dimensions(statements: tuple[Statement, ...], source: Source) -> dict[str, Dimension]:
    """Sizes that the text gives, by name: defaults, and constraints on m and n.

    Raises
    ------
    EquationError
        For a size that is no expression in dimensions and numbers, or goes in a circle, or is given twice.
    """
    _refuse_unsafe_dimensions(statements, source)
    names = dimension_names(statements)
    symbols = declared_bases(statements)
    found: dict[str, Dimension] = {}
    for statement in flat(statements):
        if isinstance(statement, DimensionLine):
            left, right, explicit = statement.name, statement.size, True
        elif isinstance(statement, EquationLine) and isinstance(statement.left, Reference):
            left, right, explicit = statement.left, statement.right, False
            if left.name not in names or left.name in symbols or not is_size(right, names):
                continue
        else:
            continue
        if not is_plain(left) or left.name in found:
            raise source.error(f"the size of '{left.name}' is already given.", left.span, "Remove one of the two.")
        check_name(left.name, left.span, source)
        if explicit and not is_size(right, names | set(_GIVEN)):
            raise source.error(
                "a size is an expression in dimensions and numbers.", right.span, f"Write dim {left.name} = n/2."
            )
        size = size_of(right, source)
        found[left.name] = Dimension(left.name, size, fixed=left.name in _GIVEN)
        _refuse_circle(left, found, source)
    return found


def _refuse_unsafe_dimensions(statements: tuple[Statement, ...], source: Source) -> None:
    """A dimension's size is given as ``init(r=4)``: its name must be one that can be typed there."""
    for statement in flat(statements):
        if isinstance(statement, Declaration) and statement.space is not None:
            for dim in (dim for axis in statement.space.axes for dim in axis if not dim.isdigit()):
                if dim in OPTIONS:
                    raise source.error(
                        f"'{dim}' is an argument of init and cannot be the name of a dimension.",
                        statement.space.span,
                        f"Choose another name, such as {dim}_size.",
                    )
                check_name(dim, statement.space.span, source)


def _refuse_circle(left: Reference, found: Mapping[str, Dimension], source: Source) -> None:
    pending, seen = [left.name], {left.name}
    while pending:
        dimension = found.get(pending.pop())
        for symbol in sorted(map(str, dimension.size.free_symbols)) if dimension and dimension.size is not None else ():
            if symbol == left.name:
                raise source.error(f"the size of '{left.name}' depends on itself.", left.span, "Give it another size.")
            if symbol not in seen:
                seen.add(symbol)
                pending.append(symbol)


def is_size(node: Node, names: set[str]) -> bool:
    """Whether an expression has only dimensions and numbers, and operations that sizes know."""
    match node:
        case syntax.Number():
            return True
        case Reference(name=name):
            return is_plain(node) and name in names | set(_GIVEN)
        case syntax.Sum() | syntax.Negative():
            return all(is_size(child, names) for child in syntax.children(node))
        case syntax.Product(operators=operators):
            allowed = set(operators) <= {"*", "/", "×", "·"}
            return allowed and all(is_size(child, names) for child in syntax.children(node))
        case syntax.Juxtaposition(items=items):
            return all(is_size(item, names) for item in items)
        case _:
            return False


def size_of(node: Node, source: Source) -> sp.Expr:
    """The size as an expression in symbols named like the dimensions."""
    match node:
        case syntax.Number(value=value):
            return value
        case Reference(name=name):
            return sp.Symbol(name)
        case syntax.Negative(operand=operand):
            return -size_of(operand, source)
        case syntax.Sum(terms=terms):
            return sp.Add(*(sign * size_of(term, source) for sign, term in terms))
        case syntax.Juxtaposition(items=items):
            return sp.Mul(*(size_of(item, source) for item in items))
        case syntax.Product(items=items, operators=operators):
            total = size_of(items[0], source)
            for operator, item in zip(operators, items[1:], strict=True):
                factor = size_of(item, source)
                if operator == "/" and isinstance(item, syntax.Juxtaposition) and not syntax.in_brackets(item):
                    raise source.error("what does this divide by?", item.span, "Write brackets: (1/2) n or 1/(2 n).")
                if operator == "/" and factor == 0:
                    raise source.error("this divides by zero.", item.span, "Divide by another number.")
                total = total / factor if operator == "/" else total * factor
            return total
        case _:
            raise source.error("a size is an expression in dimensions and numbers.", node.span, "Write n/2.")


def read_declarations(
    statements: tuple[Statement, ...], vocabulary: Vocabulary, same_size: Mapping[str, str]
) -> tuple[list[Declared], list[Star]]:
    """Every declared name with its space, in order; families spelled out but for those written with ``*``.

    Raises
    ------
    EquationError
        For a name declared twice, an unsafe name, and a declaration that is not understood.
    """
    names: dict[str, Declared] = {}
    stars: list[Star] = []
    declarations = [s for s in flat(statements) if isinstance(s, Declaration)]
    declarations += [
        Declaration((s.left,), None, s.span, "output")
        for s in flat(statements)
        if isinstance(s, EquationLine) and s.output and isinstance(s.left, Reference)
    ]
    for group, statement in enumerate(declarations):
        axes = None if statement.space is None else _rename(statement.space, same_size)
        for reference in statement.names:
            for entry in _spell_out(reference, axes, group, statement.keyword, vocabulary):
                is_complex = statement.space is not None and statement.space.is_complex
                entry = replace(entry, is_complex=is_complex)
                if isinstance(entry, Declared) and statement.domain is not None:
                    entry = replace(entry, domain=statement.domain)
                if isinstance(entry, Star):
                    stars.append(entry)
                else:
                    names[entry.name] = _merge(names.get(entry.name), entry, vocabulary.source)
    starts = {s.space.span.start: s for s in declarations if s.space is not None}
    for found in vocabulary.source.domains:
        domain = _settled(found, vocabulary, same_size)
        for name in [found.name] if found.name else _names_with(starts.get(found.start), names, stars, vocabulary):
            names[name] = _with_domain(name, names.get(name), found, domain, vocabulary)
    return list(names.values()), stars


def _names_with(
    line: Declaration | None, names: Mapping[str, Declared], stars: list[Star], vocabulary: Vocabulary
) -> list[str]:
    """Names of a declaration whose space is a domain."""
    if line is None or line.space is None:
        return []
    family = next((r for r in line.names if r.members), None)
    if family is not None:
        raise vocabulary.source.error(
            "a family is one of parameters, and domains are those of inputs.",
            line.space.span,
            f"Declare {family.name}_… in R^n, and let sigmoid, tanh or exp keep its values where they belong.",
        )
    spans = {r.span for r in line.names}
    return [name for name, entry in names.items() if entry.span in spans]


def _settled(found: Found, vocabulary: Vocabulary, same_size: Mapping[str, str]) -> Domain:
    """A domain with the values of constants for their names, and dimensions by the names that they go by."""

    def settle(bound: Bound) -> Bound:
        name = same_size.get(bound.dimension, bound.dimension)
        if name not in vocabulary.constants:
            return replace(bound, dimension=name)
        value = vocabulary.constants[name]
        return Bound((bound.number or Fraction(0)) + Fraction(int(value.p), int(value.q)))

    return replace(found.domain, low=settle(found.domain.low), high=settle(found.domain.high))


def _with_domain(name: str, entry: Declared | None, found: Found, domain: Domain, vocabulary: Vocabulary) -> Declared:
    """A declared name as an input with a domain.

    Raises
    ------
    EquationError
        For a name that nothing declares, an output, and two domains that have nothing in common.
    """
    source, span = vocabulary.source, Span(found.start, found.end)
    if entry is None:
        raise source.error(
            f"'{name}' has a domain and is not declared.",
            span,
            f"Declare it: {name} in R. Domains are those of inputs.",
        )
    if entry.keyword == "output":
        raise source.error(
            f"'{name}' is an output: what it can be follows from its equation.", span, "Leave the domain out."
        )
    if entry.is_complex:
        raise source.error(
            f"'{name}' is complex, and a domain is one of real numbers.",
            span,
            f"Write the domain of an input {name}_1.",
        )
    try:
        domain = domain if entry.domain is None else meet(name, entry.domain, domain)
    except ValueError as error:
        raise source.error(str(error), span, "Say one of them.") from None
    return replace(entry, keyword="input", domain=domain)


def _rename(space: Space, same_size: Mapping[str, str]) -> Axes:
    return tuple(tuple(same_size.get(dim, dim) for dim in axis) for axis in space.axes)


def _merge(earlier: Declared | None, later: Declared, source: Source) -> Declared:
    """One declaration of two: `h in R^n` and `output h` may stand on lines of their own."""
    check_name(later.name, later.span, source)
    if earlier is None:
        return later
    if (earlier.axes is not None and later.axes is not None) or earlier.keyword == later.keyword:
        line = source.line(earlier.span)
        raise source.error(
            f"'{later.name}' is already declared on line {line}.", later.span, "Remove one of the two declarations."
        )
    axes = later.axes if earlier.axes is None else earlier.axes
    return replace(
        earlier,
        axes=axes,
        keyword=earlier.keyword or later.keyword,
        timed=earlier.timed or later.timed,
        is_complex=earlier.is_complex or later.is_complex,
    )


def _spell_out(
    reference: Reference, axes: Axes | None, group: int, keyword: str, vocabulary: Vocabulary
) -> Iterator[Declared | Star]:
    source, span = vocabulary.source, reference.span
    if reference.primes:
        raise source.error(
            "a declaration names the state, not its next value.", span, f"Write {reference.name} in R^n."
        )
    steps = _steps(reference, vocabulary)
    if reference.members == ("*",):
        if axes is None:
            raise source.error("a family needs a space.", span, f"Write {reference.name}_* in R^(n, m).")
        yield Star(reference.name, axes, span, group, keyword, steps)
        return
    if "*" in reference.members or len(set(reference.members)) != len(reference.members):
        raise source.error("a list of suffixes names each once.", span, f"Write {reference.name}_{{i,f,g,o}}.")
    for base in spelled(reference):
        timed = reference.time is not None
        if not reference.members and vocabulary.t_is_time and base.endswith("_t"):
            base, timed = base[:-2], True
        for name in [f"{base}_{step}" for step in steps] or [base]:
            yield Declared(name, axes, span, group, keyword, timed, bool(reference.members))


def _steps(reference: Reference, vocabulary: Vocabulary) -> tuple[int, ...]:
    """The micro-steps of ``[1..L]`` or ``[0]`` after a declared name; empty where there are none."""
    source = vocabulary.source
    if not reference.indices:
        return ()
    group = reference.indices[0]
    if len(reference.indices) > 1 or len(group) != 1:
        raise source.error(
            "a declaration has sizes in its space, and at most one range in brackets.",
            reference.span,
            f"Write {reference.name} in R^(n, m), or {reference.name}[1..L] in R^(n, m).",
        )
    item = group[0]
    ends = (item.first, item.last) if isinstance(item, syntax.Range) else (item, item)
    first, last = (integer_of(end, "the range of a declaration", source, vocabulary.constants) for end in ends)
    if last < first or first < 0:
        raise source.error(f"the range {first}..{last} is empty.", item.span, "Write [1..L], with L at least 1.")
    return tuple(range(first, last + 1))

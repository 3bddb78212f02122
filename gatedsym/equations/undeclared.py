"""A text without declarations, or with some → the same text with every name declared, shapes still unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gatedsym.equations import syntax
from gatedsym.equations.complex_numbers import COMPLEX_FUNCTIONS
from gatedsym.equations.customary import customary_definition
from gatedsym.equations.declarations import (
    declared_bases,
    dimension_names,
    flat,
    is_complex_text,
    is_size,
    read_constants,
    read_declarations,
    read_definitions,
    read_dimensions,
    symbol_names,
)
from gatedsym.equations.latex.commands import LETTERS
from gatedsym.equations.names import IDENTITY
from gatedsym.equations.resolve import Vocabulary, count_out, is_plain, resolve, resolve_reference
from gatedsym.equations.scope import STATE_NAMES, Scope, read_scope, read_vocabulary
from gatedsym.equations.source import Source, Span
from gatedsym.equations.syntax import Declaration, DimensionLine, EquationLine, Reference, Statement, Variable
from gatedsym.equations.unit_entries import is_unit_entry

_LIKE_STATES = frozenset(STATE_NAMES)
_LETTERS = frozenset(LETTERS.values())
"""Greek letters by their names: no words."""

_OUTPUT_NAMES = ("y", "y_hat")
"""What is computed under these names is an output, though the step reads it as well."""


@dataclass(frozen=True)
class Undeclared:
    """Names that a text leaves undeclared.

    Attributes
    ----------
    scope : Scope
        Of the text with all names declared, those of `sought` without a shape.
    sought : tuple of str
        Names without a shape, in order of first appearance: parameters, inputs, states.
    outputs : tuple of str
        Names that are computed and that nothing reads, and y.
    """

    scope: Scope
    sought: tuple[str, ...]
    outputs: tuple[str, ...]


def find_undeclared(
    source: Source, statements: tuple[Statement, ...], constants: Mapping[str, Any] | None = None
) -> Undeclared:
    """Tell what each undeclared name of a text is.

    Raises
    ------
    EquationError
        For everything but shapes and declarations that keeps the text from defining a cell.
    """
    statements = with_size_lines(statements)
    targets, variables = _names(source, statements, constants)
    order = dict.fromkeys(v.name for v in [*variables, *targets])
    known = set(declared_bases(statements)) | _numbers(source, statements, constants)
    known |= _declared(source, statements, constants, order)
    late = {v.name for v in variables if v.time is not None and v.time < 0}
    rates = {rate.name for rate in source.rates.lines}
    states = {t.name for t in targets if t.next or t.name in rates or (t.time == 0 and t.name in late)}
    defined = {t.name for t in targets}
    timed = {v.name for v in variables if v.time is not None}
    entries = {v.name for v in variables if is_unit_entry(v)} - {v.name for v in variables if not is_unit_entry(v)}
    given = (
        {v.name for v in variables}
        - entries
        - defined
        - known
        - dimension_names(statements)
        - ({"pi", IDENTITY} - timed)
    )
    places = {v.name: v.span for v in reversed([*targets, *variables])}
    _refuse_complex(source, statements, places)
    for name in sorted(given & _LIKE_STATES & applied(statements)):
        raise source.error(
            f"nothing says which function '{name}' is, and no equation gives a state {name} its next value.",
            places[name],
            f"Write {name}(v) = tanh(v), or the function that is meant, on a line of its own.",
        )
    _refuse_unknown_functions(source, given & applied(statements), places)
    sought = [name for name in order if name in given or (name in states and name not in known)]
    read = {v.name for v in variables}
    free = [name for name in dict.fromkeys(t.name for t in targets) if name not in states | known]
    outputs = [name for name in free if name not in read or name in _OUTPUT_NAMES]
    new = [Declaration((Reference(name, places[name]),), None, places[name]) for name in sought]
    new += [Declaration((Reference(name, places[name]),), None, places[name], "output") for name in outputs]
    scope = read_scope(source, (*new, *statements), constants)
    return Undeclared(scope, tuple(sought), tuple(outputs))


def _refuse_complex(source: Source, statements: tuple[Statement, ...], places: Mapping[str, Span]) -> None:
    """Refuse to propose for a text of complex numbers that declares none: what is complex nothing decides."""
    names = sorted(COMPLEX_FUNCTIONS & set(places))
    if names and not is_complex_text(statements):
        raise source.error(
            f"'{names[0]}' speaks of complex numbers, and which arrays hold them the equations do not decide.",
            places[names[0]],
            "Declare those, such as z in C^n; the rest is proposed.",
        )


def _refuse_unknown_functions(source: Source, heads: set[str], places: Mapping[str, Span]) -> None:
    """Refuse a word before brackets that nothing defines: to propose a matrix for LayerNorm(x) would be a guess."""
    for name in sorted(heads, key=lambda n: places[n].start):
        word = name.split("_")[0]
        is_word = len(word) > 2 or (len(word) > 1 and word.isupper())
        if is_word and word.isalpha() and word not in _LETTERS:
            meant = customary_definition(name) or f"Define it, such as {name}(v) = tanh(v)"
            raise source.error(
                f"'{source.excerpt(places[name])}' is no function of the language, and nothing here defines it.",
                places[name],
                f"{meant}; or declare it if it is a matrix, {name} in R^(n,n).",
            )


def with_size_lines(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements with `d = n/2` as the size of a dimension also where no declaration speaks of it yet."""
    own = symbol_names(statements) | set(declared_bases(statements))
    return tuple(
        DimensionLine(s.left, s.right, s.span)
        if isinstance(s, EquationLine) and isinstance(s.left, Reference) and _is_size_line(s, own)
        else s
        for s in statements
    )


def _is_size_line(line: EquationLine, own: set[str]) -> bool:
    """Whether a line gives a size in m and n, which nothing else of the text is called."""
    inside = {node.name for node in syntax.walk(line.right) if isinstance(node, Reference)}
    plain = isinstance(line.left, Reference) and is_plain(line.left) and not line.output
    sizes = {"m", "n"} - (own - {"m"} if isinstance(line.left, Reference) and line.left.name == "m" else own)
    return plain and bool(inside) and inside <= sizes and is_size(line.right, sizes)


def _names(
    source: Source, statements: tuple[Statement, ...], constants: Mapping[str, Any] | None
) -> tuple[list[Variable], list[Variable]]:
    """Left sides of the equations, and what right sides and definitions read."""
    vocabulary = _generous(source, statements, constants)
    skipped = _numbers(source, statements, constants)
    targets, variables = [], []
    for counted in count_out(statements, vocabulary):
        line = counted.line
        if not isinstance(line.left, Reference) or (line.left.name in skipped and not line.left.indices):
            continue
        if line.left.members:
            continue  # read_scope refuses it
        target = resolve_reference(line.left, vocabulary, counted.counters)
        targets.append(target)
        right = resolve(line.right, vocabulary, counted.counters, frozenset(target.letters or ()))
        variables += [node for node in syntax.walk(right) if isinstance(node, Variable)]
    for definition in read_definitions(statements, source).values():
        names = vocabulary.names | set(definition.parameters)
        body = resolve(definition.body, replace(vocabulary, names=names), {})
        inside = [node for node in syntax.walk(body) if isinstance(node, Variable)]
        variables += [node for node in inside if node.name not in definition.parameters]
    return targets, variables


def _generous(source: Source, statements: tuple[Statement, ...], constants: Mapping[str, Any] | None) -> Vocabulary:
    """The vocabulary of a text in which every name that stands somewhere counts as declared."""
    sizes = read_dimensions(statements, source)
    numbers = read_constants(statements, constants, set(sizes), source)
    vocabulary = read_vocabulary(source, statements, frozenset(read_definitions(statements, source)), numbers)
    return replace(vocabulary, names=vocabulary.names | mentioned(statements))


def applied(statements: tuple[Statement, ...]) -> frozenset[str]:
    """Names that stand before a bracket with one thing in it wherever they stand, as functions do."""
    nodes = [node for s in flat(statements) if isinstance(s, EquationLine) for node in syntax.walk(s.right)]
    heads = Counter(
        node.head.name for node in nodes if isinstance(node, syntax.Application) and len(node.arguments) == 1
    )
    everywhere = Counter(node.name for node in nodes if isinstance(node, Reference))
    return frozenset(name for name, count in heads.items() if count == everywhere[name])


def mentioned(statements: tuple[Statement, ...]) -> frozenset[str]:
    """Every name that stands in an equation, with and without the time that it ends in."""
    nodes = [top for s in flat(statements) if isinstance(s, EquationLine) for top in (s.left, s.right)]
    names = {node.name for top in nodes for node in syntax.walk(top) if isinstance(node, Reference)}
    return frozenset(names | {name.removesuffix("_t") for name in names})


def _numbers(source: Source, statements: tuple[Statement, ...], constants: Mapping[str, Any] | None) -> set[str]:
    """Names of constants and of sizes."""
    sizes = read_dimensions(statements, source)
    numbers = read_constants(statements, constants, set(sizes), source)
    return set(sizes) | set(numbers)


def _declared(
    source: Source, statements: tuple[Statement, ...], constants: Mapping[str, Any] | None, used: Iterable[str]
) -> set[str]:
    """Names that declarations give, families spelled out as far as they are used."""
    names, stars = read_declarations(statements, _generous(source, statements, constants), {})
    of_stars = {name for name in used for star in stars if star.match(name) is not None}
    return {entry.name for entry in names} | of_stars

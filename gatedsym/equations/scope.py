"""The scope of a text: what each name is, which equation computes it, and in which order."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.complex_numbers import COMPLEX_FUNCTIONS, UNITS, pair_of
from gatedsym.equations.declarations import (
    Axes,
    Declared,
    Star,
    check_name,
    declared_bases,
    dimension_names,
    flat,
    is_complex_text,
    read_constants,
    read_declarations,
    read_definitions,
    read_dimensions,
    symbol_names,
)
from gatedsym.equations.names import IDENTITY, LANGUAGE_FUNCTIONS, YIELDING, mend_of_call, nearest, refusal_of
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.resolve import Vocabulary, count_out, future_error, resolve, resolve_reference
from gatedsym.equations.schemes import discretised
from gatedsym.equations.syntax import EquationLine, Node, Reference, Statement, Variable
from gatedsym.equations.unit_entries import is_unit_entry
from gatedsym.ir.domain import Domain
from gatedsym.ir.program import Dimension

Kind = Literal["input", "state", "parameter", "constant", "local", "output"]


@dataclass(frozen=True)
class Symbol:
    """A name of the text and what it stands for; `axes` is None where the equation alone says.

    `domain` are the numbers that an input may be, where the text says it.
    """

    name: str
    kind: Kind
    axes: Axes | None
    span: Span
    domain: Domain | None = None
    is_complex: bool = False


@dataclass(frozen=True)
class Definition:
    """A function defined in the text; its body has variables named like the parameters."""

    name: str
    parameters: tuple[str, ...]
    body: Node
    span: Span


@dataclass(frozen=True)
class ScopedEquation:
    """An equation whose names are settled.

    Attributes
    ----------
    target : Variable
    right : node
    line : EquationLine
        As typed.
    counters : mapping
        Values of the loop indices.
    """

    target: Variable
    right: Node
    line: EquationLine
    counters: Mapping[str, sp.Rational]

    @property
    def key(self) -> str:
        """The Program's name of what the equation computes."""
        return self.target.name + ("'" if self.target.next else "")


@dataclass(frozen=True)
class Meeting:
    """Names that expressions bind in cells of a text, and sizes of these cells that no declaration tells."""

    names: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scope:
    """Everything a text says, name by name.

    Attributes
    ----------
    equations : tuple of ScopedEquation
        In an order in which they can be carried out.
    typed_order : tuple of str
        Keys of the equations in the order of the text.
    constants : mapping of str to sympy.Rational
        Those that only count or delay as well.
    unused : tuple of Unused
        What is declared and never read.
    origins : mapping of str to tuple of str
        For each state of a cell that the text uses, the aliases that lead to that cell, from outside in.
    meeting : Meeting
    """

    source: Source
    symbols: Mapping[str, Symbol]
    definitions: Mapping[str, Definition]
    dimensions: tuple[Dimension, ...]
    constants: Mapping[str, sp.Rational]
    equations: tuple[ScopedEquation, ...]
    typed_order: tuple[str, ...]
    functions: frozenset[str] = field(default=LANGUAGE_FUNCTIONS)
    unused: tuple[Unused, ...] = ()
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    meeting: Meeting = field(default_factory=Meeting)

    def lookup(self, variable: Variable) -> tuple[Symbol, int | None]:
        """Source of a variable: its symbol, and the delay in steps, None for a value of the step itself.

        Raises
        ------
        EquationError
            For an unknown name, and for a time or prime on a name that has none.
        """
        symbol = self.symbols.get(variable.name)
        if symbol is None:
            raise unknown_name(variable, self.symbols, self.functions, self.source)
        if variable.time is not None and variable.time > 0:
            raise future_error(self.source, symbol.name, variable.span)
        if symbol.kind == "state":
            new = variable.next or variable.time == 0
            return symbol, None if new else -(variable.time or -1)
        if variable.next:
            raise self.source.error(
                f"'{symbol.name}' is no state; only states have a next value.", variable.span, f"Write {symbol.name}."
            )
        if symbol.kind == "input":
            return symbol, -(variable.time or 0)
        if variable.time is not None and (variable.time < 0 or symbol.kind in ("parameter", "constant")):
            raise self._no_delay(symbol, variable)
        return symbol, None

    def is_number(self, variable: Variable) -> bool:
        """Whether a name that is no symbol stands for a number: π, the size of a dimension, the identity matrix."""
        if is_unit_entry(variable):
            return True
        plain = variable.time is None and not variable.next and variable.letters is None
        return plain and (variable.name in ("pi", IDENTITY) or any(d.name == variable.name for d in self.dimensions))

    def _no_delay(self, symbol: Symbol, variable: Variable) -> Exception:
        name, shape = symbol.name, "R^n" if symbol.axes is None else shape_text(symbol.axes)
        if symbol.kind in ("parameter", "constant"):
            return self.source.error(
                f"'{name}' is a {symbol.kind}: it is the same at every time.", variable.span, f"Write {name}."
            )
        return self.source.error(
            f"'{name}' is read at an earlier time, but only states and inputs are kept.",
            variable.span,
            f"Declare {name} in {shape} and write {name}' = ….",
        )


def axis_text(axis: tuple[str, ...]) -> str:
    """A sum of sizes as declarations write it: ``n+m``, ``4n``."""
    runs = [(dim, len(list(run))) for dim, run in groupby(axis)]
    return "+".join(
        f"{count}{dim}" if count > 1 and not dim.isdigit() else "+".join([dim] * count) for dim, count in runs
    )


def shape_text(axes: Axes) -> str:
    """A shape as declarations write it."""
    sizes = [axis_text(axis) for axis in axes]
    if not sizes:
        return "R"
    single = len(sizes) == 1 and len(axes[0]) == 1
    return f"R^{sizes[0]}" if single else f"R^({', '.join(sizes)})"


def unknown_name(
    variable: Variable,
    symbols: Mapping[str, Symbol],
    functions: frozenset[str],
    source: Source,
    others: Sequence[str] = (),
) -> Exception:
    """The error for a name that nothing declares or defines; it may be meant for a symbol or for one of the others."""
    name, known = variable.name, [*symbols, *others]
    power = re.match(r" *(?:\*\*|\^) *(?:\{([^{}]*)\}|\(([^()]*)\)|(-?\w+'?))", source.plain[variable.span.end :])
    if name == "e" and power is not None:
        whole = Span(variable.span.start, variable.span.end + power.end())
        exponent = next(group for group in power.groups() if group is not None)
        return source.error(f"'{name}' is neither declared nor defined.", whole, f"Write exp({exponent.strip()}).")
    if name in functions:
        return source.error(f"'{name}' is a function and needs brackets.", variable.span, f"Write {name}(…).")
    close = nearest(name, known) or nearest(name, functions, cutoff=0.7)  # not 'detach' for 'beta'
    halves = ((a, name[len(a) :]) for a in sorted(known, key=len) if name.startswith(a))
    close = next((f"{a} {b}" for a, b in halves if a != b and b in known), close)
    declared = " or ".join(f"{name} in {shape}" for shape in _likely_shapes(variable, symbols, source))
    mend = f"Did you mean {close}?" if close else f"Declare it ({declared}) or define it ({name} = …)."
    if name == "j" and source.plain[: variable.span.start].rstrip()[-1:].isdigit():
        mend = "The imaginary unit is for texts that declare a complex array, z in C^n. " + mend
    unsafe = refusal_of(name, functions)
    if unsafe is not None and not close:
        mend = unsafe[1]
    if not close and _stands_alone(source, variable.span, functions):
        mend = f"If ({name}) is the number of the equation, leave it out. {mend}"
    if source.plain[variable.span.end :].startswith("(") and close not in known:
        mend = mend_of_call(name, "v", functions)
    return source.error(f"'{name}' is neither declared nor defined.", variable.span, mend)


def _stands_alone(source: Source, span: Span, functions: frozenset[str]) -> bool:
    """Whether a span is all that a bracket at the end of a line holds, and the bracket is no function's."""
    typed, before, after = source.plain[span.start : span.end], source.plain[: span.start], source.plain[span.end :]
    head = re.search(r"(\w+) *\( *\Z", before)
    if head is not None and head[1] in functions:
        return False
    inside = before.rstrip().endswith("(") and re.match(r" *\) *(?=\n|;|\Z)", after)
    return bool(inside or (typed.startswith("(") and re.match(r" *(?=\n|;|\Z)", after)))


def _likely_shapes(variable: Variable, symbols: Mapping[str, Symbol], source: Source) -> list[str]:
    """Shapes to suggest: of V in ``V @ h``, ``V h`` and ``V (…)`` a matrix whose columns meet what follows."""
    rows = next((s.axes[0] for s in symbols.values() if s.kind == "state" and s.axes), ("n",))
    behind = re.match(r"(?: *@ *|  *(?=[A-Za-z(])| *· *)([A-Za-z]\w*)?", source.plain[variable.span.end :])
    if behind is None:
        return [shape_text((rows,))]
    factor = symbols.get((behind[1] or "").removesuffix("_t"))
    if factor is not None and factor.axes and len(factor.axes) <= 2:
        return [shape_text((rows, factor.axes[0]))]
    inputs = [s.axes[0] for s in symbols.values() if s.kind == "input" and s.axes]
    return [shape_text((rows, columns)) for columns in dict.fromkeys([rows, *inputs])]


def read_scope(source: Source, statements: tuple[Statement, ...], given: Mapping[str, Any] | None) -> Scope:
    """Tell what every name of a text is.

    Parameters
    ----------
    source : Source
    statements : tuple of Statement
    given : mapping, optional
        Values of constants by name, in place of the text's.

    Raises
    ------
    EquationError
        For everything that keeps the text from defining a cell, shapes left aside.
    """
    statements = discretised(source, statements)
    sizes = read_dimensions(statements, source)
    same_size = {d.name: str(d.size) for d in sizes.values() if d.fixed and d.size is not None and d.size.is_Symbol}
    constants = read_constants(statements, given, set(sizes), source)
    definition_lines = read_definitions(statements, source)
    vocabulary = read_vocabulary(source, statements, frozenset(definition_lines), constants)
    names, stars = read_declarations(statements, vocabulary, same_size)
    definitions = {
        line.name: Definition(
            line.name,
            line.parameters,
            resolve(line.body, replace(vocabulary, names=vocabulary.names | set(line.parameters)), {}),
            line.span,
        )
        for line in definition_lines.values()
    }
    equations = _resolve_equations(statements, vocabulary, set(constants) | set(sizes), names)
    names = _add_star_members(names, stars, equations, definitions, source)
    symbols = _classify(names, equations, definitions, constants, source)
    scope = Scope(
        source,
        symbols,
        definitions,
        _all_dimensions(names, sizes, same_size, source),
        vocabulary.constants,
        tuple(equations),
        tuple(e.key for e in equations),
        vocabulary.functions,
    )
    scope = _with_plain_times(scope)
    unused = tuple(_find_unused(scope, statements, names, stars, constants))
    return replace(scope, equations=_ordered(scope), unused=unused)


def read_vocabulary(
    source: Source,
    statements: tuple[Statement, ...],
    defined_functions: frozenset[str],
    constants: Mapping[str, tuple[sp.Rational, Span | None]],
) -> Vocabulary:
    """Knowledge of the whole text that resolving a name needs."""
    declared = [r for s in flat(statements) if isinstance(s, syntax.Declaration) for r in s.names]
    own = frozenset(symbol_names(statements) | declared_bases(statements) | constants.keys())
    known = own | dimension_names(statements)
    is_complex = is_complex_text(statements)
    of_complex = COMPLEX_FUNCTIONS - known if is_complex else frozenset[str]()
    return Vocabulary(
        source,
        (LANGUAGE_FUNCTIONS - (YIELDING & own)) | defined_functions | of_complex,
        {name: value for name, (value, _) in constants.items()},
        frozenset(f"{reference.name}_{member}" for reference in declared for member in reference.members),
        t_is_time="t" not in symbol_names(statements),
        names=frozenset(symbol_names(statements) | declared_bases(statements)),
        units=frozenset(UNITS) - known if is_complex else frozenset(),
    )


def _resolve_equations(
    statements: tuple[Statement, ...], vocabulary: Vocabulary, without: set[str], names: list[Declared]
) -> list[ScopedEquation]:
    """The equations, counted out and settled; lines that give constants and sizes are none."""
    source = vocabulary.source
    declared = {d.name: d for d in names}
    equations: list[ScopedEquation] = []
    for counted in count_out(statements, vocabulary):
        line = counted.line
        if not isinstance(line.left, Reference) or (line.left.name in without and not line.left.indices):
            continue
        if line.left.members:
            raise source.error(
                "an equation defines one name.", line.left.span, f"Write one line each: {line.left.name}_{{…}} = …."
            )
        target = resolve_reference(line.left, vocabulary, counted.counters)
        target = _resolve_target(target, declared, source)
        check_name(target.name, target.span, source)
        right = resolve(line.right, vocabulary, counted.counters, frozenset(target.letters or ()))
        equations.append(ScopedEquation(target, right, line, counted.counters))
    return equations


def _resolve_target(target: Variable, declared: Mapping[str, Declared], source: Source) -> Variable:
    """The left side: a state's next value, or a local."""
    entry = declared.get(target.name)
    if target.time is not None and target.time > 0:
        raise future_error(source, target.name, target.span)
    if target.time is not None and target.time < 0:
        raise source.error(
            "an equation defines a value at time t, not before.",
            target.span,
            f"Write {target.name}' = …."
            if entry is not None
            else f"If {target.name} is no state but computed in this step, give it a name of its own without a time.",
        )
    if target.next and entry is None:
        raise source.error(
            f"the state '{target.name}' is updated but never declared.",
            target.span,
            f"Declare it: {target.name} in R^n.",
        )
    if target.letters is not None and len(set(target.letters)) != len(target.letters):
        raise source.error("an index is repeated on the left.", target.span, "Use each index once.")
    is_state = target.next or (target.time == 0 and entry is not None and entry.keyword == "")
    return replace(target, time=None, next=is_state)


def _variables(equations: list[ScopedEquation], definitions: Mapping[str, Definition]) -> list[Variable]:
    """Every variable that a right side or a definition reads, in order."""
    nodes = [(e.right, ()) for e in equations] + [(d.body, d.parameters) for d in definitions.values()]
    return [
        node
        for top, bound in nodes
        for node in syntax.walk(top)
        if isinstance(node, Variable) and node.name not in bound
    ]


def _add_star_members(
    names: list[Declared],
    stars: list[Star],
    equations: list[ScopedEquation],
    definitions: Mapping[str, Definition],
    source: Source,
) -> list[Declared]:
    """The declared names with the members of ``W_*`` that the equations use, where the family was declared."""
    taken = {d.name for d in names} | {e.target.name for e in equations}
    suffixes = {e.target.name for e in equations} | {
        e.line.left.name for e in equations if isinstance(e.line.left, Reference)
    }
    members: list[Declared] = []
    for variable in _variables(equations, definitions):
        for star in stars:
            suffix = star.match(variable.name)
            if suffix is None or variable.name in taken:
                continue
            if suffix not in suffixes:
                close = nearest(suffix, suffixes)
                raise source.error(
                    f"'{variable.name}' is no member of {star.base}_*: no equation defines '{suffix}'.",
                    variable.span,
                    f"Did you mean {star.base}_{close}?" if close else f"Declare {variable.name} by its full name.",
                )
            taken.add(variable.name)
            entry = Declared(variable.name, star.axes, star.span, star.group, star.keyword, family=True)
            members.append(replace(entry, is_complex=star.is_complex))
    return sorted([*names, *members], key=lambda d: d.group)


_INPUT_NAME = "x"
STATE_NAMES = ("h", "c")


def _classify(
    names: list[Declared],
    equations: list[ScopedEquation],
    definitions: Mapping[str, Definition],
    constants: Mapping[str, tuple[sp.Rational, Span | None]],
    source: Source,
) -> dict[str, Symbol]:
    """Kind of every declared or defined name."""
    defined = _defined(equations, source)
    reads: dict[str, list[Variable]] = {}
    for variable in _variables(equations, definitions):
        reads.setdefault(variable.name, []).append(variable)
    state_groups = {d.group for d in names if d.name in defined and defined[d.name].target.next}
    symbols: dict[str, Symbol] = {}
    for entry in names:
        kind = _kind(entry, defined.get(entry.name), reads.get(entry.name, []), state_groups, source)
        domain, is_complex = entry.domain, entry.is_complex
        symbols[entry.name] = Symbol(entry.name, kind, entry.axes, entry.span, domain, is_complex)
    for name, (_, span) in constants.items():
        if name in symbols or name in defined:
            place = symbols[name].span if name in symbols else defined[name].target.span
            raise source.error(f"'{name}' is a constant and defined again.", place, "Remove one of the two.")
        check_name(name, span or Span(0, 1), source)
        symbols[name] = Symbol(name, "constant", (), span or Span(0, 1))
    for name, equation in defined.items():
        symbols.setdefault(name, Symbol(name, "local", None, equation.target.span))
    _refuse_names_of_pairs(symbols, source)
    return symbols


def _refuse_names_of_pairs(symbols: Mapping[str, Symbol], source: Source) -> None:
    """A complex z is z_re and z_im to everything that follows: nothing else has those names."""
    for symbol in symbols.values():
        taken = next((part for part in pair_of(symbol.name) if symbol.is_complex and part in symbols), None)
        if taken is not None:
            function = taken.rpartition("_")[2]
            raise source.error(
                f"'{taken}' is the name of a part of the complex {symbol.name}.",
                symbols[taken].span,
                f"Read it as {function}({symbol.name}), or choose another name.",
            )


def _defined(equations: list[ScopedEquation], source: Source) -> dict[str, ScopedEquation]:
    defined: dict[str, ScopedEquation] = {}
    for equation in equations:
        name = equation.target.name
        if name in defined:
            line = source.line(defined[name].line.span)
            raise source.error(
                f"'{equation.key}' is already defined on line {line}.",
                equation.target.span,
                "Remove one of the two definitions, or rename one.",
            )
        defined[name] = equation
    return defined


def _kind(
    entry: Declared, equation: ScopedEquation | None, reads: list[Variable], state_groups: set[int], source: Source
) -> Kind:
    """Kind of a declared name."""
    name = entry.name
    if equation is not None:
        if entry.domain is not None:
            raise source.error(
                f"'{name}' has a domain, which inputs have, and is defined.",
                equation.target.span,
                f"Declare {name} in R^n: what it can be follows from its equation.",
            )
        if entry.keyword == "input":
            raise source.error(f"'{name}' is an input and is defined.", equation.target.span, "Remove one of the two.")
        if entry.keyword == "output":
            if equation.target.next:
                raise source.error(
                    f"'{name}' is a state already.", entry.span, "Remove the word output: states are kept."
                )
            return "output"
        late = next((v for v in reads if (v.time is not None and v.time < 0) or v.next), None)
        if late is not None and not equation.target.next:
            raise source.error(
                f"'{name}' is read as a state but its equation gives it no next value.",
                equation.target.span,
                f"Write {name}' = ….",
            )
        return "state" if equation.target.next else "local"
    if entry.keyword == "output":
        raise source.error(f"the output '{name}' is never defined.", entry.span, f"Write {name} = ….")
    if entry.keyword == "input":
        return "input"
    if entry.family:
        return "parameter"
    if name == _INPUT_NAME and not any(v.next for v in reads):
        return "input"
    only_late = bool(reads) and all(v.time is not None and v.time < 0 for v in reads)
    named_like_a_state = name == STATE_NAMES[0] or (name in STATE_NAMES and entry.group in state_groups)
    if any(v.next for v in reads) or only_late or (named_like_a_state and reads):
        raise source.error(f"the state '{name}' is never updated.", entry.span, f"Write {name}' = ….")
    return "input" if entry.timed or any(v.time is not None for v in reads) else "parameter"


def _all_dimensions(
    names: list[Declared], sizes: Mapping[str, Dimension], same_size: Mapping[str, str], source: Source
) -> tuple[Dimension, ...]:
    """Every dimension, in order of first use; constraints that rename a dimension stay, so that callers know it."""
    used = dict.fromkeys(d for entry in names for axis in entry.axes or () for d in axis if not d.isdigit())
    for dimension in sizes.values():
        if dimension.size is not None:
            used.update(dict.fromkeys(sorted(map(str, dimension.size.free_symbols))))
    undecided = any(entry.axes is None and not entry.keyword for entry in names)  # shapes that are still sought
    for entry in names:
        for name in entry.domain.dimensions if entry.domain is not None else ():
            if undecided:
                used.setdefault(name)
            elif name not in used and name not in sizes:
                raise source.error(
                    f"'{name}' is the size of nothing that this text declares.",
                    entry.span,
                    f"Declare what has this size, such as W in R^(n, {name}), or give {name} a value.",
                )
    ordered = [*used, *(name for name in sizes if name not in used)]
    return tuple(sizes.get(name, Dimension(name)) for name in sorted(ordered, key=lambda d: d not in ("m", "n")))


def _with_plain_times(scope: Scope) -> Scope:
    """Every time said in one way: h for h_{t-1}, c' for c_t, x for x_t."""

    def plain(node: Node, bound: tuple[str, ...]) -> Node:
        def change(inner: Node) -> Node | None:
            if not isinstance(inner, Variable) or inner.name in bound:
                return None
            if inner.name not in scope.symbols and scope.is_number(inner):
                return inner
            symbol, lag = scope.lookup(inner)
            if symbol.kind == "state":
                return replace(inner, next=lag is None, time=None if lag in (None, 1) else -(lag or 0))
            return replace(inner, time=-lag if lag else None)

        return syntax.rewrite(node, change)

    equations = tuple(replace(e, right=plain(e.right, ())) for e in scope.equations)
    definitions = {d.name: replace(d, body=plain(d.body, d.parameters)) for d in scope.definitions.values()}
    return replace(scope, equations=equations, definitions=definitions)


@dataclass(frozen=True)
class Unused:
    """A declaration that nothing reads: an error in a text as typed, and what an edit clears away."""

    name: str
    span: Span
    message: str
    mend: str


def _find_unused(
    scope: Scope,
    statements: tuple[Statement, ...],
    names: list[Declared],
    stars: list[Star],
    constants: Mapping[str, tuple[sp.Rational, Span | None]],
) -> Iterator[Unused]:
    """Everything that is declared and never read."""
    read = {v.name for v in _variables(list(scope.equations), scope.definitions)}
    for entry in names:
        if entry.name not in read and scope.symbols[entry.name].kind in ("parameter", "input"):
            message = f"'{entry.name}' is declared but never used."
            yield Unused(entry.name, entry.span, message, _mend_unused(entry.name, scope))
    for star in stars:
        if not any(star.match(name) is not None for name in read):
            yield Unused(f"{star.base}_*", star.span, f"no member of {star.base}_* is used.", "Remove the declaration.")
    tops = [e.right for e in scope.equations] + [d.body for d in scope.definitions.values()]
    called = {n.function for top in tops for n in syntax.walk(top) if isinstance(n, syntax.Call)}
    for definition in scope.definitions.values():
        if definition.name not in called:
            message = f"'{definition.name}' is defined but never used."
            yield Unused(definition.name, definition.span, message, "Remove it, or call it.")
    yield from _unused_dimensions(statements, read)
    counting = _counting_names(statements) | {d for f in scope.source.domains for d in f.domain.dimensions}
    for name, (_, span) in constants.items():
        if name not in read and name not in counting:
            place = span or Span(0, 1)
            yield Unused(name, place, f"the constant '{name}' is never used.", "Remove it, or use it.")


def _unused_dimensions(statements: tuple[Statement, ...], read: set[str]) -> Iterator[Unused]:
    spaces = [s.space for s in flat(statements) if isinstance(s, syntax.Declaration) and s.space is not None]
    used = {dim for space in spaces for axis in space.axes for dim in axis} | read | {"m", "n"}
    lines = [s for s in flat(statements) if isinstance(s, syntax.DimensionLine)]
    for line in lines:
        used |= {n.name for n in syntax.walk(line.size) if isinstance(n, Reference)}
    for line in lines:
        if line.name.name not in used:
            message = f"the dimension '{line.name.name}' is never used."
            yield Unused(line.name.name, line.name.span, message, "Remove this line.")


def _counting_names(statements: tuple[Statement, ...]) -> set[str]:
    """Names that stand in ranges, delays and indices."""
    found: set[str] = set()
    for statement in flat(statements):
        tops: list[Node] = []
        if isinstance(statement, syntax.Loop):
            tops = [statement.first, statement.last]
        elif isinstance(statement, syntax.Declaration):
            tops = list(statement.names)
        elif isinstance(statement, EquationLine):
            tops = [statement.left, statement.right]
        for top in tops:
            for node in syntax.walk(top):
                if isinstance(node, Reference):
                    inner = [n for group in node.indices for item in group for n in syntax.walk(item)]
                    found |= {n.name for n in inner if isinstance(n, Reference)}
                elif isinstance(statement, syntax.Loop):
                    found |= {n.name for n in syntax.walk(node) if isinstance(n, Reference)}
            if isinstance(statement, syntax.Loop):
                found |= {n.name for n in syntax.walk(top) if isinstance(n, Reference)}
    return found


def _mend_unused(name: str, scope: Scope) -> str:
    """The mend for an unused name: the equation whose suffix it bears may read a sister in its place."""
    base, _, suffix = name.rpartition("_")
    for equation in scope.equations:
        if base and equation.target.name == suffix:
            sisters = [
                n.name
                for n in syntax.walk(equation.right)
                if isinstance(n, Variable) and n.name.rpartition("_")[0] == base
            ]
            if sisters:
                line = scope.source.line(equation.line.span)
                return f"Line {line} reads {sisters[0]} where {name} may be meant."
    return f"Remove '{name}' from the declaration, or use it."


def reads_of(node: Node, scope: Scope) -> list[str]:
    """Keys of the equations whose results an expression reads, definitions followed."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    pending: list[tuple[Node, tuple[str, ...]]] = [(node, ())]
    while pending:
        top, bound = pending.pop()
        for inner in syntax.walk(top):
            if isinstance(inner, syntax.Call) and inner.function in scope.definitions and inner.function not in seen:
                seen.add(inner.function)
                definition = scope.definitions[inner.function]
                pending.append((definition.body, definition.parameters))
            if not isinstance(inner, Variable) or inner.name in bound:
                continue
            if inner.name not in scope.symbols and scope.is_number(inner):
                continue
            symbol, lag = scope.lookup(inner)
            if lag is None and symbol.kind == "state":
                found[f"{symbol.name}'"] = None
            elif symbol.kind in ("local", "output"):
                found[symbol.name] = None
    return list(found)


def _ordered(scope: Scope) -> tuple[ScopedEquation, ...]:
    """Equations after those that they read, in the order of the text where that is free.

    Raises
    ------
    EquationError
        For equations that read each other in a circle.
    """
    position = {equation.key: i for i, equation in enumerate(scope.equations)}
    needs = [{position[key] for key in reads_of(e.right, scope)} for e in scope.equations]
    users: list[list[int]] = [[] for _ in needs]
    for i, needed in enumerate(needs):
        for j in sorted(needed):
            users[j].append(i)
    waiting = [len(needed) for needed in needs]
    ready = [i for i, count in enumerate(waiting) if not count]
    order: list[int] = []
    while ready:
        i = heapq.heappop(ready)
        order.append(i)
        for user in users[i]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)
    if len(order) < len(needs):
        raise _circle(scope, needs, set(order))
    return tuple(scope.equations[i] for i in order)


def _circle(scope: Scope, needs: list[set[int]], done: set[int]) -> Exception:
    """The error that names the equations of a circle."""
    at = min(set(range(len(needs))) - done)
    path: list[int] = []
    while at not in path:
        path.append(at)
        at = min(needs[at] - done)
    circle = path[path.index(at) :]
    names = [scope.equations[i].key for i in [*circle, circle[0]]]
    equation = scope.equations[circle[0]]
    own = scope.symbols[equation.target.name]
    if len(circle) == 1:
        message = f"'{names[0]}' is defined by itself."
    else:
        message = f"these equations need each other: {' → '.join(names)}."
    declared = own.kind == "local" and own.axes is not None
    if declared or own.kind != "state":
        mend = f"If the previous value is meant, make it a state: {own.name}' = …."
    else:
        mend = f"If the previous value is meant, write {own.name} without the prime."
    return scope.source.error(message, equation.line.span, mend)

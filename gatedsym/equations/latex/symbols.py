"""The letters of a text → one plain name for each, and a time for each place where it stands.

What a reader takes as the same symbol has one name; two different ones never share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gatedsym.equations.latex.scripts import (
    Conventions,
    Key,
    Reading,
    bare,
    below,
    glyphs,
    items_of,
    moment_of,
    name_of,
    nodes_of,
    read_scripts,
    symbols,
)
from gatedsym.equations.latex.statements import Statement
from gatedsym.equations.latex.tree import Node, Row, function_of
from gatedsym.equations.names import LANGUAGE_FUNCTIONS, refusal_of
from gatedsym.equations.source import Source

_SAFE = {"lambda": "lam", "input": "input_gate", "output": "output_gate", "in": "in_1"}
RELATIONS = frozenset({"=", "in", "<", "<=", "≤", ">", ">=", "≥", "!=", "≠"})
_SPELLINGS = {"epsilon": ("eps",), "lam": ("lamda",), "Lam": ("Lambda",)}


@dataclass
class Formula:
    """A statement with its tree.

    Attributes
    ----------
    statement : Statement
    row : tuple of Node
    equals : int
        Position of the relation in the row; -1 if there is none.
    indices : frozenset of str
        Letters of the index form.
    dropped : frozenset of str
        Letters of entries that the whole statement speaks of.
    defines : str
        The function that the statement defines, if it does.
    parameters : frozenset of str
    is_constant : bool
        A line of the plain language that gives a number: it declares its name.
    """

    statement: Statement
    row: Row
    equals: int = -1
    indices: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    defines: str = ""
    parameters: frozenset[str] = frozenset()
    is_constant: bool = False

    @property
    def left(self) -> Row:
        return self.row[: self.equals] if self.equals >= 0 else ()

    @property
    def is_equation(self) -> bool:
        return self.statement.kind in ("equation", "other")


def only_symbol(row: Row) -> Node | None:
    """The symbol that a row is, alone but for spaces and the word ``output``."""
    kept = [n for n in row if n.kind != "space" and not (n.kind == "symbol" and n.text in ("output", "input"))]
    return kept[0] if len(kept) == 1 and kept[0].kind == "symbol" else None


@dataclass
class Symbols:
    """All letters of a text and what they are called.

    Attributes
    ----------
    source : Source
        The text after Unicode characters were rewritten.
    formulas : list of Formula
    conventions : Conventions
    is_latex : bool
    functions : frozenset of str
        Names that the text defines as functions.
    ranks : dict
        How many axes a declared name has.
    notes : list of str
        What a reader is to be told.
    """

    source: Source
    formulas: list[Formula]
    conventions: Conventions
    is_latex: bool
    functions: frozenset[str] = frozenset()
    ranks: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    names: dict[Key, str] = field(default_factory=dict)
    times: dict[Key, set[int | None]] = field(default_factory=dict)
    defined: dict[Key, int | None] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    beside: set[Key] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    read_at_once: set[Key] = field(default_factory=set)

    # --- reading ------------------------------------------------------------------------------------------------

    def read(self, node: Node, formula: Formula) -> Reading:
        """A symbol with its scripts told apart, primes that mark a next value not counted."""
        reading = read_scripts(node, self.conventions, formula.indices, formula.dropped)
        if reading.time is not None and reading.key in self.beside:
            reading = replace(reading, key=replace(reading.key, subs=(*reading.key.subs, "now")))
        if reading.twice:
            raise self.source.error(
                f"'{self.source.excerpt(node.span)}' has two times.", node.span, "Write one: h_{t-1}."
            )
        return reading

    def is_function(self, node: Node) -> bool:
        """Whether a letter or word is a function that takes what follows."""
        if node.kind != "symbol" or node.accents:
            return False
        if node.subs or any(glyphs(s) and not _is_power(s) for s in node.sups):
            return self.name_alone(node) in self.functions or bool(variety_of(node))
        if node.text in self.functions:
            return True
        if node.text == "sigma":
            return node.command == "sigma"
        if node.command and not node.upright:
            return False
        return len(node.text) > 1 and bool(function_of(node.text)) and node.text not in self.conventions.names

    def name_alone(self, node: Node) -> str:
        """The plain name of a symbol by its own scripts."""
        reading = read_scripts(node, self.conventions, frozenset(), frozenset())
        return next(iter(_candidates(reading.key)))

    def all_symbols(self) -> Iterator[tuple[Node, Formula]]:
        """Every letter of the equations that is neither a function nor a parameter of a definition."""
        for formula in self.formulas:
            if not formula.is_equation or formula.is_constant:
                continue
            for node in symbols(formula.row):
                if self.is_function(node) or node.text in ("output", "in") or node.text in formula.parameters:
                    continue
                yield node, formula

    # --- the whole text -----------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Name all symbols, and find where each one is read and defined.

        Raises
        ------
        EquationError
            Where two symbols would share a name, or a script can be two things.
        """
        self._settle_numbers()
        self._settle_bare()
        self._settle_beside()
        places: dict[Key, Node] = {}
        faces: dict[Key, dict[bool, Node]] = {}
        moments: dict[tuple[Key, bool], set[int | None]] = {}
        for node, formula in self.all_symbols():
            reading = self.read(node, formula)
            places.setdefault(reading.key, node)
            if not (reading.entry or reading.indices):  # h_j is an entry of the bold h
                faces.setdefault(reading.key, {}).setdefault(node.bold, node)
                moments.setdefault((reading.key, node.bold), set()).add(reading.time)
            self.times.setdefault(reading.key, set()).add(reading.time)
            if only_symbol(formula.left) is not node:
                self.read_at_once.add(reading.key)
        for formula in self.formulas:
            left = only_symbol(formula.left) if formula.statement.kind == "equation" else None
            if left is not None and not formula.defines and not self.is_function(left):
                reading = self.read(left, formula)
                self.defined.setdefault(reading.key, reading.time)
        self._tell_values_of_the_step(places)
        self._settle_primes(places)
        self._refuse_two_faces({k: f for k, f in faces.items() if not self._is_one_in_two_types(k, moments)})
        self._name_all(places)

    def _settle_numbers(self) -> None:
        """Numbers above a letter: powers where the letter also stands without them, else parts of names."""
        plain: set[Key] = set()
        numbered: dict[Key, dict[str, Node]] = {}
        on_left: set[Key] = set()
        for node, formula in self.all_symbols():
            reading = self.read(node, formula)
            if reading.number and not reading.each and reading.power is not None and node.text != "e":
                numbered.setdefault(reading.key, {}).setdefault(reading.number, node)
                if only_symbol(formula.left) is node:
                    on_left.add(reading.key)
            else:
                plain.add(reading.key)
        for key, numbers in numbered.items():
            known = key in plain or any(name in self.conventions.names for name in _candidates(key))
            whole = all(number.isdigit() for number in numbers)
            as_names = whole and all(
                any(n in self.conventions.names for n in _candidates(replace(key, sups=(*key.sups, number))))
                for number in numbers
            )
            if key in on_left or (whole and not known and (as_names or len(numbers) > 1)):
                self.conventions.named_numbers.add(key)
            elif not known and whole:
                number, node = next(iter(numbers.items()))
                typed = self.source.excerpt(node.span)
                base = typed.split("^")[0]
                raise self.source.error(
                    f"is '{typed}' a power, or a symbol of its own?",
                    node.span,
                    f"Write {base}^{{({number})}} for the symbol, or ({base})^{number} for the power.",
                )

    def _settle_bare(self) -> None:
        """Letters that also stand without anything above: what is above them elsewhere is a power, else a name."""
        moment, found = self.conventions.moment, set()
        for node, _ in self.all_symbols():
            items = [item for script in node.sups for item in items_of(glyphs(script))]
            if all(moment_of(item, moment) is not None for item in items):
                found.add(below(node))
        self.conventions.bare = frozenset(found)

    def _settle_beside(self) -> None:
        """Letters that stand for two things, with a time and without: ``a_t = a^{c r_t}``, ``a = \\sigma(\\Lambda)``.

        The equation of the one with a time reads the one without, which has an equation of its own or another type.
        """
        lefts = [(f, left) for f in self.formulas if f.is_equation and (left := only_symbol(f.left)) is not None]
        still = {r.key for f, left in lefts if (r := self.read(left, f)).time is None}
        moved = {r.key for node, f in self.all_symbols() if (r := self.read(node, f)).time not in (None, 0)}
        found: dict[Key, tuple[Node, Node]] = {}
        for formula, left in lefts:
            own = self.read(left, formula)
            if own.time is None or own.key in moved:
                continue
            for node in symbols(formula.row[formula.equals + 1 :]):
                other = self.read(node, formula)
                if other.key == own.key and other.time is None and (own.key in still or node.bold != left.bold):
                    found.setdefault(own.key, (left, node))
        self.beside = set(found)
        for key, (left, node) in found.items():
            typed, line = self.source.excerpt(node.span), self.source.line(node.span)
            name = next(iter(_candidates(replace(key, subs=(*key.subs, "now")))))
            self.notes.append(
                f"{typed} (line {line}) has no time, {self.source.excerpt(left.span)} is computed from it: "
                f"they are two symbols, and the one with a time is called {name}."
            )

    def _settle_primes(self, places: dict[Key, Node]) -> None:
        """Whether i' is a name or the next value of i, by what the text does with the two."""
        self.marked: set[Key] = set()
        for key in places:
            if not key.primes:
                continue
            without = replace(key, primes=0)
            timed = any(time is not None for time in self.times[key])
            own = timed or key.primes > 1 or (without in self.defined and key in self.defined)
            if own or (self.is_latex and self._has_no_next(without, places)):
                self.marked.add(key)

    def _has_no_next(self, key: Key, places: dict[Key, Node]) -> bool:
        """Whether a symbol is none whose next value a prime could mark: it stands nowhere, or comes in at each step."""
        if key not in places:
            return replace(key, primes=1) not in self.defined
        return key not in self.defined and self.times.get(key, set()) == {0}

    def _is_one_in_two_types(self, key: Key, moments: dict[tuple[Key, bool], set[int | None]]) -> bool:
        """Whether one type is the new value alone and the other one only read earlier: a slip, no second symbol."""
        bold, light = moments.get((key, True), set()), moments.get((key, False), set())
        if not (bold and light) or None in bold | light or key not in self.defined:
            return False
        new = self.defined[key] or 0
        return any(one == {new} and max(t or 0 for t in other) < new for one, other in ((bold, light), (light, bold)))

    def _refuse_two_faces(self, faces: dict[Key, dict[bool, Node]]) -> None:
        for shapes in faces.values():
            if len(shapes) > 1:
                later = max(shapes.values(), key=lambda n: n.start)
                first = min(shapes.values(), key=lambda n: n.start)
                raise self.source.error(
                    f"'{self.source.excerpt(later.span)}' stands here, "
                    f"'{self.source.excerpt(first.span)}' on line {self.source.line(first.span)}: "
                    "one symbol to one reader, two to another.",
                    later.span,
                    "Write it in one type everywhere, or give one of the two another name.",
                )

    def _name_all(self, places: dict[Key, Node]) -> None:
        """One plain name for each symbol, the declared one where it has several."""
        owners: dict[str, Key] = {}
        canonical = {next(iter(_candidates(self.unprimed(key)))) for key in places}
        for key, node in sorted(places.items(), key=lambda item: item[1].start):
            named = self.unprimed(key)
            options = list(dict.fromkeys(_candidates(named)))
            declared = [o for o in options if o in self.conventions.names]
            others = [o for o in declared if o == options[0] or o not in canonical]
            name = others[0] if others else options[0]
            name = safe_name(name)
            if owners.get(name, named) != named:  # W^h_{mh} beside W^m_{hh}, of which W_mhh may be either
                name = safe_name(options[0])
            owner = owners.setdefault(name, named)
            if owner != named:
                other = next(n for k, n in places.items() if self.unprimed(k) == owner)
                raise self.source.error(
                    f"'{self.source.excerpt(node.span)}' and '{self.source.excerpt(other.span)}' "
                    f"(line {self.source.line(other.span)}) would share the name {name}.",
                    node.span,
                    "If they are one symbol, write it in one way; else give one of them another letter.",
                )
            self.names[key] = name

    def unprimed(self, key: Key) -> Key:
        """The key without the prime that only marks a next value."""
        return key if not key.primes or key in self.marked else replace(key, primes=0)

    def has_name(self, name: str) -> bool:
        """Whether the text declares, defines or reads a symbol of this plain name."""
        return name in self.conventions.names or name in self.names.values()

    def is_free(self, key: Key) -> bool:
        """Whether the text neither declares nor defines a symbol, and it stands without accents and other scripts."""
        return key == Key(key.base) and key not in self.defined and key.base not in self.conventions.names

    def is_dated_gate(self, key: Key) -> bool:
        """Whether a sentence gives the shape of a value that equations only read when it has been computed: no state.

        ``where f_t \\in \\mathbb{R}^n`` says nothing of a previous f.
        """
        return self.names.get(key, "") in self.told and not self.is_state(key) and key in self.read_at_once

    # --- times --------------------------------------------------------------------------------------------------

    def shift(self, key: Key) -> int:
        """Steps by which the text counts a symbol ahead: h_{t+1} = f(h_t) is h_t = f(h_{t-1})."""
        if key in self.defined:
            if self._is_of_the_step(key):
                return self.defined[key] or 0
            return max(0, self.defined[key] or 0)
        return max([0, *(time for time in self.times.get(key, set()) if time is not None)])

    def _tell_values_of_the_step(self, places: dict[Key, Node]) -> None:
        """Say which values have an earlier time wherever they stand."""
        for key in self.defined:
            if self._is_of_the_step(key) and key in places:
                typed, line = self.source.excerpt(places[key].span), self.source.line(places[key].span)
                self.notes.append(
                    f"{typed} (line {line}) stands at this time alone: it is read as a value of the step, "
                    "computed from the previous ones."
                )

    def _is_of_the_step(self, key: Key) -> bool:
        """Whether a value is defined and read at one earlier time alone: ``\\hat{h}_{t-1} = \\gamma_t h_{t-1}``."""
        time = self.defined[key]
        return time is not None and time < 0 and self.times.get(key, set()) == {time}

    def is_state(self, key: Key) -> bool:
        """Whether a symbol that an equation defines is also read at an earlier time."""
        shift = self.shift(key)
        return key in self.defined and any(time is not None and time < shift for time in self.times.get(key, set()))

    def time_of(self, reading: Reading, node: Node, formula: Formula) -> int | None:
        """The time at which a symbol is taken, a step being that from t-1 to t.

        Raises
        ------
        EquationError
            For a state without a time among others with one: old or new?
        """
        key = reading.key
        if reading.time is not None:
            return reading.time - self.shift(key)
        timed = any(time is not None for time in self.times.get(key, set()))
        if not timed or not self.is_latex or formula.defines:
            return None
        typed, name = self.source.excerpt(node.span), self.names.get(key, "")
        if self.is_state(key) and only_symbol(formula.left) is not node:
            raise self.source.error(
                f"'{typed}' has a time elsewhere and none here: is the previous value meant, or the new one?",
                node.span,
                f"Write {typed}_{{t-1}} for the previous one, or {typed}_t for the new one.",
            )
        line = self.source.line(node.span)
        note = f"{typed} (line {line}) has no time, elsewhere it has one: it is read as {name}_t."
        if note not in self.notes:
            self.notes.append(note)
        return 0


def variety_of(node: Node) -> str:
    """The function of the language that a word and its subscript are: hard sigmoid with 0.2."""
    base, kind = function_of(node.text), "".join(c.replace(".", "") for s in node.subs for c in glyphs(s))
    name = f"{base}_{kind}"
    return name if base and kind and name in LANGUAGE_FUNCTIONS else ""


def _is_power(script: Row) -> bool:
    inner, _ = bare(glyphs(script))
    return bool(inner) and all(c.replace(".", "").isdigit() or c in "-/" for c in inner)


def _candidates(key: Key) -> Iterator[str]:
    """Plain names that a symbol may have been declared by; the first is its own."""
    marks = [*key.accents, *["prime"] * key.primes]
    bases = [key.base, *_SPELLINGS.get(key.base, ())]
    for base in bases:
        yield "_".join([base, *marks, *key.subs, *key.sups])
    yield "_".join([key.base, *marks, *key.sups, *key.subs])
    yield "_".join([key.base, *key.subs, *key.sups, *marks])
    yield "_".join([key.base, *key.sups, *key.subs, *marks])
    for scripts in ((*key.subs, *key.sups), (*key.sups, *key.subs)):
        if scripts:
            yield "_".join([key.base, *marks, "".join(scripts)])
            yield "_".join([key.base + "".join(scripts), *marks])
            yield "_".join([key.base, *marks, "_".join("".join(s.split("_to_")) for s in scripts)])


def safe_name(name: str) -> str:
    """A name that a person may give; that which the language needs itself is changed in a fixed way."""
    if refusal_of(name) is None:
        return name
    if name in _SAFE:
        return _SAFE[name]
    if name.startswith(("d_", "dot_")):
        return name.replace("_", "", 1)
    return name


def suffixes(node: Node, conventions: Conventions) -> tuple[str, ...]:
    """Suffixes of a declared family ``W_{f,i,o}``; none where its script is part of one name."""
    if not node.subs or node.sups:
        return ()
    items = items_of(glyphs(node.subs[-1]))
    if any(moment_of(item, conventions.moment) is not None for item in items) or len(items) < 2:
        return ()
    return tuple(name_of(bare(item)[0]) for item in items)


def bound_letters(row: Row) -> frozenset[str]:
    """Letters that the sums of a formula run over."""
    found: set[str] = set()
    for node in nodes_of(row):
        if node.kind != "big" and not (node.kind == "symbol" and node.text in ("max", "min")):
            continue
        for script in node.subs:
            letters = glyphs(script)
            stop = next((n for n, c in enumerate(letters) if c in RELATIONS), len(letters))
            found |= {c for c in letters[:stop] if len(c) == 1 and c.isalpha()}
    return frozenset(found)


def index_letters(formula: Formula, everywhere: frozenset[str]) -> frozenset[str]:
    """Letters that are indices in a formula: bound by a sum, or beside such a letter below one symbol.

    Parameters
    ----------
    formula : Formula
    everywhere : frozenset of str
        Indices of other formulas; here they are indices if the left side has them.
    """
    bound = bound_letters(formula.row)
    found = set(bound)
    for node in symbols(formula.row):
        for script in (*node.subs, *node.sups):
            letters = [c for c in glyphs(script) if c != ","]
            if set(letters) & bound and all(len(c) == 1 and c.isalpha() for c in letters):
                found |= set(letters)
    left = only_symbol(formula.left)
    if left is not None:
        for script in left.subs:
            found |= {item[0] for item in items_of(glyphs(script)) if len(item) == 1 and item[0] in everywhere}
    return frozenset(found)


def entry_letters(formulas: list[Formula], moment: str) -> frozenset[str]:
    """Letters that stand as an index at a bracket: ``[W x]_j``, ``\\sigma(W x)^j``."""
    found: set[str] = set()
    for formula in formulas:
        left = only_symbol(formula.left)
        if left is None:
            continue
        own = {c for script in (*left.subs, *left.sups) for c in glyphs(script)}
        for node in nodes_of(formula.row):
            if node.kind != "fence":
                continue
            for script in (*node.subs, *node.sups):
                inner, _ = bare(glyphs(script))
                if len(inner) == 1 and len(inner[0]) == 1 and inner[0] in own and inner[0] not in (moment, "T"):
                    found.add(inner[0])
    return frozenset(found)

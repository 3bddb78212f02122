"""A text without declarations, or with some → the declarations that it decides, and what it leaves open.

What stays open is a comment of the text, ``# open: W_c is R^n (a diagonal) or R^(n,n)``, which no cell is made of until
a person has decided: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from gatedsym.equations import syntax
from gatedsym.equations.constraints import Contraction
from gatedsym.equations.declarations import dimension_names, flat
from gatedsym.equations.infer import Inference, atoms_of
from gatedsym.equations.names import OPTIONS, refusal_of
from gatedsym.equations.scope import axis_text
from gatedsym.equations.source import Source, Span
from gatedsym.equations.syntax import Declaration, DimensionLine, EquationLine, Loop, Reference, Statement
from gatedsym.equations.undeclared import Undeclared, applied, find_undeclared, with_size_lines
from gatedsym.equations.unify import Shape, blocks_of

_OPEN = re.compile(r"^[^\S\n]*(?:#|%)[^\S\n]*(?P<said>open: *(?P<names>\S.*?) is (?P<choices>\S.*))$", re.MULTILINE)
_IN_WORDS = re.compile(r"an? \w+ \((?P<typed>.*?)\)(?= or |$)")
_SIZE_NAME = re.compile(r"[dnmkNDK](_[A-Za-z]+)?")
_TIME = re.compile(r"_t\b|[{(\[] *t\b")
_A_SIZE = ("the size of an axis", "declared as in R^{name}")
_WIDTH = 100
_SPARE = ("p", "q", "r", "d", "k", "l", "s", "u", "v", "w")


@dataclass(frozen=True)
class Open:
    """Names whose shape the text does not decide.

    Attributes
    ----------
    names : str
        As a declaration lists them: ``W_{ci,cf,co}``.
    choices : tuple of (str, str)
        What may be declared, ``"R^n"``, and what it would mean.

    Examples
    --------
    >>> import gatedsym as gs
    >>> [one.names for one in gs.declare("h_t = f_t * h_{t-1} + a * x_t;  f_t = σ(W h_{t-1})").open]
    ['a', 'x']
    """

    names: str
    choices: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        """The mark that stands in the proposal."""
        told = [f"{shape} ({meaning})" if meaning else shape for shape, meaning in self.choices]
        return f"open: {self.names} is {' or '.join(told)}"


@dataclass(frozen=True)
class Proposal:
    """Declarations that a text of equations decides.

    Attributes
    ----------
    declarations : tuple of str
        Lines of the language.
    open : tuple of Open
        What the text leaves undecided.
    equations : str
        The text as it was given.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.declare("h_t = tanh(W x_t + U h_{t-1} + b)").declarations
    ('x in R^m;  h in R^n', 'W in R^(n,m);  U in R^(n,n);  b in R^n')
    """

    declarations: tuple[str, ...]
    open: tuple[Open, ...]
    equations: str

    @property
    def text(self) -> str:
        """Declarations above the equations, which are unchanged: a cell's text, where nothing is open."""
        marks = [f"# {entry.sentence}" for entry in self.open]
        above = "\n".join([*self.declarations, *marks])
        return f"{above}\n\n{self.equations}" if above else self.equations

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        said = "nothing is open" if not self.open else "open: " + ", ".join(entry.names for entry in self.open)
        lines = [*self.declarations, *(f"# {entry.sentence}" for entry in self.open)]
        return f"Proposal ({said})\n" + "\n".join(f"  {line}" for line in lines)

    def _repr_html_(self) -> str:
        marks = [f'<span style="color:#b00">{escape(f"# {entry.sentence}")}</span>' for entry in self.open]
        lines = [*map(escape, self.declarations), *marks, "", escape(self.equations)]
        return "<pre>" + "\n".join(lines) + "</pre>"


def propose(source: Source, statements: tuple[Statement, ...], constants: Mapping[str, Any] | None = None) -> Proposal:
    """Propose declarations for what a parsed text leaves undeclared.

    Raises
    ------
    EquationError
        For equations that no declarations make a cell.
    """
    statements = with_size_lines(statements)
    undeclared = find_undeclared(source, statements, constants)
    symbols = undeclared.scope.symbols
    weights = frozenset(name for name in undeclared.sought if symbols[name].kind == "parameter")
    shapes = Inference(undeclared.scope, weights, _families_of_steps(weights, statements)).run()
    _name_sizes(shapes, undeclared, statements)
    writer = _Writer(shapes, undeclared, statements)
    return Proposal(tuple(writer.lines()), tuple(writer.open()), without_marks(source.typed))


def refuse_open_marks(source: Source) -> None:
    """Refuse a text in which a mark of a proposal still stands.

    Raises
    ------
    EquationError
        With the sentence of the mark.
    """
    mark = _OPEN.search(source.typed)
    if mark is None:
        return
    line = source.typed.count("\n", 0, mark.start()) + 1
    column = mark.start("said") - source.typed.rfind("\n", 0, mark.start("said"))
    in_words = _IN_WORDS.match(mark["choices"])
    first = re.split(r" \(| or ", mark["choices"])[0]
    typed = in_words["typed"] if in_words is not None else f"{mark['names']} in {first}"
    raise source.error_at(
        f"{mark['said'].strip()}.",
        (line, column, len(mark["said"].rstrip())),
        f"Write what is meant in place of this line, such as {typed}.",
    )


def without_marks(text: str) -> str:
    """A text without the marks of an earlier proposal."""
    return re.sub(_OPEN.pattern + r"\n?", "", text, flags=re.MULTILINE)


# --- sizes ------------------------------------------------------------------------------------------------------------


def _name_sizes(shapes: Inference, undeclared: Undeclared, statements: tuple[Statement, ...]) -> None:
    """Give every size that the text does not name a name: n of the first state, m of the first input, others."""
    scope = undeclared.scope
    taken = {axis.size for shape in shapes.shapes.values() for axis in atoms_of(shape)} | dimension_names(statements)
    of_kind: dict[str, list[Shape]] = {"state": [], "output": [], "input": [], "parameter": [], "local": []}
    for name in _by_rank_of_name(undeclared):
        of_kind.setdefault(scope.symbols[name].kind, []).append(shapes.shapes[name])
    leading = [*of_kind["state"], *(of_kind["output"] if not of_kind["state"] else ())]
    for wanted, candidates in (("n", leading), ("m", of_kind["input"])):
        first = next((shape for shape in candidates if shape.rank), None)
        axis = atoms_of(first)[0] if first is not None else None
        if axis is not None and not axis.size and wanted not in taken:
            axis.size = wanted
            taken.add(wanted)
    spare = [size for size in _SPARE if not refusal_of(size)] + [f"d_{i}" for i in range(1, 100)]
    spare = [size for size in spare if size not in scope.symbols and size not in OPTIONS and not size.startswith("d_")]
    spare += [f"size_{i}" for i in range(1, 1000)]
    for name in _by_rank_of_name(undeclared):
        for axis in atoms_of(shapes.shapes[name]):
            if not axis.size:
                axis.size = next(size for size in spare if size not in taken)
                taken.add(axis.size)


def _by_rank_of_name(undeclared: Undeclared) -> list[str]:
    """Names in the order in which sizes are named after them: x, h, then as they appear."""
    known = [*undeclared.sought, *undeclared.outputs, *undeclared.scope.symbols]
    return sorted(dict.fromkeys(known), key=lambda name: name not in ("x", "h"))


# --- declarations -----------------------------------------------------------------------------------------------------


def _steps(statements: tuple[Statement, ...]) -> dict[str, str]:
    """Names that stand before an index in brackets, as typed, with the name of the last step of loops if it has one."""
    ends = [s.last.name for s in flat(statements) if isinstance(s, Loop) and isinstance(s.last, Reference)]
    nodes = [top for s in flat(statements) if isinstance(s, EquationLine) for top in (s.left, s.right)]
    found = {}
    for top in nodes:
        for node in syntax.walk(top):
            if isinstance(node, Reference) and len(node.indices) == 1 and len(node.indices[0]) == 1:
                found[node.name] = ends[0] if ends else ""
    return found


def _families_of_steps(names: Iterable[str], statements: tuple[Statement, ...]) -> tuple[tuple[str, ...], ...]:
    """Names that are the micro-steps of one."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        stem, _, step = name.rpartition("_")
        if step.isdigit() and stem in _steps(statements):
            found.setdefault(stem, []).append(name)
    return tuple(tuple(steps) for steps in found.values())


@dataclass
class _Writer:
    """The lines of a proposal."""

    shapes: Inference
    undeclared: Undeclared
    statements: tuple[Statement, ...]

    @cached_property
    def steps(self) -> Mapping[str, str]:
        """Names that stand before an index, with the name of the last step."""
        return _steps(self.statements)

    @property
    def _same(self) -> dict[str, str]:
        """Sizes that a line of the text makes those of m: ``m = n``."""
        lines = [s for s in self.statements if isinstance(s, DimensionLine) and s.name.name == "m"]
        return {s.size.name: "m" for s in lines if isinstance(s.size, Reference)}

    def lines(self) -> list[str]:
        """Declarations: inputs and states, parameters by their shapes, outputs."""
        scope, sought = self.undeclared.scope, self.undeclared.sought
        shown = [name for name in sought if self.shapes.shapes[name].known is not None]
        inputs = [name for name in shown if scope.symbols[name].kind == "input"]
        entries = [
            f"{'' if name == 'x' else 'input '}{name} in {_told(self.shapes.shapes[name], self._same)}"
            for name in _x_first(inputs)
        ]
        states = [name for name in shown if scope.symbols[name].kind == "state"]
        lines = _fill([*entries, *self._by_shape(_x_first(states))])
        lines += _fill(self._by_shape([name for name in shown if scope.symbols[name].kind == "parameter"]))
        if self.undeclared.outputs:
            lines.append(f"output {', '.join(self.undeclared.outputs)}")
        return lines

    def _by_shape(self, names: list[str]) -> list[str]:
        """One declaration for each shape."""
        shapes: dict[str, list[str]] = {}
        for name in names:
            shapes.setdefault(self._shape(name), []).append(name)
        return [f"{', '.join(self._families(members))} in {shape}" for shape, members in shapes.items()]

    def _shape(self, name: str) -> str:
        return _told(self.shapes.shapes[name])

    def _families(self, names: list[str]) -> list[str]:
        """Names as declarations list them: members of a family in braces, micro-steps as a range."""
        stems: dict[tuple[str, str], list[str]] = {}
        for stem, steps in self._ranges(names).items():
            base, _, suffix = stem.partition("_")
            stems.setdefault((base if suffix else stem, steps), []).append(suffix)
        found = []
        for (base, steps), suffixes in stems.items():
            listed = [suffix for suffix in suffixes if suffix]
            found += [base + steps] * (len(listed) < len(suffixes))
            if listed:
                members = "{" + ",".join(listed) + "}" if len(listed) > 1 else listed[0]
                found.append(f"{base}_{members}{steps}")
        return found

    def _ranges(self, names: list[str]) -> dict[str, str]:
        """Stems of names with the range of their micro-steps, "" where they have none."""
        found: dict[str, list[int]] = {}
        for name in names:
            stem, _, step = name.rpartition("_")
            if stem in self.steps and step.isdigit():
                found.setdefault(stem, []).append(int(step))
            else:
                found.setdefault(name, [])
        return {stem: self._range(stem, sorted(steps)) for stem, steps in found.items()}

    def _range(self, stem: str, steps: list[int]) -> str:
        if not steps:
            return ""
        last = self.steps[stem]
        value = self.undeclared.scope.constants.get(last)
        end = last if value is not None and value == steps[-1] else str(steps[-1])
        return f"[{steps[0]}..{end}]" if len(steps) > 1 or end == last else f"[{steps[0]}]"

    def open(self) -> list[Open]:
        """Names that the text does not decide, those with the same choices together."""
        found: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for name in self.undeclared.sought:
            if self.shapes.shapes[name].known is None:
                found.setdefault(self._choices(name), []).append(name)
        return [
            Open(
                ", ".join(self._families(names)),
                tuple((choice, told.format(name=names[0])) for choice, told in choices),
            )
            for choices, names in found.items()
        ]

    @cached_property
    def _applied(self) -> frozenset[str]:
        return applied(self.statements)

    def _choices(self, name: str) -> tuple[tuple[str, str], ...]:
        """Readings of a name: where it stands before brackets alone, a function first."""
        others = self._shapes_of(name)
        return (("a function", "{name}(v) = tanh(v)"), *others) if name in self._applied else others

    def _shapes_of(self, name: str) -> tuple[tuple[str, str], ...]:
        kind, reason = self.undeclared.scope.symbols[name].kind, self.shapes.vague.get(name, "")
        met = self.shapes.met_by(name)
        if reason:
            return self._products(name, reason)
        told = _told(met) if met is not None and met.rank else "R^n"
        if kind != "parameter":
            return (told, ""), ("R", "a number")
        choices: tuple[tuple[str, str], ...] = (
            (told, "one number for each entry"),
            ("R", "one number, trained"),
            ("a constant", "{name} = 0.5"),
        )
        if not _TIME.search(self.undeclared.scope.source.plain):  # else an input would bear its time
            choices = (*choices, ("an input", f"input {{name}} in {told}"))
        return (*choices, _A_SIZE) if _SIZE_NAME.fullmatch(name) else choices

    def _products(self, name: str, reason: str) -> tuple[tuple[str, str], ...]:
        """Readings of a product of a weight with what stands beside it."""
        products = [c for c in self.shapes.constraints if isinstance(c, Contraction) and c.left.name == name]
        product = products[0]
        right = _told(product.right.shape) if product.right.shape.rank == 1 else "R^n"
        rows = _told(product.result) if product.result.rank == 1 else right
        square = f"R^({rows.removeprefix('R^')},{right.removeprefix('R^')})"
        if reason == "peephole":
            return (right, "a diagonal" if product.sign else "a diagonal, written {name} * …"), (square, "")
        entries = ((right, "each entry by itself"),) if product.sign == "·" else ()
        return (square, "a matrix"), *entries, ("R", "one number, trained"), ("a constant", "{name} = 0.5")


def _told(shape: Shape, renamed: Mapping[str, str] | None = None) -> str:
    """A shape as declarations write it."""
    names = [[block.size or "n" for block in blocks_of(axis)] for axis in shape.known or ()]
    sizes = [axis_text(tuple((renamed or {}).get(name, name) for name in axis)) for axis in names]
    if not sizes:
        return "R"
    return f"R^{sizes[0]}" if len(sizes) == 1 and len(names[0]) == 1 else f"R^({','.join(sizes)})"


def _x_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: name not in ("x", "h"))


def _fill(entries: Iterable[str]) -> list[str]:
    """Declarations, several on a line as long as they fit."""
    lines: list[str] = []
    for entry in entries:
        if lines and len(lines[-1]) + len(entry) + 3 <= _WIDTH:
            lines[-1] += f";  {entry}"
        else:
            lines.append(entry)
    return lines


def undeclared_text(source: Source, proposal: Proposal) -> Exception:
    """The refusal of a text that declares nothing, with what may be written above it."""
    shown = [*proposal.declarations, *(f"# {entry.sentence}" for entry in proposal.open)]
    lines = "\n".join(f"    {line}" for line in shown)
    return source.error(
        "this text declares no symbol, so the shapes of what it reads are unknown.",
        Span(len(source.plain) - len(source.plain.lstrip()), len(source.plain) - len(source.plain.lstrip()) + 1),
        f"gs.declare(text), or `gatedsym new NAME --from FILE`, proposes to write above it:\n{lines}\n"
        "Check that this is meant.",
    )


def declares(statements: tuple[Statement, ...]) -> bool:
    """Whether a text declares anything."""
    return any(isinstance(s, Declaration) or (isinstance(s, EquationLine) and s.output) for s in flat(statements))

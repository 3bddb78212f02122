"""An ablation as an edit of the text: right sides replaced, declarations that nobody needs any more cleared away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gatedsym.equations.declarations import declared_bases, flat
from gatedsym.equations.inner_cells import read_whole
from gatedsym.equations.names import nearest
from gatedsym.equations.notation import Source, read_notation
from gatedsym.equations.parse import parse_equations, parse_expression
from gatedsym.equations.syntax import Declaration, DimensionLine, EquationLine, Part, Reference, Statement
from gatedsym.equations.uses import used, with_aliases
from gatedsym.errors import EquationError

_FAMILY = re.compile(r"(.+?)_[{(][^})]*[})](.*)", re.DOTALL)
_GONE = "\0"
_MAX_ROUNDS = 20


def constants_left(source: str, constants: Mapping[str, Any], edits: Iterable[str] = ()) -> dict[str, Any]:
    """Those of a cell's constants that an edited text still leaves open or gives: however spelled, ``lam`` or ``λ``.

    Parameters
    ----------
    source : str
        The equations after the edits.
    constants : mapping
        From names to values.
    edits : iterable of str
        Names with a new right side; their values of before are of no use any more.

    Returns
    -------
    dict
    """
    text = read_notation(source).plain
    gone = {read_notation(name).plain for name in edits}
    plain = {name: read_notation(name).plain for name in constants}
    return {
        name: value
        for name, value in constants.items()
        if plain[name] not in gone and re.search(rf"\b{re.escape(plain[name])}\b", text)
    }


@dataclass(frozen=True)
class _Replacement:
    """Characters of the typed text from `start` up to `end`, and what stands there instead."""

    start: int
    end: int
    text: str


def edit_equations(
    source: str, edits: Mapping[str, str], name: str = "cell", *, constants: Mapping[str, Any] | None = None
) -> str:
    """Replace the right sides of equations and drop the declarations that become unused.

    Parameters
    ----------
    source : str
        The equations of a cell.
    edits : mapping of str to str
        For each name that an equation defines (``f``, ``c'``, also a constant) its new right side.
    name : str
        What the edited cell is called: errors say it.
    constants : mapping, optional
        Counts that the text leaves open, as for `read_equations`.

    Returns
    -------
    str
        The text with nothing changed but what the edits say: layout and comments stay.

    Raises
    ------
    EquationError
        For a name that no equation defines, a right side that is no expression, and a text that is no cell after it.

    Examples
    --------
    >>> edit_equations(text, {"f": "1 - i"})  # W_f, U_f and b_f go from their families
    """
    parsed, statements = parse_equations(source)
    lines = _equations_by_name(statements, parsed)
    replacements = []
    for target, right in edits.items():
        key = target.replace(" ", "").replace("′", "'")
        if key not in lines:
            close = nearest(key, lines)
            mend = f"Did you mean {close}?" if close else f"It defines {', '.join(sorted(lines))}."
            raise EquationError(f"{name}: no equation defines '{target}'.", source, mend=mend)
        expression, tree = parse_expression(with_aliases(right, used(source)))
        place = parsed.typed_range(lines[key].right.span)
        if isinstance(lines[key].right, Part):
            replacements += _taken_out(lines[key], place[1], expression.excerpt(tree.span), parsed)
        else:
            replacements.append(_keeping_column(source, *place, expression.excerpt(tree.span)))
    text = _replace(source, replacements)
    for _ in range(_MAX_ROUNDS):
        shorter = _without_unused(text, constants)
        if shorter == text:
            break
        text = shorter
    return text


def _taken_out(line: EquationLine, end: int, text: str, parsed: Source) -> list[_Replacement]:
    """A name taken out of a line that hands out parts: its part gets another, an equation of its own follows."""
    typed = parsed.excerpt(line.left.span)
    span = line.left.span
    left_over = re.sub(r"\W+", "_", parsed.plain[span.start : span.end]).strip("_") + "_unused"
    while re.search(rf"\b{left_over}\b", parsed.plain):
        left_over += "_1"
    start, stop = parsed.typed_range(line.left.span)
    return [_Replacement(start, stop, left_over), _Replacement(end, end, f"; {typed} = {text}")]


def _keeping_column(source: str, start: int, end: int, text: str) -> _Replacement:
    """The replacement of an expression, with the comment behind it in its old column where that has room."""
    gap = len(source) - end - len(source[end:].lstrip(" "))
    if gap < 2 or not source[end + gap :].startswith("#"):  # one space is no column
        return _Replacement(start, end, text)
    return _Replacement(start, end + gap, text + " " * max(2, end + gap - start - len(text)))


def _equations_by_name(statements: tuple[Statement, ...], source: Source) -> dict[str, EquationLine]:
    """Equations under the names by which an edit may call them."""
    declared = declared_bases(statements)
    outputs = {
        r.name for s in flat(statements) if isinstance(s, Declaration) and s.keyword == "output" for r in s.names
    }
    found: dict[str, EquationLine] = {}
    for statement in flat(statements):
        if not isinstance(statement, EquationLine) or not isinstance(statement.left, Reference):
            continue
        left = statement.left
        timed = left.time == 0 or left.name.endswith("_t")
        base = left.name.removesuffix("_t")
        is_state = left.primes == 1 or (timed and base in declared and base not in outputs)
        found.setdefault("".join(source.excerpt(left.span).split()), statement)
        if not left.indices or not _counts(left):
            found.setdefault(base + ("'" if is_state else ""), statement)
    return found


def _counts(left: Reference) -> bool:
    """Whether the brackets after a name hold a micro-step rather than indices."""
    return any(not isinstance(item, Reference) for group in left.indices for item in group)


def _replace(text: str, replacements: list[_Replacement]) -> str:
    """The text with stretches replaced, the last one first so that offsets stay true.

    Two statements of a line that both go may both claim the separator between them.
    """
    taken = len(text)
    for replacement in sorted(replacements, key=lambda r: r.start, reverse=True):
        text = text[: replacement.start] + replacement.text + text[min(replacement.end, taken) :]
        taken = replacement.start
    return text


def _without_unused(text: str, constants: Mapping[str, Any] | None) -> str:
    """The text without the declarations that nothing reads."""
    source, statements = parse_equations(text)
    # A constant of the caller may be among what the edit made unnecessary.
    given = {
        name: value for name, value in (constants or {}).items() if re.search(rf"\b{re.escape(name)}\b", source.plain)
    }
    scope = read_whole(source, statements, given)
    unused = {entry.name for entry in scope.unused}
    stay = set(scope.symbols) - unused
    replacements = []
    for statement in flat(statements):
        replacement = _shorten(statement, unused, stay, source)
        if replacement is not None:
            replacements.append(replacement)
    marked = [replace(r, text=_GONE) if not r.text and text[r.end - 1] != "\n" else r for r in replacements]
    lines = _replace(text, marked).split("\n")
    return "\n".join(_tidied(line) for line in lines if line.strip(_GONE + " \t;") or _GONE not in line)


def _tidied(line: str) -> str:
    """A line from which a statement went, without the separator that has nothing behind it."""
    return line.replace(_GONE, "").rstrip(" \t;") if _GONE in line else line


def _shorten(statement: Statement, unused: set[str], stay: set[str], source: Source) -> _Replacement | None:
    """Statement without the names that go; None if it stays."""
    start, end = source.typed_range(statement.span)
    if isinstance(statement, Declaration):
        kept = [text for reference in statement.names if (text := _kept(reference, unused, stay, source))]
        before = [source.excerpt(reference.span) for reference in statement.names]
        if kept == before:
            return None
        if kept:
            first = source.typed_range(statement.names[0].span)[0]
            last = source.typed_range(statement.names[-1].span)[1]
            return _Replacement(first, last, ", ".join(kept))
        return _removal(source.typed, start, _past_domain(source, end))
    if isinstance(statement, DimensionLine) and statement.name.name in unused:
        return _removal(source.typed, start, end)
    if isinstance(statement, EquationLine):
        left = statement.left
        name = left.name if isinstance(left, Reference) else left.head.name
        # Only lines that give constants and definitions can be unused under the name on their left.
        if name in unused:
            return _removal(source.typed, start, end)
    return None


def _past_domain(source: Source, end: int) -> int:
    """The end of a declaration as typed: a domain, ``in {0,1}``, stands behind what the grammar saw of it."""
    if not source.domains:
        return end
    rest = source.typed[end:].partition("\n")[0].partition("#")[0].partition(";")[0]
    return end + len(rest.rstrip())


def _kept(reference: Reference, unused: set[str], stay: set[str], source: Source) -> str:
    """A declared name without the members and micro-steps that go; empty if all of it goes."""
    typed = source.excerpt(reference.span)
    if reference.members == ("*",):
        return "" if f"{reference.name}_*" in unused else typed
    bases = {member: f"{reference.name}_{member}" for member in reference.members} or {"": reference.name}
    left = {member: _steps_left(base, bool(reference.indices), unused, stay) for member, base in bases.items()}
    whole = [member for member, steps in left.items() if steps is None]
    if len(whole) == len(bases):
        return typed
    match = _FAMILY.fullmatch(typed)
    head, rest = (match[1], match[2]) if match else (reference.name, "")
    kept = []
    if whole:
        kept.append(f"{head}_{whole[0]}{rest}" if len(whole) == 1 else f"{head}_{{{','.join(whole)}}}{rest}")
    kept += [f"{bases[member]}[{step}]" for member, steps in left.items() for step in steps or ()]
    return ", ".join(kept)


def _steps_left(base: str, stepped: bool, unused: set[str], stay: set[str]) -> list[str] | None:
    """None if a declared name stays as it is; else the micro-steps, or runs of them, that are left of it."""
    if not stepped:
        return [] if base in unused or (base.endswith("_t") and base[:-2] in unused) else None
    pattern = re.compile(rf"{re.escape(base)}_(\d+)")
    if not any(pattern.fullmatch(name) for name in unused):
        return None
    runs: list[list[int]] = []
    for step in sorted(int(match[1]) for name in stay if (match := pattern.fullmatch(name))):
        if runs and step == runs[-1][-1] + 1:
            runs[-1].append(step)
        else:
            runs.append([step])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}..{run[-1]}" for run in runs]


def _removal(text: str, start: int, end: int) -> _Replacement:
    """Take a statement away with the separator, or with its whole line where it stands alone."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    before, after = text[line_start:start], text[end:line_end]
    code_after = after.split("#", 1)[0]
    if ";" in code_after:
        tail = code_after.index(";") + 1
        while tail < len(code_after) and code_after[tail].isspace():
            tail += 1
        return _Replacement(start, end + tail, "")
    if not before.strip() and not code_after.strip():
        return _Replacement(line_start, min(line_end + 1, len(text)), "")
    cut = before.rstrip()
    if cut.endswith(";"):
        return _Replacement(line_start + len(cut[:-1].rstrip()), end, "")
    return _Replacement(start, end, "")

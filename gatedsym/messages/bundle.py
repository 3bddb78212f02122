"""A file of messages → patterns that print, each with the variables that it needs.

Fluent takes texts of at most 2,500 characters as variables, and knows no formulas. So a pattern prints a mark for each
variable but counts, and what was given stands where the mark was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle
from fluent.runtime.types import FluentType, fluent_number
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

_FIRST = 0xF0000  # private use: no text has such a character
_MARK = re.compile(r"[\U000F0000-\U000FFFFD]")


class _Printed(FluentType):
    """Any object: it is printed, and chooses nothing."""

    mark: str

    def format(self, locale: Any) -> str:
        return self.mark


class _Word(_Printed, str):  # type: ignore[misc]  # str.format is another method; Fluent calls this one
    """A text, which may choose between variants."""


@dataclass(frozen=True)
class Message:
    """One message of a file, as far as it is known without being printed.

    Attributes
    ----------
    name : str
    variables : frozenset of str
        All that it prints or chooses by, through messages that it refers to as well.
    choosing : frozenset of str
        Those of them that choose between variants: texts or counts.
    comment : str
        Where it stands, in words for a translator.
    """

    name: str
    variables: frozenset[str]
    choosing: frozenset[str]
    comment: str


@dataclass(frozen=True)
class Bundle:
    """The messages of one file.

    Attributes
    ----------
    path : Path
    messages : mapping of str to Message
    """

    path: Path
    messages: Mapping[str, Message]
    _fluent: FluentBundle

    def woven(self, name: str, variables: Mapping[str, object]) -> Iterator[str | tuple[object]]:
        """Words of a message, and each variable among them as a tuple of one.

        Raises
        ------
        RuntimeError
            If Fluent cannot print it; whoever calls has checked the variables.
        """
        marks = {chr(_FIRST + n): value for n, value in enumerate(variables.values())}
        given = {key: _marked(variables[key], mark) for mark, key in zip(marks, variables, strict=True)}
        pattern = self._fluent.get_message(name).value
        assert pattern is not None, "files with messages that have no text are refused"
        printed, errors = self._fluent.format_pattern(pattern, given)
        if errors:
            raise RuntimeError(f"{self.path.name}: {name} cannot be printed ({errors[0]}): mend the message.")
        text, rest = str(printed), 0
        for found in _MARK.finditer(text):
            if words := text[rest : found.start()]:
                yield words
            yield (marks[found[0]],)
            rest = found.end()
        if words := text[rest:]:
            yield words


def _marked(value: object, mark: str) -> FluentType:
    if isinstance(value, Integral):
        return fluent_number(int(value), useGrouping=False)
    marked = _Word(value) if isinstance(value, str) else _Printed()
    marked.mark = mark
    return marked


def read_bundle(path: Path, language: str) -> Bundle:
    """Read a file of messages.

    Parameters
    ----------
    path : Path
    language : str
        Whose plurals the variants follow.

    Raises
    ------
    ValueError
        If the file is not what Fluent reads, names a message twice, or has what is not printed here.
    """
    text = path.read_text(encoding="utf-8")
    resource = FluentParser().parse(text)
    entries: dict[str, ast.Message | ast.Term] = {}
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            assert entry.span is not None
            _refuse(path, text, entry.span.start, f"is not Fluent ({entry.annotations[0].message})", "mend it")
        if isinstance(entry, ast.Message | ast.Term):
            _check_entry(path, text, entry, entries)
            entries[_name(entry)] = entry
            _Unwrapping().visit(entry)
    fluent = FluentBundle([language], use_isolating=False)
    fluent.add_resource(resource)
    messages = {name: _describe(path, name, entries) for name in entries if not name.startswith("-")}
    return Bundle(path, messages, fluent)


def _name(entry: ast.Message | ast.Term) -> str:
    return f"-{entry.id.name}" if isinstance(entry, ast.Term) else str(entry.id.name)


def _check_entry(path: Path, text: str, entry: ast.Message | ast.Term, known: Mapping[str, object]) -> None:
    assert entry.span is not None
    name, start = _name(entry), entry.span.start
    if name in known:
        _refuse(path, text, start, f"names {name} again", "give one of the two another name")
    if entry.value is None or entry.attributes:
        _refuse(path, text, start, f"gives {name} attributes", "make each of them a message")
    if _found(entry, ast.FunctionReference):
        _refuse(path, text, start, f"calls a function in {name}", "format the number where the message is said")


def _refuse(path: Path, text: str, place: int, what: str, mend: str) -> None:
    line = text.count("\n", 0, place) + 1
    raise ValueError(f"{path.name}, the entry at line {line}, {what}: {mend}.")


class _Unwrapping(Visitor):
    """Lines of a text that follow each other become one; an empty line stays."""

    def visit_TextElement(self, node: ast.TextElement) -> None:  # noqa: N802 (the visitor's name)
        node.value = re.sub(r"(?<!\n)\n(?!\n)", " ", node.value)


class _Finding(Visitor):
    """Nodes of one kind, in the order of the text."""

    def __init__(self, kind: type[ast.BaseNode]) -> None:
        self.kind = kind
        self.found: list[Any] = []

    def generic_visit(self, node: ast.BaseNode) -> None:
        if isinstance(node, self.kind):
            self.found.append(node)
        if not isinstance(node, ast.Span | ast.BaseComment | ast.Identifier):  # nothing stands in them
            super().generic_visit(node)


def _found(node: ast.BaseNode, kind: type[ast.BaseNode]) -> list[Any]:
    finding = _Finding(kind)
    finding.visit(node)
    return finding.found


def _describe(path: Path, name: str, entries: Mapping[str, ast.Message | ast.Term]) -> Message:
    """The variables of a message: its own, and those of all that it refers to."""
    variables, choosing = set[str](), set[str]()
    waiting, seen = [name], set[str]()
    while waiting:
        at = waiting.pop()
        if at in seen:
            raise ValueError(f"{path.name}: {name} leads to {at} twice: say it once, or in words of its own.")
        seen.add(at)
        entry = entries[at]
        variables.update(v.id.name for v in _found(entry, ast.VariableReference))
        for select in _found(entry, ast.SelectExpression):
            choosing.update(v.id.name for v in _found(select.selector, ast.VariableReference))
        references = [ref.id.name for ref in _found(entry, ast.MessageReference)]
        references += [f"-{ref.id.name}" for ref in _found(entry, ast.TermReference)]
        for lost in [ref for ref in references if ref not in entries]:
            raise ValueError(f"{path.name}: {name} refers to {lost}, which is not there: name an entry of the file.")
        waiting += references
    comment = entries[name].comment
    return Message(name, frozenset(variables), frozenset(choosing), comment.content or "" if comment else "")


__all__ = ["Bundle", "Message", "read_bundle"]

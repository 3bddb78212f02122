"""The words of the house: docstrings name something or say what is done."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gatedsym

PACKAGE = Path(gatedsym.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
CLAUSE = re.compile(r"(What|Which|How|Where|Why|Who|When|That|Because)\b")


def docstrings(path: Path) -> list[tuple[int, str]]:
    """Line and first line of each docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [(getattr(n, "lineno", 1), ast.get_docstring(n)) for n in ast.walk(tree) if isinstance(n, kinds)]
    return [(line, text.split("\n")[0]) for line, text in found if text]


def test_a_docstring_opens_with_a_noun_or_a_verb() -> None:
    """A predicate's may say "Whether", as Python's own do."""
    clauses = [
        f"{p.relative_to(PACKAGE)}:{n}: {text}" for p in MODULES for n, text in docstrings(p) if CLAUSE.match(text)
    ]
    assert clauses == []

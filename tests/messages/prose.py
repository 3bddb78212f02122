"""Sentences that stand in code and templates, and not in a file of messages."""

import ast
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

WORDS = re.compile(r"(?<![\w\\{<&.=-])[^\W\d_]{2,}(?:,? +(?:[^\W\d_]{2,}|a|I))(?:,? +[^\W\d_]{2,})(?![\w(=])")
"""Three words, one after the other: no command of LaTeX, no call, no name of an attribute."""
NOT_PRINTED = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>|<[^>]*>", re.S)

FOR_MISTAKES = ("warn", "faults_of_gatedsym", "read_bytes", "require_many")
"""Calls that are given the words of an error, beside those of errors and of `gatedsym.expect`."""


def sentence_of(text):
    """The words by which a text reads as a sentence; "" if it does not."""
    found = WORDS.search(text)
    return found[0] if found else ""


def is_docstring(node):
    """A text that stands by itself, as docstrings do."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_for_a_mistake(node):
    """What is raised or warned of: errors are told by those who find them, where they find them."""
    if isinstance(node, ast.Raise | ast.Assert):
        return True
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name in FOR_MISTAKES or name.startswith("expect_") or name.endswith("Error") or name.endswith("Warning")
    return False


def is_repr(node):
    """Python's own word for an object, for who writes programs."""
    return isinstance(node, ast.FunctionDef) and node.name == "__repr__"


def texts_of(node):
    """(line, text) of each literal below a node that may be printed."""
    for child in ast.iter_child_nodes(node):
        if (
            is_docstring(child)
            or is_for_a_mistake(child)
            or is_repr(child)
            or (isinstance(child, ast.keyword) and child.arg in ("help", "show_default"))
        ):
            continue
        if isinstance(child, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in child.values)
            yield child.lineno, "".join(parts)
            for part in child.values:
                yield from texts_of(part)
        elif isinstance(child, ast.Constant):
            if isinstance(child.value, str):
                yield child.lineno, child.value
        else:
            yield from texts_of(child)


def prose_in_module(source):
    """(line, words) of each literal of a module that reads as a sentence."""
    found = ((line, sentence_of(text)) for line, text in texts_of(ast.parse(source)))
    return [(line, words) for line, words in found if words]


def prose_in_template(source):
    """(line, words) of each run of text in a template that reads as a sentence, tags left out."""
    tree = Environment().parse(NOT_PRINTED.sub(lambda m: "\n" * m[0].count("\n"), source))
    texts = [(data.lineno, data.data) for data in tree.find_all(nodes.TemplateData)]
    texts += [(const.lineno, const.value) for const in tree.find_all(nodes.Const) if isinstance(const.value, str)]
    found = ((line, sentence_of(re.sub(r"\s+", " ", text))) for line, text in texts)
    return sorted((line, words) for line, words in found if words)


@cache
def prose_in(path: Path):
    read = prose_in_module if path.suffix == ".py" else prose_in_template
    return read(path.read_text("utf-8"))

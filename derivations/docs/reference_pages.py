"""A Sphinx extension: docstrings of public names → a reference of what a person types, with links between names."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.domains.python import PyObject

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

REFERENCE = Path(__file__).parent / "reference"
_COLON = "\ue000 "
"""In place of a colon, for a moment: a character that no text has."""
_NAME = re.compile(r"[A-Z]\w*|\w+(\.\w+)+")
"""A word in backticks that may be a name of ours without the rooms before it: ``Run``, ``Cell.forward``."""


def between_rooms() -> set[str]:
    """Methods and attributes by which rooms serve each other, ``Cell.kernels``."""
    held = tomllib.loads((REFERENCE / "between_rooms.toml").read_text("utf-8"))
    return {f"{dotted.rpartition('.')[2]}.{name}" for dotted, names in held.items() for name in names}


def calls_give() -> set[str]:
    """Classes whose objects calls give back, by their dotted names."""
    return set(re.findall(r"^\.\. autoclass:: (\S+)$", (REFERENCE / "objects.md").read_text("utf-8"), re.M))


def leave_out(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what no person types."""
    function = (
        thing.fget if isinstance(thing, property) else thing.func if isinstance(thing, cached_property) else thing
    )
    return True if getattr(function, "__qualname__", "") in between_rooms() else None


def made_by_calls(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str, None] | None:
    """Leave out how a class is made that calls give back: its docstring tells no parameters."""
    given = name in calls_give() or name == "gatedsym.torch.Watcher"
    return ("", None) if given and "Parameters\n" not in (thing.__doc__ or "") else None


def whole_first_line(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Keep the colon of a property's docstring: napoleon takes what stands before one for a type."""
    if what in ("property", "attribute", "data"):
        lines[:] = [line.replace(": ", _COLON) for line in lines]


def colons_back(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Put the colons back that `whole_first_line` has taken out."""
    lines[:] = [line.replace(_COLON, ": ") for line in lines]


def link_short_name(app: Sphinx, env: Any, node: Any, shown: nodes.TextElement) -> nodes.Element | None:
    """The link of a name in backticks without the rooms before it; None where it is no name of the reference."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not _NAME.fullmatch(target):
        return None
    python = env.domains["py"]
    longer = sorted(
        (name for name in python.objects if name.endswith(f".{target}")), key=lambda name: (len(name), name)
    )
    if not longer:
        return None
    found: nodes.Element | None = python.resolve_xref(env, node["refdoc"], app.builder, "obj", longer[0], node, shown)
    return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Enter what is here into Sphinx."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
    app.connect("autodoc-skip-member", leave_out)
    app.connect("autodoc-process-signature", made_by_calls)
    app.connect("autodoc-process-docstring", whole_first_line, priority=100)
    app.connect("autodoc-process-docstring", colons_back, priority=900)
    app.connect("missing-reference", link_short_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

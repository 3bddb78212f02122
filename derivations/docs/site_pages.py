"""A Sphinx extension: README, changelog and the like as pages of the site, and the help of every command as a page."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ELSEWHERE = {
    "readme": ROOT / "README.md",
    "changelog": ROOT / "CHANGELOG.md",
    "contributing": ROOT / ".github" / "CONTRIBUTING.md",
}
"""Pages whose text stands where GitHub and package indexes look for it."""


FRAMEWORKS = ("torch", "jax")


def page_of(docname: str) -> str:
    """The text of one of these pages, its links made those of the site."""
    path = ELSEWHERE[docname]
    names = {other.resolve(): f"{name}.md" for name, other in ELSEWHERE.items()}

    def link(match: re.Match[str]) -> str:
        target, _, anchor = match[1].partition("#")
        there = (path.parent / target).resolve()
        if not there.exists():
            return match[0]  # no link: words in brackets before words in parentheses
        return f"]({names.get(there) or _from_here(there)}{'#' + anchor if anchor else ''})"

    return re.sub(r"\]\(((?!https?:)[^)\s]+)\)", link, path.read_text("utf-8"))


def _from_here(path: Path) -> str:
    return Path(os.path.relpath(path, HERE)).as_posix()


def unlisted(index: str) -> list[str]:
    """Pages that the table of contents does not name, by their paths without suffix."""
    listed = set(re.findall(r"^([\w/-]+)$", "\n".join(re.findall(r"```{toctree}\n(.*?)```", index, re.S)), re.M))
    found = {
        p.relative_to(HERE).with_suffix("").as_posix() for kind in ("md", "ipynb") for p in HERE.rglob(f"*.{kind}")
    }
    return sorted(found - listed - {"index"})


def fill_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the text of a page that stands elsewhere in place of its stub; name pages that no table names."""
    if docname == "index" and (further := unlisted(source[0])):
        source[0] += "\n```{toctree}\n:caption: Further pages\n:maxdepth: 1\n\n" + "\n".join(further) + "\n```\n"
    if docname in ELSEWHERE:
        source[0] = page_of(docname)
        app.env.note_dependency(str(ELSEWHERE[docname]))
    framework = next((name for name in FRAMEWORKS if docname == f"reference/{name}"), "")
    if framework and find_spec(framework) is None:
        source[0] = f"# gatedsym.{framework}\n\nThis site was built without {framework}, so this page is empty.\n"


class Commands(SphinxDirective):
    """The help of every command: a section with its arguments and options for each."""

    def run(self) -> list[nodes.Node]:
        """Make the sections."""
        from typer.main import get_command

        from gatedsym.cli import app

        return [self._section(name, command) for name, command in sorted(get_command(app).commands.items())]

    def _section(self, name: str, command: Any) -> nodes.Node:
        section = nodes.section(ids=[f"gatedsym-{name}"])
        section += nodes.title(text=f"gatedsym {name}")
        taken = [_argument(p) for p in command.params if p.param_type_name == "argument"]
        usage = " ".join(["gatedsym", name, *taken, "[options]"])
        section += nodes.literal_block(usage, usage, language="none")
        for paragraph in (command.help or "").split("\n\n"):
            section += nodes.paragraph(text=" ".join(paragraph.split()))
        listed = nodes.definition_list()
        for parameter in command.params:
            listed += _described(parameter)
        section += listed
        return section


def _argument(parameter: Any) -> str:
    word = parameter.metavar or parameter.name.upper() + ("…" if parameter.nargs == -1 else "")
    return word if parameter.required or word.startswith("[") else f"[{word}]"


def _described(parameter: Any) -> nodes.Node:
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    item = nodes.definition_list_item()
    shown = names if parameter.param_type_name == "option" else _argument(parameter)
    item += nodes.term("", "", nodes.literal(text=shown))
    told, words = nodes.definition(), " ".join((getattr(parameter, "help", "") or "").split())
    default = parameter.default if isinstance(parameter.default, str | int | float) else None
    if default not in (None, "", False) and "default" not in words:
        words += f" By default {default}."
    told += nodes.paragraph(text=words)
    item += told
    return item


def setup(app: Sphinx) -> dict[str, bool]:
    """Enter what is here into Sphinx."""
    app.connect("source-read", fill_page)
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

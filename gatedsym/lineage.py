"""The family tree: which cell is an edit of which, and which cells are one under a substitution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatedsym import library
from gatedsym.catalogue import FAMILIES
from gatedsym.claims import Equivalence
from gatedsym.library import Derivation
from gatedsym.listing import by_family

if TYPE_CHECKING:
    from rich.tree import Tree

_LONGEST_EDIT = 60


@dataclass(frozen=True)
class Member:
    """A cell in the family tree.

    Attributes
    ----------
    name, family, title : str
    year : int
    edit : str
        What was changed in the cell above, ``f = 1 - i``; the names alone where that is long.
    equals : tuple of str
        Other cells of the library that it is one with under a substitution, those above and below it left out.
    children : tuple of Member
        Edits of it, by year and name.
    """

    name: str
    family: str
    title: str
    year: int
    edit: str
    equals: tuple[str, ...]
    children: tuple[Member, ...]

    def walk(self) -> Iterator[Member]:
        """Itself and all below it, the cell before its edits."""
        yield self
        for child in self.children:
            yield from child.walk()


def family_tree() -> dict[str, tuple[Member, ...]]:
    """For each family the cells that are no edits of others, by year, with all that descends from them."""
    derivations = by_family(library.derivation(name) for name in library.names())
    below: dict[str, list[Derivation]] = {}
    for d in derivations:
        if d.variant is not None:
            below.setdefault(d.variant.of, []).append(d)
    relatives = _equivalences(derivations)

    def member(d: Derivation) -> Member:
        children = sorted(below.get(d.name, ()), key=lambda c: (c.year, c.name))
        near = {c.name for c in children} | {d.variant.of if d.variant is not None else ""}
        equals = tuple(name for name in relatives.get(d.name, ()) if name not in near)
        return Member(d.name, d.family, d.title, d.year, _edit(d), equals, tuple(map(member, children)))

    roots = {family: tuple(member(d) for d in derivations if d.family == family and d.variant is None)
             for family in FAMILIES}  # fmt: skip
    return {family: members for family, members in roots.items() if members}


def _equivalences(derivations: list[Derivation]) -> dict[str, list[str]]:
    """For each cell the others that it claims to be one with, in the order of its claims."""
    found: dict[str, list[str]] = {}
    for d in derivations:
        for claim in d.claims:
            if isinstance(claim, Equivalence) and claim.other_name not in ("", d.name):
                others = found.setdefault(d.name, [])
                if claim.other_name not in others:
                    others.append(claim.other_name)
    return found


def _edit(d: Derivation) -> str:
    if d.variant is None:
        return ""
    full = "; ".join(f"{name} = {right}" for name, right in d.variant.edits.items())
    if full and len(full) <= _LONGEST_EDIT:
        return full
    return f"edits {', '.join(d.variant.edits)}" if full else "the same equations"


def printed_tree() -> Tree:
    """The family tree for a terminal."""
    from rich.text import Text
    from rich.tree import Tree

    def label(member: Member) -> Text:
        text = Text(member.name, style="bold")
        text.append(f"  {member.year}", style="dim")
        text.append(f"  {member.edit}" if member.edit else f"  {member.title}", style="" if member.edit else "dim")
        text.append(f"  = {', '.join(member.equals)}" if member.equals else "", style="green")
        return text

    def add(tree: Tree, member: Member) -> None:
        branch = tree.add(label(member))
        for child in member.children:
            add(branch, child)

    trunk = Tree(
        "cells: each below the one that it is an edit of; = where two are one under a substitution", guide_style="dim"
    )
    for family, members in family_tree().items():
        branch = trunk.add(Text(f"{family} ({sum(1 for m in members for _ in m.walk())})", style="bold underline"))
        for member in members:
            add(branch, member)
    return trunk

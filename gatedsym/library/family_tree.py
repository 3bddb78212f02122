"""The family tree: which cell is an edit of which, which are one under a substitution, and which are special cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatedsym.library import load as library
from gatedsym.library.claims import Equivalence
from gatedsym.library.listing import by_family, read_layouts
from gatedsym.library.load import Derivation
from gatedsym.library.records import FAMILIES

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
    relations : mapping of str to tuple of str
        Cells that share a special case with it, by how: ``contains``, ``special case of``, ``meets``.
    """

    name: str
    family: str
    title: str
    year: int
    edit: str
    equals: tuple[str, ...]
    children: tuple[Member, ...]
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
        others = {how: tuple(n for n in names if n not in near) for how, names in relatives.get(d.name, {}).items()}
        equals = others.pop(EQUAL, ())
        special = {how: names for how, names in others.items() if names}
        return Member(d.name, d.family, d.title, d.year, _edit(d), equals, tuple(map(member, children)), special)

    roots = {family: tuple(member(d) for d in derivations if d.family == family and d.variant is None)
             for family in FAMILIES}  # fmt: skip
    return {family: members for family, members in roots.items() if members}


EQUAL, CONTAINS, PART, MEETS = "=", "contains", "special case of", "meets"


def _equivalences(derivations: list[Derivation]) -> dict[str, dict[str, list[str]]]:
    """For each cell the others that its claims relate it to, by how, in the order of its claims."""
    found: dict[str, dict[str, list[str]]] = {}
    for d in derivations:
        seen: dict[str, str] = {}
        for claim in d.claims:
            if isinstance(claim, Equivalence) and claim.other_name not in ("", d.name):
                how = relation(d.name, claim)
                if how == EQUAL or claim.other_name not in seen:
                    seen[claim.other_name] = how
        for other, how in seen.items():
            found.setdefault(d.name, {}).setdefault(how, []).append(other)
    return found


def relation(name: str, claim: Equivalence) -> str:
    """Relation of two cells by an equivalence of the library: that they are one, or that special cases of them are.

    They are one where nothing is edited on either side and every parameter of each is free: then the substitution has
    an inverse.
    """
    own, others = _parameters(name), _parameters(claim.other_name)
    declared = re.findall(r"[^\W\d]\w*(?=[\w ,]* in )", claim.declarations)
    # A parameter that the claim leaves out is the other's, or the declared one, of the same name.
    said = {key: claim.parameters.get(key, key) for key in own}
    matched = _matching({key: _free_names(value, [*others, *declared]) for key, value in said.items()})
    this = bool(claim.where) or bool(claim.dimensions) or len(matched) < len(own)
    that = bool(claim.other_where) or bool(claim.other_parameters) or not set(others) <= set(matched)
    return {(False, False): EQUAL, (True, False): CONTAINS, (False, True): PART}.get((this, that), MEETS)


def _parameters(name: str) -> list[str]:
    return [layout.name for layout in read_layouts(name).parameters]


def _free_names(value: str, others: list[str]) -> list[str]:
    """The other's parameters whose every value an expression can take on: none under a zero or on a diagonal."""
    rest = re.sub(r"\b0 *\* *\w+|diag\([^)]*\)", "", value)
    return [name for name in re.findall(r"[^\W\d]\w*", rest) if name in others]


def _matching(choices: Mapping[str, list[str]]) -> dict[str, str]:
    """As many keys as possible, each with a choice of its own: augmenting paths."""
    taken: dict[str, str] = {}

    def place(key: str, tried: set[str]) -> bool:
        for choice in choices[key]:
            if choice not in tried:
                tried.add(choice)
                if choice not in taken or place(taken[choice], tried):
                    taken[choice] = key
                    return True
        return False

    for key in choices:
        place(key, set())
    return taken


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
        for how, others in member.relations.items():
            text.append(f"  {how} {', '.join(others)}", style="green")
        return text

    def add(tree: Tree, member: Member) -> None:
        branch = tree.add(label(member))
        for child in member.children:
            add(branch, child)

    trunk = Tree(
        "cells: each below the one that it is an edit of; = where two are one under a substitution;\n"
        "one contains another, or is a special case of it, where that holds with parameters fixed or lines\n"
        "replaced; two meet where a special case of one is a special case of the other",
        guide_style="dim",
    )
    for family, members in family_tree().items():
        branch = trunk.add(Text(f"{family} ({sum(1 for m in members for _ in m.walk())})", style="bold underline"))
        for member in members:
            add(branch, member)
    return trunk

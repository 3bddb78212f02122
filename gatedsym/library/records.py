"""Records of a derivation file beside equations and claims: descent, initialisation, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gatedsym.library.rules import Rule

FAMILIES = ("ungated", "lstm", "gru", "feed-forward", "physical", "linear")
"""The chapters of the catalogue, in their order."""


@dataclass(frozen=True)
class Variant:
    """A cell written as an edit of another.

    Attributes
    ----------
    of : str
        The other cell, a name of the library.
    edits : mapping of str to str
        For each name that the other's equations define its new right side; declarations that become unused go.
    lines : str
        Declarations and equations in front of the other's text.
    """

    of: str
    edits: Mapping[str, str] = field(default_factory=dict)
    lines: str = ""


@dataclass(frozen=True)
class Initialisation:
    """The initialisation that a paper prescribes.

    Attributes
    ----------
    rules : mapping of str to Rule
        By a pattern of parameter names (``W_*``); the first that matches holds.
    otherwise : str
        The scheme of `gatedsym.execution.initialisation` for parameters that no rule names.
    source : str
        Who prescribes it, and where; or that the paper prescribes none.
    fixed : tuple of str
        Patterns of parameters that the paper computes and does not train: they follow their rule in every scheme.
    """

    rules: Mapping[str, Rule]
    source: str
    otherwise: str = "uniform"
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Place where the equations were found.

    Attributes
    ----------
    text : str
        Paper with equation numbers, or repository with the file.
    kind : {"paper", "code", "documentation"}
    read : bool
        Whether the text itself was before whoever wrote the file; else it is known by others' account.
    """

    text: str
    kind: Literal["paper", "code", "documentation"]
    read: bool = True


@dataclass(frozen=True)
class Comparison:
    """Values and gradients held once against another implementation.

    Attributes
    ----------
    implementation : str
        With its version.
    agrees : bool
    text : str
        What was compared, and the largest difference; or where they part.
    """

    implementation: str
    agrees: bool
    text: str


@dataclass(frozen=True)
class Contradiction:
    """A project that says one thing and does another, or a paper that its own code does not follow.

    Attributes
    ----------
    project : str
        With its version where it has one.
    says, does : str
    place : str
        Where it can be read.
    """

    project: str
    says: str
    does: str
    place: str

"""What a derivation file claims of its cell, in the equation language; `gatedsym prove` proves or refutes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Claim:
    """A block of the step's Jacobian equals an expression.

    Attributes
    ----------
    text : str
        The claim in words.
    of, wrt : str
        What is differentiated (``c'``), and by which source (``c``).
    equals : str
        An expression in the cell's names, with ``diag(v)`` and ``eye(n)``; ``0`` for a block that vanishes.
    holding : tuple of str or "direct"
        Computed names that are held constant: paths through them are cut. ``direct`` holds every name that the
        equations define other than `of`, so that only the path without a stop between remains.
    where : mapping of str to str
        Computed names replaced by expressions before anything is differentiated: ``{"f": "1"}``.
    """

    text: str
    of: str
    wrt: str
    equals: str
    holding: tuple[str, ...] | Literal["direct"] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Identity:
    """Two expressions are equal.

    Attributes
    ----------
    text : str
    left, right : str
        In the equation language.
    declarations : str
        Of the names in them, ``a in R^n``.
    """

    text: str
    left: str
    right: str
    declarations: str


@dataclass(frozen=True)
class Equivalence:
    """The cell equals another under a substitution of parameters.

    Attributes
    ----------
    text : str
    other : str
        The other cell: its equations, or a name that the caller's `resolve` knows.
    parameters, states : mapping of str to str
        What this cell's parameters and states are, in names of the other; those left out are equal to the other's of
        the same name. A next state corresponds as the state does.
    """

    text: str
    other: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


Declaration = Claim | Identity | Equivalence

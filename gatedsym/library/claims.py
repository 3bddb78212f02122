"""Claims of a derivation file about its cell, in the equation language; `gatedsym prove` proves or refutes it."""

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
        What is differentiated (``c'``), and by what: a state, an input, a parameter (``c``), or a computed name, which
        then counts as free (``i``: paths through its own definition are not followed).
    equals : str
        An expression in the cell's names, with ``diag(v)`` and ``eye(n)``; ``0`` for a block that vanishes.
    holding : tuple of str or "direct"
        Computed names that are held constant: paths through them are cut. ``direct`` holds every name that the
        equations define other than `of`, so that only the path without a stop between remains.
    where : mapping of str to str
        Computed names and parameters replaced by expressions before anything is differentiated: ``{"f": "1"}``,
        ``{"R_f": "0"}``. `equals` sees what they were replaced by.
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
    """The cell, possibly edited, equals another, possibly edited, where parameters and states correspond.

    The statement is about one step at any inputs, states and parameters of the other cell: if the states correspond
    before it, they do after it, and so do the outputs. What the other cell has free stays free, so that a
    correspondence which does not hold for every value is refuted.

    Attributes
    ----------
    text : str
    other : str
        The other cell: its equations, or a name that the caller's `resolve` knows.
    parameters : mapping of str to str
        What this cell's parameters (or inputs) are, in names of the other; those left out are equal to the other's of
        the same name. Parameters that `where` makes unused need no word.
    states : mapping of str to str
        What this cell's states are, in names of the other; a next state corresponds as the state does. Also what an
        output is: there the expression may name the other's results (``{"y": "h'"}``).
    where, other_where : mapping of str to str
        Edits made in this cell, and in the other, before they are compared: computed names, next states and constants
        with their new right sides, ``{"f": "1"}``.
    declarations : str
        Of names that neither cell has, for the expressions and edits: ``u in R^n``.
    other_parameters : mapping of str to str
        What the other's parameters are, in declared names and the other's parameters that are not mentioned here:
        ``{"U_g": "diag(u)"}``.
    ignoring : tuple of str
        Outputs and states that have nothing to correspond to, of either cell. They are not compared; a state among
        them may have any value before the step, and expressions may name it (a stabiliser: ``{"c": "c * exp(-s)"}``
        with `s` a state of this cell alone). A name that `states` has too is the other's.
    dimensions : mapping of str to str
        Dimensions that are taken to be equal, in both cells: ``{"r": "n"}``.
    """

    text: str
    other: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    other_where: Mapping[str, str] = field(default_factory=dict)
    declarations: str = ""
    other_parameters: Mapping[str, str] = field(default_factory=dict)
    ignoring: tuple[str, ...] = ()
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def other_name(self) -> str:
        """The other cell's name in the library; empty where its equations stand here."""
        return self.other if self.other.isidentifier() else ""

    @property
    def statement(self) -> str:
        """The claim in words, with what it does not compare."""
        return f"{self.text} (not compared: {', '.join(self.ignoring)})" if self.ignoring else self.text


@dataclass(frozen=True)
class Limit:
    """A value tends to an expression as every entry of a parameter tends to infinity.

    Attributes
    ----------
    text : str
    of : str
        A name that the cell computes: ``c'``, ``y``, also ``f``.
    parameter : str
        A parameter, ``b_f``. Its entries may go to infinity each at a pace of its own.
    to : "oo" or "-oo"
    equals : str
        An expression in the cell's names, finite in the limit; computed names stand for their limits.
    where : mapping of str to str
        Edits made before, as in `Equivalence`.
    """

    text: str
    of: str
    parameter: str
    to: Literal["oo", "-oo"]
    equals: str
    where: Mapping[str, str] = field(default_factory=dict)


Declaration = Claim | Identity | Equivalence | Limit


def told(name: str, claim: Declaration) -> str:
    """A claim in one line of symbols.

    Parameters
    ----------
    name : str
        Of the cell that the claim is about.
    claim : Claim, Identity, Equivalence or Limit

    Examples
    --------
    >>> told("cifg", claim)  # an equivalence with other="lstm", other_parameters={"W_f": "-W_i"}
    'cifg = lstm, where W_f of lstm is -W_i'
    """
    if isinstance(claim, Identity):
        return f"{claim.left} = {claim.right}"
    this = _with_edits(name, claim.where)
    if isinstance(claim, Claim):
        held = "along the direct path" if claim.holding == "direct" else f"with {', '.join(claim.holding)} held"
        return f"{this}: ∂{claim.of}/∂{claim.wrt} = {claim.equals}{f' {held}' if claim.holding else ''}"
    if isinstance(claim, Limit):
        end = {"oo": "∞", "-oo": "-∞"}.get(claim.to, claim.to)
        return f"{this}: {claim.of} → {claim.equals} as {claim.parameter} → {end}"
    other = claim.other_name or "the cell written there"
    pairs = {**claim.dimensions, **claim.parameters, **claim.states}
    parts = [f"{key} is {value}" for key, value in pairs.items()]
    parts += [f"{key} of {other} is {value}" for key, value in claim.other_parameters.items()]
    parts += [f"{', '.join(claim.ignoring)} left out"] if claim.ignoring else []
    line = f"{this} = {_with_edits(other, claim.other_where)}"
    return f"{line}, where {', '.join(parts)}" if parts else line


def _with_edits(name: str, edits: Mapping[str, str]) -> str:
    return f"{name} [{', '.join(f'{key} = {value}' for key, value in edits.items())}]" if edits else name

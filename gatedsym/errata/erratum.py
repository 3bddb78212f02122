"""Record of an erratum: the error, the equations with and without it, and what there is to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatedsym.library.claims import Declaration
from gatedsym.messages.later import told

Values = Mapping[str, object]
"""For a source its value: a number for every entry, or nested tuples. What is not named is zero."""


@dataclass(frozen=True)
class Proven:
    """A claim about typed equations that holds.

    Attributes
    ----------
    claim : Declaration
    cell : str
        Which equations of the erratum; "" for an identity, which needs none.
    """

    claim: Declaration
    cell: str = ""


@dataclass(frozen=True)
class Refuted:
    """A claim about typed equations that does not hold: a counterexample is found."""

    claim: Declaration
    cell: str = ""


@told("text")
@dataclass(frozen=True)
class Same:
    """Two expressions in a cell's names are equal, whatever the values.

    Attributes
    ----------
    text, left, right, cell : str
    """

    text: str
    left: str
    right: str
    cell: str


@told("text")
@dataclass(frozen=True)
class Apart:
    """Two sets of equations, carried out from the same values, give different numbers.

    Attributes
    ----------
    text : str
    of : str
        What is compared: a computed name, such as ``h'``.
    cells : tuple of str
        Which equations of the erratum, the wrong ones first.
    sizes : mapping of str to int
    values : mapping of str to values
        Of both.
    own : mapping of str to values
        By equations, what only they have.
    steps : int
        Steps of time, with the same input at each.
    """

    text: str
    of: str
    sizes: Mapping[str, int]
    values: Values
    cells: tuple[str, str] = ("wrong", "right")
    own: Mapping[str, Values] = field(default_factory=dict)
    steps: int = 1


@told("text")
@dataclass(frozen=True)
class Growth:
    """The gradient through time grows, although the spectral radius of a matrix is below one.

    Attributes
    ----------
    text : str
    cell : str
    state, parameter : str
        The product of the blocks ∂state'/∂state is taken; the parameter is the matrix.
    sizes : mapping of str to int
    values : mapping of str to values
    steps : int
    """

    text: str
    cell: str
    state: str
    parameter: str
    sizes: Mapping[str, int]
    values: Values
    steps: int


@told("text")
@dataclass(frozen=True)
class Rejected:
    """Equations that mean nothing: their shapes do not fit, and reading them says so.

    Attributes
    ----------
    text : str
    cell : str
    """

    text: str
    cell: str


@told("text")
@dataclass(frozen=True)
class Warned:
    """Equations that can be read, with a warning."""

    text: str
    cell: str


@told("text")
@dataclass(frozen=True)
class Summed:
    """Two biases of a framework's layout are one bias, their sum.

    Attributes
    ----------
    text : str
    library_cell, framework : str
        Of the table of conventions.
    bias : str
        Ours.
    arrays : tuple of str
        The framework's arrays that are filled with `each`; all else is zero.
    each : float
    said : float
        What is believed to come of it.
    """

    text: str
    library_cell: str
    framework: str
    bias: str
    arrays: tuple[str, ...]
    each: float
    said: float


Evidence = Proven | Refuted | Same | Apart | Growth | Rejected | Warned | Summed


@told("title", "repeated", "error", "remedy")
@dataclass(frozen=True)
class Erratum:
    """One error.

    Attributes
    ----------
    name : str
        An identifier.
    title : str
    repeated : str
        In what kind of text; where one is named, it was read.
    error : str
        What is said, and what is so.
    cells : mapping of str to str
        Equations by what they are called: "wrong", "right", and more where more are needed.
    evidence : tuple
    remedy : str
        What to write, or to check.
    """

    name: str
    title: str
    repeated: str
    error: str
    cells: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    remedy: str

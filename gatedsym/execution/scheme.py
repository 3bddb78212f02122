"""Rules by parameter, and a name → an initialisation of a person's own, which stands wherever the name of one does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import SCHEMES
from gatedsym.expect import expect_text, shown
from gatedsym.library.records import Initialisation
from gatedsym.library.rules import Constant, Drawn, Rule
from gatedsym.typing import Array

Given: TypeAlias = "Rule | float | Array | Callable[..., Array]"
"""How a person says what a parameter is: a rule, a number, an array of its shape, or a function that draws one."""
TAKEN = (*SCHEMES, "paper")
APART = 2**31
"""The stream of random numbers of own rules, apart from those of papers."""


class Scheme(str):
    """An initialisation of your own: a name for legends and captions, and rules by parameter.

    It stands wherever the name of a scheme does: in `Cell.init`, in ``init=`` of every analysis, in `gatedsym.Network`
    and in layers. Captions print its rules. `retention` is set over it, as over every other scheme.

    Parameters
    ----------
    name : str
        Of its own: no name of a scheme that there is.
    rules : mapping of str to rule
        By the name of a parameter or a pattern (``"U_*"``, ``"b_[fz]"``); of several that match the first holds. A
        number fills the parameter; an array is taken as it is; a rule of `gatedsym.rules` draws; so does a function of
        a NumPy generator, the shape, and the sizes of the cell's dimensions.
    otherwise : str
        The scheme of all other parameters.

    Raises
    ------
    ArgumentError
        For a name that is taken and what is no rule; where parameters are drawn, for a pattern that none of the
        cell's parameters has, and for a rule that gives no array of a parameter's shape.

    Examples
    --------
    >>> import gatedsym as gs
    >>> spread = gs.Scheme("spread", {"U_*": gs.rules.Orthogonal(0.9), "b_f": [0.0, 1.0, 4.0]}, otherwise="xavier")
    >>> gs.cell("lstm").init(m=2, n=3, scheme=spread)["b_f"]
    array([0., 1., 4.])
    """

    rules: Mapping[str, Rule]
    otherwise: str

    def __new__(cls, name: str, rules: Mapping[str, Any], otherwise: str = "uniform") -> Scheme:
        if not expect_text("name", name).strip() or name in TAKEN:
            raise ArgumentError(f"a scheme cannot be called {name!r}: give it a name of its own.")
        if not isinstance(rules, Mapping) or not rules:
            raise ArgumentError(
                f"rules of the scheme {name} are {shown(rules)}: give a mapping, such as {{'b_f': 1.0}}."
            )
        if otherwise not in TAKEN:
            raise ArgumentError(f"otherwise={shown(otherwise)}: choose one of {', '.join(TAKEN)}.")
        made = super().__new__(cls, name)
        made.rules = {expect_text("a pattern", pattern): _rule(name, pattern, rule) for pattern, rule in rules.items()}
        made.otherwise = str(otherwise)
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, Rule], str]:  # type: ignore[override]
        return str(self), self.rules, self.otherwise

    def __eq__(self, other: object) -> bool:
        """Whether both have the same name and rules; a name alone is equal to a scheme of this name."""
        if isinstance(other, Scheme):
            same = dict(self.rules) == dict(other.rules) and self.otherwise == other.otherwise
            return same and str(self) == str(other)
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    @property
    def words(self) -> str:
        """The rules, as captions print them: ``b_f: 2; U_*: orthogonal``."""
        return "; ".join(f"{pattern}: {rule}" for pattern, rule in self.rules.items())


def prescription_of(scheme: Scheme, parameters: Iterable[str], cell: str) -> Initialisation:
    """The rules of a scheme as those of a paper.

    Raises
    ------
    ArgumentError
        For a pattern that none of the cell's parameters has.
    """
    names = list(parameters)
    for pattern in scheme.rules:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise ArgumentError(
                f"the scheme {scheme!s} has a rule for {pattern}, and {cell} no such parameter: it has "
                f"{', '.join(names)}."
            )
    return Initialisation(scheme.rules, source="", otherwise=scheme.otherwise)


@dataclass(frozen=True)
class _Own:
    """A rule that says, where it gives no array of the shape that is needed, whose it is."""

    scheme: str
    pattern: str
    rule: Rule

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        try:
            found = np.asarray(self.rule.draw(generator, shape, sizes), float)
        except (ValueError, TypeError, IndexError, KeyError) as error:
            raise ArgumentError(
                f"the rule for {self.pattern} of the scheme {self.scheme} gives no array of shape {shape} ({error}): "
                "give a number, or a rule for that shape."
            ) from error
        if found.shape != shape:
            raise ArgumentError(
                f"the rule for {self.pattern} of the scheme {self.scheme} gives shape {found.shape}, and the parameter "
                f"has {shape}: give an array of that shape, or a number."
            )
        return found

    def __str__(self) -> str:
        return str(self.rule)


def _rule(scheme: str, pattern: str, given: object) -> Rule:
    """The rule that a person means."""
    if isinstance(given, _Own):
        return given
    if isinstance(given, Drawn) and given.needs:
        return given
    if hasattr(given, "draw"):
        return _Own(scheme, pattern, given)
    if isinstance(given, Real) and not isinstance(given, bool):
        return _Own(scheme, pattern, Constant(float(given)))
    if callable(given):
        return _Own(scheme, pattern, _Function(given))
    try:
        values = np.array(given, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"the rule for {pattern} of the scheme {scheme} is {shown(given)}: give a number, an array, a rule of "
            "gs.rules, or a function of a generator, a shape and the sizes."
        ) from None
    return _Own(scheme, pattern, _Array(values.shape, tuple(values.ravel().tolist())))


@dataclass(frozen=True)
class _Function:
    """A person's function of generator, shape and sizes."""

    function: Callable[..., Array]

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        return np.asarray(self.function(generator, shape, sizes), float)

    def __str__(self) -> str:
        return str(getattr(self.function, "__name__", type(self.function).__name__))


@dataclass(frozen=True)
class _Array:
    """Numbers that are given, in their shape."""

    shape: tuple[int, ...]
    values: tuple[float, ...]

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
        """See `Rule`."""
        return np.array(self.values).reshape(self.shape)

    def __str__(self) -> str:
        low, high = (f"{pick(self.values):g}" for pick in (min, max)) if self.values else ("", "")
        return f"{low} … {high}"


__all__ = ["APART", "Scheme", "prescription_of"]

"""Arrays by name, as people hold them: a wrong name gets a sentence, two are equal if their arrays are, and a notebook
shows a table."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from gatedsym.errors import UnknownNameError
from gatedsym.expect import shown
from gatedsym.typing import Array


class NamedArrays(dict[Any, Array]):
    """A dict of arrays.

    Parameters
    ----------
    arrays : mapping of name to array
    what : str
        What the arrays are, for messages: ``"gradients of lstm's parameters"``.

    Notes
    -----
    ``==`` asks whether both have the same names, and under each name arrays of the same shape and type with the same
    values, where NaN equals NaN.
    """

    def __init__(self, arrays: Mapping[Any, Array], what: str) -> None:
        super().__init__(arrays)
        self.what = what

    def __missing__(self, name: object) -> Array:
        raise UnknownNameError(unknown(name, self.what, self))

    def __eq__(self, other: object) -> bool:
        return equal_arrays(self, other) if isinstance(other, Mapping) else NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = None

    def copy(self) -> Self:
        """A copy that holds the same arrays."""
        return copy.copy(self)

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import arrays_table

        return arrays_table(self, self.what)


def unknown(name: object, what: str, known: Iterable[Any]) -> str:
    """The sentence for a name that is not there; `what` says what the others are, in the plural."""
    names = [str(other) for other in known]
    if not names:
        return f"there is no {shown(name)}: there are no {what}."
    return f"there is no {shown(name)} among the {what}; there {'are' if len(names) > 1 else 'is'} {', '.join(names)}."


def equal_arrays(left: Mapping[Any, Any], right: Mapping[Any, Any]) -> bool:
    """Whether two mappings hold the same arrays under the same names; NaN equals NaN."""
    if left is right:
        return True
    return left.keys() == right.keys() and all(equal_array(left[name], right[name]) for name in left)


def equal_array(left: Any, right: Any) -> bool:
    """Whether two arrays have the same shape, type and values; NaN equals NaN."""
    one, other = np.asarray(left), np.asarray(right)
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))

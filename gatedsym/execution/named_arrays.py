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
        Of any shape.
    what : str
        What the arrays are, for messages: ``"gradients of lstm's parameters"``.

    Notes
    -----
    Where there are arrays ``z_re`` and ``z_im``, ``arrays["z"]`` is the complex array that they are parts of: a copy,
    not to be written to; ``arrays["z"] = value`` puts others in place of both parts.

    ``==`` asks whether both have the same names, and under each name arrays of the same shape and type with the same
    values, where NaN equals NaN.

    Examples
    --------
    >>> import gatedsym as gs
    >>> params = gs.cell("rnn").init(m=2, n=3)
    >>> again = params.copy()
    >>> again == params, again["W"] is params["W"]
    (True, True)
    """

    def __init__(self, arrays: Mapping[Any, Array], what: str) -> None:
        super().__init__(arrays)
        self.what = what

    def __missing__(self, name: object) -> Array:
        if self._has_parts(name):
            return join_complex(self[f"{name}_re"], self[f"{name}_im"])
        raise UnknownNameError(unknown(name, self.what, self))

    def __setitem__(self, name: object, value: Any) -> None:
        if name in self or not self._has_parts(name):
            super().__setitem__(name, value)
            return
        for part, array in zip(("re", "im"), split_complex(value), strict=True):
            super().__setitem__(f"{name}_{part}", array)

    def _has_parts(self, name: object) -> bool:
        return isinstance(name, str) and f"{name}_re" in self and f"{name}_im" in self

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


def join_complex(re: Array, im: Array) -> Array:
    """The complex array of two parts: a copy, not to be written to, since nothing would come of it."""
    whole = np.empty(np.shape(re), np.result_type(re.dtype, np.complex64))
    whole.real, whole.imag = re, im
    whole.flags.writeable = False
    return whole


def split_complex(value: Any) -> tuple[Array, Array]:
    """The real and the imaginary part of an array, each contiguous; of a real one the second is zero."""
    array = np.asarray(value)
    if array.dtype.kind != "c":
        return array, np.zeros_like(array)
    return np.array(array.real, order="C"), np.array(array.imag, order="C")


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

"""Functions of whole vectors → statements: softmax, log_softmax and norm, in maxima, sums and functions of entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import sympy as sp

from gatedsym.equations import complex_numbers, exact
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.value import Value
from gatedsym.ir.functions import pivot

NAMES = ("softmax", "log_softmax", "norm")
_BY_ROWS = {
    "softmax": "exp({m}[j,k]) / sum[q] exp({m}[j,q])",
    "log_softmax": "{m}[j,k] - log(sum[q] exp({m}[j,q]))",
}
_AS_A_WHOLE = {
    "softmax": "exp({m}[j,k]) / sum[p,q] exp({m}[p,q])",
    "log_softmax": "{m}[j,k] - log(sum[p,q] exp({m}[p,q]))",
}


class Lowers(Protocol):
    """Steps of lowering that functions of vectors are made of; values belong to one equation."""

    source: Source

    def elementwise(self, values: list[Value], combine: Callable[..., sp.Expr], span: Span, what: str) -> Value: ...


class Steps(Protocol):
    """The same for the equation at hand."""

    def named(self, value: Value, wanted: str) -> Value:
        """The value with a name for whatever is compound."""
        ...

    def apply(self, function: str, *values: Value) -> Value:
        """A function of each entry."""
        ...

    def computed(self, value: Value, wanted: str) -> Value:
        """The value under a name, as a statement of its own."""
        ...

    def reduced(self, kind: str, value: Value) -> Value:
        """Sum or maximum of all entries."""
        ...

    def dot(self, left: Value, right: Value) -> Value:
        """Sum of the products of entries."""
        ...


def softmax(name: str, value: Value, span: Span, lowers: Lowers, steps: Steps) -> Value:
    """``softmax(v)`` or ``log_softmax(v)``, the largest entry subtracted first so that no exponential overflows.

    A softmax is the same for every number subtracted: the derivative by the largest entry adds up to 0 and is left out
    (`pivot`), which the proof of a cell confirms.

    Raises
    ------
    EquationError
        For anything but a vector; for a matrix with both readings.
    """
    _require_vector(name, value, span, lowers.source)
    entries = steps.named(value, "a")
    largest = steps.reduced("max", entries)
    shifted = lowers.elementwise([entries, largest], lambda a, top: a - pivot(top), span, f"'{name}'")
    shifted = steps.named(shifted, "shifted")
    exponentials = steps.apply("exp", shifted)
    total = steps.reduced("sum", exponentials)
    if name == "softmax":
        return lowers.elementwise([exponentials, steps.named(total, "total")], exact.divide, span, f"'{name}'")
    logarithm = steps.apply("log", total)
    return lowers.elementwise([shifted, logarithm], lambda a, b: a - b, span, f"'{name}'")


def norm(value: Value, span: Span, lowers: Lowers, steps: Steps) -> Value:
    """``norm(v)``, the Euclidean norm; its derivative at the vector of zeros is 0, as torch has it.

    Raises
    ------
    EquationError
        For anything but a vector; for a matrix with both readings.
    """
    _require_vector("norm", value, span, lowers.source)
    entries = steps.named(value, "a")
    if entries.is_complex:  # the norm of its real and imaginary parts, one above the other
        pairs = [complex_numbers.parts_of(part) for part in entries.parts]
        parts = (*(re for re, _ in pairs), *(im for _, im in pairs))
        entries = replace(entries, axes=(entries.axes[0] * 2,), parts=parts)
    return steps.apply("norm_root", steps.dot(entries, entries))


def _require_vector(name: str, value: Value, span: Span, source: Source) -> None:
    if value.letters or not value.rank:
        mend = "Give it a name without indices, or write the sum out: exp(a[j]) / sum[q] exp(a[q])."
        if name == "norm":
            mend = "Write abs(…) of a number; under indices write the sum out: sqrt(sum[q] a[q]**2)."
        raise source.error(f"'{name}' takes a vector, found a number.", span, mend)
    if value.row:
        raise source.error("functions take columns, not transposed vectors.", span, "Leave out .T.")
    if value.rank > 1:
        raise source.error(*_of_a_matrix(name, value, span, source))


def _of_a_matrix(name: str, value: Value, span: Span, source: Source) -> tuple[str, Span, str]:
    """The refusal of a matrix, both readings typed out."""
    inner = source.excerpt(span)
    matrix = inner[inner.index("(") + 1 : inner.rindex(")")].strip() if "(" in inner else "A"
    matrix = matrix if matrix.isidentifier() else "A"
    if name == "norm":
        return (
            f"the norm of a matrix, shape {value.shape}, is the root of its sum of squares to one reader, its largest "
            "singular value to another.",
            span,
            f"Write sqrt(sum({matrix} * {matrix})) for the one; the language has no word for the other.",
        )
    return (
        f"'{name}' of a matrix, shape {value.shape}, is taken row by row by one reader, over all entries by another.",
        span,
        f"Write P[j,k] = {_BY_ROWS[name].format(m=matrix)} for the one, "
        f"or P[j,k] = {_AS_A_WHOLE[name].format(m=matrix)} for the other.",
    )

"""Read SymPy expressions, and carry out Programs, in an algebra: anything with + - * /, an exponential and its like.

Three algebras exist: exact normal forms (`normal_form.Tower`), a prime field with generic functions
(`field.PrimeField`) and real numbers of high precision (`reals.Reals`). A proof is written once and runs in any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Protocol

import numpy as np
import sympy as sp

from gatedsym.errors import GatedsymError
from gatedsym.ir.evaluate import Arithmetic
from gatedsym.ir.functions import FUNCTIONS, stop
from gatedsym.typing import Array

Value = Any
"""An element of an algebra: it has + - * / and ** with integers, also with Python's int and Fraction on either side."""


class CannotDecide(GatedsymError):  # noqa: N818 (it says what happened; it is caught, never shown alone)
    """An algebra cannot carry out an operation, or not within its budget: another one may."""


class BudgetExceeded(CannotDecide):
    """The counted budget of term operations is spent."""


class Algebra(Protocol):
    """The operations from which every function of the table is made."""

    def rational(self, number: Fraction) -> Value: ...
    def pi(self) -> Value: ...
    def symbol(self, name: str) -> Value: ...
    def exp(self, u: Value, plain: bool = False) -> Value: ...
    def log(self, u: Value) -> Value: ...
    def root(self, u: Value, degree: int) -> Value: ...
    def sin(self, u: Value) -> Value: ...
    def cos(self, u: Value) -> Value: ...
    def atan(self, u: Value) -> Value: ...
    def erf(self, u: Value) -> Value: ...
    def step(self, u: Value) -> Value: ...
    def floor(self, u: Value) -> Value: ...
    def equal(self, a: Value, b: Value) -> Value: ...
    def is_zero(self, u: Value) -> bool: ...
    def sign(self, u: Value) -> int: ...  # 1 or -1 where it is known at every point that the algebra speaks of, else 0


def tanh(algebra: Algebra, u: Value) -> Value:
    """(exp(2u) - 1) / (exp(2u) + 1), written as 2/(1 + exp(-2u)) - 1."""
    return 2 / (algebra.exp(-2 * u) + 1) - 1


class Interpreter:
    """SymPy expressions as elements of an algebra; a sub-expression that occurs again is not computed again.

    Parameters
    ----------
    algebra : Algebra
    memo : mapping of sympy.Expr to element, optional
        What symbols stand for; a symbol that is missing is the algebra's own of that name.
    abbreviations : mapping of sympy.Symbol to sympy.Expr, optional
        Symbols that stand for expressions.
    plain : bool
        True if exponentials are to be generators of their own, not written in the logistic function.
    """

    def __init__(
        self,
        algebra: Algebra,
        memo: Mapping[sp.Expr, Value] | None = None,
        abbreviations: Mapping[sp.Expr, sp.Expr] | None = None,
        plain: bool = False,
    ) -> None:
        self.algebra, self.plain = algebra, plain
        self.abbreviations = dict(abbreviations or {})
        self.memo: dict[sp.Expr, Value] = dict(memo or {})

    def __call__(self, expression: sp.Expr) -> Value:
        """The value of an expression.

        Raises
        ------
        CannotDecide
            If the expression has a function that is none of the algebra's, or an irrational power.
        """
        stack = [expression]
        while stack:  # no recursion: a sum over a fully substituted step can be deep
            top = stack[-1]
            if top in self.memo:
                stack.pop()
                continue
            missing = [a for a in self._parts(top) if a not in self.memo]
            if missing:
                stack.extend(missing)
                continue
            self.memo[top] = self._compute(top)
            stack.pop()
        return self.memo[expression]

    def _parts(self, e: sp.Expr) -> tuple[sp.Expr, ...]:
        if e in self.abbreviations:
            return (self.abbreviations[e],)
        if e.is_Pow and e.base is not sp.E:
            return (e.base,)
        return tuple(e.args) if not e.is_Atom else ()

    def _compute(self, e: sp.Expr) -> Value:
        if e in self.abbreviations:
            return self.memo[self.abbreviations[e]]
        if e.is_Symbol:
            return self.algebra.symbol(str(e.name))
        if e.is_Rational:
            return self.algebra.rational(Fraction(int(e.p), int(e.q)))
        if e.is_Add or e.is_Mul:
            first, *rest = (self.memo[a] for a in e.args)
            for value in rest:
                first = first + value if e.is_Add else first * value
            return first
        if e is sp.pi:
            return self.algebra.pi()
        if e is sp.E:
            return self.algebra.exp(self.algebra.rational(Fraction(1)))
        return self._function(e)

    def _function(self, e: sp.Expr) -> Value:
        name = type(e).__name__
        if isinstance(e, stop):  # as a value it is its argument
            return self.memo[e.args[0]]
        if isinstance(e, sp.exp):  # before Pow: SymPy's exp may count as a power of E
            return self.algebra.exp(self.memo[e.args[0]], self.plain)
        if e.is_Pow and e.exp.is_Rational:
            return power(self.algebra, self.memo[e.base], Fraction(int(e.exp.p), int(e.exp.q)))
        if isinstance(e, sp.tanh):
            return tanh(self.algebra, self.memo[e.args[0]])
        if isinstance(e, (sp.Abs, sp.sign)):  # SymPy makes them from roots of squares
            u = self.memo[e.args[0]]
            sign = 2 * self.algebra.step(u) - 1
            return sign * u if isinstance(e, sp.Abs) else sign
        own: dict[str, Callable[..., Value]] = {
            "log": self.algebra.log, "sin": self.algebra.sin, "cos": self.algebra.cos, "erf": self.algebra.erf,
            "atan": self.algebra.atan, "step": self.algebra.step, "floor": self.algebra.floor,
            "equal": self.algebra.equal,
        }  # fmt: skip
        arguments = [self.memo[a] for a in e.args]
        if name in FUNCTIONS and name not in ("step", "floor", "equal") and isinstance(e, FUNCTIONS[name].function):
            return apply_definition(self.algebra, name, *arguments)
        if name not in own:
            raise CannotDecide(f"{name} is no function that proofs know: add its definition to the table of functions")
        return own[name](*arguments)


def power(algebra: Algebra, base: Value, exponent: Fraction) -> Value:
    """`base` to a rational power; a root where the exponent is not an integer."""
    if exponent.denominator == 1:
        return base**exponent.numerator
    return algebra.root(base, exponent.denominator) ** exponent.numerator


_ARGUMENTS = tuple(sp.Dummy(letter) for letter in "uvab")


def apply_definition(algebra: Algebra, name: str, *arguments: Value) -> Value:
    """A function of the table by its definition: in exp, log, tanh, roots, sin, cos, atan, erf, step and floor."""
    definition, plain = _definition(name)
    memo = dict(zip(_ARGUMENTS[: len(arguments)], arguments, strict=True))
    return Interpreter(algebra, memo, plain=plain)(definition)


@cache
def _definition(name: str) -> tuple[sp.Expr, bool]:
    """A function's definition in `_ARGUMENTS`, and whether its exponentials are to be generators of their own."""
    definition = FUNCTIONS[name].definition(*_ARGUMENTS[: FUNCTIONS[name].arity])
    return definition, _is_polynomial_in_exp(definition)


def _is_polynomial_in_exp(definition: sp.Expr) -> bool:
    """True for exp itself and its like; false where exp stands in a denominator, a logarithm or a tanh."""
    inside = definition.atoms(sp.log, sp.tanh) | {p for p in definition.atoms(sp.Pow) if p.base is not sp.E}
    return not any(e.has(sp.exp, sp.tanh) for e in inside)


def arithmetic_of(algebra: Algebra) -> Arithmetic:
    """The algebra as `evaluate` wants it; every function by its definition, a maximum as a fold of definitions."""
    table: dict[str, Callable[..., Any]] = {}
    for name, entry in FUNCTIONS.items():
        table[name] = np.frompyfunc(_applied(algebra, name), entry.arity, 1)
    return Arithmetic(
        number=Interpreter(algebra), functions=table, maximum=lambda a, axes: fold_maximum(table["maximum"], a, axes)
    )


def _applied(algebra: Algebra, name: str) -> Callable[..., Value]:
    return lambda *arguments: apply_definition(algebra, name, *arguments)


def fold_maximum(maximum: Callable[[Any, Any], Any], array: Array, axes: tuple[int, ...]) -> Array:
    """max over `axes`, entry after entry in row-major order, with `maximum` for two."""
    moved = np.moveaxis(array, axes, tuple(range(len(axes))))
    rows = moved.reshape((-1, *moved.shape[len(axes) :]))
    result = rows[0]
    for row in rows[1:]:
        result = np.asarray(maximum(result, row), dtype=object)
    return np.asarray(result, dtype=object)


def entry_name(name: str, position: tuple[int, ...]) -> str:
    """``U[1,0]``: how the entries of a tensor are called; the bare name for a scalar."""
    return f"{name}[{','.join(map(str, position))}]" if position else name


def entries_of(make: Callable[[str], Value], name: str, shape: tuple[int, ...]) -> Array:
    """An object array with one new symbol for each entry."""
    array = np.empty(shape, dtype=object)
    for position in np.ndindex(*shape):
        array[position] = make(entry_name(name, position))
    return array

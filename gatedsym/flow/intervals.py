"""Interval arithmetic on pointwise expressions: from the ranges of names to a range of what is made of them.

An interval is two arrays, of anything that broadcasts: one number for all units, or one for each. Bounds may be
infinite. Ranges are sharper than interval arithmetic by itself gives, because names that stand in an expression more
than once are looked at together: an expression that is affine in each name has its extremes at corners of the box, one
that is quadratic in one of them at corners or at a vertex, and factors without a common name are independent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from gatedsym import functions as f
from gatedsym.evaluate import NUMPY, evaluate_expression

Array = np.ndarray[Any, Any]
MOST_CORNERS = 10
"""An expression in more names than this is not looked at corner by corner."""


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`, ends included where they are finite."""

    low: Array
    high: Array

    @classmethod
    def of(cls, low: Any, high: Any) -> Interval:
        """From numbers or arrays."""
        return cls(np.asarray(low, np.float64), np.asarray(high, np.float64))

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())

    @property
    def point(self) -> bool:
        """True if every interval is one number."""
        return self.low is self.high or bool(np.array_equal(self.low, self.high))

    @property
    def magnitude(self) -> Array:
        """The largest absolute value."""
        return np.asarray(np.maximum(np.abs(self.low), np.abs(self.high)))

    def __add__(self, other: Interval) -> Interval:
        return Interval.of(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        ends = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval.of(_reduced(np.minimum, ends), _reduced(np.maximum, ends))

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        return Interval.of(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def meet(self, other: Interval) -> Interval:
        """What both allow."""
        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        # Both are right; where rounding makes them miss each other by an ulp, they touch.
        return Interval.of(np.minimum(low, high), np.maximum(low, high))


ALL = Interval.of(-np.inf, np.inf)


def number(value: Any) -> Interval:
    """The interval of one number, or of one for each unit."""
    array = np.asarray(value, np.float64)
    return Interval(array, array)


def value_range(expression: sp.Expr, box: Mapping[sp.Symbol, Interval]) -> Interval:
    """Bounds of an expression over a box.

    Parameters
    ----------
    expression : sympy.Expr
        In symbols of the box, numbers and functions of `functions.FUNCTIONS`.
    box : mapping of sympy.Symbol to Interval

    Returns
    -------
    Interval
        Holds every value of the expression (to rounding); where the expression is affine or quadratic in each name by
        itself, exactly the values.
    """
    return _Ranges(box).of(expression)


def _times(a: Array, b: Array) -> Array:
    """Product of ends: 0 times infinity is 0, for infinity is no value, only the lack of a bound."""
    with np.errstate(invalid="ignore"):
        found = a * b
    return np.where(np.isnan(found) & ((a == 0) | (b == 0)), 0.0, found)


def _reduced(choose: Callable[[Array, Array], Array], arrays: list[Array]) -> Array:
    found = arrays[0]
    for array in arrays[1:]:
        found = choose(found, array)
    return found


class _Ranges:
    """Ranges over one box; what functions give becomes a name of its own."""

    def __init__(self, box: Mapping[sp.Symbol, Interval]) -> None:
        self.box: dict[sp.Symbol, Interval] = dict(box)
        self.made: dict[sp.Expr, sp.Symbol] = {}

    def of(self, expression: sp.Expr) -> Interval:
        return self._rational(self._named(expression))

    def _named(self, e: sp.Expr) -> sp.Expr:
        """The expression with a symbol for every application of a function."""
        if e.is_Function:
            return self._application(e)
        if e.args and not e.is_number:
            rebuilt = e.func(*(self._named(a) for a in e.args))
            return self._without_maximum(rebuilt) if rebuilt.is_Add else rebuilt
        return e

    def _application(self, e: sp.Expr) -> sp.Expr:
        (first, *_) = e.args
        if e.func is f.sigmoid and first.could_extract_minus_sign():
            return 1 - self._application(f.sigmoid(-first))
        if e.func in (f.sech2, f.cos) and first.could_extract_minus_sign():
            return self._application(e.func(-first))
        if e.func is f.tanh and first.could_extract_minus_sign():
            return -self._application(f.tanh(-first))
        inner = e.func(*(self._named(a) for a in e.args))
        if inner not in self.made:
            symbol = sp.Symbol(f"value {len(self.made)} of {type(e).__name__}")
            self.made[inner] = symbol
            self.box[symbol] = apply(type(e).__name__, [self._rational(a) for a in inner.args])
        return self.made[inner]

    def _without_maximum(self, e: sp.Expr) -> sp.Expr:
        """a - max(a, b) is -relu(b - a), which is not positive whatever a and b are."""
        for inner, symbol in list(self.made.items()):
            if inner.func is f.maximum and e.coeff(symbol) == -1:
                rest = e + symbol
                for one, other in (inner.args, inner.args[::-1]):
                    left = sp.expand(rest - one)
                    if len(left.free_symbols) < len(rest.free_symbols):
                        return left - self._application(f.relu(other - one))
        return e

    def _rational(self, e: sp.Expr) -> Interval:
        """Sums, products and powers of names."""
        if e.is_Symbol:
            return self.box[e]
        if e.is_number:
            return number(float(e))
        naive = self._piecewise(e)
        variables = [s for s in sorted(e.free_symbols, key=str) if not self.box[s].point]
        if len(variables) > MOST_CORNERS or not all(self.box[s].finite for s in variables):
            return naive
        exact = self._polynomial(e, variables)
        return naive if exact is None else exact.meet(naive)

    def _piecewise(self, e: sp.Expr) -> Interval:
        """Operation by operation; factors that share a name are taken together."""
        if e.is_Add:
            terms = [self._rational(a) for a in e.args]
            found = terms[0]
            for term in terms[1:]:
                found = found + term
            return found
        if e.is_Mul:
            found = number(1.0)
            groups = self._groups(e)
            for group in groups:
                if len(groups) > 1:
                    found = found * self._rational(sp.Mul(*group))
                else:
                    for factor in group:
                        found = found * self._rational(factor)
            return found
        if e.is_Pow and e.exp.is_Integer:
            return _power(self._rational(e.base), int(e.exp))
        raise ValueError(f"no range is known for {e} ({type(e).__name__})")

    def _groups(self, e: sp.Expr) -> list[list[sp.Expr]]:
        """Factors, those together that share a name."""
        groups: list[tuple[set[sp.Symbol], list[sp.Expr]]] = []
        for factor in e.args:
            names, members = set(factor.free_symbols), [factor]
            apart = []
            for group in groups:
                if group[0] & names:
                    names |= group[0]
                    members = group[1] + members
                else:
                    apart.append(group)
            groups = [*apart, (names, members)]
        return [members for _, members in groups]

    def _polynomial(self, e: sp.Expr, variables: list[sp.Symbol]) -> Interval | None:
        """The exact range of what is affine in all names but one, and quadratic at most in that one."""
        if not variables or not e.is_polynomial(*variables):
            return self._at_point(e) if not variables else None
        polynomial = sp.Poly(e, *variables)
        bent = [v for v in variables if polynomial.degree(v) > 1]
        if len(bent) > 1 or (bent and polynomial.degree(bent[0]) > 2):
            return None
        affine = [v for v in variables if v not in bent]
        low: Array | None = None
        high: Array | None = None
        for ends in product((False, True), repeat=len(affine)):
            values = {s: self.box[s].low for s in e.free_symbols}
            values |= {s: self.box[s].high if top else self.box[s].low for s, top in zip(affine, ends)}
            for value in self._extremes(e, bent, values):
                low = value if low is None else np.minimum(low, value)
                high = value if high is None else np.maximum(high, value)
        return None if low is None or high is None else Interval.of(low, high)

    def _at_point(self, e: sp.Expr) -> Interval:
        return number(_evaluated(e, {s: self.box[s].low for s in e.free_symbols}))

    def _extremes(self, e: sp.Expr, bent: list[sp.Symbol], values: dict[sp.Symbol, Array]) -> list[Array]:
        if not bent:
            return [_evaluated(e, values)]
        (x,) = bent
        low, high = self.box[x].low, self.box[x].high
        b = _evaluated(sp.diff(e, x).subs(x, 0), values)
        a = _evaluated(sp.diff(e, x, 2), values)
        with np.errstate(divide="ignore", invalid="ignore"):
            vertex = -b / a
        vertex = np.where(np.isfinite(vertex), np.clip(vertex, low, high), low)
        return [_evaluated(e, {**values, x: at}) for at in (low, high, vertex)]


def _evaluated(e: sp.Expr, values: Mapping[sp.Symbol, Array]) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(evaluate_expression(e, values, NUMPY), np.float64)


def _power(base: Interval, exponent: int) -> Interval:
    if exponent < 0:
        inner = _power(base, -exponent)
        crosses = (inner.low < 0) & (inner.high > 0)
        with np.errstate(divide="ignore"):
            # An end of 0 is the end of one side alone, the inside of the interval.
            low = np.where(inner.high == 0, -np.inf, 1 / inner.high)
            high = np.where(inner.low == 0, np.inf, 1 / inner.low)
        return Interval.of(np.where(crosses, -np.inf, low), np.where(crosses, np.inf, high))
    with np.errstate(over="ignore"):
        ends = base.low**exponent, base.high**exponent
    low, high = np.minimum(*ends), np.maximum(*ends)
    if exponent % 2 == 0:
        low = np.where((base.low < 0) & (base.high > 0), 0.0, low)
    return Interval.of(low, high)


# Functions.

_RISING = frozenset(
    {"sigmoid", "tanh", "exp", "log", "sqrt", "softplus", "log_sigmoid", "softsign", "normal_cdf", "step", "half_step",
     "sign", "relu", "hard_sigmoid", "hard_sigmoid_02", "elu", "maximum", "minimum"}
)  # fmt: skip
_PEAKED = frozenset({"sech2", "normal_pdf"})
"""Even, falling on both sides of 0."""
_LIMITS: Mapping[str, tuple[float, float]] = {
    # name: (at minus infinity, at infinity), where NumPy gives no number there
    "softsign": (-1.0, 1.0),
    "log_sigmoid": (-np.inf, 0.0),
    "softplus": (0.0, np.inf),
}


def apply(name: str, arguments: list[Interval]) -> Interval:
    """The range of a function of the table."""
    if name in _RISING:
        lows, highs = [a.low for a in arguments], [a.high for a in arguments]
        return Interval.of(_value(name, lows), _value(name, highs))
    (x,) = arguments[:1]
    inside = (x.low <= 0) & (x.high >= 0)
    if name in _PEAKED or name == "absolute":
        ends = _value(name, [x.low]), _value(name, [x.high])
        low, high = np.minimum(*ends), np.maximum(*ends)
        at_zero = _value(name, [np.asarray(0.0)])
        if name == "absolute":
            return Interval.of(np.where(inside, at_zero, low), high)
        return Interval.of(low, np.where(inside, at_zero, high))
    if name in ("sin", "cos"):
        return _wave(x, 0.5 if name == "sin" else 0.0)
    if name == "exp_below":
        # It rises to 1 at 0 and is 0 above.
        high = np.where(x.low > 0, 0.0, np.exp(np.minimum(x.high, 0)))
        return Interval.of(np.where(x.high > 0, 0.0, np.exp(np.minimum(x.low, 0))), high)
    return Interval.of(0.0, 1.0)  # equal: 0 or 1


def _value(name: str, arguments: list[Array]) -> Array:
    with np.errstate(all="ignore"):
        found = np.asarray(NUMPY.functions[name](*arguments), np.float64)
    if name in _LIMITS:
        low, high = _LIMITS[name]
        found = np.where(np.isneginf(arguments[0]), low, np.where(np.isposinf(arguments[0]), high, found))
    # What has no value below 0 has none to count there: a root begins at 0, a logarithm has no lower bound.
    return np.where(np.isnan(found), 0.0 if name == "sqrt" else -np.inf, found)


def _wave(x: Interval, shift: float) -> Interval:
    """sin or cos: peaks where (x / π - shift) is an even number, troughs where it is odd."""
    if not x.finite:
        return Interval.of(-1.0, 1.0)
    turns = Interval.of(x.low / np.pi - shift, x.high / np.pi - shift)
    ends = np.cos(np.pi * turns.low), np.cos(np.pi * turns.high)
    peak = 2 * np.floor(turns.high / 2) >= turns.low
    trough = 2 * np.floor((turns.high - 1) / 2) + 1 >= turns.low
    return Interval.of(np.where(trough, -1.0, np.minimum(*ends)), np.where(peak, 1.0, np.maximum(*ends)))

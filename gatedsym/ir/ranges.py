"""Ranges of values from equations alone: what sigmoids, maxima and sums can be, whatever weights and inputs are.

A range is two exact numbers, the least and the greatest value (attained or only approached), either of them perhaps
infinite. Ranges are those of interval arithmetic, sharpened where a name stands in an expression more than once: what
is affine in every bounded name has its extremes at corners, and u - max(u, v) is never positive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import product

import sympy as sp

from gatedsym.ir import functions as f
from gatedsym.ir.functions import FUNCTIONS, expand_definitions
from gatedsym.ir.program import Pointwise, Program, Ref

Range = tuple[sp.Expr, sp.Expr]
"""Least and greatest value."""

ALL: Range = (sp.S.NegativeInfinity, sp.S.Infinity)
_POSITIVE: Range = (sp.S.Zero, sp.S.Infinity)
_UNIT: Range = (sp.S.Zero, sp.S.One)
_BOTH: Range = (sp.S.NegativeOne, sp.S.One)

_RANGES: Mapping[type[sp.Function], Range] = {
    f.sigmoid: _UNIT, f.sech2: _UNIT, f.normal_cdf: _UNIT, f.step: _UNIT, f.half_step: _UNIT, f.equal: _UNIT,
    f.hard_sigmoid: _UNIT, f.hard_sigmoid_02: _UNIT, f.exp_below: _UNIT, f.normal_pdf: _UNIT,
    f.tanh: _BOTH, f.sin: _BOTH, f.cos: _BOTH, f.sign: _BOTH, f.softsign: _BOTH,
    f.hard_tanh: _BOTH, f.erf: _BOTH, f.atan: (-sp.pi / 2, sp.pi / 2), f.erf_slope: (sp.S.Zero, 2 / sp.sqrt(sp.pi)),
    f.cosh: (sp.S.One, sp.S.Infinity), f.expm1: (sp.S.NegativeOne, sp.S.Infinity),
    f.norm_root: _POSITIVE, f.norm_root_inverse: _POSITIVE,
    f.exp: _POSITIVE, f.sqrt: _POSITIVE, f.softplus: _POSITIVE, f.absolute: _POSITIVE, f.relu: _POSITIVE,
    f.log_sigmoid: (sp.S.NegativeInfinity, sp.S.Zero), f.elu: (sp.S.NegativeOne, sp.S.Infinity),
}  # fmt: skip
"""Of functions at any argument."""

_INCREASING = (f.exp, f.sqrt, f.log, f.relu, f.hard_sigmoid, f.hard_sigmoid_02, f.hard_tanh, f.floor)
"""Functions whose values at the ends of their argument's range are told as well; those of the others may be irrational
and are told by `_RANGES` alone."""

_MOST_CORNERS = 8
"""An expression in more bounded parts than this is not looked at corner by corner."""

_MOST_NODES = 400
"""Larger definitions are not written out: what they define may be anything then."""


def range_of(expression: sp.Expr, known: Mapping[sp.Expr, Range] | None = None) -> Range:
    """The range of an expression in functions of the table.

    Parameters
    ----------
    expression : sympy.Expr
    known : mapping of sympy.Symbol to range, optional
        Of symbols; those left out may be anything.
    """
    return _Ranges(known or {})(one_gate_for_each_argument(expression))


def one_gate_for_each_argument(expression: sp.Expr) -> sp.Expr:
    """σ(-a) as 1 - σ(a), wherever it stands: so that gates of one argument are seen to be related."""
    return expression.replace(
        lambda e: isinstance(e, f.sigmoid) and e.args[0].could_extract_minus_sign(),
        lambda e: 1 - f.sigmoid(-e.args[0]),
    )


def written_out(
    expression: sp.Expr, operands: Iterable[Ref], programs: Iterable[Program], keep: Iterable[str] = ()
) -> sp.Expr:
    """An expression with names replaced by what pointwise statements define them to be, down to sums and sources.

    Parameters
    ----------
    expression : sympy.Expr
    operands : iterable of Ref
        The names in it, under their indices.
    programs : iterable of Program
        In which definitions and constants are looked up, the first that has one counts.
    keep : iterable of str
        Names that stay.
    """
    programs, kept = tuple(programs), frozenset(keep)
    for _ in range(_MOST_NODES):
        found = _defined(expression, operands, programs, kept)
        if not found:
            return expression
        replaced = expression.xreplace({symbol: value for symbol, (value, _) in found.items()})
        if sum(1 for _ in sp.preorder_traversal(replaced)) > _MOST_NODES:
            return expression
        operands = {*operands, *(ref for _, refs in found.values() for ref in refs)}
        expression = replaced
    return expression


def _defined(
    expression: sp.Expr, operands: Iterable[Ref], programs: tuple[Program, ...], kept: frozenset[str]
) -> dict[sp.Expr, tuple[sp.Expr, tuple[Ref, ...]]]:
    """For each symbol that is computed from others pointwise: its definition, under the same indices."""
    found: dict[sp.Expr, tuple[sp.Expr, tuple[Ref, ...]]] = {}
    for ref in sorted(set(operands)):
        if ref.name in kept or ref.symbol not in expression.free_symbols:
            continue
        for program in programs:
            statement = program.definitions.get(ref.name)
            if ref.name in program and program[ref.name].value is not None:
                found[ref.symbol] = (program[ref.name].value, ())
            elif isinstance(statement, Pointwise):
                renaming = dict(zip(statement.target.indices, ref.indices, strict=True))
                refs = tuple(r.rename(renaming) for r in statement.operands)
                symbols = dict(zip((r.symbol for r in statement.operands), (r.symbol for r in refs), strict=True))
                found[ref.symbol] = (statement.expression.xreplace(symbols), refs)
            else:
                continue
            break
    return found


class _Ranges:
    """Ranges of expressions, given those of symbols."""

    def __init__(self, known: Mapping[sp.Expr, Range]) -> None:
        self.known = known

    def __call__(self, e: sp.Expr) -> Range:
        return _meet(self._by_parts(e), _meet(self._by_maxima(e), self._by_corners(e)))

    def _by_parts(self, e: sp.Expr) -> Range:
        if e.is_Number or e is sp.pi:
            return e, e
        if e in self.known:
            return self.known[e]
        if e.is_Add or e.is_Mul:
            rule = _sum if e.is_Add else _product
            return reduce(rule, map(self, e.args))
        if e.is_Pow and e.exp.is_Integer:
            return _power(self(e.base), int(e.exp))
        return self._function(e)

    def _function(self, e: sp.Expr) -> Range:
        own = _RANGES.get(type(e), ALL)
        if isinstance(e, (f.maximum, f.minimum)):
            best: Callable[..., sp.Expr] = sp.Max if isinstance(e, f.maximum) else sp.Min
            (low, high), (other_low, other_high) = map(self, e.args)
            return best(low, other_low), best(high, other_high)
        if isinstance(e, (f.pivot, f.stop, f.declared)):
            return self(e.args[0])
        if isinstance(e, f.clip):
            (low, high), below, above = map(self, e.args)
            raised = sp.Max(low, below[0]), sp.Max(high, below[1])
            return sp.Min(raised[0], above[0]), sp.Min(raised[1], above[1])
        if isinstance(e, (f.where_above, f.where_least)):
            (low, high), (other_low, other_high) = map(self, e.args[2:])
            return sp.Min(low, other_low), sp.Max(high, other_high)
        if isinstance(e, _INCREASING):
            return _meet(own, (self._at(e, 0), self._at(e, 1)))
        return own

    def _at(self, e: sp.Expr, end: int) -> sp.Expr:
        """An increasing function at an end of its argument's range; no bound where that is infinite or outside."""
        value = self(e.args[0])[end]
        if value.is_infinite or (isinstance(e, (f.log, f.sqrt)) and value <= 0):
            return ALL[end] if isinstance(e, f.log) or end or value.is_infinite else sp.S.Zero
        return (
            expand_definitions(FUNCTIONS[type(e).__name__].definition(value))
            .replace(f.step, lambda u: sp.Integer(bool(u > 0)))
            .replace(f.floor, sp.floor)
        )

    def _by_maxima(self, e: sp.Expr) -> Range:
        """A sum with a maximum or minimum among its terms lies beyond the sums with either of its arguments."""
        if not e.is_Add:
            return ALL
        found = ALL
        for term in e.args:
            coefficient, inner = term.as_coeff_Mul()
            if isinstance(inner, (f.maximum, f.minimum)):
                upper = isinstance(inner, f.maximum) == (coefficient > 0)  # the sum lies above both
                others = [_Ranges(self.known)(sp.expand(e - term + coefficient * a)) for a in inner.args]
                low = sp.Max(*(o[0] for o in others)) if upper else ALL[0]
                high = ALL[1] if upper else sp.Min(*(o[1] for o in others))
                found = _meet(found, (low, high))
        return found

    def _by_corners(self, e: sp.Expr) -> Range:
        """Of what is affine in each of its parts, all of them bounded: the extremes are at corners."""
        if not (e.is_Add or e.is_Mul):
            return ALL
        functions = sorted((a for a in e.atoms(sp.Function) if type(a).__name__ in FUNCTIONS), key=sp.default_sort_key)
        outer = [a for a in functions if not any(a is not b and b.has(a) for b in functions)]
        letters = {a: sp.Dummy() for a in outer}
        plain = sp.expand(e.xreplace(letters))
        parts = sorted(plain.free_symbols, key=sp.default_sort_key)
        named = {letter: a for a, letter in letters.items()}
        if not parts or len(parts) > _MOST_CORNERS or not plain.is_polynomial(*parts):
            return ALL
        ends = [self._by_parts(named[p]) if p in named else self.known.get(p, ALL) for p in parts]
        bounded = all(end.is_finite for pair in ends for end in pair)
        if not bounded or any(sp.degree(plain, p) > 1 for p in parts):
            return ALL
        values = [plain.xreplace(dict(zip(parts, corner, strict=True))) for corner in product(*ends)]
        return sp.Min(*values), sp.Max(*values)


def _meet(a: Range, b: Range) -> Range:
    return sp.Max(a[0], b[0]), sp.Min(a[1], b[1])


def _sum(a: Range, b: Range) -> Range:
    return a[0] + b[0], a[1] + b[1]


def _product(a: Range, b: Range) -> Range:
    corners = [sp.S.Zero if 0 in (x, y) else x * y for x in a for y in b]
    return sp.Min(*corners), sp.Max(*corners)


def _power(base: Range, exponent: int) -> Range:
    if exponent < 0:
        low, high = _power(base, -exponent)
        if low < 0 < high or (low < 0 and high == 0):
            return ALL if high > 0 else (sp.S.NegativeInfinity, _inverse(low))
        return _inverse(high), (_inverse(low) if low != 0 else sp.S.Infinity)
    if exponent % 2 == 0 and base[0] < 0 < base[1]:
        return sp.S.Zero, sp.Max(*(end**exponent for end in base))
    ends = [end**exponent for end in base]
    return sp.Min(*ends), sp.Max(*ends)


def _inverse(end: sp.Expr) -> sp.Expr:
    return sp.S.Zero if end.is_infinite else 1 / end

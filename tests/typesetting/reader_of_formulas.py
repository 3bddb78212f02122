"""A reader: takes a formula as it is printed, with its brackets and precedences and nothing else, and computes it.

Vectors are columns. A plus binds least, then ⊙, then factors side by side; a sum that stands within a product without
brackets is an error of the printer, and is refused here.
"""

from __future__ import annotations

import fractions
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from gatedsym.typesetting.notation import (
    ONES,
    Big,
    Box,
    Fence,
    Fraction,
    Gap,
    Name,
    Number,
    Op,
    Root,
    Row,
    Script,
    Sum,
)

FUNCTIONS = {
    "σ": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sech": lambda a: 1 / np.cosh(a),
    "sign": np.sign,
    "relu": lambda a: np.maximum(a, 0),
    "step": lambda a: (a > 0).astype(float),
    "max": np.maximum,
}


def named(letter: Box) -> Callable[..., np.ndarray]:
    """The function of a letter; the number under a step is its value where it jumps."""
    match letter:
        case Name(text):
            return FUNCTIONS[text]
        case Script(Name("step"), Number(at_zero), None):
            return lambda a: np.heaviside(a, float(fractions.Fraction(at_zero)))
    raise AssertionError(f"no function is called {letter}")


class Reader:
    """Reads formulas, given values for the letters (vectors as columns, or `rows`) and the size of vectors of ones."""

    def __init__(self, letters: Mapping[Box, np.ndarray], size: int, rows: bool = False) -> None:
        self.letters, self.size, self.rows = letters, size, rows

    def value(self, box: Box) -> np.ndarray:
        if box in self.letters:
            return self.letters[box]
        if box == ONES:
            return np.ones((1, self.size) if self.rows else (self.size, 1))
        if box == Name("I"):
            return np.eye(self.size)
        match box:
            case Number(text):
                return np.asarray(float(text))
            case Sum(terms):
                total = np.asarray(0.0)
                for negative, term in terms:
                    total = total - self.value(term) if negative else total + self.value(term)
                return total
            case Fence(body, kind):
                inner = self.value(body)
                return np.abs(inner) if kind == "||" else inner
            case Fraction(above, below):
                return self.value(above) / self.value(below)
            case Root(body):
                return np.sqrt(self.value(body))
            case Script(base, None, Op("⊤")):
                return self.value(base).T
            case Script(base, sub, Op("⊤")) if Script(base, sub) in self.letters:
                return self.letters[Script(base, sub)].T
            case Script(base, sub, Number(power)) if Script(base, sub) in self.letters:
                return self.letters[Script(base, sub)] ** int(power)
            case Script(base, None, Number(power)):
                return self.value(base) ** int(power)
            case Row():
                return self._product(list(_flat(box)))
        raise AssertionError(f"cannot read {box}")

    def _product(self, tokens: list[Box]) -> np.ndarray:
        groups = _split(tokens, Op("⊙"))
        values = [self._side_by_side(g) for g in groups]
        result = values[0]
        for value in values[1:]:
            assert result.shape == value.shape or not result.shape or not value.shape, "⊙ needs equal shapes"
            result = result * value
        return result

    def _side_by_side(self, tokens: list[Box]) -> np.ndarray:
        result = None
        for group in _split(tokens, Gap()):
            value = self._factor(group)
            if result is None:
                result = value
            elif result.ndim == 2 and value.ndim == 2:
                result = result @ value
                result = result[0, 0] if result.shape == (1, 1) else result
            else:
                result = result * value
        assert result is not None
        return np.asarray(result)

    def _factor(self, group: list[Box]) -> np.ndarray:
        if len(group) == 1:
            return self.value(group[0])
        function, argument = group
        assert isinstance(argument, Fence), "an argument stands in brackets"
        if function == Name("diag"):
            return np.diagflat(self.value(argument.body))
        power = 1
        if isinstance(function, Script) and isinstance(function.sup, Number):
            function, power = function.base, int(function.sup.text)
        return named(function)(*self._arguments(argument.body)) ** power

    def _arguments(self, body: Box) -> list[np.ndarray]:
        if isinstance(body, Row) and Op(", ") in body.parts:
            return [self.value(Row(tuple(g)) if len(g) > 1 else g[0]) for g in _split(list(body.parts), Op(", "))]
        return [self.value(body)]


class EntryReader:
    """Reads formulas in entries: v[j], U[j,k], sums over an index."""

    def __init__(self, letters: Mapping[Box, np.ndarray]) -> None:
        self.letters = letters

    def value(self, box: Box, at: Mapping[Box, int]) -> float:
        """The number that a formula gives where its free indices have the values `at`."""
        if box in self.letters and not self.letters[box].shape:
            return float(self.letters[box])
        match box:
            case Number(text):
                return float(text)
            case Sum(terms):
                return sum(-self.value(t, at) if negative else self.value(t, at) for negative, t in terms)
            case Fence(body, kind):
                return abs(self.value(body, at)) if kind == "||" else self.value(body, at)
            case Fraction(above, below):
                return self.value(above, at) / self.value(below, at)
            case Root(body):
                return float(np.sqrt(self.value(body, at)))
            case Script(Name("δ"), sub):
                first, second = _indices(sub)
                return float(at[first] == at[second])
            case Script(base, None, Number(power)):
                return self.value(base, at) ** int(power)
            case Script(base, sub, Number(power)) if Script(base, sub) in self.letters:
                return self.value(Script(base, sub), at) ** int(power)
            case Big(sign, under, body):
                return self._sum(sign, _indices(under), body, at)
            case Row():
                factors = _split(list(_flat(box)), Gap())
                return float(np.prod([self._factor(f, at) for f in factors]))
        raise AssertionError(f"cannot read {box}")

    def _sum(self, sign: str, over: list[Box], body: Box, at: Mapping[Box, int]) -> float:
        assert sign == "∑"
        assert not set(over) & set(at), "a summed index must not be one that is free outside"
        if not over:
            return self.value(body, at)
        size = self._size(over[0], body)
        return sum(self._sum(sign, over[1:], body, {**at, over[0]: n}) for n in range(size))

    def _size(self, index: Box, body: Box) -> int:
        """How far an index runs, from the arrays that carry it."""
        tokens = _flat(body) if isinstance(body, Row) else [body]
        for letter, fence in pairwise(tokens):
            if letter in self.letters and isinstance(fence, Fence) and fence.kind == "[]":
                indices = _indices(fence.body)
                if index in indices:
                    return self.letters[letter].shape[indices.index(index)]
        inner = [t.body for t in tokens if isinstance(t, Fence | Big)]
        inner += [b for t in tokens if isinstance(t, Sum) for _, b in t.terms]
        sizes = [self._size(index, b) for b in inner]
        return max(sizes, default=0)

    def _factor(self, group: list[Box], at: Mapping[Box, int]) -> float:
        if len(group) == 1:
            return self.value(group[0], at)
        first, second = group
        assert isinstance(second, Fence)
        if second.kind == "[]":
            return float(self.letters[first][tuple(at[i] for i in _indices(second.body))])
        power = 1
        if isinstance(first, Script) and isinstance(first.sup, Number):
            first, power = first.base, int(first.sup.text)
        body = second.body
        arguments = _split(list(body.parts), Op(", ")) if isinstance(body, Row) and Op(", ") in body.parts else [[body]]
        values = [self.value(Row(tuple(a)) if len(a) > 1 else a[0], at) for a in arguments]
        return float(named(first)(*map(np.asarray, values)) ** power)


def _indices(box: Box | None) -> list[Box]:
    parts = box.parts if isinstance(box, Row) else (box,)
    return [p for p in parts if p is not None and p != Op(",")]


def _flat(row: Row) -> list[Box]:
    """The tokens of a row as a reader sees them: an inner row leaves no trace."""
    tokens: list[Box] = []
    for part in row.parts:
        assert not isinstance(part, Sum | Big), "a sum within a product needs brackets"
        tokens += _flat(part) if isinstance(part, Row) else [part]
    return tokens


def _split(tokens: list[Box], at: Box) -> list[list[Box]]:
    groups: list[list[Box]] = [[]]
    for token in tokens:
        if token == at:
            groups.append([])
        else:
            groups[-1].append(token)
    return groups

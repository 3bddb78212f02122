"""Names and expressions of a Program as Python text: checked identifiers, typed constants, no float literals.

Numba takes ``1 - z`` with a float32 z for float64, so numbers stand as names (``one``, ``half``) that the head of a
kernel defines in the dtype of its arrays.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Callable, Iterable
from decimal import Context, Decimal

import sympy as sp

from gatedsym.calculus.names import Names
from gatedsym.ir.decimals import decimal_of, is_long
from gatedsym.ir.fixed_arrays import LAWS
from gatedsym.ir.functions import FUNCTIONS

RUNTIME_NAMES = (
    "add_shifted",
    "add_to_columns",
    "add_to_rows",
    "align",
    "allocate",
    "clear",
    "copy",
    "copy_columns",
    "exponent",
    "fill_values",
    "invert",
    "kernel",
    "larger",
    "largest",
    "max",
    "min",
    "multiply",
    "multiply_add",
    "multiply_add_steps",
    "multiply_steps",
    "np",
    "outer_add",
    "pack_block",
    "pack_side_by_side",
    "pack_stacked",
    "packed_panels",
    "place",
    "range",
    "real",
    "rows_of_steps",
    "shift",
    "signal_started",
    "solve",
    "square_sum",
    *(f"fill_{law}" for law in LAWS),
    *sorted(FUNCTIONS),
)

_WORDS = {0: "zero", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight", 10: "ten"}


def shorten_numbers(text: str) -> str:
    """Whole numbers of many digits with an exponent, ``1e300``, none of the digits lost."""
    return re.sub(r"\d{20,}", lambda digits: f"{Decimal(digits[0]).normalize(_EXACT):e}".replace("+", ""), text)


_EXACT = Context(prec=5000)


def spell(name: str) -> str:
    """A name of a Program as an identifier: ``c'`` is ``c_next``, ``J[c',h]`` ``J_c_next_h``, ``h[-2]`` ``h_lag2``."""
    text = (
        shorten_numbers(name)
        .replace("'", "_next")
        .replace("[-", "_lag")
        .replace("[", "_")
        .replace(",", "_")
        .replace("]", "")
    )
    text = re.sub(r"[^A-Za-z0-9_]", "_", text)
    if keyword.iskeyword(text) or not text.isidentifier():
        text = f"v_{text}"
    return text


class Identifiers:
    """One Python identifier for each tensor, none of them a name that kernels use otherwise."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*RUNTIME_NAMES, *keyword.kwlist, *taken}
        self._names = Names(self._taken)
        self._of: dict[str, str] = {}
        self._of_tensors: set[str] = set()
        self._used: set[str] = set()

    def scope(self) -> Identifiers:
        """Identifiers for one function: the same tensors' names, and fresh ones of its own."""
        inner = Identifiers(self._taken)
        inner._of = dict(self._of)
        inner._of_tensors = set(self._of_tensors)
        inner._taken |= inner._of_tensors
        inner._names = Names(inner._taken)
        return inner

    def of(self, tensor: str) -> str:
        """The identifier of a tensor, the same at each call."""
        if tensor not in self._of:
            self._of[tensor] = self._names.fresh(spell(tensor))
            self._of_tensors.add(self._of[tensor])
        return self._of[tensor]

    def fresh(self, wish: str) -> str:
        """An identifier for something that is no tensor."""
        name = self._names.fresh(wish)
        self._taken.add(name)
        return name

    def reserve(self, name: str) -> None:
        """Note that this function uses a name."""
        self._used.add(name)
        self._taken.add(name)
        self._names.fresh(name)

    def is_reserved(self, name: str) -> bool:
        """Whether this function uses a name, as that of an argument or a view."""
        return name in self._used

    def claim(self, wish: str) -> str:
        """`wish` itself, if only a tensor that this function never mentions has the name; else a fresh one."""
        if wish in self._of_tensors and wish not in self._used:
            self._used.add(wish)
            return wish
        return self.fresh(wish)


class Constants:
    """The numbers that a kernel's expressions use, each under a name."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._names: dict[sp.Expr, str] = {}
        self._given: dict[str, sp.Expr] = {}

    def name(self, number: sp.Expr) -> str:
        """The name of a positive number (or zero)."""
        if number not in self._names:
            self._names[number] = self._identifiers.fresh(_wish(number))
        return self._names[number]

    def define(self, name: str, value: sp.Expr | None) -> str:
        """Give a constant of the cell its own line; returns `name`."""
        if value is None:
            raise ValueError(f"the constant {name} has no value.")
        self._given[name] = value
        return name

    def lines(self, like: str) -> list[str]:
        """Definitions in the dtype of the array `like`, in order of first use."""
        given = [f"{name} = {_real(value, like)}" for name, value in self._given.items()]
        return given + [f"{name} = {_real(number, like)}" for number, name in self._names.items()]


def is_long_number(number: sp.Expr) -> bool:
    """Whether a number is no quotient of two whole numbers that float64 holds: it stands as a decimal."""
    return bool(number.is_Rational) and is_long(number.p, number.q)


def _decimal(number: sp.Rational) -> str:
    """A positive number as a decimal of Python."""
    digits, place = decimal_of(number.p, number.q)
    return f"{digits}e{place}"


def _wish(number: sp.Expr) -> str:
    if is_long_number(number):
        return f"c_{re.sub('[.]', '_', _decimal(number)).replace('-', 'm')}"
    if number.is_Integer:
        return _WORDS.get(int(number), f"c_{int(number)}")
    if number == sp.Rational(1, 2):
        return "half"
    if number.is_Rational:
        return f"c_{number.p}_{number.q}"
    return "pi" if number is sp.pi else "number"


def _real(number: sp.Expr, like: str) -> str:
    if number.is_negative:
        return f"-{_real(-number, like)}"
    if is_long_number(number):
        return f"real({_decimal(number)}, {like})"
    if number.is_Integer:
        return f"real({int(number)}, {like})"
    if number.is_Rational:
        return f"real({number.p}, {like}) / real({number.q}, {like})"
    if number is sp.pi:
        return f"real(np.pi, {like})"
    raise ValueError(f"no number of kernels: {number}.")


_SUM, _PRODUCT, _UNARY, _ATOM = 1, 2, 3, 4


class ExpressionPrinter:
    """Print pointwise expressions; `element` gives the text of an operand's symbol."""

    def __init__(self, constants: Constants, element: Callable[[sp.Symbol], str]) -> None:
        self._constants, self._element = constants, element

    def __call__(self, expression: sp.Expr) -> str:
        return self._print(expression, 0)

    def _print(self, e: sp.Expr, context: int) -> str:
        text, level = self._text(e)
        return f"({text})" if level < context else text

    def _text(self, e: sp.Expr) -> tuple[str, int]:
        if e.is_Symbol:
            return self._element(e), _ATOM
        if e.is_Number or e is sp.pi:
            return (f"-{self._constants.name(-e)}", _UNARY) if e.is_negative else (self._constants.name(e), _ATOM)
        if e.is_Add:
            return self._sum(e), _SUM
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow and e.exp.is_Integer:
            return self._power(e.base, int(e.exp))
        if e.is_Function and type(e).__name__ in FUNCTIONS:
            return f"{type(e).__name__}({', '.join(self._print(a, 0) for a in e.args)})", _ATOM
        raise ValueError(f"no kernel text for {e}.")

    def _sum(self, e: sp.Expr) -> str:
        terms = sorted(e.args, key=lambda a: (a.could_extract_minus_sign(), not a.is_Number))
        text = self._print(terms[0], _SUM)
        for term in terms[1:]:
            if term.could_extract_minus_sign():
                text += f" - {self._print(-term, _PRODUCT)}"
            else:
                text += f" + {self._print(term, _PRODUCT)}"
        return text

    def _product(self, e: sp.Expr) -> tuple[str, int]:
        if e.could_extract_minus_sign():
            return f"-{self._print(-e, _PRODUCT)}", _UNARY
        above, below = [], []
        for factor in e.args:
            if factor.is_Rational and not factor.is_Integer and not is_long_number(factor):
                if factor.p != 1:
                    above.append(sp.Integer(factor.p))
                below.append(sp.Integer(factor.q))
            elif factor.is_Pow and factor.exp.is_Integer and factor.exp.is_negative:
                below.append(factor.base ** (-factor.exp))
            else:
                above.append(factor)
        numerator = " * ".join(self._print(f, _UNARY) for f in above) or self._constants.name(sp.S.One)
        if not below:
            return numerator, _PRODUCT
        divisor = " * ".join(self._print(f, _UNARY) for f in below)
        return f"{numerator} / {f'({divisor})' if len(below) > 1 else divisor}", _PRODUCT

    def _power(self, base: sp.Expr, exponent: int) -> tuple[str, int]:
        if exponent < 0:
            below = self._print(base ** (-exponent), _ATOM)
            return f"{self._constants.name(sp.S.One)} / {below}", _PRODUCT
        if exponent > 4:
            half = base ** (exponent // 2)
            rest = [half, half, *([base] if exponent % 2 else [])]
            return " * ".join(self._print(f, _ATOM) for f in rest), _PRODUCT
        return " * ".join([self._print(base, _UNARY)] * exponent), _PRODUCT


def wrap_code(line: str, width: int = 120) -> list[str]:
    """A line of Python in lines of at most `width` characters, broken at commas of a call or literal, else in a sum."""
    if len(line) <= width:
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    if line.lstrip().startswith("#"):
        return textwrap.wrap(line, width, subsequent_indent=f"{margin}#     ")
    start = _last_bracket(line)
    left, found, right = line.partition(" += " if " += " in line else " = ")
    room = width - len(margin) - 4
    if start is not None:
        end = line.rindex({"(": ")", "[": "]", "{": "}"}[line[start]])
        pieces = [f"{piece.strip()}," for piece in _split(line[start + 1 : end], (", ",)) if piece.strip(", ")]
        opening, rows, closing = line[: start + 1], _packed(pieces, room), [f"{margin}{line[end:]}"]
    elif found:
        opening, rows, closing = f"{left}{found}(", _packed(_terms(right), room), [f"{margin})"]
    else:  # a term within brackets
        opening, *rows = _packed(_terms(line.strip()), room)
        opening, closing = f"{margin}{opening}", []
    return [opening, *(part for row in rows for part in wrap_code(f"{margin}    {row}", width)), *closing]


def _terms(expression: str) -> list[str]:
    """An expression in pieces that begin with an operator: terms of a sum, else factors of a product."""
    first = expression[:2] if expression[:2] in ("+ ", "- ") else ""
    pieces = _split(expression[len(first) :], (" + ", " - "))
    if len(pieces) == 1:
        pieces = _split(expression[len(first) :], (" * ", " / "))
    return [first + pieces[0].strip(), *(piece.strip() for piece in pieces[1:])]


def _last_bracket(line: str) -> int | None:
    """The place where the call or literal begins that ends the line; None if the line ends otherwise."""
    opened: list[int] = []
    quoted = False
    pair = None
    for place, character in enumerate(line):
        if character == '"' and line[place - 1] != "\\":
            quoted = not quoted
        elif not quoted and character in "([{":
            opened.append(place)
        elif not quoted and character in ")]}":
            pair = (opened.pop(), place)
    if pair is None or line[pair[1] + 1 :] not in ("", ",", ":"):
        return None
    before, _, called = line[: pair[0]].rpartition(" ")
    whole = not before.strip() or before.endswith(("=", ":"))
    fits = called.isidentifier() if line[pair[0]] == "(" else not called
    return pair[0] if whole and fits else None


def _split(text: str, marks: tuple[str, ...]) -> list[str]:
    """The text in pieces that end before a mark (after a comma) outside of brackets and quotes."""
    pieces, depth, quoted, start = [], 0, False, 0
    for place, character in enumerate(text):
        if character == '"' and text[place - 1] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (character in "([{") - (character in ")]}")
            if depth == 0 and place > start and text[place : place + len(marks[0])] in marks:
                pieces.append(text[start:place])
                start = place + 1 if marks == (", ",) else place
    return [*pieces, text[start:]]


def _packed(pieces: list[str], width: int) -> list[str]:
    rows: list[str] = []
    for piece in pieces:
        if rows and len(rows[-1]) + 1 + len(piece) <= width:
            rows[-1] += f" {piece}"
        else:
            rows.append(piece)
    return rows

"""Expressions to statements: shapes checked, and every contraction, pre-activation and function value given a name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

import sympy as sp

from gatedsym.equations import (
    calls,
    choices,
    complex_calls,
    complex_numbers,
    declared_values,
    doubts,
    exact,
    fixed_arrays,
    identity,
    matrix_powers,
    powers,
    row_vectors,
    slices,
    syntax,
    tokens,
    vector_functions,
)
from gatedsym.equations.builder import Builder, label
from gatedsym.equations.declarations import Axes
from gatedsym.equations.names import ELEMENTWISE, IDENTITY, MATRIX_POWERS
from gatedsym.equations.notation import Span
from gatedsym.equations.resolve import number_of
from gatedsym.equations.scope import Definition, Scope, Symbol, shape_text, unknown_name
from gatedsym.equations.syntax import Node
from gatedsym.equations.unit_entries import is_unit_entry
from gatedsym.equations.value import Value, is_square, kind_of, letters_of
from gatedsym.errors import EquationError
from gatedsym.ir.fixed_arrays import LAWS
from gatedsym.ir.functions import ALIASES, FUNCTIONS, SHORTHANDS, equal
from gatedsym.ir.program import Ref, Tensor, lagged_name, next_name

MAX_NODES = 50_000
_MAX_CALLS = 20
_MAX_EXPONENTIAL = 10_000  # beyond it nothing is evaluated: the answer is known
_HALF = sp.Rational(1, 2)
_LARGEST_EXPONENT = sp.Float("709.7827")  # exp of it is the largest number of double precision
_QUOTIENTS = ("/", "./")
_OF_MATRICES = frozenset({"exp", "log", "sqrt", "sin", "cos"})  # which textbooks define for matrices as a whole


class _NotRealError(ValueError):
    """A function of a number outside of its domain; says which."""


@dataclass
class Frame:
    """Surroundings of an expression.

    Attributes
    ----------
    target : str
        The name that the equation defines, as part of other names.
    bound : dict of str to (str or None)
        Indices of the index form, outermost first, and their dimensions as far as known.
    arguments : mapping of str to Value
        Of the definition that is being expanded.
    own : tuple of str
        The names that are set aside for what the outermost function of the equation is taken of: one, or one for each
        name that the line hands out parts to.
    outermost : node, optional
        That function's call.
    """

    target: str
    bound: dict[str, str | None] = field(default_factory=dict)
    arguments: Mapping[str, Value] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    outermost: Node | None = None


class Lowering:
    """Turns settled expressions into values, and whatever must be a statement of its own into statements."""

    def __init__(
        self, scope: Scope, builder: Builder, shapes: dict[str, tuple[Axes, tuple[str, ...]]], rows: bool = False
    ) -> None:
        self.scope = scope
        self.rows = rows  # vectors are rows: `x W`
        self.source = scope.source
        self.builder = builder
        self.shapes = shapes  # of each symbol: axes, and the names of its parts
        self.gated: set[str] = set()  # locals that are gates or the like
        self.whole_powers: set[syntax.Power] = set()  # those that are of matrices
        self._beside: dict[int, set[str]] = {}  # of things side by side, by the node's id: what their products are
        self._visited = 0
        self._typed: dict[str, int] = {}
        self._numbers: dict[sp.Expr, sp.Expr] = {}  # of locals of this equation that are numbers: their values

    def begin(self, node: Node) -> None:
        """A new equation begins; the engine's names follow the order in which it was typed (SymPy's is another)."""
        typed = [inner.name for inner in syntax.walk(node) if isinstance(inner, syntax.Variable)]
        self._typed = {name: place for place, name in reversed(list(enumerate(typed)))}
        self._numbers = {}

    # --- every kind of node -------------------------------------------------------------------------------------

    def lower(self, node: Node, frame: Frame) -> Value:
        """The value of an expression.

        Raises
        ------
        EquationError
            For shapes that do not fit, unknown names, and numbers beyond the limits.
        """
        return matrix_powers.settled(self._factor(node, frame), self)

    def _factor(self, node: Node, frame: Frame) -> Value:
        """The value of a factor of a product, where a power of a matrix waits for what it is multiplied with."""
        self._visited += 1
        if self._visited > MAX_NODES:
            raise self.source.error("with its definitions expanded this text is too long.", node.span, "Shorten it.")
        try:
            return self._lower(node, frame)
        except ZeroDivisionError:
            raise self.source.error("this divides by zero.", node.span, "Divide by another number.") from None
        except exact.TooLargeError:
            raise self.source.error("this number or power is too large.", node.span, "Use smaller numbers.") from None
        except _NotRealError as refusal:
            raise self.source.error(
                f"this is no real, finite number: the argument of {refusal}.",
                node.span,
                "Write an argument for which the function has a value.",
            ) from None

    def _lower(self, node: Node, frame: Frame) -> Value:
        match node:
            case syntax.Number(value=value):
                return Value((), (value,))
            case syntax.ImaginaryUnit():
                return Value((), (sp.I,))
            case syntax.Variable():
                return self._variable(node, frame)
            case syntax.Negative(operand=operand):
                return _each(self.lower(operand, frame), lambda part: -part)
            case syntax.Sum():
                return self._sum(node, frame)
            case syntax.Product():
                return self._product(node, frame)
            case syntax.Juxtaposition():
                return self._juxtaposition(node, frame)
            case syntax.Power():
                return self._power(node, frame)
            case syntax.Transpose(operand=operand):
                value = self._factor(operand, frame)
                if value.power is not None:
                    turned = replace(value.power, matrix=self._transpose(value.power.matrix, node.span))
                    return replace(value, power=turned)
                value = self._transpose(value, node.span)
                return _each(value, complex_numbers.conjugate) if node.conjugate else value
            case syntax.Stack():
                return self._stack(node, frame)
            case syntax.Reduction():
                return self._indexed_reduction(node, frame)
            case syntax.Call():
                return self._call(node, frame)
            case syntax.Comparison():
                raise choices.refuse_alone(node, self.source)
            case syntax.Sliced(operand=operand):
                names = frozenset(self._dimension_names())
                return slices.cut(self.lower(operand, frame), node, names, self.source)
            case syntax.FunctionColumn(argument=argument):
                return self._function_column(node, self.lower(argument, frame), frame)
            case _:
                raise TypeError(f"{type(node).__name__} is not settled.")

    # --- names --------------------------------------------------------------------------------------------------

    def _variable(self, node: syntax.Variable, frame: Frame) -> Value:
        plain = node.letters is None and node.time is None and not node.next
        if node.name in frame.arguments:
            value = frame.arguments[node.name]
            if plain:
                return value
            raise self.source.error(
                f"'{node.name}' is a parameter of a definition and stands alone.", node.span, f"Write {node.name}."
            )
        if node.name not in self.scope.symbols:
            return self._unknown(node, plain, frame)
        symbol, lag = self.scope.lookup(node)
        axes, parts = self.shapes[symbol.name]
        names = tuple(_tensor_name(part, symbol.kind, lag) for part in parts)
        if names[0] not in self.builder.tensors:
            self._give_missing(symbol, node)
        if node.letters is not None:
            return self._indexed(node, axes, names, frame)
        letters = letters_of(len(axes))
        symbols = tuple(self.builder.symbol(Ref(name, letters)) for name in names)
        if complex_numbers.is_pair(axes, parts):
            symbols = complex_numbers.joined(symbols)
        return Value(axes, symbols, gated=symbol.kind == "state" or symbol.name in self.gated)

    def _give_missing(self, symbol: Symbol, node: syntax.Variable) -> None:
        """Declare a constant that so far only counted; a claim cannot read a delay that the cell does not keep."""
        if symbol.kind != "constant":
            raise self.source.error(
                f"the cell never reads '{self.source.excerpt(node.span)}', so it is not kept.",
                node.span,
                "Speak of values that the equations read.",
            )
        value = self.scope.constants[symbol.name]
        self.builder.give(Tensor(symbol.name, (), "constant", value=value, named=True))

    def _unknown(self, node: syntax.Variable, plain: bool, frame: Frame) -> Value:
        """A name that is no symbol: π, the size of a dimension, the identity or one entry of it."""
        if node.name == "pi" and plain:
            return Value((), (sp.pi,))
        if plain and any(node.name == dimension.name for dimension in self.scope.dimensions):
            same = next(d for d in self.scope.dimensions if d.name == node.name)
            dim = str(same.size) if same.fixed and same.size is not None and same.size.is_Symbol else node.name
            return Value((), (self.size(dim),))
        if node.name == IDENTITY and plain:
            return identity.UNIT
        if is_unit_entry(node):
            return self._unit_entry(node, frame)
        raise unknown_name(node, self.scope.symbols, self.scope.functions, self.source, self._dimension_names())

    def _dimension_names(self) -> list[str]:
        return [dimension.name for dimension in self.scope.dimensions]

    def size(self, dim: str) -> sp.Expr:
        """The size of a dimension as a scalar: a number where it is fixed, else the trace of its identity tensor."""
        if dim.isdigit():
            return sp.Integer(dim)
        name = self.builder.identity(dim)
        j, k = letters_of(2)
        ref = self.builder.contract(f"{dim}_size", (Ref(name, (j, k)),), (), (j, k), {j: dim, k: dim})
        return self.builder.symbol(ref)

    def _indexed(self, node: syntax.Variable, axes: Axes, names: tuple[str, ...], frame: Frame) -> Value:
        """A name under indices of the index form."""
        letters, source = node.letters or (), self.source
        if any(len(axis) > 1 for axis in axes):
            raise source.error(
                f"'{node.name}' has shape {shape_text(axes)}; a stacked axis has no single index.",
                node.span,
                "Declare its blocks as tensors of their own.",
            )
        if len(letters) != len(axes):
            raise source.error(
                f"'{node.name}' has shape {shape_text(axes)} and {len(axes)} axes, found {len(letters)} indices.",
                node.span,
                "Give each axis one index.",
            )
        self._refuse_repeated(node)
        for letter, (dim,) in zip(letters, axes, strict=True):
            self._bind(letter, dim, node.span, frame)
        symbols = tuple(self.builder.symbol(Ref(name, letters)) for name in names)
        if complex_numbers.is_pair(axes, names):
            symbols = complex_numbers.joined(symbols)
        return Value((), symbols, frozenset(letters))

    def _refuse_repeated(self, node: syntax.Variable) -> None:
        letters = node.letters or ()
        if len(set(letters)) < len(letters):
            raise self.source.error(
                f"an index is repeated on '{node.name}'.", node.span, "Use each index once on one tensor."
            )

    def _unit_entry(self, node: syntax.Variable, frame: Frame) -> Value:
        """``I[j,k]``: 1 at j = k, else 0; both indices run over one axis."""
        letters, source = node.letters or (), self.source
        known = [dim for letter in letters if (dim := frame.bound.get(letter)) is not None]
        if not known and all(letter in frame.bound for letter in letters):
            raise source.error(
                f"nothing tells how far the indices of '{source.excerpt(node.span)}' run.",
                node.span,
                "Multiply it with an array under one of its indices.",
            )
        self._refuse_repeated(node)
        dim = known[0] if known else "n"
        for letter in letters:
            self._bind(letter, dim, node.span, frame)
        return Value((), (self.builder.symbol(Ref(self.builder.identity(dim), letters)),), frozenset(letters))

    def bind_early(self, body: Node, frame: Frame) -> None:
        """Bind the indices of an entry of the identity to the axes of other arrays that bear them."""
        variables = [n for n in syntax.walk(body) if isinstance(n, syntax.Variable)]
        if not any(is_unit_entry(v) and v.name not in self.scope.symbols for v in variables):
            return
        for variable in variables:
            axes, _ = self.shapes.get(variable.name, ((), ()))
            if variable.letters is not None and len(variable.letters) == len(axes):
                for letter, axis in zip(variable.letters, axes, strict=True):
                    if frame.bound.get(letter, "") is None and len(axis) == 1:
                        frame.bound[letter] = axis[0]

    def _bind(self, letter: str, dim: str, span: Span, frame: Frame) -> None:
        if letter not in frame.bound:
            raise self.source.error(
                f"nothing binds the index '{letter}'.",
                span,
                f"Put it on the left side, a[{letter}] = …, or sum over it: sum[{letter}] ….",
            )
        if frame.bound[letter] not in (None, dim):
            raise self.source.error(
                f"the index '{letter}' runs over {frame.bound[letter]} and over {dim}.", span, "Use another index."
            )
        frame.bound[letter] = dim

    # --- elementwise --------------------------------------------------------------------------------------------

    def elementwise(
        self, values: list[Value], combine: Callable[..., sp.Expr], span: Span, what: str, mend: str = ""
    ) -> Value:
        """Values combined element by element; scalars go with anything, axes of size 1 with any of equal rank."""
        values = [matrix_powers.settled(v, self) for v in values]
        if any(v.unit for v in values):
            raise identity.unknown_size(self.source, span, f"{what} takes an 'I' whose size nothing tells")
        letters = frozenset[str]().union(*(v.letters for v in values))
        arrays = [v for v in values if v.rank]
        if not arrays:
            return Value((), (combine(*(v.parts[0] for v in values)),), letters, gated=any(v.gated for v in values))
        if letters:
            raise self.source.error(
                f"{what} joins a name under indices with one of shape {arrays[0].shape}.",
                span,
                "Give every array its indices.",
            )
        first = arrays[0]
        mixed = next((v for v in arrays if v.rank != first.rank or v.row != first.row), None)
        axes = None if mixed is not None else _common_axes([v.axes for v in arrays])
        if axes is None:
            other = mixed or next(v for v in arrays if _common_axes([first.axes, v.axes]) is None)
            raise self.source.error(
                f"{what} joins shapes {first.shape} and {other.shape}.",
                span,
                mend or "Make the shapes equal, or say which axes meet in the index form, a[j,k] = ….",
            )
        spread = [self._spread(v, axes) for v in values]
        parts = tuple(combine(*block) for block in zip(*spread, strict=True))
        return Value(axes, parts, row=first.row, gated=any(v.gated for v in values))

    def _spread(self, value: Value, axes: Axes) -> tuple[sp.Expr, ...]:
        """The blocks of a value under a larger shape; an axis of size 1 is summed away, which repeats its one entry."""
        count = len(list(product(*axes)))
        if not value.rank:
            return value.parts * count
        single = [i for i, (own, axis) in enumerate(zip(value.axes, axes, strict=True)) if own != axis]
        if not single:
            return value.parts
        letters = letters_of(value.rank)
        kept = tuple(letter for i, letter in enumerate(letters) if i not in single)
        summed = tuple(letters[i] for i in single)
        parts: dict[tuple[str, ...], sp.Expr] = {}
        for part, block in zip(value.parts, value.blocks(), strict=True):
            dims = dict(zip(letters, block, strict=True))

            def entry(real: sp.Expr, dims: dict[str, str] = dims) -> sp.Expr:
                factor = self._operand(real, letters, dims, "")
                ref = self.builder.contract(f"{label(factor.name)}_entry", (factor,), kept, summed, dims)
                return self.builder.symbol(ref)

            parts[block] = complex_numbers.each_part(part, entry)
        return tuple(
            parts[tuple("1" if i in single else dim for i, dim in enumerate(block))] for block in product(*axes)
        )

    def _sum(self, node: syntax.Sum, frame: Frame) -> Value:
        values = [self.lower(term, frame) for _, term in node.terms]
        signs = [sign for sign, _ in node.terms]

        def add(*parts: sp.Expr) -> sp.Expr:
            return sp.Add(*(sign * part for sign, part in zip(signs, parts, strict=True)))

        values = identity.size_terms(values, node.span, self.builder, self.source)
        if values[0].unit:
            return replace(values[0], parts=(add(*(value.parts[0] for value in values)),))
        return self.elementwise(values, add, node.span, "this sum", doubts.mend_stack(self.source, node, values))

    def _power(self, node: syntax.Power, frame: Frame) -> Value:
        exponent = number_of(node.exponent, self.source, self._known_numbers(frame))
        base = self._factor(node.base, frame)
        if base.unit and exponent is not None and exponent.is_Integer:
            return _each(base, lambda part: exact.raise_to(part, int(exponent)))
        if exponent is not None and exponent != 1 and is_square(base) and not node.each:
            return self._power_of_a_matrix(base, node, exponent, frame)
        base = matrix_powers.settled(base, self)
        if exponent is None:
            return self._power_of_entries(base, node, frame)
        if exponent.is_Integer and abs(exponent) > exact.MAX_EXPONENT:
            raise self.source.error(
                f"the exponent is larger than {exact.MAX_EXPONENT}.",
                node.exponent.span,
                "Write exp(p * log(x)) for a large power.",
            )
        if exponent.is_Integer:
            return _each(base, lambda part: exact.raise_to(part, int(exponent)))
        if base.is_complex:
            raise complex_calls.power(self.source, node, exponent)
        if abs(exponent) == _HALF:
            root = self.apply("sqrt", [base], frame, node)
            return root if exponent > 0 else _each(root, lambda part: self._divide(sp.S.One, part))
        scaled = _each(self.apply("log", [base], frame, node), lambda part: exact.multiply(exponent, part))
        return self.apply("exp", [scaled], frame, node)

    def _power_of_a_matrix(self, base: Value, node: syntax.Power, exponent: sp.Rational, frame: Frame) -> Value:
        """``A^{-1}``; ``A**2`` is a power of entries where arrays are programmed."""
        programmed = "**" in self.source.plain[node.base.span.end : node.exponent.span.start]
        if programmed or not exponent.is_Integer or exponent == 0:
            raise doubts.power_of_a_matrix(self.source, node, exponent)
        if base.power is not None:
            exponent, base = exponent * base.power.exponent, base.power.matrix
        self.whole_powers.add(node)
        return matrix_powers.raised(base, int(exponent), node.span, self, frame.target, node)

    def _power_of_entries(self, base: Value, node: syntax.Power, frame: Frame) -> Value:
        """``a ** v``, an entry to the power of an entry, as exp(v log a)."""
        powers.refuse_doubtful(self.source, node, base, frozenset(self.scope.symbols))
        logarithm = self.apply("log", [base], frame, node)
        exponent = self.lower(node.exponent, frame)
        product = self.elementwise([exponent, logarithm], exact.multiply, node.span, "this power")
        return self.apply("exp", [product], frame, node)

    def _known_numbers(self, frame: Frame) -> dict[str, sp.Rational]:
        """The text's constants, but for names that a definition has taken."""
        return {n: v for n, v in self.scope.constants.items() if n not in frame.arguments}

    # --- products -----------------------------------------------------------------------------------------------

    def _product(self, node: syntax.Product, frame: Frame) -> Value:
        """A chain of products from left to right; a run of contractions ending in a vector goes from the right."""
        for position, item in enumerate(node.items[1:], 1):
            if node.operators[position - 1] in _QUOTIENTS and doubts.stands_open(item):
                raise doubts.divisor(self.source, node, position, lambda above: self.lower(above, frame))
        values = [(self._factor(item, frame), item.span) for item in node.items]
        operators = list(node.operators)
        matrix_powers.group_fixed(values, operators, self, frame.target)
        self._contract_runs(values, operators, frame)
        self._refuse_divided_matrix(values, operators)
        total, span = values[0]
        for operator, (value, value_span) in zip(operators, values[1:], strict=True):
            total = self._multiply(total, value, operator, (span, value_span), frame)
            span = span.to(value_span)
        return total

    def _refuse_divided_matrix(self, values: list[tuple[Value, Span]], operators: list[str]) -> None:
        """``a / W @ x``: divided by the matrix, or by its product?"""
        for at, (operator, following) in enumerate(itertools.pairwise(operators)):
            if operator in _QUOTIENTS and following in ("@", "·") and values[at + 1][0].rank == 2:
                start, matrix, last = values[0][1], values[at + 1][1], values[at + 2][1]
                quotient = self.source.excerpt(start.to(matrix))
                above = self.source.excerpt(start.to(values[at][1]))
                product = self.source.excerpt(Span(matrix.start, last.end))
                raise self.source.error(
                    "what does this divide by, the matrix or its product?",
                    start.to(last),
                    f"Write ({quotient}) {following} {self.source.excerpt(last)} for the one, "
                    f"or {above} {operator} ({product}) for the other.",
                )

    def _contract_runs(self, values: list[tuple[Value, Span]], operators: list[str], frame: Frame) -> None:
        """Carry out, from the right, each run ``A @ B @ v`` that ends in a vector and stands where Python agrees.

        A scalar before the run (``alpha * W @ x``) commutes with it; an array does not, and keeps its place.
        """
        at = len(operators) - 1
        while at >= 0:
            if operators[at] not in ("@", "·") or values[at + 1][0].rank != 1 or values[at][0].rank != 2:
                at -= 1
                continue
            before = operators[:at]
            commutes = all(
                operator in ("@", "·") or (operator in ("*", "×") and value.rank == 0)
                for operator, (value, _) in zip(before, values[:at], strict=True)
            )
            if commutes:
                (left, start), (right, end) = values[at], values[at + 1]
                values[at : at + 2] = [(self._multiply(left, right, operators[at], (start, end), frame), start.to(end))]
                del operators[at]
            at -= 1

    def _juxtaposition(self, node: syntax.Juxtaposition, frame: Frame) -> Value:
        """Things side by side: scalars multiply, the rest is contracted, from the right (rows: from the left)."""
        if self.rows:  # `h U (1 - z)` goes from the left: brackets belong to no factor before them
            node = replace(node, items=tuple(doubts.leaves(node)))
        doubts.refuse_number_behind(self.source, node)
        values = [(self._factor(item, frame), item.span) for item in node.items]
        doubts.refuse_letter_behind(self.source, node, [value for value, _ in values])
        products = {"matrix"} if any(value.rank == 2 for value, _ in values) else set[str]()
        products = products.union(
            *(self._beside.get(id(item), set()) for item in node.items if doubts.stands_open(item))
        )
        typed = [value for value, _ in values]
        matrix_powers.group_fixed(values, ["·"] * (len(values) - 1), self, frame.target)
        ordered = values if self.rows else values[::-1]
        total, span = ordered[0]
        for value, value_span in ordered[1:]:
            (left, before), (right, behind) = pair = ((total, span), (value, value_span))[:: 1 if self.rows else -1]
            operator = self._beside_operator(*pair)
            total, span = self._multiply(left, right, operator, (before, behind), frame), before.to(behind)
            products |= {"entries"} if operator == "*" else set()
        self._refuse_mixed(node, products, typed)
        return total

    def _is_weight(self, typed: str) -> bool:
        """Whether what is typed is the name of a parameter in capitals, as weights have them."""
        symbol = self.scope.symbols.get(re.sub(r"[{}]", "", typed))
        return typed[:1].isupper() and symbol is not None and symbol.kind == "parameter"

    def _beside_operator(self, before: tuple[Value, Span], behind: tuple[Value, Span]) -> str:
        """The operator that two things side by side stand for; two vectors are multiplied only in clear cases."""
        (one, one_span), (other, other_span) = before, behind
        both_vectors = one.rank == 1 and other.rank == 1 and one.row == other.row
        if not (both_vectors or (one.letters and other.letters)):
            return "·"
        left, right, whole = self.source.excerpt(one_span), self.source.excerpt(other_span), one_span.to(other_span)
        meant = both_vectors and one.axes == other.axes and (one.gated or other.gated)
        if meant and self._is_weight(left) and other.gated:
            return "·"  # a diagonal: W_c c
        if not (meant and (left.endswith(")") or right.startswith("(") or right.endswith(")"))):
            raise self.source.error(
                "two vectors stand side by side." if both_vectors else "two factors stand side by side.",
                whole,
                f"Write {self.source.within(whole, f'{left} * {right}')} for the elementwise product.",
            )
        return "*"

    def _refuse_mixed(self, node: syntax.Juxtaposition, products: set[str], values: list[Value]) -> None:
        """``A h (1 - z)``: the matrix before the product of entries, or after it?"""
        self._beside[id(node)] = products
        if products != {"entries", "matrix"}:
            return
        if self.rows:
            if [value.rank for value in values[:2]] == [1, 1]:
                raise row_vectors.entries_before_matrix(self.source, node.items, node.span)
            return
        *before, last = [self.source.excerpt(leaf.span) for leaf in doubts.leaves(node)]
        outer = self.source.within(node.span, f"({' '.join(before)}) * {last}")
        raise self.source.error(
            "what does the matrix multiply, the vector behind it or the product of both?",
            node.span,
            f"Write {outer} for the one, or {' '.join(before[:-1])} ({before[-1]} * {last}) for the other.",
        )

    def _multiply(self, left: Value, right: Value, operator: str, spans: tuple[Span, Span], frame: Frame) -> Value:
        """The product, or quotient, of two values that stand at two spans."""
        span = spans[0].to(spans[1])
        if left.unit or right.unit:
            left, right = matrix_powers.plain(left, self), matrix_powers.plain(right, self)
            return identity.multiply_unit(left, right, operator, span, self.builder, self.source)
        if operator in _QUOTIENTS:
            if operator == "/" and is_square(right):
                raise doubts.quotient_by_a_matrix(self.source, left, spans)
            return self.elementwise([left, right], self._divide, span, "this quotient")
        scalar = not (left.rank and right.rank)
        if operator == "@" and scalar:
            raise self.source.error(
                f"'@' contracts arrays, found shapes {left.shape} and {right.shape}.",
                span,
                doubts.typed_out(self.source, "Write [{a} * {b}]: a scalar multiplies every entry.", spans),
            )
        vectors = left.rank == 1 and right.rank == 1 and left.row == right.row
        if operator == "·" and vectors and left.axes == right.axes and not (left.gated or right.gated):
            raise doubts.product_in_doubt(
                self.source,
                "'·' between two vectors of which none is a gate or a state is their sum of products to one reader, "
                "a product of entries to another.",
                "Write dot({a}, {b}) for the sum, or [{a} * {b}] for the entries.",
                spans,
            )
        if operator == "×" and left.rank == right.rank == 2:
            raise doubts.product_in_doubt(
                self.source,
                "'×' between two matrices is their product to one reader, a product of entries to another.",
                "Write [{a} @ {b}] for the product of matrices, or [{a} * {b}] for the entries.",
                spans,
            )
        if operator in ("*", "×") or scalar or (operator == "·" and vectors):
            mend = "Write @ where a matrix meets a vector: r * (U @ h)." if left.rank != right.rank else ""
            return self.elementwise([left, right], exact.multiply, span, "this product", mend)
        return self._contract(left, right, spans, frame)

    def _contract(self, left: Value, right: Value, spans: tuple[Span, Span], frame: Frame) -> Value:
        """The matrix product, in all its shapes."""
        span = spans[0].to(spans[1])
        left_kind, right_kind = row_vectors.kind(left, self.rows), row_vectors.kind(right, self.rows)
        if left_kind == "column" and right_kind == "row":
            return self._outer(left, right, span)
        mend = row_vectors.mend_of_columns(left, right) if self.rows else ""
        fits = (left_kind, right_kind) == ("column", "matrix") and left.axes[0] == right.axes[0]
        refused = row_vectors.RowProductError if fits and not left.row else EquationError
        if (left_kind, right_kind) not in (
            ("matrix", "column"), ("matrix", "matrix"), ("row", "matrix"), ("row", "column"),
        ):  # fmt: skip
            raise self.source.error_at(
                f"this product contracts shapes {left.shape} and {right.shape}.",
                self.source.position(span),
                doubts.typed_out(self.source, mend or doubts.mend_kinds(left, right), spans),
                refused,
            )
        if left.axes[-1] != right.axes[0]:
            raise self.source.error(
                f"this product contracts shapes {left.shape} and {right.shape}: "
                f"{'+'.join(left.axes[-1])} does not meet {'+'.join(right.axes[0])}.",
                span,
                doubts.typed_out(self.source, doubts.mend_contraction(left, right), spans),
            )
        outer = (left.axes[:-1], right.axes[1:])
        kinds = (left_kind, right_kind)
        flipped = kinds == (("matrix", "column") if self.rows else ("row", "matrix"))
        if left.power is not None or right.power is not None:
            solved = matrix_powers.multiply(left, right, span, self, frame.target)
            if solved is not None:
                return Value((*outer[0], *outer[1]), solved, row=flipped)
            left, right = matrix_powers.plain(left, self), matrix_powers.plain(right, self)
        width = len(right.axes[0])
        columns = len(outer[1][0]) if outer[1] else 1
        rows = len(outer[0][0]) if outer[0] else 1
        parts = []
        for row, column in product(range(rows), range(columns)):
            terms = [
                self._contract_blocks(left, right, row * width + k, k * columns + column, frame) for k in range(width)
            ]
            parts.append(sp.Add(*terms))
        return Value((*outer[0], *outer[1]), tuple(parts), row=flipped)

    def _contract_blocks(self, left: Value, right: Value, at: int, other: int, frame: Frame) -> sp.Expr:
        """The product of one block with one block."""
        free = left.rank + right.rank - 2
        *kept, summed = letters_of(free + 1)
        left_letters = (*kept[: left.rank - 1], summed)
        right_letters = (summed, *kept[left.rank - 1 :])
        dims = dict(zip(left_letters, left.blocks()[at], strict=True))
        dims |= dict(zip(right_letters, right.blocks()[other], strict=True))

        def contract(one: sp.Expr, two: sp.Expr) -> sp.Expr:
            sides = ((left, one, left_letters), (right, two, right_letters))
            renamed = [
                self.builder.rename_indices(part, dict(zip(letters_of(value.rank), letters, strict=True)))
                for value, part, letters in sides
            ]
            total, rests = identity.sum_diagonals(renamed, (left_letters, right_letters), self.builder)
            if 0 in rests:
                return total
            scale, factors = sp.S.One, []
            for expression, (_, _, letters) in zip(rests, sides, strict=True):
                number, rest = _pull_scalars(expression, self.builder)
                scale = exact.multiply(scale, number)
                factors.append(self._operand(rest, letters, dims, frame.target))
            name = "_".join(label(factor.name) for factor in factors)
            ref = self.builder.contract(name, tuple(factors), tuple(kept), (summed,), dims)
            return total + exact.multiply(scale, self.builder.symbol(ref))

        return complex_numbers.contracted(left.parts[at], right.parts[other], contract)

    def _operand(self, expression: sp.Expr, letters: tuple[str, ...], dims: Mapping[str, str], target: str) -> Ref:
        """A plain reference to what an expression gives, under all of `letters`; made a local where it is none."""
        if expression.is_Symbol:
            ref = self.builder.ref(expression)
            if set(ref.indices) == set(letters):
                return ref
        # The local is stored under the indices of its rank, whatever they are called in the contraction that reads it.
        stored = letters_of(len(letters))
        canonical = self.builder.rename_indices(expression, dict(zip(letters, stored, strict=True)))
        stored_dims = dict(zip(stored, (dims[i] for i in letters), strict=True))
        ref = self.builder.compute(self._operand_name(canonical, target), canonical, stored, stored_dims)
        return ref.rename(dict(zip(stored, letters, strict=True)))

    def contract(self, left: Value, right: Value, span: Span, target: str) -> Value:
        """The matrix product of what stands at a span."""
        return self._contract(left, right, (span, span), Frame(target))

    def operand(self, expression: sp.Expr, letters: tuple[str, ...], dims: Mapping[str, str], target: str) -> Ref:
        """A plain reference to what an expression gives, under all of `letters` in some order."""
        return self._operand(expression, letters, dims, target)

    def _operand_name(self, expression: sp.Expr, target: str) -> str:
        """A name that says what an expression is, where it is short: r_h, one_minus_z, v_squared."""
        factors = expression.args if expression.is_Mul else (expression,)
        if 1 <= len(factors) <= 3 and all(factor.is_Symbol for factor in factors):
            refs = self._in_typed_order(factors)
            return "_".join(label(ref.name) for ref in refs)
        if (-expression).is_Symbol:
            return f"minus_{label(self.builder.ref(-expression).name)}"
        if expression.is_Pow and expression.base.is_Symbol and expression.exp == 2:
            return f"{label(self.builder.ref(expression.base).name)}_squared"
        others = [a for a in expression.args if a.is_Symbol or (-a).is_Symbol] if expression.is_Add else []
        if len(expression.args) == 2 and len(others) == 1 and sp.S.One in expression.args and (-others[0]).is_Symbol:
            return f"one_minus_{label(self.builder.ref(-others[0]).name)}"
        return f"operand_{target}" if target else "operand"

    def _outer(self, left: Value, right: Value, span: Span) -> Value:
        """Every entry of one vector times every entry of the other; it stays inside the expression."""
        j, k = letters_of(2)
        parts = [exact.multiply(a, self.builder.rename_indices(b, {j: k})) for a in left.parts for b in right.parts]
        return Value((*left.axes, *right.axes), tuple(parts))

    def _transpose(self, value: Value, span: Span) -> Value:
        if value.unit:
            return value
        if value.rank == 1:
            return replace(value, row=not value.row)
        if value.rank != 2:
            raise self.source.error(
                f"'.T' transposes vectors and matrices, found shape {value.shape}.", span, "Use the index form."
            )
        j, k = letters_of(2)
        rows, columns = len(value.axes[0]), len(value.axes[1])
        parts = [
            self.builder.rename_indices(value.parts[row * columns + column], {j: k, k: j})
            for column, row in product(range(columns), range(rows))
        ]
        return Value((value.axes[1], value.axes[0]), tuple(parts))

    def _stack(self, node: syntax.Stack, frame: Frame) -> Value:
        """Vectors one above the other, a scalar as a vector of one entry; numbers alone are an array of their own."""
        known = self._known_numbers(frame)
        values = fixed_arrays.read_values(node, known, frame.target, self.builder, self.source)
        if values is not None:
            return values
        axis: list[str] = []
        parts: list[sp.Expr] = []
        gated = False
        for item in node.items:
            value = self.lower(item, frame)
            gated = gated or value.gated
            if value.rank > 1 or value.row or value.letters or value.unit:
                raise self.source.error(
                    f"[…] stacks vectors, found shape {value.shape}.", item.span, "Stack vectors: [h, x]."
                )
            axis += value.axes[0] if value.rank else ["1"]
            parts += value.parts
        return Value((tuple(axis),), tuple(parts), gated=gated)

    # --- functions ----------------------------------------------------------------------------------------------

    def _call(self, node: syntax.Call, frame: Frame) -> Value:
        name = node.function
        if node.each and not (name in ELEMENTWISE or (name in ("max", "min") and len(node.arguments) > 1)):
            raise self.source.error(
                f"'{name}.' stands before a bracket, but '{name}' is no function of each entry.",
                node.span,
                f"Write {name}({', '.join(self.source.excerpt(a.span) for a in node.arguments)}).",
            )
        if name in self.scope.definitions:
            return self._expand(self.scope.definitions[name], node, frame)
        if name == "eye":
            return self._eye(node)
        if name in complex_numbers.COMPLEX_FUNCTIONS:
            return self._complex_part(node, frame)
        if name in LAWS:
            known, dims = self._known_numbers(frame), self._dimensions()
            return fixed_arrays.read_law(node, known, dims, self.builder, self.source)
        if name == "roll":
            return self._roll(node, frame)
        if name == tokens.ONEHOT:
            entries = tokens.places(node, self.scope, self._dimensions(), self.builder)
            token = self.lower(node.arguments[0], frame)
            return self._named_one_hot(self.elementwise([entries, token], equal, node.span, f"'{name}'"))
        steps = _Steps(self, frame, node)
        if name in declared_values.CALLS:
            return declared_values.lowered(node, self.source, lambda inner: self.lower(inner, frame), steps)
        if name == choices.WHERE:
            return self._choice(node, frame, steps)
        if name in MATRIX_POWERS:
            return self._matrix_power(node, frame)
        values = [self.lower(argument, frame) for argument in node.arguments]
        if name in ("max", "min") and len(values) > 1:
            return self._largest(name, values, frame, node)
        calls.check_arguments(self.source, name, values, node)
        if name in vector_functions.NAMES and name != "norm" and values[0].is_complex:
            raise complex_calls.function(self.source, name, node)
        if name in ("softmax", "log_softmax"):
            return vector_functions.softmax(name, values[0], node.span, self, steps)
        if name == "norm":
            return vector_functions.norm(values[0], node.span, self, steps)
        if name in ("max", "min", "sum", "mean"):
            return self.reduce(name, values[0], frame, node.span)
        if name == "dot":
            return self.dot(values[0], values[1], node.span, frame)
        if name == "outer":
            if any(kind_of(value) not in ("row", "column") for value in values):
                shapes = f"{values[0].shape} and {values[1].shape}"
                raise self.source.error(f"'outer' takes two vectors, found {shapes}.", node.span, "Pass vectors.")
            return self._outer(values[0], values[1], node.span)
        if name == "diag":
            return identity.diagonal_matrix(values[0], node.span, self.builder, self.source)
        if name == "cumsum":
            return self._through_law("lower", (), values[0], node, frame)
        if ALIASES.get(name, name) in _OF_MATRICES and is_square(values[0]) and not node.each:
            raise doubts.function_of_a_matrix(self.source, name, node, values[0])
        return self.apply(name, values, frame, node)

    def _named_one_hot(self, value: Value) -> Value:
        """The same as a local, one of each token."""
        (expression,), (dims,) = value.parts, value.blocks()
        name = "_".join([tokens.ONEHOT, *(label(r.name) for r in self.builder.refs(expression) if not r.indices)])
        letters = letters_of(value.rank)
        ref = self.builder.compute(name, expression, letters, dict(zip(letters, dims, strict=True)))
        return replace(value, parts=(self.builder.symbol(ref),))

    def _matrix_power(self, node: syntax.Call, frame: Frame) -> Value:
        """``inv(A)``, ``solve(A, b)``, ``matrix_power(A, k)``."""
        arguments, exponent = list(node.arguments), None
        if node.function == "matrix_power" and len(arguments) == 2:
            exponent = number_of(arguments.pop(), self.source, self._known_numbers(frame))
        values = [self.lower(argument, frame) for argument in arguments]
        return matrix_powers.call(node, values, exponent, self, frame.target)

    def _choice(self, node: syntax.Call, frame: Frame, steps: _Steps) -> Value:
        """``where(u > v, a, b)``."""

        def chosen(values: list[Value], function: Callable[..., sp.Expr]) -> Value:
            return self.elementwise(values, function, node.span, "this choice")

        return choices.lowered(node, self.source, lambda inner: self.lower(inner, frame), chosen, self.builder, steps)

    def _function_column(self, node: syntax.FunctionColumn, value: Value, frame: Frame) -> Value:
        """``[sigmoid; tanh](a)``: each function of its part."""

        def apply(k: int, part: Value) -> Value:
            function = node.functions[k]
            call = syntax.Call(function, (node.argument,), node.span)
            own = frame.own[k : k + 1] if len(frame.own) == len(node.functions) else ()
            outermost = call if frame.outermost is node else None
            if function not in ELEMENTWISE:
                raise self.source.error(
                    f"'{function}' is no function of each entry.", node.span, "Write a column of sigmoid, tanh, …."
                )
            return self.apply(function, [part], replace(frame, own=own, outermost=outermost), call)

        return slices.apply_column(value, node, self.source, apply)

    def _expand(self, definition: Definition, node: syntax.Call, frame: Frame) -> Value:
        """A definition of the text, its parameters bound to the arguments."""
        if definition.name in frame.calls or len(frame.calls) >= _MAX_CALLS:
            raise self.source.error(f"'{definition.name}' is defined by itself.", definition.span, "Break the circle.")
        if len(node.arguments) != len(definition.parameters):
            raise self.source.error(
                f"'{definition.name}' takes {len(definition.parameters)} arguments, found {len(node.arguments)}.",
                node.span,
                f"Write {definition.name}({', '.join(definition.parameters)}).",
            )
        arguments = {}
        for parameter, argument in zip(definition.parameters, node.arguments, strict=True):
            value = self.lower(argument, frame)
            uses = sum(isinstance(n, syntax.Variable) and n.name == parameter for n in syntax.walk(definition.body))
            arguments[parameter] = self.named(value, f"{parameter}_{frame.target}", frame) if uses > 1 else value
        inner = replace(frame, arguments=arguments, calls=(*frame.calls, definition.name), outermost=None)
        return self.lower(definition.body, inner)

    def named(self, value: Value, wanted: str, frame: Frame, owns: tuple[str, ...] = ()) -> Value:
        """The value with a local for each block that is more than a name or a number; `owns` are set aside for them."""
        parts = []
        for k, (part, dims) in enumerate(zip(value.parts, self._dims(value, frame), strict=True)):
            if not (part.is_Symbol or part.is_number):
                own = owns[k * len(owns) // len(value.parts)] if owns else ""

                def name(real: sp.Expr, dims: dict[str, str] = dims, own: str = own) -> sp.Expr:
                    if real.is_Symbol or real.is_number:
                        return real
                    free = bool(own) and own not in self.builder.tensors
                    letters = self._free_letters(real, dims)
                    ref = self.builder.compute(own or wanted, real, letters, dims, own_name=free)
                    return self.builder.symbol(ref)

                part = complex_numbers.each_part(part, name)
            parts.append(part)
        return replace(value, parts=tuple(parts))

    def _dims(self, value: Value, frame: Frame) -> list[dict[str, str]]:
        """For each block the dimension of each of its indices."""
        if value.letters:
            return [{i: dim for i, dim in frame.bound.items() if dim is not None and i in value.letters}]
        return [dict(zip(letters_of(value.rank), block, strict=True)) for block in value.blocks()]

    def _free_letters(self, expression: sp.Expr, dims: Mapping[str, str]) -> tuple[str, ...]:
        """The indices that an expression carries, in the order of the frame."""
        carried = {i for ref in self.builder.refs(expression) for i in ref.indices}
        return tuple(i for i in dims if i in carried)

    def apply(self, function: str, values: list[Value], frame: Frame, node: Node) -> Value:
        """An elementwise function, its value a local of its own and its arguments plain."""
        function = ALIASES.get(function, function)
        for value in values:
            if value.row:
                what = "rows" if self.rows else "columns"
                raise self.source.error(f"functions take {what}, not transposed vectors.", node.span, "Leave out .T.")
        if any(value.is_complex for value in values):
            return self._apply_to_complex(function, values, frame, node)
        owns = frame.own if frame.outermost is node else ()
        shape = self.elementwise(values, lambda *parts: sp.Tuple(*parts), node.span, f"'{function}'")
        parts = []
        for k, (arguments, dims) in enumerate(zip(shape.parts, self._dims(shape, frame), strict=True)):
            own = owns[k * len(owns) // len(shape.parts)] if owns else ""
            if function in SHORTHANDS:
                plain = self._argument(arguments[0], dims, frame, own)
                parts.append(self._flatten(SHORTHANDS[function](plain), dims, frame))
            else:
                parts.append(self._function(function, list(arguments), dims, frame, own))
        return replace(shape, parts=tuple(parts), gated=True)

    def _apply_to_complex(self, function: str, values: list[Value], frame: Frame, node: Node) -> Value:
        """``exp`` and the absolute value of a complex array; of other functions the refusal."""
        (value, *more) = values
        if function not in ("exp", "absolute") or more:
            raise complex_calls.function(self.source, function, node)
        parts = []
        for part, dims in zip(value.parts, self._dims(value, frame), strict=True):
            re, im = complex_numbers.parts_of(part)
            if function == "absolute":
                parts.append(self._function("norm_root", [re**2 + im**2], dims, frame))
                continue
            of_re, of_im = (replace(frame, target=name) for name in complex_numbers.pair_of(frame.target))
            size = self._function("exp", [re], dims, of_re) if re != 0 else sp.S.One
            cos, sin = (self._function(name, [im], dims, of_im) for name in ("cos", "sin"))
            parts.append(exact.multiply(size, cos) + sp.I * exact.multiply(size, sin))
        return replace(value, parts=tuple(parts), gated=True)

    def _complex_part(self, node: syntax.Call, frame: Frame) -> Value:
        """``re(z)``, ``im(z)``, ``conj(z)``."""
        if len(node.arguments) != 1:
            raise self.source.error(
                f"'{node.function}' takes one argument, found {len(node.arguments)}.",
                node.span,
                f"Write {node.function}(z).",
            )
        value, which = self.lower(node.arguments[0], frame), node.function[:2].lower()

        def take(part: sp.Expr) -> sp.Expr:
            re, im = complex_numbers.parts_of(part)
            return {"re": re, "im": im}.get(which, complex_numbers.conjugate(part))

        return _each(value, take)

    def _function(
        self, function: str, arguments: list[sp.Expr], dims: Mapping[str, str], frame: Frame, own: str = ""
    ) -> sp.Expr:
        plain = [
            argument if argument.is_Rational and len(arguments) > 1 else self._argument(argument, dims, frame, own)
            for argument in arguments
        ]
        name = "_".join([function, *(_argument_label(argument, self.builder) for argument in plain)])
        expression = FUNCTIONS[function].function(*plain)
        number = self._checked_number(function, arguments)
        letters = self._free_letters(expression, dims)
        return self._note(self.builder.symbol(self.builder.compute(name, expression, letters, dims)), number)

    def _argument(self, expression: sp.Expr, dims: Mapping[str, str], frame: Frame, own: str = "") -> sp.Expr:
        """A plain reference for the argument of a function: the pre-activation, where it is compound."""
        if expression.is_Symbol:
            return expression
        letters = self._free_letters(expression, dims)
        wanted = own or f"a_{frame.target}"
        free = bool(own) and own not in self.builder.tensors
        number = self._number(expression)
        return self._note(
            self.builder.symbol(self.builder.compute(wanted, expression, letters, dims, own_name=free)), number
        )

    # --- numbers ------------------------------------------------------------------------------------------------

    def _number(self, expression: sp.Expr) -> sp.Expr | None:
        """Value of an expression in numbers and constants, to 30 digits; None for any other."""
        values = {}
        for symbol in expression.free_symbols:
            value = self._numbers.get(symbol, self.scope.constants.get(symbol.name))
            if value is None:
                return None
            values[symbol] = value
        return sp.N(expression.xreplace(values), 30)

    def _note(self, symbol: sp.Symbol, number: sp.Expr | None) -> sp.Symbol:
        """Keep that a local is a number; returns its symbol."""
        if number is not None:
            self._numbers[symbol] = number
        return symbol

    def _checked_number(self, function: str, arguments: list[sp.Expr]) -> sp.Expr | None:
        """The value of exp, log or sqrt of a number, which has to be in the domain; None where nothing is known."""
        evaluated = {"exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt}.get(function)
        number = self._number(arguments[0]) if evaluated is not None else None
        if evaluated is None or number is None:
            return None
        if function == "exp" and number > _LARGEST_EXPONENT:
            raise _NotRealError(f"exp is {float(number):.6g}, larger than 709")
        if function == "exp" and number < -_MAX_EXPONENTIAL:
            return None
        if function != "exp" and (number.is_negative or (number.is_zero and function == "log")):
            raise _NotRealError(f"{function} is {float(number):.6g}")
        return sp.N(evaluated(number), 30)

    def _divide(self, above: sp.Expr, below: sp.Expr) -> sp.Expr:
        """The quotient; the divisor is no number that is zero."""
        number = self._number(below)
        if number is not None and number.is_zero:
            raise ZeroDivisionError
        return exact.divide(above, below)

    def _flatten(self, expression: sp.Expr, dims: Mapping[str, str], frame: Frame) -> sp.Expr:
        """An expression of the functions table with every function in it a local of its own."""
        if not expression.args:
            return expression
        arguments = [self._flatten(argument, dims, frame) for argument in expression.args]
        if type(expression).__name__ in FUNCTIONS and expression.is_Function:
            return self._function(type(expression).__name__, arguments, dims, frame)
        return expression.func(*arguments)

    def _largest(self, name: str, values: list[Value], frame: Frame, node: Node) -> Value:
        """max or min of several arguments, two by two."""
        total = values[0]
        for value in values[1:]:
            total = self.apply({"max": "maximum", "min": "minimum"}[name], [total, value], frame, node)
        return total

    # --- reductions ---------------------------------------------------------------------------------------------

    def reduce(self, name: str, value: Value, frame: Frame, span: Span) -> Value:
        """sum, mean, max or min over all entries of an array."""
        if not value.rank:
            raise self.source.error(
                f"'{name}' needs an array, found a scalar.", span, f"In the index form write {name}[q] …."
            )
        if name in ("max", "min") and value.is_complex:
            raise complex_calls.order(self.source, name, span)
        if name == "min":
            largest = self.reduce("max", _each(value, lambda part: -part), frame, span)
            return _each(largest, lambda part: -part)
        letters = letters_of(value.rank)
        results = []
        for part, block in zip(value.parts, value.blocks(), strict=True):
            dims = dict(zip(letters, block, strict=True))
            kind = "max" if name == "max" else "sum"

            def reduce(real: sp.Expr, dims: dict[str, str] = dims, kind: str = kind) -> sp.Expr:
                return self._reduce_block(real, letters, dims, kind, frame)

            results.append(complex_numbers.each_part(part, reduce))
        if name == "max":
            return Value((), (self._fold_maximum(results, frame),))
        total = sp.Add(*results)
        if name == "sum":
            return Value((), (total,))
        count = sp.Add(*(sp.Mul(*(self.size(dim) for dim in block)) for block in value.blocks()))
        return Value((), (exact.divide(total, count),))

    def _fold_maximum(self, results: list[sp.Expr], frame: Frame) -> sp.Expr:
        total = results[0]
        for result in results[1:]:
            total = self._function("maximum", [total, result], {}, frame)
        return total

    def _reduce_block(
        self, part: sp.Expr, letters: tuple[str, ...], dims: Mapping[str, str], reduction: str, frame: Frame
    ) -> sp.Expr:
        scale = sp.S.One
        if reduction == "sum":
            scale, part = _pull_scalars(part, self.builder)
        operand = self._operand(part, letters, dims, frame.target)
        name = f"{reduction}_{label(operand.name)}"
        ref = self.builder.contract(name, (operand,), (), letters, dims, "max" if reduction == "max" else "sum")
        return exact.multiply(scale, self.builder.symbol(ref))

    def dot(self, left: Value, right: Value, span: Span, frame: Frame) -> Value:
        """The sum of the products of entries that stand at the same place."""
        if not left.rank or left.axes != right.axes:
            raise self.source.error(
                f"'dot' takes arrays of one shape, found {left.shape} and {right.shape}.",
                span,
                "Make the shapes equal.",
            )
        if left.is_complex or right.is_complex:
            raise complex_calls.dot(self.source, span)
        letters, terms = letters_of(left.rank), []
        for a, b, block in zip(left.parts, right.parts, left.blocks(), strict=True):
            dims = dict(zip(letters, block, strict=True))
            (scale, a), (other, b) = _pull_scalars(a, self.builder), _pull_scalars(b, self.builder)
            factors = tuple(self._operand(part, letters, dims, frame.target) for part in (a, b))
            name = f"{label(factors[0].name)}_dot_{label(factors[1].name)}"
            ref = self.builder.contract(name, factors, (), letters, dims)
            terms.append(exact.multiply(exact.multiply(scale, other), self.builder.symbol(ref)))
        return Value((), (sp.Add(*terms),))

    def _indexed_reduction(self, node: syntax.Reduction, frame: Frame) -> Value:
        """``sum[q,r] …`` of the index form."""
        again = next((i for i in node.indices if i in frame.bound), None)
        if again is not None or len(set(node.indices)) < len(node.indices):
            raise self.source.error(
                f"the index '{again or node.indices[0]}' is already in use.", node.span, "Sum over another letter."
            )
        bound: dict[str, str | None] = {**frame.bound, **dict.fromkeys(node.indices)}
        inner = replace(frame, bound=bound)
        self.bind_early(node.body, inner)
        value = self.lower(node.body, inner)
        for index, dim in inner.bound.items():
            if index in frame.bound:
                frame.bound[index] = dim
        unused = next((i for i in node.indices if i not in value.letters), None)
        if unused is not None or value.rank:
            raise self.source.error(
                f"nothing under this {node.kind} carries the index '{unused or node.indices[0]}'.",
                node.span,
                f"Write {node.kind}[q] U[j,q] * h[q], every array under its indices.",
            )
        dims = {i: dim for i, dim in inner.bound.items() if dim is not None and i in value.letters}
        free = tuple(i for i in dims if i not in node.indices)
        if node.kind in ("max", "min") and value.is_complex:
            raise complex_calls.order(self.source, node.kind, node.span)
        if value.is_complex:
            part = complex_numbers.each_part(
                value.parts[0], lambda real: self._reduce_terms(node, real, free, dims, frame)
            )
        else:
            part = self._reduce_indexed(node, value.parts[0], free, dims, frame)
        return Value((), (part,), value.letters - set(node.indices))

    def _reduce_terms(
        self, node: syntax.Reduction, body: sp.Expr, free: tuple[str, ...], dims: dict[str, str], frame: Frame
    ) -> sp.Expr:
        """A part of a complex sum, product by product, so that each can be a contraction."""
        terms = sp.Add.make_args(sp.expand_mul(body))
        alike = all(set(node.indices) <= {i for ref in self.builder.refs(t) for i in ref.indices} for t in terms)
        return sp.Add(*(self._reduce_indexed(node, t, free, dims, frame) for t in (terms if alike else (body,))))

    def _reduce_indexed(
        self, node: syntax.Reduction, body: sp.Expr, free: tuple[str, ...], dims: dict[str, str], frame: Frame
    ) -> sp.Expr:
        if node.kind in ("max", "min"):
            sign = 1 if node.kind == "max" else -1
            operand = self._summand(sign * body, (*free, *node.indices), dims, frame)
            name = f"max_{label(operand.name)}"
            return sign * self.builder.symbol(self.builder.contract(name, (operand,), free, node.indices, dims, "max"))
        scale, rest = _pull_scalars(body, self.builder)
        factors = rest.args if rest.is_Mul else (rest,)
        carried = {i for f in factors if f.is_Symbol for i in self.builder.ref(f).indices}
        if all(f.is_Symbol for f in factors) and set(node.indices) <= carried:
            refs = self._in_typed_order(factors)
        else:
            refs = [self._summand(rest, (*free, *node.indices), dims, frame)]
        name = "_".join(label(ref.name) for ref in refs[:3]) if len(refs) > 1 else f"sum_{label(refs[0].name)}"
        total = self.builder.symbol(self.builder.contract(name, tuple(refs), free, node.indices, dims))
        if node.kind == "mean":
            count = sp.Mul(*(self.size(dims[i]) for i in node.indices))
            scale = exact.divide(scale, count)
        return exact.multiply(scale, total)

    def _in_typed_order(self, factors: Iterable[sp.Expr]) -> list[Ref]:
        """References in the order in which they were typed."""
        refs = [self.builder.ref(factor) for factor in factors]
        return sorted(refs, key=lambda ref: (self._typed.get(label(ref.name), len(self._typed)), ref))

    def _summand(self, expression: sp.Expr, letters: tuple[str, ...], dims: Mapping[str, str], frame: Frame) -> Ref:
        if expression.is_Symbol:
            return self.builder.ref(expression)
        return self.builder.compute(self._operand_name(expression, frame.target), expression, letters, dims)

    # --- matrices of a law --------------------------------------------------------------------------------------

    def _dimensions(self) -> dict[str, str]:
        """Every dimension by name, with the one that stands for it."""
        sizes = {d.name: d.size for d in self.scope.dimensions if d.fixed}
        return {
            d.name: str(size) if (size := sizes.get(d.name)) is not None and size.is_Symbol else d.name
            for d in self.scope.dimensions
        }

    def _eye(self, node: syntax.Call) -> Value:
        """``eye(n)``: the identity matrix of a dimension."""
        match node.arguments:
            case (syntax.Variable(name=name),) if name in self._dimension_names():
                return identity.identity_matrix(self._dimensions()[name], self.builder)
            case _:
                raise self.source.error("'eye' takes the name of a dimension.", node.span, "Write eye(n).")

    def _roll(self, node: syntax.Call, frame: Frame) -> Value:
        """``roll(v, k)``: entry j is that of v k places before, around the end."""
        places = None
        if len(node.arguments) == 2:
            places = number_of(node.arguments[1], self.source, self._known_numbers(frame))
        if places is None or not places.is_Integer or abs(places) >= fixed_arrays.MAX_NUMBER:
            raise self.source.error(
                "'roll' takes a vector and by how many places it is shifted.", node.span, "Write roll(v, 1)."
            )
        return self._through_law("shift", (int(places),), self.lower(node.arguments[0], frame), node, frame)

    def _through_law(self, law: str, numbers: tuple[int, ...], value: Value, node: syntax.Call, frame: Frame) -> Value:
        """The product of a law's matrix with a vector."""
        if kind_of(value) != "column" or len(value.axes[0]) != 1:
            raise self.source.error(
                f"'{node.function}' takes a vector in one piece, found shape {value.shape}.",
                node.span,
                "Pass a vector.",
            )
        matrix = fixed_arrays.law_matrix(self.builder, law, value.axes[0][0], *numbers)
        return replace(self._contract(matrix, value, (node.span, node.span), frame), gated=value.gated)


@dataclass(frozen=True)
class _Steps:
    """Lowering of one call, as functions of vectors need it."""

    lowering: Lowering
    frame: Frame
    node: Node

    def named(self, value: Value, wanted: str) -> Value:
        owns = self.frame.own if wanted == "a" and self.frame.outermost is self.node else ()
        return self.lowering.named(value, f"{wanted}_{self.frame.target}", self.frame, owns)

    def apply(self, function: str, *values: Value) -> Value:
        return self.lowering.apply(function, list(values), self.frame, self.node)

    def computed(self, value: Value, wanted: str) -> Value:
        named = self.lowering.named(value, f"{wanted}_{self.frame.target}", self.frame)
        return replace(named, gated=True)

    def reduced(self, kind: str, value: Value) -> Value:
        return self.lowering.reduce(kind, value, self.frame, self.node.span)

    def dot(self, left: Value, right: Value) -> Value:
        return self.lowering.dot(left, right, self.node.span, self.frame)


def _tensor_name(part: str, kind: str, lag: int | None) -> str:
    """The Program's name for a part of a symbol at a delay."""
    if kind == "state":
        return next_name(part) if lag is None else lagged_name(part, lag, "state")
    return lagged_name(part, lag or 0, "input") if kind == "input" else part


def _each(value: Value, change: Callable[[sp.Expr], sp.Expr]) -> Value:
    return replace(value, parts=tuple(change(part) for part in value.parts))


def _common_axes(shapes: list[Axes]) -> Axes | None:
    """The shape to which shapes of one rank extend; None if there is none."""
    axes: list[tuple[str, ...]] = []
    for own in zip(*shapes, strict=True):
        longer = sorted({axis for axis in own if axis != ("1",)})
        if len(longer) > 1:
            return None
        axes.append(longer[0] if longer else ("1",))
    return tuple(axes)


def _pull_scalars(expression: sp.Expr, builder: Builder) -> tuple[sp.Expr, sp.Expr]:
    """The factors without indices, and what remains: they commute with a sum. Nothing is pulled from a scalar."""
    if not expression.is_Mul:
        return sp.S.One, expression
    inner = [f for f in expression.args if any(ref.indices for ref in builder.refs(f))]
    if not inner:
        return sp.S.One, expression
    outer = [f for f in expression.args if f not in inner]
    return sp.Mul(*outer), sp.Mul(*inner)


def _argument_label(argument: sp.Expr, builder: Builder) -> str:
    if argument.is_Symbol:
        return label(builder.ref(argument).name)
    return str(argument).replace("/", "_over_").replace("-", "minus_")

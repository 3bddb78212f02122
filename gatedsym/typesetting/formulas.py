"""Statements of a Program → formulas: in matrix notation where matrices can say it, and in entries always.

A contraction ``U[j,k] h[k]`` is U h, ``U[k,j] d[k]`` is Uᵀ d, ``d[j] x[k]`` is d xᵀ; a pointwise product is ⊙, and what
meets an identity is a diagonal matrix, diag(·). Where the author's vectors are rows, these are h U, d Uᵀ and xᵀ d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.ir.functions import FUNCTIONS, sech2, sigmoid, tanh
from gatedsym.ir.program import Contraction, Pointwise, Ref, Solve, Statement, fresh_indices
from gatedsym.typesetting.notation import (
    ONES,
    Accent,
    Box,
    Level,
    Name,
    Number,
    Op,
    Piece,
    Row,
    Script,
    add,
    bars,
    big,
    call,
    comma_list,
    diagonal,
    entry,
    hadamard,
    name_box,
    number,
    power,
    product,
    quotient,
    root,
    superscript,
    transpose,
)
from gatedsym.typesetting.symbols import Symbols

FUNCTION_NAMES: Mapping[str, str] = {
    "sigmoid": "σ", "normal_cdf": "Φ", "normal_pdf": "φ", "maximum": "max", "minimum": "min", "log_sigmoid": "log σ",
    "hard_sigmoid": "hardsigmoid", "exp_below": "exp", "atan": "arctan", "hard_tanh": "hardtanh",
    "leaky_relu": "leakyrelu",
}  # fmt: skip
"""How a page calls functions that it does not call by their own name."""

ADJOINTS_FIRST = 1e6

Order = Callable[[str], float]
"""Where in a formula the tensor of a name is to stand."""


def function_box(name: str) -> Box:
    """The box of a function's name."""
    if name == "hard_sigmoid_02":
        return Script(Name("hardsigmoid"), sub=Number("0.2"))
    if name == "half_step":
        return Script(Name("step"), sub=Number("1/2"))
    if name == "exp_below":
        return Script(Name("exp"), sub=Name("≤0"))
    return Name(FUNCTION_NAMES.get(name, name))


def apply(name: str, arguments: Sequence[Piece]) -> Piece:
    """A function of the table, applied."""
    if name == "absolute":
        return bars(arguments[0])
    if name in ("sqrt", "norm_root"):
        return root(arguments[0])
    if name == "norm_root_inverse":
        return quotient(number(1), root(arguments[0]))
    if name == "pivot":
        return arguments[0]
    if name == "erf_slope":
        return call(superscript(Name("erf"), Op("′")), *arguments)
    if name in ("where_above", "where_least"):
        u, v, a, b = arguments
        sign = ">" if name == "where_above" else "≥"
        return call(Name("where"), Piece(Row((u.whole(), Op(sign), v.whole()))), a, b)
    if name == "sech2":
        return power(call(Name("sech"), *arguments), Number("2"))
    return call(function_box(name), *arguments)


@dataclass(frozen=True)
class Atom:
    """Sign for a symbol: a piece, and whether it is an array (joined by ⊙) or a number."""

    piece: Piece
    array: bool


class Expressions:
    """SymPy expressions → pieces, given what stands for each symbol."""

    def __init__(self, atoms: Mapping[sp.Symbol, Atom], place: Callable[[sp.Symbol], float]) -> None:
        self.atoms, self.place = atoms, place

    def piece(self, expression: sp.Expr) -> Piece:
        return self._convert(expression).piece

    def _convert(self, e: sp.Expr) -> Atom:
        if e.is_Symbol:
            return self.atoms[e]
        if e.is_Rational:
            return Atom(number(int(e.p), int(e.q)), False)
        if e.is_Add:
            terms = [self._convert(t) for t in sorted(e.args, key=self._term_key)]
            return Atom(add([t.piece for t in terms]), any(t.array for t in terms))
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            return self._power(e)
        if e == sp.pi:
            return Atom(Piece(Name("π")), False)
        if e.is_Function and type(e).__name__ in FUNCTIONS:
            arguments = [self._convert(a) for a in e.args]
            return Atom(apply(type(e).__name__, [a.piece for a in arguments]), any(a.array for a in arguments))
        raise ValueError(f"a page cannot print {type(e).__name__}.")

    def _factor_key(self, factor: sp.Expr) -> tuple[list[float], int, str]:
        """Plain numbers first, then the order in which a person would write."""
        return sorted(self.place(s) for s in factor.free_symbols), len(str(factor)), str(factor)

    def _term_key(self, term: sp.Expr) -> tuple[list[float], int, str]:
        return self._factor_key(term)

    def _product(self, e: sp.Expr) -> Atom:
        above, below = sp.fraction(e)
        if below != 1:
            top, bottom = self._convert(above), self._convert(below)
            return Atom(quotient(top.piece, bottom.piece), top.array or bottom.array)
        factors = [self._convert(f) for f in sorted(sp.Mul.make_args(above), key=self._factor_key)]
        sign = sum(f.piece.negative for f in factors) % 2 == 1
        plain = [Atom(Piece(f.piece.box, f.piece.level, call=f.piece.call), f.array) for f in factors]
        numbers = [f.piece for f in plain if not f.array and f.piece.box != Number("1")]
        arrays = [f.piece for f in plain if f.array]
        if not arrays:
            result = product(numbers) if numbers else number(1)
        elif numbers:
            result = product([*numbers, hadamard(arrays)]) if len(arrays) == 1 else _scaled(numbers, arrays)
        else:
            result = hadamard(arrays)
        return Atom(Piece(result.box, result.level, sign, result.call), bool(arrays))

    def _power(self, e: sp.Expr) -> Atom:
        base, exponent = e.args
        if exponent.is_Rational and exponent < 0:
            below = self._convert(base ** (-exponent))
            return Atom(quotient(number(1), below.piece), below.array)
        inner = self._convert(base)
        if exponent == sp.Rational(1, 2):
            return Atom(root(inner.piece), inner.array)
        return Atom(power(inner.piece, self._convert(exponent).piece.whole()), inner.array)


def _scaled(numbers: Sequence[Piece], arrays: Sequence[Piece]) -> Piece:
    """Numbers before an entry-by-entry product."""
    front, rest = product(numbers), hadamard(arrays)
    joined = product([front, Piece(rest.box, Level.PRODUCT)])
    return Piece(joined.box, Level.HADAMARD)


class Formulas:
    """Right sides of statements, in letters of a page.

    Parameters
    ----------
    symbols : Symbols
    typed : callable, optional
        For the target of a statement, the order in which its line was typed (None where nobody typed it). Elsewhere
        adjoints stand first, then the step's order holds.
    """

    def __init__(self, symbols: Symbols, typed: Callable[[str], Order | None] = lambda name: None) -> None:
        self.symbols = symbols
        self._typed = typed
        self._complements: dict[str, tuple[int, str] | None] = {}
        self._arrays: dict[str, Piece | None] = {}
        self._orders: dict[tuple[str, str], float] = {}
        self._one_hots = find_one_hots(symbols.primal)
        self._positions = {n: k for k, n in enumerate(dict.fromkeys(t for p in symbols.programs for t in _names(p)))}

    # One tensor.

    def array(self, name: str) -> Piece | None:
        """The tensor as a whole; None if its formula needs indices."""
        if name not in self._arrays:
            self._arrays[name] = self._array(name)
        return self._arrays[name]

    def _array(self, name: str) -> Piece | None:
        size = self._size(name)
        if size is not None:
            return size
        complement = self.complement(name)
        if complement is not None:
            return self._complement_piece(*complement, self.array(complement[1]))
        if self.symbols.inlined(name):
            return self.arrays_of(self.symbols.definitions[name])
        return Piece(self.letter(name))

    def letter(self, name: str) -> Box:
        """The letter of a tensor; the adjoint of something without a letter is a line over its formula."""
        tensor = self.symbols.tensors[name]
        if tensor.role in ("adjoint", "cotangent") and self.symbols.inlined(tensor.of):
            return self.adjoint_of(tensor.of)
        return self.symbols.box(name)

    def adjoint_of(self, name: str) -> Box:
        """The adjoint of a tensor of the step, with or without a letter."""
        if not self.symbols.inlined(name):
            return self.symbols.adjoint_of(name)
        formula = self.array(name)
        return self.symbols.adjoint_of(name) if formula is None else Accent("line", formula.whole())

    def _one_hot(self, name: str) -> Piece:
        return call(Name("onehot"), Piece(self.letter(self._one_hots[name])))

    def _size(self, name: str) -> Piece | None:
        """The size of a dimension, if the tensor is the sum over an identity."""
        s = self.symbols.definitions.get(name)
        if not isinstance(s, Contraction) or len(s.factors) != 1 or not self.symbols.inlined(name):
            return None
        tensor = self.symbols.tensors[s.factors[0].name]
        if tensor.role != "identity" or set(s.summed) != set(s.factors[0].indices):
            return None
        dim = tensor.dims[0]
        return Piece(Number(dim) if dim.isdigit() else name_box(dim))

    def at(self, ref: Ref, taken: frozenset[str] = frozenset()) -> Piece:
        """One entry of the tensor."""
        size = self._size(ref.name)
        if size is not None:
            return size
        complement = self.complement(ref.name)
        if complement is not None:
            return self._complement_piece(*complement, self.at(Ref(complement[1], ref.indices), taken)) or number(0)
        if self.symbols.inlined(ref.name):
            if ref.name in self._one_hots:
                return Piece(entry(self._one_hot(ref.name).whole(), [self.symbols.index(i) for i in ref.indices]))
            return self._inlined_entry(ref, taken)
        if self.symbols.tensors[ref.name].role == "identity":
            return Piece(Script(Name("δ"), sub=comma_list([self.symbols.index(i) for i in ref.indices])))
        return Piece(entry(self.letter(ref.name), [self.symbols.index(i) for i in ref.indices]))

    def _inlined_entry(self, ref: Ref, taken: frozenset[str]) -> Piece:
        statement = self.symbols.definitions[ref.name]
        renaming = dict(zip(statement.target.indices, ref.indices, strict=True))
        if isinstance(statement, Contraction):
            fresh = fresh_indices(len(statement.summed), taken | set(ref.indices))
            renaming.update(zip(statement.summed, fresh, strict=True))
            summed = tuple(fresh)
            factors = tuple(f.rename(renaming) for f in statement.factors)
            return self._contraction_entries(factors, summed, statement.reduction, taken | set(ref.indices))
        if isinstance(statement, Solve):
            (row,) = fresh_indices(1, taken | set(ref.indices))
            renaming[statement.row] = row
            renamed_system = Solve(ref, statement.matrix.rename(renaming), statement.right.rename(renaming))
            return self._solution_entries(renamed_system, taken | set(ref.indices))
        renamed = {r.symbol: r.rename(renaming) for r in statement.operands}
        expression = statement.expression.xreplace({s: r.symbol for s, r in renamed.items()})
        return self._pointwise_entries(expression, tuple(renamed.values()), taken | set(ref.indices), ref.name)

    # One statement.

    def entries_of(self, statement: Statement) -> Piece:
        """The right side under indices."""
        free = frozenset(statement.target.indices)
        if isinstance(statement, Contraction):
            return self._contraction_entries(statement.factors, statement.summed, statement.reduction, free)
        if statement.target.name in self._one_hots:
            own = self._one_hot(statement.target.name).whole()
            return Piece(entry(own, [self.symbols.index(i) for i in statement.target.indices]))
        if isinstance(statement, Solve):
            return self._solution_entries(statement, free)
        return self._pointwise_entries(statement.expression, statement.operands, free, statement.target.name)

    def arrays_of(self, statement: Statement) -> Piece | None:
        """The right side in matrix notation; None where matrices cannot say it."""
        if isinstance(statement, Contraction):
            return _Chain(self, statement).piece()
        if isinstance(statement, Solve):
            return self._solution(statement)
        rank = len(statement.target.indices)
        if all(not r.indices or r.indices == statement.target.indices for r in statement.operands):
            return self.elementwise(statement.expression, statement.operands, statement.target.name)
        return self._sum_of_matrices(statement) if rank == 2 else None

    def elementwise(self, expression: sp.Expr, operands: Sequence[Ref], target: str = "") -> Piece | None:
        """An expression whose operands all carry the same indices (or none), as arrays."""
        if target in self._one_hots:
            return self._one_hot(target)
        atoms: dict[sp.Symbol, Atom] = {}
        for ref in operands:
            piece = self.array(ref.name)
            if piece is None:
                return None
            atoms[ref.symbol] = Atom(piece, bool(ref.indices))
        return self._expressions(atoms, operands, target).piece(expression)

    def _expressions(self, atoms: Mapping[sp.Symbol, Atom], operands: Sequence[Ref], target: str) -> Expressions:
        places = {r.symbol: self.order(r.name, target) for r in operands}
        return Expressions(atoms, lambda s: places.get(s, 0.0))

    def _pointwise_entries(
        self, expression: sp.Expr, operands: Sequence[Ref], taken: frozenset[str], target: str
    ) -> Piece:
        atoms = {r.symbol: Atom(self.at(r, taken), False) for r in operands}
        return self._expressions(atoms, operands, target).piece(expression)

    def _contraction_entries(
        self, factors: Sequence[Ref], summed: tuple[str, ...], reduction: str, taken: frozenset[str]
    ) -> Piece:
        inner = taken | set(summed)
        body = product([self.at(f, inner) for f in factors])
        if not summed:
            return body
        under = comma_list([self.symbols.index(i) for i in summed])
        return big("∑" if reduction == "sum" else "max", under, body)

    def inverse_of(self, statement: Solve, turned: bool = False) -> Piece:
        """A⁻¹ of a system's matrix, A⁻ᵀ where the system is transposed; a letter's where A has no formula.

        `turned` asks for the transpose of this.
        """
        matrix = self.array(statement.matrix.name) or Piece(self.symbols.box(statement.matrix.name))
        above = Op("⊤") if statement.transposed != turned else Number("1")
        return Piece(superscript(matrix.at(Level.ATOM), Row((Op("−"), above))))

    def _solution(self, statement: Solve) -> Piece | None:
        """A⁻¹ b; None where the right side has more than two axes or no formula of its own."""
        inverse = self.inverse_of(statement)
        if self.symbols.tensors[statement.right.name].role == "identity":
            return inverse
        right = self.array(statement.right.name)
        if right is None or len(statement.target.indices) > 2:
            return None
        if self.symbols.rows and len(statement.target.indices) == 1:
            return product([right, self.inverse_of(statement, turned=True)])
        return product([inverse, right])

    def _solution_entries(self, statement: Solve, taken: frozenset[str]) -> Piece:
        """Σ_k (A⁻¹)_{jk} b_k"""
        inverse = self.inverse_of(statement).at(Level.ATOM)
        place = [self.symbols.index(i) for i in (statement.unknown, statement.row)]
        if self.symbols.tensors[statement.right.name].role == "identity":
            return Piece(entry(inverse, [self.symbols.index(i) for i in statement.target.indices]))
        right = self.at(statement.right, taken | {statement.row})
        under = comma_list([self.symbols.index(statement.row)])
        return big("∑", under, product([Piece(entry(inverse, place)), right]))

    def _sum_of_matrices(self, statement: Pointwise) -> Piece | None:
        """diag(u) M diag(v) + …, for a result with two indices."""
        terms = []
        for term in sorted(sp.Add.make_args(statement.expression), key=lambda t: self._term_key(t, statement)):
            piece = _MatrixTerm(self, statement).piece(term)
            if piece is None:
                return None
            terms.append(piece)
        return add(terms)

    def _term_key(self, term: sp.Expr, statement: Pointwise) -> tuple[list[float], str]:
        places = sorted(
            self.order(r.name, statement.target.name) for r in statement.operands if r.symbol in term.free_symbols
        )
        return places, str(term)

    # Complements: σ(-a) where σ(a) has a letter is 1 minus it.

    def complement(self, name: str) -> tuple[int, str] | None:
        """(1, i) if the tensor is 1 - i in a form that does not cancel, (2, g) if it is 1 - g²; else None."""
        if name not in self._complements:
            self._complements[name] = self._find_complement(name)
        return self._complements[name]

    def _find_complement(self, name: str) -> tuple[int, str] | None:
        statement = self.symbols.definitions.get(name)
        if not isinstance(statement, Pointwise) or self.symbols.tensors[name].named:
            return None
        e = statement.expression
        if e.func not in (sigmoid, sech2) or not self.symbols.inlined(name):
            return None
        wanted = sigmoid(-e.args[0]) if e.func is sigmoid else tanh(e.args[0])
        other = self._values.get(_with_places(wanted, statement))
        return None if other is None else (1 if e.func is sigmoid else 2, other)

    @cached_property
    def _values(self) -> dict[tuple[int, sp.Expr], str]:
        """The first value of the step that is computed by each expression, indices told by their places."""
        pointwise = [s for s in self.symbols.primal.statements if isinstance(s, Pointwise)]
        return {_with_places(s.expression, s): s.target.name for s in reversed(pointwise)}

    @staticmethod
    def _complement_piece(exponent: int, _: str, base: Piece | None) -> Piece | None:
        if base is None:
            return None
        subtracted = base if exponent == 1 else power(base, Number("2"))
        return add([number(1), Piece(subtracted.at(Level.HADAMARD), negative=True)])

    # Order.

    def order(self, name: str, target: str = "") -> float:
        """Position of the tensor of a name in the formula of a target."""
        if (name, target) not in self._orders:
            self._orders[name, target] = self._order(name, target)
        return self._orders[name, target]

    def _order(self, name: str, target: str) -> float:
        place = self._typed(target) or self._default_order
        if self.symbols.inlined(name):
            complement = self.complement(name)
            if complement is not None:
                return self.order(complement[1], target) + 0.25
            return min((self.order(n, target) for n in self.symbols.leaves(name)), default=0.0)
        return place(name)

    def _default_order(self, name: str) -> float:
        tensor = self.symbols.tensors[name]
        if tensor.role in ("cotangent", "adjoint"):
            return self._positions[tensor.of] - ADJOINTS_FIRST
        return self._positions[name] - (ADJOINTS_FIRST if tensor.role == "jacobian" else 0)


def _names(program: object) -> list[str]:
    return [t.name for t in program.tensors]  # type: ignore[attr-defined]


def _with_places(expression: sp.Expr, statement: Pointwise) -> tuple[int, sp.Expr]:
    """An expression in the operands of a statement, its indices told by their places in the target."""
    indices = statement.target.indices
    places = {index: f"@{n}" for n, index in enumerate(indices)}
    return len(indices), expression.xreplace({r.symbol: r.rename(places).symbol for r in statement.operands})


class _MatrixTerm:
    """One term of a pointwise statement with two indices, as diag(u) M diag(v) or u vᵀ."""

    def __init__(self, formulas: Formulas, statement: Pointwise) -> None:
        self.formulas, self.statement = formulas, statement
        self.row, self.column = statement.target.indices

    def piece(self, term: sp.Expr) -> Piece | None:
        groups: dict[str, list[sp.Expr]] = {"": [], "row": [], "column": [], "both": [], "turned": [], "identity": []}
        for factor in sp.Mul.make_args(term):
            group = self._group(factor)
            if group is None:
                return None
            groups[group].append(factor)
        pieces: dict[str, Piece] = {}
        for name, factors in groups.items():
            if factors and name != "identity":
                piece = self._joined(sp.Mul(*factors), factors)
                if piece is None:
                    return None
                pieces[name] = piece
        return self._assemble(pieces, bool(groups["identity"]), groups)

    def _group(self, factor: sp.Expr) -> str | None:
        refs = self._refs(factor)
        indices = {r.indices for r in refs if r.indices}
        if any(self.formulas.symbols.tensors[r.name].role == "identity" for r in refs):
            return "identity" if factor.is_Symbol else None
        if not indices:
            return ""
        names: dict[tuple[str, ...], str] = {
            (self.row,): "row",
            (self.column,): "column",
            (self.row, self.column): "both",
            (self.column, self.row): "turned",
        }
        return names.get(next(iter(indices))) if len(indices) == 1 else None

    def _refs(self, factor: sp.Expr) -> list[Ref]:
        return [r for r in self.statement.operands if r.symbol in factor.free_symbols]

    def _joined(self, expression: sp.Expr, factors: Sequence[sp.Expr]) -> Piece | None:
        refs = list(dict.fromkeys(r for f in factors for r in self._refs(f)))
        return self.formulas.elementwise(expression, refs, self.statement.target.name)

    def _assemble(self, p: dict[str, Piece], identity: bool, groups: dict[str, list[sp.Expr]]) -> Piece | None:
        matrices = [p[k] if k == "both" else transpose(p[k]) for k in ("both", "turned") if k in p]
        row, column = p.get("row"), p.get("column")
        if identity:
            if matrices:
                return None
            vectors = [v for v in (row, column) if v is not None]
            middle = [diagonal(hadamard(vectors))] if vectors else [Piece(Name("I"))]
        elif matrices:
            middle = [diagonal(row)] if row is not None else []
            middle.append(hadamard(matrices))
            middle += [diagonal(column)] if column is not None else []
        elif row is not None and column is not None:
            middle = [transpose(row), column] if self.formulas.symbols.rows else [row, transpose(column)]
        else:
            return None
        front = [p[""]] if groups[""] and p[""].box != Number("1") else []
        sign = "" in p and p[""].negative and not front
        result = product([*front, *middle])
        return Piece(result.box, result.level, result.negative != sign)


class _Chain:
    """A contraction as a product of matrices and vectors."""

    def __init__(self, formulas: Formulas, statement: Contraction) -> None:
        self.formulas, self.statement = formulas, statement
        self.rows = formulas.symbols.rows
        self.numbers: list[Piece] = []
        self.vectors: dict[str, list[Piece]] = {}
        self.matrices: list[tuple[str, str, Piece]] = []
        self.unused: set[int] = set()

    def piece(self) -> Piece | None:
        if not self._sort():
            return None
        target, summed = self.statement.target.indices, self.statement.summed
        if self.statement.reduction == "max":
            (only,) = self.statement.factors
            return call(Name("max"), *self.vectors[summed[0]]) if len(only.indices) == 1 and not target else None
        self.unused = set(range(len(self.matrices)))
        if len(target) == 0:
            body = self._scalar(summed[0]) if summed else None
        elif len(target) == 1:
            body = _entrywise(self._vector(target[0]))
        elif len(target) == 2:
            body = self._matrix(*target)
        else:
            return None
        while self.unused:
            extra = self._scalar(self.matrices[min(self.unused)][0])
            if extra is None:
                return None
            self.numbers.append(extra)
        parts = [*self.numbers, *([body] if body is not None else [])]
        if self.vectors or not parts or (body is None and target):
            return None
        return product(parts)

    def _sort(self) -> bool:
        for factor in self.statement.factors:
            piece = self.formulas.array(factor.name)
            if piece is None or len(factor.indices) > 2 or len(set(factor.indices)) != len(factor.indices):
                return False
            if not factor.indices:
                self.numbers.append(piece)
            elif len(factor.indices) == 1:
                self.vectors.setdefault(factor.indices[0], []).append(piece)
            elif not self._parallel(factor.indices, piece):
                row, column = factor.indices
                self.matrices.append((row, column, piece))
        return True

    def _parallel(self, indices: tuple[str, ...], piece: Piece) -> bool:
        """Merge with a matrix between the same indices; True if there was one."""
        for n, (a, b, other) in enumerate(self.matrices):
            if (a, b) == indices:
                self.matrices[n] = (a, b, hadamard([other, piece]))
                return True
            if (b, a) == indices:
                self.matrices[n] = (a, b, hadamard([other, transpose(piece)]))
                return True
        return False

    def _next(self, index: str) -> tuple[int, str, Piece] | None:
        """An unused matrix at an index: its number, the index at its other end, the matrix read from here."""
        for n in sorted(self.unused):
            a, b, piece = self.matrices[n]
            if index == a:
                return n, b, transpose(piece) if self.rows else piece
            if index == b:
                return n, a, piece if self.rows else transpose(piece)
        return None

    def _vector(self, index: str) -> list[Piece]:
        """The pieces whose entry-by-entry product is the vector at an index."""
        pieces = self.vectors.pop(index, [])
        while (step := self._next(index)) is not None:
            n, other, matrix = step
            self.unused.discard(n)
            inner = _entrywise(self._vector(other)) or Piece(ONES)
            pieces.append(product([inner, matrix] if self.rows else [matrix, inner]))
        return pieces

    def _scalar(self, index: str) -> Piece | None:
        pieces = self._vector(index)
        if not pieces:
            return None
        first = pieces[0] if len(pieces) > 1 else Piece(ONES)
        second = _entrywise(pieces[1:]) or pieces[0]
        return product([first, transpose(second)] if self.rows else [transpose(first), second])

    def _matrix(self, row: str, column: str) -> Piece | None:
        path = self._path(row, column, frozenset())
        if path is None:
            left, right = _entrywise(self._vector(row)), _entrywise(self._vector(column))
            if left is None or right is None:
                return None
            return product([transpose(left), right] if self.rows else [left, transpose(right)])
        parts: list[Piece] = []
        self.unused -= {n for n, _, _ in path}
        for index, matrix in [*((at, self._oriented(n, at)) for n, at, _ in path), (column, None)]:
            weights = _entrywise(self._vector(index))
            parts += [diagonal(weights)] if weights is not None else []
            parts += [matrix] if matrix is not None else []
        return product(parts)

    def _oriented(self, n: int, start: str) -> Piece:
        a, _, piece = self.matrices[n]
        return piece if a == start else transpose(piece)

    def _path(self, start: str, end: str, seen: frozenset[int]) -> list[tuple[int, str, str]] | None:
        """Matrices that lead from one index to another: (number, from, to)."""
        if start == end:
            return []
        for n, (a, b, _) in enumerate(self.matrices):
            if n in seen or start not in (a, b):
                continue
            other = b if start == a else a
            rest = self._path(other, end, seen | {n})
            if rest is not None:
                return [(n, start, other), *rest]
        return None


def _entrywise(pieces: Sequence[Piece]) -> Piece | None:
    return hadamard(pieces) if pieces else None

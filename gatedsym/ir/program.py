"""Program: a list of single assignments of three kinds, the form in which every stage of gatedsym speaks of a cell.

A *pointwise* statement ``c[j] = f[j]*h[j]`` is a SymPy expression whose operands carry the indices of the result or a
subset of them. A *contraction* ``a[j] = sum_k U[j,k]*h[k]`` is a product of tensors, reduced over zero or more indices.
A *solve* gives the ``v[k]`` for which ``sum_k A[j,k]*v[k] = b[j]``.

A Program describes one time step of one sequence: time and batch are not among its indices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Literal

import sympy as sp

from gatedsym.ir.domain import Domain
from gatedsym.ir.fixed_arrays import FixedArray
from gatedsym.ir.interface import Layout as Layout

Role = Literal[
    "input",  # x (lag 0) or x[-k] (lag k): given at every step
    "state",  # h (lag 1) or h[-k] (lag k): the value k steps before the one that is being computed
    "parameter",  # the same at every step, trained
    "constant",  # a number with a name
    "identity",  # delta[j,k], 1 where j = k: only the engine makes it
    "fixed",  # an array that the equations fix, by values or by a law
    "local",  # computed
    "next",  # computed: the next value h' of a state
    "output",  # computed: an output that is not a state
    "cotangent",  # given: the adjoint of a result
    "tangent",  # given or computed: a directional derivative
    "adjoint",  # computed: an adjoint
    "jacobian",  # computed: a block of a Jacobian
]

NUMBERS: frozenset[str] = frozenset({"constant", "identity", "fixed"})
"""Roles of sources that are numbers: nobody gives them, nothing is differentiated by them."""

BATCHLESS: frozenset[str] = NUMBERS | {"parameter"}


@cache
def _symbol(text: str) -> sp.Symbol:
    return sp.Symbol(text)


@dataclass(frozen=True, order=True)
class Ref:
    """A tensor under indices, ``U[j,k]``; ``b`` where it has none."""

    name: str
    indices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}[{','.join(self.indices)}]" if self.indices else self.name

    @property
    def symbol(self) -> sp.Symbol:
        """The SymPy symbol that stands for this reference in pointwise expressions."""
        return _symbol(str(self))

    def rename(self, indices: Mapping[str, str]) -> Ref:
        """The same tensor under renamed indices."""
        return Ref(self.name, tuple(indices.get(i, i) for i in self.indices))


@dataclass(frozen=True)
class Tensor:
    """A named array of a Program.

    Attributes
    ----------
    name : str
        ``h`` is a state's previous value, ``h'`` its next one, ``h[-2]`` a longer delay, ``d_h`` an adjoint,
        ``dot_h`` a tangent.
    dims : tuple of str
        Names of dimensions, in order; a name of digits is a fixed size. Empty for a scalar.
    role : Role
    of : str
        What the tensor belongs to: the state of a next value or delay, the primal of an adjoint or a tangent.
    lag : int
        Delay in steps, of a state (1: the previous value) or of an input (0: the current one).
    value : sympy.Rational, optional
        Of a constant.
    array : FixedArray, optional
        Of a fixed array: its values or its law.
    named : bool
        True for names that a person typed, false for those that the engine introduced.
    """

    name: str
    dims: tuple[str, ...] = ()
    role: Role = "local"
    of: str = ""
    lag: int = 0
    value: sp.Rational | None = None
    named: bool = False
    array: FixedArray | None = None


@dataclass(frozen=True)
class Pointwise:
    """``target = expression`` for every value of the target's indices."""

    target: Ref
    expression: sp.Expr
    operands: tuple[Ref, ...]

    def reading(self, operands: tuple[Ref, ...]) -> Pointwise:
        """The same of other operands."""
        symbols = {old.symbol: new.symbol for old, new in zip(self.operands, operands, strict=True) if old != new}
        return pointwise(self.target, self.expression.xreplace(symbols), operands)

    def __str__(self) -> str:
        return f"{self.target} = {self.expression}"


@dataclass(frozen=True)
class Contraction:
    """``target = sum (or max) over `summed` of the product of the factors``."""

    target: Ref
    factors: tuple[Ref, ...]
    summed: tuple[str, ...] = ()
    reduction: Literal["sum", "max"] = "sum"

    @property
    def operands(self) -> tuple[Ref, ...]:
        return self.factors

    def reading(self, operands: tuple[Ref, ...]) -> Contraction:
        """The same of other operands."""
        return replace(self, factors=operands)

    def __str__(self) -> str:
        product = "*".join(map(str, self.factors))
        return (
            f"{self.target} = {self.reduction}[{','.join(self.summed)}] {product}"
            if self.summed
            else (f"{self.target} = {product}")
        )


@dataclass(frozen=True)
class Solve:
    """``sum over k of matrix[j,k] * target[k,...] = right[j,...]``: the solution of a linear system.

    The matrix may name its indices in either order: ``A[k,j]`` is a system with the transposed matrix. Further indices
    of the target are those of the right side, in the same order: columns that share the matrix.
    """

    target: Ref
    matrix: Ref
    right: Ref

    @property
    def operands(self) -> tuple[Ref, ...]:
        return (self.matrix, self.right)

    def reading(self, operands: tuple[Ref, ...]) -> Solve:
        """The same of other operands."""
        matrix, right = operands
        return replace(self, matrix=matrix, right=right)

    @property
    def unknown(self) -> str:
        """The index of the solution that the matrix is summed over."""
        return self.target.indices[0]

    @property
    def row(self) -> str:
        """The index of the equations, which the solution lacks."""
        return self.right.indices[0]

    @property
    def summed(self) -> tuple[str, ...]:
        """The index that operands have and the solution lacks: an entry of it needs all rows."""
        return (self.row,)

    @property
    def transposed(self) -> bool:
        """True if the matrix stands with its rows for the unknowns."""
        return self.matrix.indices == (self.unknown, self.row)

    @property
    def well_formed(self) -> bool:
        """True if the indices are those of a linear system."""
        sides = {self.target.indices[:1], self.right.indices[:1]}
        return (
            len(sides) == 2
            and all(sides)
            and sorted(self.matrix.indices) == sorted((self.unknown, self.row))
            and self.target.indices[1:] == self.right.indices[1:]
        )

    def __str__(self) -> str:
        return f"{self.target} = solve[{self.row}] {self.matrix}, {self.right}"


Statement = Pointwise | Contraction | Solve


def pointwise(target: Ref, expression: sp.Expr, candidates: Iterable[Ref]) -> Pointwise:
    """Make a pointwise statement; its operands are those candidates that occur in the expression, sorted."""
    free = expression.free_symbols
    return Pointwise(target, expression, tuple(sorted({ref for ref in candidates if ref.symbol in free})))


@dataclass(frozen=True)
class Program:
    """Single assignments from given tensors to computed ones, in an order in which they can be carried out.

    Attributes
    ----------
    tensors : tuple of Tensor
        Every tensor that occurs, given ones first.
    statements : tuple of Pointwise, Contraction or Solve
    results : tuple of str
        The names of the tensors the Program is there to compute.
    """

    tensors: tuple[Tensor, ...]
    statements: tuple[Statement, ...]
    results: tuple[str, ...]
    _index: Mapping[str, Tensor] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {t.name: t for t in self.tensors})
        if len(self._index) != len(self.tensors):
            raise ValueError("a Program declares each tensor once.")

    def __getitem__(self, name: str) -> Tensor:
        return self._index[name]

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __str__(self) -> str:
        return "\n".join(map(str, self.statements))

    @cached_property
    def definitions(self) -> dict[str, Statement]:
        """The statement that computes each tensor."""
        return {s.target.name: s for s in self.statements}

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Names of the tensors that are given, in the order of declaration."""
        return tuple(t.name for t in self.tensors if t.name not in self.definitions)

    @cached_property
    def batched(self) -> frozenset[str]:
        """Names whose value differs between steps and sequences: all but what parameters and constants alone give.

        A next state has a row for each step and sequence, and so an adjoint for each, whatever gives it.
        """
        following = (n for n in self.results if n in self and self[n].role == "next")
        return self.reached_from((*(n for n in self.sources if self[n].role not in BATCHLESS), *following))

    @cached_property
    def reached_by_states(self) -> frozenset[str]:
        """The states before the step, and all that is computed from them."""
        return self.reached_from(n for n in self.sources if self[n].role == "state")

    def reached_from(self, names: Iterable[str]) -> frozenset[str]:
        """These names, and all that is computed from them."""
        found = set(names)
        for statement in self.statements:
            if any(ref.name in found for ref in statement.operands):
                found.add(statement.target.name)
        return frozenset(found)

    def index_dims(self, statement: Statement) -> dict[str, str]:
        """The dimension each index of a statement runs over."""
        dims: dict[str, str] = {}
        for ref in (statement.target, *statement.operands):
            for index, dim in zip(ref.indices, self[ref.name].dims, strict=True):
                if dims.setdefault(index, dim) != dim:
                    raise ValueError(f"index {index} runs over {dims[index]} and over {dim} in: {statement}.")
        return dims

    def dims(self) -> tuple[str, ...]:
        """All dimension names that occur, in order of first use, fixed sizes left out."""
        seen = dict.fromkeys(d for t in self.tensors for d in t.dims if not d.isdigit())
        return tuple(seen)

    def check(self) -> Program:
        """Raise ValueError unless this is a well-formed Program; return it."""
        known = set(self.sources)
        for s in self.statements:
            if s.target.name in known:
                raise ValueError(f"{s.target.name} is assigned twice or is given: {s}.")
            self.index_dims(s)
            free = set(s.target.indices)
            if len(free) != len(s.target.indices):
                raise ValueError(f"a repeated index on the left: {s}.")
            allowed = free | (set() if isinstance(s, Pointwise) else set(s.summed))
            for ref in s.operands:
                if ref.name not in known:
                    raise ValueError(f"{ref.name} is used before it is computed: {s}.")
                if not set(ref.indices) <= allowed:
                    raise ValueError(f"{ref} has an index that the result lacks: {s}.")
            if isinstance(s, Pointwise) and s.expression.free_symbols != {r.symbol for r in s.operands}:
                raise ValueError(f"operands and expression disagree: {s}.")
            if isinstance(s, Solve) and not s.well_formed:
                raise ValueError(f"the indices are not those of a linear system: {s}.")
            known.add(s.target.name)
        missing = [r for r in self.results if r not in known]
        if missing:
            raise ValueError(f"results are never computed: {missing}.")
        return self

    def with_results(self, results: Iterable[str]) -> Program:
        """The part of this Program that computes `results`; nothing else stays (sources that are read do)."""
        results = tuple(results)
        needed = set(results)
        kept: list[Statement] = []
        for s in reversed(self.statements):
            if s.target.name in needed:
                kept.append(s)
                needed.update(ref.name for ref in s.operands)
        tensors = tuple(t for t in self.tensors if t.name in needed)
        return replace(self, tensors=tensors, statements=tuple(reversed(kept)), results=results)

    def users(self) -> dict[str, list[Statement]]:
        """For each tensor the statements that read it."""
        table: dict[str, list[Statement]] = {t.name: [] for t in self.tensors}
        for s in self.statements:
            for name in dict.fromkeys(ref.name for ref in s.operands):
                table[name].append(s)
        return table


INDEX_LETTERS = "jklpqrsuvw"


def fresh_indices(count: int, taken: Iterable[str] = ()) -> tuple[str, ...]:
    """`count` index names that are not taken: j, k, l, …, then j1, k1, …"""
    used = set(taken)

    def names() -> Iterator[str]:
        round_ = 0
        while True:
            for letter in INDEX_LETTERS:
                yield f"{letter}{round_ or ''}"
            round_ += 1

    found: list[str] = []
    for name in names():
        if len(found) == count:
            break
        if name not in used:
            found.append(name)
    return tuple(found)


@dataclass(frozen=True)
class Dimension:
    """A dimension of a cell.

    Attributes
    ----------
    name : str
    size : sympy.Expr, optional
        An expression in symbols named like other dimensions (or a number): the size where the caller gives none.
    fixed : bool
        True if the caller may not choose another size than `size` (a constraint such as ``m = n``).
    """

    name: str
    size: sp.Expr | None = None
    fixed: bool = False


@dataclass(frozen=True)
class Equation:
    """One line that a person typed, and the statements it became.

    Attributes
    ----------
    target : str
        ``i`` or ``h'``: the name that the line defines, as the Program calls it.
    text : str
        The line in plain notation, without comment.
    line : int
        Where in the source, counted from 1.
    computes : tuple of str
        Targets of the statements that came of it, in order; the last is the line's own (or its parts).
    """

    target: str
    text: str
    line: int
    computes: tuple[str, ...]


@dataclass(frozen=True)
class Recurrence:
    """A cell: a Program for one step, and how its results become the next step's sources.

    Attributes
    ----------
    name : str
    program : Program
        Results: every next state, then every output.
    dimensions : tuple of Dimension
    inputs, states, outputs, parameters, locals : tuple of Layout
        What a person sees under each name, in order of declaration; `locals` are the names that equations define and
        that are neither states nor outputs. A state's layout lists parts by the name of the previous value (``h``).
    constants : mapping of str to sympy.Rational
    delays : mapping of str to int
        For each input and state how many rows of the past one step reads: 1 for an ordinary state, 0 for an input.
    equations : tuple of Equation
    source : str
        The text as typed.
    domains : mapping of str to Domain
        For each input of which the text says it, the numbers that its entries may be.
    uses : tuple of (str, str)
        For each cell in the cell its alias, which its names end in, and which cell it is.
    scheme : str
        How rates of change were made a step, ``rk4 with the step dt``; "" for a text without rates.
    rows : bool
        Vectors are rows, ``x W``: how the author writes products, which changes no number.
    origins : mapping of str to tuple of str
        For each state of a cell in the cell, the aliases that lead to that cell, from outside in.
    """

    name: str
    program: Program
    dimensions: tuple[Dimension, ...]
    inputs: tuple[Layout, ...]
    states: tuple[Layout, ...]
    outputs: tuple[Layout, ...]
    parameters: tuple[Layout, ...]
    locals: tuple[Layout, ...]
    constants: Mapping[str, sp.Rational]
    delays: Mapping[str, int]
    equations: tuple[Equation, ...]
    source: str
    domains: Mapping[str, Domain] = field(default_factory=dict)
    scheme: str = ""
    uses: tuple[tuple[str, str], ...] = ()
    rows: bool = False
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def next_name(state: str) -> str:
    """The Program's name of a state's next value."""
    return f"{state}'"


def lagged_name(name: str, lag: int, role: Literal["input", "state"]) -> str:
    """The Program's name of a delayed input or state: bare where the delay is the ordinary one."""
    return name if lag == (1 if role == "state" else 0) else f"{name}[-{lag}]"

"""A Program with sizes, written out: each entry of each tensor as a SymPy expression of the sources' entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp

from gatedsym.ir.evaluate import Arithmetic, evaluate
from gatedsym.ir.functions import FUNCTIONS, equal, expand_definitions, floor, step, stop
from gatedsym.ir.program import NUMBERS, Pointwise, Program, Tensor
from gatedsym.proofs.engine.algebra import entries_of, fold_maximum
from gatedsym.proofs.engine.differentiation import Differentiator
from gatedsym.typing import Array

FIRST_SIZES: Mapping[str, int] = {"n": 3, "m": 2}
"""Hidden and input size: pairwise different sizes show when dimensions are swapped."""


def pairwise_sizes(program: Program) -> dict[str, int]:
    """A size for each dimension of a Program, all different: n = 3, m = 2, then 4, 5, …"""
    return sizes_of(program)


def sizes_of(*programs: Program) -> dict[str, int]:
    """A size for each dimension that occurs in some Program, all different: n = 3, m = 2, then 4, 5, …"""
    dims = tuple(dict.fromkeys(d for program in programs for d in program.dims()))
    sizes = {d: FIRST_SIZES[d] for d in dims if d in FIRST_SIZES}
    free = (size for size in range(4 if sizes else 2, 1000))
    for dim in dims:
        if dim not in sizes:
            sizes[dim] = next(free)
    return sizes


def shape_of(program: Program, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The lengths of a tensor's axes."""
    return tuple(int(d) if d.isdigit() else sizes[d] for d in program[name].dims)


def new_symbol(name: str) -> sp.Symbol:
    """The symbol of an entry: real, so that SymPy need not ask whether activations are."""
    return sp.Symbol(name, real=True)


@dataclass
class _Writer:
    """Arithmetic on object arrays of SymPy expressions; activations become SymPy's own exp, log and tanh.

    A step or a floor is constant but for its kinks, and what is stopped by declaration: it is written as a symbol;
    `abbreviations` says what that stands for.
    """

    abbreviations: dict[sp.Expr, sp.Expr] = field(default_factory=dict)
    _constants: dict[sp.Expr, sp.Symbol] = field(default_factory=dict)

    @property
    def arithmetic(self) -> Arithmetic:
        table = {name: np.frompyfunc(self._applied(name), entry.arity, 1) for name, entry in FUNCTIONS.items()}
        return Arithmetic(
            number=expand_definitions,
            functions=table,
            maximum=lambda array, axes: fold_maximum(table["maximum"], array, axes),
        )

    def _applied(self, name: str) -> Callable[..., sp.Expr]:
        letters = [sp.Dummy(real=True) for _ in range(FUNCTIONS[name].arity)]
        definition = FUNCTIONS[name].definition(*letters)
        return lambda *arguments: self._with(definition, dict(zip(letters, map(sp.sympify, arguments), strict=True)))

    def _with(self, e: sp.Expr, given: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
        """A definition with arguments put in, which may be large as trees and are not walked through."""
        if e in given or e.is_Atom:
            return given.get(e, e)
        made = e.func(*(self._with(a, given) for a in e.args))
        return self._constant(made) if isinstance(made, (step, floor, equal, stop)) else made

    def _constant(self, e: sp.Expr) -> sp.Symbol:
        if e not in self._constants:
            self._constants[e] = symbol = sp.Symbol(f"branch {len(self._constants)}", real=True)
            self.abbreviations[symbol] = e
        return self._constants[e]


@dataclass(frozen=True)
class ScalarStep:
    """A Program written out.

    Attributes
    ----------
    program : Program
    sizes : mapping of str to int
    values : mapping of str to object array
        For each tensor its entries as SymPy expressions; a source's entries are symbols of their own.
    abbreviations : mapping of sympy.Symbol to sympy.Expr
        What the symbols that are no entries stand for: steps, which are constant off their kinks.
    """

    program: Program
    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    abbreviations: Mapping[sp.Expr, sp.Expr]

    @cached_property
    def differentiable(self) -> tuple[str, ...]:
        """The sources one may differentiate by: constants and identities are numbers."""
        return tuple(n for n in self.program.sources if self.program[n].role not in NUMBERS)

    @cached_property
    def differentiator(self) -> Differentiator:
        """The derivatives by all entries of these sources."""
        return Differentiator([symbol for source in self.differentiable for symbol in self.values[source].flat])


def scalarise(program: Program, sizes: Mapping[str, int] | None = None) -> ScalarStep:
    """Write a Program out; the statements about one step, asked one after the other, share it.

    Parameters
    ----------
    program : Program
    sizes : mapping of str to int, optional
        Of every dimension that has a name; `pairwise_sizes` where not given.
    """
    return _written_out(program, tuple((pairwise_sizes(program) if sizes is None else sizes).items()))


@lru_cache(maxsize=2)
def _written_out(program: Program, lengths: tuple[tuple[str, int], ...]) -> ScalarStep:
    sizes = dict(lengths)
    given = {
        name: entries_of(new_symbol, name, shape_of(program, name, sizes))
        for name in program.sources
        if program[name].role not in NUMBERS
    }
    sized, extra = with_sizes(program, sizes)
    writer = _Writer()
    values = evaluate(sized, given | extra, writer.arithmetic)
    for array in values.values():
        array.flags.writeable = False
    return ScalarStep(program, sizes, {name: values[name] for name in values if name in program}, writer.abbreviations)


def with_sizes(program: Program, sizes: Mapping[str, int]) -> tuple[Program, dict[str, Array]]:
    """The Program with one more source for each dimension, and their values: so `evaluate` knows every size.

    A dimension may occur in results alone, such as the adjoint, zero, of an input that nothing reads.
    """
    tensors = tuple(Tensor(f"size of {dim}", (dim,), "constant") for dim in program.dims())
    values = {t.name: np.zeros(sizes[t.dims[0]], dtype=object) for t in tensors}
    return replace(program, tensors=(*program.tensors, *tensors)), values


def tree_size(expression: sp.Expr, memo: dict[sp.Expr, int] | None = None) -> int:
    """Number of nodes of an expression as a tree; shared sub-expressions are visited once."""
    memo = {} if memo is None else memo
    stack = [expression]
    while stack:
        top = stack[-1]
        missing = [a for a in top.args if a not in memo]
        if top in memo or not missing:
            memo[stack.pop()] = 1 + sum(memo[a] for a in top.args)
        else:
            stack.extend(missing)
    return memo[expression]


def functions_in(program: Program) -> list[str]:
    """Names of the table's functions that occur in a Program, sorted."""
    found: set[str] = set()
    for statement in program.statements:
        if isinstance(statement, Pointwise):
            found |= {type(e).__name__ for e in statement.expression.atoms(sp.Function)}
    return sorted(found & FUNCTIONS.keys())

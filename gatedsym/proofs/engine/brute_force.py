"""Derived adjoints, tangents and Jacobians against brute-force differentiation of the step, entry by entry.

The trusted side uses nothing of the calculus: each entry of each result is one SymPy expression of the sources'
entries, activations in SymPy's own exp, log and tanh, and `sympy.diff` differentiates it. Where such an expression is
too large (its size as a tree is counted), the derivative is carried forward through the scalar assignments instead,
each of them differentiated by `sympy.diff`; a proof says so.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property, partial

import numpy as np
import sympy as sp

from gatedsym.calculus.names import jacobian_name
from gatedsym.errors import ProofError
from gatedsym.ir.declared import remarks_on
from gatedsym.ir.evaluate import evaluate
from gatedsym.ir.functions import FUNCTIONS, expand_definitions
from gatedsym.ir.linear_algebra import solve_exactly
from gatedsym.ir.program import NUMBERS, Contraction, Pointwise, Program, Ref, Solve, Statement
from gatedsym.proofs.engine.algebra import (
    Algebra,
    Interpreter,
    Value,
    arithmetic_of,
    entries_of,
)
from gatedsym.proofs.engine.budgets import DEFAULT_BUDGET, Allowance
from gatedsym.proofs.engine.decide import BRUTE_FORCE, CHAIN_RULE, Entry, Proof, array_entries, decide
from gatedsym.proofs.engine.differentiation import Differentiator, Gradient
from gatedsym.proofs.engine.scalarise import (
    ScalarStep,
    functions_in,
    pairwise_sizes,
    scalarise,
    shape_of,
    tree_size,
    with_sizes,
)
from gatedsym.typing import Array

TREE_LIMIT = 1_000_000
"""Nodes of all results' trees times entries to differentiate by, up to which a step is written out."""

NODE_LIMIT = 15_000
"""Nodes of all results' trees, up to which a step is written out."""

Position = tuple[int, ...]
Derivatives = Mapping[tuple[str, Position], Mapping[tuple[str, Position], Value]]
"""(result, position) -> (source, position) -> derivative; zeros are left out."""


@dataclass(frozen=True)
class Differentiated:
    """The step of a Program and the derivatives of its results by its sources, ready for any algebra.

    Attributes
    ----------
    program : Program
    sizes : mapping of str to int
    wrt, of : tuple of str
        Sources and results.
    generalised : bool
        True if every sum and product in the Program is replaced by free variables. What the derivatives satisfy then
        they satisfy for the values that the Program gives these variables. Only the scalar chain rule allows it.
    """

    program: Program
    sizes: Mapping[str, int]
    wrt: tuple[str, ...]
    of: tuple[str, ...]
    generalised: bool = False

    @cached_property
    def step(self) -> ScalarStep:
        return scalarise(self.program, self.sizes)

    @cached_property
    def written_out(self) -> bool:
        """True if the step is small enough to be one expression for each entry."""
        if self.generalised:
            return False
        columns = sum(self.step.values[s].size for s in self.wrt)
        nodes = sum(tree_size(e) for r in self.of for e in self.step.values[r].flat)
        return nodes <= NODE_LIMIT and columns * nodes <= TREE_LIMIT

    @property
    def differentiation(self) -> str:
        return BRUTE_FORCE if self.written_out else CHAIN_RULE

    @property
    def off_kinks(self) -> bool:
        """True if a function with branches, or a maximum, occurs."""
        return off_kinks(self.program)

    @cached_property
    def _expressions(self) -> Derivatives:
        """Brute force: every entry of every result by every entry of every source that it contains."""
        table: dict[tuple[str, Position], dict[tuple[str, Position], sp.Expr]] = {}
        places = {
            symbol: (source, position)
            for source in self.wrt
            for position, symbol in np.ndenumerate(self.step.values[source])
        }
        for result in self.of:
            for position, expression in np.ndenumerate(self.step.values[result]):
                row = table.setdefault((result, position), {})
                gradient = self.step.differentiator.gradient(sp.sympify(expression))  # an entry may be Python's 0
                row |= {places[symbol]: derivative for symbol, derivative in gradient.items() if symbol in places}
        return table

    def values(self, algebra: Algebra) -> dict[str, Array]:
        """Every tensor of the Program in an algebra."""
        if not self.generalised:
            return primal_values(self.program, self.sizes, algebra)
        kept = tuple(s for s in self.program.statements if not _is_plain(s, self.program))
        return primal_values(replace(self.program, statements=kept), self.sizes, algebra)

    def derivatives(self, algebra: Algebra, values: Mapping[str, Array]) -> Derivatives:
        """The derivatives as elements of an algebra.

        Parameters
        ----------
        algebra : Algebra
        values : mapping of str to object array
            Of every tensor of the Program, in the algebra.
        """
        if not self.written_out:
            return chain_rule(self.program, self.wrt, self.of, algebra, values)
        memo = {
            symbol: values[source][position]
            for source in self.step.differentiable
            for position, symbol in np.ndenumerate(self.step.values[source])
        }
        interpret = Interpreter(algebra, memo, self.step.abbreviations)
        return {
            result: {source: interpret(expression) for source, expression in row.items()}
            for result, row in self._expressions.items()
        }


def _is_plain(statement: Statement, program: Program) -> bool:
    """True for a sum or product without functions, of values that differ between steps."""
    if statement.target.name not in program.batched:
        return False
    if isinstance(statement, Contraction):
        return statement.reduction == "sum"
    if isinstance(statement, Solve):
        return False
    return not statement.expression.atoms(sp.Function)


def off_kinks(program: Program) -> bool:
    """True if a function with branches, or a maximum, occurs in a Program: statements about it hold off the kinks."""
    reductions = any(isinstance(s, Contraction) and s.reduction == "max" for s in program.statements)
    return reductions or any(FUNCTIONS[name].kinks for name in functions_in(program))


def domain_of_systems(program: Program) -> tuple[str, ...]:
    """The points at which linear systems have solutions, in words; empty for a Program without systems."""
    solves = any(isinstance(s, Solve) for s in program.statements)
    return ("no matrix of a linear system is singular",) if solves else ()


def chain_rule(
    program: Program, wrt: Iterable[str], of: Iterable[str], algebra: Algebra, values: Mapping[str, Array]
) -> Derivatives:
    """Derivatives carried forward through scalar assignments, each differentiated by sympy.diff on the definitions."""
    table: dict[tuple[str, Position], dict[tuple[str, Position], Value]] = {}
    one = algebra.rational(Fraction(1))
    for source in wrt:
        for position in np.ndindex(*np.shape(values[source])):
            table[(source, position)] = {(source, position): one}
    for statement in program.statements:
        rule = _ScalarRule(statement, algebra)
        for position in np.ndindex(*np.shape(values[statement.target.name])):
            row: dict[tuple[str, Position], Value] = {}
            for operand, factor in rule.partials(position, values, table.keys()):
                for column, inner in table[operand].items():
                    term = factor * inner
                    row[column] = row[column] + term if column in row else term
            if row:
                table[(statement.target.name, position)] = row
    wanted = tuple(of)
    return {
        (result, position): table.get((result, position), {})
        for result in wanted
        for position in np.ndindex(*np.shape(values[result]))
    }


class _ScalarRule:
    """The partial derivatives of one entry of a statement's target."""

    def __init__(self, statement: Statement, algebra: Algebra) -> None:
        self.statement, self.algebra = statement, algebra
        if isinstance(statement, Pointwise):
            definition = expand_definitions(statement.expression)
            self.parts = [(ref, sp.diff(definition, ref.symbol)) for ref in statement.operands]
        self.solutions: dict[tuple[int, Position], Interpreter] = {}

    def partials(
        self, position: Position, values: Mapping[str, Array], active: Container[tuple[str, Position]]
    ) -> Iterator[tuple[tuple[str, Position], Value]]:
        """(operand entry, partial derivative), an entry as often as it occurs."""
        place = dict(zip(self.statement.target.indices, position, strict=True))
        if isinstance(self.statement, Pointwise):
            memo = {ref.symbol: values[ref.name][_at(ref, place)] for ref in self.statement.operands}
            interpret = Interpreter(self.algebra, memo)
            for ref, derivative in self.parts:
                if (ref.name, _at(ref, place)) in active and derivative != 0:
                    yield (ref.name, _at(ref, place)), interpret(derivative)
        elif isinstance(self.statement, Solve):
            yield from self._of_solution(position, values, active)
        elif self.statement.reduction == "max":
            yield from self._of_maximum(place, values)
        else:
            yield from self._of_product(place, values, active)

    def _places(self, place: dict[str, int], values: Mapping[str, Array]) -> Iterator[dict[str, int]]:
        statement = self.statement
        assert isinstance(statement, Contraction)
        lengths = {i: n for ref in statement.factors for i, n in zip(ref.indices, values[ref.name].shape, strict=True)}
        for position in np.ndindex(*(lengths[i] for i in statement.summed)):
            yield place | dict(zip(statement.summed, position, strict=True))

    def _of_product(
        self, place: dict[str, int], values: Mapping[str, Array], known: Container[tuple[str, Position]]
    ) -> Iterator[tuple[tuple[str, Position], Value]]:
        factors = self.statement.operands
        for here in self._places(place, values):
            for number, ref in enumerate(factors):
                if (ref.name, _at(ref, here)) not in known:
                    continue
                product = self.algebra.rational(Fraction(1))
                for other, factor in enumerate(factors):
                    if other != number:
                        product = product * values[factor.name][_at(factor, here)]
                yield (ref.name, _at(ref, here)), product

    def _of_solution(
        self, position: Position, values: Mapping[str, Array], active: Container[tuple[str, Position]]
    ) -> Iterator[tuple[tuple[str, Position], Value]]:
        """Cramer's rule, written in symbols of the entries, and differentiated."""
        statement = self.statement
        assert isinstance(statement, Solve)
        size = values[statement.right.name].shape[0]
        matrix, right, gradients = _solution_in_symbols(size)
        columns = np.moveaxis(values[statement.right.name], 0, -1)
        memo = dict(zip(right.flat, columns[position[1:]], strict=True))
        turned = values[statement.matrix.name].T if statement.transposed else values[statement.matrix.name]
        memo |= dict(zip(matrix.flat, turned.flat, strict=True))
        interpret = self.solutions.setdefault((size, position[1:]), Interpreter(self.algebra, memo))
        gradient = gradients[position[0]]
        for row in range(size):
            place = (statement.right.name, (row, *position[1:]))
            if place in active:
                yield place, interpret(gradient[right[row, 0]])
            for column in range(size):
                at = (column, row) if statement.transposed else (row, column)
                if (statement.matrix.name, at) in active:
                    yield (statement.matrix.name, at), interpret(gradient[matrix[row, column]])

    def _of_maximum(
        self, place: dict[str, int], values: Mapping[str, Array]
    ) -> Iterator[tuple[tuple[str, Position], Value]]:
        """The fold of two-argument maxima, differentiated backwards from its last step."""
        (ref,) = self.statement.operands
        places = [_at(ref, here) for here in self._places(place, values)]
        arithmetic = arithmetic_of(self.algebra)
        best, chosen = values[ref.name][places[0]], [(places[0], self.algebra.rational(Fraction(1)))]
        for candidate in places[1:]:
            value = values[ref.name][candidate]
            first = arithmetic.functions["step"](best - value)
            chosen = [(p, share * first) for p, share in chosen] + [(candidate, 1 - first)]
            best = arithmetic.functions["maximum"](best, value)
        yield from (((ref.name, position), share) for position, share in chosen)


@cache
def _solution_in_symbols(size: int) -> tuple[Array, Array, tuple[Gradient, ...]]:
    """A matrix and a right side of symbols, and for each entry of the solution its derivatives by all of them."""
    matrix = np.array([[sp.Dummy() for _ in range(size)] for _ in range(size)], dtype=object)
    right = np.array([[sp.Dummy()] for _ in range(size)], dtype=object)
    differentiator = Differentiator([*matrix.flat, *right.flat])
    return matrix, right, tuple(map(differentiator.gradient, solve_exactly(matrix, right, sp.S.One)[:, 0]))


def _at(ref: Ref, place: Mapping[str, int]) -> Position:
    return tuple(place[i] for i in ref.indices)


def primal_values(program: Program, sizes: Mapping[str, int], algebra: Algebra) -> dict[str, Array]:
    """Every tensor of a Program in an algebra; the sources' entries are the algebra's symbols."""
    given = {
        name: entries_of(algebra.symbol, name, shape_of(program, name, sizes))
        for name in program.sources
        if program[name].role not in NUMBERS
    }
    return carry_out(program, given, sizes, algebra)


def carry_out(
    program: Program, given: Mapping[str, Array], sizes: Mapping[str, int], algebra: Algebra
) -> dict[str, Array]:
    """Evaluate a Program in an algebra, its sources (constants and identities aside) taken from `given`."""
    sources = {n: given[n] for n in program.sources if program[n].role not in NUMBERS}
    sized, extra = with_sizes(program, sizes)
    values = evaluate(sized, sources | extra, arithmetic_of(algebra))
    return {name: np.asarray(values[name], dtype=object) for name in values if name in program}


def differentiate(
    program: Program,
    wrt: Iterable[str],
    of: Iterable[str] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Differentiated:
    """The brute-force derivatives of `of` (all results) by the sources `wrt`."""
    chosen = pairwise_sizes(program) if sizes is None else sizes
    return Differentiated(program, chosen, tuple(wrt), tuple(program.results if of is None else of))


def prove_adjoint(
    program: Program,
    adjoint: Program,
    sizes: Mapping[str, int] | None = None,
    budget: int | Allowance = DEFAULT_BUDGET,
    *,
    wrt: Iterable[str] | None = None,
) -> Proof:
    """Prove that every entry of ``d_<source>`` is the sum over the results of cotangent times derivative.

    Parameters
    ----------
    program, adjoint : Program
        The adjoint's results have the role ``adjoint`` and name their source in `of`; its cotangents name their result.
    sizes : mapping of str to int, optional
        Of each dimension; pairwise different by default.
    budget : int or Allowance
        Term operations for normal forms; or what all statements about a cell may take together.
    wrt : iterable of str, optional
        The sources whose adjoints must be there, no other; by default all that one may differentiate by.

    Raises
    ------
    Refutation
        If an entry is wrong.
    ProofError
        If a shape is wrong, or a result is missing, is there twice, or belongs to nothing.
    Undecided
        If neither a normal form nor the identity test decides.
    """
    wanted = variables(program) if wrt is None else tuple(wrt)
    # A Program that is an adjoint itself has cotangents among its own sources.
    own = [n for n in adjoint.sources if n not in program and adjoint[n].role == "cotangent"]
    require_all("the adjoint", wanted, (adjoint[r].of for r in adjoint.results))
    require_known("the adjoint", program.results, (adjoint[n].of for n in own))
    # What the adjoint does not read is a cotangent all the same: whether it may be left out is for the sides to show.
    cotangents = {r: f"cotangent of {r}" for r in program.results} | {adjoint[n].of: n for n in own}
    _require_shapes(adjoint, {name: program[adjoint[name].of].dims for name in adjoint.results})
    _require_shapes(adjoint, {name: program[adjoint[name].of].dims for name in own})
    wrt = tuple(adjoint[r].of for r in adjoint.results)
    brute = differentiate(program, wrt, program.results, sizes)

    def sides(view: Differentiated, algebra: Algebra) -> Iterator[Entry]:
        values = view.values(algebra)
        given = dict(values)
        for result, name in cotangents.items():
            given[name] = entries_of(algebra.symbol, name, shape_of(program, result, brute.sizes))
        derived = carry_out(adjoint, given, brute.sizes, algebra)
        expected = {s: _zeros(algebra, shape_of(program, s, brute.sizes)) for s in wrt}
        for (result, row), columns in view.derivatives(algebra, values).items():
            for (source, column), derivative in columns.items():
                cotangent = given[cotangents[result]][row]
                expected[source][column] = expected[source][column] + cotangent * derivative
        for name, source in zip(adjoint.results, wrt, strict=True):
            yield from array_entries(name, derived[name], expected[source])

    return _decided("the adjoint is the transposed derivative of the step", sides, brute, budget)


def prove_tangent(
    program: Program,
    tangent: Program,
    sizes: Mapping[str, int] | None = None,
    budget: int | Allowance = DEFAULT_BUDGET,
    *,
    wrt: Iterable[str] | None = None,
) -> Proof:
    """Prove that every entry of ``dot_<result>`` is the sum over the sources of derivative times tangent.

    Parameters, errors: as in `prove_adjoint`; `wrt` are the sources that have a direction, and every result of the
    Program must have its tangent.
    """
    wanted = variables(program) if wrt is None else tuple(wrt)
    own = [n for n in tangent.sources if n not in program and tangent[n].role == "tangent"]
    require_known("the tangent", wanted, (tangent[n].of for n in own))
    require_all("the tangent", program.results, (tangent[r].of for r in tangent.results))
    # A direction that the tangent does not read is one all the same, as in `prove_adjoint`.
    directions = {s: f"direction of {s}" for s in wanted} | {tangent[n].of: n for n in own}
    results = {tangent[r].of: r for r in tangent.results}
    _require_shapes(tangent, {name: program[result].dims for result, name in results.items()})
    _require_shapes(tangent, {name: program[tangent[name].of].dims for name in own})
    brute = differentiate(program, wanted, tuple(results), sizes)

    def sides(view: Differentiated, algebra: Algebra) -> Iterator[Entry]:
        values = view.values(algebra)
        given = dict(values)
        for source, name in directions.items():
            given[name] = entries_of(algebra.symbol, name, shape_of(program, source, brute.sizes))
        derived = carry_out(tangent, given, brute.sizes, algebra)
        expected = {r: _zeros(algebra, shape_of(program, r, brute.sizes)) for r in results}
        for (result, row), columns in view.derivatives(algebra, values).items():
            for (source, column), derivative in columns.items():
                direction = given[directions[source]][column]
                expected[result][row] = expected[result][row] + derivative * direction
        for result, name in results.items():
            yield from array_entries(name, derived[name], expected[result])

    return _decided("the tangent is the derivative of the step along the direction", sides, brute, budget)


def prove_jacobian(
    program: Program,
    jacobian: Program,
    sizes: Mapping[str, int] | None = None,
    budget: int | Allowance = DEFAULT_BUDGET,
    *,
    wrt: Iterable[str] | None = None,
) -> Proof:
    """Prove every entry of every block ``J[result,source]``.

    Parameters, errors: as in `prove_adjoint`; `wrt` are the states by default, and every result has a block by each.
    """
    states = (s for s in program.sources if program[s].role == "state")
    wanted = [jacobian_name(r, s) for s in (states if wrt is None else wrt) for r in program.results]
    require_all("the Jacobian", wanted, jacobian.results)
    blocks = {name: _block_of(program, name) for name in jacobian.results}
    _require_shapes(jacobian, {name: program[r].dims + program[s].dims for name, (r, s) in blocks.items()})
    of = tuple(dict.fromkeys(result for result, _ in blocks.values()))
    wrt = tuple(dict.fromkeys(source for _, source in blocks.values()))
    brute = differentiate(program, wrt, of, sizes)

    def sides(view: Differentiated, algebra: Algebra) -> Iterator[Entry]:
        values = view.values(algebra)
        derived = carry_out(jacobian, values, brute.sizes, algebra)
        table = view.derivatives(algebra, values)
        for name, (result, source) in blocks.items():
            expected = block(table, result, source, brute.program, brute.sizes, algebra)
            yield from array_entries(name, derived[name], expected)

    return _decided("the Jacobian's blocks are the derivatives of the step", sides, brute, budget)


def block(
    table: Derivatives, result: str, source: str, program: Program, sizes: Mapping[str, int], algebra: Algebra
) -> Array:
    """∂result/∂source as an array: the result's axes, then the source's."""
    rows, columns = shape_of(program, result, sizes), shape_of(program, source, sizes)
    array = _zeros(algebra, rows + columns)
    for row in np.ndindex(*rows):
        for (name, column), derivative in table[(result, row)].items():
            if name == source:
                array[row + column] = derivative
    return array


def _block_of(program: Program, name: str) -> tuple[str, str]:
    """The result and the source in ``J[result,source]``."""
    inner = name[2:-1]
    for cut in (i for i, letter in enumerate(inner) if letter == ","):
        result, source = inner[:cut], inner[cut + 1 :]
        if result in program and source in program:
            return result, source
    raise ValueError(f"{name} names no block of this Program: write J[result,source].")


def variables(program: Program) -> tuple[str, ...]:
    """The sources of a Program that one may differentiate by: all but constants and identities."""
    return tuple(n for n in program.sources if program[n].role not in NUMBERS)


def require_all(derived: str, wanted: Iterable[str], found: Iterable[str]) -> None:
    """Raise ProofError unless each wanted name is found once, and no other.

    Parameters
    ----------
    derived : str
        What it is that holds them, in words.
    """
    wanted, found = tuple(wanted), tuple(found)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ProofError(f"not so: {derived} is complete. It lacks what belongs to {', '.join(missing)}: add that.")
    require_known(derived, wanted, found)


def require_known(derived: str, wanted: Iterable[str], found: Iterable[str]) -> None:
    """Raise ProofError if a name is found that nobody wants, or twice."""
    wanted, found = tuple(wanted), tuple(found)
    for name in found:
        if name not in wanted or found.count(name) > 1:
            what = "twice" if name in wanted else "which the cell does not have"
            raise ProofError(f"not so: {derived} is complete. It has something for {name}, {what}: take that out.")


def _require_shapes(derived: Program, wanted: Mapping[str, tuple[str, ...]]) -> None:
    """Raise ProofError unless the derived Program is well-formed and its results have these dimensions."""
    try:
        derived.check()
    except ValueError as reason:
        what = str(reason).rstrip(".")
        raise ProofError(f"the derived Program is not well-formed, {what}: correct the rule that made it.") from reason
    for name, dims in wanted.items():
        if derived[name].dims != dims:
            raise ProofError(
                f"{name} has the dimensions {derived[name].dims}, not {dims}: correct the rule that made it."
            )


def _zeros(algebra: Algebra, shape: tuple[int, ...]) -> Array:
    array = np.empty(shape, dtype=object)
    array.fill(algebra.rational(Fraction(0)))
    return array


def _decided(
    statement: str,
    sides: Callable[[Differentiated, Algebra], Iterator[Entry]],
    brute: Differentiated,
    budget: int | Allowance,
) -> Proof:
    proof = decide(
        statement,
        partial(sides, brute),
        off_kinks=brute.off_kinks,
        differentiation=brute.differentiation,
        generalised=partial(sides, replace(brute, generalised=True)),
        budget=budget,
    )
    domain = (*proof.domain, *domain_of_systems(brute.program))
    return replace(proof, remarks=remarks_on(brute.program), domain=domain)

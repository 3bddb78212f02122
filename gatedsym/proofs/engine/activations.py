"""The table of elementwise functions: each derivative is the derivative of its definition, off the kinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from gatedsym.ir.functions import FUNCTIONS, Elementwise
from gatedsym.proofs.engine.algebra import Algebra, Interpreter, tanh
from gatedsym.proofs.engine.decide import Entry, Proof, decide


def prove_functions(table: Mapping[str, Elementwise] = FUNCTIONS) -> list[Proof]:
    """One proof for each function of the table, but for those whose derivative each cell's own proof is about.

    Raises
    ------
    Refutation
        If a derivative is wrong.
    """
    return [prove_function(entry) for entry in table.values() if not entry.in_context]


def prove_function(entry: Elementwise) -> Proof:
    """Prove that `fdiff`, by each argument, equals the derivative of the definition by SymPy."""
    arguments = sp.symbols("x y z w", real=True)[: entry.arity]
    definition = entry.definition(*arguments)
    application = entry.function(*arguments)

    def sides(algebra: Algebra) -> Iterator[Entry]:
        interpret = Interpreter(algebra)
        for number, argument in enumerate(arguments, 1):
            left, right = application.fdiff(number), sp.diff(definition, argument)
            yield f"d/d{argument} {application}", interpret(left), interpret(right)

    return decide(f"the derivative of {entry.name} is that of its definition", sides, off_kinks=entry.kinks)


def prove_logistic_lemma() -> Proof:
    """Prove that sigmoid(x) = (1 + tanh(x/2)) / 2."""
    x = sp.Symbol("x", real=True)

    def sides(algebra: Algebra) -> Iterator[Entry]:
        interpret = Interpreter(algebra)
        yield "x", interpret(FUNCTIONS["sigmoid"].function(x)), (tanh(algebra, interpret(x / 2)) + 1) / 2

    return decide("sigmoid(x) = (1 + tanh(x/2)) / 2", sides)

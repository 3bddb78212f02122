"""All proofs about a cell, one after the other: its calculus, its claims, and the kernels that users run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gatedsym.cells import Cell
from gatedsym.errors import EquationWarning, GatedsymError
from gatedsym.library import load as library

if TYPE_CHECKING:
    from gatedsym.ir.program import Recurrence
    from gatedsym.proofs.engine.decide import Proof


@dataclass(frozen=True)
class Verdict:
    """Outcome of one proof.

    Attributes
    ----------
    subject : str
        The cell's name, or "functions".
    statement : str
    proof : Proof or None
        None if it failed.
    failure : str
        Why, or "".
    undecided : bool
        Whether it is neither proven nor refuted.

    Examples
    --------
    >>> import gatedsym as gs
    >>> verdict = gs.Cell("x, h in R^n; U in R^(n x n)\\nh' = tanh(U @ h + x)", "mine").prove()[0]
    >>> verdict.subject, verdict.word
    ('mine', 'proven')
    """

    subject: str
    statement: str
    proof: Proof | None
    failure: str = ""
    undecided: bool = False

    @property
    def word(self) -> str:
        """``proven``, ``undecided`` or ``FAILED``: what is neither proven nor refuted has not failed."""
        if self.proof is not None:
            return "proven"
        return "undecided" if self.undecided else "FAILED"


def prove_functions() -> Iterator[Verdict]:
    """Every elementwise function: its derivative is the derivative of its definition."""
    from gatedsym.ir.functions import FUNCTIONS
    from gatedsym.proofs.engine.activations import prove_function, prove_logistic_lemma

    for entry in FUNCTIONS.values():
        if entry.in_context:  # what it stands in is proven, in each cell that has it
            continue
        yield verdict_of("functions", f"the derivative of {entry.name}", partial(prove_function, entry))
    yield verdict_of("functions", "the logistic function is a shifted tanh", prove_logistic_lemma)


def prove_cell(cell: Cell) -> Iterator[Verdict]:
    """Everything that is to be proven of a cell, in order, within operations that all of it may take together."""
    from gatedsym.calculus.adjoint import derive_adjoint
    from gatedsym.calculus.jacobian import derive_jacobian
    from gatedsym.calculus.stable import stabilise
    from gatedsym.calculus.tangent import derive_tangent
    from gatedsym.proofs.emitted import prove_emitted, prove_stable
    from gatedsym.proofs.engine.brute_force import prove_adjoint, prove_jacobian, prove_tangent
    from gatedsym.proofs.engine.budgets import Allowance
    from gatedsym.proofs.engine.claims import prove_claim

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        recurrence = cell.recurrence
    allowance = Allowance()
    typed, stable = recurrence.program, stabilise(recurrence.program)
    wrt = [n for n in typed.sources if typed[n].role in ("input", "state", "parameter")]
    yield verdict_of(
        cell.name, "stable forms equal the equations as typed", lambda: prove_stable(recurrence, budget=allowance)
    )
    yield verdict_of(
        cell.name, "the adjoint", lambda: prove_adjoint(stable, derive_adjoint(stable, wrt), wrt=wrt, budget=allowance)
    )
    yield verdict_of(cell.name, "the tangent", lambda: prove_tangent(stable, derive_tangent(stable), budget=allowance))
    if recurrence.states:
        yield verdict_of(
            cell.name, "the step Jacobian", lambda: prove_jacobian(stable, derive_jacobian(stable), budget=allowance)
        )
    for claim in cell.record.claims if cell.record is not None else ():
        yield verdict_of(
            cell.name, claim.text, partial(prove_claim, recurrence, claim, resolve=resolve, budget=allowance)
        )
    yield verdict_of(cell.name, "the emitted kernels", lambda: prove_emitted(recurrence, cell.kernels.module))


def resolve(other: str) -> Recurrence:
    """The other cell of an equivalence: a library name, or equations.

    Raises
    ------
    ArgumentError
        If `other` is a single word and the library has no cell of that name.
    """
    from gatedsym.cells import cell
    from gatedsym.equations import read_equations

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        # Equations hold a sign or a space at least: a bare word is a name, perhaps a wrong one, which `cell` tells.
        named = other in library.names() or other.isidentifier()
        return cell(other).recurrence if named else read_equations(other, name="other")


def verdict_of(subject: str, statement: str, prove: Callable[[], Proof]) -> Verdict:
    """Verdict of one proof; whatever stops it is its failure, and the proofs after it go on."""
    from gatedsym.proofs.engine.algebra import CannotDecide
    from gatedsym.proofs.engine.decide import Refutation, Undecided

    try:
        proof = prove()
    except Refutation as error:
        return Verdict(subject, statement, None, f"not so: {error.finding}")
    except (GatedsymError, ZeroDivisionError) as error:
        return Verdict(subject, statement, None, str(error), isinstance(error, (Undecided, CannotDecide)))
    return Verdict(subject, statement, proof)

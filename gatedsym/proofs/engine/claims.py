"""Claims of derivation files about a cell: a block of its Jacobian, an identity, an equivalence, a limit.

A claim is text in the equation language; what proves it is brute-force differentiation of the cell's Program and the
decision procedure for equality, nothing of the derived adjoint.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from gatedsym.calculus.renaming import rename_statement
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning, ProofError
from gatedsym.ir.program import (
    Program,
    Recurrence,
    Ref,
    Statement,
    fresh_indices,
    pointwise,
)
from gatedsym.library.claims import Claim, Declaration, Equivalence, Identity, Limit
from gatedsym.proofs.engine.algebra import Algebra
from gatedsym.proofs.engine.brute_force import (
    Differentiated,
    block,
    carry_out,
    differentiate,
    off_kinks,
    primal_values,
)
from gatedsym.proofs.engine.budgets import DEFAULT_BUDGET, Allowance
from gatedsym.proofs.engine.decide import Entry, Proof, Refutation, array_entries, decide
from gatedsym.proofs.engine.domains import conditions
from gatedsym.proofs.engine.equivalences import prove_equivalence
from gatedsym.proofs.engine.expressions import edited, expression_part
from gatedsym.proofs.engine.limits import prove_limit
from gatedsym.proofs.engine.scalarise import pairwise_sizes, shape_of


def prove_claim(
    recurrence: Recurrence,
    claim: Declaration,
    *,
    resolve: Callable[[str], Recurrence] = read_equations,
    budget: int | Allowance = DEFAULT_BUDGET,
) -> Proof:
    """Prove what a derivation file declares about its cell.

    Parameters
    ----------
    recurrence : Recurrence
    claim : Claim, Identity, Equivalence or Limit
    resolve : callable
        From `Equivalence.other` to the other cell; reads equations by default.
    budget : int or Allowance
        Term operations for normal forms; or what all statements about a cell may take together.

    Raises
    ------
    Refutation
        If the claim is wrong.
    Undecided
        If no method comes to a decision.
    ProofError
        If the claim speaks of a name or a shape that the cell does not have.
    EquationError
        If its expressions cannot be read.
    """
    if isinstance(claim, Identity):
        return prove_identity(claim, budget)
    try:
        if isinstance(claim, Claim):
            proof = _prove_block(recurrence, claim, budget)
            return replace(proof, domain=conditions([recurrence.source], [claim.equals, *claim.where.values()]))
        if isinstance(claim, Limit):
            proof = prove_limit(recurrence, claim, budget)
            return replace(proof, domain=conditions([edited(recurrence, claim.where).source], [claim.equals]))
        other = resolve(claim.other)
        proof = prove_equivalence(recurrence, claim, other, budget)
        return replace(proof, domain=_domain_of_both(recurrence, claim, other))
    except Refutation as refutation:
        equation = _equation_of(_as_compared(recurrence, claim), refutation.entry)
        raise refutation.about(equation) if equation else refutation from None


def _domain_of_both(recurrence: Recurrence, claim: Equivalence, other: Recurrence) -> tuple[str, ...]:
    """The conditions of both cells as edited, and of what corresponds."""
    mine = edited(recurrence, claim.where, claim.declarations).source
    theirs = edited(other, claim.other_where, claim.declarations).source
    pairs = (claim.parameters, claim.states, claim.other_parameters)
    return conditions([theirs, mine], [text for pair in pairs for text in pair.values()])


def _as_compared(recurrence: Recurrence, claim: Claim | Equivalence | Limit) -> Recurrence:
    """The cell with the edits of the claim, as far as they are edits of its text."""
    if isinstance(claim, Claim):
        return recurrence
    return edited(recurrence, claim.where, claim.declarations if isinstance(claim, Equivalence) else "")


def _equation_of(recurrence: Recurrence, entry: str) -> str:
    """The line of the cell that defines the name in a label such as ``∂c'/∂c[0,1]`` or ``y[2]``."""
    name = entry.removeprefix("∂").split("/∂")[0].split("[")[0]
    return next((e.text for e in recurrence.equations if e.target == name), "")


def _prove_block(recurrence: Recurrence, claim: Claim, budget: int | Allowance) -> Proof:
    program = recurrence.program
    for name in (claim.of, claim.wrt, *claim.where, *(() if claim.holding == "direct" else claim.holding)):
        if name not in program:
            raise ProofError(
                f"the claim '{claim.text}' speaks of {name}, which the cell does not have: correct the name."
            )
    for name in sorted(claim.where):
        program = _substituted(recurrence, program, name, claim.where[name])
    held = _held(program, claim) | {claim.wrt}  # a computed name is a source here: its definition is cut
    cut = replace(program, statements=tuple(s for s in program.statements if s.target.name not in held))
    brute = differentiate(cut, (claim.wrt,), (claim.of,))
    expression, result = expression_part(recurrence, claim.equals)
    wanted = shape_of(program, claim.of, brute.sizes) + shape_of(program, claim.wrt, brute.sizes)
    found = tuple(int(d) if d.isdigit() else brute.sizes[d] for d in expression[result].dims)
    if found not in ((), wanted):
        raise ProofError(
            f"the claim '{claim.text}' compares the block of shape {program[claim.of].dims + program[claim.wrt].dims} "
            f"with an expression of shape {expression[result].dims}: write diag(…) for a diagonal."
        )

    def sides(algebra: Algebra) -> Iterator[Entry]:
        values = primal_values(program, brute.sizes, algebra)
        table = brute.derivatives(algebra, values)
        left = block(table, claim.of, claim.wrt, cut, brute.sizes, algebra)
        right = carry_out(expression, values, brute.sizes, algebra)[result]
        yield from array_entries(f"∂{claim.of}/∂{claim.wrt}", left, np.broadcast_to(right, wanted))

    return _decided(claim.text, sides, brute, budget)


def _held(program: Program, claim: Claim) -> frozenset[str]:
    """The computed names through which no path leads."""
    if claim.holding != "direct":
        return frozenset(claim.holding)
    computed = (program[s.target.name] for s in program.statements)
    return frozenset(t.name for t in computed if (t.named or t.role in ("next", "output")) and t.name != claim.of)


def _decided(
    text: str, sides: Callable[[Algebra], Iterator[Entry]], brute: Differentiated, budget: int | Allowance
) -> Proof:
    return decide(text, sides, off_kinks=brute.off_kinks, differentiation=brute.differentiation, budget=budget)


def prove_identity(identity: Identity, budget: int | Allowance = DEFAULT_BUDGET) -> Proof:
    """Prove that two expressions are equal in every entry.

    Raises
    ------
    Refutation, Undecided, EquationError
    """
    names = ("left_side", "right_side")
    source = (
        f"{identity.declarations}\noutput {', '.join(names)}\n"
        f"{names[0]} = {identity.left}\n{names[1]} = {identity.right}\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)  # both sides read the same names, and may be the same
        program = read_equations(source, name="identity").program
    sizes = pairwise_sizes(program)

    def sides(algebra: Algebra) -> Iterator[Entry]:
        values = primal_values(program, sizes, algebra)
        yield from array_entries(identity.left, *np.broadcast_arrays(*(values[name] for name in names)))

    proof = decide(identity.text, sides, off_kinks=off_kinks(program), budget=budget)
    return replace(proof, domain=conditions([source]))


def _substituted(recurrence: Recurrence, program: Program, name: str, text: str) -> Program:
    """The Program with one name replaced by an expression: its definition, or the parameter or constant it is."""
    part, result = expression_part(recurrence, text)
    renaming = {n: f"{name} by {n}" for n in part.definitions}
    added = [rename_statement(s, renaming) for s in part.statements]
    indices = fresh_indices(len(program[name].dims))
    rank = len(part[result].dims)
    if part[result].dims not in ((), program[name].dims):
        raise ProofError(
            f"{name} has the shape {program[name].dims}, '{text}' has not: write an expression of that shape."
        )
    source = Ref(renaming.get(result, result), indices[:rank])
    added.append(pointwise(Ref(name, indices), source.symbol, (source,)))
    defined = any(s.target.name == name for s in program.statements)
    statements: list[Statement] = (
        [] if defined else list(added)
    )  # a parameter is computed now, before all that reads it
    for statement in program.statements:
        statements += added if statement.target.name == name else [statement]
    new = [replace(t, name=renaming[t.name]) for t in part.tensors if t.name in renaming]
    old = [t for t in part.tensors if t.name not in renaming and t.name not in program]
    mine = tuple(t if defined or t.name != name else replace(t, role="local", value=None) for t in program.tensors)
    return _checked(replace(program, tensors=(*mine, *old, *new), statements=tuple(statements)), name, text)


def _checked(program: Program, name: str, text: str) -> Program:
    try:
        return program.check()
    except ValueError as reason:
        raise ProofError(f"{name} cannot be {text} here, {reason}: use names that are computed before it.") from reason


__all__ = ["Claim", "Equivalence", "Identity", "Limit", "expression_part", "prove_claim", "prove_identity"]

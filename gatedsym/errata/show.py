"""An erratum → what is shown of it, computed now: proofs by the engine, counterexamples by carrying equations out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import sympy as sp

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.equations import read_equations
from gatedsym.errata.erratum import (
    Apart,
    Erratum,
    Evidence,
    Growth,
    Proven,
    Refuted,
    Rejected,
    Same,
    Summed,
    Values,
    Warned,
)
from gatedsym.errors import EquationError, EquationWarning, GatedsymError, ProofError
from gatedsym.ir.evaluate import NUMPY, evaluate, given_array
from gatedsym.ir.program import NUMBERS, Program, Recurrence, next_name
from gatedsym.library.claims import Declaration, Identity, told
from gatedsym.messages import room
from gatedsym.proofs.engine.algebra import Algebra
from gatedsym.proofs.engine.brute_force import carry_out, off_kinks, primal_values
from gatedsym.proofs.engine.claims import prove_claim
from gatedsym.proofs.engine.decide import Entry, Proof, Refutation, array_entries, decide
from gatedsym.proofs.engine.expressions import expression_part
from gatedsym.proofs.engine.scalarise import pairwise_sizes, shape_of
from gatedsym.typing import Array

say = room("errata")

Verdict = Literal["proven", "counterexample", "refused", "warned"]

NOTHING = "a = 0 * b\noutput a\nb in R"
"""A cell to read identities with, which need none."""


class NotShownError(GatedsymError):
    """Refutation of what an erratum says."""


@dataclass(frozen=True)
class Finding:
    """One thing that is shown.

    Attributes
    ----------
    verdict : {"proven", "counterexample", "refused", "warned"}
    text : str
        What is shown.
    formula : str
        The same in symbols, or "".
    detail : str
        How: the method of the proof, the numbers of the counterexample, what the reader of equations says.
    """

    verdict: Verdict
    text: str
    formula: str
    detail: str

    @property
    def label(self) -> str:
        """The verdict in a word."""
        return say("erratum-verdict", verdict=self.verdict)


@dataclass(frozen=True)
class Shown:
    """An erratum with what came of its evidence."""

    erratum: Erratum
    findings: tuple[Finding, ...]


def show(erratum: Erratum) -> Shown:
    """Carry out everything that an erratum offers as evidence.

    Raises
    ------
    NotShownError
        If a claim that should hold does not, or one that should fail holds, or two cells do not differ.
    """
    try:
        return Shown(erratum, tuple(_found(erratum, e) for e in erratum.evidence))
    except (ProofError, EquationError) as reason:
        raise NotShownError(f"{erratum.title}: {reason}") from reason


def _found(erratum: Erratum, evidence: Evidence) -> Finding:
    match evidence:
        case Proven():
            return _proven(erratum, evidence)
        case Refuted():
            return _refuted(erratum, evidence)
        case Same():
            return _same(erratum, evidence)
        case Apart():
            return _apart(erratum, evidence)
        case Growth():
            return _growth(erratum, evidence)
        case Rejected():
            return _rejected(erratum, evidence)
        case Warned():
            return _warned(erratum, evidence)
        case Summed():
            return _summed(erratum, evidence)


def _read(erratum: Erratum, cell: str) -> Recurrence:
    """The equations of that name, without the warnings that wrong ones may cause."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(erratum.cells[cell] if cell else NOTHING, name=cell or "nothing")


# Proofs.


def _prove(erratum: Erratum, evidence: Proven | Refuted) -> Proof:
    recurrence = _read(erratum, evidence.cell)
    return prove_claim(recurrence, _statement(evidence), resolve=lambda other: _read(erratum, other))


def _proven(erratum: Erratum, evidence: Proven) -> Finding:
    proof = _prove(erratum, evidence)
    return Finding("proven", _statement(evidence).text, _formula(evidence), _method(proof))


def _refuted(erratum: Erratum, evidence: Refuted) -> Finding:
    try:
        _prove(erratum, evidence)
    except Refutation as found:
        numbers = say("erratum-refuted", entry=found.entry, left=_digits(found.left), right=_digits(found.right))
        text = say("erratum-not-so", claim=_statement(evidence).text)
        return Finding("counterexample", text, _formula(evidence), numbers)
    raise NotShownError(f"{erratum.title}: '{_statement(evidence).text}' is proven, and was to be refuted.")


def _statement(evidence: Proven | Refuted) -> Declaration:
    """The claim, its text said."""
    return replace(evidence.claim, text=str(evidence.claim.text))


def _formula(evidence: Proven | Refuted) -> str:
    if isinstance(evidence.claim, Identity):
        return told("", evidence.claim)
    return told(evidence.cell, evidence.claim).removeprefix(f"{evidence.cell}: ")


def _method(proof: Proof) -> str:
    return str(proof).removeprefix(f"{proof.statement}: ")


def _digits(number: str) -> str:
    """A number of a refutation, shortened for reading."""
    try:
        return f"{float(number):.4g}"
    except ValueError:
        return number


def _same(erratum: Erratum, evidence: Same) -> Finding:
    recurrence = _read(erratum, evidence.cell)
    sizes = pairwise_sizes(recurrence.program)
    parts = [expression_part(recurrence, text) for text in (evidence.left, evidence.right)]

    def sides(algebra: Algebra) -> Iterator[Entry]:
        values = primal_values(recurrence.program, sizes, algebra)
        left, right = (_value(part, name, values, sizes, algebra) for part, name in parts)
        yield from array_entries(evidence.left, left, right)

    proof = decide(evidence.text, sides, off_kinks=off_kinks(recurrence.program))
    return Finding("proven", evidence.text, f"{evidence.left} = {evidence.right}", _method(proof))


def _value(part: Program, name: str, values: Mapping[str, Array], sizes: Mapping[str, int], algebra: Algebra) -> Array:
    return values[name] if name in values else carry_out(part, values, sizes, algebra)[name]


# Numbers.


def _apart(erratum: Erratum, evidence: Apart) -> Finding:
    found = [
        _carried_out(
            _read(erratum, cell), evidence.sizes, {**evidence.values, **evidence.own.get(cell, {})}, evidence.steps
        )[-1][evidence.of]
        for cell in evidence.cells
    ]
    if np.allclose(found[0], found[1], rtol=1e-6, atol=1e-9):
        raise NotShownError(
            f"{erratum.title}: '{evidence.text}' is not shown, {evidence.of} is {_written(found[0])} by both."
        )
    (one, other), (first, second) = evidence.cells, map(_written, found)
    detail = say(
        "erratum-apart", given=_given(evidence.values, evidence.own), steps=evidence.steps, of=evidence.of,
        first=first, one=one, second=second, other=other,
    )  # fmt: skip
    return Finding("counterexample", evidence.text, "", detail)


def _carried_out(
    recurrence: Recurrence, sizes: Mapping[str, int], values: Values, steps: int
) -> list[dict[str, Array]]:
    """The values of every step, from numbers; sources that are not named are zero."""
    program = recurrence.program
    unknown = sorted(set(values) - set(program.sources))
    if unknown:
        raise NotShownError(f"the equations of {recurrence.name} have no {unknown[0]}: correct the values.")
    known: dict[str, Array] = {}
    for name in program.sources:
        if program[name].role not in NUMBERS:
            given = np.asarray(values.get(name, 0.0), float)
            known[name] = np.broadcast_to(given, shape_of(program, name, sizes)).copy()
    trajectory = []
    for _ in range(steps):
        trajectory.append(evaluate(program, known, NUMPY))
        for layout in recurrence.states:
            for part in layout.parts:
                known[part] = trajectory[-1][next_name(part)]
    return trajectory


def _growth(erratum: Erratum, evidence: Growth) -> Finding:
    recurrence = _read(erratum, evidence.cell)
    jacobian = derive_jacobian(recurrence.program)
    block = f"J[{next_name(evidence.state)},{evidence.state}]"
    matrix = np.asarray(evidence.values[evidence.parameter], float)
    radius = _spectral_radius(matrix)
    product: Any = np.eye(len(matrix))
    norms = []
    for values in _carried_out(recurrence, evidence.sizes, evidence.values, evidence.steps):
        given = {**values, **_identities(jacobian, evidence.sizes)}
        product = evaluate(jacobian, {k: v for k, v in given.items() if k in jacobian.sources}, NUMPY)[block] @ product
        norms.append(float(np.linalg.norm(product, 2)))
    if radius >= 1 or any(later <= earlier for earlier, later in pairwise([1.0, *norms])):
        raise NotShownError(
            f"{erratum.title}: the spectral radius is {radius:.3g}, the norms {_written(np.array(norms))}."
        )
    shown = sorted({1, evidence.steps // 4, evidence.steps // 2, evidence.steps})
    told_norms = [say("erratum-norm-after", norm=f"{norms[t - 1]:.4g}", steps=t) for t in shown]
    detail = say(
        "erratum-growth", given=_given(evidence.values, {}), matrix=evidence.parameter, radius=f"{radius:.4g}",
        norm=f"{np.linalg.norm(matrix, 2):.4g}", norms=", ".join(told_norms),
    )  # fmt: skip
    return Finding("counterexample", evidence.text, "", detail)


def _spectral_radius(matrix: Array) -> float:
    """The largest size of an eigenvalue, without rounding: those of a defective matrix are ill-conditioned."""
    exact = sp.Matrix(matrix.shape[0], matrix.shape[1], [sp.Rational(float(v)) for v in matrix.ravel()])
    return max(float(abs(value)) for value in exact.eigenvals())


def _identities(program: Program, sizes: Mapping[str, int]) -> dict[str, Array]:
    given = [program[name] for name in program.sources if program[name].role in ("identity", "fixed")]
    return {t.name: given_array(t, sizes, NUMPY) for t in given}


def _given(shared: Values, own: Mapping[str, Values]) -> str:
    """The values that were given, with commas."""
    parts = [f"{name} = {_written(np.asarray(value, float))}" for name, value in shared.items()]
    parts += [
        f"{name} = {_written(np.asarray(value, float))} ({cell})"
        for cell, values in own.items()
        for name, value in values.items()
    ]
    return ", ".join(parts)


def _written(value: Array) -> str:
    """An array in a line, to four digits."""
    if value.ndim == 0:
        text = f"{float(value):.4g}"
        return "0" if text == "-0" else text
    return _written(value[0]) if value.shape == (1,) else f"({', '.join(_written(v) for v in value)})"


# What the reader of equations says.


def _rejected(erratum: Erratum, evidence: Rejected) -> Finding:
    try:
        _read(erratum, evidence.cell)
    except EquationError as refusal:
        said = f"{refusal.message} {refusal.mend}".strip()
        return Finding("refused", evidence.text, "", said)
    raise NotShownError(f"{erratum.title}: the equations called {evidence.cell} were to be refused, and can be read.")


def _warned(erratum: Erratum, evidence: Warned) -> Finding:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EquationWarning)
        read_equations(erratum.cells[evidence.cell], name=evidence.cell)
    said = [str(w.message) for w in caught if issubclass(w.category, EquationWarning)]
    if not said:
        raise NotShownError(f"{erratum.title}: the equations called {evidence.cell} are read without a warning.")
    return Finding("warned", evidence.text, "", said[0])


def _summed(erratum: Erratum, evidence: Summed) -> Finding:
    from gatedsym import conventions
    from gatedsym.cells import cell

    params = cell(evidence.library_cell).init(m=1, n=1)
    zeros = {k: np.zeros_like(v) for k, v in params.items()}
    arrays = conventions.export_parameters(evidence.library_cell, zeros, evidence.framework)
    for name in evidence.arrays:
        arrays[name][...] = evidence.each
    back = conventions.import_parameters(evidence.library_cell, arrays, evidence.framework)
    bias = float(back[evidence.bias][0])
    if bias == evidence.said:
        raise NotShownError(f"{erratum.title}: {evidence.bias} is {bias:g}, as is said.")
    kept = [1 / (1 + np.exp(-b)) for b in (evidence.said, bias)]
    *first, last = [f"{name} = {evidence.each:g}" for name in evidence.arrays]
    both = say("erratum-set", first=", ".join(first), last=last) if first else last
    detail = say(
        "erratum-summed", set=both, bias=evidence.bias, made=f"{bias:g}", said=f"{evidence.said:g}",
        gate=f"{kept[1]:.4f}", gate_said=f"{kept[0]:.4f}",
        kept=f"{kept[1] ** 100:.2g}", kept_said=f"{kept[0] ** 100:.2g}",
    )  # fmt: skip
    return Finding("counterexample", evidence.text, "", detail)

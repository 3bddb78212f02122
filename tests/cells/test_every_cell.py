"""Every cell of the library: its gradients against values, its numbers against many digits, its file against rules."""

from fnmatch import fnmatchcase
from itertools import pairwise

import numpy as np
import pytest
from cells.exact import ARITHMETIC, big, distance, reference
from cells.particulars import COMPILED, PROVEN_BY_COMMAND, TANGENTS_COMPILED, WARNINGS, WITHOUT_CLAIMS
from cells.problem import LONGEST, TAYLOR_DIRECTION, inner
from cells.trajectory import Trajectory
from transcriptions.arithmetic import mp

from gatedsym.calculus.tangent import derive_tangent
from gatedsym.codegen.regenerate import find_drift
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.library import load as library
from gatedsym.library import rules as initial
from gatedsym.proofs.cell import prove_cell
from gatedsym.proofs.specification import uncompiled

# Gradients against values


@pytest.mark.sampled
def test_taylor_remainder_of_first_order_has_slope_2(problem):
    """Steps of 2^-9 … 2^-12 along a direction of norm 1: the third order moves a slope by less than 0.1."""
    direction = problem.direction(TAYLOR_DIRECTION)
    value, first = problem.loss(problem.point), inner(problem.gradients, direction)
    remainders = []
    for step in LONGEST * 2.0 ** -np.arange(4):
        ends = (problem.loss(problem.moved(direction, s)) for s in (step, -step))
        remainders.append(sum(abs(end - value - s * first) for end, s in zip(ends, (step, -step), strict=True)))
    slopes = [np.log2(a / b) for a, b in pairwise(remainders)]
    assert slopes == pytest.approx([2] * 3, abs=0.1)


@pytest.mark.sampled
def test_dot_product_of_the_tangent_program_and_the_whole_adjoint(problem):
    """⟨Jv, w⟩ = ⟨v, Jᵀw⟩; the tangent Program moves parameters, inputs and initial rows together."""
    direction, typed = problem.direction(2), problem.typed
    program = typed.recurrence.program
    tangent = derive_tangent(program)
    moving = _Tangents(problem, direction)
    for t, known in enumerate(typed.values):
        dots = {f"dot_{n}": v for n, v in moving.sources(program, t).items()}
        found = evaluate(tangent, {n: v for n, v in (known | dots).items() if n in tangent.sources}, NUMPY)
        moving.take({n: found[f"dot_{n}"] for n in program.results})
    left = sum((moving[name] * w).sum() for name, w in problem.cotangents.items())
    assert left == pytest.approx(inner(problem.gradients, direction), rel=1e-11)


class _Tangents(Trajectory):
    """The rows of a direction, filled step by step by whoever has a tangent Program."""

    def __init__(self, problem, direction):
        super().__init__(problem.cell.recurrence, problem.sizes, direction, NUMPY, steps=0)


@pytest.fixture
def of_tangents(problem, request, monkeypatch):
    """The problem, its tangent kernel compiled for some of those cells whose other kernels are."""
    cell = problem.cell
    every = request.config.getoption("--every-kernel") or request.config.getoption("--every-step")
    if cell.name in COMPILED and cell.name not in TANGENTS_COMPILED and not every:
        assert problem.run is not None  # by the compiled kernel, which the other tests share
        monkeypatch.setattr(cell, "kernels", Kernels(uncompiled(cell.kernels.module, NUMPY)))
    return problem


@pytest.mark.sampled
@pytest.mark.long
def test_dot_product_of_the_tangent_kernel_and_the_backward_kernel(of_tangents):
    """⟨Jv, w⟩ = ⟨v, Jᵀw⟩, J the derivative of the last rows of all states by the first."""
    problem, states = of_tangents, of_tangents.cell.states
    if not states:
        assert not problem.cell.kernels.has("tangent")
        return
    generator = np.random.default_rng(3)
    delays = problem.cell.interface.delays
    v = {s: generator.normal(size=problem.point["initial"][s].shape) for s in states}
    given = {s: a[:, None] if delays[s] > 1 else a for s, a in v.items()}
    tangents = problem.cell.tangent(problem.point["params"], problem.run, given)
    w = {s: generator.normal(size=a[0].shape) for s, a in v.items()}
    left = 0.0
    for s in states:
        mantissa = (tangents.states[s][-1] if delays[s] > 1 else tangents.states[s])[0]
        scale = 2.0 ** tangents.exponents[0].reshape(-1, *(1,) * (mantissa.ndim - 1))
        left += (mantissa * scale * w[s]).sum()
    back = problem.cell.backward(problem.point["params"], problem.run, {s: ([-1], a[None]) for s, a in w.items()})
    right = sum((v[s] * back.initial[s]).sum() for s in states)
    assert left == pytest.approx(right, rel=1e-11)


# Numbers against many digits


@pytest.fixture(scope="module")
def exact(problem):
    """Values and gradients of the typed equations, to `exact.DIGITS` digits."""
    return reference(problem)


@pytest.mark.sampled
def test_values_and_gradient_blocks_are_within_1e_12_of_their_norm(problem, exact):
    """T = 20 with `--every-step`. The norm is that of the block; a block that is exactly zero must be found so."""
    results = {"values": {n: problem.after(problem.run, n) for n in problem.cotangents}, **problem.gradients}
    errors = {f"{g} {n}": float(distance(results[g][n], b)) for g, v in exact.items() for n, b in v.items()}
    assert {name: error for name, error in errors.items() if not error < 1e-12} == {}


@pytest.mark.sampled
def test_the_reference_gradient_is_the_difference_quotient_of_the_reference_values(problem, exact):
    """Along a random direction, in big floats without a tape: two accounts of the same derivative, to 25 digits."""
    with mp.workdps(60):
        point, direction, step = big(problem.point), big(problem.direction(4)), mp.mpf(10) ** -20

        def loss(shift):
            at = {g: {n: a + shift * direction[g][n] for n, a in v.items()} for g, v in point.items()}
            typed = problem.trajectory(ARITHMETIC, at)
            return sum((typed[name] * c.astype(object)).sum() for name, c in problem.cotangents.items())

        quotient = (loss(step) - loss(-step)) / (2 * step)
        assert abs(quotient - inner(exact, direction)) < mp.mpf(10) ** -25 * (1 + abs(quotient))


# Proofs


@pytest.mark.sampled
def test_every_statement_is_proven(problem, request):
    """The calculus, the claims and equivalences of the derivation file, the emitted source."""
    proven = problem.cell.name in COMPILED and problem.cell.name not in PROVEN_BY_COMMAND
    if not proven and not request.config.getoption("--every-kernel"):
        pytest.skip("`gatedsym prove`, a step of CI, proves every cell; here a dozen, or all with --every-kernel")
    verdicts = list(prove_cell(problem.cell))
    assert {v.statement: v.failure for v in verdicts if v.proof is None} == {}
    assert len(verdicts) >= 4 + len(problem.cell.record.claims)


# The file against rules


@pytest.mark.sampled
def test_equations_are_read_without_unexpected_warnings(problem, recwarn):
    cell = problem.cell
    read_equations(cell.source, name=cell.name)
    messages = [str(w.message) for w in recwarn if issubclass(w.category, EquationWarning)]
    allowed = WARNINGS.get(cell.name, ())
    assert [m for m in messages if not any(words in m for words in allowed)] == []
    assert [words for words in allowed if not any(words in m for m in messages)] == []


def test_the_derivation_says_what_the_catalogue_prints(problem):
    derivation = problem.cell.record
    for field in ("title", "reference", "purpose"):
        assert getattr(derivation, field).strip(), field
    assert 1950 <= derivation.year <= 2030
    assert derivation.sources
    claims_nothing = not problem.cell.states or derivation.name in WITHOUT_CLAIMS
    assert bool(derivation.claims) or claims_nothing
    assert derivation.initialisation is not None
    assert derivation.initialisation.source.strip()


@pytest.mark.sampled
def test_the_committed_module_is_what_the_derivation_gives(problem):
    drift = find_drift([problem.cell], library.generated_folder(), whole=False)
    assert [(d.kind, d.path.name) for d in drift if d.kind != "versions"] == []


def test_the_papers_initialisation_follows_its_rules(problem):
    """Drawn 24 wide, so that a rule's numbers show."""
    cell, sizes = problem.cell, wide_sizes(problem)
    params = cell.init(**sizes, scheme="paper", seed=5)
    assert {n: v.shape for n, v in params.items()} == cell.shapes(**sizes)
    prescribed = cell.record.initialisation
    others = cell.init(**sizes, scheme=prescribed.otherwise, seed=5)
    followed = {}
    for name, value in params.items():
        assert np.isfinite(value).all(), name
        pattern = next((p for p in prescribed.rules if fnmatchcase(name, p)), None)
        if pattern is None:
            assert np.array_equal(value, others[name]), name
        else:
            followed[pattern] = True
            assert follows(prescribed.rules[pattern], value, cell.sizes(**sizes)), (name, prescribed.rules[pattern])
    assert [p for p in prescribed.rules if p not in followed] == []


def wide_sizes(problem):
    """Sizes eight times the small ones, for the dimensions that a caller chooses."""
    free = [d.name for d in problem.cell.interface.dimensions if d.formula is None and not d.name.isdigit()]
    return {d: 8 * problem.sizes[d] for d in free}


def follows(rule, value, sizes):
    """Whether numbers are such as the rule draws: bounds and moments, at five standard deviations."""
    width = 1 / np.sqrt(sizes[rule.over_root]) if getattr(rule, "over_root", "") else 1.0
    match rule:
        case initial.Constant():
            return (value == rule.value).all()
        case initial.Uniform():
            within = rule.low * width <= value.min() and value.max() <= rule.high * width
            return within and spreads(value, (rule.high - rule.low) * width / np.sqrt(12))
        case initial.Normal():
            mean = abs(value.mean() - rule.mean) <= 5 * rule.std * width / np.sqrt(value.size)
            return mean and spreads(value, rule.std * width)
        case initial.Orthogonal():
            thin = value if value.shape[-2] <= value.shape[-1] else np.swapaxes(value, -1, -2)
            return np.allclose(thin @ np.swapaxes(thin, -1, -2), rule.gain**2 * np.eye(thin.shape[-2]), atol=1e-12)
        case initial.Glorot():
            return abs(value).max() <= np.sqrt(6 / (value.shape[-1] + np.prod(value.shape[:-1])))
        case initial.IdentityMatrix():
            return (value == rule.scale * np.eye(*value.shape[-2:])).all()
        case initial.Drawn():
            return bool(rule.words)
    raise AssertionError(f"no check of {rule!r}")


def spreads(value, deviation):
    """Whether numbers have a standard deviation, within five of its own (those of normal numbers)."""
    return abs(value.std() - deviation) <= 5 * deviation / np.sqrt(2 * value.size)

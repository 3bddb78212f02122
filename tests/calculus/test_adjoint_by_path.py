"""The adjoint split by path: parts that add up to the whole, exactly, each through the name it is called after."""

import pytest
from literature import CELLS, SHAPES

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.names import HIGHWAY, adjoint_name
from gatedsym.calculus.paths import derive_path_adjoint, split_states
from gatedsym.equations import read_equations
from gatedsym.ir.program import Pointwise
from gatedsym.proofs.engine.algebra import entries_of
from gatedsym.proofs.engine.brute_force import carry_out
from gatedsym.proofs.engine.decide import NORMAL_FORM, Refutation, array_entries, decide
from gatedsym.proofs.engine.scalarise import pairwise_sizes, shape_of

OWN = """
x in R^m; h, s in R^n; C in R^(n,n); W, V in R^(n,m); U, A in R^(n,n); p, b, d in R^n; q in R
k = tanh(W x + U h[-2] + b)
e = σ(V x + p*s + A (k*h) + d)
C' = σ(q)*C + outer(e, k)
s' = (1 - e)*s + e*k
h' = h + tanh(C' @ k) * s'
"""


def program_of(name):
    return read_equations((CELLS | SHAPES | {"own": OWN})[name], name=name).program


def prove_sum(program, leave_out=()):
    """Prove that the parts of each state's adjoint add up to it, by normal form."""
    split = derive_path_adjoint(program)
    sources = dict.fromkeys(part.source for part, _ in split.parts)
    whole = derive_adjoint(program, sources)
    sizes = pairwise_sizes(program)

    def sides(algebra):
        given = {
            name: entries_of(algebra.symbol, name, shape_of(p, name, sizes))
            for p in (program, whole)
            for name in p.sources
            if name not in program.definitions and p[name].role not in ("constant", "identity")
        }
        in_parts = given | carry_out(split.primal, given, sizes, algebra)
        left = carry_out(split.adjoint, in_parts, sizes, algebra)
        right = carry_out(whole, given | carry_out(program, given, sizes, algebra), sizes, algebra)
        for source in sources:
            parts = [left[name] for part, name in split.parts if part.source == source and part.path not in leave_out]
            yield from array_entries(source, sum(parts), right[adjoint_name(source)])

    return decide("the parts of an adjoint add up to it", sides)


@pytest.mark.parametrize(
    "name", ["gru", "peephole", "cifg", "rhn", "slstm", "lem", "delays", "antisymmetric", "fgr", "own"]
)
def test_parts_add_up_exactly(name):
    assert prove_sum(program_of(name)).method == NORMAL_FORM


def test_without_a_part_the_sum_is_refuted():
    with pytest.raises(Refutation):
        prove_sum(program_of("gru"), leave_out={"r"})


def test_a_state_is_split_by_the_first_name_that_it_leads_to():
    found = {name: [(p.source, p.path) for p in split_states(program_of(name)).parts] for name in ("gru", "peephole")}
    assert found["gru"] == [("h", HIGHWAY), ("h", "z"), ("h", "r"), ("h", "g")]
    assert found["peephole"] == [
        ("h", "i"), ("h", "f"), ("h", "g"), ("h", "o"), ("c", HIGHWAY), ("c", "i"), ("c", "f"),
    ]  # fmt: skip


def test_a_matrix_straight_to_the_next_state_is_no_highway():
    assert [p.path for p in split_states(program_of("linear")).parts] == ["h'"]
    assert [p.path for p in split_states(program_of("indrnn")).parts] == [HIGHWAY]
    assert [p.path for p in split_states(program_of("antisymmetric")).parts] == [HIGHWAY, "h'"]


def test_named_values_on_the_highway_do_not_interrupt_it():
    assert [p.path for p in split_states(program_of("rhn")).parts] == [HIGHWAY, "H_1", "T_1", "H_2", "T_2"]


def test_the_highway_of_a_gated_state_is_its_gate():
    split = derive_path_adjoint(program_of("peephole"))
    statement = split.adjoint.definitions["d_c_highway"]
    assert isinstance(statement, Pointwise)
    assert str(statement.expression) == "d_c'_total[j]*f[j]"


def test_a_step_that_reads_no_state_has_no_parts():
    assert derive_path_adjoint(program_of("glu")).parts == ()


@pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")
@pytest.mark.parametrize("name", [*CELLS, *SHAPES])
def test_every_cell_splits_into_a_program_that_reads_copies_alone(name):
    program = program_of(name)
    split = split_states(program)
    assert not any(split.program[n].role == "state" and n in program for n in split.program.sources)
    assert split.program.results == program.results

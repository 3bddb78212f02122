"""The mean field as a Program: what is replaced, what is kept, and the integrands that come out of the adjoint."""

import pytest
import sympy as sp
from literature import CELLS, SHAPES, SHUFFLED

from gatedsym import Cell
from gatedsym.calculus.mean_field import derive_mean_field, integrands, recurrent_weights
from gatedsym.cells import cell


def theory_of(equations):
    return derive_mean_field(Cell(equations, name="cell").recurrence.program)


def test_rest_of_an_lstm_is_sites_without_any_matrix():
    theory = derive_mean_field(cell("lstm").recurrence.program)
    assert all(len(t.dims) <= 1 for t in theory.forward.tensors)
    assert theory.weights == ("U_f", "U_g", "U_i", "U_o", "W_f", "W_g", "W_i", "W_o")
    assert theory.drawn == ()
    # What W and U send into one pre-activation is one normal variable.
    assert [n.name for n in theory.normals] == ["a_i", "a_f", "a_g", "a_o"]


def test_integrands_of_an_lstm_are_those_of_the_literature():
    theory = derive_mean_field(cell("lstm").recurrence.program)
    found = {k: str(v).replace("[j]", "") for k, v in integrands(theory).items()}
    assert found["U_f", "d_c'_total"] == "c*f*sigmoid(-a_f)"
    assert found["U_i", "d_c'_total"] == "g*i*sigmoid(-a_i)"
    assert found["U_g", "d_c'_total"] == "i*sech2(a_g)"
    assert found["U_o", "d_h'"] == "o*tanh_c*sigmoid(-a_o)"
    assert found["d_c'_total", "d_h'"] == "o*sech2(c')"
    assert found["d_c", "d_c'_total"] == "f"


def test_chain_through_the_reset_gate_of_a_gru_is_two_signals():
    """d_r_h comes back through U_g first, and goes on through U_r with the slope h r (1 - r)."""
    found = integrands(derive_mean_field(cell("gru").recurrence.program))
    ((basis, slope),) = [(b, s) for (form, b), s in found.items() if form == "U_r"]
    assert basis not in ("d_h'",)
    assert str(slope).replace("[j]", "") == "h*r*sigmoid(-a_r)"


@pytest.mark.parametrize("name", sorted(CELLS) + sorted(SHAPES))
@pytest.mark.filterwarnings("ignore:the parameter")
def test_weights_are_replaced_or_said_to_be_drawn(name):
    program = Cell({**CELLS, **SHAPES}[name], name=name).recurrence.program
    if not any(program[r].role == "next" for r in program.results):
        pytest.skip("no state")
    theory = derive_mean_field(program)
    assert not set(theory.weights) & set(theory.drawn)
    left = {t.name for p in (theory.forward, theory.backward) for t in p.tensors if t.role == "parameter"}
    assert not left & set(theory.weights)
    assert {f"var_{w}" for w in theory.weights} >= {n for n in left if n.startswith("var_")}


def test_matrix_in_two_uses_is_drawn_and_not_replaced():
    """U (U h) + U h is no sum of independent normal variables; nor are W h and W.T h."""
    assert theory_of(SHAPES["twice"]).drawn == ("U",)
    assert theory_of(SHAPES["transposed"]).drawn == ("A", "W")


def test_sites_that_a_norm_couples_have_no_slopes():
    assert theory_of(CELLS["layer_norm_lstm"]).slopes is None
    assert theory_of(SHUFFLED).slopes is not None


def test_recurrent_weights_are_found_through_other_states_and_products():
    assert recurrent_weights(Cell(SHUFFLED, name="cell").recurrence.program) == ("B_p", "B_q", "B_s", "B_w")
    assert recurrent_weights(cell("gru").recurrence.program) == ("U_g", "U_r", "U_z")
    assert recurrent_weights(cell("min_gru").recurrence.program) == ()


def test_variance_of_a_pre_activation_adds_up_over_its_weights():
    theory = theory_of(CELLS["delays"])
    (normal,) = theory.normals
    statement = theory.forward.definitions[normal.variance]
    expected = sum(sp.Symbol(f"var_{w}") * sp.Symbol(f"squares_{s}") for w, s in
                   (("W", "x"), ("V", "x[-1]"), ("U_1", "h"), ("U_2", "h[-3]")))  # fmt: skip
    assert sp.expand(statement.expression - expected) == 0

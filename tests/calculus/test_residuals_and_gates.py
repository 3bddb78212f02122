"""What the forward pass keeps, what is found again, and which gates hold a state, from the equations alone."""

from __future__ import annotations

import pytest
from literature import CELLS

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.residuals import choose_residuals
from gatedsym.calculus.retention import find_biases, find_gates
from gatedsym.calculus.stable import stabilise
from gatedsym.equations import read_equations

LSTM = CELLS["cifg"].replace("{i,g,o}", "{i,f,g,o}").replace("1 - i", "sigmoid(W_f @ x + U_f @ h + b_f)")


def program_of(source):
    return stabilise(read_equations(source, name="cell").program)


def needs_of(source):
    program = program_of(source)
    return choose_residuals(program, derive_adjoint(program).sources)


def test_lstm_keeps_its_pre_activations_and_finds_its_gates_again():
    residuals = needs_of(LSTM)
    assert residuals.names == ("a_i", "a_f", "a_g", "a_o")
    assert [s.target.name for s in residuals.recomputed] == ["i", "f", "g", "o", "tanh_c"]


def test_coupled_gate_keeps_one_pre_activation_less():
    assert needs_of(CELLS["cifg"]).names == ("a_i", "a_g", "a_o")


def test_linear_cell_keeps_nothing():
    residuals = needs_of(CELLS["linear"])
    assert residuals.names == residuals.recomputed == ()


def test_gru_does_not_keep_what_a_product_with_its_state_gives_again():
    """r*h is recomputed from the kept pre-activation of r and the trajectory."""
    residuals = needs_of(CELLS["gru"])
    assert residuals.names == ("a_z", "a_r", "a_g")
    assert "r_h" in {s.target.name for s in residuals.recomputed}


def test_settled_needs_are_not_chosen_anew():
    program = program_of(CELLS["scalar_parameters"])
    chosen = choose_residuals(program, derive_adjoint(program).sources)
    again = choose_residuals(program, ["a_h"], kept=chosen.names)
    assert again.names == chosen.names
    assert [s.target.name for s in again.recomputed] == ["a_h"]


@pytest.mark.parametrize("name", CELLS)
def test_everything_an_adjoint_reads_is_at_hand(name):
    program = program_of(CELLS[name])
    reads = [n for n in derive_adjoint(program).sources if n in program]
    residuals = choose_residuals(program, reads)
    there = {*program.sources, *program.results, *residuals.names}
    there |= {s.target.name for s in program.statements} - program.batched
    for statement in residuals.recomputed:
        assert {r.name for r in statement.operands} <= there
        there.add(statement.target.name)
    assert set(reads) <= there


@pytest.mark.parametrize(
    ("source", "state", "bias", "sign"),
    [
        (LSTM, "c", "b_f", 1),
        (CELLS["gru"], "h", "b_z", -1),
        (CELLS["gru"].replace("(1 - z)*h + z*g", "z*h + (1 - z)*g"), "h", "b_z", 1),
        (CELLS["cifg"], "c", "b_i", -1),
        (CELLS["peephole"], "c", "b_f", 1),
        (CELLS["printed_lstm"], "c", "b_f", 1),
        (CELLS["lstmp"], "c", "b_f", 1),
        (CELLS["shuffled"], "c", "z_p", 1),
        (CELLS["min_gru"], "h", "", -1),
    ],
)
def test_gate_that_retains_is_found_with_its_bias_and_sign(source, state, bias, sign):
    retaining = [g for g in find_gates(program_of(source)) if g.role == "retain"]
    assert [(g.state, g.bias, g.sign) for g in retaining] == [(state, bias, sign)]


@pytest.mark.parametrize("name", ["linear", "indrnn", "antisymmetric", "heads", "autonomous", "scalar"])
def test_cell_without_a_gate_on_its_state_has_none(name):
    assert find_gates(program_of(CELLS[name])) == ()


def test_gates_of_an_euler_step_retain_by_being_closed():
    assert [(g.state, g.sign) for g in find_gates(program_of(CELLS["lem"]))] == [("y", -1), ("z", -1)]


def test_lstm_write_gate_is_found():
    writing = [g for g in find_gates(program_of(LSTM)) if g.role == "write"]
    assert [(g.state, g.gate, g.bias, g.sign) for g in writing] == [("c", "i", "b_i", 1)]


def test_biases_only_add():
    assert find_biases(program_of(CELLS["peephole"])) == ("b_i", "b_f", "b_g", "b_o")
    assert find_biases(program_of(CELLS["indrnn"])) == ("b",)
    assert "I" not in find_biases(program_of(CELLS["antisymmetric"]))

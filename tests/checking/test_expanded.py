"""Slips that stand in many equations at once: a state read late throughout, two gates' adjoints exchanged."""

from __future__ import annotations

import gatedsym as gs
from gatedsym.checking.expanded import put_together_wrongly, read_late
from gatedsym.checking.reference import proven_adjoint
from gatedsym.checking.textbook import as_printed, edges


def adjoint_of(name: str):
    primal = gs.cell(name).recurrence.program
    return primal, as_printed(proven_adjoint(primal))


def test_a_state_read_late_throughout_is_late_in_the_products_that_are_made_of_it_anew() -> None:
    primal, printed = adjoint_of("gru")
    read = {s.target.name: {r.name for r in s.operands} for s in read_late(printed.statements, "h", primal)}
    assert {"h'", "r"} <= read["d_U_g"]
    assert "r_h" not in read["d_U_g"]
    assert "h'" in read["d_U_z"]
    kept = {s.target.name for s in read_late(printed.statements, "h")}
    assert "d_U_g" not in kept
    assert kept < set(read)


def test_adjoints_are_exchanged_where_neither_is_made_from_the_other() -> None:
    for name, expected in (
        ("lstm", {"d_a_i d_a_f", "d_a_i d_a_g", "d_a_i d_a_o", "d_a_f d_a_g", "d_a_f d_a_o", "d_a_g d_a_o"}),
        ("gru", {"d_a_z d_a_r"}),  # that of r is made from that of g, and z is apart
    ):
        primal, printed = adjoint_of(name)
        found = {frozenset(pair) for pair, _ in put_together_wrongly(printed, tuple(edges(primal)))}
        assert found >= {frozenset(pair.split()) for pair in expected}
        assert frozenset(("d_a_g", "d_a_r")) not in found

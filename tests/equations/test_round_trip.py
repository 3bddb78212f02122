"""The equations of a derivation page, pasted back from its LaTeX, are the cell again."""

from __future__ import annotations

import re
import warnings

import pytest
from numpy.testing import assert_allclose
from one_step import draw_sources, step

import gatedsym as gs
from gatedsym.equations import read_equations
from gatedsym.equations.scope import shape_text
from gatedsym.ir.interface import Layout
from gatedsym.ir.program import Recurrence
from gatedsym.library import load as library
from gatedsym.typesetting.pages.derivation import derivation, render

OTHER_HELPERS = frozenset(
    {
        "delta_net", "delta_net_2021", "fast_weights", "gated_delta_net", "gated_delta_product", "gla", "hgrn",
        "linear_attention", "lmu",
        "lstm_layer_norm", "lstm_layer_norm_gates", "lstm_layer_norm_haste", "mamba2", "mamba_s6", "mlstm",
        "mlstm_unstabilised", "on_lstm", "retention", "rwkv6", "rwkv7", "slstm_heads",
    }
)  # fmt: skip
"""Cells whose page writes a definition out, a dot product as a row times a column, a mean as a sum over a size, or
another letter for an index: other helpers, the same values."""
NOT_READ_BACK = frozenset({"s4d", "s5", "unitary_rnn", "ltc"})
"""Cells whose page prints each complex line and the two real ones that it is, twice the same; and one that multiplies
an entry with a bracket without a sign between them."""
TYPESET = "Typeset, with the time of every vector made visible:"
SECTION = re.compile(rf"{TYPESET}(.*?)(?:The argument of a|How to read it)", re.DOTALL)


def space(recurrence: Recurrence, layout: Layout) -> str:
    """The space of an array, of real numbers or of those of its domain."""
    domain, shape = recurrence.domains.get(layout.name), shape_text(layout.axes)
    return shape if domain is None else f"{domain}{shape.removeprefix('R')}"


def declarations(recurrence: Recurrence) -> str:
    """Everything of a cell that its equations do not say."""
    program = recurrence.program
    layouts = [
        *((f"input {x.name}", x) for x in recurrence.inputs),
        *((state.name, state) for state in recurrence.states),
        *((f"output {y.name}", y) for y in recurrence.outputs),
    ]
    lines = [f"{said} in {space(recurrence, layout)}" for said, layout in layouts]
    # A page prints the blocks of a packed array, each under a name of its own.
    blocks = (program[part] for parameter in recurrence.parameters for part in parameter.parts)
    lines += [f"{block.name} in {shape_text(tuple((dim,) for dim in block.dims))}" for block in blocks]
    lines += [f"dim {d.name} = {d.size}" for d in recurrence.dimensions if d.size is not None]
    names = {tensor.name for tensor in program.tensors}
    return "\n".join([*lines, *(f"{name} = {value}" for name, value in recurrence.constants.items() if name in names)])


def pasted_back(name: str) -> tuple[Recurrence, Recurrence]:
    """A cell of the library, and what the section of its page is read as."""
    recurrence = gs.cell(name).recurrence
    section = SECTION.search(render(derivation(recurrence), "latex"))
    assert section is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return recurrence, read_equations(f"{declarations(recurrence)}\n{section[1]}")


@pytest.mark.parametrize("name", [name for name in library.names() if name not in NOT_READ_BACK])
@pytest.mark.sampled
def test_the_equations_of_a_page_pasted_back_are_the_cell(name):
    recurrence, again = pasted_back(name)
    assert again.program.results == recurrence.program.results
    if name not in OTHER_HELPERS:
        assert set(again.program.statements) == set(recurrence.program.statements)
    values = draw_sources(recurrence)
    ours, got = step(recurrence, values), step(again, values)
    for result in recurrence.program.results:
        # Sums of the same few dozen terms in another order: a thousand roundings of numbers of order one.
        assert_allclose(got[result], ours[result], rtol=1e-12, atol=1e-12)

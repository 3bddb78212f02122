"""Cells in rows, as a book on deep learning prints them, against the library's columns with transposed weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import gatedsym as gs

RNN = r"\mathbf{H}_t = \tanh(\mathbf{X}_t \mathbf{W}_{xh} + \mathbf{H}_{t-1}\mathbf{W}_{hh} + \mathbf{b}_h)"
GRU = r"""\begin{aligned}
\mathbf{R}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{xr} + \mathbf{H}_{t-1} \mathbf{W}_{hr} + \mathbf{b}_r),\\
\mathbf{Z}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{xz} + \mathbf{H}_{t-1} \mathbf{W}_{hz} + \mathbf{b}_z),\\
\tilde{\mathbf{H}}_t &= \tanh(\mathbf{X}_t \mathbf{W}_{xh} +
  \left(\mathbf{R}_t \odot \mathbf{H}_{t-1}\right) \mathbf{W}_{hh} + \mathbf{b}_h),\\
\mathbf{H}_t &= \mathbf{Z}_t \odot \mathbf{H}_{t-1} + (1 - \mathbf{Z}_t) \odot \tilde{\mathbf{H}}_t.
\end{aligned}"""
LSTM = r"""\begin{aligned}
\mathbf{I}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{xi} + \mathbf{H}_{t-1} \mathbf{W}_{hi} + \mathbf{b}_i),\\
\mathbf{F}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{xf} + \mathbf{H}_{t-1} \mathbf{W}_{hf} + \mathbf{b}_f),\\
\mathbf{O}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{xo} + \mathbf{H}_{t-1} \mathbf{W}_{ho} + \mathbf{b}_o),\\
\tilde{\mathbf{C}}_t &= \textrm{tanh}(\mathbf{X}_t \mathbf{W}_{xc} + \mathbf{H}_{t-1} \mathbf{W}_{hc} + \mathbf{b}_c),\\
\mathbf{C}_t &= \mathbf{F}_t \odot \mathbf{C}_{t-1} + \mathbf{I}_t \odot \tilde{\mathbf{C}}_t,\\
\mathbf{H}_t &= \mathbf{O}_t \odot \tanh(\mathbf{C}_t).
\end{aligned}"""

CELLS = {
    "rnn": (RNN, {"W": "W_xh", "U": "W_hh", "b": "b_h"}),
    "gru_cho_sign": (GRU, {"g": "h"}),
    "lstm": (LSTM, {"g": "c"}),
}


def printed_name(name: str, renamed: Mapping[str, str]) -> str:
    """The book's name of a parameter of the library: W_f is W_xf, U_f is W_hf, the candidate's is called otherwise."""
    if name in renamed:
        return renamed[name]
    kind, gate = re.fullmatch(r"(\w)_(\w)", name).groups()  # type: ignore[union-attr]
    return f"{ {'W': 'W_x', 'U': 'W_h', 'b': 'b_'}[kind] }{renamed.get(gate, gate)}"


def gradients(cell: gs.Cell, params: Mapping[str, np.ndarray], state: str) -> tuple[np.ndarray, Any]:
    """Seven steps of four sequences: the state's rows, and all gradients for cotangents of the state."""
    rng = np.random.default_rng(1)
    run = cell.forward(params, rng.normal(size=(7, 4, 5)))
    return run[state], cell.backward(params, run, {state: rng.normal(size=(7, 4, 19))})


def transposed(params: Mapping[str, np.ndarray], renamed: Mapping[str, str]) -> dict[str, np.ndarray]:
    return {printed_name(key, renamed): np.ascontiguousarray(value.T) for key, value in params.items()}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.long
def test_a_cell_in_rows_has_the_numbers_of_the_columns_with_transposed_weights(name: str) -> None:
    """Values are the same bits; gradients are where gates stand in one order, else sums of a few terms in another."""
    text, renamed = CELLS[name]
    params = gs.cell(name).init(m=5, n=19, seed=3)
    printed = transposed(params, renamed)
    mine, mine_grads = gradients(gs.Cell(gs.declare(text).text, name=f"{name}_rows"), printed, "H")
    theirs, their_grads = gradients(gs.cell(name), params, "h")
    np.testing.assert_array_equal(mine, theirs)
    pairs = [(mine_grads.params[printed_name(key, renamed)], their_grads.params[key].T) for key in params]
    pairs += [(mine_grads.x, their_grads.x), (mine_grads.initial["H"], their_grads.initial["h"])]
    for found, wanted in pairs:
        np.testing.assert_allclose(found, wanted, rtol=0, atol=0 if name == "rnn" else 16 * np.finfo(float).eps * 20)


@pytest.mark.long
def test_rows_and_columns_of_one_text_have_the_same_bits() -> None:
    text, renamed = CELLS["lstm"]
    turned = re.sub(r"(\\mathbf\{[XH]\}_\S+) (\\mathbf\{W\}_\{\w+\})", r"\2 \1", text)
    params = gs.cell("lstm").init(m=5, n=19, seed=3)
    rows, columns = (gs.Cell(gs.declare(t).text, name=f"lstm_{k}") for k, t in enumerate((text, turned)))
    assert (rows.recurrence.rows, columns.recurrence.rows) == (True, False)
    printed = transposed(params, renamed)
    mine, mine_grads = gradients(rows, printed, "H")
    theirs, their_grads = gradients(columns, {key: np.ascontiguousarray(v.T) for key, v in printed.items()}, "H")
    np.testing.assert_array_equal(mine, theirs)
    for key in printed:
        np.testing.assert_array_equal(mine_grads.params[key], their_grads.params[key].T)
    np.testing.assert_array_equal(mine_grads.x, their_grads.x)
    np.testing.assert_array_equal(mine_grads.initial["H"], their_grads.initial["H"])

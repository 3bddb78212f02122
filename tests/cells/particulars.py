"""What the checks of every cell have to know of single cells: data, each with its reason."""

from __future__ import annotations

POSITIVE: dict[str, tuple[str, ...]] = {"alif": ("b",), "ltc": ("c", "g", "W", "W_s"), "phased_lstm": ("tau", "r_on")}
"""Initial states and parameters that a cell's equations need positive (a normaliser, a variance), by pattern."""

WARNINGS: dict[str, tuple[str, ...]] = {}
"""The warnings that a cell's equations rightly get."""

WITHOUT_CLAIMS: dict[str, str] = {
    "ltc": "six steps of a solver, one in the other: a claim about it takes minutes to decide",
    "slstm_heads": "blocks of its Jacobian have four axes, claims speak of matrices; the cell of one head makes them",
}
"""Cells with a state that claim nothing of their own, and why."""

COMPILED: dict[str, str] = {
    "rnn": "one product, no gate",
    "rnn_relu": "a function with a kink",
    "lstm": "four stacked products, two states",
    "lstm_peephole": "a gate that sees the new value of a state",
    "lstmp": "a product behind the gates, a state of another width",
    "gru": "two products after each other, a gate that appears as 1 - z",
    "gru_torch": "a product with a bias inside a gate",
    "rhn": "micro-steps with parameters of their own",
    "lem": "a state computed from another state's new value",
    "slstm_heads": "the index form, a maximum, logarithms and exponentials",
    "mlstm": "a matrix as state, scalar gates, an output that is no state",
    "qrnn": "a delayed input",
    "lru": "functions of parameters alone, differentiated after the loop",
    "glu": "no state",
}
"""The cells whose kernels are compiled in every run, with the kind of structure for which each stands."""

PROVEN_BY_COMMAND: dict[str, str] = {
    "mlstm": "ten seconds",
    "slstm_heads": "seven seconds",
    "rhn": "five seconds",
}
"""Of those, the cells that `gatedsym prove` alone proves, with what a proof takes."""

TANGENTS_COMPILED: tuple[str, ...] = ("rnn", "lstm", "slstm_heads", "lru")
"""Of those, the cells whose tangent kernels are compiled in every run too: they take longer than the others."""

PENDING: tuple[str, ...] = ()
"""Cells that nobody has transcribed yet; whoever adds a transcription takes its name out."""

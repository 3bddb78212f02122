"""sLSTM with an exponential forget gate: both gates without ceiling."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Source, Variant

title = "sLSTM with exponential forget gate"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "As the sLSTM; the forget gate may exceed 1 before normalising, so that old inputs can gain weight."
readings = "The paper offers sigmoid or exp; the authors' code has sigmoid only: slstm."

variant = Variant("slstm", {"F": "W_F @ x + U_F @ h + b_F"})

sources = (
    Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.2", "paper", read=False),
    Source(
        "myscience/x-lstm: xlstm/lstm.py, sLSTM (with exp for the forget gate, and the paper's equation numbers)",
        "code",
    ),
)

claims = [
    Claim("the normaliser forgets as the cell state does", of="n'", wrt="n", equals="diag(f)"),
    Claim("a stored value reaches the output through o f / n'", of="h'", wrt="c", equals="diag(o * f / n')"),
    Equivalence(
        "h does not depend on the stabiliser: it is the cell without one, with exp for its forget gate",
        other="slstm_unstabilised",
        other_where={"f": "exp(W_f @ x + U_f @ h + b_f)"},
        parameters={"W_a": "W_i", "U_a": "U_i", "b_a": "b_i", "W_F": "W_f", "U_F": "U_f", "b_F": "b_f"},
        states={"c": "c * exp(-m)", "n": "n * exp(-m)"},
        ignoring=("m",),
    ),
]

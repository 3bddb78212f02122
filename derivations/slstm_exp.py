"""sLSTM with an exponential forget gate: both gates without ceiling."""

from gatedsym.catalogue import Source, Variant
from gatedsym.claims import Claim

title = "sLSTM with exponential forget gate"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "As the sLSTM; the forget gate may exceed 1 before normalising, so that old inputs can gain weight."
readings = "The paper offers sigmoid or exp; the authors' code has sigmoid only: slstm."

variant = Variant("slstm", {"F": "W_F @ x + U_F @ h + b_F"})

sources = (Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.2", "paper", read=False),)

claims = [
    Claim("the normaliser forgets as the cell state does", of="n'", wrt="n", equals="diag(f)"),
    Claim("a stored value reaches the output through o f / n'", of="h'", wrt="c", equals="diag(o * f / n')"),
]

"""LSTM with full gate recurrence (FGR of Greff et al. 2017): every gate sees all gates of the step before."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Normal

title = "LSTM with full gate recurrence (FGR)"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017"
)
purpose = "Ablation: nine more matrices let the gates recur, as in the 1997 paper; the gates become states."
family = "lstm"
readings = (
    "The output gate's peephole sees the new c here, as in the paper's vanilla LSTM and in debajyotidatta/"
    "RecurrentArchitectures; in lstm_fgr_old_cell it sees the old c, as the paper's list of variants is said to print"
    " it. R_io leads from i to o, in the paper's order of letters. The states i, f, o start at zero."
)

equations = """
x in R^m;  h, c, i, f, o in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o}, p_{i,f,o} in R^n
R_{ii,fi,oi} in R^(n,n);  R_{if,ff,of} in R^(n,n);  R_{io,fo,oo} in R^(n,n)

i' = sigmoid(W_i @ x + U_i @ h + p_i * c + b_i + R_ii @ i + R_fi @ f + R_oi @ o)     # input gate
f' = sigmoid(W_f @ x + U_f @ h + p_f * c + b_f + R_if @ i + R_ff @ f + R_of @ o)     # forget gate
g  = tanh(W_g @ x + U_g @ h + b_g)                                                   # candidate
c' = f' * c + i' * g
o' = sigmoid(W_o @ x + U_o @ h + p_o * c' + b_o + R_io @ i + R_fo @ f + R_oo @ o)    # output gate
h' = o' * tanh(c')
"""

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("debajyotidatta/RecurrentArchitectures: variants/fgr.py", "code"),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/fgr.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 2e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f' alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f')",
    ),
    Claim(
        "a gate of the step before acts on a gate as an output does, through a matrix of its own",
        of="f'",
        wrt="o",
        equals="diag(f' * (1 - f')) @ R_of",
    ),
    Equivalence(
        "with R = 0 it is the peephole LSTM",
        other="lstm_peephole",
        parameters=dict.fromkeys(("R_ii", "R_fi", "R_oi", "R_if", "R_ff", "R_of", "R_io", "R_fo", "R_oo"), "0 * U_i"),
        ignoring=("i", "f", "o"),
    ),
]

"""LSTM with working memory connections (Landi et al. 2021): gates see the cell state through a matrix and tanh."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "LSTM with working memory connections"
year = 2021
reference = (
    "F. Landi, L. Baraldi, M. Cornia, R. Cucchiara: Working memory connections for LSTM. Neural Networks 144, 2021"
    " (arXiv:2109.00020)"
)
purpose = (
    "Peepholes that cannot saturate a gate: it sees tanh(V c), which stays between -1 and 1 however large c grows."
)
family = "lstm"
readings = (
    "This is the paper's, without a bias under the tanh; RecurrentLayers.jl and torchrecurrent have one there by"
    " default: lstm_working_memory_biased."
)

equations = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o}, V_{i,f,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + tanh(V_i @ c) + b_i)     # input gate, sees the old c
f  = sigmoid(W_f @ x + U_f @ h + tanh(V_f @ c) + b_f)     # forget gate, sees the old c
g  = tanh(W_g @ x + U_g @ h + b_g)                        # candidate
c' = f * c + i * g
o  = sigmoid(W_o @ x + U_o @ h + tanh(V_o @ c') + b_o)    # output gate, sees the new c
h' = o * tanh(c')
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("F. Landi et al. 2021 (arXiv:2109.00020), section 3", "paper", read=False),
    Source(
        "memorypapers.org, page on the paper: tanh(W_ic c_{t-1}), tanh(W_fc c_{t-1}) and tanh(W_oc c_t) in the gates",
        "documentation",
    ),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/wmclstm_cell.jl, docstring", "documentation"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, WMCLSTMCell with its memory biases 0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 7e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring: the candidate is σ_c(W x + b), without the state, and no bias stands under the tanh",
        does="the code adds U h to the candidate, and by default a bias under each tanh",
        place="src/cells/wmclstm_cell.jl",
    ),
)

claims = [
    Claim(
        "with the gates held, the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "beside the highway the cell state reaches itself through the gates, always past the slope of tanh",
        of="c'",
        wrt="c",
        equals="diag(f) + diag(c * f * (1 - f) * (1 - tanh(V_f @ c) * tanh(V_f @ c))) @ V_f"
        " + diag(g * i * (1 - i) * (1 - tanh(V_i @ c) * tanh(V_i @ c))) @ V_i",
    ),
    Equivalence(
        "without the connections it is the LSTM",
        other="lstm",
        parameters={"V_i": "0 * U_i", "V_f": "0 * U_f", "V_o": "0 * U_o"},
    ),
]

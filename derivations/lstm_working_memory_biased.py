"""LSTM with working memory connections as libraries have it: a bias under each tanh."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Source, Variant

title = "LSTM with working memory connections, biased"
year = 2021
reference = (
    "F. Landi, L. Baraldi, M. Cornia, R. Cucchiara: Working memory connections for LSTM. Neural Networks 144, 2021"
    " (arXiv:2109.00020); RecurrentLayers.jl"
)
purpose = "As the LSTM with working memory connections; the bias v shifts what of the cell state a gate sees."
readings = "RecurrentLayers.jl and torchrecurrent (memory_bias, on by default); the paper has lstm_working_memory."

variant = Variant(
    "lstm_working_memory",
    {
        "i": "sigmoid(W_i @ x + U_i @ h + tanh(V_i @ c + v_i) + b_i)",
        "f": "sigmoid(W_f @ x + U_f @ h + tanh(V_f @ c + v_f) + b_f)",
        "o": "sigmoid(W_o @ x + U_o @ h + tanh(V_o @ c' + v_o) + b_o)",
    },
    lines="v_{i,f,o} in R^n",
)

sources = (
    Source(
        "MartinuzziFrancesco/RecurrentLayers.jl: src/cells/wmclstm_cell.jl, the code, and torchrecurrent 0.2.5 (same"
        " author)",
        "code",
    ),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, WMCLSTMCell",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-15",
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
    Equivalence(
        "without the biases under tanh it is the paper's cell",
        other="lstm_working_memory",
        parameters={"v_i": "0 * b_i", "v_f": "0 * b_f", "v_o": "0 * b_o"},
    ),
]

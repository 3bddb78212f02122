"""Residual LSTM as NeuralForecast has it: full matrices as peepholes, a candidate without input, no projection."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Normal

title = "Residual LSTM, NeuralForecast's reading"
year = 2017
reference = (
    "J. Kim, M. El-Khamy, J. Lee: Residual LSTM. Interspeech 2017 (arXiv:1701.03360); NeuralForecast, ResLSTMCell"
)
purpose = "A cell in use under the name of the residual LSTM: the input reaches the memory through its gates only."
family = "lstm"
readings = (
    "NeuralForecast (and the code for exponential-smoothing networks it came from). All three gates see the old c"
    " through full matrices, each product with a bias of its own (merged here); the paper's cell is res_lstm. Where"
    " input and hidden size agree the shortcut has no matrix: V = I."
)

equations = """
x in R^m;  h, c in R^n
W_{i,f,o}, V in R^(n,m);  U_{i,f,g,o}, P_{i,f,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + P_i @ c + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ h + P_f @ c + b_f)    # forget gate
g  = tanh(U_g @ h + b_g)                           # candidate: without x
c' = f * c + i * g
o  = sigmoid(W_o @ x + U_o @ h + P_o @ c + b_o)    # output gate, sees the old c
h' = o * (tanh(c') + V @ x)                        # and the shortcut
"""

initialisation = Initialisation({"*": Normal(1)}, source="NeuralForecast's code draws everything from N(0, 1).")

sources = (
    Source("Nixtla/neuralforecast: neuralforecast/models/dilated_rnn.py, ResLSTMCell (5ffa0d08)", "code"),
    Source("a Flax nnx port of that cell on GitHub, which describes it in words", "code"),
)

comparisons = (
    Comparison(
        "Nixtla/neuralforecast 5ffa0d08, ResLSTMCell with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-15",
    ),
)

contradictions = (
    Contradiction(
        "NeuralForecast, ResLSTMCell",
        says="named after Kim et al. 2017",
        does=(
            "full peephole matrices, the old c at the output gate, no projection of tanh(c'), and no input in the"
            " candidate"
        ),
        place="neuralforecast/models/dilated_rnn.py",
    ),
)

claims = [
    Claim(
        "the shortcut: with the output gate and c' held, the input reaches h' through diag(o) V",
        of="h'",
        wrt="x",
        holding=("o", "c'"),
        equals="diag(o) @ V",
    ),
    Claim(
        "the input reaches the memory through the input gate and the forget gate only",
        of="c'",
        wrt="x",
        equals="diag(g * i * (1 - i)) @ W_i + diag(c * f * (1 - f)) @ W_f",
    ),
    Equivalence(
        "without shortcut and peepholes it is the LSTM whose candidate does not see the input",
        other="lstm",
        parameters={"V": "0", "P_i": "0", "P_f": "0", "P_o": "0"},
        other_parameters={"W_g": "0"},
    ),
]

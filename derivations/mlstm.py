"""mLSTM (Beck et al. 2024): a matrix of key-value products as memory, gates that see the input only; stabilised."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "mLSTM, stabilised"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "A memory of n² numbers without recurrent weights: values are stored under keys, and read with a query."
family = "linear"
readings = (
    "One head; gates of the input, as in the paper. In the authors' code they see [q, k, v], the output gate stands"
    " in the layer around the cell (SiLU), and 1e-6 is added to the denominator. Its recurrent form scales k by 1/√d"
    " (here), its chunked form q: C and n of the two differ by √d, h does not. The bias of k is scaled with it, as"
    " there; the paper's equation 23 adds it after the scaling. Without stabiliser: mlstm_unstabilised."
)

equations = """
dim d = n
x in R^m;  C in R^(d,d);  n in R^d;  m in R
W_{q,k,v,o} in R^(d,m);  b_{q,k,v,o} in R^d;  w_{a,F} in R^m;  b_{a,F} in R
output h

q  = W_q @ x + b_q                                      # query
k  = (W_k @ x + b_k) / sqrt(d)                          # key
v  = W_v @ x + b_v                                      # value
a  = dot(w_a, x) + b_a                                  # logarithm of the input gate
F  = log_sigmoid(dot(w_F, x) + b_F)                     # logarithm of the forget gate
o  = sigmoid(W_o @ x + b_o)                             # output gate
m' = max(F + m, a)                                      # stabiliser
i  = exp(a - m')                                        # input gate, stabilised
f  = exp(F + m - m')                                    # forget gate, stabilised
C' = f * C + i * outer(v, k)                            # value v is stored under key k
n' = f * n + i * k                                      # normaliser
h  = o * (C' @ q) / max(abs(dot(n', q)), exp(-m'))      # read with q
"""

initialisation = Initialisation(
    {"w_*": Constant(0), "b_a": Normal(0.1), "b_F": Constant(3), "b_*": Constant(0)},
    source=(
        "The authors' code (mLSTMCell.reset_parameters): gate weights 0, input bias N(0, 0.1²), forget biases from"
        " 3 to 6 over the heads, 3 for the first."
    ),
)

sources = (
    Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.3", "paper", read=False),
    Source(
        "NX-AI/xlstm: xlstm/blocks/mlstm/backends.py (recurrent_step_stabilized_simple) and cell.py (the authors'"
        " code)",
        "code",
    ),
)

comparisons = (
    Comparison(
        "NX-AI/xlstm 032a6fb, recurrent_step_stabilized_simple (the authors') with eps = 0, torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 5e-15",
    ),
)

contradictions = (
    Contradiction(
        "myscience/x-lstm",
        says="mLSTM by the paper's equations, with stabiliser",
        does=(
            "divides by max(n·q, 1): without the absolute value, and with 1 where the stabilised n needs exp(-m),"
            " so that h depends on the stabiliser"
        ),
        place="xlstm/lstm.py, mLSTM.forward",
    ),
    Contradiction(
        "NX-AI/xlstm",
        says="a step form and a chunked form of one cell, both of which take and return (C, n, m)",
        does="the step form divides k by √d, the chunked form q: states of one are not states of the other",
        place="xlstm/blocks/mlstm/backends.py, recurrent_step_stabilized_simple against chunkwise_simple",
    ),
)

claims = [
    Claim("the normaliser's Jacobian is the forget gate, a number", of="n'", wrt="n", equals="f * eye(d)"),
    Equivalence(
        "h does not depend on the stabiliser: with C exp(m) for C and n exp(m) for n it is the cell without one",
        other="mlstm_unstabilised",
        parameters={"w_a": "w_i", "b_a": "b_i", "w_F": "w_f", "b_F": "b_f"},
        states={"C": "C * exp(-m)", "n": "n * exp(-m)"},
        ignoring=("m",),
    ),
]

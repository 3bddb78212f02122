"""mLSTM as its equations are first written: exp of the input gate's pre-activation, and 1 in the denominator."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source

title = "mLSTM without stabiliser"
year = 2024
reference = "M. Beck et al.: xLSTM: extended long short-term memory. NeurIPS 2024 (arXiv:2405.04517)"
purpose = "What the mLSTM computes; its exp overflows in floating point, which is all that the stabiliser is there for."
family = "linear"
readings = (
    "The same function of the inputs as mlstm, with C and n in other units: C exp(m) and n exp(m) of mlstm; the 1 in"
    " the denominator is exp(-m) there. The bias of k is scaled with it, as there; the paper's equation 23 adds it"
    " after the scaling."
)

equations = """
dim d = n
x in R^m;  C in R^(d,d);  n in R^d
W_{q,k,v,o} in R^(d,m);  b_{q,k,v,o} in R^d;  w_{i,f} in R^m;  b_{i,f} in R
output h

q  = W_q @ x + b_q                               # query
k  = (W_k @ x + b_k) / sqrt(d)                   # key
v  = W_v @ x + b_v                               # value
i  = exp(dot(w_i, x) + b_i)                      # input gate, without ceiling
f  = sigmoid(dot(w_f, x) + b_f)                  # forget gate
o  = sigmoid(W_o @ x + b_o)                      # output gate
C' = f * C + i * outer(v, k)                     # value v is stored under key k
n' = f * n + i * k                               # normaliser
h  = o * (C' @ q) / max(abs(dot(n', q)), 1)      # read with q
"""

initialisation = Initialisation({}, source="As mlstm; the authors run the stabilised cell only.")

sources = (
    Source("M. Beck et al. 2024 (arXiv:2405.04517), section 2.3", "paper", read=False),
    Source("NX-AI/xlstm: xlstm/blocks/mlstm/backends.py (with its stabiliser taken out)", "code"),
)

comparisons = (
    Comparison(
        "NX-AI/xlstm 032a6fb, recurrent_step_stabilized_simple (the authors') with eps = 0, torch 2.13.0",
        agrees=True,
        text="h and all gradients, T = 20, m = 3, n = 4: largest relative difference 4e-15",
    ),
)

claims = [
    Claim("the normaliser's Jacobian is the forget gate, a number", of="n'", wrt="n", equals="f * eye(d)"),
    Equivalence(
        "with gates that are constants, and without biases and normaliser, it is the retention",
        other="retention",
        where={"i": "1", "f": "0.96875", "h": "C' @ q"},
        parameters={"b_q": "0", "b_k": "0", "b_v": "0"},
        states={"C": "S"},
        ignoring=("n",),
        dimensions={"n": "d"},
    ),
]

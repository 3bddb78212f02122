"""Intersection RNN, +RNN (Collins, Sohl-Dickstein, Sussillo 2017): one gate for time, one for depth."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant

title = "Intersection RNN (+RNN)"
year = 2017
reference = (
    "J. Collins, J. Sohl-Dickstein, D. Sussillo: Capacity and trainability in recurrent neural networks. ICLR 2017"
    " (arXiv:1611.09913)"
)
purpose = "For deep stacks: the state is a highway through time, the output y a highway through depth."
family = "gru"
readings = (
    "Depth unit with ReLU and time unit with tanh as in TensorFlow's contrib cell and both libraries by"
    " Martinuzzi; one torch copy has tanh in both. The forget bias of 1 is an initial value here, not added inside."
)

equations = """
m = n
x in R^m;  h in R^n
W_{y,h,gy,gh} in R^(n,m);  U_{y,h,gy,gh} in R^(n,n);  b_{y,h,gy,gh} in R^n
output y

v  = relu(W_y @ x + U_y @ h + b_y)              # candidate for the output
u  = tanh(W_h @ x + U_h @ h + b_h)              # candidate for the state
p  = sigmoid(W_gy @ x + U_gy @ h + b_gy)        # depth gate: the share of the input that goes on to the next layer
g  = sigmoid(W_gh @ x + U_gh @ h + b_gh)        # update gate: the share of h that stays
y  = p * x + (1 - p) * v
h' = g * h + (1 - g) * u
"""

initialisation = Initialisation(
    {"b_gy": Constant(1), "b_gh": Constant(1), "b_*": Constant(0)},
    otherwise="uniform",
    source="TensorFlow 1 contrib: forget_bias = 1 on both gates; of the paper's own only the bias was known to us",
)

sources = (
    Source("J. Collins et al., arXiv:1611.09913, section 1.2", "paper", read=False),
    Source("tensorflow/tensorflow v1: tensorflow/contrib/rnn/python/ops/rnn_cell.py, IntersectionRNNCell", "code"),
    Source("torchrecurrent 0.2.5: torchrecurrent/cells/intersectionrnn_cell.py", "code"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, IntersectionRNNCell",
        agrees=True,
        text="output, state and all gradients, T = 20: largest relative difference 1.9e-15",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="y(t) = g^y ∘ x + (1 - g^y) ∘ y_in; recurrent weights are a full matrix by default",
        does="y(t) = g^y ∘ x + (1 - g^h) ∘ y_in (gh stands where gy should); recurrent weights are a vector by default",
        place="src/cells/intersectionrnn_cell.jl",
    ),
)

claims = [
    Claim("through time: the update gate", of="h'", wrt="h", holding="direct", equals="diag(g)"),
    Claim("through depth: the depth gate", of="y", wrt="x", holding="direct", equals="diag(p)"),
    Claim("p = 1 passes the input on unchanged", of="y", wrt="x", where={"p": "1"}, equals="eye(n)"),
    Equivalence(
        "without its output it is the UGRNN",
        other="""
        m = n
        x in R^m;  h in R^n
        W_{c,g} in R^(n,m);  U_{c,g} in R^(n,n);  b_{c,g} in R^n
        c  = tanh(W_c @ x + U_c @ h + b_c)
        g  = sigmoid(W_g @ x + U_g @ h + b_g)
        h' = g * h + (1 - g) * c
        """,
        parameters={
            "W_h": "W_c",
            "U_h": "U_c",
            "b_h": "b_c",
            "W_gh": "W_g",
            "U_gh": "U_g",
            "b_gh": "b_g",
            "W_y": "W_c",
            "U_y": "U_c",
            "b_y": "b_c",
            "W_gy": "W_g",
            "U_gy": "U_g",
            "b_gy": "b_g",
        },
        ignoring=("y",),
    ),
]

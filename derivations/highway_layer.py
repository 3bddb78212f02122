"""Highway layer (Srivastava, Greff, Schmidhuber 2015): one layer, which has no time and no state."""

from gatedsym.library.claims import Claim, Equivalence, Limit
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant

title = "Highway layer"
year = 2015
reference = "R. K. Srivastava, K. Greff, J. Schmidhuber: Highway networks. arXiv:1505.00387, 2015"
purpose = (
    "The carousel over depth in place of time: where the transform gate T is shut the layer copies its input, and"
    " the gradient passes. It is a layer without a state, since each depth has parameters of its own (highway_stack)."
)
family = "feed-forward"
readings = (
    "The gate is of transforming (T; 1 - T carries) in the paper, Brainstorm and Keras; AllenNLP's g carries. The"
    " layer's own nonlinearity is left open: tanh here, ReLU in AllenNLP, none in Keras."
)

equations = """
x in R^n
W_{H,T} in R^(n,n);  b_{H,T} in R^n
output y

H = tanh(W_H @ x + b_H)        # the plain layer
T = sigmoid(W_T @ x + b_T)     # transform gate: the share of x that is replaced
y = T * H + (1 - T) * x
"""

initialisation = Initialisation(
    {"b_T": Constant(-2)},
    source="Srivastava et al. 2015, section 2.2: a negative bias of T, so that layers carry at first (-1, -2, …)",
    otherwise="xavier",
)

sources = (
    Source("IDSIA/brainstorm: brainstorm/layers/highway_layer.py", "code"),
    Source("keras-team/keras (2.x): keras/legacy/layers.py, Highway", "code"),
    Source("allenai/allennlp: allennlp/modules/highway.py", "code"),
    Source("R. K. Srivastava et al. 2015, eq. 3", "paper", read=False),
)

comparisons = (
    Comparison(
        "allennlp, Highway with tanh (torch 2.13.0), its gate 1 - T",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 4e-16",
    ),
)

contradictions = (
    Contradiction(
        "Keras 2, legacy layer Highway",
        says="the gate's parameters are W_carry and b_carry, and b_carry starts at 1",
        does="they make the transform gate: gate * H + (1 - gate) * x, so layers start by transforming, not carrying",
        place="keras/legacy/layers.py",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - T", of="y", wrt="x", holding="direct", equals="diag(1 - T)"
    ),
    Claim("a layer whose gate is shut copies its input", of="y", wrt="x", where={"T": "0"}, equals="eye(n)"),
    Limit("as the transform bias falls the layer tends to a copy", of="y", parameter="b_T", to="-oo", equals="x"),
    Limit("as it grows, to the plain layer", of="y", parameter="b_T", to="oo", equals="tanh(W_H @ x + b_H)"),
    Equivalence(
        "depth in place of time: one step of the recurrent highway network that has one layer and no input",
        other="rhn",
        other_where={"L": "1"},
        other_parameters={"W_H": "0", "W_T": "0"},
        parameters={"x": "h", "W_H": "R_H_1", "b_H": "b_H_1", "W_T": "R_T_1", "b_T": "b_T_1"},
        states={"y": "h'"},
    ),
]

"""Recurrent additive network (Lee, Levy, Zettlemoyer 2017): the cell state is a weighted sum of projected inputs."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant

title = "RAN, recurrent additive network"
year = 2017
reference = "K. Lee, O. Levy, L. Zettlemoyer: Recurrent additive networks. arXiv:1705.07393, 2017"
purpose = "What an LSTM does without its nonlinear candidate and its output gate: gates weigh a sum of inputs."
family = "lstm"
readings = (
    "The output function is tanh here and the identity in ran_identity; the paper has both. The content layer has no"
    " bias in the authors' code; RecurrentLayers.jl adds one: ran_biased. In pytorch_bits the gates see c:"
    " ran_cell_gates."
)

equations = """
x in R^m;  h, c in R^n
W_{c,i,f} in R^(n,m);  U_{i,f} in R^(n,n);  b_{i,f} in R^n

g  = W_c @ x                             # content: linear in the input
i  = sigmoid(W_i @ x + U_i @ h + b_i)    # input gate
f  = sigmoid(W_f @ x + U_f @ h + b_f)    # forget gate: the share of c that stays
c' = i * g + f * c
h' = tanh(c')
"""

initialisation = Initialisation(
    {"b_*": Constant(0)},
    otherwise="xavier-stacked",
    source="The authors' code (ran.py): biases zero, weights by TensorFlow's default initializer (Glorot uniform).",
)
sources = (
    Source("K. Lee et al. 2017, section 2", "paper", read=False),
    Source("kentonl/ran: ran.py (the first author's code)", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/ran_cell.jl", "code"),
)
comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, RANCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 1.2e-15",
    ),
    Comparison(
        "jpeg729/pytorch_bits (5d10709), RAN",
        agrees=False,
        text="its gates see c where these see h: values differ by 0.16 of the largest",
    ),
)

contradictions = (
    Contradiction(
        "torchrecurrent 0.2.5",
        says="the content layer has a bias: W_ih x + b_ih",
        does="the content layer has none; RecurrentLayers.jl by the same author has one",
        place="torchrecurrent/cells/ran_cell.py",
    ),
    Contradiction(
        "pytorch_bits",
        says="RAN of arXiv:1705.07393, where the gates see h",
        does="the gates see c: self.hidden is the cell state and tanh(c) is only put out",
        place="nn/ran.py",
    ),
)

claims = [
    Claim(
        "the cell state reaches the next one through the forget gate alone, and nowhere through a nonlinear function",
        of="c'",
        wrt="c",
        equals="diag(f)",
    ),
    Claim(
        "with the gates held the content is linear in the input",
        of="c'",
        wrt="x",
        holding=("i", "f"),
        equals="diag(i) @ W_c",
    ),
    Equivalence(
        "the LSTM with an open output gate and a linear candidate that does not see h",
        other="lstm",
        other_where={"o": "1", "g": "W_g @ x"},
        parameters={"W_c": "W_g"},
    ),
]

"""The NAS cell (Zoph & Le 2017): a recurrent cell that a controller network composed, found on Penn Treebank."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source

title = "NAS cell"
year = 2017
reference = "B. Zoph, Q. V. Le: Neural architecture search with reinforcement learning. ICLR 2017 (arXiv:1611.01578)"
purpose = "Eight mixtures of input and state, combined in a tree; the old cell state passes a tanh at every step."
family = "lstm"
readings = (
    "As TensorFlow has it (contrib, later Addons), whose bias (off by default) belongs to the recurrent product and so"
    " stands inside the product of s_4; RecurrentLayers.jl and torchrecurrent add in s_4 where TensorFlow multiplies."
)

equations = """
x in R^m;  h, c in R^n
W_{1,2,3,4,5,6,7,8} in R^(n,m);  U_{1,2,3,4,5,6,7,8} in R^(n,n);  b_{1,2,3,4,5,6,7,8} in R^n

s_1 = sigmoid(W_1 @ x + U_1 @ h + b_1)         # first layer: eight mixtures
s_2 = relu(W_2 @ x + U_2 @ h + b_2)
s_3 = sigmoid(W_3 @ x + U_3 @ h + b_3)
s_4 = relu((W_4 @ x) * (U_4 @ h + b_4))        # the only product of input and state
s_5 = tanh(W_5 @ x + U_5 @ h + b_5)
s_6 = sigmoid(W_6 @ x + U_6 @ h + b_6)
s_7 = tanh(W_7 @ x + U_7 @ h + b_7)
s_8 = sigmoid(W_8 @ x + U_8 @ h + b_8)
l_1 = tanh(tanh(s_1 * s_2) + c)                # second layer; here the old cell state is injected
l_2 = tanh(s_3 + s_4)
l_3 = tanh(s_5 * s_6)
l_4 = sigmoid(s_7 + s_8)
c'  = l_1 * l_2
h'  = tanh(c' * tanh(l_3 + l_4))
"""

initialisation = Initialisation(
    {},
    otherwise="xavier-stacked",
    source=("The paper's could not be read; TensorFlow Addons: Glorot uniform on the stacked kernels, biases 0."),
)

sources = (
    Source("B. Zoph, Q. V. Le 2017 (arXiv:1611.01578), figure 8 and appendix", "paper", read=False),
    Source("tensorflow/tensorflow v1: tensorflow/contrib/rnn/python/ops/rnn_cell.py, NASCell", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/nas_cell.jl, docstring", "documentation"),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5 with torch 2.13.0, NASCell",
        agrees=False,
        text="values differ by 20 % at T = 20: it adds in s_4 where TensorFlow multiplies; see nas_additive",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="the docstring: o_4 is ReLU of the product of W x and U h; the header: nothing alters TensorFlow's cell",
        does="the code adds the two",
        place="src/cells/nas_cell.jl",
    ),
)

claims = [
    Claim(
        "the cell state has no highway: its gradient passes the slope of a tanh in every step, and l_2",
        of="c'",
        wrt="c",
        equals="diag((1 - l_1 * l_1) * l_2)",
    ),
]

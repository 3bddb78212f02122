"""SRU as first posted (Lei & Zhang 2017): the gates see the input alone, so that the recurrence is linear."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Uniform

title = "Simple recurrent unit, first version"
year = 2017
reference = "T. Lei, Y. Zhang: Training RNNs as fast as CNNs. arXiv:1709.02755v1, 2017"
purpose = "The linear form: an average over time with a learned rate, a tanh, and a highway past both."
family = "linear"
readings = (
    "With tanh on the cell, as TensorFlow's contrib cell and the authors' code (use_tanh); Martin & Cundy's code has"
    " none. Of the authors' code it is the flag v1, without rescaling."
)

variant = Variant(
    "sru",
    {
        "f": "sigmoid(W_f @ x + b_f)",
        "r": "sigmoid(W_r @ x + b_r)",
        "h": "r * tanh(c') + (1 - r) * x",
    },
)

initialisation = Initialisation(
    {"W_*": Uniform(-(3**0.5), 3**0.5, over_root="n"), "b_*": Constant(0)},
    source="The authors' code with v1 = True, asappresearch/sru: sru/modules.py, reset_parameters",
)

sources = (
    Source("T. Lei, Y. Zhang, arXiv:1709.02755v1, equations 3-7", "paper", read=False),
    Source("tensorflow/tensorflow v1: tensorflow/contrib/rnn/python/ops/rnn_cell.py, SRUCell", "code"),
    Source("eamartin/parallelizing_linear_rnns: layers.py, SRU (without tanh)", "code"),
    Source("asappresearch/sru: sru/modules.py with v1 = True", "code"),
)

comparisons = (
    Comparison(
        "asappresearch/sru 9ddc8da, elementwise_recurrence_naive",
        agrees=True,
        text="v = 0, tanh, no rescaling: output and all gradients, T = 20: largest relative difference 5e-16",
    ),
)

claims = [
    Claim("the whole step Jacobian of the cell is f: the recurrence is linear", of="c'", wrt="c", equals="diag(f)"),
    Claim("a closed reset gate passes the input on unchanged", of="h", wrt="x", where={"r": "0"}, equals="eye(n)"),
    Equivalence(
        "the published SRU with v = 0, with a tanh on the cell and without scaling of the highway",
        other="sru",
        other_parameters={"v_f": "0 * c", "v_r": "0 * c"},
        other_where={"h": "r * tanh(c') + (1 - r) * x"},
    ),
]

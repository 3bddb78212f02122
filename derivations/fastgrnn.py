"""FastGRNN (Kusupati et al. 2018): gate and candidate share their matrices."""

from gatedsym.library.claims import Claim, Equivalence, Limit
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Normal

title = "FastGRNN"
year = 2018
reference = (
    "A. Kusupati, M. Singh, K. Bhatia, A. Kumar, P. Jain, M. Varma: FastGRNN: a fast, accurate, stable and tiny"
    " kilobyte sized gated recurrent neural network. NeurIPS 2018 (arXiv:1901.02358)"
)
purpose = "Models of a few kilobytes: one W and one U serve gate and candidate, which differ by their biases alone."
family = "gru"
readings = "The authors also write W and U as products of low rank and make them sparse; here they are full."

equations = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b_{z,g} in R^n;  zeta, nu in R

p  = W @ x + U @ h
z  = sigmoid(p + b_z)                   # gate: the share of h that stays
g  = tanh(p + b_g)                      # candidate
s  = sigmoid(zeta)                      # the candidate's share of what z leaves
d  = sigmoid(nu)                        # what enters of the candidate whatever z says
h' = z * h + (s * (1 - z) + d) * g
"""

initialisation = Initialisation(
    {
        "W": Normal(0.1),
        "U": Normal(0.1),
        "b_*": Constant(1),
        "zeta": Constant(1),
        "nu": Constant(-4),
    },
    source="The authors' code (EdgeML, FastGRNNCell, defaults)",
)
sources = (
    Source("A. Kusupati et al. 2018, section 3.2", "paper", read=False),
    Source("microsoft/EdgeML: pytorch/edgeml_pytorch/graph/rnn.py, FastGRNNCell (the authors' code)", "code"),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/fastrnn_cell.jl, FastGRNNCell", "documentation"),
)
comparisons = (
    Comparison(
        "microsoft/EdgeML (81025fc), PyTorch FastGRNNCell",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 1.5e-15",
    ),
    Comparison(
        "torchrecurrent 0.2.5, FastGRNNCell",
        agrees=False,
        text='its gate goes through tanh by default; with nonlinearity="sigmoid" values and gradients agree to 1.5e-15',
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="z = σ(W x + W h + b), and gate and candidate have matrices of their own",
        does="the gate goes through `activation`, tanh by default, and the matrices are shared, as in the paper",
        place="src/cells/fastrnn_cell.jl, FastGRNNCell",
    ),
    Contradiction(
        "torchrecurrent 0.2.5",
        says="nonlinearity: activation for the gate z, by default torch.sigmoid",
        does="the default is tanh",
        place="torchrecurrent/cells/fastrnn_cell.py, FastGRNNCell",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the gate on the diagonal and one matrix U for both paths",
        of="h'",
        wrt="h",
        equals="diag(z) + diag((h - s * g) * z * (1 - z) + (s * (1 - z) + d) * (1 - g * g)) @ U",
    ),
    Claim(
        "a gate that keeps all still lets in the share d of the candidate",
        of="h'",
        wrt="h",
        where={"z": "1"},
        equals="eye(n) + d * diag(1 - g * g) @ U",
    ),
    Equivalence(
        "with s = 1 and d = 0 it is the UGRNN with one W and one U for gate and candidate",
        other="ugrnn",
        where={"s": "1", "d": "0"},
        parameters={"W": "W_c", "U": "U_c", "b_z": "b_g", "b_g": "b_c"},
        other_parameters={"W_g": "W_c", "U_g": "U_c"},
    ),
    Limit(
        "towards nu = -∞ nothing of the candidate passes a gate that keeps",
        of="h'",
        parameter="nu",
        to="-oo",
        equals="z * h + s * (1 - z) * g",
    ),
]

"""Lipschitz RNN (Erichson et al. 2021): a linear part and a tanh part, each between symmetric and antisymmetric."""

import numpy as np

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn

title = "Lipschitz RNN"
year = 2021
reference = (
    "N. B. Erichson, O. Azencot, A. Queiruga, L. Hodgkinson, M. W. Mahoney: Lipschitz recurrent neural networks."
    " ICLR 2021 (arXiv:2006.12070)"
)
purpose = "β blends symmetric and antisymmetric parts of the matrices, γ damps them: the spectrum is chosen."
family = "physical"
readings = (
    "Forward Euler with step ε, one β and one γ for both matrices, as in the authors' code, whose rows make A and W the"
    " transposes of those here (the same family). With a gate: the gated form of the same file is not in the library."
)

equations = """
x in R^m;  h in R^n
M, C in R^(n,n);  U in R^(n,m);  b in R^n
epsilon = 0.01;  beta = 0.8;  gamma = 0.01

M_sym = M + M.T;  M_skew = M - M.T
C_sym = C + C.T;  C_skew = C - C.T
A  = (1 - beta) * M_sym + beta * M_skew - gamma * I
W  = (1 - beta) * C_sym + beta * C_skew - gamma * I
g  = tanh(W @ h + U @ x + b)
h' = h + epsilon * (A @ h + g)
"""

initialisation = Initialisation(
    {
        "b": Constant(0),
        "U": Drawn(
            "N(0, 2/(fan_in + fan_out))",
            lambda generator, shape, sizes: generator.normal(0, np.sqrt(2 / sum(shape)), shape),
        ),
    },
    source=(
        "The authors' code, erichson/LipschitzRNN: models.py (b = 0; U from Xavier's normal law, M and C from a normal"
        " law whose width is an argument, 1 by default)"
    ),
)

sources = (
    Source("N. B. Erichson et al. 2021 (arXiv:2006.12070), equations 1 to 5", "paper", read=False),
    Source("erichson/LipschitzRNN 22d2ce3: models.py, model LipschitzRNN", "code"),
)

comparisons = (
    Comparison(
        "erichson/LipschitzRNN 22d2ce3, the step of rnn_models(model='LipschitzRNN') in float64 with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 4, n = 6, M and C transposed: largest relative difference 8e-16",
    ),
)

claims = [
    Claim(
        "the step Jacobian is the identity, a fixed small turn and one that the activation scales",
        of="h'",
        wrt="h",
        equals="eye(n) + epsilon * (A + diag(1 - g * g) @ W)",
    ),
    Equivalence(
        "without its linear part and its symmetric part it is the antisymmetric RNN",
        other="antisymmetric_rnn",
        where={"A": "0 * M", "beta": "1"},
        parameters={"C": "W", "U": "V", "b": "b"},
    ),
]

"""Multiplicative LSTM as its authors' MATLAB code has it: linear candidate, and tanh after the output gate."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Normal

title = "Multiplicative LSTM, MATLAB reading"
year = 2016
reference = "B. Krause, L. Lu, I. Murray, S. Renals: Multiplicative LSTM for sequence modelling. arXiv:1609.07959, 2016"
purpose = "As the multiplicative LSTM, but the candidate enters c unsquashed and h = tanh(o c + b) is squashed last."
readings = (
    "The authors' MATLAB code, with which the first Hutter Prize results were made; their Chainer code and the"
    " libraries have multiplicative_lstm. Its bias vector has four parts: three of the gates, and b_h after the output"
    " gate."
)

variant = Variant("multiplicative_lstm", {"g": "W_g @ x + U_g @ m", "h'": "tanh(o * c' + b_h)"}, lines="b_h in R^n")

initialisation = Initialisation(
    {"b_f": Constant(3), "b_*": Constant(0), "W_*": Normal(0.1), "U_*": Normal(0.02)},
    source="The authors' MATLAB code (matlab/mLSTMhutter.m, initnetwork): W N(0, 0.1²), U N(0, 0.02²), forget bias 3.",
)

sources = (
    Source("benkrause/mLSTM: matlab/mLSTMhutter.m and matlab/mLSTMeval.m, ForwardPass", "code"),
    Source("B. Krause et al. 2016 (arXiv:1609.07959), section 3", "paper", read=False),
)

contradictions = (
    Contradiction(
        "benkrause/mLSTM",
        says="one cell of the paper, once in Chainer and once in MATLAB",
        does=(
            "Chainer squashes the candidate and computes o * tanh(c'); MATLAB does not squash the candidate, gives it"
            " no bias, and computes tanh(o * c' + b)"
        ),
        place="chainer/mLSTMWN.py against matlab/mLSTMhutter.m",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "the output's slope is taken after the output gate, so that h' itself gives it",
        of="h'",
        wrt="c",
        equals="diag((1 - h' * h') * o * f)",
    ),
]

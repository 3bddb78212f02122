"""LSTM with peepholes that are full matrices: every gate sees the state of every cell."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM with peepholes, full matrices"
year = 2013
reference = (
    "A. Graves: Generating sequences with recurrent neural networks. arXiv:1308.0850, 2013 (his equations, with the"
    " matrices that he calls diagonal read as full)"
)
purpose = "Each gate reads the whole cell state, so that one cell's count can open another's gate."
family = "lstm"
readings = "Full in Chainer (StatefulPeepholeLSTM) and GroundHog (LSTMLayer); vectors everywhere else (lstm_peephole)."

variant = Variant(
    "lstm",
    {
        "i": "sigmoid(W_i @ x + U_i @ h + V_i @ c + b_i)",
        "f": "sigmoid(W_f @ x + U_f @ h + V_f @ c + b_f)",
        "o": "sigmoid(W_o @ x + U_o @ h + V_o @ c' + b_o)",
    },
    lines="V_{i,f,o} in R^(n,n)",
)

initialisation = Initialisation(
    {"W_*": Normal(0.01), "U_*": Normal(0.01), "V_*": Normal(0.01)},
    source="No paper prescribes one; GroundHog's LSTMLayer has scale 0.01 as its default.",
    otherwise="xavier",
)

sources = (
    Source("chainer/chainer: chainer/links/rnn/peephole.py, StatefulPeepholeLSTM", "code"),
    Source("kyunghyuncho/GroundHog: groundhog/layers/rec_layers.py, LSTMLayer", "code"),
    Source("A. Graves 2013, eqs. 7-11", "paper", read=False),
)

comparisons = (
    Comparison(
        "chainer, StatefulPeepholeLSTM, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 1e-15",
    ),
    Comparison(
        "kyunghyuncho/GroundHog, LSTMLayer.step_fprop, run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 1e-15",
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
        "the peepholes mix the cells: the whole of ∂c'/∂c is no longer diagonal",
        of="c'",
        wrt="c",
        equals="diag(f) + diag(c * f * (1 - f)) @ V_f + diag(g * i * (1 - i)) @ V_i",
    ),
    Equivalence(
        "with diagonal matrices it is the peephole LSTM",
        other="lstm_peephole",
        parameters={"V_i": "diag(p_i)", "V_f": "diag(p_f)", "V_o": "diag(p_o)"},
    ),
]

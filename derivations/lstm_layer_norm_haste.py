"""LSTM with layer normalisation as haste has it: no shifts in the two norms of the pre-activations."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot, Orthogonal

title = "LSTM with layer normalisation, one bias"
year = 2020
reference = (
    "haste (LMNT, 2020): LayerNormLSTM; J. L. Ba, J. R. Kiros, G. E. Hinton: Layer normalization. arXiv:1607.06450"
)
purpose = "As the LSTM with layer normalisation; the three vectors that are only ever added are one bias."
readings = "haste. The paper and the authors' code have two shifts beside the bias: lstm_layer_norm."

variant = Variant(
    "lstm_layer_norm",
    {
        "i": "sigmoid(alpha_i * (u_i - mu) / s + kappa_i * (w_i - nu) / t + b_i)",
        "f": "sigmoid(alpha_f * (u_f - mu) / s + kappa_f * (w_f - nu) / t + b_f)",
        "g": "tanh(alpha_g * (u_g - mu) / s + kappa_g * (w_g - nu) / t + b_g)",
        "o": "sigmoid(alpha_o * (u_o - mu) / s + kappa_o * (w_o - nu) / t + b_o)",
    },
)

initialisation = Initialisation(
    {
        "W_*": Glorot(),
        "U_*": Orthogonal(),
        "alpha_*": Constant(1),
        "kappa_*": Constant(1),
        "b_f": Constant(1),
        "*": Constant(0),
    },
    source="haste (frameworks/pytorch/layer_norm_lstm.py, reset_parameters).",
)

sources = (
    Source("lmnt-com/haste: frameworks/pytorch/layer_norm_lstm.py, LayerNormLSTMScript", "code"),
    Source("ryankiros/layer-norm: layers.py, lnlstm_layer (with the two shifts)", "code"),
)

comparisons = (
    Comparison(
        "haste ceba32e, LayerNormLSTMScript with torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 3e-15",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone", of="c'", wrt="c", equals="diag(f)"
    ),
    Equivalence(
        "it is the paper's cell, whose two shifts and bias act as their sum",
        other="lstm_layer_norm",
        parameters={
            "b_i": "b_i + beta_i + rho_i",
            "b_f": "b_f + beta_f + rho_f",
            "b_g": "b_g + beta_g + rho_g",
            "b_o": "b_o + beta_o + rho_o",
        },
    ),
]

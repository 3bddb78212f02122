"""LSTM with layer normalisation (Ba et al. 2016): one norm over all gates, for the products of x and of h apart."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Normal, Orthogonal

title = "LSTM with layer normalisation"
year = 2016
reference = "J. L. Ba, J. R. Kiros, G. E. Hinton: Layer normalization. arXiv:1607.06450, 2016"
purpose = (
    "Gates keep their range whatever the scale of weights, inputs and states; the cell state itself is not touched."
)
family = "lstm"
readings = (
    "The norm runs over the stacked vector of 4n, as in the authors' code and haste (lstm_layer_norm_haste, which"
    " leaves out the two shifts that b makes redundant). TensorFlow's contrib cell has a norm for each gate and keeps"
    " a normalised cell state: lstm_layer_norm_gates. The authors' Theano code adds b a second time, before the norm"
    " of the input."
)

equations = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n
alpha_{i,f,g,o}, beta_{i,f,g,o} in R^n       # gain and shift of the recurrent product's norm
kappa_{i,f,g,o}, rho_{i,f,g,o} in R^n        # gain and shift of the input product's norm
alpha_c, beta_c in R^n                       # gain and shift of the cell state's norm
eps = 1e-5
mean4(a, b, c, d) = (mean(a) + mean(b) + mean(c) + mean(d)) / 4
LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps)

u_i = U_i @ h                                # the recurrent product, gate by gate
u_f = U_f @ h
u_g = U_g @ h
u_o = U_o @ h
mu  = mean4(u_i, u_f, u_g, u_o)
s   = sqrt(mean4((u_i - mu)**2, (u_f - mu)**2, (u_g - mu)**2, (u_o - mu)**2) + eps)
w_i = W_i @ x                                # the input product
w_f = W_f @ x
w_g = W_g @ x
w_o = W_o @ x
nu  = mean4(w_i, w_f, w_g, w_o)
t   = sqrt(mean4((w_i - nu)**2, (w_f - nu)**2, (w_g - nu)**2, (w_o - nu)**2) + eps)
i   = sigmoid(alpha_i * (u_i - mu) / s + beta_i + kappa_i * (w_i - nu) / t + rho_i + b_i)    # input gate
f   = sigmoid(alpha_f * (u_f - mu) / s + beta_f + kappa_f * (w_f - nu) / t + rho_f + b_f)    # forget gate
g   = tanh(alpha_g * (u_g - mu) / s + beta_g + kappa_g * (w_g - nu) / t + rho_g + b_g)       # candidate
o   = sigmoid(alpha_o * (u_o - mu) / s + beta_o + kappa_o * (w_o - nu) / t + rho_o + b_o)    # output gate
c'  = f * c + i * g
h'  = o * tanh(alpha_c * LN(c') + beta_c)
"""

initialisation = Initialisation(
    {"U_*": Orthogonal(), "W_*": Normal(0.01), "alpha_*": Constant(1), "kappa_*": Constant(1), "*": Constant(0)},
    source=(
        "The authors' code (layers.py, param_init_lnlstm): U orthogonal, W small normal, gains 1, shifts and biases 0."
    ),
)

sources = (
    Source("J. L. Ba et al. 2016 (arXiv:1607.06450), eqs. 20-22", "paper", read=False),
    Source("ryankiros/layer-norm: layers.py, lnlstm_layer (the authors' code)", "code"),
    Source("lmnt-com/haste: frameworks/pytorch/layer_norm_lstm.py", "code"),
)

comparisons = (
    Comparison(
        "haste ceba32e, LayerNormLSTMScript with torch 2.13.0, bias b + beta + rho",
        agrees=True,
        text="values and all gradients, T = 20, m = 3, n = 4: largest relative difference 2e-15",
    ),
)

contradictions = (
    Contradiction(
        "ryankiros/layer-norm",
        says="the paper: LN(U h) + LN(W x) + b",
        does="layers.py adds b to W x before that product is normalised, and b again after both norms",
        place="layers.py, lnlstm_layer: lstm_state_below and preact",
    ),
    Contradiction(
        "ryankiros/layer-norm",
        says="one normalisation in two frameworks",
        does="Theano: sqrt(var + eps); Torch: sqrt(var) + eps",
        place="layers.py, ln, against torch_modules/LayerNormalization.lua",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone: the norm is on the output's side",
        of="c'",
        wrt="c",
        equals="diag(f)",
    ),
]

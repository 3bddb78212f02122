"""Convolutional LSTM (Shi et al. 2015) along one axis: every place sees its neighbours alone."""

from gatedsym.library.claims import Limit
from gatedsym.library.records import Contradiction, Initialisation, Source

title = "Convolutional LSTM, along one axis"
year = 2015
reference = (
    "X. Shi, Z. Chen, H. Wang, D.-Y. Yeung, W. Wong, W. Woo: Convolutional LSTM network: a machine learning approach"
    " for precipitation nowcasting. NeurIPS 2015 (arXiv:1506.04214)"
)
purpose = "Gates that are convolutions: what is learnt at one place holds at every place."
family = "lstm"
readings = (
    "One axis of p places where the paper has two, and kernels of width 3: each is three matrices, for the place to the"
    " left, the place itself and the place to the right; beyond the border there are zeros. Peepholes as in the paper,"
    " each place with weights of its own; the output gate sees the new cell."
)

equations = """
p = m
x in R^(m,p);  h, c in R^(n,p)
W_{l,m,r} in R^(4n,m);  U_{l,m,r} in R^(4n,n);  P_{i,f,o} in R^(n,p);  b in R^(4n)

S = shift(p, 1) * strictly_lower(p)                                # S.T brings what stands to the left, S to the right
x_l = x @ S.T;  x_r = x @ S;  h_l = h @ S.T;  h_r = h @ S
a = W_l @ x_l + W_m @ x + W_r @ x_r + U_l @ h_l + U_m @ h + U_r @ h_r + outer(b, ones(p))
[a_in; a_keep; a_out; a_new] = a

i  = σ(a_in + P_i * c)
f  = σ(a_keep + P_f * c)
g  = tanh(a_new)
c' = f * c + i * g
o  = σ(a_out + P_o * c')
h' = o * tanh(c')
"""

initialisation = Initialisation({}, source="Not known: the paper was not read.")

sources = (
    Source("X. Shi et al., arXiv:1506.04214, equation 3", "paper", read=False),
    Source("automan000/Convolutional_LSTM_PyTorch: convolution_lstm.py, ConvLSTMCell", "code"),
)

contradictions = (
    Contradiction(
        "automan000/Convolutional_LSTM_PyTorch 586c79a",
        says="adds the peepholes of the paper, c * Wci, c * Wcf and c * Wco, to the gates",
        does="keeps their weights at zero: they are no parameters, and nothing trains them",
        place="convolution_lstm.py, init_hidden",
    ),
)

claims = [
    Limit(
        "a forget gate that is forced open keeps all of the cell", of="f", parameter="b_2", to="oo", equals="1 + 0*g"
    ),
    Limit("an input gate that is forced shut writes nothing", of="c'", parameter="b_1", to="-oo", equals="f * c"),
]

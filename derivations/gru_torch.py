"""GRU with the reset gate after the recurrent product (Cho et al. 2014, version 1), as cuDNN and PyTorch have it."""

from gatedsym.claims import Claim

title = "GRU, reset after the product"
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " arXiv:1406.1078v1, 2014; torch.nn.GRU"
)
purpose = "As the GRU, but r acts on U_g h + v_g, so all recurrent products are one; the second bias cannot be merged."
family = "gru"

equations = """
x in R^m;  h in R^n
W_{z,r,g} in R^(n,m);  U_{z,r,g} in R^(n,n);  b_{z,r,g} in R^n;  v_g in R^n

z  = sigmoid(W_z @ x + U_z @ h + b_z)                # update gate: the share of h that is replaced
r  = sigmoid(W_r @ x + U_r @ h + b_r)                # reset gate
g  = tanh(W_g @ x + b_g + r * (U_g @ h + v_g))       # candidate; v_g is the recurrent bias
h' = (1 - z) * h + z * g
"""

claims = [
    Claim(
        "along the highway the gradient is multiplied by 1 - z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(1 - z)",
    ),
]

"""LSTM with h-detach (Arpit, Kanuparthi, Kerg et al. 2019): at some steps no gradient goes through h."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Uniform

title = "LSTM with h-detach"
year = 2019
reference = (
    "D. Arpit, B. Kanuparthi, G. Kerg, N. R. Ke, I. Mitliagkas, Y. Bengio: h-detach: modifying the LSTM gradient"
    " towards better optimization. ICLR 2019"
)
purpose = "Where the gradient through h swamps that along c, it is cut at random steps; the highway stays whole."
family = "lstm"
readings = (
    "detach is 1 at steps that are cut, drawn with the same probability for all sequences of a batch; values do not"
    " depend on it. The gradient is the declared one: that of the value is the LSTM's."
)

equations = """
x in R^m;  h, c in R^n;  detach in {0,1}
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

s  = where(detach > 0, stop(h), h)             # the value is h's
i  = sigmoid(W_i @ x + U_i @ s + b_i)
f  = sigmoid(W_f @ x + U_f @ s + b_f)
g  = tanh(W_g @ x + U_g @ s + b_g)
o  = sigmoid(W_o @ x + U_o @ s + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

initialisation = Initialisation(
    {"*": Uniform(-1.0, 1.0, over_root="n")}, source="bhargav104/h-detach: lstm_cell.py, reset_parameters"
)

sources = (
    Source("bhargav104/h-detach: lstm_cell.py and copying.py (the authors)", "code"),
    Source("D. Arpit et al. 2019, algorithm 1", "paper", read=False),
)

claims = [
    Claim("a cut lets nothing through h", of="c'", wrt="h", where={"detach": "1"}, equals="0"),
    Claim("the highway is not cut", of="c'", wrt="c", equals="diag(f)"),
    Equivalence("without cuts it is the LSTM", other="lstm", where={"s": "h"}),
]

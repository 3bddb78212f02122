"""Phased LSTM (Neil, Pfeiffer, Liu 2016): a clock in each unit opens it for a small share of its period."""

import numpy as np

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Uniform

title = "Phased LSTM"
year = 2016
reference = (
    "D. Neil, M. Pfeiffer, S.-C. Liu: Phased LSTM: accelerating recurrent network training for long or event-based"
    " sequences. NeurIPS 2016"
)
purpose = "A unit changes only while its time gate is open, so its state, and its gradient, last between openings."
family = "lstm"
readings = (
    "clock is the time of the step, tau the period, shift and r_on the phase and the open share; tau and r_on are"
    " positive (the authors' code takes absolute values). Peepholes are diagonal, that of o sees the candidate of c. A"
    " closed gate leaks by alpha = 0.001, in training alone. The phase jumps where a period ends; there derivatives"
    " are those of either side. The authors' code adds the shift to the time, here it is subtracted as in the paper."
)

equations = """
x in R^m;  h, c in R^n
input clock in R
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n;  p_{i,f,o} in R^n
tau, shift, r_on in R^n
alpha = 0.001

turns = (clock - shift) / tau
phase = turns - floor(turns)
k  = where(phase < r_on / 2, 2 * phase / r_on, where(phase < r_on, 2 - 2 * phase / r_on, alpha * phase))
i  = sigmoid(W_i @ x + U_i @ h + p_i * c + b_i)
f  = sigmoid(W_f @ x + U_f @ h + p_f * c + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
d  = f * c + i * g
o  = sigmoid(W_o @ x + U_o @ h + p_o * d + b_o)
c' = k * d + (1 - k) * c
h' = k * (o * tanh(d)) + (1 - k) * h
"""

initialisation = Initialisation(
    {
        "tau": Drawn("exp(U(0, 3))", lambda generator, shape, sizes: np.exp(generator.uniform(0, 3, shape))),
        "shift": Uniform(0.0, 1000.0),
        "r_on": Constant(0.05),
    },
    source="D. Neil et al. 2016, section 4: periods exp(U(0, 3)), r_on = 0.05; shifts as in dannyneil/public_plstm",
)

sources = (
    Source("dannyneil/public_plstm: plstm.py (an author)", "code"),
    Source("D. Neil, M. Pfeiffer, S.-C. Liu 2016, equations 6 to 11", "paper", read=False),
)

claims = [
    Claim("a closed gate keeps the memory", of="c'", wrt="c", where={"k": "0"}, equals="eye(n)"),
    Claim("and the output", of="h'", wrt="h", where={"k": "0"}, equals="eye(n)"),
]

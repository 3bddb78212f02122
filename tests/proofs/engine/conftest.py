"""Cells to prove things about."""

import pytest

from gatedsym.equations import read_equations
from gatedsym.ir.program import Recurrence

LSTM = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n
i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

GRU = """
x in R^m;  h in R^n
W_{z,r,g} in R^(n,m);  U_{z,r,g} in R^(n,n);  b_{z,r,g} in R^n
z  = sigmoid(W_z @ x + U_z @ h + b_z)
r  = sigmoid(W_r @ x + U_r @ h + b_r)
g  = tanh(W_g @ x + U_g @ (r * h) + b_g)
h' = (1 - z) * h + z * g
"""

RNN = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n
h' = tanh(W @ x + U @ h + b)
"""

STABILISED = """
x in R^m;  h, c, q, s in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n)
k  = W_i @ x + U_i @ h
l  = log_sigmoid(W_f @ x + U_f @ h)
g  = tanh(W_g @ x + U_g @ h)
o  = sigmoid(W_o @ x + U_o @ h)
s' = max(l + s, k)
i  = exp(k - s')
f  = exp(l + s - s')
c' = f * c + i * g
q' = f * q + i
h' = o * c' / q'
"""


@pytest.fixture(scope="session")
def lstm() -> Recurrence:
    return read_equations(LSTM, name="lstm")


@pytest.fixture(scope="session")
def gru() -> Recurrence:
    return read_equations(GRU, name="gru")


@pytest.fixture(scope="session")
def rnn() -> Recurrence:
    return read_equations(RNN, name="rnn")


@pytest.fixture(scope="session")
def stabilised() -> Recurrence:
    """Exponential gates with a stabiliser, as in the sLSTM."""
    return read_equations(STABILISED, name="stabilised")


@pytest.fixture(scope="session")
def gru_text() -> str:
    return GRU

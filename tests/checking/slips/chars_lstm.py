"""An LSTM over letters, columns: [h, x] in one vector, a forward and a backward function for a step, a loop with the loss."""

import numpy as np

H_size, X_size = 100, 60
z_size = H_size + X_size


class Param:
    def __init__(self, value):
        self.v, self.d = value, np.zeros_like(value)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def dsigmoid(y):
    return y * (1 - y)


def dtanh(y):
    return 1 - y * y


def forward(x, h_prev, C_prev, p):
    z = np.vstack((h_prev, x))
    f = sigmoid(p["W_f"] @ z + p["b_f"])
    i = sigmoid(p["W_i"] @ z + p["b_i"])
    C_bar = np.tanh(p["W_C"] @ z + p["b_C"])
    C = f * C_prev + i * C_bar
    o = sigmoid(p["W_o"] @ z + p["b_o"])
    h = o * np.tanh(C)
    v = p["W_v"] @ h + p["b_v"]
    y = np.exp(v) / np.sum(np.exp(v))
    return z, f, i, C_bar, C, o, h, v, y


def backward(target, dh_next, dC_next, C_prev, z, f, i, C_bar, C, o, h, v, y, p, d):
    dv = np.copy(y)
    dv[target] -= 1
    d["W_v"] += dv @ h.T
    d["b_v"] += dv
    dh = p["W_v"].T @ dv
    dh += dh_next
    do = dsigmoid(o) * dh * np.tanh(C)
    d["W_o"] += do @ z.T
    d["b_o"] += do
    dC = np.copy(dC_next)
    dC += dh * o * dtanh(np.tanh(C))
    dC_bar = dtanh(C_bar) * dC * i
    d["W_C"] += dC_bar @ z.T
    d["b_C"] += dC_bar
    di = dsigmoid(i) * dC * C_bar
    d["W_i"] += di @ z.T
    d["b_i"] += di
    df = dsigmoid(f) * dC * C_prev
    d["W_f"] += df @ z.T
    d["b_f"] += df
    dz = p["W_f"].T @ df + p["W_i"].T @ di + p["W_C"].T @ dC_bar + p["W_o"].T @ do
    dh_prev = dz[: h.shape[0], :]
    dC_prev = f * dC
    return dh_prev, dC_prev

"""NumPy with the names of nn.LSTM: (time, batch, feature), gates i f g o, the last states' adjoints as arguments."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_forward(x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh):
    T = x.shape[0]
    h, c, hs, tape = h0, c0, [], []
    for t in range(T):
        gates = x[t] @ weight_ih.T + h @ weight_hh.T + bias_ih + bias_hh
        i, f, g, o = np.split(gates, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c_new = f * c + i * g
        h_new = o * np.tanh(c_new)
        tape.append((h, c, i, f, g, o, c_new))
        h, c = h_new, c_new
        hs.append(h)
    return np.stack(hs), h, c, (x, weight_ih, weight_hh, tape)


def lstm_backward(dout, dh_n, dc_n, cache):
    x, weight_ih, weight_hh, tape = cache
    dx = np.zeros_like(x)
    dweight_ih, dweight_hh = np.zeros_like(weight_ih), np.zeros_like(weight_hh)
    dbias_ih = np.zeros(weight_ih.shape[0])
    dh, dc = dh_n, dc_n
    for t in reversed(range(len(tape))):
        h_prev, c_prev, i, f, g, o, c = tape[t]
        dh = dh + dout[t]
        tanh_c = np.tanh(c)
        dc = dc + dh * o * (1 - tanh_c**2)
        di, df, dg, do = dc * g, dc * c_prev, dc * i, dh * tanh_c
        da = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
        dweight_ih += da.T @ x[t]
        dweight_hh += da.T @ h_prev
        dbias_ih += da.sum(0)
        dx[t] = da @ weight_ih
        dh = da @ weight_hh
        dc = dc * f
    dbias_hh = dbias_ih.copy()
    return dx, dh, dc, dweight_ih, dweight_hh, dbias_ih, dbias_hh

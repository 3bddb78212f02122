"""NumPy with the names of nn.GRU: (time, batch, feature), gates r z n, the reset gate after the product."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru_forward(x, h0, weight_ih, weight_hh, bias_ih, bias_hh):
    h, hs, tape = h0, [], []
    for xt in x:
        gi = xt @ weight_ih.T + bias_ih
        gh = h @ weight_hh.T + bias_hh
        i_r, i_z, i_n = np.split(gi, 3, axis=1)
        h_r, h_z, h_n = np.split(gh, 3, axis=1)
        r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
        n = np.tanh(i_n + r * h_n)
        tape.append((xt, h, r, z, n, h_n))
        h = (1 - z) * n + z * h
        hs.append(h)
    return np.stack(hs), (tape, weight_ih, weight_hh)


def gru_backward(dout, cache):
    tape, weight_ih, weight_hh = cache
    dweight_ih, dweight_hh = np.zeros_like(weight_ih), np.zeros_like(weight_hh)
    dbias_ih, dbias_hh = np.zeros(len(weight_ih)), np.zeros(len(weight_hh))
    dx = []
    dh = np.zeros_like(dout[0])
    for t in reversed(range(len(tape))):
        x, h_prev, r, z, n, h_n = tape[t]
        dh = dh + dout[t]
        dn = dh * (1 - z)
        dz = dh * (h_prev - n)
        dan = dn * (1 - n**2)
        dr = dan * h_n
        daz = dz * z * (1 - z)
        dar = dr * r * (1 - r)
        dgi = np.concatenate([dar, daz, dan], axis=1)
        dgh = np.concatenate([dar, daz, dan * r], axis=1)
        dweight_ih += dgi.T @ x
        dweight_hh += dgh.T @ h_prev
        dbias_ih += dgi.sum(axis=0)
        dbias_hh += dgh.sum(axis=0)
        dx.insert(0, dgi @ weight_ih)
        dh = dh * z + dgh @ weight_hh
    dh0 = dh
    return np.stack(dx), dh0, dweight_ih, dweight_hh, dbias_ih, dbias_hh

# GRU in the manner of min-char-rnn: globals, one sequence, column vectors, dicts by time
import numpy as np

hidden_size = 7
input_size = 5
np.random.seed(0)

Wz = np.random.randn(hidden_size, input_size) * 0.3
Uz = np.random.randn(hidden_size, hidden_size) * 0.3
bz = np.zeros((hidden_size, 1))
Wr = np.random.randn(hidden_size, input_size) * 0.3
Ur = np.random.randn(hidden_size, hidden_size) * 0.3
br = np.zeros((hidden_size, 1))
Wh = np.random.randn(hidden_size, input_size) * 0.3
Uh = np.random.randn(hidden_size, hidden_size) * 0.3
bh = np.zeros((hidden_size, 1))


def sigmoid(v):
    return 1.0 / (1.0 + np.exp(-v))


def forward(inputs, hprev):
    xs, hs, zs, rs, hbars = {}, {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    for t in range(len(inputs)):
        xs[t] = inputs[t]
        zs[t] = sigmoid(Wz @ xs[t] + Uz @ hs[t-1] + bz)
        rs[t] = sigmoid(Wr @ xs[t] + Ur @ hs[t-1] + br)
        hbars[t] = np.tanh(Wh @ xs[t] + Uh @ (rs[t] * hs[t-1]) + bh)
        hs[t] = (1 - zs[t]) * hs[t-1] + zs[t] * hbars[t]
    return xs, hs, zs, rs, hbars


def backward(dhs, xs, hs, zs, rs, hbars):
    dWz, dUz, dbz = np.zeros_like(Wz), np.zeros_like(Uz), np.zeros_like(bz)
    dWr, dUr, dbr = np.zeros_like(Wr), np.zeros_like(Ur), np.zeros_like(br)
    dWh, dUh, dbh = np.zeros_like(Wh), np.zeros_like(Uh), np.zeros_like(bh)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(xs))):
        dh = dhs[t] + dhnext
        dhbar = dh * zs[t]
        dhbar_raw = dhbar * (1 - hbars[t] ** 2)
        dWh += np.dot(dhbar_raw, xs[t].T)
        dUh += np.dot(dhbar_raw, (rs[t] * hs[t-1]).T)
        dbh += dhbar_raw

        drh = np.dot(Uh.T, dhbar_raw)
        dr = drh * hs[t-1]
        dr_raw = dr * rs[t] * (1 - rs[t])
        dWr += np.dot(dr_raw, xs[t].T)
        dUr += np.dot(dr_raw, hs[t-1].T)
        dbr += dr_raw

        dz = dh * (hbars[t] - hs[t-1])
        dz_raw = dz * zs[t] * (1 - zs[t])
        dWz += np.dot(dz_raw, xs[t].T)
        dUz += np.dot(dz_raw, hs[t-1].T)
        dbz += dz_raw

        dhnext = dh * (1 - zs[t]) + drh * rs[t] + np.dot(Ur.T, dr_raw) + np.dot(Uz.T, dz_raw)
    return dWz, dUz, dbz, dWr, dUr, dbr, dWh, dUh, dbh, dhnext

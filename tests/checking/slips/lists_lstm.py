"""One sequence, columns of one, caches in a list, gradients summed in a dict that is handed round."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm_forward(xs, h_prev, c_prev, model):
    caches, hs = [], []
    h, c = h_prev, c_prev
    for x in xs:
        X = np.vstack((h, x))
        hf = sigmoid(model["Wf"] @ X + model["bf"])
        hi = sigmoid(model["Wi"] @ X + model["bi"])
        ho = sigmoid(model["Wo"] @ X + model["bo"])
        hc = np.tanh(model["Wc"] @ X + model["bc"])
        c_old = c
        c = hf * c_old + hi * hc
        h = ho * np.tanh(c)
        caches.append((X, hf, hi, ho, hc, c_old, c))
        hs.append(h)
    return hs, caches


def lstm_backward(dhs, caches, model):
    H = model["bf"].shape[0]
    grads = {"d" + k: np.zeros_like(v) for k, v in model.items()}
    dh_next = np.zeros((H, 1))
    dc_next = np.zeros((H, 1))
    dxs = [None] * len(caches)
    for t in reversed(range(len(caches))):
        X, hf, hi, ho, hc, c_old, c = caches[t]
        dh = dhs[t] + dh_next
        dho = np.tanh(c) * dh
        dho = ho * (1 - ho) * dho
        dc = ho * dh * (1 - np.tanh(c) ** 2)
        dc = dc + dc_next
        dhf = c_old * dc
        dhf = hf * (1 - hf) * dhf
        dhi = hc * dc
        dhi = hi * (1 - hi) * dhi
        dhc = hi * dc
        dhc = (1 - hc**2) * dhc
        grads["dWf"] += dhf @ X.T
        grads["dbf"] += dhf
        grads["dWi"] += dhi @ X.T
        grads["dbi"] += dhi
        grads["dWo"] += dho @ X.T
        grads["dbo"] += dho
        grads["dWc"] += dhc @ X.T
        grads["dbc"] += dhc
        dX = model["Wf"].T @ dhf + model["Wi"].T @ dhi + model["Wo"].T @ dho + model["Wc"].T @ dhc
        dh_next = dX[:H]
        dxs[t] = dX[H:]
        dc_next = hf * dc
    return grads, dxs, dh_next, dc_next

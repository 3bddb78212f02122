"""A sequence with its readout and a mean softmax loss, rows, a batch at once: one function that returns loss and gradients."""

import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def rnn_loss(x, y, h0, params):
    Wx, Wh, b = params["Wx"], params["Wh"], params["b"]
    Wy, by = params["W_out"], params["b_out"]
    N, T, _ = x.shape
    h, hs, caches = h0, [], []
    for t in range(T):
        h, cache = rnn_step_forward(x[:, t], h, Wx, Wh, b)
        hs.append(h)
        caches.append(cache)
    hs = np.stack(hs, axis=1)
    scores = hs @ Wy + by
    p = np.exp(scores - scores.max(axis=2, keepdims=True))
    p /= p.sum(axis=2, keepdims=True)
    rows, cols = np.meshgrid(np.arange(N), np.arange(T), indexing="ij")
    loss = -np.log(p[rows, cols, y]).sum() / (N * T)
    dscores = p.copy()
    dscores[rows, cols, y] -= 1
    dscores /= N * T
    grads = {"W_out": np.einsum("nth,ntv->hv", hs, dscores), "b_out": dscores.sum(axis=(0, 1))}
    dhs = dscores @ Wy.T
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    dh = np.zeros_like(h0)
    for t in reversed(range(T)):
        _, dh, gx, gh, gb = rnn_step_backward(dhs[:, t] + dh, caches[t])
        dWx += gx
        dWh += gh
        db += gb
    grads["Wx"], grads["Wh"], grads["b"] = dWx, dWh, db
    return loss, grads

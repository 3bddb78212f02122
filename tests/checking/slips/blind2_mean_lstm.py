"""LSTM, whole pass, (T, B, n). The loss is a mean over the batch, so the gradients of the weights are divided by B."""
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_forward(x, h0, c0, weights):
    W, U, b = weights          # (4n, m), (4n, n), (4n,): o, f, i, g
    T, B, _ = x.shape
    n = h0.shape[1]
    h, c = h0, c0
    hs, cache = [], []
    for t in range(T):
        a = x[t].dot(W.T) + h.dot(U.T) + b
        o, f, i = (sigmoid(a[:, k*n:(k+1)*n]) for k in range(3))
        g = np.tanh(a[:, 3*n:])
        c_new = f * c + i * g
        th = np.tanh(c_new)
        cache.append((x[t], h, c, o, f, i, g, th))
        h, c = o * th, c_new
        hs.append(h)
    return np.array(hs), cache


def lstm_backward(dhs, weights, cache):
    W, U, b = weights
    T, B, n = dhs.shape
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dh_next = np.zeros((B, n))
    dc_next = np.zeros((B, n))
    for t in reversed(range(T)):
        x, h_prev, c_prev, o, f, i, g, th = cache[t]
        dh = dhs[t] + dh_next
        dc = dc_next + dh * o * (1 - th**2)
        da = np.hstack([dh * th * o * (1 - o), dc * c_prev * f * (1 - f), dc * g * i * (1 - i), dc * i * (1 - g**2)])
        dW += da.T.dot(x) / B
        dU += da.T.dot(h_prev) / B
        db += da.mean(axis=0)
        dh_next = da.dot(U)
        dc_next = dc * f
    return dW, dU, db

"""One sequence, vectors, (time, feature) arrays, W_xz and W_hz, everything in one loop."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru_forward(x, h0, params):
    T, n = len(x), len(h0)
    h = np.zeros((T + 1, n))
    h[0] = h0
    z, r, g = np.zeros((T, n)), np.zeros((T, n)), np.zeros((T, n))
    for t in range(T):
        z[t] = sigmoid(params["W_xz"] @ x[t] + params["W_hz"] @ h[t] + params["b_z"])
        r[t] = sigmoid(params["W_xr"] @ x[t] + params["W_hr"] @ h[t] + params["b_r"])
        g[t] = np.tanh(params["W_xg"] @ x[t] + params["W_hg"] @ (r[t] * h[t]) + params["b_g"])
        h[t + 1] = (1 - z[t]) * h[t] + z[t] * g[t]
    return h, {"x": x, "h": h, "z": z, "r": r, "g": g}


def gru_backward(dout, cache, params):
    x, h, z, r, g = (cache[k] for k in ("x", "h", "z", "r", "g"))
    T, n = dout.shape
    grads = {"d" + name: np.zeros_like(value) for name, value in params.items()}
    dx = np.zeros_like(x)
    dh = np.zeros(n)
    for t in reversed(range(T)):
        dh = dh + dout[t]
        dg = dh * z[t]
        dz = dh * (g[t] - h[t])
        dh_prev = dh * (1 - z[t])
        ag = dg * (1 - g[t] ** 2)
        drh = params["W_hg"].T @ ag
        dr = drh * h[t]
        dh_prev += drh * r[t]
        ar = dr * r[t] * (1 - r[t])
        az = dz * z[t] * (1 - z[t])
        dh_prev += params["W_hr"].T @ ar + params["W_hz"].T @ az
        for name, a, hidden in (("z", az, h[t]), ("r", ar, h[t]), ("g", ag, r[t] * h[t])):
            grads["dW_x" + name] += np.outer(a, x[t])
            grads["dW_h" + name] += np.outer(a, hidden)
            grads["db_" + name] += a
        dx[t] = params["W_xz"].T @ az + params["W_xr"].T @ ar + params["W_xg"].T @ ag
        dh = dh_prev
    return grads, dx, dh

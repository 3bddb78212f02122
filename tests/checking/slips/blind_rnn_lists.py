"""A plain RNN over one sequence, column vectors kept in lists, everything in two functions."""

import numpy as np


def run_forward(p, xs, h0):
    hs = {-1: h0}
    for t in range(len(xs)):
        a = p["Wxh"] @ xs[t] + p["Whh"] @ hs[t - 1] + p["bh"]
        hs[t] = np.tanh(a)
    return hs


def run_backward(p, xs, hs, dhs):
    dWxh = np.zeros_like(p["Wxh"])
    dWhh = np.zeros_like(p["Whh"])
    dbh = np.zeros_like(p["bh"])
    dxs = [None] * len(xs)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(xs))):
        dh = dhs[t] + dhnext
        da = (1 - hs[t] ** 2) * dh
        dWxh += np.outer(da, xs[t])
        dWhh += np.outer(da, hs[t - 1])
        dbh += da
        dxs[t] = p["Wxh"].T @ da
        dhnext = p["Whh"].T @ da
    return {"dWxh": dWxh, "dWhh": dWhh, "dbh": dbh, "dxs": dxs, "dh0": dhnext}

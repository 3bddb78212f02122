"""One step in the style of a course: columns, gates u and r, a candidate c~ on [r * c, x]."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gru_cell_forward(xt, h_prev, parameters):
    concat = np.vstack([h_prev, xt])
    u = sigmoid(parameters["Wu"] @ concat + parameters["bu"])
    r = sigmoid(parameters["Wr"] @ concat + parameters["br"])
    gated = np.vstack([r * h_prev, xt])
    c = np.tanh(parameters["Wc"] @ gated + parameters["bc"])
    h_next = u * c + (1 - u) * h_prev
    cache = (xt, h_prev, u, r, c, h_next, parameters)
    return h_next, cache


def gru_cell_backward(dh_next, cache):
    xt, h_prev, u, r, c, h_next, parameters = cache
    n = h_prev.shape[0]
    concat = np.vstack([h_prev, xt])
    gated = np.vstack([r * h_prev, xt])
    dh_prev = dh_next * (1 - u)
    dc = dh_next * u
    du = dh_next * (c - h_prev)
    dzc = dc * (1 - c**2)
    dgated = parameters["Wc"].T @ dzc
    dr = dgated[:n] * h_prev
    dzr = dr * r * (1 - r)
    dzu = du * u * (1 - u)
    dconcat = parameters["Wu"].T @ dzu + parameters["Wr"].T @ dzr
    dh_prev = dh_prev + dconcat[:n] + dgated[:n] * r
    dxt = dconcat[n:] + dgated[n:]
    grads = {}
    grads["dWu"] = dzu @ concat.T
    grads["dWr"] = dzr @ concat.T
    grads["dWc"] = dzc @ gated.T
    grads["dbu"] = dzu.sum(axis=1, keepdims=True)
    grads["dbr"] = dzr.sum(axis=1, keepdims=True)
    grads["dbc"] = dzc.sum(axis=1, keepdims=True)
    grads["dh_prev"] = dh_prev
    grads["dxt"] = dxt
    return grads

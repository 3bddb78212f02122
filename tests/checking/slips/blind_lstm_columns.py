"""An LSTM in columns, (n_x, batch, T), each gate a matrix on the previous output stacked on the input."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    stacked = np.concatenate([a_prev, xt], axis=0)
    ft = sigmoid(parameters["Wf"] @ stacked + parameters["bf"])
    it = sigmoid(parameters["Wi"] @ stacked + parameters["bi"])
    cct = np.tanh(parameters["Wc"] @ stacked + parameters["bc"])
    c_next = ft * c_prev + it * cct
    ot = sigmoid(parameters["Wo"] @ stacked + parameters["bo"])
    a_next = ot * np.tanh(c_next)
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, cache


def lstm_cell_backward(da_next, dc_next, cache):
    a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters = cache
    n_a = a_next.shape[0]
    dot = da_next * np.tanh(c_next) * ot * (1 - ot)
    dc = dc_next + da_next * ot * (1 - np.tanh(c_next) ** 2)
    dcct = dc * it * (1 - cct**2)
    dit = dc * cct * it * (1 - it)
    dft = dc * c_prev * ft * (1 - ft)
    stacked = np.concatenate([a_prev, xt], axis=0)
    grads = {}
    for gate, d in (("f", dft), ("i", dit), ("c", dcct), ("o", dot)):
        grads["dW" + gate] = d @ stacked.T
        grads["db" + gate] = d.sum(axis=1, keepdims=True)
    dstacked = (
        parameters["Wf"].T @ dft + parameters["Wi"].T @ dit + parameters["Wc"].T @ dcct + parameters["Wo"].T @ dot
    )
    grads["da_prev"] = dstacked[:n_a]
    grads["dxt"] = dstacked[n_a:]
    grads["dc_prev"] = dc * ft
    return grads


def lstm_forward(x, a0, parameters):
    n_x, m, T = x.shape
    a, c = a0, np.zeros_like(a0)
    outputs, caches = np.zeros((*a0.shape, T)), []
    for t in range(T):
        a, c, cache = lstm_cell_forward(x[:, :, t], a, c, parameters)
        outputs[:, :, t] = a
        caches.append(cache)
    return outputs, caches


def lstm_backward(da, caches):
    n_a, m, T = da.shape
    n_x = caches[0][8].shape[0]
    gradients = {"dx": np.zeros((n_x, m, T))}
    da_prev, dc_prev = np.zeros((n_a, m)), np.zeros((n_a, m))
    for t in reversed(range(T)):
        step = lstm_cell_backward(da[:, :, t] + da_prev, dc_prev, caches[t])
        da_prev, dc_prev = step["da_prev"], step["dc_prev"]
        gradients["dx"][:, :, t] = step["dxt"]
        for name in ("dWf", "dWi", "dWc", "dWo", "dbf", "dbi", "dbc", "dbo"):
            gradients[name] = gradients.get(name, 0) + step[name]
    gradients["da0"] = da_prev
    return gradients

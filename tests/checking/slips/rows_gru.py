"""Rows, a dict of parameters with a matrix for each gate, a dict of gradients; one step."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step_forward(x, h_prev, p):
    z = sigmoid(x @ p["Wz"] + h_prev @ p["Uz"] + p["bz"])
    r = sigmoid(x @ p["Wr"] + h_prev @ p["Ur"] + p["br"])
    hh = np.tanh(x @ p["Wh"] + (r * h_prev) @ p["Uh"] + p["bh"])
    h = (1 - z) * h_prev + z * hh
    return h, (x, h_prev, z, r, hh, p)


def gru_step_backward(dh, cache):
    x, h_prev, z, r, hh, p = cache
    dz = dh * (hh - h_prev)
    dhh = dh * z
    dh_prev = dh * (1 - z)
    dah = dhh * (1 - hh**2)
    drh = dah @ p["Uh"].T
    dr = drh * h_prev
    dh_prev += drh * r
    dar = dr * r * (1 - r)
    daz = dz * z * (1 - z)
    dh_prev += daz @ p["Uz"].T + dar @ p["Ur"].T
    grads = {
        "Wz": x.T @ daz, "Wr": x.T @ dar, "Wh": x.T @ dah,
        "Uz": h_prev.T @ daz, "Ur": h_prev.T @ dar, "Uh": (r * h_prev).T @ dah,
        "bz": daz.sum(0), "br": dar.sum(0), "bh": dah.sum(0),
    }  # fmt: skip
    dx = daz @ p["Wz"].T + dar @ p["Wr"].T + dah @ p["Wh"].T
    return dx, dh_prev, grads

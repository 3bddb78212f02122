"""A GRU in the letters of a textbook: tensors as rows, W_xz W_hz b_z, reset before the product, a list of parameters."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_forward(inputs, state, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    H, outputs = state, []
    for X in inputs:
        Z = sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilde = np.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        old = H
        H = Z * H + (1 - Z) * H_tilde
        outputs.append((X, old, Z, R, H_tilde, H))
    return outputs


def gru_backward(dH, outputs, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    grads = [np.zeros_like(p) for p in params]
    dW_xz, dW_hz, db_z, dW_xr, dW_hr, db_r, dW_xh, dW_hh, db_h = grads
    carry = np.zeros_like(dH[0])
    dX = []
    for dh, (X, old, Z, R, H_tilde, _) in zip(reversed(dH), reversed(outputs)):
        dh = dh + carry
        dZ = dh * (old - H_tilde) * Z * (1 - Z)
        dC = dh * (1 - Z) * (1 - H_tilde**2)
        dRH = dC @ W_hh.T
        dR = dRH * old * R * (1 - R)
        dW_xz += X.T @ dZ
        dW_hz += old.T @ dZ
        db_z += dZ.sum(0)
        dW_xr += X.T @ dR
        dW_hr += old.T @ dR
        db_r += dR.sum(0)
        dW_xh += X.T @ dC
        dW_hh += (R * old).T @ dC
        db_h += dC.sum(0)
        dX.insert(0, dZ @ W_xz.T + dR @ W_xr.T + dC @ W_xh.T)
        carry = dh * Z + dRH * R + dZ @ W_hz.T + dR @ W_hr.T
    return dX, carry, dW_xz, dW_hz, db_z, dW_xr, dW_hr, db_r, dW_xh, dW_hh, db_h

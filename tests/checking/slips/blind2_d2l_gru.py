"""GRU from scratch, after d2l.ai, with the backward pass by hand (no autograd)."""
import torch


def get_params(num_inputs, num_hiddens):
    def normal(shape):
        return torch.randn(size=shape, dtype=torch.float64) * 0.3

    def three():
        return (normal((num_inputs, num_hiddens)), normal((num_hiddens, num_hiddens)),
                torch.zeros(num_hiddens, dtype=torch.float64))

    W_xz, W_hz, b_z = three()
    W_xr, W_hr, b_r = three()
    W_xh, W_hh, b_h = three()
    return [W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h]


def gru_forward(inputs, state, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    H = state
    outputs, tape = [], []
    for X in inputs:
        H_prev = H
        Z = torch.sigmoid(X @ W_xz + H @ W_hz + b_z)
        R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)
        H_tilda = torch.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        H = Z * H + (1 - Z) * H_tilda
        outputs.append(H)
        tape.append((X, H_prev, Z, R, H_tilda))
    return torch.stack(outputs), tape


def gru_backward(grad_outputs, tape, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h = params
    dparams = [torch.zeros_like(p) for p in params]
    dW_xz, dW_hz, db_z, dW_xr, dW_hr, db_r, dW_xh, dW_hh, db_h = dparams
    dX = []
    dH = torch.zeros_like(tape[0][1])
    for t in range(len(tape) - 1, -1, -1):
        X, H_prev, Z, R, H_tilda = tape[t]
        dH = dH + grad_outputs[t]
        dZ = dH * (H_prev - H_tilda) * Z * (1 - Z)
        dH_tilda = dH * (1 - Z) * (1 - H_tilda ** 2)
        dRH = dH_tilda @ W_hh.T
        dR = dRH * H_prev * R * (1 - R)
        dW_xz += X.T @ dZ
        dW_hz += H_prev.T @ dZ
        db_z += dZ.sum(dim=0)
        dW_xr += X.T @ dR
        dW_hr += H_prev.T @ dR
        db_r += dR.sum(dim=0)
        dW_xh += X.T @ dH_tilda
        dW_hh += (R * H_prev).T @ dH_tilda
        db_h += dH_tilda.sum(dim=0)
        dX.insert(0, dZ @ W_xz.T + dR @ W_xr.T + dH_tilda @ W_xh.T)
        dH = dH * Z + dRH * R + dZ @ W_hz.T + dR @ W_hr.T
    return torch.stack(dX), dH, (dW_xz, dW_hz, db_z, dW_xr, dW_hr, db_r, dW_xh, dW_hh, db_h)

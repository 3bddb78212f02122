import numpy as np


def sigma(z):
    return 1.0 / (1.0 + np.exp(-z))


def peephole_step_forward(x, h_prev, c_prev, p):
    i = sigma(p["W_i"] @ x + p["U_i"] @ h_prev + p["p_i"] * c_prev + p["b_i"])
    f = sigma(p["W_f"] @ x + p["U_f"] @ h_prev + p["p_f"] * c_prev + p["b_f"])
    g = np.tanh(p["W_g"] @ x + p["U_g"] @ h_prev + p["b_g"])
    c = f * c_prev + i * g
    o = sigma(p["W_o"] @ x + p["U_o"] @ h_prev + p["p_o"] * c + p["b_o"])
    h = o * np.tanh(c)
    return h, c, (x, h_prev, c_prev, i, f, g, o, c, p)


def peephole_step_backward(dh, dc_next, cache):
    x, h_prev, c_prev, i, f, g, o, c, p = cache
    grads = {}
    d_ao = dh * np.tanh(c) * o * (1 - o)
    dc = dc_next + dh * o * (1 - np.tanh(c)**2) + p["p_o"] * d_ao
    d_af = dc * c_prev * f * (1 - f)
    d_ai = dc * g * i * (1 - i)
    d_ag = dc * i * (1 - g**2)
    for k, d in zip("ifgo", (d_ai, d_af, d_ag, d_ao)):
        grads["dW_" + k] = np.outer(d, x)
        grads["dU_" + k] = np.outer(d, h_prev)
        grads["db_" + k] = d
    grads["dp_i"] = d_ai * c_prev
    grads["dp_f"] = d_af * c_prev
    grads["dp_o"] = d_ao * c
    grads["dx"] = p["W_i"].T @ d_ai + p["W_f"].T @ d_af + p["W_g"].T @ d_ag + p["W_o"].T @ d_ao
    grads["dh_prev"] = p["U_i"].T @ d_ai + p["U_f"].T @ d_af + p["U_g"].T @ d_ag + p["U_o"].T @ d_ao
    grads["dc_prev"] = dc * f + p["p_i"] * d_ai + p["p_f"] * d_af
    return grads

import numpy as np

FLOAT = np.float32


def sigm(a):
    return (1.0 / (1.0 + np.exp(-a))).astype(FLOAT)


class LSTMCell:
    """One step, rows, float32. Weights as torch.nn.LSTMCell has them: (4n, m), (4n, n); i, f, g, o."""

    def __init__(self, input_size, hidden_size):
        rng = np.random.RandomState(3)
        self.hidden_size = hidden_size
        self.weight_ih = (rng.randn(4 * hidden_size, input_size) * 0.3).astype(FLOAT)
        self.weight_hh = (rng.randn(4 * hidden_size, hidden_size) * 0.3).astype(FLOAT)
        self.bias_ih = np.zeros(4 * hidden_size, dtype=FLOAT)
        self.bias_hh = np.zeros(4 * hidden_size, dtype=FLOAT)

    def forward(self, x, h_prev, c_prev):
        x, h_prev, c_prev = x.astype(FLOAT), h_prev.astype(FLOAT), c_prev.astype(FLOAT)
        n = self.hidden_size
        a = x @ self.weight_ih.T + self.bias_ih + h_prev @ self.weight_hh.T + self.bias_hh
        i, f, g, o = sigm(a[:, :n]), sigm(a[:, n:2 * n]), np.tanh(a[:, 2 * n:3 * n]), sigm(a[:, 3 * n:])
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        self.cache = x, h_prev, c_prev, i, f, g, o, c
        return h, c

    def backward(self, dh, dc):
        x, h_prev, c_prev, i, f, g, o, c = self.cache
        dh, dc = dh.astype(FLOAT), dc.astype(FLOAT)
        tanhc = np.tanh(c)
        d_o = dh * tanhc
        dc = dc + dh * o * (1 - tanhc ** 2)
        d_i = dc * g
        d_f = dc * c_prev
        d_g = dc * i
        da = np.concatenate((d_i * i * (1 - i), d_f * f * (1 - f), d_g * (1 - g ** 2), d_o * o * (1 - o)), axis=1)
        self.grad_weight_ih = da.T @ x
        self.grad_weight_hh = da.T @ h_prev
        self.grad_bias_ih = da.sum(0)
        self.grad_bias_hh = da.sum(0)
        dx = da @ self.weight_ih
        dh_prev = da @ self.weight_hh
        dc_prev = dc * f
        return dx, dh_prev, dc_prev

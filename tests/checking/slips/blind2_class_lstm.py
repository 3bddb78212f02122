import numpy as np


class LSTMLayer:
    """LSTM over sequences of shape (T, B, m). The cache is kept in the object."""

    def __init__(self, input_size, hidden_size, seed=0):
        rng = np.random.default_rng(seed)
        self.m, self.n = input_size, hidden_size
        k = 1 / np.sqrt(hidden_size)
        # gates: f, i, o, g on [h, x]
        self.W = rng.uniform(-k, k, (hidden_size + input_size, 4 * hidden_size))
        self.b = np.zeros(4 * hidden_size)
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)

    @staticmethod
    def _sig(v):
        return 1. / (1. + np.exp(-v))

    def forward(self, x, h0, c0):
        T, B, _ = x.shape
        n = self.n
        self.x = x
        self.h = np.zeros((T + 1, B, n))
        self.c = np.zeros((T + 1, B, n))
        self.h[0], self.c[0] = h0, c0
        self.gates = np.zeros((T, B, 4 * n))
        self.z = np.zeros((T, B, n + self.m))
        for t in range(T):
            self.z[t] = np.concatenate([self.h[t], x[t]], axis=1)
            a = self.z[t] @ self.W + self.b
            a[:, :3 * n] = self._sig(a[:, :3 * n])
            a[:, 3 * n:] = np.tanh(a[:, 3 * n:])
            self.gates[t] = a
            f, i, o, g = np.split(a, 4, axis=1)
            self.c[t + 1] = f * self.c[t] + i * g
            self.h[t + 1] = o * np.tanh(self.c[t + 1])
        return self.h[1:], (self.h[T], self.c[T])

    def backward(self, dout, dc_last):
        T, B, n = dout.shape
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)
        dx = np.zeros_like(self.x)
        dh_next = np.zeros((B, n))
        dc_next = dc_last.copy()
        for t in range(T - 1, -1, -1):
            f, i, o, g = np.split(self.gates[t], 4, axis=1)
            dh = dout[t] + dh_next
            tc = np.tanh(self.c[t + 1])
            dc = dc_next + dh * o * (1 - tc * tc)
            do = dh * tc
            df = dc * self.c[t]
            di = dc * g
            dg = dc * i
            da = np.concatenate([df * f * (1 - f), di * i * (1 - i), do * o * (1 - o), dg * (1 - g * g)], axis=1)
            self.dW += self.z[t].T @ da
            self.db += da.sum(axis=0)
            dz = da @ self.W.T
            dh_next = dz[:, :n]
            dx[t] = dz[:, n:]
            dc_next = dc * f
        return dx, dh_next, dc_next

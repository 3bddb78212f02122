"""The GRU of the paper, reset before the product, h' = (1 - z) h + z g; a dict of parameters, batch rows, a class."""

import numpy as np


class GRU:
    def __init__(self, params):
        self.p = params

    @staticmethod
    def sig(v):
        return 1 / (1 + np.exp(-v))

    def forward(self, x, h0):
        """x: (T, B, m); h0: (B, n)."""
        p, h = self.p, h0
        self.steps = []
        out = []
        for xt in x:
            z = self.sig(xt @ p["W_z"].T + h @ p["U_z"].T + p["b_z"])
            r = self.sig(xt @ p["W_r"].T + h @ p["U_r"].T + p["b_r"])
            g = np.tanh(xt @ p["W_g"].T + (r * h) @ p["U_g"].T + p["b_g"])
            self.steps.append((xt, h, z, r, g))
            h = (1 - z) * h + z * g
            out.append(h)
        return np.array(out)

    def backward(self, dout):
        p = self.p
        grads = {k: np.zeros_like(v) for k, v in p.items()}
        dh = np.zeros_like(self.steps[0][1])
        dxs = []
        for (xt, h, z, r, g), d in zip(reversed(self.steps), dout[::-1]):
            dh = dh + d
            dg = dh * z
            dz = dh * (g - h)
            dag = dg * (1 - g**2)
            drh = dag @ p["U_g"]
            dr = drh * h
            daz = dz * z * (1 - z)
            dar = dr * r * (1 - r)
            grads["W_g"] += dag.T @ xt
            grads["W_z"] += daz.T @ xt
            grads["W_r"] += dar.T @ xt
            grads["U_g"] += dag.T @ (r * h)
            grads["U_z"] += daz.T @ h
            grads["U_r"] += dar.T @ h
            grads["b_g"] += dag.sum(0)
            grads["b_z"] += daz.sum(0)
            grads["b_r"] += dar.sum(0)
            dxs.append(dag @ p["W_g"] + daz @ p["W_z"] + dar @ p["W_r"])
            dh = dh * (1 - z) + drh * r + daz @ p["U_z"] + dar @ p["U_r"]
        grads["x"] = np.array(dxs[::-1])
        grads["h0"] = dh
        return grads

"""Three cells in plain NumPy with their backward pass written by hand: what the analyses are tested on and against.

They offer what `gatedsym.cell.Cell` offers to the analyses, and share no code with it.
"""

from types import MappingProxyType, SimpleNamespace
from typing import ClassVar

import numpy as np

from gatedsym.ir.interface import Dimension, Interface, Layout


def sigmoid(a):
    return 0.5 * (1 + np.tanh(a / 2))


class PlainCell:
    """A cell with gates stacked in one matrix; subclasses give one step and its transpose."""

    gates: tuple = ()
    states: tuple = ("h",)
    inputs: tuple = ("x",)
    retention_gates: tuple = ()
    declared: tuple = ()
    constants: ClassVar = {}
    interface = Interface(
        cell="plain",
        equations="",
        dimensions=(Dimension("m"), Dimension("n")),
        inputs=(Layout("x", (("m",),), ("x",)),),
        states=(Layout("h", (("n",),), ("h",)),),
        outputs=(),
        parameters=(),
        locals=(),
        delays=MappingProxyType({"x": 0, "h": 1, "c": 1}),
        biases=(),
        gates=(),
        kernels=MappingProxyType({}),
        gradients=(),
    )

    @property
    def source(self):
        return f"the {self.name}, written by hand"

    @property
    def parameters(self):
        return tuple(f"{kind}_{g}" for g in self.gates for kind in "WUb")

    @property
    def can_retain(self):
        return bool(self.retention_gates)

    def init(self, m, n, seed, dtype, scheme, gain, retention, horizon):
        generator = np.random.default_rng(seed)
        params = {}
        for g in self.gates:
            for kind, columns in (("W", m), ("U", n)):
                if scheme == "uniform":
                    value = generator.uniform(-1, 1, (n, columns)) / np.sqrt(n)
                elif scheme == "xavier":
                    value = generator.uniform(-1, 1, (n, columns)) * np.sqrt(6 / (n + columns))
                else:
                    value = generator.standard_normal((n, columns)) / np.sqrt(columns)
                params[f"{kind}_{g}"] = gain * value
            params[f"b_{g}"] = generator.uniform(-1, 1, n) / np.sqrt(n) if scheme == "uniform" else np.zeros(n)
        for g, sign in self.retention_gates:
            if retention == "chrono":
                params[f"b_{g}"] = sign * np.log(generator.uniform(1, horizon - 1, n))
                if self.name == "lstm":
                    params["b_i"] = -params["b_f"]
            elif retention is not None:
                params[f"b_{g}"] = np.full(n, sign * float(retention))
        return {k: v.astype(dtype) for k, v in params.items()}

    def forward(self, params, x, initial=None, keep="all"):
        steps, batch, _ = x.shape
        n = params[f"b_{self.gates[0]}"].size
        run = {s: np.zeros((steps + 1, batch, n)) for s in self.states}
        for s in self.states:
            if initial:
                run[s][0] = initial[s]
        run["x"], run["cache"] = x, []
        for t in range(steps):
            new, cache = self.step(params, x[t], {s: run[s][t] for s in self.states})
            run["cache"].append(cache)
            for s in self.states:
                run[s][t + 1] = new[s]
        return run

    def sweep(self, params, run, cotangents):
        steps, batch, m = run["x"].shape
        n = run[self.states[0]].shape[2]
        adjoint = {s: np.zeros((steps + 1, batch, n)) for s in self.states}
        dx = np.zeros((steps, batch, m))
        grads = {k: np.zeros_like(v) for k, v in params.items()}
        for s, given in cotangents.items():
            times, value = given if isinstance(given, tuple) else (np.arange(steps), given)
            for t, row in zip(times, value):
                adjoint[s][t + 1] += row
        for t in reversed(range(steps)):
            old = {s: run[s][t] for s in self.states}
            above = {s: adjoint[s][t + 1] for s in self.states}
            below, da, left = self.transpose(params, old, run["cache"][t], above)
            for s in self.states:
                adjoint[s][t] += below[s]
            for g in self.gates:
                grads[f"W_{g}"] += da[g].T @ run["x"][t]
                grads[f"U_{g}"] += da[g].T @ left.get(g, old["h"])
                grads[f"b_{g}"] += da[g].sum(0)
                dx[t] += da[g] @ params[f"W_{g}"]
        return adjoint, dx, grads

    def flow(self, params, run, cotangents):
        adjoint, dx, _ = self.sweep(params, run, cotangents)
        with np.errstate(divide="ignore"):
            log = {s: np.log(np.linalg.norm(a, axis=-1)) for s, a in adjoint.items()}
            log["x"] = np.log(np.linalg.norm(dx, axis=-1))
            log["state"] = np.log(np.sqrt(sum((a**2).sum(-1) for a in adjoint.values())))
        return SimpleNamespace(log_norm=log)

    def backward(self, params, run, cotangents):
        adjoint, dx, grads = self.sweep(params, run, cotangents)
        return SimpleNamespace(params=grads, x=dx, inputs={"x": dx}, states=adjoint)

    def pre(self, p, g, x, h):
        return x @ p[f"W_{g}"].T + h @ p[f"U_{g}"].T + p[f"b_{g}"]


class PlainRNN(PlainCell):
    name, gates = "rnn", ("h",)

    def step(self, p, x, s):
        h = np.tanh(self.pre(p, "h", x, s["h"]))
        return {"h": h}, h

    def transpose(self, p, old, h, above):
        da = above["h"] * (1 - h**2)
        return {"h": da @ p["U_h"]}, {"h": da}, {}


class PlainLSTM(PlainCell):
    name, gates, states, retention_gates = "lstm", ("i", "f", "g", "o"), ("h", "c"), (("f", 1),)

    def step(self, p, x, s):
        i, f, o = (sigmoid(self.pre(p, g, x, s["h"])) for g in "ifo")
        g = np.tanh(self.pre(p, "g", x, s["h"]))
        c = f * s["c"] + i * g
        return {"h": o * np.tanh(c), "c": c}, (i, f, g, o, np.tanh(c))

    def transpose(self, p, old, cache, above):
        i, f, g, o, th = cache
        dc = above["c"] + above["h"] * o * (1 - th**2)
        da = {
            "i": dc * g * i * (1 - i),
            "f": dc * old["c"] * f * (1 - f),
            "g": dc * i * (1 - g**2),
            "o": above["h"] * th * o * (1 - o),
        }
        return {"h": sum(da[k] @ p[f"U_{k}"] for k in self.gates), "c": dc * f}, da, {}


class PlainGRU(PlainCell):
    name, gates, retention_gates = "gru", ("z", "r", "g"), (("z", -1),)

    def step(self, p, x, s):
        z, r = (sigmoid(self.pre(p, k, x, s["h"])) for k in "zr")
        g = np.tanh(self.pre(p, "g", x, r * s["h"]))
        return {"h": (1 - z) * s["h"] + z * g}, (z, r, g)

    def transpose(self, p, old, cache, above):
        z, r, g = cache
        h, dh = old["h"], above["h"]
        da = {"z": dh * (g - h) * z * (1 - z), "g": dh * z * (1 - g**2)}
        into = da["g"] @ p["U_g"]
        da["r"] = into * h * r * (1 - r)
        below = dh * (1 - z) + into * r + da["z"] @ p["U_z"] + da["r"] @ p["U_r"]
        return {"h": below}, da, {"g": r * h}


def plain_cells():
    return [PlainRNN(), PlainLSTM(), PlainGRU()]

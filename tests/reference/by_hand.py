"""Four cells and their backpropagation through time, written by hand from the equations of derivations/.

Nothing here comes from gatedsym. Each function takes the numbers it computes with as an argument (`numbers.Exact` or
`numbers.Shaken`), so that the same lines give the digits of the reference and the measure of what rounding may do.

Arrays have a batch axis first: x[t] (B, m), states (B, n). ``v @ W.T`` is a product with every row of v.
"""


class Sums:
    """Gradients of parameters, which grow by one term a step."""

    def __init__(self, numbers):
        self.numbers, self.found = numbers, {}

    def affine(self, gate, d_a, x, h):
        """The gradients of a = W x + U h + b, given that of a."""
        for name, value in ((f"W{gate}", x), (f"U{gate}", h)):
            self.add(name, self.numbers.outer(d_a, value))
        self.add(f"b{gate}", self.numbers.over_batch(d_a))

    def add(self, name, term):
        self.found[name] = self.found[name] + term if name in self.found else term


def affine(numbers, p, gate, x, h):
    """W x + U h + b."""
    return numbers.times(x, p[f"W{gate}"]) + numbers.times(h, p[f"U{gate}"]) + p[f"b{gate}"]


def rnn(numbers, p, x, initial, d):
    """h' = tanh(W x + U h + b)."""
    h, a = [initial["h"]], []
    for x_t in x:
        a.append(affine(numbers, p, "", x_t, h[-1]))
        h.append(numbers.tanh(a[-1]))
    total, d_x, sums = [d["h"][-1]], [], Sums(numbers)
    for t in reversed(range(len(x))):
        d_a = total[-1] * numbers.tanh_slope(a[t])
        sums.affine("", d_a, x[t], h[t])
        d_x.append(numbers.times_transposed(d_a, p["W"]))
        back = numbers.times_transposed(d_a, p["U"])
        total.append(back + d["h"][t - 1] if t else back)
    return {"h": h}, {"a": a}, sums.found, d_x[::-1], {"h": total[::-1]}


def lstm(numbers, p, x, initial, d):
    """c' = f c + i g; h' = o tanh(c')."""
    h, c, a, gate = [initial["h"]], [initial["c"]], [], []
    for x_t in x:
        a.append({k: affine(numbers, p, f"_{k}", x_t, h[-1]) for k in "ifgo"})
        gate.append({k: numbers.tanh(v) if k == "g" else numbers.sigmoid(v) for k, v in a[-1].items()})
        c.append(gate[-1]["f"] * c[-1] + gate[-1]["i"] * gate[-1]["g"])
        h.append(gate[-1]["o"] * numbers.tanh(c[-1]))
    d_h, d_c, d_x, sums = [d["h"][-1]], [], [], Sums(numbers)
    carried = d["c"][-1]
    for t in reversed(range(len(x))):
        k, tanh_c = gate[t], numbers.tanh(c[t + 1])
        d_c.append(carried + d_h[-1] * k["o"] * numbers.tanh_slope(c[t + 1]))
        d_a = {
            "i": d_c[-1] * k["g"] * numbers.sigmoid_slope(a[t]["i"]),
            "f": d_c[-1] * c[t] * numbers.sigmoid_slope(a[t]["f"]),
            "g": d_c[-1] * k["i"] * numbers.tanh_slope(a[t]["g"]),
            "o": d_h[-1] * tanh_c * numbers.sigmoid_slope(a[t]["o"]),
        }
        for name, value in d_a.items():
            sums.affine(f"_{name}", value, x[t], h[t])
        d_x.append(numbers.total([numbers.times_transposed(v, p[f"W_{g}"]) for g, v in d_a.items()]))
        back = numbers.total([numbers.times_transposed(v, p[f"U_{g}"]) for g, v in d_a.items()])
        carried = d_c[-1] * k["f"]
        carried = carried + d["c"][t - 1] if t else carried
        d_h.append(back + d["h"][t - 1] if t else back)
    d_c.append(carried)
    gates = {k: [g[k] for g in gate] for k in "ifgo"}
    sources = {f"a_{k}": [v[k] for v in a] for k in "ifgo"}
    return {"h": h, "c": c, **gates}, sources, sums.found, d_x[::-1], {"h": d_h[::-1], "c": d_c[::-1]}


def gru(numbers, p, x, initial, d):
    """h' = (1 - z) h + z g, the reset gate before the recurrent product."""
    h, a, gate = [initial["h"]], [], []
    for x_t in x:
        before = {k: affine(numbers, p, f"_{k}", x_t, h[-1]) for k in "zr"}
        z, r = numbers.sigmoid(before["z"]), numbers.sigmoid(before["r"])
        before["g"] = affine(numbers, p, "_g", x_t, r * h[-1])
        a.append(before)
        gate.append({"z": z, "r": r, "g": numbers.tanh(before["g"])})
        h.append(numbers.sigmoid(-before["z"]) * h[-1] + z * gate[-1]["g"])
    d_h, d_x, sums = [d["h"][-1]], [], Sums(numbers)
    for t in reversed(range(len(x))):
        k, d_a = gate[t], {}
        d_a["z"] = d_h[-1] * (k["g"] - h[t]) * numbers.sigmoid_slope(a[t]["z"])
        d_a["g"] = d_h[-1] * k["z"] * numbers.tanh_slope(a[t]["g"])
        d_reset = numbers.times_transposed(d_a["g"], p["U_g"])  # of r h
        d_a["r"] = d_reset * h[t] * numbers.sigmoid_slope(a[t]["r"])
        sums.affine("_z", d_a["z"], x[t], h[t])
        sums.affine("_r", d_a["r"], x[t], h[t])
        sums.affine("_g", d_a["g"], x[t], k["r"] * h[t])
        d_x.append(numbers.total([numbers.times_transposed(d_a[g], p[f"W_{g}"]) for g in "zrg"]))
        back = d_h[-1] * numbers.sigmoid(-a[t]["z"]) + d_reset * k["r"]
        back = back + numbers.total([numbers.times_transposed(d_a[g], p[f"U_{g}"]) for g in "zr"])
        d_h.append(back + d["h"][t - 1] if t else back)
    gates = {k: [g[k] for g in gate] for k in "zrg"}
    return {"h": h, **gates}, {f"a_{k}": [v[k] for v in a] for k in "zrg"}, sums.found, d_x[::-1], {"h": d_h[::-1]}


def gru_torch(numbers, p, x, initial, d):
    """h' = (1 - z) g + z h, the reset gate after the recurrent product, which has a bias of its own."""
    h, a, gate = [initial["h"]], [], []
    for x_t in x:
        before = {k: affine(numbers, p, f"_{k}", x_t, h[-1]) for k in "zr"}
        z, r = numbers.sigmoid(before["z"]), numbers.sigmoid(before["r"])
        inner = numbers.times(h[-1], p["U_g"]) + p["v_g"]
        before["g"] = numbers.times(x_t, p["W_g"]) + p["b_g"] + r * inner
        a.append(before)
        gate.append({"z": z, "r": r, "g": numbers.tanh(before["g"]), "inner": inner})
        h.append(numbers.sigmoid(-before["z"]) * gate[-1]["g"] + z * h[-1])
    d_h, d_x, sums = [d["h"][-1]], [], Sums(numbers)
    for t in reversed(range(len(x))):
        k, d_a = gate[t], {}
        d_a["z"] = d_h[-1] * (h[t] - k["g"]) * numbers.sigmoid_slope(a[t]["z"])
        d_a["g"] = d_h[-1] * numbers.sigmoid(-a[t]["z"]) * numbers.tanh_slope(a[t]["g"])
        d_a["r"] = d_a["g"] * k["inner"] * numbers.sigmoid_slope(a[t]["r"])
        d_inner = d_a["g"] * k["r"]
        sums.affine("_z", d_a["z"], x[t], h[t])
        sums.affine("_r", d_a["r"], x[t], h[t])
        sums.add("W_g", numbers.outer(d_a["g"], x[t]))
        sums.add("b_g", numbers.over_batch(d_a["g"]))
        sums.add("U_g", numbers.outer(d_inner, h[t]))
        sums.add("v_g", numbers.over_batch(d_inner))
        d_x.append(numbers.total([numbers.times_transposed(d_a[g], p[f"W_{g}"]) for g in "zrg"]))
        before = {"z": d_a["z"], "r": d_a["r"], "g": d_inner}
        back = d_h[-1] * k["z"]
        back = back + numbers.total([numbers.times_transposed(before[g], p[f"U_{g}"]) for g in "zrg"])
        d_h.append(back + d["h"][t - 1] if t else back)
    gates = {k: [g[k] for g in gate] for k in "zrg"}
    return {"h": h, **gates}, {f"a_{k}": [v[k] for v in a] for k in "zrg"}, sums.found, d_x[::-1], {"h": d_h[::-1]}


CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru, "gru_torch": gru_torch}
STATES = {"rnn": ("h",), "lstm": ("h", "c"), "gru": ("h",), "gru_torch": ("h",)}

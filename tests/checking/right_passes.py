"""A number → a forward and a backward pass that are right, in a style drawn by it: text of a file, and its cell.

Axes, orientation and stacking of matrices, names, orders of gates, how parameters are passed and gradients returned,
functions or a class, single precision, means over the batch: each is drawn by itself.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

GATES = {"rnn": "h", "lstm": "ifgo", "gru": "zrg", "gru_torch": "zrg", "cifg": "igo", "gru_cho_sign": "zrg"}
FORWARD = {
    "rnn": ["h = np.tanh(ah)"],
    "lstm": ["i, f, g, o = s(ai), s(af), np.tanh(ag), s(ao)", "c = f * c_prev + i * g", "h = o * np.tanh(c)"],
    "cifg": ["i, g, o = s(ai), np.tanh(ag), s(ao)", "c = (1 - i) * c_prev + i * g", "h = o * np.tanh(c)"],
    "gru": ["z, r = s(az), s(ar)", "@rh", "g = np.tanh(ag)", "h = (1 - z) * h_prev + z * g"],
    "gru_cho_sign": ["z, r = s(az), s(ar)", "@rh", "g = np.tanh(ag)", "h = z * h_prev + (1 - z) * g"],
    "gru_torch": ["z, r = s(az), s(ar)", "@uh", "g = np.tanh(xg + r * q)", "h = (1 - z) * g + z * h_prev"],
}
LSTM_BACK = ["tc = np.tanh(c)", "do = dh * tc", "dc = dc + dh * o * (1 - tc**2)"]
BACKWARD = {
    "rnn": ["dah = dh * (1 - h**2)"],
    "lstm": [*LSTM_BACK, "df, di, dg = dc * c_prev, dc * g, dc * i", "dc_prev = dc * f",
             "dai, daf, dag, dao = di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)"],
    "cifg": [*LSTM_BACK, "di, dg = dc * (g - c_prev), dc * i", "dc_prev = dc * (1 - i)",
             "dai, dag, dao = di * i * (1 - i), dg * (1 - g**2), do * o * (1 - o)"],
    "gru": ["dag = dh * z * (1 - g**2)", "daz = dh * (g - h_prev) * z * (1 - z)", "@rh",
            "dar = drh * h_prev * r * (1 - r)",
            "dh_prev = dh * (1 - z) + drh * r"],
    "gru_cho_sign": ["dag = dh * (1 - z) * (1 - g**2)", "daz = dh * (h_prev - g) * z * (1 - z)", "@rh",
                     "dar = drh * h_prev * r * (1 - r)", "dh_prev = dh * z + drh * r"],
    "gru_torch": ["dag = dh * (1 - z) * (1 - g**2)", "daz = dh * (h_prev - g) * z * (1 - z)",
                  "dar = dag * q * r * (1 - r)", "dq = dag * r", "dh_prev = dh * z"],
}  # fmt: skip
SEPARATE = [("W_{}", "U_{}", "b_{}"), ("Wx{}", "Wh{}", "b{}"), ("W_x{}", "W_h{}", "b_{}"), ("W{}", "U{}", "b{}")]
STACKED = [("Wx", "Wh", "b"), ("weight_ih", "weight_hh", "bias"), ("Wxh", "Whh", "bh"), ("W", "U", "b")]
HS = {"h_prev": ["h_prev", "prev_h", "h0", "hprev"], "c_prev": ["c_prev", "prev_c", "c0", "cprev"]}


@dataclass
class Style:
    """Everything that is drawn."""

    number: int
    cell: str = ""
    rows: str = ""
    turned: bool = False
    kind: str = ""
    names: tuple[str, ...] = ()
    order: str = ""
    axes: str = ""
    passed: str = ""
    returned: str = ""
    single: bool = False
    mean: bool = False
    wrapped: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        return ["h", "c"] if self.cell in ("lstm", "cifg") else ["h"]


def draw_style(number: int) -> Style:
    """The style of a number."""
    draw = random.Random(number)
    style = Style(number, cell=draw.choice(list(GATES)))
    style.rows = draw.choice(["rows", "columns", "vector"])
    style.turned = draw.random() < (0.7 if style.rows == "rows" else 0.3)
    kinds = ["separate", "stacked"] + (["joint", "stacked joint"] if style.cell != "gru_torch" else [])
    style.kind = draw.choice(kinds)
    if style.kind == "separate":
        style.names = draw.choice(SEPARATE)
    elif style.kind == "joint":
        style.names = ("W{}", "", "b{}")
    else:
        style.names = draw.choice(STACKED) if style.kind == "stacked" else ("W", "", "b")
    gates = list(GATES[style.cell])
    draw.shuffle(gates)
    style.order = "".join(gates)
    timed = {"rows": ["TB", "BT"], "columns": ["nBT", "TnB", "list"], "vector": ["T", "list"]}[style.rows]
    style.axes = draw.choice(["step", *timed])
    style.passed = draw.choice(["dict", "arguments"])
    style.returned = draw.choice(["dict", "tuple"]) if style.kind.startswith("stacked") else "dict"
    style.single = draw.random() < 0.2
    style.mean = draw.random() < 0.2 and style.rows != "vector"
    style.wrapped = draw.choice(["", "", "returns", "keeps"])  # functions, or a class that returns or keeps gradients
    return style


class Writer:
    """The text of a style."""

    def __init__(self, style: Style) -> None:
        self.s = style
        self.gates = GATES[style.cell]
        self.hx = random.Random(style.number).random() < 0.5

    # Arrays.

    def _rows_of(self, name: str, gate: str, rest: str = "") -> str:
        """The block of a gate in a stacked array."""
        n = self.s.order.index(gate)
        cut = f"{n} * n:{n + 1} * n"
        if rest:
            return f"{name}[{rest}, {cut}]" if self.s.turned else f"{name}[{cut}, {rest}]"
        return f"{name}[:, {cut}]" if self.s.turned else f"{name}[{cut}]"

    def _name(self, which: int, gate: str) -> str:
        name = self.s.names[which]
        return name.format("" if self.s.cell == "rnn" and self.s.kind == "separate" and name[-3:] == "_{}" else gate)

    def names(self) -> list[str]:
        """Her arrays."""
        if self.s.kind in ("separate", "joint"):
            places = (0, 1, 2) if self.s.kind == "separate" else (0, 2)
            found = [self._name(p, g) for p in places for g in self.gates]
        else:
            found = [n for n in self.s.names if n]
        return [*found, "v_g"] if self.s.cell == "gru_torch" else found

    def matrix(self, gate: str, of: str, gradient: bool = False) -> str:
        """The matrix of a gate that acts on x or h."""
        mark = "d" if gradient else ""
        if self.s.kind == "separate":
            return mark + self._name(0 if of == "x" else 1, gate)
        if self.s.kind == "stacked":
            return self._rows_of(mark + self.s.names[0 if of == "x" else 1], gate)
        first = (of == "h") == self.hx
        size = "n" if self.hx else "m"
        rest = f":{size}" if first else f"{size}:"
        if self.s.kind == "joint":
            name = mark + self._name(0, gate)
            return f"{name}[{rest}]" if self.s.turned else f"{name}[:, {rest}]"
        return self._rows_of(mark + self.s.names[0], gate, rest)

    def bias(self, gate: str, gradient: bool = False) -> str:
        mark = "d" if gradient else ""
        if self.s.kind in ("separate", "joint"):
            return mark + self._name(2, gate)
        n = self.s.order.index(gate)
        return f"{mark}{self.s.names[2]}[{n} * n:{n + 1} * n]"

    def times(self, matrix: str, vector: str, back: bool = False) -> str:
        """A matrix, or its transpose, times a vector."""
        turned = self.s.turned != back
        if self.s.rows == "rows":
            return f"{vector} @ {matrix}" if turned else f"{vector} @ {matrix}.T"
        return f"{matrix}.T @ {vector}" if turned else f"{matrix} @ {vector}"

    def outer(self, adjoint: str, vector: str) -> str:
        a, b = (vector, adjoint) if self.s.turned else (adjoint, vector)
        if self.s.rows == "vector":
            return f"np.outer({a}, {b})"
        return f"{a}.T @ {b}" if self.s.rows == "rows" else f"{a} @ {b}.T"

    def summed(self, adjoint: str) -> str:
        how = {"rows": ".sum(0)", "columns": ".sum(1, keepdims=True)", "vector": ""}
        return adjoint + how[self.s.rows]

    # One step.

    def forward_step(self) -> list[str]:
        late = "g" if self.s.cell.startswith("gru") else ""
        lines = [self._argument(g, "h_prev") for g in self.gates if g != late]
        for line in FORWARD[self.s.cell]:
            if line == "@rh":
                lines += ["rh = r * h_prev", self._argument("g", "rh")]
            elif line == "@uh":
                lines.append(f"q = {self.times(self.matrix('g', 'h'), 'h_prev')} + v_g")
                lines.append(f"xg = {self.times(self.matrix('g', 'x'), 'x')} + {self.bias('g')}")
            else:
                lines.append(line)
        return lines

    def _argument(self, gate: str, hidden: str) -> str:
        w, u = self.matrix(gate, "x"), self.matrix(gate, "h")
        return f"a{gate} = {self.times(w, 'x')} + {self.times(u, hidden)} + {self.bias(gate)}"

    def backward_step(self) -> list[str]:
        gru = self.s.cell.startswith("gru")
        lines = []
        for line in BACKWARD[self.s.cell]:
            lines.append(f"drh = {self.times(self.matrix('g', 'h'), 'dag', True)}" if line == "@rh" else line)
        into_h = [self.times(self.matrix(g, "h"), f"da{g}", True) for g in self.gates if not (gru and g == "g")]
        if self.s.cell == "gru_torch":
            into_h.append(self.times(self.matrix("g", "h"), "dq", True))
        lines.append(f"dh_prev = {'dh_prev + ' if gru else ''}{' + '.join(into_h)}")
        lines.append("dx_t = " + " + ".join(self.times(self.matrix(g, "x"), f"da{g}", True) for g in self.gates))
        for g in self.gates:
            hidden = "(r * h_prev)" if gru and g == "g" and self.s.cell != "gru_torch" else "h_prev"
            adjoint = "dq" if self.s.cell == "gru_torch" and g == "g" else f"da{g}"
            lines.append(f"{self.matrix(g, 'x', True)} += {self.outer(f'da{g}', 'x')}")
            lines.append(f"{self.matrix(g, 'h', True)} += {self.outer(adjoint, hidden)}")
            lines.append(f"{self.bias(g, True)} += {self.summed(f'da{g}')}")
        if self.s.cell == "gru_torch":
            lines.append(f"dv_g += {self.summed('dq')}")
        return lines

    # The file.

    def text(self) -> str:
        """The whole file."""
        s = self.s
        head = ["import numpy as np", "", "", "def s(a):", "    return 1 / (1 + np.exp(-a))", "", ""]
        level = "step" if s.axes == "step" else "sequence"
        names = self.names()
        states = [f"{name}_prev" for name in s.states] if s.axes == "step" else [f"{name}0" for name in s.states]
        given = ["params"] if s.passed == "dict" else names
        body = self._taken() + (self._forward_of_step(states) if s.axes == "step" else self._forward_of_all(states))
        coming = [f"d{name}" for name in s.states] if s.axes == "step" else ["dout"]
        under = self._taken(False) + (self._backward_of_step() if s.axes == "step" else self._backward_of_all())
        if s.wrapped:
            return "\n".join([*head, *self._class(level, given, (["x", *states], body), (coming, under)), ""])
        head.append(f"def {s.cell}_{level}_forward(x, {', '.join(states)}, {', '.join(given)}):")
        back = ["", "", f"def {s.cell}_{level}_backward({', '.join(coming)}, cache, {', '.join(given)}):"]
        return "\n".join([*head, *(f"    {line}" for line in body), *back, *(f"    {line}" for line in under), ""])

    def _class(
        self, level: str, given: list[str], forward: tuple[list[str], list[str]], backward: tuple[list[str], list[str]]
    ) -> list[str]:
        """The same as methods: parameters are given to the constructor, and the object keeps what is cached."""
        own = [f"{name} = self.{name}" for name in given]
        *body, last = forward[1]
        shown, _, cached = last.rpartition(", (n, m")
        body += [f"self.cache = (n, m{cached}", shown]
        methods = {
            f"__init__(self, {', '.join(given)})": [f"self.{name} = {name}" for name in given],
            f"forward(self, {', '.join(forward[0])})": [*own, *body],
            f"backward(self, {', '.join(backward[0])})": [*own, "cache = self.cache", *backward[1]],
        }
        lines = [f"class {self.s.cell.upper()}{level.title()}:"]
        for head, under in methods.items():
            lines += [f"    def {head}:", *(f"        {line}" for line in under), ""]
        return lines

    def _taken(self, forward: bool = True) -> list[str]:
        s = self.s
        lines = [f"{n} = params[{n!r}]" for n in self.names()] if s.passed == "dict" else []
        if s.single and forward:
            lines += [f"{n} = {n}.astype(np.float32)" for n in (*self.names(), "x")] if s.axes != "list" else []
            where = "_prev" if s.axes == "step" else "0"
            lines += [f"{n}{where} = {n}{where}.astype(np.float32)" for n in s.states] if s.axes != "list" else []
        first = "h_prev" if s.axes == "step" else "h0"
        axis = "1" if s.rows == "rows" else "0"
        if forward:
            lines += [f"n = {first}.shape[{axis}]", f"m = {self._features()}"]
        return lines

    def _features(self) -> str:
        s = self.s
        if s.axes == "step":
            return f"x.shape[{'1' if s.rows == 'rows' else '0'}]"
        return {"TB": "x.shape[2]", "BT": "x.shape[2]", "nBT": "x.shape[0]", "TnB": "x.shape[1]", "T": "x.shape[1]",
                "list": "x[0].shape[0]"}[s.axes]  # fmt: skip

    def _values(self) -> str:
        kept = {"rnn": "h", "lstm": "i, f, g, o, c", "cifg": "i, g, o, c", "gru": "z, r, g", "gru_cho_sign": "z, r, g",
                "gru_torch": "z, r, g, q"}[self.s.cell]  # fmt: skip
        own = ", ".join(f"{name}_prev" for name in self.s.states)
        return f"x, {own}, {kept}"

    def _forward_of_step(self, states: list[str]) -> list[str]:
        return [*self.forward_step(), f"return {', '.join(self.s.states)}, (n, m, {self._values()})"]

    def _forward_of_all(self, states: list[str]) -> list[str]:
        s = self.s
        start = [f"{name}_prev = {name}0" for name in s.states]
        pick = {"BT": "xs[:, t]", "nBT": "xs[:, :, t]"}.get(s.axes, "xs[t]")
        loop = [f"x = {pick}", *self.forward_step(), "hs.append(h)", f"tape.append(({self._values()}))"]
        loop += [f"{name}_prev = {name}" for name in s.states]
        axis = {"TB": 0, "BT": 1, "nBT": 2, "TnB": 0, "T": 0}.get(s.axes)
        out = "hs" if axis is None else f"np.stack(hs, axis={axis})"
        steps = {"BT": "xs.shape[1]", "nBT": "xs.shape[2]"}.get(s.axes, "len(xs)")
        return ["xs, hs, tape = x, [], []", *start, f"for t in range({steps}):", *(f"    {line}" for line in loop),
                f"return {out}, (n, m, tape)"]  # fmt: skip

    def _zeros(self) -> list[str]:
        return [f"d{n} = np.zeros_like({n})" for n in self.names()]

    def _ending(self, more: list[str]) -> list[str]:
        s = self.s
        scale = []
        if s.mean:
            axis = "0" if s.rows == "rows" else "1"
            scale = [f"d{n} = d{n} / x.shape[{axis}]" for n in self.names()]
        if s.wrapped == "keeps":
            return [*scale, *(f"self.d{n} = d{n}" for n in self.names()), f"return {', '.join(more)}"]
        names = [*more, *(f"d{n}" for n in self.names())]
        if s.returned == "tuple":
            return [*scale, f"return {', '.join(names)}"]
        return [*scale, f"return {{{', '.join(f'{n!r}: {n}' for n in names)}}}"]

    def _backward_of_step(self) -> list[str]:
        back = [f"d{name}_prev" for name in self.s.states]
        start = [f"n, m, {self._values()} = cache", *self._zeros(), *self.backward_step(), "dx = dx_t"]
        return [*start, *self._ending(["dx", *back])]

    def _backward_of_all(self) -> list[str]:
        s = self.s
        pick = {"BT": "dout[:, t]", "nBT": "dout[:, :, t]"}.get(s.axes, "dout[t]")
        loop = [f"{self._values()} = tape[t]", f"dh = dh + {pick}", *self.backward_step()]
        loop += ["dxs[t] = dx_t", "dh = dh_prev"]
        loop += ["dc = dc_prev"] if "c" in s.states else []
        axis = {"TB": 0, "BT": 1, "nBT": 2, "TnB": 0, "T": 0}.get(s.axes)
        start = ["n, m, tape = cache", *self._zeros(), "dxs = [None] * len(tape)", "dh = np.zeros_like(tape[0][1])"]
        start += ["dc = np.zeros_like(tape[0][2])"] if "c" in s.states else []
        out = "dxs" if axis is None else f"np.stack(dxs, axis={axis})"
        end = [f"dx = {out}", "dh0 = dh", *(["dc0 = dc"] if "c" in s.states else [])]
        back = ["dx", "dh0", *(["dc0"] if "c" in s.states else [])]
        loop = ["for t in reversed(range(len(tape))):", *(f"    {line}" for line in loop)]
        return [*start, *loop, *end, *self._ending(back)]


def right_pass(number: int) -> tuple[str, str, Style]:
    """Text of a file, the cell that it is, and its style."""
    style = draw_style(number)
    return Writer(style).text(), style.cell, style

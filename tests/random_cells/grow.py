"""A seed → a well-typed random cell: declarations, locals, micro-steps, outputs, next states."""

from __future__ import annotations

import random
from dataclasses import replace

from random_cells.cell import Line, RandomCell
from random_cells.tree import FUNCTIONS, Node, Shape, name, number

PLAIN = {
    "inputs": ["x", "u", "time"],
    "states": ["h", "c", "s", "M"],
    "parameters": [f"{a}_{b}" for a in "WUVAB" for b in "fgioz"] + ["w", "v", "p_1", "p_2", "K", "Q"],
    "locals": ["f", "g", "i", "o", "z", "a", "r", "e_1", "e_2"],
    "outputs": ["y", "y_2"],
    "constants": ["alpha", "eps", "tau"],
}
"""Names that people give."""

HOSTILE = [
    "steps", "t", "b", "b0", "b1", "first", "last", "segment", "share", "team", "chunk", "chunks", "d", "d0", "d1",
    "e", "up", "row", "rows", "scratch", "total", "one", "two", "zero", "half", "number", "c_1em20", "exponents",
    "squares", "carried", "given", "given_h", "new_dot_h", "pack_block", "allocate", "rows_of_steps", "packed_panels",
    "multiply", "multiply_add", "kernel", "real", "copy", "clear", "shift", "align", "larger", "largest", "exponent",
    "square_sum", "outer_add", "signal_started", "h_prev", "h_row", "h_rows", "h_next", "h_next_row", "x_row",
    "h_lag2", "h_here", "a_here", "a_now", "b_row", "W_panels", "W_stack", "W_x", "a_h", "a_f", "one_minus_z",
    "one_minus_h_squared", "tanh_h", "sum_v", "n_size", "operand_h", "y_value", "h_value", "delta_n", "J_h_next_h",
    "ties_a", "share_a", "attained_a", "h_terms", "h_through_h", "h_total", "j", "k", "q", "l", "INTERFACE",
    "forward", "backward", "gradients", "finish", "flow", "tangent", "jacobian", "arrays", "sigmoid_h", "sech2_a",
    "maximum", "absolute", "half_step", "T", "B", "self", "log_ratio_f", "share_of_f", "v_in", "dot_", "W_etc",
    "zero_row", "identity", "equal", "minimum", "sign", "ldexp", "add_shifted", "multiply_steps",
    "multiply_add_steps", "normal_cdf", "sech2", "recall", "x_1", "x_2", "h_1", "pack_side_by_side", "pack_stacked",
]  # fmt: skip
"""Names that generated code uses, or looks as if it did."""

SMOOTH = ("sigmoid", "tanh", "sin", "cos", "softplus", "softsign", "silu", "gelu", "gelu_tanh", "log_sigmoid", "elu",
          "erf", "atan")  # fmt: skip


class Growing:
    """Draws one cell."""

    def __init__(self, seed: int) -> None:
        self.seed, self.dice = seed, random.Random(seed)
        dice = self.dice
        self.hostile = dice.random() < 0.3
        self.taken: set[str] = {"n", "m", "r", "p", "l", "i", "j", "q"} - (
            {"l", "j", "q", "i"} if self.hostile else set()
        )
        self.sizes = {"n": dice.choice([2, 2, 4, 3])}
        self.given, self.size_lines = ["n"], []
        self._further_dimensions()
        self.inputs: dict[str, Shape] = {}
        self.states: dict[str, Shape] = {}
        self.delays: dict[str, int] = {}
        self.parameters: dict[str, Shape] = {}
        self.constants: dict[str, str] = {}
        self.lines: list[Line] = []
        self.outputs: list[str] = []
        self.pool: list[Node] = []
        self.alone = 0.0  # how likely a leaf is a parameter or a number

    # Declarations.

    def _further_dimensions(self) -> None:
        dice = self.dice
        if self.sizes["n"] % 2 == 0 and dice.random() < 0.3:
            self.sizes["r"] = self.sizes["n"] // 2
            self.size_lines.append(dice.choice(["r = n/2", "dim r = n / 2"]))
        if dice.random() < 0.25:
            self.sizes["p"] = dice.choice([1, 2, 3])
            self.given.append("p")

    def _name(self, kind: str) -> str:
        wishes = HOSTILE if self.hostile and self.dice.random() < 0.6 else PLAIN[kind]
        free = [w for w in wishes if w not in self.taken and not w.endswith("_")]
        chosen = self.dice.choice(free) if free else f"{kind[0]}{len(self.taken)}"
        self.taken.add(chosen)
        return chosen

    def _vector(self) -> Shape:
        return (self.dice.choice(["n", "n", "n", *(d for d in self.sizes if d != "n"), "2"]),)

    def _declare(self) -> None:
        dice = self.dice
        for _ in range(dice.choice([0, 1, 1, 1, 1, 2, 2, 3])):
            if "m" not in self.sizes:
                self.sizes["m"] = dice.choice([1, 2, 3])
                if dice.random() < 0.1:
                    self.sizes["m"] = self.sizes["n"]
                    self.size_lines.append("m = n")
                else:
                    self.given.append("m")
            chosen = self._name("inputs")
            shape = dice.choice([("m",), ("m",), ("n",), (), ("n", "m")])
            self.inputs[chosen] = shape
            self.delays[chosen] = dice.choice([0, 0, 0, 0, 0, 1, 2])
            self.pool.append(name(chosen, shape))
            if self.delays[chosen]:
                self.pool.append(name(f"{chosen}[-{self.delays[chosen]}]", shape))
        for _ in range(dice.choice([0, 1, 1, 1, 2, 2, 3])):
            chosen = self._name("states")
            shape = dice.choice(
                [("n",), ("n",), ("n",), ("n",), (), ("n", "n"), self._vector(), ("n", *self._vector())]
            )
            self.states[chosen] = shape
            self.delays[chosen] = dice.choice([1, 1, 1, 1, 1, 2, 3])
            self.pool.append(name(chosen, shape))
            if self.delays[chosen] > 1:
                self.pool.append(name(f"{chosen}[-{self.delays[chosen]}]", shape))

    def parameter(self, shape: Shape) -> Node:
        """A parameter of this shape: one that is there already, now and then."""
        same = [n for n, s in self.parameters.items() if s == shape and "[" not in n]
        if same and self.dice.random() < 0.3:
            return name(self.dice.choice(same), shape)
        chosen = self._name("parameters")
        self.parameters[chosen] = shape
        return name(chosen, shape)

    # Expressions.

    def leaf(self, shape: Shape) -> Node:
        """A name of this shape, or a number."""
        found = [] if self.dice.random() < self.alone else [n for n in self.pool if n.shape == shape]
        if found and self.dice.random() < 0.75:
            return self.dice.choice(found)
        if not shape and self.dice.random() < 0.4:
            return self._number()
        return self.parameter(shape)

    def _number(self) -> Node:
        dice = self.dice
        if dice.random() < 0.2:
            chosen = self._name("constants")
            self.constants[chosen] = dice.choice(["0.95", "3", "1e-20", "0.1", "2.5e-7", "1e-300"])
            return name(chosen, ())
        return number(dice.choice(["1", "2", "0.5", "0.1", "3", "0.25", "1e-20", "0", "0.123456789012345678901", "1"]))

    def tree(self, shape: Shape, depth: int) -> Node:
        """An expression of this shape."""
        if depth <= 0 or self.dice.random() < 0.1:
            return self.leaf(shape)
        kinds = {(): self._scalar}.get(shape, self._array)
        return kinds(shape, depth - 1)

    def _any(self, shape: Shape, depth: int) -> Node:
        """What every shape has: functions, sums, products, quotients."""
        dice, tree = self.dice, self.tree
        kind = dice.choice(["function"] * 4 + ["+"] * 4 + ["-"] * 2 + ["*"] * 4 + ["/", "power", "root", "log", "minus",
                           "gate", "least", "max", "min", "function", "tiny", "huge", "same"])  # fmt: skip
        if kind == "function":
            chosen = dice.choice([*SMOOTH, *SMOOTH, *FUNCTIONS])
            inner = tree(shape, depth)
            return Node("function", (_bounded(inner) if chosen == "exp" else inner,), shape, chosen)
        if kind in ("+", "-", "*", "max", "min"):
            return Node(kind, (self._operand(shape, depth), tree(shape, depth))[:: dice.choice([1, -1])], shape)
        if kind == "/":
            return Node("/", (tree(shape, depth), _beyond_one(tree(shape, depth - 1))), shape)
        if kind == "power" and len(shape) == 2:  # the power of a matrix is another thing
            return _square(tree(shape, depth))
        if kind == "power":
            base, power = tree(shape, depth), dice.choice(["2", "2", "3", "-1", "-2"])
            return Node("power", (_beyond_one(base) if power[0] == "-" else base,), shape, power)
        if kind in ("root", "log"):
            return Node(kind, (_beyond_one(tree(shape, depth)),), shape)
        if kind == "minus":
            return Node("minus", (tree(shape, depth),), shape)
        if kind == "gate":  # z * a + (1 - z) * b
            gate = Node("function", (tree(shape, depth - 1),), shape, "sigmoid")
            rest = Node("-", (number("1"), gate), shape)
            kept, new = (Node("*", (g, tree(shape, depth - 1)), shape) for g in (gate, rest))
            return Node("+", (kept, new), shape)
        if kind == "same":
            inner = tree(shape, depth - 1)
            return Node("-", (tree(shape, depth), Node("-", (inner, inner), shape)), shape)
        if kind == "least":
            return Node("max", (tree(shape, depth), number(dice.choice(["-0.05", "0.01", "-1e30"]))), shape)
        if kind == "tiny":
            return Node(dice.choice("+*"), (tree(shape, depth), number("1e-20")), shape)
        return Node("min", (tree(shape, depth), number("1e300")), shape)

    def _operand(self, shape: Shape, depth: int) -> Node:
        """One side of a sum or product: of the shape, or a number that is spread."""
        spread = shape and self.dice.random() < 0.25
        return self.tree((), depth - 1) if spread else self.tree(shape, depth)

    def _scalar(self, shape: Shape, depth: int) -> Node:
        if self.dice.random() < 0.4:
            return self._any(shape, depth)
        inner = self.dice.choice([self._vector(), self._vector(), ("n", "n"), ("n", *self._vector())])
        kind = self.dice.choice(["dot", "sum", "mean", "largest", "smallest", "vector product"])
        if kind == "dot":
            return Node("dot", (self.tree(inner, depth), self.tree(inner, depth)), ())
        if kind == "vector product":
            inner = inner[:1]
            return Node("@", (Node(".T", (self.tree(inner, depth),), inner), self.tree(inner, depth)), ())
        if self.dice.random() < 0.15:
            return Node(kind, (self._stack(depth),), ())
        return Node(kind, (self.tree(inner, depth),), ())

    def _stack(self, depth: int) -> Node:
        """A stack of vectors and numbers."""
        parts = [
            self.tree(self.dice.choice([self._vector(), self._vector(), ()]), depth - 1)
            for _ in range(self.dice.choice([2, 2, 3]))
        ]
        if not any(p.shape for p in parts):
            parts.append(self.leaf(("n",)))
        axis = "+".join(p.shape[0] if p.shape else "1" for p in parts)
        return Node("stack", tuple(parts), (axis,))

    def _array(self, shape: Shape, depth: int) -> Node:
        if self.dice.random() < 0.5:
            return self._any(shape, depth)
        return self._of_vector(shape, depth) if len(shape) == 1 else self._of_matrix(shape, depth)

    def _of_vector(self, shape: Shape, depth: int) -> Node:
        dice = self.dice
        kind = dice.choice(["@"] * 8 + ["affine"] * 3 + ["stack", "stack", "softmax", "centred", "scaled", "row"])
        if kind == "stack":
            below = self._stack(depth)
            return Node("@", (self.parameter((*shape, *below.shape)), below), shape)
        if kind in ("softmax", "centred", "scaled"):
            inner = self.tree(shape, depth)
            if kind != "softmax":
                return Node(kind, (inner,), shape)
            above = Node("function", (_bounded(inner),), shape, "exp")
            return Node("/", (above, Node("sum", (above,), ())), shape)
        inner = self._vector()
        if kind == "row":
            row = Node(".T", (self.tree(inner, depth),), inner)
            return Node(".T", (Node("@", (row, self._matrix((*inner, *shape), depth)), shape),), shape)
        product = Node("@", (self._matrix((*shape, *inner), depth), self.tree(inner, depth)), shape)
        return product if kind == "@" else Node("+", (product, self.leaf(shape)), shape)

    def _matrix(self, shape: Shape, depth: int) -> Node:
        """Most matrices are parameters; some are transposed, some computed."""
        chance = self.dice.random()
        if chance < 0.6:
            return self.parameter(shape)
        if chance < 0.8:
            return Node(".T", (self.leaf(shape[::-1]),), shape)
        return self.tree(shape, depth - 1)

    def _of_matrix(self, shape: Shape, depth: int) -> Node:
        kind = self.dice.choice(["outer", "outer", "@", ".T"])
        if kind == "outer":
            return Node("outer", (self.tree(shape[:1], depth), self.tree(shape[1:], depth)), shape)
        if kind == ".T":
            return Node(".T", (self.tree(shape[::-1], depth - 1),), shape)
        inner = self._vector()
        return Node("@", (self._matrix((shape[0], *inner), depth), self._matrix((*inner, shape[1]), depth)), shape)

    # Lines.

    def _local(self) -> None:
        dice = self.dice
        self.alone = dice.choice([0.0, 0.0, 0.2, 1.0])
        shape = dice.choice([("n",), ("n",), ("n",), (), self._vector(), ("n", *self._vector())])
        kind = dice.random()
        if kind < 0.1:
            self._index_form(shape)
        elif kind < 0.18 and len(shape) == 1:
            self._micro_steps(shape)
        else:
            right = self.tree(shape, dice.choice([1, 2, 3, 3]))
            if any(right.names()):  # a number alone would be a constant
                self._add(self._name("locals"), right)
        self.alone = 0.0

    def _add(self, target: str, right: Node, indices: str = "") -> None:
        self.lines.append(Line(target, right, indices))
        self.pool += [name(target, right.shape)] * 2

    def _index_form(self, shape: Shape) -> None:
        """``a[i,j] = sum[q] A[i,q] * B[j,q]``, its factors names."""
        letters = "ij"[: len(shape)]
        dims = dict(zip(letters, shape, strict=True)) | {"q": self._vector()[0]}
        words = [
            self.dice.choice([*letters, *(w + "q" for w in letters), "q"]) for _ in range(self.dice.choice([1, 2, 3]))
        ]
        missing = "".join(i for i in letters if not any(i in w for w in words))
        words = [*words, f"{missing}q"]
        refs = [self.leaf(tuple(dims[i] for i in w)) for w in words]
        refs = [r if "[" not in r.text and r.op == "name" else self.parameter(r.shape) for r in refs]
        product = " * ".join(f"{r.text}[{','.join(w)}]" for r, w in zip(refs, words, strict=True))
        text = f"sum[q] {product}|{','.join(words)}->{letters}"
        self._add(self._name("locals"), Node("index form", tuple(refs), shape, text), ",".join(letters))

    def _micro_steps(self, shape: Shape) -> None:
        target, count = self._name("locals"), self.dice.choice([1, 2, 3])
        base = self._name("parameters")
        self.parameters |= {f"{base}[{k}]": (*shape, *shape) for k in range(1, count + 1)}
        previous = name(f"{target}[l-1]", shape)
        body = Node("@", (name(f"{base}[l]", (*shape, *shape)), previous), shape)
        body = Node("function", (Node("+", (body, self.leaf(shape)), shape),), shape, "tanh")
        if self.dice.random() < 0.5:
            body = Node("+", (body, Node("*", (self.leaf(()), previous), shape)), shape)
        self.lines.append(Line(target, body, "", self.tree(shape, 1), count))
        self.pool.append(name(f"{target}[{count}]", shape))

    def grow(self) -> RandomCell:
        """The cell."""
        dice = self.dice
        self._declare()
        for _ in range(dice.choice([0, 1, 2, 3, 4])):
            self._local()
        for chosen, shape in self.states.items():
            self._add(f"{chosen}'", self.tree(shape, dice.choice([1, 2, 3])))
            if dice.random() < 0.2:
                self._local()
        for _ in range(dice.choice([0, 0, 1, 1, 2]) or not self.states):
            shape = dice.choice([("n",), (), self._vector(), ("n", "n")])
            self._add(self._name("outputs"), self.tree(shape, dice.choice([0, 1, 2])))
            self.outputs.append(self.lines[-1].target)
        return tidied(
            RandomCell(
                self.seed,
                self.sizes,
                tuple(self.given),
                tuple(self.size_lines),
                self.inputs,
                self.states,
                self.delays,
                self.parameters,
                self.constants,
                tuple(self.lines),
                tuple(self.outputs),
            )
        )


def _bounded(node: Node) -> Node:
    return Node("function", (node,), node.shape, "tanh")


def _square(node: Node) -> Node:
    """The square of each entry."""
    if len(node.shape) == 2:
        return Node("*", (node, node), node.shape)
    return Node("power", (node,), node.shape, "2")


def _beyond_one(node: Node) -> Node:
    """A square and one: what divides, has a root or a logarithm."""
    return Node("+", (_square(node), number("1")), node.shape)


def tidied(cell: RandomCell) -> RandomCell:
    """The cell without what nothing reads: declarations, never equations."""
    read = {n for line in cell.lines for n in line.names()}
    bases = {n.partition("[")[0] for n in read}
    delays = dict(cell.delays)
    for chosen in (*cell.inputs, *cell.states):
        lags = [int(n[len(chosen) + 2 : -1]) for n in read if n.startswith(f"{chosen}[-")]
        delays[chosen] = max([*lags, int(chosen in cell.states)])
    kept = {n: s for n, s in cell.parameters.items() if n.partition("[")[0] in bases}
    inputs = {n: s for n, s in cell.inputs.items() if n in bases}
    shapes = (*kept.values(), *inputs.values(), *cell.states.values())
    dims = {d for shape in shapes for axis in shape for d in axis.split("+")}
    lines = tuple(t for t in cell.size_lines if t.removeprefix("dim ").partition(" =")[0] in dims)
    needed = dims | {word for t in lines for word in t.replace("=", " ").replace("/", " ").split()}
    return replace(
        cell,
        parameters=kept,
        inputs=inputs,
        delays={n: d for n, d in delays.items() if n in inputs or n in cell.states},
        constants={n: v for n, v in cell.constants.items() if n in read},
        size_lines=lines,
        given=tuple(d for d in cell.given if d in needed),
        sizes={d: s for d, s in cell.sizes.items() if d in needed},
    )


def grow(seed: int) -> RandomCell:
    """The random cell of a seed."""
    return Growing(seed).grow()

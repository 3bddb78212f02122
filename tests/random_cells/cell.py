"""A random cell: its declarations and lines, as the text that a person would type."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from random_cells.tree import DEFINITIONS, Node, Shape, every


@dataclass(frozen=True)
class Line:
    """An equation.

    Attributes
    ----------
    target : str
        ``a``, ``h'``; of micro-steps the ``s`` of ``s[1]``.
    right : Node
        Of micro-steps it reads ``s[l-1]``, and numbered parameters ``R[l]``.
    indices : str
        Letters on the left, of an index form.
    start : Node, optional
        Of micro-steps: ``s[0]``.
    count : int
        How many micro-steps.
    """

    target: str
    right: Node
    indices: str = ""
    start: Node | None = None
    count: int = 0

    def names(self) -> set[str]:
        """What it reads."""
        return {*self.right.names(), *(self.start.names() if self.start is not None else ())}

    def written(self) -> list[str]:
        """The lines of text."""
        right = self.right.written()
        right = right[1:-1] if _is_wrapped(right) else right
        if self.start is not None:
            index = "l"
            return [
                f"{self.target}[0] = {self.start.written()}",
                f"for {index} in 1..{self.count}: {self.target}[{index}] = {right}",
            ]
        return [f"{self.target}{f'[{self.indices}]' if self.indices else ''} = {right}"]


def _is_wrapped(text: str) -> bool:
    """Whether the first bracket of a text closes at its end."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[0] == "(" and place == len(text) - 1
    return False


@dataclass(frozen=True)
class RandomCell:
    """
    Attributes
    ----------
    seed : int
    sizes : dict of str to int
        Of every dimension.
    given : tuple of str
        Dimensions whose size the caller says.
    size_lines : tuple of str
        What the text says of the others.
    inputs, states : dict of str to Shape
    delays : dict of str to int
        Rows of the past that a step reads.
    parameters : dict of str to Shape
        ``R[1]`` of a numbered one.
    constants : dict of str to str
    lines : tuple of Line
        In an order in which they can be computed.
    outputs : tuple of str
    """

    seed: int
    sizes: Mapping[str, int]
    given: tuple[str, ...]
    size_lines: tuple[str, ...]
    inputs: Mapping[str, Shape]
    states: Mapping[str, Shape]
    delays: Mapping[str, int]
    parameters: Mapping[str, Shape]
    constants: Mapping[str, str]
    lines: tuple[Line, ...]
    outputs: tuple[str, ...]
    plain_order: bool = field(default=False)

    def nodes(self) -> Iterator[Node]:
        """Every node of every line."""
        for line in self.lines:
            yield from every(line.right)
            if line.start is not None:
                yield from every(line.start)

    def text(self) -> str:
        """What a person types: declarations and equations in any order."""
        declared: list[str] = []
        for name, shape in self.inputs.items():
            declared.append(f"input {name} in {_space(shape)}")
        for name, shape in self.states.items():
            declared.append(f"{name} in {_space(shape)}")
        for name, shape in _gathered(self.parameters).items():
            declared.append(f"{name} in {_space(shape)}")
        declared += self.size_lines
        declared += [f"{name} = {value}" for name, value in self.constants.items()]
        used = {node.op for node in self.nodes()}
        declared += [text for op, text in DEFINITIONS.items() if op in used]
        equations = [text for line in self.lines for text in line.written()]
        equations += [f"output {name}" for name in self.outputs]
        if not self.plain_order:
            random.Random(self.seed).shuffle(declared)
            random.Random(self.seed + 1).shuffle(equations)
        return "\n".join([*declared, *equations]) + "\n"


def _gathered(parameters: Mapping[str, Shape]) -> dict[str, Shape]:
    """Numbered parameters as one declaration: ``R[1..3]``."""
    found: dict[str, Shape] = {}
    last: dict[str, int] = {}
    for name, shape in parameters.items():
        base, _, number = name.partition("[")
        if number:
            last[base] = max(last.get(base, 0), int(number.rstrip("]")))
            found[base] = shape
        else:
            found[name] = shape
    return {f"{n}[1..{last[n]}]" if n in last else n: s for n, s in found.items()}


def _space(shape: Shape) -> str:
    if not shape:
        return "R"
    return f"R^{shape[0]}" if len(shape) == 1 and "+" not in shape[0] else f"R^({', '.join(shape)})"

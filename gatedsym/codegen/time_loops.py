"""The stages of a kernel → its loops over time: over segments of steps, and within a segment over steps.

A stage over all steps makes the calls that take all rows of a segment as they stand, and puts what it does row by row
in a loop over the steps; a stage that is a loop over time does all of a step before the next one begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gatedsym.codegen.loop_nests import StagePhases, indent
from gatedsym.codegen.schedule import Stage
from gatedsym.codegen.step_order import Node, order_nodes
from gatedsym.codegen.step_tasks import Carried
from gatedsym.ir.program import Program

Pieces = Sequence[tuple[bool, list[str]]]
"""Of a stage: lines of one step, or (False) of a call for all rows."""


@dataclass(frozen=True)
class TimeLoops:
    """The loops over time of one kernel.

    Attributes
    ----------
    step, steps, segment, first, last : str
        Names: of the loop variable, of how many steps there are, of how many are a segment, and of a segment's edges.
    backwards : bool
    nodes : sequence of Node
        All that is done for a step.
    schedule : tuple of Stage
        Of these nodes; without any all are one loop over time.
    carried : mapping of str to tuple of str
        See `step_tasks.Carried`.
    segment_head, step_head, step_tail : sequence of str
        Lines before a segment, before a step and after it.
    """

    step: str
    steps: str
    segment: str
    first: str
    last: str
    backwards: bool
    nodes: Sequence[Node]
    schedule: tuple[Stage, ...]
    carried: Carried
    segment_head: Sequence[str]
    step_head: Sequence[str]
    step_tail: Sequence[str]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The schedule."""
        return self.schedule or (Stage(True, tuple(range(len(self.nodes)))),)

    def phases(self, program: Program) -> list[StagePhases]:
        """The nodes in order, by stage."""
        return [
            StagePhases(order_nodes([self._waiting(self.nodes[n], stage) for n in stage.tasks], program), stage.is_loop)
            for stage in self.stages
        ]

    def _waiting(self, node: Node, stage: Stage) -> Node:
        """A node; over all steps it waits for what other steps give, too."""
        before = () if stage.is_loop else tuple(n for name in node.reads for n in self.carried.get(name, ()))
        return replace(node, reads=(*node.reads, *before)) if before else node

    def lines(self, pieces: Sequence[Pieces]) -> list[str]:
        """The loops with what each stage does in them."""
        each = list(zip(self.stages, pieces, strict=True))
        calls = any(not in_step for stage, own in each if not stage.is_loop for in_step, _ in own)
        if len(each) < 2 and not self.segment_head and not calls:
            rows = [line for _, own in each for _, part in own for line in part]
            return self._over_steps([*self.step_head, *rows, *self.step_tail], whole=True)
        body, told = list(self.segment_head), self.is_told
        for stage, own in each:
            if told:
                body.append(f"# {self.title(stage)}")
            if stage.is_loop:
                rows = [line for _, part in own for line in part]
                body += self._over_steps([*self.step_head, *rows, *self.step_tail])
                continue
            for in_step, part in own:
                body += self._over_steps(part) if in_step else part
        return [*self._over_segments(), *indent(body)]

    def _over_segments(self) -> list[str]:
        """The loop over segments: so many steps at a time that what all of them leave stays in the cache."""
        steps, segment, first, last = self.steps, self.segment, self.first, self.last
        if self.backwards:
            return [f"for {last} in range({steps}, 0, -{segment}):", f"    {first} = max({last} - {segment}, 0)"]
        return [f"for {first} in range(0, {steps}, {segment}):", f"    {last} = min({first} + {segment}, {steps})"]

    def _over_steps(self, lines: Sequence[str], whole: bool = False) -> list[str]:
        """Lines of a step in a loop over those of a segment, or over all."""
        first, last = ("", self.steps) if whole else (self.first, self.last)
        if self.backwards:
            loop = f"range({last} - 1, {f'{first} - 1' if first else '-1'}, -1)"
        else:
            loop = f"range({f'{first}, ' if first else ''}{last})"
        return [f"for {self.step} in {loop}:", *indent(lines)] if lines else []

    @property
    def is_told(self) -> bool:
        """Whether a kernel says what its stages are: one loop with products of all steps around it shows it itself."""
        loops = sum(stage.is_loop for stage in self.stages)
        free = [self.nodes[n] for stage in self.stages if not stage.is_loop for n in stage.tasks]
        return len(self.stages) > 1 and (loops > 1 or any(node.statement is not None for node in free))

    def title(self, stage: Stage) -> str:
        """One line that says how a stage runs over steps, and why."""
        if not stage.is_loop:
            return "over all steps of the segment"
        written = {self.nodes[n].writes for n in stage.tasks}
        read = {name for n in stage.tasks for name in self.nodes[n].reads}
        waiting = [n for source, names in self.carried.items() if source in read for n in names if n in written]
        side = "after" if self.backwards else "before"
        names = dict.fromkeys(re.sub(r"\[-\d+\]", "", name) for name in waiting)  # of a state at any delay
        return f"step by step, with {', '.join(names)} of the step {side}"

    def described(self, products: Mapping[str, Sequence[str]]) -> list[str]:
        """For each stage a line that says how it runs over steps, and what is computed in it.

        Parameters
        ----------
        products : mapping of str to sequence of str
            For the node of each product the contractions that it makes.
        """
        lines = []
        for stage in self.stages if self.is_told else ():
            nodes = [self.nodes[n] for n in stage.tasks]
            names = dict.fromkeys(n for node in nodes for n in self._computed(node, products))
            lines.append(f"{self.title(stage)}: {', '.join(names)}")
        return lines

    def _computed(self, node: Node, products: Mapping[str, Sequence[str]]) -> Sequence[str]:
        if node.writes in products:
            return products[node.writes]
        return () if node.statement is None else (node.statement.target.name,)

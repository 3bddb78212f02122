"""Findings of `check` → an answer to read: right, right by another convention, or the first equation that is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from gatedsym.checking.explain import Suspect
from gatedsym.messages import room

say = room("checking")


@dataclass(frozen=True)
class Answer:
    """The answer to: which line of my backward pass is wrong?

    Attributes
    ----------
    verdict : str
        ``right``; ``convention``, right for another convention of the same cell; ``partly``, nothing differs, and
        something that is returned could be compared with nothing; ``forward``, a slip in the forward pass;
        ``backward``, one in the backward pass; ``shape``, an array of another shape.
    function : str
        The function that the answer is about.
    suspects : tuple of tuple of Suspect
        Explanations that leave the same evidence, the likely one first; each is a set of slips that must come together.
    notes : tuple of str
        What was recognised: the order of gates, a mean, single precision.
    findings : tuple of str
        Sentences on what is wrong and what is right.
    whole : bool
        True if the first explanation gives her numbers; false if nothing does, and what is told is what differs.

    Examples
    --------
    >>> import gatedsym as gs
    >>> from pathlib import Path
    >>> lines = '''
    ... import numpy as np
    ... def rnn_forward(x, h, W, U, b):
    ...     h_next = np.tanh(x @ W.T + h @ U.T + b)
    ...     return h_next, (x, h, W, U, h_next)
    ... def rnn_backward(dh, cache):
    ...     x, h, W, U, h_next = cache
    ...     da = dh * (1 - h_next)
    ...     return da @ W, da @ U, da.T @ x, da.T @ h, da.sum(0)
    ... '''
    >>> _ = Path("homework.py").write_text(lines)
    >>> answer = gs.check("rnn", "homework.py")
    >>> answer.right, answer.verdict
    (False, 'backward')
    >>> print(answer.first.sentence)
    A part of the derivative is missing in ā_{h,t}: σ′ is σ (1 − σ), tanh′ is 1 − tanh².
    """

    verdict: str
    function: str
    suspects: tuple[tuple[Suspect, ...], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    whole: bool = True

    def noting(self, note: str) -> Answer:
        """The same with `note` as one more note."""
        return replace(self, notes=(*self.notes, note))

    @property
    def right(self) -> bool:
        """Whether the pass is right, in one convention or another."""
        return self.verdict in ("right", "convention")

    @property
    def first(self) -> Suspect | None:
        """The first suspect."""
        return self.suspects[0][0] if self.suspects else None

    def __str__(self) -> str:
        lines = list(self.findings)
        for number, some in enumerate(self.suspects, 1):
            for place, s in enumerate(some):
                mark = (
                    f"{number}. " if len(self.suspects) > 1 and not place else "   " if len(self.suspects) > 1 else ""
                )
                lines.append(f"{mark}{s.sentence}")
                pad = "   " if mark else ""
                if s.line and number == 1:
                    lines.append(f"{pad}    {say('label-line')} {s.line}")
                for ours, hers in zip(s.ours, s.hers or [""] * len(s.ours), strict=False):
                    lines.append(f"{pad}    {say('label-ours')} {ours}")
                    lines += [f"{pad}    {say('label-hers')} {hers}"] if hers else []
        lines += [f"{say('label-note')} {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

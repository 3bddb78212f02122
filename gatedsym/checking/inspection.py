"""A cell and a person's functions → the answer: which equation of the backward pass is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.cells import Cell
from gatedsym.cells import cell as cell_of
from gatedsym.checking.answer import Answer
from gatedsym.checking.conventions import conventions, levels_of, orders
from gatedsym.checking.deviation import SINGLE
from gatedsym.checking.diagnosis import Diagnosis, Doctor
from gatedsym.checking.explain import Explainer, Suspect, told_first
from gatedsym.checking.forward_slips import ForwardSlip
from gatedsym.checking.judging import goes_forward_too, head_of
from gatedsym.checking.meanings import Meanings
from gatedsym.checking.pairs import Pair, find_pairs
from gatedsym.checking.process import Process
from gatedsym.checking.readings import Misfit
from gatedsym.checking.refusals import PLAIN, call_failed, layout_unknown, loading_failed
from gatedsym.checking.relatives import relative_with, relatives_of
from gatedsym.checking.session import BackwardFound, ForwardFound, Model, Session, slipped_model
from gatedsym.checking.source import Homework, homework_of, read_homework
from gatedsym.checking.textbook import as_printed
from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.expect import expect_mapping, expect_text
from gatedsym.messages import room

say = room("checking")

SIZES: Mapping[str, int] = {"m": 5, "n": 4}
"""Sizes at which her functions are tried: no two of a batch, steps and features are one."""
SECONDS = 10.0
MOST = 6


def check(
    cell: str | Cell,
    function: Callable[..., Any] | str | Path,
    *,
    forward: Callable[..., Any] | str | None = None,
    arguments: Mapping[str, str] | None = None,
    returns: Sequence[str] = (),
    seconds: float = SECONDS,
) -> Answer:
    """Hold a hand-written backward pass against the proven adjoint of a cell.

    The function runs in a process of its own, together with the forward pass that it goes with: for it takes what that
    one cached. How its arrays are laid out is found by trying: see ``derivations/docs/checking-homework.md``.

    Parameters
    ----------
    cell : str or Cell
    function : callable, str or Path
        The backward pass of a step or of a sequence, NumPy or torch without autograd; or a file, ``"homework.py"``,
        with the function's name behind a colon where the file has several, ``"homework.py:lstm_backward"``.
    forward : callable or str, optional
        Its forward pass; by default the function beside it whose name is nearest.
    arguments : mapping of str to str, optional
        Meanings of arguments whose names say nothing: ``{"q": "h", "dq": "d_h"}``; a state before the step, ``d_`` and
        a state, an input, a line, ``parameters`` or ``cache``.
    returns : sequence of str
        Names of the values that it returns, in order, where they have none.
    seconds : float
        Time that one call may take.

    Returns
    -------
    Answer
        ``right``, ``suspects``, and as text what a person reads.

    Raises
    ------
    ArgumentError
        For a function that is not understood.
    DataError
        For a file that is none, and code that raises, never ends or prints megabytes.

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
    >>> answer.first.kind, answer.first.of
    ('derivative-half', ('a_h',))
    """
    subject = cell_of(cell) if isinstance(cell, str) else cell
    if not isinstance(subject, Cell):
        raise ArgumentError(f"cell must be the name of a cell or a Cell, not {type(cell).__name__}.")
    told = {} if arguments is None else {
        expect_text("an argument", k): expect_text(f"arguments[{k!r}]", v)
        for k, v in expect_mapping("arguments", arguments, say("arguments-mapping")).items()
    }  # fmt: skip
    homework, name, partner = _homework(function, forward)
    limit = _seconds(seconds)
    _refuse_what_is_not_read(subject)
    pairs = find_pairs(homework, subject.name, name, partner)
    with Process(homework, limit) as process:
        if process.loaded is not None:
            raise loading_failed(homework, process.loaded, process.loading)
        _refuse_unknown_meanings(told, homework, subject)
        session = Session(process, homework, subject.recurrence, _sizes(subject), told, _names(returns))
        answers: list[Answer] = []
        for pair in pairs:
            try:
                answers.append(_Inspection(with_head(session, pair), pair, subject, limit).answer())
            except GatedsymError as error:
                if not pair.besides:
                    raise
                answers[-1] = answers[-1].noting(say("note-unread", function=pair.backward.name, why=str(error)))
            if not answers[-1].right and answers[-1].verdict != "partly":
                break
    last = answers[-1]
    return next((a for a in answers if not a.right), last) if last.right else last


def _homework(
    function: Callable[..., Any] | str | Path, forward: Callable[..., Any] | str | None
) -> tuple[Homework, str, str]:
    """The code, the name of the function in it, and that of its forward pass."""
    if isinstance(function, str | Path):
        path, name = _file_and_name(str(function))
        if forward is not None and not isinstance(forward, str):
            raise ArgumentError("forward must be the name of a function of the file.")
        return read_homework(path), name, forward or ""
    if not callable(function):
        raise ArgumentError(f"function must be a function or a file, not {type(function).__name__}.")
    partner = getattr(function, "__globals__", {}).get(forward) if isinstance(forward, str) else forward
    if forward is not None and not callable(partner):
        raise ArgumentError(
            f"forward must be a function, or the name of one beside the backward pass, not {forward!r}."
        )
    homework = homework_of(function, _beside(function) if partner is None else [partner])
    return homework, function.__name__, "" if partner is None else partner.__name__


def _beside(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """Functions that stand in the same module, and may be its forward pass."""
    import inspect

    names = getattr(function, "__globals__", {})
    mine = getattr(function, "__module__", "")
    found = [v for v in names.values() if inspect.isfunction(v) and v.__module__ == mine and v is not function]
    return [v for v in found if v.__name__ != "<lambda>" and v.__closure__ is None and _has_source(v)]


def _has_source(function: Callable[..., Any]) -> bool:
    import inspect

    try:
        lines, _ = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return False
    return not lines[0][:1].isspace()


def _file_and_name(text: str) -> tuple[Path, str]:
    """``homework.py:lstm_backward`` → the file and the function."""
    if Path(text).exists() or ":" not in text:
        return Path(text), ""
    path, _, name = text.rpartition(":")
    return (Path(path), name) if all(part.isidentifier() for part in name.split(".")) else (Path(text), "")


def _seconds(seconds: Any) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 3600:
        raise ArgumentError(f"seconds must be a number between 0 and 3600, not {seconds!r}.")
    return float(seconds)


def _names(returns: Any) -> tuple[str, ...]:
    if isinstance(returns, str):
        returns = [name.strip() for name in returns.split(",") if name.strip()]
    if not isinstance(returns, Sequence) or not all(isinstance(n, str) for n in returns):
        raise ArgumentError("returns must be a sequence of names: ('dx', 'dh_prev', 'dW').")
    return tuple(returns)


def _refuse_what_is_not_read(cell: Cell) -> None:
    r = cell.recurrence
    late = [name for name, lag in r.delays.items() if lag > 1]
    if late or not r.states:
        raise ArgumentError(
            f"check speaks of cells with a state that each step reads of the step before, and {cell.name}"
            f" {'reads ' + late[0] + ' of earlier ones' if late else 'has none'}: hold it against cell.backward."
        )


def _refuse_unknown_meanings(told: Mapping[str, str], homework: Homework, cell: Cell) -> None:
    """Refuse meanings of what is no argument, and those that are none."""
    meanings = Meanings(cell.recurrence, told)
    functions = homework.functions.values()
    known = {a.name for f in (*functions, *(f.maker for f in functions if f.maker)) for a in f.arguments}
    words = {w for f in functions for w in f.words}
    for name, what in told.items():
        if name in words and what in cell.parameters:
            continue
        if name not in known and meanings.of_told(what) is None:
            raise ArgumentError(
                f"no function of {homework.title} has an argument {name}, and {what} means nothing here."
            )
        if meanings.of_told(what) is None and what.removeprefix("d_") not in cell.parameters:
            states = ", ".join(f"{s.name}, d_{s.name}" for s in cell.recurrence.states)
            raise ArgumentError(f"{name} cannot be {what}: say x, {states}, cache, parameters or the name of a line.")


def with_head(session: Session, pair: Pair) -> Session:
    """The session, or that of the cell with the readout or the loss that a pass has inside."""
    head = head_of(pair, session.recurrence, session.meanings)
    if head is None:
        return session
    sizes = {**session.sizes, **({head.size: SIZES["m"]} if head.size not in session.sizes else {})}
    told = session.meanings.told
    return Session(session.process, session.homework, head.recurrence, sizes, told, session.names, head)


def _sizes(cell: Cell) -> dict[str, int]:
    """Sizes of the cell's dimensions, those that may be chosen all different."""
    known = {d.name for d in cell.recurrence.dimensions}
    spare = iter((6, 7, 8, 9, 10, 11, 12))
    free = {d.name: SIZES.get(d.name) or next(spare) for d in cell.recurrence.dimensions if d.size is None}
    return cell.sizes(**{k: v for k, v in free.items() if k in known})


@dataclass
class _Inspection:
    """One backward pass, from the call of its forward pass to the answer."""

    session: Session
    pair: Pair
    cell: Cell
    seconds: float

    def answer(self) -> Answer:
        """The answer for this pair, or for a relative of the cell whose forward pass it is."""
        try:
            found = self._answer()
        except GatedsymError:
            failure = self.session.failure
            another = failure is None or (failure.kind == "raised" and failure.type not in PLAIN)
            other = self._of_relative() if another else None
            if other is None:
                raise
            return other
        return (self._of_relative() or found) if found.verdict == "forward" and not found.whole else found

    def _of_relative(self) -> Answer | None:
        """The answer as a cell of the library of the same family, with other parameters, whose forward pass hers is."""
        for name in relatives_of(self.cell):
            other = cell_of(name)
            told = self.session.meanings.told
            session = Session(
                self.session.process, self.session.homework, other.recurrence, _sizes(other), told, self.session.names
            )
            several = [x for x in session.layouts(self.pair) if not x.missing]
            if self.pair.forward is None or not several:
                continue
            forward = session.find_forward(self.pair.forward, several)
            if forward is None or forward.slips or forward.deviation > SINGLE:
                continue
            answer = _Inspection(session, self.pair, other, self.seconds)._answer()
            if answer.right:
                text = say("right-of-other", function=answer.function, name=name, cell=self.cell.name, left=0)
                return replace(answer, verdict="convention", findings=(text,))
            return answer.noting(say("note-other", name=name, cell=self.cell.name))
        return None

    def _answer(self) -> Answer:
        """The answer for this pair as this cell."""
        session, pair = self.session, self.pair
        several = session.layouts(pair)
        if not several:
            raise layout_unknown(session.homework, pair, ", ".join(p.name for p in session.parts))
        if session.head is not None and goes_forward_too(pair, session.meanings):
            self.pair = pair = replace(pair, forward=None if pair.backward.maker is None else pair.forward)
        forth = pair.forward
        if forth is None and session.head is not None:
            forth = pair.backward
        forward = session.find_forward(forth, several) if forth is not None else None
        if pair.forward is not None and forward is None:
            raise call_failed(session.homework, pair, session.failure, session.unknown, self.seconds)
        if forward is not None and forward.deviation > 1e-3 and not forward.slips:
            return self._forward_unexplained(forward)
        model = session.model
        if forward is not None and forward.slips:
            model = slipped_model(session.model, forward.slips[0], session.sizes)
        way = self._way(forward, several, model)
        return self._compare(forward, model, way)

    def _way(self, forward: ForwardFound | None, several: Sequence[Any], model: Model) -> BackwardFound:
        session, pair = self.session, self.pair
        inner = session.codings_of(pair.backward)
        if forward is None:
            torch = session.homework.torch
            tried = [c for level in levels_of(pair.backward) for c in conventions(several, level, torch, inner)]
        elif forward.convention.coding.loss or session.head is None:
            tried = [forward.convention]
        else:
            own = forward.convention
            tried = [replace(own, coding=c) for c in inner if c.index == own.coding.index]
        session.failure = session.unknown = None
        way = session.find_backward(pair, tried, model)
        if forward is not None and (way is None or way.evidence[0].reading.misfits):
            other = session.find_backward(pair, forward.others, model)
            way = other if other is not None and not other.evidence[0].reading.misfits else way
        if way is not None and forward is None and way.evidence[0].wrong:
            way = session.find_backward(pair, orders(way.convention, several), model) or way
        if way is None:
            raise call_failed(session.homework, pair, session.failure, session.unknown, self.seconds)
        return way

    def _compare(self, forward: ForwardFound | None, model: Model, way: BackwardFound) -> Answer:
        notes = self._notes(way)
        misfits = way.evidence[0].reading.misfits
        told_forward = self._forward_suspects(forward)
        other = self._same_cell(forward.slips) if forward is not None else ""
        doctor = Doctor(self.session, self.pair, model, way)
        if misfits and not told_forward:
            return Answer("shape", self.pair.backward.name, findings=tuple(map(self._misfit, misfits)), notes=notes)
        if doctor.is_right():
            return self._right(told_forward, forward, way, notes)
        if forward is not None and forward.slips and self._is_of_cell(model, way):
            return self._forward_alone(told_forward, notes)
        if (truncation := doctor.is_truncated()) is not None:
            notes = (*notes, say(f"note-truncated-{truncation.kind}", steps=truncation.steps))
            return self._right(told_forward, forward, way, notes, apart=True)
        if bound := doctor.is_clipped_loss():
            return self._right(told_forward, forward, way, (*notes, say("note-clipped", bound=bound)), apart=True)
        diagnosis = doctor.diagnose()
        if diagnosis.factor:
            notes = (*notes, say(f"note-mean-{diagnosis.factor}"))
        if diagnosis.factor and not diagnosis.wrong_besides:
            return self._right(told_forward, forward, way, notes)
        answer = self._wrong(model, diagnosis, way, notes)
        if not told_forward:
            return answer
        if other and diagnosis.changed < 3:  # else the backward pass is that of the cell, and the forward pass is not
            return answer.noting(say("note-other", name=other, cell=self.cell.name))
        findings = (say("forward-wrong", function=self._forward_name(), cell=self.cell.name),)
        notes = (*notes, say("note-own-forward", cell=self.cell.name), *answer.findings)
        return Answer("forward", self.pair.backward.name, (*told_forward, *answer.suspects), notes, findings)

    def _is_of_cell(self, slipped: Model, way: BackwardFound) -> bool:
        """Whether a backward pass is that of the cell, at the values of a forward pass that is not."""
        session, right = self.session, self.session.model
        model = replace(right, forward=slipped.forward)
        first = session.evidence(self.pair, way, way.evidence[0].probe, model)
        return first is not None and Doctor(session, self.pair, model, replace(way, evidence=[first])).is_right()

    def _forward_alone(self, told_forward: tuple[tuple[Suspect, ...], ...], notes: tuple[str, ...]) -> Answer:
        """The answer where the forward pass alone is not that of the cell."""
        findings = (
            say("forward-wrong", function=self._forward_name(), cell=self.cell.name),
            say("right-for-cell", function=self.pair.backward.name, cell=self.cell.name),
        )
        return Answer("forward", self.pair.backward.name, told_forward, notes, findings)

    def _forward_name(self) -> str:
        return self.pair.forward.name if self.pair.forward is not None else ""

    def _right(
        self, told_forward: tuple[tuple[Suspect, ...], ...], forward: ForwardFound | None, way: BackwardFound,
        notes: tuple[str, ...], apart: bool = False,
    ) -> Answer:  # fmt: skip
        function, nameless = self.pair.backward.name, len(way.evidence[0].reading.nameless)
        if not told_forward or forward is None:
            text = self._right_line(way, apart)
            verdict = "partly" if nameless else "convention" if apart else "right"
            return Answer(verdict, function, notes=notes, findings=(text,))
        other = self._same_cell(forward.slips)
        if other:
            text = say("right-of-other", function=function, name=other, cell=self.cell.name, left=nameless)
            return Answer("partly" if nameless else "convention", function, told_forward, notes, (text,))
        findings = (
            say("forward-wrong", function=self._forward_name(), cell=self.cell.name),
            say("right-for-forward", function=function),
        )
        return Answer("forward", function, told_forward, notes, findings)

    def _right_line(self, way: BackwardFound, apart: bool) -> str:
        """The first line for a pass in which nothing differs; it says what was not compared."""
        reading, unknown = way.evidence[0].reading, ", ".join(self._unknown(way))
        function, cell = self.pair.backward.name, self.cell.name
        count, left = len({label[2] for label in reading.found}), len(reading.nameless)
        if left:
            return say("right-but-unnamed", function=function, cell=cell, count=count, left=left)
        if apart:
            return say("right-apart", function=function, cell=cell, count=count)
        if unknown:
            return say("right-but-unknown", function=function, cell=cell, count=count, names=unknown)
        return say("right", function=function, cell=cell, count=count)

    def _same_cell(self, slips: Sequence[ForwardSlip]) -> str:
        """The cell of the library whose forward pass hers is; "" for none."""
        return next((name for s in slips if (name := relative_with(self.cell, s, self.session.sizes))), "")

    def _forward_suspects(self, forward: ForwardFound | None) -> tuple[tuple[Suspect, ...], ...]:
        if forward is None or not forward.slips:
            return ()
        model = self.session.model
        explainer = Explainer(model.recurrence, model.adjoint, as_printed(model.adjoint))
        return tuple((s,) for s in told_first([explainer.forward_suspect(s) for s in forward.slips]))[:MOST]

    def _forward_unexplained(self, forward: ForwardFound) -> Answer:
        text = say(
            "forward-unexplained",
            function=self._forward_name(),
            cell=self.cell.name,
            deviation=f"{forward.deviation:.2g}",
        )
        return Answer("forward", self.pair.backward.name, findings=(text,), whole=False)

    def _wrong(self, model: Model, diagnosis: Diagnosis, way: BackwardFound, notes: tuple[str, ...]) -> Answer:
        explainer = Explainer(model.recurrence, model.adjoint, diagnosis.printed)
        suspects: list[tuple[Suspect, ...]] = []
        seen = set()
        if diagnosis.partial and diagnosis.equation and not self._explained(explainer, diagnosis):
            suspects.append((explainer.unknown_later() if diagnosis.later else explainer.unknown(diagnosis.equation),))
        for some in diagnosis.explanations:
            ordered = sorted(some, key=lambda s: min((explainer.places[t] for t in s.targets), default=10**6))
            told = tuple(map(explainer.suspect, ordered))
            key = tuple((s.of, s.hers) for s in told) if all(s.hers for s in told) else tuple(s.sentence for s in told)
            if key not in seen:
                seen.add(key)
                suspects.append(told)
        function, cell = self.pair.backward.name, self.cell.name
        first = suspects[0][0] if suspects else None
        placed = not diagnosis.partial or (first is not None and first.kind == "unknown" and not diagnosis.later)
        if first is not None and first.ours and placed:
            equation = first.ours[0].split(" = ")[0]
            findings = [say("backward-wrong", function=function, cell=cell, equation=equation)]
        else:
            findings = [say("backward-wrong-sum", function=function, cell=cell)]
        wrong = ", ".join(dict.fromkeys(_told(label) for label in diagnosis.wrong))
        right = list(dict.fromkeys(_told(label) for label in diagnosis.right))
        findings += [say("differ", names=wrong)] if wrong else []
        findings.append(say("agree", count=len(right), names=", ".join(right)))
        if diagnosis.partial:
            findings += self._what_is_known(explainer, diagnosis, bool(suspects), wrong)
        elif len(suspects) > 1:
            findings.append(say("same-evidence", count=len(suspects[:MOST])))
        return Answer("backward", function, tuple(suspects[:MOST]), notes, tuple(findings), not diagnosis.partial)

    def _what_is_known(self, explainer: Explainer, diagnosis: Diagnosis, nearest: bool, wrong: str) -> list[str]:
        """The first equation that the evidence shows to be wrong, where no slip explains all of it."""
        if diagnosis.equation:
            shown = explainer.equation(diagnosis.equation)
            name, function = diagnosis.her_name, self.pair.backward.name
            return [say("first-wrong-inside", name=name, function=function, equation=shown)] if name else []
        return [] if nearest else [say("unknown-slip", equation=wrong.split(",")[0])]

    def _explained(self, explainer: Explainer, diagnosis: Diagnosis) -> bool:
        """Whether the explanation that comes nearest speaks of the equation that must be wrong."""
        nearest = diagnosis.explanations[0] if diagnosis.explanations else ()
        return any(explainer.parents.get(t, t) == diagnosis.equation for s in nearest for t in s.targets)

    def _misfit(self, misfit: Misfit) -> str:
        turned = misfit.found == misfit.expected[::-1]
        return say(
            "shape-transposed" if turned else "shape", function=self.pair.backward.name, name=misfit.name,
            of=misfit.of, found=str(misfit.found), expected=str(misfit.expected),
        )  # fmt: skip

    def _unknown(self, way: BackwardFound) -> list[str]:
        """Her names of what she returns that stand for nothing known."""
        names = dict.fromkeys(way.evidence[0].reading.unknown)
        return [n for n in names if not self.session.meanings.of_state(n)]

    def _notes(self, way: BackwardFound) -> tuple[str, ...]:
        convention, reading = way.convention, way.evidence[0].reading
        found = []
        if convention.layout.order:
            found.append(say("note-order", order=" ".join(convention.layout.order)))
        coding = convention.coding
        if coding.loss:
            found.append(say(f"note-loss-{coding.loss}", over=coding.scale or "sum", last=str(coding.last)))
        if way.evidence[0].single:
            found.append(say("note-single"))
        unknown = self._unknown(way)
        if reading.nameless:
            found.append(say("note-unnamed", count=len(reading.nameless)))
        strange = [label[2] for label, x in reading.found.items() if not np.all(np.isfinite(x))]
        if strange:
            found.append(say("note-not-finite", names=", ".join(dict.fromkeys(strange))))
        if unknown:
            found.append(say("note-unknown", names=", ".join(unknown)))
        return tuple(found)


def _told(label: tuple[str, str, str]) -> str:
    """A label as her name, with the gate that it is of where her array has several."""
    kind, of, name = label
    return f"{name} ({of})" if kind == "param" else name

"""A slip → the equation that it changes, as ours and as hers, and a sentence on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy as sp

from gatedsym.checking.forward_slips import ForwardSlip
from gatedsym.checking.reference import Adjoint
from gatedsym.checking.slips import Slip
from gatedsym.checking.textbook import edges
from gatedsym.checking.witnesses import is_share
from gatedsym.ir.program import Pointwise, Program, Recurrence, Statement
from gatedsym.messages import room
from gatedsym.typesetting.formulas import Formulas
from gatedsym.typesetting.notation import Box
from gatedsym.typesetting.plain import formula_text
from gatedsym.typesetting.symbols import Symbols

say = room("checking")


@dataclass(frozen=True)
class Suspect:
    """A slip, told.

    Attributes
    ----------
    kind : str
        Its name: ``derivative-missing``.
    of : tuple of str
        Names of the equations' left sides: ``a_f`` for the adjoint of a_f, ``U_f``, ``h``; lines of a forward pass.
    line : str
        The line of the cell, as typed, that the first equation comes from.
    ours, hers : tuple of str
        The equations as derived, and as hers must be.
    sentence : str

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
    >>> suspect = gs.check("rnn", "homework.py").first
    >>> suspect.line
    "h' = tanh(W @ x + U @ h + b)"
    >>> suspect.ours, suspect.hers
    (('ā_{h,t} = h̄_t ⊙ (1 − h_t²)',), ('ā_{h,t} = h̄_t ⊙ (1 − h_t)',))
    """

    kind: str
    of: tuple[str, ...]
    line: str
    ours: tuple[str, ...]
    hers: tuple[str, ...]
    sentence: str


class Explainer:
    """Tells slips of a cell.

    Parameters
    ----------
    recurrence : Recurrence
    adjoint : Adjoint
    printed : Program
    """

    def __init__(self, recurrence: Recurrence, adjoint: Adjoint, printed: Program) -> None:
        self.recurrence, self.adjoint, self.printed = recurrence, adjoint, printed
        self.parents = self._find_parents()
        self._ours = self._formulas(printed)
        self.places = {s.target.name: n for n, s in enumerate(printed.statements)}

    def _formulas(self, program: Program) -> Formulas:
        return Formulas(Symbols(self.recurrence.program, (program,)))

    def _find_parents(self) -> dict[str, str]:
        """For each share of an adjoint the whole that it is a share of."""
        found = {}
        for s in self.printed.statements:
            for ref in s.operands:
                if "_through_" in ref.name and ref.name.startswith(s.target.name.split("_through_")[0]):
                    found[ref.name] = s.target.name
        return found

    def suspect(self, slip: Slip) -> Suspect:
        """A slip of a backward pass."""
        if not slip.changes:
            return self._timed(slip)
        if slip.words.get("message") == "adjoints-exchanged":
            return self._exchanged(slip)
        targets = list(dict.fromkeys(self.parents.get(t, t) for t in slip.targets))
        targets.sort(key=lambda t: self.places[t])
        hers = self._formulas(slip.program(self.printed))
        of = tuple(self.printed[t].of or t for t in targets)
        pairs = [
            (self._equation(self._ours, t, self.printed), self._equation(hers, t, slip.program(self.printed)))
            for t in targets
        ]
        words, letters = self._words(slip), ", ".join(map(self.letter, targets))
        name = self._message(slip, of)
        return Suspect(
            slip.kind, of, self._line_of_slip(of[0], slip), tuple(a for a, _ in pairs), tuple(b for _, b in pairs),
            say(f"slip-{name}", **_named(f"slip-{name}", equation=letters, **words)),
        )  # fmt: skip

    def _exchanged(self, slip: Slip) -> Suspect:
        """Two adjoints in each other's place, in more equations than are worth showing."""
        of = tuple(self.printed[slip.words[key]].of or "" for key in ("ours", "hers"))
        sentence = say(
            "slip-adjoints-exchanged", ours=self.letter(slip.words["ours"]), hers=self.letter(slip.words["hers"])
        )
        return Suspect(slip.kind, of, self.line_of(of[0]), (), (), sentence)

    def _message(self, slip: Slip, of: Sequence[str]) -> str:
        """The message of a slip: one array in another's place is told so, unless both are gates."""
        values = [self.printed[slip.words[key]] for key in ("ours", "hers") if slip.words.get(key) in self.printed]
        adjoints = len(values) == 2 and all(v.role in ("adjoint", "cotangent") for v in values)
        misnamed = slip.kind == "derivative-missing" and not set(of) <= set(edges(self.adjoint.primal))
        if (slip.kind == "gate-order" and adjoints and "message" not in slip.words) or (misnamed and adjoints):
            return "wrong-operand"
        return slip.words.get("message", slip.kind)

    def unknown(self, equation: str) -> Suspect:
        """An adjoint that must be wrong, for all that is made of it is, where no slip that is known makes it so."""
        of = self.printed[equation].of or equation
        before = [
            r.name
            for r in self.printed.definitions[equation].operands
            if self.printed[r.name].role == "adjoint" and r.name in self.printed.definitions and not is_share(r.name)
        ]
        shown = (self.equation(equation), *map(self.equation, before))
        return Suspect(
            "unknown", (of,), self.line_of(of), shown, (), say("slip-unknown", equation=self.letter(equation))
        )

    def unknown_later(self) -> Suspect:
        """The adjoints handed on over time, where a single step is right and no known slip makes several wrong."""
        results = {n: r for n, r in self.adjoint.results.items() if self.printed[n].role == "state"}
        shown = tuple(map(self.equation, results.values()))
        equations = ", ".join(map(self.letter, results.values()))
        return Suspect("unknown", tuple(results), "", shown, (), say("slip-unknown-later", equation=equations))

    def _words(self, slip: Slip) -> dict[str, str]:
        """Subjects of a slip's sentence, in letters."""
        words = {k: v for k, v in slip.words.items() if k != "equation"}
        for key in ("ours", "hers", "matrix", "term"):
            words |= {key: words[key].partition("[")[0]} if words.get(key, "").partition("[")[0] in self.printed else {}
            if words.get(key) in self.printed:
                words[key] = self._value(words[key])
        if "of" in words and words["of"] in self.recurrence.program:
            words["of"] = self.letter(words["of"])
        return words

    def _value(self, name: str) -> str:
        """A value as pages print it: what has no name of its own by what it is, ``tanh(c_t)``."""
        program = self.recurrence.program
        statement = program.definitions.get(name)
        if statement is None or program[name].named or program[name].role != "local":
            return self.letter(name)
        return self._right(self._ours, statement)

    def _timed(self, slip: Slip) -> Suspect:
        """A slip of the pass through time, or of a sum over it."""
        names = [slip.words["of"]] if slip.timing.loss else []
        names += [
            *slip.timing.turned,
            *slip.timing.kept,
            *slip.timing.carried,
            *slip.timing.cut,
            *slip.timing.sums,
            *slip.timing.factors,
        ]
        names = names or [n for n in self.adjoint.results if self.printed[n].role == "state" or n in slip.words]
        of = tuple(dict.fromkeys(n.rstrip("'") for n in names))
        words = {k: v for k, v in slip.words.items() if k != "over"}
        kind = slip.kind
        name = f"{kind}-{slip.words['over']}" if "over" in slip.words else kind
        sentence = say(f"slip-{name}", **_named(f"slip-{name}", equation=", ".join(of), **words))
        targets = [
            self.adjoint.results[n]
            for n in of
            if (n in self.adjoint.results and n in slip.timing.sums) or n in slip.timing.factors
        ]
        ours = tuple(self._summed(t) for t in targets[:1])
        return Suspect(kind, of, self.line_of(of[0] if of else ""), ours, (), sentence)

    def _summed(self, name: str) -> str:
        """The equation of a parameter's adjoint, as a sum over steps."""
        left, sign, right = self._equation(self._ours, name, self.printed).partition(" = ")
        return f"{left}{sign}∑ₜ {right}"

    def equation(self, name: str) -> str:
        """The equation of an adjoint, as derived."""
        return self._equation(self._ours, name, self.printed)

    def _equation(self, formulas: Formulas, name: str, program: Program) -> str:
        statement = program.definitions[name]
        return f"{formula_text(formulas.letter(name))} = {self._right(formulas, statement)}"

    def _right(self, formulas: Formulas, statement: Statement) -> str:
        piece = formulas.arrays_of(statement)
        if piece is None:
            return str(statement).partition(" = ")[2]
        return formula_text(piece.whole())

    def letter(self, name: str) -> str:
        """A tensor as pages print it."""
        box: Box = self._ours.letter(name)
        return formula_text(box)

    def line_of(self, name: str) -> str:
        """The line, as typed, that a value is computed in, or that a parameter is for."""
        for equation in self.recurrence.equations:
            if name in equation.computes or name == equation.target:
                return equation.text
        for equation in self.recurrence.equations:
            for made in equation.computes:
                if any(r.name == name for r in self.recurrence.program.definitions[made].operands):
                    return equation.text
        return ""

    def _line_of_slip(self, of: str, slip: Slip) -> str:
        """The line that a slip is about: of the adjoint of a value the one that reads it, and is changed."""
        program = self.recurrence.program
        if of in edges(self.adjoint.primal) or of not in program or program[of].role == "parameter":
            return self.line_of(of)
        names = {e.text: self._names_in(e.computes) for e in self.recurrence.equations}
        readers = {text: found for text, found in names.items() if of in found[1]}
        touched = {n for s in slip.changes for n in self._touched(s)}
        score = {text: len(touched & (found[0] | found[1])) for text, found in readers.items()}
        return max(score, key=lambda text: score[text]) if score else self.line_of(of)

    def _names_in(self, computed: Sequence[str]) -> tuple[set[str], set[str]]:
        """Names that some statements of the cell compute, and those that they read."""
        definitions = self.recurrence.program.definitions
        return set(computed), {r.name for name in computed for r in definitions[name].operands}

    def _touched(self, changed: Statement) -> set[str]:
        """Names of the cell in the terms that a changed statement has otherwise."""
        ours = self.printed.definitions[changed.target.name]
        if isinstance(ours, Pointwise) and isinstance(changed, Pointwise):
            a, b = (set(sp.Add.make_args(s.expression)) for s in (ours, changed))
            symbols = {x for term in a ^ b for x in term.free_symbols}
            read = {r.name for s in (ours, changed) for r in s.operands if r.symbol in symbols}
        else:
            read = {r.name for r in (*ours.operands, *changed.operands)}
        more = {r.name for n in read if is_share(n) for r in self.printed.definitions[n].operands}
        return {self.printed[n].of or n for n in read | more if n in self.printed}

    def forward_suspect(self, slip: ForwardSlip) -> Suspect:
        """A slip of a forward pass."""
        program = self.recurrence.program
        lines = slip.words.get("line", "").split(", ")
        changed = slip.program(program)
        ours, hers = self._forward_formulas(program), self._forward_formulas(changed)
        shown = [e for e in self.recurrence.equations if any(s.target.name in e.computes for s in slip.changes)]
        pairs = [
            (self._forward_line(ours, program, e.target), self._forward_line(hers, changed, e.target)) for e in shown
        ]
        pairs = [(a, b) for a, b in pairs if a != b]
        return Suspect(
            f"forward-{slip.kind}", tuple(lines), shown[0].text if shown else "", tuple(a for a, _ in pairs),
            tuple(b for _, b in pairs), say(f"forward-{slip.kind}", **_named(f"forward-{slip.kind}", **slip.words)),
        )  # fmt: skip

    def _forward_formulas(self, program: Program) -> Formulas:
        inline = [t.name for t in program.tensors if t.role == "local" and not t.named]
        return Formulas(Symbols(program, (), inline))

    def _forward_line(self, formulas: Formulas, program: Program, name: str) -> str:
        return self._equation(formulas, name, program)


def _named(name: str, **words: str) -> dict[str, str]:
    """Those of the words that a message names."""
    wanted = say.bundle.messages[name].variables
    return {k: v for k, v in words.items() if k in wanted}


def told_first(several: Sequence[Suspect]) -> list[Suspect]:
    """Suspects without those that say the same."""
    seen: dict[tuple[str, tuple[str, ...]], Suspect] = {}
    for s in several:
        seen.setdefault((s.sentence, s.hers), s)
    return list(seen.values())


def with_program(recurrence: Recurrence, program: Program) -> Recurrence:
    """A cell with another step."""
    return replace(recurrence, program=program)

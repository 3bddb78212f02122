"""A name in a person's code → what it may stand for: a state before the step, an adjoint, the cache, a size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from gatedsym.checking.layouts import plain, vocabulary
from gatedsym.ir.program import Recurrence


@dataclass(frozen=True)
class Meaning:
    """
    Attributes
    ----------
    kind : str
        ``input``, ``target``, ``state``, ``cotangent``, ``parameters``, ``cache``, ``gradients``, ``line``, ``size``,
        ``time`` or ``number``.
    of : str
        Our name of what it belongs to.
    mark : str
        What stands beside the name in hers.
    """

    kind: str
    of: str = ""
    mark: str = ""


class Meanings:
    """The names of a cell, as homework may spell them.

    Parameters
    ----------
    recurrence : Recurrence
    told : mapping of str to str
        Meanings that the person gave, by her names.
    targets : bool
        The pass has a loss inside: ``y`` is what it compares with.
    """

    def __init__(self, recurrence: Recurrence, told: Mapping[str, str], targets: bool = False) -> None:
        self.recurrence, self.told, self.targets = recurrence, dict(told), targets
        words = vocabulary()
        self.states = {s.name: _spellings(s.name, words["states"]) for s in recurrence.states}
        self.outputs = {o.name: (plain(o.name),) for o in recurrence.outputs}
        self.inputs = {i.name: (plain(i.name),) for i in recurrence.inputs}
        self.lines = {layout.name: _spellings(layout.name, words["lines"]) for layout in recurrence.locals}
        self.prefixes = sorted(map(plain, words["marks"]["prefix"]), key=len, reverse=True)

    def of_argument(self, name: str) -> Meaning | None:
        """The meaning of an argument's name."""
        if name in self.told:
            return self.of_told(self.told[name])
        key, words = plain(name), vocabulary()["words"]
        for kind in ("parameters", "cache", "gradients"):
            if key in words[kind]:
                return Meaning(kind)
        if self.targets and key in words["target"]:
            return Meaning("target")
        found = self._input(key) or self._state(key) or self._cotangent(key)
        if found is not None:
            return found
        if key in words["upstream"]:
            return Meaning("cotangent", self._first_result(), "out")
        return self._size(key) or self._line(key) or self._next(key)

    def of_constructor(self, name: str) -> Meaning | None:
        """The meaning of an argument of a constructor, where a letter is a size: ``__init__(self, D, H)``."""
        if name in self.told:
            return self.of_told(self.told[name])
        key, letters = plain(name), vocabulary()["letters"]
        sizes = (d.name for d in self.recurrence.dimensions if key in letters.get(d.name, ()))
        size = next(sizes, None)
        return self.of_argument(name) if size is None else Meaning("size", size)

    def of_told(self, text: str) -> Meaning | None:
        """The meaning that a person gave: a name of ours, ``d_`` and one, or a word such as cache."""
        if text in ("parameters", "cache", "gradients", "time", "target"):
            return Meaning(text)
        if text in self.inputs:
            return Meaning("input", text)
        if text in self.states:
            return Meaning("state", text)
        if _is_number(text):
            return Meaning("number", text)
        bare = text.removeprefix("d_")
        if bare != text and (bare in self.states or bare in self.outputs):
            return Meaning("cotangent", bare if bare in self.outputs else f"{bare}'")
        if text in self.lines:
            return Meaning("line", text)
        return Meaning("size", text) if any(d.name == text for d in self.recurrence.dimensions) else None

    def of_result(self, name: str) -> Iterator[Meaning]:
        """The meanings of the name of a gradient, the likely one first, without those of parameters."""
        if name in self.told:
            text = self.told[name].removeprefix("d_")
            kind = "input" if text in self.inputs else "state" if text in self.states else "parameter"
            yield Meaning(kind, text)
            return
        for rest in self.stripped(name)[:-1]:
            if (found := self._input(rest)) is not None:
                yield found
            yield from self._states(rest, (*vocabulary()["marks"]["before"], *vocabulary()["marks"]["after"]))

    def of_key(self, name: str) -> Iterator[Meaning]:
        """The meanings of a key of a dict of gradients whose keys have no mark: an input, a state before the step."""
        key = plain(name)
        if (found := self._input(key)) is not None:
            yield found
        yield from (m for m in self._states(key, vocabulary()["marks"]["before"]) if m.mark)

    def stripped(self, name: str) -> list[str]:
        """A gradient's name without the mark that it is one; last the name as it is."""
        key = plain(name)
        found = [key.removeprefix(p) for p in self.prefixes if key.startswith(p) and key != p]
        found += [key.removesuffix(p) for p in ("grad", "bar", "grads", "gradient") if key.endswith(p) and key != p]
        return list(dict.fromkeys([*found, key]))

    def of_state(self, name: str) -> str:
        """The state whose value a name of the forward pass stands for; "" for none."""
        marks = vocabulary()["marks"]["after"]
        return next((m.of for m in self._states(plain(name), marks)), "")

    def _first_result(self) -> str:
        return self.recurrence.program.results[0] if not self.outputs else next(iter(self.outputs))

    def _input(self, key: str) -> Meaning | None:
        for name, spellings in self.inputs.items():
            for spelling in spellings:
                if key.startswith(spelling) and key.removeprefix(spelling) in ("", "t", "s", "in", "seq", "all"):
                    return Meaning("input", name)
        if len(self.inputs) == 1 and key in vocabulary()["words"]["input"]:
            return Meaning("input", next(iter(self.inputs)))
        return None

    def _state(self, key: str) -> Meaning | None:
        return next(self._states(key, vocabulary()["marks"]["before"]), None)

    def _states(self, key: str, marks: Sequence[str]) -> Iterator[Meaning]:
        for name, spellings in self.states.items():
            for spelling in sorted(spellings, key=len, reverse=True):
                for rest in _beside(key, spelling):
                    if rest in marks:
                        yield Meaning("state", name, rest)

    def _cotangent(self, key: str) -> Meaning | None:
        after = vocabulary()["marks"]["after"]
        for prefix in self.prefixes:
            if not key.startswith(prefix):
                continue
            key_ = key.removeprefix(prefix)
            for meaning in self._states(key_, after):
                return Meaning("cotangent", f"{meaning.of}'", meaning.mark)
            for name, spellings in self.outputs.items():
                if any(rest in after for s in spellings for rest in _beside(key_, s)):
                    return Meaning("cotangent", name)
        return None

    def _next(self, key: str) -> Meaning | None:
        state = next((m.of for m in self._states(key, ("next", "new", "t", "out", "now", "cur"))), None)
        return None if state is None else Meaning("line", f"{state}'")

    def _size(self, key: str) -> Meaning | None:
        for dimension in self.recurrence.dimensions:
            if key == plain(dimension.name) or key in vocabulary()["sizes"].get(dimension.name, ()):
                return Meaning("size", dimension.name)
        words = vocabulary()["words"]
        for kind in ("steps", "batch", "time"):
            if key in words[kind]:
                return Meaning("size" if kind != "time" else "time", kind)
        return None

    def _line(self, key: str) -> Meaning | None:
        for name, spellings in self.lines.items():
            if any(rest in ("", "t", "s", "gate", "g") for s in spellings for rest in _beside(key, s)):
                return Meaning("line", name)
        return None


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _spellings(name: str, aliases: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((plain(name), *(a for a in aliases.get(name, ()) if a))))


def _beside(key: str, spelling: str) -> Iterator[str]:
    """The rest of a name that begins or ends with a spelling."""
    if key.startswith(spelling):
        yield key.removeprefix(spelling)
    if key.endswith(spelling) and key != spelling:
        yield key.removesuffix(spelling)

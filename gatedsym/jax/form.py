"""A map of a cell and what is asked of it → the lists of arrays that it takes and gives; and their computation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from gatedsym.cells import Cell
from gatedsym.jax import lengths, maps
from gatedsym.jax.signature import Signature, Slot
from gatedsym.typing import Array

Chosen = tuple[bool, ...]


def those(chosen: Chosen, of_them: Chosen) -> Chosen:
    """Of all that there is what is chosen, and chosen again among what is chosen."""
    again = iter(of_them)
    return tuple(there and next(again) for there in chosen)


class Sections(NamedTuple):
    """The operands of a map, or their slots, by what they are."""

    point: Any
    lengths: Any
    kept: Any
    cotangents: Any
    u: Any
    v: Any


@dataclass(frozen=True)
class Form:
    """One of the five maps, with everything about it that is not an array.

    Attributes
    ----------
    kind : str
        "run", "push", "bend", "pull" or "hess"; see `gatedsym.jax.maps`.
    signature : Signature
    keep : bool
        Of run, whether it gives residuals too; of push and pull, whether they take what it kept.
    given : tuple of bool
        Which trajectories have cotangents.
    u, v : tuple of bool
        What moves in a first and in a second direction, slot by slot.
    wanted : tuple of bool
        Of what gradients are given, slot by slot.
    """

    kind: str
    signature: Signature
    keep: bool = False
    given: Chosen = ()
    u: Chosen = ()
    v: Chosen = ()
    wanted: Chosen = ()

    @cached_property
    def sections(self) -> Sections:
        """The slots of all operands."""
        signature = self.signature
        slots, whole = signature.slots, signature.trajectories
        batch = Slot("lengths", "lengths", (signature.batch,), 0)
        return Sections(
            slots,
            (batch,) if signature.ragged else (),
            signature.kept if self.keep and self.kind != "run" else (),
            tuple(compress(whole, self.given)),
            tuple(compress(slots, self.u)),
            tuple(compress(slots, self.v)),
        )

    @cached_property
    def operands(self) -> tuple[Slot, ...]:
        """The slots of all operands, in one list."""
        return tuple(slot for section in self.sections for slot in section)

    @cached_property
    def results(self) -> tuple[Slot, ...]:
        """The slots of what the map gives."""
        signature = self.signature
        if self.kind in ("pull", "hess"):
            return tuple(compress(signature.slots, self.wanted))
        more = signature.residuals if self.kind == "run" and self.keep else ()
        return (*signature.trajectories, *more)

    def split(self, operands: Sequence[Any]) -> Sections:
        """A list of operands by what they are."""
        rest, found = list(operands), []
        for section in self.sections:
            found.append(rest[: len(section)])
            rest = rest[len(section) :]
        return Sections(*found)

    def among(self, section: str, which: Chosen) -> Form:
        """The same with fewer operands in a section: those of them that are chosen."""
        name = "given" if section == "cotangents" else section
        chosen: Any = {name: those(getattr(self, name), which)}
        return replace(self, **chosen)

    def of_rows(self, batch: int) -> Form:
        """The same with so many sequences."""
        return replace(self, signature=self.signature.of_rows(batch))

    def compute(self, operands: Sequence[Array]) -> list[Array]:
        """Compute what the map gives by the generated kernels: arrays of the slots' shapes, of the signature's type."""
        sections = self.split(operands)
        found = _RAGGED[self.kind](self, sections) if self.signature.ragged else _PLAIN[self.kind](self, sections)
        return [np.asarray(array, self.signature.numbers, order="C") for array in found]

    def compute_part(self, part: lengths.Part, sections: Sections) -> list[Array]:
        """Compute what the map gives for sequences of one length."""
        slots = self.sections
        own = Sections(
            lengths.cut(part, slots.point, sections.point),
            [],
            [],
            lengths.cut_cotangents(part, slots.cotangents, sections.cotangents),
            lengths.cut(part, slots.u, sections.u),
            lengths.cut(part, slots.v, sections.v),
        )
        return _PLAIN[self.kind](replace(self, signature=part[0], keep=False), own)


def _run(form: Form, given: Sections) -> list[Array]:
    return maps.run_map(form.signature, given.point, form.keep)


def _push(form: Form, given: Sections) -> list[Array]:
    return maps.push_map(form.signature, given.point, given.u, form.u)


def _bend(form: Form, given: Sections) -> list[Array]:
    return maps.bend_map(form.signature, given.point, given.u, given.v, (form.u, form.v))


def _pull(form: Form, given: Sections) -> list[Array]:
    return maps.pull_map(form.signature, given.point, given.kept, given.cotangents, form.given, form.wanted)


def _hess(form: Form, given: Sections) -> list[Array]:
    return maps.hess_map(form.signature, given.point, given.cotangents, given.v, form.given, form.v, form.wanted)


def _trajectories(form: Form, given: Sections) -> list[Array]:
    cell = form.signature.cell
    if form.kind == "run" and isinstance(cell, Cell):
        return lengths.run_of_lengths(form.signature, cell, given.point, given.lengths[0])
    return lengths.joined_trajectories(form.signature, given.lengths[0], lambda part: form.compute_part(part, given))


def _gradients(form: Form, given: Sections) -> list[Array]:
    cell = form.signature.cell
    if form.kind == "pull" and isinstance(cell, Cell):
        return lengths.pull_of_lengths(
            form.signature, cell, given.point, given.lengths[0], given.cotangents, form.given, form.wanted
        )
    return lengths.joined_gradients(
        form.signature, given.lengths[0], form.results, lambda part: form.compute_part(part, given)
    )


_Compute = Callable[[Form, Sections], list[Array]]
_PLAIN: dict[str, _Compute] = {"run": _run, "push": _push, "bend": _bend, "pull": _pull, "hess": _hess}
_RAGGED: dict[str, _Compute] = {
    **dict.fromkeys(("run", "push", "bend"), _trajectories),
    **dict.fromkeys(("pull", "hess"), _gradients),
}

"""The imports of gatedsym/ → a picture of its rooms in order, rooms.svg and rooms.txt.

    python derivations/docs/draw_rooms.py

`tests/test_rooms.py` holds the code to the order that stands here, and the picture to the code.
"""

from __future__ import annotations

import ast
import graphlib
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "gatedsym"

SYMBOLS = "symbols: SymPy, runs once"
NUMBERS = "numbers: Numba, runs often, must be fast"
BESIDE = "beside the way"


@dataclass(frozen=True)
class Room:
    """A part of the package, by what it does.

    Attributes
    ----------
    name : str
    does : str
        What it turns into what.
    where : str
        On the way of symbols or of numbers, or beside the way.
    modules : tuple of str
        Its modules and packages, below ``gatedsym``; by default the one of its name. The longest that fits counts.
    """

    name: str
    does: str
    where: str = ""
    modules: tuple[str, ...] = ()

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Dotted names, from ``gatedsym`` on."""
        return tuple(f"gatedsym.{module}" if module else "gatedsym" for module in self.modules or (self.name,))


ROOMS = (
    Room(
        "ground",
        "errors, types, checks of arguments, names, progress",
        modules=("errors", "typing", "expect", "lazy", "offers", "progress", "version"),
    ),
    Room("messages", "names of sentences and variables → what is printed, from a file a room"),
    Room("files", "files read in full, written whole; the cache"),
    Room("ir", "Program, functions; what a module says of itself", SYMBOLS),
    Room("equations", "text, as papers print it → Program", SYMBOLS),
    Room("library", "derivation files → records; rules of initialisation; the family tree", SYMBOLS),
    Room("calculus", "Program → Program: adjoint, tangent, Jacobian, gates", SYMBOLS),
    Room("proofs/engine", "is an identity true?", SYMBOLS, ("proofs.engine",)),
    Room("typesetting", "Program → pages: LaTeX, MathML, Markdown, text", SYMBOLS),
    Room("codegen", "Program → kernels: the text of a module in generated/", SYMBOLS),
    Room("runtime", "what kernels call: numerics, matmul, threads, jit", NUMBERS),
    Room("execution", "who calls kernels: arguments, backward, checkpoints, results", NUMBERS),
    Room("cells", "the front door of Python: Cell, Bidirectional", NUMBERS, ("cells", "bidirectional")),
    Room("composition", "cells → a cell: stacks, readouts and losses, masks", NUMBERS),
    Room("conventions", "parameters to and from other frameworks", BESIDE),
    Room("proofs", "proofs of modules and of whole cells", BESIDE),
    Room("errata", "errors that texts repeat, shown at run time", BESIDE),
    Room("flow", "any cell → labelled datasets: analyses, numerics, theory", NUMBERS),
    Room("learning", "tasks, and networks that learn them", NUMBERS),
    Room("figures", "datasets → plots", NUMBERS),
    Room("diagrams", "cells → drawings", NUMBERS),
    Room("course", "cells → numbers by hand, slides, exercises", NUMBERS),
    Room("report", "plots and proofs → a page to read", NUMBERS),
    Room("checking", "homework → the equation of it that is wrong", BESIDE),
    Room("jax", "JAX: a cell as a pure function", BESIDE),
    Room("torch", "PyTorch: cells as layers, torch's layers as cells", BESIDE),
    Room("sweep", "points of a grid → records, each made once → a dataset", BESIDE),
    Room("trainability", "grids of networks → which learn, and what foretold it", BESIDE),
    Room("bench", "times of cells, against other libraries", BESIDE),
    Room("cli", "the command: a file a command", BESIDE),
    Room("gatedsym", "names that are loaded when first used; python -m gatedsym", BESIDE, ("", "__main__")),
)
"""From the first on the way to the last: no room imports one that stands below it."""


@dataclass(frozen=True)
class Arrow:
    """An import, from the file that states it to the one that it names."""

    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


@dataclass(frozen=True)
class Size:
    """Extent of a room, in files and lines."""

    files: int
    lines: int

    def __str__(self) -> str:
        return f"{self.files} file{'s' if self.files > 1 else ''}, {self.lines:,} lines"


def find_modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Dotted names of all modules of a package, and their files."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if parts[1] not in ("derivations", "generated"):  # an installed package carries them; they are no code of it
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def find_arrows(modules: Mapping[str, Path]) -> list[Arrow]:
    """Every import between modules: at the top of a file, inside its functions, and for types alone."""
    return [
        Arrow(importer, imported)
        for importer, path in modules.items()
        for imported in sorted(set(_imported(ast.parse(path.read_text(encoding="utf-8")), modules)))
    ]


def _imported(tree: ast.Module, known: Collection[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in known:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in known else node.module


def room_of(module: str) -> Room:
    """The room that a module stands in.

    Raises
    ------
    LookupError
        If it stands in none.
    """
    fitting = [
        (len(prefix), room)
        for room in ROOMS
        for prefix in room.prefixes
        if module == prefix or (prefix != "gatedsym" and module.startswith(f"{prefix}."))
    ]
    if not fitting:
        raise LookupError(f"{module} stands in no room: add it to ROOMS in {Path(__file__).name}.")
    return max(fitting, key=lambda fit: fit[0])[1]


def arrows_up(arrows: Collection[Arrow]) -> list[Arrow]:
    """Imports of a room that stands below the one that imports it."""
    place = {room: number for number, room in enumerate(ROOMS)}
    return [a for a in arrows if place[room_of(a.importer)] < place[room_of(a.imported)]]


def find_circle(arrows: Collection[Arrow]) -> list[str]:
    """Modules of which each imports the next and the last one the first; none if there is no such circle."""
    graph: dict[str, set[str]] = {}
    for arrow in arrows:
        graph.setdefault(arrow.importer, set()).add(arrow.imported)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []


def measure_rooms(modules: Mapping[str, Path]) -> dict[Room, Size]:
    """Files and lines of each room; an empty file is none, lines are whole hundreds (a picture, no ledger)."""
    found = {room: Size(0, 0) for room in ROOMS}
    for module, path in modules.items():
        room, lines = room_of(module), path.read_bytes().count(b"\n")
        if lines:
            found[room] = Size(found[room].files + 1, found[room].lines + lines)
    return {room: Size(size.files, max(100, round(size.lines, -2))) for room, size in found.items()}


def draw_text(sizes: Mapping[Room, Size], arrows: Collection[Arrow]) -> str:
    """A line for each room; its marks say which rooms it imports, each in the column under its own ○."""
    used = {(room_of(a.importer), room_of(a.imported)) for a in arrows}
    words = max(len(room.does) for room in ROOMS)
    lines = []
    for number, room in enumerate(ROOMS):
        marks = " ".join("●" if (room, other) in used else "·" for other in ROOMS[:number])
        lines.append(f"{room.name:13s}  {room.does:{words}s}  {sizes[room]!s:>22s}  {marks}{' ' if marks else ''}○")
    return "\n".join(lines) + "\n"


ROW, LANE, LEFT, BOX, SIZES, TOP = 30, 21, 34, 560, 150, 66
INK, GREY, PALE = "#1b1b1b", "#6a6a6a", "#d5d5d5"


def draw_picture(sizes: Mapping[Room, Size], arrows: Collection[Arrow]) -> str:
    """The rooms from top to bottom as SVG; a column falls from each to the last room that imports it."""
    used = {(room_of(a.importer), room_of(a.imported)) for a in arrows}
    width = LEFT + BOX + SIZES + LANE * (len(ROOMS) + 1)
    height = TOP + ROW * len(ROOMS) + 16
    body = [
        _text(LEFT, 24, "derivations/lstm.py → the rooms of gatedsym/, in the order of the way → report/", INK, "bold"),
        _text(LEFT, 44, "● in a room's column: the room of that row imports it. No column rises above its ○.", GREY),
    ]
    for where in (SYMBOLS, NUMBERS):
        body += _draw_stretch(where)
    for number, room in enumerate(ROOMS):
        body += _draw_room(number, room, sizes[room])
    for number, room in enumerate(ROOMS):
        body += _draw_column(number, [j for j, other in enumerate(ROOMS) if (other, room) in used and j != number])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="13">\n<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _text(x: float, y: float, words: str, colour: str, weight: str = "normal", more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-weight="{weight}"{more}>{escape(words)}</text>'


def _middle(number: int) -> float:
    return TOP + ROW * (number + 0.5)


def _draw_stretch(where: str) -> Iterator[str]:
    """A bar on the left of the rooms from the first to the last of a kind, with the kind written along it."""
    numbers = [number for number, room in enumerate(ROOMS) if room.where == where]
    top, bottom = _middle(numbers[0]) - 12, _middle(numbers[-1]) + 12
    yield f'<path d="M{LEFT - 8} {top:g}V{bottom:g}" stroke="{GREY}" stroke-width="2"/>'
    at = f"{LEFT - 16} {(top + bottom) / 2:g}"
    more = f' text-anchor="middle" font-size="12" transform="translate({at}) rotate(-90)"'
    yield _text(0, 0, where, GREY, more=more)


def _draw_room(number: int, room: Room, size: Size) -> Iterator[str]:
    """A box with the room's name and what it does; rooms beside the way stand further right, in a broken line."""
    middle, beside = _middle(number), room.where == BESIDE
    left, dashes = (LEFT + 28, ' stroke-dasharray="4 3"') if beside else (LEFT, "")
    right = LEFT + BOX
    yield (
        f'<rect x="{left}" y="{middle - 12:g}" width="{right - left}" height="24" rx="3" fill="none" '
        f'stroke="{GREY if beside else INK}"{dashes}/>'
    )
    yield _text(left + 8, middle + 4.5, room.name, INK, "bold")
    yield _text(LEFT + 136, middle + 4.5, room.does, INK)
    yield _text(right + SIZES - 12, middle + 4.5, str(size), GREY, more=' text-anchor="end" font-size="12"')
    yield f'<path d="M{right + SIZES} {middle:g}H{_lane(number) - 6:g}" stroke="{PALE}"/>'


def _lane(number: int) -> float:
    return LEFT + BOX + SIZES + LANE * (number + 0.5)


def _draw_column(number: int, importers: list[int]) -> Iterator[str]:
    """A room's own mark, and one in each row of a room that imports it."""
    x, top = _lane(number), _middle(number)
    if importers:
        yield f'<path d="M{x:g} {top:g}V{_middle(max(importers)):g}" stroke="{GREY}"/>'
    yield f'<circle cx="{x:g}" cy="{top:g}" r="5" fill="white" stroke="{INK}" stroke-width="1.5"/>'
    for importer in importers:
        yield f'<circle cx="{x:g}" cy="{_middle(importer):g}" r="4" fill="{INK}"/>'


def main() -> None:
    """Draw the package as it is now, and name what was written."""
    modules = find_modules()
    arrows, sizes = find_arrows(modules), measure_rooms(modules)
    for name, text in (("rooms.svg", draw_picture(sizes, arrows)), ("rooms.txt", draw_text(sizes, arrows))):
        half = HERE / f".{name}.new"  # a reader finds the old file or the new one, never a part
        half.write_text(text, encoding="utf-8")
        os.replace(half, HERE / name)
        print(f"wrote {HERE / name}")
    sys.exit("\n".join(str(arrow) for arrow in arrows_up(arrows)) or None)


if __name__ == "__main__":
    main()

"""Messages of a command beside its results: the files it wrote, its warnings and its complaints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from gatedsym.messages import room

words = room("cli")

Verbose = Annotated[bool, typer.Option("--verbose", help="Name every file that is written.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, and no word of what is written.")]


@dataclass(frozen=True)
class Messages:
    """Lines about what a command does, as many as were asked for.

    Attributes
    ----------
    verbose : bool
        Name every file, where otherwise a folder has one line.
    quiet : bool
        Say nothing but results, warnings and errors.
    """

    verbose: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        from gatedsym.errors import ArgumentError

        if self.verbose and self.quiet:
            raise ArgumentError("--verbose and --quiet contradict each other: give one of them.")

    def name_files(self, paths: Sequence[Path]) -> None:
        """Name what was written, a line for each folder: up to three files by name, more by their number."""
        folders: dict[Path, list[Path]] = {}
        for path in paths:
            folders.setdefault(path.parent, []).append(path)
        for folder, files in folders.items():
            if self.verbose:
                for path in files:
                    self.say(words("wrote", files=str(path)))
            elif len(files) <= 3:
                names = ", ".join([str(files[0]), *(path.name for path in files[1:])])
                self.say(words("wrote", files=names))
            else:
                self.say(words("wrote-many", count=len(files), folder=str(folder)))

    def name_page(self, path: Path) -> None:
        """Name the page to read, after the files."""
        self.say(words("open-in-browser", file=str(path)))

    def say(self, line: str) -> None:
        """Print a line that is no result."""
        if not self.quiet:
            print(line)


def complain(text: str) -> None:
    """Print a complaint on standard error, after the name of the command."""
    from gatedsym.files.read import printable

    lines = "\n".join(printable(line) for line in text.split("\n"))  # names of files may hold codes for terminals
    print(f"gatedsym: {lines}", file=sys.stderr)


def show_warning(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
    """Print a warning as a sentence; stands in for ``warnings.showwarning``."""
    from gatedsym.errors import EquationWarning

    name = "" if issubclass(category, EquationWarning) else f" ({category.__name__})"
    print(f"gatedsym: warning: {message}{name}", file=sys.stderr)

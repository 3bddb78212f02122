"""Files that a person names are read by `files.read`, which never waits for ever and takes no more than it should."""

import ast
from pathlib import Path

import gatedsym

PACKAGE = Path(gatedsym.__file__).parent
READING = {"read_bytes", "read_text"}
OWN = {
    "bench/machine.py": "the system's own table of processors",
    "cells.py": "a module that was written a moment ago",
    "checking/layouts.py": "data of the package",
    "codegen/regenerate.py": "the folder generated/ of a checkout",
    "conventions/table.py": "data of the package",
    "equations/parse.py": "the grammar",
    "execution/processes.py": "the system's own word on memory",
    "figures/pgf.py": "a file that Matplotlib has just written",
    "flow/inputs/series.py": "data of the package",
    "library/listing.py": "generated modules",
    "library/load.py": "derivation files, programs of their author",
    "messages/bundle.py": "messages of the package",
    "report/atlas.py": "data of the package",
    "report/learning/write.py": "files that it has written itself",
    "sweep/entry.py": "the source of a module that runs",
    "sweep/store.py": "a record whose size has been checked",
}
"""Modules that read whole files by themselves, and which ones."""


def reads_by_itself(path: Path) -> bool:
    """Whether a module calls a method that reads all of a path, whatever that is."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )


def test_whole_files_are_read_by_the_room_that_checks_their_size_and_kind():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in ("files", "derivations", "generated") and reads_by_itself(path)
    }
    assert found == set(OWN)

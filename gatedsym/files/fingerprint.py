"""Fingerprints of results: a module's name to a hash of all sources, data files and libraries behind what it computes.

Whatever is kept from one run to the next is kept under the fingerprint of the modules that made it, so nothing has to
be listed by hand. What counts is found from the sources:

- An import counts wherever it stands, inside a function too. It does not count under ``if TYPE_CHECKING:``, nor in a
  method by which a notebook shows an object (``_repr_html_``): how a result is shown is no part of it.
- ``from package import name`` leads to where the package's ``__init__`` takes that name from, not to all that it
  offers: an edit of one analysis leaves the others standing. The ``__init__`` itself counts, of every package on the
  way.
- An import by a computed name (``import_module``) cannot be followed: who keeps a result that such an import leads to
  names its module as a root. `tests/files/test_fingerprint.py` holds the list of modules that import so.
- A file that is not Python (a grammar, a template, a table, a text) belongs to the nearest folder above it that has
  modules, and counts with each of them.
- A file of messages (``messages/en/ROOM.ftl``) counts with the modules that say them, ``room("ROOM")``: no number
  hangs on the words of a page.
- Of a library its version counts, and Python's.

What is no part of the code is for the caller's key: equations, a derivation file, data, options.
"""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

PACKAGE = "gatedsym"
_NO_CODE = ("derivations", "generated")  # a wheel has them inside the package; cells bring them into a caller's key

# The statements are found by patterns: to parse all files would take more than a second, this takes milliseconds.
# A test holds the patterns to what the parser finds, for every module of the package.
_UNCOUNTED = re.compile(r"^([ \t]*)(?:if TYPE_CHECKING:|def _repr_\w+_\().*\n(?:\1[ \t]+.*\n|[ \t]*\n)*", re.M)
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^()]*\)|[\w*][\w*, \t]*)|import[ \t]+(\w[\w., \t]*))"
    r"[ \t]*(?:#.*)?$",
    re.M,
)

_SAYING = re.compile(rb"""\broom\(["']([\w-]+)["']\)""")


@cache
def fingerprint(*roots: str, inside: str = PACKAGE) -> str:
    """SHA-256 of all that results of some modules depend on.

    The sources are read once in a process, all together, when the first fingerprint is asked for: what a process keeps
    goes by one state of them, whatever becomes of the files while it runs.

    Parameters
    ----------
    *roots : str
        Dotted names: ``"gatedsym.proofs.cell"``.
    inside : str
        A package that the imports are not followed out of.

    Raises
    ------
    LookupError
        If the package has no module of that name.
    """
    return _sources().fingerprint(*roots, inside=inside)


@cache
def _sources() -> Sources:
    return Sources.of_package()


@dataclass(frozen=True)
class Closure:
    """All that some modules depend on: files, by their path from the package's parent on, and libraries by name."""

    files: tuple[str, ...]
    libraries: tuple[str, ...]


class Import(NamedTuple):
    """One name that an import statement takes: all of `module` where `name` is ""; `bound` is its name there."""

    module: str
    name: str = ""
    bound: str = ""


@dataclass(frozen=True)
class Sources:
    """The files of the package, by path, and what follows from them.

    Attributes
    ----------
    content : mapping of str to bytes
        ``"gatedsym/cells.py"`` to what the file holds.
    """

    content: Mapping[str, bytes]

    @classmethod
    def of_package(cls) -> Sources:
        """The files as they are on the disk."""
        root = Path(str(files(PACKAGE)))
        found = (p for p in sorted(root.rglob("*")) if _counts(p.relative_to(root).parts) and p.is_file())
        return cls({p.relative_to(root.parent).as_posix(): p.read_bytes() for p in found})

    @cached_property
    def modules(self) -> dict[str, str]:
        """Dotted names of all modules to their paths."""
        paths = [path for path in self.content if path.endswith(".py")]
        return {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in paths}

    @cached_property
    def data(self) -> dict[str, list[str]]:
        """Folders that have modules to the paths of the data files that belong to them."""
        folders = {_folder(path) for path in self.modules.values()}
        found: dict[str, list[str]] = {}
        for path in self.content:
            if not path.endswith((".py", ".ftl")):
                owner = _folder(path)
                while owner not in folders:
                    owner = _folder(owner)
                found.setdefault(owner, []).append(path)
        return found

    @cached_property
    def messages(self) -> dict[str, list[str]]:
        """Names of rooms to their files of messages."""
        found: dict[str, list[str]] = {}
        for path in self.content:
            if path.endswith(".ftl"):
                found.setdefault(path.rpartition("/")[2].removesuffix(".ftl"), []).append(path)
        return found

    def fingerprint(self, *roots: str, inside: str = PACKAGE) -> str:
        """SHA-256 of all that results of some modules depend on."""
        closure = self.closure(*roots, inside=inside)
        digest = hashlib.sha256(repr((platform.python_implementation(), platform.python_version())).encode())
        digest.update(repr([(name, library_version(name)) for name in closure.libraries]).encode())
        for path in closure.files:
            digest.update(f"\n{path} {len(self.content[path])}\n".encode())
            digest.update(self.content[path])
        return digest.hexdigest()

    def closure(self, *roots: str, inside: str = PACKAGE) -> Closure:
        """The files and libraries behind some modules; imports out of the package `inside` are not followed."""
        for root in roots:
            if root not in self.modules:
                raise LookupError(f"gatedsym has no module {root!r}: name one that it has.")
        waiting = [Import(root) for root in roots]
        seen, paths, libraries = set(waiting), set[str](), set[str]()
        while waiting:
            taken = waiting.pop()
            if not _within(taken.module, PACKAGE):
                libraries.add(taken.module.partition(".")[0])
                continue
            for new in (*self._passed(taken, inside, paths), *self._followed(taken, inside)):
                if new not in seen:
                    seen.add(new)
                    waiting.append(new)
        return Closure(tuple(sorted(paths)), tuple(sorted(libraries - sys.stdlib_module_names)))

    def _passed(self, taken: Import, inside: str, paths: set[str]) -> Iterable[Import]:
        """Add the files of the module and of the packages that it stands in; the module a name turns out to be."""
        name = taken.module
        while name and _within(name, inside):
            if (path := self.modules.get(name)) is not None:
                paths.add(path)
                paths.update(self.data.get(_folder(path), ()))
                if not _within(name, f"{PACKAGE}.messages"):  # there, examples name rooms
                    for room in rooms_said(self.content[path]):
                        paths.update(self.messages.get(room, ()))
            name = name.rpartition(".")[0]
        if taken.name and (submodule := f"{taken.module}.{taken.name}") in self.modules:
            yield Import(submodule)

    def _followed(self, taken: Import, inside: str) -> Iterable[Import]:
        """Imports of the imported module, as far as they count."""
        path = self.modules.get(taken.module)
        if path is None or not _within(taken.module, inside):
            return ()
        found = imports(self.content[path])
        if taken.name and path.endswith("/__init__.py"):
            if f"{taken.module}.{taken.name}" in self.modules:
                return ()
            # What the package does not import it defines itself, from anything that it imports.
            return [i for i in found if i.bound == taken.name] or found
        return found


@cache
def imports(source: bytes) -> tuple[Import, ...]:
    """The imports of a module's text that count."""
    text = source.decode("utf-8").replace("\r\n", "\n")
    found = []
    for module, names, whole in _IMPORT.findall(_UNCOUNTED.sub("", text)):
        taken = [pair.split() for pair in re.sub(r"#.*", "", (names or whole).strip("()")).split(",") if pair.strip()]
        if module:
            found += [Import(module, "" if words[0] == "*" else words[0], words[-1]) for words in taken]
        else:
            found += [Import(words[0]) for words in taken]
    return tuple(found)


@cache
def rooms_said(source: bytes) -> tuple[str, ...]:
    """The rooms whose messages a module's text says."""
    return tuple(sorted({name.decode() for name in _SAYING.findall(source)}))


@cache
def library_version(name: str) -> str:
    """The version of the library that a module is imported from, or "" where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and most commands keep nothing

    try:
        return version(name)
    except PackageNotFoundError:  # its distribution has another name than its module
        return ", ".join(f"{d} {version(d)}" for d in sorted(set(_distributions().get(name, ()))))


@cache
def _distributions() -> Mapping[str, list[str]]:
    from importlib.metadata import packages_distributions

    return packages_distributions()


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _counts(parts: tuple[str, ...]) -> bool:
    """Whether a path in the package is one of its files, and not what Python, an editor or a wheel put there."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not hidden and parts[0] not in _NO_CODE and not parts[-1].endswith("~")


__all__ = ["Closure", "Import", "Sources", "fingerprint", "imports", "library_version", "rooms_said"]

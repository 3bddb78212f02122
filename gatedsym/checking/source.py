"""A person's file, or functions → what is read of them without running them: arguments, names that are returned."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatedsym.checking.classes import methods_of
from gatedsym.checking.functions import Function, read_function
from gatedsym.errors import ArgumentError, DataError
from gatedsym.files.read import decode, read_bytes

MOST_BYTES = 2_000_000
LIBRARIES = ("numpy", "torch", "jax", "scipy", "cupy", "tensorflow", "mxnet", "autograd", "numba")
_LONGER = "name another."


@dataclass(frozen=True)
class Homework:
    """A person's code.

    Attributes
    ----------
    title : str
        What messages call it.
    folder : Path
        Where it runs.
    pieces : tuple of (file, line, text)
    functions : dict of str to Function
    torch : bool
        True if it imports torch.
    plain : bool
        True if it imports no library of arrays: it computes with lists of numbers.
    """

    title: str
    folder: Path
    pieces: tuple[tuple[str, int, str], ...]
    functions: dict[str, Function] = field(default_factory=dict)
    torch: bool = False
    plain: bool = False

    def line_of(self, number: int) -> str:
        """The text of a line, without its margin; "" where there is none."""
        for _, first, text in self.pieces:
            lines = text.splitlines()
            if first <= number < first + len(lines):
                return lines[number - first].strip()
        return ""


def read_homework(path: Path) -> Homework:
    """A file's functions.

    Raises
    ------
    DataError
        If there is no such file, or it is no Python.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder: name a Python file.")
    if not path.is_file():
        raise DataError(f"no file {path}: name a Python file that holds a backward pass.")
    text = decode(str(path), read_bytes(str(path), MOST_BYTES, _LONGER))
    return _read(path.name, path.resolve().parent, [(str(path.resolve()), 1, text)])


def homework_of(function: Callable[..., Any], others: Sequence[Callable[..., Any]] = ()) -> Homework:
    """The code of a function, and of all that it uses of its module: a notebook's cells, or parts of a file.

    Raises
    ------
    ArgumentError
        If its text is not to be had.
    """
    pieces: dict[tuple[str, int], str] = {}
    constants: list[str] = []
    for one in (function, *others):
        _collect(one, pieces, constants)
    file = next(iter(pieces))[0]
    head = [(file, 1, "\n".join(constants))] if constants else []
    folder = Path(file).resolve().parent if Path(file).is_file() else Path.cwd()
    ordered = [(name, line, text) for (name, line), text in sorted(pieces.items(), key=lambda item: item[0][1])]
    return _read(function.__name__, folder, [*head, *ordered])


def _collect(function: Any, pieces: dict[tuple[str, int], str], constants: list[str]) -> None:
    """Sources of a function and of the functions, classes, modules and plain constants that it names."""
    if not inspect.isfunction(function):
        raise ArgumentError(f"gs.check takes a function, not {type(function).__name__}: pass the backward pass itself.")
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        raise ArgumentError(
            f"the text of {function.__name__} is not to be had: write it to a file and pass the file's name."
        ) from None
    place = (inspect.getsourcefile(function) or function.__code__.co_filename, first)
    if place in pieces:
        return
    if function.__qualname__.count(".") == 1:
        raise ArgumentError(
            f"{function.__qualname__} is a method: write its class to a file, and pass the file's name and the"
            f" method's, as in 'homework.py:{function.__qualname__}'."
        )
    if lines[0][:1].isspace() or function.__closure__ or function.__name__ == "<lambda>":
        raise ArgumentError(
            f"{function.__name__} is defined inside another function, or is a lambda: define it at the top of its file."
        )
    pieces[place] = "".join(lines)
    for name in sorted(_names_in(function.__code__) & function.__globals__.keys()):
        value = function.__globals__[name]
        if isinstance(value, types.ModuleType):
            line = f"import {value.__name__} as {name}"
        elif inspect.isfunction(value):
            if value.__module__ == function.__module__:
                _collect(value, pieces, constants)
                continue
            line = f"from {value.__module__} import {value.__name__} as {name}"
        elif isinstance(value, bool | int | float | str | tuple):
            line = f"{name} = {value!r}"
        elif isinstance(value, type) and value.__module__ != "__main__":
            line = f"from {value.__module__} import {value.__name__} as {name}"
        else:
            continue
        if line not in constants:
            constants.append(line)


def _names_in(code: types.CodeType) -> set[str]:
    found = set(code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= _names_in(inner)
    return found


def _read(title: str, folder: Path, pieces: Sequence[tuple[str, int, str]]) -> Homework:
    functions: dict[str, Function] = {}
    torch, plain = False, True
    known: set[str] = set()  # names of functions, classes and modules
    trees = []
    for _, line, text in pieces:
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            number = (error.lineno or 1) + line - 1
            raise DataError(f"{title}, line {number}: this is no Python ({error.msg}): mend it first.") from None
        except ValueError as error:
            raise DataError(f"{title} is no Python ({error}): name a Python file.") from None
        trees.append((line, tree))
        known |= {a.asname or a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, _IMPORTS) for a in n.names}
        known |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        torch = torch or any(_imports(n, "torch") for n in ast.walk(tree))
        plain = plain and not any(_imports(n, library) for n in ast.walk(tree) for library in LIBRARIES)
    for line, tree in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                functions[node.name] = read_function(node, line - 1, known)
        functions |= methods_of(tree, line - 1, known)
    return Homework(title, folder, tuple(pieces), functions, torch, plain)


_IMPORTS = (ast.Import, ast.ImportFrom)


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] == module
    return isinstance(node, ast.Import) and any(a.name.split(".")[0] == module for a in node.names)

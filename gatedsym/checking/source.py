"""A person's file, or functions → what is read of them without running them: arguments, names that are returned."""

from __future__ import annotations

import ast
import builtins
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatedsym.errors import ArgumentError, DataError
from gatedsym.files.read import decode, read_bytes

MOST_BYTES = 2_000_000
_LONGER = "name another."


@dataclass(frozen=True)
class Argument:
    """An argument of a function.

    Attributes
    ----------
    name : str
    optional : bool
        True if it has a default.
    unpacked : tuple of str
        Names into which the function unpacks it, in order.
    """

    name: str
    optional: bool = False
    unpacked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """A function of a person's file.

    Attributes
    ----------
    name : str
    line : int
    arguments : tuple of Argument
    returns : tuple of str
        Names of what the last ``return`` lists, "" for what has none; one name for a single value.
    words : frozenset of str
        Names, attributes and short texts that occur in it.
    free : frozenset of str
        Names that it reads and that are neither its own nor functions: variables of its file.
    """

    name: str
    line: int
    arguments: tuple[Argument, ...]
    returns: tuple[str, ...]
    words: frozenset[str]
    free: frozenset[str] = frozenset()
    single: bool = False


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
    """

    title: str
    folder: Path
    pieces: tuple[tuple[str, int, str], ...]
    functions: dict[str, Function] = field(default_factory=dict)
    torch: bool = False

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
    torch = False
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
    for line, tree in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                functions[node.name] = _function(node, line - 1, known)
    return Homework(title, folder, tuple(pieces), functions, torch)


_IMPORTS = (ast.Import, ast.ImportFrom)


def _imports(node: ast.AST, module: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] == module
    return isinstance(node, ast.Import) and any(a.name.split(".")[0] == module for a in node.names)


def _function(node: ast.FunctionDef, before: int, functions: set[str]) -> Function:
    a = node.args
    positional = [*a.posonlyargs, *a.args]
    required = len(positional) - len(a.defaults)
    found = [Argument(p.arg, n >= required, _unpacked(node, p.arg)) for n, p in enumerate(positional)]
    returned = [n.value for n in _own_nodes(node) if isinstance(n, ast.Return) and n.value is not None]
    last = returned[-1] if returned else None
    single = not isinstance(last, ast.Tuple)
    parts: Sequence[ast.expr] = () if last is None else last.elts if isinstance(last, ast.Tuple) else (last,)
    own = {p.arg for p in (*positional, *a.kwonlyargs)}
    read, stored = (
        {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}
        for kind in (ast.Load, ast.Store)
    )
    return Function(
        node.name,
        node.lineno + before,
        tuple(found),
        tuple(_called(part) for part in parts),
        frozenset(own | read | stored | set(_texts(node))),
        frozenset(read - stored - own - functions - set(dir(builtins))),
        single,
    )


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a function in their order, those of functions in it left out."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)


def _unpacked(node: ast.FunctionDef, name: str) -> tuple[str, ...]:
    """The names of ``a, b, c = name``."""
    for n in _own_nodes(node):
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Name) and n.value.id == name:
            target = n.targets[0]
            if isinstance(target, ast.Tuple | ast.List):
                return tuple(_called(e) for e in target.elts)
    return ()


def _called(node: ast.expr) -> str:
    """The name of a value: its own, or the text by which it is looked up."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr="T"):
            return _called(inner)
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return _called(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr="copy" | "squeeze" | "reshape" | "ravel" | "astype")):
            return _called(inner)
        case ast.Call(args=[inner, *_], func=ast.Attribute(attr="stack" | "array" | "asarray" | "stack")):
            return _called(inner)
        case ast.BinOp(left=inner, op=ast.Div() | ast.Mult()):
            return _called(inner)
        case _:
            return ""


def _texts(node: ast.AST) -> Iterator[str]:
    for n in ast.walk(node):
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and 0 < len(n.value) <= 24:
            yield n.value
        elif isinstance(n, ast.Attribute):
            yield n.attr
        elif isinstance(n, ast.keyword) and n.arg:
            yield n.arg

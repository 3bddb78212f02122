"""The text of a function → what is read of it without running it: arguments, names that it returns, words in it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


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
    inner : tuple of tuple of str
        For each of those, the names of what it lists itself: ``return dx, (dW, db)``.
    words : frozenset of str
        Names, attributes and short texts that occur in it; of a method, in its class.
    own : frozenset of str
        Those in the function itself.
    computed : frozenset of str
        Those of its names that are results of its own: no arrays that it is given.
    free : frozenset of str
        Names that it reads and that are neither its own nor functions: variables of its file.
    single : bool
        It returns one value rather than a tuple.
    maker : Function, optional
        Of a method, the constructor of its class, whose ``returns`` are the names in its list of parameters.
    constructs : bool
        It is a constructor.
    context : bool
        It is static, and its first argument, that of an ``autograd.Function``, is no array.
    """

    name: str
    line: int
    arguments: tuple[Argument, ...]
    returns: tuple[str, ...]
    inner: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    own: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    single: bool = False
    maker: Function | None = None
    constructs: bool = False
    context: bool = False


def read_function(node: ast.FunctionDef, before: int, functions: set[str]) -> Function:
    """A function of a text that begins so many lines behind its file; names in `functions` are no variables."""
    a = node.args
    positional = [*a.posonlyargs, *a.args]
    required = len(positional) - len(a.defaults)
    found = [Argument(p.arg, n >= required, _unpacked(node, p.arg)) for n, p in enumerate(positional)]
    returned = [n.value for n in own_nodes(node) if isinstance(n, ast.Return) and n.value is not None]
    last = _listed(node, returned[-1]) if returned else None
    single = not isinstance(last, ast.Tuple | ast.List)
    parts: Sequence[ast.expr] = () if last is None else last.elts if isinstance(last, ast.Tuple | ast.List) else (last,)
    own, texts = {p.arg for p in (*positional, *a.kwonlyargs)}, set(_texts(node))
    read, stored = (
        {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}
        for kind in (ast.Load, ast.Store)
    )
    words = frozenset(own | read | stored | texts)
    return Function(
        node.name,
        node.lineno + before,
        tuple(found),
        tuple(called(part) for part in parts),
        tuple(tuple(map(called, _elements(_listed(node, part)))) for part in parts),
        words,
        words,
        frozenset(_computed(node) - own - texts),
        frozenset(read - stored - own - functions - set(dir(builtins))),
        single,
    )


def names_given(functions: Sequence[Function]) -> set[str]:
    """Words of functions, without names that are results of one and nothing else in any."""
    handed = {w for f in functions for w in f.computed if w in f.returns}
    return {w for f in functions for w in f.words - f.computed} - handed


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a function in their order, those of functions in it left out."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield child
            yield from own_nodes(child)


def _unpacked(node: ast.FunctionDef, name: str) -> tuple[str, ...]:
    """The names of ``a, b, c = name``."""
    for n in own_nodes(node):
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Name) and n.value.id == name:
            target = n.targets[0]
            if isinstance(target, ast.Tuple | ast.List):
                return tuple(called(e) for e in target.elts)
    return ()


def called(node: ast.expr) -> str:
    """The name of a value: its own, or the text by which it is looked up."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr="T"):
            return called(inner)
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return called(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr="copy" | "squeeze" | "reshape" | "ravel" | "astype")):
            return called(inner)
        case ast.Call(args=[inner, *_], func=ast.Attribute(attr="stack" | "array" | "asarray" | "stack")):
            return called(inner)
        case ast.BinOp(left=inner, op=ast.Div() | ast.Mult()):
            return called(inner)
        case _:
            return ""


def _elements(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else ()


def _listed(node: ast.AST, value: ast.expr) -> ast.expr:
    """A value, or the list that a function assigned to its name."""
    if isinstance(value, ast.Name):
        for n in own_nodes(node):
            own = isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and n.targets[0].id == value.id
            if own and isinstance(n, ast.Assign) and _elements(n.value) and all(map(called, _elements(n.value))):
                return n.value
    return value


def _computed(node: ast.AST) -> set[str]:
    """Names that are assigned the value of an operation or a call."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for n in ast.walk(node):
        if isinstance(n, ast.Assign):
            for target in n.targets:
                one_by_one = len(_elements(target)) == len(_elements(n.value)) > 0
                pairs += zip(_elements(target), _elements(n.value), strict=True) if one_by_one else [(target, n.value)]
    results = ast.BinOp | ast.UnaryOp | ast.Call
    return {name.id for name, value in pairs if isinstance(name, ast.Name) and isinstance(value, results)}


def _texts(node: ast.AST) -> Iterator[str]:
    for n in ast.walk(node):
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and 0 < len(n.value) <= 24:
            yield n.value
        elif isinstance(n, ast.Attribute):
            yield n.attr
        elif isinstance(n, ast.keyword) and n.arg:
            yield n.arg

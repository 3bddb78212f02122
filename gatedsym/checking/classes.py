"""The classes of a person's file → their methods as functions, each with the constructor of its object."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from gatedsym.checking.functions import Argument, Function, called, own_nodes, read_function


def methods_of(tree: ast.Module, before: int, known: set[str]) -> dict[str, Function]:
    """Methods of the classes of a text, by ``Class.method``, those that a class has of another in the text among them.

    Parameters
    ----------
    tree : ast.Module
    before : int
        Lines of its file before it.
    known : set of str
        Names that are no variables: functions, classes, modules.
    """
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found: dict[str, Function] = {}
    for name, node in classes.items():
        parts = _parts(node, classes)
        maker = _maker(name, parts.pop("__init__", None), node, before, known)
        words = frozenset[str]().union(maker.words, *(read_function(p, before, known).words for p in parts.values()))
        statics = {m: p for m, p in parts.items() if _has_context(p) and not _is_empty(p)}
        found |= dict(_static(name, statics, before, known, words))
        for method, part in parts.items():
            if _is_bound(part) and not _is_empty(part):
                read = read_function(part, before, known)
                found[f"{name}.{method}"] = replace(
                    read, name=f"{name}.{method}", arguments=read.arguments[1:], words=words, maker=maker
                )
    return found


def _static(
    name: str, parts: Mapping[str, ast.FunctionDef], before: int, known: set[str], words: frozenset[str]
) -> Iterator[tuple[str, Function]]:
    """The methods of an ``autograd.Function``: what goes back are gradients of what went forth, in order."""
    read = {method: read_function(part, before, known) for method, part in parts.items()}
    given = [f"d{a.name}" for a in read["forward"].arguments[1:]] if "forward" in read else []
    for method, f in read.items():
        returns = f.returns
        if method == "backward" and len(returns) == len(given):
            returns = tuple(own or other for own, other in zip(returns, given, strict=True))
        title = f"{name}.{method}"
        yield title, replace(f, name=title, arguments=f.arguments[1:], returns=returns, words=words, context=True)


def _has_context(part: ast.FunctionDef) -> bool:
    """Whether a method is static and takes a context."""
    arguments = [*part.args.posonlyargs, *part.args.args]
    return any(called(d) == "staticmethod" for d in part.decorator_list) and [a.arg for a in arguments[:1]] == ["ctx"]


def _parts(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], depth: int = 8) -> dict[str, ast.FunctionDef]:
    """Methods of a class by name, after those that it inherits."""
    found: dict[str, ast.FunctionDef] = {}
    for base in reversed(node.bases):
        if isinstance(base, ast.Name) and base.id in classes and depth:
            found |= _parts(classes[base.id], classes, depth - 1)
    return found | {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}


def _maker(name: str, part: ast.FunctionDef | None, node: ast.ClassDef, before: int, known: set[str]) -> Function:
    """The constructor of a class; of one that has none, its annotated fields if it is a dataclass."""
    if part is not None:
        read = read_function(part, before, known)
        return replace(read, name=name, arguments=read.arguments[1:], returns=tuple(_listed(part)), constructs=True)
    fields = [p for p in node.body if isinstance(p, ast.AnnAssign) and isinstance(p.target, ast.Name)]
    fields = fields if any("dataclass" in ast.unparse(d) for d in node.decorator_list) else []
    arguments = tuple(Argument(called(f.target), f.value is not None) for f in fields)
    words = frozenset(a.name for a in arguments)
    return Function(name, node.lineno + before, arguments, (), (), words, constructs=True)


def _listed(part: ast.FunctionDef) -> Iterator[str]:
    """Names in ``self.params = [Wx, Wh, b]``, the first such list of a constructor."""
    for n in own_nodes(part):
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Attribute):
            value = n.value
            if isinstance(value, ast.List | ast.Tuple) and value.elts and all(map(called, value.elts)):
                yield from map(called, value.elts)
                return


def _is_bound(part: ast.FunctionDef) -> bool:
    """Whether a method's first argument is an object."""
    unbound = ("staticmethod", "classmethod", "property")
    return bool(part.args.posonlyargs or part.args.args) and all(called(d) not in unbound for d in part.decorator_list)


def _is_empty(part: ast.FunctionDef) -> bool:
    """Whether a method is only declared, for other classes to define."""
    return all(
        isinstance(s, ast.Pass | ast.Raise) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in part.body
    )

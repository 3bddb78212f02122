"""Calls of a person's functions, in a process of its own → the arrays that they return, as plain bytes.

Nothing of gatedsym is imported but this file. A request is a line of JSON and an archive of arrays; an answer is the
same. Her prints go nowhere and are counted; what she returns leaves this process as arrays alone.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import os
import signal
import struct
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any, BinaryIO

import numpy as np

MOST_ENTRIES = 1_000_000
MOST_LEAVES = 4_000
MOST_FRAMES = 40
DEPTH = 6


class TooLong(BaseException):
    """A call has run for as long as it may."""


class TooMuch(BaseException):
    """A call has printed as much as it may."""


class Nowhere(io.TextIOBase):
    """A stream that counts what is printed, and raises at a limit.

    Parameters
    ----------
    most : int
        Characters.
    """

    def __init__(self, most: int) -> None:
        self.most, self.count = most, 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.count += len(text)
        if self.count > self.most:
            raise TooMuch
        return len(text)


def send(stream: BinaryIO, header: Mapping[str, Any], arrays: list[np.ndarray[Any, Any]]) -> None:
    """Write a header and arrays."""
    body = io.BytesIO()
    np.savez(body, *arrays)
    head, data = json.dumps(header).encode(), body.getvalue()
    stream.write(struct.pack("<QQ", len(head), len(data)) + head + data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], list[np.ndarray[Any, Any]]] | None:
    """Read a header and arrays, or None at the end of the stream."""
    sizes = stream.read(16)
    if len(sizes) < 16:
        return None
    head, data = struct.unpack("<QQ", sizes)
    header = json.loads(stream.read(head))
    with np.load(io.BytesIO(stream.read(data)), allow_pickle=False) as found:
        arrays = [found[f"arr_{n}"] for n in range(len(found.files))]
    return header, arrays


def limit_resources(memory: int) -> None:
    """Bound memory, size of files and core dumps, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**24, 2**24))
        if sys.platform != "darwin":
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class Person:
    """A person's functions.

    Parameters
    ----------
    pieces : list of (file, line, text)
        Sources, each with the line of its file at which it begins.
    seconds : float
        For each call.
    printed : int
        Characters that one call may print.
    """

    def __init__(self, pieces: list[tuple[str, int, str]], seconds: float, printed: int) -> None:
        self.seconds, self.printed = seconds, printed
        self.files = {file for file, _, _ in pieces}
        module = types.ModuleType("homework")
        sys.modules["homework"] = module
        self.names = module.__dict__
        for file, line, text in pieces:
            self.names["__file__"] = file
            tree = ast.parse(text, file)
            ast.increment_lineno(tree, line - 1)
            self._run(_without_training(tree), file)
        self.kept: dict[str, Any] = {}
        self.object: Any = None

    def _run(self, tree: ast.Module, file: str) -> None:
        """Carry out the statements of a file; data that is not beside it, and what is made of that, stays undefined."""
        lost: set[str] = set()
        for statement in tree.body:
            named = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
            defines = isinstance(statement, ast.FunctionDef | ast.ClassDef)
            if not defines and named & lost:
                lost |= _stored(statement)
                continue
            try:
                exec(compile(ast.Module([statement], []), file, "exec"), self.names)
            except AssertionError:
                if not isinstance(statement, ast.Assert | ast.Expr):  # her own check of her gradients, which may fail
                    raise
            except FileNotFoundError:
                if not (made := _stored(statement)):
                    raise
                lost |= made

    def call(self, job: Mapping[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Any:
        """Result of one call, and the arguments that it filled in."""
        make = _Arguments(arrays, self.kept, job.get("torch", False), job.get("plain", False)).make
        for name, spec in job.get("globals", {}).items():
            self.names[name] = make(spec)
        positional = [make(spec) for spec in job["args"]]
        named = {name: make(spec) for name, spec in job.get("named", {}).items()}
        if "object" in job:
            self.object = self._made(job["object"], make)
        result = self._function(job, positional)(*positional, **named)
        if "keep" in job:
            self.kept[job["keep"]] = result
        filled = [("filled", positional[n]) for n in job.get("after", ())]
        return result, [*filled, *([("object", _held(self.object))] if job.get("object_after") else [])]

    def _function(self, job: Mapping[str, Any], positional: list[Any]) -> Callable[..., Any]:
        """The function that a job calls; what is static gets the context of its forward pass first."""
        *owner, last = job["function"].split(".")
        if "context" in job:
            if job["context"]:
                self.context = Context()
            positional.insert(0, self.context)
            return getattr(self.names[owner[0]], last)  # type: ignore[no-any-return]
        function: Callable[..., Any] = getattr(self.object, last) if owner else self.names[last]
        return _without_autograd(function) if owner and hasattr(self.object, "named_parameters") else function

    def _made(self, wanted: Mapping[str, Any], make: Callable[[Mapping[str, Any]], Any]) -> Any:
        """An object of her class; parameters that it makes get our numbers, in place, for it may hold them twice.

        Raises
        ------
        LookupError
            If one that it needs is nowhere in it.
        """
        made = self.names[wanted["class"]](*map(make, wanted["args"]))
        tables = _tables(made, wanted["tables"], wanted["listed"])
        missing = set(wanted["needs"])
        for name, spec in wanted["set"].items():
            own = next((table[name] for table in tables if as_array(table.get(name)) is not None), None)
            if own is not None:
                ours = make(spec)
                if np.shape(own) != np.shape(ours):
                    raise ValueError(f"{name} has the shape {np.shape(own)}, and {np.shape(ours)} was tried last")
                (own.detach() if hasattr(own, "detach") else own)[...] = ours
                missing -= {_plain(name)}
        if missing:
            raise LookupError(
                f"an object of {wanted['class']} holds no array {', '.join(sorted(missing))}: let its constructor take"
                " the parameters, or call their dict params"
            )
        return made


def _without_training(tree: ast.Module) -> ast.Module:
    """A file without the loops at its top that call its own functions: a training that nobody waits for."""
    own = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    own |= {
        t.id
        for n in tree.body
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call) and _calls(n.value, own)
        for t in n.targets
        if isinstance(t, ast.Name)
    }
    kept = [n for n in tree.body if not (isinstance(n, ast.For | ast.While) and _calls(n, own))]
    return ast.Module(kept, tree.type_ignores)


def _calls(node: ast.AST, names: set[str]) -> bool:
    """Whether a function, or a method of an object, of these names is called in it."""
    called = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(isinstance(n, ast.Name) and n.id in names for f in called for n in ast.walk(f))


def _stored(statement: ast.stmt) -> set[str]:
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _tables(made: Any, words: list[str], listed: list[str]) -> list[Mapping[str, Any]]:
    """Holders of an object's parameters by name: itself, and those of its dicts and lists that are called so."""
    named = [v for k, v in vars(made).items() if _plain(k) in words]
    lists = [dict(zip(listed, v, strict=True)) for v in named if isinstance(v, list | tuple) and len(v) == len(listed)]
    modules = [dict(made.named_parameters())] if hasattr(made, "named_parameters") else []
    return [vars(made), *modules, *(v for v in named if isinstance(v, dict)), *lists]


def _held(made: Any) -> dict[str, Any]:
    """Attributes of an object by name; of a module of torch without its machinery, with ``grad`` of what has one."""
    module = hasattr(made, "named_parameters")
    held = {name: value for name, value in vars(made).items() if not (module and name.startswith("_"))}
    tensors = dict(made.named_parameters()) if module else held
    grads = {name: t.grad for name, t in tensors.items() if as_array(getattr(t, "grad", None)) is not None}
    return {**held, "grads": {**grads, **held["grads"]}} if isinstance(held.get("grads"), dict) else (
        {**held, "grads": grads} if grads and "grads" not in held else held
    )  # fmt: skip


def _without_autograd(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that torch does not watch: parameters of a module may be written to."""

    def call(*args: Any, **named: Any) -> Any:
        with sys.modules["torch"].no_grad():
            return function(*args, **named)

    return call


class Context:
    """Stands for the context of an ``autograd.Function``: what its forward pass saves, its backward pass reads."""

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()
        self.needs_input_grad = (True,) * 64

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Nothing: no graph is recorded."""

    mark_dirty = mark_non_differentiable

    def set_materialize_grads(self, value: bool) -> None:
        """Nothing: all cotangents are given."""


def _plain(name: str) -> str:
    return name.casefold().replace("_", "")


class _Arguments:
    """Arguments of a call, from what the request says of them."""

    def __init__(self, arrays: list[np.ndarray[Any, Any]], kept: Mapping[str, Any], torch: bool, plain: bool) -> None:
        self.arrays, self.kept, self.torch, self.plain = arrays, kept, torch, plain

    def make(self, spec: Mapping[str, Any]) -> Any:
        (kind, what), *_ = spec.items()
        match kind:
            case "array":
                array = self.arrays[what].copy()
                if self.plain:
                    return array.tolist()
                if not self.torch:
                    return array
                return sys.modules["torch"].from_numpy(array)  # her file imports it
            case "list":
                return [self.make(s) for s in what]
            case "tuple":
                return tuple(self.make(s) for s in what)
            case "dict":
                return {name: self.make(s) for name, s in what.items()}
            case "steps":
                return {int(step): self.make(s) for step, s in what.items()}
            case "names":
                return types.SimpleNamespace(**{name: self.make(s) for name, s in what.items()})
            case "result":
                name, *path = what
                found = self.kept[name]
                for key in path:
                    found = found[key]
                return found
            case _:
                return what


def leaves(value: Any, path: tuple[str, ...] = (), depth: int = 0) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Arrays in what a function returned, each with the keys that lead to it."""
    array = as_array(value)
    if array is not None:
        yield path, array
    elif depth < DEPTH and isinstance(value, Mapping):
        whole = _stacked(_in_order(value)) if value and all(isinstance(k, int) for k in value) else None
        if whole is not None:
            yield path, whole
        else:
            for key, part in value.items():
                yield from leaves(part, (*path, str(key)), depth + 1)
    elif depth < DEPTH and isinstance(value, list | tuple):
        whole = _stacked(value) if isinstance(value, list) else None
        if whole is not None:
            yield path, whole
        else:
            names = getattr(value, "_fields", None) or range(len(value))
            for key, part in zip(names, value, strict=True):
                yield from leaves(part, (*path, str(key)), depth + 1)
    elif depth < DEPTH and hasattr(value, "__dict__") and not callable(value) and not isinstance(value, type):
        yield from leaves(vars(value), path, depth + 1)


def _in_order(steps: Mapping[int, Any]) -> list[Any]:
    return [steps[key] for key in sorted(steps)]


def _stacked(values: Any) -> np.ndarray[Any, Any] | None:
    """Arrays of one shape as one array; None where they are not."""
    arrays = [_numbers(v) if isinstance(v, list) else as_array(v) for v in values]
    shapes = {None if a is None else a.shape for a in arrays}
    return np.stack(arrays) if len(shapes) == 1 and None not in shapes else None  # type: ignore[arg-type]


def _numbers(value: list[Any]) -> np.ndarray[Any, Any] | None:
    """A list of numbers, or of lists of them, as an array; None where it is anything else."""
    if not value or not all(isinstance(v, bool | int | float | list) for v in value):
        return None
    return _stacked(value)


def as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """A plain array of numbers, or None."""
    if hasattr(value, "detach") and hasattr(value, "numpy"):
        value = value.detach().cpu().numpy()
    if isinstance(value, bool | int | float | complex | np.ndarray | np.generic):
        array = np.array(value)
        if array.dtype.kind in "biufc" and array.size <= MOST_ENTRIES:
            return array
    return None


class _Recorder:
    """The local arrays of a person's functions when they return."""

    def __init__(self, files: set[str]) -> None:
        self.files = files
        self.frames: list[tuple[str, list[tuple[tuple[str, ...], Any]]]] = []

    def __call__(self, frame: types.FrameType, event: str, argument: Any) -> None:
        if event == "return" and frame.f_code.co_filename in self.files and len(self.frames) < MOST_FRAMES:
            found = [leaf for name, v in frame.f_locals.items() for leaf in _own(name, v)]
            self.frames.append((frame.f_code.co_name, found[:400]))


def _own(name: str, value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Arrays of a local name: itself, or what a dict or a list of it holds."""
    for n, leaf in enumerate(leaves(value, (name,), DEPTH - 2)):
        if n > 60:
            return
        yield leaf


def answer(
    person: Person, job: Mapping[str, Any], arrays: list[np.ndarray[Any, Any]], out: list[np.ndarray[Any, Any]]
) -> dict[str, Any]:
    """Carry out one call; arrays go to `out`, the rest is returned."""
    recorder = _Recorder(person.files) if job.get("trace") else None

    def work() -> list[tuple[tuple[str, ...], Any]]:
        if recorder is not None:
            sys.setprofile(recorder)
        try:
            result, filled = person.call(job, arrays)
        finally:
            sys.setprofile(None)
        found: list[tuple[tuple[str, ...], Any]] = []
        for leaf in chain(leaves(result), *(leaves(one, (label,)) for label, one in filled)):
            found.append(leaf)
            if len(found) >= MOST_LEAVES:
                break
        return found

    found, error = guarded(work, person.seconds, person.printed, person.files)
    if error is not None:
        return {"error": error}
    header: dict[str, Any] = {"leaves": _handed_out(found or [], out)}
    if recorder is not None:
        header["frames"] = [(name, _handed_out(local, out)) for name, local in recorder.frames]
    return header


def _handed_out(found: list[tuple[tuple[str, ...], Any]], out: list[np.ndarray[Any, Any]]) -> list[Any]:
    told = []
    for path, array in found:
        told.append([list(path), len(out)])
        out.append(array)
    return told


def guarded(
    work: Callable[[], Any], seconds: float, printed: int, files: set[str]
) -> tuple[Any, dict[str, Any] | None]:
    """Result of `work` under limits, or how it ended."""
    stream = Nowhere(printed)
    held = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = stream
    _alarm(seconds)
    try:
        with np.errstate(all="ignore"):
            return work(), None
    except BaseException as error:
        return None, told(error, files)
    finally:
        _alarm(0)
        sys.stdout, sys.stderr = held


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def told(error: BaseException, files: set[str]) -> dict[str, Any]:
    """An exception, and the line of the person's file at which it left it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    where = next((f.name for f in reversed(frames) if not f.name.startswith("<")), "")
    kind = {TooLong: "long", TooMuch: "printed", MemoryError: "memory"}.get(type(error), "raised")
    text = str(error).strip().splitlines()
    return {
        "kind": kind, "type": type(error).__name__, "text": (text[0] if text else "")[:300], "line": line,
        "function": where, "file": frames[-1].filename if frames else "",
    }  # fmt: skip


def _no_input(*_: Any) -> str:
    raise EOFError("nobody is there to answer input()")


def main() -> None:
    """Answer requests until there are no more."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        nowhere = os.open(os.devnull, mode)
        os.dup2(nowhere, number)
        os.close(nowhere)
    builtins.input = _no_input
    first = receive(requests)
    if first is None:
        return
    setting = first[0]
    sys.path.insert(0, setting["folder"])
    sys.argv = ["homework"]
    limit_resources(setting["memory"])
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _raise_too_long)
    if setting["torch"]:
        _compute_in_double()
    pieces = [(file, line, text) for file, line, text in setting["pieces"]]
    files = {file for file, _, _ in pieces}
    seconds, printed = setting["seconds"], setting["printed"]
    person, error = guarded(lambda: Person(pieces, seconds, printed), setting["loading"], printed, files)
    send(answers, {"error": error}, [])
    while error is None and (request := receive(requests)) is not None:
        out: list[np.ndarray[Any, Any]] = []
        jobs, arrays = request
        send(answers, {"calls": [answer(person, job, arrays, out) for job in jobs["jobs"]]}, out)


def _compute_in_double() -> None:
    """Have torch make numbers in double precision where she asks for none, as those are that she is given."""
    with suppress(Exception):  # her file says what is wrong with it
        import torch

        torch.set_default_dtype(torch.float64)


def _raise_too_long(*_: Any) -> None:
    raise TooLong


if __name__ == "__main__":
    main()

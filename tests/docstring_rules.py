"""Rules for docstrings of public names: each gives what is missing, of a name, a thing and its text."""

import ast
import builtins
import inspect
import re
import textwrap

from numpy_sections import entries, sections
from public_names import RESULTS

from gatedsym import errors

LISTS = ("Parameters", "Attributes", "Returns", "Yields")
TITLES = {"", *LISTS, "Raises", "Warns", "Notes", "References", "Examples"}
SHAPE = re.compile(r"\((?:[^()]*[,…·][^()]*)\)|\bshapes?\b|`[A-Za-z_.]+`|\bthe (same|array|parameter)")
"""Says of an array which axes it has: ``(T, B, m)``, its shape in words, or a name that tells it."""
NOUN = re.compile(r"(A|An|The|All|Every|Each|Whether|No|[A-Z]\w+s|Loss,|Reason|Independent)\b")
"""Opens a line that says what is returned: "The shape of every parameter.", "Lags of some samples."."""
UNIT = re.compile(
    r"\b(steps?|updates?|seconds?|inches|points|factors?|shares?|fraction|probability|bias(es)?|norms?|deviations?|loss|"
    r"metric|between|numbers?|multiplied|added|in the units of|as given)\b|log10|\bN\(0",
    re.IGNORECASE,
)
"""Says what a number measures, or what is done with it."""
MADE_BY_CALLS = {"gatedsym.figures.Look", "gatedsym.learning.optimisers.Optimiser", "gatedsym.torch.Watcher", *RESULTS}
"""Classes that no person makes herself: a type of arguments, a protocol, what calls give back."""


def listed(docstring, *titles):
    """All entries of some sections."""
    found = sections(docstring)
    return [entry for title in titles for entry in entries(found.get(title, ""))]


def names_in(docstring, *titles):
    """Their names."""
    return {name for entry in listed(docstring, *titles) for name in entry.names}


def function_of(thing):
    """The function behind a method, a property or what a decorator made; None of a class."""
    found = thing.fget if isinstance(thing, property) else getattr(thing, "func", thing)
    return inspect.unwrap(found) if callable(found) and not inspect.isclass(found) else None


def arguments(name, thing):
    """The arguments of a function, or of a class that a person makes."""
    if isinstance(thing, property) or not callable(thing) or name in MADE_BY_CALLS:
        return []
    return [one for one in inspect.signature(thing).parameters if one not in ("self", "cls")]


def returned(thing):
    """The annotation of what a function returns, as text; "" of a class."""
    return str(getattr(function_of(thing), "__annotations__", {}).get("return", ""))


def raised(thing):
    """Errors of the library that stand behind a `raise` in a function itself, or in the making of a class."""
    made = [vars(thing).get("__init__"), vars(thing).get("__post_init__")] if inspect.isclass(thing) else [thing]
    functions = [function_of(one) for one in made if one is not None]
    written = [one for one in functions if inspect.isfunction(one) and one.__code__.co_filename != "<string>"]
    return {name for function in written for name in _raised_by(function) if hasattr(errors, name)}


def _raised_by(function):
    """Names behind `raise` in a function, not in those that it holds."""
    waiting = list(ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            yield node.exc.func.id
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def arguments_untold(name, thing, docstring):
    """Arguments that stand in no list; of one or two, in no sentence either."""
    given, known = arguments(name, thing), names_in(docstring, "Parameters", "Attributes")
    sentences = docstring.partition("Examples\n---")[0] if len(given) <= 2 else ""
    return [one for one in given if one not in known and not re.search(rf"[`*]{one}\b", sentences)]


def arguments_made_up(name, thing, docstring):
    """Entries for arguments that there are not."""
    return sorted(names_in(docstring, "Parameters") - set(arguments(name, thing))) if inspect.isfunction(thing) else []


def result_untold(name, thing, docstring):
    """A function that returns something, and neither a section nor its first line names it."""
    told = {"Returns", "Yields"} & set(sections(docstring)) or NOUN.match(docstring)
    return [] if told or not inspect.isfunction(thing) or returned(thing) in ("", "None") else ["what it returns"]


def errors_untold(name, thing, docstring):
    """Errors that it raises itself, under no name of theirs or of what they are a kind of."""
    known = names_in(docstring, "Raises")
    kinds = {one: {base.__name__ for base in getattr(errors, one).__mro__} for one in raised(thing)}
    return [one for one, above in kinds.items() if not above & known and one not in docstring]


def errors_made_up(name, thing, docstring):
    """Errors that there are not."""
    return [one for one in names_in(docstring, "Raises") if not hasattr(errors, one) and not hasattr(builtins, one)]


def shapes_untold(name, thing, docstring):
    """Arrays without their axes."""
    arrays = [e for e in listed(docstring, *LISTS) if re.search(r"\b(array|tensor)s?\b", e.kind or e.head)]
    bare = [e.head for e in arrays if not SHAPE.search(f"{e.head}\n{e.text}")]
    alone = "Array" in returned(thing) and not listed(docstring, "Returns")
    return bare + ["its array"] * (alone and not SHAPE.search(docstring))


def numbers_untold(name, thing, docstring):
    """Numbers that measure something, without what or in which unit."""
    numbers = [e for e in listed(docstring, *LISTS) if re.match(r"float\b", e.kind or e.head)]
    return [f"{e.head}: {e.text}" for e in numbers if not UNIT.search(f"{', '.join(e.names)} {e.text}")]


def sections_amiss(name, thing, docstring):
    """Sections that NumPy's style has not, and those that stand twice."""
    titles = re.findall(r"^([A-Z][\w ]*)\n-{3,}$", docstring, re.M)
    return [title for title in titles if title not in TITLES or titles.count(title) > 1]


RULES = (
    arguments_untold, arguments_made_up, result_untold, errors_untold, errors_made_up, shapes_untold, numbers_untold,
    sections_amiss,
)  # fmt: skip

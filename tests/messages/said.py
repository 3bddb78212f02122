"""Where messages are said: calls in modules and templates, each with its room, its name and its variables."""

import ast
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gatedsym"
WAYS = ("html", "spans", "has")


@dataclass(frozen=True)
class Said:
    """A call that prints a message.

    Attributes
    ----------
    where : str
        File and line.
    room : str
    name : str
        Of the message; of a family, what all names begin with.
    family : bool
    variables : frozenset of str, optional
        None where they are handed on (``**variables``), and where only `has` is asked.
    """

    where: str
    room: str
    name: str
    family: bool
    variables: frozenset | None

    def names(self, messages):
        """The messages of the room that are meant."""
        return [m for m in messages if (m.startswith(self.name) if self.family else m == self.name)]


def place(path, line):
    return f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name}:{line}"


# Python


def room_of(node):
    """The room's name, of an expression ``room("name")`` or ``later("name")``."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("room", "later")
        and len(node.args) == 1
    ):
        return node.args[0].value if isinstance(node.args[0], ast.Constant) else None
    return None


def speaker(node, bound):
    """(room, way) of an expression that says messages when it is called; None of any other."""
    way = ""
    if isinstance(node, ast.Attribute) and node.attr in WAYS:
        node, way = node.value, node.attr
    if (room := room_of(node)) is not None:
        return room, way
    if isinstance(node, ast.Name) and node.id in bound:
        return bound[node.id][0], way or bound[node.id][1]
    return None


def names_of(node):
    """(name, family) of each message that a first argument can mean."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [(node.value, False)]
    if isinstance(node, ast.IfExp):
        return [*names_of(node.body), *names_of(node.orelse)]
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant) and "-" in node.values[0].value:
        return [(node.values[0].value, True)]
    return []


def said_in_module(path):
    """Calls of a module; a name that is not written out is an AssertionError."""
    text = path.read_text("utf-8")
    if "from gatedsym.messages" not in text:
        return
    tree = ast.parse(text)
    bound = {}
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and (found := speaker(node.value, {}))
        ):
            bound[node.targets[0].id] = found
    for node in ast.walk(tree):
        found = speaker(node.func, bound) if isinstance(node, ast.Call) else None
        if found is None:
            continue
        where = place(path, node.lineno)
        names = names_of(node.args[0]) if len(node.args) == 1 else []
        assert names, f"{where}: write the message's name out, or as f'family-{{what}}'."
        keys = {keyword.arg for keyword in node.keywords}
        for name, family in names:
            assert family or None not in keys, f"{where}: write the variables of {name} out."
            unknown = None in keys or found[1] == "has"
            yield Said(where, found[0], name, family, None if unknown else frozenset(keys))


# Templates


def names_in_template(node):
    if isinstance(node, nodes.Const):
        return [(node.value, False)]
    if isinstance(node, nodes.CondExpr):
        return [*names_in_template(node.expr1), *names_in_template(node.expr2)]
    if isinstance(node, nodes.Concat) and isinstance(node.nodes[0], nodes.Const) and "-" in node.nodes[0].value:
        return [(node.nodes[0].value, True)]
    return []


def said_in_template(path, package=PACKAGE):
    """Calls of ``say`` in a template, which prints the messages of the room that the template stands in."""
    room = path.relative_to(package).parts[0]
    for node in Environment().parse(path.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(node.node, nodes.Name) and node.node.name == "say":
            where = place(path, node.lineno)
            names = names_in_template(node.args[0]) if len(node.args) == 1 else []
            assert names, f"{where}: write the message's name out, or as 'family-' ~ what."
            for name, family in names:
                yield Said(where, room, name, family, frozenset(keyword.key for keyword in node.kwargs))


def modules():
    found = [*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "derivations" / "docs").glob("*.py"))]
    return [p for p in found if p.relative_to(ROOT).parts[1] not in ("derivations", "generated", "messages")]


def templates():
    return sorted(PACKAGE.rglob("*.j2"))


def all_said():
    """Every call of the package, and of the scripts that write its documents."""
    return [
        *(said for path in modules() for said in said_in_module(path)),
        *(said for path in templates() for said in said_in_template(path)),
    ]

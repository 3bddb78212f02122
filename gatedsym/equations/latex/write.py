"""Trees of statements → the plain text of the grammar, each character with the place that it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from gatedsym.equations.latex.scripts import (
    Reading,
    bare,
    glyphs,
    is_conjugate,
    is_inverse_of_the_transpose,
    is_transpose,
    is_transposed,
    items_of,
    name_of,
    symbols,
)
from gatedsym.equations.latex.sums import factor_of, summed_letters
from gatedsym.equations.latex.symbols import Formula, Symbols, only_symbol, safe_name, suffixes, variety_of
from gatedsym.equations.latex.tree import Node, Row, function_of
from gatedsym.equations.names import IDENTITY, LANGUAGE_FUNCTIONS
from gatedsym.equations.source import Source, Span
from gatedsym.errors import EquationError

_COMPARISONS = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
_OPERAND = frozenset({"symbol", "number", "fence", "fraction", "root", "matrix", "cases", "big"})
_UNREAD = {
    "±": "two values at once", "∓": "two values at once", "→": "an arrow", "≤": "a comparison", "∩": "an intersection",
    "†": "a mark of its own", "ℜ": "a real part", "ℑ": "an imaginary part", "⊖": "a sign of its own",
}  # fmt: skip


@dataclass
class Writer:
    """Plain characters, and for each the offsets it comes from: the last one in `origins`, the first in `starts`."""

    symbols: Symbols
    characters: list[str] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    @property
    def source(self) -> Source:
        return self.symbols.source

    def put(self, text: str, start: int, end: int) -> None:
        """Add a text that stands for what is between two offsets."""
        if text:
            self.characters.extend(text)
            last = max(start, end - 1)
            self.origins += [start] * (len(text) - 1) + [last]
            self.starts += [start] * len(text)

    def raw(self, start: int, end: int) -> None:
        """Add characters as they stand."""
        self.characters.extend(self.source.plain[start:end])
        self.origins += range(start, end)
        self.starts += range(start, end)

    def last(self) -> str:
        """The last character that is no space."""
        return next((c for c in reversed(self.characters) if c != " "), "")


@dataclass(frozen=True)
class _Place:
    """Surroundings of a row.

    Attributes
    ----------
    formula : Formula
    entries : bool
        What stands side by side are entries: their product is one of numbers.
    """

    formula: Formula
    entries: bool = False


def write_formula(writer: Writer, formula: Formula) -> None:
    """Write one statement."""
    tokens = formula.statement.tokens
    start, end = tokens[0].start, tokens[-1].end
    if writer.characters:
        writer.put("\n", start, start + 1)
    if formula.statement.kind == "line":
        writer.raw(start, end)
    elif formula.statement.kind == "declaration":
        _declaration(writer, formula)
    else:
        _equation(writer, formula)


# --- declarations -----------------------------------------------------------------------------------------------


def _declaration(writer: Writer, formula: Formula) -> None:
    """``W_f, W_i in R^(n, m)``."""
    for node in formula.left:
        if node.kind == "symbol" and node.text in ("output", "input") and not node.subs:
            writer.put(f"{node.text} ", node.start, node.end)
        elif node.kind == "symbol":
            _declared_name(writer, node, formula)
        elif node.kind == "fence" and node.text in ("[]", "{}", "()"):
            writer.raw(node.start, node.end)
        elif node.kind == "sign" and node.text in (",", "'", "*"):
            writer.put(", " if node.text == "," else node.text, node.start, node.end)
        elif node.kind == "space":
            writer.put(" ", node.start, node.end)
        else:
            raise writer.source.error(
                "expected names before the space that they are in.", node.span, "Write W_f, W_i in R^(n, m)."
            )
    relation = formula.row[formula.equals]
    writer.put(" in ", relation.start, relation.end)
    right = _space_of_defined(writer, formula)
    if right and right[0].kind != "symbol" and _put_domain(writer, relation.end, formula.statement.tokens[-1].end):
        return
    if right and not formula.statement.latex:
        writer.raw(right[0].start, right[-1].end)
    else:
        _space(writer, right)


_DOMAIN = re.compile(
    r" *\\?\{(?! *[(\[])(?P<values>[^{}\n\\]*(?:\\(?:dots|ldots|dotsc|cdots)(?![A-Za-z])[^{}\n\\]*)?)\\?\}"
)


def _put_domain(writer: Writer, start: int, end: int) -> bool:
    """Write ``\\{0, \\dots, m-1\\}`` or ``{0..m-1}``, numbers that an input may be; False of anything else."""
    match = _DOMAIN.match(writer.source.plain, start, end)
    if match is None:
        return False
    writer.put("{", match.start(), match.start("values"))
    dots = re.search(r"\\[a-z]+", match["values"])
    if dots is None:
        writer.raw(match.start("values"), match.end("values"))
    else:
        first = match.start("values")
        writer.raw(first, first + dots.start())
        writer.put("..", first + dots.start(), first + dots.end())
        writer.raw(first + dots.end(), match.end("values"))
    writer.put("}", match.end("values"), match.end())
    rest = writer.source.plain[match.end() : end].rstrip(" $.,;")
    writer.raw(match.end(), match.end() + len(rest))
    return True


def _space_of_defined(writer: Writer, formula: Formula) -> Row:
    """Right side of a declaration; of ``f_t \\in (0,1)^h`` the shape alone where an equation defines f."""
    right, table = formula.row[formula.equals + 1 :], writer.symbols
    names = [n for n in formula.left if n.kind == "symbol" and n.text not in ("output", "input")]
    head = right[0] if right and right[0].kind != "space" else right[1] if len(right) > 1 else None
    if head is None or head.kind != "fence" or not (head.sups and formula.statement.latex):
        return right
    if not all(table.read(n, formula).key in table.defined for n in names):
        return right
    typed, line = table.source.excerpt(formula.row[0].span.to(right[-1].span)), table.source.line(head.span)
    table.notes.append(f"{typed} (line {line}) gives the shape alone: what is defined is where its equation puts it.")
    return (replace(head, kind="symbol", text="R", parts=()),)


def _declared_name(writer: Writer, node: Node, formula: Formula) -> None:
    table = writer.symbols
    members = suffixes(node, table.conventions)
    star = bool(node.subs) and glyphs(node.subs[-1]) == ["*"]
    reading = table.read(node, formula)
    if star or (members and reading.key not in table.names):
        base = "_".join([node.text, *node.accents])
        writer.put(base + ("_*" if star else f"_{{{','.join(members)}}}"), node.start, node.end)
        return
    name = table.names.get(reading.key) or safe_name(table.name_alone(node))
    time = reading.time
    writer.put(name + ("_{t}" if time is not None else ""), node.start, node.end)


def _space(writer: Writer, right: Row) -> None:
    """``\\mathbb{R}^{n \\times m}``."""
    nodes = [n for n in right if n.kind != "space"]
    if not nodes:
        raise writer.source.error("expected a space after 'in'.", None, "Write R^n or R^(n, m).")
    head = nodes[0]
    if head.kind == "symbol":
        writer.put(head.text, head.start, head.start + max(1, len(head.text)))
    else:
        end = head.sups[0][0].start - 1 if head.sups and head.sups[0] else head.end
        if head.text == "()":  # {(0,1)}^h: the braces only hold it together
            end = writer.source.plain.rfind(")", head.start, end) + 1
        writer.raw(head.start, end)
    for script in head.sups:
        writer.put("^(", head.start, head.end)
        _sizes(writer, script)
        writer.put(")", head.end - 1, head.end)
    for node in nodes[1:]:
        writer.put(" ", node.start, node.end)
        writer.raw(node.start, node.end)


def _sizes(writer: Writer, row: Row) -> None:
    nodes = [n for n in row if n.kind != "space"]
    if len(nodes) == 1 and nodes[0].kind == "fence" and not nodes[0].sups:
        _sizes(writer, nodes[0].parts[0])
        return
    for n, node in enumerate(nodes):
        if node.kind == "symbol" and node.text == "x" and 0 < n < len(nodes) - 1 and not node.subs:
            writer.put(", ", node.start, node.end)
        elif node.kind == "symbol":
            writer.put(size_name(node), node.start, node.end)
        elif node.kind == "sign" and node.text in ("×", ",", "*"):
            writer.put(", ", node.start, node.end)
        elif node.kind == "sign" and node.text == "·":
            writer.put("*", node.start, node.end)
        elif node.kind == "fence":
            writer.put("(", node.start, node.start + 1)
            _sizes(writer, node.parts[0])
            writer.put(")", node.end - 1, node.end)
        else:
            writer.put(node.text, node.start, node.end)


def size_name(node: Node) -> str:
    """The plain name of a size: ``d_h`` is dh, since names that begin with d_ are taken."""
    parts = [node.text, *node.accents]
    for script in (*node.subs, *node.sups):
        parts += [name_of(bare(item)[0]) for item in items_of(glyphs(script))]
    return safe_name("_".join(parts))


# --- equations --------------------------------------------------------------------------------------------------


def _equation(writer: Writer, formula: Formula) -> None:
    place = _Place(formula, bool(formula.indices or formula.dropped))
    row = formula.row
    if formula.defines and formula.equals >= 0 and only_symbol(formula.left) is not None:
        _alias(writer, formula)
        return
    if formula.defines and _is_logistic(writer, formula):
        left = formula.left
        writer.put(f"{formula.defines}(v) = sigmoid(v)", left[0].start, formula.row[-1].end)
        return
    row = _last_of_chain(writer, formula)
    pairs = _side_by_side(formula)
    if pairs:
        for n, (left, right) in enumerate(pairs):
            writer.put("\n" if n else "", left[0].start, left[0].start + 1)
            _row(writer, left, place)
            writer.put(" = ", right[0].start, right[0].start + 1)
            _row(writer, right, place)
        return
    _row(writer, row, place)


def _side_by_side(formula: Formula) -> list[tuple[Row, Row]]:
    """The equations of ``q_t, k_t = W_q x_t, W_k x_t``; none where the two sides have not as many parts."""
    left, right = (_parts(side) for side in (formula.left, formula.row[formula.equals + 1 :]))
    fits = formula.equals >= 0 and len(left) == len(right) > 1 and all(left) and all(right)
    return list(zip(left, right, strict=True)) if fits else []


def _parts(row: Row) -> list[Row]:
    """Items between commas."""
    parts: list[list[Node]] = [[]]
    for node in row:
        if node.kind == "sign" and node.text == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return [_trimmed(tuple(part)) for part in parts]


def _names_something_new(writer: Writer, part: Row, formula: Formula) -> bool:
    """Whether a letter stands in a formula that the text neither declares nor defines."""
    table = writer.symbols
    keys = [table.read(n, formula).key for n in symbols(part) if not table.is_function(n)]
    return any(k not in table.defined and table.names.get(k) not in table.conventions.names for k in keys)


_LOGISTIC = frozenset({"1/(1+exp(-v))", "(1/(1+exp(-v)))", "(1+exp(-v))^(-1)", "1/(exp(-v)+1)", "(1/(exp(-v)+1))"})


def _is_logistic(writer: Writer, formula: Formula) -> bool:
    """Whether a definition is that of the logistic function, which the language has in a stable form."""
    if len(formula.parameters) != 1:
        return False
    (parameter,) = formula.parameters
    trial = Writer(writer.symbols)
    _row(trial, formula.row[formula.equals + 1 :], _Place(formula))
    text = "".join(trial.characters).replace(" ", "")
    return re.sub(rf"(?<![A-Za-z_]){re.escape(parameter)}(?![A-Za-z_])", "v", text) in _LOGISTIC


def _last_of_chain(writer: Writer, formula: Formula) -> Row:
    """``h = \\sigma(z) = \\sigma(W x)`` without what only names a letter that nothing defines.

    Raises
    ------
    EquationError
        Where each right side says something: that two are equal is no equation of a step.
    """
    row = formula.row
    at = [n for n, node in enumerate(row) if node.kind == "sign" and node.text in ("=", *"≜≔←≡≝")]
    if len(at) < 2 or not formula.statement.latex:
        return row
    parts = [_trimmed(row[a + 1 : b]) for a, b in zip([-1, *at], [*at, len(row)], strict=True)]
    if not all(parts):
        return row
    if all(_names_something_new(writer, part, formula) for part in parts[1:-1]):
        between = writer.source.excerpt(Span(parts[1][0].start, parts[-2][-1].end))
        line = writer.source.line(Span(parts[1][0].start, parts[1][0].end))
        writer.symbols.notes.append(f"'{between}' (line {line}) is left out: it only gives a name to what follows it.")
        return (*row[: at[0] + 1], *row[at[-1] + 1 :])
    typed = [writer.source.excerpt(Span(part[0].start, part[-1].end)) for part in parts]
    raise writer.source.error(
        "a chain of equations has several right sides.",
        Span(row[at[1]].start, row[at[1]].end),
        f"Write one: {typed[0]} = {typed[-1]}; what stands between may be an equation of its own.",
    )


def _alias(writer: Writer, formula: Formula) -> None:
    """``\\phi = \\tanh``: a definition."""
    left, right = only_symbol(formula.left), only_symbol(formula.row[formula.equals + 1 :])
    assert left is not None
    assert right is not None
    function = _function_name(writer, right)
    writer.put(f"{formula.defines}(v)", left.start, left.end)
    equals = formula.row[formula.equals]
    writer.put(" = ", equals.start, equals.end)
    writer.put(f"{function}(v)", right.start, right.end)


def _row(writer: Writer, row: Row, place: _Place) -> None:
    """Write nodes side by side."""
    at = 0
    previous: Node | None = None
    while at < len(row):
        node = row[at]
        if node.kind == "space":
            _gap(writer, node, at)
            at += 1
            continue
        if node.kind == "sign":
            previous = None if _sign(writer, row, at, place) else previous
            at += 1
            continue
        if previous is not None:
            _between(writer, row, previous, at, place)
        at = _operand(writer, row, at, place)
        previous = row[at - 1] if at and row[at - 1].kind in _OPERAND else node
        if node.kind == "big" or _is_head(row, at - 2):
            previous = None


def _is_head(row: Row, at: int) -> bool:
    """Whether ``sum[q]`` of the plain language stands at a position."""
    if at < 0 or at + 1 >= len(row) or row[at].text not in ("sum", "max", "min", "mean"):
        return False
    index = row[at + 1]
    return row[at].kind == "symbol" and index.kind == "fence" and index.text == "[]" and index.glued


def _gap(writer: Writer, node: Node, at: int) -> None:
    if node.text:
        writer.put(" ", node.start, node.end)
    else:
        text = writer.source.plain[node.start : node.end]
        writer.put(" " if "\n" in text or "~" in text else text, node.start, node.end)


def _between(writer: Writer, row: Row, previous: Node, at: int, place: _Place) -> None:
    """Sign between two factors side by side, the second of them at a position."""
    node = row[at]
    if not (place.formula.statement.latex or place.entries):
        if previous.kind == "symbol" and node.kind == "symbol" and writer.characters[-1] != " ":
            writer.put(" ", node.start, node.start + 1)
        return
    sign = " "
    if place.entries or node.kind == "big" or _is_entry(row, at):
        sign = " * "
    elif _is_pair_of_vectors(writer, row, at, place) or _follows_a_row(writer, row, at, place):
        sign = " · "
    if sign == " " and writer.characters[-1] == " ":
        return
    writer.put(sign, node.start, node.start + 1)


def _is_pair_of_vectors(writer: Writer, row: Row, at: int, place: _Place) -> bool:
    """Whether two letters side by side are all of a product, and both change with time or are declared as vectors.

    The second of them stands at the position.
    """
    first = at - 1
    while row[first].kind == "space":
        first -= 1
    before = first - 1
    while before >= 0 and row[before].kind in ("space", "number"):
        before -= 1
    after = at + 1
    while after < len(row) and row[after].kind == "space":
        after += 1
    alone = (before < 0 or row[before].kind == "sign") and (after >= len(row) or row[after].kind == "sign")
    if not alone or (before >= 0 and row[before].text in ("/", "./")):
        return False
    return _is_vector(writer, row[first], place) and _is_vector(writer, row[at], place)


def _is_entry(row: Row, at: int) -> bool:
    """Whether a letter with indices in brackets stands at a position: ``a[j,k]`` is a number."""
    following = row[at + 1] if at + 1 < len(row) else None
    if row[at].kind != "symbol" or following is None or following.kind != "fence":
        return False
    return following.text == "[]" and following.glued and _is_index(following)


def _follows_a_row(writer: Writer, row: Row, at: int, place: _Place) -> bool:
    """Whether a vector stands in a product that begins with a row and a column: a number times what follows."""
    run: list[Node] = []
    first = at
    while first > 0 and row[first - 1].kind != "sign" and at - first < _LONGEST_RUN:
        first -= 1
    run = [n for n in row[first : at + 1] if n.kind != "space"]
    following = _run_from(row, at + 1)[:1]
    factors = [*run, *following]
    if len(factors) < 3 or not is_transposed(factors[0]):
        return False
    return all(_is_vector(writer, n, place) and not is_transposed(n) for n in factors[1:])


_LONGEST_RUN = 12


def _run_from(row: Row, at: int) -> list[Node]:
    """Everything side by side from a position on, three factors at most."""
    found: list[Node] = []
    while at < len(row) and row[at].kind != "sign" and len(found) < 3:
        if row[at].kind != "space":
            found.append(row[at])
        at += 1
    return found


def _is_vector(writer: Writer, node: Node, place: _Place) -> bool:
    if node.kind != "symbol" or writer.symbols.is_function(node):
        return False
    reading = writer.symbols.read(node, place.formula)
    if reading.transposed or reading.power is not None:
        return reading.time is not None
    name = writer.symbols.names.get(reading.key, "")
    rank = writer.symbols.ranks.get(name)
    return rank == 1 or (rank is None and reading.time is not None)


def _sign(writer: Writer, row: Row, at: int, place: _Place) -> bool:
    """Write an operator; True unless it only glues what is around it."""
    node = row[at]
    if node.text in ("⊗", "⊕"):
        raise _two_readings(writer, row, at)
    if node.text in _UNREAD:
        raise writer.source.error(
            f"'{writer.source.excerpt(node.span)}' is {_UNREAD[node.text]}, which no equation here has.",
            node.span,
            "Write what it stands for.",
        )
    if node.text == ":" and at + 1 < len(row) and row[at + 1].text == "=" and row[at + 1].kind == "sign":
        return True
    text = "=" if node.text in "≜≔←≡≝" else node.text
    if place.formula.statement.latex and text in ("*", "·", "×", "./") and len(text) < 3:
        padded = text if writer.characters[-1:] == [" "] else f" {text}"
        writer.put(f"{padded} " if at + 1 < len(row) and row[at + 1].kind != "space" else padded, node.start, node.end)
        return True
    writer.put(text, node.start, node.end)
    return True


def _two_readings(writer: Writer, row: Row, at: int) -> EquationError:
    """The refusal of ⊗ and ⊕: both readings typed out."""
    source, sign = writer.source, row[at]
    first, last = at, at + 1
    while first > 0 and row[first - 1].kind != "sign":
        first -= 1
    while last < len(row) and row[last].kind != "sign":
        last += 1
    before, after = _trimmed(row[first:at]), _trimmed(row[at + 1 : last])
    left = source.excerpt(before[0].span.to(before[-1].span)) if before else "a"
    right = source.excerpt(after[0].span.to(after[-1].span)) if after else "b"
    typed = source.excerpt(sign.span)
    if sign.text == "⊗":
        return source.error(
            f"'{typed}' is the outer product to one reader, the product of entries to another.",
            sign.span,
            f"Write outer({left}, {right}) for the one, or {left} ⊙ {right} for the other.",
        )
    return source.error(
        f"'{typed}' puts one vector above the other to one reader, and adds them to another.",
        sign.span,
        f"Write [{left}, {right}] for the one, or {left} + {right} for the other.",
    )


# --- operands ---------------------------------------------------------------------------------------------------


def _operand(writer: Writer, row: Row, at: int, place: _Place) -> int:
    """Write the operand at a position with what it takes; gives the position behind it."""
    node = row[at]
    if node.kind == "symbol":
        if _is_raw_suffix(row, at):
            writer.put(node.text, node.start, node.end)
            return at + 1
        if _is_head(row, at):
            writer.put(node.text, node.start, node.end)
            writer.raw(row[at + 1].start, row[at + 1].end)
            return at + 2
        if writer.symbols.is_function(node):
            return _application(writer, row, at, place)
        if _placeholder(node, place):
            writer.put(node.text, node.start, node.end)
            return at + 1
        return _symbol(writer, row, at, place)
    if node.kind == "number":
        if _is_ones_transposed(node):
            return _total(writer, row, at, place)
        _number(writer, node, place)
    elif node.kind == "fence":
        # A script belongs to the bracket, not to the product with what stands before it: g (a)^T.
        wrapped = bool(node.sups) and (writer.last().isalnum() or writer.last() in ")]}'_")
        writer.put("(" if wrapped else "", node.start, node.start + 1)
        _fence(writer, node, place)
        writer.put(")" if wrapped else "", node.end - 1, node.end)
    elif node.kind == "fraction":
        _fraction(writer, node, place)
    elif node.kind == "root":
        _root(writer, node, place)
    elif node.kind == "big":
        _big(writer, node, place)
    elif node.kind == "cases":
        _cases(writer, node, place)
    else:
        _matrix(writer, node, place)
    return at + 1


def _is_ones_transposed(node: Node) -> bool:
    """Whether a node is the row of ones before a vector whose entries it sums."""
    return node.text == "1" and node.bold and [is_transpose(bare(glyphs(s))[0]) for s in node.sups] == [True]


def _total(writer: Writer, row: Row, at: int, place: _Place) -> int:
    """``\\mathbf{1}^\\top v``: the sum of the entries of a vector, or of what a matrix makes of one."""
    node, following = row[at], at + 1
    while following < len(row) and (row[following].kind == "space" or row[following].text == "·"):
        following += 1
    if following >= len(row) or row[following].kind not in _OPERAND:
        _number(writer, node, place)
        return at + 1
    writer.put("sum(", node.start, node.end)
    end = following
    vector = row[following].kind != "symbol" or _is_vector(writer, row[following], place)
    while end < len(row) and row[end].kind != "sign" and not (vector and end > following):
        if row[end].kind == "space":
            _gap(writer, row[end], end)
            end += 1
        else:
            if end > following:
                writer.put(" ", row[end].start, row[end].start + 1)
            end = _operand(writer, row, end, place)
    writer.put(")", row[end - 1].end - 1, row[end - 1].end)
    return end


def _is_raw_suffix(row: Row, at: int) -> bool:
    """The T of ``U.T`` and the ``output`` before a name."""
    node = row[at]
    if node.text in ("output", "input", "in") and not node.subs and not node.command:
        return at + 1 < len(row) and row[at + 1].kind in ("space", "symbol")
    return at > 0 and row[at - 1].kind == "sign" and row[at - 1].text == "." and row[at - 1].end == node.start


def _placeholder(node: Node, place: _Place) -> bool:
    return node.text in place.formula.parameters and not (node.subs or node.sups or node.accents or node.primes)


def _symbol(writer: Writer, row: Row, at: int, place: _Place) -> int:
    """A letter with its time, its indices, its power."""
    table, node = writer.symbols, row[at]
    reading = table.read(node, place.formula)
    if node.text == "e" and reading.power is not None and "e" not in table.conventions.names:
        writer.put("exp(", node.start, node.end)
        _row(writer, reading.power, replace(place, entries=place.entries))
        writer.put(")", node.end - 1, node.end)
        return at + 1
    name = table.names.get(reading.key) or safe_name(table.name_alone(node))
    if node.command == "delta" and len(reading.indices) == 2 and table.is_free(reading.key):
        name = IDENTITY  # the Kronecker symbol
    prime = "" if reading.key in table.marked else "'" * reading.key.primes
    time = table.time_of(reading, node, place.formula)
    dated = time == 0 and only_symbol(place.formula.left) is node and table.is_dated_gate(reading.key)
    suffix = "" if time is None or dated else "_{t}" if time == 0 else f"_{{t{time:+d}}}"
    indices = f"[{','.join(reading.indices)}]" if reading.indices else ""
    writer.put(f"{name}{suffix}{prime}{indices}", node.start, _end_without_power(table.source.plain, node, reading))
    if reading.transposed:
        writer.put(".H" if reading.conjugate else ".T", node.end - 1, node.end)
    if reading.inverted:
        writer.put("^(-1)", node.end - 1, node.end)
    if reading.power is not None:
        _power(writer, reading.power, node, place, reading.each)
    following = row[at + 1] if at + 1 < len(row) else None
    if following is not None and following.kind == "fence" and following.text == "[]" and following.glued:
        return _index(writer, following, at, place)
    return at + 1


def _end_without_power(plain: str, node: Node, reading: Reading) -> int:
    """Offset behind a letter and the scripts of its name, before a power that ends it: that is shown by itself."""
    if not reading.power:
        return node.end
    sign = plain.rfind("^", node.start, reading.power[0].start)
    behind = max((n.end for script in node.subs for n in script), default=node.start)
    return sign if max(node.start, behind - 1) < sign else node.end


def _index(writer: Writer, fence: Node, at: int, place: _Place) -> int:
    """Brackets glued to a name: an index of the plain language, or vectors that the name multiplies."""
    timed = any(n.subs or n.sups for n in symbols(fence.parts[0]))
    if place.formula.statement.latex and (timed or not _is_index(fence)):
        return at + 1
    if any(writer.symbols.is_function(n) or n.subs or n.sups for n in symbols(fence.parts[0])):
        writer.put("[", fence.start, fence.start + 1)
        _row(writer, fence.parts[0], place)
        writer.put("]", fence.end - 1, fence.end)
    else:
        writer.raw(fence.start, fence.end)
    if fence.subs or fence.sups:
        _scripts_of(writer, fence, place)
    return at + 2


def _is_index(fence: Node) -> bool:
    return all(
        n.kind in ("number", "space", "sign") or (n.kind == "symbol" and len(n.text) == 1) for n in fence.parts[0]
    )


def _power(writer: Writer, power: Row, node: Node, place: _Place, each: bool) -> None:
    """An exponent behind its base."""
    kept = [n for n in power if n.kind != "space"]
    writer.put(".^" if each else "^", node.end - 1, node.end)
    inside = kept[0].parts[0] if len(kept) == 1 and kept[0].kind == "fence" else tuple(kept)
    simple = len(inside) == 1 and inside[0].kind in ("number", "symbol")
    writer.put("" if simple else "(", node.end - 1, node.end)
    _row(writer, tuple(inside), place)
    writer.put("" if simple else ")", node.end - 1, node.end)


def _number(writer: Writer, node: Node, place: _Place) -> None:
    writer.put(node.text, node.start, node.start + len(node.text) if not node.bold else node.end)
    for script in node.sups:
        inner, _ = bare(glyphs(script))
        if is_transpose(inner):
            writer.put(".T", node.end - 1, node.end)
        else:
            _power(writer, script, node, place, False)


def _scripts_of(writer: Writer, node: Node, place: _Place) -> None:
    """Powers, transposes and entries of what stands in brackets."""
    formula, table = place.formula, writer.symbols
    for script in (*node.subs, *node.sups):
        inner, _ = bare(glyphs(script))
        if len(inner) == 1 and inner[0] in formula.dropped:
            continue
        if is_inverse_of_the_transpose(inner) and script in node.sups:
            writer.put(".T^(-1)", node.end - 1, node.end)
        elif (is_transpose(inner) or is_conjugate(inner)) and script in node.sups:
            writer.put(".T" if is_transpose(inner) else ".H", node.end - 1, node.end)
        elif len(inner) > 1 and inner[0] == "*" and script in node.sups:
            _power(writer, tuple(n for n in script if n.text != "*"), node, place, True)
        elif script in node.sups:
            _power(writer, script, node, place, False)
        else:
            raise table.source.error(
                f"'{table.source.excerpt(node.span)}': a bracket has no name that a subscript could belong to.",
                node.span,
                "Give what is in the bracket a name, or leave the subscript out.",
            )
    if node.primes:
        raise table.source.error("a bracket has no prime.", node.span, "Leave the prime out.")


def _fence(writer: Writer, node: Node, place: _Place, call: bool = False) -> None:
    """Text of brackets or bars."""
    body = node.parts[0]
    inner = replace(place, entries=place.entries and not place.formula.dropped)
    if not (node.subs or node.sups):
        inner = place
    if node.text in ("||", "‖‖"):
        _bars(writer, node, place)
        return
    if node.text == "⟨⟩":
        _function_of(writer, "dot", node, place)
    elif node.text == "⌊⌋":
        _function_of(writer, "floor", node, place)
    elif node.text[0] == "[" and (call or not _has_comma(body)) and place.formula.statement.latex:
        _refuse_gaps(writer, node, place)
        writer.put("(", node.start, node.start + 1)
        _row(writer, body, inner)
        writer.put(")", node.end - 1, node.end)
    elif node.text[0] == "[":
        writer.put("[", node.start, node.start + 1)
        _row(writer, body, inner)
        writer.put("]", node.end - 1, node.end)
    else:
        writer.put("(", node.start, node.start + 1)
        _row(writer, _with_commas(body), inner)
        writer.put(")", node.end - 1, node.end)
    _scripts_of(writer, node, place)


def _with_commas(arguments: Row) -> Row:
    """Arguments with commas between: papers set parameters of a function apart by a semicolon, LN(x; g, b)."""
    return tuple(replace(n, text=",") if n.kind == "sign" and n.text == ";" else n for n in arguments)


def _has_comma(body: Row) -> bool:
    return any(n.kind == "sign" and n.text in (",", ";") for n in body)


def _refuse_gaps(writer: Writer, node: Node, place: _Place) -> None:
    """``[h_{t-1} \\; x_t]``: one above the other, or a product?"""
    body = [n for n in node.parts[0] if n.kind != "space" or n.text]
    letters = [n for n in body if n.kind != "space"]
    if len(letters) < 2 or any(n.kind != "symbol" or writer.symbols.is_function(n) for n in letters):
        return
    if all(writer.symbols.read(n, place.formula).time is not None for n in letters):
        typed = [writer.source.excerpt(n.span) for n in letters]
        raise writer.source.error(
            "vectors stand side by side in square brackets: one above the other to one reader, a product to another.",
            node.span,
            f"Write [{', '.join(typed)}] for the one, or ({' ⊙ '.join(typed)}) for the other.",
        )


def _function_of(writer: Writer, function: str, node: Node, place: _Place) -> None:
    writer.put(f"{function}(", node.start, node.start + 1)
    _row(writer, node.parts[0], place)
    writer.put(")", node.end - 1, node.end)


def _bars(writer: Writer, node: Node, place: _Place) -> None:
    """The absolute value of each entry, or a norm."""
    if node.text == "||":
        _function_of(writer, "abs", node, place)
        _scripts_of(writer, replace(node, subs=()), place)
        return
    kind = "".join(bare(glyphs(node.subs[0]))[0]) if node.subs else "2"
    if kind == "1":
        writer.put("sum(", node.start, node.start + 1)
        _function_of(writer, "abs", node, place)
        writer.put(")", node.end - 1, node.end)
    elif kind == "2" and "norm" in LANGUAGE_FUNCTIONS:
        _function_of(writer, "norm", node, place)
    elif kind == "2":
        writer.put("sqrt(dot(", node.start, node.start + 1)
        _row(writer, node.parts[0], place)
        writer.put(", ", node.end - 1, node.end)
        _row(writer, node.parts[0], place)
        writer.put("))", node.end - 1, node.end)
    else:
        raise writer.source.error(
            f"the norm '{writer.source.excerpt(node.span)}' is none that is read.",
            node.span,
            "Write it out: max(abs(v)), sqrt(sum(A * A)).",
        )
    _scripts_of(writer, replace(node, subs=()), place)


def _fraction(writer: Writer, node: Node, place: _Place) -> None:
    above, below = node.parts
    writer.put("(", node.start, node.start + 1)
    for n, part in enumerate((above, below)):
        kept = tuple(x for x in part if x.kind != "space")
        single = len(kept) == 1
        first, last = (kept[0].start, kept[-1].end) if kept else (node.start, node.end)
        writer.put("" if single else "(", first, first + 1)
        _row(writer, part, place)
        writer.put("" if single else ")", last - 1, last)
        writer.put(" / " if n == 0 else "", last - 1, last)
    writer.put(")", node.end - 1, node.end)
    _scripts_of(writer, node, place)


def _root(writer: Writer, node: Node, place: _Place) -> None:
    body = node.parts[0]
    degree = glyphs(node.parts[1]) if len(node.parts) > 1 else ["2"]
    if degree == ["2"]:
        _function_of(writer, "sqrt", node, place)
    else:
        writer.put("((", node.start, node.start + 1)
        _row(writer, body, place)
        writer.put(")^(1/", node.end - 1, node.end)
        _row(writer, node.parts[1], place)
        writer.put("))", node.end - 1, node.end)
    _scripts_of(writer, node, place)


def _big(writer: Writer, node: Node, place: _Place) -> None:
    """``\\sum_{k=1}^{n}``."""
    source = writer.source
    if node.text != "sum":
        raise source.error(
            f"'{source.excerpt(node.span)}' is no operation of a step.",
            node.span,
            "A product over indices is exp(sum[k] log(a[k])); write what else is meant in sums and products.",
        )
    letters = summed_letters(writer.symbols, place.formula, node)
    factor = factor_of(writer.symbols, place.formula, node)
    writer.put(f"sum[{','.join(letters)}] {factor}", node.start, node.end)


# --- functions --------------------------------------------------------------------------------------------------


def _function_name(writer: Writer, node: Node) -> str:
    if node.text == "sigma" and node.command == "sigma" and not node.subs:
        return "sigma" if "sigma" in writer.symbols.functions else "sigmoid"
    own = writer.symbols.name_alone(replace(node, sups=()))
    if own in writer.symbols.functions:
        return own
    if node.subs and variety_of(node):
        return variety_of(node)
    found = function_of(node.text)
    return node.text if node.text in LANGUAGE_FUNCTIONS else found


def _application(writer: Writer, row: Row, at: int, place: _Place) -> int:
    """A function with what it takes: what is in brackets, or the one thing behind it."""
    node = row[at]
    source = writer.source
    function = _function_name(writer, node)
    if node.primes:
        raise source.error(
            f"'{source.excerpt(node.span)}' is the derivative of a function.",
            node.span,
            "Write the derivative out, as in 1 - tanh(a)^2.",
        )
    following = at + 1
    while following < len(row) and (
        row[following].kind == "space" or (row[following].kind == "sign" and row[following].text == ".")
    ):
        following += 1
    argument = row[following] if following < len(row) else None
    if argument is None or argument.kind not in _OPERAND:
        writer.put(function, node.start, node.end)  # a function that takes nothing: the grammar says so
        return at + 1
    if function == "log" and not node.sups and _is_sigmoid(writer, argument):
        merged = replace(argument, text="log_sigmoid", start=node.start, command="", upright=True)
        return _application(writer, (*row[:following], merged, *row[following + 1 :]), following, place)
    end = _applied(writer, function, node, row, following, place)
    for script in node.sups:
        _power(writer, script, replace(node, end=row[end - 1].end), place, False)
    return end


def _is_sigmoid(writer: Writer, node: Node) -> bool:
    return writer.symbols.is_function(node) and _function_name(writer, node) == "sigmoid" and not node.sups


def _applied(writer: Writer, function: str, node: Node, row: Row, at: int, place: _Place) -> int:
    """The function and its argument, which stands at a position."""
    argument = row[at]
    if argument.kind == "fence" and argument.text[0] in "([{":
        if function == "concat":
            writer.put("[", node.start, node.end)
            inner = argument.parts[0]
            if len(inner) == 1 and inner[0].kind == "fence":
                inner = inner[0].parts[0]
            _row(writer, inner, place)
            writer.put("]", argument.end - 1, argument.end)
            return at + 1
        writer.put(function, node.start, node.end)
        if argument.text[0] == "[" and _has_comma(argument.parts[0]):
            writer.put("(", argument.start, argument.start + 1)
            _fence(writer, replace(argument, subs=(), sups=()), place)
            writer.put(")", argument.end - 1, argument.end)
            _scripts_of(writer, argument, place)
        else:
            scripted = bool(argument.subs or argument.sups)
            inner_place = replace(place, entries=False) if scripted and place.formula.dropped else place
            opening = "." if row[at - 1].kind == "sign" else ""
            writer.put(f"{opening}(", argument.start, argument.start + 1)
            _row(writer, _with_commas(argument.parts[0]), inner_place)
            writer.put(")", argument.end - 1, argument.end)
            _scripts_of(writer, argument, place)
        return at + 1
    return _applied_bare(writer, function, node, row, at, place)


def _applied_bare(writer: Writer, function: str, node: Node, row: Row, at: int, place: _Place) -> int:
    """``\\tanh c_t``: what one factor behind a function is; more than one is in doubt."""
    source = writer.source
    run = _run_from(row, at)
    nested = writer.symbols.is_function(row[at])
    if len(run) > (2 if nested else 1):
        first, rest = source.excerpt(run[0].span), source.excerpt(run[0].span.to(run[-1].span))
        typed = source.excerpt(node.span)
        raise source.error(
            f"what does '{typed}' take, the first factor or all of them?",
            node.span.to(run[-1].span),
            f"Write {typed}({rest}) for all of them, or {typed}({first}) for the first.",
        )
    writer.put(f"{function}(", node.start, node.end)
    end = _operand(writer, row, at, place)
    last = row[end - 1]
    writer.put(")", last.end - 1, last.end)
    return end


# --- cases and matrices -----------------------------------------------------------------------------------------


def _cases(writer: Writer, node: Node, place: _Place) -> None:
    """A choice by a sign: ``a`` where ``x > 0``, else ``b``."""
    rows = [node.parts[n : n + node.width] for n in range(0, len(node.parts), node.width)] if node.width else []
    conditions = [_condition(writer, row[1] if len(row) > 1 else (), node) for row in rows]
    if len(rows) < 2 or any(condition is None for condition in conditions[:-1]):
        raise writer.source.error(
            "cases need a comparison in every row but the last.",
            node.span,
            r"Write a & x > 0 \\ b & \text{otherwise}.",
        )
    last = conditions[-1]
    if last is not None and not (len(rows) == 2 and conditions[0] is not None and _complements(conditions[0], last)):
        raise writer.source.error(
            "the last case is not what the others leave.",
            node.span,
            r"Write \text{otherwise} in the last row.",
        )
    for row, condition in zip(rows[:-1], conditions[:-1], strict=True):
        assert condition is not None
        left, sign, right = condition
        writer.put("where(", node.start, node.start + 1)
        _row(writer, _trimmed(left), place)
        writer.put(f" {sign} ", node.start, node.start + 1)
        _row(writer, _trimmed(right), place)
        writer.put(", ", node.start, node.start + 1)
        _row(writer, _trimmed(row[0]), place)
        writer.put(", ", node.end - 1, node.end)
    _row(writer, _trimmed(rows[-1][0]), place)
    writer.put(")" * (len(rows) - 1), node.end - 1, node.end)


def _trimmed(row: Row) -> Row:
    """A cell without the spaces around it and the comma behind it."""
    nodes = list(row)
    while nodes and (nodes[-1].kind == "space" or (nodes[-1].kind == "sign" and nodes[-1].text in ",;.")):
        nodes.pop()
    while nodes and nodes[0].kind == "space":
        nodes.pop(0)
    return tuple(nodes)


_Condition = tuple[Row, str, Row]


def _condition(writer: Writer, row: Row, node: Node) -> _Condition | None:
    """The two sides of a comparison and its sign."""
    kept = _trimmed(row)
    kept = tuple(n for n in kept if not (n.kind == "symbol" and n.text in ("if", "otherwise", "else", "for", "when")))
    at = [n for n, part in enumerate(kept) if part.kind == "sign" and part.text in _COMPARISONS]
    if not at:
        return None
    if len(at) > 1:
        raise writer.source.error("a case has one comparison.", node.span, "Write one case for each comparison.")
    return kept[: at[0]], kept[at[0]].text, kept[at[0] + 1 :]


def _complements(first: _Condition, second: _Condition) -> bool:
    """Whether one comparison holds where the other does not."""
    same = (glyphs(first[0]), glyphs(first[2])) == (glyphs(second[0]), glyphs(second[2]))
    turned = (glyphs(first[0]), glyphs(first[2])) == (glyphs(second[2]), glyphs(second[0]))
    return (same and second[1] == _OPPOSITE[first[1]]) or (turned and _COMPARISONS[second[1]] == _OPPOSITE[first[1]])


def _matrix(writer: Writer, node: Node, place: _Place) -> None:
    """A column of vectors, one above the other."""
    if node.width != 1 and len(node.parts) != node.width:
        raise writer.source.error(
            "a matrix of entries is no operand here.", node.span, "Declare it, or write its blocks as vectors."
        )
    writer.put("[", node.start, node.start + 1)
    for n, cell in enumerate(node.parts):
        writer.put(", " if n else "", node.start, node.start + 1)
        _row(writer, _trimmed(cell), place)
    writer.put("]", node.end - 1, node.end)
    _scripts_of(writer, node, place)

"""A text of LaTeX, or of plain equations with scripts as papers set them, to the plain notation of the grammar."""

from __future__ import annotations

import re

from gatedsym.equations.latex.alphabets import tell_scripts_apart
from gatedsym.equations.latex.asides import set_apart
from gatedsym.equations.latex.indicators import with_choices
from gatedsym.equations.latex.macros import expand_macros
from gatedsym.equations.latex.outlines import without_outlines
from gatedsym.equations.latex.rates_of_entries import rates_of_wholes
from gatedsym.equations.latex.scripts import (
    Conventions,
    absorb_times,
    below,
    find_moment,
    glyphs,
    items_of,
    moment_of,
    name_of,
    nodes_of,
    symbols,
)
from gatedsym.equations.latex.stacks import with_upright_stacks
from gatedsym.equations.latex.statements import Statement, is_relation, split_statements
from gatedsym.equations.latex.symbols import (
    Formula,
    Symbols,
    bound_letters,
    entry_letters,
    index_letters,
    only_symbol,
    suffixes,
)
from gatedsym.equations.latex.tokens import Token, read_tokens
from gatedsym.equations.latex.tree import Node, Row, Words, function_of, parse_statement
from gatedsym.equations.latex.write import Writer, write_formula
from gatedsym.equations.source import Source, Span

_LATEX = re.compile(r"\\.|\$|(?:^|\n) *&|& *=", re.DOTALL)
_SCRIPTS = re.compile(
    # a name above, which is no time and no transpose: W^f, W^{f}, W^{(f)}
    r"\^ *(?:(?!t(?!\w)|T(?!\w))[A-Za-z]\w*(?![\w(])"
    r"|\{ *\(? *(?!t *[)}]|T *[)}])[A-Za-z]\w* *\)? *\}|\( *(?!t *\)|T *\))[A-Za-z]\w* *\))"
    r"|\^ *\{? *[<⟨]|_\{? *[<⟨]"
    # a time among others, or behind a name: h_{1,t}, h(t-1)
    r"|_\{[^{}\n]*,[^{}\n]*(?<![A-Za-z])t *(?:[-+] *\d+)? *\}|_\{ *t *(?:[-+] *\d+)? *,"
    r"|[A-Za-z0-9_}]\( *t *(?:[-+] *\d+)? *\)"
    r"|[≜≔←≡≝⊗⊕]|:="
    # a prime before a time: h'_t
    r"|[A-Za-z0-9]'+ *_(?:t(?!\w)|\{ *t)"
    # parameters of a function behind a semicolon: LN(x; g, b)
    r"|(?<!\w)[A-Za-z]\w{0,60}\((?:[^()\[\]\n=;]|\([^()\n]*\)|\[[^\[\]\n]*\]){1,200};[^()\n=]*\)"
    # a label before an equation: Cell: c_t = …
    r"|(?:^|\n)[ \t*-]*(?!(?:for|use|step|scheme|dim|input|output|convention)\b)[A-Za-z][A-Za-z -]{2,}: +[^=\n:]*=(?!=)"
    # a function under another name: f = tanh
    r"|(?:^|[\n;]) *[A-Za-z]\w* *= *(?:tanh|sigmoid|relu|softplus) *(?=$|[\n;,])"
)


_MOST_STATEMENTS = 3_000


def is_printed(text: str) -> bool:
    """Whether a text is more than the plain language: LaTeX, or scripts whose sense the whole text decides."""
    code = _SPACE_SUPERSCRIPT.sub("", text)
    return bool(_LATEX.search(code) or _SCRIPTS.search(code))


_SPACE_SUPERSCRIPT = re.compile(r"(?<= in )[^\n;=]*")


def read_printed(source: Source) -> Source:
    """Rewrite a text into the plain language.

    Parameters
    ----------
    source : Source
        After Unicode characters were rewritten.

    Returns
    -------
    Source
        With origins in the same typed text; `notes` say what was left out or read in spite of a slip.

    Raises
    ------
    EquationError
        For what is not read, with line, caret and mend.
    """
    text = source.plain
    is_latex = bool(_LATEX.search(text))
    tokens = set_apart(source, expand_macros(source, read_tokens(text)))
    _check_dollars(source, tokens)
    statements = split_statements(tokens, is_latex)
    if len(statements) > _MOST_STATEMENTS:
        first = statements[_MOST_STATEMENTS].tokens[0]
        raise source.error(
            f"this text has more than {_MOST_STATEMENTS:,} statements.",
            Span(first.start, first.end),
            "Split the cell, or check that this is the text you meant.",
        )
    table = _symbols(source, statements, is_latex)
    writer = Writer(table)
    notes: list[str] = []
    for formula in table.formulas:
        if formula.statement.kind == "words":
            notes += _words_left_out(source, formula.statement)
        elif not _is_initial(table, formula):
            write_formula(writer, formula)
    plain = "".join(writer.characters)
    origins, starts = (
        tuple(source.origins[min(o, len(source.origins) - 1)] for o in offsets)
        for offsets in (writer.origins, writer.starts)
    )
    return Source(source.typed, plain, origins, notes=(*notes, *table.notes), starts=starts)


def _check_dollars(source: Source, tokens: list[Token]) -> None:
    """Refuse dollars that nothing closes: what is an equation and what are words would be a guess."""
    dollars = [token for token in tokens if token.kind == "dollar"]
    if len(dollars) % 2:
        last = dollars[-1]
        raise source.error(
            f"the character '{source.excerpt(Span(last.start, last.end))}' has no meaning here: nothing closes it.",
            Span(last.start, last.end),
            "Remove it, or add the one that is missing.",
        )


def _symbols(source: Source, statements: list[Statement], is_latex: bool) -> Symbols:
    """The formulas of a text, and what its letters are."""
    words = _words(source, statements, is_latex)
    formulas = [_formula(statement, source, words) for statement in statements]
    formulas = [whole for formula in formulas for whole in rates_of_wholes(formula)]
    formulas = without_outlines(source, formulas)
    tell_scripts_apart(formulas)
    equations = [f for f in formulas if f.is_equation]
    _undo_samples(formulas)
    functions = frozenset(f.defines for f in formulas if f.defines)
    moment = find_moment((f.row for f in equations), is_latex)
    bracketed = {"t", moment}
    for formula in formulas:
        if formula.row and not formula.defines:
            formula.row = absorb_times(formula.row, frozenset(bracketed), functions)
            formula.equals = _relation(formula.row)
    conventions = Conventions(find_moment((f.row for f in equations), is_latex), is_latex=is_latex)
    conventions.lettered = frozenset(below(left) for f in equations if (left := only_symbol(f.left)) is not None
                                     and any(glyphs(script) == ["T"] for script in left.sups))  # fmt: skip
    gate = next((f for f in equations if _is_letter(f, conventions.moment)), None)
    if gate is not None:
        _refuse_both(source, gate, equations, conventions.moment)
        conventions.moment = ""  # a symbol of its own
    table = Symbols(source, formulas, conventions, is_latex, functions)
    _declare(table)
    _find_indices(table)
    table.settle()
    return table


def _refuse_both(source: Source, gate: Formula, equations: list[Formula], letter: str) -> None:
    """Refuse a letter that an equation defines where it is the time of others too."""
    left = only_symbol(gate.left)
    for node in (node for formula in equations for node in symbols(formula.row)):
        items = [item for script in (*node.subs, *node.sups) for item in items_of(glyphs(script))]
        if left is not None and any(moment_of(item, letter) for item in items):
            raise source.error(
                f"'{source.excerpt(left.span)}' is a symbol of its own here, and the time in "
                f"'{source.excerpt(node.span)}' (line {source.line(node.span)}).",
                left.span,
                f"Give one of the two another letter, such as {letter.upper()}_g for the symbol.",
            )


def _is_letter(formula: Formula, letter: str) -> bool:
    """Whether a formula defines a letter that stands alone."""
    left = only_symbol(formula.left)
    return left is not None and left.text == letter and not (left.subs or left.sups or left.accents)


def _words(source: Source, statements: list[Statement], is_latex: bool) -> Words:
    declared: set[str] = set()
    letters: set[str] = set()
    for statement in statements:
        for at, _ in enumerate(statement.tokens):
            if is_relation(statement.tokens, at):
                left = statement.tokens[:at]
                declared |= _plain_names(left, statement.kind == "declaration")
                break
        letters |= {t.text for t in statement.tokens if t.kind == "word" and len(t.text) == 1}
    whole = lambda start, end: source.origins[start] == source.origins[end - 1]  # noqa: E731
    return Words(frozenset(declared), frozenset(letters), is_latex, whole)


_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)((?:_[A-Za-z0-9]+)*)(?:_\{([^{}]*)\})?")


def _plain_names(left: list[Token], is_declaration: bool) -> set[str]:
    """Names that tokens before an ``in`` or ``=`` spell."""
    text = "".join(t.text if t.kind != "command" else "\\" + t.text for t in left)
    found: set[str] = set()
    bare_text = re.sub(r"\\[A-Za-z]+ *(?:\{ *([A-Za-z0-9]+) *\})?", r" \1", text)
    for base, scripts, members in _NAME.findall(bare_text):
        found.add(base + scripts)
        found |= {f"{base}{scripts}_{member.strip()}" for member in members.split(",") if member}
        if not is_declaration:
            break
    return {name.removesuffix("_t") for name in found} | found


def _formula(statement: Statement, source: Source, words: Words) -> Formula:
    if statement.kind in ("words", "line"):
        return Formula(statement, ())
    plain = statement.kind == "declaration" and not statement.latex  # W_{mh_h,mh_i} in R^n: each item one name
    row = parse_statement(statement.tokens, source, words, words.is_latex and not plain)
    row = with_upright_stacks(with_choices(row))
    formula = Formula(statement, row, _relation(row))
    if statement.kind == "equation":
        _mark_definition(formula)
        _turn_logarithm(formula)
    return formula


def _turn_logarithm(formula: Formula) -> None:
    """``\\log a_t = b`` is ``a_t = \\exp(b)``."""
    left = [n for n in formula.left if n.kind != "space"]
    if len(left) != 2 or left[0].text not in ("log", "ln") or not left[0].upright or left[0].subs or left[0].sups:
        return
    inside = [n for n in left[1].parts[0] if n.kind != "space"] if left[1].kind == "fence" else [left[1]]
    equals, right = formula.row[formula.equals], formula.row[formula.equals + 1 :]
    if len(inside) != 1 or inside[0].kind != "symbol" or not right or _relation(right) >= 0:
        return
    place = Node("symbol", left[0].start, left[0].end, "exp", upright=True, command="exp")
    bracket = Node("fence", right[0].start, right[-1].end, "()", (right,))
    formula.row = (inside[0], equals, place, bracket)
    formula.equals = 1


def _relation(row: Row) -> int:
    for at, node in enumerate(row):
        if node.kind == "sign" and node.text.strip() in ("=", "in", *"≜≔←≡≝"):
            return at
        if node.kind == "symbol" and node.text == "in" and not (node.subs or node.sups):
            return at
    return -1


def _mark_definition(formula: Formula) -> None:
    """``\\phi(v) = …`` and ``\\phi = \\tanh`` define a function."""
    left = [n for n in formula.left if n.kind != "space"]
    right = [n for n in formula.row[formula.equals + 1 :] if n.kind != "space"]
    if len(left) == 2 and left[0].kind == "symbol" and left[1].kind == "fence" and left[1].text == "()":
        names = [n for n in left[1].parts[0] if n.kind != "space" and n.text not in (",", ";")]
        plain = all(n.kind == "symbol" and not (n.subs or n.sups) for n in names)
        timed = absorb_times(tuple(right), frozenset("t"), frozenset())  # not the t of x(t)
        reads = {n.text for n in symbols(timed) if not (n.subs or n.sups)}
        if names and plain and (len(names) > 1 or names[0].text != "t" or "t" in reads):
            formula.defines = _function_key(left[0])
            formula.parameters = frozenset(n.text for n in names)
    elif len(left) == 1 and len(right) == 1 and left[0].kind == right[0].kind == "symbol":
        named = right[0].command == "sigma" or (
            bool(function_of(right[0].text)) and (right[0].upright or len(right[0].text) > 1)
        )
        if named and not (right[0].subs or right[0].sups):
            formula.defines = _function_key(left[0])


def _undo_samples(formulas: list[Formula]) -> None:
    """``x(n) = …`` is no function of n where x(n-1) is read: n counts the steps."""
    moved = {
        letter
        for formula in formulas
        for node in nodes_of(formula.row)
        if node.kind == "fence" and node.text == "()" and len(characters := glyphs(node.parts[0])) == 3
        for letter in characters[:1]
        if letter.isalpha() and moment_of(characters, letter)
    }
    for formula in formulas:
        if formula.defines and formula.parameters <= moved and len(formula.parameters) == 1:
            formula.defines, formula.parameters = "", frozenset()


def _function_key(node: Node) -> str:
    parts = [node.text, *node.accents]
    for script in (*node.subs, *node.sups):
        parts += [name_of(item) for item in items_of(glyphs(script))]
    return "_".join(parts)


def _declare(table: Symbols) -> None:
    """Names and ranks that declarations give."""
    names: set[str] = set()
    conventions = table.conventions
    for formula in table.formulas:
        if formula.statement.kind != "declaration":
            continue
        rank = _rank(formula.row[formula.equals + 1 :])
        for node in formula.left:
            if node.kind != "symbol" or node.text in ("output", "input"):
                continue
            members = suffixes(node, conventions)
            numbered = table.read(node, formula)
            if numbered.number:  # a declaration has no powers
                conventions.named_numbers.add(numbered.key)
            base = "_".join([node.text, *node.accents])
            found = {f"{base}_{member}" for member in members} | {table.name_alone(node)}
            names |= found
            table.told |= found if formula.statement.latex else set()
            table.ranks.update(dict.fromkeys(found, rank))
    numbers = {name for name in names if table.ranks[name] == 0} | _constants(table)
    conventions.names = frozenset(names | numbers)
    conventions.scalars = frozenset(numbers)
    lefts = [left for f in table.formulas if f.is_equation and (left := only_symbol(f.left)) is not None]
    conventions.defined = frozenset(map(table.name_alone, lefts))


def _constants(table: Symbols) -> set[str]:
    """Names of lines ``p = 2``."""
    found = set()
    for formula in table.formulas:
        left = only_symbol(formula.left)
        right = [n for n in formula.row[formula.equals + 1 :] if n.kind != "space"]
        exponents = [n for node in nodes_of(right) for script in node.sups for n in script]
        if left is not None and not (left.sups or left.primes) and right and not any(symbols((*right, *exponents))):
            found.add(table.name_alone(left))
            formula.is_constant = not formula.statement.latex
    return found


def _rank(right: Row) -> int:
    scripts = [script for node in right for script in node.sups]
    if not scripts:
        return 0
    characters = glyphs(scripts[0])
    return 1 + sum(c in (",", "×", "x") for c in characters)


def _find_indices(table: Symbols) -> None:
    """For each equation the letters that are indices in it, and those that only say: each entry."""
    equations = [f for f in table.formulas if f.statement.kind == "equation"]
    bound = frozenset[str]().union(*(index_letters(f, frozenset()) for f in equations if bound_letters(f.row)))
    entries = entry_letters(equations, table.conventions.moment) - bound
    for formula in equations:
        formula.indices = index_letters(formula, bound)
        left = only_symbol(formula.left)
        if left is not None and not formula.indices:
            own = {c for script in (*left.subs, *left.sups) for c in glyphs(script)}
            formula.dropped = frozenset(own & entries)


_ZERO = re.compile(r"0+(?:\.0*)?\Z")


def _is_initial(table: Symbols, formula: Formula) -> bool:
    """Whether a statement gives the first value of a state as zero, which is what it is where none is given.

    Raises
    ------
    EquationError
        Where it gives another one.
    """
    left = only_symbol(formula.left) if formula.statement.kind == "equation" else None
    if left is None or [glyphs(s) for s in (*left.subs, *left.sups)] not in ([["0"]], [["(", "0", ")"]]):
        return False
    alone = table.read(Node("symbol", left.start, left.end, left.text, accents=left.accents), formula).key
    if not any(time is not None for time in table.times.get(alone, set())):
        return False
    right = [n for n in formula.row[formula.equals + 1 :] if n.kind != "space"]
    typed, line = table.source.excerpt(left.span), table.source.line(left.span)
    if len(right) == 1 and right[0].kind == "number" and _ZERO.match(right[0].text):
        table.notes.append(f"{typed} = 0 (line {line}) is left out: a state begins with zeros unless a call gives it.")
        return True
    raise table.source.error(
        f"'{typed}' is the first value of a state, which is no part of a step.",
        left.span,
        "Leave the line out, and give the value where the cell is called.",
    )


def _words_left_out(source: Source, statement: Statement) -> list[str]:
    tokens = [t for t in statement.tokens if t.kind not in ("space", "newline")]
    text = source.plain[tokens[0].start : tokens[-1].end] if tokens else ""
    if not re.search("[A-Za-z]{2}", re.sub(r"\\[A-Za-z]+", "", text)):
        return []
    line = source.line(Span(tokens[0].start, tokens[0].end))
    shown = " ".join(source.typed[source.origins[tokens[0].start] : source.origins[tokens[-1].end - 1] + 1].split())
    return [f"the words '{shown if len(shown) < 60 else shown[:57] + '…'}' (line {line}) are left out."]

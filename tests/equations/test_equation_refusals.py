"""What is not a cell is refused in one sentence with line, caret and mend."""

from __future__ import annotations

import inspect
import unicodedata

import pytest
from test_published_cells import LSTM

from gatedsym.cells import Cell
from gatedsym.equations import read_equations, read_expression
from gatedsym.equations.names import OPTIONS
from gatedsym.errors import EquationError

GATE = "h in R^n; x in R^m; W in R^(n,m); U in R^(n,n)\n"


def refusal(text: str, **options) -> EquationError:
    with pytest.raises(EquationError) as caught:
        read_equations(text, **options)
    return caught.value


REFUSED = [
    # text, message, what the caret underlines, mend
    (LSTM.replace("U_g @ h", "U_g @ hh"), "'hh' is neither declared nor defined", "hh", "Did you mean h?"),
    (LSTM.replace("tanh(W_g", "tahn(W_g"), "'tahn' is neither declared nor defined", "tahn", "Did you mean tanh?"),
    (LSTM.replace("f * c", "f * U_c"), "'U_c' is neither declared nor defined", "U_c", "Did you mean"),
    (LSTM.replace("W_g @ x", "W_g @ h"), "contracts shapes R^(n, m) and R^n", "W_g @ h", "a matrix in R^(n, n)"),
    (GATE + "h' = U h + W", "joins shapes R^n and R^(n, m)", "U h + W", "index form"),
    (GATE + "h' = U h + x + 0*sum(W)", "joins shapes R^n and R^m", "U h + x + 0*sum(W)", ""),
    (GATE + "h' = W x * U", "joins shapes R^n and R^(n, n)", "W x * U", "@"),
    (GATE + "h' = U h + x @ W", "contracts shapes R^m and R^(n, m)", "x @ W", "write W @ x."),
    (
        GATE + "h' = h + 0*sum(U) + 0*sum(W); y in R^n; y = x",
        "'y' has shape R^n, the right side has shape R^m",
        "x",
        "",
    ),
    (LSTM.replace("h' = o * tanh(c')", "y = o*tanh(c')"), "the state 'h' is never updated", "h", "h' ="),
    (
        LSTM.replace("c' = f * c + i * g\n", "").replace("tanh(c')", "tanh(c)"),
        "state 'c' is never updated",
        "c",
        "c' =",
    ),
    (GATE + "h' = U h + W x\nz = y[-1]\ny in R^n", "the state 'y' is never updated", "y", "y' ="),
    (LSTM.replace("+ b_i)", "+ b_i*f)").replace("+ b_f)", "+ b_f*i)"), "need each other: i → f → i", "i  =", "i' ="),
    (GATE + "h' = h' * tanh(U h + W x)", "'h'' is defined by itself", "h'", "without the prime"),
    (LSTM + "    f = 1\n", "'f' is already defined on line 6", "f", "Remove"),
    (LSTM + "    c_t = 1\n", "'c'' is already defined on line 9", "c_t", "Remove"),
    (GATE + "h in R^m\nh' = U h + W x", "'h' is already declared on line 1", "h", "Remove"),
    (LSTM.replace("(n,m)", "(n,m); V in R^(n,n)", 1), "'V' is declared but never used", "V", "Remove"),
    (LSTM.replace("(W_i", "(W_f"), "'W_i' is declared but never used", "W_{i,f,g,o}", "Line 5 reads W_f where W_i"),
    (GATE + "a = 1\nh' = U h + W x", "the constant 'a' is never used", "a", "Remove"),
    (GATE + "dim r = 1\nh' = U h + W x", "the dimension 'r' is never used", "r", "Remove"),
    (GATE + "F(v) = v\nh' = U h + W x", "'F' is defined but never used", "F(v)", "Remove"),
    (LSTM.replace("g ", "lambda ").replace("_g", "_g"), "'lambda' is reserved", "lambda", "lam"),
    (GATE + "d_h = U h + W x\nh' = d_h", "names of adjoints begin so", "d_h", "otherwise"),
    (GATE + "dot_h = U h + W x\nh' = dot_h", "names of tangents begin so", "dot_h", "otherwise"),
    (GATE + "__class__ = U h + W x\nh' = h", "'__class__' is no safe name", "__class__", "Write"),
    (GATE + "tanh = U h + W x\nh' = h", "'tanh' is a function of the language", "tanh", "tanh_1"),
    (GATE + "print = U h + W x\nh' = print", "'print' is reserved", "print", "print_1"),
    (LSTM.replace("b_g)", "b_g"), "'(' is never closed", "(", "Add the missing ')'"),
    (LSTM.replace("b_g)", "b_g]"), "expected ')' to close the '(' of line 7, found ']'", "]", "')'"),
    (LSTM.replace("b_g)", "b_g))"), "')' closes a bracket that was never opened", ")", "Remove"),
    ("h in R^n\nh' = " + "(" * 3000 + "h" + ")" * 3000, "nested more than 50 deep", "(", "name of its own"),
    ("h in R^n\nh' = h**" + "9" * 299, "the exponent is larger than 64", "9" * 50, "exp(p * log(x))"),
    ("h in R^n\nh' = h**" + "9" * 999, "more digits than any cell needs", "9" * 50, "smaller"),
    ("h in R^n\nh' = h**9**9**9", "found '**'", "**", "brackets"),
    ("h in R^n\na = ((((2**64)**64)**64)**64)**64\nh'=a*h", "too large", "((((2", "smaller"),
    ("h in R^n\nh' = h*((((2*h)**64)**64)**64)**64", "too large", "(((2", "smaller"),
    ("h in R^n\nh' = 1e999999999*h", "more digits than any cell needs", "1e999999999", "smaller"),
    ("h in R^n; U in R^(n,n)\nh' = U**h", "a whole number as its exponent", "U**h", "Write U.^h"),
    ("h in R^n\nh' = h/0", "divides by zero", "h/0", "another"),
    ("h in R^n\nh' = h/(1 - 1)", "divides by zero", "h/(1 - 1)", "another"),
    ("h in R^n\nh' = 0**-1 * h", "divides by zero", "0**-1", "another"),
    ("h in R^n\na = 0\nh' = h/a", "divides by zero", "h/a", "another"),
    ("h in R^n\nh' = sqrt(-1) * h", "no real, finite number: the argument of sqrt is -1", "sqrt(-1)", "has a value"),
    ("h in R^n\nh' = log(0) * h", "no real, finite number: the argument of log is 0", "log(0)", "has a value"),
    ("h in R^n\na = -2\nh' = a**0.5 * h", "the argument of sqrt is -2", "a**0.5", "has a value"),
    ("h in R^n\nh' = (-2)**0.3 * h", "the argument of log is -2", "(-2)**0.3", "has a value"),
    ("h in R^n\nh' = 0**-0.5 * h", "divides by zero", "0**-0.5", "another"),
    ("h in R^n\nF(v) = log(v - 1)\nh' = F(exp(0)) * h", "the argument of log is 0", "log(v - 1)", "has a value"),
    ("h in R^n\nh' = h\nq", "expected '=' or 'in', found the end of the text", "q", "a declaration `f in R^n`"),
    ("h in R^n\nq\nh' = h", "expected '=' or 'in', found the end of the equation", "q", "An equation is `f = …`"),
    ("h in R^n\nh' = V @ h", "'V' is neither", "V", "Declare it (V in R^(n, n))"),
    ("h in R^p; x in R^m\nh' = h + V @ x", "'V' is neither", "V", "Declare it (V in R^(p, m))"),
    ("h in R^n; x in R^m\nh' = V (h + 1)", "'V' is neither", "V", "Declare it (V in R^(n, n) or V in R^(n, m))"),
    ("h in R^n; x in R^m\nh' = h + W_z x_t", "'W_z' is neither", "W_z", "Declare it (W_z in R^(n, m))"),
    ("h in R^n\nh' = h + beta", "'beta' is neither", "beta", "Declare it (beta in R^n)"),
    (
        "h in R^n\nh' = h\n" + "\n".join(f"a{k} = h" for k in range(3000)),
        "this text has more than 2,000",
        "a1999",
        "F(v)",
    ),
    (GATE + "a in R^(n,n+m)\nh' = a @ [x, h] + U h + W x", "R^(n, n+m) and R^(m+n)", "a @ [x, h]", "same order"),
    (
        LSTM.replace("U_g @ h", "U_g @ i[-1]"),
        "'i' is read at an earlier time",
        "i[-1]",
        "Declare i in R^n and write i' =",
    ),
    (
        LSTM.replace("U_g @ h", "U_g @ b_g[-1]"),
        "'b_g' is a parameter: it is the same at every time",
        "b_g[-1]",
        "Write b_g.",
    ),
    (LSTM.replace("f * c", "f c"), "two vectors stand side by side", "f c", "f * c"),
    (LSTM.replace("f * c", "f' * c"), "only states have a next value", "f'", "Write f."),
    (LSTM.replace("f * c", "f * c''"), "only one ' may follow", "c''", "c'"),
    (LSTM.replace("f  =", "f =="), "found '='", "=", "single '='"),
    (LSTM.replace("f * c + i * g", "f * c +"), "found the end of the equation", "+", "Complete the expression"),
    (LSTM.replace("f * c", "f $ c"), "the character '$' has no meaning", "$", "Remove"),
    (LSTM.replace("f * c", "f * * c"), "found '*'", "*", ""),
    (LSTM + "  = 3", "expected a name, found '='", "=", "begins with the name"),
    (LSTM.replace("R^m", "Rm"), "expected a space after 'in', found 'Rm'", "Rm", "R^n"),
    (LSTM.replace("R^m", "R^0"), "the size '0' is no positive whole number", "0", "4"),
    (GATE + "h' = tanh h + U h + W x", "'tanh' is a function and needs brackets", "tanh", "tanh("),
    (GATE + "h' = tanh(h, h) + U h + W x", "'tanh' takes one argument, found 2", "tanh(h, h)", ""),
    (GATE + "h' = foo(h, h) + U h + W x", "'foo' is no function", "foo", "foo(v, w) ="),
    (GATE + "h' = tanh(U x) + W x", "contracts shapes R^(n, n) and R^m", "U x", "R^(n, m)"),
    (GATE + "h' = U h / 2 h + W x", "what does this divide by", "U h / 2 h", "U h / (2 h)"),
    (GATE + "h' = U (h)**2 + W x", "does the power belong to", "U (h)**2", "U ((h)**2)"),
    (GATE + "F(v) = F(v) + 1\nh' = F(U h + W x)", "'F' is defined by itself", "F(v)", ""),
    (GATE + "h_{t+1} = tanh(U h_t + W x_t)", "at a time after t", "h_{t+1}", "h_{t-1} reads the previous"),
    ("x in R^m; W in R^(n,m)\nh' = W x", "'h' is updated but never declared", "h'", "h in R^n"),
    ("h in R^n; U in R^(n,n)\nh'[j] = U[j,j] * h[j]", "an index is repeated on 'U'", "U[j,j]", "once"),
    ("h in R^n; U in R^(n,n)\nh'[j] = U[j,q] * h[q]", "nothing binds the index 'q'", "U[j,q]", "sum[q]"),
    ("h in R^n; x in R^m\nh'[j] = h[j] + x[j]", "'j' runs over n and over m", "x[j]", "another index"),
    ("h in R^n; U in R^(n,n)\nh'[j] = U[j] * h[j]", "2 axes, found 1 indices", "U[j]", "each axis"),
    ("h in R^n; U in R^(n,n)\nh'[j] = h[j] * sum[q] 2", "carries the index 'q'", "sum[q] 2", ""),
    (
        "h in R^n; s[0] = h\nfor l in 1..L:\n  s[l] = tanh(s[l-1])\nh' = s[1]",
        "'L' has no value",
        "L",
        "constants={'L': 3}",
    ),
    (
        "h in R^n; s[0] = h\nfor l in 1..900:\n for k in 1..900:\n  s[l] = h\nh' = h",
        "more than 2,000 equations",
        "s[l]",
        "",
    ),
    ("h in R^n\nfor l in 3..1: s[l] = h\nh' = h", "the range 3..1 is empty", "3..1", ""),
    ("h in R^n\nfor l 1..3: s[l] = h\nh' = h", "expected 'in', found '1'", "1", "for l in 1..L:"),
    ("h in R^n\nfor l in 1..2\n  s[l] = h\nh' = s[1]", "expected ':'", "2", "for l in 1..L:"),
    ("r = 2*s; s = r; h in R^(r, s)\nh' = h", "depends on itself", "s", ""),
    ("output y; h in R^n\nh' = h", "the output 'y' is never defined", "y", "y ="),
    ("__import__('os').system('ls')", "the character '.' has no meaning", ".", "Remove"),
    (GATE + "h' = tanh(Wx + U h)", "'Wx' is neither declared nor defined", "Wx", "Did you mean W x?"),
    (GATE + "h' = sigmoid[W x] + U h", "'sigmoid' is a function and takes round brackets", "sigmoid[W x]", "sigmoid("),
    (GATE + "h' = |W x| + U h", "the character '|' has no meaning", "|", "abs("),
    (GATE + "h' = \\sigmoid(W x + U h)", "'\\sigmoid' is not read", "\\sigmoid", "a function's name"),
    (GATE + "h' = \\bar{W} x + U h", "'W_bar' is neither declared", "\\bar{W}", "W_bar in R^(n, m)"),
    (GATE + "h' = mod(W x, U h)", "'mod' is no function", "mod", "mod(v, w) = …"),
    (GATE + "h' = flooor(W x) + U h", "'flooor' is neither declared nor defined", "flooor", "floor"),
    (GATE + "h' = frobnicate(W x) + U h", "neither declared nor defined", "frobnicate", "The functions are abs, atan"),
    (GATE + "h' = W x + (U h < 0)", "found '<'", "<", "where(u > v, 1, 0)"),
    (GATE + "p_{t-1} = U h\nh' = p + W x", "a value at time t, not before", "p_{t-1}", "a name of its own"),
    (GATE + "h_{t-1} = U h + W x", "a value at time t, not before", "h_{t-1}", "Write h' = …"),
    (GATE + "h' = W x + U h + 1,5", "expected the end of the line, found ','", ",", "1.5"),
    (GATE + "W x = h'", "expected '=' or 'in', found 'x'", "x", "f in R^n"),
    ("h in R^n, c in R^n\nh' = h", "expected the end of the line, found ','", ",", "separate declarations by ';'"),
    ("h in R^n×m\nh' = h", "expected the end of the line, found '×'", "×", "R^(n, m)"),
    ("h in R^(n, )\nh' = h", "expected a size, found ')'", ")", "R^(n, n+m)"),
    ("h in R^n\nfor l in 1..2:\ns[l] = h\nh' = s[1]", "found the end of a block", ":", "Indent"),
]


@pytest.mark.parametrize(("text", "message", "underlined", "mend"), REFUSED)
def test_refused_with_line_caret_and_mend(text, message, underlined, mend):
    error = refusal(text)
    assert message in error.message, error.render()
    assert mend in error.mend
    assert error.mend
    assert "Traceback" not in error.render()
    line = error.source.splitlines()[error.line - 1]
    start = line[error.column - 1 :]
    assert start.startswith(underlined[: error.width]) or start.startswith(underlined), error.render()
    assert max(map(len, error.render().splitlines())) < 200


@pytest.mark.parametrize("text", ["", "  \n\t\n", "# only a comment", ";;;"])
def test_an_empty_text_is_refused(text):
    assert "no equations" in refusal(text).message


def test_a_cell_without_result_is_refused():
    error = refusal("x in R^m; W in R^(n,m)\ny = W x")
    assert "no state and no output" in error.message
    assert error.mend == "Write h' = … or output y."


def test_what_is_no_text_and_what_is_too_long_is_refused():
    assert "bytes" in refusal(b"h' = h").message
    assert "at most 100,000" in refusal("h" * 200_000).message


@pytest.mark.parametrize(
    ("constants", "message"), [({"q": 1}, "'q'"), ({"a": "x"}, "'x'"), ({"a": float("nan")}, "nan")]
)
def test_constants_that_the_text_does_not_have_are_refused(constants, message):
    assert message in refusal("h in R^n\na = 2\nh' = a h", constants=constants).message


def test_the_caret_stands_under_typed_characters():
    error = refusal("h ∈ ℝ^n; c̃ ∈ ℝ^n\nh_t = σ(h_{t−1}) ⊙ hₜ₋₁ ⊙ c̃ ⊙ β̃ₜ")
    *_, line, carets, mend = error.render().splitlines()
    shown = "".join(ch for ch in line if not unicodedata.combining(ch))  # an accent takes no column of a screen
    assert shown[carets.index("^") :].startswith("βₜ")
    assert "beta_tilde" in error.message
    assert mend


def test_definitions_cannot_explode():
    lines = ["h in R^n", "D0(v) = v * v + v"]
    lines += [f"D{k}(v) = D{k - 1}(v) * D{k - 1}(v)" for k in range(1, 18)]
    assert "too long" in refusal("\n".join([*lines, "h' = D17(h)"])).message


def test_a_claim_about_unknown_names_is_refused():
    cell = read_equations(LSTM)
    for claim in ("diag(q)", "diag(f) +", "f @ f", "h[-4]", "eye(f)", ""):
        with pytest.raises(EquationError):
            read_expression(claim, cell)


def test_a_dimension_has_no_name_that_init_takes_for_something_else():
    arguments = set(inspect.signature(Cell.init).parameters) - {"m", "n", "dimensions"}
    assert arguments == OPTIONS
    for name in sorted(OPTIONS | {"class", "if", "range", "tanh"}):
        with pytest.raises(EquationError, match=f"'{name}' is "):
            read_equations(f"x in R^m; h in R^{name}; W in R^({name}, m)\nh' = tanh(W @ x + h)")

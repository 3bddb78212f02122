"""Meanings of the commands of LaTeX's mathematics, as tables."""

from __future__ import annotations

_SPELLED = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu", "xi", "omicron",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
LETTERS: dict[str, str] = {
    **{name: name for name in _SPELLED},
    **{name.title(): name.title() for name in _SPELLED},
    **{f"var{name}": name for name in ("epsilon", "theta", "rho", "phi", "sigma", "pi", "kappa")},
    **{f"var{name}": name for name in ("Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega")},
    "lambda": "lam", "Lambda": "Lam", "varLambda": "Lam", "ell": "l", "imath": "i", "jmath": "j", "hslash": "hbar",
    "hbar": "hbar", "Delta t": "Deltat", "delta t": "deltat",
}  # fmt: skip
"""Letters that have a command, and their names in plain notation."""

ACCENTS: dict[str, str] = {
    "tilde": "tilde", "widetilde": "tilde", "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "mathring": "ring", "acute": "acute",
    "grave": "grave", "overrightarrow": "right", "overleftarrow": "left",
}  # fmt: skip
"""Marks over a letter: part of its name."""

FONTS: frozenset[str] = frozenset(
    {
        "mathbf", "boldsymbol", "bm", "mathit", "mathcal", "mathbb", "mathsf", "mathtt", "mathfrak", "mathscr", "pmb",
        "vec", "underline", "mathbfit", "symbf", "symbfit", "mathbbm", "mathds",
    }
)  # fmt: skip
"""How a letter looks: no part of its name."""

BOLD: frozenset[str] = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "symbf", "symbfit", "mathbfit", "textbf"})
"""Fonts that tell a vector from a number of the same letter."""

SCRIPT: frozenset[str] = frozenset({"mathcal", "mathscr", "mathfrak"})
"""Fonts whose letters are other ones than those of the same name in roman or bold type, where a text has both."""

WORDS: frozenset[str] = frozenset({"mathrm", "operatorname", "mathnormal", "mathop"})
"""What stands in their braces is one name."""

PROSE: frozenset[str] = frozenset(
    {
        "text", "mbox", "intertext", "shortintertext", "hbox", "textit", "textbf", "textsf", "texttt", "textrm",
        "textsc", "textnormal", "emph", "textsl",
    }
)  # fmt: skip
"""What stands in their braces is a name where it is used as one, else words beside the equations."""

THROUGH: frozenset[str] = frozenset({"boxed", "mathrel", "mathbin", "mathord", "ensuremath", "smash", "mathstrut"})
"""Only what stands in their braces counts."""

SIGNS: dict[str, str] = {
    "odot": "*", "circ": "*", "ast": "*", "star": "*", "bullet": "·", "cdot": "·", "cdotp": "·", "times": "×",
    "oslash": "./", "div": "/", "in": " in ", "colon": ":", "lt": "<", "gt": ">", "le": "<=", "leq": "<=",
    "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "to": "→",
    "rightarrow": "→", "longrightarrow": "→", "mapsto": "→", "dots": "..", "ldots": "..", "cdots": "..", "dotsc": "..",
    "prime": "'", "top": "⊤", "intercal": "⊤", "intersection": "∩", "dagger": "†", "parallel": "∥", "oplus": "⊕",
    "otimes": "⊗", "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖", "rVert": "‖",
    "|": "‖", "{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "lparen": "(",
    "rparen": ")", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "pm": "±", "mp": "∓", "ominus": "⊖",
    "%": "%", "&": "&", "#": "#", "$": "$", "_": "_", "Re": "ℜ", "Im": "ℑ",
}  # fmt: skip
"""Signs that have a command."""

RELATIONS: frozenset[str] = frozenset(
    {"coloneqq", "coloneq", "triangleq", "equiv", "leftarrow", "gets", "doteq", "eqdef", "defeq", "longleftarrow"}
)
"""Commands that say what `=` says."""

SPACES: frozenset[str] = frozenset(
    {
        ",", ";", ":", "!", " ", ">", "\n", "quad", "qquad", "enspace", "thinspace", "enskip", "hfill", "hfil",
        "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "limits", "nolimits", "nonumber", "notag",
        "noindent", "allowbreak", "nobreak", "bf", "rm", "it", "cal", "sf", "tt", "centering", "par", "medskip",
        "smallskip", "bigskip", "newline", "linebreak", "protect", "relax", "hline", "/", "-", "medspace",
        "thickspace", "negthinspace", "footnotesize", "small", "normalsize", "large", "Large", "tiny", "scriptsize",
        "mathindent", "strut", "null", "unboldmath", "boldmath", "middle", "allowdisplaybreaks",
    }
)  # fmt: skip
"""What says nothing but how a formula is set."""

WIDE: frozenset[str] = frozenset({"quad", "qquad", "hfill", "enspace"})
"""Gaps that stand between formulas."""

SIZES: frozenset[str] = frozenset(
    {f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
)
"""Sizes of a bracket."""

DROPPED: dict[str, int] = {
    "tag": 1, "label": 1, "ref": 1, "eqref": 1, "cite": 1, "citep": 1, "citet": 1, "footnote": 1, "phantom": 1,
    "hphantom": 1, "vphantom": 1, "hspace": 1, "vspace": 1, "color": 1, "mathclap": 0, "setlength": 2,
    "renewcommand": 2, "newcommand": 2, "usepackage": 1, "documentclass": 1, "arraystretch": 0, "qedhere": 0,
    "caption": 1, "section": 1, "subsection": 1, "title": 1, "author": 1, "rule": 2, "raisebox": 1, "scalebox": 1,
}  # fmt: skip
"""Commands that are left out with so many braces behind them."""

FRACTIONS: frozenset[str] = frozenset({"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"})

FUNCTIONS: dict[str, str] = {
    "sigmoid": "sigmoid", "sigm": "sigmoid", "sig": "sigmoid", "logistic": "sigmoid", "sgm": "sigmoid",
    "logsigmoid": "log_sigmoid", "tanh": "tanh", "tanch": "tanh", "th": "tanh", "relu": "relu", "rectifier": "relu",
    "softplus": "softplus", "softmax": "softmax", "logsoftmax": "log_softmax", "exp": "exp", "log": "log", "ln": "log",
    "sin": "sin", "cos": "cos", "sqrt": "sqrt", "abs": "abs", "max": "max", "min": "min", "sign": "sign",
    "sgn": "sign", "hardsigmoid": "hard_sigmoid", "hsigmoid": "hard_sigmoid", "elu": "elu", "gelu": "gelu",
    "silu": "silu", "swish": "silu", "softsign": "softsign", "floor": "floor", "step": "step", "heaviside": "step",
    "mean": "mean", "avg": "mean", "sum": "sum", "dot": "dot", "outer": "outer", "diag": "diag", "norm": "norm",
    "clip": "clip", "erf": "erf", "atan": "atan", "arctan": "atan", "concat": "concat", "hadamard": "hadamard",
    "arctg": "atan", "tg": "tan", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "arcsin": "asin", "arccos": "acos",
    "re": "re", "im": "im", "conj": "conj", "stack": "concat", "cat": "concat", "concatenate": "concat",
}  # fmt: skip
"""Functions spelled out, in small letters without signs between, and their names in plain notation."""

UPRIGHT: frozenset[str] = frozenset(
    {
        "tanh", "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "arctan", "arcsin", "arccos", "max", "min",
        "det", "dim", "ker", "arg", "sup", "inf", "lim", "Pr", "deg", "gcd", "hom", "sgn", "th",
    }
)  # fmt: skip
"""Functions that have a command of their own."""

BIG: dict[str, str] = {"sum": "sum", "prod": "prod", "bigoplus": "bigoplus", "bigotimes": "bigotimes", "int": "int",
                       "bigcup": "bigcup", "bigodot": "bigodot", "coprod": "coprod"}  # fmt: skip

DISPLAYS: frozenset[str] = frozenset(
    {
        "equation", "align", "aligned", "alignedat", "alignat", "gather", "gathered", "split", "eqnarray", "multline",
        "multlined", "flalign", "displaymath", "math", "subequations", "dmath", "dgroup", "IEEEeqnarray", "document",
        "center", "empheq", "lgathered", "rgathered", "subarray", "flalignat", "xalignat", "dseries",
    }
)  # fmt: skip
"""Environments around formulas."""

MATRICES: frozenset[str] = frozenset(
    {"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array", "tabular"}
)
CASES: frozenset[str] = frozenset({"cases", "dcases", "rcases", "drcases", "numcases"})

SILENT: frozenset[str] = frozenset(
    {
        "and", "where", "with", "for", "if", "otherwise", "else", "then", "when", "given", "such", "that", "is", "are",
        "the", "a", "an", "of", "here", "by", "as", "let", "so", "or", "in", "to", "we", "have", "where:", "while",
    }
)  # fmt: skip
"""Words that never name anything in an equation."""

r"""Refusals of what papers print, for test_mends.py: a text, what its mend says, and a text that does so."""

from __future__ import annotations

H = "x in R^n; h in R^n; W in R^(n,n)\n"
"""Every name in it is read by `READ`."""
READ = r"h_t = \tanh(W h_{t-1}) + x_t"


def rnn(right: str, plain: bool = False) -> str:
    """A text whose state has this right side."""
    return f"{H}{'h_t = ' if plain else '$$h_t = '}{right}{'' if plain else '$$'}"


LATEX = [
    (rnn(r"\tanh(W h_{t-1}) \text{ or } x_t"), "Keep the one that is meant", rnn(r"\tanh(W h_{t-1} + x_t)")),
    (rf"\newcommand{{\a}}{{\a}} {READ} + \a", "Write out what it stands for", H + READ),
    (
        "$$h_t = \\phi(W h_{t-1}) + x_t$$\nwhere phi is tanh or $\\phi(v) = v$\n" + H,
        "on a line of its own: phi(v) = …",
        f"{H}$$h_t = \\phi(W h_{{t-1}}) + x_t$$\nphi(v) = tanh(v)",
    ),
    (H + "\n".join(f"$a_{{{n}}} = x_t$" for n in range(3001)), "Split the cell", None),
    (H + f"${READ}$ $", "add the one that is missing", f"{H}${READ}$"),
    (f"{H}$t = \\sigma(x_t)$\n${READ} + t$", "such as T_g for the symbol", f"{H}$T_g = \\sigma(x_t)$\n${READ} + T_g$"),
    (f"{H}{READ} \\\\ h_0 = 1", "Leave the line out", H + READ),
    (f"{H}{READ} + \\sum x_t", "with the letter of an index", f"{H}{READ} + sum(x)"),
    (
        f"{H}{READ} + \\sum_{{i=1}}^{{t}} x_i",
        "Keep it in a state of its own",
        f"{H}s in R^n\n{READ} + s_t\ns_t = s_{{t-1}} + x_t",
    ),
    (
        H + r"h_{t,j} = \sum_{k<j} W_{jk} h_{t-1,k} + x_{t,j}",
        "Write M = strictly_lower(n) on a line of its own",
        H + "M = strictly_lower(n)\n" + r"h_{t,j} = \sum_{k} M[j,k] W_{jk} h_{t-1,k} + x_{t,j}",
    ),
    (
        H + r"h_{t,j} = \sum_{k \neq 2} W_{jk} h_{t-1,k} + x_{t,j}",
        "with the factor (1 - I[2,k])",
        H + r"h_{t,j} = \sum_{k \neq j} W_{jk} h_{t-1,k} + x_{t,j}",
    ),
    (rnn("W h^{(t-1)}_t + x_t"), "Write one: h_{t-1}", rnn("W h_{t-1} + x_t")),
    (f"{H}{READ} + w^2", "w^{(2)} for the symbol", f"{H}w^{{(2)}} in R^n\n{READ} + w^{{(2)}}"),
    (rnn(r"W \mathbf{h}_{t-1} + x_t + h_{t-1}"), "one type everywhere", rnn(r"W h_{t-1} + x_t + h_{t-1}")),
    (
        f"{H}{READ} + W^{{(a)}} x_t + W_a x_t",
        "write it in one way",
        f"{H}W_a in R^(n,n)\n{READ} + W_a x_t + W_a x_t",
    ),
    (f"{H}{READ} \\odot h", "Write h_{t-1} for the previous one", f"{H}{READ} \\odot h_{{t-1}}"),
    (rnn("W h_{t-1}} + x_t"), "Remove the '}'", rnn("W h_{t-1} + x_t")),
    (rnn("(" * 60 + "W h_{t-1}" + ")" * 60 + " + x_t"), "a name of its own", rnn("W h_{t-1} + x_t")),
    (rnn(r"\tanh(W h_{t-1} + x_t"), "Add the missing ')'", rnn(r"\tanh(W h_{t-1}) + x_t")),
    (rnn("W h_{t-1} + | x_t"), "Add the missing '|'", rnn("W h_{t-1} + | x_t |")),
    (rnn(r"W h_{t-1} + x_t + \tilde"), "what the command or the script", rnn("W h_{t-1} + x_t")),
    (
        rnn(r"W h_{t-1} + \begin{cases} x_t + \frac{x_t} & x_t > 0 \\ 0 & \text{otherwise} \end{cases}"),
        "Write what it takes in braces",
        rnn(r"W h_{t-1} + \begin{cases} x_t & x_t > 0 \\ 0 & \text{otherwise} \end{cases}"),
    ),
    (rnn(r"W h_{t-1} + \frac{x_t}{2 "), "Add the missing '}'", rnn(r"W h_{t-1} + \frac{x_t}{2}")),
    (rnn("W h_{t-1} + _t x"), "A script follows its letter", rnn("W h_{t-1} + x_t")),
    (rnn("W h^{<t-1>} + x^<t "), "Add the missing '>'", rnn("W h^{<t-1>} + x^{<t>}")),
    (rnn(r"W h_{t-1} + \hat{x_t + x_t}"), "a name of its own", rnn("W h_{t-1} + (x_t + x_t)")),
    (rnn(r"W h_{t-1} + \mathrm{x"), "Add the missing '}'", rnn(r"W h_{t-1} + \mathrm{x}_t")),
    (rnn(r"W h_{t-1} + \begin{pmatrix} x_t"), r"Add the missing \end{pmatrix}", rnn("W h_{t-1} + x_t")),
    (f"{H}{READ}\n$2 W \\in \\mathbb{{R}}^n$", "Write W_f, W_i in R^(n, m)", H + READ),
    (f"{H}{READ}\n$W \\in$", "Write R^n or R^(n, m)", H + READ),
    (rnn(r"\tanh(W h_{t-1}) + x_t = x_t + x_t"), "Write one: h_t = x_t + x_t", rnn(r"\tanh(W h_{t-1}) + x_t")),
    (rnn(r"\tanh(W h_{t-1}) \pm x_t"), "Write what it stands for", rnn(r"\tanh(W h_{t-1}) + x_t")),
    (rnn(r"\tanh(W h_{t-1}) \oplus x_t"), "+ x_t for the other", rnn(r"\tanh(W h_{t-1}) + x_t")),
    (rnn(r"\tanh(W h_{t-1}) \otimes x_t"), "⊙ x_t for the other", rnn(r"\tanh(W h_{t-1}) ⊙ x_t")),
    (rnn("W (h_{t-1})' + x_t"), "Leave the prime out", rnn("W (h_{t-1}) + x_t")),
    (rnn("W (h_{t-1})_k + x_t"), "leave the subscript out", rnn("W (h_{t-1}) + x_t")),
    (rnn(r"W [h_{t-1} \; x_t]"), "Write [h_{t-1}, x_t] for the one", rnn(r"W (h_{t-1} ⊙ x_t)")),
    (rnn(r"W h_{t-1} / \lVert h_{t-1} \rVert_3 + x_t"), "Write it out", rnn(r"W h_{t-1} / \lVert x_t \rVert_2")),
    (rnn(r"W h_{t-1} + \prod_{k} x_{t,k}"), "exp(sum[k] log(a[k]))", rnn("W h_{t-1} + exp(sum(log(x_t)))")),
    (rnn(r"\tanh'(W h_{t-1}) + x_t"), "Write the derivative out", rnn(r"(1 - \tanh(W h_{t-1})^2) + x_t")),
    (rnn(r"\tanh W h_{t-1} + x_t"), "for all of them", rnn(r"\tanh(W h_{t-1}) + x_t")),
    (
        rnn(r"W h_{t-1} + \begin{cases} x_t \\ 0 & x_t > 0 \end{cases}"),
        r"\text{otherwise}",
        rnn(r"W h_{t-1} + \begin{cases} x_t & x_t > 0 \\ 0 & \text{otherwise} \end{cases}"),
    ),
    (
        rnn(r"W h_{t-1} + \begin{cases} x_t & x_t > 0 \\ 0 & x_t < 1 \end{cases}"),
        r"\text{otherwise} in the last row",
        rnn(r"W h_{t-1} + \begin{cases} x_t & x_t > 0 \\ 0 & \text{otherwise} \end{cases}"),
    ),
    (
        rnn(r"W h_{t-1} + \begin{cases} x_t & 0 < x_t < 1 \\ 0 & \text{otherwise} \end{cases}"),
        "one case for each comparison",
        rnn(r"W h_{t-1} + \begin{cases} x_t & x_t > 0 \\ 0 & \text{otherwise} \end{cases}"),
    ),
    (rnn(r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} h_{t-1} + W x_t"), "Declare it", rnn("W h_{t-1} + W x_t")),
    ("h in R^n\nh'[j] = h[j] + sum[q,r] I[q,r]", "Multiply it with an array", "h in R^n\nh'[j] = sum[q] I[j,q] * h[q]"),
    ("h in R^n\nh'[j] = h[j] * I[j,j]", "Use each index once", "h in R^n\nh'[j] = h[j]"),
]  # fmt: skip

"""A file to start from: a gated cell with a comment beside every line."""

from __future__ import annotations

import re

_TEXT = """\
# {name}: the equations of a recurrent cell. Edit them; everything else follows from this text.
#
# The notation of papers may be typed as it stands: h_{{t-1}}, σ, ⊙, W_f · [h_{{t-1}}, x_t].
# gatedsym new NAME --from FILE proposes declarations for equations that are printed somewhere.

# Every symbol has a shape: m is the size of the input, n that of the state.
x in R^m;  h, c in R^n
W_{{i,f,g,o}} in R^(n,m);  U_{{i,f,g,o}} in R^(n,n);  b_{{i,f,g,o}} in R^n

# '@' contracts, '*' is elementwise; a bare state is its previous value.
i  = sigmoid(W_i @ x + U_i @ h + b_i)      # what enters
f  = sigmoid(W_f @ x + U_f @ h + b_f)      # what stays
g  = tanh(W_g @ x + U_g @ h + b_g)         # the candidate
o  = sigmoid(W_o @ x + U_o @ h + b_o)      # what is shown

# A prime marks the next value of a state.
c' = f * c + i * g
h' = o * tanh(c')

# Also in the language:
#   alpha = 0.95                                     a constant
#   r = n/2                                          the size of a further dimension
#   x[-1], h[-2]                                     delays
#   output y;  y = V @ h'                            an output that is not a state
#   input time in R                                  a further input
#   mask in {{0,1}}^m;  dt in R, dt >= 0               inputs that are not any number: (0,1)^n, [0, inf), {{0..m-1}}
#   tau dh/dt = -h + x;  step dt = 0.1;  scheme rk4  a rate of change (or euler, exponential_euler); dt may be an input
#   use lstm as inner: x = W @ x                     a cell in a cell; inner.h' is its next value, W_f_inner a parameter
#   step(b - a), floor(v), max(a, b)                 instead of comparisons: step is 1 where a < b
#   a[p,j] = sum[q] U[p,j,q] * h[p,q]                the index form
#   A * A, A.^-1, exp.(A), A ./ B                    each entry of a matrix for itself
#   A = [[0, 1], [-1, 0]];  M = lower(n)             fixed arrays: nothing of them is trained
#   (I - V) @ h, diag(a) @ h, cumsum(v), roll(v, 1)  identity and diagonal matrices, sums and shifts along a vector
#   [i; f] = [σ; tanh](W [h; x])                     gates packed in one array, W in R^(2n, n+m); also a[0:n], a[n:2n]
#   z in C^n;  z' = exp(i*theta) * z + B x           complex arrays; re(z), im(z), conj(z), abs(z)
#   convention rows;  a = x W + b                    vectors as rows, W in R^(m,n)
#   LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps)
#   for l in 1..L:  s[l] = tanh(R[l] @ s[l-1])       micro-steps, with R[1..L] in R^(n,n)
"""


_TITLE = re.compile("# .*" + re.escape(_TEXT.splitlines()[0].partition("}")[2]))
_INSTRUCTIONS = frozenset(line.strip() for line in _TEXT.replace("{{", "{").replace("}}", "}").splitlines()[1:]
                          if line.startswith("#"))  # fmt: skip


def without_instructions(text: str) -> str:
    """A cell's text without the comments by which the template tells how to write one; the cell's own stay.

    Parameters
    ----------
    text : str
        What became of a template, or any other text.
    """
    lines = [
        line for line in text.split("\n") if line.strip() not in _INSTRUCTIONS and not _TITLE.fullmatch(line.strip())
    ]
    return text if len(lines) == text.count("\n") + 1 else re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def template(name: str) -> str:
    """The text of a valid gated cell, with comments, to edit.

    Parameters
    ----------
    name : str
        What the cell will be called.
    """
    return _TEXT.format(name=" ".join(name.split()))

"""What a refusal offers is typed in, letter by letter, and gives the tree that it promises.

Every place in the code that refuses has a case here: a new refusal without one fails.
"""

from __future__ import annotations

import ast
import os
import sys
import warnings
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from latex_mends import LATEX

import gatedsym.equations as equations
from gatedsym.equations import declare, edit_equations, notation, parse, read_equations, read_expression, signs
from gatedsym.equations.array_files import with_arrays
from gatedsym.errors import EquationError, EquationWarning
from gatedsym.ir.program import Recurrence

HERE = Path(equations.__file__).resolve().parent
ROOT = f"{HERE}{os.sep}"
HEAD = (
    "x in R^m; h, c in R^n; W in R^(n,m); U, A in R^(n,n); M in R^(m,n); V_i in R^(n,n+m); b, k in R^n; s, r in R\n"
    "alpha = 0.5\ni = sigmoid(W @ x + b)\n"
    "c' = i * c + s * k + r * (A @ b) + U @ h + V_i @ [h, x] + M.T @ x + alpha * b\n"
)
"""Before right sides: every name in it is read."""

OFFERED = [
    # a right side of h'; what is offered, typed in place of what the caret underlines; the same in other words
    ("tanh(h)(2)", "2 * tanh(h)", "tanh(h) * 2"),
    ("tanh(h)(2)", "tanh(h)", "tanh(h)"),
    ("b / tanh(h)(2)", "(b / tanh(h)) * (2)", "2 * b / tanh(h)"),
    ("c - h(0.5)", "0.5 * h", "c - h / 2"),
    ("i * h(0.5)", "(0.5 * h)", "i * h / 2"),
    ("h 2", "2 * h", "h + h"),
    ("(h) (2s)", "(2s) * (h)", "2 * s * h"),
    ("h (s)", "(s) * h", "s * h"),
    ("i (2b)", "i * (2 * b)", "2 * i * b"),
    ("U (2b)", "U @ (2 * b)", "U @ (2 * b)"),
    ("tanh(U²) h", "U @ U", "tanh(U @ U) @ h"),
    ("tanh(U²) h", "U * U", "tanh(U * U) @ h"),
    ("U**2 @ h", "(U @ U)", "(U @ U) @ h"),
    ("U**2 @ h", "(U * U)", "(U * U) @ h"),
    ("U**3 h", "(U @ U @ U)", "(U @ U @ U) @ h"),
    ("(U + A)**2 h", "((U + A) * (U + A))", "((U + A) * (U + A)) @ h"),
    ("(A * U^{-1}) h", "inv(U)", "(A * inv(U)) @ h"),
    ("(A * U⁻¹) h", "U.^-1", "(A * (1 ./ U)) @ h"),
    ("U**-1 @ h", "inv(U)", "solve(U, h)"),
    ("(A + U^-3) h", "matrix_power(U, -3)", "(A + matrix_power(inv(U), 3)) @ h"),
    ("U^(1/2) h", "U.^(1/2)", "sqrt.(U) @ h"),
    ("U**-0.5 h", "U.^(-1/2)", "(1 ./ sqrt.(U)) @ h"),
    ("exp(U) h", "exp.(U)", "exp.(U) @ h"),
    ("ln(U + A) h", "ln.(U + A)", "log.(U + A) @ h"),
    ("√(U) h", "sqrt.(U)", "sqrt.(U) @ h"),
    ("(A / U) h", "A ./ U", "(A ⊘ U) @ h"),
    ("(1/U) h", "1 ./ U", "U^{⊙-1} h"),
    ("(1/U) h", "1 * inv(U)", "U^{-1} h"),
    ("(A / U) h", "A @ inv(U)", "(A U^{-1}) h"),
    ("h / U", "solve(U, h)", "U^{-1} h"),
    ("(A × U) h", "A @ U", "(A @ U) @ h"),
    ("(A × U) h", "A * U", "(A ⊙ U) @ h"),
    ("b · k", "b * k", "k * b"),
    ("h + s * (b · k)", "dot(b, k)", None),
    ("s/r (-h + b)", "(s/r) * (-h + b)", "s * (b - h) / r"),
    ("b/i (1 - i)", "b/ (i (1 - i))", "b / (i * (1 - i))"),
    ("A h / 2 h", "(A h / 2) * h", "h * (A @ h) / 2"),
    ("A h / 2 h", "A h / (2 h)", "(A @ h) / (2 * h)"),
    ("h / s A h", "h / (s A h)", "h / (s * (A @ h))"),
    ("i c", "i * c", "c * i"),
    ("e^{-h} * b", "exp(-h)", "exp(-h) * b"),
    ("e^(h + b)", "exp(h + b)", "exp(h + b)"),
    ("s / W @ x", "(s / W) @ x", "(s ./ W) @ x"),
    ("s / W @ x", "s / (W @ x)", "s / (W x)"),
    ("A h_t-1", "h_{t-1}", "A h"),
    ("b * c_t-1", "c_t - 1", "b * c' - 1"),
    ("b * c^{(t)}-1", "c_{t-1}", "b * c"),
    ("b * cₜ-1", "c_{t-1}", "b * c"),
    ("sigma(h)", None, "sigmoid(h)"),
    ("A h (1 - i)", "(A h) * (1 - i)", "(A @ h) * (1 - i)"),
    ("A h (1 - i)", "A (h * (1 - i))", "A @ (h * (1 - i))"),
    ("s * A (h)(1 - i)", "A ((h) * (1 - i))", "s * (A @ (h * (1 - i)))"),
    ("A b k", "(b * k)", "A @ (b * k)"),
    ("1 + b k h", "k * h", None),
    ("h + x M", "M.T @ x", "h + Mᵀ x"),
    ("h + x_t M", "M.T @ x_t", "h + Mᵀ x"),
    ("h + x @ W", "W @ x", "h + W x"),
    ("s * (h U)", "U.T @ h", "s * (Uᵀ h)"),
    ("s * (h U)", "U @ h", "s * (U h)"),
    ("h + M x", "M.T @ x", "h + Mᵀ x"),
    ("h @ c * h", "dot(h, c)", "dot(h, c) * h"),
    ("h @ c * i", "(h * c)", "c * h * i"),
    ("s @ h", "s * h", "h * s"),
    ("W @ - x", "@ (-x)", "-(W @ x)"),
    ("h * - (b + c)", "* (-(b + c))", "h * (-b - c)"),
    ("h - - b", "+ b", "h + b"),
    ("--h", "h", "h"),
    ("h / ||h||", "sqrt(dot(h, h))", "h / sqrt(dot(h, h))"),
    ("h / ‖ W x ‖", "sqrt(dot(W x, W x))", "h / sqrt(dot(W x, W x))"),
    ("|b|", "abs(b)", "abs(b)"),
    ("h / |b|", "sqrt(dot(b, b))", "h / sqrt(dot(b, b))"),
    ("U (h)**2", "(U (h))**2", "(U h)^2"),
    ("U (h)^2", "U ((h)^2)", "U @ (h * h)"),
    ("V_i[h, x]²", "V_i ([h, x]^{2})", "V_i @ ([h, x]**2)"),
    ("A.(h)", None, "A h"),
    ("sum.(h) * h", "sum(h)", "h * sum(h)"),
    ("tanh[h]", None, "tanh(h)"),
    ("h''", "h'", None),
    ("alpha[-1] * h", "alpha", "alpha * h"),
    ("i' * h", "i", "i * h"),
    ("Wx + h", "W x", "W @ x + h"),
]  # fmt: skip

FOLLOWED = [
    # a right side that is refused; what the mend says; a right side that does so
    ("U_z @ + h", "Leave the '+' out", "U @ h"),
    ("+ h", "Leave the '+' out", "h"),
    ("h - -", "what is missing", "h - b"),
    ("tahn(h)", "Did you mean tanh?", "tanh(h)"),
    ("tanh h", "Write tanh(…).", "tanh(h)"),
    ("h + W", "index form", "h + W x"),
    ("W x * U", "Write @ where a matrix meets a vector", "U @ (W x)"),
    ("clip(h, 1, 0)", "Write the lower one first", "clip(h, 0, 1)"),
    ("where(h > 0, b)", "Write where(u > v, a, b)", "where(h > 0, b, k)"),
    ("relu(h > 0)", "Write where(h > 0, 1, 0)", "relu(where(h > 0, 1, 0))"),
    ("declared(h, 1)", "s = declared(value, derivative, by)", "declared(h, 1, h)"),
    ("straight_through(h * b)", "Write straight_through(step(v))", "straight_through(step(h))"),
    ("step(h/3) with derivative abs(h)", "declared(step(h/3), abs(h), h/3) for", "declared(step(h/3), abs(h), h)"),
    ("leaky_relu(h)", "Write leaky_relu(h, 0.01)", "leaky_relu(h, 0.01)"),
    ("(-2)**h", "Write a base above 0.", "2**h"),
    ("h + softmax(s)", "exp(a[j]) / sum[q] exp(a[q])", "h + softmax(h)"),
    ("softmax(h.T)", "Leave out .T.", "softmax(h)"),
    ("softmax(U) @ h", "exp(U[j,k]) / sum[q] exp(U[j,q])", "softmax(U @ h)"),
    ("U**s @ h", "Write U.^s for the power of each entry.", "U.^s @ h"),
    ("h**65", "exp(p * log(x))", "exp(65 * log(h))"),
    ("h / 0", "Divide by another number.", "h / 2"),
    ("h / (1/2 - alpha)", "Divide by another number.", "h / (1 - alpha)"),
    ("((((2*h)**64)**64)**64)**64", "smaller", "(2*h)**64"),
    ("sqrt(-1) * h", "has a value", "sqrt(1) * h"),
    ("exp(710) * h", "has a value", "exp(700) * h"),
    ("1e300 * (1e300 * h)", "1e-307 and 1e308", "1e300 * h"),
    ("1e999 h", "smaller", "1e99 h"),
    ("U.T.T.T @ (h.T).T + sum(outer(outer(h, h), h)) * h", "Pass vectors.", "sum(outer(h, h)) * h"),
    ("tanh(h, h)", "Write tanh(…).", "tanh(h)"),
    ("tanh(h.T)", "Leave out .T.", "tanh(h)"),
    ("sum(s) * h", "In the index form write sum[q]", "sum(h) * h"),
    ("dot(h, x) * h", "Make the shapes equal.", "dot(h, b) * h"),
    ("outer(U, h) @ h", "Pass vectors.", "outer(b, h) @ h"),
    ("V_i @ [U, x]", "Stack vectors", "V_i @ [h, x]"),
    ("h[t+1]", "Shift the times", "h_{t-1}"),
    ("h_{t-1}[-1]", "Write h_{t-1}.", "h_{t-1}"),
    ("h_{t-1}'", "Write h'.", "h"),
    ("W_{a,b} x", "Write W_a.", "W x"),
    ("h[-1,-2]", "Write x[-1].", "h[-1]"),
    ("h[1/2]", "a number such as 3", "h[-1]"),
    ("h[2**0.5]", "a number such as 3", "h[-1]"),
    ("h[1..2]", "Write one index.", "h"),
    ("frobnicate(h, b)", "A definition makes one", "tanh(h)"),
    ("h[-L] * h", "pass constants", "h[-1]"),
    ("i[-1]", "Declare i in R^n", "h[-1]"),
    ("h & b", "Leave it out", "h + b"),
    ("\\foo h", "Write what it stands for", "h"),
    ("h @", "Complete the expression", "U @ h"),
    ("(h", "Add the missing ')'.", "(h)"),
    ("h)", "Remove the ')'.", "h"),
    ("(h]", "Close the bracket with ')'.", "(h)"),
    ("(" * 60 + "h" + ")" * 60, "a name of its own", "(h)"),
    ("h_{t*2}", "Write a name: letters and digits.", "h_{t-1}"),
    ("sum[q] " * 25 + "h[q]", "an equation of its own", "h"),
    ("h # \0", "Remove it", "h # "),
    ("sum[q] b * h", "under its indices", "sum(b) * h"),
    ("inv(W) x", "a matrix of two equal dimensions", "inv(U) h"),
    ("matrix_power(U, 65) h", "products of smaller powers", "matrix_power(U, 64) h"),
    ("matrix_power(U, 1/2) h", "Write matrix_power(A, 3).", "matrix_power(U, 2) h"),
    ("inv(U, A) h", "Write inv(A).", "inv(U) h"),
    ("solve(U, x)", "Make the shapes fit", "solve(U, h)"),
]  # fmt: skip

DOUBLING = "".join(f"D{k}(v) = D{k - 1}(v) * D{k - 1}(v)\n" for k in range(1, 18))

OWN = "cell own:\n  x, s in R^n\n  U in R^(n,n)\n  s' = tanh(U @ s + x)\n"
SUMMED = "h in R^n; c in R^p; z in R^(n+p); u in R^m; U in R^(n,m)\nz' = z + [U @ u; c]\nc' = c\nh' = s'\n"
OWN_COUNT = "cell own:\n  k in {0..m-1}\n  x in R^m; s in R^n; V in R^(n,m)\n  s' = tanh(k * (V @ x))\n"
OWN_TWO = "cell two:\n  x, s in R^n\n  V in R^(n,n)\n  s' = tanh(V @ s + x)\n"
WHOLE = [
    (
        "x in R^m; h in R^seed; W in R^(seed, m)\nh' = tanh(W @ x + h)",
        "Choose another name, such as seed_size.",
        "x in R^m; h in R^seed_size; W in R^(seed_size, m)\nh' = tanh(W @ x + h)",
    ),
    # a text that is refused; what the mend says; a text that does so
    ("", "`gatedsym new` shows how", "h in R^n\nh' = h"),
    (";;", "`gatedsym new` shows how", "h in R^n\nh' = h"),
    ("h in R^n\nh' = q", "Declare it (q in R^n)", "h, q in R^n\nh' = q"),
    ("h in R^n\nprint = h\nh' = print", "such as print_1", "h in R^n\nprint_1 = h\nh' = print_1"),
    ("h in R^n; h in R^n\nh' = h", "Remove one", "h in R^n\nh' = h"),
    ("h in R^n\ndh/dt = -h", "Write step dt = 0.1 and scheme", "h in R^n\ndh/dt = -h\nstep dt = 0.1\nscheme euler"),
    ("h in R^n\ndh/dt = -h\nstep dt = 1", "scheme euler (or", "h in R^n\ndh/dt = -h\nstep dt = 1; scheme rk4"),
    ("h in R^n\ndh/dt = -h\nstep k; scheme rk4", "an input: dt in R", "h in R^n\ndh/dt = -h\nstep k = 1; scheme rk4"),
    ("h in R^n; dt = 1\ndh/dt = -h\nscheme heun", "or scheme rk4", "h in R^n; dt = 1\ndh/dt = -h\nscheme rk4"),
    ("h in R^n\nh' = h\nscheme rk4", "or leave it out", "h in R^n\nh' = h"),
    ("g in R; dt=1\nfor l in 1..2:\n  dg/dt = -g\nscheme rk4", "Write dh/dt", "g in R; dt=1\ndg/dt = -g\nscheme rk4"),
    (
        "x in R^m; h in R^n; W in R^(n,m)\nh' = h + W @ onehot(x)",
        "Declare one, token in {0..m-1}",
        "token in {0..m-1}; h in R^n; W in R^(n,m)\nh' = h + W @ onehot(token)",
    ),
    (
        "token in {1..5}; h in R^n; W in R^(n,5)\nh' = h + W @ onehot(token)",
        "Declare token in {0..m-1}",
        "token in {0..4}; h in R^n; W in R^(n,5)\nh' = h + W @ onehot(token)",
    ),
    ("h, b in R^n\na = log(h)\nh' = where(h > 0, a, b)", "into where", "h, b in R^n\nh' = where(h > 0, log(h), b)"),
    (
        "z in C^n; h in R^n\nz' = where(h > 0, z, 0)\nh' = h",
        "re(a), re(b)) + i *",
        "z in C^n; h in R^n\nz' = where(h > 0, re(z), 0) + i * where(h > 0, im(z), 0)\nh' = h",
    ),
    (
        "x, h in R^n\na = h; b = x * h; a_b = x\nh' = a**b + a_b",
        "Write exp(b * log(a)) for the one",
        "x, h in R^n\na = h; b = x * h; a_b = x\nh' = exp(b * log(a)) + a_b",
    ),
    ("dt = 1\ndh/dt = -h\nscheme rk4", "proposes to write above it", "h in R\ndt = 1\ndh/dt = -h\nscheme rk4"),
    (
        "b in R; dt = 1\ndh/dt = b - h\nscheme rk4",
        "Declare it: h in R^n",
        "h, b in R; dt = 1\ndh/dt = b - h\nscheme rk4",
    ),
    (
        "cell in_0:\n    x, h in R^m\n    h' = h + x/0\nx in R^m\nuse in_0 as l: x = x\noutput y\ny = l.h'",
        "Bind what it reads otherwise.",
        "cell in_0:\n    x, h in R^m\n    h' = h + x/2\nx in R^m\nuse in_0 as l: x = x\noutput y\ny = l.h'",
    ),
    ("h in R^n; dt = 1\ndh/dt = -h\nh' = h\nscheme rk4", "Remove one", "h in R^n; dt = 1\ndh/dt = -h\nscheme rk4"),
    ("h in R^n; dt = 1\ndh/dt = -h\ndh/dt = h\nscheme rk4", "Remove one", "h in R^n; dt = 1\ndh/dt = -h\nscheme rk4"),
    ("h in R^n; dt = 1\ndh/dt = -h'\nscheme rk4", "Write h.", "h in R^n; dt = 1\ndh/dt = -h\nscheme rk4"),
    (
        "h in R^n; dt = 1\ndh/dt = -h\nscheme rk4\noutput y; y = 2 * h",
        "Write h_{t-1} for the one before",
        "h in R^n; dt = 1\ndh/dt = -h\nscheme rk4\noutput y; y = 2 * h_{t-1}",
    ),
    (
        "h, b in R^n; dt = 1\ndh/dt = b\nscheme exponential_euler",
        "or scheme euler",
        "h, b in R^n; dt = 1\ndh/dt = b\nscheme euler",
    ),
    (
        "h, b in R^n; dt = 1\ndh/dt = b/h\nscheme exponential_euler",
        "Write it as -a * h + b",
        "h, b in R^n; dt = 1\ndh/dt = -2 * h + b\nscheme exponential_euler",
    ),
    (
        "h in R^n\n" + "".join(f"use own as o{k}: x = h\n" for k in range(101)) + "h' = h\ncell own:\n  x in R^n\n",
        "or split the cell",
        "h in R^n\nh' = h",
    ),
    (f"h in R^n\nuse own as o sharing p: x = h\nh' = o.s'\n{OWN}", "Write use own as p", None),
    (
        f"h in R^n\nuse own as p: x = h\nuse two as o sharing p: x = h\nh' = o.s' + p.s'\n{OWN}{OWN_TWO}",
        "Bind it: V = …; or leave out sharing p.",
        f"h in R^n\nuse own as p: x = h\nuse two as o sharing p: x = h; V = p.U\nh' = o.s' + p.s'\n{OWN}{OWN_TWO}",
    ),
    (
        f"h in R^n; B in R^(n,m)\nuse own as o: x = h; U = B\nh' = o.s'\n{OWN}",
        "Bind U to what has shape R^(n, n), or declare B so.",
        f"h in R^n; B in R^(n,n)\nuse own as o: x = h; U = B\nh' = o.s'\n{OWN}",
    ),
    (
        "h in R^n\nuse own as o: x = h; a = 1/2\nh' = o.s'\ncell own:\n  x, s in R^n\n  a = 2\n  s' = s[-a] + x\n",
        "Bind other numbers, or none.",
        "h in R^n\nuse own as o: x = h; a = 3\nh' = o.s'\ncell own:\n  x, s in R^n\n  a = 2\n  s' = s[-a] + x\n",
    ),
    (
        f"{SUMMED}use own: x = z\n{OWN_COUNT}",
        "Bind it: k = ….",
        f"{SUMMED}use own: x = z; k = 2\n{OWN_COUNT}",
    ),
    (
        f"h, U in R^n\nuse own: x = h\nh' = s' + U\n{OWN}",
        "Write use own as ALIAS: …, or rename U",
        f"h, U in R^n\nuse own as o: x = h\nh' = o.s' + U\n{OWN}",
    ),
    ("use lstn as l\nh in R^n\nh' = l.h'", "gs.register('lstn', text) brings another", "h in R^n\nh' = h"),
    (
        "h in R^n\nuse own as o\nh' = o.s'\ncell own:\n  x, s in R^n\n  s' = s + x\n",
        "Write use own as o: x = …",
        "h in R^n\nuse own as o: x = h\nh' = o.s'\ncell own:\n  x, s in R^n\n  s' = s + x\n",
    ),
    (
        "h in R^n\nuse own as o: x = h; q = h\nh' = o.s'\ncell own:\n  x, s in R^n\n  s' = s + x\n",
        "Bind x, s, a parameter, or a size, n = p.",
        "h in R^n\nuse own as o: x = h; s = h\nh' = o.s'\ncell own:\n  x, s in R^n\n  s' = s + x\n",
    ),
    (
        "h in R^n\nuse own as o: x = h\nh' = o.s'\ncell own:\n  x, s in R^n\n  use own as p: x = s\n  s' = p.s' + x\n",
        "Break the circle.",
        "h in R^n\nuse own as o: x = h\nh' = o.s'\ncell own:\n  x, s in R^n\n  s' = s + x\n",
    ),
    ("h in R^n\nh' = h * max(topk(h))", "softmax(v) for a soft choice", "h in R^n\nh' = h * max(softmax(h))"),
    ("h in R^n; x in R_+\nh' = h + x", "(0, inf) if it does not", "h in R^n; x in (0, inf)\nh' = h + x"),
    ("h in R^n; x in (2,1)^n\nh' = h + x", "Write {0,1}, [0, inf)", "h in R^n; x in [0, inf)^n\nh' = h + x"),
    ("h in R^n; x in R, 2 < x < 1\nh' = h + x", "Write dt >= 0", "h in R^n; x in R, x >= 0\nh' = h + x"),
    ("h in [-1,1]^n\nh' = h", "Declare h in R^n", "h in R^n\nh' = h"),
    ("h, b_{f,g} in (0,1)^n\nh' = h", "Declare b_… in R^n", "h, b_{f,g} in R^n\nh' = h + b_f + b_g"),
    ("h in R^2\nA = [[0, 1], [1]]\nh' = A @ h", "Fill up the rows.", "h in R^2\nA = [[0, 1], [1, 0]]\nh' = A @ h"),
    ("h in R^2\na = [" + "1, " * 1100 + "1]\nh' = h * sum(a)", "Write a law",
     "h in R^2\na = ones(301)\nh' = h * sum(a)"),
    ("h in R^2\na = [1e200*1e200, 1]\nh' = h * a", "1e-307 and 1e308", "h in R^2\na = [1e200, 1]\nh' = h * a"),
    ("h in R^n\nh' = lower(h) @ h", "Write lower(n).", "h in R^n\nh' = lower(n) @ h"),
    ("h in R^n\nh' = shift(h)", "roll(v, 1)", "h in R^n\nh' = roll(h, 1)"),
    ("h in R^n\nh' = uniform(n, n, 1/2) @ h", "a number such as 7", "h in R^n\nh' = uniform(n, n, 7) @ h"),
    ("h in R^n\nh' = roll(h)", "Write roll(v, 1).", "h in R^n\nh' = roll(h, 1)"),
    ("h in R^n\nh' = cumsum(outer(h, h)) @ h", "Pass a vector.", "h in R^n\nh' = cumsum(h)"),
    ("h in R^n\nh' = tanh(I) @ h", "Write eye(n)", "h in R^n\nh' = tanh(eye(n)) @ h"),
    ("h in R^n\nh' = (I + 1) * h", "Write eye(n)", "h in R^n\nh' = (eye(n) + 1) @ h"),
    ("h in R^n\nh' = (h / I)", "Write eye(n)", "h in R^n\nh' = h ./ sum(eye(n))"),
    ("h in R^n\nh'[j] = I * h[j]", "Write eye(n)", "h in R^n\nh' = eye(n) @ h"),
    ("h in R^n\ninput a\nh' = a * h", "Write a in R^n", "h in R^n\ninput a in R^n\nh' = a * h"),
    ("h in R^n\nh' = I * h", "declare I", "h, I in R^n\nh' = I * h"),
    ("h in R^n\nA = I\nh' = A @ h", "Write eye(n)", "h in R^n\nA = eye(n)\nh' = A @ h"),
    ("h in R^n; q > 0\nh' = h", "Declare it: q in R.", "h in R^n; q in R, q > 0\nh' = h * q"),
    ("h in R^n; output y in (0,1)\nh' = h; y = 1", "Leave the domain out", "h in R^n; output y in R\nh' = h; y = 1"),
    ("h in R^n; x in [0,1]; x > 1\nh' = h * x", "Say one of them", "h in R^n; x in [0,1]\nh' = h * x"),
    ("h in R^n; x in {0..k}\nh' = h * x", "or give k a value", "h in R^n; x in {0..k}; k = 3\nh' = h * x"),
    ("h' in R^n\nh' = h", "Write h in R^n.", "h in R^n\nh' = h"),
    ("h, W_{f,f} in R^n\nh' = h", "Write W_{i,f,g,o}", "h, W_{f,g} in R^n\nh' = h + W_f + W_g"),
    ("h in R^n; a[1,2] in R^n\nh' = h", "a[1..L] in R^(n, m)", "h in R^n; a[1..2] in R^n\nh' = h + a[1] + a[2]"),
    ("h in R^n; a[2..1] in R^n\nh' = h", "Write [1..L]", "h in R^n; a[1..1] in R^n\nh' = h + a[1]"),
    ("h in R^n\nF(1) = h\nh' = h", "Write f = … or LN(v) = ….", "h in R^n\nF(v) = v\nh' = F(h)"),
    ("h in R^n\nF(v) = v\nF(w) = w\nh' = F(h)", "Remove one of the two.", "h in R^n\nF(v) = v\nh' = F(h)"),
    ("h in R^n\na = 1e200*1e200\nh' = a*h", "between 1e-307 and 1e308", "h in R^n\na = 1e200\nh' = a*h"),
    ("h in R^(n,r)\ndim r = 2; dim r = 3\nh' = h", "Remove one of the two.", "h in R^(n,r)\ndim r = 2\nh' = h"),
    ("h in R^(n,r)\ndim r = tanh(n)\nh' = h", "Write dim r = n/2.", "h in R^(n,r)\ndim r = n/2\nh' = h"),
    ("h in R^(r,s)\nr = 2*s; s = r\nh' = h", "Give it another size.", "h in R^(r,s)\nr = 2*s; s = 3\nh' = h"),
    ("h in R^(n,r)\ndim r = 1/2 n\nh' = h", "(1/2) n or 1/(2 n)", "h in R^(n,r)\ndim r = (1/2) n\nh' = h"),
    ("h in R^(n,r)\ndim r = n/0\nh' = h", "Divide by another number.", "h in R^(n,r)\ndim r = n/2\nh' = h"),
    ("h in R^n\noutput W_*\nh' = h", "Write W_* in R^(n, m).", "h in R^n; W_* in R^(n, n)\na = h\nh' = W_a h"),
    ("h in R^n\nF(v) = v[-1]\nh' = F(h)", "Write v.", "h in R^n\nF(v) = v\nh' = F(h)"),
    ("h in R^n; v in R^(n+m)\nh'[j] = v[j]", "of their own", "h, v in R^n; w in R^m\nh'[j] = v[j] * sum[q] w[q]"),
    ("h in R^n; U in R^(n,n)\nh'[j] = U[j]*h[j]", "one index", "h in R^n; U in R^(n,n)\nh'[j] = sum[q] U[j,q]*h[q]"),
    ("h in R^n; U in R^(n,n)\nh'[j] = U[j,j]", "once", "h in R^n; U in R^(n,n)\nh'[j] = sum[q] U[j,q]"),
    ("h in R^n; U in R^(n,n)\nh'[j] = U[j,q]", "sum over it: sum[q]", "h in R^n; U in R^(n,n)\nh'[j] = sum[q] U[j,q]"),
    ("h in R^n; x in R^m\nh'[j] = h[j] + x[j]", "another index", "h in R^n; x in R^m\nh'[j] = h[j] + sum[q] x[q]"),
    ("h, b in R^n\nh'[j] = h[j] + b", "its indices", "h, b in R^n\nh'[j] = h[j] + b[j]"),
    ("h in R^n\nh'[j] = h", "Give every array its indices.", "h in R^n\nh'[j] = h[j]"),
    ("h, b in R^n\nh'[j] = h[j] b[j]", "h[j] * b[j]", "h, b in R^n\nh'[j] = h[j] * b[j]"),
    ("h in R^(n,m,p)\nh' = h.T", "Use the index form.", "h in R^(n,n)\nh'[j,k] = h[k,j]"),
    ("h in R^n; c in R^n\nh'[j] = h[2*j]\nc' = c", "Write letters", "h in R^n; c in R^n\nh'[j] = h[j]\nc' = c"),
    ("h in R^n\nF(v) = G(v); G(v) = F(v)\nh' = F(h)", "Break the circle.",
     "h in R^n\nF(v) = G(v); G(v) = v\nh' = F(h)"),
    ("h in R^n\nF(v) = v\nh' = F(h, h)", "Write F(v).", "h in R^n\nF(v) = v\nh' = F(h)"),
    ("h in R^n\nh'[j] = h[j] * sum[j] h[j]", "another letter", "h in R^n\nh'[j] = h[j] * sum[q] h[q]"),
    ("h" * 200_000, "check that this is the file", "h in R^n\nh' = h"),
    ("h in R^n\n" + "".join(f"for {a} in 1..2: " for a in "abdefg") + "s = h\nh' = h",
     "one loop a line", "h in R^n\nh' = h"),
    ("h in R^0\nh' = h", "a size such as 4", "h in R^4\nh' = h"),
    ("h in S^n\nh' = h", "Write R^n or R^(n, m).", "h in R^n\nh' = h"),
    ("h, W_{i,f g} in R^n\nh' = h", "between them", "h, W_{i,f,g} in R^n\nh' = h + W_i * W_f * W_g"),
    ("h, W_{i,_} in R^n\nh' = h", "Write W_{i,f,g,o}.", "h, W_{i,f} in R^n\nh' = h + W_i + W_f"),
    ("h in R^(n y n)\nh' = h", "Write R^(n, m).", "h in R^(n, n)\nh' = h"),
    ("h, b in R^n\nh' = h", "Remove 'b' from the declaration", "h in R^n\nh' = h"),
    ("h, b in R^n; x in R^m\nb = x\nh' = h + b", "Correct the declaration of b",
     "h in R^n; b, x in R^m\nb = x\nh' = h + sum(b)"),
    ("x in R^m\ny = x", "Write h' = … or output y.", "x in R^m\noutput y\ny = x"),
    ("h in R^n\nh' = h\na[j] = 2\nb = a", "Declare the left side.", "h, a in R^n\nh' = h + a\na[j] = 2"),
    ("h in R^n\na = b; b = a\nh' = h", "make it a state: a' =", "h, a in R^n\na' = b; b = a\nh' = h"),
    ("h in R^n\nh' = h' + 1", "write h without the prime", "h in R^n\nh' = h + 1"),
    ("h in R^n\na_{t-1} = h\nh' = a", "a name of its own without a time", "h in R^n\na = h\nh' = a"),
    ("x in R^n\nh' = x", "Declare it: h in R^n.", "x, h in R^n\nh' = x"),
    ("h in R^(n,n)\nh'[j,j] = 1", "Use each index once.", "h in R^(n,n)\nh'[j,k] = 1"),
    ("h in R^n; output y\nh' = h", "Write y = ….", "h in R^n; output y\nh' = h\ny = h"),
    ("h, c in R^n\nh' = h + c'", "Write c' = ….", "h, c in R^n\nh' = h + c'\nc' = h"),
    ("h, W_{f,g} in R^n\nW_{f,g} = h\nh' = h", "Write one line each",
     "h, W_f, W_g in R^n\nW_f = h; W_g = 2*h\nh' = W_f + W_g"),
    ("h, a in R^n\na = 2\na' = h\nh' = h", "Remove one of the two", "h, a in R^n\na' = h\nh' = h"),
    ("h in R^n\na = 2\na_t = h\nh' = a", "Remove one of the two.", "h in R^n\na_t = h\nh' = a"),
    ("h in R^n\na = 2; a = 3 h\nh' = h", "Remove one of the two definitions", "h in R^n\na = 3 h\nh' = a"),
    ("input x in R^n; h in R^n\nx = h\nh' = x", "Remove one of the two.", "input x in R^n; h in R^n\nh' = x + h"),
    ("h, a in R^n\na = h\nh' = a[-1]", "Write a' = ….", "h, a in R^n\na' = h\nh' = a"),
    ("x in R^m; h in R^n; W_* in R^(n,m)\ng = tanh(W_g x)\nh' = W_gg x + h", "Did you mean W_g?",
     "x in R^m; h in R^n; W_* in R^(n,m)\ng = tanh(W_g x)\nh' = g + h"),
    ("h in R^n; output h\nh' = h", "Remove the word output", "h in R^n\nh' = h"),
    ("h in R^n; output y in R^n\nh' = h\ny' = h", "Remove the word output", "h, y in R^n\nh' = h\ny' = h"),
    ("h in R^n\ns[0] = h\nfor l in 1..1/2: s[l] = h\nh' = s[1]", "a number such as 3", "h in R^n\ns[0] = h\nh' = s[0]"),
    ("h in R^n\na = (((2**64)**64)**64)**64\nh' = a*h", "a smaller number", "h in R^n\na = 2**64\nh' = a*h"),
    ("h in R^n\na = 1/0\nh' = a*h", "Divide by another number.", "h in R^n\na = 1/2\nh' = a*h"),
    ("h in R^n; s[0] = h\nfor l in 1..L: s[l] = h\nh' = s[1]", "a line L = 3",
     "h in R^n; s[0] = h; L = 1\nfor l in 1..L: s[l] = h\nh' = s[1]"),
    ("h in R^n\nfor l in 1..900:\n for k in 1..900: s[l] = h\nh' = h", "shorter",
     "h in R^n\nfor l in 1..2: s[l] = h\nh' = s[2]"),
    ("h in R^n\nh' = h\n" + "\n".join(f"a{k} = h" for k in range(2100)), "F(v) = …", "h in R^n\nF(v) = v\nh' = F(h)"),
    ("h in R^n\nfor l in 3..1: s[l] = h\nh' = h", "Write 1..L.", "h in R^n\nfor l in 1..3: s[l] = h\nh' = s[3]"),
    (f"h in R^n\nD0(v) = v * v + v\n{DOUBLING}h' = D17(h)",
     "Shorten it.", "h in R^n\nD0(v) = v * v + v\nh' = D0(h)"),
    ("h in R^n; z in C^n\nz' = tanh(z) + h\nh' = h", "tanh(re(z)) + i * tanh(im(z))",
     "h in R^n; z in C^n\nz' = tanh(re(z)) + i * tanh(im(z)) + h\nh' = h"),
    ("h in R^n; z in C^n\nz' = z^0.5 + h\nh' = h", "Write a whole power, z**2, or a power of its size, abs(z)**(1/2).",
     "h in R^n; z in C^n\nz' = abs(z)**(1/2) + z**2 + h\nh' = h"),
    ("h in R^n; z, u in C^n\nz' = dot(u, z) * z\nh' = h", "Write sum(conj(u) * v)",
     "h in R^n; z, u in C^n\nz' = sum(conj(u) * z) * z\nh' = h"),
    ("h in R^n; z in C^n\nz' = max(z) * z\nh' = h", "Write max(abs(z))",
     "h in R^n; z in C^n\nz' = max(abs(z)) * z\nh' = h"),
    ("h in R^n; z in C^n\nz'[j] = z[j] * max[k] z[k]\nh' = h", "Write max(abs(z))",
     "h in R^n; z in C^n\nz'[j] = z[j] * max[k] re(z[k])\nh' = h"),
    ("h in R^n; z in C^n\nz' = h\nh' = z", "Declare it in C^n, or take re(…)",
     "h in R^n; z in C^n\nz' = h\nh' = re(z)"),
    ("x, z in C^n; x >= 0\nz' = z + x", "an input x_1.", "x_1 in R^n; z in C^n; x_1 >= 0\nz' = z + x_1"),
    ("h in R^n; z in C^n\nz' = re(z, h)\nh' = h", "Write re(z).", "h in R^n; z in C^n\nz' = re(z)\nh' = h"),
    ("h, z_re in R^n; z in C^n\nz' = z + z_re\nh' = h", "Read it as re(z)",
     "h in R^n; z in C^n\nz' = z + re(z)\nh' = h"),
    ("w_re in R^n; z in C^n\nw = z * z\nz' = w + w_re", "Choose another name.",
     "w_1 in R^n; z in C^n\nw = z * z\nz' = w + w_1"),
    ("h in R^n\nh'[j] = tanh(h[j-1])", "h_1 = (shift(n, 1) * strictly_lower(n)) @ h for zeros, or h_1 = roll(h, 1)",
     "h in R^n\nh_1 = (shift(n, 1) * strictly_lower(n)) @ h\nh'[j] = tanh(h_1[j])"),
    ("H in R^(m,n)\nH'[j,k] = tanh(H[j,k+1])", "H @ (shift(n, -1) * strictly_upper(n)).T for zeros",
     "H in R^(m,n)\nH_1 = H @ (shift(n, -1) * strictly_upper(n)).T\nH'[j,k] = tanh(H_1[j,k])"),
    ("h in R^n; b in R^(2n)\nu, v = tanh(b[n:2n])\nh' = h + u + v", "an axis such as R^(2n)",
     "h in R^n; b in R^(2n)\nu, v = tanh(b)\nh' = h + u + v"),
    ("h in R^n; b in R^(2n)\nu, v = split(b, 2)\nh' = h + u + v", "Write chunk(b, 2) for 2 parts, or split(b, n)",
     "h in R^n; b in R^(2n)\nu, v = split(b, n)\nh' = h + u + v"),
    ("h in R^n; b in R^(2n)\nu, v = chunk(b, n)\nh' = h + u + v", "Write u, v = chunk(b, 2).",
     "h in R^n; b in R^(2n)\nu, v = chunk(b, 2)\nh' = h + u + v"),
    ("h in R^n; b in R^(2n)\nu, v = chunk(b, 3)\nh' = h + u + v", "Write u, v = chunk(b, 2).",
     "h in R^n; b in R^(2n)\nu, v = split(b)\nh' = h + u + v"),
    ("h in R^n; b in R^(2n); k in R^m\nu, v = split(b, m)\nh' = h + u + v + sum(k)", "Correct the size",
     "h in R^n; b in R^(2n); k in R^m\nu, v = split(b, n)\nh' = h + u + v + sum(k)"),
    ("h in R^n; b in R^(2n)\nu, v = split(b, tanh(h))\nh' = h + u + v", "Write i, f = split(a, n).",
     "h in R^n; b in R^(2n)\nu, v = split(b, n)\nh' = h + u + v"),
    ("h in R^n; b in R^(2n)\nh' = h + split(b)", "or slices: a = b and then a[:n]",
     "h in R^n; b in R^(2n)\na = b\nh' = h + a[:n]"),
    ("h in R^n; b in R^(2n)\nu[j], v[j] = tanh(b)\nh' = h + u + v", "Leave out the brackets.",
     "h in R^n; b in R^(2n)\nu, v = tanh(b)\nh' = h + u + v"),
    ("h in R^n; b in R^(2n)\nh' = h + b[1:n]", "Counted from 1, write b[0:n]",
     "h in R^n; b in R^(2n)\nh' = h + b[0:n]"),
    ("h in R^n; b in R^(2n)\nh' = h + b[n:n+1]", "Its edges are 0, n, 2n",
     "h in R^n; b in R^(2n)\nh' = h + b[n:2n]"),
    ("h in R^n; b in R^(2n)\nh' = h + b[:n, :n]", "one slice for each axis",
     "h in R^n; b in R^(2n)\nh' = h + b[:n]"),
    ("h in R^n; b in R^(2n)\nh' = h + b[tanh(h):]", "Write a[0:n] or a[n:2n].",
     "h in R^n; b in R^(2n)\nh' = h + b[n:]"),
    ("h in R^n; b in R^(n, 2n)\nh' = h + b[:, 1] h", "Write a slice for each axis",
     "h in R^n; b in R^(n, 2n)\nh' = h + b[:, :n] h"),
    ("h in R^n; a in R^(2n)\na[:n] = h\nh' = h", "Write [i; f] = … to fill parts.",
     "h in R^n; a in R^(2n)\na = [h; tanh(h)]\nh' = a[n:]"),
    ("h in R^n; b in R^(999n)\nh' = h + b[:n]", "a dimension: dim p = 999*n",
     "h in R^n; dim p = 999*n; b in R^p\nh' = h + sum(b)"),
    ("h in R^n; b in R^(2n)\nu, v = [tanh; dot](b)\nh' = h + u + v", "a column of sigmoid, tanh",
     "h in R^n; b in R^(2n)\nu, v = [tanh; σ](b)\nh' = h + u + v"),
    ("h in R^n; W in R^(2n, n); b in R^(2n)\nu, v = [tanh; σ] W h + b\nh' = h + u + v",
     "Write [tanh; σ](W h + b) for the one, or [tanh; σ](W h) + b for the other.",
     "h in R^n; W in R^(2n, n); b in R^(2n)\nu, v = [tanh; σ](W h) + b\nh' = h + u + v"),
    ("h in R^n; z in C^n; A in C^(n,n)\nz' = A^{-1} z\nh' = h", "one real system of twice the size",
     "h in R^n; z in C^n; A in R^(n,n)\nz' = A^{-1} z\nh' = h"),
    ("convention rows\nh in R^n; A in R^(n,n)\nh' = solve(A, h)", "Write h @ inv(A).",
     "convention rows\nh in R^n; A in R^(n,n)\nh' = h @ inv(A)"),
    ("h in R^n\nh' = h + a1\na1 = tanh(a0)", "Declare it (a0 in R^n)", "h, a0 in R^n\nh' = h + a1\na1 = tanh(a0)"),
]  # fmt: skip

CALLS = [
    # what is called with a cell; what the mend says; a call that does so
    (lambda: read_equations("h in R^n\na = 2\nh' = a*h", constants={"b": 1}), "that the text uses", {"a": 1}),
    (lambda: read_equations("h in R^n\na = 2\nh' = a*h", constants={"a": "x"}), "a float or a Fraction", {"a": 1}),
    (lambda: read_equations("h in R^n\na = 2\nh' = a*h", constants={"a": 10**400}), "1e-307 and 1e308", {"a": 1}),
    (lambda: read_equations(b"h"), "Pass the text itself.", None),
    (lambda: with_arrays("h in R^2\nA = file(A.npy)\nh' = A @ h"), 'Write file("A.npy")', None),
    (lambda: read_equations("convention up\nh in R^n\nh' = h"), "Write convention rows, or convention columns.", None),
    (lambda: read_equations("convention rows\nh in R^n; U in R^(n,n)\nh' = U h"), "write h @ U.T", None),
    (
        lambda: read_equations("convention rows\nh in R^n; U in R^(n,n)\nh' = (h) (h) U"),
        "Write ((h) * (h)) U for",
        None,
    ),
    (lambda: read_equations("h' = tanh(W x)"), "x in R^m;  h in R^n", None),
    (lambda: read_equations("# open: a is R^n or R\nh in R^n\nh' = a * h"), "such as a in R^n.", None),
    (lambda: declare("x in R^m; h in R^n\nh' = W @ x + W @ h"), "Declare what is more than a vector", None),
    (lambda: declare("h_t = LayerNorm(W x_t + U h_{t-1})"), "LayerNorm(v) = (v - mean(v)) / sqrt(", None),
    (lambda: declare("h_t = Linear(x_t) + h_{t-1}"), "such as W_z x_t + b_z", None),
    (lambda: declare("h_t = act(x_t + h_{t-1})"), "such as act(v) = tanh(v)", None),
    (lambda: declare("z_t = re(z_{t-1}) + x_t"), "such as z in C^n", None),
    (lambda: declare("z_t = tanh(W x_t + R z_{t-1});  y_t = h(z_t)"), "Write h(v) = tanh(v)", None),
    (lambda: declare("x in R^m; h in R^n\nh' = x + h + q"), "Correct the equation", None),
    (lambda: declare("h_t = tanh(W x_t)\ny_t = h_t @ (W x_t)"), "Write dot(", None),
    (lambda: edit_equations("h in R^n\nf = h\nh' = f", {"g": "1"}), "It defines f, h'", None),
    (lambda: read_expression("h[-4]", read_equations("h in R^n\nh' = h")), "that the equations read", None),
    (lambda: read_expression("eye(q)", read_equations("h in R^n\nh' = h")), "Write eye(n).", None),
    (lambda: read_expression("diag(eye(n))", read_equations("h in R^n\nh' = h")), "Pass a vector.", None),
    (lambda: read_expression("[h, h]", read_equations("h in R^n\nh' = h")), "one block at a time", None),
    (lambda: read_expression("z * z", read_equations("z in C^n\nz' = z")), "Speak of re(…)", None),
]

UNREACHED = {
    "this text is nested too deeply.": "brackets, loops and sums are refused before they nest so deep",
    "this equation is nested too deeply.": "brackets, loops and sums are refused before they nest so deep",
    "this expression is nested too deeply.": "brackets, loops and sums are refused before they nest so deep",
    "the right side is not a finite number.": "a division by zero is refused where it stands",
    "a size is an expression in dimensions and numbers.": "the first of two checks says it",
}


class _Sites:
    """Where refusals are made: calls in the source, and those of them that a test has come by."""

    MAKERS = (
        "error",
        "EquationError",
        "_RefusalError",
        "refuse",
        "product_in_doubt",
        "_number_or_factor",
        "_NotRealError",
        "unknown_size",
    )
    INSIDE = ("error", "unknown_size", "_from_refusal", "process", "product_in_doubt", "_number_or_factor")

    def __init__(self) -> None:
        self.hit: set[tuple[str, int]] = set()

    @cache  # noqa: B019 one object, for the length of a session
    def all(self) -> dict[tuple[str, int, int], str]:
        """File, first and last line of each call that makes a refusal, and its words."""
        found = {}
        for path in sorted(HERE.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for function in ast.walk(ast.parse(text)):
                if not isinstance(function, ast.FunctionDef) or function.name in self.INSIDE:
                    continue
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and self._name(node) in self.MAKERS:
                        words = " ".join((ast.get_source_segment(text, node) or "").split())
                        found[str(path), node.lineno, node.end_lineno or node.lineno] = words
        return found

    @staticmethod
    def _name(node: ast.Call) -> str:
        return getattr(node.func, "attr", getattr(node.func, "id", ""))

    def note(self) -> None:
        """Keep the lines of the rooms from which the refusal that is being made comes."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename.startswith(ROOT):
                self.hit.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back

    def missing(self) -> list[str]:
        return [
            f"{Path(file).relative_to(HERE)}:{first}: {words}"
            for (file, first, last), words in self.all().items()
            if not any(f == file and first <= line <= last for f, line in self.hit)
            and not any(told in words for told in UNREACHED)
        ]


SITES = _Sites()


@pytest.fixture(autouse=True)
def _noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every refusal that is made says where."""
    for owner, name in (
        (notation.Source, "error"),
        (parse._RefusalError, "__init__"),
        (equations.lower._NotRealError, "__init__"),
        (EquationError, "__init__"),
    ):
        made = getattr(owner, name)

        def noting(self, *args, made=made, **more):
            SITES.note()
            return made(self, *args, **more)

        monkeypatch.setattr(owner, name, noting)


def read(text: str) -> Recurrence:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(text)


def refused(text: str) -> EquationError:
    with pytest.raises(EquationError) as caught:
        read(text)
    assert caught.value.mend, caught.value.render()
    return caught.value


def typed_in(error: EquationError, offered: str) -> str:
    """The text with what the caret underlines replaced."""
    lines = error.source.split("\n")
    line, start = lines[error.line - 1], error.column - 1
    lines[error.line - 1] = line[:start] + offered + line[start + error.width :]
    return "\n".join(lines)


@pytest.mark.parametrize(("right", "offered", "meaning"), OFFERED)
def test_what_is_offered_is_what_is_meant(right, offered, meaning):
    error = refused(f"{HEAD}h' = {right}")
    if offered is None:  # a pattern: what it leads to is read
        assert read(f"{HEAD}h' = {meaning}")
        return
    assert offered in error.mend, error.render()
    if meaning is None:  # what it gives is a vector only in another place: it is read as far
        return
    assert read(typed_in(error, offered)).program == read(f"{HEAD}h' = {meaning}").program, error.render()


@pytest.mark.parametrize(("right", "said", "mended"), FOLLOWED)
def test_a_mend_that_is_followed_is_read(right, said, mended):
    error = refused(f"{HEAD}h' = {right}")
    assert said in error.mend, error.render()
    assert read(f"{HEAD}h' = {mended}")


@pytest.mark.parametrize(("text", "said", "mended"), WHOLE, ids=lambda text: str(text)[:40])
def test_a_text_that_is_mended_is_read(text, said, mended):
    error = refused(text)
    assert said in error.mend, error.render()
    assert mended is None or read(mended)


@pytest.mark.parametrize(("text", "said", "mended"), LATEX, ids=lambda text: str(text)[37:80])
def test_a_printed_text_that_is_mended_is_read(text, said, mended):
    error = refused(text)
    assert said in error.mend, error.render()
    assert mended is None or read(mended)


@pytest.mark.parametrize(("call", "said", "constants"), CALLS)
def test_a_call_that_is_refused_says_how_it_goes(call, said, constants):
    with pytest.raises(EquationError) as caught:
        call()
    assert said in caught.value.mend, caught.value.render()
    assert constants is None or read_equations("h in R^n\na = 2\nh' = a*h", constants=constants)


def test_every_refusal_of_the_language_has_a_case():
    """The cases again, in one go, so that this test says the same alone and beside the others."""
    for right, *_ in (*OFFERED, *FOLLOWED):
        refused(f"{HEAD}h' = {right}")
    for text, *_ in (*WHOLE, *LATEX):
        refused(text)
    for call, *_ in CALLS:
        with pytest.raises(EquationError):
            call()
    missing = SITES.missing()
    assert missing == [], "\n".join(missing)
    assert signs.check_signs([], lambda *_: AssertionError()) is None

"""The errors: what is said, what is so, the equations typed both ways, and what shows it. Data; nothing is computed."""

from __future__ import annotations

from gatedsym.errata.erratum import Apart, Erratum, Growth, Proven, Refuted, Rejected, Same, Summed, Warned
from gatedsym.library.claims import Claim, Equivalence, Identity, Limit
from gatedsym.messages.later import later

words = later("errata")

LSTM = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

LSTM_WITH_ONE_GATE_TWICE = """
x in R^m;  h, c in R^n
W_{f,g,o} in R^(n,m);  U_{f,g,o} in R^(n,n);  b_{f,g,o} in R^n

i  = sigmoid(W_f @ x + U_f @ h + b_f)
f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

LSTM_WITH_ONE_GATE = """
x in R^m;  h, c in R^n
W_{f,g,o} in R^(n,m);  U_{f,g,o} in R^(n,n);  b_{f,g,o} in R^n

f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * (c + g)
h' = o * tanh(c')
"""

LSTM_THAT_FORGETS_WITH_F = LSTM.replace("c' = f * c", "c' = (1 - f) * c")

LSTM_WITH_DOT_PRODUCTS = LSTM.replace("c' = f * c + i * g", "c' = dot(f, c) + dot(i, g)")

LSTM_WITH_SWAPPED_STATES = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n

i  = sigmoid(W_i @ x + U_i @ c + b_i)
f  = sigmoid(W_f @ x + U_f @ c + b_f)
g  = tanh(W_g @ x + U_g @ c + b_g)
o  = sigmoid(W_o @ x + U_o @ c + b_o)
c' = f * h + i * g
h' = o * tanh(c')
"""

LSTM_WITH_TWO_BIASES = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,g,o} in R^n;  b_ih, b_hh in R^n

i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = sigmoid(W_f @ x + b_ih + U_f @ h + b_hh)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

GRU_BEFORE = """
x in R^m;  h in R^n
W_{z,r,g} in R^(n,m);  U_{z,r,g} in R^(n,n);  b_{z,r,g} in R^n

z  = sigmoid(W_z @ x + U_z @ h + b_z)
r  = sigmoid(W_r @ x + U_r @ h + b_r)
g  = tanh(W_g @ x + U_g @ (r * h) + b_g)
h' = (1 - z) * h + z * g
"""

GRU_AFTER = GRU_BEFORE.replace("U_g @ (r * h)", "r * (U_g @ h)")

GRU_THAT_KEEPS_WITH_Z = GRU_BEFORE.replace("(1 - z) * h + z * g", "z * h + (1 - z) * g")

RNN = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n

h' = tanh(W @ x + U @ h + b)
"""

RNN_OF_THE_STACKED_VECTOR = """
x in R^m;  h in R^n
V in R^(n, n+m);  b in R^n

h' = tanh(V @ [h, x] + b)
"""

RNN_OF_THE_SUM = """
x in R^m;  h in R^n
V in R^(n,n);  b in R^n

h' = tanh(V @ (h + x) + b)
"""

TWO_ROWS = """
x in R^m;  h1, h2 in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n

h1' = tanh(W @ x + U @ h1 + b)
h2' = tanh(W @ x + U @ h2 + b)
"""

TWO_LAYERS = """
x in R^m;  h1, h2 in R^n
W_1 in R^(n,m);  W_2, U_1, U_2 in R^(n,n);  b_1, b_2 in R^n

h1' = tanh(W_1 @ x + U_1 @ h1 + b_1)
h2' = tanh(W_2 @ h1' + U_2 @ h2 + b_2)
"""

ERRATA = (
    Erratum(
        name="one_gate_twice",
        title=words("one-gate-twice-title"),
        repeated=words("one-gate-twice-repeated"),
        error=words("one-gate-twice-error"),
        cells={"wrong": LSTM_WITH_ONE_GATE_TWICE, "right": LSTM, "one_gate": LSTM_WITH_ONE_GATE},
        evidence=(
            Warned(words("one-gate-twice-the-equations-are"), "wrong"),
            Same(words("one-gate-twice-the-two-gates"), "i", "f", "wrong"),
            Proven(Equivalence(words("one-gate-twice-so-the-cell"), other="one_gate"), "wrong"),
            Proven(
                Limit(
                    words("one-gate-twice-opened-to-keep"),
                    of="c'",
                    parameter="b_f",
                    to="oo",
                    equals="c + g",
                ),
                "wrong",
            ),
            Apart(
                words("one-gate-twice-with-f-open"),
                of="c'",
                sizes={"m": 1, "n": 1},
                values={"c": (2,), "b_f": (9,), "b_g": (1,)},
                own={"right": {"b_i": (-9,)}},
                steps=20,
            ),
        ),
        remedy=words("one-gate-twice-remedy"),
    ),
    Erratum(
        name="forget_gate_keeps",
        title=words("forget-gate-keeps-title"),
        repeated=words("forget-gate-keeps-repeated"),
        error=words("forget-gate-keeps-error"),
        cells={"words": LSTM_THAT_FORGETS_WITH_F, "formula": LSTM},
        evidence=(
            Proven(
                Claim(
                    words("forget-gate-keeps-along-the-highway"), of="c'", wrt="c", holding="direct", equals="diag(f)"
                ),
                "formula",
            ),
            Refuted(
                Claim(
                    words("forget-gate-keeps-along-the-highway-c"), "c'", "c", holding="direct", equals="diag(1 - f)"
                ),
                "formula",
            ),
            Proven(
                Claim(
                    words("forget-gate-keeps-f-1-keeps"), "c'", "c", holding="direct", where={"f": "1"}, equals="eye(n)"
                ),
                "formula",
            ),
            Apart(
                words("forget-gate-keeps-a-large-forget"),
                of="c'",
                cells=("words", "formula"),
                sizes={"m": 1, "n": 1},
                values={"c": (1,), "b_f": (3,), "b_i": (-20,)},
                steps=10,
            ),
        ),
        remedy=words("forget-gate-keeps-remedy"),
    ),
    Erratum(
        name="update_and_reset",
        title=words("update-and-reset-title"),
        repeated=words("update-and-reset-repeated"),
        error=words("update-and-reset-error"),
        cells={"words": GRU_THAT_KEEPS_WITH_Z, "formula": GRU_BEFORE},
        evidence=(
            Proven(
                Claim(words("update-and-reset-here-z-overwrites"), "h'", "h", holding="direct", equals="diag(1 - z)"),
                "formula",
            ),
            Refuted(
                Claim(words("update-and-reset-here-z-keeps"), "h'", "h", holding="direct", equals="diag(z)"), "formula"
            ),
            Proven(
                Claim(words("update-and-reset-there-z-keeps"), "h'", "h", holding="direct", equals="diag(z)"), "words"
            ),
            Proven(
                Equivalence(
                    words("update-and-reset-one-cell-under"),
                    other="words",
                    parameters={"W_z": "-W_z", "U_z": "-U_z", "b_z": "-b_z"},
                ),
                "formula",
            ),
            Proven(
                Claim(
                    words("update-and-reset-the-candidate-sees"),
                    of="g",
                    wrt="h",
                    holding=("r",),
                    equals="diag(1 - g * g) @ U_g @ diag(r)",
                ),
                "formula",
            ),
            Apart(
                words("update-and-reset-the-same-weights"),
                of="h'",
                cells=("words", "formula"),
                sizes={"m": 1, "n": 1},
                values={"h": (1,), "b_z": (3,)},
            ),
        ),
        remedy=words("update-and-reset-remedy"),
    ),
    Erratum(
        name="plus_for_concatenation",
        title=words("plus-for-concatenation-title"),
        repeated=words("plus-for-concatenation-repeated"),
        error=words("plus-for-concatenation-error"),
        cells={"wrong": RNN_OF_THE_SUM, "right": RNN_OF_THE_STACKED_VECTOR, "two_products": RNN},
        evidence=(
            Rejected(words("plus-for-concatenation-the-sum-of-vectors"), "wrong"),
            Proven(
                Equivalence(
                    words("plus-for-concatenation-a-matrix-on"),
                    other="two_products",
                    parameters={"V_1": "U", "V_2": "W"},
                ),
                "right",
            ),
            Proven(
                Identity(
                    words("plus-for-concatenation-of-one-size"),
                    "V @ (v + x)",
                    "V @ v + V @ x",
                    declarations="V in R^(n,n); v, x in R^n",
                )
            ),
            Refuted(
                Identity(
                    words("plus-for-concatenation-the-sum-says"),
                    "V @ (v + x)",
                    "V @ v + W @ x",
                    declarations="V, W in R^(n,n); v, x in R^n",
                )
            ),
        ),
        remedy=words("plus-for-concatenation-remedy"),
    ),
    Erratum(
        name="dot_product",
        title=words("dot-product-title"),
        repeated=words("dot-product-repeated"),
        error=words("dot-product-error"),
        cells={"wrong": LSTM_WITH_DOT_PRODUCTS, "right": LSTM},
        evidence=(
            Refuted(
                Claim(words("dot-product-along-the-highway"), "c'", "c", holding="direct", equals="diag(f)"), "wrong"
            ),
            Proven(
                Claim(
                    words("dot-product-every-unit-gets"),
                    of="c'",
                    wrt="c",
                    holding="direct",
                    equals="outer(0 * f + 1, f)",
                ),
                "wrong",
            ),
            Apart(
                words("dot-product-one-unit-is-to-be"),
                of="c'",
                sizes={"m": 1, "n": 2},
                values={"c": (2, 3), "b_f": (20, -20)},
            ),
        ),
        remedy=words("dot-product-remedy"),
    ),
    Erratum(
        name="swapped_states",
        title=words("swapped-states-title"),
        repeated=words("swapped-states-repeated"),
        error=words("swapped-states-error"),
        cells={"wrong": LSTM_WITH_SWAPPED_STATES, "right": LSTM},
        evidence=(
            Proven(
                Claim(words("swapped-states-no-highway-leads"), "c'", "c", holding="direct", equals="0 * eye(n)"),
                "wrong",
            ),
            Proven(
                Claim(words("swapped-states-it-is-h"), "c'", "h", holding="direct", equals="diag(f)"),
                "wrong",
            ),
            Apart(
                words("swapped-states-a-memory-that-is-to-be"),
                of="c'",
                sizes={"m": 1, "n": 1},
                values={"c": (3,), "b_f": (9,), "b_i": (-9,), "b_o": (9,)},
                steps=5,
            ),
        ),
        remedy=words("swapped-states-remedy"),
    ),
    Erratum(
        name="layer_in_the_batch",
        title=words("layer-in-the-batch-title"),
        repeated=words("layer-in-the-batch-repeated"),
        error=words("layer-in-the-batch-error"),
        cells={"wrong": TWO_ROWS, "right": TWO_LAYERS, "one_layer": RNN},
        evidence=(
            Proven(
                Equivalence(
                    words("layer-in-the-batch-rows-that-start"),
                    other="one_layer",
                    states={"h1": "h", "h2": "h"},
                ),
                "wrong",
            ),
            Proven(
                Claim(words("layer-in-the-batch-the-second-row"), of="h2'", wrt="h1", equals="0 * eye(n)"),
                "wrong",
            ),
            Proven(
                Claim(
                    words("layer-in-the-batch-a-second-layer"),
                    of="h2'",
                    wrt="h1",
                    equals="diag(1 - h2' * h2') @ W_2 @ diag(1 - h1' * h1') @ U_1",
                ),
                "right",
            ),
        ),
        remedy=words("layer-in-the-batch-remedy"),
    ),
    Erratum(
        name="reset_before_and_after",
        title=words("reset-before-and-after-title"),
        repeated=words("reset-before-and-after-repeated"),
        error=words("reset-before-and-after-error"),
        cells={"after": GRU_AFTER, "before": GRU_BEFORE},
        evidence=(
            Apart(
                words("reset-before-and-after-two-units-that-read"),
                of="h'",
                sizes={"m": 1, "n": 2},
                cells=("after", "before"),
                values={"h": (1, -1), "U_g": ((0, 1), (1, 0)), "b_r": (2, -2), "b_z": (3, 3)},
            ),
            Proven(
                Identity(
                    words("reset-before-and-after-with-one-unit"),
                    "tanh(a + u * (r * s))",
                    "tanh(a + r * (u * s))",
                    declarations="a, u, r, s in R",
                )
            ),
            Proven(
                Equivalence(
                    words("reset-before-and-after-nor-where-the-recurrent"),
                    other="after",
                    declarations="u in R^n",
                    parameters={"U_g": "diag(u)"},
                    other_parameters={"U_g": "diag(u)"},
                ),
                "before",
            ),
        ),
        remedy=words("reset-before-and-after-remedy"),
    ),
    Erratum(
        name="forget_biases_add",
        title=words("forget-biases-add-title"),
        repeated=words("forget-biases-add-repeated"),
        error=words("forget-biases-add-error"),
        cells={"wrong": LSTM_WITH_TWO_BIASES, "right": LSTM},
        evidence=(
            Proven(
                Equivalence(
                    words("forget-biases-add-two-biases-are"), other="wrong", parameters={"b_f": "b_ih + b_hh"}
                ),
                "right",
            ),
            Summed(
                words("forget-biases-add-ones-in-both-biases"),
                library_cell="lstm",
                framework="pytorch",
                bias="b_f",
                arrays=("bias_ih_l0", "bias_hh_l0"),
                each=1.0,
                said=1.0,
            ),
            Apart(
                words("forget-biases-add-what-is-left"),
                of="c'",
                sizes={"m": 1, "n": 1},
                values={"c": (1,), "b_i": (-20,)},
                own={"wrong": {"b_ih": (1,), "b_hh": (1,)}, "right": {"b_f": (1,)}},
                steps=10,
            ),
        ),
        remedy=words("forget-biases-add-remedy"),
    ),
    Erratum(
        name="spectral_radius",
        title=words("spectral-radius-title"),
        repeated=words("spectral-radius-repeated"),
        error=words("spectral-radius-error"),
        cells={"rnn": RNN},
        evidence=(
            Growth(
                words("spectral-radius-the-gradient-grows"),
                cell="rnn",
                state="h",
                parameter="U",
                sizes={"m": 1, "n": 2},
                values={"U": ((2, -2), (2, -2)), "b": (2, 60), "h": (0, 1)},
                steps=20,
            ),
            Proven(
                Claim(words("spectral-radius-a-step-multiplies"), of="h'", wrt="h", equals="diag(1 - h' * h') @ U"),
                "rnn",
            ),
            Proven(
                Identity(
                    words("spectral-radius-slopes-of-tanh"),
                    "dot(w, w) - dot((1 - tanh(a)**2) * w, (1 - tanh(a)**2) * w)",
                    "dot(tanh(a)**2 * (2 - tanh(a)**2), w * w)",
                    declarations="a, w in R^n",
                )
            ),
        ),
        remedy=words("spectral-radius-remedy"),
    ),
)
"""All errata, in the order in which a page shows them."""

"""The errors: what is said, what is so, the equations typed both ways, and what shows it. Data; nothing is computed."""

from __future__ import annotations

from gatedsym.errata.erratum import Apart, Erratum, Growth, Proven, Refuted, Rejected, Same, Summed, Warned
from gatedsym.library.claims import Claim, Equivalence, Identity, Limit

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
        title="W_f reused in the input gate",
        repeated="Tutorials and exercise sheets that print the gates below each other and copy the line above.",
        error=(
            "The input gate is printed with the weights of the forget gate. Both gates are then one and the same number"
            " at every step: what is kept is what is written, and the cell can do neither without the other."
        ),
        cells={"wrong": LSTM_WITH_ONE_GATE_TWICE, "right": LSTM, "one_gate": LSTM_WITH_ONE_GATE},
        evidence=(
            Warned("the equations are read, with a warning", "wrong"),
            Same("the two gates are equal, whatever the weights", "i", "f", "wrong"),
            Proven(Equivalence("so the cell has a gate less: it is c' = f * (c + g)", other="one_gate"), "wrong"),
            Proven(
                Limit(
                    "opened to keep c, the gate adds all of the candidate",
                    of="c'",
                    parameter="b_f",
                    to="oo",
                    equals="c + g",
                ),
                "wrong",
            ),
            Apart(
                "with f open and its own gate i closed, c stays; with one gate for both it runs away",
                of="c'",
                sizes={"m": 1, "n": 1},
                values={"c": (2,), "b_f": (9,), "b_g": (1,)},
                own={"right": {"b_i": (-9,)}},
                steps=20,
            ),
        ),
        remedy="i = σ(W_i x + U_i h + b_i). Count the parameters: an LSTM has four blocks of each kind.",
    ),
    Erratum(
        name="forget_gate_keeps",
        title="The forget gate as the probability of forgetting",
        repeated=(
            "Glossaries and lecture notes that explain the name and not the formula. Course forums ask whether it"
            " should not be called the remember gate (read: community.deeplearning.ai, topics 490060 and 23696)."
        ),
        error=(
            "f multiplies what was there, so f is the share that stays: f = 1 forgets nothing, f = 0 everything. It is"
            " no probability either; nothing is drawn. The formula that fits the words has 1 - f in its place."
        ),
        cells={"words": LSTM_THAT_FORGETS_WITH_F, "formula": LSTM},
        evidence=(
            Proven(
                Claim("along the highway c is multiplied by f", of="c'", wrt="c", holding="direct", equals="diag(f)"),
                "formula",
            ),
            Refuted(
                Claim("along the highway c is multiplied by 1 - f", "c'", "c", holding="direct", equals="diag(1 - f)"),
                "formula",
            ),
            Proven(
                Claim("f = 1 keeps all", "c'", "c", holding="direct", where={"f": "1"}, equals="eye(n)"),
                "formula",
            ),
            Apart(
                "a large forget bias makes the LSTM remember; by the words it would forget",
                of="c'",
                cells=("words", "formula"),
                sizes={"m": 1, "n": 1},
                values={"c": (1,), "b_f": (3,), "b_i": (-20,)},
                steps=10,
            ),
        ),
        remedy="Read f as the share that is kept. A forget bias of 1 or 2 is there to keep.",
    ),
    Erratum(
        name="update_and_reset",
        title="z that “keeps” and r that “forgets”, against the formulas beside the words",
        repeated=(
            "Notes that take the words from one paper and the formula from another. Both signs of z are in use, also"
            " within one library (read: Paddle issue 5493, two operators with opposite signs), and a note says that the"
            " reset gate decides how much of the past to forget (read: damminhtien.notion.site, Gated recurrent units)."
        ),
        error=(
            "In h' = (1 - z) h + z g the gate z overwrites: z = 1 keeps nothing. Only in the other convention,"
            " h' = z h + (1 - z) g, does it keep. And r is what the candidate sees of h: r = 1 forgets nothing, r = 0"
            " hides all of it, and neither removes anything from h itself."
        ),
        cells={"words": GRU_THAT_KEEPS_WITH_Z, "formula": GRU_BEFORE},
        evidence=(
            Proven(Claim("here z overwrites", "h'", "h", holding="direct", equals="diag(1 - z)"), "formula"),
            Refuted(Claim("here z keeps", "h'", "h", holding="direct", equals="diag(z)"), "formula"),
            Proven(Claim("there z keeps", "h'", "h", holding="direct", equals="diag(z)"), "words"),
            Proven(
                Equivalence(
                    "one cell, under the opposite sign of W_z, U_z and b_z",
                    other="words",
                    parameters={"W_z": "-W_z", "U_z": "-U_z", "b_z": "-b_z"},
                ),
                "formula",
            ),
            Proven(
                Claim(
                    "the candidate sees h in proportion to r",
                    of="g",
                    wrt="h",
                    holding=("r",),
                    equals="diag(1 - g * g) @ U_g @ diag(r)",
                ),
                "formula",
            ),
            Apart(
                "the same weights, read with the other sign",
                of="h'",
                cells=("words", "formula"),
                sizes={"m": 1, "n": 1},
                values={"h": (1,), "b_z": (3,)},
            ),
        ),
        remedy="Print the formula with the words, and say which of the two signs it is before weights are exchanged.",
    ),
    Erratum(
        name="plus_for_concatenation",
        title="“+” for concatenation",
        repeated="Diagrams in which h and x meet in one line, and the formulas and programs written from them.",
        error=(
            "W [h, x] stacks the two vectors and has a matrix for each. W (h + x) adds them: it means nothing where"
            " they differ in size, and where they do not, state and input share one matrix and can be exchanged."
        ),
        cells={"wrong": RNN_OF_THE_SUM, "right": RNN_OF_THE_STACKED_VECTOR, "two_products": RNN},
        evidence=(
            Rejected("the sum of vectors of different size is refused", "wrong"),
            Proven(
                Equivalence(
                    "a matrix on the stacked vector is a product for each part",
                    other="two_products",
                    parameters={"V_1": "U", "V_2": "W"},
                ),
                "right",
            ),
            Proven(
                Identity(
                    "of one size, the sum gives the state v and the input x the same matrix",
                    "V @ (v + x)",
                    "V @ v + V @ x",
                    declarations="V in R^(n,n); v, x in R^n",
                )
            ),
            Refuted(
                Identity(
                    "the sum says what two matrices say",
                    "V @ (v + x)",
                    "V @ v + W @ x",
                    declarations="V, W in R^(n,n); v, x in R^n",
                )
            ),
        ),
        remedy="W [h, x], or U h + W x. A plus between h and x alone is an error in the text or in the program.",
    ),
    Erratum(
        name="dot_product",
        title="“Dot product” for ⊙",
        repeated=(
            "Symbol tables and issue texts: one paper's table calls ∘ “the matrix product” (read: PMC7570750, table of"
            " symbols), a library's issue writes dot((1 - u), h) for gates (read: Paddle issue 5493)."
        ),
        error=(
            "A gate multiplies entry by entry: each unit has its own. A dot product is one number, the same for all"
            " units; the cell is then no memory of n numbers but of one."
        ),
        cells={"wrong": LSTM_WITH_DOT_PRODUCTS, "right": LSTM},
        evidence=(
            Refuted(
                Claim("along the highway c is multiplied by f", "c'", "c", holding="direct", equals="diag(f)"), "wrong"
            ),
            Proven(
                Claim(
                    "every unit gets the sum over all units",
                    of="c'",
                    wrt="c",
                    holding="direct",
                    equals="outer(0 * f + 1, f)",
                ),
                "wrong",
            ),
            Apart(
                "one unit is to be kept and one forgotten",
                of="c'",
                sizes={"m": 1, "n": 2},
                values={"c": (2, 3), "b_f": (20, -20)},
            ),
        ),
        remedy="f ⊙ c, “entry by entry”. In NumPy f * c, not f @ c and not np.dot(f, c).",
    ),
    Erratum(
        name="swapped_states",
        title="(h, c) returned, (c, h) unpacked",
        repeated=(
            "Programs that cross from one library to another: PyTorch and Keras hand out (h, c), Flax and TensorFlow 1"
            " (c, h). Read: microsoft/nni issue 2839, a stacked cell that exchanged the two; TensorFlow's"
            " LSTMStateTuple, whose docstring calls c “the hidden state”."
        ),
        error=(
            "The two have the same shape, so nothing complains. But then f multiplies h, which lies between -1 and 1,"
            " and c reaches the next step through the gates alone: the highway is gone."
        ),
        cells={"wrong": LSTM_WITH_SWAPPED_STATES, "right": LSTM},
        evidence=(
            Proven(
                Claim("no highway leads from c to c'", "c'", "c", holding="direct", equals="0 * eye(n)"),
                "wrong",
            ),
            Proven(
                Claim("it is h that f multiplies", "c'", "h", holding="direct", equals="diag(f)"),
                "wrong",
            ),
            Apart(
                "a memory that is to be kept",
                of="c'",
                sizes={"m": 1, "n": 1},
                values={"c": (3,), "b_f": (9,), "b_i": (-9,), "b_o": (9,)},
                steps=5,
            ),
        ),
        remedy="Unpack by name, and test one step against the formula with h ≠ c.",
    ),
    Erratum(
        name="layer_in_the_batch",
        title="A layer index that broadcasts into the batch",
        repeated=(
            "Homework and early libraries in which the initial state (layers, n) meets a batch: broadcasting makes it"
            " fit. Read: pytorch/pytorch issue 3789, an h of shape (1, n) accepted for a batch of three."
        ),
        error=(
            "Where all layers are computed in one line with one set of weights, every row of the state reads x and"
            " itself. No layer sees the layer below: “two layers” are the same layer twice."
        ),
        cells={"wrong": TWO_ROWS, "right": TWO_LAYERS, "one_layer": RNN},
        evidence=(
            Proven(
                Equivalence(
                    "rows that start equal stay equal, and each is the network of one layer",
                    other="one_layer",
                    states={"h1": "h", "h2": "h"},
                ),
                "wrong",
            ),
            Proven(
                Claim("the second row does not see the first", of="h2'", wrt="h1", equals="0 * eye(n)"),
                "wrong",
            ),
            Proven(
                Claim(
                    "a second layer does",
                    of="h2'",
                    wrt="h1",
                    equals="diag(1 - h2' * h2') @ W_2 @ diag(1 - h1' * h1') @ U_1",
                ),
                "right",
            ),
        ),
        remedy="Give every layer weights of its own, and test that the output of the second differs from the first's.",
    ),
    Erratum(
        name="reset_before_and_after",
        title="Reset before the product, or after it",
        repeated=(
            "Conversions between libraries, and texts that take the formula of one version for the other. Both are in"
            " Keras (reset_after), in ONNX (linear_before_reset) and in the versions 1 and 3 of one paper."
        ),
        error=(
            "U (r ⊙ h) is not r ⊙ (U h): the first chooses which units are seen, the second how much of the result is."
            " They are equal where U is diagonal, so a test with one unit cannot tell them apart."
        ),
        cells={"after": GRU_AFTER, "before": GRU_BEFORE},
        evidence=(
            Apart(
                "two units that read each other",
                of="h'",
                sizes={"m": 1, "n": 2},
                cells=("after", "before"),
                values={"h": (1, -1), "U_g": ((0, 1), (1, 0)), "b_r": (2, -2), "b_z": (3, 3)},
            ),
            Proven(
                Identity(
                    "with one unit there is no difference",
                    "tanh(a + u * (r * s))",
                    "tanh(a + r * (u * s))",
                    declarations="a, u, r, s in R",
                )
            ),
            Proven(
                Equivalence(
                    "nor where the recurrent matrix of the candidate is diagonal",
                    other="after",
                    declarations="u in R^n",
                    parameters={"U_g": "diag(u)"},
                    other_parameters={"U_g": "diag(u)"},
                ),
                "before",
            ),
        ),
        remedy="Say which it is, and test conversions with at least two units and a full matrix.",
    ),
    Erratum(
        name="forget_biases_add",
        title="Forget biases that add up",
        repeated=(
            "Initialisations written for layouts with two biases (PyTorch, cuDNN, ONNX). Read: pytorch/pytorch issue"
            " 750, which asks whether both should be initialised with ones; TensorFlow adds a further 1 by itself."
        ),
        error=(
            "A gate has one bias, the sum of the two. Ones in both are a forget bias of 2: not wrong by itself, but not"
            " the network that the text describes, nor the one it is compared with."
        ),
        cells={"wrong": LSTM_WITH_TWO_BIASES, "right": LSTM},
        evidence=(
            Proven(
                Equivalence("two biases are one, their sum", other="wrong", parameters={"b_f": "b_ih + b_hh"}),
                "right",
            ),
            Summed(
                "ones in both biases of torch.nn.LSTM",
                library_cell="lstm",
                framework="pytorch",
                bias="b_f",
                arrays=("bias_ih_l0", "bias_hh_l0"),
                each=1.0,
                said=1.0,
            ),
            Apart(
                "what is left of a memory",
                of="c'",
                sizes={"m": 1, "n": 1},
                values={"c": (1,), "b_i": (-20,)},
                own={"wrong": {"b_ih": (1,), "b_hh": (1,)}, "right": {"b_f": (1,)}},
                steps=10,
            ),
        ),
        remedy="Set one of the two and zero the other; or convert with gatedsym.conventions, which adds them.",
    ),
    Erratum(
        name="spectral_radius",
        title="Pascanu's bound quoted with the spectral radius",
        repeated=(
            "Course cards and forum answers that say: eigenvalues of U below 1, hence vanishing gradients (read:"
            " 1cademy.com, of a product of equal matrices; stats.stackexchange.com question 293862 quotes the paper,"
            " which has the spectral radius for the linear network in the limit, and the largest singular value for"
            " the others)."
        ),
        error=(
            "With a nonlinearity every step has slopes of its own, and eigenvalues of a product are not products of"
            " eigenvalues. What bounds the gradient is the norm: ‖∂h'/∂h‖ ≤ γ ‖U‖, γ the largest slope. A spectral"
            " radius below 1/γ bounds nothing."
        ),
        cells={"rnn": RNN},
        evidence=(
            Growth(
                "the gradient grows at every step, with all eigenvalues of U below 1 in size",
                cell="rnn",
                state="h",
                parameter="U",
                sizes={"m": 1, "n": 2},
                values={"U": ((2, -2), (2, -2)), "b": (2, 60), "h": (0, 1)},
                steps=20,
            ),
            Proven(
                Claim("a step multiplies by U and by the slopes", of="h'", wrt="h", equals="diag(1 - h' * h') @ U"),
                "rnn",
            ),
            Proven(
                Identity(
                    "slopes of tanh lengthen no vector w: what ‖w‖² loses is a sum of terms that are not negative, so"
                    " ‖∂h'/∂h v‖ ≤ ‖U v‖ ≤ ‖U‖ ‖v‖",
                    "dot(w, w) - dot((1 - tanh(a)**2) * w, (1 - tanh(a)**2) * w)",
                    "dot(tanh(a)**2 * (2 - tanh(a)**2), w * w)",
                    declarations="a, w in R^n",
                )
            ),
        ),
        remedy="Quote the bound with the largest singular value: ‖U‖ < 1/γ suffices for vanishing (and is not needed).",
    ),
)
"""All errata, in the order in which a page shows them."""

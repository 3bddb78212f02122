### Errata: errors about recurrent cells that texts repeat, in `gatedsym cells --errata` and on the report's page of
### errata. Symbols, formulas and names of programs stay as they are.

## What is printed around every erratum.

# Label at the left of the line that says where an error is found.
erratum-repeated = repeated in

# Label at the left of the last line, which says what to write.
erratum-instead = instead

# Label in front of something that is shown: how it is. Variables: $verdict (proven, counterexample, refused or warned).
erratum-verdict = { $verdict ->
    [proven] proven
    [counterexample] counterexample
    [refused] refused
   *[warned] warned
}

# In place of a claim that does not hold. Variables: $claim (the claim, a sentence without a full stop).
erratum-not-so = not so: { $claim }

# In brackets behind a claim that does not hold. Variables: $entry (of an array, such as J[0,0]), $left and $right (its value,
# and what the claim makes it).
erratum-refuted = at a random point { $entry } is { $left }, and would have to be { $right }

# In brackets behind what two sets of equations give: the values they start from, and what comes of them. Variables: $given
# (names and values, with commas), $steps (of time), $of (what is compared), $first and $second (its values by the two),
# $one and $other (how the two sets of equations are called).
erratum-apart = { $steps ->
    [one] from { $given } and zeros: { $of } is { $first } ({ $one }), { $second } ({ $other })
   *[other] from { $given } and zeros: after { $steps } steps { $of } is { $first } ({ $one }), { $second } ({ $other })
}

# In brackets behind a gradient that grows. Variables: $given (names and values, with commas), $matrix (a name), $radius and
# $norm (numbers), $norms (several of erratum-norm-after, with commas).
erratum-growth =
    from { $given } and zeros: { $matrix } has spectral radius { $radius } and 2-norm { $norm }; the gradient's norm is
    { $norms }

# One of the norms of erratum-growth. Variables: $norm (a number), $steps (of time).
erratum-norm-after = { $steps ->
    [one] { $norm } after 1 step
   *[other] { $norm } after { $steps } steps
}

# In brackets behind two biases that are one. Variables: $set (names and values, by erratum-set), $bias (a name),
# $made and $said (its value, and the one it is believed to have), $gate and $gate_said (where the gate stands), $kept and
# $kept_said (what the highway keeps over 100 steps).
erratum-summed =
    { $set } make { $bias } = { $made }, not { $said }: the gate stands at { $gate }, not at { $gate_said }, and the highway
    keeps { $kept } over 100 steps, not { $kept_said }

# The arrays of erratum-summed. Variables: $first (one or several, with commas: b_ih = 1), $last.
erratum-set = { $first } and { $last }

# Under all errata, on the terminal. Variables: $count, $seconds (a number).
errata-shown = { $count } errata shown in { $seconds } s

## W_f reused in the input gate

# Its title, a heading.
one-gate-twice-title = W_f reused in the input gate

# Below the title: what is said, and what is so.
one-gate-twice-error =
    The input gate is printed with the weights of the forget gate. Both gates are then one and the same number at
    every step: what is kept is what is written, and the cell can do neither without the other.

# Behind “warned”: what happens to the equations; the warning follows.
one-gate-twice-the-equations-are = the equations are read, with a warning

# Behind “proven”: two expressions that are always equal; they follow.
one-gate-twice-the-two-gates = the two gates are equal, whatever the weights

# Behind “proven”: a claim that is proven; on the page its formula follows.
one-gate-twice-so-the-cell = so the cell has a gate less: it is c' = f * (c + g)

# Behind “proven”: a claim that is proven; on the page its formula follows.
one-gate-twice-opened-to-keep = opened to keep c, the gate adds all of the candidate

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
one-gate-twice-with-f-open = with f open and its own gate i closed, c stays; with one gate for both it runs away

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
one-gate-twice-repeated = Tutorials and exercise sheets that print the gates below each other and copy the line above.

# Behind “instead”, at the end: what to write, or to check.
one-gate-twice-remedy = i = σ(W_i x + U_i h + b_i). Count the parameters: an LSTM has four blocks of each kind.

## The forget gate as the probability of forgetting

# Its title, a heading.
forget-gate-keeps-title = The forget gate as the probability of forgetting

# Below the title: what is said, and what is so.
forget-gate-keeps-error =
    f multiplies what was there, so f is the share that stays: f = 1 forgets nothing, f = 0 everything. It is no
    probability either; nothing is drawn. The formula that fits the words has 1 - f in its place.

# Behind “proven”: a claim that is proven; on the page its formula follows.
forget-gate-keeps-along-the-highway = along the highway c is multiplied by f

# Behind “counterexample”, after “not so:”: a claim that does not hold; its formula follows.
forget-gate-keeps-along-the-highway-c = along the highway c is multiplied by 1 - f

# Behind “proven”: a claim that is proven; on the page its formula follows.
forget-gate-keeps-f-1-keeps = f = 1 keeps all

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
forget-gate-keeps-a-large-forget = a large forget bias makes the LSTM remember; by the words it would forget

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
forget-gate-keeps-repeated =
    Glossaries and lecture notes that explain the name and not the formula. Course forums ask whether it should not be
    called the remember gate (read: community.deeplearning.ai, topics 490060 and 23696).

# Behind “instead”, at the end: what to write, or to check.
forget-gate-keeps-remedy = Read f as the share that is kept. A forget bias of 1 or 2 is there to keep.

## z that “keeps” and r that “forgets”, against the formulas beside the words

# Its title, a heading.
update-and-reset-title = z that “keeps” and r that “forgets”, against the formulas beside the words

# Below the title: what is said, and what is so.
update-and-reset-error =
    In h' = (1 - z) h + z g the gate z overwrites: z = 1 keeps nothing. Only in the other convention, h' = z h + (1 -
    z) g, does it keep. And r is what the candidate sees of h: r = 1 forgets nothing, r = 0 hides all of it, and
    neither removes anything from h itself.

# Behind “proven”: a claim that is proven; on the page its formula follows.
update-and-reset-here-z-overwrites = here z overwrites

# Behind “counterexample”, after “not so:”: a claim that does not hold; its formula follows.
update-and-reset-here-z-keeps = here z keeps

# Behind “proven”: a claim that is proven; on the page its formula follows.
update-and-reset-there-z-keeps = there z keeps

# Behind “proven”: a claim that is proven; on the page its formula follows.
update-and-reset-one-cell-under = one cell, under the opposite sign of W_z, U_z and b_z

# Behind “proven”: a claim that is proven; on the page its formula follows.
update-and-reset-the-candidate-sees = the candidate sees h in proportion to r

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
update-and-reset-the-same-weights = the same weights, read with the other sign

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
update-and-reset-repeated =
    Notes that take the words from one paper and the formula from another. Both signs of z are in use, also within one
    library (read: Paddle issue 5493, two operators with opposite signs), and a note says that the reset gate decides
    how much of the past to forget (read: damminhtien.notion.site, Gated recurrent units).

# Behind “instead”, at the end: what to write, or to check.
update-and-reset-remedy =
    Print the formula with the words, and say which of the two signs it is before weights are exchanged.

## “+” for concatenation

# Its title, a heading.
plus-for-concatenation-title = “+” for concatenation

# Below the title: what is said, and what is so.
plus-for-concatenation-error =
    W [h, x] stacks the two vectors and has a matrix for each. W (h + x) adds them: it means nothing where they differ
    in size, and where they do not, state and input share one matrix and can be exchanged.

# Behind “refused”: what happens to the equations; the refusal follows.
plus-for-concatenation-the-sum-of-vectors = the sum of vectors of different size is refused

# Behind “proven”: a claim that is proven; on the page its formula follows.
plus-for-concatenation-a-matrix-on = a matrix on the stacked vector is a product for each part

# Behind “proven”: a claim that is proven; on the page its formula follows.
plus-for-concatenation-of-one-size = of one size, the sum gives the state v and the input x the same matrix

# Behind “counterexample”, after “not so:”: a claim that does not hold; its formula follows.
plus-for-concatenation-the-sum-says = the sum says what two matrices say

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
plus-for-concatenation-repeated =
    Diagrams in which h and x meet in one line, and the formulas and programs written from them.

# Behind “instead”, at the end: what to write, or to check.
plus-for-concatenation-remedy =
    W [h, x], or U h + W x. A plus between h and x alone is an error in the text or in the program.

## “Dot product” for ⊙

# Its title, a heading.
dot-product-title = “Dot product” for ⊙

# Below the title: what is said, and what is so.
dot-product-error =
    A gate multiplies entry by entry: each unit has its own. A dot product is one number, the same for all units; the
    cell is then no memory of n numbers but of one.

# Behind “counterexample”, after “not so:”: a claim that does not hold; its formula follows.
dot-product-along-the-highway = along the highway c is multiplied by f

# Behind “proven”: a claim that is proven; on the page its formula follows.
dot-product-every-unit-gets = every unit gets the sum over all units

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
dot-product-one-unit-is-to-be = one unit is to be kept and one forgotten

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
dot-product-repeated =
    Symbol tables and issue texts: one paper's table calls ∘ “the matrix product” (read: PMC7570750, table of
    symbols), a library's issue writes dot((1 - u), h) for gates (read: Paddle issue 5493).

# Behind “instead”, at the end: what to write, or to check.
dot-product-remedy = f ⊙ c, “entry by entry”. In NumPy f * c, not f @ c and not np.dot(f, c).

## (h, c) returned, (c, h) unpacked

# Its title, a heading.
swapped-states-title = (h, c) returned, (c, h) unpacked

# Below the title: what is said, and what is so.
swapped-states-error =
    The two have the same shape, so nothing complains. But then f multiplies h, which lies between -1 and 1, and c
    reaches the next step through the gates alone: the highway is gone.

# Behind “proven”: a claim that is proven; on the page its formula follows.
swapped-states-no-highway-leads = no highway leads from c to c'

# Behind “proven”: a claim that is proven; on the page its formula follows.
swapped-states-it-is-h = it is h that f multiplies

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
swapped-states-a-memory-that-is-to-be = a memory that is to be kept

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
swapped-states-repeated =
    Programs that cross from one library to another: PyTorch and Keras hand out (h, c), Flax and TensorFlow 1 (c, h).
    Read: microsoft/nni issue 2839, a stacked cell that exchanged the two; TensorFlow's LSTMStateTuple, whose
    docstring calls c “the hidden state”.

# Behind “instead”, at the end: what to write, or to check.
swapped-states-remedy = Unpack by name, and test one step against the formula with h ≠ c.

## A layer index that broadcasts into the batch

# Its title, a heading.
layer-in-the-batch-title = A layer index that broadcasts into the batch

# Below the title: what is said, and what is so.
layer-in-the-batch-error =
    Where all layers are computed in one line with one set of weights, every row of the state reads x and itself. No
    layer sees the layer below: “two layers” are the same layer twice.

# Behind “proven”: a claim that is proven; on the page its formula follows.
layer-in-the-batch-rows-that-start = rows that start equal stay equal, and each is the network of one layer

# Behind “proven”: a claim that is proven; on the page its formula follows.
layer-in-the-batch-the-second-row = the second row does not see the first

# Behind “proven”: a claim that is proven; on the page its formula follows.
layer-in-the-batch-a-second-layer = a second layer does

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
layer-in-the-batch-repeated =
    Homework and early libraries in which the initial state (layers, n) meets a batch: broadcasting makes it fit.
    Read: pytorch/pytorch issue 3789, an h of shape (1, n) accepted for a batch of three.

# Behind “instead”, at the end: what to write, or to check.
layer-in-the-batch-remedy =
    Give every layer weights of its own, and test that the output of the second differs from the first's.

## Reset before the product, or after it

# Its title, a heading.
reset-before-and-after-title = Reset before the product, or after it

# Below the title: what is said, and what is so.
reset-before-and-after-error =
    U (r ⊙ h) is not r ⊙ (U h): the first chooses which units are seen, the second how much of the result is. They are
    equal where U is diagonal, so a test with one unit cannot tell them apart.

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
reset-before-and-after-two-units-that-read = two units that read each other

# Behind “proven”: a claim that is proven; on the page its formula follows.
reset-before-and-after-with-one-unit = with one unit there is no difference

# Behind “proven”: a claim that is proven; on the page its formula follows.
reset-before-and-after-nor-where-the-recurrent = nor where the recurrent matrix of the candidate is diagonal

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
reset-before-and-after-repeated =
    Conversions between libraries, and texts that take the formula of one version for the other. Both are in Keras
    (reset_after), in ONNX (linear_before_reset) and in the versions 1 and 3 of one paper.

# Behind “instead”, at the end: what to write, or to check.
reset-before-and-after-remedy = Say which it is, and test conversions with at least two units and a full matrix.

## Forget biases that add up

# Its title, a heading.
forget-biases-add-title = Forget biases that add up

# Below the title: what is said, and what is so.
forget-biases-add-error =
    A gate has one bias, the sum of the two. Ones in both are a forget bias of 2: not wrong by itself, but not the
    network that the text describes, nor the one it is compared with.

# Behind “proven”: a claim that is proven; on the page its formula follows.
forget-biases-add-two-biases-are = two biases are one, their sum

# Behind “counterexample”: what is set; the numbers follow.
forget-biases-add-ones-in-both-biases = ones in both biases of torch.nn.LSTM

# Behind “counterexample”: what the two sets of equations are carried out for; the numbers follow.
forget-biases-add-what-is-left = what is left of a memory

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
forget-biases-add-repeated =
    Initialisations written for layouts with two biases (PyTorch, cuDNN, ONNX). Read: pytorch/pytorch issue 750, which
    asks whether both should be initialised with ones; TensorFlow adds a further 1 by itself.

# Behind “instead”, at the end: what to write, or to check.
forget-biases-add-remedy =
    Set one of the two and zero the other; or convert with gatedsym.conventions, which adds them.

## Pascanu's bound quoted with the spectral radius

# Its title, a heading.
spectral-radius-title = Pascanu's bound quoted with the spectral radius

# Below the title: what is said, and what is so.
spectral-radius-error =
    With a nonlinearity every step has slopes of its own, and eigenvalues of a product are not products of
    eigenvalues. What bounds the gradient is the norm: ‖∂h'/∂h‖ ≤ γ ‖U‖, γ the largest slope. A spectral radius below
    1/γ bounds nothing.

# Behind “counterexample”: what the numbers that follow show.
spectral-radius-the-gradient-grows = the gradient grows at every step, with all eigenvalues of U below 1 in size

# Behind “proven”: a claim that is proven; on the page its formula follows.
spectral-radius-a-step-multiplies = a step multiplies by U and by the slopes

# Behind “proven”: a claim that is proven; on the page its formula follows.
spectral-radius-slopes-of-tanh =
    slopes of tanh lengthen no vector w: what ‖w‖² loses is a sum of terms that are not negative, so ‖∂h'/∂h v‖ ≤ ‖U
    v‖ ≤ ‖U‖ ‖v‖

# Behind “repeated in”: where the error is found. Names of projects, numbers of issues and threads stay as they are.
spectral-radius-repeated =
    Course cards and forum answers that say: eigenvalues of U below 1, hence vanishing gradients (read: 1cademy.com,
    of a product of equal matrices; stats.stackexchange.com question 293862 quotes the paper, which has the spectral
    radius for the linear network in the limit, and the largest singular value for the others).

# Behind “instead”, at the end: what to write, or to check.
spectral-radius-remedy =
    Quote the bound with the largest singular value: ‖U‖ < 1/γ suffices for vanishing (and is not needed).

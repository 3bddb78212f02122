### The derivation of a cell's gradient: `gatedsym derive`, as text, LaTeX, Markdown and HTML.
###
### Variables in these messages are mostly formulas. "Cell", "state", "gate", "adjoint", "step", "highway" are terms: one
### word for each, everywhere.

## The page as a whole.

# The title, where a cell has no longer one of its own. Variables: $cell (its name).
title = The gradient of { $cell }

# The title, of a cell of the library. Variables: $cell, $title (what it is, in a few words).
title-of-the-library = The gradient of the cell { $cell }: { $title }

# In small type under the title of a LaTeX page, in the place of an author. Variables: $version.
derived-by = Derived by gatedsym { $version }

# Under the title of a LaTeX page. Variables: $reference (who published the equations, and where).
reference = Equations: { $reference }

# Before the same formula in entries, in a text and in Markdown and LaTeX; the formula follows.
in-entries = In entries:

# The label of the same formula in entries, in HTML.
in-entries-label = In entries

## Lists of formulas in a sentence.

# Two of a list, where more follow or the list is no sentence. Variables: $before (one or more), $next.
listing-comma = { $before }, { $next }

# The end of a list in a sentence. Variables: $before (one, or several between commas), $last.
listing-and = { $before } and { $last }

## 1. The equations.

# Heading of the first section.
equations-heading = 1. The equations

# Above the text that a person typed.
equations-typed = As typed:

# Of a cell that another is made of, whose names carry a suffix. Variables: $alias (the suffix), $cell (its name).
equations-inner-suffix = Names that end in _{ $alias } are those of the cell { $cell }; its equations are among these.

# The same, of a cell of the library. Variables: $alias, $cell, $reference (its paper).
equations-inner-suffix-cited = Names that end in _{ $alias } are those of the cell { $cell } ({ $reference }); its equations are among these.

# Of a cell that another is made of, whose names stay as they are. Variables: $cell.
equations-inner = The names of the cell { $cell } are those that it has itself; its equations are among these.

# The same, of a cell of the library. Variables: $cell, $reference (its paper).
equations-inner-cited = The names of the cell { $cell } ({ $reference }) are those that it has itself; its equations are among these.

# Of equations with rates of change. Variables: $scheme (its name as it is typed).
equations-scheme = Rates of change become a step by the scheme { $scheme }; inputs hold over a step. Its equations follow.

# Above the typeset equations.
equations-typeset = Typeset, with the time of every vector made visible:

# Above the typeset equations, where some are complex.
equations-typeset-complex = Typeset, with the time of every vector made visible; below each complex line the pair of real ones that it is:

# Above the letters for arguments of functions.
equations-arguments = The argument of a function gets a letter of its own, since the chain rule will pass through it:

# How to read the page, for a text whose vectors are rows. Variables: $product (v U).
notation-rows = Vectors are rows, as in the text: a matrix stands behind them, { $product }. A Jacobian has a row for each entry of what depends, as everywhere.

# How to read the page. Variables: $product (v ⊙ w), $diag (diag(v)), $vector (v), $applied (diag(v) w), $entry (v[j]),
# $entries (U[j,k]), $transposed.
notation =
    How to read it: { $product } is the product entry by entry, and functions, powers and quotients act entry by entry
    too; a number beside a vector belongs to each of its entries. { $diag } is the square matrix with { $vector } on its
    diagonal, so that { $applied } is { $product }. An entry is written in square brackets, { $entry } or { $entries };
    { $transposed } is the transpose.

# Behind it, where the page has a vector of ones. Variables: $ones, $total (the product that sums the entries of v), $vector.
notation-ones = { $ones } is a vector of ones: { $total } is the sum of the entries of { $vector }.

# Behind both. Variables: $barred (v with a bar), $vector (v), $derivative (an entry of it, and the derivative that it is).
notation-bar =
    A bar is an adjoint: { $barred } has the shape of { $vector } and holds the derivative of the loss by each of its
    entries, { $derivative }.

# Of complex arrays. Variables: $names (of the arrays), $count (of them).
notation-complex =
    { $names } { $count ->
        [one] is
       *[other] are
    } complex: a real and an imaginary part, with adjoints of their own. The adjoint of the complex array is the first
    plus i times the second, as torch has it: a step against it descends. It is twice the derivative by the complex
    conjugate (Wirtinger's).

# Heading of the table of symbols.
symbols-heading = Symbols

# Column of that table.
symbols-symbol = symbol

# Column of that table.
symbols-shape = shape

# Column of that table.
symbols-meaning = what it is

# In the table of symbols, of an input.
meaning-input = input at this step

# In the table of symbols, of an input that must be in a domain. Variables: $domain (such as {"{"}0, 1{"}"}).
meaning-input-entries = input at this step, each entry in { $domain }

# The same, of an input that is one number. Variables: $domain.
meaning-input-number = input at this step, a number in { $domain }

# In the table of symbols, of an input that is read late. Variables: $steps (how late).
meaning-late-input = input { $steps } steps earlier

# The same, of an input that must be in a domain. Variables: $steps, $domain.
meaning-late-input-entries = input { $steps } steps earlier, each entry in { $domain }

# The same, of an input that is one number. Variables: $steps, $domain.
meaning-late-input-number = input { $steps } steps earlier, a number in { $domain }

# In the table of symbols, of a state.
meaning-state = state, before and after the step

# In the table of symbols, of a state that is read late. Variables: $steps (how late).
meaning-late-state = state { $steps } steps earlier

# In the table of symbols, of a constant. Variables: $value (a number).
meaning-constant = constant, { $value }

# In the table of symbols, of an array that the equations fix and list.
meaning-fixed-listed = fixed: its values stand in the text

# In the table of symbols, of an array that follows a law. Variables: $law (in words).
meaning-fixed-law = fixed: { $law }

# In the table of symbols, of a value that no parameter is in.
meaning-fixed = fixed: no parameter is in it

# In the table of symbols, of a matrix. Variables: $kind (input, state or other: what it multiplies), $source (that), $into
# (the quantities whose equations have it).
meaning-weights = { $kind ->
    [input] input weights
    [state] recurrent weights
   *[other] weights
}: from { $source } to { $into }

# In the table of symbols, of a bias. Variables: $into (the quantities whose equations have it).
meaning-bias = bias of { $into }

# In the table of symbols, of another parameter. Variables: $into (the quantities whose equations have it).
meaning-parameter = parameter of { $into }

# In the table of symbols, of a value of the logistic function.
meaning-gate = gate: every entry lies between 0 and 1

# In the table of symbols, of a value of the hyperbolic tangent.
meaning-tanh = every entry lies between −1 and 1

# In the table of symbols, of the argument of a function. Variables: $of (the quantity whose equation has the function).
meaning-argument = argument of the function in { $of }

# In the table of symbols, of a result that is no state.
meaning-output = output

# In the table of symbols, of any other value.
meaning-intermediate = intermediate value

# Above a table of arrays whose sizes are sums.
blocks-intro = An array whose size is a sum is made of blocks, which stand row by row:

# Column of that table.
blocks-array = array

# Column of that table.
blocks-shape = shape

# Column of that table.
blocks-parts = its blocks

# Heading of the count of parameters.
counts-heading = How many parameters

# Column of the table of counts: the quantity whose equation has them.
counts-block = block

# Column of the table of counts.
counts-parameters = parameters

# Column of the table of counts: how many numbers they are.
counts-numbers = numbers

# In that table, of parameters that several equations have.
counts-several = several

# Under the table of counts. Variables: $total (a formula).
counts-total = In total { $total } numbers.

# The same, with an example. Variables: $total, $sizes (m = 32 and n = 64), $number (the total for these).
counts-total-example = In total { $total } numbers; for { $sizes } these are { $number }.

## 2. Local derivatives.

# Heading of the second section.
local-heading = 2. Local derivatives

# Its first paragraph.
local-intro = The chain rule needs nothing but this: how each quantity changes with the quantities that stand in its own formula, everything else being held.

# Heading above lines whose derivative a person declared.
local-declared-heading = Declared derivatives

# Under it; the lines follow as they were typed.
local-declared =
    What these lines pass on is declared by whoever wrote them. It is not the derivative of the value: the adjoints,
    gradients and Jacobians below follow the declaration, and no difference quotient of the loss gives them.

# Heading above the derivatives of the functions.
local-functions-heading = The functions

# Under it, where the cell reads tokens. "onehot(v)" is typed so.
local-onehot = onehot(v) is 1 at place v, counted from 0, and 0 elsewhere. A matrix times it is a column of the matrix, and v has no derivative.

# Under it, where a derivative is declared. "declared(f, g, u)" is typed so.
local-declared-function = declared(f, g, u) has the value f. Its derivative by u is g, by declaration; what f and g depend on gets nothing through it.

# Heading above the table of derivatives.
local-table-heading = Each statement by each operand

# How to read the table. Variables: $applied (U h), $vector (h), $row (j), $term (U[j,k] h[k]).
local-table-intro =
    Where a statement works entry by entry, the derivative is a diagonal matrix; the table gives its diagonal. Where a
    matrix acts, { $applied } by { $vector }, it is the matrix itself: entry { $row } of { $applied } contains { $term } once.

# The same, for a text whose vectors are rows. Variables: $applied (h U), $vector (h), $row (j), $term (h[k] U[k,j]).
local-table-intro-rows =
    Where a statement works entry by entry, the derivative is a diagonal matrix; the table gives its diagonal. Where a
    matrix acts, { $applied } by { $vector }, it is the matrix transposed, with a row for each entry of the result: entry
    { $row } of { $applied } contains { $term } once.

# Column of the table.
local-derivative = derivative

# Column of the table.
local-equals = equals

# Column of the table.
local-because = because

# In the column "because", of a derivative that a person declared.
because-declared = by declaration: not the derivative of the value

# In the column "because". Variables: $number (of the line that has the function's derivative).
because-function = the function's derivative, ({ $number })

# In the column "because", of a function that has no line of its own.
because-function-unnumbered = the function's derivative

# In the column "because".
because-sum = it stands alone in a sum

# In the column "because".
because-product = product rule: what it is multiplied with

# In the column "because".
because-quotient = quotient and power rule

# In the column "because", of a vector that a matrix multiplies.
because-matrix = the matrix that acts on it

# In the column "because", of one factor of a sum of products.
because-contraction = what it is multiplied with in the sum; 0 for other entries

# In the column "because", of the right side of a linear system.
because-system = the inverse acts on the right side

# The same, of several right sides at once.
because-system-columns = the inverse acts on the right side; 0 for other columns

# In the column "because", of the matrix of a linear system.
because-system-matrix = the system, differentiated by its matrix

## Why the derivative of each elementwise function has the form that it has: in section 2, under its line.

# Under the derivative of sigmoid(a). Variables: $definition, $derivative, $gate, $complement, $forms, $stable (formulas in a).
activation-sigmoid =
    With { $definition } the quotient rule gives { $derivative }, which is { $gate } times { $complement }; and {
    $forms }. The last form is the one to compute: in double precision { $complement } is exactly 0 from 37 on,
    while { $stable } keeps all its digits.

# Under the derivative of tanh(a). Variables: $naive, $size, $stable (formulas in a).
activation-tanh =
    The quotient rule for sinh/cosh. In double precision the difference { $naive } is exactly 0 as soon as { $size }
    exceeds 19.1; { $stable } contains no difference and is computed instead.

# Under the derivative of exp(a).
activation-exp = The exponential is its own derivative.

# Under the derivative of log(a).
activation-log = The derivative of the inverse of the exponential.

# Under the derivative of sqrt(a).
activation-sqrt = The power rule with exponent 1/2.

# Under the derivative of softplus(a). Variables: $definition, $factor (formulas in a).
activation-softplus = Chain rule through the logarithm in { $definition }, then divide above and below by { $factor }.

# Under the derivative of log_sigmoid(a).
activation-log_sigmoid = Chain rule: the derivative of σ divided by σ. No division is left that could overflow.

# Under the derivative of relu(a).
activation-relu = Slope 1 right of 0, slope 0 left of it; at 0 itself the slope is taken as 0.

# Under the derivative of step(a).
activation-step = Constant on either side of 0; at 0, where it jumps, the slope is taken as 0.

# Under the derivative of floor(a).
activation-floor = Constant between integers; at an integer, where it jumps, the slope is taken as 0.

# Under the derivative of absolute(a).
activation-absolute = Slope 1 right of 0, slope −1 left of it; at 0 itself the slope is taken as 0.

# Under the derivative of maximum(a).
activation-maximum =
    The larger passes its change on, the smaller none; at a tie, where this step is 1/2, each passes half.

# Under the derivative of minimum(a).
activation-minimum =
    The smaller passes its change on, the larger none; at a tie, where this step is 1/2, each passes half.

# Under the derivative of hard_sigmoid(a).
activation-hard_sigmoid = A line of slope 1/6 between its kinks at −3 and 3, constant outside.

# Under the derivative of hard_sigmoid_02(a).
activation-hard_sigmoid_02 = A line of slope 1/5 between its kinks at −2.5 and 2.5, constant outside.

# Under the derivative of elu(a).
activation-elu = Slope 1 right of 0; left of it the derivative of the exponential.

# Under the derivative of sin(a).
activation-sin = The sine leads the cosine.

# Under the derivative of cos(a).
activation-cos = The derivative of the cosine is minus the sine.

# Under the derivative of stop(a).
activation-stop = By declaration: the value passes, no change does. It is not the derivative of the value.

# Under the derivative of sign(a).
activation-sign = Constant on either side of 0; at 0, where it jumps, the slope is taken as 0.

# Under the derivative of hard_tanh(a).
activation-hard_tanh = A line of slope 1 between its kinks at −1 and 1, constant outside; at the kinks the slope is 0.

# Under the derivative of leaky_relu(a).
activation-leaky_relu = Slope 1 right of 0, slope b left of it and at 0 itself; b acts where a is below 0.

# Under the derivative of clip(a).
activation-clip =
    Between the limits a change passes, the limits included; outside, the limit that holds passes its own. Where the
    limits are crossed the upper one holds.

# Under the derivative of where_above(a).
activation-where_above = The value that is chosen passes its change on; which one it is does not change but at a tie.

# Under the derivative of where_least(a).
activation-where_least = The value that is chosen passes its change on; which one it is does not change but at a tie.

# Under the derivative of erf(a).
activation-erf = The derivative of the integral that defines it.

# Under the derivative of atan(a).
activation-atan = The derivative of the inverse of the tangent.

# Under the derivative of tan(a). Variables: $quotient, $forms (formulas in a).
activation-tan = The quotient rule for { $quotient }: { $forms }.

# Under the derivative of sinh(a).
activation-sinh = Half the difference of two exponentials becomes half their sum.

# Under the derivative of cosh(a).
activation-cosh = Half the sum of two exponentials becomes half their difference.

# Under the derivative of log1p(a). Variables: $place (formulas in a).
activation-log1p = The derivative of the logarithm, at { $place }.

# Under the derivative of expm1(a).
activation-expm1 = The exponential is its own derivative; the constant has none.

# Under the derivative of norm_root(a). Variables: $slope (formulas in a).
activation-norm_root =
    The power rule with exponent 1/2 under a sum of squares; where all of them are 0 the slope is taken as 0, so a
    vector of zeros gets no gradient through its norm. There { $slope } stands for 0.

# Under the derivative of softsign(a).
activation-softsign = Quotient rule, on either side of 0.

# Under the derivative of normal_cdf(a).
activation-normal_cdf = The density is the derivative of the distribution function.

# Of a function that has no sentence of its own.
by-definition = From the definition of the function.

# Of a derivative that is left out where it stands in a softmax.
left-out-pivot =
    A softmax subtracts the largest entry so that no exponential overflows. Whatever is subtracted from every entry,
    the softmax is the same: its derivative by the number subtracted is 0, and that path is left out. The proof of
    this cell does not leave it out: it differentiates through the largest entry, and finds the same.

## 3. The loss, the readout and the sum over time.

# Heading of the third section.
loss-heading = 3. The loss, the readout and the sum over time

# Under the loss as a sum over steps. Variables: $results (what the loss reads), $summand (the loss of a step), $loss.
loss-steps =
    Every step may contribute to the loss, and step t does so through { $results } alone. A loss on the last step is the
    case in which all other { $summand } are 0. For a batch, { $loss } is also summed over its sequences; they do not
    touch each other, so everything below is written for one.

# Of a cell without states.
loss-no-state = The cell has no state: nothing comes back from later steps, and each step stands for itself.

# Under the chain rule through a readout. Variables: $readout (p = V h + b), $scores (p).
loss-readout =
    If a readout { $readout } stands between state and loss, the chain rule passes through it here and nowhere else. With
    cross-entropy on softmax({ $scores }) the last factor is the difference between the predicted and the true distribution.

# Before the adjoints of the states. Variables: $state, $direct (its direct derivative), $total (its adjoint, as the total
# derivative), $later (the same state one step later).
loss-two-derivatives =
    Two derivatives by { $state } must be kept apart. The direct one, { $direct }, asks how this step's own loss changes
    while everything later is held. The total one, the adjoint { $total }, lets the change run on: { $state } also goes
    into { $later }, and through it into every later loss. What later steps send back is marked by an arrow.

# The same, where the loss does not read that state. Variables: $direct (its direct derivative), $later (the same state
# one step later), $state (a letter), $total (its adjoint, as the total derivative).
loss-two-derivatives-unread =
    Two derivatives by { $state } must be kept apart. The direct one, { $direct }, asks how this step's own loss changes
    while everything later is held (here it is 0). The total one, the adjoint { $total }, lets the change run on:
    { $state } also goes into { $later }, and through it into every later loss. What later steps send back is marked by an
    arrow.

# Under the adjoint of an output. Variables: $output.
loss-output = { $output } is no state: no later step reads it.

# After the adjoints of the states. Variables: $states (those of which it holds), $count (of them).
loss-read-again =
    { $states } { $count ->
        [one] is
       *[other] are
    } read once more within the same step; the adjoint therefore has a further term, and its line stands in section 4.

# Under the adjoint of a state that the loss reads. Variables: $state, $start (what comes back at the last step: 0).
loss-arrival-read =
    { $state } reaches the loss in two ways, directly and through the next step: the two add. At the last step nothing
    comes back: { $start }.

# Under the adjoint of a state that the loss does not read. Variables: $state, $start.
loss-arrival =
    The loss does not read { $state } itself; it matters only through the next step. At the last step nothing comes back:
    { $start }.

# Under the shares of a state that is read at several delays. Variables: $state, $steps (1, 2 and 5).
loss-shares = { $state } is read again { $steps } steps later; each of those steps sends back its share.

## 4. The adjoint recursion.

# Heading of the fourth section.
adjoint-heading = 4. The adjoint recursion

# The same, of a cell without states.
adjoint-heading-no-state = 4. The adjoint of one step

# Its first paragraph.
adjoint-intro =
    The statements of the step are passed in reverse order. When the turn of a quantity comes, everything that reads it
    has been passed, so its adjoint is complete: the sum, over all that read it, of their adjoint times the local
    derivative.

# Its last paragraph. Variables: $lines (numbers of lines), $start (t = T), $end (t = 1).
adjoint-end =
    The last lines are what the steps before receive: with the time shifted they enter { $lines }, and the recursion runs
    from { $start } down to { $end }. What comes out at the end is the gradient for the initial state.

# Under a line that has no quantity of the cell on its left.
adjoint-term = A term that a sum over entries will collect in the next lines.

## 5. The gradient of every parameter.

# Heading of the fifth section.
gradient-heading = 5. The gradient of every parameter

# Its first paragraph.
gradient-intro =
    A parameter is the same at every step. Changing it changes every step at once, so its gradient is the sum over time of
    what the single steps contribute (and, for a batch, over its sequences).

# Above gradients of the same kind as the one before, which is an outer product.
gradient-alike-outer = In the same way, each matrix with the vector that it multiplies:

# Above gradients of the same kind as the one before, which is that of a bias.
gradient-alike-bias = In the same way:

# Heading above the gradient for the input.
gradient-input-heading = The gradient for the input

# Under that heading.
gradient-input = Training the cell does not need it, but the layer below does, and it shows what the loss is sensitive to.

# Under the gradient for an input that is read at several delays.
gradient-input-shares = The input is read at several delays; each reading step sends back its share.

# Heading above the recursion without words.
glance-heading = The backward pass at a glance

# Under it; the lines follow. Variables: $start (t = T), $end (t = 1).
glance-intro = From { $start } down to { $end }, in this order:

# Under the lines.
glance-end = Each step adds its term to the sums over time above.

## Reasons of single lines of the sections on adjoints and gradients.

# Of a state that is read again in its own step. Variables: $back (what comes back), $letter (the state).
why-arrival = { $back } comes back from later steps; the rest stays within this step, which reads { $letter } again.

# Of a result that is read again in its own step. Variables: $letter.
why-result = Beside the loss the step itself reads { $letter } again.

# Of a quantity that stands more than once in one formula. Variables: $letter, $reader (what that formula computes).
why-twice = { $letter } enters { $reader } in more than one place; the contributions add.

# Of a quantity that several formulas read. Variables: $letter, $readers (what they compute).
why-several = { $letter } is read by { $readers }; the contributions add.

# Variables: $function (its sign), $number (of the line that has its derivative), $derivative (an equation).
why-chain = Chain rule through { $function }, with ({ $number }): { $derivative }.

# The same, of a function that has no line of its own. Variables: $function, $derivative.
why-chain-unnumbered = Chain rule through { $function }: { $derivative }.

# Instead of the sign of a function that is written without a name.
spoken-absolute = the absolute value

# Instead of the sign of a function that is written without a name.
spoken-sqrt = the square root

# Variables: $by (the quantity), $of (what the sum computes).
why-alone = { $by } stands alone in the sum { $of }: the derivative is 1, the adjoint passes unchanged.

# Variables: $of (what the formula computes), $derivative (an equation).
why-number = In { $of } it stands with a number only: { $derivative }.

# Variables: $derivative (an equation).
why-product = Product rule: { $derivative }.

# Variables: $derivative (an equation).
why-quotient = Quotient and power rule: { $derivative }.

# Where it was explained before. Variables: $number (of that line), $count (matrices).
why-transposed-again =
    As in ({ $number }), { $count ->
        [one] the matrix appears
       *[other] the matrices appear
    } transposed.

# The first time that a matrix acts on a vector. Variables: $result (a[j]), $term (U[j,k] h[k]), $entry (h[k]), $weight
# (U[j,k]), $summand (ā[j] U[j,k]), $index (j), $matrix (transposed), $adjoint (ā).
why-transposed =
    Why transposed: { $result } contains { $term }, so its derivative by { $entry } is { $weight }. The chain rule adds up
    { $summand } over all { $index }, the first index of the matrix, where the forward product summed over the second: that
    is { $matrix } times { $adjoint }.

# The same, for a text whose vectors are rows. Variables: $adjoint (ā), $entry (h[k]), $index (j), $matrix
# (transposed), $result (a[j]), $summand (ā[j] U[k,j]), $term (h[k] U[k,j]), $weight (U[k,j]).
why-transposed-rows =
    Why transposed: { $result } contains { $term }, so its derivative by { $entry } is { $weight }. The chain rule adds up
    { $summand } over all { $index }, the second index of the matrix, where the forward product summed over the first: that
    is { $adjoint } times { $matrix }.

# Of what goes through a maximum.
why-maximum = A maximum passes the adjoint to the entry that attains it; ties share it equally.

# Variables: $sum (of products), $factor (one of them).
why-contraction =
    In the sum { $sum } each entry of { $factor } is multiplied with the other factors: these are its derivative, and the
    adjoint sums over the indices that it does not carry itself.

# Of a matrix of weights. Variables: $result (a[j]), $term (U[j,k] h[k]), $letter (a), $entry (h[k]), $summand (ā[j] h[k]).
why-outer =
    { $result } contains { $term }, and no other entry of { $letter } contains this weight. So the derivative is { $entry },
    and one step contributes { $summand }: all pairs of a row and a column, an outer product.

# Of the right side of a linear system. Variables: $solution, $inverse (the transposed inverse).
why-system =
    { $solution } solves a linear system with this right side: on the way back stands the same system with the transposed
    matrix, { $inverse }.

# Of the matrix of a linear system. Variables: $solution, $matrix.
why-system-matrix =
    { $solution } solves a linear system with the matrix { $matrix }: a change of the matrix moves the right side by minus
    that change times the solution, so its adjoint is minus the right side's adjoint times the solution, transposed.

## 6. The Jacobian of a step.

# Heading of the sixth section.
jacobian-heading = 6. The Jacobian of a step, by blocks and by paths

# Its first paragraph.
jacobian-intro =
    How does a small change of the old state change the new one? Follow every path from the one to the other through the
    equations, multiply the local derivatives along it (the later factor on the left), and add up the paths. The adjoint
    recursion is the product of these Jacobians, transposed, over all later steps.

# Heading above one block. Variables: $result, $source.
jacobian-block = How { $result } depends on { $source }

# Under a block that is 0.
jacobian-none = No path leads from one to the other.

# Column of the table of paths.
jacobian-path = path

# Column of the table of paths.
jacobian-product = product of the factors along it

# Instead of a table that would be long. Variables: $count (paths).
jacobian-many = Written out, these are { $count } paths.

# Under a block in entries.
jacobian-entries = In entries, since the block has more than two indices; δ is 1 where its indices agree, else 0.

# Under a block of one path. Variables: $path.
jacobian-single = There is a single path: { $path }.

# Under a block.
jacobian-sum = The sum of its paths.

# Under a block that is written with blocks above it. Variables: $through (the values that these are of), $count (of them).
jacobian-shared =
    The sum of its paths; those through { $through } share what stands above for { $count ->
        [one] it
       *[other] them
    }.

# Heading above the paths that pass no matrix.
highway-heading = The highway

# Under that heading.
highway-intro =
    Among these paths some pass no matrix: on them each entry of the state goes its own way, multiplied by a number and
    mixed with no other entry. Such a path is called a highway here. The whole gradient is a sum over all paths; the
    highway is the one part of it that no weight matrix shrinks or blows up.

# Of one state. Variables: $state, $routes (the paths), $count (of them), $factor.
highway-of =
    The highway of the state { $state } { $count ->
        [one] is
       *[other] consists of
    } { $routes }, with the factor { $factor }.

# Of a state whose factor was discussed before.
highway-again = It is the same factor as above, and the same holds of it.

# Under the product of the factor over several steps. Variables: $lag (a letter).
highway-steps =
    Along the highway each entry meets its own factor once in every step, and no matrix comes between: over { $lag } steps
    the factors multiply.

# Of a factor that is 1.
highway-one = The factor is 1: along the highway the gradient neither shrinks nor grows, whatever the weights are.

# Of a factor that nothing moves. Variables: $value (a number).
highway-constant = The factor is the same number at every step, { $value }.

# Of a factor with a lower bound alone. Variables: $low (a number).
highway-above =
    The factor is never below { $low }, and nothing bounds it above. Where its size stays below 1 the product dies out
    geometrically, where it stays above 1 it explodes.

# Of a factor with an upper bound alone. Variables: $high (a number).
highway-below =
    The factor is never above { $high }, and nothing bounds it below. Where its size stays below 1 the product dies out
    geometrically, where it stays above 1 it explodes.

# Of a factor that the equations do not bound.
highway-unbounded =
    The structure alone does not bound this factor. Where its size stays below 1 the product dies out geometrically, where
    it stays above 1 it explodes.

# Of a factor that stays below 1 in size. Variables: $low, $high (numbers).
highway-shrinks =
    The factor lies between { $low } and { $high }, whatever the weights are: along the highway a gradient can shrink but
    never grow.

# Of a factor that reaches 1 in size. Variables: $low, $high.
highway-shrinks-to-one =
    The factor lies between { $low } and { $high }, whatever the weights are: along the highway a gradient can shrink but
    never grow. It lives as long as the factor stays close to 1.

# Of a factor that reaches 1 in size, and 0. Variables: $low, $high.
highway-shrinks-to-zero =
    The factor lies between { $low } and { $high }, whatever the weights are: along the highway a gradient can shrink but
    never grow. It lives as long as the factor stays close to 1, and a single step with the factor 0 ends it.

# Of a factor that exceeds 1 in size. Variables: $low, $high.
highway-grows = The factor lies between { $low } and { $high }: above 1 in size the product grows, below 1 it dies out.

# Of a gate that is the factor: when it is open. Variables: $open (f = 1), $argument (of the gate).
highway-open = { $open }: the gradient passes unchanged. The gate is a sigmoid, so this takes a large { $argument }, such as a positive bias gives.

# The same of a gate whose complement is the factor. Variables: $open (z = 0), $argument.
highway-open-complement =
    { $open }: the gradient passes unchanged. The gate is a sigmoid, so this takes a very negative { $argument }, such as a
    negative bias gives.

# When it is closed. Variables: $closed (f = 0).
highway-closed = { $closed }: nothing passes. The state is overwritten, and the gradient to the past ends here, as it should.

# What it does before training. Variables: $argument (of the gate), $rest (2 to the power −k), $lag (k), $hundred (a number).
highway-untrained =
    Before training, with small weights and no bias, { $argument } is near 0 and the gate near 1/2: the highway halves the
    gradient at every step and leaves { $rest } of it after { $lag } steps, { $hundred } after 100. That there is a gate
    keeps nothing alive; where it stands does.

# What bias keeps half of a gradient. Variables: $factor, $bias, $small and $medium (biases), $rest_of_small and
# $rest_of_medium (what these leave).
highway-bias =
    To keep half of a gradient over 100 steps, the factor { $factor } has to be 0.9931: a bias of { $bias }. A bias of
    { $small } (factor 0.731) leaves { $rest_of_small } of it, a bias of { $medium } (factor 0.881) { $rest_of_medium }.

# Of a cell without a highway.
highway-none =
    There is none: every path from an old state to its next value passes a matrix, or a sum over entries, or another
    state. Over many steps the Jacobian is a product of as many matrices, each scaled by derivatives of the functions.

# Under the product of Jacobians over several steps. Variables: $lag (a letter), $bound (γ to its power).
highway-none-chain =
    The chain rule over { $lag } steps; the factor of the latest step stands on the left. If every factor has a norm below
    some γ < 1, the product has a norm below the power { $bound }: the gradient dies out geometrically. If the factors
    stretch it may explode. Nothing in the equations holds the balance.

## 7. What to remember.

# Heading of the last section.
memory-heading = 7. What to remember

# The same, of a cell without states, whose page has no section on a Jacobian.
memory-heading-no-state = 6. What to remember

# Of a state with a highway. Variables: $source (before the step), $after, $factor.
memory-highway = The path from { $source } to { $after } without a matrix has the factor { $factor }.

# The same, where one gate is the factor. More variables: $kept (f = 1). More variables: $after (after it), $factor (of
# the path), $source (before the step).
memory-highway-gate =
    The path from { $source } to { $after } without a matrix has the factor { $factor }. What keeps the gradient alive is
    { $kept }.

# Of states without a highway. Variables: $states.
memory-no-highway = Every path from { $states } to its next value passes a matrix or another state.

# Of a cell with weight matrices.
memory-transposed =
    On the way back each weight matrix appears transposed, because forward and backward pass exchange the index that is
    summed; its own gradient is an outer product, summed over time.

# Of every cell.
memory-order =
    An adjoint is complete only when everything that reads the quantity has been passed; that is why the backward pass
    takes the statements in reverse order.

# Of gates whose complement the cell needs. Variables: $forms (equations).
memory-stable-gates =
    Stable forms: { $forms }. The difference on the left rounds to 0 when the gate saturates; the right side keeps its
    digits. The engine finds them because it writes the derivative of σ as σ(a) σ(−a), and because it knows which names
    stand for gates.

# Of derivatives of the hyperbolic tangent. Variables: $forms (equations).
memory-stable-tanh =
    Stable forms: { $forms }. The derivative of tanh is stated as sech², which does not round to 0 where tanh rounds to 1.

# Heading of the section on starts.
starts-heading = Where every adjoint starts

# First paragraph of the section on starts. Variables: $arrows (formulas that are 0), $last (t = T).
starts = The recursion runs backwards, so it starts at the last step, { $last }. No step comes after it, and what later steps send back is 0: { $arrows }. All else is computed, from what the loss and the step itself give:

# Item below it, for a state that is read several steps later. Variables: $zero (its share is 0), $since (t > T − k), $lag.
starts-delayed = { $zero } for { $since }: no step stands { $lag } steps later.

# Head of the table of starts, first column.
starts-adjoint = adjoint

# Head of the table of starts, second column. Variables: $last (t = T).
starts-at-last = at { $last }

# Head of the table of starts, third column. Variables: $last (t < T).
starts-before = at { $last }

# Item below the table of starts. Variables: $direct (derivatives by what the loss reads), $last (the letter T).
starts-loss = The loss enters through { $direct } and nowhere else. A loss at every step enters at every step; a loss on the last step alone enters at step { $last }, and before it these derivatives are 0.

# Item below the table of starts: a state with nothing at the last step. Variables: $adjoint, $letter (of the state at T).
starts-at-zero = { $adjoint } is 0: neither the loss nor anything else in the last step reads { $letter }. Its adjoint begins one step earlier, with what the last step sends back.

# Item below the table of starts: a state that the step itself reads again. Variables: $adjoint, $letter (at T).
starts-within = { $adjoint } has a term, although the loss does not read { $letter } and nothing comes back: the last step itself reads { $letter } on its way to what the loss reads. Who starts it with 0 loses the gradient of the last step.

# Item below the table of starts, on parameters.
starts-sums = The gradients of parameters start at 0, and every step adds its term.

# Item below the table of starts. Variables: $arrows (what arrives before the first step).
starts-initial = The recursion ends with { $arrows }: the gradient for the initial state. Where that is a constant, such as 0, it is not needed.

# The same for a cell with longer delays.
starts-initial-delayed = The recursion ends with what is sent to the steps before the first: the gradients for the initial states. Where these are constants, such as 0, they are not needed.

# Heading of the section on truncation.
truncation-heading = Truncated back-propagation through time

# First paragraph of the section on truncation. Variables: $chunk (a letter, the length of a chunk).
truncation = A long sequence is often divided into chunks of { $chunk } steps. The forward pass hands its states on from chunk to chunk and is the same as before. The backward pass takes the states with which a chunk begins as numbers that are given, and hands no adjoint to the chunk before. So only these quantities are cut:

# Below the formulas that are cut, which say at which steps they hold.
truncation-where = These are the last steps of the chunks. At all other steps, and in every other line of the recursion, nothing changes.

# The same for a cell with longer delays.
truncation-where-delayed = A share is cut wherever the step that sends it stands in a later chunk than the one that receives it. All other shares, and every other line of the recursion, stay as they are.

# Above the two double sums. Variables: $copy (the parameter as step t uses it), $letter (the parameter).
truncation-sums = Which sums become shorter? Write { $copy } for { $letter } as step t uses it. Every loss depends on it at every step up to its own:

# Reason of the first double sum.
truncation-sum-whole = Back-propagation through time: every loss goes back to the first step.

# Reason of the second double sum. Variables: $first (a function of τ), $loss (ℓ_τ).
truncation-sum-cut = { $first } is the first step of the chunk in which step τ stands: { $loss } goes back to the beginning of its chunk and no further. No rule makes the terms small that are left out: they are those of causes in an earlier chunk.

# Item below the double sums, on states. Variables: $adjoints (formulas), $last (the letter T), $count (of adjoints).
truncation-states = { $adjoints } { $count ->
    [one] counts the losses from its own step to step { $last }; where it is cut, those to the end of its chunk.
   *[other] count the losses from their own step to step { $last }; where they are cut, those to the end of their chunk.
}

# Item below the double sums, on parameters that act on a state. Variables: $gradients (formulas), $last (the letter T).
truncation-acting = { $gradients }: the sum still runs over all steps from 1 to { $last }, and every term of it has a shortened adjoint.

# Item below the double sums, on parameters that act on no state. Variables: $gradients (formulas), $count (of them).
truncation-free = { $gradients } { $count ->
    [one] does not change: the parameter acts on no later step.
   *[other] do not change: the parameters act on no later step.
}

# Item below the double sums, on the initial state. Variables: $gradients (formulas), $count (of them).
truncation-initial = { $gradients }, for the initial state, { $count ->
    [one] counts the losses of the first chunk alone.
   *[other] count the losses of the first chunk alone.
}

# Item below the double sums. Variables: $whole, $kept (numbers of terms), $sizes (T = 1000 and K = 100), $share (10 %).
truncation-count = Of { $whole } pairs of a loss and a step before it (or its own) { $kept } are left, if the chunks are of one length; for { $sizes } these are { $share }.

# Item below the double sums, for a cell with a highway.
truncation-highway = What lies further back than the beginning of a loss's chunk gets no gradient from it, whatever the gates do: a highway that is open carries nothing across a cut.

# Item below the double sums, for a cell without a highway.
truncation-far = What lies further back than the beginning of a loss's chunk gets no gradient from it, whatever the weights are.

# Item below the double sums, on windows that overlap. Variables: $often, $far (letters: k_1, k_2), $longer (k_2 > k_1), $least (k_2 − k_1).
truncation-near = The first loss of a chunk goes back to its own step alone. Windows that overlap mend this: every { $often } steps one goes back { $far } steps, with { $longer }, and each loss goes back { $least } steps at least (Williams and Peng 1990).

# Item below the double sums, on updates.
truncation-updates = The backward pass needs the values of one chunk at a time, which is why one cuts. Where parameters are updated after every chunk, the terms of one sum also belong to different parameters.

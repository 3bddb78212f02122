### The room course: a worked example with numbers, slides, exercises.

# Title of the page of a worked example. Variables: $cell (the name of a cell).
example-title = A worked example: { $cell } with numbers

# Heading of its first section.
example-given-heading = 1. What is given

# First paragraph. Variables: $steps (how many), $sizes (a formula such as m = 1, n = 2), $seed (of the numbers).
example-given = { $steps ->
    [one] One step of a sequence, with { $sizes }.
   *[other] A sequence of { $steps } steps, with { $sizes }.
} All numbers that are given are round (drawn with the seed { $seed }) and exact as they stand here; what is computed from them is rounded to four decimals, or to four digits with a power of ten. Nothing is rounded on the way.

# The same where no dimension has a name. Variables: $seed (of the numbers), $steps (how many).
example-given-no-sizes = { $steps ->
    [one] One step of a sequence.
   *[other] A sequence of { $steps } steps.
} All numbers that are given are round (drawn with the seed { $seed }) and exact as they stand here; what is computed from them is rounded to four decimals, or to four digits with a power of ten. Nothing is rounded on the way.

# Above the typeset equations.
example-equations = The equations:

# Above the parameters; left out of a cell without parameters.
example-parameters = The parameters:

# Above inputs and states before the first step.
example-rows = The inputs, and what stands before the first step. It is not zero, so that every term of every equation acts from the first step on:

# Above inputs, in a cell without state.
example-rows-no-state = The inputs:

# What the loss is. Variables: $loss (its letter), $direct (its derivative).
example-loss = The loss is { $loss }: at each step half the squared distance from a target. So its direct derivative is { $direct }. The targets:

# Heading of the forward pass.
example-forward-heading = 2. Forward

# Heading of one step of either pass. Variables: $t (a formula, t = 1).
example-step-heading = Step { $t }

# Above values that no step changes.
example-constants = Made of parameters alone, the same at every step:

# Heading of the backward pass.
example-backward-heading = 3. Backward

# Under it. Variables: $last (the formula t = 2).
example-backward = From { $last } down to the first step; each line uses those above it, and values of the forward pass.

# At the last step. Variables: $arrows (formulas that are zero, in a list).
example-nothing-arrives = No later step sends anything back: { $arrows }.

# At the other steps. Variables: $arrows (formulas with their values, in a list).
example-arrived = What came back from later steps: { $arrows }.

# Heading of the gradients.
example-gradients-heading = 4. Gradients

# Above the gradients of parameters.
example-gradients = Each step adds its term, in the order of the steps:

# Above gradients of what stands before the first step.
example-initial = What arrives before the first step is the gradient for the initial state:

# Above the gradient of the input.
example-inputs = The gradient for the input:

# Heading of the comparison with truncated back-propagation.
example-truncated-heading = 5. The same, cut after every step

# Under it, page of a worked example.
example-truncated = Truncated to one step at a time, the forward pass is the same, and what a later step would send back is taken as 0. The gradients that remain:

# Head of its table: parameter.
example-truncated-parameter = gradient

# Head of its table: the whole gradient.
example-truncated-whole = whole

# Head of its table: what truncation leaves.
example-truncated-left = cut after every step

# Under the table where no gradient changes.
example-truncated-same = None of them changes: no parameter acts on a later loss through a state.

# Heading of the block of Python.
example-python-heading = The numbers, to be pasted

# Heading of the block of Python where there is nothing to cut. Variables: $loss (a letter), $value (a number).
example-python = As lists of Python; a matrix row by row, the rows of an input step by step. Here { $loss } = { $value }.

# Title of the first slide of a cell of a person's own, and of the file. Variables: $cell (the name of a cell).
slides-title = { $cell }: one step forward and back

# Above the first slide, which has the whole drawing.
slides-overview = The cell

# Above a slide of the forward pass. Variables: $number (of the equation), $count (of equations).
slides-forward = Forward, equation { $number } of { $count }

# Above a slide of the backward pass. Variables: $number (of the line), $count (of lines).
slides-backward = Backward, line { $number } of { $count }

# Above a slide of a gradient. Variables: $number (of the gradient), $count (of gradients).
slides-gradient = Gradients, { $number } of { $count }

# Head of the table of symbols on a slide: letters.
slides-symbol = symbol

# Head of the table of symbols on a slide: shapes.
slides-shape = shape

# Head of the table of symbols on a slide: meanings.
slides-meaning = what it is

# In the table of symbols on a slide: a state that the equation reads.
slides-state = state before the step

# Title of the page of exercises. Variables: $cell (the name of a cell).
exercises-title = Exercises: the gradient of { $cell }

# Title of the page with solutions alone. Variables: $cell (the name of a cell).
solutions-title = Solutions: the gradient of { $cell }

# First paragraph of the page of exercises. Variables: $count (of exercises), $seed (by which they were drawn).
exercises-intro = { $count ->
    [one] One exercise
   *[other] { $count } exercises
}, drawn with the seed { $seed } from the derivation of the cell; letters and signs are those of its derivation. A bar is an adjoint, the derivative of the loss by what stands below it; an arrow marks what later steps send back.

# Heading of one exercise. Variables: $number (of the exercise).
exercise-heading = Exercise { $number }

# Label of a solution. Variables: $number (of the exercise).
solution-label = Solution { $number }

# Heading above all solutions at the end of the page.
solutions-heading = Solutions

# Exercise: a formula follows in which a box stands for a term or factor.
exercise-fill = Fill in what belongs in the box:

# Its solution, before the whole formula. Variables: $part (what belongs in the box).
solution-fill = In the box belongs { $part }:

# Exercise: a formula follows that lacks a path. Variables: $of, $by (letters of a state after and before the step).
exercise-path = This is not how { $of } depends on { $by }: one path from { $by } to { $of } is missing. Which one, and what is its factor?

# Its solution. Variables: $route (the path), $factor (the product of the factors along it).
solution-path = The path { $route }, with the factor { $factor }.

# Exercise on a gate of a highway. Variables: $gate (its letter), $open, $closed (gate = 1, gate = 0), $state (a letter), $steps.
exercise-gate = The gate { $gate } stands on the highway of the state. Let all its entries be { $open } at every step: what becomes of the line of { $state }, and what of the gradient that goes along the highway? And at { $closed }? With which factor is half of that gradient left after { $steps } steps?

# The same where the highway has further factors, so that no gate alone decides. Variables: $gate (its letter), $open, $closed (gate = 1, gate = 0), $state (a letter).
exercise-gate-among-others = The gate { $gate } stands on the highway of the state, beside other factors. Let all its entries be { $open } at every step: what becomes of the line of { $state }, and what of the factor of the highway? And at { $closed }?

# Solution of the exercise on a gate, above the line of the state. Variables: $gate (gate = 1).
solution-gate-update = At { $gate } the line becomes

# Solution of the exercise on a gate: along the highway. Variables: $gate (gate = 1), $factor (of the highway).
solution-gate-factor = At { $gate } the factor of the highway is { $factor }, in each step again.

# Solution of the exercise on a gate: its bias. Variables: $keep (a factor), $steps, $bias (a number), $left (a small number).
solution-gate-half = Half is left after { $steps } steps where the factor is { $keep }: if the gate has nothing but its bias, a bias of { $bias }. Without a bias the factor is one half, and after { $steps } steps { $left } is left.

# Exercise with numbers, above what is given. Variables: $line (the letter of an adjoint at a step).
exercise-number = Compute { $line } by hand from these numbers:

# The same where an exercise before it asks for some of the numbers. Variables: $line, $found (letters).
exercise-number-after = Compute { $line } by hand from { $found }, which was asked for before, and from these numbers:

# The same where exercises before it ask for all of the numbers. Variables: $line, $found (letters).
exercise-number-again = Compute { $line } by hand from { $found }, which was asked for before.

# Solution of the exercise with numbers, below the formula.
solution-number = Three decimals are enough: what is given is rounded to four.

# Exercise on the last step. Variables: $adjoint (at the last step), $last (the letter T), $reads (what the loss reads there).
exercise-start = The loss stands on the last step alone, { $last }, and reads { $reads }. What is { $adjoint }?

# Its solution, above the formula. Variables: $arrow (an arrow = 0).
solution-start = No step comes after the last one: { $arrow }. What is left of the line is

# Exercise on truncation. Variables: $steps, $chunk (counts of steps), $loss (a loss with its step).
exercise-truncation = A sequence of { $steps } steps is back-propagated in chunks of { $chunk } steps. To which steps does { $loss } send a gradient? How many of all pairs of a loss and a step at or before it are left?

# Its solution. Variables: $loss, $first, $last (steps), $kept, $whole (counts of pairs).
solution-truncation = { $loss } reaches the steps { $first } to { $last }: the beginning of its chunk, and no further. Of { $whole } pairs { $kept } are left.

# A second paragraph of that solution. Variables: $example (a parameter's letter).
solution-truncation-sums = The gradient of { $example } is still a sum over all steps; its terms have adjoints that count fewer losses.

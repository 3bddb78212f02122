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

# The same where no dimension has a name.
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

# What the loss is. Variables: $loss (its letter), $of-step (the loss of one step as a formula), $direct (its derivative).
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

# Heading of the block of Python where there is nothing to cut.
example-python = As lists of Python; a matrix row by row, the rows of an input step by step. Here { $loss } = { $value }.

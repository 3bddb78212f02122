### The drawing of a cell: `gatedsym derive CELL --diagram`, with or without --steps.

# The title that a file of a drawing carries, and the text in its place where pictures are not shown. Variables: $cell.
title = The cell { $cell }

# Above the panels of --steps. Variables: $cell, $seed (a number), $units (how many).
steps-about = { $cell }: one step with numbers drawn at random (seed { $seed }), { $units } units, two decimals

## The legend: behind a sample of each symbol that occurs, in small type. Short, for several stand in a line.

# Behind a wide line.
legend-highway = highway: direct path of a state, without a matrix

# Behind a bow tie.
legend-valve = valve: a gate multiplies what flows through

# Behind a box in the colour of gates.
legend-gate = gate

# Behind a box with an f.
legend-function = function of the sum of what enters

# Behind a box without a name.
legend-several = several operations: see the equations

# Behind a box with a W.
legend-affine = weighted sum of what enters

# Behind a filled square on a wire.
legend-matrix = times a matrix

# Behind a hollow square on a wire.
legend-elementwise = times a vector or number, elementwise

# Behind an upright bar on a wire.
legend-join = read together, each with a matrix of its own

# Behind the sign of a sum.
legend-plus = sum

# Behind a dot in a ring.
legend-times = elementwise product

# Behind the sign of an outer product.
legend-outer = outer product

# Behind the sign of a quotient.
legend-divide = elementwise quotient

# Behind a round box with a letter.
legend-scale = times

# Behind a round box with a one and a minus.
legend-complement = one minus

# Behind a round box with a plus and a letter.
legend-offset = plus

# Behind a box with a dot.
legend-contract = matrix or inner product

# Behind a box with the word solve.
legend-solve = solution of a linear system

# Behind a thin bar on a wire.
legend-copy = another name

# Behind an empty box.
legend-constant = made of parameters alone

# First line of the drawing. Variables: $cell (the name of a cell).
backward-title = { $cell }: the way of the gradient to earlier steps

# Second line of the drawing, the run. Variables: $sizes (such as n = 32, m = 8), $steps, $seed, $initialisation (a sentence's part in words below).
backward-run = Untrained, { $sizes }, { $steps } steps with a loss on the last, { $initialisation }, seed { $seed }; averages over the steps

# Part of the second line: weights from U(±1/√n), biases too.
backward-run-plain = U(±1/√n)

# Part of the second line: the same with the bias of the gates that retain. Variables: $bias (a number).
backward-run-retention = U(±1/√n) with retention bias { $bias }

# Legend beside a thick line. Variables: $percent (a number).
backward-share = { $percent } % of the gradient passes here

# Legend beside a dashed line: a share below zero.
backward-against = against the rest: it is taken away

# Legend beside a thin grey line: to inputs, or less than half a percent.
backward-none = no part of it, or under half a percent

# Legend beside the filled square: a matrix.
backward-transposed = times the transposed matrix

# Title of the file of a drawing of the backward pass, and what stands for it. Variables: $cell (the name of a cell).
backward-file-title = The backward pass of { $cell }

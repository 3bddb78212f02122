### Words in the drawing of a cell's backward pass.

# First line of the drawing. Variables: $cell (the name of a cell).
title = { $cell }: the way of the gradient to earlier steps

# Second line of the drawing, the run. Variables: $sizes (such as n = 32, m = 8), $steps, $seed, $initialisation (a sentence's part in words below).
run = Untrained, { $sizes }, { $steps } steps with a loss on the last, { $initialisation }, seed { $seed }; averages over the steps

# Part of the second line: weights from U(±1/√n), biases too.
run-plain = U(±1/√n)

# Part of the second line: the same with the bias of the gates that retain. Variables: $bias (a number).
run-retention = U(±1/√n) with retention bias { $bias }

# Legend beside a thick line. Variables: $percent (a number).
share = { $percent } % of the gradient passes here

# Legend beside a dashed line: a share below zero.
against = against the rest: it is taken away

# Legend beside a thin grey line: to inputs, or less than half a percent.
none = no part of it, or under half a percent

# Legend beside the filled square: a matrix.
transposed = times the transposed matrix

### Two sections of a derivation page: where every adjoint starts, and truncated back-propagation through time.

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

### `gatedsym check`: which equation of a hand-written backward pass is wrong.
### $equation is a letter such as ā_f or W̄_f, or several with commas between them; formulas are printed as they are.

## The first line of an answer.

# The first line where everything agrees. Variables: $cell (the cell's name), $count (how many), $function (her
# function, by its name).
right = { $function } is right: all { $count } arrays that it returns are those of the proven adjoint of { $cell }.

# As above, where something that is returned has no name. $left is the number of such arrays. More variables: $cell (the
# cell's name), $count (how many agree), $function (her function, by its name).
right-but-unnamed = { $function } is right as far as it was compared: { $count } arrays are those of the proven adjoint of { $cell }. Not compared, and equal to no adjoint that is missing: { $left ->
    [one] one array without a name.
   *[other] { $left } arrays without a name.
}

# As above, where something that is returned stands for nothing that is known. $names are hers. More variables: $cell
# (the cell's name), $count (how many agree), $function (her function, by its name).
right-but-unknown = { $function } is right as far as it was compared: { $count } arrays are those of the proven adjoint of { $cell }. Not compared: { $names }.

# As above, where a note follows that says in which way they are not the whole adjoint: truncated, clipped in the end.
# Variables: $cell (the cell's name), $count (how many), $function (her function, by its name).
right-apart = { $function } is right by a convention of its own: { $count } arrays that it returns are those of the proven adjoint of { $cell }, apart from what is noted below.

# Everything agrees with a cell that differs from the one named by a convention. $name is that of a cell of the
# library, $left the number of arrays without a name. More variables: $cell (the cell's name), $function (her function,
# by its name).
right-of-other = { $left ->
    [0] { $function } is right, and it is { $name } rather than { $cell }: its forward pass is that of { $name }.
   *[other] { $function } is right as far as it was compared, and it is { $name } rather than { $cell }: its forward pass is that of { $name }. Arrays without a name, equal to no adjoint that is missing and not compared: { $left }.
}

# Everything agrees, with a step of the forward pass that is another. Variables: $function (her function, by its name).
right-for-forward = The backward pass { $function } is right for the forward pass as it stands.

# The backward pass is that of the cell, and the forward pass is not. Variables: $cell (the cell's name), $function (her
# function, by its name).
right-for-cell = The backward pass { $function } is that of { $cell }: it is the forward pass that must be mended.

# The forward pass differs. The equation and the suspects follow. Variables: $cell (the cell's name), $function (her
# function, by its name).
forward-wrong = The forward pass { $function } is not that of { $cell }: it gives other numbers.

# As above, where no slip that is tried gives her numbers. $deviation is a relative number such as 0.3. More variables:
# $cell (the cell's name), $function (her function, by its name).
forward-unexplained = The forward pass { $function } is not that of { $cell }: its states differ by { $deviation } of their size, and no single slip that was tried gives its numbers. Compare its lines with the equations of the cell first; the backward pass is read after that.

# The backward pass differs. Variables: $cell (the cell's name), $equation (the adjoints on the left, in letters, such
# as ā_f), $function (her function, by its name).
backward-wrong = { $function } is not the adjoint of { $cell }. Going backward, the first equation that is wrong is that of { $equation }.

# As above, where a slip beyond single equations explains it. Variables: $cell (the cell's name), $function (her
# function, by its name).
backward-wrong-sum = { $function } is not the adjoint of { $cell }.

# What agrees, below the first line. $names are names of her arrays. More variables: $count (how many).
agree = { $count ->
    [0] None of its arrays agrees.
   *[other] These agree: { $names }.
}

# What differs, below the first line. $names are names of her arrays.
differ = These differ: { $names }.

# Several explanations follow, numbered. Variables: $count (how many).
same-evidence = { $count } slips leave this same evidence; the likely one first:

# Nothing that is tried gives any of her numbers. Variables: $equation (the adjoint on the left, in letters).
unknown-slip = No slip that was tried gives these numbers. Look first at the equation of { $equation }: it is the first, going backward, whose result differs while what goes into it agrees.

# Nothing explains all numbers, but an array inside her function is wrong while what goes into it is right. $name is
# hers, $equation an equation. More variables: $function (her function, by its name).
first-wrong-inside = No slip that was tried gives these numbers. Inside { $function }, { $name } is the first, going backward, that is wrong while what goes into it is right; derived: { $equation }.

# An array of another shape. Variables: $expected (a shape), $found (a shape), $function (her function, by its name),
# $name (of her array), $of (what the adjoint belongs to).
shape = { $function } returns { $name } with shape { $found }, and { $of } has { $expected }: an adjoint has the shape of what it belongs to.

# As above, where the transposed array is right. Variables: $expected (a shape), $found (a shape), $function (her
# function, by its name), $name (of her array), $of (what the adjoint belongs to).
shape-transposed = { $function } returns { $name } with shape { $found }, and { $of } has { $expected }: it is the transpose of what it should be.

## Labels before lines of an answer.

# Before the cell's line, as it was typed.
label-line = line:

# Before an equation of the adjoint as derived.
label-ours = derived:

# Before the same equation as hers must be.
label-hers = yours:

# Before a note.
label-note = Note:

## Notes: what was recognised.

# Gates stand in one matrix. $order is such as i f o g.
note-order = the gates stand in the order { $order }.

# Parameters' adjoints are means over the batch.
note-mean-batch = parameters' adjoints are divided by the number of sequences: those of a mean over the batch, where ours is a sum.

# Parameters' adjoints are means over steps.
note-mean-steps = parameters' adjoints are divided by the number of steps: those of a mean over time, where ours is a sum.

# Parameters' adjoints are means over both.
note-mean-batch-steps = parameters' adjoints are divided by the number of steps and sequences: those of a mean, where ours is a sum.

# Every loss goes back a few steps. $steps is their number.
note-truncated-each = this is truncated back-propagation through time, right as that: each loss goes back { $steps } { $steps ->
    [one] step
   *[other] steps
} beyond its own, where the whole adjoint goes back to the first.

# Blocks of steps. $steps is their length.
note-truncated-blocks = this is truncated back-propagation through time, right as that: no adjoint goes from one block of { $steps } steps into the one before it.

# The last steps alone. $steps is their number.
note-truncated-end = this is truncated back-propagation through time, right as that: the pass goes back through the last { $steps } steps alone.

# Gradients of a loss inside the pass are clipped in the end. $bound is a number such as 5.
note-clipped = the gradients are clipped at { $bound } in the end; below that they are the adjoint.

# A loss inside the pass. $over says what it is divided by, a word such as batch or batch-steps, or sum; $last is True or False.
note-loss-softmax = the loss inside is the cross-entropy of a softmax, { $last ->
    [True] at the last step, { $over ->
        [sum] summed over sequences
       *[other] divided by a number of them
    }
   *[other] { $over ->
        [sum] summed over steps and sequences
        [steps] divided by the number of steps
        [batch] divided by the number of sequences
        [batch-steps] divided by the number of steps and sequences
        [twice] without a half, summed over steps and sequences
        [all] divided by the number of all entries
        [twice-all] without a half, divided by the number of all entries
        [size] divided by the number of entries of a step
        [twice-steps] without a half, divided by the number of steps
       *[other] without a half, divided by the number of sequences
    }
}.

# As above, of squares. Variables: $last and $over as above.
note-loss-squares = the loss inside is half the squared distance, { $last ->
    [True] at the last step, { $over ->
        [sum] summed over sequences
       *[other] divided by a number of them
    }
   *[other] { $over ->
        [sum] summed over steps and sequences
        [steps] divided by the number of steps
        [batch] divided by the number of sequences
        [batch-steps] divided by the number of steps and sequences
        [twice] without a half, summed over steps and sequences
        [all] divided by the number of all entries
        [twice-all] without a half, divided by the number of all entries
        [size] divided by the number of entries of a step
        [twice-steps] without a half, divided by the number of steps
       *[other] without a half, divided by the number of sequences
    }
}.

# As above, of numbers between 0 and 1, one by one. Variables: $last and $over as above.
note-loss-logistic = the loss inside is the cross-entropy of a logistic function, entry by entry, { $last ->
    [True] at the last step, { $over ->
        [sum] summed over sequences
       *[other] divided by a number of them
    }
   *[other] { $over ->
        [sum] summed over steps and sequences
        [steps] divided by the number of steps
        [batch] divided by the number of sequences
        [batch-steps] divided by the number of steps and sequences
        [twice] without a half, summed over steps and sequences
        [all] divided by the number of all entries
        [twice-all] without a half, divided by the number of all entries
        [size] divided by the number of entries of a step
        [twice-steps] without a half, divided by the number of steps
       *[other] without a half, divided by the number of sequences
    }
}.

# Arrays of float32.
note-single = the numbers are float32; they agree to that precision.

# Arrays that stand for nothing known. $names are hers.
note-unknown = nothing is known of { $names }, and nothing is said of it.

# A function beside the backward passes that could not be called. $why is a whole sentence. More variables: $function
# (her function, by its name).
note-unread = { $function } was not checked: { $why }

# The forward pass is that of another cell of the library, and the backward pass was held against that. $name is it.
# More variables: $cell (the cell's name).
note-other = the forward pass is that of { $name } rather than of { $cell }, and the backward pass was held against the adjoint of { $name }.

# Values that have no name in the return statement. $count is their number.
note-unnamed = { $count ->
    [one] one array that it returns has no name, and was compared with nothing: name all values in order with --returns dx,dh_prev,….
   *[other] { $count } arrays that it returns have no names, and were compared with nothing: name all values in order with --returns dx,dh_prev,….
}

# Arrays with inf or nan. $names are hers.
note-not-finite = { $names } holds numbers that are infinite or none (inf, nan).

# The backward pass was checked although the forward pass differs. Variables: $cell (the cell's name).
note-own-forward = the backward pass was held against the adjoint of this forward pass, not of { $cell }.

## Slips of a forward pass.

# The parameters of lines are exchanged. Variables: $line (the left side of a line of the cell, or several with
# commas).
forward-gate-order = The lines { $line } have each other's parameters: the gates stand in another order.

# The gate acts before the matrix where it should act behind it, or the other way round. Variables: $gate (a letter),
# $line (the left side of a line of the cell, or several with commas).
forward-reset = In the line { $line } the gate { $gate } acts on the other side of the matrix: before the product and after it are two cells.

# 1 − z for z. Variables: $gate (a letter), $line (the left side of a line of the cell, or several with commas).
forward-complement = In the line { $line }, { $gate } and 1 − { $gate } have changed places: here { $gate } means the share that is replaced where there it is the share that stays, or the other way round.

# z for 1 − z, once. Variables: $gate (a letter), $line (the left side of a line of the cell, or several with commas).
forward-complement-missing = In the line { $line } stands { $gate } where 1 − { $gate } belongs.

# A bias left out. Variables: $line (the left side of a line of the cell, or several with commas), $term (as it is
# typed).
forward-bias-missing = The line { $line } lacks its bias { $term }.

# A bias that stands outside a bracket. Variables: $line (the left side of a line of the cell, or several with commas),
# $term (as it is typed).
forward-bias-moved = In the line { $line } the bias { $term } stands outside of the bracket that a gate multiplies.

# A line without its function. Variables: $function (its sign, such as tanh), $line (the left side of a line of the
# cell, or several with commas).
forward-activation-missing = In the line { $line } the function { $function } is missing.

# A line with another function. Variables: $function (its sign, such as tanh), $line (the left side of a line of the
# cell, or several with commas), $other (a function's sign, such as tanh).
forward-activation = In the line { $line } the function is { $other } where it should be { $function }.

# The function twice. Variables: $function (its sign, such as tanh), $line (the left side of a line of the cell, or
# several with commas).
forward-activation-twice = In the line { $line } the function { $function } is applied twice.

# A term left out. Variables: $line (the left side of a line of the cell, or several with commas), $term (as it is
# typed).
forward-term-missing = In the line { $line } the term { $term } is missing.

# A term with the other sign. Variables: $line (the left side of a line of the cell, or several with commas), $term (as
# it is typed).
forward-sign = In the line { $line } the term { $term } has the other sign.

# A factor left out. Variables: $factor (as it is typed), $line (the left side of a line of the cell, or several with
# commas).
forward-factor-missing = In the line { $line } the factor { $factor } is missing.

# A matrix transposed. Variables: $line (the left side of a line of the cell, or several with commas), $matrix (a
# letter).
forward-transpose = In the line { $line } the matrix { $matrix } is transposed.

# h of another step. Variables: $hers (what she reads, in letters), $line (the left side of a line of the cell, or
# several with commas), $ours (what belongs there).
forward-wrong-time = The line { $line } reads { $hers } where it should read { $ours }: another step's.

# A line that reads another array. Variables: $hers (what she reads, in letters), $line (the left side of a line of the
# cell, or several with commas), $ours (what belongs there).
forward-wrong-operand = The line { $line } reads { $hers } where it should read { $ours }.

## Slips of a backward pass.

# φ′ left out. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-missing = The derivative of a function is missing: { $equation } is the adjoint of the function's argument, and must have its derivative as a factor.

# φ′ of the value: tanh(tanh c). Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-argument = The derivative is taken at the wrong place in { $equation }: of the value where the argument belongs, or the other way round (1 − tanh²(g) where g is a tanh already).

# tanh′ for σ′. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-other = The derivative in { $equation } is that of another function.

# Half of φ′. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-half = A part of the derivative is missing in { $equation }: σ′ is σ (1 − σ), tanh′ is 1 − tanh².

# (1 − g)². Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-bracket = A bracket of the derivative in { $equation } stands at the wrong place: σ′ is σ (1 − σ), tanh′ is 1 − tanh².

# 1 + g². Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-sign = The derivative in { $equation } has a wrong sign within: σ′ is σ (1 − σ), tanh′ is 1 − tanh².

# φ′ is a factor twice. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-derivative-twice = The derivative of a function is a factor twice in { $equation }.

# What comes from later steps and the loss is not added. Variables: $equation (the adjoints on the left, in letters,
# such as ā_f), $term (as it is typed).
slip-arriving-missing = What arrives from the loss and from later steps is not added in { $equation }: { $term } is missing.

# The state's own way back is missing. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-highway = The adjoint along the state itself is not handed on in { $equation }.

# A path left out. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-path-missing = A path is missing in { $equation }: an adjoint is the sum over everything that reads its value.

# The total adjoint and what arrives are exchanged. Variables: $equation (the adjoints on the left, in letters, such as
# ā_f), $hers (what she reads, in letters), $ours (what belongs there).
slip-total = { $equation } is made from { $hers } where { $ours } belongs: the adjoint of a result is complete only when all that the step itself reads of it has been added.

# A factor left out: ⊙ r. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-factor-missing = A factor is missing in { $equation }.

# h_t for h_{t−1}. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-wrong-time = { $equation } is made with a value of another step.

# z for 1 − z. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-complement = In { $equation } a gate stands where one minus the gate belongs, or the other way round.

# An untransposed matrix. Variables: $equation (the adjoints on the left, in letters, such as ā_f), $matrix (a letter).
slip-transpose = A matrix is transposed in { $equation }, or is not where it must be: { $matrix }.

# Gates in another order. Variables: $equation (the adjoints on the left, in letters, such as ā_f), $hers (what she
# reads, in letters), $ours (what belongs there).
slip-gate-order = In { $equation } one gate stands in another's place: { $hers } for { $ours }.

# Two gates unpacked in each other's place. Variables: $hers (what she reads, in letters), $ours (what belongs there).
slip-gates-exchanged = { $ours } and { $hers } have changed places throughout the backward pass, as where they are unpacked in another order than they were kept.

# Adjoints of two gates' arguments in each other's place, wherever they are read. Variables: $hers, $ours (letters, such
# as ā_f).
slip-adjoints-exchanged = { $ours } and { $hers } have changed places in everything that is made of them, as where the adjoints of the gates are put into one array in another order than the gates.

# No slip that is tried does it. $equation is an adjoint from which several arrays are made.
slip-unknown = { $equation } is the first, going backward, that must be wrong: what is made of it differs, and what goes into it is not known to. No slip that was tried gives these numbers.

# No slip that is tried does it, and a single step is right. $equation is what is handed on to the step before.
slip-unknown-later = A single step comes out right, and several do not: what is handed to the step before is wrong ({ $equation }), or a step takes the values of another one. No slip that was tried gives these numbers.

# An equation with another array. Variables: $equation (the adjoints on the left, in letters, such as ā_f), $hers (what
# she reads, in letters), $ours (what belongs there).
slip-wrong-operand = { $equation } is made from { $hers } where { $ours } belongs.

# An equation with the other sign. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-sign = The sign is wrong in { $equation }.

# An adjoint that is zero. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-zero = { $equation } is zero: it is never filled in.

# dh or dc of the next step is not added. Variables: $state (a letter).
slip-future-missing = What comes from the next step is not added to the adjoint of { $state }: each step begins anew.

# dh_next += … where dh_next = … belongs. Variables: $state (a letter).
slip-future-twice = What comes from later steps is added to the adjoint of { $state } more than once: what is handed on to the step before replaces what was handed on to this one.

# Adjoints of an input appended backward and not turned round. $of is the input.
slip-reversed = The steps of the adjoint of { $of } stand in reversed order: the pass goes from the last step to the first.

# The sign of what is handed on. Variables: $state (a letter).
slip-carried-sign = What comes from the next step reaches { $state } with the other sign.

# dh of this step is not added. Variables: $result (a letter).
slip-loss-missing = The loss of a step is not added to what comes from the future: the adjoint of { $result } that is given counts at the last step alone.

# p for p − target. $equation is what the loss speaks of, a readout.
slip-loss-target-missing = The target is not subtracted in the derivative of the loss: the adjoint of { $equation } is p − target.

# target − p. Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-loss-sign = The derivative of the loss has the other sign: the adjoint of { $equation } is what is predicted minus the target.

# y − target where p = softmax(y). Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-loss-not-squashed = The derivative of the loss is made from the readout itself: the adjoint of { $equation } is p − target, where p is what the softmax or the logistic function makes of it.

# (p − target) p (1 − p). Variables: $equation (the adjoints on the left, in letters, such as ā_f).
slip-loss-slope = The derivative of the loss has p (1 − p) as one factor too many: the adjoint of { $equation } is p − target, for the cross-entropy has taken that in.

# Steps in their own order.
slip-order-of-steps = The steps are passed forward in time, and must be passed backward.

# += forgotten. $step is first or last. More variables: $parameters (letters, with commas).
slip-accumulation = { $step ->
    [first] The adjoint of { $parameters } is not added up over time: each step overwrites it, and the first step's is left.
   *[other] The adjoint of { $parameters } is not added up over time: only the last step counts.
}

# A step left out. $step is not-first or not-last. More variables: $parameters (letters, with commas).
slip-step-left-out = { $step ->
    [not-first] The adjoint of { $parameters } lacks the first step: the loop ends too early.
   *[other] The adjoint of { $parameters } lacks the last step: the loop begins too late.
}

# One sequence alone. Variables: $parameters (letters, with commas).
slip-batch = The adjoint of { $parameters } is that of the first sequence alone, and must be summed over the batch.

# A mean over the batch. Variables: $parameters (letters, with commas).
slip-mean-batch = The adjoint of { $parameters } is a mean over the batch where a sum belongs.

# A mean over time. Variables: $parameters (letters, with commas).
slip-mean-steps = The adjoint of { $parameters } is a mean over the steps where a sum belongs.

# A multiple over the batch. Variables: $parameters (letters, with commas).
slip-scaled-batch = The adjoint of { $parameters } is multiplied by the number of sequences.

# A bias counted twice. Variables: $parameters (letters, with commas).
slip-bias-doubled = The adjoint of { $parameters } is doubled: each bias adds once.

# A weight counted twice. Variables: $parameters (letters, with commas).
slip-doubled = The adjoint of { $parameters } is doubled.

# Half of an adjoint. Variables: $parameters (letters, with commas).
slip-halved = The adjoint of { $parameters } is half of what it must be.

# Large cotangents give less than their multiple, and no bound is seen.
slip-not-linear = Small adjoints pass as they must, and large ones do not: something inside the pass clips, or scales by a norm. Do that outside, after the pass.

# Clipped inside the pass. Variables: $bound (a number).
slip-clip = Gradients are clipped inside the pass, at { $bound }: the adjoint is right below that, and no adjoint above it. Clip outside, after the pass.

## How a call ended that gave no result, in an error: "homework.py: lstm_backward … (line 3: while True:)".

# After the time that a call may take. $seconds is a number such as 10.
ended-long = did not end within { $seconds } seconds

# After a megabyte of prints.
ended-printed = printed more than a megabyte

# After more memory than a process may have.
ended-memory = wanted more memory than it may have

# The process is gone, by os._exit or a fault of the machine's.
ended-died = ended its process

# The kind of mapping that gs.check(arguments=…) takes, in an error.
arguments-mapping = names of your arguments to what they are

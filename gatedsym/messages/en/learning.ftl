### Tasks and networks that learn them: what `gatedsym tasks` prints.

# gatedsym tasks, under the list of all tasks. The words after "gatedsym" are typed and stay as they are.
tasks-more = gatedsym tasks NAME tells one in full, with an example; --length 50 and --with lags=fixed change it.

## The page of one task. First the names of its fields, at the left of a column that is twelve characters wide.

# The field that says what a network sees.
task-reads = reads

# The field that says what a network answers.
task-answers = answers

# The field that names the loss.
task-loss = loss

# The field of the loss that needs no look at the inputs.
task-baseline = baseline

# The field of a loss that training can stand at, below the baseline.
task-plateau = plateau

# The field of the steps between what is shown and what is asked.
task-lags = lags

# The field that names the cues.
task-cues = cues

# The field that names the metric.
task-metric = metric

## What stands beside them.

# Beside "reads", of a task with numbers. Variables: $steps (most steps of a sequence), $features (numbers of a step).
task-inputs-of-numbers = up to { $steps ->
    [one] 1 step
   *[other] { $steps } steps
} of { $features ->
    [one] 1 number
   *[other] { $features } numbers
}

# Beside "reads", of a task with symbols. Variables: $steps, $count (symbols), $symbols (the first of them, with blanks
# between them).
task-inputs-of-symbols = up to { $steps ->
    [one] 1 step
   *[other] { $steps } steps
} of { $count } symbols: { $symbols }

# Beside "answers", where the answer is a class. Variables: $count (classes), $classes (the first of them).
task-outputs-of-classes = { $count } classes: { $classes }

# Beside "answers", where the answer is one or more numbers. Variables: $count.
task-outputs-of-numbers = { $count ->
    [one] 1 number
   *[other] { $count } numbers
}

# Beside "loss", where the answer is a class. Variables: $loss (its name).
task-loss-of-classes = { $loss }, mean over the steps that are asked, in nats

# Beside "loss", where the answer is numbers. Variables: $loss (its name).
task-loss-of-numbers = { $loss }, mean over the steps that are asked, summed over the entries, no half

# Beside "baseline" and "plateau". Variables: $value (a number), $formula (how it is computed), $means (what a network
# knows that has this loss).
task-level = { $value } = { $formula } ({ $means })

# Beside "lags". Variables: $shortest, $longest and $median of the lags, in steps.
task-lag-range = { $shortest } … { $longest } steps, median { $median }

# Beside "metric", where more of it is better. Variables: $metric (its name).
task-metric-larger = { $metric }, the larger the better

# Beside "metric", where less of it is better. Variables: $metric (its name).
task-metric-smaller = { $metric }, the smaller the better

## The rest of the page.

# The heading above the papers and programs that define the task.
task-definitions = Who defines it so

# One of them. Variables: $source (authors, year, section), and that of task-checked. More variables: $checked (code,
# text or second-hand).
task-definition = - { $source } ({ task-checked })

# In brackets behind a source, here and in the page of all tasks. Variables: $checked (code, text or second-hand).
task-checked = { $checked ->
    [code] their code was read
    [text] the paper's text was read
   *[other] not looked up at its source
}

# The heading above an example.
task-example = An example (the first sequence of batch 0, seed 0)

# A line of the example, in columns. Variables: $step, $numbers (the inputs of that step).
task-example-step = step { $step }  { $numbers }

# The same, where the step carries a cue. Variables: $step, $numbers, $cue (its name).
task-example-cue = step { $step }  { $numbers }  ← { $cue }

# Under the example, where one step is asked. Variables: $step, $answers (the right ones).
task-asked = asked at step { $step }: { $answers }

# Under the example, where several steps are asked. Variables: $first and $last of the steps, $answers (the right ones).
task-asked-at-several = asked at steps { $first } … { $last }: { $answers }

### gatedsym learn: the page that compares cells on a task, its captions, and what the command says.
### A rate, a loss or an openness comes with its digits; n of N are counts.

## Titles of figures

# Above the figure of the search for a rate.
title-rate-search = Final loss against the rate
# Above the figure of loss, skill and gradient over updates.
title-learning = Learning: loss, skill on each cue, and gradient at the task's lags
# Above the figure of histories. Variables: $task (its name), $cells.
history-title = Training on { $task }: { $cells }
# Above the figure of the updates that runs needed.
title-thresholds = Updates to each threshold
# Above the figure of gradients against lag.
title-gradient-by-lag = The gradient against lag, before training, at half time and after
# Above the figure of gates at cue, filler and question.
title-gates-learnt = What the gates learnt
# Above the figure of gates under the words of a sentence.
title-gates-in-words = Gates under the words of a sentence
# Above the figure of what first steps add to gradients of parameters.
title-early-steps = When the first steps began to learn

## Sentences about a contender: each has n of N, the recipe and an interval, or the spread over seeds

# Results of captions and the top of the page. Variables: $found (runs that came there), $of (all), $low and $high (the
# interval), $median (updates). More variables: $cell (its name), $loss (a threshold), $recipe (of recipe or
# recipe-and-size), $updates (how many).
cell-reached = { $found ->
    [0] { $cell } ({ $recipe }) came below a loss of { $loss } in 0 of { $of } runs within { $updates } updates (95 % interval of the share: { $low } to { $high }).
   *[other] { $cell } ({ $recipe }) came below a loss of { $loss } in { $found } of { $of } runs (95 % interval of the share: { $low } to { $high }), in the median of these after { $median } of { $updates } updates.
}
# How a recipe is called within a sentence. Variables: $clip (a number or none), $rate (a number).
recipe = rate { $rate }, clip { $clip }
# The same for a cell whose size was matched, with its parameters counted. Variables: $clip (a number or none),
# $parameters (how many), $rate (a number).
recipe-and-size = { $parameters } parameters, rate { $rate }, clip { $clip }

# Caption of the search, once for each cell. $share is the loss as a share of the baseline. More variables: $cell (its
# name), $clip (a number or none), $loss (a number), $rate (a number), $seeds (how many).
search-best = { $cell } ended lowest at rate { $rate } with clip { $clip }: a mean loss of { $loss } over { $seeds } seeds, { $share } of the baseline.
# Caption of the search, where no run of a cell ended with finite numbers. Variables: $cell (its name), $rates (how
# many), $runs (how many).
search-none = No run of { $cell } ended with finite numbers ({ $runs } runs over { $rates } rates).
# Caption of the search: a warning where the best rate has no neighbour on one side. Variables: $cell (its name).
search-at-end = The best rate of { $cell } stands at an end of those that were tried: a better one may lie beyond.
# Caption of the search: a warning where one clipping was tried. Variables: $clip (a number or none).
search-one-clip = One clipping was tried, { $clip }: that a cell fails under it says nothing of others.
# Caption of the search. Variables: $seeds (how many).
search-shown = Final held-out loss (the median of all looks in the last tenth of the updates) against the rate. Marks: one run each, { $seeds } seeds, which take no part in what follows; lines: their mean; ring: the recipe by which a cell is judged; triangles at the upper edge: numbers ran out of bounds.

# Caption of the course of training. $rows says which rows there are.
course-shown = { $rows ->
    [loss] Held-out loss over updates.
    [skill] Rows: held-out loss; skill on each cue by itself, 1 where all is made of it that can be made, 0 where nothing is.
    [gradient] Rows: held-out loss; what is left of the loss's gradient <ds> the task's shortest, median and longest lag before the last answer.
   *[all] Rows: held-out loss; skill on each cue by itself, 1 where all is made of it that can be made, 0 where nothing is; what is left of the loss's gradient <ds> the task's shortest, median and longest lag before the last answer.
} Columns: cells. Thin lines: seeds; thick lines: medians; bands: quartiles over seeds.

# Caption of histories, once for each. Variables: $cell, $first and $last (losses), $updates and $runs (counts).
training-reading = The held-out loss of { $cell } is { $first } before training and { $last } after { $updates ->
    [one] { $updates } update
   *[other] { $updates } updates
}{ $runs ->
    [one] {""}
   *[other] {" "}(medians of { $runs } runs)
}.
# Caption of histories, the note. Variables: $task (with its arguments), $baseline (a loss).
training-note = Task: { $task }; its baseline is a loss of { $baseline }.
# After it, once for each history. Variables: $cell, $n (hidden size), $recipe, $runs (a count).
training-recipe = { $cell }: hidden size <n> = { $n }, { $recipe }, { $runs ->
    [one] one run
   *[other] { $runs } runs
}.

# Caption of the thresholds. Variables: $first (the name of a cell).
thresholds-shown = Updates after which the held-out loss was first below each share of the baseline, a mark a run; right of the line: runs that never came there. Rows with n are cells whose hidden size gives them as many parameters as { $first }, trained by the recipe of their own cell.
# The same where no cell was matched.
thresholds-shown-equal = Updates after which the held-out loss was first below each share of the baseline, a mark a run; right of the line: runs that never came there. All cells have one hidden size.

# Caption of gradients against lag, once for each cell. $before and $after are shares of the gradient. More variables:
# $cell (its name), $high (a share), $lag (in steps), $low (a share), $of (seeds), $recipe (of recipe or
# recipe-and-size), $updates (how many).
lag-left = { $cell } ({ $recipe }): { $lag } steps before the answer { $before } of the gradient is left before training and { $after } after { $updates } updates (medians of { $of } seeds; the quartiles after are { $low } and { $high }).
# Caption of gradients against lag, for a cell that has no gradient back in time. Variables: $cell (its name).
lag-none = { $cell } has no state whose gradient could be followed.
# Caption of gradients against lag. Variables: $sequences (how many).
lag-shown = What is left of <ds>, all states side by side, so many steps before the last answer: medians over { $sequences } held-out sequences and over seeds, with quartiles over seeds. Vertical lines: the task's shortest, median and longest lag; triangles at the lower edge: exactly zero.

# Caption of what the gates learnt, once for each cell: the gate and the place that moved most. Variables: $after (a
# number), $before (a number), $cell (its name), $gate (a letter), $high (a number), $low (a number), $of (all runs or
# seeds), $place (a cue, filler or question), $recipe (of recipe or recipe-and-size).
gate-moved = { $cell } ({ $recipe }): most moved is gate { $gate } at { $place }, from { $before } before training to { $after } after (medians of { $of } seeds; the quartiles after are { $low } and { $high }).
# Caption of what the gates learnt. Variables: $sequences (how many).
gates-shown = Mean openness of each gate over units at the steps of each cue, at all other steps without a question (filler) and where an answer is due (question), over { $sequences } held-out sequences. Dashes: before training; marks: after, with quartiles over seeds.
# Columns of the figure of gates, where no cell has one: in place of a figure.
gates-none = No cell here has a gate.

# Caption of gates under words, once for each cell: the gate that differs most between words. Variables: $cell (its
# name), $gate (a letter), $high (openness at the other), $highest (a word), $low (openness at the one word), $lowest
# (a word), $of (seeds), $recipe (of recipe or recipe-and-size).
words-differ = { $cell } ({ $recipe }): gate { $gate } differs most between words, from { $low } at “{ $lowest }” to { $high } at “{ $highest }” (medians of { $of } seeds).
# Caption of gates under words.
words-shown = Openness of each gate after training under the words of a held-out sequence, the mean over units and the median over seeds. Bold: the words that the answer depends on, and the one at which it is due.

# Caption of early steps, once for each cell. $already, $later and $never are counts of parameters. More variables:
# $all (all parameters), $cell (its name), $of (runs), $recipe (of recipe or recipe-and-size), $updates (how many).
early-began = { $cell } ({ $recipe }): of { $all } parameters { $already } learnt from the first steps before training already, { $later } began to within { $updates } updates and { $never } did not, each in at least half of { $of } runs.
# The same with the parameters that began, in order. Variables: $cell (its name), $order (entries of early-entry, with
# semicolons).
early-order = In { $cell } they began in this order, in the median of the runs: { $order }.
# One entry of that order: parameters that began at the same probe. Variables: $parameters (how many), $update (its
# number).
early-entry = after { $update } updates { $parameters }
# Caption of early steps. $parts is the number of parts of a sequence. More variables: $share (per cent).
early-shown = What the first of { $parts } parts of the sequence adds to the gradient of a parameter, as a share of what the part adds that adds most: medians over seeds. Rings: the first probe at which it is above { $share } in at least half of the runs: from there on the first steps are said to learn.

## Notes under figures

# Every figure: the recipe and sizes. A cell's name says its retention bias. Variables: $batch (sequences), $choosing
# (how many seeds), $dtype (float32 or float64), $init (name of the law), $layers (how many), $n (a size), $optimiser
# (its name and settings), $seeds (how many), $task (its name and settings), $updates (how many).
note = Task: { $task }. { $optimiser }, batches of { $batch }, { $updates } updates; { $layers ->
    [one] one layer
   *[other] { $layers } layers
}, hidden size <n> = { $n } unless a name says another; initialisation: { $init }, with the retention bias that a name says; { $dtype }. { $seeds } judged runs a cell; the recipe was chosen on { $choosing } other seeds.
# Every figure: the baseline. Variables: $means (what a network with that loss knows), $value (a number).
note-baseline = Baseline: a loss of { $value } ({ $means }).

## The page

# Heading of the page, and the title of its window. Variables: $cells (names), $task (its name and settings).
page-title = Learning { $task }: { $cells }
# Below the heading. Variables: $command (as it was typed), $task (its name and settings), $version (of gatedsym).
page-made = A comparison on { $task }, made by gatedsym { $version } with <code>{ $command }</code>. Every number on this page is computed from the data beside it.
# Above the answers at the top. Variables: $about (a sentence or two on what the task shows and asks).
page-lead = { $about }
# Headings of sections.
section-search = The recipe
# Headings of sections.
section-course = Learning
# Headings of sections.
section-thresholds = How long it took
# Headings of sections.
section-gradient = The gradient before, during and after
# Headings of sections.
section-gates = What the gates learnt
# Headings of sections.
section-early = The first steps
# Headings of sections.
section-limits = What this does not show
# Headings of sections.
section-files = Citing and files
# First paragraph of the section on the recipe. Variables: $seeds (how many), $updates (how many).
text-search = A rate that serves one cell fails another, so each gets its own. The search takes { $seeds } seeds and { $updates } updates a run; whatever is said below of a cell holds for the recipe in the ring.
# How the search goes on, where rates were not given.
text-search-auto = It begins with three rates and goes on as long as the best one stands at an end.
# First paragraph of the section on learning. Variables: $seeds (how many).
text-course = Each cell is judged by { $seeds } runs that took no part in the search.
# What plateaus are, where the task has any. Variables: $levels (of text-plateau, with commas).
text-plateaus = A loss can rest for long where a network knows a part of the answer: { $levels }.
# One such loss. Variables: $means (what a network with that loss knows), $value (a number).
text-plateau = { $value } ({ $means })
# First paragraph of the section on thresholds.
text-thresholds = An update, a sample and a second are three different clocks. Seconds are those of one thread of the machine that made this page, forward and backward pass, readout, clipping and optimiser together, measured turn by turn; they are not measured again when the page is verified.
# Why cells were not matched. Variables: $reason (a sentence).
text-unmatched = No cell was matched by parameters: { $reason }
# First paragraph of the section on the gradient.
text-gradient = A gradient that is dead before training is the fate of a recipe, not of a cell: whether it comes back is seen here.
# What the stepped figure is. Variables: $file (a name), $pages (how many).
text-slides = For slides there is <a href="{ $file }">the same as steps</a>: a PDF with a page for each of { $pages } moments.
# First paragraph of the section on gates.
text-gates = A gate is told by its mean over units; whether it is open where it must be is the question.
# First paragraph of the section on the first steps.
text-early = A parameter is used at every step. What its use at the first steps adds to its gradient says whether these still teach it anything.
# Columns of the table of thresholds.
column-cell = cell
# Columns of the table of thresholds.
column-size = n
# Columns of the table of thresholds.
column-parameters = parameters
# Columns of the table of thresholds.
column-level = loss below
# Columns of the table of thresholds.
column-runs = runs (95 % interval)
# Columns of the table of thresholds.
column-updates = updates
# Columns of the table of thresholds.
column-samples = sequences
# Columns of the table of thresholds.
column-seconds = seconds
# A cell of the table: how many of all runs, and the interval of their share. Variables: $found (runs that came there),
# $high (a number), $low (a number), $of (all runs or seeds).
table-runs = { $found } of { $of } ({ $low }–{ $high })
# A cell of the table: the median and, in parentheses, the least and the most of those that came there. Variables:
# $least (a number), $median (a number), $most (a number).
table-median = { $median } ({ $least }–{ $most })
# A cell of the table where no run came there.
table-never = –
# Under the table.
table-legend = Updates, sequences and seconds: the median of the runs that came there, with the least and the most of them; runs that never did are left out of these and counted in the column before.
# Points of the section on limits. Variables: $updates (how many).
limit-recipe = A failure here is one of these recipes within { $updates } updates, not of a cell: rates, clips and updates beyond those of the search may succeed.
# Points of the section on limits. Variables: $seeds (how many).
limit-seeds = { $seeds } runs leave the wide intervals that stand beside each number.
# Points of the section on limits. Variables: $every (updates).
limit-looks = Thresholds are seen at looks at 256 held-out sequences, { $every } updates apart and at probes: a run that passed below between two looks is counted at the later one.
# Points of the section on limits.
limit-early = The share of first steps goes by the largest part; where all parts vanish alike, none is said to learn less.
# Points of the section on limits.
limit-size = Hidden size, batch and task have one value each.
# Files at the end of the page.
text-files = <a href="figures.bib">figures.bib</a> has a BibTeX entry for the software and one for each figure; <a href="provenance.json">provenance.json</a> records the version, the command, equations, recipes and hashes. The folder <code>runs</code> holds each run as it went: a second call goes on from there, and <code>gatedsym verify</code> measures from there and trains the beginning of some runs anew.
# Under a figure: links. $name is the figure's.
text-numbers = numbers drawn: <a href="data/{ $name }.csv">CSV</a> · every seed: <a href="data/{ $name }.nc">NetCDF</a> · caption: <a href="figures/{ $name }.txt">text</a>, <a href="figures/{ $name }.tex">LaTeX</a>
# Under a figure, folded.
text-cite = Cite this figure
# In front of a figure's title. Variables: $number (of the figure), $title (of the figure).
figure-number = Figure { $number }. { $title }.
# The navigation's name for those who hear the page.
text-contents = Contents
# Under a figure on narrow screens.
text-slide = goes on to the right: slide it →

## Words within figures

# Legend of the course of training: the thick line.
label-median-loss = loss, median of seeds
# Legend of the course of training: a line for each cue. Variables: $cue (its name).
label-skill = skill: { $cue }
# Legend of the course of training: a line for each lag. $which is shortest, median or longest. More variables: $steps
# (the lag).
label-gradient = gradient at lag { $steps } ({ $which })
# Axis of held-out losses.
axis-loss = held-out loss
# Axis of the search: losses at the end.
axis-final-loss = final held-out loss
# Axis of skills.
axis-skill = skill on a cue
# Axis of what is left of a gradient.
axis-gradient = gradient left
# Axis of updates.
axis-updates = updates
# Axis of updates where some runs never came there.
axis-updates-never = updates (right of the line: not reached)
# Axis of rates.
axis-rate = rate
# Axis of lags.
axis-lag = lag (steps back from the answer)
# Axis of lags on a slide.
axis-lag-short = lag
# Axis of openness of gates.
axis-openness = mean openness
# Scale of colours of the map of first steps.
axis-early = share of the first steps
# A thin line in a panel: the baseline.
label-baseline = baseline
# A thin line in a panel: a plateau.
label-plateau = plateau
# Legend of the search: a line for each clipping. Variables: $clip (a number or none).
label-clip = clip { $clip }
# Legend of thresholds: a mark for each. Variables: $percent (a number).
label-threshold = below { $percent } % of the baseline
# Legend of gradients against lag: three moments of training. Variables: $updates (how many).
moment-before = before training ({ $updates })
# Legend of gradients against lag: half of the updates. Variables: $updates (how many).
moment-half = half time ({ $updates })
# Legend of gradients against lag: all updates. Variables: $updates (how many).
moment-after = after ({ $updates })
# Legend of gates: where a gate stood before training.
label-gate-before = before training

## The stepped figure

# Title of the document. Variables: $task (its name and settings).
slides-title = Learning { $task }, step by step
# Above each page. Variables: $all (of the last page), $updates (how many).
slides-page = after { $updates } of { $all } updates

## The command

# gatedsym learn: before anything is trained. Times are words such as "2 min". Variables: $judged (runs), $least (a
# time), $most (a time), $processes (how many), $searched (runs), $updates (how many).
estimate = { $searched } runs to search for a recipe and { $judged } to judge it, { $updates } updates each: about { $least } here, on { $processes ->
    [one] one process
   *[other] { $processes } processes
}; up to { $most } where the search goes on. Ctrl-C keeps what is done, and the same command goes on from there.
# The same where the rates are given. Variables: $judged (runs), $least (a time), $processes (how many), $searched
# (runs), $updates (how many).
estimate-given = { $searched } runs to search for a recipe and { $judged } to judge it, { $updates } updates each: about { $least } here, on { $processes ->
    [one] one process
   *[other] { $processes } processes
}. Ctrl-C keeps what is done, and the same command goes on from there.
# gatedsym learn: behind the estimate, where an earlier call left runs. Variables: $share (per cent).
estimate-done = { $share } of the search is there already.
# A time below a minute and a half, and a longer one. Variables: $count (how many).
time-seconds = { $count } s
# A time below a minute and a half, and a longer one. Variables: $count (how many).
time-minutes = { $count } min

## gatedsym verify

# gatedsym verify, a line for each run of which the beginning was trained anew. $words names the run. More variables:
# $updates (how many).
verify-run = { $words }, the first { $updates } updates
# gatedsym verify: behind such a line.
verify-run-equal = trained anew: losses and gradients are equal
# gatedsym verify: behind such a line. Variables: $tolerance (a number).
verify-run-close = trained anew: losses and gradients agree within { $tolerance }
# gatedsym verify: behind such a line. $update is the first that differs. More variables: $difference (a number).
verify-run-differs = trained anew: update { $update } differs by { $difference }
# gatedsym verify, for a figure whose data cannot be read.
verify-damaged = its data are missing or damaged
# gatedsym verify, for a figure where runs are missing.
verify-not-measured = its data were not measured anew
# gatedsym verify, for a figure that the runs do not give.
verify-not-shown = the runs do not show it
# gatedsym verify: a note where the folder has no runs, or not all. Variables: $missing (how many).
verify-no-runs = of the runs { $missing } are missing or not as recorded, so the data could not be measured anew: figures were drawn from the data as they are, and the beginnings of some runs trained anew

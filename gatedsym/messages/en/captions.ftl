### Captions of figures, and the words in them. <name> stands for a symbol (figures/caption.py): it is no tag.
### Captions are printed for the eye, for LaTeX and for pages. $…s that choose a plural are counts.

## Words that captions share

# In the middle of a panel whose numbers are all missing.
nothing = nothing to draw

# The last of several words in a sentence. Variables: $first (one or several, with commas), $last.
listing = { $first } and { $last }

# The name of an initialisation.
scheme-xavier = Xavier (uniform, each matrix by itself)

# The name of an initialisation: a matrix for all gates together.
scheme-xavier-stacked = Xavier (uniform, on the stacked matrix)

# An initialisation of a person's own. Variables: $name, $rules (b_f: 2; U_*: orthogonal), $otherwise (an initialisation).
rules-of-scheme = { $name } ({ $rules }; everything else { $otherwise })

# In a legend: a cell without a retention bias.
retention-none = no gate

# In a legend: a retention bias. Variables: $bias.
retention-bias = bias { $bias }

# In a sentence: a cell and its retention bias. Variables: $cell, $bias (bias 1).
setting-bias = { $cell } with { $bias }

# In a sentence: a cell and biases drawn by the chrono rule. Variables: $cell.
setting-chrono = { $cell } with chrono biases

# How networks start. Variables: $schemes (names), $more (a gain with a comma before it, or empty).
initialisation = Initialisation: { $schemes }{ $more }.

# How networks start, where some parameters are given. Variables: $cells (that are drawn), $schemes, $more.
initialisation-of = Initialisation of { $cells }: { $schemes }{ $more }.

# After it: whose parameters are given. Variables: $cells.
initialisation-given = Not drawn but given: the parameters of { $cells }.

# Over a panel of cells whose parameters are given.
parameters-given = parameters given

# The size of the state of cells with dimensions of their own. Variables: $sizes, $matched (how sizes were chosen, or empty).
size-of-state = Size of the state: { $sizes }{ $matched }

# The hidden size. Variables: $n, $others (sizes of other cells, or empty), $matched (how sizes were chosen, or empty).
size-hidden = Hidden size <n> = { $n }{ $others }{ $matched }

# After hidden sizes, how they were chosen. Variables: $counted (parameters), $cell, $given: some (parameters are
# given), none; $smaller: some (states were made smaller), none.
size-matched = { $given ->
        [some] { $smaller ->
            [some] , for as many { $counted } as { $cell } unless parameters are given, then made smaller where a state holds more
           *[none] , for as many { $counted } as { $cell } unless parameters are given
        }
       *[none] { $smaller ->
            [some] , for as many { $counted } as { $cell }, then made smaller where a state holds more
           *[none] , for as many { $counted } as { $cell }
        }
    }

# States and inputs that are drawn as those of other cells. Variables: $listed.
standing-in = Standing in: { $listed }.

# One of them. Variables: $name, $cell, $letter.
standing-in-for = { $name } of { $cell } for { $letter }

# Number of networks. Variables: $count.
seeds = { $count ->
        [one] { $count } seed
       *[other] { $count } seeds
    }

# Number of sequences. Variables: $count.
sequences = { $count ->
        [one] { $count } sequence
       *[other] { $count } sequences
    }

# Sizes, input and loss: what every caption carries. Variables: $size, $seeds, $sequences, $input, $loss, $dtype.
sizes = { $size }, { $seeds }, { $sequences } for each; input: { $input }; loss: { $loss }; zero initial state; { $dtype }.

# The same, of sequences of several lengths. Variables: as above; $first, $last (steps). More variables: $dtype
# (float32 or float64), $input (what is read), $loss (what the loss is on), $seeds (of seeds), $sequences (of
# sequences), $size (of the state).
sizes-of-lengths = { $size }, { $seeds }, { $sequences } for each of { $first } to { $last } steps, lags counted from the end of each; input: { $input }; loss: { $loss }; zero initial state; { $dtype }.

# Steps of each sequence. Variables: $count.
steps-of-sequence = { $count } steps

# Steps of sequences of several lengths. Variables: $first, $last.
steps-of-lengths = { $first } to { $last } steps (each step: those that have it)

# A number that is none.
not-finite = not finite

# A number that is zero to the last bit.
exactly-zero = exactly zero

# A number beyond all.
infinite = infinite

# A share below one per cent.
share-tiny = less than 1 %

# A curve that is nowhere straight.
no-factor = no fixed factor a step

# A factor of a step. Variables: $factor.
factor-of-step = { $factor } a step

# Cells that have a row each. Variables: $cells.
in-rows = { $cells } (rows)

## Readings: the first sentences of captions

# In a sentence: a setting under an initialisation, where several are drawn. Variables: $setting, $scheme.
setting-of-scheme = { $setting } ({ $scheme })

# In a sentence: a setting with a gain of the weights. Variables: $setting, $gain.
setting-of-gain = { $setting } (gain { $gain })

# In a sentence: a gate, a path or a state of a cell. Variables: $what, $cell.
part-of-cell = { $what } of { $cell }

# gradient-norm: what a setting keeps. Variables: $amount, $factor (0.9 a step).
norm-with-factor = { $amount }, a factor of { $factor }

# gradient-norm, one setting under an initialisation. Variables: $scheme, $lag, $setting, $said (what it keeps).
reading-norm-single = Under { $scheme }, { $lag } steps back the norm of the gradient of { $setting } is { $said }.

# gradient-norm, settings that are level. Variables: $scheme, $lag, $least, $least_said, $most, $most_said.
reading-norm-level = Under { $scheme }, no setting keeps clearly more of the gradient than another: { $lag } steps back its norm lies between that of { $least } ({ $least_said }) and that of { $most } ({ $most_said }).

# gradient-norm, the settings that keep most and least. Variables: $scheme, $lag, $least, $least_said, $most, $most_said.
reading-norm-ends = Under { $scheme }, { $most } keeps most of the gradient and { $least } least: { $lag } steps back its norm is { $most_said }, and { $least_said }.

# gradient-norm, one setting, parameters given. Variables: $lag, $setting, $said.
reading-norm-single-given = With the parameters given, { $lag } steps back the norm of the gradient of { $setting } is { $said }.

# gradient-norm, settings that are level, parameters given. Variables: $lag, $least, $least_said, $most, $most_said.
reading-norm-level-given = With the parameters given, no setting keeps clearly more of the gradient than another: { $lag } steps back its norm lies between that of { $least } ({ $least_said }) and that of { $most } ({ $most_said }).

# gradient-norm, most and least, parameters given. Variables: $lag, $least, $least_said, $most, $most_said.
reading-norm-ends-given = With the parameters given, { $most } keeps most of the gradient and { $least } least: { $lag } steps back its norm is { $most_said }, and { $least_said }.

# exploding: cells in which the gradient grows, and others. Variables: $grows, $shrinks (lists), $kind: both, grows, shrinks.
reading-exploding = { $kind ->
        [both] The gradient grows with the lag { $grows }, and it grows with none of the gains in { $shrinks }.
        [grows] The gradient grows with the lag { $grows }.
       *[shrinks] The gradient grows with none of the gains in { $shrinks }.
    }

# exploding: gains of one cell. Variables: $cell, $gains.
grows-with-gain = in { $cell } with gain { $gains }

# exploding: one of the gains. Variables: $gain, $factor (1.1 a step).
gain-with-factor = { $gain } ({ $factor })

# truncation, one setting. Variables: $loss: last, other; $name (of another loss), $window, $share, $setting.
reading-truncation-single = { $loss ->
        [last] With a loss on the last step, windows of { $window } steps miss the gradient by { $share } of its norm in { $setting }.
       *[other] With a loss on { $name }, windows of { $window } steps miss the gradient by { $share } of its norm in { $setting }.
    }

# truncation, several. Variables: $loss, $name, $window, $high, $most, $low, $least.
reading-truncation-ends = { $loss ->
        [last] With a loss on the last step, windows of { $window } steps miss the gradient by { $high } of its norm in { $most }, by { $low } in { $least }.
       *[other] With a loss on { $name }, windows of { $window } steps miss the gradient by { $high } of its norm in { $most }, by { $low } in { $least }.
    }

# clipping: all settings clip alike. Variables: $threshold, $share, $setting, $cosine.
reading-clipping-alike = Clipping to norm { $threshold } changes { $share } of the sequences; the mean gradient turns most in { $setting }, to a cosine of { $cosine }.

# clipping: settings clip more and less. Variables: $threshold, $high, $most, $low, $least, $setting, $cosine.
reading-clipping = Clipping to norm { $threshold } changes { $high } of the sequences of { $most } and { $low } of those of { $least }; the mean gradient turns most in { $setting }, to a cosine of { $cosine }.

# paths: lags in steps back. Variables: $count.
steps-back = { $count ->
        [one] { $count } step back
       *[other] { $count } steps back
    }

# paths: a share of the gradient. Variables: $share, $kind: more (than all of it, so that others take some away), less.
share-of-gradient = { $kind ->
        [more] { $share } of it, other paths taking some away
       *[less] { $share } of it
    }

# paths: one way at both lags. Variables: $setting, $way: highway, other; $path, $near, $near_share, $far, $far_share.
reading-path-same = { $way ->
        [highway] { $setting }: the gradient comes along the highway { $near } ({ $near_share }) and still { $far } ({ $far_share })
       *[other] { $setting }: the gradient comes through { $path } { $near } ({ $near_share }) and still { $far } ({ $far_share })
    }

# paths: another way at the longest lag. Variables: $setting, $near_way, $far_way, $near, $near_share, $far, $far_share.
reading-path-other = { $setting }: { $near } the gradient comes { $near_way } ({ $near_share }), { $far } { $far_way } ({ $far_share })

# paths: one of these ways.
way-highway = along the highway

# paths: one of these ways. Variables: $path.
way-through = through { $path }

# timescales. Variables: $listed (c of LSTM after …).
reading-timescales = In a run the middle unit has lost half { $listed }.

# timescales: a state with one bias. Variables: $state (c of LSTM), $after.
lost-after = of { $state } after { $after }

# timescales: a state with its smallest and largest bias. Variables: $state, $first, $last.
lost-after-both = of { $state } after { $first } and { $last }

# timescales: steps with a bias. Variables: $steps, $bias.
steps-with-bias = { $steps } with { $bias }

# timescales: nothing is ever lost.
steps-none = no number of steps

# timescales: a number of steps. Variables: $steps, $number: one, several.
steps-counted = { $number ->
        [one] { $steps } step
       *[several] { $steps } steps
    }

# contributions. Variables: $listed.
reading-reach = What a step adds falls below 1 % of what the step of the loss adds in { $listed }.

# contributions: one of these. Variables: $setting, $steps (5 steps).
reach-after = { $setting } after { $steps }

# contributions: a setting that reaches further than was measured. Variables: $setting, $steps.
reach-beyond = { $setting } after more than { $steps } steps

# ablation. Variables: $listed.
reading-ablation = The gradient's factor of a step is { $listed }.

# ablation: a cell with one edit. Variables: $factor, $cell, $edit, $edited.
ablation-one = { $factor } in { $cell } as it is, { $edited } with “{ $edit }”

# ablation: a cell and the edits that raise and lower most. Variables: $factor, $cell, $high, $high_edit, $low, $low_edit.
ablation-ends = { $factor } in { $cell } as it is, { $high } with “{ $high_edit }” and { $low } with “{ $low_edit }”

# bound, one setting. Variables: $lag, $factor, $setting.
reading-bound-single = { $lag } steps back the bound exceeds the norm of the Jacobian by a factor of { $factor } in { $setting }.

# bound, several. Variables: $lag, $low, $tight, $high, $loose.
reading-bound-ends = { $lag } steps back the bound exceeds the norm of the Jacobian by a factor of { $low } in { $tight } and { $high } in { $loose }.

# lyapunov. Variables: $kind: both, part, meet; $part, $meet (lists).
reading-lyapunov = { $kind ->
        [both] Neighbouring trajectories part in { $part }; and they meet in { $meet } (median of the factor e^<lambda_1>).
        [part] Neighbouring trajectories part in { $part } (median of the factor e^<lambda_1>).
       *[meet] Neighbouring trajectories meet in { $meet } (median of the factor e^<lambda_1>).
    }

# singular-values. Variables: $lag, $listed.
reading-singular = Over { $lag } steps directions keep a factor a step { $listed }.

# singular-values: one setting. Variables: $low, $high, $setting.
singular-span = from { $low } to { $high } in { $setting }

# gate-statistics, one gate. Variables: $gate (f of LSTM), $mean.
reading-gate = Gate { $gate } stands at { $mean } on average.

# gate-statistics, several. Variables: $highest, $high, $lowest, $low.
reading-gates = On average gate { $highest } is most open, { $high }, and gate { $lowest } least, { $low }.

# valve, the lowest and the highest level. Variables: $passage, $cell, $first, $first_level, $last, $last_level.
reading-valve = Of what stands before the gate in { $passage } of { $cell }, { $first } passes with the gate at { $first_level } and { $last } with the gate at { $last_level }.

# layers. Variables: $depth, $listed.
reading-layers = What tells two vectors apart decays over { $depth } passes { $listed }.

# layers: an activation and gains. Variables: $activation, $gains.
layers-gains = with { $activation } at gain { $gains }

# layers: an activation with which nothing decays. Variables: $activation.
layers-no-gain = with { $activation } at no gain

# jacobian-sheet: a cell. Variables: $cell, $blocks, $all, $follow (products in a row).
reading-sheet = { $follow ->
        [0] { $cell }: { $blocks } of { $all } blocks are not zero, no product in a row for each step
        [one] { $cell }: { $blocks } of { $all } blocks are not zero, { $follow } product in a row for each step
       *[other] { $cell }: { $blocks } of { $all } blocks are not zero, { $follow } products in a row for each step
    }

# mean-field. Variables: $listed.
reading-mean-field = Networks' factor of a step over that of the theory is, where they part most, { $listed }.

# mean-field: weights drawn anew. Variables: $factor, $setting.
parts-untied = { $factor } where weights are drawn anew at each step ({ $setting })

# mean-field: weights kept. Variables: $factor, $setting.
parts-tied = { $factor } where weights are kept ({ $setting })

# phase-diagram. Variables: $listed.
reading-phase = By the theory the gradient turns from decay to growth { $listed }.

# phase-diagram: a cell with one bias. Variables: $cell, $gain.
phase-one = in { $cell } at { $gain }

# phase-diagram: a cell with its smallest and largest bias. Variables: $cell, $first, $last.
phase-both = in { $cell } at { $first } and { $last }

# phase-diagram: a gain. Variables: $gain, $symbol, $bias.
phase-gain = gain { $gain } for { $symbol } = { $bias }

# phase-diagram: at no gain. Variables: $symbol, $bias.
phase-no-gain = no gain for { $symbol } = { $bias }

# quiescent. Variables: $kind: both, calm, restless; $calm, $restless (lists).
reading-quiescent = { $kind ->
        [both] At rest these are stable: { $calm }; these are not: { $restless }.
        [calm] At rest these are stable: { $calm }.
       *[restless] At rest none is stable: { $restless }.
    }

# quiescent: a network. Variables: $setting, $radius.
quiescent-radius = { $setting } (radius { $radius })

# quiescent, the second sentence. Variables: $share.
quiescent-near = The predicted radius is within { $share } of the measured one.

## Panels, titles and captions

# The title of the figure truncation.
title-truncation = What truncated backpropagation through time cuts off

# Over a column of the figure truncation: a loss on the last step.
panel-loss-last = loss on the last step

# Over a column of the figure truncation: another loss. Variables: $loss.
panel-loss = loss on { $loss }

# truncation, what its columns are: a loss on the last step.
truncation-last = loss on the last step, the last <k> steps are kept

# truncation, what its columns are: a loss on every step.
truncation-every = loss on every step, the sequence is cut into windows of <k> steps, states pass between them, gradients do not

# truncation, what is shown. Variables: $cells, $columns (what its columns are).
shown-truncation = Relative error <error> of the gradient <g_k> of all parameters from windows of <k> steps against the whole gradient <g>, for { $cells }. Columns: { $columns }. Lines: median over seeds; bands: from the lower to the upper quartile over seeds.

# truncation, the note. Variables: $count (steps).
note-truncation = Sequences of { $count } steps.

# The title of the figure clipping.
title-clipping = What clipping does to the parameter gradient

# Over the first column of the figure clipping.
panel-norm = norm before clipping

# Under the first column of the figure clipping.
axis-sequences = sequences, by norm (share)

# Over the second column of the figure clipping.
panel-clipped = share of sequences clipped

# Over the third column of the figure clipping.
panel-cosine = cosine with the true gradient

# Under the columns of the figure clipping; what stands between dollar signs is a symbol.
axis-threshold = threshold $\theta$

# clipping, what is shown. Variables: $cells, $gains, $steps.
shown-clipping = The gradient of each sequence is clipped to norm <theta>, <clip>, for { $cells } with weights scaled by <gamma> = { $gains }. Left: norm of the parameter gradient of single sequences of { $steps } steps before clipping, in order of size; after clipping none is above <theta>. Middle: share of the sequences that are clipped. Right: cosine of the angle between the mean of the clipped gradients and the mean of the unclipped ones, which is the gradient of the mean loss. Lines: median over seeds; bands: from the lower to the upper quartile over seeds.

# The title of the figure exploding.
title-exploding = Exploding gradients: the same cells with larger weights

# exploding and clipping, in the note: retention biases. Variables: $listed (1 for LSTM).
note-biases = Retention bias: { $listed }.

# One of these biases. Variables: $bias, $cells.
bias-for = { $bias } for { $cells }

# exploding, what is shown. Variables: $gradients (symbols), $cells, $gains.
shown-exploding = Norm of the gradient, { $gradients }, against the lag <lag> for { $cells }, all weights times the gain <gamma> = { $gains }. Dotted: a norm of 1. Lines: median over seeds; bands: from the lower to the upper quartile over seeds.

# gradient-norm and exploding, in the note: how factors of a step are found. Variables: $window (lags).
note-factors = Factors of a step: slopes of the logarithm, fitted over { $window }, median over seeds.

# In a caption: the retention biases with which cells are drawn. Variables: $listed.
note-retaining = Retaining gates: { $listed }.

# Beside a row or over a panel: a cell and its retention bias. Variables: $cell, $retention (bias 1).
label-of-setting = { $cell }, { $retention }

# Behind the name of an initialisation. Variables: $gain.
more-gain = , gain { $gain }

# Under panels: the lag of a gradient; what stands between dollar signs is a symbol.
axis-lag = lag $T-t$ (steps)

# In a note: marks of norms that are zero.
triangles-norm = Triangles: the norm is exactly zero.

# The title of the figure ablation.
title-ablation = What each gate and each activation is for

# ablation, over a column, as all of these ({"\u000A"} breaks the line): the gradient's factor of a step.
head-ablation-rate = gradient{"\u000A"}(factor/step)

# ablation, over a column: the largest Lyapunov exponent; what stands between dollar signs is a formula.
head-ablation-lambda_1 = Lyapunov{"\u000A"}$e^{"{"}\lambda_1{"}"}$ (tied)

# ablation, over a column: the factor of the mean field; what stands between dollar signs is a formula.
head-ablation-chi = mean field{"\u000A"}$\sqrt{"{"}\chi{"}"}$ (untied)

# ablation, over a column: the highway's share in the gradient.
head-ablation-highway = highway{"\u000A"}share

# ablation, over a column: the number of parameters.
head-ablation-parameters = parameters

# ablation, over a column: the number of operations.
head-ablation-operations = operations{"\u000A"}per step

# ablation, in place of a row of numbers.
ablation-is-no-cell = these equations are no cell

# ablation, in place of a row of numbers, where there is little room.
ablation-is-no-cell-short = no cell

# ablation, what is shown. Variables: $cells, $peepholes: some (an edit takes peepholes away), none.
shown-ablation = Ablations of { $cells }, made from the equations: a gate held open is 1, a linear activation is its argument, a tied gate is 1 minus another{ $peepholes ->
        [some] , without peepholes no gate reads its own unit's state through a weight of its own
       *[none] {""}
    }. Factors per step, median over seeds. Measured: of the gradient's norm with the lag; of a small difference between trajectories, the exponential of the largest Lyapunov exponent <lambda_1> (tied weights). Theory: of the backward signal if weights were drawn anew at each step (untied), the root of <chi>; it need not agree. Then the highway's share in the gradient of one step, parameters, and operations of one step. The darker, the further from the cell as it is; triangles say in which direction; a dash: no value (no highway, for one).

# ablation, the note. Variables: $first, $last (lags).
note-ablation = The gradient's factor is fitted to its logarithm where the curve is straight, between the lags { $first } and { $last }.

# ablation, in the note: edits whose equations are no cell. Variables: $listed.
note-ablation-broken = No cell comes of { $listed }.

# ablation, one of these. Variables: $cell, $edit.
ablation-of-cell = { $cell }, { $edit }

# ablation, the end of the note. Variables: $size, $seeds (3 seeds), $input, $dtype.
sizes-ablation = { $size }, { $seeds }; input: { $input }; zero initial state; { $dtype }.

# The title of the figure bound. Variables: $cells.
title-bound = Bound against reality: { $cells }

# bound and paths, beside the panels: the vertical axis.
axis-norm = norm

# bound, over a panel, and layers, in the legend: a gain of the weights. Variables: $gain.
panel-gain = gain { $gain }

# bound, over a panel: values that the run gives. Variables: $symbols.
panel-of-run = { $symbols } of the run

# bound, in the legend.
legend-bound = bound

# bound, in the legend: the measured norm of the Jacobian.
legend-jacobian = Jacobian norm

# bound, in the legend: the measured norm of the gradient.
legend-gradient = gradient norm

# bound, in a panel, on two lines: the factor by which the gap grows. Variables: $factor.
bound-gap = gap × { $factor }{"\u000A"}per step

# bound, what is shown. Variables: $cells.
shown-bound = Norm of the Jacobian of the whole state over <lag> steps, <spectral>, and of the gradient, <ds>, against what the equations allow, for { $cells }. Norms (measured): products of Jacobians along a run. Lines: median over seeds; bands: from the lower to the upper quartile over seeds; shaded: the gap, and the factor by which it grows per step where that is constant.

# bound, the note.
note-bound = Bound (theory, for every input, from a state of zeros): powers of the matrix of bounds on the blocks of one step's Jacobian, each a sum over paths of the largest slopes that the equations allow times the largest singular values of the weights, which are measured.

# bound, in the note: what has no bound by the equations. Variables: $cell, $names.
note-bound-open = The equations of { $cell } do not bound { $names }: there the bound takes the largest value of the run, and holds for that run alone.

# bound and paths, the last of several names. Variables: $count.
counted-others = { $count } others

# bound, among hidden sizes. Variables: $cell, $n.
size-of-cell = { $cell } { $n }

# bound, the end of the note. Variables: $size, $seeds, $sequences, $steps (200 steps), $input, $loss, $dtype.
sizes-bound = { $size }, { $seeds }, { $sequences } of { $steps } for each; input: { $input }; loss: { $loss }; zero initial state; { $dtype }.

# The title of the figure quiescent.
title-quiescent = Eigenvalues of the Jacobian at rest

# quiescent, in the legend: the points.
legend-eigenvalues = eigenvalues

# quiescent, in the legend: the edge of the region of theory.
legend-edge = predicted edge

# quiescent, in the legend: the circle of radius 1.
legend-circle = unit circle

# quiescent, over a panel: the largest modulus. Variables: $radius.
panel-radius = radius { $radius }

# quiescent, over a panel: the same and the gain at which it is 1. Variables: $radius, $gain.
panel-radius-critical = radius { $radius }; critical gain { $gain }

# quiescent, what is shown. Variables: $cells, $count (networks).
shown-quiescent = Eigenvalues (dots) of the Jacobian of one step, with respect to all states, at the fixed point without input, for { $cells }: measured on { $count ->
        [one] { $count } network
       *[other] { $count } networks
    } a panel. Edge: theory for <n> → ∞ with the same weights at every step (tied), independent entries and, where the fixed point is not zero, independence of weights and state. Radius: largest modulus, the factor per step of the slowest direction, median over seeds.

# quiescent, in the note: hidden sizes. Variables: $size.
note-size = { $size }.

# quiescent, in the note: a smaller hidden size. Variables: $n, $cell.
size-for-cell = { $n } for { $cell }

# quiescent, in the note. Variables: $weights (what is scaled), $listed (gains of settings).
note-quiescent = Critical gain, the factor of { $weights } for which the radius is 1, predicted and (in parentheses) measured, median over seeds: { $listed }.

# quiescent, one of these gains: there is none. Variables: $setting.
critical-gain-none = { $setting }: none

# quiescent, one of these gains. Variables: $setting, $gain.
critical-gain-predicted = { $setting }: { $gain }

# quiescent, one of these gains, predicted and measured. Variables: $setting, $gain, $measured.
critical-gain-measured = { $setting }: { $gain } ({ $measured })

# quiescent, in the note: cells without a region. Variables: $listed.
note-quiescent-without = No region is predicted for { $listed }.

# quiescent, one of these cells. Variables: $cell, $why.
without-region = { $cell } ({ $why })

# The title of the figure gate-statistics.
title-gates = How open gates are over time

# gate-statistics, over the first column.
panel-openness = openness

# gate-statistics, over the second column.
panel-saturation = saturation of units

# gate-statistics, over the third column.
panel-passing = share let through

# gate-statistics, under the first column.
axis-step = step

# gate-statistics, under the second column.
axis-closed = share of time < 0.1

# gate-statistics, under the third column.
axis-passing = gate ⊙ operand / operand

# gate-statistics, in the legend. Variables: $gate.
legend-gate = gate { $gate }

# gate-statistics, beside a bar: a product and its share. Variables: $product, $share.
product-share = { $product }  { $share }

# gate-statistics, in place of a bar: the gate has only zeros to pass. Variables: $product.
product-nothing = { $product }  nothing stands before it

# gate-statistics, what is shown. Variables: $cells, $closed, $open (levels of a gate).
shown-gates = Gates of { $cells } over time, measured. Left: mean openness over units and sequences (line, its median over seeds) and the range from the 0.1 to the 0.9 quantile over units (band). Middle: a mark for each unit, by the shares of time in which its gate is below { $closed } and above { $open }; larger marks stand for more units; no mark can lie above the dotted line. Right: mean size of gate ⊙ operand over mean size of the operand, for each product of the equations that holds a gate; bars: median over seeds, lines: from the lowest to the highest.

# gate-statistics, the note: after whom.
note-gates = The middle follows Karpathy, Johnson and Fei-Fei 2015.

# gate-statistics, the end of the note. Variables: $size, $seeds, $sequences, $steps (200 steps), $input, $dtype.
sizes-gates = { $size }, { $seeds }, { $sequences } of { $steps } for each; input: { $input }; zero initial state; { $dtype }.

# In the middle of a panel: all networks diverged.
no-trajectory = no finite trajectory

# Over panels, and in legends: a gain of the weights; what stands between dollar signs is a symbol. Variables: $gain.
legend-gain = gain $\gamma$ = { $gain }

# The same with a retention bias. Variables: $gain, $retention.
legend-gain-retention = gain $\gamma$ = { $gain }, { $retention }

# In a note: networks of a line that are left out. Variables: $count (the most of a line).
seeds-missing = Up to { $count } seeds of a line are not finite and are left out of it.

# In a note: settings that are not drawn.
settings-missing = Where a setting is not drawn, none of its networks stays finite.

# In a note: marks of what is zero.
triangles-zero = Triangles: exactly zero.

# Under or beside panels: a factor of a step.
axis-factor = factor per step

# gradient-norm and exploding, beside the panels.
axis-gradient = gradient norm

# gradient-norm, at a line in a panel: no smaller number is there in float32.
reference-float32 = float32 underflows

# The title of the figure gradient-norm. Variables: $cells, $input.
title-norm = Gradient norm against lag: { $cells } reading { $input }

# gradient-norm and exploding, among gradients: all states together.
gradient-of-state = that of the whole state

# gradient-norm and exploding, among gradients. Variables: $quantity.
gradient-of = that of { $quantity }

# gradient-norm, what is shown, of cells with gates that retain the state. Variables: $gradients (symbols), $cells, $biases, $plain: none, one (row), rows (several); $others (cells without such gates).
shown-norm-gated = Norm of the gradient, { $gradients }, against the lag <lag>, for { $cells }; lines with markers: the bias of the gates that retain the state, { $biases }{ $plain ->
        [rows] ; without markers, in every row: { $others }
        [one] ; without markers: { $others }
       *[none] {""}
    }.

# gradient-norm, what is shown, of cells without such gates. Variables: $gradients (symbols), $cells.
shown-norm-plain = Norm of the gradient, { $gradients }, against the lag <lag>, for { $cells }.

# gradient-norm, what is shown: the columns. Variables: $schemes.
shown-norm-columns = Columns: quantity and initialisation ({ $schemes }).

# gradient-norm, what is shown: lines and bands.
shown-norm-lines = Lines: median over seeds; bands: from the lower to the upper quartile over seeds.

# gradient-norm, in the note: the law of chrono biases. Variables: $most.
note-chrono = Chrono: log U(1, { $most }), its negative in an input gate.

# gradient-norm, in the note: marks of gradients that are zero.
triangles-gradient = Triangles: the gradient is exactly zero.

# The title of the figure lyapunov. Variables: $cells, $input.
title-lyapunov = Lyapunov spectrum: { $cells } reading { $input }

# lyapunov, over the first column.
panel-spectrum = spectrum

# lyapunov, over the second column.
panel-convergence = convergence

# lyapunov, under the first column; what stands between dollar signs is a symbol.
axis-index = index $i$ / hidden size $n$

# lyapunov, under the second column.
axis-averaged = steps averaged

# lyapunov, beside the first column; what stands between dollar signs is a symbol.
axis-exponents = $\lambda_i$ (1/step)

# lyapunov, beside the second column; what stands between dollar signs is a symbol.
axis-exponent = $\lambda_1$ (1/step)

# lyapunov, behind the name of an initialisation. Variables: $gains.
more-gains = , all weights times the gain <gamma> = { $gains }

# lyapunov, what is shown. Variables: $cells, $tangents (how many), $steps, $warmup (steps).
shown-lyapunov = Lyapunov exponents <lambda_i> of the whole state along its own trajectory, for { $cells }, measured by repeated QR decomposition of { $tangents } over { $steps } steps after { $warmup } that are dropped. Left: exponents in descending order against <i_over_n>. Right: the largest after so many steps. Lines: median over seeds; bands: from the lower to the upper quartile over seeds. No theory enters.

# lyapunov, how many tangents: all.
tangents-all = as many tangents as the state has numbers

# lyapunov, how many tangents. Variables: $count.
tangents-some = up to { $count } tangents

# lyapunov, the note.
note-lyapunov = An exponent is the natural logarithm of a factor a step.

# lyapunov, in the note. Variables: $blocks (their number), $middle, $largest (errors).
note-lyapunov-error = Standard error of <lambda_1> in one network, from { $blocks } blocks of steps: { $middle } (median), { $largest } (largest).

# lyapunov, in the note. Variables: $kind: some, none; $listed (LSTM (gain 3) 0.1 and 0.02).
note-dimension = Kaplan–Yorke dimension (interpolated) and entropy rate (sum of the positive exponents, an upper bound), both over <n>, median over seeds: { $kind ->
        [some] { $listed }; zero for all others
       *[none] zero for all
    }.

# lyapunov, dimension and entropy rate of a setting. Variables: $setting, $dimension, $entropy.
dimension-of = { $setting } { $dimension } and { $entropy }

# lyapunov, one of these settings. Variables: $cell, $gain, $retention.
setting-of-gain-retention = { $cell } (gain { $gain }, { $retention })

# lyapunov, in the note: marks of exponents that are infinite.
triangles-exponents = Triangles: minus infinity, for in some step the growth was zero to working precision (a singular Jacobian, or nearly so).

# lyapunov and singular-values, among hidden sizes: as it was matched. Variables: $cell, $n.
size-of-matched = { $cell }: { $n }

# lyapunov and singular-values, among hidden sizes: that of parameters that are given. Variables: $cell, $n.
size-of-given = { $cell }: { $n }, as given

# lyapunov and singular-values, among hidden sizes: a smaller one. Variables: $cell, $n.
size-of-smaller = { $cell }: { $n }, for its state holds more

# lyapunov and singular-values, where trajectories begin.
start-default = zero initial state, drawn from N(0, 1) for a cell without input

# lyapunov and singular-values, where trajectories begin. Variables: $variance.
start-drawn = initial state drawn from N(0, { $variance })

# lyapunov and singular-values, the end of the note. Variables: $size, $seeds, $input, $start, $dtype.
sizes-trajectory = { $size }, { $seeds }, one sequence for each; input: { $input }; { $start }; { $dtype }.

# The title of the figure singular-values. Variables: $cells.
title-singular = Singular values of the Jacobian of many steps: { $cells }

# singular-values, over a column; below it the initialisation.
panel-singular = singular values

# singular-values, over the last column; below it a formula.
panel-condition = condition number

# singular-values, in the legend. Variables: $setting.
legend-condition = condition number, { $setting }

# singular-values, a setting in the legend. Variables: $scheme (initialisation), $setting (gain, bias).
setting-in-legend = { $scheme }, { $setting }

# singular-values, what is shown. Variables: $cells, $warmup (steps), $lags.
shown-singular = Singular values of the Jacobian <jacobian> of the whole state, measured for { $cells }, t being { $warmup } steps after the start. Left: histograms over all singular values and seeds at lags of { $lags } steps, as the factor per step <factor>, each scaled to its own height; all of them at 1 (dotted) would be an isometry. Right: condition number against the lag. Lines: median over seeds; bands: from the lower to the upper quartile over seeds. No theory enters.

# singular-values, the note.
note-singular = The product of Jacobians is carried in factors that have each an exponent, so no singular value underflows.

# singular-values, in the note. Variables: $gains, $first (of the histograms).
note-gains = Weights times the gain <gamma> = { $gains }; histograms: { $first }.

# singular-values, in the note: marks of values that are zero.
triangles-singular = Triangles: on the left the share of singular values that are zero to working precision, on the right the infinite condition numbers that they make.

# The title of the figure paths. Variables: $cells, $input.
title-paths = Paths of the gradient: { $cells } reading { $input }

# paths, over the first column; the legend has the paths.
panel-departure = left the highway by

# paths, over the second column; the legend has the paths.
panel-last-step = last step through

# paths, over the third column.
panel-squared = last step, squared

# paths, beside the second column.
axis-norm-share = norm / whole

# paths, in the legend: the whole gradient.
legend-whole = whole

# paths, in the legend: what the squares of the parts leave.
legend-cross = cross term

# paths, what is shown. Variables: $cells.
shown-paths = The gradient of the loss at step T with respect to the whole state at step t, taken apart by the paths that it takes back, against the lag <lag>, for { $cells }. Left, for the whole way from T to t: norms of the parts; the highway's has never left the highway, every other has, going back in time, left it for the first time by that path. Middle, for the step from t to t + 1 alone: norms of its parts over the norm of the gradient at t. Right: their squares (<delta_t> is the gradient at t); the cross term is what is left to 1, below zero where parts cancel. Lines: median over seeds; bands: from the lower to the upper quartile over seeds.

# paths, the note. Variables: $sum: within, beyond (rounding), none (is finite); $miss, $allowed (amounts).
note-paths = A path is the first name of the equations that a state leads to; the state highway (thick) leads straight to a next state, entry by entry; a primed name is a next state reached through a matrix. The share of a path in the first sentence is of the way from T to t: the inner product of its part (left) with the gradient at t, over the gradient's squared norm; the shares of all paths add up to 1. All is measured, by adjoints derived from the equations, and each time the parts add up to the gradient (dotted); { $sum ->
        [within] the largest miss is { $miss } of its norm
        [beyond] the largest miss is { $miss } of its norm, more than the { $allowed } that rounding explains
       *[none] no value is finite
    }.

# The title of the figure contributions. Variables: $cells, $input.
title-contributions = Temporal contributions: { $cells } reading { $input }

# contributions, beside the bar of colours.
bar-contribution = norm of the contribution

# contributions, under the panels; what stands between dollar signs is a symbol.
axis-use = step $k$ of use

# contributions, beside the panels; what stands between dollar signs is a symbol.
axis-loss = step $t$ of loss

# contributions, what is shown. Variables: $cells, $decades.
shown-contributions = What the use of the parameters at step <k> adds to the gradient of a loss at step t, for { $cells }: the norm of the loss's gradient with respect to the state after step <k>, times the derivative of step <k> alone with respect to <theta>. All parameters whose names begin alike up to the underscore are taken together (columns). Colours show powers of ten, one scale for all panels, { $decades } decades at most: smaller numbers have the lightest colour of the scale; grey: exactly zero, as for a matrix that reads the zero initial state.

# contributions, what is not shown. Variables: $listed.
shown-contributions-without = Without a panel: { $listed }, for nothing comes from there to a loss on the state.

# contributions, of what is not shown. Variables: $cell.
contributions-not-finite = all of { $cell }, which are not finite

# contributions, the note.
note-contributions = All is measured. In the first sentence: median over parameters and seeds.

# contributions, in the note.
note-medians = Median over sequences, then over seeds.

# The title of the figure depth. Variables: $cells, $input.
title-depth = Gradient through depth and time: { $cells } reading { $input }

# depth, beside the bar of colours.
bar-gradient = norm of the gradient

# depth, over a panel. Variables: $retention (bias 1).
panel-retaining = retaining gates: { $retention }

# depth, under the panels.
axis-lag-steps = lag (steps)

# depth, beside the panels.
axis-layer = layer

# depth, the first sentence. Variables: $listed (one for each setting).
reading-depth = { $listed }.

# depth, one setting. Variables: $start: last (the shortest lag is none), earlier; $end: times (the ratio at the longest lag is a number), other; $setting, $first, $later (steps before), $low, $high (layers), $near, $far (ratios), $lowest, $uppermost (norms at the longest lag).
reading-depth-one = { $start ->
        [last] { $end ->
            [times] { $setting }: at the last step the gradient of { $low } is { $near } times that of { $high }, { $later } it { $far } times ({ $lowest } and { $uppermost })
           *[other] { $setting }: at the last step the gradient of { $low } is { $near } times that of { $high }, { $later } it they are { $lowest } and { $uppermost }
        }
       *[earlier] { $end ->
            [times] { $setting }: { $first } the last one the gradient of { $low } is { $near } times that of { $high }, { $later } the last one { $far } times ({ $lowest } and { $uppermost })
           *[other] { $setting }: { $first } the last one the gradient of { $low } is { $near } times that of { $high }, { $later } the last one they are { $lowest } and { $uppermost }
        }
    }

# depth, in the first sentence. Variables: $count.
steps-before = { $count ->
        [one] { $count } step before
       *[other] { $count } steps before
    }

# depth, in the first sentence: the first layer. Variables: $count (layers).
layer-lowest = the lowest of { $count } layers

# depth, in the first sentence: the last layer.
layer-uppermost = the uppermost

# depth, in the first sentence, and beside the rows of a live model: a layer. Variables: $number.
layer-numbered = layer { $number }

# depth, what is shown. Variables: $decades, $states (of each cell).
shown-depth = Norm of the gradient of a loss on what the uppermost layer reads out, with respect to what each layer reads out (rows, the lowest layer below), against the lag (steps before the last). The adjoint is total: that of a layer counts what passes through the layers above in the same step. Colours show powers of ten, one scale for all panels, { $decades } decades at most; black lines: where the norm first passes a whole power of ten; grey: exactly zero. Measured states, from below: { $states }.

# depth, the measured states of a cell. Variables: $cell, $states.
states-of-cell = { $cell }: { $states }

# depth, the note.
note-depth = All is measured: median over sequences, then over seeds.

# The title of the figure layers.
title-layers = A vector passed through a layer again and again

# layers, over the first column.
panel-layers-size = size

# layers, over the second column.
panel-layers-spread = spread over units

# layers, over the third column.
panel-layers-difference = small difference

# layers, under the panels.
axis-passes = passes through the layer

# layers, beside a row and in sentences: x is handed on as it is.
activation-identity = no activation

# layers, beside a row and in sentences: the logistic function.
activation-sigmoid = σ (logistic)

# layers, what is shown. Variables: $weights: same, new (at each pass); $activations, $seeds (3 seeds).
shown-layers = { $weights ->
        [same] A vector x passed through x ← φ(W x) again and again (the same layer each time), for φ = { $activations }.
       *[new] A vector x passed through x ← φ(W x) again and again (a new layer each time), for φ = { $activations }.
    } Measured: root mean square of the entries (left), their standard deviation (middle), and the growth of a small difference between two vectors (right). Lines: median over { $seeds }; bands: from the lower to the upper quartile. Axes are cut at twenty powers of ten.

# layers, the note.
note-layers = Where the difference decays, all vectors become one and what told them apart is lost; where it grows, neighbours part. Without an activation size, spread and difference grow or decay together, without end.

# layers, in the note. Variables: $listed (gains).
note-layers-critical = Theory, for wide layers with a new matrix each time: a small difference neither grows nor decays at a gain of { $listed }.

# layers, one of these gains. Variables: $gain, $activation.
critical-of-activation = { $gain } for { $activation }

# layers, the end of the note. Variables: $n, $dtype.
sizes-layers = Initialisation: entries of W are independent N(0, g²/<n>) with gain <g>, those of the first x N(0, 1); <n> = { $n }; { $dtype }.

# The title of the figure mean-field.
title-mean-field = Mean field against networks

# mean-field, in the legend: the theory.
legend-mean-field-rate = theory, independent signal

# mean-field, in the legend: the theory in which the signal of each unit is followed.
legend-mean-field-followed_rate = theory, signal followed

# mean-field, in the legend: networks whose weights are drawn anew at each step.
legend-mean-field-untied = networks, weights drawn anew

# mean-field, in the legend: networks as they are.
legend-mean-field-tied = networks, weights kept

# mean-field, under a point of a cell without such gates.
tick-no-bias = no retention bias

# mean-field and phase-diagram, under or beside a panel; what stands between dollar signs is a symbol.
axis-bias = retention bias $b$

# mean-field, what is shown. Variables: $cells.
shown-mean-field = Factor per step by which the backward signal grows, against the retention bias, in { $cells }. Theory: the root of <chi>, the factor of the second moment in a large network whose weights are drawn anew at each step, pre-activations taken as Gaussian; once with the signal at a unit taken as independent of that unit's state, once with each unit's signal followed along its own past.

# mean-field, what is shown of networks. Variables: $n, $others (sizes of other cells in parentheses, or empty), $steps.
shown-mean-field-networks = Measured, at hidden size <n> = { $n }{ $others } over { $steps } steps, the first quarter dropped: the factor by which a tangent grows, in networks that draw their weight matrices anew at each step (untied), and in networks that keep them (tied). The theory speaks of the first alone.

# mean-field, what is shown: points and bars. Variables: $seeds (3 seeds).
shown-mean-field-seeds = Mean and standard error over { $seeds }.

# mean-field, the note. Variables: $population.
note-mean-field = Its logarithm is the rate: <half_log_chi>, and for networks that keep their weights the largest Lyapunov exponent. Populations of about { $population } units.

# mean-field, in the note. Variables: $share (in per cent).
note-laws = Mean squares of the states stand in the table; their standard errors over populations are at most { $share } %.

# mean-field, the end of the note. Variables: $input, $dtype.
sizes-mean-field = Input: { $input }, in theory and untied networks independent normal numbers of the same mean square; { $dtype }.

# The title of the figure valve.
title-valve = The gate as a valve

# valve, over the first column.
panel-input = input

# valve, over the second column: which gate. Variables: $product.
panel-gate = gate in { $product }

# valve, beside the first column.
axis-value = value

# valve, under the first column.
axis-feature = feature of the input

# valve, under the second column.
axis-gate = unit of the gate

# valve, under the third column.
axis-product = unit of the product

# valve, in the legend.
legend-before = before the gate

# valve, in the legend. Variables: $level.
level-closed = closed ({ $level })

# valve, in the legend. Variables: $level.
level-open = open ({ $level })

# valve, in the legend: a gate at 0.2.
level-fifth = one fifth open

# valve, in the legend. Variables: $level.
level-part = { $level } open

# valve, what is shown. Variables: $cells, $levels.
shown-valve = Response of the gates of { $cells } to their inputs, measured on one network in one step from one random state. Left: inputs found by a search that starts at a random one and sets all units of the gate to { $levels }. Middle: the gate as it answers. Right: what passes (marks) of what stands before the gate (bars), for the product above the panel.

# valve, in the note. Variables: $products.
note-valve-moved = What stands before the gate moves with the input, too, in { $products }.

# valve, in the note. Variables: $products.
note-valve-off = The search found no input that sets the gate of { $products }: where a unit is held at 0 or 1, no small change of the input moves it.

# valve, the end of the note. Variables: $n, $others (sizes of other cells in parentheses, or empty), $most (entries), $dtype.
sizes-valve = Hidden size <n> = { $n }{ $others }; of long vectors the first { $most } entries are drawn; { $dtype }.

# The title of the figure timescales.
title-timescales = Timescales of retained states

# timescales, beside the panels.
axis-half-life = half-life (steps)

# timescales, under the panels: biases with the sign with which they keep longer.
axis-keeping = bias (sign: keeps longer)

# timescales, in the legend: the lines.
legend-by-equations = by the equations

# timescales, in the legend: quantiles; what stands between dollar signs is a symbol. Variables: $horizon.
legend-chrono = chrono, 5 to 95 % ($T_{"{"}max{"}"}$ = { $horizon })

# timescales, in the legend: the squares.
legend-in-run = measured in a run, 5 to 95 % of units

# timescales, in a panel: a state without such a bias. Variables: $state.
timescale-constant = { $state }: no bias moves it

# timescales, in a panel: a state without such a bias, that is kept while a switch is on. Variables: $state.
timescale-constant-on = { $state }: no bias moves it, while on

# timescales, in a panel: a state and its bias, which may have a minus. Variables: $state, $bias.
timescale-by = { $state } by { $bias }

# timescales, what is shown. Variables: $cells.
shown-timescales = Half-life, ln ½ / ln <kept>, <kept> being the share of itself that a state keeps in a step, for { $cells }. Lines: calculated from the equations, results of all sums zero, other biases zero, against the bias of the gate that retains the state; where a smaller bias keeps longer, against its negative. Diamonds: 5, 25, 50, 75 and 95 % quantiles of chrono initialisation. Squares: measured in runs, from the geometric mean of <kept> over steps; bars from 5 to 95 % of units, medians over seeds; under chrono initialisation the quantiles of the diamonds, over units.

# timescales, the note. Variables: $horizon (steps), $share.
note-timescales = Chrono: time constants 1/(1 − <kept>) uniform on 2 to { $horizon } steps, so that half-lives reach { $share } of that.

# timescales, in the note. Variables: $size, $seeds (3 seeds), $steps, $input.
sizes-timescales = { $size }, { $seeds }, runs of { $steps } steps; input: { $input }. Bands: 5 to 95 % of units where no bias moves the share. Triangles: outside the panel.

# timescales, the end of the note. Variables: $horizon (steps), $listed.
note-timescales-needed = Bias for a half-life of { $horizon } steps: { $listed }.

# timescales, one of these biases. Variables: $state (c of LSTM), $parameter, $value.
bias-needed = { $state }, { $parameter } = { $value }

# The title of the figure phase-diagram.
title-phase = Where the backward signal grows

# phase-diagram, in the legend; what stands between dollar signs is a formula. Networks whose weights are drawn anew.
legend-phase-untied = untied theory: $\chi=1$

# phase-diagram, in the legend; what stands between dollar signs is a formula. Networks that keep their weights.
legend-phase-tied = tied networks: $\lambda_1=0$

# phase-diagram, in the legend: networks that keep their weights, at rest.
legend-phase-rest = tied, at rest: critical

# phase-diagram, on the line in a panel; what stands between dollar signs is a formula.
label-phase-untied = $\chi=1$

# phase-diagram, on the line in a panel; what stands between dollar signs is a formula.
label-phase-tied = $\lambda_1=0$

# phase-diagram, on the line in a panel: networks at rest.
label-phase-rest = rest

# phase-diagram, under the panels; what stands between dollar signs is a symbol.
axis-recurrent-gain = recurrent gain $\sigma$

# phase-diagram, beside a panel of a cell without gates that retain; what stands between dollar signs is a symbol.
axis-spread = spread of biases $\sigma_b$

# phase-diagram, beside the bar of colours; what stands between dollar signs is a formula.
bar-chi = factor per step $\sqrt{"{"}\chi{"}"}$ (untied)

# phase-diagram, what biases are varied: of cells with gates that retain.
phase-retention = the bias <b> of the gates that retain the state

# phase-diagram, what biases are varied: of other cells.
phase-spread = the standard deviation <sigma_b> of all biases (cells without such a gate)

# phase-diagram, what is shown. Variables: $cells, $biases (which are varied), $networks (their number), $rest (what the dots are).
shown-phase = Phase diagram of { $cells } over the gain <sigma> of the recurrent weights, and { $biases }. Shading and full line: theory, the factor <chi> per step of the second moment of the backward signal (its root is the factor of the signal) in a large network whose weights are drawn anew at each step (untied), pre-activations taken as Gaussian. Dashed: measured, largest Lyapunov exponent <lambda_1> = 0 of networks that keep their weights (tied), mean over { $networks }; strokes where it is within two standard errors of 0. Dots: { $rest }.

# phase-diagram, what the dots are, by a law. Variables: $seeds (draws).
phase-rest-law = theory, gain at which a network that keeps its weights loses its stability at rest, without input, its entries taken as independent, mean over { $seeds } draws of the biases

# phase-diagram, what the dots are, by a law for some cells. Variables: $seeds (draws), $cells.
phase-rest-law-of = theory, gain at which a network that keeps its weights loses its stability at rest, without input, its entries taken as independent, mean over { $seeds } draws of the biases ({ $cells })

# phase-diagram, what the dots are, after those by a law. Variables: $cells.
phase-rest-also = the same measured on networks of that size, for which no law is known ({ $cells })

# phase-diagram, what the dots are. Variables: $cells.
phase-rest-measured = measured, gain at which networks of that size lose their stability at rest, without input (no law is known for { $cells })

# phase-diagram, the note. Variables: $population, $seeds, $error, $n, $others (sizes of other cells in parentheses, or empty), $steps.
note-phase = The three lines answer three questions and need not agree. Laws of states and signals from populations of about { $population } units, largest standard error of <half_log_chi> over { $seeds } of them { $error }. Networks of hidden size <n> = { $n }{ $others } and { $steps } steps, the first quarter dropped.

# phase-diagram, in the note: an error that one population does not give.
error-unknown = unknown

# phase-diagram, in the note: marks of what is not finite.
crosses-not-finite = Crosses: values that are not finite.

# phase-diagram, the end of the note. Variables: $input, $dtype.
sizes-phase = Input: { $input }; zero initial state; { $dtype }.

# The title of the figure jacobian-sheet. Variables: $cells.
title-sheet = The Jacobian of one step: { $cells }

# jacobian-sheet, beside a cell's name; the states follow.
sheet-state = state

# jacobian-sheet, the head of a part.
sheet-blocks = Jacobian of the step, block by block

# jacobian-sheet, the head of a part. Variables: $sizes.
sheet-costs = What it costs ({ $sizes })

# jacobian-sheet, beside a block of a state by itself. Variables: $factor (a formula).
sheet-highway = highway: { $factor }

# jacobian-sheet, a count; the number follows. Parameters.
sheet-count-parameters = parameters

# jacobian-sheet, a count; the number follows. The size of the state.
sheet-count-state_numbers = numbers in the state

# jacobian-sheet, a count; the number follows. Of matrix products and sums.
sheet-count-multiply_adds = multiply–adds

# jacobian-sheet, a count; the number follows. Entry by entry.
sheet-count-elementwise = other arithmetic

# jacobian-sheet, a count; the number follows. Of functions such as tanh.
sheet-count-functions = function evaluations

# jacobian-sheet, a count, behind a colon its number. Variables: $count.
sheet-sequential = products that follow one another: { $count }

# jacobian-sheet, what is shown. Variables: $cells.
shown-sheet = The Jacobian of one step of { $cells } in closed form: how each state depends on each state of the step before, derived from the equations and exact (nothing here is measured, so no initialisation enters). diag(v) is the diagonal matrix of v; ⊙ multiplies entry by entry.

# jacobian-sheet, in the note.
note-sheet-shaded = Shaded: a state by itself, where paths that pass no matrix (its highway) multiply by the factor given.

# jacobian-sheet, in the note.
note-sheet-shared = Derivatives of intermediate values stand before the blocks that are written in them.

# jacobian-sheet, the end of the note.
note-sheet = Counts are for one step of one sequence: multiply–adds in matrix products and sums; other additions, multiplications and divisions; function evaluations; and how many products or sums have to follow one another from one state to the next, the part that cannot be done for all steps at once.

# The title of the figure live-gradient. Variables: $places (modules, layers, directions).
title-live = The gradient over time steps in a live model: { $places }

# live-gradient, beside a row: the model itself is the layer.
live-model = model

# live-gradient, in the legend: an update of the weights. Variables: $update (its number).
legend-update = update { $update }

# live-gradient, in the first sentence: a norm that has no symbol. Variables: $quantity.
norm-of-gradient = the norm of the gradient of { $quantity }

# live-gradient, the first sentence. Variables: $update, $norm, $ratio, $place (module, layer, direction), $places (their number), $updates: one, several; $first (update), $before (its ratio).
reading-live = At update { $update } the ratio of { $norm } at the first step that is read to that at the last step that a gradient reaches is { $ratio } in { $place }{ $places ->
        [one] {""}
       *[other] , the smallest of { $places } places
    }{ $updates ->
        [several] ; at update { $first } it was { $before }
       *[one] {""}
    }.

# live-gradient, what is shown. Variables: $quantities, $gated: some, none; $gates, $cells, $updates (number of lines), $seen (number of watched updates), $more: some, none (were more watched than are drawn?).
shown-live = Norm of the gradient of { $quantities } at each step{ $gated ->
        [some] , and the mean openness of the gates { $gates }
       *[none] {""}
    }, in { $cells } within a model that learns; a line for each of { $updates ->
        [one] { $updates } update
       *[other] { $updates } updates
    }{ $more ->
        [some] {" "}of { $seen } that were watched
       *[none] {""}
    }. Norms: median over the sequences of an update (line), and from their lower to their upper quartile (band).

# live-gradient, the note. Variables: $reverse: some (direction reads from the end), none.
note-live = { $reverse ->
        [some] Step 0 is the initial state, which stands behind the last step where a direction reads from the end.
       *[none] Step 0 is the initial state.
    } Initialisation: the model's own; each line is of the weights that it had at the update. The loss is the model's own.

# The title of the figure speed.
title-speed = Time against other libraries

# speed, under the panels; what stands between dollar signs is a symbol.
axis-hidden = hidden size $n$

# speed, beside the last column.
axis-peak = fraction of peak

# speed, beside the other columns.
axis-ratio = peer's time / ours

# speed, the first sentence: one for each library. Variables: $peer, $measure, $means (float32 1.2, …).
reading-speed = Geometric means against { $peer }, { $measure }: { $means }.

# speed, what is shown of other libraries.
shown-speed-ratios = How many times longer other libraries take than gatedsym, for the forward pass (theirs is inference, ours keeps what a backward pass needs) and for forward + backward with the gradients of all parameters, of the input and of the initial state: a mark for each point, a line through the geometric means, dotted where both are as fast.

# speed, what is shown of gatedsym. Variables: $place: right (of other libraries), alone.
shown-speed = { $place ->
        [right] Right: multiply-adds of the cell's products per second, forward + backward, over the rate of a register tile on operands in the first cache, measured in the same run; line: mean.
       *[alone] Multiply-adds of the cell's products per second, forward + backward, over the rate of a register tile on operands in the first cache, measured in the same run; line: mean.
    }

# speed, the note. Variables: $cells, $steps, $batches, $threads (their number), $packs: onnxruntime (is among the libraries), none; $processor, $versions.
note-speed = { $cells }; input size = hidden size <n>, T = { $steps } steps, batches of { $batches }. Medians of interleaved runs, each library in a process of its own with { $threads ->
        [one] { $threads } thread
       *[other] { $threads } threads
    }, packing of weights included{ $packs ->
        [onnxruntime] {" "}(onnxruntime packs when it loads the model)
       *[none] {""}
    }. Processor: { $processor }; { $versions }.

# The title in the file of the family tree.
title-family-tree = Family tree of recurrent cells

# The family tree, below it.
note-family-tree = A line leads from a cell to its edits; = names what a cell is, in whole or in part, under a substitution (proven). A year takes room by the number of its cells.

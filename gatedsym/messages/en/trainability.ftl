### The study "when is a dead gradient fate": `gatedsym trainability`, its page, figures and errata.

## Captions. <10:-6> stands for a power of ten, and is no part of the text.

# First sentence under the figure of updates against the gradient. Variables: $learnt, $runs (counts of runs), $settings,
# $tasks, $rates (how many of each), $updates (that a run had at most).
dots-result = { $learnt } of { $runs } runs, of { $settings } settings on { $tasks } tasks at { $rates ->
    [one] one rate
   *[other] { $rates } rates
}, learn their task within { $updates } updates.

# After it, of the runs whose gradient was dead. Variables: $dead (a power of ten), $slow, $fast (the least and the
# greatest rate), $slow_learnt, $slow_runs, $fast_learnt, $fast_runs (counts of runs).
dots-dead = Of the runs whose gradient was below { $dead }, { $slow_learnt } of { $slow_runs } learn at rate { $slow } and { $fast_learnt } of { $fast_runs } at rate { $fast }.

# What the figure of updates against the gradient shows.
dots-shown = A mark for each run: filled at the updates after which its held-out loss was first below a tenth of the baseline, hollow in the strip above where that never was (censored). Across: what is left before training of the gradient from the answer back to its cue, the median over sequences, of the cue where least is left.

# Note under every figure of the study. Variables: $is_whole (yes: every planned run was made), $made, $planned (counts of runs), $optimiser, $clip,
# $n (hidden size).
dots-note = { $is_whole ->
    [yes] All { $planned } planned runs were made. Recipe: { $optimiser }, clipping by { $clip }, <n> = { $n }; the grid was fixed before the first run.
   *[no] { $made } of { $planned } planned runs were made: rates have not all the same seeds. Recipe: { $optimiser }, clipping by { $clip }, <n> = { $n }; the grid was fixed before the first run.
}

# First sentence under the figure of areas. Variables: $family (recall or adding), $slow, $fast (rates), $first, $last
# (areas, with intervals).
area-of-gradient-falls = On { $family } the untrained gradient tells learnt runs from failed ones less well the larger the rate: the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence under the figure of areas. Variables: $family (recall or adding), $slow, $fast (rates), $first, $last
# (areas, with intervals).
area-of-gradient-rises = On { $family } the untrained gradient tells learnt runs from failed ones better at a large rate than at a small one: the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence under the figure of areas. Variables: $family (recall or adding), $slow, $fast (rates), $first, $last
# (areas, with intervals).
area-of-gradient-may-fall = On { $family } the untrained gradient may tell learnt runs from failed ones less well the larger the rate, but the intervals overlap: the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence under the figure of areas. Variables: $family (recall or adding), $slow, $fast (rates), $first, $last
# (areas, with intervals).
area-of-gradient-may-rise = On { $family } the untrained gradient may tell learnt runs from failed ones better at a large rate, but the intervals overlap: the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence under the figure of areas. Variables: $family (recall or adding), $slow, $fast (rates), $first, $last
# (areas, with intervals).
area-of-gradient-stays = On { $family } the untrained gradient tells learnt runs from failed ones about as well at every rate: the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# The same where all runs of a family learnt, or none, at the least or the greatest rate. Variables: $family.
foretelling-none = On { $family } the runs that were made have one outcome alone at the least or the greatest rate, and no area there.

# What the figure of areas shows.
foretelling-shown = The probability that of a learnt and a failed run the learnt one has the higher score (area under the curve), for scores that are known before training; vertical lines: 95 % intervals, cells and initialisations drawn anew as wholes. The retention bias counts among gated cells alone.

# First sentence under the figure of horizons. Variables: $slow, $fast (rates), $first, $last (rank correlations),
# $settings (count).
horizons-rank-falls = The lag at which the untrained gradient is dead orders { $settings } settings by what they learn at rate { $slow } (rank correlation { $first }), and less so at rate { $fast } ({ $last }).

# First sentence under the figure of horizons. Variables: $slow, $fast (rates), $first, $last (rank correlations),
# $settings (count).
horizons-rank-rises = The lag at which the untrained gradient is dead orders { $settings } settings by what they learn less at rate { $slow } (rank correlation { $first }) than at rate { $fast } ({ $last }).

# First sentence under the figure of horizons. Variables: $slow, $fast (rates), $first, $last (rank correlations),
# $settings (count).
horizons-rank-stays = The lag at which the untrained gradient is dead orders { $settings } settings by what they learn alike at rate { $slow } (rank correlation { $first }) and at rate { $fast } ({ $last }).

# The same where one of the two does not vary.
horizon-none = Too few settings have runs of recall at several lags for an order of horizons.

# After it. Variables: $beyond (count of pairs of a setting and a rate that learnt further than predicted), $pairs (all).
horizon-beyond = { $beyond } of { $pairs } pairs of a setting and a rate learn a lag beyond the one at which the gradient is dead.

# What the figure of horizons shows. Variables: $dead (a power of ten), $longest (steps).
horizon-shown = Recall with a fixed lag. Up: the largest lag that at least half of a setting's seeds learnt; { $longest } steps were the longest tried. Across: the lag at which the untrained gradient falls to { $dead }, its logarithm taken as linear between and beyond the lags measured. A line joins the settings of a cell; dotted: where both are equal.

# First sentence under the figure of controls, of a random lag. Variables (counts): $fixed, $fixed_runs, $random,
# $random_runs.
controls-lag = Recall over 100 steps is learnt by { $random } of { $random_runs } runs where the lag is random and by { $fixed } of { $fixed_runs } where it is fixed, at the same rates.

# The same where there are no such runs.
controls-none = No control has runs yet.

# What the figure of controls shows.
controls-shown = Bars: the share of runs that learn, with their numbers. In each panel one thing is changed and all else is held: the law of the lag, the places of adding's cues, parameters of the gate that do not move, the limit of the gradient's norm, a second layer.

## The page's sentences: what the study says.

# First sentence. Variables as in foretelling-result. Variables: $family (the name of a task), $fast (the largest
# rate), $first (a number), $last (a number), $slow (the smallest rate).
first-sentence-falls = A dead gradient is the fate of a recipe, not of a network: on { $family } the untrained gradient tells learnt runs from failed ones with an area under the curve of { $first } at rate { $slow } and of { $last } at rate { $fast }.

# First sentence. Variables as in foretelling-result. Variables: $family (the name of a task), $fast (the largest
# rate), $first (a number), $last (a number), $slow (the smallest rate).
first-sentence-rises = The untrained gradient tells more at a large rate than at a small one: on { $family } the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence. Variables as in foretelling-result. Variables: $family (the name of a task), $fast (the largest
# rate), $first (a number), $last (a number), $slow (the smallest rate).
first-sentence-may-fall = The untrained gradient may tell less the larger the rate, but the intervals overlap: on { $family } the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence. Variables as in foretelling-result. Variables: $family (the name of a task), $fast (the largest
# rate), $first (a number), $last (a number), $slow (the smallest rate).
first-sentence-may-rise = The untrained gradient may tell more the larger the rate, but the intervals overlap: on { $family } the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# First sentence. Variables as in foretelling-result. Variables: $family (the name of a task), $fast (the largest
# rate), $first (a number), $last (a number), $slow (the smallest rate).
first-sentence-stays = How well the untrained gradient tells learnt runs from failed ones hardly depends on the rate: on { $family } the area under the curve is { $first } at rate { $slow } and { $last } at rate { $fast }.

# Second sentence. Variables: $slow, $fast (rates), $first, $last (powers of ten), $dead (one, too), $slow_learnt,
# $slow_runs, $fast_learnt, $fast_runs (counts of runs with a dead gradient).
second-sentence-falls = The larger the rate, the less gradient is enough: learnt and failed runs of recall part best at { $first } at rate { $slow } and at { $last } at rate { $fast }, and of those whose gradient was below { $dead } { $slow_learnt } of { $slow_runs } learn at the one and { $fast_learnt } of { $fast_runs } at the other.

# Second sentence. Variables: $slow, $fast (rates), $first, $last (powers of ten), $dead (one, too), $slow_learnt,
# $slow_runs, $fast_learnt, $fast_runs (counts of runs with a dead gradient).
second-sentence-rises = The larger the rate, the more gradient is needed: learnt and failed runs of recall part best at { $first } at rate { $slow } and at { $last } at rate { $fast }, and of those whose gradient was below { $dead } { $slow_learnt } of { $slow_runs } learn at the one and { $fast_learnt } of { $fast_runs } at the other.

# Second sentence. Variables: $slow, $fast (rates), $first, $last (powers of ten), $dead (one, too), $slow_learnt,
# $slow_runs, $fast_learnt, $fast_runs (counts of runs with a dead gradient).
second-sentence-stays = The rate hardly moves the gradient that is enough: learnt and failed runs of recall part best at { $first } at rate { $slow } and at { $last } at rate { $fast }, and of those whose gradient was below { $dead } { $slow_learnt } of { $slow_runs } learn at the one and { $fast_learnt } of { $fast_runs } at the other.

# Third sentence. Variables: $is_alone (yes: the best of the predictors is ahead of the second for certain), $best, $second (their names), $low,
# $high (95 % interval of how much more area the best has), $gradient, $length, $lyapunov, $readability, $bias (areas, means over rates).
study-rivals = { $is_alone ->
    [yes] Of what is known before training { $best } foretells recall best (its area under the curve is larger by { $low } to { $high } than that of the second, { $second }): of the areas under the curve, means over rates, the gradient at the lag has { $gradient }, T alone { $length }, the Lyapunov exponent times T { $lyapunov }, the readability of the class from the last state { $readability }, and among gated cells the retention bias { $bias }.
   *[no] Of what is known before training { $best } foretells recall best, but not for certain better than { $second } (95 % interval of the difference of their areas { $low } to { $high }): of the areas under the curve, means over rates, the gradient at the lag has { $gradient }, T alone { $length }, the Lyapunov exponent times T { $lyapunov }, the readability of the class from the last state { $readability }, and among gated cells the retention bias { $bias }.
}

# Fourth sentence. Variables as in horizon-result and horizon-beyond. Variables: $beyond (how many), $fast (the largest
# rate), $first (a number), $last (a number), $pairs (how many), $settings (how many), $slow (the smallest rate).
study-horizon = Ranked by the lag at which their untrained gradient is dead, { $settings } settings come in the order of what they learn with a rank correlation of { $first } at rate { $slow } and of { $last } at rate { $fast }; { $beyond } of { $pairs } pairs of a setting and a rate learn a lag beyond it.

# Fifth sentence. Variables: counts of runs: $random, $random_runs, $fixed, $fixed_runs, $weights, $weights_runs,
# $biases, $biases_runs, $free, $free_runs, $spread, $spread_runs; $rate (of the last eight).
fifth-sentence-helps = Where lags are spread the same dead gradient is no fate: recall over 100 steps is learnt by { $random } of { $random_runs } runs with a random lag and by { $fixed } of { $fixed_runs } with a fixed one; adding over 100 steps is learnt at rate { $rate } by a GRU in { $free } of { $free_runs } runs, with the gate's weights frozen in { $weights } of { $weights_runs }, with its bias frozen in { $biases } of { $biases_runs }; recall with a random lag in { $spread } of { $spread_runs } with both frozen.

# Fifth sentence. Variables: counts of runs: $random, $random_runs, $fixed, $fixed_runs, $weights, $weights_runs,
# $biases, $biases_runs, $free, $free_runs, $spread, $spread_runs; $rate (of the last eight).
fifth-sentence-hurts = A random lag is harder than a fixed one: recall over 100 steps is learnt by { $random } of { $random_runs } runs with a random lag and by { $fixed } of { $fixed_runs } with a fixed one; adding over 100 steps is learnt at rate { $rate } by a GRU in { $free } of { $free_runs } runs, with the gate's weights frozen in { $weights } of { $weights_runs }, with its bias frozen in { $biases } of { $biases_runs }; recall with a random lag in { $spread } of { $spread_runs } with both frozen.

# Fifth sentence. Variables: counts of runs: $random, $random_runs, $fixed, $fixed_runs, $weights, $weights_runs,
# $biases, $biases_runs, $free, $free_runs, $spread, $spread_runs; $rate (of the last eight).
fifth-sentence-alike = A random lag makes no difference that these runs show: recall over 100 steps is learnt by { $random } of { $random_runs } runs with a random lag and by { $fixed } of { $fixed_runs } with a fixed one; adding over 100 steps is learnt at rate { $rate } by a GRU in { $free } of { $free_runs } runs, with the gate's weights frozen in { $weights } of { $weights_runs }, with its bias frozen in { $biases } of { $biases_runs }; recall with a random lag in { $spread } of { $spread_runs } with both frozen.

# A word of study-rivals: the gradient.
predictor-gradient = the gradient at the lag

# A word of study-rivals: the length.
predictor-length = T alone

# A word of study-rivals: the exponent.
predictor-lyapunov = the Lyapunov exponent times T

# A word of study-rivals: the readability.
predictor-readability = the readability of the class

# A word of study-rivals: the bias.
predictor-bias = the retention bias (among gated cells)

# In place of one of the five sentences, where runs are missing. Variables: $what (what it would be about).
study-missing = About { $what } nothing can be said yet: its runs have not been made.

# A word of study-missing: the first sentence.
study-about-foretelling = what the gradient foretells

# A word of study-missing: the second sentence.
study-about-threshold = the gradient that is enough

# A word of study-missing: the third sentence.
study-about-rivals = rival predictors

# A word of study-missing: the fourth sentence.
study-about-horizon = horizons

# A word of study-missing: the fifth sentence.
study-about-controls = the controls

# Under the five sentences. Variables: counts of runs: $made, $planned, $learnt, $censored, $broken; $longer (runs that
# were made once more for longer).
coverage-part = This rests on { $made } of { $planned } planned runs and { $longer } longer ones of those that failed: { $learnt } learnt, { $censored } are censored at the updates they had, { $broken } ended in numbers that are not finite.

# The same where every planned run was made. Variables: $broken (a count), $censored (a count), $learnt (a count),
# $longer (a count), $planned (a count).
coverage-whole = This rests on all { $planned } planned runs and { $longer } longer ones of those that failed: { $learnt } learnt, { $censored } are censored at the updates they had, { $broken } ended in numbers that are not finite.

# After it. Variables: $runs (count of failed runs that went on for longer), $updates (how many each had), $learnt (of these runs), $dead (a power
# of ten), $dead_runs, $dead_learnt (of those whose gradient was below it).
study-longer = Of the { $runs } failed runs that went on to { $updates } updates { $learnt } learnt; of the { $dead_runs } among them whose gradient was below { $dead } before training { $dead_learnt } did.

# After it. Variables: $runs (count of runs), $time (as on a clock).
study-cost = The { $runs } runs took { $time } of CPU time, on one thread each.

# What was known before, under the sentences.
study-known = That trainability follows from the propagation of signals at initialisation was known for vanilla and minimal RNNs (Chen, Pennington, Schoenholz 2018, Dynamical isometry and a mean field theory of RNNs) and for LSTM and GRU (Gilboa et al. 2019, Dynamical isometry and a mean field theory of LSTMs and GRUs). Measured here are its dependence on the rate, what spread lags and frozen parameters do to it, and that any cell that can be typed has such a figure.

# One of the cases that prototypes found robust. Variables: $task, $setting, $target (a loss), $updates, $rate, $learnt,
# $runs (counts), $median (of the best losses).
robust-case = { $task }, { $setting }, rate { $rate }: held-out loss below { $target } within { $updates } updates in { $learnt } of { $runs } runs; median of the best losses { $median }.

## The page.

# Title of the page, and its heading.
page-title = When is a dead gradient fate?

# Under the heading. Variables: $cells (names), $version (of gatedsym).
page-lead = Networks of { $cells } before and after training, by gatedsym { $version }: which of them learn, and what of that could have been known before.

# Heading over the five sentences.
page-sentences = What the runs say

# Heading over the claims.
page-claims = What is often said

# Heading over the cases that have to work.
page-robust = Cases that work

# Heading over what was known.
page-known = What was known

# Foot of the page. Variables: $command.
page-foot = Made by { $command }; gatedsym verify FOLDER makes it anew from runs.nc, and some of its runs from nothing.

## Claims: each has a name, what is said, and what the runs show of it.

# Verdict beside a claim. Variables: $verdict (holds, depends, fails or open).
verdict = { $verdict ->
    [holds] holds here
    [depends] depends on the recipe
    [fails] does not hold here
    [level] is not shown here: the ranges overlap
   *[open] too few runs
}

# On the page: the title of a claim.
claim-forgets = "The RNN forgets the beginning."

# On the page: a finding about a claim, a sentence for each initialisation. Variables: $setting, $lag (steps), $learnt, $runs, $best_learnt,
# $best_runs (counts), $rate (the best), $low, $high (interval of the share at the best rate), $gradient (a power of ten).
share-at-best-rate = { $setting }, recall over { $lag } steps: { $learnt } of { $runs } runs learn over all rates, at the best rate { $rate } { $best_learnt } of { $best_runs } (95 % interval of the share { $low } to { $high }, not widened for the choice of the rate); of the untrained gradient { $gradient } is left at the lag.

# On the page: the title of a claim.
claim-stops = "Early steps stop learning."

# On the page: a finding about a claim, a sentence for each cell. Variables: $cell, $late (runs of adding that know the late cue and not the
# early one), $failed, $runs (counts), $elsewhere (of the settings among them, those that learn with another rate or
# clipping), $settings (count).
claim-stops-finding = { $cell }, adding: { $failed } of { $runs } runs fail, { $late } of them with the late cue and without the early one; of the { $settings } pairs of a setting and a length with a failed run { $elsewhere } learn with another rate or clipping.

# On the page: the title of a claim.
claim-faster = "The GRU trains faster than the LSTM."

# On the page: a finding about a claim, a sentence for each task. Variables: $task, $rate, $gru, $gru_learnt, $gru_runs, $lstm, $lstm_learnt,
# $lstm_runs (medians of updates of those that learn, counts), $ratio (of updates, LSTM over GRU).
gru-and-lstm-both = { $task }, bias 1, rate { $rate }: the GRU learns in { $gru } updates ({ $gru_learnt } of { $gru_runs } runs), the LSTM in { $lstm } ({ $lstm_learnt } of { $lstm_runs }), { $ratio } times as many; samples stand in the same ratio, 32 an update.

# On the page: a finding about a claim, where one of the two never learns. Variables as before, without the ratio.
# Variables: $gru_learnt (a count), $gru_runs (a count), $lstm_learnt (a count), $lstm_runs (a count), $rate (a
# number), $task (its name).
gru-and-lstm-one = { $task }, bias 1, rate { $rate }: { $gru_learnt } of { $gru_runs } runs of the GRU learn, and { $lstm_learnt } of { $lstm_runs } of the LSTM.

# On the page: a finding about a claim on time. Variables: $ratio (CPU time of an update, LSTM over GRU), $pairs (count of tasks).
claim-faster-seconds = An update of the LSTM takes { $ratio } times the CPU time of one of the GRU here (median of { $pairs } tasks; runs of a busy machine).

# On the page: a finding about a claim on torch's time. Variables: $lstm, $gru (milliseconds of torch), $ratio, $own (our ratio in the same measurement).
claim-faster-torch = With torch's layers an update of the LSTM takes { $lstm } ms and one of the GRU { $gru } ms, a ratio of { $ratio }, where ours is { $own } in the same measurement: which is faster per second is a matter of the implementation.

# On the page: the title of a claim.
claim-data = "The GRU needs less data."

# On the page: a finding about a claim. Variables: $task, $samples, $setting, $median, $low, $high (of the best metric), $metric, $runs (count).
claim-data-finding = { $task }, { $samples } sequences read over and over, { $setting }: best { $metric } { $median } (from { $low } to { $high } in { $runs } runs).

# On the page: the title of a claim.
claim-solves = "The LSTM solves vanishing gradients."

# On the page: a finding about a claim, a sentence for each bias and number of layers. Variables: $setting, $task, $gradient (a power of ten),
# $learnt, $runs (counts), $rates (with commas between).
claim-solves-finding = { $setting }, { $task }: of the untrained gradient { $gradient } is left at the lag; { $learnt } of { $runs } runs learn at the rates { $rates }.

## Printed by gatedsym cells --errata, after the errata of equations.

# Above the claims. Variables: $coverage (a sentence: how many runs there are).
claims-head = Claims about training, held against runs (gatedsym trainability; the page trainability.md of the documentation has figures). { $coverage }

# Label beside the verdict on a claim.
claims-verdict = verdict

# Label beside the first finding about a claim.
claims-runs = runs

## Before the first run: gatedsym trainability.

# How long it will take. Variables: $left, $runs (counts of runs), $most (a time), $longer (count of runs that may follow).
estimate = { $left } of { $runs } runs are to be made: { $most } of CPU time at most, less where runs learn early; up to { $longer } longer ones may follow. Stop when you like: what is made is kept, and the same command goes on.

# The same where all are made. Variables: $runs (count of runs).
estimate-nothing = All { $runs } runs are made.

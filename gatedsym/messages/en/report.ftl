### The report: index.html, report.pdf and errata.html. Messages may have HTML tags; variables are escaped.
### Numbers come formatted; $…s that choose a plural are counts.

## The head of the page

# The title, at the top and in the browser's tab.
report-title = Where the gradient goes

# The browser's tab. Variables: $cells (names, with commas).
report-tab = Where the gradient goes: { $cells }

# Under the title. Variables: $cells (names), $version, $command (as typed).
report-byline = A report on { $cells }, made by gatedsym { $version } with <code>{ $command }</code>.
    Every measured number on this page is computed from the data beside it. To print: <a href="report.pdf">report.pdf</a>.

# What a screen reader calls the list of links at the top.
contents-label = Contents

# Link at the top: the chapter of tables.
contents-tables = Tables

# Link at the top: the chapter of limits.
contents-limits = Limits

# Link at the top: the page of errata.
contents-errata = Errata

# Link at the top: the chapter on citing.
contents-cite = Citing and files

# Words before the last of several names in a sentence. Variables: $first (one or several, with commas), $last.
listing = { $first } and { $last }

# A setting under an initialisation, in a sentence. Variables: $setting (LSTM (bias 0)), $scheme (Xavier).
setting-under = { $setting } under { $scheme }

# In tables and sentences: a value that is no number.
not-finite = not finite

# In tables: a span of numbers. Variables: $low, $high.
span = { $low } to { $high }

# In tables and sentences: a share that would be rounded to nothing.
share-tiny = less than 0.1 %

## The abstract, the first chapter

# Heading of the abstract.
abstract-title = Abstract

# The question, where the norm of the gradient was measured.
abstract-question = To learn that something early mattered late, a network needs the gradient of the late loss with respect to it, and that
    gradient is a product with one factor for each step in between. How much of it is left, and what do gates do about it?

# What was done, where weights are drawn. Variables: $cells (labels), $schemes (initialisations), $networks (a count),
# $reads: input, none; $input (what they read).
abstract-measured = Here the gradient is followed back through { $cells } with weights drawn by { $schemes }, before any training, { $networks ->
        [one] in one network
       *[other] in { $networks } networks
    } for each setting, { $reads ->
        [input] reading { $input }.
       *[none] without input.
    }

# After it: the size of the networks. Variables: $size (hidden size n = 32).
abstract-size = { $size }.

# What was done, where all parameters are given. Variables: $cells (labels), $reads: input, none; $input.
abstract-measured-given = Here the gradient is followed back through { $cells }, whose parameters are given, { $reads ->
        [input] reading { $input }.
       *[none] without input.
    }

# Added to what was done where some parameters are given and others drawn. Variables: $cells (labels).
abstract-also-given = Beside them { $cells } with parameters that are given.

# What is varied, where a retention bias is. Variables: $chrono: some (biases are drawn by the chrono rule), none.
abstract-varied = { $chrono ->
        [some] Varied is one bias, that of the gate that retains the state: the larger this retention bias, the further the gate is open (chrono draws one for each unit, for short and long memories).
       *[none] Varied is one bias, that of the gate that retains the state: the larger this retention bias, the further the gate is open.
    }

# The result: some settings of a retention bias keep clearly less than a cell without, others more.
abstract-open = <strong>Gates do not keep a gradient alive by being there; open gates do.</strong>

# The result: some settings keep clearly less, none clearly more.
abstract-closed = <strong>Gates do not keep a gradient alive by being there.</strong>

# The result: no setting keeps clearly less.
abstract-none-less = No setting of a retention bias measured here keeps clearly less of the gradient than a cell in which none is set.

# A cell without retention bias beside all settings of one. Variables: $scheme, $cell, $value, $middle (lag),
# $behind (how many settings keep clearly less), $settings (a count), $listed (which, with values).
abstract-beside = Under { $scheme } the { $cell } has { $value } of a gradient of length 1 left after { $middle } steps. { $behind ->
        [0] No setting of a retention bias clearly keeps less.
       *[other] { $settings ->
            [one] Clearly less is left in { $behind } of { $settings } setting of a retention bias: { $listed }.
           *[other] Clearly less is left in { $behind } of { $settings } settings of a retention bias: { $listed }.
        }
    }

# After it: the setting that keeps most, where it keeps clearly more than cells without. Variables: $setting, $value.
abstract-most = Most is left in { $setting }: { $value }.

# Where there is nothing to compare with: a single setting. Variables: $scheme, $setting, $value, $middle (lag).
abstract-single = Under { $scheme }, { $setting } has { $value } of a gradient of length 1 left after { $middle } steps.

# Where there is nothing to compare with: several settings. Variables: $scheme, $most, $most_value, $least, $least_value, $middle.
abstract-ends = Under { $scheme }, of a gradient of length 1 most is left after { $middle } steps in { $most }, { $most_value }, and least in { $least }, { $least_value }.

# Where nothing measured is finite. Variables: $last (lag).
abstract-nothing = Measured: how much of the gradient of a loss at the last step is left after up to { $last } steps back.

# A report without the norm of the gradient. Variables: $count (of questions), $cells (names).
abstract-questions = { $count ->
        [one] One question of the gradient-flow atlas, asked of { $cells }.
       *[other] { $count } questions of the gradient-flow atlas, asked of { $cells }.
    }

# A network whose parameters are given. Variables: $cell, $value, $middle (lag).
abstract-given = With its own weights { $cell } has { $value } of a gradient of length 1 left after { $middle } steps.

# Why a closed gate keeps little. Variables: $cells (labels with a logistic retaining gate), $steps, $left (of the highway).
abstract-halves = The reason is where a gate stands: with a bias of 0 the gate that retains the state of { $cells } stands near
    <i>σ</i>(0) = ½, and what comes back along the state is multiplied by it at every step, so that this way, the highway,
    <a href="#zero-bias">halves the gradient at each step</a> and after { $steps } steps has { $left } of it left; a larger bias opens the gate.

# The last sentence, where weights are drawn.
abstract-limits = All this is what an initialisation does; <a href="#training">what learning changes</a>, and <a href="#limits">what this does not show</a>, stands at the end.

## Chapters: their titles, the questions that they open with

# Title of chapter 1.
title-gate = What a gate is
# The question that this chapter opens with.
question-gate = What is a gate, what does it do to a gradient, and where does it stand?

# Title of chapter 2.
title-cells = The cells
# The question that this chapter opens with.
question-cells = Which ways does each cell give the gradient, and what does a step of it cost?

# Title of chapter 3.
title-vanish = Why the gradient vanishes
# The question that this chapter opens with.
question-vanish = Why does so little arrive, so many steps back?

# Title of chapter 4.
title-highway = When gates help
# The question that this chapter opens with.
question-highway = Which gates keep the gradient alive, and which do not?

# Title of chapter 5.
title-theory = What theory says in advance
# The question that this chapter opens with.
question-theory = What can be known without measuring, and how far from it is what is measured?

# Title of chapter 6.
title-training = What learning changes
# The question that this chapter opens with.
question-training = What does training do with the gradient, and what does learning do to it?

# Title of chapter 7.
title-limits = What this does not show
# The question that this chapter opens with.
question-limits = What must not be read into these curves?

# Before the sentences with which a chapter closes.
answer-label = In short.

# Where cells take no part in an analysis. Variables: $reasons (sentences).
not-here = Not here: { $reasons }

# One of those reasons: the analysis draws parameters. Variables: $cell.
why-not-given = The parameters of { $cell } are given, and this analysis draws its own.

# Under a figure that shows none of the initialisations that were asked for. Variables: $asked (names).
remark-scaled = Weights are scaled here, which { $asked } weights cannot be: others are drawn instead.

# Under a figure that shows one of the initialisations that were asked for. Variables: $shown (name).
remark-shown = Of the initialisations asked for, { $shown } is shown here.

## What a gate is

# Chapter "What a gate is", first paragraph.
gate-number = A gate is a number between 0 and 1, computed at every step and for every unit from what the cell sees, that multiplies something else. At 0 it lets
    nothing through; at 1 it is not there. Mostly it is a logistic function of a weighted sum, <i>σ</i>(<i>Wx</i> + <i>Uh</i> + <i>b</i>), and its
    bias <i>b</i> says where it stands when nothing is going on: <i>σ</i>(0) = ½, half open.

# Chapter "What a gate is", second paragraph.
gate-multiplies = What multiplies a value multiplies its gradient too: a gate that is nearly 1 on the way from one step’s state to the
    next passes what comes back along this way nearly whole; one that stands at ½ halves it at every step. It is not the only way: what the gate is computed from changes the gate, and
    what stands behind other gates reaches the next state as well.

# Added to it where a retaining gate is logistic: a link to the section.
gate-zero-bias = Why a bias of 0 halves what goes along the state, with numbers: <a href="#zero-bias">the first section on when gates help</a>.

# Chapter "What a gate is": no bias is set. Variables: $kind: drawn, both, given; $drawn, $given (labels, may be empty).
gate-no-bias = { $kind ->
        [drawn] No gate with a bias of its own is found on the way from a state to its next value in { $drawn }: no bias is set below.
        [both] No gate with a bias of its own is found on the way from a state to its next value in { $drawn }, and the parameters of { $given } are given: no bias is set below.
       *[given] The parameters of { $given } are given: no bias is set below.
    }

# Answer of the chapter, always.
gate-answer = A gate multiplies: of a value, and of the gradient that comes back to it, as much passes as the gate is open.

# Answer: one gate was measured. Variables: $gate (f of LSTM), $mean.
gate-answer-one = The gate { $gate } measured here stands at { $mean } on average.

# Answer: several gates. Variables: $low, $lowest, $high, $highest.
gate-answer-range = Gates measured here stand on average between { $low } ({ $lowest }) and { $high } ({ $highest }).

# Answer: how decided gates are. Variables: $decided: none, some; $which (f of LSTM), $share.
gate-answer-decided = { $decided ->
        [none] No gate is ever nearly shut (below 0.1) or nearly open (above 0.9).
       *[some] Most often nearly shut (below 0.1) or nearly open (above 0.9) is { $which }: { $share } of the time.
    }

# A gate by its cell. Variables: $gate, $cell (with its setting).
gate-of-cell = { $gate } of { $cell }

## The cells

# Chapter "The cells", first paragraph.
cells-equations = The equations below are the only description of each cell that was used; its gradients are derived from them.

# After it. Variables: $links (to the derivations).
cells-derivations = The derivations, line by line: { $links }.

# Cells were matched. Variables: $counted (parameters), $first (name), $given (names, or empty), $kind: given, none.
cells-matched = { $kind ->
        [given] The cells are compared at as many { $counted }: each further one has the hidden size at which it comes nearest to { $first }, but for { $given }, whose parameters are given.
       *[none] The cells are compared at as many { $counted }: each further one has the hidden size at which it comes nearest to { $first }.
    }

# The sizes of matched cells. Variables: $m (a count), $sizes (list).
cells-matched-sizes = { $m ->
        [one] At { $m } feature of the input that is { $sizes }.
       *[other] At { $m } features of the input that is { $sizes }.
    }

# One of these sizes. Variables: $n, $count, $cell.
cells-matched-size = n = { $n } with { $count } for { $cell }

# After the sentence above, under “The cells”.
cells-matched-captions = Where a figure has another size, its caption says it.

# Answer: cells in which a retention bias can be set. Variables: $cells, $count (of them).
cells-answer-retained = { $count ->
        [one] { $cells } hands its state on through a gate with a bias, which can be opened before training.
       *[other] { $cells } hand their state on through a gate with a bias, which can be opened before training.
    }

# Answer: cells whose state goes through one matrix alone. Variables: $cells, $count.
cells-answer-matrix = { $count ->
        [one] { $cells } passes its state through a matrix of weights and in no other way.
       *[other] { $cells } pass their state through a matrix of weights and in no other way.
    }

# Answer: cells with other ways. Variables: $cells, $count.
cells-answer-other = { $count ->
        [one] { $cells } hands its state on in a way of its own: no bias by which it retains more is found in its equations.
       *[other] { $cells } hand their states on in ways of their own: no bias by which they retain more is found in their equations.
    }

# Answer: cells without a state. Variables: $cells, $count.
cells-answer-stateless = { $count ->
        [one] { $cells } has no state to hand on.
       *[other] { $cells } have no state to hand on.
    }

# Answer: cells whose parameters are given. Variables: $cells.
cells-answer-given = The parameters of { $cells } are given, and nothing of them is set here.

# Answer: costs. Variables: $most, $many, $least, $few.
cells-answer-cost = { $most } has most parameters, { $many }, and { $least } fewest, { $few } (<a href="#costs">counted at these sizes</a>).

## Why the gradient vanishes

# Chapter "Why the gradient vanishes", first paragraph, before the formula. Variables: $s, $x, $L (symbols).
vanish-chain = A recurrent network computes its state { $s } from the one before it and, where it has one, an input { $x }. To learn that something early
    mattered late, training needs the gradient of the late loss { $L } with respect to what happened early. By the chain rule
    that gradient is a product with one factor for each step in between:

# After the formula. Variables: $s, $J (symbols), $states (list).
vanish-whole = Here { $s } is the whole state of a step, all that it hands to the next, and { $J } has a row and a column for each of its numbers: { $states }.

# One of the states. Variables: $state (formula), $cell.
vanish-whole-of = { $state } for { $cell }

# After it, where a state has several parts.
vanish-parts = Where it has several parts, a product of the Jacobians of one part by itself would leave out what takes its way through the others.

# After it. Variables: $norm (formula).
vanish-norm = { $norm }, where it is drawn, is the norm of the gradient with respect to <i>h</i> alone.

# The same, where cells are compared on another state. Variables: $norm, $others (c of lstm).
vanish-norm-others = { $norm }, where it is drawn, is the norm of the gradient with respect to <i>h</i> alone ({ $others }).

# One of the others. Variables: $state, $cell.
state-of-cell = <i>{ $state }</i> of { $cell }

# Chapter "Why the gradient vanishes", on factors. Variables: $lag (formula).
vanish-factors = A product of many factors has no middle ground. If a factor shrinks what it meets by a tenth on average, a
    hundred of them leave 3 parts in 100,000; if it stretches by a tenth, they make 14,000 out of 1. So the interesting number is the average
    <em>factor of a step</em>, and the slope of a curve of the gradient’s norm against the lag { $lag }, on a logarithmic axis, is its logarithm.

# Where the loss sits. Variables: $T (symbol).
vanish-loss = Here the loss sits on the last step { $T } and hands the network a gradient of length 1 in a random direction.

# After it: some parameters are given. Variables: $given, $drawn (names), $count (of the drawn).
vanish-given-drawn = { $count ->
        [one] The parameters of { $given } are given; { $drawn } is untrained.
       *[other] The parameters of { $given } are given; { $drawn } are untrained.
    }

# After it: all parameters are given. Variables: $given (names).
vanish-given = The parameters of { $given } are given; nothing is drawn at random but the direction of that gradient and the place in the data.

# After it: all weights are drawn. Variables: $count (of cells).
vanish-drawn = { $count ->
        [one] The network is untrained, so what is seen is the initialisation: what training starts from.
       *[other] The networks are untrained, so what is seen is the initialisation: what training starts from.
    }

# After it: cells with input. Variables: $cells, $count, $input.
vanish-read = { $count ->
        [one] { $cells } reads { $input }.
       *[other] { $cells } read { $input }.
    }

# After it: cells without input. Variables: $cells, $count.
vanish-alone = { $count ->
        [one] { $cells } has no input and runs by itself from its zero state.
       *[other] { $cells } have no input and run by themselves from their zero state.
    }

# Answer, always, under “Why the gradient vanishes”.
vanish-answer = Because what arrives is a product: a factor a step below 1 on average leaves nothing, one above 1 grows without end, and only what is held at 1 lasts.

# Answer: one setting has a factor. Variables: $factor, $setting.
vanish-answer-one = Here the factor of a step is { $factor }, in { $setting }.

# Answer: factors of several settings. Variables: $which are below 1: all, some, none; $below (of them), $count, $low, $least, $high, $most.
vanish-answer-factors = { $which ->
        [all] The factor of a step is below 1 in all { $count } settings measured here, from { $low } ({ $least }) to { $high } ({ $most }): in each of them the gradient vanishes, fast or slowly.
        [some] The factor of a step is below 1 in { $below } of { $count } settings measured here, and lies between { $low } ({ $least }) and { $high } ({ $most }).
       *[none] The factor of a step is below 1 in none of { $count } settings measured here, and lies between { $low } ({ $least }) and { $high } ({ $most }).
    }

# Answer: no curve has a factor.
vanish-answer-no-line = No curve measured here is straight over its lags, so that none has a factor of its own.

## When gates help

# Chapter "When gates help", first paragraph.
highway-what = The highway is the way along the state itself: whatever multiplies the old state, entry by entry, when the new one is made, and nothing else. Where that is
    the value of a gate between 0 and 1, the highway never makes a gradient grow (where a gate looks at the state itself, through a peephole, its slope comes on top), and how fast it loses one is a matter of where the gate stands.

# Heading of the section that says why a bias of zero halves; retaining gates are logistic.
zero-bias-question = Why does a bias of zero halve what goes along the highway?

# Heading of the same section, where no retaining gate is logistic.
bias-question = What does the bias of a retaining gate set?

# First paragraph of that section. Variables: $forward, $backward (formulas).
zero-bias-product = A gate <i>k</i> that retains a state multiplies it, entry by entry, { $forward }, so that along the state itself { $backward }:
    the number that multiplies the state on its way forth multiplies the gradient on its way back, once at every step.

# Second paragraph, under “When gates help”.
bias-sign = Call <i>b</i> the bias of the gate that retains the state (for a gate that <em>overwrites</em> the state, the sign is turned).

# After it, where a gate overwrites. Variables: $listed (b_z of GRU).
bias-turned = Turned is { $listed }: there 1 minus the gate retains, and what opens the highway closes the gate.

# Third paragraph. Variables: $cells (labels), $sigma (σ(b)), $ten, $hundred (what is left after so many steps).
zero-bias-sigma = The retaining gate of { $cells } is a logistic function of <i>b</i> and a weighted sum. With small weights the sum is near 0, so that it stands near { $sigma } at every step;
    with <i>b</i> = 0 that is <strong><i>σ</i>(0) = 1/(1 + <i>e</i><sup>0</sup>) = ½: half of what comes back along the highway is lost at every step</strong>. After ten steps { $ten } of it is left, after a hundred { $hundred }.
    Half open sounds like a choice of neither; over many steps it is shut.

# Fourth paragraph. Variables: $power (σ(b) to the T − t).
zero-bias-clock = With a bias <i>b</i> the highway keeps { $power } of what comes back along it. The bias is a clock: it sets how many steps pass until half is lost.

# One bias with a turned sign. Variables: $bias, $cell.
bias-of-cell = <i>{ $bias }</i> of { $cell }

# After the table, where a bias of 0 was measured. Variables: $factors (list).
zero-bias-whole = It is halved along the highway, not altogether. The whole gradient has other ways too, through what gates are computed from and through what they let in, weighted by gates as well, and by slopes of at most ¼ where they pass through a logistic gate.
    Its factor of a step, measured with a bias of 0: { $factors }.

# Head of tables: the cell.
head-cell = cell
# Head of tables: the bias.
head-bias = bias
# Head of the table: what the state keeps of itself in a step.
clock-kept = kept in a step
# Head of the table. Variables: $steps.
clock-after = after { $steps } steps
# Head of the table: steps until half is lost.
clock-half = half is lost after
# A cell of the table: a number of steps. Variables: $steps, $number: one, several.
clock-steps = { $number ->
        [one] { $steps } step
       *[several] { $steps } steps
    }
# A cell of the table: what is kept for ever.
clock-never = never
# Above the table.
clock-table = The highway alone, calculated from the equations with all weights zero: what it keeps of a gradient.

# After the section on zero biases. Variables: $figure (link).
highway-paths = { $figure } takes the gradient apart by the ways that it comes back.

# After the sentence above, under “When gates help”.
highway-table = What that comes to, beside what was measured, is in <a href="#timescale-table">the table of timescales</a>.
    Where measured factors differ from those of the highway, the highway is not the only path, and weights, tied over time, add to it; or the gate does not stand where its bias alone would put it.

# After it, where there are chrono biases.
highway-chrono = Chrono initialisation gives each unit a clock of its own, drawn so that the time constants
    spread up to the horizon (half-lives up to ln 2 = 0.69 of it); what is left at long lags is carried by the slow units. Where an input gate is closed to match, less of the gradient enters the highway and less of it reaches the input.

# Answer: settings that keep clearly more than every cell without, under every initialisation. Variables: $settings,
# $count, $cells (without), $middle.
highway-answer-ahead = { $count ->
        [one] Open gates: { $settings } keeps clearly more than { $cells } under every initialisation measured, { $middle } steps back.
       *[other] Open gates: { $settings } keep clearly more than { $cells } under every initialisation measured, { $middle } steps back.
    }

# Answer: no setting does. Variables: $cells, $middle.
highway-answer-none-ahead = No setting of a retention bias keeps clearly more than { $cells } under every initialisation measured, { $middle } steps back.

# Answer: settings that keep clearly less somewhere. Variables: $settings, $count, $cells.
highway-answer-behind = { $count ->
        [one] Under at least one of them { $settings } keeps clearly less than { $cells }: a gate that is not open is no help.
       *[other] Under at least one of them { $settings } keep clearly less than { $cells }: gates that are not open are no help.
    }

# Answer: no setting keeps clearly less. Variables: $cells.
highway-answer-none-behind = No setting keeps clearly less than { $cells }.

# Answer: in every gated cell the largest bias keeps clearly more than the smallest.
highway-answer-opens = In each gated cell, under every initialisation, the largest bias keeps clearly more than the smallest: the promise of a gate is not that it keeps the gradient, but that it <em>can</em>.

# Answer: it does not so everywhere.
highway-answer-not-opens = That the largest bias keeps clearly more than the smallest is not so in every gated cell under every initialisation measured.

# Answer: what a bias of 0 does, for logistic gates.
highway-answer-halves = A bias of 0 is a gate at ½, which <a href="#zero-bias">halves</a> what goes along the highway at every step.

# Answer: no bias was set.
highway-answer-no-bias = It cannot be told here: no retention bias is set in any cell of this page.

# Answer: the norm was not measured.
highway-answer-unmeasured = Those that stand near 1: along the highway a gradient keeps at each step as much as the gate is open.

## What theory says in advance

# Chapter on theory, first paragraph.
theory-kinds = There are three kinds of theory for these curves. Bounds hold for every network and are loose. Mean-field results hold for infinitely wide random
    networks whose weights are drawn anew at every step, which real networks do not do: they use the same weights at all steps, and for gated cells that makes a
    difference. Dynamical exponents are measured along a trajectory of the network itself. Each figure says which it shows, and under which assumption.

# Answer: bounds. Variables: $lag, $below, $count (settings).
theory-answer-bound = { $count ->
        [one] { $below ->
            [0] After { $lag } steps the bound is not below 1: that the gradient vanishes is not proven, whatever is measured.
           *[other] After { $lag } steps the bound is below 1, so that the gradient is proven to vanish.
        }
       *[other] { $below ->
            [0] After { $lag } steps the bound is below 1 in none of { $count } settings: that the gradient vanishes is proven in none of them, whatever is measured.
           *[other] After { $lag } steps the bound is below 1, so that the gradient is proven to vanish, in { $below } of { $count } settings; in any others it proves nothing.
        }
    }

# Answer: by how much bounds miss. Variables: $low, $tight, $high, $loose.
theory-answer-gap = It exceeds what is measured by a factor of { $low } ({ $tight }) to { $high } ({ $loose }).

# Answer: exponents. Variables: $above, $count (settings).
theory-answer-exponents = { $count ->
        [one] { $above ->
            [0] Neighbouring trajectories do not part.
           *[other] Neighbouring trajectories part, and gradients grow.
        }
       *[other] { $above ->
            [0] Neighbouring trajectories part in none of { $count } settings.
           *[other] Neighbouring trajectories part, and gradients grow, in { $above } of { $count } settings.
        }
    }

# Answer: rest. Variables: $stable, $count (settings).
theory-answer-rest = { $count ->
        [one] { $stable ->
            [0] At rest the network is not stable.
           *[other] At rest the network is stable.
        }
       *[other] At rest networks are stable in { $stable } of { $count } settings.
    }

# Answer: none of these was measured.
theory-answer = Bounds hold for every network and are loose; the other theories say more, under assumptions that each figure names.

## What learning changes

# Chapter "What learning changes", first paragraph, where weights are drawn.
training-start = A gradient before training is a start, not a fate. Training moves biases and weights, and with them the gates: a gate that stands at ½ can open, and a gradient that was lost can come back.
    How likely that is depends on the task, on the rate of learning and on clipping, not on the cell alone.

# The same, where all parameters are given.
training-given = What is measured here are the gradients of given parameters: where learning, or whoever chose them, has left the gates.

# After it: the command that shows it.
training-learn = <code>gatedsym learn</code> shows it: it trains a cell on a task and follows its gates and its gradient before, during and after.

# After it: the command that compares many trainings.
training-trainability = <code>gatedsym trainability</code> asks over many settings when the gradient before training says what will be learnt.

# Before the figures on truncation and clipping. Variables: $habits: both, truncation, clipping.
training-habits = { $habits ->
        [both] Two habits of training change the gradient before it is used: it is cut off after some steps, and it is cut down in length.
        [truncation] A habit of training changes the gradient before it is used: it is cut off after some steps.
       *[clipping] A habit of training changes the gradient before it is used: it is cut down in length.
    }

# Answer: a cell with given and with drawn parameters. Variables: $given, $value, $middle, $drawn, $low, $high.
training-answer-given = { $middle } steps back { $given } has { $value } of a gradient of length 1 left, and { $drawn } with weights as they are drawn between { $low } and { $high }.

# Answer: truncation. Variables: $window, $least, $few, $most, $much.
training-answer-truncation = Cut off after { $window } steps, the gradient misses from { $few } ({ $least }) to { $much } ({ $most }) of its norm: what was alive beyond the window is what is lost.

# Answer: clipping. Variables: $threshold, $cosine, $setting.
training-answer-clipping = Clipping to a norm of { $threshold } turns the mean gradient most in { $setting }, to a cosine of { $cosine } with the true one.

# A setting of clipping. Variables: $cell, $gain.
setting-with-gain = { $cell } (gain { $gain })

# Answer, where all parameters are given and nothing else is to be said.
training-answer-nothing = What training did to these parameters cannot be told without those that it started from.

# Answer, where nothing is trained.
training-answer-start = What learning makes of these gradients is not on this page, on which nothing is trained; what is named above measures it.

## What this does not show

# Limits: some parameters are given. Variables: $given (names).
limits-others-untrained = All networks but { $given } are untrained. Training moves the gates, and often opens them.

# Limits: all weights are drawn. Variables: $count (of cells).
limits-untrained = { $count ->
        [one] The network is untrained. Training moves the gates, and often opens them.
       *[other] The networks are untrained. Training moves the gates, and often opens them.
    }

# Limits: some parameters are given.
limits-given = Given parameters are one network: its medians and bands are over places in the data, not over networks.

# An item of the list of limits.
limits-sufficient = A gradient that reaches far back before training is no promise that a long dependence is learnt, and one that does not is no verdict: training can open the gates that let it through.

# An item of the list of limits.
limits-zero = States start at zero. Where slopes are largest there, as those of tanh and σ are, curves bend upwards at the very longest lags.

# Limits: one seed.
limits-one-seed = There is one seed: nothing here says how much networks differ.

# Limits: several seeds.
limits-seeds = Medians and quartiles are over seeds; single networks differ, as the bands show.

# An item of the list of limits.
limits-direction = A gradient norm says how much arrives, not whether it points anywhere useful.

# Answer: weights are drawn. Variables: none.
limits-answer = These curves tell the start that an initialisation gives a cell. They do not tell what the cell can learn.

# Answer: all parameters are given.
limits-answer-given = These curves tell what the given parameters do to a gradient. They do not tell what the cells can learn.

## Beside figures and in tables

# Where a figure that stands at the top of the page is spoken of again. Variables: $figure (link).
plate-above = { $figure }, at the top of the page, is the answer.

# Under a figure that is wider than a telephone.
plate-slide = goes on to the right: slide it →

# Before a caption. Variables: $number, $title.
plate-title = Figure { $number }. { $title }.

# Links below a caption. Variables: $name (of the figure's files).
plate-files = numbers drawn: <a href="data/{ $name }.csv">CSV</a> · every seed: <a href="data/{ $name }.nc">NetCDF</a> ·
    caption: <a href="figures/{ $name }.txt">text</a>, <a href="figures/{ $name }.tex">LaTeX</a> · this figure alone: <code>--only { $name }</code>

# What opens the text to copy.
plate-cite = Cite this figure

# A reference to a figure. Variables: $number.
figure-number = Figure { $number }

# In tables: parameters are given.
retention-own = its own weights

# In tables: no retention bias is set.
retention-none = none set

# Head of tables: the retention bias.
head-retention = retention

# Head of tables: the gain of the weights.
head-gain = gain

## Tables

# Heading of the chapter.
tables-title = Tables

# Heading of the table of rates.
rates-title = Rates

# Above the table of rates. Variables: $figure (link), $window (lags).
rates-what = The curves of { $figure } in numbers: median norm of the gradient with respect to the state, and the factor of a step, fitted over { $window }, with its natural logarithm (a dash: no curve is straight, or what is left is zero).

# Head of a table: cells whose parameters are given.
head-cell-given = cell, parameters given

# Head of a table. Variables: $lag.
head-lag = lag { $lag }

# Head of a table.
head-factor = factor a step

# Head of a table.
head-fitted = fitted over lags

# Heading of the table of timescales.
timescales-title = Timescales

# Above the table of timescales.
timescales-table = What a retention bias would keep if there were nothing but the highway, calculated from the equations of each cell with all weights zero, and the factor of a step that was measured.

# After it. Variables: $figure (link).
timescales-drawn = { $figure } draws half-lives against the bias.

# Head of the table of timescales.
head-highway = the highway alone, calculated

# Head of the table of timescales.
head-factor-measured = factor a step, measured

# Head of the table of timescales. Variables: $steps.
head-after = after { $steps } steps

# Under the table of timescales. Variables: $bias.
timescales-chrono = * Biases differ from unit to unit; the row calculates with { $bias }, above which half of them lie.

# Heading of the table of costs.
costs-title = Parameters and operations

# Above the table of costs. Variables: $figure (link).
costs-as-counted = As counted in { $figure }.

# Head of the table of costs.
head-states = states

# Head of the table of costs.
head-parameters = parameters

# Head of the table of costs.
head-multiply-adds = multiply-adds

# Head of the table of costs.
head-arithmetic = other arithmetic

# Head of the table of costs: functions evaluated.
head-functions = functions

# Head of the table of costs.
head-sequential = products<br>in a row

# Head of the table of costs: at the sizes of this report.
head-here = here

# In the table of costs: a cell without states.
states-none = none

# Under the table of costs.
costs-what = All but the parameters are of one step of one sequence. Products in a row are matrix products that have to wait for one another within a step: they set how fast a step can be, however many units work at it.

# Under the table of costs. Variables: $n, $own (sizes of other cells, in parentheses, or empty), $m (a count).
costs-sizes = { $m ->
        [one] Counted for hidden size { $n }{ $own } and { $m } feature of the input.
       *[other] Counted for hidden size { $n }{ $own } and { $m } features of the input.
    }

# The same, where cells were matched. Variables: $n, $first (cell), $m (a count).
costs-sizes-matched = { $m ->
        [one] Counted for hidden size { $n } of { $first }, others matched to it, and { $m } feature of the input.
       *[other] Counted for hidden size { $n } of { $first }, others matched to it, and { $m } features of the input.
    }

## The end of the page

# Heading of a chapter.
errata-title = Errors that texts repeat

# Under it. Variables: $page (link).
errata-of-page = What is said of recurrent cells is not always so: <a href="{ $page }">a list of errors</a> that tutorials, homework and programs repeat, each typed in as equations and shown by a
    proof or by numbers.

# Heading of a chapter.
cite-title = Citing and files

# Under the heading above.
cite-files = <a href="figures.bib">figures.bib</a> has a BibTeX entry for the software and one for each figure. <a href="provenance.json">provenance.json</a> records the version, the command, the equations and the data with their
    hashes, seeds, sizes and library versions. The <code>.tex</code> file beside each figure is a float with its caption, ready to include. The same data and the same library versions give the same bytes.

## The page of errata

# Its link back.
errata-back = Where the gradient goes

# Under its title. Variables: $count, $version.
errata-lead = { $count } of them, each typed in as equations and shown: by a proof, or by numbers that the equations themselves give. Nothing here was
    written down as an outcome; gatedsym { $version } computed it when it made this page.

# Heading of an erratum, and its link at the top. Variables: $number, $title.
errata-entry = { $number }. { $title }

# In place of the formula of a line that is refused.
errata-meaningless = means nothing

# Before the remedy of an erratum.
errata-instead = Instead:

# Under an erratum. Variables: $where.
errata-repeated = Repeated in: { $where }

# The last line.
errata-terminal = The same in the terminal: <code>gatedsym cells --errata</code>.

## What a gate does with three inputs

# Heading of a figure's text.
question-valve = What does a gate do with three inputs?
# What a screen reader says of the figure.
alt-valve = A gate as a valve: closed, one fifth open and open, for three inputs
# Under the figure.
valve-what = The cell is the plainest that has a gate: one layer, without a state. The same valve three times, for three inputs: one that shuts it, one that opens it by a fifth, one that opens it. What flows through is the value behind the gate times the gate.
    The gate computes its own opening from the same input; nobody turns it from outside.

## Where gates stand

# Heading of a figure's text.
question-gate-statistics = Where do gates stand?
# What a screen reader says of the figure.
alt-gate-statistics = Openness and saturation of every gate over time, and what passes through it
# Under the figure.
gates-what = Every gate, found in the equations: how far open it is on average and how that differs between units, how many units are nearly shut (below 0.1) or nearly open (above
    0.9), and how much of what comes to it gets through.
# After it, where a gate overwrites. Variables: $cells (labels).
gates-turned = The gate of { $cells } that overwrites the state is shut by a bias that retains: low is open for the highway.
# After it, where all weights are drawn.
gates-before-training = Before training a gate stands near where its bias puts it, as far as its weights are small; it is training that drives gates to the ends.

## Passing a layer again and again

# Heading of a figure's text.
question-layers = What does passing a layer again and again do?
# What a screen reader says of the figure.
alt-layers = Norm and spread of a vector passed through a layer again and again
# Under the figure.
layers-what = A vector passed through one layer again and again either dies out, or grows until something stops it. Without an activation nothing does: its length is multiplied by about the same factor every
    time. With tanh it settles where the growth by the weights and the loss in the flat parts of the curve are even. With σ it settles near ½, whatever came in, and unless the weights are very
    large the differences between inputs, which are what a gradient is about, are gone after a few passes.

## The Jacobian of one step

# Heading of a figure's text.
question-jacobian-sheet = What is the Jacobian of one step?
# What a screen reader says of the figure.
alt-jacobian-sheet = The blocks of the Jacobian of one step as formulas, with counts of parameters and operations
# Under the figure.
sheet-what = The Jacobian of one step, block by block, as the engine derived it, with what a step costs. All blocks of a cell, side by side, are the
    <i>J</i> of one step; what stands in a block of a state by itself without a matrix is its highway.

## The norm of the gradient

# Heading of a figure's text.
question-gradient-norm = How much of the gradient is left, so many steps back?
# What a screen reader says of the figure.
alt-gradient-norm = Gradient norm on a logarithmic axis against the lag, a line with a band for each cell and setting
# Under the figure. Variables: $window (lags).
norms-line = A straight line means a fixed factor a step. <a href="#rates">The table of rates</a> gives the median norm of the gradient with respect to the state
    and the factor of a step, fitted by least squares to each seed over { $window }, its median (1 would keep the gradient for ever; 0.9 loses nine tenths in 22 steps).
# Heading of the comparison. Variables: $count (cells without a retention bias).
norms-beside = { $count ->
        [one] Beside the cell in which no retention bias is set
       *[other] Beside the cells in which no retention bias is set
    }
# Under that heading.
norms-clearly = Clearly ahead or behind is a setting whose band, from the lower to the upper quartile over seeds, does not overlap with the other.
# In the comparison. Variables: $scheme, $cell, $factor.
norms-factor = { $scheme }: the { $cell } has a factor of { $factor } a step.
# In the comparison: no curve is straight. Variables: $scheme, $cell.
norms-no-factor = { $scheme }: the { $cell } has no fixed factor a step.
# Settings that keep clearly less. Variables: $lag, $settings.
norms-ahead = At lag { $lag } it is ahead of { $settings };
# None does. Variables: $lag.
norms-ahead-of-none = At lag { $lag } it is ahead of no setting of a retention bias;
# Settings between which and the cell nothing is decided. Variables: $settings.
norms-level = level (the bands between the quartiles overlap) with { $settings };
# Settings that are not finite. Variables: $settings, $count (of them).
norms-missing = { $count ->
        [one] not to be compared with { $settings }, which is not finite there;
       *[other] not to be compared with { $settings }, which are not finite there;
    }
# Settings that keep clearly more. Variables: $settings.
norms-behind = behind { $settings }.
# The same, where none does.
norms-behind-none = behind none.
# Cells whose state passes through one matrix. Variables: $cells, $count.
norms-matrix = { $count ->
        [one] What sets the factor of a step? The { $cells } passes the gradient through a recurrent matrix, times the slope of the activation.
       *[other] What sets the factor of a step? The { $cells } pass the gradient through a recurrent matrix, times the slope of the activation.
    } A random <i>n</i> × <i>n</i> matrix whose entries have standard deviation <i>s</i> has eigenvalues up to about <i>s</i>√<i>n</i> in size.
# After it. Variables: $scheme.
norms-matrix-uniform = Entries drawn from { $scheme } have <i>s</i>√<i>n</i> = 1/√3 = 0.58: more than two fifths are lost at every step, before any activation.
# After it. Variables: $scheme.
norms-matrix-xavier = { $scheme } on a square matrix has <i>s</i>√<i>n</i> = 1, the edge at which a product of such matrices neither dies nor blows up: what is lost then, the slope of the activation takes.
# Cells with a logistic retaining gate. Variables: $cells, $count.
norms-gate = { $count ->
        [one] The { $cells } passes the gradient along its state as well, multiplied by the gate that retains it: why that way loses half at every step with a bias of 0, and how fast with another, is told <a href="#zero-bias">below</a>.
       *[other] The { $cells } pass the gradient along their states as well, multiplied by the gate that retains them: why that way loses half at every step with a bias of 0, and how fast with another, is told <a href="#zero-bias">below</a>.
    }

## Noise

# Heading of a figure's text.
question-gradient-norm-noise = And when the network reads noise?
# What a screen reader says of the figure.
alt-gradient-norm-noise = The same curves for networks that read white noise
# Under the figure.
noise-what = White noise is the input that the theory of random networks assumes.
# After it. Variables: $lag, $scheme, $count (of medians), $medians (list).
noise-medians = { $count ->
        [one] At lag { $lag } the median under { $scheme } is { $medians }.
       *[other] At lag { $lag } the medians under { $scheme } are { $medians }.
    }
# After it, where parameters are given. Variables: $cell, $value.
noise-given = With its own weights { $cell } has { $value } there.
# After it, where the report reads symbols.
noise-size = Its size matters: a vector of <i>m</i> independent N(0, 1) numbers, about √<i>m</i> long, is longer than a one-hot vector, whose length is always 1, and a larger input drives
    activations further from zero, where slopes such as those of tanh and σ are smaller.

## Depth

# Heading of a figure's text.
question-depth = How much of it is left in which layer?
# What a screen reader says of the figure.
alt-depth = Norm of the gradient against the lag and the layer, a map for each cell and setting
# Under the figure.
depth-ways = In a stack the gradient has two ways back: down through the layers, at one step, and back through time, in each layer. What reaches the lowest layer at a lag is the sum over all ways
    to share the steps back among the layers: the longer the lag, the more ways there are, so that a lower layer may have more of the gradient than a higher one.

## Larger weights

# Heading of a figure's text.
question-exploding = What if the weights are larger?
# What a screen reader says of the figure.
alt-exploding = Gradient norm against lag for weights scaled by several gains, one row a cell
# Under the figure. Variables: $gain, $lag, $ends (list).
exploding-ends = A factor above 1 is no better than one below. With all weights scaled up by { $gain }, the gradient at lag { $lag }, of a length of 1 at lag 0, is { $ends }.
# One of the ends. Variables: $value, $cell.
exploding-end = { $value } in the { $cell }
# One of the ends, where there is a factor of a step. Variables: $value, $cell, $factor.
exploding-end-factor = { $value } in the { $cell } (a factor of { $factor } a step)
# After it. Variables: $figure (link).
exploding-as-drawn = The same cells with weights as they are drawn: { $figure }.
# After it, where gates retain.
exploding-gates = Gates saturate when their weights grow: their slopes go to zero, which takes much of the paths through them out of the product and leaves the highway, where the factor of a gate is never above 1.
# After it. Variables: $cells (whose state passes through one matrix).
exploding-matrix = In the { $cells } nothing but the slope of the activation brakes: all that is left goes through the large weights.
# After the sentence above, under “Larger weights”.
exploding-use = Where such a gradient is finite it is correct: it says that the loss changes that fast with the early state. It is useless as a step, because that slope holds only over a
    distance about as small as the gradient is large.

## Directions

# Heading of a figure's text.
question-singular-values = Which directions survive?
# What a screen reader says of the figure.
alt-singular-values = Distribution of the singular values of the Jacobian over many steps, and its condition number against the lag
# Under the figure.
singular-what = One number for the gradient hides that directions fare differently. The Jacobian over many steps has as many singular values as the state has
    entries; if they are all near 1 (dynamical isometry), every direction passes.
# After it, where orthogonal weights are drawn.
singular-orthogonal = An orthogonal matrix has all of its own at 1; what spreads them is the rest of the cell.

## Paths

# Heading of a figure's text.
question-paths = Which way does the gradient take?
# What a screen reader says of the figure.
alt-paths = Norm of the gradient along each path against the lag, one panel a cell and setting
# Under the figure.
paths-what = Each use of the old state begins a path: straight into the new state, which is the highway, or first into a gate or a candidate, by the names that the equations
    define. The gradient is split by these names, exactly: the parts are derived, not estimated, and they add up to the whole. They are
    vectors, so their norms need not add up; where two paths cancel, the norm of the whole is less than that of its parts.
# After the sentence above, under “Paths”.
paths-highest = Where the highway stands highest, the gradient lives on what the gate lets through, and the bias decides. Where another path stands as high, recurrent weights carry the gradient
    instead, as in a plain network. Over long lags it is the way with the largest factor of a step that is left.

## Timescales

# Heading of a figure's text.
question-timescales = How long does an open gate remember?
# What a screen reader says of the figure.
alt-timescales = Half-life in steps against the bias of the gate that retains the state, with the quantiles of chrono initialisation
# Under the figure.
timescales-what = What a state keeps of itself in a step, when nothing but a bias speaks, fixes a clock: its half-life is the number of steps after which half is left. What keeps it is found in
    the equations, whatever it is called and whichever sign it has, and its own formula is inverted, so that the bias needed for a horizon can be read off. Chrono initialisation (Tallec and Ollivier, 2018) draws
    the biases so that the time constants of the units spread over all times up to the horizon; half-lives are 0.69 (ln 2) of them.

## Ablations

# Heading of a figure's text.
question-ablation = Which part of a cell does what?
# What a screen reader says of the figure.
alt-ablation = A table of ablations of each cell with their rates, exponents, shares of the highway and costs
# Under the figure. Variables: $kind: drawn, given, both (of the parameters).
ablation-rows = Each row is the cell with one edit, made in its equations: such as a gate forced open, an activation made linear, or two gates tied. { $kind ->
        [drawn] Everything is then measured anew, so a row says what that part of the cell does for its gradient at initialisation.
        [given] Everything is then measured anew, so a row says what that part of the cell does for its gradient with the parameters given.
       *[both] Everything is then measured anew, so a row says what that part of the cell does for its gradient at initialisation, or with the parameters given.
    } (What it does for learning is another question: in the study of Greff and others, 2017, it was the forget gate
    and the output activation that networks could least do without.)

## Early steps

# Heading of a figure's text.
question-contributions = Whose early steps stop learning?
# What a screen reader says of the figure.
alt-contributions = Heat maps of what each parameter's use at an early step adds to the gradient of a late loss
# Under the figure.
contributions-terms = A weight is used at every step, and its gradient is a sum over these uses. The map shows the terms: how much the use at step <i>k</i> (across) adds to the gradient of a loss at
    step <i>t</i> (up). What is dark on the diagonal alone learns from the present; a parameter whose map stays dark far from the diagonal still learns from its
    early steps. Parameters of one cell may differ here: the weights of a gate, where there is one, are multiplied by that gate’s slope, which is smallest where the gate is most decided.

## Bounds

# Heading of a figure's text.
question-bound = What can be proven in advance?
# What a screen reader says of the figure.
alt-bound = A bound on the gradient and the gradient itself, against the lag
# Under the figure.
bound-what = The bound multiplies the largest values that slopes can have, taken from the equations, with the measured norms of the weight matrices. Where the equations bound every slope it holds for every
    network with these matrices, whatever it reads. What the network really does lies below: slopes are seldom at their largest all at once, and a
    matrix seldom stretches a gradient as far as it can stretch anything. For a plain network with random weights of scale <i>g</i> the largest
    singular value is near 2<i>g</i>, while gradients begin to grow at <i>g</i> = 1; it is the largest <em>singular</em> value that the theorem speaks of, not the
    spectral radius, which many notes put in its place. A bound on one step below 1 proves that the gradient vanishes. A bound above 1 proves nothing.
# After the sentence above, under “Bounds”.
bound-unbounded = A state that nothing bounds, such as a sum to which a gate near 1 lets every step add, leaves slopes that it enters without a bound that holds in advance; the caption says where
    the largest value along the measured trajectory stands in for it.
# Above the table of bounds. Variables: $figure (link).
bound-formulas-of = The bound of one step that { $figure } goes on from, as derived from the equations: a sum over paths of largest slopes times norms of matrices, and the same with what the equations say of the slopes.
# Head of the table of bounds.
bound-head-norm = norm
# Head of the table of bounds.
bound-head-most = is at most
# Under the table of bounds.
bound-blocks = Bounds of blocks multiply from step to step as blocks do: the bound over several steps is the norm of a power of the matrix that they make. A largest value of a state or a
    slope that is left is one that the equations do not bound: it is taken from the run.

## Exponents

# Heading of a figure's text.
question-lyapunov = Do neighbouring trajectories part?
# What a screen reader says of the figure.
alt-lyapunov = Lyapunov exponents in order of size, and their convergence with time
# Under the figure.
lyapunov-what = The exponents are natural logarithms of factors of a step (0 is a factor of 1): the rates at which small differences of the state grow (above 0) or die out (below) along the network’s own trajectory. They are also the
    rates of the gradient at long lags, direction by direction: the same products of Jacobians, read forwards. One exponent above 0 means chaos: gradients explode, and two
    runs that differ in the last digit part. All well below 0 means that the network forgets its past, state and gradient alike. The dimension (Kaplan and Yorke) says how
    many directions the motion fills, and the entropy rate how fast it makes digits.

## Phases

# Heading of a figure's text.
question-phase-diagram = For which weights and biases does the gradient live?
# What a screen reader says of the figure.
alt-phase-diagram = Growth rate of the gradient over the scale of the weights and the bias of the gate, with the critical lines of theory and measurement
# Under the figure.
phase-lines = On the left of a line, where weights are small, gradients vanish; on its right they explode; near it they live long. Which way a line leans says what a
    bias does: leaning to the left as it rises, it lets smaller weights explode. Up to three lines are drawn because three things are
    called critical. The mean field draws new weights at every step (untied) and asks when the mean square of the gradient stays as it is. The quiescent line asks when the
    network at rest begins to stir. The measured line is where the largest exponent of real networks, with the same weights at every step (tied), is 0. For a large plain tanh network without input and biases they agree. For gated cells
    they need not, and not for want of precision: with tied weights the gate and the recurrent matrix add up as eigenvalues do, with untied ones they add as variances do.

## Rest

# Heading of a figure's text.
question-quiescent = When does a resting network begin to stir?
# What a screen reader says of the figure.
alt-quiescent = Eigenvalues of the Jacobian at the fixed point in the complex plane, with the predicted discs and the unit circle
# Under the figure.
quiescent-disc = Without input, and with small weights, a network comes to rest. At that point the Jacobian is a diagonal matrix, from the highway, plus a
    random one, from the recurrent weights, and its eigenvalues fill a disc: its centre is what the gate keeps, its radius the scale of the weights times the slopes on the way. Where the disc
    touches the unit circle the rest is no longer stable, and that scale of the weights is the critical one.
# After it, where gates retain.
quiescent-gate = Opening the gate that retains the state moves the disc towards the circle.

## Truncation

# Heading of a figure's text.
question-truncation = What does truncation cut off?
# What a screen reader says of the figure.
alt-truncation = Relative error of the truncated parameter gradient against the window length, one row a cell
# Under the figure. Variables: $error (formula), $steps.
truncation-what = Truncated backpropagation through time stops after <i>k</i> steps. It is the usual way to train on long sequences, and it is wrong by exactly what would have come from further
    back: { $error }, with <i>g</i> the whole gradient and <i>g<sub>k</sub></i> the truncated one. Medians over seeds, sequences of { $steps } steps:
# Head of its table: a loss on the last step alone.
truncation-head-last = loss on the last step
# Head of its table: another loss. Variables: $loss.
truncation-head-other = loss on { $loss }
# Under its table. Variables: $window, $least, $few, $most, $much.
truncation-ends = At a window of { $window } truncation costs least in { $least }, { $few }, and most in { $most }, { $much }.
# After the sentence above, under “Truncation”.
truncation-health = It costs little where the gradient has died before the window ends, and much where a network remembers: the more of its gradient lies beyond the window, the more is lost. A small truncation error is therefore no sign of health.
# The same, where nothing is finite.
truncation-nothing = Nothing can be compared here: with the loss on the last step, no whole gradient that was measured is finite and other than zero.
# After the sentence above, under “Truncation”.
truncation-every-step = With a loss on every step the error is a mixture: most terms have a short way to go, whatever the window,
    but those just after the edge of a window lose everything before it.

## Clipping

# Heading of a figure's text.
question-clipping = What does clipping do?
# What a screen reader says of the figure.
alt-clipping = Norms of single gradients, share clipped, and cosine of the clipped mean with the true gradient
# Under the figure. Variables: $step, $where (formulas), $threshold.
clipping-what = Clipping sets { $step } where { $where } (Pascanu, Mikolov and Bengio, 2013). It changes the length of one gradient and never its direction. But training averages over sequences, and the mean
    of clipped gradients can point elsewhere: where a few sequences make up most of the true mean, they are cut down to the size of the rest. At a threshold of { $threshold }:
# Head of its table.
clipping-head-norm = median norm
# Head of its table.
clipping-head-largest = largest sequence's part
# Head of its table.
clipping-head-clipped = clipped
# Head of its table.
clipping-head-cosine = cosine with truth
# Under its table.
clipping-sizes = Where gradients are all of one size, clipping every one of them is a mere change of the step size, and the cosine stays near 1. Where they explode, the sizes spread over powers of ten, one sequence can be most of the
    mean, and clipping turns the mean into something like an average of directions. That step is at least bounded. It is no longer the gradient of the mean loss, and nothing that clipping does brings back a gradient that has vanished.

## Beside the page

# In figures.bib, behind the name of the software: BibTeX. The README and CITATION.cff say the same.
cited-subtitle = from the typed equations of a recurrent cell to proven gradients and figures
# In figures.bib, where a figure was published. Variables: $version.
cited-figure = Figure made with gatedsym { $version }
# A note on the data, where weights were given for a text. "--alphabet" is typed so. Variables: $cell.
note-order-of-symbols = Which feature stands for which symbol is a convention: here the symbols are in the order of their code points, and the network of { $cell } may have learnt another (--alphabet gives it).
# The last word of the progress bar, where all was kept from an earlier run.
progress-unchanged = nothing has changed
# The last word of the progress bar.
progress-page = writing the page

# gatedsym verify, before a figure's name.
verdict-follows = follows

# gatedsym verify, before a figure's name.
verdict-does-not-follow = DOES NOT FOLLOW

# gatedsym verify, after a figure's name. Variables: $detail (what was found), $data: equal, other (the hash of the data as recorded, or another); $changed: some (files are not as written), none; $files.
verdict-found = { $detail } (hash of the data { $data ->
        [equal] equal
       *[other] differs
    }{ $changed ->
        [some] ; not as written: { $files }
       *[none] {""}
    })

# gatedsym verify, what was found: the record names a figure that there is no more.
verdict-no-figure = this version has no such figure

# gatedsym verify, what was found: the record names a figure that was not asked for.
verdict-not-given = the code gives no such figure

# gatedsym verify, what was found. Variables: $path.
verdict-missing = { $path } is missing

# gatedsym verify, what was found. Variables: $path.
verdict-damaged = { $path } is damaged

# gatedsym verify, what was found. Variables: $names (of variables).
verdict-only-one = only one of the two has { $names }

# gatedsym verify, what was found. Variables: $name (of an attribute).
verdict-said-otherwise = { $name } is said otherwise

# gatedsym verify, what was found. Variables: $name (of a variable).
verdict-another-shape = { $name } has another shape

# gatedsym verify, what was found. Variables: $name (of a variable), $difference, $tolerance.
verdict-differs = { $name } differs by { $difference }, more than { $tolerance }

# gatedsym verify, what was found. Variables: $name (of a variable), $errors (how many).
verdict-chaotic = { $name } is chaotic: its means over seeds agree within { $errors } standard errors

# gatedsym verify, what was found.
verdict-equal = all values are equal

# gatedsym verify, what was found. Variables: $tolerance, $largest (difference).
verdict-agree = values agree within { $tolerance } (at most { $largest })

# gatedsym verify, below the figures. Variables: $versions, $count (files).
verify-other-versions = made with other versions ({ $versions }): { $count ->
        [one] { $count } file is
       *[other] { $count } files are
    } not redrawn alike, and compared with recorded hashes alone

# gatedsym verify, one of these versions. Variables: $library, $then, $now.
verify-version = { $library } { $then }, now { $now }

# gatedsym verify, in place of a version: the record has none.
verify-no-version = none

# gatedsym verify, in place of versions: the record names further libraries.
verify-more-libraries = more libraries

# gatedsym verify, below the figures. Variables: $files.
verify-own = written by a program of the caller's, and compared with recorded hashes alone: { $files }

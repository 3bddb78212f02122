### The texts of tasks: what each shows and asks, the levels of its loss, who defines it so.
### They stand in `gatedsym tasks NAME`, in the documentation's page of tasks, and on the pages of learnt cells.

## Adding

# Of adding: what is shown and what is asked, in the definition of Arjovsky.
adding-about-arjovsky =
    Each step shows a value and a mark, which is 1 at two steps; the last step is asked for the sum of the two marked
    values.

# Of adding: what is shown and what is asked, in the definition of Hochreiter and Schmidhuber.
adding-about-hochreiter =
    Each step shows a value and a mark, which is 1 at two steps and -1 at both ends; the last step is asked for 0.5
    plus a quarter of the sum of the two marked values.

# Of adding, in brackets behind the baseline of its loss: what a network knows that has this loss. Variables: $answer
# (a number).
adding-knows-the-mean = the mean alone: the answer is always { $answer }

# Of adding, in brackets behind a plateau of its loss: what a network knows that has this loss.
adding-knows-one-value = one of the two values, as a rule the later one

# Of adding, in brackets behind a plateau of its loss: what a network knows that has this loss.
adding-knows-the-second-value = the value marked second

# Of adding, behind the number of the baseline: how it is computed; letters and signs stay as they are.
adding-baseline-hochreiter =
    (P1 + P2) Var U[-1, 1) / 16, where Pk is the probability that mark k is not on the first pair

# Of adding: one of those who define it, with the place; name, year and title stay as they are.
adding-defined-arjovsky =
    Arjovsky, Shah, Bengio 2016, Unitary evolution recurrent neural networks, the adding problem; their
    adding_problem.py

# Of adding, below adding-defined-arjovsky: how they define it, or how that differs from ours.
adding-says-arjovsky =
    definition='arjovsky' is theirs: uniform values in [0, 1), a mark anywhere in each half, target the sum. They clip
    every entry of the gradient to 1, not its norm.

# Of adding: one of those who define it, with the place; name, year and title stay as they are.
adding-defined-hochreiter = Hochreiter, Schmidhuber 1997, Long short-term memory, section 5.4

# Of adding, below adding-defined-hochreiter: how they define it, or how that differs from ours.
adding-says-hochreiter =
    definition='hochreiter' is theirs: lengths T … 1.1 T, uniform values in [-1, 1], marks among the first ten pairs
    and the first T / 2 - 1, marks -1 at both ends, target 0.5 + (X1 + X2) / 4, right if the error is below 0.04.
    Where the first pair is marked, X1 is 0; its mark is -1 here, as the paper says of ends.

# Of adding: one of those who define it, with the place; name, year and title stay as they are.
adding-defined-le =
    Le, Jaitly, Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, 4.1

# Of adding, below adding-defined-le: how they define it, or how that differs from ours.
adding-says-le = Values uniform in [0, 1], two marks, target the sum.

# Of adding: one of those who define it, with the place; name, year and title stay as they are.
adding-defined-pascanu =
    Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent neural networks; their addition.py

# Of adding, below adding-defined-pascanu: how they define it, or how that differs from ours.
adding-says-pascanu =
    Values in [0, 1), one length a batch, T … 1.1 T, marks in the first tenth and in the next four tenths, target half
    the sum: baseline 1/24.

# Of adding: one of those who define it, with the place; name, year and title stay as they are.
adding-defined-bai =
    Bai, Kolter, Koltun 2018, An empirical evaluation of generic convolutional and recurrent networks; their
    TCN/adding_problem/utils.py

# Of adding, below adding-defined-bai: how they define it, or how that differs from ours.
adding-says-bai =
    Two different steps anywhere, not one in each half; else as Arjovsky. Their README gives the baseline as 0.1767;
    the variance of a sum of two uniform numbers is 1/6 = 0.1667.

## Associative recall

# Of associative_recall: what is shown and what is asked. Variables: $pairs (2 or more).
associative-recall-about =
    { $pairs } pairs of a key and a value are shown, later one of the keys; the last step is asked for its value.

# Of associative_recall, in brackets behind the baseline of its loss: what a network knows that has this loss.
associative-recall-knows-nothing = nothing of the pairs

# Of associative_recall, behind the number of a plateau: how it is computed; letters and signs stay as they are.
# Variables: $pairs (2 or more), $others (one less), $values (kinds of values).
associative-recall-formula = ln { $pairs } - E ln(1 + R), with R from Binomial({ $others }, 1/{ $values })

# Of associative_recall, in brackets behind a plateau of its loss: what a network knows that has this loss.
associative-recall-knows-values = the values that were shown, and not their keys

# Of associative-recall: one of those who define it, with the place; name, year and title stay as they are.
associative-recall-defined-ba =
    Ba, Hinton, Mnih, Leibo, Ionescu 2016, Using fast weights to attend to the recent past, section 4.1

# Of associative-recall, below associative-recall-defined-ba: how they define it, or how that differs from ours.
associative-recall-says-ba =
    Sequences such as c9k8j3f1??c, answer 9: letters, digits, two question marks, no blanks. Here blanks may stand
    between, for the sake of the lag; T=2*pairs + 3 gives theirs.

# Of associative-recall: one of those who define it, with the place; name, year and title stay as they are.
associative-recall-defined-arora =
    Arora et al. 2023, Zoology: measuring and improving recall in efficient language models; their
    zoology/data/associative_recall.py

# Of associative-recall, below associative-recall-defined-arora: how they define it, or how that differs from ours.
associative-recall-says-arora =
    Several keys are asked for in a sequence, at places of a power law; values of a sequence are all different;
    vocabularies of thousands.

# Of associative-recall: one of those who define it, with the place; name, year and title stay as they are.
associative-recall-defined-graves = Graves, Wayne, Danihelka 2014, Neural Turing machines, section 4.3

# Of associative-recall, below associative-recall-defined-graves: how they define it, or how that differs from ours.
associative-recall-says-graves =
    Items are rows of random binary vectors, and the item behind the one shown is asked for.

## Copying

# Of copy: what is shown and what is asked. Variables: $symbols (how many are to be copied).
copy-about = { $symbols ->
    [one] 1 symbol is shown, blanks follow, and from a marker on the symbol is asked for.
   *[other] { $symbols } symbols are shown, blanks follow, and from a marker on the symbols are asked for.
}

# Of copy, in brackets behind the baseline of its loss: what a network knows that has this loss.
copy-knows-when = when to answer and nothing of the symbols

# Of copy: one of those who define it, with the place; name, year and title stay as they are.
copy-defined-arjovsky =
    Arjovsky, Shah, Bengio 2016, Unitary evolution recurrent neural networks, the copying memory problem; their
    memory_problem.py

# Of copy, below copy-defined-arjovsky: how they define it, or how that differs from ours.
copy-says-arjovsky =
    As here: 10 symbols of 8, T - 1 blanks, one marker, 10 blanks; the loss is the mean over all T + 20 steps, its
    baseline 10 ln 8 / (T + 20).

# Of copy: one of those who define it, with the place; name, year and title stay as they are.
copy-defined-bai =
    Bai, Kolter, Koltun 2018, An empirical evaluation of generic convolutional and recurrent networks; their
    TCN/copy_memory/utils.py

# Of copy, below copy-defined-bai: how they define it, or how that differs from ours.
copy-says-bai =
    The last 11 inputs are the marker (here one is, and 10 blanks), so that the answer needs no memory of when it
    began; symbols are numbers 0 … 9 in one feature; 10 classes.

# Of copy: one of those who define it, with the place; name, year and title stay as they are.
copy-defined-gu =
    Gu, Goel, Ré 2022, Efficiently modeling long sequences with structured state spaces; their
    src/dataloaders/datasets/copying.py

# Of copy, below copy-defined-gu: how they define it, or how that differs from ours.
copy-says-gu =
    L blanks and a marker at every step of the answer; the loss is on the answer alone; of an alphabet of A the
    symbols are A - 2.

## Digits

# Of digits: what is shown and what is asked. Variables: $digits (how many there are, about two thousand).
digits-about = { $digits } digits of 8 × 8 pixels, 0 … 1, one pixel a step; the last step is asked for the digit.

# Of digits, behind the number of the baseline: how it is computed; letters and signs stay as they are. Variables:
# $even (a number).
digits-baseline = entropy of the shares of the digits, about ln 10 = { $even }

# Of digits, in brackets behind the baseline of its loss: what a network knows that has this loss.
digits-knows-shares = how often each digit comes

# Of digits: one of those who define it, with the place; name, year and title stay as they are.
digits-defined-le = Le, Jaitly, Hinton 2015, A simple way to initialize recurrent networks of rectified linear units

# Of digits, below digits-defined-le: how they define it, or how that differs from ours.
digits-says-le =
    MNIST, 784 steps of a pixel, in order and under one fixed permutation; here scikit-learn's 1,797 digits of 8 × 8
    pixels, 64 steps. The two are not comparable.

# Of digits: one of those who define it, with the place; name, year and title stay as they are.
digits-defined-alpaydin =
    Alpaydin, Kaynak 1998, Optical recognition of handwritten digits (UCI); sklearn.datasets.load_digits

# Of digits, below digits-defined-alpaydin: how they define it, or how that differs from ours. Variables: $share (one
# in so many is held out, 5).
digits-says-alpaydin =
    The test part of the data set: counts of ink 0 … 16 in blocks of 4 × 4, divided by 16 here. One in { $share } is
    held out, by one division for all seeds.

## A person's own file

# Of file, of one long sequence: what is shown and what is asked. Variables: $data (the file and its shape), $targets
# (names of what is asked, with commas), $at (end or every: the steps that are asked), $parts (one of so many is held
# out, 5).
file-about-windows = 
    { $data }; asked for { $targets } at { $at ->
        [end] the end
       *[every] every step
    }. The last of { $parts } parts is held out.

# Of file, of several sequences: what is shown and what is asked. Variables: $data, $targets and $at as in file-about-
# windows, $sequences (5 or more), $held (how many of them are held out).
file-about-sequences = 
    { $data }; asked for { $targets } at { $at ->
        [end] the end
       *[every] every step
    }. { $held ->
        [one] Of { $sequences } sequences 1 is held out.
       *[other] Of { $sequences } sequences { $held } are held out.
    }

# Of file, behind the number of the baseline: how it is computed; letters and signs stay as they are.
file-baseline-of-classes = entropy of the shares of the classes

# Of file, in brackets behind the baseline of its loss: what a network knows that has this loss.
file-knows-shares = how often each class comes

# Of file, behind the number of the baseline: how it is computed; letters and signs stay as they are.
file-baseline-of-numbers = variance of the targets, scaled to 1 each

# Of file, in brackets behind the baseline of its loss: what a network knows that has this loss.
file-knows-the-mean = the mean alone

## France

# Of france: what is shown and what is asked; the words in quotes are what a network reads, and stay English.
france-about = A text begins with "I grew up in" and a country, and ends with "I speak fluent": which language?

# Of france, in brackets behind the baseline of its loss: what a network knows that has this loss.
france-knows-nothing = nothing of the country: every language is as likely

# Of france: one of those who define it, with the place; name, year and title stay as they are.
france-defined-olah =
    Lecture notes and blogs; Olah 2015, Understanding LSTM networks, "I grew up in France… I speak fluent French"

# Of france, below france-defined-olah: how they define it, or how that differs from ours.
france-says-olah =
    One sentence as an example, without a data set; the grammar, the filler and the distractors are ours.

## Recall

# Of recall: what is shown and what is asked. Variables: $classes (2 or more).
recall-about = One step shows one of { $classes } classes, all steps show noise; the last step is asked for the class.

# Of recall, in brackets behind the baseline of its loss: what a network knows that has this loss.
recall-knows-nothing = nothing of the cue: every class is as likely

# Of recall: one of those who define it, with the place; name, year and title stay as they are.
recall-defined-bengio =
    Bengio, Simard, Frasconi 1994, Learning long-term dependencies with gradient descent is difficult; the 2-sequence
    problem in Hochreiter, Schmidhuber 1997, Long short-term memory, section 5.3, task 3a

# Of recall, below recall-defined-bengio: how they define it, or how that differs from ours.
recall-says-bengio =
    One number a step: the first 1 or 3 are 1 or -1 by the class, Gaussian noise of variance 0.2 follows, the class is
    asked at the end of T … 1.1 T steps. Here classes have features of their own, so that a cue can stand anywhere,
    and the noise is uniform, of variance 1.

## Reviews

# Of reviews: what is shown and what is asked. Variables: $words (how many a text has), $opinions (how many of them
# matter, an odd number).
reviews-about = { $opinions ->
    [one] Of { $words } words 1 is an opinion, good or bad, perhaps behind "not": does it praise?
   *[other] Of { $words } words { $opinions } are opinions, good or bad, some behind "not": do most of them praise?
}

# Of reviews, in brackets behind the baseline of its loss: what a network knows that has this loss.
reviews-knows-nothing = nothing of the opinions

# Of reviews, behind the number of a plateau: how it is computed; letters and signs stay as they are. Variables:
# $opinions, $known (how many of them a network knows).
reviews-formula-of-some = H(most of { $opinions } | { $known } of them)

# Of reviews, in brackets behind a plateau of its loss: what a network knows that has this loss. Variables: $known (how
# many a network knows).
reviews-knows-some = { $known } of the opinions

# Of reviews, behind the number of a plateau: how it is computed; letters and signs stay as they are. Variables:
# $opinions, $negated (a number from 0 to 1).
reviews-formula-of-words = H(most of { $opinions } | all of them, each turned round with probability { $negated })

# Of reviews, in brackets behind a plateau of its loss: what a network knows that has this loss.
reviews-knows-the-words = all the words, but not what "not" does

# Of reviews: one of those who define it, with the place; name, year and title stay as they are.
reviews-defined-notes = Lecture notes on gates ("three words of a review decide"); this grammar is ours

# Of reviews, below reviews-defined-notes: how they define it, or how that differs from ours.
reviews-says-notes =
    Data sets of real reviews are Maas et al. 2011 (IMDb) and Socher et al. 2013 (negation in a treebank); real
    reviews have no words of which it is known that they decide.

## Selective copying

# Of selective_copy: what is shown and what is asked. Variables: $symbols (how many are to be copied).
selective-copy-about = { $symbols ->
    [one] 1 symbol stands among blanks; 1 marker follows, and asks for it.
   *[other] { $symbols } symbols stand among blanks; { $symbols } markers follow, and each asks for the next of them.
}

# Of selective_copy, in brackets behind the baseline of its loss: what a network knows that has this loss.
selective-copy-knows-nothing = nothing of the symbols

# Of selective-copy: one of those who define it, with the place; name, year and title stay as they are.
selective-copy-defined-gu =
    Gu, Dao 2023, Mamba: linear-time sequence modeling with selective state spaces, appendix E.1

# Of selective-copy, below selective-copy-defined-gu: how they define it, or how that differs from ours.
selective-copy-says-gu =
    16 symbols in sequences of 4,096 steps, of a vocabulary of 16 in which blank (and marker) are counted.

# Of selective-copy: one of those who define it, with the place; name, year and title stay as they are.
selective-copy-defined-goel =
    Gu, Goel, Ré 2022, Efficiently modeling long sequences with structured state spaces; their
    src/dataloaders/datasets/copying.py, variable=True

# Of selective-copy, below selective-copy-defined-goel: how they define it, or how that differs from ours.
selective-copy-says-goel =
    As here: places drawn without repetition among the steps before the markers, sorted; the loss is on the markers'
    steps; of an alphabet of A the symbols are A - 2.

# Of selective-copy: one of those who define it, with the place; name, year and title stay as they are.
selective-copy-defined-jing =
    Jing et al. 2019, Gated orthogonal recurrent units: on learning to forget, the denoise task; their denoise_task.py

# Of selective-copy, below selective-copy-defined-jing: how they define it, or how that differs from ours.
selective-copy-says-jing =
    10 symbols of 9 among T + 9 steps, one marker, 10 blanks; the loss is the mean over all T + 20 steps, its baseline
    10 ln 9 / (T + 20). Places are drawn with repetition: of two symbols in one place the first is never shown, and
    still asked for.

## Temporal order

# Of temporal_order: what is shown and what is asked. Variables: $symbols (2 or 3).
temporal-order-about =
    Between E and B stand letters of noise and { $symbols } symbols, X or Y each; the last step is asked for their
    order.

# Of temporal_order, in brackets behind the baseline of its loss: what a network knows that has this loss.
temporal-order-knows-nothing = nothing of the symbols

# Of temporal_order, in brackets behind a plateau of its loss: what a network knows that has this loss. Variables:
# $known (1 or 2).
temporal-order-knows-some = { $known } of the symbols, as a rule the last

# Of temporal-order: one of those who define it, with the place; name, year and title stay as they are.
temporal-order-defined-hochreiter = Hochreiter, Schmidhuber 1997, Long short-term memory, section 5.6, tasks 6a and 6b

# Of temporal-order, below temporal-order-defined-hochreiter: how they define it, or how that differs from ours.
temporal-order-says-hochreiter =
    As here at T=100: E first, B last, noise of a, b, c, d, lengths 100 … 110; symbols at steps 10 … 20 and 50 … 60,
    of three at 10 … 20, 33 … 43 and 66 … 76. There squared errors; right if all are below 0.3.

# Of temporal-order: one of those who define it, with the place; name, year and title stay as they are.
temporal-order-defined-pascanu =
    Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent neural networks; their tempOrder.py and
    tempOrder3bit.py

# Of temporal-order, below temporal-order-defined-pascanu: how they define it, or how that differs from ours.
temporal-order-says-pascanu =
    Six symbols, no E and B, T steps always; places 0.1 T … 0.2 T and 0.5 T … 0.6 T (the first is 1 … 0.1 T in the
    docstring, not in the code), of three a tenth of T from 0.1 T, 0.3 T and 0.6 T on.

## Text

# Of text: what is shown and what is asked. Variables: $data (what the text is: its symbols and its title).
text-about = { $data }; every step is asked for the next symbol.

# Of text, behind the number of the baseline: how it is computed; letters and signs stay as they are. Variables:
# $symbols (2 or more).
text-baseline = entropy of the shares of { $symbols } symbols

# Of text, in brackets behind the baseline of its loss: what a network knows that has this loss.
text-knows-shares = how often each comes

# Of text, behind the number of a plateau: how it is computed; letters and signs stay as they are.
text-formula-of-pairs = H(next | this), of the pairs of the text to train on

# Of text, in brackets behind a plateau of its loss: what a network knows that has this loss.
text-knows-the-present = the present symbol, nothing before

# Of text: one of those who define it, with the place; name, year and title stay as they are.
text-defined-karpathy =
    Language models by characters, such as Karpathy, Johnson, Fei-Fei 2016, Visualizing and understanding recurrent
    networks

# Of text, below text-defined-karpathy: how they define it, or how that differs from ours. Variables: $parts (the last
# of so many is held out, 10).
text-says-karpathy =
    Long texts, states carried from window to window, losses often in bits a character (nats / ln 2). Here windows
    begin anywhere, with the cell's initial state; the last of { $parts } parts of the text is held out.

### gatedsym sweep: what is asked, what is there, and what came of it.

# First line. Variables: $experiment (its name), $count (of points), $points (the same with commas between thousands).
sweep-points = { $count ->
    [one] { $experiment }: 1 point
   *[other] { $experiment }: { $points } points
}

# Behind the first eight values of an axis that has more. Variables: $shown (the values, with commas), $count (of all).
sweep-more-values = { $shown }, … ({ $count })

# Under the axes: the first of two parts of a line, records that are there. Variables: $count, $records (the same with
# commas between thousands).
sweep-there = { $count ->
    [one] 1 record there
   *[other] { $records } records there
}

# The second part: runs that are to be made. Variables: $count, $runs (the same with commas between thousands).
sweep-to-make = { $count ->
    [one] 1 run to make
   *[other] { $runs } runs to make
}

# The same, of one share of the points. Variables: $count, $runs as before; $part and $parts (its number, of how many).
sweep-to-make-in-share = { $count ->
    [one] 1 run to make in share { $part } of { $parts }
   *[other] { $runs } runs to make in share { $part } of { $parts }
}

# Both parts in a line. Variables: $there and $make (the two parts).
sweep-ahead = { $there }; { $make }

# The same, where it is known how long that takes. Variables: $there, $make, $time (such as 2 h 10 min).
sweep-ahead-in-time = { $there }; { $make }, about { $time } of one process

# After the runs: how many points have numbers. Variables: $count (of all points), $measured and $points (numbers with
# commas between thousands).
sweep-measured = { $count ->
    [one] { $measured } of 1 point measured
   *[other] { $measured } of { $points } points measured
}

# Behind it, of points that were refused. Variables: $count.
sweep-refused = { $count } refused

# Behind it, of points whose runs ended in an error. Variables: $count.
sweep-failed = { $count } failed

# Behind it, of points of other shares. Variables: $count.
sweep-missing = { $count } not yet made

# Last line before the file. Variables: $sizes (names and sizes of dimensions).
sweep-dataset = dataset: { $sizes }

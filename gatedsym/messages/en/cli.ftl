### What commands say beside their results: files that were written, how many of what is as it should be.
### Names of commands, options and files are typed and stay as they are.

## Every command

# A line for files in one folder, three at most. Variables: $files (names, with commas).
wrote = wrote { $files }

# The same, of more files. Variables: $count (of files), $folder (its path).
wrote-many = wrote { $count } files in { $folder }

# Last line of report, learn and trainability. Variables: $file (a path).
open-in-browser = open { $file } in a browser

## gatedsym generate

# A line for each folder in which all is well. Variables: $count (of modules), $folder (its path).
modules-alike = { $count ->
    [one] 1 module in { $folder } is as its derivation says
   *[other] { $count } modules in { $folder } are as their derivations say
}

# On standard error, where modules differ. Variables: $count (of modules), $folders (paths, with "modules-folders").
modules-drifted = { $count } of the modules in { $folders } drifted: run gatedsym generate, or undo the edit.

# Several folders in modules-drifted. Variables: $first (one or several paths), $last (a path).
modules-folders = { $first } and { $last }

## gatedsym prove

# With --equivalences, of cells that state none. Variables: $cells (names, with commas).
prove-nothing = { $cells }: no equivalence and no limit is stated; the derivation files of the library state theirs

# Last line. Variables: $proven and $all (counts of statements), $seconds (a number), $others: none, undecided (some were
# left so), failed (some were refuted), both; $undecided and $failed (counts).
prove-end = { $others ->
    [none] { $proven } of { $all } statements proven in { $seconds } s
    [undecided] { $proven } of { $all } statements proven, { $undecided } undecided in { $seconds } s
    [failed] { $proven } of { $all } statements proven, { $failed } failed in { $seconds } s
   *[both] { $proven } of { $all } statements proven, { $undecided } undecided, { $failed } failed in { $seconds } s
}

## gatedsym verify

# Files that differ from what the code writes. Variables: $files (names, with commas).
verify-changed = not as written: { $files }

# Files that stand in the folder of a report and are none of its own. Variables: $files (names, with commas).
verify-unknown = not of the report: { $files }

# Last line of a report or a comparison. Variables: $follow and $all (counts of figures).
verify-figures = { $follow } of { $all } figures follow from the code

# Last line of a study. Variables: $follow and $all (counts of runs).
verify-runs = { $follow } of { $all } runs that were made anew follow

"""The table of layouts → the page derivations/docs/conventions.md.

python -m gatedsym.conventions.page            print the page
python -m gatedsym.conventions.page --write    write it
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from gatedsym.conventions.table import Block, Framework, Layout, StackedArray, frameworks, layouts

HEAD = """\
# Conventions of other frameworks

Every framework packs the parameters of a cell in its own way: another order of gates, matrices that act from the left
or from the right, one bias or two, the reset gate before or after the product, a `z` that keeps or one that overwrites.
`gatedsym.conventions` goes both ways:

```python
import torch
import gatedsym as gs

layer = torch.nn.LSTM(8, 64)
params = gs.conventions.import_parameters("lstm", layer.state_dict(), "pytorch")
arrays = gs.conventions.export_parameters("lstm", params, "onnx")
```

A state dict may be that of a whole model, with layers, directions, single cells (`nn.LSTMCell`) and anything else in
it. Where several layers fit, `layer` says which: module, number, direction. The same words name the arrays on the way
back.

```python
rnn = torch.nn.GRU(8, 64, num_layers=2, bidirectional=True)
model = torch.nn.ModuleDict({"rnn": rnn, "out": torch.nn.Linear(128, 2)})
upper = gs.conventions.import_parameters("gru_torch", model.state_dict(), "pytorch", layer="rnn:1:reverse")
arrays = gs.conventions.export_parameters("gru_torch", upper, "pytorch", layer="rnn:1:reverse")
model.load_state_dict({**model.state_dict(), **{k: torch.from_numpy(v) for k, v in arrays.items()}})
```

Names, shapes and dtypes are checked; no framework is imported but by the files that need it. What is known of a
framework stands in a table (`gatedsym/conventions/layouts.toml`), and the table is all there is: this page is written
from it (`python -m gatedsym.conventions.page --write`). Where the framework can be installed, tests run it on converted
parameters and compare values, and gradients where it has them, over 20 steps.

## What to mind

- **Two biases.** PyTorch, cuDNN and ONNX add two biases to every gate. Only their sum matters (but for the candidate
  of a GRU that resets after the product: there the recurrent bias is inside of the reset, and is our `v_g`). Exported,
  ours is the first and the second is zero; imported, they are added. So a forget bias of 1 in *both* is a bias of 2.
- **The sign of z.** `gru` and `gru_torch_overwrites` compute `h' = (1 - z) * h + z * g`: `z` overwrites. In most
  frameworks `z` keeps, so `W_z`, `U_z` and `b_z` change their sign on the way; `gru_torch`, `gru_torch_cho_sign` and
  `gru_cho_sign` keep with `z` too, and nothing changes.
- **The forget bias of TensorFlow 1** is added by the cell, not stored: the stored bias is less by 1. (Of a cell made
  with `forget_bias=0`: take 1 off the imported `b_f`, and add 1 to it before you export.)
- **The order of states.** Some hand out (h, c), some (c, h); both have the same shape, so nothing complains.
- **One layer, one direction** has one cell's parameters. A layer without biases may leave them out where the table says
  "optional". A name that no layout has, among the arrays of a layer (`weight_hh_l0_raw`), is refused: the matrix beside
  it is not what the network multiplies by.

## Files

`import_parameters("lstm", "model.onnx")`, and `gatedsym report lstm --weights model.onnx`, read a file;
`save_parameters("model.onnx", "lstm", params)` writes one, which read again gives the same bits. Two published files
are read in [where the gradient goes in a network that people use](published-networks.md).

{files}

What a file says of a layer decides which cell it is: an ONNX GRU with `linear_before_reset=1`, or a Keras GRU with
`reset_after=True`, is `gru_torch`, and `gru` is refused with that name. A clip, other activations, or weights that the
model computes are refused by what they are. A file of weights alone says less: a GRU of Keras without biases is refused
there, as nothing says where its reset gate acts, and that activations are taken to be the usual ones is told.

`pip install "gatedsym[weights]"` brings torch and onnx. Nothing in a file is ever executed. Sizes, names and dtypes are
checked before they are believed; at most 1 GiB is read; data that lies in other files is read for ONNX alone, from the
model's folder or below; damage is one sentence.
"""

FILES = (
    ("file", "what is read", "needs beside gatedsym", "written"),
    ("---",) * 4,
    ("`.npz`, `.safetensors`", "arrays by names: the cell's own, or those of any framework below", "–", "as read"),
    (
        "`.pt`, `.pth`, `.bin`, `.ckpt`",
        "tensors by names, those of dictionaries in a checkpoint as well, by `torch.load(weights_only=True)`",
        "torch 2.10, as older loaders can be fooled",
        "`.pt`, a state dict",
    ),
    (
        "`.onnx`",
        "operators LSTM, GRU and RNN in each direction; W, R, B, P in initialisers or constants; where they are "
        "computed, the names that an exporter kept",
        "onnx",
        "a model of one operator",
    ),
    (
        "`.keras`, `.h5`, `.weights.h5`",
        "LSTM, GRU, SimpleRNN, their cells, stacks, both directions",
        "–",
        "`.weights.h5`",
    ),
)


def conventions_page() -> str:
    """The page in Markdown."""
    lines = [HEAD.replace("{files}", "\n".join(map(_row, FILES))), "## At a glance", "", *_overview()]
    for framework in frameworks():
        lines += ["", *_framework_section(framework)]
    return "\n".join(lines) + "\n"


def _overview() -> Iterator[str]:
    heads = ("framework", "key", "cell", "theirs", "order of gates", "matrices", "biases", "reset", "z", "states")
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for layout in layouts():
        yield _row(
            (
                layout.framework.title,
                f"`{layout.framework.key}`",
                f"`{layout.cell}`",
                _code(layout.theirs),
                " ".join(layout.letters) or "–",
                "(in, out)" if layout.framework.transposed else "(out, in)",
                _biases(layout),
                layout.reset or "–",
                layout.update or "–",
                ", ".join(layout.states),
            )
        )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """Names of classes and operators as code; plain words as they are."""
    return ", ".join(f"`{part}`" if part[0].isupper() or "." in part else part for part in text.split(", "))


def _biases(layout: Layout) -> str:
    """Number of a gate's biases."""
    blocks = [
        b for a in layout.arrays for b in a.blocks if b.parameter.startswith(("b", "v_")) and b.share != "ignored"
    ]
    gates = [b.parameter[1:] for b in blocks]
    counts = sorted({gates.count(g) for g in gates})
    return " or ".join(str(c) for c in counts) if counts else "–"


def _framework_section(framework: Framework) -> Iterator[str]:
    yield f"## {framework.title}: `{framework.key}`"
    yield ""
    acts = "from the right, (inputs, outputs)" if framework.transposed else "from the left, (outputs, inputs)"
    ones = " Every array has a first axis of length 1." if framework.leading else ""
    yield f"Arrays: {framework.parameters}. Matrices act {acts}.{ones}"
    for layout in layouts():
        if layout.framework == framework:
            yield ""
            yield f"**`{layout.cell}`** is {_code(layout.theirs)}{_remarks(layout)}"
            yield ""
            yield _row(("array", "holds"))
            yield _row(("---", "---"))
            for array in layout.arrays:
                optional = " (optional)" if array.name in layout.absent else ""
                yield _row((f"`{array.name}`{optional}", _content(array, framework)))
    if framework.sources:
        yield ""
        yield f"Read: {'; '.join(framework.sources)}."


def _remarks(layout: Layout) -> str:
    remarks = [f"{name} stored without the {amount:g} that the cell adds" for name, amount in layout.added.items()]
    remarks += [f"{name} has no place and must be zero" for name in layout.without]
    return f"; {'; '.join(remarks)}." if remarks else "."


def _content(array: StackedArray, framework: Framework) -> str:
    columns = [", ".join(_block(b) for b in column) for column in array.columns]
    if len(columns) == 1:
        return columns[0]
    joined = " \\| ".join(columns)
    return f"[{joined}], one {'above' if framework.transposed else 'beside'} the other"


def _block(block: Block) -> str:
    if block.share == "ignored":
        return "(not read)"
    sign = "−" if block.sign < 0 else ""
    return f"0 (adds to {sign}{block.parameter})" if block.share == "zero" else f"{sign}{block.parameter}"


def _main() -> None:
    from gatedsym.files.write import write_atomically
    from gatedsym.library.load import derivations_folder

    if "--write" in sys.argv[1:]:
        path = derivations_folder() / "docs" / "conventions.md"
        write_atomically(path, conventions_page())
        print(f"wrote {path}")
    else:
        print(conventions_page(), end="")


if __name__ == "__main__":
    _main()

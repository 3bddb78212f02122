"""Loops of torch's cells whose every hidden state autograd sees: what a watcher is held against."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class Loop:
    """A recurrent module of torch as loops over steps.

    Attributes
    ----------
    rows : dict
        From (layer, direction, quantity) to a list over sequences of dicts from a step to a tensor.
    weights : dict
        From (layer, direction, weight) to a list of (step, the weight as that step used it).
    """

    def __init__(self, module):
        self.module, self.rows, self.weights = module, {}, {}
        self.projected = getattr(module, "proj_size", 0)

    def run(self, x, initial, lengths, masks=()):
        """Output (T, B, …) and final states of sequences (T, B, m)."""
        x, initial = x.clone().requires_grad_(), [s.clone().requires_grad_() for s in initial]
        outputs, finals = [], []
        for b, length in enumerate(lengths):
            rows = list(x[:length, b])
            last = []
            for layer in range(self.module.num_layers):
                both = []
                for number, direction in enumerate(("forward", "reverse")[: 1 + self.module.bidirectional]):
                    place = layer * (1 + self.module.bidirectional) + number
                    states = tuple(s[place, b] for s in initial)
                    out, states = self.direction(layer, direction, rows, states)
                    both.append(out)
                    last.append(states)
                rows = [torch.cat(parts) for parts in zip(*both)]
                if layer < len(masks):
                    rows = [row * masks[layer][t, b] for t, row in enumerate(rows)]
            outputs.append(torch.stack([*rows, *[torch.zeros_like(rows[0])] * (len(x) - length)]))
            finals.append(last)
        states = [torch.stack([torch.stack([f[place][k] for f in finals]) for place in range(len(finals[0]))])
                  for k in range(len(finals[0][0]))]  # fmt: skip
        return torch.stack(outputs, 1), states

    def direction(self, layer, direction, rows, states):
        kinds = ("h", "c")[: len(states)]
        order = range(len(rows)) if direction == "forward" else range(len(rows))[::-1]
        seen = {q: {} for q in (*kinds, "x", "c apart")}
        start = 0 if direction == "forward" else len(rows) + 1
        states = tuple(s.clone() for s in states)
        seen |= {kind: {start: s} for kind, s in zip(kinds, states)}
        if len(states) == 2:
            seen["c apart"][start] = states[1]
        out = [None] * len(rows)
        for t in order:
            x = rows[t].clone()
            seen["x"][t + 1] = x
            new = self.step(layer, direction, t, x, states)
            for kind, value in zip(kinds, new):
                seen[kind][t + 1] = value
            states = (new[0], new[1].view_as(new[1])) if len(new) == 2 else new
            if len(new) == 2:
                seen["c apart"][t + 1] = states[1]
            out[t] = states[0]
        for quantity, found in seen.items():
            self.rows.setdefault((layer, direction, quantity), []).append(found)
        return out, states

    def step(self, layer, direction, t, x, states):
        suffix = f"_l{layer}{'_reverse' if direction == 'reverse' else ''}"
        own = {}
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"):
            if (weight := getattr(self.module, name + suffix, None)) is not None:
                own[name] = weight.view_as(weight)
                self.weights.setdefault((layer, direction, name), []).append((t + 1, own[name]))
        given = [own.get(name) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        if isinstance(self.module, nn.LSTM):
            ahead = functional.linear(x, given[0], given[2]) + functional.linear(states[0], given[1], given[3])
            i, f, g, o = ahead.chunk(4)
            c = f.sigmoid() * states[1] + i.sigmoid() * g.tanh()  # torch.lstm_cell's own c is not that of its h
            h = o.sigmoid() * c.tanh()
            return (functional.linear(h, own["weight_hr"]) if self.projected else h, c)
        cell = {"GRU": torch.gru_cell, "RNN_TANH": torch.rnn_tanh_cell, "RNN_RELU": torch.rnn_relu_cell}
        return (cell[self.module.mode](x[None], states[0][None], *given)[0],)

    def norms(self, loss, steps):
        """For each layer, direction and quantity norms (steps + 2, B) of gradients, NaN where there is no step."""
        keys = [(key, b, t) for key, found in self.rows.items() for b, own in enumerate(found) for t in own]
        tensors = [self.rows[key][b][t] for key, b, t in keys]
        grads = torch.autograd.grad(loss, tensors, retain_graph=True, allow_unused=True)
        found = {}
        for (key, b, t), grad in zip(keys, grads):
            whole = found.setdefault(key, np.full((steps + 2, len(self.rows[key])), np.nan))
            whole[t, b] = 0 if grad is None else float(grad.norm())
        for layer, direction, quantity in list(found):
            if quantity == "h":
                own = found[layer, direction, "h"]
                other = found.pop((layer, direction, "c apart"), np.zeros_like(own))
                found[layer, direction, "state"] = np.sqrt(own**2 + other**2)
        return found

    def weight_steps(self, loss, steps):
        """For each layer, direction and weight its gradient of every step, (steps, …)."""
        found = {}
        for key, uses in self.weights.items():
            grads = torch.autograd.grad(loss, [w for _, w in uses], retain_graph=True, allow_unused=True)
            found[key] = np.zeros((steps, *uses[0][1].shape))
            for (t, _), grad in zip(uses, grads):
                found[key][t - 1] += 0 if grad is None else grad.numpy()
        return found

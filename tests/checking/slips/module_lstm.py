"""An LSTM as a module of torch whose backward pass is written by hand: parameters of the module, their gradients in .grad."""

import torch
from torch import nn


class HandLSTM(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.randn(4 * hidden_size, input_size) * 0.1)
        self.weight_hh = nn.Parameter(torch.randn(4 * hidden_size, hidden_size) * 0.1)
        self.bias = nn.Parameter(torch.zeros(4 * hidden_size))

    @torch.no_grad()
    def forward(self, x):
        batch, steps, _ = x.shape
        h = torch.zeros(batch, self.hidden_size)
        c = torch.zeros(batch, self.hidden_size)
        self.saved, out = [], []
        for t in range(steps):
            a = x[:, t] @ self.weight_ih.T + h @ self.weight_hh.T + self.bias
            i, f, g, o = a.chunk(4, dim=1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            before, c = c, f * c + i * g
            self.saved.append((x[:, t], h, before, i, f, g, o, c))
            h = o * torch.tanh(c)
            out.append(h)
        return torch.stack(out, dim=1)

    @torch.no_grad()
    def backward(self, grad_output):
        for p in self.parameters():
            p.grad = torch.zeros_like(p)
        grad_x = []
        dh = torch.zeros_like(grad_output[:, 0])
        dc = torch.zeros_like(dh)
        for t in reversed(range(grad_output.shape[1])):
            x, h, before, i, f, g, o, c = self.saved[t]
            dh = dh + grad_output[:, t]
            th = torch.tanh(c)
            dc = dc + dh * o * (1 - th**2)
            da = torch.cat(
                [dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g**2), dh * th * o * (1 - o)], dim=1
            )
            self.weight_ih.grad += da.T @ x
            self.weight_hh.grad += da.T @ h
            self.bias.grad += da.sum(0)
            grad_x.insert(0, da @ self.weight_ih)
            dh, dc = da @ self.weight_hh, dc * f
        return torch.stack(grad_x, dim=1)

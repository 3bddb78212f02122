"""A GRU as torch has it, in torch's tensors without autograd: time first, weight_ih and weight_hh with r, z, n stacked."""

import torch


def forward(x, h0, weight_ih, weight_hh, bias_ih, bias_hh):
    h, hs, kept = h0, [], []
    for xt in x:
        gi = xt @ weight_ih.t() + bias_ih
        gh = h @ weight_hh.t() + bias_hh
        i_r, i_z, i_n = gi.chunk(3, dim=1)
        h_r, h_z, h_n = gh.chunk(3, dim=1)
        r = torch.sigmoid(i_r + h_r)
        z = torch.sigmoid(i_z + h_z)
        n = torch.tanh(i_n + r * h_n)
        kept.append((xt, h, r, z, n, h_n))
        h = (1 - z) * n + z * h
        hs.append(h)
    return torch.stack(hs), kept


def backward(dhs, kept, weight_ih, weight_hh):
    dweight_ih, dweight_hh = torch.zeros_like(weight_ih), torch.zeros_like(weight_hh)
    dbias_ih = torch.zeros(len(weight_ih), dtype=weight_ih.dtype)
    dbias_hh = torch.zeros(len(weight_hh), dtype=weight_hh.dtype)
    dh = torch.zeros_like(kept[0][1])
    dx = []
    for t in reversed(range(len(kept))):
        xt, h, r, z, n, h_n = kept[t]
        dh = dh + dhs[t]
        dn = dh * (1 - z)
        dz = dh * (h - n)
        da_n = dn * (1 - n * n)
        dr = da_n * h_n
        da_r = dr * r * (1 - r)
        da_z = dz * z * (1 - z)
        dgi = torch.cat((da_r, da_z, da_n), dim=1)
        dgh = torch.cat((da_r, da_z, da_n * r), dim=1)
        dweight_ih += dgi.t() @ xt
        dweight_hh += dgh.t() @ h
        dbias_ih += dgi.sum(0)
        dbias_hh += dgh.sum(0)
        dx.append(dgi @ weight_ih)
        dh = dh * z + dgh @ weight_hh
    dx.reverse()
    return torch.stack(dx), dh, dweight_ih, dweight_hh, dbias_ih, dbias_hh

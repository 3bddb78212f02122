"""Cells whose pages the tests read: matrices, delays, layers, matrix states, normalisation, no state."""

from __future__ import annotations

LSTM = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n
i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = sigmoid(W_f @ x + U_f @ h + b_f)
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

RNN = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n
h' = tanh(W @ x + U @ h + b)
"""

GRU = """
x in R^m;  h in R^n
W_{r,z,g} in R^(n,m);  U_{r,z,g} in R^(n,n);  b_{r,z,g} in R^n
r  = sigmoid(W_r @ x + U_r @ h + b_r)
z  = sigmoid(W_z @ x + U_z @ h + b_z)
g  = tanh(W_g @ x + U_g @ (r * h) + b_g)
h' = (1 - z) * h + z * g
"""

GRU_RESET_AFTER = """
x in R^m;  h in R^n
W_{r,z,g} in R^(n,m);  U_{r,z,g} in R^(n,n);  b_{r,z,g} in R^n; b_U in R^n
r  = sigmoid(W_r @ x + U_r @ h + b_r)
z  = sigmoid(W_z @ x + U_z @ h + b_z)
g  = tanh(W_g @ x + b_g + r * (U_g @ h + b_U))
h' = (1 - z) * g + z * h
"""

ROWS = """
convention rows
x in R^m;  h in R^n
W_{r,z,g} in R^(m,n);  U_{r,z,g} in R^(n,n);  b_{r,z,g} in R^n;  V in R^(n+m,n);  k in R^n;  w in R^m;  P in R^(n,n)
r  = sigmoid(x W_r + h U_r + b_r)
z  = sigmoid(x W_z + h U_z U_z^T + [h, x] V + b_z)
g  = tanh(x W_g + (r * h) U_g + b_g + (h k^T) * h + (x w^T) * (h P^T))
h' = (1 - z) * h + z * g
"""

MATRIX_MEMORY = """
x in R^m; C in R^(n,n); s in R^n
W_{q,k,v,o} in R^(n,m); w_{i,f} in R^m; b_{i,f} in R
q = W_q @ x
k = W_k @ x
v = W_v @ x
i = exp(dot(w_i, x) + b_i)
f = sigmoid(dot(w_f, x) + b_f)
o = sigmoid(W_o @ x)
C' = f * C + i * outer(v, k)
s' = f * s + i * k
output h in R^n
h = o * (C' @ q) / max(abs(dot(s', q)), 1)
"""

HIGHWAY_NETWORK = """
L = 3
x in R^m; h in R^n
W_{H,T} in R^(n,m)
R_{H,T}[1..L] in R^(n,n); b_{H,T}[1..L] in R^n
s[0] = h
for l in 1..1:
    H[l] = tanh(W_H @ x + R_H[l] @ s[l-1] + b_H[l])
    T[l] = sigmoid(W_T @ x + R_T[l] @ s[l-1] + b_T[l])
    s[l] = H[l] * T[l] + s[l-1] * (1 - T[l])
for l in 2..L:
    H[l] = tanh(R_H[l] @ s[l-1] + b_H[l])
    T[l] = sigmoid(R_T[l] @ s[l-1] + b_T[l])
    s[l] = H[l] * T[l] + s[l-1] * (1 - T[l])
h' = s[L]
"""

NORMALISED = """
x in R^m; h in R^n
W in R^(n,m); U in R^(n,n); b in R^n
eps = 0.00001
LN(v) = (v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps)
h' = tanh(LN(W @ x + U @ h) + b)
"""

FEED_FORWARD = """
x in R^m
W, U in R^(n,m)
y = σ(U x) ⊙ (W x)
output y
"""

DELAYED = """
x in R^m; h in R^n
W, P in R^(n,m); U, V in R^(n,n); b in R^n
alpha = 0.9
h' = alpha * h + (1 - alpha) * tanh(W @ x + P @ x[-1] + U @ h[-2] + V @ h[-3] + b)
"""

PEEPHOLE = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o}, p_{i,f,o} in R^n
i_t = σ(W_i x_t + U_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)
f_t = σ(W_f x_t + U_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)
g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
o_t = σ(W_o x_t + U_o h_{t-1} + p_o ⊙ c_t + b_o)
c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
h_t = o_t ⊙ tanh(c_t)
"""

HEADS = """
x in R^m; h in R^(p,q)
W in R^(p,q,m); U in R^(p,q,q)
a[k,j] = sum[l] U[k,j,l] * h[k,l] + sum[i] W[k,j,i] * x[i]
h'[k,j] = tanh(a[k,j])
"""

INDEPENDENT = """
x in R^m; h in R^n
W in R^(n,m); u, b in R^n
h' = relu(W @ x + u * h + b)
"""

CELLS = {
    "lstm": LSTM,
    "rnn": RNN,
    "gru": GRU,
    "gru_reset_after": GRU_RESET_AFTER,
    "matrix_memory": MATRIX_MEMORY,
    "highway_network": HIGHWAY_NETWORK,
    "normalised": NORMALISED,
    "feed_forward": FEED_FORWARD,
    "delayed": DELAYED,
    "peephole": PEEPHOLE,
    "heads": HEADS,
    "independent": INDEPENDENT,
    "rows": ROWS,
}

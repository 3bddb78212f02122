"""Cells of the literature, and a few that no paper has, typed as an author would: what the engine must get through."""

from __future__ import annotations

PEEPHOLE = """
x in R^m; h, c in R^n
W_* in R^(n,m); U_* in R^(n,n); b_*, p_{i,f,o} in R^n
i_t = σ(W_i x_t + U_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)
f_t = σ(W_f x_t + U_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)
g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
o_t = σ(W_o x_t + U_o h_{t-1} + p_o ⊙ c_t + b_o)
h_t = o_t ⊙ tanh(c_t)
"""

CIFG = """
x in R^m;  h, c in R^n
W_{i,g,o} in R^(n,m);  U_{i,g,o} in R^(n,n);  b_{i,g,o} in R^n
i  = sigmoid(W_i @ x + U_i @ h + b_i)
f  = 1 - i
g  = tanh(W_g @ x + U_g @ h + b_g)
o  = sigmoid(W_o @ x + U_o @ h + b_o)
c' = f * c + i * g
h' = o * tanh(c')
"""

PRINTED_LSTM = """
x_t ∈ ℝ^m;  h_t, c_t ∈ ℝ^n
W_{f,i,c,o} ∈ ℝ^{n×(n+m)};  b_{f,i,c,o} ∈ ℝ^n
f_t = σ(W_f · [h_{t-1}, x_t] + b_f)
i_t = σ(W_i · [h_{t−1}, x_t] + b_i)
c̃_t = tanh(W_c · [h_{t-1}, x_t] + b_c)
c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t
o_t = σ(W_o · [hₜ₋₁, xₜ] + b_o)
h_t = o_t ∘ tanh(c_t)
"""

FEED_FORWARD_GATE = """
x in R^m
U, W in R^(n,m)
output y
y = σ(U x) ⊙ (W x)
"""

GLU = """
x in R^m
W, V in R^(n,m); b, c in R^n
output y
y = (W x + b) ⊙ σ(V x + c)
"""

LSTMP = """
x in R^m; r in R^r; c in R^n
W_{i,f,g,o} in R^(n,m); U_{i,f,g,o} in R^(n,r); b_{i,f,g,o} in R^n; P in R^(r,n)
i = σ(W_i x + U_i r + b_i)
f = σ(W_f x + U_f r + b_f)
g = tanh(W_g x + U_g r + b_g)
o = σ(W_o x + U_o r + b_o)
c' = f*c + i*g
r' = P @ (o * tanh(c'))
"""

RHN = """
x in R^m; h in R^n
W_{H,T} in R^(n,m)
R_{H,T}[1..L] in R^(n,n);  b_{H,T}[1..L] in R^n
L = 2
s[0] = h
H[1] = tanh(W_H x + R_H[1] @ s[0] + b_H[1])
T[1] = σ(W_T x + R_T[1] @ s[0] + b_T[1])
s[1] = H[1]*T[1] + s[0]*(1 - T[1])
for l in 2..L:
    H[l] = tanh(R_H[l] @ s[l-1] + b_H[l])
    T[l] = σ(R_T[l] @ s[l-1] + b_T[l])
    s[l] = H[l] * T[l] + s[l-1]*(1 - T[l])
h' = s[L]
"""

SCRN = """
x in R^m; h in R^n; s in R^p
B in R^(p,m); P in R^(n,p); A in R^(n,m); R in R^(n,n); U in R^(q,n); V in R^(q,p)
α = 0.95
s_t = (1 - α) B x_t + α s_{t-1}
h_t = σ(P s_t + A x_t + R h_{t-1})
output y
y_t = U h_t + V s_t
"""

LAYER_NORM_LSTM = """
x in R^m;  h, c in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n);  b_{i,f,g,o} in R^n; s_{i,f,g,o}, v_{i,f,g,o} in R^n
LN(a) = (a - mean(a)) / sqrt(mean((a - mean(a))**2) + eps)
eps = 1e-5
i  = sigmoid(v_i*LN(W_i @ x) + s_i*LN(U_i @ h) + b_i)
f  = sigmoid(v_f*LN(W_f @ x) + s_f*LN(U_f @ h) + b_f)
g  = tanh(v_g*LN(W_g @ x) + s_g*LN(U_g @ h) + b_g)
o  = sigmoid(v_o*LN(W_o @ x) + s_o*LN(U_o @ h) + b_o)
c' = f * c + i * g
h' = o * tanh(LN(c'))
"""

LEM = """
input u in R^m; y, z in R^n
W_{1,2,z,y} in R^(n,n); V_{1,2,z,y} in R^(n,m); b_{1,2,z,y} in R^n
Δt = 1/2
s = Δt * σ(W_1 y + V_1 u + b_1)
d = Δt * σ(W_2 y + V_2 u + b_2)
z' = (1 - d)*z + d*tanh(W_z y + V_z u + b_z)
y' = (1 - s)*y + s*tanh(W_y z' + V_y u + b_y)
"""

CORNN = """
x in R^m; y, z in R^n; W, Z in R^(n,n); V in R^(n,m); b in R^n
dt = 0.01; γ = 2.7; ε = 4
z' = z + dt * (tanh(W y + Z z + V x + b) - γ y - ε z)
y' = y + dt z'
"""

INDRNN = """
x in R^m; h in R^n; W in R^(n,m); u, b in R^n
h' = relu(W x + u*h + b)
"""

ANTISYMMETRIC = """
x in R^m; h in R^n; W, I in R^(n,n); V in R^(n,m); b in R^n
γ = 0.1; ε = 0.1
M = W - W.T - γ*I
h' = h + ε*tanh(M h + V x + b)
"""

HEADS = """
x in R^m; h in R^(p, d)
U in R^(p,d,d); W in R^(p,d,m); b in R^(p,d)
a[p,j] = sum[q] U[p,j,q] * h[p,q] + sum[q] W[p,j,q] * x[q] + b[p,j]
h' = tanh(a)
"""

SLSTM = """
x in R^m; h, c, n, m in R^n
W_{z,i,f,o} in R^(n,m); U_{z,i,f,o} in R^(n,n); b_{z,i,f,o} in R^n
z = tanh(W_z x + U_z h + b_z)
a = W_i x + U_i h + b_i
F = log_sigmoid(W_f x + U_f h + b_f)
o = σ(W_o x + U_o h + b_o)
m' = max(F + m, a)
i = exp(a - m')
f = exp(F + m - m')
c' = f*c + i*z
n' = f*n + i
h' = o * c' / n'
"""

MLSTM = """
x in R^m; C in R^(d,d); n in R^d
W_{q,k,v,o} in R^(d,m); w_{i,f} in R^m; b_{i,f} in R
q = W_q x
k = W_k x / sqrt(d)
v = W_v x
i = exp(w_i.T x + b_i)
f = σ(dot(w_f, x) + b_f)
o = σ(W_o x)
C' = f C + i v kᵀ
n' = f n + i k
output h
h = o * (C' @ q) / max(abs(dot(n', q)), 1)
"""

MIN_LSTM = """
x in R^m; h in R^n; W_{f,i,h} in R^(n,m); b_{f,i,h} in R^n
f = σ(W_f x + b_f)
i = σ(W_i x + b_i)
g = W_h x + b_h
h' = f/(f + i)*h + i/(f + i)*g
"""

MIN_GRU = """
x in R^m; h in R^n; W_{z,h} in R^(n,m)
z = σ(W_z x)
h' = (1 - z)*h + z*(W_h x)
"""

LINEAR = """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)
h' = W x + U h
"""

DELAYS = """
x in R^m; h in R^n; W, V in R^(n,m); U_{1,2} in R^(n,n)
τ = 3
h_t = tanh(W x_t + V x_{t-1} + U_1 h[-1] + U_2 h[-τ])
"""

SCALAR = """
x in R; h in R; w, u, b in R
h' = tanh(w*x + u*h + b)
"""

SCALAR_PARAMETERS = """
x in R^m; h in R^n; W in R^(n,m); s, v in R; U in R^(n,n)
h' = tanh(s*(W x) + v*(U h)) + s*h
"""

AUTONOMOUS = """
h in R^n; U in R^(n,n); b in R^n
h' = tanh(U h + b)
"""

TWO_INPUTS = """
input x in R^m; input v in R^p; h in R^n
W in R^(n,m); V in R^(n,p); U in R^(n,n); A in R^(q,n); B in R^(q,p)
h' = tanh(W x + V v + U h)
output y
y = A h' + B v
"""

FGR = """
x in R^m; h, c, i, f, o in R^n
W_{i,f,g,o} in R^(n,m); U_{i,f,g,o} in R^(n,n); b_{i,f,g,o} in R^n
R_{ii,if,io,fi,ff,fo,oi,of,oo} in R^(n,n)
i' = σ(W_i x + U_i h + R_ii i + R_fi f + R_oi o + b_i)
f' = σ(W_f x + U_f h + R_if i + R_ff f + R_of o + b_f)
o' = σ(W_o x + U_o h + R_io i + R_fo f + R_oo o + b_o)
g = tanh(W_g x + U_g h + b_g)
c' = f' * c + i' * g
h' = o' * tanh(c')
"""

SHUFFLED = """
c' = p*c + s*q
p = σ(A_p e + B_p y + z_p)
y' = w*tanh(c')
w = σ(A_w e + B_w y + z_w)
input e in R^k
q = tanh(A_q e + B_q y + z_q)
A_{p,s,q,w} in R^(l,k); B_{p,s,q,w} in R^(l,l); z_{p,s,q,w} in R^l
y, c in R^l
s = σ(A_s e + B_s y + z_s)
"""

COLLISIONS = """
input b0 in R^m; t, b, steps in R^n
pack, zero in R^(n,m); j, k, U in R^(n,n); one, t_d, total in R^n; e, up in R
row = tanh(pack @ b0 + j @ t + one)
exponents = σ(zero @ b0 + k @ b + total*steps)
d = exponents * b + row
t' = tanh(U @ d)*e
b' = d + one*t_d
steps' = up*steps + (1 - exponents)*total
output given_t
given_t = t' + t_d
"""

GRU = """
x in R^m; h in R^n; W_{z,r,g} in R^(n,m); U_{z,r,g} in R^(n,n); b_{z,r,g} in R^n
z = σ(W_z x + U_z h + b_z)
r = σ(W_r x + U_r h + b_r)
g = tanh(W_g x + U_g (r*h) + b_g)
h' = (1 - z)*h + z*g
"""

CELLS: dict[str, str] = {
    "peephole": PEEPHOLE,
    "cifg": CIFG,
    "printed_lstm": PRINTED_LSTM,
    "feed_forward_gate": FEED_FORWARD_GATE,
    "glu": GLU,
    "lstmp": LSTMP,
    "rhn": RHN,
    "scrn": SCRN,
    "layer_norm_lstm": LAYER_NORM_LSTM,
    "lem": LEM,
    "cornn": CORNN,
    "indrnn": INDRNN,
    "antisymmetric": ANTISYMMETRIC,
    "heads": HEADS,
    "slstm": SLSTM,
    "mlstm": MLSTM,
    "min_lstm": MIN_LSTM,
    "min_gru": MIN_GRU,
    "linear": LINEAR,
    "delays": DELAYS,
    "scalar": SCALAR,
    "scalar_parameters": SCALAR_PARAMETERS,
    "autonomous": AUTONOMOUS,
    "two_inputs": TWO_INPUTS,
    "fgr": FGR,
    "shuffled": SHUFFLED,
    "collisions": COLLISIONS,
    "gru": GRU,
}
"""By name, as their papers or their users type them."""

SHAPES: dict[str, str] = {
    "family_beside_its_name": """
x in R^m; h in R^n; M in R^(k,n); W_{z,r} in R^(n,m); U in R^(n,n); U_{z,r} in R^(n,n)
e[p] = sum[j] tanh(h[j] + sum[l] U[j,l] * M[p,l])
h' = sigmoid(W_z x + U_z h) * tanh(W_r x + U_r h) * sum(e)
    """,
    "swap": """
x in R^m; h, c in R^n; W in R^(n,m)
h' = c
c' = h + W x
    """,
    "shared": """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)
s = tanh(W x + U h)
h' = s
output y
y = s
    """,
    "old_output": """
x in R^m; h in R^n; W in R^(n,m); V in R^(p,n)
output y
y = relu(V h)
h' = tanh(W x) * h
    """,
    "twice": """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)
h' = tanh(W x + U (U h)) + U h
    """,
    "transposed": """
x in R^m; h in R^n; W in R^(n,m); A in R^(n,n)
u = W.T @ h
h' = tanh(W (x + u) + A.T h + A h)
    """,
    "quadratic": """
x in R^m; h in R^n; B in R^(n,n,m); U in R^(n,n)
h'[j] = tanh(sum[k, l] B[j,k,l]*h[k]*x[l] + sum[k] U[j,k]*h[k])
    """,
    "norms": """
x in R^m; h in R^n; W in R^(n,m)
v = W x + h
h' = v / sqrt(dot(v, v) + 1)
output y
y = max(v)
    """,
    "maxes": """
x in R^m; h in R^n; W in R^(n,m)
v = W x + h
h' = v - max(v) + min(v)
    """,
    "softmax_attention": """
x in R^m; h in R^n; K, Q in R^(n,m); V in R^(n,n)
e = exp(Q x * h - max(Q x * h))
a = e / sum(e)
h' = tanh(V (a*h)) + K x
    """,
    "shared_parameter": """
x in R^m; h in R^n; W in R^(n,m); w, b in R^n
i = σ(W x + w*h + b)
h' = i*h + (1 - i)*tanh(W x + w*h + b)
    """,
    "ints": """
h in R^3; U in R^(3,3); x in R^2; W in R^(3,2)
h' = tanh(U h + W x)
    """,
    "bilinear_state": """
x in R^n; M in R^(n,n); k in R^n; a in R
M' = a*M + outer(x, M @ k)
output y
y = M' @ x
    """,
    "sources_alone": """
x in R^m; h in R^n; b in R^n
h' = h + b
output y
y = x
    """,
    "parameters_of_parameters": """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); v, w in R^n; s, k in R
a = σ(s)
p = (1 - a)*tanh(v) + k*w
M = tanh(U)*a
h' = σ(w)*tanh(W x + M h) + p*(1 - a)*h
    """,
    "parameter_only": """
x in R^n; h in R^n; A in R^(n,n); s in R^n; a in R
D = exp.(A)*a + outer(s, s)
h' = tanh(D h + x)
output y
y = s*2
    """,
    "bias_of_parameters": """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n
h' = tanh(W x + U b + h)
    """,
    "product_of_a_function_of_parameters": """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n
h' = tanh(W x + U tanh(b)) * h
    """,
    "stack_with_a_number": """
x in R^m; h in R^n; W in R^(n,1+m+n)
h' = tanh(W @ [1; x; h])
    """,
    "stack_with_a_parameter": """
x in R^m; h in R^n; W in R^(n,m+n); b in R^n
h' = tanh(W @ [x; b] + h)
    """,
    "softmax_of_parameters": """
x in R^m; h in R^n; W in R^(n,m); v in R^n
a = exp(v)/sum(exp(v))
h' = tanh(a*h + W x)
    """,
    "centred_parameters": """
x in R^m; h in R^n; W in R^(n,m); v in R^n
a = v - mean(v)
h' = tanh(a*h + W x)
    """,
    "constants_of_any_size": """
x in R^m; h in R^n; W in R^(n,m)
eps = 1e-20
h' = tanh(min(W x + h, 1e300) * 0.1234567890123456789) / (1 + eps) + 1e-300
    """,
    "state_of_parameters": """
x in R^m; h, s in R^n; W in R^(n,m); v in R^n
s' = tanh(v)
h' = tanh(W x + s'*h + s)
output y
y = s' * h
    """,
    "scalar_product_with_a_state": """
x in R^m; h, c in R^n; W in R^(n,m)
u = h + dot(x, W.T @ c)
h' = tanh(u)
c' = tanh(h' + c)
    """,
    "copied_sums": """
h, s in R^n; v in R^n; W in R^(n,1+n)
s' = tanh(h * s)
h' = tanh(W @ [s'.T @ h; v])
    """,
    "output_of_an_output": """
x in R^m; h in R^n; W in R^(n,m); V in R^(q,n)
h' = tanh(W x + h)
output y
y = V h
output z
z = sum(y * y)
    """,
    "largest_again": """
x in R^m; h in R^n; W in R^(n,m); V in R^(n,n)
v = V h * h + W x
output y
y = max(v) * min(v)
h' = tanh(v)
    """,
    "deep_delay": """
x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); V in R^(n,n)
h' = tanh(W x[-2] + U h[-2] + V h[-4])
    """,
    "functions": """
x in R^n; h in R^n
a = elu(x) + gelu(h) + silu(x*h)
b = softsign(h) + hard_sigmoid(x) + softplus(x) + sin(h)*cos(x)
h' = a*log(1 + exp(b)) + abs(h) + min(x, h) + gelu_tanh(x)
    """,
    "runtime_names": """
input squares in R^m; kernel, rows in R^n; carried, given_carried in R^n
fill, clear, copy in R^(n,m); real, shift in R^(n,n); part_1, first, last in R^n; part, parts, e in R
larger = tanh(fill @ squares + real @ kernel + part_1)
align = larger * part + first
pack = σ(clear @ squares + shift @ rows)
kernel' = pack*kernel + (1 - pack)*align + last*parts
rows' = larger + copy @ squares
carried' = given_carried**2 * e
given_carried' = carried + larger
output directions
directions = kernel' + rows
    """,
    "array_names": """
input x, y in R^m; h, h_array, h_prev in R^n; W, V in R^(n,m); x_array in R^n
h_row = tanh(W x + V y + h_prev)
h' = h_row * h_array + x_array
h_array' = h_prev * h
h_prev' = h_row - h
    """,
    "dimension_names": """
x in R^steps; h in R^up; W in R^(up,steps); U in R^(up,up); b0 in R^b1; A in R^(b1,up)
h' = tanh(W x + U h)
output y
y = A h' + b0
    """,
    "equal_dims": """
m = n
x in R^m; h in R^n; U in R^(n,n)
h' = tanh(U h + x)
    """,
    "half": """
r = n/2
x in R^m; h in R^n; A in R^(r,n); B in R^(n,r); W in R^(n,m)
h' = tanh(B (A h) + W x)
    """,
    "laws": """
x in R^m; h, c in R^n; W in R^(n,m); V in R^(n,n); a in R^n; theta in R
A = theta * hippo_a(n) / 8
h' = tanh(A @ c + (I - V + V.T) @ h + cumsum(W @ x) + uniform(n, n, 7) @ diag(a) @ h)
c' = roll(h, 1) + hippo_b(n) * dot(a, arange(n)) / 8 + diag(sigmoid(a)) (V h)
    """,
    "listed": """
h in R^2; x in R^3; k in R^2
J = [[0, 1], [-1/2, 0]]
h' = tanh(J @ h + [1, 0, 2; 0, -1, 0] @ x + [0.1, 0.2] * k)
k' = J.T @ (h * [1, -1])
    """,
}
"""Cells that no paper has: results that are copies, old values or parameters alone, matrices used twice, ties."""

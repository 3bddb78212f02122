"""Equations of small cells that are in no library, for tests of what surrounds kernels."""

DELAYED = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h[-2])"
MATRIX = "x in R^m; S in R^(n,n); k in R^n; W in R^(n,m)\nv = tanh(W @ x)\nS' = 0.5 * S + outer(v, k)"

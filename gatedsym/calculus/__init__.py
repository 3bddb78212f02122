"""The step as a Program → its adjoint, tangent and Jacobian, what a sweep back has to keep, and proofs of them."""

"""Theory: equations → statements on all networks or on a law of random ones (bounds, mean fields, fixed points)."""

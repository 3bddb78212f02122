"""What equations say of all networks or of an ensemble: bounds, mean fields, fixed points."""

"""The derivation page of a cell, section by section, and the sheet of its Jacobian."""

"""Programs and derivations as formulas and pages: LaTeX, MathML, Markdown, mathtext and plain text."""

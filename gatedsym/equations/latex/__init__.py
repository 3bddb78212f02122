"""LaTeX, and scripts as papers set them, to the plain notation of the grammar."""

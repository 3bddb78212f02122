"""The cells of derivations/: what each file says, as records; lists of them, and their family tree."""
